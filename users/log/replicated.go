package log

import (
	"errors"
	"time"

	"parley/users/command"
	"parley/users/state"
)

// Why a node that shares a log decides nothing now.
var (
	// ErrReading says that the node does not take part yet: it reads what the log has.
	ErrReading = errors.New("this node is still reading the log that it shares with others")

	// ErrStanding says that what was proposed does not come back.
	ErrStanding = errors.New("the log stands still: its stream cannot be reached, or has no leader")

	// ErrLost is the result of a command of which it is not known what became: the others have
	// said that this node is gone.
	ErrLost = errors.New("the other nodes have taken this one for gone")
)

const (
	// republishAfter is how long something that was published may take to come back before it
	// is published again.
	republishAfter = time.Second

	// beatEvery is how often a node says that it lives.
	beatEvery = time.Second

	// silence is how long nothing may come before it is asked for.
	silence = time.Second

	// standingAfter is after how long without an answer the log is said to stand still. The
	// longest election of a stream's leader takes longer.
	standingAfter = 2 * time.Second
)

// A Message is one of a stream.
type Message struct {
	Position uint64    // from 1 on, without gaps
	Time     time.Time // the stream's, when it was put there; it may go back
	Data     []byte
}

// A Stream is what nodes share: messages in one order, that stay.
type Stream interface {
	// Publish has data put at its end. What became of it is not told: it comes back, or it is
	// published again. It may come back more than once.
	Publish(data []byte)

	// Fetch reads at most n messages from a position on, and calls done, once, on the goroutine
	// that owns the log. There are none if the stream has no such message, as far as is known
	// where it was asked.
	Fetch(from uint64, n int, done func([]Message, error))
}

// A Replicated is the log of a node that shares it with others: a stream decides the order.
//
//	core ── Propose ──► turn ── Publish ──► Stream ── Arrived ──► Apply ──► result, rows
//	                     one under way       of all nodes, in order
//
// What it proposes in a turn of the loop is one message. One is under way at a time, and is
// published again with the same bytes until it has come back; the state takes each turn once
// and in order, so that neither late copies nor other orders do harm. Its methods must be
// called by one goroutine.
type Replicated struct {
	keeping
	sums
	cfg   ReplicatedConfig
	ended bool // it has stopped for good

	next     uint64             // position of the message that is to be carried out next
	inside   bool               // a message is being carried out
	look     uint64             // behind a snapshot: from this one up to next they are only looked at; 0: that is done
	left     uint64             // position of the last message that has left rows
	ahead    map[uint64]Message // that came before those in between
	fetching bool
	reached  bool                  // the end of the stream was reached once
	heard    time.Time             // when something has come, or nothing was there
	missed   int                   // how often nothing was found where there was something
	past     [recentSums]recentSum // hashes of messages
	one      state.Rows            // of one command
	did      Standing              // what is counted of it, and the newest position that is known

	stamped time.Time // of the stream, of the last message
	last    time.Time // the log's
	lastAt  time.Time // of the clock, then
	shown   time.Time // by Time

	queue    []proposal // of the next turn
	size     int        // bytes of them
	underWay *published
	epoch    uint64
	number   uint64 // of the last turn of the epoch
	run      string
	wanted   uint64 // the epoch that is to begin
	node     uint32 // as the state numbers it; 0: none has begun
	begun    bool   // an epoch, that is not over
	retired  bool   // it begins no other
	beats    bool   // a heartbeat is on its way
	nextBeat time.Time
	agree    map[uint32]bool // which other nodes have come to the same, and which to something else
}

// A ReplicatedConfig is what a Replicated needs. The state begins empty, or is that of the
// snapshot: what nodes agree on is all that the stream has said.
type ReplicatedConfig struct {
	Config
	Owner  ReplicatedOwner
	Node   string // its name among the others
	Stream Stream
	ID     string     // of the stream: another one has another
	Mark   state.Mark // up to which the rows are kept already
	From   *Snapshot  // behind which it reads on, and which fits; nil: it reads the stream from its first message
	Kinds  Kinds

	// Skipped are positions of messages that are not carried out, in the order in which that was
	// decided: on all nodes the same, or they differ.
	Skipped []uint64

	Last   uint64        // position of the stream's newest message when it was opened; 0: it is not known
	Chance func() string // no two are the same
}

// A ReplicatedOwner is told more than other owners.
type ReplicatedOwner interface {
	Owner
	// Begun says that the node takes part, and how the state numbers it. It has no sessions in
	// the state then.
	Begun(node uint32)
	// Lost says that the others have taken this node for gone: its sessions are over, and the
	// state does not have them any more.
	Lost()
}

// A proposal is a command that waits to be decided.
type proposal struct {
	encoded []byte
	then    func(state.Result) // or nil
}

// published is a turn that is under way.
type published struct {
	data      []byte
	number    uint64
	proposals []proposal
	since     time.Time // it was published first
	again     time.Time // it is to be published again
}

// NewReplicated returns the log of a node, which reads its stream from the beginning, or from a
// snapshot on.
func NewReplicated(cfg ReplicatedConfig) *Replicated {
	now := cfg.Clock()
	cfg.Kinds = cfg.Kinds.orOwn()
	l := &Replicated{cfg: cfg, next: 1, ahead: make(map[uint64]Message), heard: now, last: cfg.State.Time(), lastAt: now, agree: make(map[uint32]bool), did: Standing{Last: cfg.Last}}
	if cfg.From != nil {
		l.goOn(cfg.From)
	}
	cfg.Config.Owner = cfg.Owner
	l.begin(cfg.Config)
	return l
}

// Start has it read, and take part then.
func (l *Replicated) Start() {
	if l.cfg.Mark.Position > 0 && l.cfg.Mark.Stream != l.cfg.ID {
		l.stop(errAnother(l.cfg.Mark.Stream, l.cfg.ID))
		return
	}
	l.fetch()
}

// Name implements Log: the first node that has begun has named it.
func (l *Replicated) Name() string { return l.cfg.State.LogName() }

// Time implements Log.
func (l *Replicated) Time(now time.Time) time.Time {
	if at := l.last.Add(now.Sub(l.lastAt)); at.After(l.shown) {
		l.shown = at
	}
	return l.shown
}

// Failing implements Log.
func (l *Replicated) Failing() error {
	switch {
	case l.failing != nil:
		return l.failing
	case !l.begun:
		return ErrReading
	case l.underWay != nil && l.clock().Sub(l.underWay.since) >= standingAfter:
		return ErrStanding
	}
	return nil
}

// Waiting implements Log.
func (l *Replicated) Waiting() int {
	n := l.keeping.Waiting() + len(l.queue)
	if l.underWay != nil {
		n += len(l.underWay.proposals)
	}
	return n
}

// Propose implements Log: then is called when the command has come back.
func (l *Replicated) Propose(now time.Time, c command.Command, then func(state.Result)) error {
	switch {
	case l.failing != nil:
		return ErrFailing
	case l.Failing() != nil:
		return l.Failing()
	case l.full() || len(l.queue) >= MaxWaiting || l.size >= MaxWaitingBytes:
		return ErrBusy
	}
	if err := l.knownByAll(c); err != nil {
		return err
	}
	l.Insist(now, c, then)
	return nil
}

// Insist implements Log. A kind that an older node may not know is refused with ErrOldNode all the
// same, since that node would have to stop: what has happened and is to be told is of kinds that
// all know.
func (l *Replicated) Insist(_ time.Time, c command.Command, then func(state.Result)) {
	encoded, err := command.Append(nil, c)
	if err == nil {
		err = l.knownByAll(c)
	}
	if err != nil { // what is too long for a command was refused before
		if then != nil {
			then(state.Result{Err: err})
		}
		return
	}
	l.queue = append(l.queue, proposal{encoded, then})
	l.size += len(encoded)
	l.ask()
}

// Flush implements Log: it hands over rows, and publishes what was proposed.
func (l *Replicated) Flush(now time.Time) {
	l.flush()
	if l.underWay != nil || !l.begun || l.ended || len(l.queue) == 0 {
		return
	}
	n, size := 0, 0
	for n < len(l.queue) && n < maxTurnCommands && (n == 0 || size+len(l.queue[n].encoded) <= MaxTurn) {
		size += len(l.queue[n].encoded)
		n++
	}
	turn := encodedTurn{Node: l.node, Epoch: l.epoch, Number: l.number + 1}
	for _, p := range l.queue[:n] {
		turn.Commands = append(turn.Commands, p.encoded)
	}
	l.publish(now, turn, append([]proposal(nil), l.queue[:n]...))
	rest := copy(l.queue, l.queue[n:])
	clear(l.queue[rest:])
	l.queue = l.queue[:rest]
	l.size -= size
}

func (l *Replicated) publish(now time.Time, t encodedTurn, proposals []proposal) {
	l.underWay = &published{data: t.encode(), number: t.Number, proposals: proposals, since: now, again: now.Add(republishAfter)}
	l.did.Turns++
	l.cfg.Stream.Publish(l.underWay.data)
	l.owner.AskTick(l.underWay.again)
}

// Tick implements Log.
func (l *Replicated) Tick(now time.Time) time.Time {
	if l.ended {
		return time.Time{}
	}
	l.retry(now)
	if u := l.underWay; u != nil && !now.Before(u.again) {
		u.again = now.Add(republishAfter)
		l.did.Again++
		l.cfg.Stream.Publish(u.data)
	}
	if now.Sub(l.heard) >= silence {
		l.fetch()
	}
	l.takePart(now)
	return l.nextTick(now)
}

// nextTick returns when there is something to do next.
func (l *Replicated) nextTick(now time.Time) time.Time {
	next := now.Add(silence)
	soonest := func(at time.Time) {
		if at.Before(next) {
			next = at
		}
	}
	if !l.fetching {
		soonest(l.heard.Add(silence))
	}
	if l.begun && !l.beats {
		soonest(l.nextBeat)
	}
	if l.underWay != nil {
		soonest(l.underWay.again)
	}
	if !l.retryAt.IsZero() {
		soonest(l.retryAt)
	}
	if !next.After(now) {
		next = now.Add(time.Millisecond)
	}
	return next
}

// Position returns which message was carried out last.
func (l *Replicated) Position() uint64 { return l.next - 1 }

// Retire has the node say itself that it is gone, and calls done when that has come back. It
// takes no part any more then.
func (l *Replicated) Retire(done func()) {
	if l.retired = true; !l.begun {
		done()
		return
	}
	gone := &command.Gone{Witness: l.node, Node: l.node, Epoch: l.epoch}
	l.Insist(l.clock(), gone, func(state.Result) { done() })
}

// stop ends the log for good: the process has to end, and its owner to do something.
func (l *Replicated) stop(why error) {
	if !l.ended {
		l.ended = true
		l.owner.Broken(why)
	}
}
