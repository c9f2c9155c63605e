package command

import (
	"slices"
	"strings"
	"unicode"

	"parley/protocol"
)

// IsSecret reports whether a line must not be kept in the history of the up
// key: a password may stand in it, or it looks as if it was meant to.
func (t *Table) IsSecret(line string) bool {
	line = strings.TrimSpace(line)
	word, rest := CutWord(line)
	bare, slash := strings.CutPrefix(word, "/")
	bare = strings.ToLower(bare)
	if toService(rest) || toService(line) {
		return true
	}
	if b := t.borrowed[bare]; b != nil && b.command == nil {
		return slash && b.secret || t.ShowsPassword(line) != nil
	}
	if c := t.Lookup(bare); c != nil {
		if c.Open > 0 { // an ordinary word, behind which not all is secret
			return slash && len(strings.Fields(rest)) > c.Open || !slash && t.ShowsPassword(line) != nil
		}
		return c.Secret && (slash || t.byWord[bare] == c)
	}
	near := t.nearest(bare)
	return slash && near != nil && near.Secret || t.ShowsPassword(line) != nil
}

// The words behind which the key of a room is typed.
const (
	joinWord   = "join"
	createWord = "create"
)

// asPassword are the words behind which a password is typed without a slash: with
// how many words in all, and which command asks for it.
var asPassword = map[string]struct {
	words   []int
	command string
}{
	"login":    {[]int{3}, "login"}, // a name, a password
	"identify": {[]int{2, 3}, "login"},
	"register": {[]int{2, 3}, "register"}, // a password, or a name and a password
	"passwd":   {[]int{2, 3}, "passwd"},   // the new one, or the old one and the new one
	"password": {[]int{2, 3}, "passwd"},
}

// ShowsPassword returns the command that a line without a slash seems to be
// meant as, with a password typed behind it; nil if it does not look so. Behind a
// word that is mistyped, only what is no plain word looks like a password.
func (t *Table) ShowsPassword(line string) *Command {
	if c := t.showsPassword(strings.Fields(line)); c != nil { // with all that looks like a blank
		return c
	}
	return t.showsPassword(strings.FieldsFunc(line, func(r rune) bool { return strings.ContainsRune(blanks, r) }))
}

func (t *Table) showsPassword(words []string) *Command {
	if len(words) == 0 {
		return nil
	}
	word := strings.ToLower(words[0])
	if t.Lookup(word) == nil && asPassword[word].command == "" {
		near := t.nearest(word)
		if near == nil || !near.Secret || !isOdd(words[len(words)-1]) {
			return nil
		}
		word = near.Name
	}
	switch {
	case word == joinWord && len(words) == 3 && isOdd(words[2]), word == createWord && len(words) == 4 && strings.EqualFold(words[2], "key"):
		return t.byWord[word]
	}
	p := asPassword[word]
	if !slices.Contains(p.words, len(words)) || word == "login" && protocol.CheckName(words[1]) != nil {
		return nil
	}
	return t.byWord[p.command]
}

// isOdd reports whether a word has something in it that words of a sentence do not.
func isOdd(word string) bool {
	word = strings.TrimRight(word, ".,:;!?)")
	return strings.ContainsFunc(word, func(r rune) bool { return !unicode.IsLetter(r) && r != '\'' && r != '-' })
}
