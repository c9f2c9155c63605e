package state_test

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"parley/users"
	"parley/users/command"
	"parley/users/state"
)

// matrix says who may do what to whom, and where. A column is for one who asks; in it are the
// ranks of those to whom they may do it:
//
//	0 none   1 room moderator   2 room owner   3 server moderator   4 server owner
//
// "-" is nobody, and "x" says that they may do it, where it is done to nobody. In the lobby
// and of the whole server roles in a room are none. Nobody can own a room beside another one,
// and the owner of a room has to give it away before the role; who is banned in a room is no
// moderator of it any more.
const matrix = `
	verb      place   none  rmod  rown  smod  sown  operator
	kick      room    -     0     01    012   0123  01234
	kick      server  -     -     -     0     03    034
	mute      room    -     0     01    012   0123  01234
	mute      server  -     -     -     0     03    034
	unmute    room    -     0     01    012   0123  01234
	unmute    server  -     -     -     0     03    034
	ban       room    -     0     01    012   0123  01234
	ban       server  -     -     -     0     03    034
	address   server  -     -     -     0     03    034
	unban     room    -     0     0     02    023   0234
	unban     server  -     -     -     0     03    034
	remove    room    -     0     01    012   0123  01234
	remove    server  -     -     -     0     03    034
	role      room    -     -     01    01    013   0134
	role      server  -     -     -     -     03    034
	owner     room    -     -     01    01    013   0134
	owner     server  -     -     -     -     03    03
	slow      room    -     x     x     x     x     x
	slow      server  -     -     -     x     x     x
	keep      room    -     -     x     x     x     x
	keep      server  -     -     -     -     x     x
	announce  server  -     -     -     x     x     x
	lockdown  server  -     -     -     x     x     x
	bans      room    -     x     x     x     x     x
	bans      server  -     -     -     x     x     x
	audit     room    -     x     x     x     x     x
	audit     server  -     -     -     x     x     x
	reports   room    -     x     x     x     x     x
	reports   server  -     -     -     x     x     x
	versions  room    -     x     x     x     x     x
	versions  server  -     -     -     x     x     x
	announce  room    -     -     -     -     -     -
	lockdown  room    -     -     -     -     -     -`

func TestMatrix(t *testing.T) {
	covered := make(map[string]bool)
	for line := range strings.Lines(strings.TrimSpace(matrix)) {
		words := strings.Fields(line)
		verb, place := words[0], words[1]
		if verb == "verb" {
			continue
		}
		covered[verb+" "+place] = true
		for actor, want := range words[2:] {
			if got := allowed(t, verb, place, state.Rank(actor)); got != want {
				t.Errorf("%s, %s: as %s one may do it to %s, want %s", verb, place, rankNames[actor], got, want)
			}
		}
	}
	for _, p := range state.Permissions() {
		if !covered[p.Verb+" room"] || !covered[p.Verb+" server"] {
			t.Errorf("%s is not in the matrix", p.Verb)
		}
	}
}

// allowed tries a verb of somebody with a rank on all there are, and says as the matrix does on
// whom it is allowed.
func allowed(t *testing.T, verb, place string, actor state.Rank) string {
	t.Helper()
	targets := []state.Rank{state.NoRank, state.RoomModerator, state.RoomOwner, state.ServerModerator, state.ServerOwner}
	if place == "server" {
		targets = slices.Delete(targets, 1, 3)
	}
	got, nobody := "", false
	for _, target := range targets {
		if actor == state.RoomOwner && target == actor {
			continue
		}
		w := newCourt(t, actor, target)
		is, of := w.try(verb, place)
		if nobody = !of; is {
			got += fmt.Sprint(int(target))
		}
	}
	switch {
	case got == "":
		return "-"
	case nobody:
		return "x"
	}
	return got
}

// A court is a state in which "actor" and "target" have certain ranks, both in the room
// "den".
type court struct {
	t             *testing.T
	state         *state.State
	by            command.By // the actor
	actor, target state.Rank
}

func newCourt(t *testing.T, actor, target state.Rank) *court {
	w := &court{t: t, state: state.New(state.Kept{}, start), actor: actor, target: target}
	names := []string{"keeper", "target", "actor"}
	for i, name := range names {
		w.must(&command.AddAccount{Name: name, Hash: "h"})
		w.must(&command.Enter{Name: name, Session: session(fmt.Sprint(i + 1)), Verified: "h", Token: name, Addr: fmt.Sprint("addr:1.1.1.", i+1)})
	}
	by := func(i int) command.By { return command.By{Name: names[i], Session: session(fmt.Sprint(i + 1))} }
	w.by = by(2)
	owner := 0
	if target == state.RoomOwner {
		owner = 1
	} else if actor == state.RoomOwner {
		owner = 2
	}
	w.must(&command.CreateRoom{By: by(owner), Room: "den"})
	for i, rank := range []state.Rank{state.NoRank, target, actor} {
		if i != owner {
			w.must(&command.JoinRoom{By: by(i), Room: "den"})
		}
		switch rank {
		case state.RoomModerator:
			w.must(&command.SetRole{Name: names[i], Role: users.Moderator, Room: "den"})
		case state.ServerModerator:
			w.must(&command.SetRole{Name: names[i], Role: users.Moderator})
		case state.ServerOwner:
			w.must(&command.SetRole{Name: names[i], Role: users.Owner})
		}
	}
	if actor == state.Operator {
		w.by = command.By{}
	}
	return w
}

func (w *court) must(c command.Command) {
	w.t.Helper()
	if r := w.state.Apply(start.Add(time.Second), c, nil); r.Err != nil {
		w.t.Fatalf("%+v: %v", c, r.Err)
	}
}

// try reports whether the actor may use a verb, and whether it is done to somebody.
func (w *court) try(verb, place string) (is, of bool) {
	w.t.Helper()
	room := ""
	if place == "room" {
		room = "den"
	}
	switch verb {
	case "slow":
		return w.done(&command.Slow{By: w.by, Room: room, Seconds: 5}), false
	case "announce":
		if room != "" {
			return w.state.May("actor", verb, room), false
		}
		return w.done(&command.Announce{By: w.by, Text: "hi"}), false
	case "lockdown":
		if room != "" {
			return w.state.May("actor", verb, room), false
		}
		return w.done(&command.Lockdown{By: w.by, On: true}), false
	case "keep", "bans", "audit", "reports", "versions":
		return w.may(verb, room), false
	case "remove":
		return w.may(verb, room) && (w.actor == state.Operator || w.state.Above("actor", "target", room)), true
	}
	return w.done(w.touching(verb, room)), true
}

// may is of what only the state's queries decide: the operator asks in no session.
func (w *court) may(verb, room string) bool {
	return w.actor == state.Operator || w.state.May("actor", verb, room)
}

// touching returns the command of a verb that is done to a person.
func (w *court) touching(verb, room string) command.Command {
	w.t.Helper()
	switch verb {
	case "kick":
		return &command.Kick{By: w.by, Name: "target", Room: room}
	case "mute", "ban":
		return &command.Sanction{By: w.by, Kind: users.Penalty(verb), Name: "target", Room: room}
	case "address":
		return &command.Sanction{By: w.by, Kind: users.Ban, Addr: "1.1.1.2/32"}
	case "unmute", "unban":
		kind := users.Penalty(strings.TrimPrefix(verb, "un"))
		w.must(&command.Sanction{Kind: kind, Name: "target", Room: room})
		if kind == users.Ban && room != "" && w.target == state.RoomModerator {
			return nil
		}
		return &command.Lift{By: w.by, Kind: kind, Name: "target", Room: room}
	case "owner":
		return &command.SetRole{By: w.by, Name: "target", Role: users.Owner, Room: room}
	case "role":
		role := users.Moderator
		if w.state.Role("target", room) == role {
			role = users.NoRole
		}
		return &command.SetRole{By: w.by, Name: "target", Role: role, Room: room}
	}
	w.t.Fatalf("%s: what is that?", verb)
	return nil
}

// done reports whether the actor may do something: anything else than the rank must not be
// what speaks against it. nil is what nobody can.
func (w *court) done(c command.Command) bool {
	w.t.Helper()
	if c == nil {
		return false
	}
	r := w.state.Apply(start.Add(time.Second), c, nil)
	switch {
	case r.Err == nil:
		return true
	case errors.Is(r.Err, state.ErrForbidden), errors.Is(r.Err, state.ErrHigher), errors.Is(r.Err, state.ErrLastOwner), isOwner(w.target) && errors.Is(r.Err, state.ErrNotSo):
		return false
	}
	w.t.Fatalf("%+v: %v", c, r.Err)
	return false
}

// A room whose owner is gone, and a person that nobody is, give nobody a rank.
func TestNobodyIsNobody(t *testing.T) {
	d := play(t, crowd+`2 delete bob -> bob; ended bob#2; bob logged out@2 in [den] | -account bob h, forgotten bob, room den of nobody, -member bob in den since 1`)
	for _, room := range []string{"", state.Lobby, "den", "attic"} {
		if d.state.Rank("", room) != state.NoRank || d.state.Role("", room) != users.NoRole || d.state.May("", state.ActKick, room) {
			t.Errorf("nobody has the rank %v in %q", d.state.Rank("", room), room)
		}
	}
}

func isOwner(rank state.Rank) bool { return rank == state.RoomOwner || rank == state.ServerOwner }

// Nobody does anything to themselves but give up a role.
func TestNobodyKeepsOrderOfThemselves(t *testing.T) {
	for _, room := range []string{"", "den"} {
		for actor := state.NoRank; actor < state.Operator; actor++ {
			for what, c := range map[string]func(*court) command.Command{
				"kick": func(w *court) command.Command { return &command.Kick{By: w.by, Name: "Actor", Room: room} },
				"mute": func(w *court) command.Command {
					return &command.Sanction{By: w.by, Kind: users.Mute, Name: "Actor", Room: room}
				},
				"ban": func(w *court) command.Command {
					return &command.Sanction{By: w.by, Kind: users.Ban, Name: "Actor", Room: room}
				},
				"unmute": func(w *court) command.Command {
					return &command.Lift{By: w.by, Kind: users.Mute, Name: "Actor", Room: room}
				},
				"rise": func(w *court) command.Command {
					return &command.SetRole{By: w.by, Name: "Actor", Role: higher(w.state.Role("actor", room)), Room: room}
				},
			} {
				w := newCourt(t, actor, state.NoRank)
				w.must(&command.Sanction{Kind: users.Mute, Name: "actor", Room: room})
				r := w.state.Apply(start.Add(time.Second), c(w), nil)
				if !slices.Contains([]error{users.ErrSelf, state.ErrForbidden, state.ErrLastOwner, state.ErrNotSo}, r.Err) {
					t.Errorf("%s of oneself in %q as %s: %v", what, room, rankNames[actor], r.Err)
				}
			}
			w := newCourt(t, actor, state.ServerOwner) // who stays
			has := w.state.Role("actor", room)
			r := w.state.Apply(start.Add(time.Second), &command.SetRole{By: w.by, Name: "Actor", Role: users.NoRole, Room: room}, nil)
			if gone := r.Err == nil; gone != (has == users.Moderator || has == users.Owner && room == "") {
				t.Errorf("as %s in %q one gives up %q: %v", rankNames[actor], room, has, r.Err)
			}
		}
	}
}

func higher(than users.Role) users.Role {
	if than == users.NoRole {
		return users.Moderator
	}
	return users.Owner
}
