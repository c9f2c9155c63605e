package state_test

import (
	"fmt"
	"slices"
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
		room = pick(g.rand, room, room, state.Lobby)
		if g.rand.IntN(3) == 0 {
			return &command.AddOutgoingHook{Name: name, Room: room, URL: pick(g.rand, "http://localhost", "http://localhost/2"), Secret: pick(g.rand, "s1", "s2"), Hash: g.hash()}
		}
		return &command.AddHook{Name: name, Room: room, Token: token, Hash: g.hash()}
	case there && hook.Outgoing() && g.rand.IntN(4) == 0:
		return &command.HooksSent{Hooks: []command.HookSent{{Hook: hook.Number + pick(g.rand, 0, 0, 0, uint64(1)), UpTo: g.number(s)}}}
	case g.rand.IntN(5) == 0:
		return &command.DropHook{Name: name}
	case there && (hook.Outgoing() && g.rand.IntN(2) == 0 || g.rand.IntN(16) == 0):
		return &command.StopHook{Name: name, Number: hook.Number + pick(g.rand, 0, 0, 0, uint64(1))}
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
	out := func(url, secret string) *command.AddOutgoingHook {
		return &command.AddOutgoingHook{Name: "aHook", Room: state.Lobby, URL: url, Secret: secret}
	}
	act := &command.Sanction{Kind: users.Mute, Name: "one"} // which has a number
	all := [][]command.Command{
		{&command.AddHook{Name: "aHook", Room: state.Lobby, Token: "k1"}},
		{&command.AddHook{Name: "aHook", Room: state.Lobby, Token: "k2"}},
		{out("http://localhost/1", "s1")}, {out("http://localhost/2", "s1")}, {out("http://localhost/1", "s2")},
		{out("http://localhost/1", "s1"), &command.StopHook{Name: "aHook", Number: 1}},
		{out("http://localhost/1", "s1"), &command.AddAccount{Name: "one", Hash: "h"}, act},
		{out("http://localhost/1", "s1"), &command.AddAccount{Name: "one", Hash: "h"}, act, &command.HooksSent{Hooks: []command.HookSent{{Hook: 1, UpTo: 2}}}},
	}
	for _, commands := range all {
		s := state.New(state.Kept{}, noon)
		for _, c := range commands {
			if r := s.Apply(noon, c, nil); r.Err != nil {
				t.Fatalf("%T: %v", c, r.Err)
			}
		}
		digests[s.Digest()] = true
	}
	if len(digests) != len(all) {
		t.Errorf("%d states have %d digests", len(all), len(digests))
	}
}

// Who has made an outgoing hook has it sent what is said from then on, until it is stopped or
// has ended. It is stopped by its own number only, and there are not too many.
func TestOutgoingHooks(t *testing.T) {
	s := state.New(state.Kept{}, noon)
	do := func(want error, c command.Command) state.Result {
		t.Helper()
		r := s.Apply(noon, c, nil)
		if r.Err != want {
			t.Fatalf("%+v: %v, want %v", c, r.Err, want)
		}
		return r
	}
	forwarded := func(want ...string) {
		t.Helper()
		if got := s.Forwarded(state.Lobby); !slices.Equal(got, want) {
			t.Fatalf("forwarded by %v, want %v", got, want)
		}
	}
	add := func(name string) *command.AddOutgoingHook {
		return &command.AddOutgoingHook{Name: name, Room: "LOBBY", URL: "http://localhost/", Secret: "s", Hash: "h"}
	}
	do(nil, &command.AddHook{Name: "inHook", Room: state.Lobby, Token: "k"})
	first := do(nil, add("aHook")).Hook
	if first.Number == 0 || first.Room != state.Lobby || !first.Outgoing() {
		t.Errorf("the hook is %+v", first)
	}
	do(users.ErrRegistered, add("AHOOK"))
	do(state.ErrName, add("alice"))
	do(state.ErrNoHook, &command.AddOutgoingHook{Name: "bHook", Room: state.Lobby, Secret: "s"})
	do(state.ErrNoHook, &command.AddOutgoingHook{Name: "bHook", Room: state.Lobby, URL: "http://localhost/"})
	do(state.ErrNoHook, &command.HookMessage{Text: "by nobody"}) // its token is none
	forwarded("aHook")
	do(state.ErrNoHook, &command.StopHook{Name: "aHook", Number: first.Number + 1})
	do(state.ErrNoHook, &command.StopHook{Name: "inHook"})
	if r := do(nil, &command.StopHook{Name: "aHook", Number: first.Number}); r.Hook == nil || !r.Hook.Stopped {
		t.Errorf("the hook that is stopped is %+v", r.Hook)
	}
	do(state.ErrNotSo, &command.StopHook{Name: "aHook", Number: first.Number})
	forwarded()
	if r := do(nil, &command.DeleteAccount{Name: "aHook"}); r.Hook == nil || r.Hook.Number != first.Number {
		t.Errorf("the hook that has ended is %+v", r.Hook)
	}
	if again := do(nil, add("aHook")).Hook; again.Number <= first.Number {
		t.Errorf("the number of another hook is %d behind %d", again.Number, first.Number)
	}
	do(state.ErrNoHook, &command.StopHook{Name: "aHook", Number: first.Number})
	for i := 1; i < state.MaxOutgoingHooks; i++ {
		do(nil, add(fmt.Sprintf("n%dHook", i)))
	}
	do(state.ErrHooksFull, add("oneMoreHook"))
	do(nil, &command.AddHook{Name: "inTooHook", Room: state.Lobby, Token: "k2"})
}

// How far a receiver is goes on only, and not beyond what there is, and is that of one hook: one
// that has its name by now begins anew. It is in what is kept, so another node, or the next start,
// goes on from it.
func TestHowFarReceiversAre(t *testing.T) {
	s, table := state.New(state.Kept{}, noon), state.NewTable()
	do := func(c command.Command) state.Result {
		t.Helper()
		var rows state.Rows
		r := s.Apply(noon, c, &rows)
		if r.Err != nil {
			t.Fatalf("%+v: %v", c, r.Err)
		}
		table.Put(&rows)
		return r
	}
	add := func(name string) uint64 {
		t.Helper()
		return do(&command.AddOutgoingHook{Name: name, Room: state.Lobby, URL: "http://localhost/", Secret: "s", Hash: "h"}).Hook.Number
	}
	expect := func(what, name string, want uint64) {
		t.Helper()
		h, _ := s.Hook(name)
		kept, _ := state.New(table.Kept(), noon).Hook(name)
		if h.Sent != want || kept != h {
			t.Errorf("%s: its receiver is at %d, and is kept at %d, want %d", what, h.Sent, kept.Sent, want)
		}
	}
	first, second := add("aHook"), add("bHook")
	do(&command.AddHook{Name: "inHook", Room: state.Lobby, Token: "k"})
	for range 5 {
		do(&command.HookMessage{Token: "k", Text: "text"})
	}
	sent := func(of ...command.HookSent) { t.Helper(); do(&command.HooksSent{Hooks: of}) }
	sent()
	sent(command.HookSent{Hook: second, UpTo: second}, command.HookSent{Hook: 0, UpTo: 1}, command.HookSent{Hook: 100, UpTo: 5})
	expect("nothing", "aHook", 0)
	expect("no more than its beginning", "bHook", 0)
	sent(command.HookSent{Hook: first, UpTo: 4}, command.HookSent{Hook: second, UpTo: 5})
	expect("both", "aHook", 4)
	expect("both", "bHook", 5)
	sent(command.HookSent{Hook: first, UpTo: 3}, command.HookSent{Hook: second, UpTo: s.Last() + 1})
	expect("less", "aHook", 4)
	expect("more than there is", "bHook", 5)
	do(&command.StopHook{Name: "aHook", Number: first})
	expect("one that is stopped", "aHook", 4)
	do(&command.DropHook{Name: "bHook"})
	third := add("bHook")
	sent(command.HookSent{Hook: second, UpTo: s.Last()})
	expect("another one of the name", "bHook", 0)
	do(&command.HookMessage{Token: "k", Text: "text"})
	sent(command.HookSent{Hook: third, UpTo: s.Last()})
	expect("the other one", "bHook", s.Last())
}

// A snapshot is of the version before hooks could say how far they are, unless one does.
func TestASnapshotWithoutWhatIsNewCanBeReadByOlderNodes(t *testing.T) {
	s := state.New(state.Kept{}, noon)
	version := func() byte {
		t.Helper()
		_, b := restored(t, s)
		return b[0]
	}
	s.Apply(noon, &command.AddOutgoingHook{Name: "aHook", Room: state.Lobby, URL: "http://localhost/", Secret: "s", Hash: "h"}, nil)
	before := version()
	s.Apply(noon, &command.AddHook{Name: "inHook", Room: state.Lobby, Token: "k", Hash: "h"}, nil)
	s.Apply(noon, &command.HookMessage{Token: "k", Text: "text"}, nil)
	s.Apply(noon, &command.HooksSent{Hooks: []command.HookSent{{Hook: 1, UpTo: 2}}}, nil)
	if after := version(); before != 1 || after != 2 {
		t.Errorf("they are of the versions %d and %d", before, after)
	}
}

// In the world of the generator all happens that happens to hooks.
func TestTheWorldIsOneWithHooks(t *testing.T) {
	count := make(map[string]int)
	for seed := range uint64(900) {
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
				"a hook ends with its room":          len(r.RoomsEnded) > 0 && len(rows.Hooks) > 0 && len(rows.Accounts) > 0,
				"a hook ends with its account":       isA[*command.DeleteAccount](c) && len(rows.Hooks) > 0,
				"it has the name of an account":      isA[*command.AddHook](c) && r.Err == users.ErrRegistered,
				"it has the name of a guest":         isA[*command.AddHook](c) && r.Err == users.ErrNameTaken,
				"its room is not there":              isA[*command.AddHook](c) && r.Err == state.ErrNoRoom,
				"something is said in a room":        says && r.Message != nil && r.Message.Room != state.Lobby,
				"something is said in the lobby":     says && r.Message != nil && r.Message.Room == state.Lobby,
				"it was said before":                 says && r.Again && r.Message == nil && r.Number > 0,
				"the id was another text's":          says && r.Err == state.ErrReused,
				"nobody has the token":               says && r.Err == state.ErrNoHook,
				"it is muted":                        says && r.Err == state.ErrMuted,
				"it is banned":                       says && r.Err == state.ErrBanned,
				"it is slow":                         says && r.Err == state.ErrSlow,
				"it gets a password that is known":   isA[*command.SetHash](c) && r.Err == state.ErrHook,
				"an outgoing one is made":            isA[*command.AddOutgoingHook](c) && r.Err == nil,
				"an outgoing one is stopped":         isA[*command.StopHook](c) && r.Err == nil,
				"another one is to be stopped":       isA[*command.StopHook](c) && r.Err == state.ErrNoHook,
				"it is known how far one is":         isA[*command.HooksSent](c) && len(rows.Hooks) > 0,
				"an outgoing one ends with its room": len(r.RoomsEnded) > 0 && len(rows.Hooks) > 0 && rows.Hooks[0].Outgoing(),
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
