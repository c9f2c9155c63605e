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
	Sealed   bool   // bytes between peers, which nobody is shown
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
	Cost     int    // units of what its user may send that it uses, of which a message uses MessageCost; 0: another limit holds, and it waits for nothing
	Secret   bool   // what follows may be a password: it is not logged and not remembered
	ReadOnly bool   // its answer is all that it brings about: who has gone needs it no more
	Idle     bool   // a program asks, not a person: it does not count as activity, and never waits because too much was sent
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

// Parse returns the verb's arguments, as many as the table says. None has a control character
// but newlines and tabs, if it is no password and not sealed. A verb without
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
		if a.Secret || a.Sealed {
			continue
		}
		if err := checkArgument(args[i]); err != nil {
			return nil, err
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
