package command

import (
	"slices"
	"strings"

	"github.com/mattn/go-runewidth"

	"parley/protocol"
	"parley/protocol/printable"
)

// A Situation is what decides, beside its words, what a line means.
type Situation struct {
	Naming    bool              // a name is asked for
	Bare      bool              // the words of the specification count without a slash
	Alone     string            // whom alone a line without a slash is for; "": it is for everybody
	Room      string            // where a line without a slash is said, if it is for everybody; "" is the lobby
	ToAlone   string            // what is typed before a text to say it to that one, such as "/dm bob "
	Known     func(string) bool // whether that is the name of somebody who was met; nil: nobody is asked about
	Self      string            // one's own name
	KnownRoom func(string) bool // whether that is the name of a room that was heard of; nil: nobody is asked about
	Asker     string            // the only one who asks for a private session; "" if nobody does, or several
	Plain     bool              // the server knows nothing but the standard
	Replies   bool              // there is somebody to reply to
}

// ordinary are the words of commands that are words of ordinary English too, or
// of ordinary talk about chats. Behind them only the name of somebody who was met
// makes a line look like a command: "tell me more" is said. So is a sentence that
// begins with one in upper case, but for those that are false here.
var ordinary = map[string]bool{
	"accept": true, "away": true, "back": true, "bell": true, "block": true, "blocked": true, "broadcast": true,
	"decline": true, "dm": false, "exit": true, "help": true, "message": true, "msg": false, "names": true, "p2p": true,
	"peers": true, "ping": true, "private": true, "quit": true, "register": true, "reply": true, "tell": true,
	"trust": true, "unblock": true, "verify": true,
	"create": true, "hold": true, "invite": true, "join": true, "leave": true, "recent": true, "room": true,
	"rooms": true, "sessions": true, "topic": true, "unread": true, "channels": true, "j": true, "list": true, "part": true,
	"announce": true, "around": true, "audit": true, "ban": true, "bans": true, "compose": true, "edit": true, "export": true,
	"forget": true, "history": true, "ids": true, "keep": true, "kick": true, "lockdown": true, "mute": true, "react": true,
	"remove": true, "report": true, "reports": true, "role": true, "search": true, "slow": true, "unban": true, "unmute": true,
	"unreact": true, "versions": true,
	"ignore": true, "notice": true, "online": true, "pm": false, "r": true, "users": true, "w": false,
	"whisper": false, "who": true,
}

// habitual are those of them that another course has its students build into a chat.
// What is typed from habit is not to reach everybody, also if nobody of that name
// was met here.
var habitual = map[string]bool{"message": true, "block": true, "unblock": true}

// leaving are the words that alone mean in another chat, an editor or a shell that
// one wants to leave.
var leaving = map[string]bool{
	"bye": true, "disconnect": true, "exit": true, "logoff": true, "q": true, "quit": true, "signoff": true,
	":q": true, ":q!": true, ":qa": true, ":wq": true, ":x": true,
}

// answers are the words that alone may be meant for who asks for a private session.
var answers = map[string]bool{"yes": true, "y": true, "ok": true, "no": true, "n": true}

// looksLike returns a mistake if a line without a slash seems to be meant as a
// command, Nothing if it looks like something to say. Other chats take their
// commands without a slash; what is meant for one person, or for the server, is
// not to reach everybody for want of one.
//
//   - A yes or no alone while somebody asks for a private session.
//   - A word of a command alone, whatever it needs; of those of other chats only
//     what leaves.
//   - A word and what fits it: somebody's name, a number, one of the values. Words
//     that are not ordinary fit any valid name.
//   - Of several lines only what says something to one person.
func (t *Table) looksLike(line string, s Situation) Meaning {
	word, arg := CutWord(line)
	words := strings.Fields(arg)
	lower := strings.ToLower(word)
	if len(words) == 0 && s.Asker != "" && answers[lower] {
		return s.mayBeAnswer(line)
	}
	if len(words) == 0 && leaving[word] {
		return mayBeCommand(t.byWord["quit"], "quit", "", line, s)
	}
	if english, ok := ordinary[lower]; ok && english && word != lower {
		return Meaning{}
	}
	if b := t.borrowed[lower]; b != nil && b.command == nil {
		if len(words) == 1 && s.knows(words[0]) && word == lower {
			return Meaning{Kind: Mistake, Text: b.answer + " To say it, type: " + s.before() + printable.Line(line)}
		}
		return Meaning{}
	}
	if name := s.addressee(arg); name != "" && lower == "msg" {
		return t.forOne(name, arg, s)
	}
	c := t.Lookup(lower)
	several := strings.Contains(line, "\n")
	switch {
	case c == nil, several && !strings.Contains(c.Args, "TEXT"):
	case len(words) == 0 && t.byWord[lower] != nil, len(words) > 0 && t.fits(c, lower, words, s):
		if t.byWord[lower] == nil {
			word = c.Name // that of another chat works as well, but is not taught
		}
		return mayBeCommand(c, word, arg, line, s)
	}
	return Meaning{}
}

// whom is to whom a line without a slash is said.
func (s Situation) whom() string {
	switch {
	case s.Alone != "":
		return s.Alone + " alone"
	case s.Room != "":
		return "everybody in " + s.Room
	}
	return "everybody"
}

// before is what is typed before a text to say it to the same ones.
func (s Situation) before() string {
	if s.Alone == "" {
		return "msg "
	}
	return s.ToAlone
}

// knows reports whether that is the name of somebody who was met, perhaps with
// an @ before it.
func (s Situation) knows(word string) bool {
	return s.Known != nil && s.Known(strings.TrimPrefix(word, "@"))
}

// knowsRoom reports whether that is the name of a room that was heard of.
func (s Situation) knowsRoom(word string) bool { return s.KnownRoom != nil && s.KnownRoom(word) }

// fits reports whether words can be what c needs, which was typed as word.
func (t *Table) fits(c *Command, word string, words []string, s Situation) bool {
	first := words[0]
	_, usual := ordinary[word]
	person := s.knows(first) || (!usual || habitual[word]) && protocol.CheckName(first) == nil
	alone := len(words) == 1
	switch c.What {
	case ArgPerson, ArgAsker, ArgPeer:
		text := strings.Contains(c.Args, "TEXT")
		yes := strings.Contains(c.Args, "yes") && len(words) == 2 && strings.EqualFold(words[1], "yes")
		return person && (alone || text || yes)
	case ArgRoom, ArgJoined:
		return s.knowsRoom(first) && (alone || strings.Contains(c.Args, "KEY") && isOdd(words[len(words)-1])) || c.fitsNumbers(words, s)
	case ArgMessage, ArgMine:
		return person && alone && strings.Contains(c.Args, "NAME") || c.fitsMessage(word, words)
	case ArgGuest:
		return person && (alone || len(words) == 2 && s.knowsRoom(words[1]) || strings.Contains(c.Args, "FOR") && isLasting(words[1]))
	case ArgNumber:
		return alone && isNumber(first)
	case ArgValue:
		return alone && slices.Contains(c.Values, first)
	case ArgCommand:
		return alone && (t.byWord[first] != nil || first == OfServer || topicNamed(first) != "")
	case ArgText, ArgReply:
		return word == "broadcast" || word == "reply" && s.Replies || c.What == ArgReply && c.fitsMessage(word, words)
	}
	return false
}

// fitsMessage reports whether words begin with the number of a message, and are nothing but
// numbers unless the command takes a text or a word behind it. "around 5" is a time of the day.
func (c *Command) fitsMessage(word string, words []string) bool {
	number, marked := strings.CutPrefix(words[0], "#")
	if !isNumber(number) || word == "around" && !marked {
		return false
	}
	text := strings.Contains(c.Args, "TEXT") || strings.Contains(c.Args, "WORD") || strings.Contains(c.Args, "WHY")
	return text || areNumbers(words[1:])
}

// fitsNumbers reports whether words are the numbers that the command takes, perhaps behind a
// room: "slow ops 10".
func (c *Command) fitsNumbers(words []string, s Situation) bool {
	if !strings.Contains(c.Args, "SECONDS") && !strings.Contains(c.Args, "DAYS") {
		return false
	}
	if len(words) > 1 && s.knowsRoom(words[0]) {
		words = words[1:]
	}
	return areNumbers(words)
}

func areNumbers(words []string) bool {
	return !slices.ContainsFunc(words, func(word string) bool { return !isNumber(word) })
}

func isNumber(word string) bool { return word != "" && strings.Trim(word, "0123456789") == "" }

// isLasting reports whether a word says how long something is to last.
func isLasting(word string) bool {
	_, is, _ := protocol.ParseLasting(word)
	return is
}

// ofPerson reports whether a name of somebody follows.
func (c *Command) ofPerson() bool {
	return c.What == ArgPerson || c.What == ArgAsker || c.What == ArgPeer || c.What == ArgGuest
}

// ofRoom reports whether a name of a room follows.
func (c *Command) ofRoom() bool {
	return c.What == ArgRoom || c.What == ArgNewRoom || c.What == ArgJoined
}

// addressee returns for whom alone a text behind msg seems to be meant, "" if for
// nobody: other chats have the name of the receiver there, and an @ or brackets
// around it, or several names with commas. A colon or a comma behind a name is how
// somebody is spoken to before all, which is what msg does.
func (s Situation) addressee(text string) string {
	first, _ := CutWord(text)
	if s.Known == nil || strings.HasSuffix(first, ",") {
		return ""
	}
	for name := range strings.SplitSeq(first, ",") {
		name = strings.Trim(name, "@<>()[]'\"")
		if s.Known(name) && !strings.EqualFold(name, s.Self) {
			return name
		}
	}
	return ""
}

// forOne is a text behind msg that seems to be meant for one person alone.
func (t *Table) forOne(name, text string, s Situation) Meaning {
	_, rest := CutWord(text)
	alone := form{"/dm " + name + " " + rest, "say it to " + name + " alone"}
	if rest == "" {
		alone = form{"/query " + name, "say all that follows to " + name + " alone"}
	}
	why := "Everybody reads what /msg says, so it was not said. Type one of these:"
	forms := []form{alone, {"/broadcast " + text, "say it to everybody"}}
	if s.Plain {
		why = "Everybody reads what /msg says, and this server knows no words for one alone.\nSo it was not said. Type this, or nothing:"
		forms = forms[1:]
	}
	m := choice(why, forms...)
	m.ForOne = true
	if rest == "" {
		m.Command, m.Arg = t.byWord["query"], name
	}
	return m
}

// mayBeCommand is a line that looks like c with arg and may have been meant to be
// said. word is how c was typed.
func mayBeCommand(c *Command, word, arg, line string, s Situation) Meaning {
	why := "That looks like a command, so it was said to nobody. Type one of these:"
	forms := []form{{strings.TrimSpace("/" + word + " " + arg), c.brief(s.Plain)}, {s.before() + line, "say that to " + s.whom()}}
	if s.Plain && c.Parley {
		why = "That looks like a command, which this server does not know. So it was not said.\nType this, or nothing:"
		forms = forms[1:]
	}
	m := choice(why, forms...)
	m.ForOne = c.ForOne
	return m
}

// mayBeAnswer is a yes or no while somebody asks for a private session.
func (s Situation) mayBeAnswer(line string) Meaning {
	return choice(s.Asker+" asks for a private session, so that was said to nobody. Type one of these:",
		form{"/accept " + s.Asker, "agree to it"}, form{"/decline " + s.Asker, "say no to it"},
		form{s.before() + line, "say that to " + s.whom()})
}

// mayBeName is a word where a name is asked for: a mistake if it is one of a
// command, or means to leave, and Nothing else.
func (t *Table) mayBeName(word string) Meaning {
	c := t.byWord[word]
	if leaving[word] {
		c = t.byWord["quit"]
	}
	if c == nil {
		return Meaning{}
	}
	forms := []form{{"/" + c.Name, c.brief(false)}}
	if c.needs() > 0 {
		forms[0].line = c.Syntax()
	}
	if protocol.CheckName(word) == nil {
		forms = append(forms, form{"login " + word, "log in with that name"})
	}
	return choice("That looks like a command and not like a name. Type one of these:", forms...)
}

// A form is a line that can be typed, and what it does.
type form struct{ line, does string }

// choice is a mistake that says what can be typed in its place.
func choice(why string, forms ...form) Meaning {
	const columns = 40
	var width runewidth.Condition
	longest := 0
	for i, f := range forms {
		forms[i].line = width.Truncate(printable.Line(f.line), columns, "...")
		longest = max(longest, width.StringWidth(forms[i].line))
	}
	for _, f := range forms {
		why += "\n" + width.FillRight(f.line, longest) + "  " + f.does
	}
	return Meaning{Kind: Mistake, Text: why}
}
