// Package state is what the log leads to: who is there, who has an account, who is locked
// out, what was given a number. Apply alone changes it, and depends on nothing but what
// was applied before: the same commands at the same times give the same state, results
// and rows everywhere.
package state

import (
	"time"

	"parley/users"
	"parley/users/command"
)

// A State is what all nodes of a server agree on. Apply alone changes it. One goroutine
// owns it.
type State struct {
	limits      command.Limits
	last        uint64    // number that was given last
	time        time.Time // of the last command
	swept       time.Time // when a Sweep was applied last
	accounts    users.Accounts
	presence    *users.Presence
	blocks      *users.Blocks
	guard       *users.Guard
	invitations *users.Invitations
	requests    *requests
	directs     directs
	guests      guests
}

// caller returns who asks, or ErrGone if that session is not there any more.
func (s *State) caller(by command.By) (Online, error) {
	o, ok := s.presence.Find(by.Name)
	if !ok || o.Session != by.Session {
		return Online{}, ErrGone
	}
	return o, nil
}

// sessionNumber returns the number of the session of somebody who is there.
func (s *State) sessionNumber(name string) (uint64, bool) {
	o, ok := s.presence.Find(name)
	return o.Session.Number, ok
}
