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
	Short   string   // the same in the list of all commands, where Help is too long
	Group   group    // under which it is listed
	Beside  bool     // in the list it shares the line of the command before it
	Parley  bool     // only a server that speaks Parley's extension knows it
	Private bool     // it is about private sessions, which not every chat has
	Secret  bool     // what is typed behind it may be a password: it is not remembered
	What    argument // what its argument is, for completion
	run     func(a *App, arg string)
}

// An argument is what kind of thing follows a command.
type argument uint8

const (
	noArgument argument = iota
	argText             // anything; names in it are completed
	argName             // a name that is not yet taken
	argPerson           // the name of somebody, then a text if the command takes one
	argNumber           // digits
	argCommand          // a command
	argValue            // one of Values
	argAsker            // the name of somebody who asks for a private session
	argPeer             // the name of somebody with whom there is one, then a text if the command takes one
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

// needs returns how many words must follow the command.
func (c *Command) needs() (n int) {
	for _, arg := range strings.Fields(c.Args) {
		if !strings.HasPrefix(arg, "[") {
			n++
		}
	}
	return n
}

// refuses returns a sentence that says why the command cannot be run with arg,
// "" if it can.
func (c *Command) refuses(arg string) string {
	switch {
	case len(strings.Fields(arg)) < c.needs():
		return fmt.Sprintf("/%s needs more: type %s", c.Name, c.Syntax())
	case arg != "" && c.Args == "" && c.Secret:
		return fmt.Sprintf("/%s stands alone: it asks for the password, so that nobody sees it. Nothing was sent.", c.Name)
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

func (a *App) cmdLogin(name string) {
	if word, rest := cutWord(name); rest != "" && protocol.CheckName(word) == nil {
		a.tell(ToneError, "Nothing was sent: type /login %s and nothing else. You are asked for the password if the name has one.", word)
		return
	}
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

func (a *App) cmdMsg(text string) { a.say("", text) }

func (a *App) cmdNames(string) {
	a.ask("names", "")
}

func (a *App) cmdLogout(string) {
	if a.phase < loggingIn {
		a.tell(ToneError, "You are not logged in. /quit leaves.")
		return
	}
	a.leave()
}

func (a *App) cmdQuit(string) { a.leave() }
