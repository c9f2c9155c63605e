package command

import (
	"fmt"
	"slices"
	"strings"
)

// A Topic is what a command is about, and what /help can tell about.
type Topic string

// The topics of commands.
const (
	Talk    Topic = "talk"
	Rooms   Topic = "rooms"
	People  Topic = "people"
	Past    Topic = "past"
	Order   Topic = "order"
	Private Topic = "private"
	You     Topic = "you"
	Program Topic = "program"
)

// The topics that are no commands.
const (
	Keys Topic = "keys"
)

// OfServer is the argument of /help that asks the server for its own help.
const OfServer = "server"

// topics are the topics in the order of /help, and what they tell about.
var topics = []struct {
	name  Topic
	about string
}{
	{Talk, "saying things to everybody, or to one person"},
	{Rooms, "rooms, and what is new in them"},
	{Past, "what was said earlier, and changing what you said"},
	{People, "who is here, and whom you want to hear"},
	{Order, "keeping order, and asking for it"},
	{Private, "private sessions: talk that the server cannot read"},
	{You, "your name, your password, and leaving"},
	{Program, "this program: the bell, the help"},
	{Keys, "the keys that do something, and what they bring back"},
}

// Facts are what the help depends on.
type Facts struct {
	Plain      bool   // the server knows nothing but the standard
	Alone      string // whom alone a line without a slash is for; "": it is for everybody
	Room       string // in that room; "" is the lobby
	Slash      bool   // no command works without its slash
	History    string // the file that keeps what was typed; "" if none does
	KeepsAlone bool   // it keeps what was for one person alone, too
}

// Help returns the answer to /help with what was typed behind it: a topic, a
// command, or nothing. It has at most 20 rows of 72 columns, so that it fits a
// terminal of 24 rows of 80 columns. It reports whether there is such a topic or
// command; if not, the answer says what to type.
func (t *Table) Help(about string, f Facts) (text string, ok bool) {
	about = strings.ToLower(strings.TrimSpace(about))
	word, slash := strings.CutPrefix(about, "/")
	if about == "" {
		return t.overview(f), true
	}
	if topic := topicNamed(word); topic != "" && !slash {
		return t.helpOn(topic, f), true
	}
	if c := t.Lookup(word); c != nil {
		return c.explain(word, f), true
	}
	if b := t.borrowed[word]; b != nil {
		return b.answer, true
	}
	if near := t.nearest(word); near != nil {
		return fmt.Sprintf("There is no command /%s. Did you mean /help %s?", word, near.Name), false
	}
	return fmt.Sprintf("There is no command or topic %s. /help lists both.", word), false
}

// topicNamed returns the topic of that name, "" if there is none.
func topicNamed(word string) Topic {
	for _, topic := range topics {
		if strings.EqualFold(string(topic.name), word) {
			return topic.name
		}
	}
	return ""
}

// overview is what is needed most, and the topics.
func (t *Table) overview(f Facts) string {
	var needed, more [][2]string
	var bare []string
	for i := range t.list {
		c := &t.list[i]
		if c.First && c.helps(f) {
			needed = append(needed, [2]string{c.syntax(f), c.brief(f.Plain)})
		}
		if c.Bare != NotBare {
			bare = append(bare, c.Name)
		}
	}
	for _, topic := range topics {
		if topic.name != Private && topic.name != Rooms || !f.Plain {
			more = append(more, [2]string{"/help " + string(topic.name), topic.about})
		}
	}
	more = append(more, [2]string{"/help COMMAND", "what it does, with an example"})
	to := "said to everybody"
	switch {
	case f.Alone == "nobody":
		to = "for nobody"
	case f.Alone != "":
		to = "for " + f.Alone + " alone"
	case f.Room != "":
		to = "said in " + f.Room
	}
	last := "These work without the slash, too: " + strings.Join(bare, ", ") + "."
	if f.Slash {
		last = "Commands need their slash here."
	}
	return "What you type is " + to + "; //text says /text. Needed most:" + rows(needed) +
		"\nThere is more:" + rows(more) + "\n" + last
}

// helps reports whether a command is of use with the server.
func (c *Command) helps(f Facts) bool { return !f.Plain || !c.Parley && !c.Private }

// brief is what the command does, in a list.
func (c *Command) brief(plain bool) string {
	if c.Short != "" && !(plain && c.Standard != "") {
		return c.Short
	}
	return c.does(plain)
}

// does is what the command does, with a server that knows nothing but the standard or not.
func (c *Command) does(plain bool) string {
	if plain && c.Standard != "" {
		return c.Standard
	}
	return c.Help
}

// rows are lines of two columns, each behind a newline.
func rows(list [][2]string) string {
	width := 0
	for _, r := range list {
		width = max(width, len(r[0]))
	}
	var b strings.Builder
	for _, r := range list {
		fmt.Fprintf(&b, "\n  %-*s  %s", width, r[0], r[1])
	}
	return b.String()
}

// helpOn is the answer to /help TOPIC.
func (t *Table) helpOn(topic Topic, f Facts) string {
	switch topic {
	case Keys:
		return "These keys do something while you type:" + rows(keys) + "\n" + aboutHistory(f)
	}
	var list [][2]string
	missing := false
	for i := range t.list {
		c := &t.list[i]
		switch {
		case c.Topic != topic:
		case c.helps(f):
			list = append(list, [2]string{c.syntax(f), c.brief(f.Plain)})
		default:
			missing = true
		}
	}
	var text string
	for _, x := range topics {
		if x.name == topic {
			text = strings.ToUpper(x.about[:1]) + x.about[1:] + rows(list)
		}
	}
	switch {
	case len(list) == 0:
		return "This server has nothing of that. It speaks the standard protocol only.\n/help lists what there is."
	case missing:
		text += "\nThis server speaks the standard protocol only, which has no more."
	case topic == Private:
		text += "\nWhere one person asks, or one session is open, the name can be left out."
	}
	first, _ := CutWord(list[0][0])
	return text + "\n/help /COMMAND explains one, such as /help " + first
}

// explain is the answer to /help COMMAND, which was typed as word.
func (c *Command) explain(word string, f Facts) string {
	does := c.does(f.Plain)
	text := c.syntax(f) + ": " + does + "."
	if word != c.Name {
		text = fmt.Sprintf("/%s is /%s here.\n%s", word, c.Name, text)
	}
	if len(text)-strings.LastIndexByte(text, '\n') > helpWidth {
		text = strings.Replace(text, ": "+does, ":\n  "+does, 1)
	}
	if c.Example != "" && !(f.Plain && c.ArgsParley) {
		text += "\n  Example: " + c.Example
	}
	if len(c.Aliases) > 0 && !slices.Contains(c.Aliases, word) {
		text += "\n  Also: /" + strings.Join(c.Aliases, ", /") + "."
	}
	if c.Bare != NotBare && !f.Slash {
		text += "\n  It works without the slash, too."
	}
	if !c.helps(f) {
		text += "\n  This server does not know it: it speaks the standard protocol only."
	}
	return text
}

// helpWidth is how many columns a row of help may have: those of a terminal of 80
// but what stands before a notice.
const helpWidth = 72

// keys are the keys and what they do. See package terminal.
var keys = [][2]string{
	{"Tab", "completes commands and names; again: lists them"},
	{"Up, Down", "bring back what you have typed"},
	{"Ctrl-R", "searches what you typed; Ctrl-G ends the search"},
	{"Alt-Enter, Ctrl-J", "begin a new line of the same message"},
	{"a paste", "of several lines is one message; Enter sends it"},
	{"Ctrl-A, Ctrl-E", "go to the beginning and the end of the line"},
	{"Ctrl-W, Ctrl-U", "delete the word, or all, before the cursor"},
	{"Ctrl-L", "draws the screen anew"},
	{"Ctrl-C", "gives up the line; twice, leaves"},
	{"Ctrl-D", "leaves, if nothing is typed"},
}

// aboutHistory tells where what was typed is kept.
func aboutHistory(f Facts) string {
	text := "Passwords are never kept.\n"
	if f.History == "" {
		return text + "Nothing is kept when you leave. That is set by history-file: off."
	}
	if !f.KeepsAlone {
		text += "What is for one person alone is forgotten when you leave.\n"
	}
	return text + "What you type is kept for the next time in\n  " + f.History +
		"\nwhich only you can read. To switch that off, start with\n  parley chat --history-file off\nor put {\"chat\": {\"history-file\": \"off\"}} into the config file."
}
