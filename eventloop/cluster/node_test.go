package cluster_test

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"go.uber.org/goleak"

	"parley/eventloop/cluster"
	"parley/eventloop/cluster/natstest"
	"parley/users/command"
	"parley/users/log"
	"parley/users/state"
)

func TestMain(m *testing.M) {
	natstest.Main()
	// Where putting an object ends at once, nats.go 1.55.0 may forget a goroutine that it has just
	// begun: what that is to wait for is taken away before it looks.
	goleak.VerifyTestMain(m, goleak.IgnoreTopFunction("github.com/nats-io/nats.go/jetstream.(*jetStream).resetPendingAcksOnReconnect"))
}

// patience is for what must happen, on a machine that has much to do; a test that meets it has
// failed.
const patience = 90 * time.Second

// A node is the log of a node on a goroutine of its own, without a server above it.
type node struct {
	t      *testing.T
	name   string
	stream *cluster.Stream
	log    *log.Replicated
	state  *state.State
	table  *state.Table // what it has kept
	posts  chan func()
	done   chan struct{}

	// Of the goroutine.
	flush   bool
	digests map[uint64][32]byte // by position

	drained atomic.Int32

	mu  sync.Mutex
	end error
}

// open opens the stream as a node does.
func open(t *testing.T, servers natstest.Servers, name string) *cluster.Stream {
	t.Helper()
	s, err := tryOpen(t, servers.URLs(), name, min(len(servers), 3))
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func tryOpen(t *testing.T, urls []string, name string, replicas int) (*cluster.Stream, error) {
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	return cluster.Open(ctx, cluster.Config{Servers: urls, Name: "test", Node: name, Version: "v1", Replicas: replicas, Log: slog.New(slog.DiscardHandler)})
}

// join starts a node with what it has kept. It ends with the test, if not before.
func join(t *testing.T, servers natstest.Servers, name string, table *state.Table) *node {
	t.Helper()
	n := &node{t: t, name: name, stream: open(t, servers, name), table: table, posts: make(chan func(), 1<<16), done: make(chan struct{}), digests: make(map[uint64][32]byte)}
	mark := table.Kept().Mark
	if err := n.stream.Check(mark, 0); err != nil {
		n.stream.Close()
		t.Fatal(err)
	}
	n.state = state.New(state.Kept{}, time.Unix(0, 0))
	runs := 0
	n.log = log.NewReplicated(log.ReplicatedConfig{
		Config: log.Config{Name: "log of " + name, State: n.state, Keeper: n, Clock: time.Now}, Owner: n,
		Node: name, Stream: n.stream, ID: n.stream.ID(), Mark: mark, Skipped: n.stream.Skipped(),
		Chance: func() string { runs++; return fmt.Sprint(os.Getpid(), name, time.Now().UnixNano(), runs) },
	})
	n.log.Start()
	go func() {
		defer close(n.done)
		defer func() { _ = recover() }() // the process ends, and Broken was told why
		for f := range n.posts {
			f()
			if n.flush {
				n.flush = false
				n.log.Flush(time.Now())
			}
			n.digests[n.log.Position()] = n.state.Digest()
		}
	}()
	if err := n.stream.Start(cluster.Node{Post: n.post, Arrived: n.log.Arrived, Look: func() { n.log.Tick(time.Now()) }, Report: n.report, Drain: n.drain}); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(n.leave)
	return n
}

func (n *node) post(f func()) {
	n.mu.Lock()
	defer n.mu.Unlock()
	if n.posts != nil {
		n.posts <- f
	}
}

// leave ends the node as a kill would: nobody is told.
func (n *node) leave() {
	n.stream.Close()
	n.mu.Lock()
	if n.posts != nil {
		close(n.posts)
		n.posts = nil
	}
	n.mu.Unlock()
	<-n.done
}

// ask returns what f does on the node's goroutine.
func ask[T any](n *node, f func() T) T {
	n.t.Helper()
	answer := make(chan T, 1)
	n.post(func() { answer <- f() })
	select {
	case a := <-answer:
		return a
	case <-time.After(patience):
		n.t.Fatal("the node does nothing any more")
		panic("not reached")
	}
}

// until waits for what comes about by itself.
func (n *node) until(what string, is func() bool) {
	n.t.Helper()
	for end := time.Now().Add(patience); !ask(n, is); <-time.After(5 * time.Millisecond) {
		if err := n.ended(); err != nil || time.Now().After(end) {
			n.t.Fatalf("%s: %s: it does not come about at position %d: %v", n.name, what, ask(n, n.log.Position), err)
		}
	}
}

// report says how the node does, as a server does.
func (n *node) report() cluster.Report {
	s := n.log.Standing()
	r := cluster.Report{Number: s.Number, Epoch: s.Epoch, Begun: s.Begun, Position: s.Position, Sessions: 7, Kinds: uint16(command.Newest)}
	for _, one := range n.state.Nodes() {
		r.Log = append(r.Log, cluster.Known{Node: one.Name, Number: one.Number, Epoch: one.Epoch, Gone: one.Gone, Kinds: uint16(one.Kinds)})
	}
	return r
}

// drain counts how often the node is told to end.
func (n *node) drain() error {
	if n.drained.Add(1) > 1 {
		return errors.New("it ends already")
	}
	return nil
}

func (n *node) begun() {
	n.t.Helper()
	n.until("it takes part", func() bool { return n.log.Failing() == nil })
}

// add proposes accounts, one behind the other, until all were acknowledged. What is refused for
// now is proposed again.
func (n *node) add(names ...string) {
	n.t.Helper()
	for _, name := range names {
		made := make(chan error, 1)
		n.until("an account is proposed", func() bool {
			return n.log.Propose(time.Now(), &command.AddAccount{Name: name, Hash: "$argon2id$"}, func(r state.Result) { made <- r.Err }) == nil
		})
		select {
		case err := <-made:
			if err != nil {
				n.t.Fatalf("%s: %s: %v", n.name, name, err)
			}
		case <-time.After(patience):
			n.t.Fatalf("%s: %s is not acknowledged", n.name, name)
		}
	}
}

// accounts returns those that the node knows.
func (n *node) accounts() []string {
	return ask(n, func() (all []string) {
		for _, a := range n.state.AccountList() {
			all = append(all, a.Name)
		}
		slices.Sort(all)
		return all
	})
}

// ended returns why the node has stopped.
func (n *node) ended() error {
	n.mu.Lock()
	defer n.mu.Unlock()
	return n.end
}

// Keep implements log.Keeper.
func (n *node) Keep(rows *state.Rows, done func(error)) { n.table.Put(rows); done(nil) }

// Applied and the others implement log.ReplicatedOwner.
func (n *node) Applied(_ time.Time, c command.Command, _ state.Result) {
	if add, is := c.(*command.AddAccount); is && add.Name == "poison" {
		panic("it is poison")
	}
}
func (n *node) Committed(uint64)  {}
func (n *node) AskFlush()         { n.flush = true }
func (n *node) AskTick(time.Time) {}
func (n *node) Begun(uint32)      {}
func (n *node) Lost()             {}
func (n *node) Broken(err error) {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.end = err
}

// sameEverywhere waits until all nodes are at one position, and compares their states wherever
// two have been at one.
func sameEverywhere(t *testing.T, nodes ...*node) {
	t.Helper()
	want := []string(nil)
	for _, n := range nodes {
		if err := n.ended(); err != nil {
			t.Errorf("%s has stopped: %v", n.name, err)
		}
		if all := n.accounts(); len(all) > len(want) {
			want = all
		}
	}
	compared := 0
	for _, n := range nodes {
		n.until("it has all accounts", func() bool { return len(n.state.AccountList()) == len(want) })
		if got := n.accounts(); !slices.Equal(got, want) {
			t.Errorf("%s has %v, and not %v", n.name, got, want)
		}
		first := ask(nodes[0], func() map[uint64][32]byte { return cloned(nodes[0].digests) })
		for at, sum := range ask(n, func() map[uint64][32]byte { return cloned(n.digests) }) {
			if other, known := first[at]; known && n != nodes[0] {
				if compared++; other != sum {
					t.Errorf("%s and %s differ at %d", nodes[0].name, n.name, at)
				}
			}
		}
	}
	if compared == 0 && len(nodes) > 1 {
		t.Error("no two nodes have been at one position")
	}
}

func cloned(m map[uint64][32]byte) map[uint64][32]byte {
	c := make(map[uint64][32]byte, len(m))
	for k, v := range m {
		c[k] = v
	}
	return c
}
