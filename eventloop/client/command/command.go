package command

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/agnivade/levenshtein"

	"parley/protocol"
)

// A Command is one row of the table of what can be typed. Dispatch, the check
// of arguments, /help and completion all come from it.
type Command struct {
	Name       string
	Aliases    []string
	Args       string   // the syntax of what follows the name: "NAME", "[COMMAND]", "" for nothing
	Values     []string // all that may follow; nil if that cannot be listed
	Bare       BareForm // whether it works without a slash
	Help       string   // one line
	Short      string   // the same in the list of a topic, where Help is too long
	Standard   string   // what it does with a server of the standard, if that is less
	Example    string   // how it may be typed, if it takes something
	Topic      Topic    // under which it is listed
	First      bool     // it is in the list that /help alone gives, of what is needed most
	Parley     bool     // only a server that speaks Parley's extension knows it
	ArgsParley bool     // only a server that speaks the extension knows it with something behind it
	Private    bool     // it is about private sessions, which not every chat has
	Secret     bool     // what is typed behind it may be a password: it is not remembered
	Open       int      // of Secret: so many words behind it are none
	ForOne     bool     // what is said with it is for one person alone: it is in no file
	What       Argument // what its argument is, for completion
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
	ArgRoom             // a room, then perhaps its key
	ArgNewRoom          // the name of a room that is to be made, and for whom it is to be
	ArgJoined           // a room in which one is, then a text if the command takes one
	ArgGuest            // the name of somebody, then a room in which one is
	ArgMessage          // the number of a message
	ArgMine             // the number of a message of one's own, then a text if the command takes one
	ArgReply            // the number of a message, then a text, or a text alone
	ArgMode             // on or off, then a text
	ArgWhere            // where to look, and for what
	ArgOther            // something that cannot be completed
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

// syntax is the command as it is typed with a server.
func (c *Command) syntax(f Facts) string {
	if f.Plain && c.ArgsParley {
		return "/" + c.Name
	}
	return c.Syntax()
}

// needs returns how many words must follow the command.
func (c *Command) needs() (n int) {
	optional := 0 // brackets that are open
	for _, arg := range strings.Fields(c.Args) {
		optional += strings.Count(arg, "[")
		if optional == 0 {
			n++
		}
		optional -= strings.Count(arg, "]")
	}
	return n
}

// refuses returns a sentence that says why the command cannot be run with arg,
// "" if it can. The sentence names the command as it was typed, with word.
func (c *Command) refuses(word, arg string) string {
	words := strings.Fields(arg)
	is := ""
	if word = strings.ToLower(word); word != c.Name {
		is = fmt.Sprintf("/%s is /%s here. ", word, c.Name)
	}
	switch {
	case len(words) < c.needs() && is != "":
		return fmt.Sprintf("/%s is /%s here: type %s", word, c.Name, c.Syntax())
	case len(words) < c.needs():
		return fmt.Sprintf("/%s needs more: type %s", c.Name, c.Syntax())
	case len(words) > 0 && c.Args == "" && c.Secret:
		return fmt.Sprintf("%s/%s stands alone: it asks for the password, so that nobody sees it. Nothing was sent.", is, c.Name)
	case len(words) > 0 && c.Args == "":
		return fmt.Sprintf("%s/%s stands alone: type it without anything behind it.", is, c.Name)
	case len(words) > 1 && c.What == ArgName && protocol.CheckName(words[0]) == nil:
		return fmt.Sprintf("Nothing was sent: type /%s %s and nothing else. You are asked for the password if the name has one.", c.Name, words[0])
	case len(words) > 1 && c.What == ArgName:
		return fmt.Sprintf("Nothing was sent: type /%s and one name, such as /%s alice.", c.Name, c.Name)
	case len(words) > 0 && c.Values != nil && !slices.Contains(c.Values, strings.ToLower(arg)):
		return fmt.Sprintf("/%s knows %s: type one of them behind it.", c.Name, strings.Join(c.Values, ", "))
	}
	return ""
}

// maxWord is how many bytes a mistyped word may have, more than every word of the
// table with two letters too many.
const maxWord = 20

// nearest returns the command that a mistyped word most resembles, nil if none
// does.
func (t *Table) nearest(word string) *Command {
	const limit = 2 // letters to change; of a short word fewer than its half
	if len(word) > maxWord {
		return nil
	}
	word = strings.ToLower(word)
	best, distance, first := (*Command)(nil), limit, byte(0)
	try := func(name string, c *Command) {
		d := levenshtein.ComputeDistance(word, name)
		if strings.HasPrefix(name, word) && word != "" {
			d = min(d, 1)
		}
		if d*2 > len(name) || d == limit && len(word) < 2*limit || d > distance || d == distance && best != nil && !(name[0] == word[0] && first != word[0]) {
			return // of two the first, but of a slip the first letter is mostly right
		}
		best, distance, first = c, d, name[0]
	}
	for i := range t.list {
		for _, name := range append([]string{t.list[i].Name}, t.list[i].Aliases...) {
			try(name, &t.list[i])
		}
	}
	for _, name := range slices.Sorted(maps.Keys(t.borrowed)) {
		if c := t.borrowed[name].command; c != nil {
			try(name, c)
		}
	}
	return best
}
