package server

import (
	"fmt"
	"testing"

	"parley/protocol"
	"parley/users/state"
)

// BenchmarkRooms asks for the list of as many rooms as there can be, and has somebody join and
// leave one in which many are.
func BenchmarkRooms(b *testing.B) {
	c := newBenchCore(state.MaxRooms / state.MaxMade)
	ask := func(user int, verb, content string) {
		c.ask(conn(user), protocol.Request{Verb: verb, Content: protocol.Content{Text: content}, Ref: "7"})
	}
	for i := range state.MaxRooms {
		ask(1+i%(state.MaxRooms/state.MaxMade), "create", fmt.Sprintf("room-%d", i))
	}
	n := 0
	for range c.state.EachRoom() {
		n++
	}
	if n != state.MaxRooms {
		b.Fatalf("%d rooms", n)
	}
	for user := 2; user < 1000; user++ {
		ask(user, "join", "room-0")
	}
	b.Run("list of 50000", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			ask(1, "rooms", "")
		}
	})
	b.Run("join and leave one of 1000", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			ask(1000, "join", "room-0")
			ask(1000, "leave", "room-0")
		}
	})
}
