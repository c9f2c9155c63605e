package printable

import (
	"strings"
	"testing"
	"time"
	"unicode"
	"unicode/utf8"
)

func TestText(t *testing.T) {
	tests := []struct{ name, in, want string }{
		{"text", "blåbær {}\\\" 日本語 ünïcode", "blåbær {}\\\" 日本語 ünïcode"},
		{"newlines", "a\r\nb\nc\rd", "a\nb\nc\nd"},
		{"tab", "a\tb", "a    b"},
		{"C0 and DEL", "a\x00b\x07c\x08d\x7fe", "abcde"},
		{"C1", "a\u0080b\u0085c\u0088d", "ab cd"},
		{"CSI", "a\x1b[31;1mb\x1b[?25lc\x1b[2Jd", "abcd"},
		{"C1 CSI", "a\u009b31mb", "ab"},
		{"OSC with BEL", "a\x1b]0;title\ab", "ab"},
		{"OSC with ST", "a\x1b]8;;http://x\x1b\\b", "ab"},
		{"C1 OSC with ST", "a\u009d0;t\u009cb", "ab"},
		{"C1 DCS and APC", "a\u0090x\u009cb\u009fx\u009cc", "abc"},
		{"DCS, APC, PM, SOS", "a\x1bPx\x1b\\b\x1b_x\x1b\\c\x1b^x\x1b\\d\x1bXx\x1b\\e", "abcde"},
		{"OSC without an end", "a\x1b]0;all of this stays", "a0;all of this stays"},
		{"OSC whose end is far off", "\x1b]" + strings.Repeat("x", maxEscape) + "\a", strings.Repeat("x", maxEscape)},
		{"two-character escapes", "a\x1bcb\x1b(0d\x1b#8e", "abde"},
		{"CSI with the first and the last of each kind", "a\x1b[0?@b\x1b[?0 /~c\x1b[~d\x1b[ @e", "abcde"},
		{"what ends no CSI", "a\x1b[1æb\x1b[/5c", "aæb5c"},
		{"two-character escapes with the first and the last of each kind", "a\x1b /0b\x1b/ ~c\x1b~d\x1b0e", "abcde"},
		{"escape at the end", "a\x1b", "a"},
		{"escape before a letter that is not ASCII", "a\x1bæ", "aæ"},
		{"CSI at the end", "a\x1b[31", "a"},
		{"escapes in escapes", "\x1b\x1b[31m[31mx", "[31mx"},
		{"bidi", "a\u200eb\u200fc\u202ad\u202be\u202cf\u202dg\u202eh\u2066i\u2067j\u2068k\u2069l\u061cm", "abcdefghijklm"},
		{"separators", "a\u2028b\u2029c", "a b c"},
		{"invisible", "a\u200bb\u2060c\ufeffd\u00ade\u180ef\u3164g\U000e0041h", "abcdefgh"},
		{"joiners between ASCII", "al\u200dice\u200c", "alice"},
		{"joiner of emoji", "\U0001f469\u200d\U0001f4bb", "\U0001f469\u200d\U0001f4bb"},
		{"joiner with a selector", "\u2764\ufe0f\u200d\U0001f525", "\u2764\ufe0f\u200d\U0001f525"},
		{"non-joiner in Persian", "می\u200cخواهم", "می\u200cخواهم"},
		{"joiners in a row", "م\u200c\u200c\u200c\u200dخ", "م\u200dخ"},
		{"joiner at the ends", "\u200dم\u200d", "م"},
		{"marks", "e\u0301\u0301\u0301\u0301\u0301\u0301e\u0301", "e\u0301\u0301\u0301\u0301e\u0301"},
		{"Arabic number sign", "\u0600١", "\u0600١"},
		{"not UTF-8", "a\xffb\x9bc", "a\ufffdb\ufffdc"},
		{"no characters", "a\ufffeb\U0010ffffc", "abc"},
	}
	for _, test := range tests {
		if got := Text(test.in); got != test.want {
			t.Errorf("%s: %q becomes %q, not %q", test.name, test.in, got, test.want)
		}
	}
	if got := Line(" ev\ne\r\nx\u202e "); got != "ev e x" {
		t.Errorf("a name becomes %q", got)
	}
}

// unsafe reports why s must not reach a terminal, "" if it may.
func unsafe(s string) string {
	if !utf8.ValidString(s) {
		return "not UTF-8"
	}
	for _, r := range s {
		switch {
		case r == '\n' || r == zeroWidthJoiner || r == zeroWidthNonJoiner:
		case unicode.IsControl(r):
			return "a control character"
		case unicode.In(r, unicode.Bidi_Control, unicode.Zl, unicode.Zp):
			return "a character that turns or breaks lines"
		}
	}
	return ""
}

func FuzzText(f *testing.F) {
	for _, s := range []string{"\x1b]0;\x1b\\", "\x1b[1m", "\u009b\u202e\u200d", "é\u200d\u200d\u0301x", "\r\n\t\x00", "\xff\x9b"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		got := Text(s)
		if why := unsafe(got); why != "" {
			t.Errorf("%q becomes %q: %s", s, got, why)
		}
		if again := Text(got); again != got {
			t.Errorf("%q becomes %q and then %q", s, got, again)
		}
		if line := Line(s); unsafe(line) != "" || strings.Contains(line, "\n") {
			t.Errorf("%q becomes the line %q", s, line)
		}
	})
}

// What begins a control string that has no end, again and again, must not be searched
// for its end each time: a text of some kilobytes would stop the client.
func TestTextTakesLinearTime(t *testing.T) {
	for _, s := range []string{"\x1b]", "\u009d", "\x1bP", "\x1b]x\x1b", "\x1b[", "\x1b_\a", "e\u0301\u0301\u0301\u0301\u0301"} {
		const size = 1 << 20
		begin := time.Now()
		Text(strings.Repeat(s, size/len(s)))
		if took := time.Since(begin); took > 5*time.Second { // a minute or more if it is not linear
			t.Errorf("%q: %s", s, took)
		}
	}
}
