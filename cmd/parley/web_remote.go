package main

import (
	"bytes"
	"crypto/rand"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"time"

	"parley/eventloop/cert"
	"parley/eventloop/client/web"
	"parley/p2p/ownfile"
	"parley/users"
	"parley/users/passwords"
)

// webRemoteFlags are what it takes to reach a page from other machines: all three.
type webRemoteFlags struct {
	WebCert         string `help:"File with a certificate, in PEM: the page is served with TLS, by the names of the certificate, also at an address that others can reach." placeholder:"FILE"`
	WebKey          string `help:"File with the key of that certificate, in PEM." placeholder:"FILE"`
	WebPasswordFile string `help:"File for you alone, whose first line is the password of the page: who has it is you. It is asked for in place of the token in the address." placeholder:"FILE"`
}

// validate refuses a page that others can reach without TLS or a password, or one with a part of
// what that takes.
func (f *webRemoteFlags) validate(address string) error {
	var missing []string
	for _, flag := range []struct{ name, value string }{{"--web-cert FILE", f.WebCert}, {"--web-key FILE", f.WebKey}, {"--web-password-file FILE", f.WebPasswordFile}} {
		if flag.value == "" {
			missing = append(missing, flag.name)
		}
	}
	switch given := len(missing) < 3; {
	case len(missing) == 0:
		return nil
	case given:
		return fmt.Errorf("a page for other machines has TLS and a password; missing: %s", strings.Join(missing, ", "))
	case address != "" && web.IsRemote(address):
		return fmt.Errorf("others can reach --web-listen %s, which takes TLS and a password: %s; from this machine alone, 127.0.0.1 or [::1] takes none, and ssh -L reaches that from elsewhere", address, strings.Join(missing, ", "))
	}
	return nil
}

// maxWebPassword is how many bytes the file with the password may have.
const maxWebPassword = 4 << 10

// remote is what the flags say, nil if the page is for this machine. Of the password only a
// hash is kept.
func (f *webRemoteFlags) remote(log *slog.Logger) (*web.Remote, error) {
	if f.WebCert == "" {
		return nil, nil
	}
	files, err := cert.NewFiles(expandHome(f.WebCert), expandHome(f.WebKey), time.Now, log)
	if err != nil {
		return nil, err
	}
	content, err := ownfile.Read(expandHome(f.WebPasswordFile), "the password of the page", maxWebPassword)
	if err != nil {
		return nil, err
	}
	first, _, _ := bytes.Cut(content, []byte("\n"))
	password := strings.TrimSuffix(string(first), "\r")
	if err := users.CheckPassword("", password); err != nil {
		return nil, fmt.Errorf("%s: %w", f.WebPasswordFile, err)
	}
	var salt [passwords.SaltSize]byte
	if _, err := rand.Read(salt[:]); err != nil {
		return nil, errors.New("the password needs a salt, and the system gives no random bytes")
	}
	hash := passwords.Hash(password, salt)
	return &web.Remote{TLS: files.Config(), IsPassword: func(tried string) bool {
		ok, _, err := passwords.Verify(hash, tried)
		return ok && err == nil
	}}, nil
}
