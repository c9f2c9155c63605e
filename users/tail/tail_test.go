package tail

import (
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

func said(number uint64, room string) Entry {
	return Entry{Message: &state.Message{Number: number, Room: room, Sender: "alice", Text: "hello"}}
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

func TestForgetRoom(t *testing.T) {
	for _, tt := range []struct {
		room string
		upTo uint64
		want string
	}{
		{"den", 9, "[1 3 4 5 6]"}, {"den", 6, "[1 3 4 5 6 7]"}, {"den", 2, "[1 3 4 5 6 7]"}, {"den", 1, "[1 2 3 4 5 6 7]"},
		{"Den", 9, "[1 2 3 5 6 7]"}, {state.Lobby, 3, "[2 4 5 6 7]"}, {"attic", 9, "[1 2 3 4 5 6 7]"}, {"", 9, "[1 2 3 4 5 6 7]"},
	} {
		tail := New(1<<20, 0)
		for i, room := range []string{state.Lobby, "den", state.Lobby, "Den", "", state.Lobby, "den"} {
			e := said(uint64(i+1), room)
			if room == "" {
				e = direct(uint64(i+1), "den", "den")
			}
			tail.Add(e)
		}
		tail.ForgetRoom(tt.room, tt.upTo)
		if got := fmt.Sprint(numbers(tail.From(0))); got != tt.want || tail.After() != 0 {
			t.Errorf("without %q up to %d there are %s behind %d, want %s", tt.room, tt.upTo, got, tail.After(), tt.want)
		}
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
	rooms := rapid.SampledFrom([]string{state.Lobby, "den", "Den"})
	rapid.Check(t, func(r *rapid.T) {
		limit := rapid.IntRange(1, 3000*overhead).Draw(r, "limit")
		after := uint64(rapid.IntRange(0, 3).Draw(r, "after"))
		tail, last := New(limit, after), after
		var all []Entry // that were added and not forgotten
		add := func(r *rapid.T, most int) {
			last += uint64(rapid.IntRange(1, 3).Draw(r, "step"))
			e := message(last, rapid.IntRange(0, most).Draw(r, "size"))
			e.Message.Room = rooms.Draw(r, "room")
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
			"forget room": func(r *rapid.T) {
				room, upTo := rooms.Draw(r, "room"), uint64(rapid.IntRange(0, int(last)).Draw(r, "up to"))
				tail.ForgetRoom(room, upTo)
				all = slices.DeleteFunc(all, func(e Entry) bool { return e.Message != nil && e.Message.Room == room && e.Of() <= upTo })
			},
			"change": func(r *rapid.T) {
				if len(all) == 0 {
					r.Skip("there is nothing")
				}
				was := rapid.SampledFrom(all).Draw(r, "what") // the message itself, or where it was changed
				last += uint64(rapid.IntRange(1, 3).Draw(r, "step"))
				c := drawChange(r, &was, last)
				of := was.Of()
				_, here := tail.Find(of)
				now := was.With(&c)
				all = slices.DeleteFunc(all, func(e Entry) bool { return e.Change != 0 && e.Of() == was.Of() })
				if i := slices.IndexFunc(all, func(e Entry) bool { return e.Of() == was.Of() }); i >= 0 {
					all[i] = now
				}
				told := now
				told.Change = last
				switch {
				case here && rapid.Bool().Draw(r, "unknown"):
					was = Entry{}
				case !here && rapid.IntRange(0, 9).Draw(r, "unknown") == 0: // what is not known is not here
					was, told = Entry{}, Entry{}
				}
				if told.Change != 0 {
					all = append(all, told)
				}
				if diff := cmp.Diff(told, tail.Change(&c, was)); diff != "" || tail.Changed() != last {
					r.Fatal(diff, tail.Changed(), last)
				}
				if e, is := tail.Find(of); is && e.Frame != nil {
					r.Fatal("the frame is that of the older version")
				}
				if told.Change == 0 && (len(tail.From(0)) > 0 || tail.After() != last) {
					r.Fatalf("%d are here behind %d", len(tail.From(0)), tail.After())
				}
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
				size, changes := 0, map[string]int{}
				for i, e := range here {
					size += e.size()
					if e.Frame = nil; cmp.Diff(want[i], e) != "" {
						r.Fatal(cmp.Diff(want[i], e))
					}
					if e.Change != 0 && e.Message != nil {
						changes[e.Message.Room]++
					}
					if found, is := tail.Find(e.Number()); is != (e.Change == 0) || is && found.Of() != e.Of() {
						r.Fatalf("found as %d is %v", e.Number(), found)
					}
				}
				if diff := cmp.Diff(changes, tail.changes); diff != "" {
					r.Fatal(diff)
				}
				if size != tail.size {
					r.Fatalf("they take %d bytes, counted are %d", size, tail.size)
				}
				n, room, after := rapid.IntRange(0, 5).Draw(r, "newest"), rooms.Draw(r, "in"), uint64(rapid.IntRange(0, int(last)).Draw(r, "after"))
				var newest []*state.Message
				for _, e := range slices.Backward(want) {
					if e.Message != nil && e.Change == 0 && e.Message.Room == room && e.Number() > after && len(newest) < n {
						newest = append(newest, e.Message)
					}
				}
				slices.Reverse(newest)
				if diff := cmp.Diff(newest, append([]*state.Message(nil), tail.NewestAfter(room, after, n)...)); diff != "" {
					r.Fatal("the newest: ", diff)
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
