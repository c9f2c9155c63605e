package client

import (
	"strings"

	"parley/protocol"
)

// Commands is the table.
type Commands struct {
	list   []Command
	byWord map[string]*Command // names and aliases
}

// NewCommands returns the table, in the order of /help. What is a verb of the
// protocol has its arguments and its help from the table of verbs.
func NewCommands() *Commands {
	t := &Commands{}
	verbs := protocol.NewVerbs()
	t.add(verbs, groupTalk,
		Command{Name: "msg", Aliases: []string{"broadcast"}, What: argText, Bare: bareText, run: (*App).cmdMsg,
			Short: "say something to everybody"},
		Command{Name: "dm", Aliases: []string{"tell", "message"}, What: argPerson, Parley: true, run: (*App).cmdDirect,
			Short: "say something to one person"},
		Command{Name: "reply", Args: "TEXT", What: argText, Parley: true, run: (*App).cmdReply,
			Help: "say something to whoever spoke last to you alone, in the same way", Short: "answer who spoke last to you alone"},
		Command{Name: "query", Args: "[NAME [TEXT]]", What: argPerson, Beside: true, Parley: true, run: (*App).cmdQuery,
			Help: "say something to one person, or with a name alone all that is typed from now on"},
		Command{Name: "lobby", Beside: true, run: (*App).cmdLobby,
			Help: "what is typed is for everybody again"})
	t.add(verbs, groupPeople,
		Command{Name: "names", Bare: bareAlone, run: (*App).cmdNames},
		Command{Name: "whoelse", Parley: true, run: asking("whoelse")},
		Command{Name: "whoelsesince", What: argNumber, Parley: true, run: asking("whoelsesince"),
			Short: "list who else was here in that time"},
		Command{Name: "whois", What: argPerson, Parley: true, run: asking("whois"),
			Short: "tell about a person"},
		Command{Name: "block", What: argPerson, Parley: true, run: asking("block"),
			Short: "hear nothing more of a person, undo, list"},
		Command{Name: "unblock", What: argPerson, Beside: true, Parley: true, run: asking("unblock")},
		Command{Name: "blocked", Beside: true, Parley: true, run: asking("blocked")})
	t.add(verbs, groupPrivate,
		Command{Name: "startprivate", Aliases: []string{"p2p"}, Args: "NAME", What: argPerson, Parley: true, Private: true, run: withName("startprivate", (*App).startPrivate),
			Help: "ask a person for a private session: sealed from end to end, and direct if it can be", Short: "ask a person for a private session"},
		Command{Name: "accept", Aliases: []string{"acceptprivate"}, Args: "NAME", What: argAsker, Parley: true, Private: true, run: withName("accept", (*App).acceptPrivate),
			Help: "agree to the private session that a person asks for", Short: "agree to the one that a person asks for, or not"},
		Command{Name: "decline", Aliases: []string{"declineprivate"}, Args: "NAME", What: argAsker, Beside: true, Parley: true, Private: true, run: withName("decline", (*App).declinePrivate),
			Help: "say no to the private session that a person asks for"},
		Command{Name: "private", Args: "[NAME [TEXT]]", What: argPeer, Private: true, run: (*App).cmdPrivate,
			Help: "say something in a private session, or with a name alone all that is typed from now on, or with nothing go back to everybody", Short: "talk in one (/private NAME TEXT), end it"},
		Command{Name: "stopprivate", Args: "NAME", What: argPeer, Beside: true, Private: true, run: withName("stopprivate", (*App).stopPrivate),
			Help: "end a private session, or take back that one has asked"},
		Command{Name: "peers", Private: true, run: (*App).cmdPeers,
			Help: "list the private sessions: path, key, age, round trip, lines that wait", Short: "list them, compare keys, take a new key"},
		Command{Name: "verify", Args: "NAME [yes]", What: argPeer, Beside: true, Private: true, run: (*App).cmdVerify,
			Help: "show the words that must be the same on both sides; with yes, note that they are"},
		Command{Name: "trust", Args: "NAME", What: argPerson, Beside: true, Private: true, run: withName("trust", (*App).trustKey),
			Help: "take the changed key of a person for the right one"})
	t.add(verbs, groupYou,
		Command{Name: "login", What: argName, Bare: bareName, Secret: true, run: (*App).cmdLogin,
			Short: "log in; end your session elsewhere"},
		Command{Name: "takeover", Beside: true, Parley: true, run: (*App).cmdTakeover,
			Help: "end the session that you have elsewhere, and go on here"},
		Command{Name: "register", Parley: true, run: (*App).cmdRegister,
			Short: "protect your name with a password"},
		Command{Name: "passwd", Parley: true, run: (*App).cmdPasswd},
		Command{Name: "away", What: argText, Parley: true, run: asking("away"),
			Short: "tell others that you are away, or back"},
		Command{Name: "back", Beside: true, Parley: true, run: asking("back")},
		Command{Name: "logout", Bare: bareAlone, run: (*App).cmdLogout},
		Command{Name: "quit", Aliases: []string{"exit"}, Beside: true, run: (*App).cmdQuit,
			Help: "leave, as Ctrl-D does"})
	t.add(verbs, groupProgram,
		Command{Name: "bell", Args: "[" + strings.Join(bellModes(), "|") + "]", What: argValue, Values: bellModes(), run: (*App).cmdBell,
			Help: "ring never, when somebody says your name, or for all messages", Short: "ring for your name, for all, or never"},
		Command{Name: "ping", Parley: true, run: (*App).cmdPing, Help: "ask whether the server is there"},
		Command{Name: "help", Args: "[COMMAND]", What: argCommand, Bare: bareAlone, run: (*App).cmdHelp,
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
func (t *Commands) add(verbs *protocol.Verbs, g group, list ...Command) {
	for _, c := range list {
		c.Group = g
		if v := verbs.Lookup(c.Name); v != nil && c.Help == "" {
			c.Help, c.Secret = v.Help, v.Secret
			if !v.Secret || c.What != noArgument {
				_, c.Args, _ = strings.Cut(v.Syntax(), " ")
			}
		}
		t.list = append(t.list, c)
	}
}

// asking returns what runs a command that does nothing but send its verb.
func asking(verb string) func(*App, string) {
	return func(a *App, arg string) { a.ask(verb, arg) }
}
