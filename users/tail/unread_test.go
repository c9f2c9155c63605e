package tail

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"parley/users"
	"parley/users/state"
)

var (
	testPersons = []string{"alice", "bob", "~g"}
	testNames   = []string{"Alice", "ALICE", "Bob", "carl"}
)

// unread is what Count says, in the simplest way: q of all that was ever said.
func unread(q UnreadQuery, all []Entry) (found []Unread) {
	for _, r := range q.Rooms {
		u := Unread{RoomFrom: r}
		for _, e := range slices.Backward(all) {
			m := e.Message
			if m != nil && e.Change == 0 && !m.Marks.IsRemoved() && m.Room == r.Room && m.Number > r.After && users.Fold(m.Sender) != users.Fold(q.Name) && !q.Skip(m.Sender) {
				u = oneMore(u, q, m.Text)
			}
		}
		if u.Count > 0 || u.More {
			found = append(found, u)
		}
	}
	rooms := len(found)
	for _, e := range slices.Backward(all) {
		d := e.Direct
		if d == nil || e.Change != 0 || d.Marks.IsRemoved() || d.Person != q.Person || d.From == q.Person || d.Number <= q.Directs[d.From] || q.Skip(d.Sender) {
			continue
		}
		i := slices.IndexFunc(found, func(u Unread) bool { return u.With == d.From })
		if i < rooms {
			i, found = len(found), append(found, Unread{RoomFrom: RoomFrom{After: q.Directs[d.From]}, With: d.From, Name: d.Sender})
		}
		found[i] = oneMore(found[i], q, d.Text)
	}
	return found
}

func oneMore(u Unread, q UnreadQuery, text string) Unread {
	if u.Count == q.Most {
		u.More = true
		return u
	}
	u.Count++
	if q.Mention(text) {
		u.Mentions++
	}
	return u
}

// Whatever is in the tail and what only in the source, all is counted, and once.
func TestUnreadIsAllThereIs(t *testing.T) {
	rapid.Check(t, func(r *rapid.T) {
		from, all := table(r, rapid.IntRange(0, 60).Draw(r, "n"))
		last := uint64(0)
		if len(all) > 0 {
			last = all[len(all)-1].Number()
		}
		tail := New(rapid.IntRange(1, 60*overhead).Draw(r, "limit"), uint64(0))
		for _, e := range all {
			tail.Add(e)
		}
		skipped := rapid.SampledFrom([]string{"", "carl", "bob", "~G"}).Draw(r, "skipped")
		q := UnreadQuery{Person: rapid.SampledFrom(testPersons).Draw(r, "person"), Name: "aLice", Rooms: drawRooms(r, last), Directs: map[string]uint64{},
			Most:    rapid.SampledFrom([]int{0, 1, 5, 99}).Draw(r, "most"),
			Skip:    func(sender string) bool { return strings.EqualFold(sender, skipped) },
			Mention: func(text string) bool { return len(text) == 10 }}
		for _, person := range testPersons {
			if rapid.Bool().Draw(r, "read") {
				q.Directs[person] = uint64(rapid.IntRange(0, int(last)).Draw(r, "up to"))
			}
		}
		got, err := Count(context.Background(), from, tail.Unread(q))
		if diff := cmp.Diff(unread(q, all), got); diff != "" || err != nil {
			r.Fatal(err, diff)
		}
		inTail, err := Count(context.Background(), nil, tail.Unread(q))
		if diff := cmp.Diff(unread(q, tail.From(0)), inTail); diff != "" || err != nil {
			r.Fatal("without a source: ", err, diff)
		}
	})
}

// It is not looked at all that somebody has said who is blocked, nor at all direct
// messages: what is left out is owned up to.
func TestUnreadEnds(t *testing.T) {
	rows := state.Rows{Count: 1}
	say := func(n int, sender string) {
		for range n {
			rows.Last++
			rows.Messages = append(rows.Messages, state.Message{Number: rows.Last, Room: "den", Sender: sender, Text: "x"})
		}
	}
	write := func(n int, from string) {
		for range n {
			rows.Last++
			rows.Directs = append(rows.Directs, state.Direct{Number: rows.Last, Sender: from, From: from, Person: "bob", Text: "x"})
		}
	}
	say(3, "carl")
	write(4, "carl")
	say(lookedAt-1, "mallory")
	write(directsLookedAt-2, "dora")
	q := UnreadQuery{Person: "bob", Name: "bob", Rooms: []RoomFrom{{Room: "den"}}, Most: 9, Skip: func(sender string) bool { return sender == "mallory" }}
	for _, kept := range []int{0, 5, lookedAt, 1 << 20} { // entries in the tail
		tail, table := New(max(kept, 1)*(overhead+1), 0), state.NewTable()
		table.Put(&rows)
		for _, e := range Merge(rows.Messages, rows.Directs) {
			tail.Add(e)
		}
		got, err := Count(t.Context(), table, tail.Unread(q))
		want := []Unread{{RoomFrom: RoomFrom{Room: "den"}, Count: 1, More: true}, {With: "dora", Name: "dora", Count: 9, More: true}, {With: "carl", Name: "carl", Count: 2, More: true}}
		if diff := cmp.Diff(want, got); diff != "" || err != nil {
			t.Errorf("with %d in the tail: %v %s", kept, err, diff)
		}
	}
}

// What the tail has is not read again.
func TestUnreadIsNotReadWithoutNeed(t *testing.T) {
	why := errors.New("the file is gone")
	for _, c := range []struct {
		name  string
		from  broken
		after uint64 // the tail has all behind it
	}{{"the rooms", broken{messages: why}, 3}, {"everything", broken{messages: why, directs: why}, 0}} {
		tail := New(1<<20, c.after)
		tail.Add(said(5, "den"))
		found, err := Count(t.Context(), c.from, tail.Unread(UnreadQuery{Rooms: []RoomFrom{{Room: "den", After: c.after}}, Most: 9}))
		if err != nil || len(found) != 1 || found[0].Count != 1 {
			t.Errorf("%s: %v %v", c.name, found, err)
		}
	}
}

// Of many rooms that are full of what is not in the tail, it is looked at some in each.
func TestUnreadOfManyRooms(t *testing.T) {
	const rooms, each = 60, 500
	rows, q := state.Rows{Count: 1}, UnreadQuery{Name: "bob", Most: 999}
	for i := range rooms {
		room := fmt.Sprint("room", i)
		q.Rooms = append(q.Rooms, RoomFrom{Room: room})
		for range each {
			rows.Last++
			rows.Messages = append(rows.Messages, state.Message{Number: rows.Last, Room: room, Sender: "carl", Text: "x"})
		}
	}
	table := state.NewTable()
	table.Put(&rows)
	for _, c := range []struct {
		after uint64 // the tail has all behind it
		exact int    // so many rooms are counted to the end
	}{{rows.Last, keptLookedAt / each}, {rows.Last / 2, rooms}} {
		tail := New(1<<30, c.after)
		for _, m := range rows.Messages[c.after:] {
			tail.Add(Entry{Message: &m})
		}
		found, err := Count(t.Context(), table, tail.Unread(q))
		if err != nil {
			t.Fatal(err)
		}
		for i, u := range found {
			want := Unread{RoomFrom: q.Rooms[i], Count: each}
			if i >= c.exact {
				want.Count, want.More = keptAtLeast, true
			}
			if u != want {
				t.Errorf("behind %d: %+v, want %+v", c.after, u, want)
			}
		}
	}
}

// BenchmarkUnread collects what a full tail has for somebody in 100 rooms, and counts it.
func BenchmarkUnread(b *testing.B) {
	tail := New(Limit, 0)
	for n := range uint64(60_000) {
		if n%4 == 0 {
			tail.Add(direct(n+1, fmt.Sprint("person", n%100), "bob"))
			continue
		}
		e := message(n+1, 20)
		e.Message.Room = fmt.Sprint("room", n%100)
		tail.Add(e)
	}
	q := UnreadQuery{Person: "bob", Name: "bob", Most: 999, Mention: func(text string) bool { return strings.Contains(text, "bob") }}
	for i := range 100 {
		q.Rooms = append(q.Rooms, RoomFrom{Room: fmt.Sprint("room", i)})
	}
	b.Run("collect", func(b *testing.B) {
		for b.Loop() {
			tail.Unread(q)
		}
	})
	b.Run("count", func(b *testing.B) {
		part := tail.Unread(q)
		for b.Loop() {
			Count(context.Background(), nil, part)
		}
	})
}
