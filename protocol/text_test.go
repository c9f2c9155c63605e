package protocol

import (
	"bytes"
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"
)

func TestCheckText(t *testing.T) {
	for _, text := range []string{
		"a", ".", "hi", " hi ", "two\nlines", "a\ttab", "\n\tx", "blåbær", "日本語", "😀", "\u200ba", "a\u0301", "👩\u200d💻", "❤\ufe0f", "\u05e9\u05b8",
		"a\u202eb", "\ufffd", "\ue000", "\U0001fae9", "\U000d0000", strings.Repeat("x", MaxText), strings.Repeat("å", MaxText/2), "{}\"\\~",
	} {
		if err := CheckText(text, MaxText); err != nil {
			t.Errorf("%q: %v", text, err)
		}
	}
	for _, text := range []string{
		"", " ", "\n", "\t \n", "\u00a0", "\u00ad", "\u1680", "\u180e", "\u2000\u2003", "\u200b", "\u200c", "\u200d\u200e", "\u2028", "\u2029", "\u202e", "\u202f", "\u205f",
		"\u2060", "\u2064", "\u2065", "\u2066\u2069", "\u3000", "\ufeff", "\u061c", "\u034f", "\u115f", "\u1160", "\u17b4", "\u17b5", "\u180b", "\u3164", "\uffa0", "\u2800\u2800",
		"\ufe0f", "\ufe00", "\U000e0100", "\U000e0041\U000e007f", "\u0301", " \u0301\u0302", "\u20dd", "\u0903", "\U0001d159", "\U0001d173", "\ufff0", "\ufff9", "\uffff", "\ufdd0",
	} {
		checkError(t, CheckText(text, MaxText), BadRequest, "That text is blank: there is nothing to see in it.")
	}
	for _, tt := range []struct{ text, says string }{
		{"a\x00b", "U+0000"}, {"\x1b[31mred", "U+001B"}, {"bell\a", "U+0007"}, {"back\b\b", "U+0008"}, {"over\rwritten", "U+000D"}, {"lines\r\n", "U+000D"}, {"\v", "U+000B"},
		{"a\x7f", "U+007F"}, {"a\u0080", "U+0080"}, {"\u009b31m", "U+009B"}, {"next\u0085line", "U+0085"}, {"\u009f", "U+009F"}, {"å\x1b", "U+001B"},
	} {
		checkError(t, CheckText(tt.text, MaxText), BadRequest, tt.says)
	}
	checkError(t, CheckText(strings.Repeat("x", MaxText+1), MaxText), TooLarge, "at most 4096 bytes, yours has 4097")
	for _, text := range []string{strings.Repeat("x", 100), strings.Repeat("å", 50)} {
		if err := CheckText(text, 100); err != nil {
			t.Errorf("%q: %v", text, err)
		}
		checkError(t, CheckText(text+"x", 100), TooLarge, "at most 100 bytes, yours has 101. Send it in parts.")
	}
}

// What skipPrintable finds in eight bytes at once is what it finds one by one.
func TestSkipPrintable(t *testing.T) {
	for _, around := range []byte{'a', ' ', '~'} {
		for at := range 20 {
			for c := range 256 {
				b := bytes.Repeat([]byte{around}, 20)
				b[at] = byte(c)
				want := len(b)
				if c < ' ' || c > '~' {
					want = at
				}
				if got := skipPrintable(string(b), 0); got != want {
					t.Fatalf("%q: %d, want %d", b, got, want)
				}
			}
		}
	}
}

// What is taken has no control character but newlines and tabs, and something to
// see; a text that is only longer is taken or refused alike.
func FuzzCheckText(f *testing.F) {
	for _, text := range []string{"hi", "\x1b", "\u200b", " \u0301", "å\n\t", "\u3164x"} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		if !utf8.ValidString(text) || len(text) > MaxText/2 {
			t.Skip("not from the wire")
		}
		control := strings.ContainsFunc(text, func(r rune) bool { return unicode.IsControl(r) && r != '\n' && r != '\t' })
		err := CheckText(text, MaxText)
		if err == nil && (control || strings.TrimSpace(text) == "") {
			t.Errorf("%q was taken", text)
		}
		if err != nil && !control && strings.ContainsFunc(text, func(r rune) bool {
			return unicode.IsLetter(r) && !unicode.Is(unicode.Other_Default_Ignorable_Code_Point, r)
		}) {
			t.Errorf("%q: %v", text, err)
		}
		if longer := CheckText(text+"x", MaxText); (longer == nil) == control {
			t.Errorf("%q and more: %v", text, longer)
		}
	})
}

func BenchmarkCheckText(b *testing.B) {
	for name, text := range map[string]string{"ASCII": strings.Repeat("x", 100), "UTF-8": strings.Repeat("å", 50)} {
		b.Run(name, func(b *testing.B) {
			for b.Loop() {
				if err := CheckText(text, MaxText); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
