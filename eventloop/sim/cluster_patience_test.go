package sim_test

import (
	"io"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"parley/eventloop/sim"
	"parley/protocol"
)

// closed reports whether a visitor's connection is, and returns what it heard before.
func (v visitor) closed() (text string, is bool) {
	for {
		b, err := v.Read()
		text += string(b)
		if b == nil {
			return text, err == io.EOF
		}
	}
}

// TestPatience has one node of three be cut off. Those who are connected there stay for as long as
// --cluster-patience says; then they are told to move, and closed one after the other, and whoever
// comes is sent away, until the node reaches the log again. They go on at another node with what
// they know; those who are there notice nothing.
func TestPatience(t *testing.T) {
	cfg := unpaced(t, 1)
	cfg.Patience, cfg.Drain = 10*time.Second, 4*time.Second
	c := sim.NewCluster(cfg, clusterNodes, time.Millisecond, start, rand.New(rand.NewPCG(1, 1)))
	c.Stream.Calm = true
	c.Advance(4 * time.Second)
	cut := c.Nodes[1]
	var there []visitor
	for _, name := range []string{"anna", "bert", "carl"} {
		there = append(there, visitNode(t, c, 1, name))
	}
	dora := visitNode(t, c, 0, "dora")
	stayed := cut.Net.Dial() // has not logged in
	cut.Cut = true
	c.Advance(11 * time.Second)
	for _, v := range there {
		if text, is := v.closed(); is || !strings.Contains(text, `"event":"standing"`) || strings.Contains(text, protocol.EventShuttingDown) {
			t.Fatalf("before the patience is over: closed %t, after %s", is, text)
		}
	}
	c.Advance(2500 * time.Millisecond)
	for _, v := range append(there, visitor{t, c, stayed}) {
		text, is := v.closed()
		if !is || !strings.Contains(text, "go on at another one") {
			t.Errorf("when it is over one hears %s, closed %t", text, is)
		}
	}
	late := visitor{t, c, cut.Net.Dial()}
	c.Advance(time.Second)
	if text, is := late.closed(); !is || !strings.Contains(text, "go on at another one") {
		t.Errorf("whoever comes hears %s, closed %t", text, is)
	}
	anna := visitNode(t, c, 2, "anna")
	anna.asks(protocol.Request{Verb: "msg", Content: protocol.Content{Text: "from another node"}, Ref: "m", ID: "m"}, `"event":"accepted"`)
	if text, is := dora.closed(); is || !strings.Contains(text, "from another node") || strings.Contains(text, "standing") {
		t.Errorf("elsewhere one hears %s, closed %t", text, is)
	}

	cut.Cut = false
	c.Advance(6 * time.Second)
	visitNode(t, c, 1, "emil").asks(protocol.Request{Verb: "names", Ref: "n"}, `"names":["anna","dora","emil"]`)
}

// TestTheLogIsBackInTime has the log come back before the patience is over: nobody is sent away.
func TestTheLogIsBackInTime(t *testing.T) {
	cfg := unpaced(t, 1)
	cfg.Patience, cfg.Drain = 10*time.Second, 4*time.Second
	c := sim.NewCluster(cfg, clusterNodes, time.Millisecond, start, rand.New(rand.NewPCG(1, 1)))
	c.Stream.Calm = true
	c.Advance(4 * time.Second)
	anna := visitNode(t, c, 1, "anna")
	for range 3 { // each time it counts anew
		c.Stream.Down = true
		c.Advance(9 * time.Second)
		c.Stream.Down = false
		c.Advance(2 * time.Second)
	}
	c.Advance(20 * time.Second)
	if text, is := anna.closed(); is || strings.Count(text, `"event":"standing"`) != 3 || strings.Count(text, `"event":"standing_over"`) != 3 {
		t.Errorf("closed %t, after %s", is, text)
	}
}

// TestALoginWaitsForWhatWasHeardElsewhere has somebody come to a node with a number that it does not
// have yet: the login waits until it has. After five seconds it is refused, and the next one misses
// nothing.
func TestALoginWaitsForWhatWasHeardElsewhere(t *testing.T) {
	for _, inTime := range []bool{true, false} {
		c := sim.NewCluster(unpaced(t, 1), clusterNodes, time.Millisecond, start, rand.New(rand.NewPCG(1, 1)))
		c.Stream.Calm = true
		c.Advance(4 * time.Second)
		anna := visitNode(t, c, 0, "anna")
		behind := c.Nodes[1]
		c.Advance(600 * time.Millisecond)
		behind.Deaf = true
		login := protocol.Request{Verb: "login", Content: protocol.Content{Text: "bert"}, Extended: true, HasAfter: true, After: anna.says("the newest"), Log: "simulated"}
		c.Stream.Down = true // so that nobody is taken for gone
		bert := visitor{t, c, behind.Net.Dial()}
		bert.Send(protocol.AppendRequest(nil, login))
		if inTime {
			c.Advance(3 * time.Second)
		} else {
			c.Advance(4900 * time.Millisecond)
		}
		if text, is := bert.closed(); text != "" || is {
			t.Fatalf("before five seconds are over he hears %s, closed %t", text, is)
		}
		if !inTime {
			c.Advance(200 * time.Millisecond)
			if text, is := bert.closed(); strings.Count(text, `"code":"busy"`) != 1 || !strings.Contains(text, "behind what you have heard elsewhere") || !is {
				t.Fatalf("then he hears %s, closed %t", text, is)
			}
		}
		c.Stream.Down, behind.Deaf = false, false
		c.Advance(1900 * time.Millisecond)
		if !inTime {
			c.Advance(2 * time.Second)
			bert = visitor{t, c, behind.Net.Dial()}
			bert.Send(protocol.AppendRequest(nil, login))
			c.Advance(2 * time.Second)
		}
		if text, is := bert.closed(); !strings.Contains(text, `"resume":"follows"`) || strings.Contains(text, "the newest") || is {
			t.Errorf("in time %t: in the end he hears %s, closed %t", inTime, text, is)
		}
	}
}

// says says something in the lobby, and returns its number.
func (v visitor) says(text string) uint64 {
	v.t.Helper()
	v.hears()
	v.Send(protocol.AppendRequest(nil, protocol.Request{Verb: "msg", Content: protocol.Content{Text: text}, Ref: "m", ID: text}))
	v.cluster.Advance(100 * time.Millisecond)
	for line := range strings.Lines(v.hears()) {
		if r, err := protocol.DecodeResponse([]byte(line)); err == nil && r.Data.Event == protocol.EventAccepted {
			return r.Data.ID
		}
	}
	v.t.Fatalf("%q is not accepted", text)
	return 0
}
