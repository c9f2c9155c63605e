package protocol

import (
	"fmt"
	"strings"
)

// States are the states of a session in which a verb is allowed.
type States uint8

// The states of a session.
const (
	LoggedOut States = 1 << iota
	LoggedIn
)

// Shows is what the answer to a verb shows, so behind what it stands: nobody is shown
// what is not safe yet.
type Shows uint8

// What an answer shows. There is no other: 0 is a row of the table that says nothing.
const (
	ShowsNothing  Shows = iota + 1 // nothing that others have brought about, or there is no answer: it waits for nothing
	ShowsPresence                  // who is there, and what is forgotten with them: it waits for nothing
	ShowsKept                      // what is kept: it waits until all that was decided before it is
)

// An Arg is one argument of a verb. As a string the arguments stand behind each
// other, separated by white space, the last one taking all that is left; in an
// object each is a field.
type Arg struct {
	Name     string // of the field, and in upper case in the syntax
	Optional bool   // may be missing, as those behind it
	Field    bool   // only in an object; stands behind those of the string
	Secret   bool   // a password, which may have blanks: see Secret
	Number   bool   // a whole number: in an object it may be one of JSON, or a string of its digits
}

// A Verb is one row of the table of requests. Parsing, permission, cost, help,
// completion and the table in the README all come from it.
type Verb struct {
	Name     string
	Aliases  []string
	Args     []Arg
	Form     string // its arguments as they are typed, if that is not what Args say
	States   States // in which it is allowed
	Shows    Shows  // what its answer shows
	Cost     int    // units of the session's rate limit that it uses; 0: another limit holds, and it waits for nothing
	Secret   bool   // what follows may be a password: it is not logged and not remembered
	Idle     bool   // a program asks, not a person: it does not count as activity
	Extended bool   // only extended sessions have it
	Order    bool   // for those who keep order
	Help     string // one line
	More     string // what the help of it alone says beside; "": nothing
}

// Syntax returns the verb as it is typed, such as "login NAME". Where one password
// follows another, quotes tell where each ends.
func (v *Verb) Syntax() string {
	s := v.Name
	if v.Form != "" {
		return s + " " + v.Form
	}
	for _, a := range v.Args {
		if a.Field {
			continue
		}
		name := strings.ToUpper(a.Name)
		if a.Secret && v.words() > 1 {
			name = `"` + name + `"`
		}
		if a.Optional {
			name = "[" + name + "]"
		}
		s += " " + name
	}
	return s
}

// Parse returns the verb's arguments, as many as the table says. A verb without
// arguments ignores what its content says: clients send all kinds of words there. Whether
// a string is a number is for who carries the verb out to see.
func (v *Verb) Parse(c Content) ([]string, *Error) {
	args := make([]string, len(v.Args))
	if c.wrong != "" {
		return nil, v.wrongType(c.wrong)
	}
	if len(args) == 0 {
		return args, nil
	}
	if c.Fields != nil || c.pairs != nil {
		for i, a := range v.Args {
			odd, is := c.odd[a.Name]
			switch {
			case is && a.Number && odd.digits == "":
				return nil, Errorf(BadRequest, `"%s" in the content of %s must be a whole number, such as 12.`, a.Name, v.Name)
			case is && !a.Number:
				return nil, Errorf(BadRequest, `"%s" in the content of %s must be a string, not %s.`, a.Name, v.Name, odd.is)
			case is:
				args[i] = odd.digits
			default:
				args[i] = c.field(a.Name)
			}
		}
	} else if !v.Args[0].Optional || c.Text != "None" { // as some clients write that there is nothing
		if err := v.split(args[:v.words()], c.Text); err != nil {
			return nil, err
		}
	}
	for i, a := range v.Args {
		if args[i] == "" && !a.Optional {
			return nil, Errorf(BadRequest, "%s is missing its %s. Use:", v.Name, a.Name).WithCommands(v.Syntax())
		}
	}
	return args, nil
}

func (v *Verb) wrongType(is string) *Error {
	if len(v.Args) == 0 {
		return Errorf(BadRequest, "The content of %s must be null, not %s.", v.Name, is)
	}
	return Errorf(BadRequest, `The content of %s must be a string, not %s: "%s".`, v.Name, is, strings.TrimPrefix(v.Syntax(), v.Name+" "))
}

// words returns how many arguments a string can have.
func (v *Verb) words() int {
	n := len(v.Args)
	for n > 0 && v.Args[n-1].Field {
		n--
	}
	return n
}

// split puts the words of s into args and what is left into the last one, as it
// is: a text keeps its white space, and a name with a newline is not a name. A
// password before others is one word or stands in quotes; where it ends is never
// guessed, since a wrong one counts.
func (v *Verb) split(args []string, s string) *Error {
	last := len(args) - 1
	for i := range args[:last] {
		s = strings.TrimLeft(s, blanks)
		secret, rest, quoted := cutQuoted(s)
		if v.Args[i].Secret && quoted {
			args[i], s = secret, strings.TrimLeft(rest, blanks)
			continue
		}
		end := strings.IndexAny(s, blanks)
		if end < 0 {
			args[i] = s
			return nil
		}
		args[i], s = s[:end], s[end+1:]
		if v.Args[i].Secret && Secret(s) == s && strings.ContainsAny(strings.Trim(s, blanks), blanks) {
			return Errorf(BadRequest, `It is not clear where the %s one ends. Use double quotes:`, v.Args[i].Name).WithCommands(v.Syntax())
		}
	}
	if args[last] = s; v.Args[last].Secret {
		args[last] = Secret(s)
	}
	return nil
}

const blanks = " \t\r\n"

// Secret returns a password as it is typed: all of s with its blanks or, if that
// stands in double quotes, what is in them. There a backslash stands before a quote
// or a backslash of the password.
func Secret(s string) string {
	if secret, rest, quoted := cutQuoted(strings.Trim(s, blanks)); quoted && rest == "" {
		return secret
	}
	return s
}

// cutQuoted returns what stands in quotes at the beginning of s, and what behind
// them. What is not quoted up to the end of a word is not quoted.
func cutQuoted(s string) (inside, rest string, ok bool) {
	if !strings.HasPrefix(s, `"`) {
		return "", s, false
	}
	var b strings.Builder
	for i := 1; i < len(s); i++ {
		switch {
		case s[i] == '"':
			rest = s[i+1:]
			return b.String(), rest, rest == "" || strings.IndexByte(blanks, rest[0]) >= 0
		case s[i] == '\\' && i+1 < len(s) && (s[i+1] == '"' || s[i+1] == '\\'):
			i++
		}
		b.WriteByte(s[i])
	}
	return "", s, false
}

// Verbs is the table of requests.
type Verbs struct {
	list   []Verb
	byWord map[string]*Verb
}

// NewVerbs returns the table.
func NewVerbs() *Verbs {
	t := &Verbs{list: []Verb{
		{Name: "login", Args: []Arg{{Name: "name"}, {Name: "password", Optional: true, Field: true, Secret: true}}, States: LoggedOut, Shows: ShowsKept, Cost: 5, Secret: true,
			Help: "log in with a name of letters and digits"},
		{Name: "logout", Args: []Arg{{Name: "id", Optional: true, Number: true}}, States: LoggedIn, Shows: ShowsNothing, Cost: 1,
			Help: "log out, or end another session of yours"},
		{Name: "msg", Aliases: []string{"message", "broadcast"}, Args: []Arg{{Name: "text"}, {Name: "room", Optional: true, Field: true}, {Name: "re", Optional: true, Field: true, Number: true}}, States: LoggedIn, Shows: ShowsKept, Cost: 1,
			Help: "say something in your room, at first the lobby"},
		{Name: "names", Args: []Arg{{Name: "room", Optional: true}}, States: LoggedIn, Shows: ShowsPresence, Cost: 2,
			Help: "list who is connected, or who of a room"},
		{Name: "help", Args: []Arg{{Name: "request", Optional: true}}, States: LoggedOut | LoggedIn, Shows: ShowsNothing, Cost: 2,
			Help: "list the requests, or tell about one"},
		{Name: "join", Args: []Arg{{Name: "room"}, {Name: "key", Optional: true, Secret: true}}, Form: "ROOM [KEY]", States: LoggedIn, Shows: ShowsKept, Cost: 5, Secret: true,
			Help: "go into a room, where you talk from now on"},
		{Name: "leave", Args: []Arg{{Name: "room", Optional: true}}, States: LoggedIn, Shows: ShowsKept, Cost: 2,
			Help: "leave a room"},
		{Name: "rooms", States: LoggedIn, Shows: ShowsKept, Cost: 5,
			Help: "list the rooms"},
		{Name: "create", Args: []Arg{{Name: "room"}, {Name: "mode", Optional: true}, {Name: "key", Optional: true, Secret: true}}, Form: "ROOM [private|key KEY]", States: LoggedIn, Shows: ShowsKept, Cost: 5, Secret: true,
			Help: "make a room, for all or for who has an invitation or the key"},
		{Name: "topic", Args: []Arg{{Name: "text", Optional: true}, {Name: "room", Optional: true, Field: true}}, States: LoggedIn, Shows: ShowsKept, Cost: 2,
			Help: "tell what your room is about, or change it; - is nothing"},
		{Name: "invite", Args: []Arg{{Name: "name"}, {Name: "room", Optional: true}}, States: LoggedIn, Shows: ShowsKept, Cost: 5,
			Help: "let a person join your room or another"},
		{Name: "read", Args: []Arg{{Name: "room", Optional: true}, {Name: "id", Optional: true, Number: true}, {Name: "name", Optional: true, Field: true}}, Form: "ROOM|NAME ID", States: LoggedIn, Shows: ShowsKept, Cost: 1, Idle: true,
			Help: "note up to which message you have read, with an account"},
		{Name: "unread", States: LoggedIn, Shows: ShowsKept, Cost: 10,
			Help: "list what you have not read"},
		{Name: "history", Args: []Arg{{Name: "room", Optional: true}, {Name: "with", Optional: true, Field: true}, {Name: "before", Optional: true, Field: true, Number: true},
			{Name: "after", Optional: true, Field: true, Number: true}, {Name: "around", Optional: true, Field: true, Number: true}, {Name: "count", Optional: true, Field: true, Number: true}},
			Form: "[ROOM|with:NAME] [before|after|around ID] [COUNT]", States: LoggedIn, Shows: ShowsKept, Cost: 10,
			Help: "show what was said earlier in a room, or between you and a person"},
		{Name: "search", Args: []Arg{{Name: "words"}, {Name: "from", Optional: true, Field: true}, {Name: "in", Optional: true, Field: true}, {Name: "with", Optional: true, Field: true},
			{Name: "before", Optional: true, Field: true}, {Name: "after", Optional: true, Field: true}, {Name: "page", Optional: true, Field: true, Number: true}},
			Form: "WORDS [from:NAME] [in:ROOM] [with:NAME] [before:DATE] [after:DATE]", States: LoggedIn, Shows: ShowsKept, Cost: 20,
			Help: "find messages by their words"},
		{Name: "edit", Args: []Arg{{Name: "id", Number: true}, {Name: "text"}}, States: LoggedIn, Shows: ShowsKept, Cost: 2,
			Help: "give a message of yours another text"},
		{Name: "remove", Args: []Arg{{Name: "id", Number: true}, {Name: "why", Optional: true}}, States: LoggedIn, Shows: ShowsKept, Cost: 2,
			Help: "take away a message of yours, or of others if you keep order"},
		{Name: "react", Args: []Arg{{Name: "id", Number: true}, {Name: "word"}}, Form: "ID WORD|EMOJI", States: LoggedIn, Shows: ShowsKept, Cost: 2,
			Help: "put a word or an emoji to a message"},
		{Name: "unreact", Args: []Arg{{Name: "id", Number: true}, {Name: "word"}}, Form: "ID WORD|EMOJI", States: LoggedIn, Shows: ShowsKept, Cost: 2,
			Help: "take that back"},
		{Name: "report", Args: []Arg{{Name: "about"}, {Name: "why", Optional: true}}, Form: "ID|NAME [WHY]", States: LoggedIn, Shows: ShowsKept, Cost: 10,
			Help: "tell those who keep order of a message or a person"},
		{Name: "export", Args: []Arg{{Name: "after", Optional: true, Number: true}}, Form: "[after NUMBER]", States: LoggedIn, Shows: ShowsKept, Cost: 20,
			Help: "get all that is kept of you, as JSON lines"},
		{Name: "forget", Args: []Arg{{Name: "me"}, {Name: "name", Optional: true}, {Name: "texts", Optional: true}}, Form: "me [NAME] [texts]", States: LoggedIn, Shows: ShowsKept, Cost: 10,
			Help: "delete your account and what is yours"},
		{Name: "kick", Args: []Arg{{Name: "name"}, {Name: "room", Optional: true}, {Name: "why", Optional: true}}, States: LoggedIn, Shows: ShowsKept, Cost: 2, Order: true,
			Help: "end a person's sessions, or have them leave a room", More: aboutPlace},
		{Name: "mute", Args: []Arg{{Name: "name"}, {Name: "room", Optional: true}, {Name: "for", Optional: true}, {Name: "why", Optional: true}}, States: LoggedIn, Shows: ShowsKept, Cost: 2, Order: true,
			Help: "have a person say nothing, for a time or for ever", More: aboutEnd + " " + aboutPlace},
		{Name: "unmute", Args: []Arg{{Name: "name"}, {Name: "room", Optional: true}}, States: LoggedIn, Shows: ShowsKept, Cost: 2, Order: true,
			Help: "let a person speak again", More: aboutPlace},
		{Name: "ban", Args: []Arg{{Name: "who"}, {Name: "room", Optional: true}, {Name: "for", Optional: true}, {Name: "why", Optional: true}}, Form: "NAME|ADDRESS|CIDR [ROOM] [FOR] [WHY]", States: LoggedIn, Shows: ShowsKept, Cost: 2, Order: true,
			Help: "keep a person, or who comes from an address, out", More: aboutEnd + " " + aboutPlace + " " + aboutAddress},
		{Name: "unban", Args: []Arg{{Name: "who"}, {Name: "room", Optional: true}}, Form: "NAME|ADDRESS|CIDR [ROOM]", States: LoggedIn, Shows: ShowsKept, Cost: 2, Order: true,
			Help: "let them in again", More: aboutPlace + " " + aboutAddress},
		{Name: "bans", Args: []Arg{{Name: "room", Optional: true}}, States: LoggedIn, Shows: ShowsKept, Cost: 5, Order: true,
			Help: "list who is banned or muted", More: aboutPlace},
		{Name: "role", Args: []Arg{{Name: "name"}, {Name: "role"}, {Name: "room", Optional: true}}, Form: "NAME owner|moderator|none [ROOM]", States: LoggedIn, Shows: ShowsKept, Cost: 2, Order: true,
			Help: "say who keeps order, here or in a room", More: aboutPlace},
		{Name: "announce", Args: []Arg{{Name: "text"}}, States: LoggedIn, Shows: ShowsKept, Cost: 10, Order: true,
			Help: "tell everybody something who is connected"},
		{Name: "lockdown", Args: []Arg{{Name: "mode"}, {Name: "why", Optional: true}}, Form: "on|off [WHY]", States: LoggedIn, Shows: ShowsKept, Cost: 2, Order: true,
			Help: "let no new guests in and no names be registered"},
		{Name: "slow", Args: []Arg{{Name: "room"}, {Name: "seconds", Number: true}}, States: LoggedIn, Shows: ShowsKept, Cost: 2, Order: true,
			Help: "have each person wait between two messages in a room"},
		{Name: "reports", States: LoggedIn, Shows: ShowsKept, Cost: 5, Order: true,
			Help: "list what was reported"},
		{Name: "audit", Args: []Arg{{Name: "room", Optional: true}, {Name: "name", Optional: true}, {Name: "before", Optional: true, Field: true, Number: true}}, Form: "[ROOM] [NAME] [before ID]", States: LoggedIn, Shows: ShowsKept, Cost: 10, Order: true,
			Help: "list who has done what to keep order"},
		{Name: "versions", Args: []Arg{{Name: "id", Number: true}}, States: LoggedIn, Shows: ShowsKept, Cost: 5, Order: true,
			Help: "show what an edited message said before"},
		{Name: "keep", Args: []Arg{{Name: "room"}, {Name: "days", Optional: true, Number: true}, {Name: "messages", Optional: true, Number: true}}, Form: "ROOM [DAYS] [MESSAGES]", States: LoggedIn, Shows: ShowsKept, Cost: 2, Order: true,
			Help: "say how much is kept of a room of yours; - is as the server says"},
		{Name: "sessions", States: LoggedIn, Shows: ShowsPresence, Cost: 2,
			Help: "list where you are logged in"},
		{Name: "dm", Args: []Arg{{Name: "name"}, {Name: "text"}, {Name: "re", Optional: true, Field: true, Number: true}}, States: LoggedIn, Shows: ShowsKept, Cost: 1,
			Help: "say something to one person, who need not be connected if registered"},
		{Name: "seen", Args: []Arg{{Name: "number", Number: true}}, States: LoggedIn, Shows: ShowsNothing, Idle: true, Extended: true,
			Help: "say that you have seen the direct messages up to a number; there is no answer"},
		{Name: "whoelse", States: LoggedIn, Shows: ShowsPresence, Cost: 2,
			Help: "list who else is connected"},
		{Name: "whoelsesince", Args: []Arg{{Name: "seconds", Number: true}}, States: LoggedIn, Shows: ShowsPresence, Cost: 5,
			Help: "list who else was connected within the last seconds"},
		{Name: "whois", Args: []Arg{{Name: "name"}}, States: LoggedIn, Shows: ShowsPresence, Cost: 2,
			Help: "tell about a person: connected, away, idle, registered"},
		{Name: "away", Args: []Arg{{Name: "text", Optional: true}}, States: LoggedIn, Shows: ShowsPresence, Cost: 2,
			Help: "tell others that you are away, and why"},
		{Name: "back", States: LoggedIn, Shows: ShowsPresence, Cost: 2,
			Help: "tell others that you are back"},
		{Name: "block", Args: []Arg{{Name: "name"}}, States: LoggedIn, Shows: ShowsKept, Cost: 2,
			Help: "hear nothing more of a person"},
		{Name: "unblock", Args: []Arg{{Name: "name"}}, States: LoggedIn, Shows: ShowsKept, Cost: 2,
			Help: "hear a person again"},
		{Name: "blocked", States: LoggedIn, Shows: ShowsKept, Cost: 2,
			Help: "list whom you have blocked"},
		{Name: "register", Args: []Arg{{Name: "password", Secret: true}}, States: LoggedIn, Shows: ShowsKept, Cost: 50, Secret: true,
			Help: "protect your name with a password from now on"},
		{Name: "passwd", Args: []Arg{{Name: "old", Secret: true}, {Name: "new", Secret: true}}, States: LoggedIn, Shows: ShowsKept, Cost: 50, Secret: true,
			Help: "change your password"},
		{Name: "ping", Args: []Arg{{Name: "state", Optional: true}}, States: LoggedOut | LoggedIn, Shows: ShowsNothing, Cost: 1, Idle: true,
			Help: "ask whether the server is there; \"active\" says that a person is, too"},
		{Name: "startprivate", Args: []Arg{{Name: "name"}, {Name: "fingerprint", Optional: true}, {Name: "paths", Optional: true}}, States: LoggedIn, Shows: ShowsPresence, Cost: 5, Extended: true,
			Help: "ask a person for a private session"},
		{Name: "acceptprivate", Args: []Arg{{Name: "name"}, {Name: "fingerprint", Optional: true}, {Name: "paths", Optional: true}}, States: LoggedIn, Shows: ShowsPresence, Cost: 2, Extended: true,
			Help: "agree to a private session with a person"},
		{Name: "declineprivate", Args: []Arg{{Name: "name"}}, States: LoggedIn, Shows: ShowsPresence, Cost: 2, Extended: true,
			Help: "do not agree to a private session"},
		{Name: "stopprivate", Args: []Arg{{Name: "name"}}, States: LoggedIn, Shows: ShowsPresence, Cost: 2, Extended: true,
			Help: "withdraw an invitation, or end what is relayed"},
		{Name: "relay", Args: []Arg{{Name: "name"}, {Name: "session", Number: true}, {Name: "credit", Number: true}, {Name: "data", Optional: true}}, States: LoggedIn, Shows: ShowsNothing, Idle: true, Extended: true,
			Help: "pass sealed bytes on in a private session; its window limits it"},
	}}
	t.byWord = make(map[string]*Verb)
	for i := range t.list {
		v := &t.list[i]
		t.byWord[v.Name] = v
		for _, a := range v.Aliases {
			t.byWord[a] = v
		}
	}
	return t
}

// List returns the verbs in the order of the table.
func (t *Verbs) List() []Verb { return t.list }

// Lookup returns the verb for a word in lower case, nil if there is none.
func (t *Verbs) Lookup(word string) *Verb { return t.byWord[word] }

// standard is how many verbs the table begins with that are the standard's.
const standard = 5

// What the help of verbs says that keep order.
const (
	aboutEnd = "FOR is like 90s, 10m, 2h, 7d or 1h30m; without it there is no end. An end is a date by the clock that the server had when it started: if that clock is set, ends come sooner or later from the next start on, and nothing else changes."

	aboutPlace = "Without ROOM it is about your current room, and in the lobby about the whole server. A word behind NAME is ROOM if there is a room of that name, but what reads like FOR is FOR."

	aboutAddress = "An ADDRESS holds in the whole server. One of IPv6 stands for its network, the first 64 bits: most people have that many to themselves."
)

// HelpText returns the answer to help: a line per verb. For plain sessions it has only
// those that they can use, and of ours no more than their names, so that it is one short
// response: some plain clients read 1,024 bytes once for each of their requests.
func (t *Verbs) HelpText(extended bool) string {
	lines := []string{"Requests:"}
	var more []string
	for i := range t.list {
		v := &t.list[i]
		switch {
		case extended || i < standard:
			lines = append(lines, v.HelpLine())
		case !v.Extended && !v.Order:
			more = append(more, v.Name)
		}
	}
	if more != nil {
		lines = append(lines, "And: "+strings.Join(more, ", "), "How these are typed: help REQUEST. To keep order: help "+OrderTopic)
	}
	return strings.Join(lines, "\n")
}

// OrderTopic is what one asks help for to be told the verbs of those who keep order.
const OrderTopic = "order"

// OrderHelp returns the answer to that: how these verbs are typed.
func (t *Verbs) OrderHelp() string {
	var typed []string
	for i := range t.list {
		if v := &t.list[i]; v.Order {
			typed = append(typed, v.Syntax())
		}
	}
	return "For those who keep order: " + strings.Join(typed, ", ") + "\nMore about one of them: help REQUEST, such as help ban"
}

// HelpLine tells how a verb is typed and what it does.
func (v *Verb) HelpLine() string { return v.Syntax() + ": " + v.Help }

// HelpAlone is HelpLine with what there is to say more.
func (v *Verb) HelpAlone() string {
	if v.More == "" {
		return v.HelpLine()
	}
	return v.HelpLine() + ". " + v.More
}

// Markdown returns the table as the README shows it.
func (t *Verbs) Markdown() string {
	var b strings.Builder
	b.WriteString("| request | also | fields of content | when | cost | what it does |\n|---|---|---|---|---:|---|\n")
	for i := range t.list {
		v := &t.list[i]
		var fields []string
		for _, a := range v.Args {
			fields = append(fields, "`"+a.Name+"`")
		}
		when := v.States.String()
		if v.Extended {
			when += ", extended"
		}
		syntax := strings.ReplaceAll(v.Syntax(), "|", `\|`) // else it would end the cell
		fmt.Fprintf(&b, "| `%s` | %s | %s | %s | %d | %s |\n", syntax, strings.Join(v.Aliases, ", "),
			strings.Join(fields, ", "), when, v.Cost, v.Help)
	}
	return b.String()
}

func (s States) String() string {
	switch s {
	case LoggedOut:
		return "before login"
	case LoggedIn:
		return "after login"
	}
	return "always"
}
