package transport

import (
	"context"
	"encoding/base64"
	"errors"
	"io"
	"net"
	"os"
	"sync"
	"time"

	"parley/p2p"
	"parley/protocol"
)

// relayName stands for the relay where otherwise there is an address.
const relayName = "relay"

// relayDebt is how much credit a reader holds back, in units of RelayCost, so
// that not every frame is answered by one. The window less this and what the
// server holds back is more than the cost of the largest frame, so a writer can
// always go on.
const relayDebt = protocol.RelayWindow / 4

var (
	errRelayEnded  = errors.New("the relay has ended")
	errRelayFlood  = errors.New("the other side sent more through the relay than it may")
	errRelayCredit = errors.New("the other side gave more credit than it was owed")
	errRelayData   = errors.New("what came through the relay is not base64")
)

// A relayConn is a stream of bytes to the peer in relayed frames. Written bytes
// leave as events of kind Relay; what the server relays comes in through
// relayed. One goroutine reads and one writes.
//
// The mutex is here because relayed, called by whoever serves the server
// connection, must not wait for either of them.
type relayConn struct {
	t       *Transport
	session uint64
	arrived chan struct{} // there may be something to read
	allowed chan struct{} // there may be credit
	ended   chan struct{} // is closed with the first error
	reads   deadline
	writes  deadline

	mu     sync.Mutex
	frames []relayedFrame // that were not read; the first perhaps in part
	held   int            // cost of frames and of owed
	owed   int            // credit that is to be given
	credit int            // that the peer has given
	err    error
}

type relayedFrame struct {
	data []byte
	cost int
}

func newRelayConn(t *Transport, session uint64) *relayConn {
	return &relayConn{
		t: t, session: session, credit: protocol.RelayWindow,
		arrived: make(chan struct{}, 1), allowed: make(chan struct{}, 1), ended: make(chan struct{}),
		reads: newDeadline(), writes: newDeadline(),
	}
}

// relayed takes a frame. What the peer may not send ends the connection.
func (c *relayConn) relayed(credit int, payload string) {
	data, err := base64.StdEncoding.Strict().DecodeString(payload)
	c.mu.Lock()
	c.credit += credit
	switch cost := protocol.RelayCost(payload); {
	case err != nil || len(data) > protocol.MaxRelayed:
		err = errRelayData
	case credit < 0 || c.credit > protocol.RelayWindow:
		err = errRelayCredit
	case len(data) > 0 && c.held+cost > protocol.RelayWindow:
		err = errRelayFlood
	case len(data) > 0:
		c.frames = append(c.frames, relayedFrame{data, cost})
		c.held += cost
	}
	c.mu.Unlock()
	if err != nil {
		c.fail(err)
		return
	}
	knock(c.arrived)
	knock(c.allowed)
}

// Read gives credit for what it has read whole.
func (c *relayConn) Read(b []byte) (int, error) {
	for {
		if c.reads.passed() {
			return 0, os.ErrDeadlineExceeded
		}
		n, credit, err := c.next(b)
		if credit > 0 {
			c.send(credit, "", &c.reads)
		}
		if n > 0 || err != nil || len(b) == 0 {
			return n, err
		}
		select {
		case <-c.arrived:
		case <-c.ended:
		case <-c.reads.wait():
		}
	}
}

// next takes bytes from the first frame. Credit is what is to be given now. What
// came before an error is read before it.
func (c *relayConn) next(b []byte) (n, credit int, err error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if len(c.frames) == 0 {
		return 0, 0, c.err
	}
	first := &c.frames[0]
	n = copy(b, first.data)
	first.data = first.data[n:]
	if len(first.data) > 0 {
		return n, 0, nil
	}
	c.owed += first.cost
	c.frames = c.frames[1:]
	if c.owed >= relayDebt {
		credit = c.repay()
	}
	return n, credit, nil
}

// repay returns the credit that is owed, to be given. The caller holds the mutex.
func (c *relayConn) repay() int {
	owed := c.owed
	c.owed = 0
	c.held -= owed
	return owed
}

// Write waits for credit.
func (c *relayConn) Write(b []byte) (written int, err error) {
	for len(b) > 0 {
		n := min(len(b), protocol.MaxRelayed)
		payload := base64.StdEncoding.EncodeToString(b[:n])
		credit, err := c.spend(protocol.RelayCost(payload))
		if err == nil {
			err = c.send(credit, payload, &c.writes)
		}
		if err != nil {
			return written, err
		}
		written += n
		b = b[n:]
	}
	return written, nil
}

// spend waits until a frame may be sent, and returns the credit that can go with
// it.
func (c *relayConn) spend(cost int) (credit int, err error) {
	for {
		c.mu.Lock()
		if c.err == nil && c.credit >= cost {
			c.credit -= cost
			credit = c.repay()
			c.mu.Unlock()
			return credit, nil
		}
		err = c.err
		c.mu.Unlock()
		if err != nil {
			return 0, err
		}
		select {
		case <-c.allowed:
		case <-c.ended:
		case <-c.writes.wait():
			return 0, os.ErrDeadlineExceeded
		}
	}
}

// send reports a frame for the server to relay.
func (c *relayConn) send(credit int, payload string, d *deadline) error {
	select {
	case c.t.events <- p2p.Event{Kind: p2p.Relay, Session: c.session, Credit: credit, Payload: payload}:
		return nil
	case <-c.ended:
		return net.ErrClosed
	case <-d.wait():
		return os.ErrDeadlineExceeded
	}
}

// wait waits until something has come.
func (c *relayConn) wait(ctx context.Context, until time.Time) error {
	timer := time.NewTimer(time.Until(until))
	defer timer.Stop()
	select {
	case <-c.arrived:
		knock(c.arrived)
		return nil
	case <-c.ended:
		return c.err
	case <-timer.C:
		return os.ErrDeadlineExceeded
	case <-ctx.Done():
		return errOver
	}
}

// fail ends the connection for both goroutines.
func (c *relayConn) fail(err error) {
	c.mu.Lock()
	first := c.err == nil
	if first {
		c.err = err
		close(c.ended)
	}
	c.mu.Unlock()
	if !first {
		return
	}
	c.t.mu.Lock()
	defer c.t.mu.Unlock()
	if c.t.relays[c.session] == c {
		delete(c.t.relays, c.session)
	}
}

// Close ends the connection; the peer learns of it by what TLS has said before.
func (c *relayConn) Close() error {
	c.fail(io.ErrClosedPipe)
	return nil
}

func (c *relayConn) LocalAddr() net.Addr  { return relayAddr{} }
func (c *relayConn) RemoteAddr() net.Addr { return relayAddr{} }

func (c *relayConn) SetDeadline(t time.Time) error {
	c.reads.set(t)
	c.writes.set(t)
	return nil
}

func (c *relayConn) SetReadDeadline(t time.Time) error {
	c.reads.set(t)
	return nil
}

func (c *relayConn) SetWriteDeadline(t time.Time) error {
	c.writes.set(t)
	return nil
}

type relayAddr struct{}

func (relayAddr) Network() string { return relayName }
func (relayAddr) String() string  { return relayName }

// knock leaves a token in a channel of one.
func knock(c chan struct{}) {
	select {
	case c <- struct{}{}:
	default:
	}
}
