package log

import (
	"errors"
	"fmt"
	"time"

	"parley/users/command"
	"parley/users/state"
)

const (
	// maxAhead is how many messages are remembered that have come before those in between.
	// Others are fetched.
	maxAhead = 1024

	// fetchAtOnce is how many messages are asked for.
	fetchAtOnce = 256

	// againAfter is after how long a replica is asked again that does not have a message which
	// is known to be there.
	againAfter = 50 * time.Millisecond

	// patience is how often nothing may be found where the mark says that there was something:
	// a replica of the stream may be behind.
	patience = 10
)

// Why a node stops.
var (
	// ErrStream says that the stream is not the one that was read before.
	ErrStream = errors.New("the stream is not the one that this node has read")

	// ErrTrimmed says that the stream does not have any more what a node needs.
	ErrTrimmed = errors.New("begin it anew, since it fetches a snapshot at its start")

	// ErrDiffers says that a node has come to something else than the others.
	ErrDiffers = errors.New("this node has come to something else than the other nodes")

	// ErrSuperseded says that another process has the name of the node.
	ErrSuperseded = errors.New("another process takes part under the name of this node")
)

func errAnother(was, is string) error {
	return fmt.Errorf("%w: the data folder belongs to the stream %s, and this one is %s; connect to that one, or begin with an empty data folder", ErrStream, was, is)
}

// errShortened says that a message is not there any more that was carried out.
func errShortened(position uint64) error {
	return fmt.Errorf("%w: message %d was there, and is missing or another one now: the stream has lost its end, or was put back from a backup; "+
		"what this node has acknowledged behind that is in its data folder only: keep a copy of that, and begin with an empty data folder", ErrStream, position)
}

// CheckStream compares a stream, whose first and last positions are given, with what a node has
// kept of it, and with the position of the snapshot behind which it is to read on; 0: there is
// none. The error says what to do; nil: there is no need to do anything, as far as can be seen
// before the stream is read. A stream that is empty begins behind its last position.
func CheckStream(mark state.Mark, from uint64, id string, first, last uint64) error {
	switch {
	case mark.Position > 0 && mark.Stream != id:
		return errAnother(mark.Stream, id)
	case max(mark.Position, from) > last:
		return errShortened(max(mark.Position, from))
	case first > from+1:
		return errTrimmed(from+1, first)
	}
	return nil
}

// errTrimmed says that a stream does not begin where it is to be read.
func errTrimmed(want, first uint64) error {
	return fmt.Errorf("%w: it begins at message %d, and this node needs %d; %w", ErrStream, first, want, ErrTrimmed)
}

// errUnreadable says that a message cannot be carried out here.
func errUnreadable(position uint64, why error) error {
	if errors.Is(why, command.ErrKind) || errors.Is(why, command.ErrVersion) {
		return fmt.Errorf("message %d of the stream is from a newer version of this program: update this node; %w", position, why)
	}
	return fmt.Errorf("message %d of the stream is none of a node: see who else may write there, and go past it with parley cluster skip %d; %w", position, position, why)
}

// Arrived has a message carried out that the stream has sent, or remembered until those are
// there that come before it. Data is the log's from then on.
func (l *Replicated) Arrived(m Message) {
	l.did.Last = max(l.did.Last, m.Position)
	switch {
	case l.ended:
	case m.Position < l.next:
		l.compare(m)
	case m.Position > l.next || l.look > 0:
		if len(l.ahead) < maxAhead {
			l.ahead[m.Position] = m
		}
		l.fetch()
	default:
		l.take(m)
		l.takeAhead()
	}
}

// takeAhead carries out what has come before its time.
func (l *Replicated) takeAhead() {
	for !l.ended {
		m, is := l.ahead[l.next]
		if !is {
			return
		}
		delete(l.ahead, l.next)
		l.take(m)
	}
}

// compare looks whether a message that was carried out is still the same.
func (l *Replicated) compare(m Message) {
	if was := l.past[m.Position%recentSums]; was.position == m.Position && was.sum != hashOf(m.Data) {
		l.stop(errShortened(m.Position))
	} else if err := l.checkMark(m); err != nil {
		l.stop(err)
	}
}

// fetch asks for what is missing, unless that is under way.
func (l *Replicated) fetch() {
	if l.fetching || l.ended {
		return
	}
	l.fetching = true
	l.did.Fetches++
	from := l.next
	if l.look > 0 {
		from = l.look
	}
	l.cfg.Stream.Fetch(from, fetchAtOnce, func(found []Message, err error) {
		l.fetching = false
		l.heard = l.clock()
		if err == nil && !l.ended {
			l.fetched(from, found)
		}
		l.owner.AskTick(l.heard.Add(silence))
	})
}

func (l *Replicated) fetched(from uint64, found []Message) {
	for _, m := range found {
		if m.Position > l.next {
			l.stop(errTrimmed(l.next, m.Position))
		}
		if l.look > 0 {
			if l.look = m.Position + 1; l.look >= l.next {
				l.look = 0
			}
		}
		l.Arrived(m)
	}
	switch {
	case len(found) > 0:
		l.missed = 0
		l.fetch()
	case from <= l.cfg.Mark.Position || l.look > 0: // there was something
		if l.missed++; l.missed >= patience {
			l.stop(errShortened(from))
		}
	default: // also where what came behind it was heard meanwhile: whoever always hears something has no other chance
		l.reached = true
		l.owner.AskTick(l.heard)
	}
	if len(found) == 0 && len(l.ahead) > 0 { // whoever was asked does not have yet what others have
		l.heard = l.clock().Add(againAfter - silence)
	}
}

// take carries out the next message.
func (l *Replicated) take(m Message) {
	if err := l.checkMark(m); err != nil {
		l.stop(err)
		return
	}
	t, err := decodeTurn(m.Data, l.cfg.Kinds)
	skipped := l.skips(m.Position)
	if err != nil && !skipped {
		l.stop(errUnreadable(m.Position, err))
		return
	}
	hash := hashOf(m.Data)
	l.past[m.Position%recentSums] = recentSum{m.Position, hash}
	l.next++
	l.inside = true
	l.heard = l.clock()
	l.setTime(m.Time)
	kept := m.Position <= l.cfg.Mark.Position
	if skipped {
		l.skip(m.Position, t, err == nil)
	} else if begin := t.begins(); begin != nil {
		l.carryOut(begin, kept)
	} else if l.cfg.State.TakeTurn(t.node, t.epoch, t.number) {
		l.takeTurn(t, kept)
	}
	l.inside = false
	l.sums.note(m.Position)
	if !kept && l.rows.Count > 0 {
		l.rows.Mark = &state.Mark{Stream: l.cfg.ID, Position: m.Position, Message: markOf(m.Position, hash, l.cfg.Skipped)}
	}
	if m.Position == l.cfg.Mark.Position {
		l.owner.Committed(l.cfg.State.Last())
	}
	l.lookAtEpoch()
}

// takeTurn carries out a turn, and says so to those who wait for it.
func (l *Replicated) takeTurn(t turn, kept bool) {
	var mine []proposal
	if u := l.underWay; u != nil && t.node == l.node && t.epoch == l.epoch && t.number == u.number && l.begun {
		mine = u.proposals
		l.underWay = nil
		l.number = t.number
		if len(l.queue) > 0 {
			l.ask()
		}
	}
	for i, c := range t.commands {
		r := l.carryOut(c, kept)
		if i < len(mine) && mine[i].then != nil {
			mine[i].then(r)
		}
	}
}

// carryOut has the state carry out a command, and the owner tell it, unless it was kept before
// the process began.
func (l *Replicated) carryOut(c command.Command, kept bool) state.Result {
	defer l.brokenAt(c)
	l.one.Reset()
	r := l.cfg.State.Apply(l.last, c, &l.one)
	l.sums.add(&r, &l.one)
	if !l.one.Empty() {
		l.left = l.next - 1
	}
	if kept {
		return r
	}
	if l.keeper != nil {
		before := l.rows.Count
		l.rows.Add(&l.one)
		l.keeping.note(before)
	}
	l.owner.Applied(l.last, c, r)
	switch c := c.(type) {
	case *command.Heartbeat:
		if r.Err == nil {
			l.sawHeartbeat(c)
		}
	case *command.Begin, *command.Gone: // it may be another process, with other data
		clear(l.agree)
	}
	return r
}

// brokenAt tells the owner of a panic while a command was carried out, and goes on with it. Every
// node comes to the same as a rule, and again when it is started.
func (l *Replicated) brokenAt(c command.Command) {
	if p := recover(); p != nil {
		at := l.Position()
		l.owner.Broken(fmt.Errorf("message %d of the stream: %w; the way past it, if every node ends there, is: parley cluster skip %d", at, commandError(c, p), at))
		panic(p)
	}
}

// setTime sets the log's time to that of the stream, which is the wall clock of whoever leads
// it. Where that is behind the log, the log goes on at half its pace, until it is not.
func (l *Replicated) setTime(at time.Time) {
	step := min(max(at.Sub(l.stamped), 0), 10*time.Second)
	if l.stamped.IsZero() {
		step = 0
	}
	l.stamped = at
	if !at.After(l.last) {
		at = l.last.Add(step / 2)
	}
	l.last, l.lastAt = at.UTC(), l.clock()
}
