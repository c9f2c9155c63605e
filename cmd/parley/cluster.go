package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/url"
	"os"
	"os/signal"
	"strings"
	"syscall"
	"time"

	"parley/eventloop/cluster"
)

// clusterCmd is parley cluster: what the owner of several servers that are one does with them.
type clusterCmd struct {
	Cluster      []string `help:"The servers of NATS where the cluster has its log, as of parley serve." placeholder:"nats://HOST:PORT"`
	ClusterCreds string   `help:"File with the credentials of the operator at NATS: those of a node, or others that may use the same subjects." placeholder:"FILE" predictor:"file"`
	ClusterName  string   `help:"Name of the cluster." default:"parley"`

	Status clusterStatusCmd `cmd:"" help:"Show the nodes of the cluster, the log that they share, and how far each is behind it."`
	Skip   clusterSkipCmd   `cmd:"" help:"Go past a message of the log at which every node ends, also when it is started again; the log of each says which. What it would have done is not done."`
	Drain  clusterDrainCmd  `cmd:"" help:"End a node as SIGTERM does: those who are connected there move to others, spread over the --drain of that node."`
	Import clusterImportCmd `cmd:"" help:"Make a cluster of a single server that does not run: all that it keeps, with its numbers, so that clients come back as to the same one."`
	Export clusterExportCmd `cmd:"" help:"Make a single server of a node that does not run: all that the node keeps, with its numbers."`
}

// reachWithin is how long the servers of NATS may take until one is reached.
const reachWithin = 3 * time.Second

// Validate is called by kong.
func (c *clusterCmd) Validate() error {
	if err := checkNATS(c.Cluster); err != nil {
		return err
	}
	if err := cluster.CheckName(c.ClusterName); err != nil {
		return fmt.Errorf("--cluster-name: %w", err)
	}
	return nil
}

// checkNATS returns an error if --cluster does not say where servers of NATS are.
func checkNATS(servers []string) error {
	for _, one := range servers {
		if u, err := url.Parse(one); err != nil || u.Scheme != "nats" && u.Scheme != "tls" || u.Host == "" {
			// All are redacted as one: a password with a comma in it was taken for two servers.
			return fmt.Errorf("--cluster is %q; a server of NATS is nats://HOST:PORT, or tls://HOST:PORT", cluster.Redact(strings.Join(servers, ",")))
		}
	}
	return nil
}

// isNamed returns an error if it is not said where the servers of NATS are, which all but one
// command need.
func (c *clusterCmd) isNamed() error {
	if len(c.Cluster) == 0 {
		return exitError{exitUsage, errors.New("parley cluster needs to know where the cluster has its log: --cluster nats://HOST:4222")}
	}
	return nil
}

// with has do ask the cluster something. A signal ends that.
func (c *clusterCmd) with(do func(context.Context, *cluster.Operator) error) error {
	if err := c.isNamed(); err != nil {
		return err
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	reaching, cancel := context.WithTimeout(ctx, reachWithin)
	defer cancel()
	o, err := cluster.Reach(reaching, c.config())
	if errors.Is(err, cluster.ErrUnreached) {
		return exitError{exitNoConnection, err}
	}
	if err != nil {
		return err
	}
	defer o.Close()
	return do(ctx, o)
}

type clusterDrainCmd struct {
	Node string `arg:"" help:"Name of the node, as parley cluster status shows it."`
}

// Run has the node end.
func (c *clusterDrainCmd) Run(p *process, of *clusterCmd) error {
	return of.with(func(ctx context.Context, o *cluster.Operator) error {
		err := o.Drain(ctx, c.Node)
		return report(p, err, "%s ends: those who are connected there are told to move, and it is gone when they are. What starts processes there may begin it anew.", c.Node)
	})
}

type clusterSkipCmd struct {
	Position uint64 `arg:"" help:"Position of the message. No node may take part: end all first, and start them afterwards."`
}

// Run has all nodes skip a message from their next start on.
func (c *clusterSkipCmd) Run(p *process, of *clusterCmd) error {
	return of.with(func(ctx context.Context, o *cluster.Operator) error {
		err := o.Skip(ctx, c.Position)
		return report(p, err, "Message %d of the log is skipped from now on by every node that starts. Start them; and keep what they have logged about it, since that is a fault of the program to report.", c.Position)
	})
}

// config says which cluster it is.
func (c *clusterCmd) config() cluster.Config {
	return cluster.Config{Servers: c.Cluster, Credentials: c.ClusterCreds, Name: c.ClusterName, Node: "parley cluster", Log: slog.New(slog.DiscardHandler)}
}
