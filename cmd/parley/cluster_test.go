package main

import (
	"strings"
	"testing"
	"time"

	"parley/eventloop/cluster"
)

// A cluster is shown in lines for people.
func TestShowCluster(t *testing.T) {
	s := cluster.Status{Cluster: "parley", Log: &cluster.LogStatus{Stream: "parley-parley", Leader: "nats1", First: 1, Last: 120, Bytes: 4096,
		Copies: []cluster.Copy{{Server: "nats2", Current: true}, {Server: "nats3", Offline: true}, {Server: "nats4", Behind: 5, Seen: 1200 * time.Millisecond}}},
		Strange: []string{"it cannot be read"},
		Nodes: []cluster.NodeStatus{
			{Report: cluster.Report{Node: "one", Number: 1, Epoch: 2, Version: "parley v1", Kinds: 82, Sessions: 5, Position: 110, RTT: 1234567, Failing: "the log stands still"}, State: cluster.Stands, Behind: 10, Another: true},
			{Report: cluster.Report{Node: "two", Number: 2, Epoch: 1, Kinds: 82}, State: cluster.Silent},
			{Report: cluster.Report{Node: "three"}, State: cluster.Reads},
		}}
	var b strings.Builder
	if err := showCluster(&b, s); err != nil {
		t.Fatal(err)
	}
	want := `The log of the cluster parley, parley-parley, is led by nats1; copies: nats2, nats3 (not reached), nats4 (5 behind, heard of 1.2s ago).
It has the messages 1 to 120, in 4096 bytes.
Somebody has answered who is no node, and is not shown: it cannot be read.

NODE   NUMBER  EPOCH  STATE   SESSIONS  POSITION  BEHIND  NATS    KINDS  VERSION
one    1       2      stands  5         110       10      1.23ms  82     parley_v1
two    2       1      silent  -         -         -       -       82     -
three  -       -      reads   0         0         0       silent  -      -
one: the log stands still.
one: more than one process has that name: end all but one, or give them others with --node.
`
	if b.String() != want {
		t.Errorf("it is shown as\n%s", b.String())
	}
	b.Reset()
	if err := showCluster(&b, cluster.Status{Cluster: "parley"}); err != nil || b.String() != "The log of the cluster parley has no leader now, and stands still.\n" {
		t.Errorf("without a leader it is %q, %v", b.String(), err)
	}
}

// What is not said, or cannot be, is a wrong use, and says what is right.
func TestClusterIsUsedWrongly(t *testing.T) {
	for _, try := range []struct{ args, words string }{
		{"status", "--cluster nats://HOST:4222"},
		{"drain one", "--cluster nats://HOST:4222"},
		{"skip 3", "--cluster nats://HOST:4222"},
		{"import", "--cluster nats://HOST:4222"},
		{"drain --cluster nats://127.0.0.1:1", "<node>"},
		{"skip three --cluster nats://127.0.0.1:1", "<position>"},
		{"status --cluster http://localhost", "nats://HOST:PORT"},
		{"status --cluster nats://localhost --cluster-name a.b", "letters, digits and hyphens"},
		{"import --cluster nats://127.0.0.1:1 --cluster-replicas 9", "it can be 1 to 5"},
	} {
		if status, says := does(t, append([]string{"cluster"}, strings.Fields(try.args)...)...); status != exitUsage || !strings.Contains(says, try.words) {
			t.Errorf("parley cluster %s: %d, %s", try.args, status, says)
		}
	}
}
