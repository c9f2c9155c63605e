package sim

import (
	"context"
	"fmt"
	"math/rand/v2"
	"time"

	"parley/eventloop/server"
	"parley/protocol"
	"parley/users/log"
)

// A Cluster is several servers that share a stream, in memory under one clock.
type Cluster struct {
	Nodes  []*Member
	Stream *Stream
}

// A Member is one of them. What it is told while it is Paused waits.
type Member struct {
	*World
	Index  int
	Cut    bool          // it does not reach the stream, nor the stream it
	Deaf   bool          // it reaches the stream, but nothing of that reaches it
	Paused bool          // the process does nothing
	Killed bool          // there is no process
	Lag    time.Duration // that what it is sent takes longer, at most
	Broken error         // why it has stopped for good
	From   uint64        // position of the snapshot with which it began last; 0: of none
	Kinds  log.Kinds     // of commands, that it knows from its next start on
	stream *Stream

	// What follows is of nodes that share snapshots.
	Opened    Opened
	Fetched   bool    // a snapshot of the cluster, at the start of its process
	bucket    *Bucket // nil: they share none
	logName   string  // that a process of this machine would give the log
	machines  int     // that the node has had
	files     memoryFiles
	written   int // of these
	beginning *beside
	keeping   *beside

	number   uint32 // by which others send it frames; 0: it has none yet
	underWay int    // frames that it has sent
}

// NewCluster returns servers of one configuration, each on a disk of its own. What becomes of
// what they publish depends on chance.
func NewCluster(cfg server.Config, nodes int, delay time.Duration, now time.Time, chance *rand.Rand) *Cluster {
	c := &Cluster{Stream: &Stream{First: 1, rand: chance, now: now, ways: make(map[[2]int]time.Time)}}
	for i := range nodes {
		m := &Member{World: &World{Disk: NewDisk(delay), Config: cfg, tokens: i << 32}, Index: i, stream: c.Stream, logName: "simulated"}
		m.World.Config.Fatal = func(err error) { m.Broken = err }
		c.Nodes = append(c.Nodes, m)
		c.Stream.nodes = append(c.Stream.nodes, m)
		m.start(now)
	}
	return c
}

const (
	streamID = "stream"

	// snapshotEvery is how often a node keeps a snapshot: so often that one is killed and begins
	// with one that is old, new, or missing.
	snapshotEvery = 5 * time.Second
)

// start begins the process of a node, which knows what is on its disk.
func (m *Member) start(now time.Time) {
	var from *log.Snapshot
	if d := m.Disk; d.State != nil {
		of, err := log.DecodeSnapshot(d.State)
		if err != nil {
			panic(err) // it is memory
		}
		if of.Fits(d.Table.Kept().Mark, streamID, nil) == nil {
			from = of
		}
	}
	if err := m.run(now, from); err != nil {
		panic(err) // it is memory
	}
}

// run begins the process of a node with what is on its disk, and a snapshot; nil: with none.
func (m *Member) run(now time.Time, from *log.Snapshot) error {
	w := m.World
	w.Net = New(1, protocol.MaxOutbound, now)
	w.Disk.Net = w.Net
	w.Hasher = &Hasher{Net: w.Net, Delay: w.Disk.Delay}
	cfg := w.Config
	cfg.Loops, cfg.Clock, cfg.Token = 1, w.Net.Now, w.token
	shared := server.Shared{Node: fmt.Sprint("node", m.Index), Stream: link{m.stream, m}, Nodes: link{m.stream, m}, ID: streamID, Kinds: m.Kinds, From: from, Keep: w.Disk.KeepState, Every: snapshotEvery}
	m.From = 0
	if from != nil {
		m.From = from.Position
	}
	if m.bucket != nil {
		shared.Every, shared.Last = min(m.bucket.Every/2, snapshotEvery), m.Opened.Last
	}
	start, err := server.ResumeShared(context.Background(), m.logName, w.Disk.Table, shared)
	if err != nil {
		return err
	}
	start.Keeper, start.Reader = w.Disk, w.Disk
	w.Server = server.New(cfg, start, w.Hasher)
	w.Net.Handler, w.Net.Admit = w.Server, w.Server.Admit
	w.Net.Begin()
	w.Net.Later(0, w.Server.Look)
	return nil
}

// Kill ends the process of a node as kill -9 does.
func (m *Member) Kill() {
	m.Killed = true
	m.beginning.end()
	m.keeping.end()
}

// Start begins it again. Connections are gone.
func (m *Member) Start() {
	m.Kill()
	m.Killed, m.Paused, m.Broken = false, false, nil
	if m.bucket != nil {
		m.begin()
		return
	}
	m.start(m.stream.now)
}

// runs reports whether the process of a node does anything.
func (m *Member) runs() bool { return !m.Killed && !m.Paused && m.Broken == nil }

// Now returns the time.
func (c *Cluster) Now() time.Time { return c.Stream.now }

// Run has all do what they have to do at this time.
func (c *Cluster) Run() {
	for {
		for _, m := range c.Nodes {
			if m.runs() {
				m.Net.Run()
			}
		}
		if !c.Stream.run() {
			return
		}
	}
}

// Advance has time go on by d.
func (c *Cluster) Advance(d time.Duration) {
	s := c.Stream
	for end := s.now.Add(d); ; {
		c.Run()
		next := end
		if len(s.tasks) > 0 && s.tasks[0].at.Before(next) {
			next = s.tasks[0].at
		}
		for _, m := range c.Nodes {
			if at := m.Net.soonest(); m.runs() && !at.IsZero() && at.Before(next) {
				next = at
			}
		}
		step := max(next.Sub(s.now), 0)
		for _, m := range c.Nodes {
			m.Net.clock.advance(step)
		}
		s.now = s.now.Add(step)
		if !s.now.Before(end) {
			c.Run()
			return
		}
	}
}
