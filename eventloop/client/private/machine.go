package private

import (
	"net"
	"strings"
	"time"

	"parley/eventloop/client/timeline"
	"parley/p2p"
	"parley/protocol"
)

// writingShown is for how long somebody counts as writing: a little longer than it
// takes until that is said again.
const writingShown = 5 * time.Second

// A Transport makes links to peers and reports on a channel what comes of them.
type Transport interface {
	p2p.Transport
	Events() <-chan p2p.Event
	// ServerConnected tells the address of this end of the connection to the
	// server.
	ServerConnected(local net.Addr)
	// Stop ends everything when what was sent is out, or after a second. Events
	// must be read meanwhile.
	Stop()
}

// A Door is how a Machine reaches the rest of the client.
type Door interface {
	Now() time.Time
	// Ask asks the server. It reports whether there is one that can be asked; what
	// is asked goes out later, so that nothing is lost in the midst of a call.
	Ask(verb string, fields map[string]string) bool
	// Tell adds the client's own words to the timeline.
	Tell(kind timeline.Kind, format string, args ...any)
	// TellWithHint adds the same with a hint behind them for who types lines.
	TellWithHint(kind timeline.Kind, words, hint string)
	// Heard adds what somebody else has said in a private session.
	Heard(e timeline.Entry)
	// Add adds an own text, and Become says what has become of it.
	Add(e timeline.Entry) timeline.ID
	Become(id timeline.ID, s timeline.State)
	// Wanted tells that somebody wants something of the person.
	Wanted()
	// ToldApart is a name in a sentence, with whose it is not where it can be taken for that.
	ToldApart(name string) string
	// LinesTo is whom a plain line is for.
	LinesTo() timeline.Conversation
}

// A Config is what a Machine is made of.
type Config struct {
	Door      Door
	Transport Transport // nil: there are no private sessions
	Pins      p2p.Pins
	Tag       string // of this run of the client
	Server    string // as it is shown
	Person    bool   // somebody is told that they were asked for a session that cannot be
}

// A Machine is the private sessions of one chat.
type Machine struct {
	cfg      Config
	door     Door
	sessions *p2p.Sessions // nil: there are none
	verbs    *protocol.Verbs

	self    string                   // one's own name in them
	leaving bool                     // nothing new begins
	warned  bool                     // of a changed key since the last command
	waiting map[string][]timeline.ID // by the name of a peer: texts that wait for a session

	writing      string // who is writing
	writingUntil time.Time
}

// New returns the private sessions of a chat.
func New(c Config) *Machine {
	m := &Machine{cfg: c, door: c.Door, verbs: protocol.NewVerbs(), waiting: make(map[string][]timeline.ID)}
	if c.Transport != nil {
		m.sessions = p2p.New(p2p.Config{Server: c.Door, Transport: c.Transport, Pins: c.Pins, Tell: m.noticed, Tag: c.Tag})
	}
	return m
}

// Exist reports whether there are private sessions at all.
func (m *Machine) Exist() bool { return m.sessions != nil }

// Events gives what the transport reports, for Happened.
func (m *Machine) Events() <-chan p2p.Event {
	if m.sessions == nil {
		return nil
	}
	return m.cfg.Transport.Events()
}

// Happened handles what the transport reports.
func (m *Machine) Happened(e p2p.Event) { m.sessions.Happened(e, m.door.Now()) }

// Tick does what is due, and returns when there is something to do again; zero: never.
func (m *Machine) Tick() time.Time {
	if m.sessions == nil {
		return time.Time{}
	}
	due := m.sessions.Tick(m.door.Now())
	if m.Writing() != "" && (due.IsZero() || m.writingUntil.Before(due)) {
		due = m.writingUntil
	}
	return due
}

// Writing is who is writing to the person just now; "" is nobody.
func (m *Machine) Writing() string {
	if !m.door.Now().Before(m.writingUntil) {
		m.writing = ""
	}
	return m.writing
}

// FromServer handles what an extended server tells of private sessions. It reports
// whether r was that. Without private sessions one says no to all.
func (m *Machine) FromServer(r protocol.Response) bool {
	if m.sessions != nil {
		return m.sessions.FromServer(r, m.door.Now())
	}
	switch name := r.Data.Name; r.Data.Event {
	case protocol.EventInvitation:
		if protocol.CheckName(name) == nil {
			m.door.Ask("declineprivate", map[string]string{"name": name})
			if m.cfg.Person {
				m.door.Tell(timeline.Notice, "%s has asked for a private session. There are none in this chat, so that was declined.", m.door.ToldApart(name))
			}
		}
	case protocol.EventDeclined, protocol.EventLapsed, protocol.EventStopped:
	default:
		return false
	}
	return true
}

// Refused handles an error that answers what the Door was asked to ask. It reports
// whether r was that: the ref has the verb and the name.
func (m *Machine) Refused(r protocol.Response) bool {
	words := strings.SplitN(r.Ref, "-", 3)
	v := m.verbs.Lookup(words[0])
	if v == nil || !v.Extended || len(words) < 3 {
		return false
	}
	if m.sessions != nil {
		m.sessions.Refused(v.Name, words[2], r, m.door.Now())
	}
	return true
}

// ServerReached notes this end of a new connection to the server.
func (m *Machine) ServerReached(local net.Addr) {
	if m.sessions != nil && local != nil {
		m.cfg.Transport.ServerConnected(local)
	}
}

// LoggedIn notes that an extended server, whose log has that id, knows who one is.
func (m *Machine) LoggedIn(name, log string) {
	m.self = name
	if m.sessions != nil {
		m.sessions.LoggedIn(name, log, m.door.Now())
	}
}

// ServerLost notes that the server is gone. Sessions that do not go through it live
// on.
func (m *Machine) ServerLost() {
	if m.sessions != nil {
		m.sessions.ServerLost(m.door.Now())
	}
}

// Leave ends the sessions that go through the server while it still takes something:
// a peer that is told nothing would think of a lost connection. It reports whether
// there were any, whose last words need a moment.
func (m *Machine) Leave() (any bool) {
	m.leaving = true
	for _, p := range m.Peers() {
		if p.State == p2p.Open && p.Path.Relay && m.sessions.Stop(p.Name, m.door.Now()) == nil {
			any = true
		}
	}
	return any
}

// Part ends all sessions for good. What is sent to peers now is waited for by Stop.
func (m *Machine) Part() {
	m.leaving = true
	if m.sessions != nil {
		m.sessions.LoggedOut(m.door.Now())
	}
}

// Stop waits until the last words to peers are out.
func (m *Machine) Stop() {
	if m.sessions == nil {
		return
	}
	stopped := make(chan struct{})
	go func() {
		m.cfg.Transport.Stop()
		close(stopped)
	}()
	for {
		select {
		case <-m.Events():
		case <-stopped:
			return
		}
	}
}

// Peers are the people of private sessions: those that are asked, that ask, and with
// whom there is or was one.
func (m *Machine) Peers() []p2p.Peer {
	if m.sessions == nil {
		return nil
	}
	return m.sessions.Peers()
}

// KeysRefused are the people whose changed key was refused, and with whom nothing else goes on.
func (m *Machine) KeysRefused() []p2p.Peer {
	if m.sessions == nil {
		return nil
	}
	return m.sessions.KeysRefused()
}

// Peer returns what is known of the private session with somebody.
func (m *Machine) Peer(name string) (p2p.Peer, bool) {
	if m.sessions == nil {
		return p2p.Peer{}, false
	}
	return m.sessions.Lookup(name)
}

// Open returns how many sessions are open.
func (m *Machine) Open() (n int) {
	for _, p := range m.Peers() {
		if p.State == p2p.Open {
			n++
		}
	}
	return n
}

// Undelivered returns how many texts to peers have not arrived.
func (m *Machine) Undelivered() (n int) {
	for _, p := range m.Peers() {
		n += p.Waiting
	}
	return n
}

// Near reports whether there is a private session, or one is asked for.
func (m *Machine) Near() bool {
	askers, peers := m.Names()
	return len(askers)+len(peers) > 0
}

// Names returns who asks for a session, and with whom there is one or who was asked.
func (m *Machine) Names() (askers, peers []string) {
	for _, p := range m.Peers() {
		switch p.State {
		case p2p.Asked:
			askers = append(askers, p.Name)
		case p2p.Asking, p2p.Connecting, p2p.Open:
			peers = append(peers, p.Name)
		}
	}
	return askers, peers
}

// Typing tells a peer that the person is writing to it.
func (m *Machine) Typing(name string) {
	if m.sessions != nil && !m.leaving {
		m.sessions.Typing(name, m.door.Now())
	}
}
