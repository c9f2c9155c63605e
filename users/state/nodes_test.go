package state_test

import (
	"errors"
	"fmt"
	"slices"
	"testing"
	"time"

	"parley/users"
	"parley/users/command"
	"parley/users/state"
)

// A cluster is a state and the nodes that share it.
type cluster struct {
	t *testing.T
	*state.State
	at time.Time
}

func (c *cluster) apply(cmd command.Command) state.Result {
	c.at = c.at.Add(100 * time.Millisecond)
	return c.Apply(c.at, cmd, nil)
}

// begin begins the next epoch of a node.
func (c *cluster) begin(node string) {
	c.t.Helper()
	if r := c.apply(&command.Begin{Node: node, Epoch: c.Node(node).Epoch + 1, Run: "r", Log: "log of " + node}); r.Err != nil {
		c.t.Fatalf("%s does not begin: %v", node, r.Err)
	}
}

func (c *cluster) beat(node string) {
	c.t.Helper()
	n := c.Node(node)
	if r := c.apply(&command.Heartbeat{Node: n.Number, Epoch: n.Epoch}); r.Err != nil {
		c.t.Fatalf("a heartbeat of %s: %v", node, r.Err)
	}
}

// accuse says of a node that it is gone, after a heartbeat.
func (c *cluster) accuse(by, node string, beat uint64) error {
	n := c.Node(node)
	return c.apply(&command.Gone{Witness: c.Node(by).Number, Node: n.Number, Epoch: n.Epoch, Beat: beat}).Err
}

func newCluster(t *testing.T, nodes ...string) *cluster {
	c := &cluster{t: t, State: state.New(state.Kept{}, noon), at: noon}
	for _, node := range nodes {
		c.begin(node)
	}
	return c
}

func TestANodeIsGoneAfterFiveHeartbeatsOfAnother(t *testing.T) {
	c := newCluster(t, "a", "b")
	c.beat("b")
	last := c.Node("b").Beat
	for i := range state.BeatsUntilGone - 1 {
		c.beat("a")
		if err := c.accuse("a", "b", last); !errors.Is(err, state.ErrAlive) || len(c.Silent(1)) > 0 {
			t.Fatalf("after %d heartbeats: %v, silent are %v", i+1, err, c.Silent(1))
		}
	}
	c.beat("a")
	if silent := c.Silent(1); len(silent) != 1 || silent[0].Node != 2 || silent[0].Beat != last {
		t.Fatalf("silent are %v", silent)
	}
	if err := c.accuse("a", "b", last); err != nil || !c.Node("b").Gone {
		t.Fatalf("got %v, b is %+v", err, c.Node("b"))
	}
	if err := c.accuse("a", "b", last); !errors.Is(err, state.ErrEpoch) {
		t.Errorf("a second time: %v", err)
	}
}

func TestAHeartbeatInBetweenSavesANode(t *testing.T) {
	c := newCluster(t, "a", "b")
	last := c.Node("b").Beat
	for range state.BeatsUntilGone {
		c.beat("a")
	}
	c.beat("b") // is in the log before what a says
	if err := c.accuse("a", "b", last); !errors.Is(err, state.ErrAlive) {
		t.Errorf("got %v", err)
	}
	if err := c.accuse("a", "b", c.Node("b").Beat); !errors.Is(err, state.ErrAlive) {
		t.Errorf("naming the newest one: %v", err)
	}
}

func TestWhoHasJustBegunAccusesNobody(t *testing.T) {
	c := newCluster(t, "a", "b")
	for range state.BeatsUntilGone {
		c.beat("a")
	}
	c.begin("a") // its heartbeats of the epoch before say nothing any more
	if err := c.accuse("a", "b", c.Node("b").Beat); !errors.Is(err, state.ErrAlive) {
		t.Errorf("got %v", err)
	}
}

func TestTurnsCountOnceAndInOrder(t *testing.T) {
	c := newCluster(t, "a", "b")
	for _, turn := range []struct {
		node        uint32
		epoch, turn uint64
		want        bool
	}{
		{1, 1, 1, true}, {1, 1, 1, false}, {1, 1, 3, false}, {1, 1, 2, true}, {1, 1, 1, false},
		{2, 1, 1, true}, {2, 2, 1, false}, {2, 0, 2, false}, {3, 1, 1, false}, {0, 1, 1, false}, {1, 1, 0, false},
	} {
		if got := c.TakeTurn(turn.node, turn.epoch, turn.turn); got != turn.want {
			t.Errorf("%+v: %v", turn, got)
		}
	}
	c.begin("a")
	if c.TakeTurn(1, 1, 3) || !c.TakeTurn(1, 2, 1) {
		t.Error("a new epoch does not begin anew")
	}
	if err := c.accuse("a", "a", 0); err != nil { // it says so itself
		t.Fatal(err)
	}
	if c.TakeTurn(1, 2, 2) {
		t.Error("who is gone goes on")
	}
}

func TestAnEpochBeginsOnce(t *testing.T) {
	c := newCluster(t, "a")
	for _, epoch := range []uint64{0, 1, 3} {
		if r := c.apply(&command.Begin{Node: "a", Epoch: epoch}); !errors.Is(r.Err, state.ErrEpoch) {
			t.Errorf("epoch %d: %v", epoch, r.Err)
		}
	}
	if r := c.apply(&command.Begin{Node: "b", Epoch: 2}); !errors.Is(r.Err, state.ErrEpoch) {
		t.Errorf("a new one with epoch 2: %v", r.Err)
	}
	c.begin("a")
	if c.LogName() != "log of a" || c.First() != 1 {
		t.Errorf("the log is %q, the first one %d", c.LogName(), c.First())
	}
}

func TestThereIsAnEndToNodes(t *testing.T) {
	c := newCluster(t)
	for i := range state.MaxNodes {
		c.begin(fmt.Sprint(i))
	}
	if r := c.apply(&command.Begin{Node: "one more", Epoch: 1}); !errors.Is(r.Err, state.ErrNodes) {
		t.Errorf("got %v", r.Err)
	}
	c.begin("3") // who is known may come back
	for _, name := range []string{"", string(make([]byte, state.MaxNodeName+1))} {
		if r := c.apply(&command.Begin{Node: name, Epoch: 1}); !errors.Is(r.Err, state.ErrNodeName) {
			t.Errorf("%q: %v", name, r.Err)
		}
	}
}

// The sessions of a node that is gone, or begins again, are over; the others go on.
func TestWithANodeItsSessionsEnd(t *testing.T) {
	for name, end := range map[string]func(*cluster){
		"gone": func(c *cluster) {
			for range state.BeatsUntilGone {
				c.beat("a")
			}
			if err := c.accuse("a", "b", c.Node("b").Beat); err != nil {
				t.Fatal(err)
			}
		},
		"begins again": func(c *cluster) { c.begin("b") },
	} {
		t.Run(name, func(t *testing.T) {
			c := newCluster(t, "a", "b")
			c.apply(&command.Limits{Sessions: 5, Accounts: 5, GuestGrace: time.Minute})
			enter := func(node uint32, number uint64, name, token string) {
				t.Helper()
				e := &command.Enter{Session: command.Session{Node: node, Number: number}, Name: name, Token: token}
				if a, is := c.Account(name); is {
					e.Verified = a.Hash
				}
				if r := c.apply(e); r.Err != nil {
					t.Fatal(r.Err)
				}
			}
			c.apply(&command.AddAccount{Name: "both", Hash: "h"})
			enter(1, 1, "here", "t1")
			enter(2, 1, "there", "t2")
			enter(1, 2, "both", "t3")
			enter(2, 2, "both", "t4")
			end(c)
			if names := c.Names(); !slices.Equal(names, []string{"both", "here"}) {
				t.Errorf("there are %v", names)
			}
			if all := c.Sessions("both"); len(all) != 1 || all[0].Session != (users.Session{Node: 1, Number: 2}) {
				t.Errorf("both has %+v", all)
			}
			enter(1, 3, "there", "t2") // with the token of who was there
			if wrong := c.Contradiction(); wrong != "" {
				t.Error(wrong)
			}
		})
	}
}
