package state

import (
	"fmt"
	"runtime"
	"slices"
	"testing"
	"time"

	"parley/users"
	"parley/users/command"
)

var start = time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)

// visit has a guest come and time out, as so many did before.
func visit(s *State, i int, rows *Rows) Result {
	name, at, why := fmt.Sprint("user", i), start.Add(time.Duration(i)), users.TimedOut
	by := command.By{Name: name, Session: command.Session{Number: uint64(i)}}
	s.Apply(at, &command.Enter{Name: name, Session: command.Session{Number: uint64(i)}, Token: name}, rows)
	switch i {
	case 0: // who has something that can be forgotten
		s.Apply(at, &command.AddAccount{Name: "bob", Hash: "h"}, nil)
		s.Apply(at, &command.Direct{By: by, To: "bob", Text: "hello"}, nil)
		s.Apply(at, &command.CreateRoom{By: by, Room: "den"}, nil)
		why = users.LostConnection
	case maxGuests:
		s.Apply(at, &command.CreateRoom{By: by, Room: "attic"}, nil)
	}
	return s.Apply(at, &command.Leave{By: by, Why: why}, rows)
}

func TestWhereThereAreTooManyGuestsTheOneWhoLeftFirstIsForgotten(t *testing.T) {
	s := New(Kept{}, start)
	var rows Rows
	for i := range maxGuests {
		visit(s, i, &rows)
	}
	if !rows.Empty() || len(s.guests.queue) != maxGuests {
		t.Errorf("%d are remembered, %v forgotten", len(s.guests.queue), rows.Forgotten)
	}
	r := visit(s, maxGuests, &rows)
	if len(r.RoomsEnded) != 2 || r.RoomsEnded[0].Name != "attic" || r.RoomsEnded[1].Name != "den" || len(r.Announce) == 0 || !slices.Equal(r.Announce[len(r.Announce)-1].Rooms, []string{"attic"}) {
		t.Errorf("got %+v", r)
	}
	if len(rows.Forgotten) != 1 || rows.Forgotten[0].Person != "~user0" || len(s.guests.left) != maxGuests {
		t.Errorf("%d are remembered, %v forgotten", len(s.guests.left), rows.Forgotten)
	}
}

// BenchmarkOnline measures what a guest costs who is there: 253 bytes, of which the name
// and the token are 64.
func BenchmarkOnline(b *testing.B) {
	const n = 100_000
	for b.Loop() {
		var before, after runtime.MemStats
		runtime.GC()
		runtime.ReadMemStats(&before)
		s := New(Kept{}, start)
		for i := range n {
			token := command.TokenID(fmt.Sprint(i))
			s.Apply(start, &command.Enter{Name: fmt.Sprint("user", i), Session: command.Session{Number: uint64(i)}, Token: token, Addr: "addr:192.0.2.1"}, nil)
		}
		runtime.GC()
		runtime.ReadMemStats(&after)
		b.ReportMetric(float64(after.HeapAlloc-before.HeapAlloc)/n, "B/user")
		runtime.KeepAlive(s)
	}
}
