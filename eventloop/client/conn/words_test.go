package conn

import (
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"
)

// What a server says instead of TLS is shown as one line of limited length, whatever it is.
func FuzzFirstLine(f *testing.F) {
	for _, s := range []string{"", "Full.\r\n", `{"response":"error","content":"Full."}` + "\n", `{"response":"error","content":"a\nb\u001b[31m\u202e"}`, "[]", "SSH-2.0-x\r\n", "\x16\x03\x01", "\xff", strings.Repeat("\u00e9", 500)} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		line := firstLine(b)
		if !utf8.ValidString(line) || utf8.RuneCountInString(line) > maxWordsShown+len("...") || strings.ContainsFunc(line, unicode.IsControl) {
			t.Errorf("%q", line)
		}
	})
}
