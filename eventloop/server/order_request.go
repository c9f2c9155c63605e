package server

import (
	"slices"
	"strings"
	"time"

	"parley/protocol"
	"parley/users"
	"parley/users/state"
)

// An orderRequest is what somebody asks for who keeps order.
type orderRequest struct {
	name  string        // whom; "": it is about addr
	addr  string        // the prefix of addresses, as command.Sanction has it
	room  string        // Room.Name; "": the whole server
	lasts time.Duration // 0: for ever
	why   string
}

// orderWords are the arguments as the object has them.
type orderWords struct{ who, room, lasts, why string }

// askedOrder reads the arguments of a verb that is about a person: who or name, room and,
// if the verb has them, for and why.
func (c *Core) askedOrder(s *session, r call) (orderRequest, *protocol.Error) {
	v := c.verbs.Lookup(r.Verb)
	var words orderWords
	lasts := slices.ContainsFunc(v.Args, func(a protocol.Arg) bool { return a.Name == "for" })
	if r.Content.Text != "" {
		words = typedOrder(r.Content.Text, lasts, func(word string) bool { return c.isRoom(word) })
		if words.why != "" && v.Args[len(v.Args)-1].Name != "why" {
			return orderRequest{}, protocol.Errorf(protocol.BadRequest, "There is no room %s. Use:", shorten(words.why)).WithCommands(v.Syntax())
		}
	} else {
		for i, a := range v.Args {
			switch a.Name {
			case "who", "name":
				words.who = r.args[i]
			case "room":
				words.room = r.args[i]
			case "for":
				words.lasts = r.args[i]
			case "why":
				words.why = r.args[i]
			}
		}
	}
	return c.orderRequest(s, words, v.Args[0].Name == "who")
}

// isRoom reports whether a word is the name of a room that there is.
func (c *Core) isRoom(word string) bool {
	if sameName(word, state.Lobby) {
		return true
	}
	_, there := c.state.Room(word)
	return there
}

// typedOrder reads what somebody has typed: WHO [ROOM] [FOR] [WHY], where FOR is only if it
// lasts. What reads like FOR is never a room, else whoever makes a room of that name could
// have bans hold there in place of here.
func typedOrder(text string, lasts bool, isRoom func(string) bool) (words orderWords) {
	isLasting := func(word string) bool {
		_, is, _ := protocol.ParseLasting(word)
		return lasts && is
	}
	words.who, text = cutWord(text)
	if word, rest := cutWord(text); word != "" && isRoom(word) && !isLasting(word) {
		words.room, text = word, rest
	}
	if word, rest := cutWord(text); isLasting(word) {
		words.lasts, text = word, rest
	}
	words.why = text
	return words
}

// cutWord cuts the first word of what somebody has typed.
func cutWord(text string) (word, rest string) {
	const blanks = " \t\r\n"
	text = strings.Trim(text, blanks)
	if i := strings.IndexAny(text, blanks); i >= 0 {
		return text[:i], strings.TrimLeft(text[i:], blanks)
	}
	return text, ""
}

// orderRequest checks the words. Some verbs are about addresses, too.
func (c *Core) orderRequest(s *session, words orderWords, addresses bool) (asked orderRequest, err *protocol.Error) {
	if words.why != "" {
		if err := protocol.CheckWhy(words.why); err != nil {
			return asked, err
		}
	}
	asked.why = words.why
	if words.lasts != "" {
		var is bool
		if asked.lasts, is, err = protocol.ParseLasting(words.lasts); err != nil {
			return asked, err
		} else if !is {
			return asked, protocol.Errorf(protocol.BadRequest, `"for" is like 90s, 10m, 2h, 7d or 1h30m, and not %q.`, shorten(words.lasts))
		}
	}
	if !addresses || !protocol.IsAddress(words.who) {
		if asked.name = words.who; protocol.CheckName(asked.name) != nil {
			return asked, domainError(users.ErrUnknownUser, words.who)
		}
		asked.room, err = c.place(s, words.room)
		return asked, err
	}
	prefix, err := protocol.ParseAddress(words.who)
	if asked.addr = prefix.String(); err != nil || words.room == "" {
		return asked, err
	}
	if asked.room, err = c.place(s, words.room); err == nil && asked.room != "" {
		err = domainError(state.ErrAddr, words.who)
	}
	return asked, err
}

// place returns where somebody acts, as commands have it: the room that is named, else the
// session's current one; "" is the whole server, which the lobby stands for.
func (c *Core) place(s *session, room string) (string, *protocol.Error) {
	if room == "" {
		room = s.current()
	}
	if sameName(room, state.Lobby) {
		return "", nil
	}
	named, err := c.named(s, room)
	return named.Name, err
}
