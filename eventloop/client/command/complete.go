package command

import (
	"slices"
	"strings"
	"sync/atomic"
	"unicode/utf8"

	"parley/protocol"
)

// A Completion knows what Tab can complete: commands, their arguments and the
// names of the people that were met. One goroutine, the owner of the chat, teaches
// it names; Complete may be called from another one meanwhile.
type Completion struct {
	commands *Table
	names    names
	private  atomic.Pointer[privateNames]
	rooms    atomic.Pointer[roomNames]
	messages messages
}

// NewCompletion returns a Completion that knows the commands and no names.
func NewCompletion() *Completion {
	c := &Completion{commands: NewTable(), names: names{byName: make(map[string]*person)}}
	c.names.seen.Store(new([]*person))
	c.private.Store(new(privateNames))
	c.rooms.Store(new(roomNames))
	c.messages.list.Store(new([]message))
	return c
}

// privateNames are the people of private sessions.
type privateNames struct {
	askers []string // who ask for one
	peers  []string // with whom there is one, or who were asked
}

// LearnPrivate replaces the people of private sessions.
func (c *Completion) LearnPrivate(askers, peers []string) {
	if known := c.private.Load(); !slices.Equal(known.askers, askers) || !slices.Equal(known.peers, peers) {
		c.private.Store(&privateNames{askers, peers})
	}
}

// roomNames are the names of rooms.
type roomNames struct {
	in  []string // in which one is
	all []string // of which one has heard, those among them
}

// LearnRooms replaces the rooms that are known: those in which one is, and all.
func (c *Completion) LearnRooms(in, all []string) {
	const lobby = protocol.Lobby
	c.rooms.Store(&roomNames{append([]string{lobby}, in...), append([]string{lobby}, all...)})
}

// KnowsRoom reports whether a room of that name is known.
func (c *Completion) KnowsRoom(name string) bool {
	return slices.ContainsFunc(c.rooms.Load().all, func(room string) bool { return strings.EqualFold(room, name) })
}

// Learn adds the names of people who are there. What is no valid name is left out:
// it could not be typed.
func (c *Completion) Learn(names ...string) {
	for _, name := range names {
		if protocol.CheckName(name) == nil {
			c.names.come(name)
		}
	}
}

// Left notes that somebody is not there any more. The name is completed all the
// same, behind those of the others.
func (c *Completion) Left(name string) { c.names.goAway(name) }

// Knows reports whether somebody of that name was met.
func (c *Completion) Knows(name string) bool { return c.names.byName[strings.ToLower(name)] != nil }

// Complete is the Completer of a chat.
//
//	/na|           /names
//	/bell m|       /bell mentions
//	/help be|      /help bell
//	/dm al|        /dm alice
//	al|            alice:
//	ask al|        ask alice
func (c *Completion) Complete(before string) (candidates []string, length int) {
	start := strings.TrimLeft(before, " \t")
	word := before[strings.LastIndexAny(before, " \t\n")+1:]
	if strings.HasPrefix(start, "/") && !strings.HasPrefix(start, "//") {
		name, arg := CutWord(start[1:])
		if !strings.ContainsAny(start, " \t\n") {
			return c.matchCommands("/", name), utf8.RuneCountInString(word)
		}
		cmd := c.commands.Lookup(name)
		if cmd == nil {
			return nil, 0
		}
		first := !strings.ContainsAny(arg, " \t\n") && (arg == "" || arg == word)
		return c.argument(cmd, word, first), utf8.RuneCountInString(word)
	}
	if word == "" {
		return nil, 0
	}
	suffix := ""
	if word == start {
		suffix = ": "
	}
	return c.matchNames(word, suffix), utf8.RuneCountInString(word)
}

// argument returns what the word may be completed to behind cmd; first says
// that it is the first one there.
func (c *Completion) argument(cmd *Command, word string, first bool) []string {
	switch cmd.What {
	case ArgText:
		return c.matchNames(word, "")
	case ArgPerson:
		switch more := cmd.needs() > 1; {
		case first && more:
			return c.matchNames(word, " ")
		case first || more:
			return c.matchNames(word, "")
		}
	case ArgAsker:
		if first {
			return matching(c.private.Load().askers, word)
		}
	case ArgPeer:
		if first {
			return matching(c.private.Load().peers, word)
		}
		return c.matchNames(word, "")
	case ArgRoom:
		if first {
			return matching(c.rooms.Load().all, strings.TrimPrefix(word, "#"))
		}
	case ArgJoined:
		if first {
			return matching(c.rooms.Load().in, strings.TrimPrefix(word, "#"))
		}
		return c.matchNames(word, "")
	case ArgGuest:
		if first {
			return c.matchNames(word, "")
		}
		return matching(c.rooms.Load().in, word)
	case ArgNewRoom:
		if !first {
			return matching([]string{"key", "private"}, word)
		}
	case ArgMessage, ArgMine, ArgReply:
		if first && (cmd.What != ArgReply || strings.Trim(word, "#0123456789") == "" && word != "") {
			return c.matchMessages(cmd.What == ArgMine, word)
		}
		return c.matchNames(word, "")
	case ArgWhere:
		return c.matchWhere(word, first && cmd.Name == "history")
	case ArgMode:
		if first {
			return matching([]string{"off", "on"}, word)
		}
	case ArgCommand:
		if first {
			return c.matchHelp(word)
		}
	case ArgValue:
		if first {
			return matching(cmd.Values, word)
		}
	}
	return nil
}

// matchCommands returns the commands that begin with word. A space follows the
// one that needs an argument, unless it is an argument itself.
func (c *Completion) matchCommands(slash, word string) []string {
	var found []string
	for i := range c.commands.list {
		cmd := &c.commands.list[i]
		if hasPrefixFold(cmd.Name, word) {
			name := slash + cmd.Name
			if slash != "" && cmd.Args != "" {
				name += " "
			}
			found = append(found, name)
		}
	}
	slices.Sort(found)
	return found
}

// matchHelp returns the commands and topics that begin with word.
func (c *Completion) matchHelp(word string) []string {
	found := c.matchCommands("", strings.TrimPrefix(word, "/"))
	for _, topic := range topics {
		if hasPrefixFold(string(topic.name), word) {
			found = append(found, string(topic.name))
		}
	}
	slices.Sort(found)
	return slices.Compact(found)
}

// matchNames returns the names that begin with word, which may have an @ before
// it.
func (c *Completion) matchNames(word, suffix string) []string {
	at := ""
	if strings.HasPrefix(word, "@") {
		at, word = "@", word[1:]
	}
	if word == "" {
		return nil
	}
	found := c.names.beginning(word)
	for i := range found {
		found[i] = at + found[i] + suffix
	}
	return found
}

func matching(list []string, prefix string) []string {
	var found []string
	for _, s := range list {
		if hasPrefixFold(s, prefix) {
			found = append(found, s)
		}
	}
	slices.Sort(found)
	return found
}

func hasPrefixFold(s, prefix string) bool {
	return len(s) >= len(prefix) && strings.EqualFold(s[:len(prefix)], prefix)
}
