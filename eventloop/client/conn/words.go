package conn

import (
	"bytes"
	"net"
	"time"
	"unicode/utf8"

	"parley/protocol"
	"parley/protocol/printable"
)

const (
	// maxWords is how many bytes are looked at of what a server says instead of TLS.
	maxWords = 4 << 10

	// maxWordsShown is how many of these are shown, in characters. What a server without TLS
	// says may be anybody's.
	maxWordsShown = 300

	// wordsPatience is how long the rest of a line may take that has begun instead of TLS.
	wordsPatience = time.Second
)

// A listener is a connection of which the first bytes that come are kept: a server that
// refuses a connection says why before there is TLS. Those after the handshake are not.
type listener struct {
	net.Conn
	first []byte
	over  bool // nothing is kept any more
}

func (l *listener) Read(b []byte) (int, error) {
	n, err := l.Conn.Read(b)
	if !l.over {
		l.first = append(l.first, b[:min(n, maxWords-len(l.first))]...)
	}
	return n, err
}

// words returns what the server has said instead of TLS, as one line that may be shown; "" if
// that was nothing, TLS or nothing that is readable. It reads the rest of a line, and no more
// is to be read after it.
func (l *listener) words() string {
	if isTLS(l.first) { // there is nothing to wait for
		return ""
	}
	_ = l.Conn.SetReadDeadline(time.Now().Add(wordsPatience))
	for b := make([]byte, 512); len(l.first) < maxWords && !bytes.ContainsRune(l.first, '\n'); {
		if _, err := l.Read(b); err != nil {
			break
		}
	}
	return firstLine(l.first)
}

// isTLS reports whether something begins as a record of TLS does: with its type, 20 to 23, and
// version.
func isTLS(b []byte) bool { return len(b) > 1 && b[0] >= 20 && b[0] <= 23 && b[1] == 3 }

// firstLine returns the first line of something, fit to be shown, and of a response what it
// says to people; "" if it is not readable.
func firstLine(b []byte) string {
	line, _, _ := bytes.Cut(b, []byte("\n"))
	text := string(line)
	if r, err := protocol.DecodeResponse(line); err == nil && r.Content != "" {
		text = r.Content
	}
	if !utf8.ValidString(text) {
		return ""
	}
	text = printable.Line(text)
	if runes := []rune(text); len(runes) > maxWordsShown {
		text = string(runes[:maxWordsShown]) + "..."
	}
	return text
}
