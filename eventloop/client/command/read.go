package command

import (
	"fmt"
	"strings"

	"parley/protocol"
)

// A Meaning is what a typed line asks for.
type Meaning struct {
	Kind    Kind
	Text    string   // to say, or the sentence of a mistake
	Command *Command // to run; of a mistake, that which was probably meant, or nil
	Arg     string   // of the command
	ForOne  bool     // it says something to one person alone, or is meant to: it is not to be kept in a file
}

// A Kind says what is to be done with a line.
type Kind uint8

// The kinds.
const (
	Nothing Kind = iota
	Say
	Run
	Mistake // nothing is sent
)

// Read finds out what a line means.
//
//   - A line is said. Blank lines mean nothing.
//   - /word is a command, also behind spaces, so that a slip of the thumb sends
//     no secret. An unknown one is a mistake.
//   - //text says /text.
//   - While a name is asked for, a valid name logs in, unless it is a command.
//   - The five words of the specification work bare where their arguments fit:
//     "names", "help" and "logout" alone, "login" with one valid name, "msg"
//     with a text. So "names of things" is said. To say "names", type "msg names".
//   - What looks like one of them with a password behind it is a mistake, and so
//     is what looks like another command: see looksLike.
//   - So is msg before somebody's name: see addressee.
//   - While lines are for one person alone, a bare word is a mistake, too.
//   - A text of several lines is one message; it is never a bare word.
func (t *Table) Read(line string, s Situation) Meaning {
	line = strings.TrimRight(line, "\r\n")
	trimmed := strings.TrimSpace(line)
	switch {
	case trimmed == "":
		return Meaning{}
	case strings.HasPrefix(trimmed, "//"):
		return sayUnlessNaming(strings.TrimLeft(line, blanks)[1:], s.Naming)
	case strings.HasPrefix(trimmed, "/"):
		return t.readSlash(trimmed[1:], s)
	}
	if s.Bare {
		if m := t.readBare(trimmed, s); m.Kind != Nothing {
			return m
		}
	}
	if s.Naming && protocol.CheckName(trimmed) == nil {
		return Meaning{Kind: Run, Command: t.byWord["login"], Arg: trimmed}
	}
	return sayUnlessNaming(line, s.Naming)
}

// readBare finds out what a line without a slash means, Nothing if it is not the
// line of a command.
func (t *Table) readBare(line string, s Situation) Meaning {
	c, word, arg := t.bareWord(line)
	switch {
	case c != nil && s.Alone != "" && c.Bare == BareText: // "msg me later"
		return Meaning{}
	case c != nil && s.Alone != "":
		return mayBeCommand(c, word, arg, line, s)
	case c != nil:
		return t.runs(c, word, arg, s)
	case toService(line) && s.Alone != "":
		return Meaning{Kind: Mistake, Text: noService}
	case toService(line):
		return Meaning{Kind: Mistake, Text: noService + sayNevertheless}
	}
	if c := t.ShowsPassword(line); c != nil {
		return mayBePassword(c, s)
	}
	if s.Naming {
		return t.mayBeName(line)
	}
	return t.looksLike(line, s)
}

const (
	blanks          = " \t\r\n"
	sayNevertheless = " To say it nevertheless, type /broadcast before it."
)

// mayBePassword is a line that has a password in it where that of c would stand.
func mayBePassword(c *Command, s Situation) Meaning {
	if c.Open > 0 {
		return Meaning{Kind: Mistake, Text: fmt.Sprintf(
			"That may be the key of a room, so it was not said. Type /%s with its slash. To say it nevertheless, type %sbefore it.", c.Name, s.before())}
	}
	return Meaning{Kind: Mistake, Text: fmt.Sprintf(
		"That may be a password, so it was not said. /%s asks for it. To say it nevertheless, type %sbefore it.", c.Name, s.before())}
}

func sayUnlessNaming(text string, naming bool) Meaning {
	if naming {
		return Meaning{Kind: Mistake, Text: fmt.Sprintf(
			"Type a name first: at most %d letters A-Z and digits, such as alice. /help lists the commands.", protocol.MaxName)}
	}
	return Meaning{Kind: Say, Text: text}
}

func (t *Table) readSlash(line string, s Situation) Meaning {
	word, arg := CutWord(line)
	if b := t.borrowed[strings.ToLower(word)]; b != nil && b.command == nil {
		return Meaning{Kind: Mistake, Text: b.answer}
	}
	if c := t.Lookup(word); c != nil {
		return t.runs(c, word, arg, s)
	}
	text := "Type /help for the commands. To say something that begins with a slash, type two of them."
	if word != "" {
		text = fmt.Sprintf("There is no command /%s. %s", word, t.Advice(word))
	}
	near := t.nearest(word)
	return Meaning{Kind: Mistake, Text: text, Command: near, Arg: arg, ForOne: near != nil && near.ForOne}
}

// runs is that c was typed, with word, unless what follows does not fit.
func (t *Table) runs(c *Command, word, arg string, s Situation) Meaning {
	word = strings.ToLower(word)
	if c.ofPerson() {
		arg = strings.TrimPrefix(arg, "@") // as others write a name
	}
	if c.ofRoom() {
		arg = strings.TrimPrefix(arg, "#") // as others write a room
	}
	if c.Name == "dm" && s.Known != nil && protocol.CheckName(arg) == nil { // as others begin to talk to one
		return Meaning{Kind: Run, Command: t.byWord["query"], Arg: arg, ForOne: true}
	}
	if why := c.refuses(word, arg); why != "" {
		return Meaning{Kind: Mistake, Text: why, Command: c, Arg: arg, ForOne: c.ForOne}
	}
	if toService(arg) && word == "msg" {
		return Meaning{Kind: Mistake, Text: noService + sayNevertheless}
	}
	if toService(arg) && c.ofPerson() {
		return Meaning{Kind: Mistake, Text: noService}
	}
	if name := s.addressee(arg); name != "" && word == "msg" {
		return t.forOne(name, arg, s)
	}
	return Meaning{Kind: Run, Command: c, Arg: arg, ForOne: c.ForOne}
}

// Advice says what to type in place of an unknown command.
func (t *Table) Advice(word string) string {
	if near := t.nearest(word); near != nil {
		return fmt.Sprintf("Did you mean /%s? To say it, type two slashes.", near.Name)
	}
	return "Type /help for the commands, or two slashes to say it."
}

// bareWord returns the command that a line means as a word of the
// specification, and what it consists of; nil if it is none.
func (t *Table) bareWord(line string) (c *Command, word, arg string) {
	word, arg = CutWord(line)
	c = t.byWord[word]
	if c == nil || c.Name != word || strings.Contains(line, "\n") {
		return nil, "", ""
	}
	fits := false
	switch c.Bare {
	case BareAlone:
		fits = arg == ""
	case BareName:
		fits = protocol.CheckName(arg) == nil
	case BareText:
		fits = arg != ""
	}
	if !fits {
		return nil, "", ""
	}
	return c, word, arg
}

// CutWord splits off the first word. What follows loses the white space before
// it, but keeps its own.
func CutWord(s string) (word, rest string) {
	end := strings.IndexAny(s, blanks)
	if end < 0 {
		return s, ""
	}
	return s[:end], strings.TrimSpace(s[end:])
}

// IsBare reports whether a line is a command without its slash, as the specification
// writes it.
func (t *Table) IsBare(line string) bool {
	c, _, _ := t.bareWord(line)
	return c != nil
}
