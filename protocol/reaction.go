package protocol

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"parley/protocol/printable"
)

// CheckReaction returns nil for a reaction to a message: one word or emoji of at most
// MaxReaction bytes, which every terminal shows as it is, so without control characters and
// what turns the direction of writing. There is something to see in it.
func CheckReaction(word string) *Error {
	switch {
	case len(word) > MaxReaction:
		return Errorf(TooLarge, "That reaction is too long: at most %d bytes, yours has %d. Use a word or an emoji, such as: +1", MaxReaction, len(word))
	case strings.IndexFunc(word, unicode.IsSpace) >= 0:
		return Errorf(BadRequest, "A reaction is one word or emoji, such as: +1")
	case !utf8.ValidString(word) || printable.Line(word) != word:
		return Errorf(BadRequest, "There is a character in that reaction that cannot be shown. Use a word or an emoji, such as: +1")
	case strings.IndexFunc(word, isVisible) < 0:
		return Errorf(BadRequest, "That reaction is blank: there is nothing to see in it. Use a word or an emoji, such as: +1")
	}
	return nil
}
