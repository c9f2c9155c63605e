package client

import (
	"fmt"
	"strings"

	"github.com/agnivade/levenshtein"

	"parley/protocol"
)

// A Command is one row of the table of what can be typed. Dispatch, the check
// of arguments, /help and completion all come from it.
type Command struct {
	Name    string
	Aliases []string
	Args    string   // the syntax of what follows the name: "NAME", "[COMMAND]", "" for nothing
	Values  []string // all that may follow; nil if that cannot be listed
	Bare    bareForm // whether it works without a slash
	Help    string   // one line
	What    argument // what its argument is, for completion
	run     func(a *App, arg string)
}

// An argument is what kind of thing follows a command.
type argument uint8

const (
	noArgument argument = iota
	argText             // anything; names in it are completed
	argName             // a name that is not yet taken
	argCommand          // a command
	argValue            // one of Values
)

// A bareForm says which argument lets a command be typed without its slash, as
// the specification of the protocol writes it.
type bareForm uint8

const (
	notBare   bareForm = iota
	bareAlone          // nothing may follow
	bareName           // one valid name
	bareText           // some text
)

// Syntax returns the command as it is typed, such as "/login NAME".
func (c *Command) Syntax() string {
	return strings.TrimSpace("/" + c.Name + " " + c.Args)
}

// refuses returns a sentence that says why the command cannot be run with arg,
// "" if it can.
func (c *Command) refuses(arg string) string {
	required := c.Args != "" && !strings.HasPrefix(c.Args, "[")
	switch {
	case arg == "" && required:
		return fmt.Sprintf("/%s needs more: type %s", c.Name, c.Syntax())
	case arg != "" && c.Args == "":
		return fmt.Sprintf("/%s stands alone: type it without anything behind it.", c.Name)
	case arg == "" || c.Values == nil:
		return ""
	}
	for _, v := range c.Values {
		if strings.EqualFold(v, arg) {
			return ""
		}
	}
	return fmt.Sprintf("/%s knows %s.", c.Name, strings.Join(c.Values, ", "))
}

// Commands is the table.
type Commands struct {
	list   []Command
	byWord map[string]*Command // names and aliases
}

// NewCommands returns the table. What is a verb of the protocol has its
// arguments and its help from the table of verbs.
func NewCommands() *Commands {
	verbs := protocol.NewVerbs()
	t := &Commands{list: []Command{
		ofVerb(verbs, Command{Name: "login", What: argName, Bare: bareName, run: (*App).cmdLogin}),
		ofVerb(verbs, Command{Name: "msg", What: argText, Bare: bareText, run: (*App).cmdMsg}),
		ofVerb(verbs, Command{Name: "names", Bare: bareAlone, run: (*App).cmdNames}),
		{Name: "help", Args: "[COMMAND]", What: argCommand, Bare: bareAlone, run: (*App).cmdHelp,
			Help: "list the commands or explain one; /help server asks the server"},
		{Name: "bell", Args: "[" + strings.Join(bellModes(), "|") + "]", What: argValue, Values: bellModes(), run: (*App).cmdBell,
			Help: "ring never, when somebody says your name, or for all messages"},
		ofVerb(verbs, Command{Name: "logout", Bare: bareAlone, run: (*App).cmdLogout}),
		{Name: "quit", Aliases: []string{"exit"}, run: (*App).cmdQuit,
			Help: "leave, as Ctrl-D does"},
	}}
	t.byWord = make(map[string]*Command)
	for i := range t.list {
		c := &t.list[i]
		t.byWord[c.Name] = c
		for _, alias := range c.Aliases {
			t.byWord[alias] = c
		}
	}
	return t
}

// ofVerb completes a command that sends the verb of its name.
func ofVerb(verbs *protocol.Verbs, c Command) Command {
	v := verbs.Lookup(c.Name)
	_, c.Args, _ = strings.Cut(v.Syntax(), " ")
	c.Help = v.Help
	return c
}

// List returns the commands in the order of the table.
func (t *Commands) List() []Command { return t.list }

// Lookup returns the command for a word in any case, nil if there is none.
func (t *Commands) Lookup(word string) *Command { return t.byWord[strings.ToLower(word)] }

// nearest returns the command that a mistyped word most resembles, nil if none
// does.
func (t *Commands) nearest(word string) *Command {
	const limit = 2 // letters to change; of a short word fewer than its half
	word = strings.ToLower(word)
	best, distance := (*Command)(nil), limit+1
	for i := range t.list {
		for _, name := range append([]string{t.list[i].Name}, t.list[i].Aliases...) {
			d := levenshtein.ComputeDistance(word, name)
			if strings.HasPrefix(name, word) && word != "" {
				d = min(d, 1)
			}
			if d < distance && d*2 <= len(name) {
				best, distance = &t.list[i], d
			}
		}
	}
	return best
}

// helpText returns the answer to /help.
func (t *Commands) helpText() string {
	width := 0
	for i := range t.list {
		width = max(width, len(t.list[i].Syntax()))
	}
	lines := []string{"What you type is said to everybody. Lines with a slash are commands:"}
	var bare []string
	for i := range t.list {
		c := &t.list[i]
		lines = append(lines, fmt.Sprintf("%-*s  %s", width, c.Syntax(), c.Help))
		if c.Bare != notBare {
			bare = append(bare, c.Name)
		}
	}
	lines = append(lines,
		fmt.Sprintf("%-*s  %s", width, "//text", "say /text"),
		"These work without the slash, too: "+strings.Join(bare, ", ")+".",
		"Tab completes commands and names. Ctrl-D leaves.")
	return strings.Join(lines, "\n")
}

// helpOn returns the answer to /help COMMAND.
func (t *Commands) helpOn(c *Command) string {
	s := c.Syntax() + ": " + c.Help + "."
	if len(c.Aliases) > 0 {
		s += " Also: /" + strings.Join(c.Aliases, ", /") + "."
	}
	if c.Bare != notBare {
		s += " It works without the slash, too."
	}
	return s
}

func (a *App) cmdLogin(name string) {
	if err := protocol.CheckName(name); err != nil {
		a.tell(ToneError, "%s", err.Text)
		return
	}
	if a.phase == loggedIn {
		a.tell(ToneError, "You are logged in as %s already. To change the name, /logout and start again. To say it, type: msg login %s", a.name, name)
		return
	}
	if a.phase == loggingIn {
		a.tell(ToneError, "The login as %s has not been answered yet. Wait a moment.", a.name)
		return
	}
	a.loginAs(name)
}

func (a *App) cmdMsg(text string) { a.say(text) }

func (a *App) cmdNames(string) {
	if a.ask("names") {
		a.namesAsked = true
	}
}

// helpOfServer is the argument of /help that asks the server for its own help.
const helpOfServer = "server"

func (a *App) cmdHelp(about string) {
	about = strings.TrimPrefix(about, "/")
	switch c := a.commands.Lookup(about); {
	case about == helpOfServer:
		a.ask("help")
	case c != nil:
		a.tell(ToneNotice, "%s", a.commands.helpOn(c))
	case about != "":
		a.tell(ToneError, "There is no command /%s. %s", about, a.commands.advice(about))
	default:
		a.tell(ToneNotice, "%s", a.commands.helpText())
		if a.phase >= connected && a.manner != extended {
			a.ask("help")
		}
	}
}

func (a *App) cmdBell(when string) {
	if when == "" {
		a.tell(ToneNotice, "The bell rings for: %s. Change it with /bell %s.", a.bell, strings.Join(bellModes(), "|"))
		return
	}
	a.bell = BellMode(strings.ToLower(when))
	a.tell(ToneNotice, "The bell rings for: %s.", a.bell)
}

func (a *App) cmdLogout(string) {
	if a.phase < loggingIn {
		a.tell(ToneError, "You are not logged in. /quit leaves.")
		return
	}
	a.leave()
}

func (a *App) cmdQuit(string) { a.leave() }

// A BellMode says for which messages the terminal's bell rings.
type BellMode string

// The modes of the bell.
const (
	BellOff      BellMode = "off"
	BellMentions BellMode = "mentions"
	BellAll      BellMode = "all"
)

func bellModes() []string {
	return []string{string(BellOff), string(BellMentions), string(BellAll)}
}
