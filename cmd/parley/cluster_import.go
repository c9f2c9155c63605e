package main

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"os"
	"os/signal"
	"syscall"
	"time"

	"parley/eventloop/cluster"
	"parley/eventloop/cluster/snapshots"
	"parley/users/log"
	"parley/users/state"
	"parley/users/store"
)

// clusterImportCmd is parley cluster import.
type clusterImportCmd struct {
	Data            string `help:"Folder of the single server, which must not run. It stays as it is. The default is parley in the folder for the state of programs." predictor:"folder" placeholder:"FOLDER"`
	ClusterReplicas int    `help:"Servers of NATS that have a copy of the log, and of what is imported." default:"3"`
}

// importWithin is how long it may take until servers of NATS are reached that have streams.
const importWithin = 10 * time.Second

// Run puts what the folder keeps into the object store of the cluster, and makes its log.
func (c *clusterImportCmd) Run(p *process, of *clusterCmd) error {
	if err := of.isNamed(); err != nil {
		return err
	}
	if c.ClusterReplicas < 1 || c.ClusterReplicas > cluster.MaxReplicas {
		return exitError{exitUsage, fmt.Errorf("--cluster-replicas is %d; it can be 1 to %d", c.ClusterReplicas, cluster.MaxReplicas)}
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	folder := dataFolder(c.Data)
	mark, empty, err := store.Look(ctx, store.Database(folder))
	switch {
	case err != nil:
		return explainDamage(err, folder)
	case mark != (state.Mark{}):
		return fmt.Errorf("%s belongs to a node of a cluster already", folder)
	case empty:
		return fmt.Errorf("%s keeps nothing. Is that the folder of your server? See --data", folder)
	}
	disk, err := store.Open(folder, store.Options{Random: rand.Reader})
	if errors.Is(err, store.ErrInUse) {
		return fmt.Errorf("%w: stop it first", err)
	}
	if err != nil {
		return explainDamage(err, folder)
	}
	last, err := c.put(ctx, of, disk, folder)
	err = errors.Join(err, disk.Close())
	return report(p, err, "The cluster %s has all that is kept in %s up to number %d. Begin its nodes with --cluster and new data folders, at the address of the single server, which must not begin again: what would be said there the cluster does not have.", of.ClusterName, folder, last)
}

// put makes the cluster of what a database keeps. It returns the number that was given last.
func (c *clusterImportCmd) put(ctx context.Context, of *clusterCmd, disk *store.Store, folder string) (last uint64, err error) {
	kept, err := disk.Load(ctx)
	if err != nil {
		return 0, err
	}
	from := log.First(cluster.NewID(), disk.LogName(), kept, time.Now())
	encoded, err := from.Encode()
	if err != nil {
		return 0, err
	}
	var files snapshots.Bundle
	if files.State, err = store.WriteState(folder, encoded); err != nil {
		return 0, err
	}
	defer func() { err = errors.Join(err, os.Remove(files.State)) }()
	if files.Database, err = store.CopyInto(ctx, folder); err != nil {
		return 0, err
	}
	defer func() { err = errors.Join(err, os.Remove(files.Database)) }()
	if err := store.SetMark(ctx, files.Database, from.Mark()); err != nil {
		return 0, err
	}
	cfg := of.config()
	cfg.Replicas = c.ClusterReplicas
	return kept.Last, cluster.Import(ctx, importWithin, cfg, from.Stream, from.Position, files)
}
