package store

import (
	"context"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"parley/users/command"
	"parley/users/state"
)

// changeable is what random rows have said, also what is not there any more.
type changeable []command.Target

// addRandom adds changes of what was said to rows, and notes what these say.
func (s *changeable) addRandom(rows *state.Rows, number uint64, random *rand.Rand) {
	for i := range rows.Messages {
		if m := &rows.Messages[i]; m.Number == number {
			m.Person, m.Re = []string{"", "alice", "~x"}[random.IntN(3)], uint64(random.IntN(3))
			*s = append(*s, m.Target(number))
		}
	}
	for i := range rows.Directs {
		if d := &rows.Directs[i]; d.Number == number {
			d.Re = uint64(random.IntN(3))
			*s = append(*s, d.Target(number))
		}
	}
	if len(*s) == 0 || random.IntN(2) == 0 {
		return
	}
	of := (*s)[random.IntN(len(*s))]
	if random.IntN(2) == 0 { // the newest are changed most
		of = (*s)[max(0, len(*s)-1-random.IntN(5))]
	}
	if of.Number == number || of.Removed { // it has a number of its own, and nothing changes what was removed
		return
	}
	c := state.Change{Number: number, Of: of, Time: noon.Add(time.Duration(number))}
	switch random.IntN(8) {
	case 0:
		for i := range *s {
			(*s)[i].Removed = (*s)[i].Removed || (*s)[i].Number == of.Number
		}
		c.Removed = &state.Removal{By: []string{"", "mod", "Alice", "alice", "bob"}[random.IntN(5)], Why: []string{"", "spam \" é"}[random.IntN(2)]}
	case 1, 2:
		c.Text = fmt.Sprint("edited ", number)
	default:
		c.Word = []string{"+1", "-1", "👍", "\"quoted\\"}[random.IntN(4)]
		c.By = state.Reactor{Person: []string{"alice", "~x"}[random.IntN(2)], Name: "Alice", Number: number}
		if c.Gone = random.IntN(3) == 0; c.Gone {
			c.By.Number -= uint64(random.Int64N(int64(min(number, 10))))
		}
	}
	rows.Changes = append(rows.Changes, c)
	if random.IntN(20) == 0 {
		rows.OldChanges = number - min(number, 100)
	}
}

// compare compares what a store and a table say of changes.
func (s *changeable) compare(t *testing.T, store *Store, table *state.Table, last uint64, random *rand.Rand) {
	t.Helper()
	ctx := context.Background()
	number := uint64(random.Int64N(int64(last)))
	for _, of := range (*s)[max(0, len(*s)-20):] {
		message, direct, err := store.Find(ctx, of.Number)
		if err != nil {
			t.Fatal(err)
		}
		wanted, want, _ := table.Find(ctx, of.Number)
		same(t, fmt.Sprint("found ", of.Number), message, wanted)
		same(t, fmt.Sprint("found ", of.Number), direct, want)
		versions, err := store.Versions(ctx, of.Number)
		if err != nil {
			t.Fatal(err)
		}
		before, _ := table.Versions(ctx, of.Number)
		same(t, fmt.Sprint("versions of ", of.Number), list(versions), list(before))
	}
	rooms := []state.RoomFrom{{Room: "den", After: number / 2}, {Room: state.Lobby}, {Room: "attic"}, {Room: "Den"}}[random.IntN(4):]
	for bytes := range slices.Values([]int{0, 40, 1000}) {
		messages, directs, reached, err := store.ChangesAfter(ctx, "alice", rooms, number, last, bytes)
		if err != nil {
			t.Fatal(err)
		}
		wanted, want, upTo, _ := table.ChangesAfter(ctx, "alice", rooms, number, last, bytes)
		same(t, "changed messages", list(messages), list(wanted))
		same(t, "changed direct messages", list(directs), list(want))
		same(t, "reached", reached, upTo)
	}
	messages, directs, from, err := store.RecentChanges(ctx, number)
	if err != nil {
		t.Fatal(err)
	}
	wanted, want, behind, _ := table.RecentChanges(ctx, number)
	same(t, "recently changed messages", list(messages), list(wanted))
	same(t, "recently changed direct messages", list(directs), list(want))
	same(t, "from", from, behind)
	var left int
	if err := store.write.QueryRow(`SELECT (SELECT count(*) FROM old_texts WHERE message NOT IN (SELECT id FROM messages)) +
		(SELECT count(*) FROM reactions WHERE message NOT IN (SELECT id FROM messages UNION SELECT id FROM directs))`).Scan(&left); err != nil {
		t.Fatal(err)
	}
	same(t, "old texts and reactions of what is gone", left, 0)
}

// However many changes there are, page after page is all of them, each once and in order.
func TestPagesOfManyChanges(t *testing.T) {
	s := mustOpen(t, Memory)
	rows := state.Rows{Time: noon}
	var want []uint64
	for range 400 {
		m, d := message(rows.Last+1), direct(rows.Last+2, "alice", "bob")
		m.Room = fmt.Sprint("room", rows.Last%3)
		rows.Messages, rows.Directs = append(rows.Messages, m), append(rows.Directs, d)
		rows.Last += 2
	}
	after := rows.Last
	for i := range 300 {
		rows.Last++
		c := state.Change{Number: rows.Last, Of: rows.Messages[i].Target(0), Text: "x"}
		if i%3 == 0 {
			c.Of = rows.Directs[i].Target(0)
		}
		rows.Changes, want = append(rows.Changes, c), append(want, c.Number)
	}
	mustCommit(t, s, rows)
	rooms := []state.RoomFrom{{Room: "room0"}, {Room: "room1"}, {Room: "room2"}}
	for _, bytes := range []int{0, 10, math.MaxInt} {
		var got []uint64
		for from, pages := after, 0; from < rows.Last; pages++ {
			messages, directs, reached, err := s.ChangesAfter(t.Context(), "bob", rooms, from, rows.Last, bytes)
			if err != nil || reached <= from || pages > 400 {
				t.Fatalf("page %d goes from %d to %d: %v", pages, from, reached, err)
			}
			var page []uint64
			for _, m := range messages {
				page = append(page, m.Marks.Changed)
			}
			for _, d := range directs {
				page = append(page, d.Marks.Changed)
			}
			slices.Sort(page)
			got, from = append(got, slices.DeleteFunc(page, func(n uint64) bool { return n > reached })...), reached
		}
		same(t, fmt.Sprint("changes, by ", bytes, " bytes"), got, want)
	}
}
