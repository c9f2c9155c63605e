package tail

import (
	"context"
	"errors"
	"fmt"
	"math"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"parley/users/state"
)

// drawConversation returns a room or two persons, and what is of it.
func drawConversation(r *rapid.T) (q HistoryQuery, of func(Entry) bool) {
	if rapid.Bool().Draw(r, "room") {
		q.Room = rapid.SampledFrom(testRooms).Draw(r, "of")
		return q, func(e Entry) bool { return e.Change == 0 && e.Message != nil && e.Message.Room == q.Room }
	}
	q.Person, q.With = rapid.SampledFrom(testPersons).Draw(r, "person"), rapid.SampledFrom(testPersons).Draw(r, "with")
	return q, func(e Entry) bool {
		d := e.Direct
		return d != nil && e.Change == 0 && (d.From == q.Person && d.Person == q.With || d.From == q.With && d.Person == q.Person)
	}
}

// Page after page, back from the newest or on from the oldest, is all of a conversation but
// what is passed over, each once and in order, wherever the tail begins.
func TestHistoryPagesAreAllThereIs(t *testing.T) {
	rapid.Check(t, func(r *rapid.T) {
		from, all := table(r, rapid.IntRange(0, 60).Draw(r, "n"))
		tail := New(rapid.IntRange(1, 60*overhead).Draw(r, "limit"), 0)
		for _, e := range all {
			tail.Add(e)
		}
		q, of := drawConversation(r)
		last := 200
		q.After, q.Before = uint64(rapid.IntRange(0, 20).Draw(r, "after")), uint64(rapid.IntRange(1, last).Draw(r, "before"))
		q.Most, q.Bytes = rapid.IntRange(1, 7).Draw(r, "most"), rapid.IntRange(0, 200).Draw(r, "bytes")
		q.Oldest = rapid.Bool().Draw(r, "oldest")
		if skipped := rapid.SampledFrom(append(slices.Clone(testNames), "nobody")).Draw(r, "skipped"); skipped != "nobody" {
			q.Skip = func(sender string) bool { return strings.EqualFold(sender, skipped) }
		}
		var want, got []uint64
		for _, e := range all {
			sender, _ := saying(e)
			if of(e) && e.Number() > q.After && e.Number() < q.Before && (q.Skip == nil || !q.Skip(sender)) {
				want = append(want, e.Number())
			}
		}
		for pages := 0; ; pages++ {
			p, err := History(context.Background(), from, tail.History(q))
			if err != nil || len(p.Entries) > q.Most || pages > 100 {
				r.Fatalf("page %d has %v of %d: %v", pages, numbers(p.Entries), q.Most, err)
			}
			size := 0
			for _, e := range p.Entries {
				size += e.text()
			}
			if size > q.Bytes && len(p.Entries) > 1 {
				r.Fatalf("page %d has %d bytes of %d", pages, size, q.Bytes)
			}
			if q.Oldest {
				got, q.After = append(got, numbers(p.Entries)...), p.Left
			} else {
				got, q.Before = append(numbers(p.Entries), got...), p.Left
			}
			if p.Left == 0 {
				break
			}
			if len(p.Entries) == 0 {
				r.Fatalf("page %d is empty and says that there is more at %d", pages, p.Left)
			}
		}
		if !slices.Equal(got, want) {
			r.Fatalf("told are %v, want %v; the tail begins behind %d", got, want, tail.After())
		}
	})
}

// Of a room that somebody has filled who is passed over a page looks at some, and says where
// to go on.
func TestHistoryOfARoomThatIsFull(t *testing.T) {
	rows := state.Rows{Count: 1}
	for n := range uint64(3*historyLookedAt/2 + 1) {
		sender := "mallory"
		if n == 0 || n == 3*historyLookedAt/2 {
			sender = "bob"
		}
		rows.Messages = append(rows.Messages, state.Message{Number: n + 1, Room: "den", Sender: sender, Text: "x"})
	}
	from := state.NewTable()
	from.Put(&rows)
	for _, limit := range []int{1, 1000 * overhead, 1 << 30} {
		tail := New(limit, 0)
		for i := range rows.Messages {
			tail.Add(Entry{Message: &rows.Messages[i]})
		}
		for _, oldest := range []bool{false, true} {
			q := HistoryQuery{Room: "den", Before: math.MaxUint64, Most: 50, Bytes: 1000, Oldest: oldest, Skip: func(sender string) bool { return sender == "mallory" }}
			first, err := History(t.Context(), from, tail.History(q))
			if err != nil || len(first.Entries) != 1 || first.Left == 0 {
				t.Fatalf("the first page has %v, left %d: %v", numbers(first.Entries), first.Left, err)
			}
			if oldest {
				q.After = first.Left
			} else {
				q.Before = first.Left
			}
			second, err := History(t.Context(), from, tail.History(q))
			if err != nil || len(second.Entries) != 1 || second.Left != 0 || second.Entries[0].Number() == first.Entries[0].Number() {
				t.Errorf("the second page has %v, left %d: %v", numbers(second.Entries), second.Left, err)
			}
		}
	}
}

// What the tail has is not read again, and what cannot be read is said.
func TestHistoryIsNotReadWithoutNeed(t *testing.T) {
	why := errors.New("the file is gone")
	from := broken{messages: why, directs: why}
	tail := New(1<<20, 3)
	for n := range uint64(5) {
		tail.Add(Entry{Message: &state.Message{Number: n + 4, Room: "den", Sender: "bob", Text: "x"}})
	}
	for _, c := range []struct {
		q    HistoryQuery
		want string
		err  error
	}{
		{HistoryQuery{Room: "den", Before: math.MaxUint64, Most: 3}, "[6 7 8]", nil},
		{HistoryQuery{Room: "den", Before: math.MaxUint64, Most: 9, After: 3}, "[4 5 6 7 8]", nil},
		{HistoryQuery{Room: "den", Before: 8, Most: 2, After: 3, Oldest: true}, "[4 5]", nil},
		{HistoryQuery{Room: "den", Before: math.MaxUint64, Most: 5}, "[]", why},
		{HistoryQuery{Room: "den", Before: math.MaxUint64, Most: 5, After: 2, Oldest: true}, "[]", why},
		{HistoryQuery{Person: "a", With: "b", Before: math.MaxUint64, Most: 5}, "[]", why},
		{HistoryQuery{Person: "a", With: "b", Before: math.MaxUint64, Most: 5, Oldest: true}, "[]", why},
		{HistoryQuery{Person: "a", With: "b", Before: math.MaxUint64, Most: 5, After: 3}, "[]", nil},
	} {
		c.q.Bytes = 1000
		page, err := History(t.Context(), from, tail.History(c.q))
		if got := fmt.Sprint(numbers(page.Entries)); got != c.want || !errors.Is(err, c.err) {
			t.Errorf("%+v: %s %v, want %s %v", c.q, got, err, c.want, c.err)
		}
	}
}
