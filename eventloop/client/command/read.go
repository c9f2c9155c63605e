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
	Command *Command // to run
	Arg     string   // of the command
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
//   - A line is chat. Blank lines mean nothing.
//   - /word is a command, also behind spaces, so that a slip of the thumb sends
//     no secret. An unknown one is a mistake.
//   - //text says /text.
//   - While a name is asked for, a valid name logs in.
//   - The five words of the specification work bare where their arguments fit:
//     "names", "help" and "logout" alone, "login" with one valid name, "msg"
//     with a text. So "names of things" is chat. To say "names", type "msg names".
//   - What looks like one of them with a password behind it is a mistake, and so
//     is what looks like another command: see looksLike.
//   - A text of several lines, which was pasted, is one message; it is never a
//     bare word.
func (t *Table) Read(line string, s Situation) Meaning {
	line = strings.TrimRight(line, "\r\n")
	trimmed := strings.TrimSpace(line)
	if trimmed == "" {
		return Meaning{}
	}
	if strings.HasPrefix(trimmed, "//") {
		return chatUnlessNaming(strings.TrimLeft(line, " \t")[1:], s.Naming)
	}
	if strings.HasPrefix(trimmed, "/") {
		return t.readSlash(trimmed[1:])
	}
	if s.Bare && !strings.Contains(trimmed, "\n") {
		if c, arg := t.bareWord(trimmed); c != nil {
			return Meaning{Kind: Run, Command: c, Arg: arg}
		}
		if c := t.ShowsPassword(trimmed); c != nil {
			return MayBePassword(c)
		}
		if c := t.looksLike(trimmed, s); c != nil && !s.Naming {
			return mayBeCommand(c, trimmed)
		}
	}
	if s.Naming && protocol.CheckName(trimmed) == nil {
		return Meaning{Kind: Run, Command: t.byWord["login"], Arg: trimmed}
	}
	return chatUnlessNaming(line, s.Naming)
}

// MayBePassword is a line that has a password in it where that of c would stand.
func MayBePassword(c *Command) Meaning {
	return Meaning{Kind: Mistake, Text: fmt.Sprintf(
		"That may be a password, so it was not said. /%s asks for it. To say it nevertheless, type msg before it.", c.Name)}
}

func chatUnlessNaming(text string, naming bool) Meaning {
	if naming {
		return Meaning{Kind: Mistake, Text: fmt.Sprintf(
			"Type a name first: at most %d letters A-Z and digits, such as alice. /help lists the commands.", protocol.MaxName)}
	}
	return Meaning{Kind: Say, Text: text}
}

func (t *Table) readSlash(s string) Meaning {
	word, arg := CutWord(s)
	c := t.Lookup(word)
	if c == nil {
		text := "Type /help for the commands. To say something that begins with a slash, type two of them."
		if word != "" {
			text = fmt.Sprintf("There is no command /%s. %s", word, t.Advice(word))
		}
		return Meaning{Kind: Mistake, Text: text}
	}
	if why := c.refuses(arg); why != "" {
		return Meaning{Kind: Mistake, Text: why}
	}
	return Meaning{Kind: Run, Command: c, Arg: arg}
}

// Advice says what to type in place of an unknown command.
func (t *Table) Advice(word string) string {
	if near := t.nearest(word); near != nil {
		return fmt.Sprintf("Did you mean /%s? To say it, type two slashes.", near.Name)
	}
	return "Type /help for the commands, or two slashes to say it."
}

// bareWord returns the command that a line means as a word of the
// specification, nil if it is none.
func (t *Table) bareWord(line string) (*Command, string) {
	word, arg := CutWord(line)
	c := t.byWord[word]
	if c == nil || c.Name != word {
		return nil, ""
	}
	switch c.Bare {
	case BareAlone:
		if arg == "" {
			return c, ""
		}
	case BareName:
		if protocol.CheckName(arg) == nil {
			return c, arg
		}
	case BareText:
		if arg != "" {
			return c, arg
		}
	}
	return nil, ""
}

// CutWord splits off the first word. What follows loses the white space before
// it, but keeps its own.
func CutWord(s string) (word, rest string) {
	end := strings.IndexAny(s, " \t\r\n")
	if end < 0 {
		return s, ""
	}
	return s[:end], strings.TrimSpace(s[end:])
}

// IsSecret reports whether a line must not be kept in the history of the up
// key: a password may stand in it, or it looks as if it was meant to.
func (t *Table) IsSecret(line string) bool {
	word, _ := CutWord(strings.TrimSpace(line))
	bare, slash := strings.CutPrefix(word, "/")
	if c := t.Lookup(bare); c != nil {
		return c.Secret
	}
	near := t.nearest(bare)
	return slash && near != nil && near.Secret
}

// ShowsPassword returns the command that a line without a slash seems to be
// meant as, with a password typed behind it; nil if it does not look so.
func (t *Table) ShowsPassword(line string) *Command {
	words := strings.Fields(line)
	if len(words) == 0 {
		return nil
	}
	c := t.byWord[words[0]]
	if c == nil || !c.Secret {
		return nil
	}
	usual := map[string]int{"login": 3, "register": 2, "passwd": 3} // words: a name or an old password, a password
	if len(words) != usual[c.Name] || c.What == ArgName && protocol.CheckName(words[1]) != nil {
		return nil
	}
	return c
}
