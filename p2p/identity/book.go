package identity

import (
	"encoding/base64"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"parley/p2p"
)

// A book is the content of the files of pins and of servers.
type book struct {
	comments []string           // the lines of the first that begin with #, above all others
	pins     map[string]p2p.Pin // by "name@server", the name in lower case
	servers  map[string]server  // by address
}

const (
	bookTitle = "# Keys of people with whom there were private sessions: NAME@SERVER FINGERPRINT verified|seen YYYY-MM-DD"
	verified  = "verified"
	seen      = "seen"
)

func newBook() book {
	return book{comments: []string{bookTitle}, pins: map[string]p2p.Pin{}, servers: map[string]server{}}
}

// parseBook reads the text of a file of pins. A line that is not understood is
// an error: passed over it could hide that a key has changed.
func parseBook(text string) (book, error) {
	b := newBook()
	b.comments = nil
	number, written := 0, map[string]bool{}
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
		if written[who] {
			return book{}, fmt.Errorf("line %d is a second one for %s: delete the wrong one", number, who)
		}
		written[who] = true
		name, server, _ := strings.Cut(who, "@")
		b.add(name+"@"+Address(server), who, pin)
	}
	return b, nil
}

// add adds a pin that was kept for somebody under another spelling of the server.
// If there are two keys the verified one counts, or the older one; the other one
// stays in the file as a comment.
func (b *book) add(who, before string, pin p2p.Pin) {
	old, twice := b.pins[who]
	b.pins[who] = pin
	if !twice {
		return
	}
	kept, other, written := old, pin, before
	if pin.Verified != old.Verified && pin.Verified || pin.Verified == old.Verified && pin.Since.Before(old.Since) {
		kept, other, written = pin, old, who
	}
	if kept.Fingerprint == other.Fingerprint {
		if other.Since.Before(kept.Since) {
			kept.Since = other.Since
		}
	} else {
		b.comments = append(b.comments, fmt.Sprintf("# another key of %s: %s", who, pinLine(written, other)))
	}
	b.pins[who] = kept
}

func parsePin(line string) (who string, pin p2p.Pin, ok bool) {
	f := strings.Fields(line)
	if len(f) != 4 || !utf8.ValidString(line) || !isFingerprint(f[1]) || f[2] != verified && f[2] != seen {
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

func (b *book) text() []byte {
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
