package cluster_test

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"strings"
	"testing"
	"time"

	"github.com/nats-io/nats.go"

	"parley/eventloop/cluster"
	"parley/eventloop/cluster/natstest"
	"parley/users/state"
)

// reach connects an operator to a cluster.
func reach(t *testing.T, servers natstest.Servers, name string) *cluster.Operator {
	t.Helper()
	o, err := cluster.Reach(t.Context(), cluster.Config{Servers: servers.URLs(), Name: name, Log: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(o.Close)
	return o
}

// states returns what the operator is shown of each node.
func states(t *testing.T, o *cluster.Operator) (all []string, of cluster.Status) {
	t.Helper()
	of, err := o.Status(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for _, n := range of.Nodes {
		all = append(all, n.Node+" "+n.State)
	}
	return all, of
}

// The operator sees two nodes, one of which is then killed, and somebody who answers what no node
// does; tells one to end, and is told why another cannot be.
func TestOperator(t *testing.T) {
	t.Parallel()
	servers := natstest.Start(t, 1)
	a, b := join(t, servers, "a", state.NewTable()), join(t, servers, "b", state.NewTable())
	a.begun()
	b.begun()
	a.add(names("x", 3)...)
	o := reach(t, servers, "test")
	all, s := states(t, o)
	if strings.Join(all, ", ") != "a lives, b lives" || len(s.Strange) > 0 {
		t.Fatalf("the nodes are %v, and %v", all, s.Strange)
	}
	one := s.Nodes[0]
	if one.Number != 1 || one.Epoch != 1 || one.Sessions != 7 || one.Version != "v1" || one.RTT <= 0 || one.Kinds == 0 || one.Position < 5 || s.Log.Last < one.Position-5 || s.Log.First != 1 || s.Log.Bytes == 0 {
		t.Errorf("it is shown %+v of %+v", one, s.Log)
	}

	conn, _ := servers.Connect(t)
	if err := conn.PublishRequest("parley.test.status", "parley.test.turns", nil); err != nil { // to have the nodes spoil the log
		t.Fatal(err)
	}
	if err := conn.FlushTimeout(patience); err != nil { // before strangers are there
		t.Fatal(err)
	}
	states(t, o) // which is answered behind it
	for _, data := range [][]byte{bytes.Repeat([]byte("x"), 65<<10), []byte("hello"), []byte(`{"node":""}`)} {
		sub, err := conn.Subscribe("parley.test.status", func(m *nats.Msg) { _ = m.Respond(data) })
		if err != nil {
			t.Fatal(err)
		}
		defer func() { _ = sub.Unsubscribe() }()
	}
	if all, s = states(t, o); len(all) != 2 || len(s.Strange) != 3 || !strings.Contains(strings.Join(s.Strange, "; "), "it has 66560 bytes, and a node's has at most 65536") {
		t.Errorf("the nodes are %v, and of strangers it is said: %v", all, s.Strange)
	}
	a.add("still")

	b.leave()
	if all, _ = states(t, o); all[0] != "a lives" || all[1] != "b silent" && all[1] != "b gone" {
		t.Errorf("after b was killed the nodes are %v", all)
	}
	a.until("a takes b for gone", func() bool { return a.state.Node("b").Gone })
	if all, _ = states(t, o); strings.Join(all, ", ") != "a lives, b gone" {
		t.Errorf("in the end the nodes are %v", all)
	}

	if err := o.Drain(t.Context(), "c"); !errors.Is(err, cluster.ErrNoNode) || !strings.Contains(err.Error(), "c; those that do are: a") || a.drained.Load() != 0 {
		t.Errorf("of a node that is not there it says %v", err)
	}
	if err := o.Drain(t.Context(), "a"); err != nil || a.drained.Load() != 1 {
		t.Errorf("%v; a was told %d times", err, a.drained.Load())
	}
	if err := o.Drain(t.Context(), "a"); err == nil || !strings.Contains(err.Error(), "a does not end: it ends already") {
		t.Errorf("the second time it says %v", err)
	}
}

// What an operator cannot reach is said so.
func TestOperatorWithoutACluster(t *testing.T) {
	t.Parallel()
	servers := natstest.Start(t, 1)
	open(t, servers, "a").Close()
	if _, err := reach(t, servers, "other").Status(t.Context()); !errors.Is(err, cluster.ErrNoCluster) || !strings.Contains(err.Error(), "none is called other") || !strings.Contains(err.Error(), "there are: test") {
		t.Errorf("of another cluster it says %v", err)
	}
	o := reach(t, servers, "test")
	if all, s := states(t, o); len(all) > 0 || s.Log == nil || s.Log.Last != 0 {
		t.Errorf("without nodes it shows %v, %+v", all, s.Log)
	}
	if err := o.Drain(t.Context(), "a"); !errors.Is(err, cluster.ErrNoNode) || !strings.Contains(err.Error(), "none of cluster test does") {
		t.Errorf("without nodes it says %v", err)
	}
	if _, err := reach(t, natstest.StartWithoutJetStream(t), "test").Status(t.Context()); !errors.Is(err, cluster.ErrServer) {
		t.Errorf("without JetStream it says %v", err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 100*time.Millisecond)
	defer cancel()
	if _, err := cluster.Reach(ctx, cluster.Config{Servers: []string{"nats://127.0.0.1:1"}, Log: slog.New(slog.DiscardHandler)}); !errors.Is(err, cluster.ErrUnreached) {
		t.Errorf("without NATS it says %v", err)
	}
}
