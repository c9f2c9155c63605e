package store

import (
	"context"
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"parley/users"
	"parley/users/state"
)

// act returns one of somebody, who is "" for the operator, about another one.
func act(number uint64, what, by, name, room string) state.Act {
	return state.Act{Number: number, Time: noon.Add(time.Duration(number)), Act: what, By: by, Person: users.Fold(by), Name: name, Target: users.Fold(name),
		Room: room, Message: number - 1, Why: "é 漢'", Set: "on", Until: noon.Add(time.Hour)}
}

func testOrder(t *testing.T, s *Store) {
	owner := account("Anna")
	owner.Role = users.Owner
	ban := state.Sanction{Kind: users.Ban, Target: "1.2.0.0/16", Addr: true, By: "Anna", Why: "spam", Since: noon}
	mute := state.Sanction{Kind: users.Mute, Room: "Den", Target: "bob", Name: "Bob", Person: "~b", Since: noon, Until: noon.Add(time.Minute)}
	report := act(3, state.ActReport, "Bob", "Anna", state.Lobby)
	acts := []state.Act{act(1, state.ActBan, "Anna", "", ""), act(2, state.ActMute, "", "Bob", "Den"), report, act(4, state.ActUnmute, "anna", "BOB", "Den")}
	acts[0].Addr, acts[0].Until = ban.Target, time.Time{}
	room := state.Room{Name: "Den", Owner: "~b", Slow: 30}
	member := state.Member{Room: "Den", Person: "~b", Since: 1, Role: users.Moderator}
	settings := state.Settings{Lockdown: true, By: "Anna", Why: "a raid", Slow: 5}
	mustCommit(t, s, state.Rows{
		Accounts: []state.AccountRow{{Account: owner}}, Rooms: []state.RoomRow{{Room: room}}, Members: []state.MemberRow{{Member: member}},
		Sanctions: []state.SanctionRow{{Sanction: mute}, {Sanction: ban}}, Acts: acts, Settings: &state.Settings{Slow: 1}, Last: 4, Time: noon,
	}, state.Rows{Settings: &settings, Last: 4, Time: noon})
	kept := mustLoad(t, s)
	same(t, "kept", kept, state.Kept{
		Last: 4, Time: noon, Accounts: []users.Account{owner}, Rooms: []state.Room{room}, Members: []state.Member{member}, Guests: []string{"~b"},
		Sanctions: []state.Sanction{ban, mute}, Reports: []state.Act{report}, Settings: settings,
	})
	for name, c := range map[string]struct {
		filter state.ActFilter
		n      int
		want   []state.Act
	}{
		"all":           {state.ActFilter{}, 9, acts},
		"the newest":    {state.ActFilter{}, 2, acts[2:]},
		"before":        {state.ActFilter{Before: 3}, 9, acts[:2]},
		"behind":        {state.ActFilter{After: 3}, 9, acts[3:]},
		"in a room":     {state.ActFilter{Room: "Den"}, 9, []state.Act{acts[1], acts[3]}},
		"spelled other": {state.ActFilter{Room: "den"}, 9, nil}, // which is another room
		"by and about":  {state.ActFilter{Name: "aNNa"}, 9, []state.Act{acts[0], acts[2], acts[3]}},
		"two of them":   {state.ActFilter{Name: "anna", Before: 4}, 2, []state.Act{acts[0], acts[2]}},
		"both":          {state.ActFilter{Name: "Anna", Room: "Den"}, 9, acts[3:]},
		"none":          {state.ActFilter{}, 0, nil},
	} {
		got, err := s.Acts(context.Background(), c.filter, c.n)
		if err != nil {
			t.Fatal(name, err)
		}
		same(t, name, list(got), list(c.want))
	}
	mute.Why, mute.Room = "again", "DEN"
	mustCommit(t, s, state.Rows{Sanctions: []state.SanctionRow{{Sanction: mute}, {Sanction: ban, Gone: true}}, Last: 4, Time: noon})
	same(t, "replaced", mustLoad(t, s).Sanctions, []state.Sanction{mute})
}

// TestNobodyEditsTheAuditLog has statements that would.
func TestNobodyEditsTheAuditLog(t *testing.T) {
	s := mustOpen(t, t.TempDir())
	acts := []state.Act{act(1, state.ActBan, "Anna", "Bob", "")}
	mustCommit(t, s, state.Rows{Acts: acts, Last: 1, Time: noon})
	for _, edit := range []string{"DELETE FROM acts", "UPDATE acts SET why = 'no'", "UPDATE acts SET time = 1", "UPDATE acts SET act = 'kick' WHERE id = 1", "UPDATE acts SET id = 2", "UPDATE acts SET address = '1.2.3.4/32'"} {
		if _, err := s.write.Exec(edit); err == nil || !strings.Contains(err.Error(), "audit log") {
			t.Errorf("%s: %v", edit, err)
		}
	}
	got, err := s.Acts(context.Background(), state.ActFilter{}, 9)
	if err != nil {
		t.Fatal(err)
	}
	same(t, "acts", got, acts)
}

// addRandomOrder adds a row about keeping order.
func addRandomOrder(rows *state.Rows, number uint64, random *rand.Rand) {
	pick := func(of ...string) string { return of[random.IntN(len(of))] }
	room, name, gone := pick("", "den", "Den", "attic"), pick("alice", "Bob", "eve"), random.IntN(3) == 0
	switch random.IntN(3) {
	case 0:
		v := state.Sanction{Kind: users.Penalty(pick("ban", "mute")), Room: room, Target: users.Fold(name), Name: name, Person: pick("", "~x", "bob"),
			By: pick("", "Alice"), Why: fmt.Sprint(number), Since: noon.Add(time.Duration(number))}
		if random.IntN(2) == 0 {
			v.Until = noon
		}
		if random.IntN(4) == 0 {
			v.Addr, v.Target, v.Name = true, pick("1.2.0.0/16", "2001:db8::/64"), ""
		}
		rows.Sanctions = append(rows.Sanctions, state.SanctionRow{Sanction: v, Gone: gone, UpTo: number - min(number, uint64(random.IntN(20)))})
	case 1:
		rows.Settings = &state.Settings{Lockdown: gone, By: pick("", "Alice"), Why: fmt.Sprint(number), Slow: random.IntN(3)}
	case 2:
		a := act(number, pick(state.ActBan, state.ActReport), pick("", "alice", "Alice", "bob"), pick("", name), room)
		a.Addr = pick("", "1.2.0.0/16", "2001:db8::/64")
		rows.Acts = append(rows.Acts, a)
	}
}

func compareActs(t *testing.T, s *Store, table *state.Table, number uint64) {
	t.Helper()
	for _, f := range []state.ActFilter{{}, {Before: number}, {After: number - min(number, 3)}, {Room: "Den", After: number / 2}, {Name: "ALICE"}, {Name: "bob", Before: number}, {Name: "alice", Room: "den"}} {
		got, err := s.Acts(context.Background(), f, 5)
		if err != nil {
			t.Fatal(err)
		}
		want, _ := table.Acts(context.Background(), f, 5)
		same(t, fmt.Sprintf("acts of %+v", f), list(got), list(want))
	}
}
