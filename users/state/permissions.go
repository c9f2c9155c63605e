package state

import (
	"parley/users"
	"parley/users/command"
)

// A Rank is how high somebody stands in a place, which is a room or the whole server: what
// one may do there, and to whom. The lobby is the server's place.
type Rank int

// The ranks, the lowest first. A role in a room counts there only, one of the server
// everywhere: of both the higher one counts.
const (
	NoRank Rank = iota
	RoomModerator
	RoomOwner
	ServerModerator
	ServerOwner
	Operator // who is at the server's command line: a command.By that names nobody

	nobody // may do it
)

// What the audit log calls acts, as the protocol calls the verbs.
const (
	ActKick     = "kick"
	ActMute     = "mute"
	ActUnmute   = "unmute"
	ActBan      = "ban"
	ActUnban    = "unban"
	ActRole     = "role"
	ActAnnounce = "announce"
	ActLockdown = "lockdown"
	ActSlow     = "slow"
	ActReport   = "report"
	ActRemove   = "remove"
	ActKeep     = "keep"
)

// A Permission says who may do one thing that keeps order.
type Permission struct {
	Verb     string // of the protocol
	InRoom   Rank   // the least rank that it needs in a room
	OfServer Rank   // likewise of the whole server
	Higher   bool   // it is done to a person, whose rank there must be lower
}

// Permissions returns all there are, in memory of the caller's own. Roles have one rule more:
// anybody may give up their own, but for the last owner.
func Permissions() []Permission {
	return []Permission{
		{Verb: ActKick, InRoom: RoomModerator, OfServer: ServerModerator, Higher: true},
		{Verb: ActMute, InRoom: RoomModerator, OfServer: ServerModerator, Higher: true},
		{Verb: ActUnmute, InRoom: RoomModerator, OfServer: ServerModerator, Higher: true},
		{Verb: ActBan, InRoom: RoomModerator, OfServer: ServerModerator, Higher: true},
		{Verb: ActUnban, InRoom: RoomModerator, OfServer: ServerModerator, Higher: true},
		{Verb: ActRemove, InRoom: RoomModerator, OfServer: ServerModerator, Higher: true},
		{Verb: ActRole, InRoom: RoomOwner, OfServer: ServerOwner, Higher: true},
		{Verb: ActSlow, InRoom: RoomModerator, OfServer: ServerModerator},
		{Verb: ActKeep, InRoom: RoomOwner, OfServer: ServerOwner},
		{Verb: ActAnnounce, InRoom: nobody, OfServer: ServerModerator},
		{Verb: ActLockdown, InRoom: nobody, OfServer: ServerModerator},
		{Verb: "bans", InRoom: RoomModerator, OfServer: ServerModerator},
		{Verb: "audit", InRoom: RoomModerator, OfServer: ServerModerator},
		{Verb: "reports", InRoom: RoomModerator, OfServer: ServerModerator},
		{Verb: "versions", InRoom: RoomModerator, OfServer: ServerModerator},
	}
}

// permissions are all there are, by verb.
var permissions = func() map[string]Permission {
	byVerb := make(map[string]Permission)
	for _, p := range Permissions() {
		byVerb[p.Verb] = p
	}
	return byVerb
}()

// allows reports whether somebody of a rank may use a verb in a place.
func allows(rank Rank, verb, room string) bool {
	p, known := permissions[verb]
	switch {
	case !known:
		return false
	case users.Fold(room) == Lobby || room == "":
		return rank >= p.OfServer
	}
	return rank >= p.InRoom
}

// Rank returns how high a person stands in a room; "" and the lobby are the whole server.
func (s *State) Rank(person, room string) Rank {
	account, _ := s.Account(person) // no guest's person is anybody's name
	switch r := s.rooms.find(room); {
	case account.Role == users.Owner:
		return ServerOwner
	case account.Role == users.Moderator:
		return ServerModerator
	case r == nil || person == "":
		return NoRank
	case r.Owner == person:
		return RoomOwner
	case s.participants[person].moderates(r):
		return RoomModerator
	}
	return NoRank
}

// May reports whether a person may use a verb that keeps order in a room, "" or the lobby for
// the whole server. To whom is another question: see State.Above.
func (s *State) May(person, verb, room string) bool {
	return allows(s.Rank(person, room), verb, room)
}

// Above reports whether a person stands higher in a place than another one.
func (s *State) Above(person, other, room string) bool {
	return s.Rank(person, room) > s.Rank(other, room)
}

// An actor is who asks to keep order somewhere.
type actor struct {
	Online // empty: the operator
	rank   Rank
}

// A place is where order is kept: a room, or the whole server.
type place struct {
	name string // Room.Name; "": the whole server
	room *room  // nil: the whole server
}

// place returns the place of a room, or ErrNoRoom.
func (s *State) place(room string) (place, error) {
	if room == "" || users.Fold(room) == Lobby {
		return place{}, nil
	}
	if r := s.rooms.find(room); r != nil {
		return place{r.Name, r}, nil
	}
	return place{}, ErrNoRoom
}

// keeper returns who asks to do something that keeps order in a place, with their rank there.
func (s *State) keeper(by command.By, room string) (a actor, in place, err error) {
	if by == (command.By{}) {
		a.rank = Operator
	} else if a.Online, err = s.caller(by); err != nil {
		return a, in, err
	}
	if in, err = s.place(room); err == nil && a.rank != Operator {
		a.rank = s.Rank(a.Person, room)
	}
	return a, in, err
}

// permitted is keeper of who may use a verb there, else ErrForbidden.
func (s *State) permitted(by command.By, verb, room string) (a actor, in place, err error) {
	a, in, err = s.keeper(by, room)
	if err == nil && !allows(a.rank, verb, room) {
		err = ErrForbidden
	}
	return a, in, err
}
