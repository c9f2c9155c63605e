package login

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

const (
	// maxTried is how many passwords are remembered that were tried: more than
	// anybody tries one after the other.
	maxTried = 16

	// minTriedWord is how many bytes a password must have to be looked for inside
	// of a text, too. A shorter one may be any word.
	minTriedWord = 6
)

// remember notes what was typed as a password.
func (m *Machine) remember(secret string) {
	secret = strings.TrimSpace(secret)
	if secret == "" || m.question != nil && strings.EqualFold(secret, m.question.name) {
		return // a name is no secret
	}
	m.tried = append(m.tried, secret)
	if len(m.tried) > maxTried {
		m.tried = m.tried[1:]
	}
}

// Forget forgets all passwords, at the end of the chat.
func (m *Machine) Forget() {
	m.known, m.pending, m.tried, m.question = credential{}, credential{}, nil, nil
}

// Tried reports whether a text is, or has a line that is, what was typed as a
// password, whatever the case of its letters; or whether a longer password stands
// in it as a word of its own. Such a text must go nowhere.
func (m *Machine) Tried(text string) bool {
	for _, secret := range m.tried {
		if strings.EqualFold(strings.TrimSpace(text), secret) || len(secret) >= minTriedWord && hasWord(text, secret) {
			return true
		}
		for line := range strings.Lines(text) {
			if strings.EqualFold(strings.TrimSpace(line), secret) {
				return true
			}
		}
	}
	return false
}

// hasWord reports whether word stands in text with no letter or digit beside it.
func hasWord(text, word string) bool {
	text, word = strings.ToLower(text), strings.ToLower(word)
	for from := 0; ; {
		i := strings.Index(text[from:], word)
		if i < 0 {
			return false
		}
		start := from + i
		before, _ := utf8.DecodeLastRuneInString(text[:start])
		after, _ := utf8.DecodeRuneInString(text[start+len(word):])
		if !joins(word, before, after) {
			return true
		}
		_, size := utf8.DecodeRuneInString(text[start:])
		from = start + size
	}
}

// joins reports whether one of the runes beside a word belongs to it: a letter or
// digit where the word ends in one.
func joins(word string, before, after rune) bool {
	first, _ := utf8.DecodeRuneInString(word)
	last, _ := utf8.DecodeLastRuneInString(word)
	return wordly(first) && wordly(before) || wordly(last) && wordly(after)
}

func wordly(r rune) bool { return unicode.IsLetter(r) || unicode.IsDigit(r) }
