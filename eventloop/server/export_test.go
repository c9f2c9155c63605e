package server

import (
	"parley/eventloop"
	"parley/protocol"
	"parley/users/command"
	"parley/users/state"
)

// ProposeFromOutside has a command applied that no session has asked for.
func (s *Server) ProposeFromOutside(c command.Command) {
	s.Post(func() { s.core.log.Insist(s.core.cfg.Clock(), c, nil) })
}

// SetRequest has a verb carried out another way from now on.
func (s *Server) SetRequest(verb string, do func()) {
	s.core.requests[verb] = func(*Core, *session, call) *protocol.Error { do(); return nil }
}

// BreakTicks has the core fail in what is due, or does not any more.
func (s *Server) BreakTicks(broken bool) {
	if s.core.flood.left["nobody"] = nil; !broken {
		delete(s.core.flood.left, "nobody")
	}
}

// A broken frame cannot be written to who sends no newlines, to whom it goes without its last byte.
var broken = []byte{}

// SendBroken sends a user in a plain session what fails when it is written: at once, or after a pause
// if something is sent before. SayBroken says it to all in the lobby.
func (s *Server) SendBroken(name string, before ...string) {
	s.Post(func() {
		id := eventloop.ConnID(0)
		s.core.sessions.all(func(other *session) {
			if other.name == name {
				id = other.id
			}
		})
		for _, text := range before {
			s.Send(id, []byte(text))
		}
		s.Send(id, broken)
	})
}

func (s *Server) SayBroken() {
	s.Post(func() { s.Deliver(Delivery{Room: state.Lobby, Plain: []protocol.SaidFrame{{Bytes: broken}}}) })
}

// BreakTail has the core fail when it tells what was said.
func (s *Server) BreakTail() { s.core.tail = nil }

// SetToken has tokens made another way from now on.
func (s *Server) SetToken(token func() string) { s.core.cfg.Token = token }

// CountsHere is Counts on the goroutine that turns all loops.
func (s *Server) CountsHere() Counts {
	all := s.core.Counts()
	for i := range s.cfg.Loops {
		if sh := s.shards[i].Load(); sh != nil {
			all.add(i, sh.counts())
		}
	}
	return all
}

// CountedAddresses returns how many addresses have connections, and how many have guests.
func (s *Server) CountedAddresses() (connections, guests int) {
	return len(s.door.open.counts), len(s.core.guests.counts)
}

// Decided returns how many commands have been applied, and the digest of what came of them.
func (s *Server) Decided() (n int, sum [32]byte) {
	return int(s.core.log.Applied()), s.core.state.Digest()
}
