package sim_test

import (
	"bytes"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"parley/eventloop/sim"
	"parley/protocol"
	"parley/users/command"
	"parley/users/log"
)

// A visitor is a client of a node of a cluster that a test drives by hand.
type visitor struct {
	t       *testing.T
	cluster *sim.Cluster
	*sim.Conn
}

// visitNode logs in at a node.
func visitNode(t *testing.T, c *sim.Cluster, node int, name string) visitor {
	v := visitor{t, c, c.Nodes[node].Net.Dial()}
	v.asks(protocol.Request{Verb: "login", Content: protocol.Content{Text: name}, Extended: true}, `"event":"login"`)
	return v
}

// hears returns what it was sent since it was asked last.
func (v visitor) hears() (text string) {
	for b, _ := v.Read(); b != nil; b, _ = v.Read() {
		text += string(b)
	}
	return text
}

// asks sends a request, and looks that within two seconds it hears some words.
func (v visitor) asks(r protocol.Request, words string) {
	v.t.Helper()
	v.hears()
	v.Send(protocol.AppendRequest(nil, r))
	v.cluster.Advance(2 * time.Second)
	if got := v.hears(); !strings.Contains(got, words) {
		v.t.Fatalf("on %s it hears %s, and not %s", r.Verb, got, words)
	}
}

// makes is a request of a kind that a version with fewer kinds does not know.
func makes(room string) protocol.Request {
	return protocol.Request{Verb: "create", Content: protocol.Content{Fields: map[string]string{"room": room}}, Ref: "r"}
}

// TestANewKindWaitsForTheOldestNode has a node of an older version, which does not know rooms,
// among others that do: nobody makes one while it lives. When it is gone they do; when it comes
// back it stops before the first room, keeps nothing from there on, and says what to do. Updated, it
// goes on.
func TestANewKindWaitsForTheOldestNode(t *testing.T) {
	c := sim.NewCluster(unpaced(t, 1), clusterNodes, time.Millisecond, start, rand.New(rand.NewPCG(1, 1)))
	c.Stream.Calm = true
	c.Advance(4 * time.Second)
	for i, n := range c.Nodes { // as if the first version with clusters had had no rooms
		n.Kill()
		n.Kinds.Base = command.KindLimits
		if i == 2 {
			n.Kinds.Newest = command.KindLimits
		}
		n.Start()
	}
	c.Advance(4 * time.Second)
	old, others := c.Nodes[2], c.Nodes[:2]
	anna := visitNode(t, c, 0, "anna")
	anna.asks(makes("tea"), "while a part of this server is of an older version")
	anna.asks(protocol.Request{Verb: "msg", Content: protocol.Content{Text: "hello"}, Ref: "m", ID: "m"}, `"event":"accepted"`)
	for _, n := range c.Nodes {
		if n.Broken != nil || len(n.Disk.Messages()) != 1 {
			t.Fatalf("node %d: %v, %d messages", n.Index, n.Broken, len(n.Disk.Messages()))
		}
	}

	old.Kill()
	c.Advance(10 * time.Second) // until it is taken for gone
	_, before := others[0].Server.Digest()
	anna.asks(makes("tea"), `"event":"created"`)
	old.Start()
	c.Advance(4 * time.Second)
	if err := old.Broken; !errors.Is(err, command.ErrKind) || !strings.Contains(err.Error(), "from a newer version of this program: update this node") {
		t.Fatalf("the old node ends with %v", err)
	}
	_, at := old.Server.Digest()
	room := slices.IndexFunc(c.Stream.Messages, func(m log.Message) bool { return bytes.Contains(m.Data, []byte("tea")) }) + 1
	if mark := old.Disk.Table.Kept().Mark.Position; mark == 0 || mark > at || at < before || int(at) != room-1 || !strings.Contains(old.Broken.Error(), fmt.Sprintf("message %d of the stream", room)) {
		t.Errorf("its rows have all up to %d, it has read up to %d, and the room is made at %d: %v", mark, at, room, old.Broken)
	}

	old.Kill()
	old.Kinds.Newest = 0
	old.Start()
	c.Advance(4 * time.Second)
	anna.asks(makes("cake"), `"event":"created"`)
	sum, at := others[0].Server.Digest()
	for _, n := range c.Nodes {
		if own, where := n.Server.Digest(); n.Broken != nil || own != sum || where != at {
			t.Errorf("node %d is at %d, not %d, or has something else: %v", n.Index, where, at, n.Broken)
		}
	}
}
