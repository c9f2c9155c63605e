package protocol

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"parley/protocol/printable"
)

// Mentions reports whether a name stands in a text as a word, in any letter case. The
// text is taken as it is shown: what cannot be seen does not part a name.
func Mentions(text, name string) bool {
	if !isShownAsItIs(text) {
		text = printable.Text(text)
	}
	return FindWord(text, name) >= 0
}

// isShownAsItIs reports whether the words of a text are what is shown of them, which is so
// of most texts in ASCII. To find out costs less than to make them printable.
func isShownAsItIs(text string) bool {
	for i := 0; i < len(text); i++ {
		if i = skipPrintable(text, i); i < len(text) && text[i] != '\n' && text[i] != '\t' {
			return false
		}
	}
	return true
}

// FindWord returns where a word, which is ASCII, stands in s, in any letter case; -1 if it
// does not, or if it is only a part of a longer one.
func FindWord(s, word string) int {
	if word == "" {
		return -1
	}
	for i := 0; i+len(word) <= len(s); i++ {
		if s[i]|0x20 != word[0]|0x20 || !strings.EqualFold(s[i:i+len(word)], word) {
			continue
		}
		before, _ := utf8.DecodeLastRuneInString(s[:i])
		after, _ := utf8.DecodeRuneInString(s[i+len(word):])
		if !continuesWord(before) && !continuesWord(after) {
			return i
		}
	}
	return -1
}

// continuesWord reports whether r is a part of a word. At the ends of a string r is
// utf8.RuneError, which is not.
func continuesWord(r rune) bool {
	return r == '_' || unicode.IsLetter(r) || unicode.IsDigit(r) || unicode.IsMark(r)
}
