package store

import (
	"context"
	"testing"

	"parley/users/state"
)

// How far the receiver of an outgoing hook is goes with it.
func testOutgoing(t *testing.T, s *Store) {
	in := state.Hook{Name: "CiHook", Room: "Den", Token: "k1", Made: noon}
	out := state.Hook{Name: "aHook", Room: "Den", Made: noon, URL: "http://localhost/", Secret: "s", Number: 5}
	row := func(h state.Hook, gone bool) state.Rows {
		return state.Rows{Hooks: []state.HookRow{{Hook: h, Gone: gone}}, Last: 9, Time: noon}
	}
	sent := func(want ...state.Hook) {
		t.Helper()
		got, err := s.Outgoing(context.Background())
		if err != nil {
			t.Fatal(err)
		}
		same(t, "outgoing hooks", got, want)
	}
	mustCommit(t, s, row(in, false))
	mustCommit(t, s, row(out, false))
	same(t, "hooks", mustLoad(t, s).Hooks, []state.Hook{out, in})
	sent(out)
	out.Sent = 8
	mustCommit(t, s, row(out, false))
	sent(out)
	out.Stopped = true
	mustCommit(t, s, row(out, false))
	sent(out)
	same(t, "hooks", mustLoad(t, s).Hooks, []state.Hook{out, in})
	mustCommit(t, s, row(out, true))
	sent()
	out.Number, out.Stopped, out.Sent = 9, false, 0
	mustCommit(t, s, row(out, false))
	sent(out)
}

// Who is told the news of a room again and again is told in order all that is said there, and
// what becomes of what they know; not what was said before, elsewhere or to one person, nor a
// text that was removed, and once that something is gone that they were not told.
func testNews(t *testing.T, s *Store) {
	const since = 2
	hook := state.Hook{Name: "aHook", Room: state.Lobby, Made: noon, URL: "http://localhost/", Secret: "s", Number: since}
	hooked := func(gone bool) state.Rows {
		return state.Rows{Hooks: []state.HookRow{{Hook: hook, Gone: gone}}, Last: 2, Time: noon}
	}
	rows := said(1, 2, 3, 5, 6)
	den, dm := message(4), direct(7, "alice", "bob")
	den.Room = "Den"
	rows.Messages = append(rows.Messages, den)
	rows.Directs = append(rows.Directs, dm)
	of := func(m state.Message) state.Change {
		return state.Change{Of: m.Target(m.Number), Time: noon}
	}
	old, edit, removal, reaction, directEdit := of(message(1)), of(message(3)), of(message(5)), of(message(3)), state.Change{Of: dm.Target(7), Time: noon}
	old.Number, old.Text = 8, "of before"
	edit.Number, edit.Text = 9, "edited"
	removal.Number, removal.Removed = 10, &state.Removal{By: "mod", Why: "spam"}
	reaction.Number, reaction.Word, reaction.By = 11, "+1", state.Reactor{Person: "bob", Name: "Bob", Number: 11}
	directEdit.Number, directEdit.Text = 12, "psst, edited"
	rows.Last = 7
	mustCommit(t, s, hooked(false), rows, state.Rows{Changes: []state.Change{old, edit, removal, reaction, directEdit}, Last: 12, Time: noon})
	type told struct {
		number, change, missing uint64
		text                    string
	}
	news := func(after uint64) (all []told) {
		t.Helper()
		for {
			n, err := s.News(context.Background(), since, after)
			if err != nil {
				t.Fatal(err)
			}
			if n == (News{}) {
				return all
			}
			if n.Number() <= after {
				t.Fatalf("behind %d there is %+v", after, n)
			}
			after = n.Number()
			one := told{change: n.Change, missing: n.Missing}
			if m := n.Message; m != nil {
				one.number, one.text = m.Number, m.Text
			}
			all = append(all, one)
		}
	}
	same(t, "news", news(since), []told{{3, 0, 0, "edited"}, {5, 0, 0, ""}, {6, 0, 0, "text 6"}, {5, 10, 0, ""}, {3, 11, 0, "edited"}})
	same(t, "news to who knows the first", news(3), []told{{5, 0, 0, ""}, {6, 0, 0, "text 6"}, {5, 10, 0, ""}, {3, 11, 0, "edited"}})
	same(t, "news behind all", news(11), nil)
	mustCommit(t, s, state.Rows{Pruned: []state.PrunedRow{{Pruned: state.Pruned{Room: state.Lobby, UpTo: 5}}}, Last: 12, Time: noon})
	same(t, "news of what is gone", news(since), []told{{0, 0, 5, ""}, {6, 0, 0, "text 6"}})
	same(t, "news to who knows what is gone", news(5), []told{{6, 0, 0, "text 6"}})
	mustCommit(t, s, state.Rows{Pruned: []state.PrunedRow{{Pruned: state.Pruned{Room: state.Lobby}, Gone: true}}, Last: 12, Time: noon})
	mustCommit(t, s, state.Rows{Rooms: []state.RoomRow{{Room: state.Room{Name: "Den"}, Gone: true, UpTo: 12}}, Last: 12, Time: noon})
	hook.Room = "Den"
	mustCommit(t, s, hooked(false))
	same(t, "news of a room that has ended", news(since), nil)
	hook.Room, hook.Stopped = state.Lobby, true
	for _, rows := range []state.Rows{hooked(false), hooked(true)} {
		mustCommit(t, s, rows)
		if n, err := s.News(context.Background(), since, since); err != nil || n != (News{Ended: true}) {
			t.Errorf("news for a hook that has ended: %+v %v", n, err)
		}
	}
}
