package private

import (
	"strings"

	"parley/eventloop/client/command"
	"parley/eventloop/client/timeline"
	"parley/p2p"
	"parley/protocol"
	"parley/protocol/printable"
)

// Begin notes that a command is run: what it fails by is told anew.
func (m *Machine) Begin() { m.warned = false }

// tried shows why something could not be done with somebody. Of a changed key the notice has
// told already.
func (m *Machine) tried(name string, err error) bool {
	if err != nil && !m.warned {
		m.door.Tell(timeline.Error, "%s", m.whyNot(name, err))
	}
	return err == nil
}

// whyNot are the words of an error, which name first whom it is about, and then what to type.
func (m *Machine) whyNot(name string, err error) string {
	words := printable.Line(err.Error())
	at := protocol.FindWord(words, name)
	if at < 0 {
		return words
	}
	end := at + len(name)
	return words[:at] + m.door.ToldApart(words[at:end]) + words[end:]
}

// Start asks somebody for a session.
func (m *Machine) Start(name string) { m.tried(name, m.sessions.Start(name, m.door.Now())) }

// Accept agrees to the session that somebody asks for.
func (m *Machine) Accept(name string) { m.tried(name, m.sessions.Accept(name, m.door.Now())) }

// Decline says no to it.
func (m *Machine) Decline(name string) {
	if m.tried(name, m.sessions.Decline(name, m.door.Now())) {
		m.door.Tell(timeline.Notice, "You have declined. /block %s keeps %s from asking again.", name, m.door.ToldApart(name))
	}
}

// End ends a session, or takes back that one has asked for it.
func (m *Machine) End(name string) {
	p, _ := m.Peer(name)
	if m.tried(name, m.sessions.Stop(name, m.door.Now())) && p.State == p2p.Asked {
		m.door.Tell(timeline.Notice, "You have declined.")
	}
}

// Blocked ends what there is with somebody who was blocked: nothing more of them is to
// be heard.
func (m *Machine) Blocked(name string) {
	if p, ok := m.Peer(name); ok && p.State != p2p.Closed {
		_ = m.sessions.Stop(p.Name, m.door.Now()) // which tells that it is over
	}
}

// Trust takes the changed key of somebody for the right one.
func (m *Machine) Trust(name string) { m.tried(name, m.sessions.Trust(name, m.door.Now())) }

// Verify shows the words of a session, or notes that they are the same on both sides.
// Arg is what is typed behind the command: NAME [yes]. Without a name it is the only
// session that is open. That the words are the same is noted only of a name: the
// session may be another one than that whose words were compared.
func (m *Machine) Verify(arg string) {
	if arg == "" {
		arg = m.only("verify", isOpen)
	}
	name, answer := command.CutWord(arg)
	_, known := m.Peer("yes")
	switch {
	case name == "":
	case strings.EqualFold(arg, "yes") && !known:
		m.door.Tell(timeline.Error, "Type with whom you have compared the words, too: /verify NAME yes")
	case m.Name("verify", name) == "":
	case answer == "":
		if words, err := m.sessions.Words(name); m.tried(name, err) {
			m.door.Tell(timeline.Notice, "%s", m.verifyWords(name, words))
		}
	case strings.EqualFold(answer, "yes"):
		m.tried(name, m.sessions.Verify(name, m.door.Now()))
	default:
		m.door.Tell(timeline.Error, "/verify %s shows the words; /verify %s yes says that they are the same on both sides.", name, name)
	}
}

// Words returns the words of the open session with somebody, which are to be compared.
func (m *Machine) Words(name string) ([]string, error) { return m.sessions.Words(name) }

// List shows the sessions.
func (m *Machine) List() {
	rows := m.Peers()
	if len(rows) == 0 {
		m.door.Tell(timeline.Notice, "There are no private sessions. /startprivate NAME asks for one.")
		return
	}
	m.door.Tell(timeline.Notice, "%s", peerTable(rows, m.door.ToldApart, m.door.Now()))
}

// Say says something to a peer, and returns why it cannot; "" is that it was said, or
// waits for the session to open.
func (m *Machine) Say(name, text string) (why string) {
	if err := m.sessions.Say(name, text, m.door.Now()); err != nil {
		return m.whyNot(name, err)
	}
	p, _ := m.Peer(name)
	e := timeline.Entry{
		In: timeline.With(timeline.Private, p.Name), Sender: m.self, To: p.Name, Own: true, Text: text,
		State: timeline.Sent, Path: pathOf(p.Path), Verified: p.Verified,
	}
	if p.State != p2p.Open {
		e.State = timeline.Typed
	}
	id := m.door.Add(e)
	if e.State == timeline.Typed {
		m.waiting[e.In.Name] = append(m.waiting[e.In.Name], id)
	}
	return ""
}

// Name returns the name that is all of arg, or that stands for it: see only. If it is
// more or none, that is said, and "" returned.
func (m *Machine) Name(command, arg string) string {
	if f, ok := fittings[command]; ok && arg == "" {
		return m.only(command, f)
	}
	if err := protocol.CheckName(arg); err != nil {
		m.door.Tell(timeline.Error, "%s Type /%s NAME.", err.Text, command)
		return ""
	}
	return arg
}

// A fitting says with which people a command can do something.
type fitting struct {
	fits func(p p2p.State) bool
	none string // what to do if there is nobody
	many string // what is so of several
}

var isOpen = fitting{
	fits: func(s p2p.State) bool { return s == p2p.Open },
	none: "There is no private session whose keys can be compared. /startprivate NAME asks for one.",
	many: "are in a private session with you",
}

var asksOne = fitting{
	fits: func(s p2p.State) bool { return s == p2p.Asked },
	none: "Nobody asks for a private session. /startprivate NAME asks somebody.",
	many: "ask for a private session",
}

// fittings are the commands that need no name while only one fits.
var fittings = map[string]fitting{
	"accept":  asksOne,
	"decline": asksOne,
	"stopprivate": {
		fits: func(s p2p.State) bool { return s == p2p.Asking || s == p2p.Connecting || s == p2p.Open },
		none: "There is no private session to end. /peers lists them.",
		many: "can be meant",
	},
}

// only returns the name of the only one that a command can be about. If there are
// several, or nobody, that is said, and "" returned.
func (m *Machine) only(command string, f fitting) string {
	var names []string
	for _, p := range m.Peers() {
		if f.fits(p.State) {
			names = append(names, p.Name)
		}
	}
	switch len(names) {
	case 0:
		m.door.Tell(timeline.Error, "%s", f.none)
		return ""
	case 1:
		return names[0]
	}
	shown := make([]string, len(names))
	for i, name := range names {
		shown[i] = m.door.ToldApart(name)
	}
	m.door.Tell(timeline.Error, "Several %s: %s. Type /%s and one of the names, such as /%s %s.", f.many, strings.Join(shown, ", "), command, command, names[0])
	return ""
}
