package cluster

import (
	"bytes"
	"errors"
	"strconv"
	"sync/atomic"
	"time"

	"github.com/nats-io/nats.go"
)

const (
	// maxUnsent and maxUnsentBytes are how many frames for other nodes, and bytes of them, may
	// wait to be sent: what is said in some seconds in which NATS is not reached. What is more
	// is dropped, and who sends it is told.
	maxUnsent      = 1024
	maxUnsentBytes = 4 << 20

	// maxUnheard is how many frames of other nodes may wait for the server's goroutine. What
	// comes then is dropped, which the server finds out by what comes next.
	maxUnheard = 4096

	// sendAgain is after how long it is tried again to send while there is no connection.
	sendAgain = 50 * time.Millisecond
)

// ErrUnsent says that too much waits to be sent to other nodes.
var ErrUnsent = errors.New("too much waits to be sent to other nodes")

// frames are what goes between nodes beside the stream: on plain subjects, one for each node. What
// one node sends another one comes in order as long as neither loses its connection, since one
// goroutine sends it on one connection, which NATS keeps in order for each who listens.
type frames struct {
	queue   chan frame
	bytes   atomic.Int64 // that wait in queue
	node    atomic.Uint32
	unheard atomic.Int64 // that wait for the server's goroutine
	dropped atomic.Uint64
}

// A frame is one that waits to be sent.
type frame struct {
	subject string
	data    []byte
}

// to is the subject on which a node of a number is sent frames.
func (c *Config) to(node uint32) string {
	return "parley." + c.Name + ".to." + strconv.FormatUint(uint64(node), 10)
}

// Send sends a frame to the node of a number, and waits for nothing. With ErrUnsent it was
// dropped. It may be lost in any case.
func (s *Stream) Send(node uint32, data []byte) error {
	f := &s.frames
	if f.bytes.Add(int64(len(data))) > maxUnsentBytes {
		f.bytes.Add(-int64(len(data)))
		return ErrUnsent
	}
	select {
	case f.queue <- frame{s.cfg.to(node), bytes.Clone(data)}:
		return nil
	default:
		f.bytes.Add(-int64(len(data)))
		return ErrUnsent
	}
}

// sendFrames sends what waits, one after the other.
func (s *Stream) sendFrames() {
	for {
		select {
		case <-s.life.Done():
			return
		case one := <-s.frames.queue:
			s.sendFrame(one)
			s.frames.bytes.Add(-int64(len(one.data)))
		}
	}
}

// sendFrame sends one, when there is a connection.
func (s *Stream) sendFrame(one frame) {
	for {
		err := s.conn.Publish(one.subject, one.data)
		if err == nil {
			return
		}
		if s.conn.IsConnected() { // waiting does not help
			s.cfg.Log.Warn("NATS does not take a frame for another node", "error", err)
			return
		}
		select {
		case <-s.life.Done():
			return
		case <-time.After(sendAgain):
		}
	}
}

// Listen has what is sent to the node of a number come to Node.Heard, soon: as Publish it waits
// for nothing.
func (s *Stream) Listen(node uint32) {
	if s.frames.node.Swap(node) != node {
		s.all.Go(func() { s.listen(node) })
	}
}

func (s *Stream) listen(node uint32) {
	sub, err := s.conn.Subscribe(s.cfg.to(node), s.heardFrame) // it ends with the connection
	if err == nil {
		err = sub.SetPendingLimits(maxUnheard, maxUnsentBytes)
	}
	if err != nil {
		s.cfg.Log.Warn("this node does not hear what others send it", "error", err)
	}
}

// heardFrame takes a frame that another node has sent.
func (s *Stream) heardFrame(m *nats.Msg) {
	f := &s.frames
	if f.unheard.Load() >= maxUnheard {
		if f.dropped.Add(1) == 1 {
			s.cfg.Log.Warn("frames of other nodes are dropped: more come than this node can take")
		}
		return
	}
	f.unheard.Add(1)
	s.node.Post(func() {
		f.unheard.Add(-1)
		s.node.Heard(m.Data)
	})
}
