package command

import (
	"fmt"
	"slices"
	"strings"

	"github.com/mattn/go-runewidth"

	"parley/protocol"
	"parley/protocol/printable"
)

// A Situation is what decides, beside its words, what a line means.
type Situation struct {
	Naming  bool              // a name is asked for
	Bare    bool              // the words of the specification count without a slash
	Known   func(string) bool // whether that is the name of somebody who was met
	Replies bool              // there is somebody to reply to
}

// ordinary are the words of commands that are words of ordinary English too, or
// of ordinary talk about chats. Behind them only the name of somebody who was met
// makes a line look like a command: "tell me more" is said.
var ordinary = map[string]bool{
	"accept": true, "away": true, "back": true, "bell": true, "block": true, "blocked": true, "broadcast": true,
	"decline": true, "dm": true, "exit": true, "help": true, "message": true, "msg": true, "names": true, "p2p": true,
	"peers": true, "ping": true, "private": true, "quit": true, "register": true, "reply": true, "tell": true,
	"trust": true, "unblock": true, "verify": true,
}

// habitual are those of them that another course has its students build into a chat.
// What is typed from habit is not to reach everybody, also if nobody of that name
// was met here.
var habitual = map[string]bool{"message": true, "block": true, "unblock": true}

// looksLike returns the command that a line without a slash seems to be meant as,
// nil if it looks like something to say. Other chats of courses take their
// commands without a slash; what is meant for one person, or for the server, is
// not to reach everybody for want of one.
//
//   - A word of a command alone, whatever it needs.
//   - A word and what fits it: somebody's name, digits, one of the values. Words
//     that are not ordinary fit any valid name.
func (t *Table) looksLike(line string, s Situation) *Command {
	word, arg := CutWord(line)
	c := t.byWord[word]
	if lower := strings.ToLower(word); c == nil && !ordinary[lower] {
		c = t.byWord[lower]
	}
	words := strings.Fields(arg)
	if c == nil || len(words) == 0 || t.fits(c, word, words, s) {
		return c
	}
	return nil
}

// fits reports whether words can be what c needs.
func (t *Table) fits(c *Command, word string, words []string, s Situation) bool {
	first := words[0]
	person := s.Known(first) || (!ordinary[word] || habitual[word]) && protocol.CheckName(first) == nil
	alone := len(words) == 1
	switch c.What {
	case ArgPerson, ArgAsker, ArgPeer:
		text := strings.Contains(c.Args, "TEXT")
		yes := strings.Contains(c.Args, "[yes]") && len(words) == 2 && strings.EqualFold(words[1], "yes")
		return person && (alone || text || yes)
	case ArgNumber:
		return alone && strings.Trim(first, "0123456789") == ""
	case ArgValue:
		return alone && slices.Contains(c.Values, first)
	case ArgCommand:
		return alone && (t.byWord[first] != nil || first == OfServer)
	case ArgText:
		return word == "broadcast" || c.Name == "reply" && s.Replies
	}
	return false
}

// mayBeCommand is a line that looks like c and may have been meant to be said.
func mayBeCommand(c *Command, line string) Meaning {
	const columns = 40
	width := runewidth.Condition{}
	line = width.Truncate(printable.Line(line), columns, "...")
	slash, said := "/"+line, "msg "+line
	return Meaning{Kind: Mistake, Text: fmt.Sprintf(
		"That looks like a command, so it was said to nobody. Type one of these:\n%-*s  %s\n%s  say that to everybody",
		len(said), slash, c.Help, said)}
}
