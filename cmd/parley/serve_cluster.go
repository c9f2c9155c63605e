package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"time"

	"parley/eventloop/cluster"
	"parley/eventloop/server"
	"parley/users/command"
	"parley/users/state"
	"parley/users/store"
)

// clusterFlags make a server one of several that share a log.
type clusterFlags struct {
	Cluster          []string      `help:"Be one of several servers that are one, each with a data folder of its own: they share a log at these servers of NATS with JetStream (nats-server 2.12.3 or newer, with sync_interval: always). Clients may connect to any of them. One of them sends what outgoing hooks send, so --hook-urls-anywhere is to be the same for all. The data folder is a new one, or that of parley cluster import." placeholder:"nats://HOST:PORT"`
	ClusterCreds     string        `help:"File with the credentials of this server at NATS." placeholder:"FILE" predictor:"file"`
	ClusterName      string        `help:"Name of the cluster, of which the servers of NATS may have several: 1 to 32 letters, digits and hyphens." default:"parley"`
	ClusterReplicas  int           `help:"Servers of NATS that have a copy of the log. It is looked at when the log is made."`
	ClusterPatience  time.Duration `help:"How long this server keeps those who are connected when it does not reach the log: they are told, and what they say is refused. Then they are told to go on at another server, spread over --drain, and nobody new is taken until the log is back. 0 keeps them however long it takes."`
	ClusterSnapshots time.Duration `help:"How long after a snapshot of all that is kept the next one is made by one of the servers, with which others can begin. Behind two of them the log is trimmed: what was removed is in it no more then."`
	Node             string        `help:"Name of this server among the others. No two may have the same at once. The default is the name of the machine." placeholder:"NAME"`
}

// openPatience is how long the servers of NATS may take until there is a stream: after a start
// they first agree on who leads.
const openPatience = 60 * time.Second

func (f *clusterFlags) is() bool { return len(f.Cluster) > 0 }

func (f *clusterFlags) validate(data string) error {
	switch {
	case !f.is() && (f.ClusterCreds != "" || f.Node != ""):
		return errors.New("--cluster-creds and --node need a cluster: --cluster nats://HOST:4222")
	case !f.is():
		return nil
	case f.ClusterPatience < 0:
		return errors.New("--cluster-patience cannot be negative; 0 keeps everybody however long it takes")
	case data == store.Memory:
		return errors.New("a server of a cluster needs a folder for --data")
	case f.ClusterReplicas < 1 || f.ClusterReplicas > cluster.MaxReplicas:
		return fmt.Errorf("--cluster-replicas is %d; it can be 1 to %d", f.ClusterReplicas, cluster.MaxReplicas)
	case f.ClusterSnapshots < time.Second:
		return fmt.Errorf("--cluster-snapshots is %s; it can be 1s or more", f.ClusterSnapshots)
	case len(f.Node) > state.MaxNodeName:
		return fmt.Errorf("--node has %d bytes; it can have %d", len(f.Node), state.MaxNodeName)
	}
	if err := checkNATS(f.Cluster); err != nil {
		return err
	}
	if err := cluster.CheckName(f.ClusterName); err != nil {
		return fmt.Errorf("--cluster-name: %w", err)
	}
	return nil
}

// name returns the name of this server among the others.
func (f *clusterFlags) name() (string, error) {
	if f.Node != "" {
		return f.Node, nil
	}
	name, err := os.Hostname()
	if err != nil {
		return "", fmt.Errorf("this machine has no name, so the server needs one: --node NAME: %w", err)
	}
	return name, nil
}

// open opens the stream that a server shares with others, and fetches what its data folder needs
// to go on with it; nil: it shares none. The database is opened behind that.
func (f *clusterFlags) open(ctx context.Context, p *process, folder string) (*cluster.Stream, error) {
	if !f.is() {
		return nil, nil
	}
	mark, empty, err := store.Look(ctx, store.Database(folder))
	if err != nil {
		return nil, fmt.Errorf("data folder %s: %w", folder, err)
	}
	if mark == (state.Mark{}) && !empty {
		return nil, errors.New("the data folder has what a server has kept that is none of a cluster, which would be lost there: begin with an empty one, or make a cluster of it with parley cluster import")
	}
	node, err := f.name()
	if err != nil {
		return nil, err
	}
	opening, cancel := context.WithTimeout(ctx, openPatience)
	defer cancel()
	s, err := cluster.Open(opening, cluster.Config{Servers: f.Cluster, Credentials: f.ClusterCreds, Name: f.ClusterName, Node: node, Version: version(), Replicas: f.ClusterReplicas, Log: p.log})
	if err != nil {
		return nil, fmt.Errorf("--cluster: %w", err)
	}
	if err := beginning(p, folder, s).Fetch(ctx, mark, empty); err != nil {
		s.Close()
		return nil, err
	}
	p.log.Info("this server is a node of a cluster", "cluster", f.ClusterName, "node", node)
	return s, nil
}

// resume returns from what a server goes on, with the stream that it shares with others; nil: it
// shares none.
func (f *clusterFlags) resume(ctx context.Context, p *process, disk *store.Store, folder string, s *cluster.Stream) (server.Start, error) {
	kept, err := disk.Load(ctx)
	switch {
	case err != nil:
		return server.Start{}, err
	case s == nil && kept.Mark != (state.Mark{}):
		return server.Start{}, errors.New("the data folder belongs to a node of a cluster, and what it keeps is in the log of that: begin it with --cluster, or make a single server's of it with parley cluster export")
	case s == nil:
		return server.Resume(ctx, disk.LogName(), disk, time.Now())
	}
	node, err := f.name()
	if err != nil {
		return server.Start{}, err
	}
	return goOn(ctx, p, disk, folder, kept.Mark, server.Shared{Node: node, Stream: s, Nodes: s, ID: s.ID(), Last: s.Last(), Skipped: s.Skipped()}, s)
}

// node returns what the stream needs of a server.
func (f *clusterFlags) node(srv *server.Server, ending *ending) cluster.Node {
	return cluster.Node{Post: srv.Post, Arrived: srv.Arrived, Heard: srv.Heard, Look: srv.Look,
		Report: func() cluster.Report { return reportOf(srv) },
		Drain:  func() error { return ending.begin("wanted_by", "the operator of the cluster") }}
}

// reportOf returns what the operator is told of a server that is a node.
func reportOf(srv *server.Server) cluster.Report {
	m := srv.Membership()
	r := cluster.Report{Kinds: uint16(command.Newest), Number: m.Number, Epoch: m.Epoch, Begun: m.Begun, Ending: m.Ending, Sessions: m.Sessions, Position: m.Position}
	if m.Failing != nil {
		r.Failing = m.Failing.Error()
	}
	for _, n := range m.Nodes {
		r.Log = append(r.Log, cluster.Known{Node: n.Name, Number: n.Number, Epoch: n.Epoch, Gone: n.Gone, Kinds: uint16(n.Kinds)})
	}
	return r
}
