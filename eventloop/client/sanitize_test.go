package client

import (
	"encoding/json"
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"
)

// unsafe reports why s must not reach a terminal, "" if it may.
func unsafe(s string) string {
	if !utf8.ValidString(s) {
		return "not UTF-8"
	}
	for _, r := range s {
		switch {
		case r == '\n' || r == '\u200c' || r == '\u200d':
		case unicode.IsControl(r):
			return "a control character"
		case unicode.In(r, unicode.Bidi_Control, unicode.Zl, unicode.Zp):
			return "a character that turns or breaks lines"
		}
	}
	return ""
}

func FuzzSanitize(f *testing.F) {
	for _, s := range []string{"\x1b]0;\x1b\\", "\x1b[1m", "\u009b\u202e\u200d", "é\u200d\u200d\u0301x", "\r\n\t\x00", "\xff\x9b"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		got := sanitize(s)
		if why := unsafe(got); why != "" {
			t.Errorf("%q becomes %q: %s", s, got, why)
		}
		if again := sanitize(got); again != got {
			t.Errorf("%q becomes %q and then %q", s, got, again)
		}
		if name := showName(s); unsafe(name) != "" || strings.Contains(name, "\n") {
			t.Errorf("the name %q becomes %q", s, name)
		}
		if q := quote(s); unsafe(q) != "" || strings.Contains(q, "\n") {
			t.Errorf("%q is quoted as %q", s, q)
		}
	})
}

// What --json prints means the same as before and hides nothing.
func FuzzEscapeHidden(f *testing.F) {
	f.Add("a\u202e\u009b\u2028\U000e0041é")
	f.Fuzz(func(t *testing.T, s string) {
		raw, err := json.Marshal(map[string]string{"content": s})
		if err != nil {
			t.Fatal(err)
		}
		got := compact(raw)
		if why := unsafe(got); why != "" || strings.Contains(got, "\n") {
			t.Errorf("%q becomes %q: %s", raw, got, why)
		}
		var before, after map[string]string
		if json.Unmarshal(raw, &before) != nil || json.Unmarshal([]byte(got), &after) != nil || before["content"] != after["content"] {
			t.Errorf("%q becomes %q", before, after)
		}
	})
}
