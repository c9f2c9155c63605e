package admin

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"net"
	"os"
	"path/filepath"
	"sync"
	"time"

	"parley/eventloop"
)

const (
	// maxConns is how many connections are answered at once. Others wait, for as long
	// as one of those may be idle.
	maxConns = 4

	// acceptPause is how long nothing is accepted after that has failed: files may
	// have run out for a moment.
	acceptPause = 100 * time.Millisecond
)

// A Listener answers the owner's commands at the socket in a data folder.
type Listener struct {
	socket *net.UnixListener
	path   string      // absolute
	file   os.FileInfo // of the socket
	log    *slog.Logger
	places chan struct{} // one for each connection
	life   context.Context
	end    context.CancelFunc
	all    sync.WaitGroup
}

// Listen has a server answer at the socket in its data folder. Whoever calls it has the
// folder's lock: a socket that lies there is of a server that is dead, and is replaced.
// The listener is to be closed before the lock is given back.
func Listen(folder string, srv Server, log *slog.Logger) (*Listener, error) {
	l := &Listener{log: log, places: make(chan struct{}, maxConns)}
	if err := l.open(folder); err != nil {
		return nil, fmt.Errorf("cannot listen for the owner's commands: %w", err)
	}
	l.life, l.end = context.WithCancel(context.Background())
	l.all.Go(func() { l.accept(srv) })
	return l, nil
}

func (l *Listener) open(folder string) (err error) {
	folder, err = filepath.Abs(folder)
	if err != nil {
		return err
	}
	l.path = filepath.Join(folder, socketName)
	if err := removeSocket(l.path); err != nil {
		return err
	}
	err = reach(folder, func(path string) (err error) {
		l.socket, err = eventloop.BindForOwner(path)
		return err
	})
	if err != nil {
		return err
	}
	l.socket.SetUnlinkOnClose(false) // the path may have been of this moment only
	if l.file, err = os.Lstat(l.path); err != nil {
		return errors.Join(err, l.socket.Close())
	}
	return nil
}

// removeSocket removes a socket, if there is one at path, and nothing else.
func removeSocket(path string) error {
	info, err := os.Lstat(path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil
	case err != nil:
		return err
	case info.Mode()&fs.ModeSocket == 0:
		return fmt.Errorf("%s is in the way: it is no socket", path)
	}
	return os.Remove(path)
}

func (l *Listener) accept(srv Server) {
	for {
		select {
		case l.places <- struct{}{}:
		case <-l.life.Done():
			return
		}
		conn, err := l.socket.AcceptUnix()
		if err == nil {
			l.all.Go(func() {
				defer func() { <-l.places }()
				converse(l.life, conn, srv)
			})
			continue
		}
		<-l.places
		if errors.Is(err, net.ErrClosed) {
			return
		}
		l.log.Warn("cannot accept a connection of the owner", "socket", l.path, "error", err)
		select {
		case <-time.After(acceptPause):
		case <-l.life.Done():
		}
	}
}

// Close ends all connections, with an answer to what is under way, and removes the
// socket. It returns when nothing is asked of the server any more.
func (l *Listener) Close() error {
	l.end()
	err := l.socket.Close()
	l.all.Wait()
	if now, lookErr := os.Lstat(l.path); lookErr == nil && os.SameFile(l.file, now) { // else the folder was moved
		err = errors.Join(err, os.Remove(l.path))
	}
	return err
}
