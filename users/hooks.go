package users

import (
	"encoding/base64"
	"errors"
	"fmt"
	"net/url"
	"strings"
)

// hookEndings are how names of hooks end.
var hookEndings = []string{"hook", "bot"}

// IsHookName reports whether a hook may have a name: it ends in "Hook" or "Bot", so that
// nobody takes for a person what a program says, in whatever client they read it.
func IsHookName(name string) bool {
	folded := Fold(name)
	for _, ending := range hookEndings {
		if strings.HasSuffix(folded, ending) && len(folded) > len(ending) {
			return true
		}
	}
	return false
}

// hookSecret is how the secret of an outgoing hook begins, as the specification Standard
// Webhooks has it. Behind it are 24 to 64 bytes in base64.
const hookSecret = "whsec_"

// HookKey returns the key with which an outgoing hook signs what it sends, of the secret that
// its receiver has.
func HookKey(secret string) ([]byte, error) {
	encoded, is := strings.CutPrefix(secret, hookSecret)
	key, err := base64.StdEncoding.DecodeString(encoded)
	if !is || err != nil || len(key) < 24 || len(key) > 64 {
		return nil, errors.New("that is no secret of a hook")
	}
	return key, nil
}

// HookSecret returns the secret that the receiver of an outgoing hook is given, of a key.
func HookSecret(key []byte) string { return hookSecret + base64.StdEncoding.EncodeToString(key) }

// MaxHookURL is how many bytes the URL of an outgoing hook may have.
const MaxHookURL = 1000

// CheckHookURL returns nil for a URL to which an outgoing hook can send, wherever it is.
func CheckHookURL(text string) error {
	u, err := url.Parse(text)
	switch {
	case len(text) > MaxHookURL:
		return fmt.Errorf("the URL is too long: at most %d bytes", MaxHookURL)
	case err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Hostname() == "":
		return errors.New("that is no URL to which something can be sent: it is such as http://127.0.0.1:8080/parley")
	case u.User != nil:
		return errors.New("the URL has a user in it, which is not sent: what comes from the server is known by its signature")
	}
	return nil
}
