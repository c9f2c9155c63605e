package command

import (
	"strings"

	"parley/protocol"
)

// A Table has all commands.
type Table struct {
	list     []Command
	byWord   map[string]*Command // names and aliases
	borrowed map[string]*borrowed
}

// NewTable returns the table, in the order of /help. What is a verb of the
// protocol has its arguments and its help from the table of verbs. It is long for a
// function because it is the table.
func NewTable() *Table {
	t := &Table{}
	verbs := protocol.NewVerbs()
	t.add(verbs, Talk,
		Command{Name: "msg", Aliases: []string{"broadcast"}, What: ArgText, Bare: BareText,
			Short: "say something to everybody in your room", Standard: "say something to everybody", Example: "/msg hello"},
		Command{Name: "dm", Aliases: []string{"tell", "message"}, What: ArgPerson, Parley: true, First: true, ForOne: true,
			Short: "say something to one person", Example: "/dm bob are you there?"},
		Command{Name: "reply", Args: "[ID] TEXT", What: ArgReply, Parley: true, First: true, ForOne: true,
			Help: "answer who spoke last to you alone, or the message #ID", Short: "answer who spoke last to you alone, or #ID", Example: "/reply I am"},
		Command{Name: "query", Args: "[NAME [TEXT]]", What: ArgPerson, Parley: true, ForOne: true,
			Help:  "say a text to one person; a name alone: all that follows",
			Short: "say to one person all that follows", Example: "/query bob"},
		Command{Name: "unsent", Args: "[send|drop]", What: ArgValue, Values: []string{"send", "drop"},
			Help:  "list what you typed and what was not sent; send it, or drop it",
			Short: "list what was not sent, send or drop it", Example: "/unsent send"},
		Command{Name: "lobby",
			Help: "say to everybody again what is typed without a slash", Short: "say to everybody again what follows"})
	t.add(verbs, Rooms,
		Command{Name: "join", Aliases: []string{"j"}, What: ArgRoom, Open: 1, Parley: true, First: true,
			Short: "go into a room; what you type is said there", Example: "/join ops"},
		Command{Name: "leave", Aliases: []string{"part"}, Args: "[ROOM]", What: ArgJoined, Parley: true,
			Help: "leave a room: the one that your lines go to, or another", Short: "leave a room", Example: "/leave ops"},
		Command{Name: "room", Args: "[ROOM [TEXT]]", What: ArgJoined, Parley: true,
			Help:  "turn to a room, or to a conversation by its number; say a text there",
			Short: "turn to a room or a number; say a text there", Example: "/room ops"},
		Command{Name: "rooms", Parley: true},
		Command{Name: "create", Args: "ROOM [HOW]", What: ArgNewRoom, Secret: true, Open: 2, Parley: true,
			Help:  "make a room for all; HOW makes it private, or gives it a key: key KEY",
			Short: "make a room; HOW is private, or key KEY", Example: "/create ops private"},
		Command{Name: "topic", What: ArgText, Parley: true,
			Short: "tell or change what your room is about", Example: "/topic the release"},
		Command{Name: "invite", What: ArgGuest, Parley: true,
			Short: "let a person join your room or another", Example: "/invite bob ops"},
		Command{Name: "unread", Parley: true, Help: "list what you have not read"},
		Command{Name: "recent", Parley: true, Help: "list the conversations, the newest last"},
		Command{Name: "hold", Args: "[on|off]", What: ArgValue, Values: []string{"on", "off"}, Parley: true,
			Help: "hold lines of other rooms back and count them, or show them", Short: "hold lines of other rooms back, or not", Example: "/hold on"})
	t.addPast(verbs)
	t.add(verbs, People,
		Command{Name: "names", What: ArgRoom, Bare: BareAlone, First: true, ArgsParley: true,
			Standard: "list who is connected", Example: "/names ops"},
		Command{Name: "whoelse", Parley: true},
		Command{Name: "whoelsesince", What: ArgNumber, Parley: true,
			Short: "list who else was here in that time", Example: "/whoelsesince 3600"},
		Command{Name: "whois", What: ArgPerson, Parley: true,
			Short: "tell about a person", Example: "/whois bob"},
		Command{Name: "block", What: ArgPerson, Parley: true, Example: "/block bob"},
		Command{Name: "unblock", What: ArgPerson, Parley: true, Example: "/unblock bob"},
		Command{Name: "blocked", Parley: true})
	t.addOrder(verbs)
	t.add(verbs, Private,
		Command{Name: "startprivate", Aliases: []string{"p2p"}, Args: "NAME", What: ArgPerson, Parley: true, Private: true,
			Help: "ask a person for a private session", Example: "/startprivate bob"},
		Command{Name: "accept", Aliases: []string{"acceptprivate"}, Args: "[NAME]", What: ArgAsker, Parley: true, Private: true,
			Help: "agree to the one that a person asks for", Example: "/accept bob"},
		Command{Name: "decline", Aliases: []string{"declineprivate"}, Args: "[NAME]", What: ArgAsker, Parley: true, Private: true,
			Help: "say no to it", Example: "/decline bob"},
		Command{Name: "private", Args: "[NAME [TEXT]]", What: ArgPeer, Private: true, ForOne: true,
			Help:  "say a text in a private session; a name alone: all that follows",
			Short: "say a text in one, or all that follows", Example: "/private bob now we are alone"},
		Command{Name: "stopprivate", Args: "[NAME]", What: ArgPeer, Private: true,
			Help: "end one, or take back that you have asked", Example: "/stopprivate bob"},
		Command{Name: "peers", Private: true,
			Help: "list the private sessions: path, key, age, lines that wait", Short: "list them: path, key, lines that wait"},
		Command{Name: "verify", Args: "[NAME [yes]]", What: ArgPeer, Private: true,
			Help:  "show the words that must be the same on both sides; yes: they are",
			Short: "compare the keys with the other side", Example: "/verify bob yes"},
		Command{Name: "trust", Args: "NAME", What: ArgPerson, Private: true,
			Help: "take the changed key of a person for the right one", Short: "take a changed key for the right one", Example: "/trust bob"})
	t.add(verbs, You,
		Command{Name: "login", What: ArgName, Bare: BareName, Secret: true, First: true,
			Example: "/login alice"},
		Command{Name: "takeover", Parley: true,
			Help: "end the session that you have elsewhere, and go on here", Short: "end your session elsewhere, go on here"},
		Command{Name: "register", Parley: true,
			Short: "protect your name with a password"},
		Command{Name: "passwd", Parley: true},
		Command{Name: "away", What: ArgText, Parley: true, Example: "/away for lunch"},
		Command{Name: "back", Parley: true},
		Command{Name: "sessions", Parley: true},
		Command{Name: "logout", What: ArgNumber, Bare: BareAlone, ArgsParley: true,
			Standard: "log out", Example: "/logout 2"},
		Command{Name: "forget", Args: "me [NAME] [texts]", What: ArgOther, Parley: true, Example: "/forget me",
			Help:  "delete your account and what is yours, and your texts if you want",
			Short: "delete your account and what is yours"},
		Command{Name: "export", Args: "[FILE]", What: ArgOther, Parley: true, Example: "/export mine.jsonl",
			Help:  "write all that the server keeps of you into a new file",
			Short: "write what is kept of you to a file"},
		Command{Name: "quit", Aliases: []string{"exit"}, Args: "[TEXT]", What: ArgText, First: true,
			Help: "leave, as Ctrl-D does; a text behind it is said to nobody", Short: "leave, as Ctrl-D does", Example: "/quit"})
	t.add(verbs, Program,
		Command{Name: "bell", Args: "[off|mentions|all]", What: ArgValue, Values: []string{"off", "mentions", "all"},
			Help: "ring never, when somebody says your name, or for all", Short: "ring never, for your name, or for all", Example: "/bell off"},
		Command{Name: "show", Args: "ID [PAGE]", What: ArgNumber,
			Help: "show a text whole of which a part was folded away", Short: "show a text whole that was folded", Example: "/show 17"},
		Command{Name: "compose", Args: "[TEXT]", What: ArgText,
			Help: "write in your editor; what you save becomes the line you type", Short: "write in your editor", Example: "/compose"},
		Command{Name: "clear", Help: "empty the screen"},
		Command{Name: "ping", Parley: true, Help: "ask whether the server is there"},
		Command{Name: "help", Args: "[TOPIC|COMMAND]", What: ArgCommand, Bare: BareAlone,
			Help: "list the commands or explain some; /help server asks the server", Short: "list the commands or explain some", Example: "/help keys"})
	t.byWord = make(map[string]*Command)
	for i := range t.list {
		c := &t.list[i]
		t.byWord[c.Name] = c
		for _, alias := range c.Aliases {
			t.byWord[alias] = c
		}
	}
	t.borrow()
	return t
}

// add adds commands of one topic. Those without a help of their own send the
// verb of their name. Where more than a name may be a password, the command asks
// for it and takes nothing.
func (t *Table) add(verbs *protocol.Verbs, about Topic, list ...Command) {
	for _, c := range list {
		c.Topic = about
		if v := verbs.Lookup(c.Name); v != nil && c.Help == "" {
			c.Help, c.Secret = v.Help, v.Secret
			if !v.Secret || c.What != NoArgument {
				_, c.Args, _ = strings.Cut(v.Syntax(), " ")
			}
		}
		t.list = append(t.list, c)
	}
}

// List returns the commands in the order of the table.
func (t *Table) List() []Command { return t.list }

// Lookup returns the command for a word in any case, nil if there is none. A word
// of another chat finds the command that does the same here.
func (t *Table) Lookup(word string) *Command {
	word = strings.ToLower(word)
	if b := t.borrowed[word]; b != nil {
		return b.command
	}
	return t.byWord[word]
}
