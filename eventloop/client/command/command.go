package command

import (
	"fmt"
	"strings"

	"github.com/agnivade/levenshtein"
)

// A Command is one row of the table of what can be typed. Dispatch, the check
// of arguments, /help and completion all come from it.
type Command struct {
	Name    string
	Aliases []string
	Args    string   // the syntax of what follows the name: "NAME", "[COMMAND]", "" for nothing
	Values  []string // all that may follow; nil if that cannot be listed
	Bare    BareForm // whether it works without a slash
	Help    string   // one line
	Short   string   // the same in the list of all commands, where Help is too long
	Group   Group    // under which it is listed
	Beside  bool     // in the list it shares the line of the command before it
	Parley  bool     // only a server that speaks Parley's extension knows it
	Private bool     // it is about private sessions, which not every chat has
	Secret  bool     // what is typed behind it may be a password: it is not remembered
	What    Argument // what its argument is, for completion
}

// An Argument is what kind of thing follows a command.
type Argument uint8

// The arguments.
const (
	NoArgument Argument = iota
	ArgText             // anything; names in it are completed
	ArgName             // a name that is not yet taken
	ArgPerson           // the name of somebody, then a text if the command takes one
	ArgNumber           // digits
	ArgCommand          // a command
	ArgValue            // one of Values
	ArgAsker            // the name of somebody who asks for a private session
	ArgPeer             // the name of somebody with whom there is one, then a text if the command takes one
)

// A BareForm says which argument lets a command be typed without its slash, as
// the specification of the protocol writes it.
type BareForm uint8

// The bare forms.
const (
	NotBare   BareForm = iota
	BareAlone          // nothing may follow
	BareName           // one valid name
	BareText           // some text
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
func (t *Table) List() []Command { return t.list }

// Lookup returns the command for a word in any case, nil if there is none.
func (t *Table) Lookup(word string) *Command { return t.byWord[strings.ToLower(word)] }

// nearest returns the command that a mistyped word most resembles, nil if none
// does.
func (t *Table) nearest(word string) *Command {
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
