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
	"parley/users/log"
	"parley/users/state"
	"parley/users/store"
)

// clusterFlags make a server one of several that share a log.
type clusterFlags struct {
	Cluster         []string      `help:"Be one of several servers that are one, each with a data folder of its own: they share a log at these servers of NATS with JetStream (nats-server 2.12.3 or newer, with sync_interval: always). Clients may connect to any of them. There are no outgoing hooks, and the data folder is a new one." placeholder:"nats://HOST:PORT"`
	ClusterCreds    string        `help:"File with the credentials of this server at NATS." placeholder:"FILE" predictor:"file"`
	ClusterName     string        `help:"Name of the cluster, of which the servers of NATS may have several: 1 to 32 letters, digits and hyphens." default:"parley"`
	ClusterReplicas int           `help:"Servers of NATS that have a copy of the log. It is looked at when the log is made." default:"3"`
	ClusterPatience time.Duration `help:"How long this server keeps those who are connected when it does not reach the log: they are told, and what they say is refused. Then they are told to go on at another server, spread over --drain, and nobody new is taken until the log is back. 0 keeps them however long it takes." default:"30s"`
	Node            string        `help:"Name of this server among the others. No two may have the same at once. The default is the name of the machine." placeholder:"NAME"`
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

// resume returns from what a server goes on, and the stream that it shares with others; nil: it
// shares none.
func (f *clusterFlags) resume(ctx context.Context, p *process, disk *store.Store, folder string) (start server.Start, s *cluster.Stream, err error) {
	kept, err := disk.Load(ctx)
	if err != nil {
		return start, nil, err
	}
	if !f.is() {
		if kept.Mark != (state.Mark{}) {
			return start, nil, errors.New("the data folder belongs to a node of a cluster, and what it keeps is in the log of that: begin it with --cluster")
		}
		start, err = server.Resume(ctx, disk.LogName(), disk, time.Now())
		return start, nil, err
	}
	if kept.Mark == (state.Mark{}) && (kept.Last > 0 || len(kept.Accounts) > 0) {
		return start, nil, errors.New("the data folder has what a server has kept that is none of a cluster, which would be lost there: begin with an empty one")
	}
	node := f.Node
	if node == "" {
		if node, err = os.Hostname(); err != nil {
			return start, nil, fmt.Errorf("this machine has no name, so the server needs one: --node NAME: %w", err)
		}
	}
	opening, cancel := context.WithTimeout(ctx, openPatience)
	defer cancel()
	s, err = cluster.Open(opening, cluster.Config{Servers: f.Cluster, Credentials: f.ClusterCreds, Name: f.ClusterName, Node: node, Version: version(), Replicas: f.ClusterReplicas, Log: p.log})
	if err != nil {
		return start, nil, fmt.Errorf("--cluster: %w", err)
	}
	start, err = goOn(ctx, p, disk, folder, kept.Mark, server.Shared{Node: node, Stream: s, Nodes: s, ID: s.ID(), Last: s.Last(), Skipped: s.Skipped()}, s)
	if err != nil {
		s.Close()
		return start, nil, err
	}
	p.log.Info("this server is a node of a cluster", "cluster", f.ClusterName, "node", node)
	return start, s, nil
}

// goOn returns a start with the snapshot of the data folder, if there is one and it fits: else
// the stream is read from its first message.
func goOn(ctx context.Context, p *process, disk *store.Store, folder string, mark state.Mark, with server.Shared, s *cluster.Stream) (server.Start, error) {
	from, err := loadSnapshot(folder, mark, s)
	if err != nil {
		p.log.Warn("the snapshot of this node is not used: the stream is read from its first message", "error", err)
	}
	if from != nil {
		if err := s.Check(mark, from.Position); err != nil {
			return server.Start{}, err
		}
		with.From = from
		start, err := server.ResumeShared(ctx, disk.LogName(), disk, with)
		if !errors.Is(err, state.ErrSnapshot) {
			p.log.Info("this node goes on from a snapshot", "message", from.Position)
			return start, err
		}
		p.log.Warn("the snapshot of this node is not used: the stream is read from its first message", "error", err)
	}
	if err := s.Check(mark, 0); err != nil {
		return server.Start{}, err
	}
	with.From = nil
	return server.ResumeShared(ctx, disk.LogName(), disk, with)
}

// loadSnapshot returns the snapshot of a data folder whose rows are kept up to a mark; nil: there
// is none that can be used, and the error says why if there is one.
func loadSnapshot(folder string, mark state.Mark, of *cluster.Stream) (*log.Snapshot, error) {
	b, err := store.LoadState(folder)
	if b == nil || err != nil {
		return nil, err
	}
	s, err := log.DecodeSnapshot(b)
	if err == nil {
		err = s.Fits(mark, of.ID(), of.Skipped())
	}
	if err != nil {
		return nil, err
	}
	return s, nil
}

// keepSnapshots has a node keep its snapshots in its data folder.
func keepSnapshots(start *server.Start, folder string, post func(func())) {
	if start.Shared == nil {
		return
	}
	start.Shared.Keep = func(s *log.Snapshot, done func(error)) {
		go func() {
			b, err := s.Encode()
			if err == nil {
				err = store.KeepState(folder, b)
			}
			post(func() { done(err) })
		}()
	}
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
