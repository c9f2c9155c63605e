package sim

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"parley/eventloop/cluster/snapshots"
	"parley/users/log"
	"parley/users/state"
)

// Nodes that share snapshots begin as those of the product do (package snapshots): they look what
// the stream has, fetch what they need, and go on from that. The first one that lives makes
// snapshots, and trims the stream.

var quiet = slog.New(slog.DiscardHandler)

// ShareSnapshots has the nodes of a cluster, which is a new one, make snapshots so often, trim the
// stream, and begin with what they find.
func (c *Cluster) ShareSnapshots(every time.Duration) *Bucket {
	b := newBucket(c.Stream, every)
	for _, m := range c.Nodes {
		m.bucket = b
		m.Replace()
		m.Start()
	}
	return b
}

// End ends all that the processes do beside their loops.
func (c *Cluster) End() {
	for _, m := range c.Nodes {
		m.Kill()
	}
}

// Replace has a node that does not run have a new disk, on which nothing is.
func (m *Member) Replace() {
	m.Killed = true
	m.machines++
	m.Disk = NewDisk(m.Disk.Delay)
	m.Disk.Journals = true
	m.logName = fmt.Sprintf("log of machine %d of node %d", m.machines, m.Index)
	m.files = memoryFiles{}
}

const (
	// retryBegin is the pause until a process that has ended at its start is begun again, as
	// whoever looks after processes does.
	retryBegin = time.Second

	// maxBegins is how often that is done while there is an error of which the operator has to know.
	maxBegins = 10
)

// begin has the process of a node begin. It is Killed until it is so far.
func (m *Member) begin() {
	m.Killed = true
	clear(m.files) // what is left of the one before
	m.beginning = m.beside(func(b *beside) {
		for tried := 1; ; tried++ {
			err := m.tryBegin(b)
			switch {
			case err == nil || errors.Is(err, errOver):
				return
			case errors.Is(err, log.ErrStream) && !errors.Is(err, log.ErrTrimmed) || tried == maxBegins && !errors.Is(err, errUnreachable):
				m.Broken = err
				return
			case errors.Is(err, errUnreachable):
				tried--
			}
			if b.wait(retryBegin) != nil {
				return
			}
		}
	})
}

// tryBegin does what parley serve does until there is a server.
func (m *Member) tryBegin(b *beside) error {
	s := m.stream
	if err := b.ask(&s.Down); err != nil {
		return err
	}
	of := &opened{by: b, first: s.First, last: uint64(len(s.Messages))}
	beginning := m.decides(b, of)
	mark := m.Disk.Table.Kept().Mark
	m.Fetched, m.Opened = false, Opened{First: of.first, Last: of.last, Mark: mark}
	if own, _ := beginning.Own(mark); own != nil {
		m.Opened.Own = own.Position
	}
	empty := len(m.Disk.Journal) == 0
	if err := beginning.Fetch(b.ctx, mark, empty); err != nil {
		return err
	}
	if err := b.wait(m.Disk.Delay); err != nil {
		return err
	}
	m.Killed, m.Broken = false, nil
	err := beginning.GoOn(m.Disk.Table.Kept().Mark, func(from *log.Snapshot) error { return m.run(s.now, from) })
	if err != nil {
		m.Killed = true
		return err
	}
	m.keepSnapshots()
	return nil
}

// decides returns what decides with what a node begins, and what a snapshot is made of.
func (m *Member) decides(b *beside, of snapshots.Read) *snapshots.Beginning {
	return &snapshots.Beginning{Stream: of, Folder: folder{b, &m.written}, Log: quiet,
		Open: func(ctx context.Context) (*snapshots.Bucket, []snapshots.Saved, error) {
			from := reached{m.bucket, b}.bucket()
			all, err := from.All(ctx)
			return from, all, err
		}}
}

// keepSnapshots has a node make those of the cluster when it is the first.
func (m *Member) keepSnapshots() {
	m.keeping = m.beside(func(b *beside) {
		k := &snapshots.Keeper{Every: m.bucket.Every, Stream: trimming{b}, Log: quiet, Make: m.decides(b, &opened{by: b}).Make,
			Open: func(context.Context) (*snapshots.Bucket, error) { return reached{m.bucket, b}.bucket(), nil },
			Passed: func(context.Context) (bool, uint64, error) {
				first, position := m.Server.Passed()
				return first, position, nil
			}}
		for b.wait(k.Pause()) == nil {
			k.Tick(b.ctx)
		}
	})
}

// An Opened is what a node had, and the stream, when its process began last.
type Opened struct {
	First, Last uint64     // positions of the stream
	Mark        state.Mark // of its database
	Own         uint64     // position of its snapshot; 0: there was none that fitted
}

// CanGoOn reports whether the node had all that it needs to go on from what it had.
func (o Opened) CanGoOn() bool {
	return o.Mark != state.Mark{} && log.CheckStream(o.Mark, o.Own, streamID, o.First, o.Last) == nil
}

// An opened is the stream as a node that begins has opened it: a snapshots.Read.
type opened struct {
	by          *beside
	first, last uint64
}

// ID implements snapshots.Read.
func (o *opened) ID() string { return streamID }

// Skipped implements snapshots.Read.
func (o *opened) Skipped() []uint64 { return nil }

// Check implements snapshots.Read.
func (o *opened) Check(mark state.Mark, from uint64) error {
	return log.CheckStream(mark, from, streamID, o.first, o.last)
}

// CheckMessage implements snapshots.Read.
func (o *opened) CheckMessage(_ context.Context, mark state.Mark) error {
	s := o.by.member.stream
	if mark.Position < o.first {
		return nil
	}
	if err := o.by.ask(&s.Down); err != nil {
		return err
	}
	return s.Messages[mark.Position-1].Check(mark, nil)
}

// A trimming is the stream as the node sees it that makes snapshots: a snapshots.Stream.
type trimming struct{ by *beside }

// Extent implements snapshots.Stream.
func (t trimming) Extent(context.Context) (snapshots.Extent, error) {
	s := t.by.member.stream
	if err := t.by.ask(&s.Down); err != nil {
		return snapshots.Extent{}, err
	}
	has := snapshots.Extent{First: s.First, Last: uint64(len(s.Messages))}
	if has.Last > 0 {
		has.LastTime = s.Messages[has.Last-1].Time
	}
	for _, m := range s.Messages[has.First-1:] {
		has.Messages++
		has.Bytes += uint64(len(m.Data))
	}
	return has, nil
}

// Trim implements snapshots.Stream.
func (t trimming) Trim(_ context.Context, first uint64) error {
	s := t.by.member.stream
	if err := t.by.ask(&s.Down); err != nil {
		return err
	}
	if first <= s.First {
		return nil
	}
	s.First = first
	if s.Trimmed != nil {
		s.Trimmed(t.by.member)
	}
	return nil
}
