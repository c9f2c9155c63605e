package state_test

import (
	"reflect"
	"slices"
	"strings"
	"testing"

	"parley/users"
	"parley/users/command"
	"parley/users/state"
)

func (g *generator) room() string {
	return pick(g.rand, "attic", "Attic", "den", "DEN", "hall", state.Lobby)
}

// rooms returns a command about rooms, or about what was read.
func (g *generator) rooms(s *state.State) command.Command {
	by := g.by(s)
	who, _ := s.Online(by.Name)
	in, other := g.joined(s, who.Person), g.other(s)
	switch g.rand.IntN(17) {
	case 0, 1, 2:
		c := &command.CreateRoom{By: by, Room: g.room(), Private: g.rand.IntN(3) == 0}
		if !c.Private && g.rand.IntN(3) == 0 {
			c.Key = g.hash()
		}
		return c
	case 3, 4, 5, 6:
		return g.join(s, by, who.Person)
	case 7, 8:
		return &command.LeaveRoom{By: by, Room: g.roomThatWasRead(s, who.Person, in)}
	case 9:
		return &command.SetTopic{By: by, Room: in, Text: pick(g.rand, "", "sofas", "stars")}
	case 10, 11, 16:
		for range 2 { // somebody who is not in it, if there is one
			if o, _ := s.Online(other); !isMember(s, o.Person, in) {
				break
			}
			other = g.other(s)
		}
		return &command.InviteToRoom{By: by, Name: other, Room: in}
	case 12:
		return &command.Read{By: by, Name: other, Number: g.number(s)}
	case 13:
		return &command.Read{By: by, Room: in, Number: g.number(s)}
	default:
		for _, name := range s.Names() { // who has to wait, if there is anybody
			if o, _ := s.Online(name); g.rand.IntN(2) == 0 && g.slowRoom(s, o.Person, "") != "" {
				by, who = command.By{Name: users.Fold(name), Session: g.sessionOf(s, name)}, o
			}
		}
		return &command.Message{By: by, ID: g.id(), Room: g.slowRoom(s, who.Person, in), Text: g.text()}
	}
}

func isMember(s *state.State, person, room string) bool {
	_, is := s.Member(person, room)
	return is
}

// joined is mostly a room that a person is in.
func (g *generator) joined(s *state.State, person string) string {
	if joined := s.Joined(person); len(joined) > 0 && g.rand.IntN(8) > 0 {
		return pick(g.rand, joined...).Room.Name
	}
	return g.room()
}

// roomThatWasRead is mostly one in which a person has a read cursor, if there is any, else
// the other.
func (g *generator) roomThatWasRead(s *state.State, person, other string) string {
	for _, c := range s.ReadCursors(person) {
		if c.Room != "" && c.Room != state.Lobby && g.rand.IntN(2) == 0 {
			return c.Room
		}
	}
	return other
}

// join mostly has somebody join a room that there is, to which they may be invited, with its
// key.
func (g *generator) join(s *state.State, by command.By, person string) command.Command {
	c := &command.JoinRoom{By: by, Room: g.room()}
	if rooms := s.Rooms(); len(rooms) > 0 && g.rand.IntN(8) > 0 {
		r := pick(g.rand, rooms...)
		invited := slices.ContainsFunc(s.RoomInvitations(person), func(i state.RoomInvitation) bool { return i.Room == r.Name })
		if c.Room = r.Name; !invited && g.rand.IntN(4) > 0 {
			c.Verified = r.Key
		}
	}
	return c
}

// In the world of the generator all happens to rooms that can.
func TestTheWorldIsOneWithRooms(t *testing.T) {
	count := make(map[string]int)
	for seed := range uint64(1000) {
		g, s := newGenerator(seed), state.New(state.Kept{}, noon)
		for range commandsPerSeed {
			at, c := g.next(s)
			person := personOf(s, c)
			joined, cursors, invitations := len(s.Joined(person)), s.ReadCursors(person), s.RoomInvitations(person)
			var rows state.Rows
			r := s.Apply(at, c, &rows)
			for what, happened := range map[string]bool{
				"a room of an account is empty":         r.Room != nil && !r.Gone && s.Inside(r.Room.Name) == 0 && joined > 0,
				"a room ends as somebody leaves it":     r.Gone,
				"a room ends by the way":                !r.Gone && len(r.RoomsEnded) > 0,
				"a message in a room":                   r.Message != nil && r.Message.Room != state.Lobby,
				"a retry in a room":                     r.Again && isA[*command.Message](c),
				"a private room is joined":              isA[*command.JoinRoom](c) && r.Err == nil && !r.Again && r.Room.Private,
				"a room with a key is joined":           isA[*command.JoinRoom](c) && r.Err == nil && !r.Again && r.Room.Key != "",
				"an invitation is used up":              isA[*command.JoinRoom](c) && r.Err == nil && len(rows.RoomInvitations) > 0,
				"who is in a room becomes an account":   joined > 0 && len(rows.Accounts) > 0 && slices.ContainsFunc(rows.Members, func(m state.MemberRow) bool { return m.Gone && m.Person == person }),
				"a person with a cursor is forgotten":   len(rows.ReadCursors) > 0 && slices.ContainsFunc(rows.Accounts, func(a state.AccountRow) bool { return a.Gone }),
				"a cursor with a person who registers":  len(rows.Accounts) > 0 && len(rows.ReadCursors) > 1 && !rows.Accounts[0].Gone,
				"a guest in a room loses a connection":  isA[*command.Leave](c) && isGuest(person) && len(s.Joined(person)) > 0,
				"a guest in a room leaves for good":     isA[*command.Leave](c) && isGuest(person) && joined > 0 && len(s.Joined(person)) == 0,
				"a guest in a room comes back":          isA[*command.Enter](c) && r.Err == nil && slices.ContainsFunc(r.Announce, func(a users.Announcement) bool { return isGuest(a.Person) && len(a.Rooms) > 0 }),
				"somebody is told of with their rooms":  slices.ContainsFunc(r.Announce, func(a users.Announcement) bool { return len(a.Rooms) > 0 }),
				"a block ends an invitation":            len(rows.Blocks) > 0 && len(rows.RoomInvitations) > 0,
				"who is invited is forgotten, or named": len(invitations) > 0 && len(rows.RoomInvitations) > 0 && len(rows.Accounts) > 0,
				"a cursor in a room ends":               len(cursors) > 0 && slices.ContainsFunc(rows.ReadCursors, func(c state.ReadCursorRow) bool { return c.Gone && c.Room != "" && c.Room != state.Lobby }),
				"a room loses its owner":                slices.ContainsFunc(rows.Rooms, func(r state.RoomRow) bool { return !r.Gone && r.Owner == "" }),
			} {
				if happened {
					count[what]++
				} else {
					count[what] += 0
				}
			}
		}
	}
	for what, n := range count {
		if n < 3 {
			t.Errorf("%s: %d times", what, n)
		}
	}
}

// isA reports whether a command is of a kind.
func isA[C command.Command](c command.Command) bool { _, is := c.(C); return is }

func isGuest(person string) bool { return strings.HasPrefix(person, command.GuestPrefix) }

// personOf returns who asks, "" if nobody does who is there.
func personOf(s *state.State, c command.Command) string {
	if by := reflect.ValueOf(c).Elem().FieldByName("By"); by.IsValid() {
		o, _ := s.Online(by.Interface().(command.By).Name)
		return o.Person
	}
	return ""
}
