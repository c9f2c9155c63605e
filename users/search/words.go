// Package search finds messages by their words: what is asked for, where the words of a text
// are, and how a hit is shown. A store that has an index finds them by that; what is only in
// memory is looked through here (Among), with the same result.
//
// The words of a text are those that the tokenizer unicode61 of SQLite's FTS5 finds, with
// remove_diacritics=2: letters and digits that stand together, in lower case, Latin ones
// without their accents. So a search for "as" finds "Ås", and "ø" is a letter of its own.
// What differs are letters that Unicode has got since its version 6.1, which SQLite knows.
package search

import (
	"unicode"
	"unicode/utf8"
)

// A Word is what has to be in a text: one word, or several that follow each other.
type Word struct {
	Text   string // as it was typed
	Prefix bool   // a word that begins like the last one does, too
}

// A token is one word of a text.
type token struct {
	folded     string
	start, end int // the bytes of the text where it stands
}

// letters are those that are folded to another one than that of lower case, behind what
// they are folded to.
var letters = map[rune]string{
	'a': "àáâãäåāăąǎǟǻȁȃȧḁạảấầẩẫậắằẳẵặ", 'b': "ḃḅḇ", 'c': "çćĉċčḉ", 'd': "ďḋḍḏḑḓ", 'e': "èéêëēĕėęěȅȇȩḕḗḙḛḝẹẻẽếềểễệ",
	'f': "ḟ", 'g': "ĝğġģǧǵḡ", 'h': "ĥȟḣḥḧḩḫẖ", 'i': "ìíîïĩīĭįǐȉȋḭḯỉị", 'j': "ĵǰ", 'k': "ķǩḱḳḵ", 'l': "ĺļľḷḹḻḽ", 'm': "ḿṁṃ",
	'n': "ñńņňǹṅṇṉṋ", 'o': "òóôõöōŏőơǒǫǭȍȏȫȭȯȱṍṏṑṓọỏốồổỗộớờởỡợ", 'p': "ṕṗ", 'r': "ŕŗřȑȓṙṛṝṟ", 's': "śŝşšſșṡṣṥṧṩẛ", 't': "ţťțṫṭṯṱẗ",
	'u': "ùúûüũūŭůűųưǔǖǘǚǜȕȗṳṵṷṹṻụủứừửữự", 'v': "ṽṿ", 'w': "ŵẁẃẅẇẉẘ", 'x': "ẋẍ", 'y': "ýÿŷȳẏẙỳỵỷỹ", 'z': "źżžẑẓẕ",
	'β': "ϐ", 'ε': "ϵ", 'θ': "ϑ", 'ι': "\u1fbe", 'κ': "ϰ", 'μ': "µ", 'π': "ϖ", 'ρ': "ϱ", 'σ': "ς", 'φ': "ϕ",
}

// accents stand behind a letter, and count for nothing.
const accents = "\u0300\u0301\u0302\u0303\u0304\u0306\u0307\u0308\u0309\u030a\u030b\u030c\u030f\u0311\u031b\u0323\u0324\u0325\u0326\u0327\u0328\u032d\u032e\u0330\u0331"

var folded, isAccent = foldTable()

func foldTable() (map[rune]rune, map[rune]bool) {
	table, marks := make(map[rune]rune), make(map[rune]bool)
	for to, all := range letters {
		for _, from := range all {
			table[from] = to
		}
	}
	for _, r := range accents {
		marks[r] = true
	}
	return table, marks
}

// inWord reports whether a letter belongs to words.
func inWord(r rune) bool {
	if r < utf8.RuneSelf {
		return 'a' <= r && r <= 'z' || 'A' <= r && r <= 'Z' || '0' <= r && r <= '9'
	}
	return unicode.IsLetter(r) || unicode.IsNumber(r) || unicode.Is(unicode.Co, r)
}

// fold returns the letter that stands for one that belongs to a word.
func fold(r rune) rune {
	if r < utf8.RuneSelf {
		if 'A' <= r && r <= 'Z' {
			r += 'a' - 'A'
		}
		return r
	}
	r = unicode.ToLower(r)
	if to, is := folded[r]; is {
		return to
	}
	return r
}

// tokens appends the words of a text.
func tokens(to []token, text string) []token {
	var word []byte
	start, end := -1, 0
	for i, r := range text {
		switch {
		case inWord(r):
			if start < 0 {
				start, word = i, word[:0]
			}
			word, end = utf8.AppendRune(word, fold(r)), i+utf8.RuneLen(r)
		case start >= 0 && isAccent[r]:
			end = i + utf8.RuneLen(r)
		case start >= 0:
			to, start = append(to, token{string(word), start, end}), -1
		}
	}
	if start >= 0 {
		to = append(to, token{string(word), start, end})
	}
	return to
}

// HasWord reports whether there is a word in a text, so that it can be looked for.
func HasWord(text string) bool {
	for _, r := range text {
		if inWord(r) {
			return true
		}
	}
	return false
}
