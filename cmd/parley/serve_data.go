package main

import (
	"context"
	"crypto/rand"
	"errors"
	"path/filepath"

	"github.com/adrg/xdg"

	"parley/users/store"
)

// dataFolder returns the folder that the server keeps its data in.
func dataFolder(data string) string {
	if data == "" {
		return filepath.Join(xdg.StateHome, "parley")
	}
	return data
}

// open opens the database.
func (c *serveCmd) open(p *process, folder string, reloader *reloader) (*store.Store, error) {
	sync := syncs[c.Sync]
	if c.Cluster.is() { // what is kept is in the stream
		sync = store.SyncNone
	}
	disk, err := store.Open(folder, store.Options{Random: rand.Reader, Sync: sync, Damaged: func(err error) {
		if reloader.srv.Load() != nil { // else it ends the start, which says so
			p.damaged(err, folder)
		}
	}})
	if err == nil {
		c.tellFound(p, disk)
	}
	return disk, err
}

// tellFound says what was noticed as the database was opened.
func (c *serveCmd) tellFound(p *process, disk *store.Store) {
	for _, found := range disk.Found() {
		switch {
		case !errors.Is(found, store.ErrLost):
			p.log.Warn("the data folder is not as it should be", "error", found)
		case c.Cluster.is():
			p.log.Info("what this node has lost comes from the cluster again", "error", found)
		default:
			p.log.Error("what was kept last is lost: with --sync none the disk is not waited for", "error", found)
		}
	}
}

// sweep begins to delete what is kept no more, which ends when the store is closed.
func (c *serveCmd) sweep(p *process, disk *store.Store, folder string) {
	if !disk.Shrinks() && c.KeepDays+c.KeepMessages > 0 {
		p.log.Warn("the file of the folder was large before there was retention: what is deleted makes room in it, but it does not become smaller", "folder", folder)
	}
	go func() {
		if err := disk.Sweep(context.Background()); err != nil {
			p.log.Error("what is kept no more cannot be deleted", "error", err)
		}
	}()
}
