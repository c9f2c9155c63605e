package tail

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"parley/users/state"
)

var testRooms = []string{state.Lobby, "den", "Den", "attic"}

// table returns rows as a store has them: messages and direct messages between some, of which
// some were changed; and all entries of them, as they are now.
func table(r *rapid.T, n int) (*state.Table, []Entry) {
	persons := rapid.SampledFrom(testPersons)
	rows := state.Rows{Count: 1}
	var all []Entry
	share := rapid.IntRange(0, 4).Draw(r, "share") // of direct messages, in quarters
	changed := rapid.IntRange(0, 3).Draw(r, "changed")
	for range n {
		rows.Last += uint64(rapid.IntRange(1, 3).Draw(r, "step"))
		text := strings.Repeat("x", rapid.SampledFrom([]int{1, 10, 40, 50}).Draw(r, "size"))
		switch {
		case len(all) > 0 && rapid.IntRange(0, 5).Draw(r, "change") < changed:
			e := &all[rapid.IntRange(0, len(all)-1).Draw(r, "of")]
			c := drawChange(r, e, rows.Last)
			rows.Changes, *e = append(rows.Changes, c), e.With(&c)
		case rapid.IntRange(0, 3).Draw(r, "direct") < share:
			d := state.Direct{Number: rows.Last, From: persons.Draw(r, "from"), Person: persons.Draw(r, "to"), Text: text}
			d.Sender = strings.ToUpper(d.From)
			rows.Directs, all = append(rows.Directs, d), append(all, Entry{Direct: &d})
		default:
			m := state.Message{Number: rows.Last, Room: rapid.SampledFrom(testRooms).Draw(r, "room"), Sender: rapid.SampledFrom(testNames).Draw(r, "sender"), Text: text}
			rows.Messages, all = append(rows.Messages, m), append(all, Entry{Message: &m})
		}
	}
	t := state.NewTable()
	t.Put(&rows)
	for _, e := range all {
		if marks := e.Marks(); marks != nil {
			e.Change = marks.Changed
			all = append(all, e)
		}
	}
	return t, sorted(all)
}

// drawChange returns a change of a message.
func drawChange(r *rapid.T, e *Entry, number uint64) state.Change {
	c := state.Change{Number: number}
	if e.Message != nil {
		c.Of = e.Message.Target(number - 1)
	} else {
		c.Of = e.Direct.Target(number - 1)
	}
	switch marks := e.Marks(); rapid.IntRange(0, 3).Draw(r, "what") {
	case 0:
		c.Text = strings.Repeat("y", rapid.IntRange(0, 60).Draw(r, "size"))
	case 1:
		c.Removed = &state.Removal{By: "mod", Why: "spam"}
	case 2:
		if marks != nil && len(marks.Reactions) > 0 {
			c.Word, c.By, c.Gone = marks.Reactions[0].Word, marks.Reactions[0].By[0], true
			return c
		}
		fallthrough
	default:
		c.Word, c.By = rapid.SampledFrom([]string{"+1", "-1"}).Draw(r, "word"), state.Reactor{Person: "~g", Name: "gina", Number: number}
	}
	return c
}

// drawRooms returns some of the rooms, in any order, with a number for each.
func drawRooms(r *rapid.T, last uint64) (some []RoomFrom) {
	for _, room := range rapid.Permutation(testRooms).Draw(r, "order")[:rapid.SampledFrom([]int{0, 1, 2, 3, 4, 4, 4}).Draw(r, "rooms")] {
		some = append(some, RoomFrom{Room: room, After: uint64(rapid.IntRange(0, int(last)+1).Draw(r, "from"))})
	}
	return some
}

// Page after page is what concerns somebody, each once and in order, and a page that says
// up to where it goes has all up to there.
func TestPagesAreAllThereIs(t *testing.T) {
	rapid.Check(t, func(r *rapid.T) {
		from, all := table(r, rapid.IntRange(0, 60).Draw(r, "n"))
		last := uint64(0)
		if len(all) > 0 {
			last = all[len(all)-1].Number()
		}
		q := Query{Person: rapid.SampledFrom([]string{"alice", "~g", "nobody"}).Draw(r, "person"), Rooms: drawRooms(r, last),
			After: uint64(rapid.IntRange(0, max(5, int(last))).Draw(r, "after")), UpTo: uint64(rapid.IntRange(int(last)/2, int(last)+2).Draw(r, "up to")), Bytes: rapid.SampledFrom([]int{1, 20, 100, 400}).Draw(r, "bytes")}
		if rapid.Bool().Draw(r, "changes") {
			q.Changes = append([]RoomFrom{}, drawRooms(r, last)...)
		}
		first := q.After
		var want, got []uint64
		for _, e := range all {
			if concerns(q, e) && e.News(q.After) && e.Number() <= q.UpTo {
				want = append(want, e.Number())
			}
		}
		for pages := 0; q.After < q.UpTo; pages++ {
			p, err := Read(context.Background(), from, q)
			switch {
			case err != nil:
				r.Fatal(err)
			case p.UpTo <= q.After || p.UpTo > q.UpTo || pages > 100:
				r.Fatalf("page %d goes from %d to %d of %d", pages, q.After, p.UpTo, q.UpTo)
			}
			for _, e := range p.Entries {
				if e.Number() > p.UpTo || !e.News(q.After) {
					r.Fatalf("%d of %d is in a page from %d to %d", e.Number(), e.Of(), q.After, p.UpTo)
				}
				if e.News(first) { // a change of what was in a page before is not needed, and may come
					got = append(got, e.Number())
				}
			}
			q.After = p.UpTo
		}
		if !slices.Equal(got, want) {
			r.Fatalf("read are %v, want %v", got, want)
		}
	})
}

// concerns reports whether an entry is of what is asked for.
func concerns(q Query, e Entry) bool {
	if d := e.Direct; d != nil {
		return (d.From == q.Person || d.Person == q.Person) && (e.Change == 0 || q.Changes != nil)
	}
	rooms := q.Rooms
	if e.Change != 0 {
		rooms = q.Changes
	}
	return slices.ContainsFunc(rooms, func(f RoomFrom) bool { return f.Room == e.Message.Room && f.After < e.Of() })
}

// After a start the tail has the newest of what is kept, and says behind what it has all.
func TestLoad(t *testing.T) {
	rapid.Check(t, func(r *rapid.T) {
		from, all := table(r, rapid.IntRange(0, 60).Draw(r, "n"))
		limit := rapid.IntRange(1, 60*overhead).Draw(r, "limit")
		tail, err := Load(context.Background(), from, limit)
		if err != nil {
			r.Fatal(err)
		}
		want := slices.DeleteFunc(slices.Clone(all), func(e Entry) bool { return e.Number() <= tail.After() })
		if diff := cmp.Diff(want, slices.Clone(tail.From(0)), cmp.Transformer("empty", func(e []Entry) []Entry { return append([]Entry{}, e...) })); diff != "" {
			r.Fatal(diff)
		}
		if limit >= 4*50*60 && len(want) < min(len(all), limit/(overhead+50)) {
			r.Fatalf("there are %d of %d, and there is room for more", len(want), len(all))
		}
	})
}

// A broken is a source of which one thing cannot be read.
type broken struct {
	Source
	messages, directs, recent, changes error
}

func (b broken) MessagesAfter(context.Context, []RoomFrom, uint64, uint64, int) ([]state.Message, uint64, error) {
	return nil, 0, b.messages
}

func (b broken) DirectsAfter(context.Context, string, uint64, int) ([]state.Direct, error) {
	return nil, b.directs
}

func (b broken) Between(context.Context, string, uint64, uint64, int) ([]state.Message, error) {
	return nil, b.messages
}

func (b broken) DirectsTo(context.Context, string, uint64, uint64, int) ([]state.Direct, error) {
	return nil, b.directs
}

func (b broken) DirectsWith(context.Context, string, string, uint64, uint64, int) ([]state.Direct, error) {
	return nil, b.directs
}

func (b broken) DirectsWithAfter(context.Context, string, string, uint64, uint64, int) ([]state.Direct, error) {
	return nil, b.directs
}

func (b broken) ChangesAfter(context.Context, string, []RoomFrom, uint64, uint64, int) ([]state.Message, []state.Direct, uint64, error) {
	return nil, nil, 0, b.changes
}

func (b broken) RecentChanges(context.Context, uint64) ([]state.Message, []state.Direct, uint64, error) {
	return nil, nil, 0, b.changes
}

func (b broken) Recent(context.Context, int) ([]state.Message, []state.Direct, uint64, error) {
	return nil, nil, 0, b.recent
}

func TestWhatCannotBeReadIsSaid(t *testing.T) {
	why := errors.New("the file is gone")
	for _, b := range []broken{{messages: why}, {directs: why}} {
		if _, err := Read(context.Background(), b, Query{Rooms: []RoomFrom{{Room: state.Lobby}}, UpTo: 5, Bytes: 100}); !errors.Is(err, why) {
			t.Errorf("reading: %v", err)
		}
		if _, err := Count(context.Background(), b, New(100, 3).Unread(UnreadQuery{Rooms: []RoomFrom{{Room: state.Lobby}}})); !errors.Is(err, why) {
			t.Errorf("counting: %v", err)
		}
	}
	for _, b := range []broken{{recent: why}, {changes: why}} {
		if _, err := Load(context.Background(), b, 100); !errors.Is(err, why) {
			t.Errorf("loading: %v", err)
		}
	}
	if _, err := Read(context.Background(), broken{changes: why}, Query{Changes: []RoomFrom{}, UpTo: 5, Bytes: 100}); !errors.Is(err, why) {
		t.Errorf("reading changes: %v", err)
	}
}
