package state_test

import (
	"fmt"
	"hash/fnv"
	"strings"
	"testing"
	"time"

	"parley/users/command"
	"parley/users/state"
)

// A digest is kept in files: it must stay the same.
func TestDigest(t *testing.T) {
	for _, c := range [][2]string{{"", ""}, {"", "hi"}, {"Bob", "hi"}, {"bob", "blåbær \x00\xff"}} {
		h := fnv.New64a()
		h.Write([]byte(strings.ToLower(c[0]) + "\x00" + c[1]))
		if got := state.Digest(c[0], c[1]); got != h.Sum64() {
			t.Errorf("%q: %#x, want %#x", c, got, h.Sum64())
		}
	}
	for _, c := range [][3]string{{"lobby", "hi", "\x00hi"}, {"Lobby", "hi", "\x00hi"}, {"Den", "hi", "#den\x00hi"}} {
		h := fnv.New64a()
		h.Write([]byte(c[2]))
		if got := state.RoomDigest(c[0], c[1]); got != h.Sum64() {
			t.Errorf("room %q: %#x, want %#x", c, got, h.Sum64())
		}
	}
}

func TestADigestTellsRequestsApart(t *testing.T) {
	for _, c := range []struct {
		name  string
		a, b  [2]string // receiver and text
		equal bool
	}{
		{"another spelling", [2]string{"bob", "hi"}, [2]string{"BOB", "hi"}, true},
		{"another text", [2]string{"bob", "hi"}, [2]string{"bob", "ho"}, false},
		{"another receiver", [2]string{"bob", "hi"}, [2]string{"carl", "hi"}, false},
		{"no receiver", [2]string{"bob", "hi"}, [2]string{"", "hi"}, false},
		{"a name that runs into the text", [2]string{"bob", "hi"}, [2]string{"bobh", "i"}, false},
	} {
		if got := state.Digest(c.a[0], c.a[1]) == state.Digest(c.b[0], c.b[1]); got != c.equal {
			t.Errorf("%s: equal is %v", c.name, got)
		}
	}
}

// anna returns a state, which goes on from what is kept, with anna as a guest.
func anna(kept state.Kept) (*state.State, command.By) {
	s := state.New(kept, start)
	s.Apply(start, &command.Enter{Name: "anna", Session: session("#1"), Token: "a", Back: "a"}, nil)
	return s, command.By{Name: "anna", Session: session("#1")}
}

// What was asked for before it was remembered what it was is taken for a retry.
func TestARequestOfWhichTheTextIsNotKnown(t *testing.T) {
	s, by := anna(state.Kept{Last: 9, Requests: []state.Request{{Serial: 4, Person: "~a", ID: "1", Number: 7, Time: start}}})
	r := s.Apply(start, &command.Message{By: by, ID: "1", Room: state.Lobby, Text: "anything"}, nil)
	if !r.Again || r.Number != 7 {
		t.Errorf("got %+v", r)
	}
}

// A serial of an older version may be higher than the numbers are.
func TestSerialsGoOn(t *testing.T) {
	s, by := anna(state.Kept{Last: 9, Requests: []state.Request{{Serial: 40, Person: "~a", ID: "1", Number: 7, Time: start}}})
	var rows state.Rows
	s.Apply(start, &command.Message{By: by, ID: "2", Room: state.Lobby}, &rows)
	if len(rows.Requests) != 1 || rows.Requests[0].Serial != 41 || rows.Requests[0].Number != 10 {
		t.Errorf("got %+v", rows.Requests)
	}
}

func TestTheNewestRequestsAreRemembered(t *testing.T) {
	s, by := anna(state.Kept{})
	ask := func(i int, rows *state.Rows) state.Result {
		return s.Apply(start, &command.Message{By: by, ID: fmt.Sprint(i), Room: state.Lobby}, rows)
	}
	var rows state.Rows
	for i := range state.MaxRequests {
		ask(i, &rows)
	}
	if rows.OldRequests != 0 || !ask(0, nil).Again {
		t.Error("one was forgotten too early")
	}
	ask(state.MaxRequests, &rows)
	if rows.OldRequests != 1 || ask(0, nil).Again || !ask(2, nil).Again {
		t.Errorf("it is not the oldest one that was forgotten: old are those up to %d", rows.OldRequests)
	}
}

func TestOldRequestsAreForgotten(t *testing.T) {
	s, by := anna(state.Kept{})
	var rows state.Rows
	for i := range 10 {
		rows.Reset()
		s.Apply(start.Add(time.Duration(i)*4*time.Hour), &command.Message{By: by, ID: fmt.Sprint(i), Room: state.Lobby}, &rows)
		if want := uint64(max(0, i-5)); rows.OldRequests != want {
			t.Errorf("after %d requests those up to %d are forgotten, want %d", i+1, rows.OldRequests, want)
		}
	}
}
