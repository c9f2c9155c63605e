package cluster_test

import (
	"errors"
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"parley/eventloop/cluster"
	"parley/eventloop/cluster/natstest"
	"parley/users/command"
	"parley/users/state"
)

// ends waits until a node has ended, and returns why.
func (n *node) ends() error {
	n.t.Helper()
	for end := time.Now().Add(patience); n.ended() == nil; <-time.After(5 * time.Millisecond) {
		if time.Now().After(end) {
			n.t.Fatalf("%s goes on", n.name)
		}
	}
	return n.ended()
}

// A command ends every node, also those that start again. Its message is skipped, which is
// refused while a node takes part; then all go on, and come to the same.
func TestAMessageThatEndsAllIsSkipped(t *testing.T) {
	t.Parallel()
	servers := natstest.Start(t, 1)
	tables := map[string]*state.Table{"a": state.NewTable(), "b": state.NewTable(), "c": state.NewTable()}
	var nodes []*node
	all := func() {
		nodes = nil
		for _, name := range []string{"a", "b", "c"} {
			nodes = append(nodes, join(t, servers, name, tables[name]))
		}
	}
	all()
	for _, n := range nodes {
		n.begun()
	}
	nodes[0].add(names("first", 5)...)
	o := reach(t, servers, "test")
	refused := func(position uint64, words string) {
		t.Helper()
		if err := o.Skip(t.Context(), position); !errors.Is(err, cluster.ErrNotSkipped) || !strings.Contains(err.Error(), words) {
			t.Fatalf("it is skipped, or refused with %v, and not %s", err, words)
		}
	}
	refused(1, "has carried it out")
	refused(1000, "the log has messages 1 to ")
	nodes[0].post(func() { nodes[0].log.Insist(time.Now(), &command.AddAccount{Name: "poison", Hash: "$argon2id$"}, nil) })
	why := nodes[1].ends().Error()
	found := regexp.MustCompile(`parley cluster skip (\d+)$`).FindStringSubmatch(why)
	if found == nil {
		t.Fatalf("b ends with %s", why)
	}
	position, _ := strconv.ParseUint(found[1], 10, 64)
	for _, n := range nodes {
		n.ends()
		n.leave()
	}
	again := join(t, servers, "b", tables["b"])
	if got := again.ends().Error(); got != why {
		t.Errorf("started again it ends with %s", got)
	}
	again.leave()

	if err := o.Skip(t.Context(), position); err != nil {
		t.Fatal(err)
	}
	refused(position, "it is skipped already")
	all()
	for _, n := range nodes {
		n.begun()
	}
	nodes[2].add(names("second", 5)...)
	sameEverywhere(t, nodes...)
	if got := nodes[1].accounts(); len(got) != 10 {
		t.Errorf("the accounts are %v", got)
	}
	refused(position+1, "carried it out")
	_, s := states(t, o)
	if fmt.Sprint(s.Log.Skipped) != fmt.Sprint([]uint64{position}) {
		t.Errorf("it shows as skipped %v", s.Log.Skipped)
	}
}
