// Package state is what the log leads to: who is there, who has an account, who is locked
// out, which rooms there are and who is in them, what was given a number, and up to which
// one each account has read what. Apply alone changes it, and depends on nothing but what
// was applied before: the same commands at the same times give the same state, results and
// rows everywhere.
//
// It does not know what was said. Who proposes to edit or remove a message, or to react to it,
// has read it and brings the facts along (command.Target); the newest changes are remembered,
// so that facts which are older than the last change of that message are refused.
//
// Rooms, direct messages and requests are a person's, whatever the name: an account is its
// folded name, a guest command.GuestPrefix and the id of a token. A guest who registers
// becomes the account with all that was theirs.
//
// Who may keep order where, and of whom, is in permissions.go: one table. What they do is an
// act, which has a number of its own and is in the audit log once. Bans and mutes are
// sanctions, which hold until they are lifted or a time of the log comes; nothing happens at
// that time, each is looked at where it matters. They hit a name, and who had it then under
// any other. A sanction in a room ends with the room; acts stay.
//
// A hook is an account that nobody can log in with, and a token with which a program says
// things under its name in one room; or a URL to which what is said in the room is sent, with
// a secret that signs it. It ends with the room, and the account with it.
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
	lookalikes  users.Lookalikes // of accounts and who is there
	blocks      *users.Blocks
	leftBlocks  leftBlocks
	lockouts    *users.Lockouts
	invitations *users.Invitations
	requests    *requests
	directs     directs
	changes     changes // the newest of messages
	guests      guests  // who have left

	pruned map[string]uint64 // up to which number all is gone, by room, as Pruned has it

	rooms        rooms
	participants participants
	ended        []*Room // rooms that have ended by the command that is being applied
	exits        []exit  // of who is in no room any more by it

	hooks hooks
	nodes nodes

	settings  Settings
	sanctions sanctions
	reports   []*Act // the newest, oldest first
	pace      pace   // of the lobby
}

// caller returns who asks, with any of their sessions, or ErrGone if that one is not there
// any more.
func (s *State) caller(by command.By) (Online, error) {
	if !s.presence.Has(by.Name, by.Session) {
		return Online{}, ErrGone
	}
	o, _ := s.presence.Find(by.Name)
	return o, nil
}

// sessionsOf returns those of somebody, none if they are not there.
func (s *State) sessionsOf(name string) []command.Session {
	return s.presence.AppendSessions(nil, name)
}
