package identity

import (
	"encoding/base64"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"parley/p2p"
)

// A book is the content of a file of pins.
type book struct {
	comments []string           // the lines that begin with #, above all others
	pins     map[string]p2p.Pin // by "name@server", the name in lower case
}

const (
	bookTitle = "# Keys of people with whom there were private sessions: NAME@SERVER FINGERPRINT verified|seen YYYY-MM-DD"
	verified  = "verified"
	seen      = "seen"
)

func newBook() book {
	return book{comments: []string{bookTitle}, pins: map[string]p2p.Pin{}}
}

// parseBook reads the text of a file of pins. A line that is not understood is
// an error: passed over it could hide that a key has changed.
func parseBook(text string) (book, error) {
	b := book{pins: map[string]p2p.Pin{}}
	number := 0
	for line := range strings.Lines(text) {
		number++
		line = strings.TrimSpace(line)
		if line == "" {
			continue
		}
		if line[0] == '#' {
			b.comments = append(b.comments, line)
			continue
		}
		who, pin, ok := parsePin(line)
		if !ok {
			return book{}, fmt.Errorf("line %d is not NAME@SERVER FINGERPRINT verified|seen YYYY-MM-DD: correct or delete it", number)
		}
		if _, twice := b.pins[who]; twice {
			return book{}, fmt.Errorf("line %d is a second one for %s: delete the wrong one", number, who)
		}
		b.pins[who] = pin
	}
	return b, nil
}

func parsePin(line string) (who string, pin p2p.Pin, ok bool) {
	f := strings.Fields(line)
	if len(f) != 4 || !isFingerprint(f[1]) || f[2] != verified && f[2] != seen {
		return "", p2p.Pin{}, false
	}
	name, server, _ := strings.Cut(f[0], "@")
	since, err := time.Parse(time.DateOnly, f[3])
	if name == "" || server == "" || err != nil {
		return "", p2p.Pin{}, false
	}
	return strings.ToLower(name) + "@" + server, p2p.Pin{Fingerprint: f[1], Verified: f[2] == verified, Since: since}, true
}

func isFingerprint(s string) bool {
	digest, ok := strings.CutPrefix(s, "SHA256:")
	sum, err := base64.RawStdEncoding.Strict().DecodeString(digest)
	return ok && err == nil && len(sum) == 32
}

func (b book) text() []byte {
	var out strings.Builder
	for _, c := range b.comments {
		fmt.Fprintln(&out, c)
	}
	for _, who := range slices.Sorted(maps.Keys(b.pins)) {
		fmt.Fprintln(&out, pinLine(who, b.pins[who]))
	}
	return []byte(out.String())
}

func pinLine(who string, pin p2p.Pin) string {
	state := seen
	if pin.Verified {
		state = verified
	}
	return who + " " + pin.Fingerprint + " " + state + " " + pin.Since.UTC().Format(time.DateOnly)
}
