package state_test

import (
	"fmt"
	"testing"

	"parley/users"
	"parley/users/command"
	"parley/users/state"
)

// hooks makes and uses hooks, mostly with a name and a token that go together.
func (g *generator) hooks(s *state.State) command.Command {
	n := g.rand.IntN(3)
	name, token := fmt.Sprintf("a%dHook", n), fmt.Sprint("k", n)
	if g.rand.IntN(8) == 0 {
		name = g.name()
	}
	hook, there := s.Hook(name)
	switch {
	case !there && g.rand.IntN(12) == 0:
		return &command.AddAccount{Name: name, Hash: g.hash()}
	case !there && g.rand.IntN(12) == 0:
		g.session++
		return &command.Enter{Session: command.Session{Number: g.session}, Name: name, Token: g.token()}
	case !there && g.rand.IntN(4) > 0:
		room := g.room()
		if rooms := s.Rooms(); len(rooms) > 0 {
			room = pick(g.rand, rooms...).Name
		}
		return &command.AddHook{Name: name, Room: pick(g.rand, room, room, state.Lobby), Token: token, Hash: g.hash()}
	case g.rand.IntN(8) == 0:
		return &command.DropHook{Name: name}
	case g.rand.IntN(8) == 0:
		return &command.SetHash{Name: name, Hash: g.hash()}
	case there && g.rand.IntN(4) == 0:
		return &command.Sanction{Kind: pick(g.rand, users.Mute, users.Ban), Name: name, Room: pick(g.rand, "", hook.Room)}
	}
	if there && g.rand.IntN(8) == 0 {
		return &command.Slow{Room: hook.Room, Seconds: 30}
	}
	return &command.HookMessage{Token: token, ID: pick(g.rand, "", "i1", "i2"), Text: g.text()}
}

// States that differ in a hook differ.
func TestHooksAreInTheDigest(t *testing.T) {
	digests := make(map[[32]byte]bool)
	for _, c := range []command.AddHook{{Name: "aHook", Room: state.Lobby, Token: "k1"}, {Name: "aHook", Room: state.Lobby, Token: "k2"}} {
		s := state.New(state.Kept{}, noon)
		if r := s.Apply(noon, &c, nil); r.Err != nil {
			t.Fatal(r.Err)
		}
		digests[s.Digest()] = true
	}
	if len(digests) != 2 {
		t.Error("they have the same digest")
	}
}

// In the world of the generator all happens that happens to hooks.
func TestTheWorldIsOneWithHooks(t *testing.T) {
	count := make(map[string]int)
	for seed := range uint64(300) {
		g, s := newGenerator(seed), state.New(state.Kept{}, noon)
		for range commandsPerSeed {
			at, c := g.next(s)
			if g.rand.IntN(3) == 0 {
				c = g.hooks(s)
			}
			var rows state.Rows
			r := s.Apply(at, c, &rows)
			_, says := c.(*command.HookMessage)
			for what, happened := range map[string]bool{
				"a hook ends with its room":        len(r.RoomsEnded) > 0 && len(rows.Hooks) > 0 && len(rows.Accounts) > 0,
				"a hook ends with its account":     isA[*command.DeleteAccount](c) && len(rows.Hooks) > 0,
				"it has the name of an account":    isA[*command.AddHook](c) && r.Err == users.ErrRegistered,
				"it has the name of a guest":       isA[*command.AddHook](c) && r.Err == users.ErrNameTaken,
				"its room is not there":            isA[*command.AddHook](c) && r.Err == state.ErrNoRoom,
				"something is said in a room":      says && r.Message != nil && r.Message.Room != state.Lobby,
				"something is said in the lobby":   says && r.Message != nil && r.Message.Room == state.Lobby,
				"it was said before":               says && r.Again && r.Message == nil && r.Number > 0,
				"the id was another text's":        says && r.Err == state.ErrReused,
				"nobody has the token":             says && r.Err == state.ErrNoHook,
				"it is muted":                      says && r.Err == state.ErrMuted,
				"it is banned":                     says && r.Err == state.ErrBanned,
				"it is slow":                       says && r.Err == state.ErrSlow,
				"it gets a password that is known": isA[*command.SetHash](c) && r.Err == state.ErrHook,
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
