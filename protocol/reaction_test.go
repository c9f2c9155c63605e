package protocol

import (
	"strings"
	"testing"
	"unicode"

	"parley/protocol/printable"
)

func TestCheckReaction(t *testing.T) {
	for _, word := range []string{"+1", "a", "-", "ok", "¯\\_(ツ)_/¯", "blåbær", "日本語", "😀", "👍🏽", "❤\ufe0f", "👩\u200d💻", "👩\u200d👩\u200d👧\u200d👦", "e\u0301", "🇳🇴", "1\ufe0f\u20e3",
		strings.Repeat("x", MaxReaction), strings.Repeat("😀", MaxReaction/4), "{}", `"`} {
		if err := CheckReaction(word); err != nil {
			t.Errorf("%q: %v", word, err)
		}
	}
	for _, tt := range []struct {
		word string
		code Code
		says string
	}{
		{"", BadRequest, "blank"},
		{"\u2800", BadRequest, "blank"},
		{"\ufe0f", BadRequest, "blank"},
		{"\u0301", BadRequest, "blank"},
		{strings.Repeat("x", MaxReaction+1), TooLarge, "at most 32 bytes, yours has 33"},
		{"👩\u200d👩\u200d👧\u200d👦👩\u200d👩\u200d👧", TooLarge, "at most 32 bytes"},
		{"well done", BadRequest, "one word"},
		{" +1", BadRequest, "one word"},
		{"+1 ", BadRequest, "one word"},
		{"+1\n", BadRequest, "one word"},
		{"a\tb", BadRequest, "one word"},
		{"a\u00a0b", BadRequest, "one word"},
		{"a\u2003b", BadRequest, "one word"},
		{"a\u2028b", BadRequest, "one word"},
		{"a\u0085b", BadRequest, "one word"},
		{"a\x00b", BadRequest, "cannot be shown"},
		{"\x1b[31mred", BadRequest, "cannot be shown"},
		{"\u009b31m", BadRequest, "cannot be shown"},
		{"a\x7f", BadRequest, "cannot be shown"},
		{"a\u202eb", BadRequest, "cannot be shown"},
		{"a\u200fb", BadRequest, "cannot be shown"},
		{"\u2066a\u2069", BadRequest, "cannot be shown"},
		{"a\u200bb", BadRequest, "cannot be shown"},
		{"a\u200db", BadRequest, "cannot be shown"},
		{"😀\u200d", BadRequest, "cannot be shown"},
		{"\ufeffa", BadRequest, "cannot be shown"},
		{"a\u3164", BadRequest, "cannot be shown"},
		{"a\U000e0041", BadRequest, "cannot be shown"},
		{"a\ufffe", BadRequest, "cannot be shown"},
		{"e\u0301\u0301\u0301\u0301\u0301", BadRequest, "cannot be shown"},
		{"a\xff", BadRequest, "cannot be shown"},
	} {
		checkError(t, CheckReaction(tt.word), tt.code, tt.says)
	}
}

// What is taken is one word in which there is something to see, and is shown as it is.
func FuzzCheckReaction(f *testing.F) {
	for _, word := range []string{"+1", "😀", "❤\ufe0f\u200d🔥", "a b", "\x1b[", "\u202e"} {
		f.Add(word)
	}
	f.Fuzz(func(t *testing.T, word string) {
		if CheckReaction(word) != nil {
			return
		}
		if len(word) > MaxReaction || strings.IndexFunc(word, unicode.IsSpace) >= 0 || strings.IndexFunc(word, unicode.IsControl) >= 0 || strings.IndexFunc(word, isVisible) < 0 {
			t.Errorf("%q is taken", word)
		}
		if shown := printable.Text(word); shown != word {
			t.Errorf("%q is shown as %q", word, shown)
		}
	})
}
