package sim_test

import (
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"parley/eventloop/sim"
	"parley/protocol"
)

// TestALogThatStandsStill has the stream be without a leader for some seconds: those who are
// connected stay, are told that after 2 to 3 s, and again when it goes on; what they say meanwhile
// is refused, and not kept later.
func TestALogThatStandsStill(t *testing.T) {
	c := sim.NewCluster(unpaced(t, 1), clusterNodes, time.Millisecond, start, rand.New(rand.NewPCG(1, 1)))
	c.Stream.Calm = true
	c.Advance(4 * time.Second)
	anna := c.Nodes[1].Net.Dial()
	heard := func() string {
		text := ""
		for b, err := anna.Read(); b != nil; b, err = anna.Read() {
			if err != nil {
				t.Fatal(err)
			}
			text += string(b)
		}
		return text
	}
	send := func(r protocol.Request) { anna.Send(protocol.AppendRequest(nil, r)) }
	expect := func(when string, is bool, words string) {
		t.Helper()
		if got := heard(); strings.Contains(got, words) != is {
			t.Fatalf("%s she hears %s", when, got)
		}
	}
	send(protocol.Request{Verb: "login", Content: protocol.Content{Text: "anna"}, Extended: true})
	c.Advance(2 * time.Second)
	expect("at the begin", false, "standing")

	c.Stream.Down = true
	c.Advance(1900 * time.Millisecond)
	expect("before 2 s", false, "standing")
	c.Advance(1300 * time.Millisecond)
	expect("after 3 s", true, `"event":"standing"`)
	send(protocol.Request{Verb: "msg", Content: protocol.Content{Text: "Is anybody there?"}, Ref: "a", ID: "a"})
	c.Advance(time.Second)
	expect("when she speaks", true, "cannot reach the others now")

	c.Stream.Down = false
	c.Advance(2 * time.Second)
	expect("when there is a leader", true, `"event":"standing_over"`)
	send(protocol.Request{Verb: "msg", Content: protocol.Content{Text: "Hello"}, Ref: "b", ID: "b"})
	c.Advance(time.Second)
	expect("when she speaks", true, `"event":"accepted"`)
	c.Advance(5 * time.Second)
	expect("later", false, "standing")
}
