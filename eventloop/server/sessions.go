package server

import (
	"net/netip"

	"parley/eventloop"
	"parley/protocol"
	"parley/users"
	"parley/users/command"
	"parley/users/log"
)

// A session is a connection and, after the login, its user. There are many: what few of
// them have is rare.
type session struct {
	id        eventloop.ConnID
	addr      netip.Addr   // the peer's, without one of a Unix socket
	name      string       // "" before the login
	allowance *allowance   // what it may ask for; nil: it has not asked for anything yet
	seat      users.Seat   // in idle
	pulse     users.Seat   // in silent
	behind    log.Position // of the newest of its effects that waits, or has waited
	rare      *rare        // nil: nothing of it
	node      uint32       // that it is on, as the state calls it
	port      uint16       // the peer's
	pending   int32        // things that were asked of others and have not come back
	strikes   uint8        // malformed frames in a row
	refusals  uint8        // of logins that are in the log, but for wrong passwords; maxRefusals at most
	account   bool         // the user has one
	extended  bool
	asked     bool // its last login asked for an extended session: that it has no more time has a code
	tls       eventloop.TLS
	excepted  bool // was told that some do not hear it
	ended     bool // the peer has ended its side: nothing more is asked
	leaving   bool // is being closed: what it asks for is ignored
	inLine    bool // waits in the line of its allowance
	hurried   bool // is about to end: what it has asked for does not wait
	unwelcome bool // its login waits until it is safe: nothing is told before the answer to that
	queued    bool // something waits for it only to keep the order (held)
	undecided bool // waits for what was proposed for it, where that comes back later
	busy      bool // waits for a hash, or for what is read for it: what it asks for waits too
}

// local reports whether the peer, which may be a proxy, is on this machine.
func (s *session) local() bool { return !s.addr.IsValid() || s.addr.IsLoopback() }

// rare is what few sessions have.
type rare struct {
	backlog     []deferred // requests that wait
	backlogSize int        // bytes of them
	refusals    bucket     // that it was let get away with
	catch       *catchUp   // what it is told of the past; nil: nothing more
	seen        cursor     // of a plain session that was told direct messages
	invites     bucket     // of invitations
	rooms       []string   // beside the lobby, that it has joined and not left, the last one last; of an extended session that one
}

// few returns what few sessions have, to be changed.
func (s *session) few() *rare {
	if s.rare == nil {
		s.rare = new(rare)
	}
	return s.rare
}

// catch returns what the session is told of the past, nil if that is over.
func (s *session) catch() *catchUp {
	if s.rare == nil {
		return nil
	}
	return s.rare.catch
}

// state returns the session's state as the verb table names it.
func (s *session) state() protocol.States {
	if s.name == "" {
		return protocol.LoggedOut
	}
	return protocol.LoggedIn
}

// by says who asks.
func (s *session) by() command.By {
	return command.By{Name: users.Fold(s.name), Session: s.key()}
}

// key returns what the state calls the session.
func (s *session) key() command.Session { return command.Session{Node: s.node, Number: uint64(s.id)} }

// sessions are those of all connections, by the connections' indexes in their loops: a
// map would take as much again, and a look-up more. The zero value is empty.
type sessions struct {
	loops [][]*session
	n     int
}

// get returns the session of a connection, nil if it is gone.
func (t *sessions) get(id eventloop.ConnID) *session {
	loop, i := id.Loop(), id.Index()
	if loop >= len(t.loops) || i >= len(t.loops[loop]) {
		return nil
	}
	if s := t.loops[loop][i]; s != nil && s.id == id { // else it is of a later one
		return s
	}
	return nil
}

// has reports whether a session is there still.
func (t *sessions) has(s *session) bool { return t.get(s.id) == s }

func (t *sessions) put(s *session) {
	loop, i := s.id.Loop(), s.id.Index()
	for loop >= len(t.loops) {
		t.loops = append(t.loops, nil)
	}
	for i >= len(t.loops[loop]) {
		t.loops[loop] = append(t.loops[loop], nil)
	}
	if t.loops[loop][i] == nil {
		t.n++
	}
	t.loops[loop][i] = s
}

func (t *sessions) remove(s *session) {
	if t.has(s) {
		t.loops[s.id.Loop()][s.id.Index()] = nil
		t.n--
	}
}

// all calls f for each.
func (t *sessions) all(f func(*session)) {
	for _, loop := range t.loops {
		for _, s := range loop {
			if s != nil {
				f(s)
			}
		}
	}
}
