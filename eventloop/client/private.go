package client

import (
	"fmt"
	"net"
	"strings"
	"time"

	"parley/eventloop/client/sending"
	"parley/eventloop/client/timeline"
	"parley/p2p"
	"parley/protocol"
)

// byePatience is how long the last words to peers may take through the server
// before the logout: they cross a few goroutines here, the rest is the network's.
const byePatience = 250 * time.Millisecond

// Private is what private sessions need.
type Private struct {
	Transport Transport
	Pins      p2p.Pins
}

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

// private is what the App knows of private sessions.
type private struct {
	sessions *p2p.Sessions // nil: there are none
	verbs    *protocol.Verbs
	writing  string                   // who is writing, as the title shows
	warned   bool                     // of a changed key since the last command
	waiting  map[string][]timeline.ID // by the name of a peer: texts that wait for a session
}

// newPrivate returns the private sessions of a chat, which only a person can have.
func (a *App) newPrivate() private {
	p := private{verbs: protocol.NewVerbs(), waiting: make(map[string][]timeline.ID)}
	if a.cfg.Private != nil && a.cfg.Mode == Interactive && !a.cfg.Plain {
		p.sessions = p2p.New(p2p.Config{
			Server: asker{a}, Transport: a.cfg.Private.Transport, Pins: a.cfg.Private.Pins,
			Tell: a.told, Tag: fmt.Sprintf("%016x", a.cfg.Rand()),
		})
	}
	return p
}

// asker asks the server on behalf of private sessions.
type asker struct{ app *App }

// Ask puts a request into the outbox, from where settle sends it: to send it here
// might lose the connection in the midst of what the sessions are doing.
func (s asker) Ask(verb string, fields map[string]string) bool {
	a := s.app
	if a.phase != loggedIn || a.manner != extended || a.saidLogout {
		return false
	}
	a.queue.Add(sending.Request{Verb: verb, Fields: fields, Ref: a.queue.Ref(verb) + "-" + fields["name"]})
	return true
}

// privateEvent handles what the server tells of private sessions. It reports
// whether r was that. Without private sessions one says no to all.
func (a *App) privateEvent(r protocol.Response) bool {
	if a.manner != extended {
		return false
	}
	if a.private.sessions != nil {
		return a.private.sessions.FromServer(r, a.now())
	}
	switch name := r.Data.Name; r.Data.Event {
	case protocol.EventInvitation:
		if protocol.CheckName(name) == nil {
			asker{a}.Ask("declineprivate", map[string]string{"name": name})
			if a.cfg.Mode == Interactive {
				a.tell(timeline.Notice, "%s has asked for a private session. There are none in this chat, so that was declined.", name)
			}
		}
	case protocol.EventDeclined, protocol.EventLapsed, protocol.EventStopped:
	default:
		return false
	}
	return true
}

// privateRefused handles an error that answers what asker has asked. The ref has
// the verb and the name.
func (a *App) privateRefused(r protocol.Response) bool {
	words := strings.SplitN(r.Ref, "-", 3)
	v := a.private.verbs.Lookup(words[0])
	if v == nil || !v.Private || len(words) < 3 {
		return false
	}
	if a.private.sessions != nil {
		a.private.sessions.Refused(v.Name, words[2], r, a.now())
	}
	return true
}

// peerEvents gives what the transport reports.
func (a *App) peerEvents() <-chan p2p.Event {
	if a.private.sessions == nil {
		return nil
	}
	return a.cfg.Private.Transport.Events()
}

// peered handles what the transport reports.
func (a *App) peered(e p2p.Event) {
	if !a.ended {
		a.private.sessions.Happened(e, a.now())
	}
}

// settlePrivate does what is due, and notes what has changed.
func (a *App) settlePrivate() {
	if a.private.sessions == nil || a.ended {
		return
	}
	a.alarms[alarmPrivate] = a.private.sessions.Tick(a.now())
	var asked, others []string
	for _, p := range a.private.sessions.Peers() {
		switch p.State {
		case p2p.Asked:
			asked = append(asked, p.Name)
		case p2p.Asking, p2p.Connecting, p2p.Open:
			others = append(others, p.Name)
		}
	}
	a.cfg.Completion.LearnPrivate(asked, others)
}

// pressed handles that a key was pressed: whom plain lines are for is told that
// somebody is writing.
func (a *App) pressed() {
	a.touched()
	if a.lineBegan.IsZero() {
		a.lineBegan = a.now()
	}
	if a.keepalive.Warned() {
		a.active()
	}
	if a.to.Place == timeline.Private && !a.leaving {
		a.private.sessions.Typing(a.to.name, a.now())
	}
}

// serverReached notes this end of a new connection to the server.
func (a *App) serverReached(local net.Addr) {
	if a.private.sessions != nil && local != nil {
		a.cfg.Private.Transport.ServerConnected(local)
	}
}

// privateLoggedIn notes that the server knows who one is.
func (a *App) privateLoggedIn() {
	if a.private.sessions != nil && a.manner == extended {
		a.private.sessions.LoggedIn(a.login.Name(), a.seen.Log(), a.now())
	}
}

// privateServerLost notes that the server is gone. Sessions that do not go
// through it live on.
func (a *App) privateServerLost() {
	if a.private.sessions != nil {
		a.private.sessions.ServerLost(a.now())
	}
}

// stopRelayed ends the sessions that go through the server while it still takes
// something: a peer that is told nothing would think of a lost connection.
func (a *App) stopRelayed() {
	if a.private.sessions == nil {
		return
	}
	for _, p := range a.private.sessions.Peers() {
		if p.State == p2p.Open && p.Path.Relay && a.private.sessions.Stop(p.Name, a.now()) == nil {
			a.set(alarmBye, byePatience)
		}
	}
}

// partPrivate ends all private sessions for good. What is sent to peers now is
// waited for by stopPeers.
func (a *App) partPrivate() {
	if a.private.sessions != nil {
		a.private.sessions.LoggedOut(a.now())
	}
}

// stopPeers waits until the last words to peers are out.
func (a *App) stopPeers() {
	if a.private.sessions == nil {
		return
	}
	stopped := make(chan struct{})
	go func() {
		a.cfg.Private.Transport.Stop()
		close(stopped)
	}()
	for {
		select {
		case <-a.peerEvents():
		case <-stopped:
			return
		}
	}
}

// undelivered returns how many texts to peers have not arrived.
func (a *App) undelivered() (n int) {
	if a.private.sessions == nil {
		return 0
	}
	for _, p := range a.private.sessions.Peers() {
		n += p.Waiting
	}
	return n
}

// peer returns what is known of the private session with somebody.
func (a *App) peer(name string) (p2p.Peer, bool) {
	if a.private.sessions == nil {
		return p2p.Peer{}, false
	}
	return a.private.sessions.Lookup(name)
}

// openPrivate returns how many private sessions are open.
func (a *App) openPrivate() (n int) {
	if a.private.sessions == nil {
		return 0
	}
	for _, p := range a.private.sessions.Peers() {
		if p.State == p2p.Open {
			n++
		}
	}
	return n
}
