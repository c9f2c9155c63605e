package cluster_test

import (
	"encoding/binary"
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
	const many, ahead = 10_000, 1000 // more than so many may be dropped where they are heard
	last := next(t, heard)
	hear := func() {
		t.Helper()
		if n := next(t, heard); n != last+1 {
			t.Fatalf("%d comes behind %d", n, last)
		}
		last++
	}
	for n := first + 1; n <= first+many; n++ {
		for n-last > ahead {
			hear()
		}
		if err := from.Send(7, numbered(n)); err != nil {
			t.Fatal(err)
		}
	}
	for last < first+many {
		hear()
	}

	servers[0].Kill()
	number, size := last, make([]byte, 10_000)
	send := func(b []byte) error {
		copy(b, numbered(number+1))
		err := from.Send(7, b)
		if err == nil {
			number++
		}
		return err
	}
	refused := 0
	for until := time.Now().Add(patience); refused < 100 && time.Now().Before(until); { // the first ones are lost on their way
		if send(size) != nil {
			refused++
			<-time.After(time.Millisecond)
		}
	}
	if refused < 100 {
		t.Errorf("%d large frames are taken while nothing can be sent", number-last)
	}
	refused = 0
	for range 5000 {
		if send(size[:8]) != nil {
			refused++
		}
	}
	if refused < 5000-1024 {
		t.Errorf("of 5000 small ones %d are refused", refused)
	}
	servers[0].Start()
	for waited, until := number, time.Now().Add(patience); last <= waited; { // what comes before who listens has connected again is lost
		if time.Now().After(until) {
			t.Fatal("nothing comes that was sent behind what has waited")
		}
		_ = send(size[:8]) // or too much waits yet
		select {
		case n := <-heard:
			if n <= last {
				t.Fatalf("%d comes behind %d", n, last)
			}
			last = n
		case <-time.After(5 * time.Millisecond):
		}
	}
	if len(elsewhere) > 0 {
		t.Error("another node hears of it")
	}
}
