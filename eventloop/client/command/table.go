package command

import (
	"strings"

	"parley/protocol"
)

// A Table has all commands.
type Table struct {
	list   []Command
	byWord map[string]*Command // names and aliases
}

// NewTable returns the table, in the order of /help. What is a verb of the
// protocol has its arguments and its help from the table of verbs.
func NewTable() *Table {
	t := &Table{}
	verbs := protocol.NewVerbs()
	t.add(verbs, GroupTalk,
		Command{Name: "msg", Aliases: []string{"broadcast"}, What: ArgText, Bare: BareText,
			Short: "say something to everybody"},
		Command{Name: "dm", Aliases: []string{"tell", "message"}, What: ArgPerson, Parley: true,
			Short: "say something to one person"},
		Command{Name: "reply", Args: "TEXT", What: ArgText, Parley: true,
			Help: "say something to whoever spoke last to you alone, in the same way", Short: "answer who spoke last to you alone"},
		Command{Name: "query", Args: "[NAME [TEXT]]", What: ArgPerson, Beside: true, Parley: true,
			Help: "say something to one person, or with a name alone all that is typed from now on"},
		Command{Name: "lobby", Beside: true,
			Help: "what is typed is for everybody again"})
	t.add(verbs, GroupPeople,
		Command{Name: "names", Bare: BareAlone},
		Command{Name: "whoelse", Parley: true},
		Command{Name: "whoelsesince", What: ArgNumber, Parley: true,
			Short: "list who else was here in that time"},
		Command{Name: "whois", What: ArgPerson, Parley: true,
			Short: "tell about a person"},
		Command{Name: "block", What: ArgPerson, Parley: true,
			Short: "hear nothing more of a person, undo, list"},
		Command{Name: "unblock", What: ArgPerson, Beside: true, Parley: true},
		Command{Name: "blocked", Beside: true, Parley: true})
	t.add(verbs, GroupPrivate,
		Command{Name: "startprivate", Aliases: []string{"p2p"}, Args: "NAME", What: ArgPerson, Parley: true, Private: true,
			Help: "ask a person for a private session: sealed from end to end, and direct if it can be", Short: "ask a person for a private session"},
		Command{Name: "accept", Aliases: []string{"acceptprivate"}, Args: "NAME", What: ArgAsker, Parley: true, Private: true,
			Help: "agree to the private session that a person asks for", Short: "agree to the one that a person asks for, or not"},
		Command{Name: "decline", Aliases: []string{"declineprivate"}, Args: "NAME", What: ArgAsker, Beside: true, Parley: true, Private: true,
			Help: "say no to the private session that a person asks for"},
		Command{Name: "private", Args: "[NAME [TEXT]]", What: ArgPeer, Private: true,
			Help: "say something in a private session, or with a name alone all that is typed from now on, or with nothing go back to everybody", Short: "talk in one (/private NAME TEXT), end it"},
		Command{Name: "stopprivate", Args: "NAME", What: ArgPeer, Beside: true, Private: true,
			Help: "end a private session, or take back that one has asked"},
		Command{Name: "peers", Private: true,
			Help: "list the private sessions: path, key, age, round trip, lines that wait", Short: "list them, compare keys, take a new key"},
		Command{Name: "verify", Args: "NAME [yes]", What: ArgPeer, Beside: true, Private: true,
			Help: "show the words that must be the same on both sides; with yes, note that they are"},
		Command{Name: "trust", Args: "NAME", What: ArgPerson, Beside: true, Private: true,
			Help: "take the changed key of a person for the right one"})
	t.add(verbs, GroupYou,
		Command{Name: "login", What: ArgName, Bare: BareName, Secret: true,
			Short: "log in; end your session elsewhere"},
		Command{Name: "takeover", Beside: true, Parley: true,
			Help: "end the session that you have elsewhere, and go on here"},
		Command{Name: "register", Parley: true,
			Short: "protect your name with a password"},
		Command{Name: "passwd", Parley: true},
		Command{Name: "away", What: ArgText, Parley: true,
			Short: "tell others that you are away, or back"},
		Command{Name: "back", Beside: true, Parley: true},
		Command{Name: "logout", Bare: BareAlone},
		Command{Name: "quit", Aliases: []string{"exit"}, Beside: true,
			Help: "leave, as Ctrl-D does"})
	t.add(verbs, GroupProgram,
		Command{Name: "bell", Args: "[off|mentions|all]", What: ArgValue, Values: []string{"off", "mentions", "all"},
			Help: "ring never, when somebody says your name, or for all messages", Short: "ring for your name, for all, or never"},
		Command{Name: "show", Args: "ID [PAGE]", What: ArgNumber,
			Help: "show a text whole of which a part was folded away; ID stands behind it", Short: "show a text whole, empty the screen, open your editor"},
		Command{Name: "clear", Beside: true,
			Help: "empty the screen"},
		Command{Name: "edit", Args: "[TEXT]", What: ArgText, Beside: true,
			Help: "open your editor ($VISUAL or $EDITOR); what is saved becomes the line that is typed"},
		Command{Name: "ping", Parley: true, Help: "ask whether the server is there"},
		Command{Name: "help", Args: "[COMMAND]", What: ArgCommand, Bare: BareAlone,
			Help: "list the commands or explain one; /help server asks the server", Short: "list the commands or explain one"})
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

// add adds commands of one group. Those without a help of their own send the
// verb of their name. Where more than a name may be a password, the command asks
// for it and takes nothing.
func (t *Table) add(verbs *protocol.Verbs, g Group, list ...Command) {
	for _, c := range list {
		c.Group = g
		if v := verbs.Lookup(c.Name); v != nil && c.Help == "" {
			c.Help, c.Secret = v.Help, v.Secret
			if !v.Secret || c.What != NoArgument {
				_, c.Args, _ = strings.Cut(v.Syntax(), " ")
			}
		}
		t.list = append(t.list, c)
	}
}
