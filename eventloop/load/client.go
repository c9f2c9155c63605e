package load

import (
	"context"
	"errors"
	"fmt"
	"net"
	"sync/atomic"
	"time"

	"parley/protocol"
)

const (
	loginTimeout = 30 * time.Second      // as long as Parley waits for one
	nextTimeout  = 3 * time.Second       // the same where there are other addresses to try
	leaveTimeout = 5 * time.Second       // for the answer to a logout
	retryPause   = 20 * time.Millisecond // before a login is tried again for which it was too early
)

// A client is one user of a round. The goroutine that brings it in and lets it go
// owns it; what its reader owns is said below.
type client struct {
	r        *round
	index    int
	name     string
	password string      // "" of a guest
	partner  *client     // in pairs
	away     chan func() // what its keeper is to do; nil: it has none
	server   int         // of the addresses, the one that it takes next
	to       string      // own name, if what it is told is for it alone

	conn     net.Conn
	loginDue int64 // ns since the run began
	left     chan struct{}
	leaving  atomic.Bool              // is to end: what comes of that is no trouble
	resting  atomic.Int64             // ns for which its reader is to rest
	present  atomic.Bool              // among the connections
	live     atomic.Pointer[net.Conn] // conn, for others than its owner

	// Of the present connection, by the reader for others; none blocks it.
	entered chan *protocol.Error
	answers chan protocol.Response // nil if nobody wants them
	moving  chan *protocol.Error   // what became of a request to join or leave a room; nil: was done
	echoed  chan bool              // a plain sender's message has come back; false: was refused
	owed    atomic.Int64           // messages that have no answer yet
	heardAt atomic.Int64           // ns since the run began: something was read

	// The reader's, until left is closed.
	check   check
	stays   stays
	session session
	in      bool
	past    bool  // the history goes on in the next response
	lost    bool  // the server has ended the connection
	word    int64 // due time of the last trial message that was heard
	garbled bool  // the last frame was no response
	times   times
	rested  bool // what comes now has waited on purpose
	unusual bool // something other than a message has come in this read
	tail    []byte
	scanner *protocol.Scanner
}

// enter connects and logs in, at the next address that lets it in. The login was due at a
// time in ns since the run began, from which its latency counts.
func (c *client) enter(ctx context.Context, due int64) (err error) {
	for range c.r.cfg.Dial {
		if err = c.tryEnter(ctx, due); err == nil || ctx.Err() != nil {
			return err
		}
	}
	c.r.troubles.add(kindOfLogin(err), err.Error())
	return err
}

// tryEnter does so at the next address.
func (c *client) tryEnter(ctx context.Context, due int64) error {
	dial := c.r.cfg.Dial[c.server%len(c.r.cfg.Dial)]
	c.server++
	conn, err := dial(ctx)
	if err != nil {
		return err
	}
	c.conn, c.loginDue = conn, due
	c.live.Store(&conn)
	c.left, c.entered = make(chan struct{}), make(chan *protocol.Error, 1)
	c.echoed = make(chan bool, 1)
	c.in, c.lost, c.garbled, c.tail, c.scanner, c.times = false, false, false, nil, nil, times{}
	c.leaving.Store(false)
	if c.r.cfg.Plain {
		c.scanner = protocol.NewScanner(protocol.MaxServedFrame)
	}
	request := c.loginRequest()
	c.heardAt.Store(c.r.now())
	c.r.readers.Go(func() { c.read(conn) })
	if err := c.login(ctx, request); err != nil {
		c.drop()
		return err
	}
	c.present.Store(true)
	c.r.connections.Add(1)
	return nil
}

func kindOfLogin(err error) string {
	var refused *protocol.Error
	if errors.As(err, &refused) {
		return string(refused.Code)
	}
	if errors.Is(err, errNoLogin) {
		return noLoginKind
	}
	return kindOfError(err)
}

// loginPatience is how long an address may take for a login.
func (r *round) loginPatience() time.Duration {
	if len(r.cfg.Dial) > 1 {
		return nextTimeout
	}
	return loginTimeout
}

var errNoLogin = errors.New("the login was not answered")

// loginRequest returns the first request of a connection, which goes on with the stay
// that the last one has left open. Its reader is not there yet.
func (c *client) loginRequest() protocol.Request {
	request := protocol.Request{Verb: "login", Content: protocol.Content{Text: c.name}, Extended: !c.r.cfg.Plain,
		Password: c.password, Register: c.password != ""}
	s := &c.session
	s.after, s.catchingUp = max(c.check.newest(), c.stays.newest), false
	if s.after > 0 {
		request.Token, request.Log, request.After, request.HasAfter = s.token, s.log, s.after, true
	}
	return request
}

// login logs in on the connection. An account is registered first, unless it
// is there from an earlier time. It is tried again when the server is busy or does
// not know yet that the user's last connection is gone.
func (c *client) login(ctx context.Context, request protocol.Request) error {
	patience := c.r.cfg.Clock.After(c.r.loginPatience())
	for {
		if err := c.write(protocol.AppendRequest(nil, request)); err != nil {
			return err
		}
		var answer *protocol.Error
		select {
		case answer = <-c.entered:
		case <-c.left:
			return fmt.Errorf("the server closed the connection in place of an answer to the login: %w", net.ErrClosed)
		case <-patience:
			return errNoLogin
		case <-ctx.Done():
			return ctx.Err()
		}
		switch {
		case answer == nil:
			return nil
		case answer.Code == protocol.NotAllowed && request.Register:
			request.Register = false
			continue
		case answer.Code != protocol.Busy && answer.Code != protocol.NameTaken:
			return answer
		}
		select {
		case <-c.r.cfg.Clock.After(retryPause):
		case <-c.left:
			return answer
		case <-patience:
			return answer
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

// write sends a request. It blocks while the server does not read.
func (c *client) write(frame []byte) error {
	_, err := c.conn.Write(frame)
	return err
}

// leave logs out and waits until the server has closed the connection.
func (c *client) leave() {
	c.leaving.Store(true)
	if c.write(protocol.AppendRequest(nil, protocol.Request{Verb: "logout"})) == nil {
		select {
		case <-c.left:
		case <-c.r.cfg.Clock.After(leaveTimeout):
			c.r.troubles.add(noAnswerKind, "a logout was not answered by the end of the connection")
		}
	}
	c.drop()
}

// drop ends the connection without a word and waits for the reader.
func (c *client) drop() {
	c.leaving.Store(true)
	c.conn.Close()
	<-c.left
	c.uncount()
}

// cut has a write end that the server does not read.
func (c *client) cut() {
	if conn := c.live.Load(); conn != nil {
		_ = (*conn).SetWriteDeadline(time.Unix(1, 0))
	}
}

// uncount notes that the connection has ended. Both its owner and its reader may.
func (c *client) uncount() {
	if !c.present.Swap(false) {
		return
	}
	n := c.r.connections.Add(-1)
	for few := c.r.fewest.Load(); n < few && !c.r.fewest.CompareAndSwap(few, n); few = c.r.fewest.Load() {
	}
}

// here reports whether the client is logged in and connected, as far as is known.
func (c *client) here() bool {
	if c.conn == nil {
		return false
	}
	select {
	case <-c.left:
		return false
	default:
		return true
	}
}

// read handles what comes until the connection ends.
func (c *client) read(conn net.Conn) {
	defer close(c.left)
	err := c.pump(conn)
	if c.leaving.Load() || err == nil {
		return
	}
	if c.in {
		c.lost = true
		c.uncount()
		c.r.troubles.add(lostKind, fmt.Sprintf("%s: %v", c.name, err))
		if !c.r.returns() {
			c.r.gone(c)
		}
	}
}

// readBuffer is the bytes of one read where reads need a buffer per connection.
const readBuffer = 32 << 10

// pumpPortably reads with a buffer of the connection's own.
func (c *client) pumpPortably(conn net.Conn) error {
	buf := make([]byte, readBuffer)
	for {
		n, err := conn.Read(buf)
		if n > 0 {
			c.rest()
			w := <-c.r.workers
			w.reads++
			c.tail = append(c.tail, buf[:n]...)
			c.tail = append(c.tail[:0], c.consume(w, c.tail)...)
			c.r.workers <- w
		}
		if err != nil && !c.nudged(err) {
			return err
		}
	}
}

// rest waits if the client is to read slowly.
func (c *client) rest() {
	c.rested = false
	if d := c.resting.Swap(0); d > 0 {
		c.rested = true
		select {
		case <-c.r.cfg.Clock.After(time.Duration(d)):
		case <-c.r.over:
		}
	}
}
