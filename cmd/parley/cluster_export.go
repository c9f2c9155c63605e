package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/signal"
	"syscall"

	"parley/eventloop/cluster"
	"parley/users/log"
	"parley/users/state"
	"parley/users/store"
)

// clusterExportCmd is parley cluster export.
type clusterExportCmd struct {
	Data   string `help:"Data folder of the node, which must not run. It stays as it is. The default is parley in the folder for the state of programs." predictor:"folder" placeholder:"FOLDER"`
	To     string `required:"" help:"Data folder of the single server, in which nothing is kept yet. It is made if it is not there." predictor:"folder" placeholder:"FOLDER"`
	Behind bool   `help:"Do so though the log of the cluster has more than the node: that is lost." env:"-"`
}

// Run makes the folder.
func (c *clusterExportCmd) Run(p *process, of *clusterCmd) error {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	folder := dataFolder(c.Data)
	mark, _, err := store.Look(ctx, store.Database(folder))
	if err != nil {
		return explainDamage(err, folder)
	}
	if mark == (state.Mark{}) {
		return fmt.Errorf("%s does not belong to a node of a cluster. See --data", folder)
	}
	from, err := readSnapshot(folder)
	switch {
	case err == nil && from == nil:
		err = errors.New("there is no file parley.state")
	case err == nil && from.Stream != mark.Stream:
		err = errors.New("the file parley.state is of another cluster")
	}
	if err != nil {
		return fmt.Errorf("%s does not say what the log of the cluster is called: %w; begin the node, end it with SIGTERM, and try again", folder, err)
	}
	if mark.Position < from.Rows {
		return fmt.Errorf("the database of %s is older than the file parley.state beside it: it has what was kept up to message %d of the log, and the node had more, up to message %d; begin the node, end it with SIGTERM, and try again", folder, mark.Position, from.Rows)
	}
	at := max(mark.Position, from.Position)
	if err := c.compare(ctx, of, mark.Stream, at); err != nil {
		return err
	}
	name, err := nameOf(from)
	if err != nil {
		return err
	}
	s, err := store.Export(ctx, folder, c.To, name)
	switch {
	case errors.Is(err, store.ErrInUse):
		return fmt.Errorf("%w: stop it first", err)
	case err != nil:
		return explainDamage(err, folder)
	}
	return report(p, nil, "%s is the data folder of a single server, which has all up to number %d, and up to message %d of the log of the cluster. No node may begin again: what would be said there the single server does not have.", c.To, s.Last, at)
}

// nameOf returns the name of the log that a snapshot is of.
func nameOf(from *log.Snapshot) (string, error) {
	known, err := from.State.Restore()
	if err != nil {
		return "", err
	}
	return known.LogName(), nil
}

// compare returns an error if the log of the cluster has more than the node, as far as it is
// known where that is.
func (c *clusterExportCmd) compare(ctx context.Context, of *clusterCmd, id string, at uint64) error {
	if c.Behind {
		return nil
	}
	if len(of.Cluster) == 0 {
		return exitError{exitUsage, errors.New("parley cluster export looks whether the node has all of the log: say where that is, with --cluster nats://HOST:4222, or do not look, with --behind")}
	}
	ctx, cancel := context.WithTimeout(ctx, importWithin)
	defer cancel()
	is, last, err := cluster.Last(ctx, of.config())
	switch {
	case err != nil:
		return fmt.Errorf("--cluster: %w; to export what the node has without looking: --behind", err)
	case is != id:
		return fmt.Errorf("the node is of the stream %s, and the one of the cluster %s is %s; to export what the node has: --behind", id, of.ClusterName, is)
	case last > at:
		return fmt.Errorf("the log has messages up to %d, and the node up to %d: end all other nodes, begin this one, end it last, with SIGTERM, and try again; or lose the rest: --behind", last, at)
	}
	return nil
}
