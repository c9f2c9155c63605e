package sim_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"parley/eventloop/sim"
	"parley/protocol"
	"parley/users/command"
	"parley/users/state"
)

// A forwarder stands for what sends to outgoing hooks at one node, and notes what it is told.
type forwarder struct {
	log   string // under whose name it sends; "": it does not
	woken []string
}

func (f *forwarder) Send(log string)  { f.log = log }
func (f *forwarder) Wake(room string) { f.woken = append(f.woken, room) }
func (f *forwarder) End(done func())  { f.log = ""; done() }

// A forwarding is a cluster whose nodes may send to outgoing hooks.
type forwarding struct {
	t *testing.T
	*sim.Cluster
	by []*forwarder
}

// newForwarding begins one, a node after the other.
func newForwarding(t *testing.T) *forwarding {
	f := &forwarding{t: t, Cluster: sim.NewCluster(unpaced(t, 1), clusterNodes, time.Millisecond, start, rand.New(rand.NewPCG(1, 1)))}
	f.Stream.Calm = true
	for _, n := range f.Nodes {
		n.Kill()
		f.by = append(f.by, new(forwarder))
		n.Config.Forward = f.by[n.Index]
	}
	for i := range f.Nodes {
		f.start(i)
		f.sends(fmt.Sprint("at the beginning of node ", i), 2*time.Second, 0)
	}
	return f
}

// start begins the process of a node.
func (f *forwarding) start(node int) {
	*f.by[node] = forwarder{}
	f.Nodes[node].Start()
}

// none is that no node sends.
const none = -1

// sends has time go on, and expects that behind that one node sends, and at no time two.
func (f *forwarding) sends(what string, after time.Duration, want int) {
	f.t.Helper()
	for ; after > 0; after -= 50 * time.Millisecond {
		f.Advance(50 * time.Millisecond)
		f.sending(what)
	}
	if is := f.sending(what); is != want {
		f.t.Fatalf("%s: node %d sends, and not %d", what, is, want)
	}
}

// sending returns which node sends.
func (f *forwarding) sending(what string) (node int) {
	f.t.Helper()
	node = none
	for i, by := range f.by {
		switch n := f.Nodes[i]; {
		case n.Broken != nil:
			f.t.Fatalf("%s: node %d stops: %v", what, i, n.Broken)
		case by.log == "" || n.Killed || n.Paused:
		case node != none:
			f.t.Fatalf("%s: nodes %d and %d send", what, node, i)
		case by.log != "simulated":
			f.t.Fatalf("%s: node %d sends what is of the log %s", what, i, by.log)
		default:
			node = i
		}
	}
	return node
}

// do has the owner do something at a node, whatever becomes of it.
func (f *forwarding) do(node int, c command.Command) {
	f.t.Helper()
	ctx, cancel := context.WithCancel(f.t.Context())
	cancel() // time goes on below only
	_, _ = f.Nodes[node].Server.Propose(ctx, []command.Command{c})
	f.Advance(time.Second)
}

// hook returns the hook that a node has kept; the zero Hook: it has none.
func (f *forwarding) hook(node int) (h state.Hook) {
	for _, h = range f.Nodes[node].Disk.Table.Kept().Hooks {
		return h
	}
	return h
}

// TestOneNodeSends has nodes be killed, cut off, stopped and started again: the first one that
// lives and reaches the log sends to outgoing hooks, and at no time two.
func TestOneNodeSends(t *testing.T) {
	f := newForwarding(t)

	f.Nodes[0].Cut = true
	f.sends("just cut off", time.Second, 0)
	f.sends("cut off", 2*time.Second, none)
	f.sends("cut off for long", 8*time.Second, 1)
	f.Nodes[0].Cut = false
	f.sends("there again", 4*time.Second, 0)

	f.Nodes[0].Kill()
	f.sends("killed", 2*time.Second, none)
	f.sends("killed and gone", 8*time.Second, 1)
	f.Nodes[1].Kill()
	f.sends("both are", 10*time.Second, 2)
	f.start(0)
	f.start(1)
	f.sends("started again", 4*time.Second, 0)

	f.Nodes[0].Paused = true
	f.sends("stopped", 10*time.Second, 1)
	f.Nodes[0].Paused = false
	f.sends("it wakes", 4*time.Second, 0)

	f.Stream.Down = true
	f.sends("the stream has no leader", 4*time.Second, none)
	f.Stream.Down = false
	f.sends("it has one", 4*time.Second, 0)
}

// TestTheNextNodeKnowsHowFarHooksAre has the node that sends say how far a receiver is: that is kept
// by all, also by one that is started again and reads everything anew, and each is told what is new
// in the room.
func TestTheNextNodeKnowsHowFarHooksAre(t *testing.T) {
	f := newForwarding(t)
	f.do(1, hooked)
	anna := visitNode(t, f.Cluster, 2, "anna")
	say := func(id string) {
		t.Helper()
		anna.asks(protocol.Request{Verb: "msg", Content: protocol.Content{Text: "hello"}, Ref: id, ID: id}, `"event":"accepted"`)
	}
	say("a")
	said := f.hook(0).Number + 1
	f.do(0, &command.HooksSent{Hooks: []command.HookSent{{Hook: said - 1, UpTo: said}}})
	f.Nodes[1].Kill()
	f.Nodes[1].Disk.State = nil // it reads the stream from its first message
	f.start(1)
	f.sends("started again", 4*time.Second, 0)
	for i, by := range f.by {
		if h := f.hook(i); h.Sent != said {
			t.Errorf("node %d has kept %+v, want up to %d", i, h, said)
		}
		by.woken = nil
	}
	say("b")
	f.do(0, &command.DropHook{Name: "aHook"})
	for i, by := range f.by {
		if !slices.Equal(by.woken, []string{state.Lobby, ""}) {
			t.Errorf("the sender of node %d is told of %q", i, by.woken)
		}
	}
}

// TestNothingIsSentBesideAnOldNode has a node of the version before take part when the first one
// begins: nothing is sent, and no outgoing hook is made. When it is gone that changes.
func TestNothingIsSentBesideAnOldNode(t *testing.T) {
	f := newForwarding(t)
	for _, n := range f.Nodes {
		n.Kill()
	}
	f.Nodes[2].Kinds.Newest = command.KindGone
	f.start(2)
	f.sends("the old one is alone", 10*time.Second, none)
	f.start(0)
	f.sends("with an old one", 4*time.Second, none)
	if f.do(0, hooked); f.hook(0) != (state.Hook{}) {
		t.Errorf("a hook is made, %+v, and nothing is sent by it", f.hook(0))
	}
	f.Nodes[2].Kill()
	f.sends("when that is gone", 10*time.Second, 0)
	if f.do(0, hooked); f.hook(0) == (state.Hook{}) {
		t.Error("a hook is not made")
	}
}

// hooked makes an outgoing hook.
var hooked = &command.AddOutgoingHook{Name: "aHook", Room: state.Lobby, URL: "http://localhost/", Secret: "s", Hash: "h"}
