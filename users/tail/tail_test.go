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

	"parley/users/state"
)

func message(number uint64, size int) Entry {
	return Entry{Message: &state.Message{Number: number, Room: state.Lobby, Sender: "alice", Text: strings.Repeat("x", size)}}
}

func direct(number uint64, from, person string) Entry {
	return Entry{Direct: &state.Direct{Number: number, Sender: "a", To: "b", From: from, Person: person, Text: "psst"}}
}

func numbers(entries []Entry) (all []uint64) {
	for _, e := range entries {
		all = append(all, e.Number())
	}
	return all
}

func TestFrom(t *testing.T) {
	full := New(1<<20, 3)
	for _, n := range []uint64{5, 6, 9} {
		full.Add(message(n, 1))
	}
	for _, tt := range []struct {
		of    *Tail
		after uint64
		want  string
	}{
		{New(1<<20, 3), 3, "[]"}, {New(1<<20, 3), 100, "[]"},
		{full, 3, "[5 6 9]"}, {full, 4, "[5 6 9]"}, {full, 5, "[6 9]"}, {full, 6, "[9]"}, {full, 7, "[9]"}, {full, 8, "[9]"}, {full, 9, "[]"}, {full, 1 << 63, "[]"},
	} {
		if got := fmt.Sprint(numbers(tt.of.From(tt.after))); got != tt.want || tt.of.After() != 3 {
			t.Errorf("behind %d are %s, want %s; all is here behind %d", tt.after, got, tt.want, tt.of.After())
		}
	}
}

// The newest have room, and one has in any case; what was in front is not claimed to be
// here.
func TestTheLimit(t *testing.T) {
	for _, tt := range []struct {
		limit, size int
		want        string
		after       uint64
	}{
		{10 * (overhead + 10), 10, "[11 12 13 14 15 16 17 18 19 20]", 10},
		{10*(overhead+10) - 1, 10, "[12 13 14 15 16 17 18 19 20]", 11},
		{1, 10, "[20]", 19},
		{1 << 20, 10, "[1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20]", 0},
	} {
		tail := New(tt.limit, 0)
		for n := range uint64(20) {
			tail.Add(message(n+1, tt.size))
		}
		if got := fmt.Sprint(numbers(tail.From(tail.After()))); got != tt.want || tail.After() != tt.after {
			t.Errorf("of %d bytes there are %s behind %d, want %s behind %d", tt.limit, got, tail.After(), tt.want, tt.after)
		}
	}
}

// A frame takes room, too; that of an entry that is not the tail's takes none of it.
func TestEncode(t *testing.T) {
	tail := New(3*(overhead+10), 0)
	for n := range uint64(3) {
		tail.Add(message(n+1, 10))
	}
	another := message(2, 10)
	tail.Encode(&another, make([]byte, 1<<20))
	tail.Add(message(4, 10))
	if got := fmt.Sprint(numbers(tail.From(0))); got != "[2 3 4]" || len(another.Frame) != 1<<20 {
		t.Errorf("after a frame of somebody else's entry there are %s", got)
	}
	e := &tail.From(2)[0]
	tail.Encode(e, make([]byte, overhead+10))
	tail.Encode(e, make([]byte, overhead+10)) // in place of the one before
	tail.Add(message(5, 10))
	if got := fmt.Sprint(numbers(tail.From(0))); got != "[4 5]" {
		t.Errorf("after a frame of its own there are %s", got)
	}
	tail.Add(message(6, 10))
	if got := fmt.Sprint(numbers(tail.From(0))); got != "[4 5 6]" {
		t.Errorf("when that one is gone there are %s", got)
	}
}

func TestForgetAndRename(t *testing.T) {
	fill := func() *Tail {
		tail := New(1<<20, 0)
		tail.Add(message(1, 1))
		for i, ways := range [][2]string{{"alice", "bob"}, {"bob", "alice"}, {"~g", "bob"}, {"bob", "~g"}, {"~g", "~h"}, {"carl", "dora"}} {
			tail.Add(direct(uint64(i+2), ways[0], ways[1]))
		}
		return tail
	}
	for person, want := range map[string]string{"bob": "[1 6 7]", "~g": "[1 2 3 4 7]", "carl": "[1 2 3 4 5 6]", "nobody": "[1 2 3 4 5 6 7]", "": "[1 2 3 4 5 6 7]"} {
		tail := fill()
		tail.Forget(person)
		if got := fmt.Sprint(numbers(tail.From(0))); got != want || tail.After() != 0 {
			t.Errorf("without %q there are %s behind %d, want %s", person, got, tail.After(), want)
		}
	}
	tail := fill()
	tail.Rename("~g", "gina")
	tail.Forget("gina")
	if got := fmt.Sprint(numbers(tail.From(0))); got != "[1 2 3 7]" {
		t.Errorf("of a guest with an account there are %s left", got)
	}
}

// Others have the message, too: a commit that is under way, say.
func TestRenameLeavesTheMessageAsItIs(t *testing.T) {
	tail, given := New(1<<20, 0), direct(1, "~g", "~g")
	was := *given.Direct
	tail.Add(given)
	tail.Rename("~g", "gina")
	if diff := cmp.Diff(was, *given.Direct); diff != "" {
		t.Error(diff)
	}
	if d := tail.From(0)[0].Direct; d.From != "gina" || d.Person != "gina" {
		t.Errorf("it is from %q to %q", d.From, d.Person)
	}
}

// Whatever is added, encoded and forgotten: what is here is the end of all that there is,
// as long as it may be.
func TestATailIsTheEndOfAll(t *testing.T) {
	persons := rapid.SampledFrom([]string{"alice", "bob", "~g", "~h"})
	rapid.Check(t, func(r *rapid.T) {
		limit := rapid.IntRange(1, 3000*overhead).Draw(r, "limit")
		after := uint64(rapid.IntRange(0, 3).Draw(r, "after"))
		tail, last := New(limit, after), after
		var all []Entry // that were added and not forgotten
		add := func(r *rapid.T, most int) {
			last += uint64(rapid.IntRange(1, 3).Draw(r, "step"))
			e := message(last, rapid.IntRange(0, most).Draw(r, "size"))
			if rapid.Bool().Draw(r, "direct") {
				e = direct(last, persons.Draw(r, "from"), persons.Draw(r, "to"))
			}
			tail.Add(e)
			all = append(all, e)
		}
		r.Repeat(map[string]func(*rapid.T){
			"add": func(r *rapid.T) { add(r, 600) },
			"add many": func(r *rapid.T) {
				for range 800 {
					last++
					e := message(last, 5)
					tail.Add(e)
					all = append(all, e)
				}
			},
			"encode": func(r *rapid.T) {
				entries := tail.From(uint64(rapid.IntRange(0, int(last)).Draw(r, "behind")))
				if len(entries) == 0 {
					r.Skip("there is none")
				}
				tail.Encode(&entries[0], make([]byte, rapid.IntRange(1, 600).Draw(r, "frame")))
			},
			"forget": func(r *rapid.T) {
				person := persons.Draw(r, "person")
				tail.Forget(person)
				all = slices.DeleteFunc(all, func(e Entry) bool {
					d := e.Direct
					return d != nil && (d.Person == person || d.From == person && (person[0] != '~' || d.Person[0] == '~'))
				})
			},
			"": func(r *rapid.T) {
				here := tail.From(tail.After())
				behind := slices.IndexFunc(all, func(e Entry) bool { return e.Number() > tail.After() })
				want := []Entry(nil)
				if behind >= 0 {
					want = all[behind:]
				}
				if fmt.Sprint(numbers(here)) != fmt.Sprint(numbers(want)) {
					r.Fatalf("behind %d are %d, want %d", tail.After(), len(here), len(want))
				}
				size := 0
				for i := range here {
					size += here[i].size()
				}
				if size != tail.size {
					r.Fatalf("they take %d bytes, counted are %d", size, tail.size)
				}
				n := rapid.IntRange(0, 5).Draw(r, "newest")
				var newest []uint64
				for _, e := range slices.Backward(want) {
					if e.Message != nil && len(newest) < n {
						newest = append(newest, e.Number())
					}
				}
				slices.Reverse(newest)
				var got []uint64
				for _, m := range tail.Newest(state.Lobby, n) {
					got = append(got, m.Number)
				}
				if !slices.Equal(got, newest) {
					r.Fatalf("the newest are %v, want %v", got, newest)
				}
			},
		})
		for range 3 { // to be as long as it may be, the oldest must have had no room
			add(r, 600)
		}
		here := tail.From(0)
		size := 0
		for i := range here {
			size += here[i].size()
		}
		if size > limit && len(here) > 1 {
			r.Fatalf("%d bytes of %d are taken", size, limit)
		}
	})
}

// table returns rows as a store has them: messages and direct messages between some.
func table(r *rapid.T, n int) (*state.Table, []Entry) {
	persons := rapid.SampledFrom([]string{"alice", "bob", "~g"})
	rows := state.Rows{Count: 1}
	var all []Entry
	share := rapid.IntRange(0, 4).Draw(r, "share") // of direct messages, in quarters
	for range n {
		rows.Last += uint64(rapid.IntRange(1, 3).Draw(r, "step"))
		text := strings.Repeat("x", rapid.SampledFrom([]int{1, 10, 40, 50}).Draw(r, "size"))
		if rapid.IntRange(0, 3).Draw(r, "direct") < share {
			d := state.Direct{Number: rows.Last, From: persons.Draw(r, "from"), Person: persons.Draw(r, "to"), Text: text}
			rows.Directs, all = append(rows.Directs, d), append(all, Entry{Direct: &d})
		} else {
			m := state.Message{Number: rows.Last, Room: state.Lobby, Text: text}
			rows.Messages, all = append(rows.Messages, m), append(all, Entry{Message: &m})
		}
	}
	t := state.NewTable()
	t.Put(&rows)
	return t, all
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
		q := Query{Person: rapid.SampledFrom([]string{"alice", "~g", "nobody"}).Draw(r, "person"), Rooms: rapid.Bool().Draw(r, "rooms"),
			After: uint64(rapid.IntRange(0, 5).Draw(r, "after")), UpTo: uint64(rapid.IntRange(0, int(last)+2).Draw(r, "up to")), Bytes: rapid.IntRange(101, 400).Draw(r, "bytes")}
		var want []uint64
		for _, e := range all {
			mine := q.Rooms
			if d := e.Direct; d != nil {
				mine = d.From == q.Person || d.Person == q.Person
			}
			if mine && e.Number() > q.After && e.Number() <= q.UpTo {
				want = append(want, e.Number())
			}
		}
		var got []uint64
		for pages := 0; q.After < q.UpTo; pages++ {
			p, err := Read(context.Background(), from, q)
			switch {
			case err != nil:
				r.Fatal(err)
			case p.UpTo <= q.After || p.UpTo > q.UpTo || pages > 100:
				r.Fatalf("page %d goes from %d to %d of %d", pages, q.After, p.UpTo, q.UpTo)
			}
			for _, e := range p.Entries {
				if e.Number() > p.UpTo {
					r.Fatalf("%d is in a page up to %d", e.Number(), p.UpTo)
				}
			}
			got, q.After = append(got, numbers(p.Entries)...), p.UpTo
		}
		if !slices.Equal(got, want) {
			r.Fatalf("read are %v, want %v", got, want)
		}
	})
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
	messages, directs, recent error
}

func (b broken) MessagesAfter(context.Context, string, uint64, int) ([]state.Message, error) {
	return nil, b.messages
}

func (b broken) DirectsAfter(context.Context, string, uint64, int) ([]state.Direct, error) {
	return nil, b.directs
}

func (b broken) Recent(context.Context, int) ([]state.Message, []state.Direct, uint64, error) {
	return nil, nil, 0, b.recent
}

func TestWhatCannotBeReadIsSaid(t *testing.T) {
	why := errors.New("the file is gone")
	for _, b := range []broken{{messages: why}, {directs: why}} {
		if _, err := Read(context.Background(), b, Query{Rooms: true, UpTo: 5, Bytes: 100}); !errors.Is(err, why) {
			t.Errorf("reading: %v", err)
		}
	}
	if _, err := Load(context.Background(), broken{recent: why}, 100); !errors.Is(err, why) {
		t.Errorf("loading: %v", err)
	}
}
