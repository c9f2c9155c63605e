package sim

import (
	"fmt"
	"slices"
	"time"

	"parley/eventloop/server"
	"parley/protocol"
	"parley/users"
	"parley/users/rooms"
)

// A World is a server and what it needs, in memory under one clock.
type World struct {
	Net      *Net
	Disk     *Disk
	Hasher   *Hasher
	Messages []rooms.Message // on the disk

	Config server.Config // of the next start
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
	state := server.State{Now: w.Net.Now()}
	for _, a := range w.Disk.Accounts { // a disk keeps what a clock shows, not how long it has run
		a.Registered, a.LastSeen = a.Registered.Round(0), a.LastSeen.Round(0)
		state.Accounts = append(state.Accounts, a)
	}
	for b := range w.Disk.Blocks {
		state.Blocks = append(state.Blocks, b)
	}
	for _, b := range w.Disk.LoginBlocks {
		b.First, b.Last, b.Until = b.First.Round(0), b.Last.Round(0), b.Until.Round(0)
		state.LoginBlocks = append(state.LoginBlocks, b)
	}
	for _, d := range w.Disk.Waiting {
		state.Waiting.Add(d.To, d.From, 1)
		state.LastDirect = max(state.LastDirect, d.ID)
	}
	requests := rooms.NewRequests()
	for q, o := range w.Disk.requests {
		requests.Add(q, o.digest, o.number, true, now)
	}
	var last uint64
	if n := len(w.Messages); n > 0 {
		last = w.Messages[n-1].ID
	}
	log := rooms.NewKeptLog("simulated", last, slices.Clone(w.Messages), requests, cfg.History, w.write)
	w.Net.Handler = server.New(cfg, state, log, w.Disk, w.Hasher)
}

func (w *World) write(m rooms.Message, request string, done func(error)) error {
	w.Disk.write(func() error {
		w.Messages = append(w.Messages, m)
		if request != "" {
			w.Disk.requests[rooms.Request{Sender: users.Fold(m.Sender), ID: request}] = outcome{rooms.Digest("", m.Text), m.ID}
		}
		return nil
	}, done)
	return nil
}

// Crash ends the server as kill -9 does, with all that was not safe yet, and
// starts another one. Connections are gone.
func (w *World) Crash() { w.start(w.Net.Now()) }
