package sim

import (
	"context"
	"fmt"
	"time"

	"parley/eventloop/server"
	"parley/protocol"
	"parley/users/tail"
)

// A World is a server and what it needs, in memory under one clock.
type World struct {
	Net    *Net
	Disk   *Disk
	Hasher *Hasher
	Server *server.Server

	Config server.Config // of the next start
	Tail   int           // bytes of the next start's tail; 0: as many as a server has
	tokens int           // that were given
}

// NewWorld returns a server of that configuration on a new disk. Writes to the
// disk and hashes take delay.
func NewWorld(cfg server.Config, delay time.Duration, now time.Time) *World {
	w := &World{Disk: NewDisk(delay), Config: cfg}
	w.start(now)
	return w
}

// token returns what no two introductions have in common; it can be guessed, which
// nobody here does.
func (w *World) token() string {
	w.tokens++
	return fmt.Sprintf("%0*x", 2*protocol.TokenSize, w.tokens)
}

// start begins a server that knows what is on the disk.
func (w *World) start(now time.Time) {
	w.Net = New(w.Config.Loops, protocol.MaxOutbound, now)
	w.Disk.Net = w.Net
	w.Hasher = &Hasher{Net: w.Net, Delay: w.Disk.Delay}
	cfg := w.Config
	cfg.Clock, cfg.Token = w.Net.Now, w.token
	start, err := server.Resume(context.Background(), "simulated", w.Disk.Table, cfg.Clock())
	if err == nil && w.Tail > 0 {
		start.Tail, err = tail.Load(context.Background(), w.Disk.Table, w.Tail)
	}
	if err != nil {
		panic(err) // it is memory
	}
	start.Keeper, start.Reader = w.Disk, w.Disk
	w.Server = server.New(cfg, start, w.Hasher)
	w.Net.Handler, w.Net.Admit = w.Server, w.Server.Admit
}

// Crash ends the server as kill -9 does, with all that was not safe yet, and
// starts another one. Connections are gone.
func (w *World) Crash() { w.start(w.Net.Now()) }

// End has the server end as SIGTERM does.
func (w *World) End() {
	w.Net.Stop()
	w.Net.Run()
}

// Settled reports whether a server that ends has nothing more to do.
func (w *World) Settled() bool {
	select {
	case <-w.Server.Settled():
		return true
	default:
		return false
	}
}

// Restart starts another server when the one before has ended. One that has not said that
// it is settled panics.
func (w *World) Restart() {
	for range restartMoments {
		if w.Settled() {
			w.start(w.Net.Now())
			return
		}
		w.Net.Advance(restartTime / restartMoments)
	}
	panic("the server does not end")
}

// A server that ends has restartTime for that, and it is looked so often whether it has.
const (
	restartTime    = 20 * time.Second
	restartMoments = 2000
)
