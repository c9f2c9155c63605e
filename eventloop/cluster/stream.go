package cluster

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"sync"
	"sync/atomic"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"

	"parley/users/log"
	"parley/users/state"
)

const (
	// lookEvery is how often the server is asked to look what is due.
	lookEvery = 100 * time.Millisecond

	// maxPosted is how many messages may wait for the server's goroutine that were heard.
	// What comes then is left out, and fetched later.
	maxPosted = 4096

	// fetchTimeout is how long a replica may take to send what it was asked for.
	fetchTimeout = 2 * time.Second

	// fetchBytes is how many bytes are asked for at once. One message more may come.
	fetchBytes = 4 << 20
)

// A Stream is a stream of JetStream as a node sees it. It implements log.Stream.
type Stream struct {
	cfg     Config
	conn    *nats.Conn
	js      jetstream.JetStream
	id      string
	first   uint64 // positions that it had when it was opened
	last    uint64
	copies  int      // that it has
	skipped []uint64 // positions of messages that are not carried out
	acks    string   // subject on which the servers answer what is published
	subs    []*nats.Subscription
	turn    chan []byte  // what waits to be published
	posted  atomic.Int64 // messages that wait for the server's goroutine
	refused atomic.Bool  // the last publishing was
	frames  frames

	node    Node
	started chan struct{} // closed when node is there
	life    context.Context
	end     context.CancelFunc
	all     sync.WaitGroup
}

// A Node is the server that reads and writes a stream.
type Node struct {
	Post    func(func())      // has a function run on the goroutine that owns the log; it does not wait
	Arrived func(log.Message) // on that goroutine: a message was heard
	Heard   func([]byte)      // on that goroutine: another node has sent a frame; nil: nobody listens
	Look    func()            // on that goroutine, every 100 ms: it is to be looked what is due

	// For the operator: Report says on that goroutine how the node does, without its name and
	// version, and Drain has it end as SIGTERM does, or says why it does not, on any goroutine.
	Report func() Report
	Drain  func() error
}

// ID returns the name that the stream was given when it was made. No other has the same.
func (s *Stream) ID() string { return s.id }

// Last returns the position of the newest message that it had when it was opened.
func (s *Stream) Last() uint64 { return s.last }

// Skipped returns the positions of messages that are not carried out, in the order in which that
// was decided.
func (s *Stream) Skipped() []uint64 { return s.skipped }

// Check compares the stream with what a node has kept of it, and with the position of the
// snapshot behind which it is to read on, and says what to do if it is another one or has lost
// something.
func (s *Stream) Check(mark state.Mark, from uint64) error {
	return log.CheckStream(mark, from, s.id, s.first, s.last)
}

// CheckMessage compares the message of a mark, which Check says is there, with what is in the
// stream, unless that was trimmed.
func (s *Stream) CheckMessage(ctx context.Context, mark state.Mark) error {
	if mark.Position < max(s.first, 1) {
		return nil
	}
	for {
		found, err := s.read(mark.Position, 1)
		if len(found) > 0 {
			return found[0].Check(mark, s.skipped)
		}
		if err == nil {
			err = errors.New("whoever was asked does not have it yet")
		}
		if wait(ctx) != nil {
			return fmt.Errorf("message %d of the stream cannot be read: %w", mark.Position, err)
		}
	}
}

// Start begins to tell a node what is heard. It is called once. A nil Stream tells nothing.
func (s *Stream) Start(n Node) error {
	if s == nil {
		return nil
	}
	s.node = n
	close(s.started)
	for subject, hear := range map[string]nats.MsgHandler{s.cfg.heard(): s.heard, s.acks: s.acknowledged, s.cfg.status(): s.toStatus, s.cfg.drain(): s.toDrain} {
		sub, err := s.conn.Subscribe(subject, hear)
		if err == nil && (subject == s.cfg.status() || subject == s.cfg.drain()) {
			err = sub.SetPendingLimits(maxAsked, maxAsked<<10)
		}
		if err != nil {
			return err
		}
		s.subs = append(s.subs, sub)
	}
	s.all.Go(s.look)
	s.all.Go(s.sendTurns)
	s.all.Go(s.sendFrames)
	return nil
}

// look has the node look what is due, as long as it comes to that.
func (s *Stream) look() {
	ticks := time.NewTicker(lookEvery)
	defer ticks.Stop()
	var waits atomic.Bool
	for {
		select {
		case <-s.life.Done():
			return
		case <-ticks.C:
			if !waits.Swap(true) {
				s.node.Post(func() {
					waits.Store(false)
					s.node.Look()
				})
			}
		}
	}
}

// heard takes a message that the stream has republished.
func (s *Stream) heard(m *nats.Msg) {
	found, err := message(m)
	switch {
	case err != nil:
		s.cfg.Log.Warn("something was heard that is no message of the stream: see who else may publish there", "subject", m.Subject, "error", err)
	case s.posted.Load() >= maxPosted: // it is fetched
	default:
		s.posted.Add(1)
		s.node.Post(func() {
			s.posted.Add(-1)
			s.node.Arrived(found)
		})
	}
}

// acknowledged looks at what the servers say of something that was published. That it is
// there is not known from that, but why it is not may be.
func (s *Stream) acknowledged(m *nats.Msg) {
	why := refusal(m)
	if why != "" && !s.refused.Swap(true) {
		s.cfg.Log.Error("the stream refuses what this node publishes, which is tried again each second", "error", why)
	}
	if why == "" && s.refused.Swap(false) {
		s.cfg.Log.Info("the stream takes again what this node publishes")
	}
}

// Fetch implements log.Stream.
func (s *Stream) Fetch(from uint64, n int, done func([]log.Message, error)) {
	s.all.Go(func() {
		select {
		case <-s.started:
		case <-s.life.Done():
			return
		}
		found, err := s.read(from, n)
		if s.life.Err() == nil {
			s.node.Post(func() { done(found, err) })
		}
	})
}

// read asks a replica for messages from a position on.
func (s *Stream) read(from uint64, n int) ([]log.Message, error) {
	inbox := s.conn.NewInbox()
	sub, err := s.conn.SubscribeSync(inbox)
	if err != nil {
		return nil, err
	}
	defer func() { _ = sub.Unsubscribe() }() // of a connection that is closed
	ask := `{"seq":` + strconv.FormatUint(from, 10) + `,"batch":` + strconv.Itoa(n) + `,"max_bytes":` + strconv.Itoa(fetchBytes) + `}`
	if err := s.conn.PublishRequest("$JS.API.DIRECT.GET."+s.cfg.stream(), inbox, []byte(ask)); err != nil {
		return nil, err
	}
	ctx, cancel := context.WithTimeout(s.life, fetchTimeout)
	defer cancel()
	found, err := s.readAll(ctx, sub, from)
	if len(found) > 0 && found[0].Position > from {
		return s.missing(ctx, from, found)
	}
	if len(found) > 0 {
		return found, nil // the next time it is asked for the rest
	}
	return nil, err
}

// readAll reads the answer up to its end, or up to where something of it was lost.
func (s *Stream) readAll(ctx context.Context, sub *nats.Subscription, from uint64) (found []log.Message, err error) {
	before := uint64(0)
	for {
		m, err := sub.NextMsgWithContext(ctx)
		if err != nil {
			return found, err
		}
		switch m.Header.Get("Status") {
		case "":
		case "204", "404": // that was all, or there is nothing
			return found, nil
		default:
			return found, errors.New("the stream cannot be read: " + m.Header.Get("Status") + " " + m.Header.Get("Description"))
		}
		one, err := message(m)
		if err != nil {
			return found, err
		}
		if m.Header.Get(jetstream.LastSequenceHeader) != strconv.FormatUint(before, 10) {
			return found, nil // what was sent before it was lost on its way
		}
		before = one.Position
		found = append(found, one)
	}
}
