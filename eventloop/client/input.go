package client

import (
	"fmt"
	"strings"

	"parley/protocol"
)

// A meaning is what a typed line asks for.
type meaning struct {
	kind    meaningKind
	text    string   // to say, or the sentence of a mistake
	command *Command // to run
	arg     string   // of the command
}

type meaningKind uint8

const (
	meansNothing meaningKind = iota
	meansChat
	meansCommand
	meansMistake // nothing is sent
)

// read finds out what a line means.
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
func (t *Commands) read(line string, s situation) meaning {
	line = strings.TrimRight(line, "\r\n")
	trimmed := strings.TrimSpace(line)
	if trimmed == "" {
		return meaning{}
	}
	if strings.HasPrefix(trimmed, "//") {
		return chatUnlessNaming(strings.TrimLeft(line, " \t")[1:], s.naming)
	}
	if strings.HasPrefix(trimmed, "/") {
		return t.readSlash(trimmed[1:])
	}
	if s.bare && !strings.Contains(trimmed, "\n") {
		if c, arg := t.bareWord(trimmed); c != nil {
			return meaning{kind: meansCommand, command: c, arg: arg}
		}
		if c := t.showsPassword(trimmed); c != nil {
			return mayBePassword(c)
		}
		if c := t.looksLike(trimmed, s); c != nil && !s.naming {
			return mayBeCommand(c, trimmed)
		}
	}
	if s.naming && protocol.CheckName(trimmed) == nil {
		return meaning{kind: meansCommand, command: t.byWord["login"], arg: trimmed}
	}
	return chatUnlessNaming(line, s.naming)
}

// mayBePassword is a line that has a password in it where that of c would stand.
func mayBePassword(c *Command) meaning {
	return meaning{kind: meansMistake, text: fmt.Sprintf(
		"That may be a password, so it was not said. /%s asks for it. To say it nevertheless, type msg before it.", c.Name)}
}

func chatUnlessNaming(text string, naming bool) meaning {
	if naming {
		return meaning{kind: meansMistake, text: fmt.Sprintf(
			"Type a name first: at most %d letters A-Z and digits, such as alice. /help lists the commands.", protocol.MaxName)}
	}
	return meaning{kind: meansChat, text: text}
}

func (t *Commands) readSlash(s string) meaning {
	word, arg := cutWord(s)
	c := t.Lookup(word)
	if c == nil {
		text := "Type /help for the commands. To say something that begins with a slash, type two of them."
		if word != "" {
			text = fmt.Sprintf("There is no command /%s. %s", word, t.advice(word))
		}
		return meaning{kind: meansMistake, text: text}
	}
	if why := c.refuses(arg); why != "" {
		return meaning{kind: meansMistake, text: why}
	}
	return meaning{kind: meansCommand, command: c, arg: arg}
}

// advice says what to type in place of an unknown command.
func (t *Commands) advice(word string) string {
	if near := t.nearest(word); near != nil {
		return fmt.Sprintf("Did you mean /%s? To say it, type two slashes.", near.Name)
	}
	return "Type /help for the commands, or two slashes to say it."
}

// bareWord returns the command that a line means as a word of the
// specification, nil if it is none.
func (t *Commands) bareWord(line string) (*Command, string) {
	word, arg := cutWord(line)
	c := t.byWord[word]
	if c == nil || c.Name != word {
		return nil, ""
	}
	switch c.Bare {
	case bareAlone:
		if arg == "" {
			return c, ""
		}
	case bareName:
		if protocol.CheckName(arg) == nil {
			return c, arg
		}
	case bareText:
		if arg != "" {
			return c, arg
		}
	}
	return nil, ""
}

// cutWord splits off the first word. What follows loses the white space before
// it, but keeps its own.
func cutWord(s string) (word, rest string) {
	end := strings.IndexAny(s, " \t\r\n")
	if end < 0 {
		return s, ""
	}
	return s[:end], strings.TrimSpace(s[end:])
}

// isSecret reports whether a line must not be kept in the history of the up
// key: a password may stand in it, or it looks as if it was meant to.
func (t *Commands) isSecret(line string) bool {
	word, _ := cutWord(strings.TrimSpace(line))
	bare, slash := strings.CutPrefix(word, "/")
	if c := t.Lookup(bare); c != nil {
		return c.Secret
	}
	near := t.nearest(bare)
	return slash && near != nil && near.Secret
}

// showsPassword returns the command that a line without a slash seems to be
// meant as, with a password typed behind it; nil if it does not look so.
func (t *Commands) showsPassword(line string) *Command {
	words := strings.Fields(line)
	if len(words) == 0 {
		return nil
	}
	c := t.byWord[words[0]]
	if c == nil || !c.Secret {
		return nil
	}
	usual := map[string]int{"login": 3, "register": 2, "passwd": 3} // words: a name or an old password, a password
	if len(words) != usual[c.Name] || c.What == argName && protocol.CheckName(words[1]) != nil {
		return nil
	}
	return c
}
