package state

import (
	"fmt"
	"runtime"
	"testing"

	"parley/users/command"
)

// BenchmarkMember measures what the memberships of people take who are in so many rooms: the
// participant of each is counted in, but not that they are there.
func BenchmarkMember(b *testing.B) {
	const people, rooms = 10_000, 1000
	for _, each := range []int{1, 10, 100} {
		b.Run(fmt.Sprint(each), func(b *testing.B) {
			for b.Loop() {
				s := New(Kept{}, start)
				by := func(i int) command.By {
					return command.By{Name: fmt.Sprint("user", i), Session: command.Session{Number: uint64(i)}}
				}
				for i := range people {
					s.Apply(start, &command.Enter{Name: by(i).Name, Session: by(i).Session, Token: command.TokenID(fmt.Sprint(i))}, nil)
				}
				for i := range rooms { // nobody is in them
					s.rooms.put(Room{Name: fmt.Sprint("room", i), Owner: "anna"})
				}
				before := heap()
				for i := range people {
					for j := range each {
						s.Apply(start, &command.JoinRoom{By: by(i), Room: fmt.Sprint("room", (i*7+j*11)%rooms)}, nil)
					}
				}
				b.ReportMetric(float64(heap()-before)/people/float64(each), "B/member")
				runtime.KeepAlive(s)
			}
		})
	}
}

// BenchmarkRoom measures what a room takes in which nobody is.
func BenchmarkRoom(b *testing.B) {
	for b.Loop() {
		s := New(Kept{}, start)
		before := heap()
		for i := range MaxRooms {
			s.rooms.put(Room{Name: fmt.Sprint("room-number-", i), Owner: "anna", By: "anna", Topic: fmt.Sprint("what is said in it, of which this is a topic ", i)})
		}
		b.ReportMetric(float64(heap()-before)/MaxRooms, "B/room")
		runtime.KeepAlive(s)
	}
}

func heap() uint64 {
	var m runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&m)
	return m.HeapAlloc
}

// BenchmarkMessage says something in the lobby and in a room of 5,000, with an id as clients
// do: who says it is in 100 rooms.
func BenchmarkMessage(b *testing.B) {
	for _, room := range []string{Lobby, "room99"} {
		b.Run(room, func(b *testing.B) {
			s := New(Kept{}, start)
			by := command.By{Name: "anna"}
			s.Apply(start, &command.Enter{Name: "anna", Token: "t"}, nil)
			for i := range MaxJoined {
				s.rooms.put(Room{Name: fmt.Sprint("room", i), Owner: "bob"})
				s.Apply(start, &command.JoinRoom{By: by, Room: fmt.Sprint("room", i)}, nil)
			}
			for i := range 5000 {
				name := fmt.Sprint("user", i)
				s.Apply(start, &command.Enter{Name: name, Token: name}, nil)
				s.Apply(start, &command.JoinRoom{By: command.By{Name: name}, Room: "room99"}, nil)
			}
			var rows Rows
			c := &command.Message{By: by, Room: room, Text: "hello", ID: "1"}
			at := start
			b.ReportAllocs()
			for b.Loop() {
				at = at.Add(RequestMemory) // else it would be a retry
				rows.Reset()
				if r := s.Apply(at, c, &rows); r.Message == nil {
					b.Fatal(r.Err)
				}
			}
		})
	}
}

// BenchmarkJoin joins a room of 5,000 and leaves it.
func BenchmarkJoin(b *testing.B) {
	s := New(Kept{}, start)
	s.rooms.put(Room{Name: "room", Owner: "bob"})
	for i := range 5000 {
		name := fmt.Sprint("user", i)
		s.Apply(start, &command.Enter{Name: name, Token: name}, nil)
		s.Apply(start, &command.JoinRoom{By: command.By{Name: name}, Room: "room"}, nil)
	}
	var rows Rows
	by := command.By{Name: "user7"}
	b.ReportAllocs()
	for b.Loop() {
		rows.Reset()
		s.Apply(start, &command.LeaveRoom{By: by, Room: "room"}, &rows)
		if r := s.Apply(start, &command.JoinRoom{By: by, Room: "room"}, &rows); r.Err != nil {
			b.Fatal(r.Err)
		}
	}
}
