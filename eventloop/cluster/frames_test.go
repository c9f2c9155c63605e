package cluster_test

import (
	"encoding/binary"
	"errors"
	"testing"
	"time"

	"parley/eventloop/cluster"
	"parley/eventloop/cluster/natstest"
	"parley/users/log"
)

// numbered is a frame with a number.
func numbered(n int) []byte { return binary.BigEndian.AppendUint64(make([]byte, 0, 1000), uint64(n)) }

// frameNode is a node that hears frames, and does nothing else.
func frameNode(t *testing.T, servers natstest.Servers, heard chan<- int) *cluster.Stream {
	s := open(t, servers, "node")
	t.Cleanup(s.Close)
	hear := func(b []byte) { heard <- int(binary.BigEndian.Uint64(b)) }
	if err := s.Start(cluster.Node{Post: func(f func()) { f() }, Arrived: func(log.Message) {}, Heard: hear, Look: func() {}}); err != nil {
		t.Fatal(err)
	}
	return s
}

// next returns the number of the next frame.
func next(t *testing.T, heard <-chan int) int {
	t.Helper()
	select {
	case n := <-heard:
		return n
	case <-time.After(patience):
		t.Fatal("nothing comes")
		panic("not reached")
	}
}

// What one node sends another one comes in order. While NATS is not reached a bounded number of
// frames waits, and what is more is refused.
func TestFramesBetweenNodes(t *testing.T) {
	servers := natstest.Start(t, 1)
	heard, elsewhere := make(chan int, 20_000), make(chan int, 1)
	from, to, other := frameNode(t, servers, make(chan int, 1)), frameNode(t, servers, heard), frameNode(t, servers, elsewhere)
	to.Listen(7)
	to.Listen(7) // in another epoch
	other.Listen(8)
	first := 0
	for ; len(heard) == 0; <-time.After(5 * time.Millisecond) { // until the server knows who listens
		first++
		if err := from.Send(7, numbered(first)); err != nil {
			t.Fatal(err)
		}
	}
	const many = 10_000
	for n := first + 1; n <= first+many; n++ {
		for errors.Is(from.Send(7, numbered(n)), cluster.ErrUnsent) { // faster than NATS takes it
			<-time.After(time.Millisecond)
		}
	}
	last := 0
	for last < first+many {
		n := next(t, heard)
		if last != 0 && n != last+1 {
			t.Fatalf("%d comes behind %d", n, last)
		}
		last = n
	}

	servers[0].Kill()
	sent, refused, size := 0, 0, make([]byte, 10_000)
	for ; refused == 0 && sent < 100_000; sent++ {
		copy(size, numbered(last+sent+1))
		if errors.Is(from.Send(7, size), cluster.ErrUnsent) {
			refused++
		}
	}
	if bytes := sent * len(size); refused == 0 || bytes > 6<<20 {
		t.Errorf("%d frames, %d bytes, are taken while nothing can be sent, %d are refused", sent, bytes, refused)
	}
	for n := range 5000 {
		if errors.Is(from.Send(7, numbered(n)), cluster.ErrUnsent) {
			refused++
		}
	}
	if refused < 5000-1024 {
		t.Errorf("of 5000 small ones %d are refused", refused)
	}
	servers[0].Start()
	for before := last; ; before = last { // some of those that were on their way are lost
		if last = next(t, heard); last <= before {
			t.Fatalf("%d comes behind %d", last, before)
		}
		if last > first+many+300 {
			break
		}
	}
	if len(elsewhere) > 0 {
		t.Error("another node hears of it")
	}
}
