package sim_test

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"parley/eventloop/sim"
	"parley/protocol"
	"parley/users/log"
)

// shares returns three nodes that make a snapshot every two seconds, and have begun.
func shares(t *testing.T) (*sim.Cluster, *sim.Bucket) {
	c := sim.NewCluster(unpaced(t, 1), clusterNodes, time.Millisecond, start, rand.New(rand.NewPCG(1, 1)))
	t.Cleanup(c.End)
	c.Stream.Calm = true
	b := c.ShareSnapshots(2 * time.Second)
	c.Advance(5 * time.Second)
	return c, b
}

// saysSome says so many things, one a second, and returns the number of the last.
func (v visitor) saysSome(n int) (last uint64) {
	v.t.Helper()
	for range n {
		last = v.says(fmt.Sprint("what anna says at ", v.cluster.Now()))
		v.cluster.Advance(time.Second)
	}
	return last
}

// caretaker returns the node that makes snapshots, and two others.
func caretaker(c *sim.Cluster) (first *sim.Member, others []*sim.Member) {
	for _, n := range c.Nodes {
		if is, _ := n.Server.Passed(); is {
			first = n
		} else {
			others = append(others, n)
		}
	}
	return first, others
}

// sameEverywhere fails the test unless all nodes keep so many messages, and their states are the same.
func sameEverywhere(t *testing.T, c *sim.Cluster, messages int) {
	t.Helper()
	c.Advance(3 * time.Second)
	sum, at := c.Nodes[0].Server.Digest()
	for _, n := range c.Nodes {
		if own, where := n.Server.Digest(); n.Broken != nil || n.Killed || own != sum || where != at || len(n.Disk.Messages()) != messages {
			t.Errorf("node %d is at %d, not %d, or has something else, such as %d messages: %v", n.Index, where, at, len(n.Disk.Messages()), n.Broken)
		}
	}
}

// TestANewMachineBeginsWithASnapshot has the stream be trimmed behind what was said first. A node whose
// machine is replaced by another one, with an empty folder, has all of it nevertheless, and who comes
// to it with what was heard elsewhere is told what is missing, once.
func TestANewMachineBeginsWithASnapshot(t *testing.T) {
	c, _ := shares(t)
	anna, bert := visitNode(t, c, 0, "anna"), visitor{t, c, c.Nodes[1].Net.Dial()}
	login := protocol.Request{Verb: "login", Content: protocol.Content{Text: "bert"}, Extended: true}
	bert.Send(protocol.AppendRequest(nil, login))
	c.Advance(time.Second)
	welcome, err := protocol.DecodeResponse([]byte(strings.SplitAfter(bert.hears(), "\n")[0]))
	if err != nil {
		t.Fatal(err)
	}
	heard := anna.saysSome(10)
	bert.HangUp()
	first := c.Stream.First
	if first < 20 {
		t.Fatalf("the stream begins at %d", first)
	}
	fresh := c.Nodes[1]
	fresh.Kill()
	fresh.Replace()
	anna.saysSome(8)
	fresh.Start()
	c.Advance(4 * time.Second)
	if !fresh.Fetched || fresh.From <= first {
		t.Fatalf("the new machine has fetched a snapshot: %t, and went on from %d", fresh.Fetched, fresh.From)
	}
	sameEverywhere(t, c, 18)
	bert = visitor{t, c, fresh.Net.Dial()}
	login.HasAfter, login.After, login.Log = true, heard, welcome.Data.Log
	bert.Send(protocol.AppendRequest(nil, login))
	c.Advance(2 * time.Second)
	if text := bert.hears(); !strings.Contains(text, `"resume":"follows"`) || strings.Count(text, "what anna says") != 8 {
		t.Errorf("there bert hears %s", text)
	}
}

// TestANodeThatWasAwayForTooLong has a node be cut off while the others take it for gone, and trim the
// stream in front of it. When it reaches them again it ends, and says what to do; begun anew it has what all have.
func TestANodeThatWasAwayForTooLong(t *testing.T) {
	c, _ := shares(t)
	_, others := caretaker(c)
	anna, away := visitNode(t, c, others[0].Index, "anna"), others[1]
	anna.saysSome(5)
	away.Cut = true
	anna.saysSome(4)
	if _, at := away.Server.Digest(); c.Stream.First > at {
		t.Fatalf("while it counts as living, at %d, the stream is trimmed up to %d", at, c.Stream.First)
	}
	anna.saysSome(12)
	away.Cut = false
	c.Advance(2 * time.Second)
	if err := away.Broken; !errors.Is(err, log.ErrTrimmed) || !strings.Contains(err.Error(), "begin it anew, since it fetches a snapshot at its start") {
		t.Fatalf("when it is back it says %v", err)
	}
	away.Start()
	c.Advance(4 * time.Second)
	if !away.Fetched {
		t.Error("it has fetched nothing")
	}
	sameEverywhere(t, c, 21)

	away.Kill() // for a moment only: it has what it needs
	anna.saysSome(1)
	away.Start()
	c.Advance(3 * time.Second)
	if away.Fetched || away.From == 0 {
		t.Errorf("after a moment it has fetched a snapshot: %t, and went on from %d", away.Fetched, away.From)
	}
	sameEverywhere(t, c, 22)
}

// TestASnapshotThatIsDamaged has the newest snapshot be damaged in different ways: a new machine
// begins with the one before.
func TestASnapshotThatIsDamaged(t *testing.T) {
	for seed := range uint64(12) {
		c, b := shares(t)
		anna := visitNode(t, c, 0, "anna")
		anna.saysSome(10)
		b.Every = time.Hour
		for _, n := range c.Nodes { // with the longer time
			n.Start()
			c.Advance(3 * time.Second)
		}
		fresh := c.Nodes[1]
		fresh.Kill()
		fresh.Replace()
		b.Damage(rand.New(rand.NewPCG(seed, 1)))
		fresh.Start()
		c.Advance(4 * time.Second)
		if !fresh.Fetched {
			t.Errorf("seed %d: nothing is fetched: %v", seed, fresh.Broken)
		}
		sameEverywhere(t, c, 10)
	}
}

// TestANodeIsKilledWhilePuttingASnapshotThere has no half of one count, and another node make the next.
func TestANodeIsKilledWhilePuttingASnapshotThere(t *testing.T) {
	c, b := shares(t)
	first, others := caretaker(c)
	anna := visitNode(t, c, others[0].Index, "anna")
	said := 0
	for ; b.Putting() < 0; said++ {
		if said > 100 {
			t.Fatal("nothing is put there")
		}
		anna.says(fmt.Sprint("something at ", c.Now()))
	}
	before, _ := b.From(0)
	first.Kill()
	anna.saysSome(4)
	if now, _ := b.From(0); now > before {
		t.Errorf("there were %d snapshots, and there are %d", before, now)
	}
	begins := c.Stream.First
	anna.saysSome(15)
	if c.Stream.First <= begins {
		t.Errorf("the stream begins at %d still", begins)
	}
	first.Start()
	c.Advance(4 * time.Second)
	sameEverywhere(t, c, said+19)
}
