// Package conn moves the bytes of connections to a chat server: it dials in the
// background, each connection has a goroutine that reads and one that writes from a
// bounded queue, and what comes is decoded. It knows nothing of what requests and
// responses mean, and nothing of a server that reads or sends badly can block the
// caller. With TLS ([Secure]) a connection is there once the server's key is the right one.
package conn

import (
	"context"
	"net"
	"sync"

	"parley/protocol"
)

const (
	// eventQueue is how many events of connections wait. When it is full the
	// readers stop reading, and TCP tells the server to wait. Each may be of a frame
	// of 4 MiB, which takes some three times as much when it is decoded.
	eventQueue = 4

	// linkQueue is how many requests wait for a server that does not read. A
	// person never fills it, and of a pipe no more than a few dozen lines are
	// sent and not answered. The server relays no more for a peer than a window,
	// nor for more peers than MaxPrivate.
	linkQueue = 256 + protocol.MaxPrivate*relayQueue

	// relayQueue is how many relayed frames fit into a window.
	relayQueue = protocol.RelayWindow / 256

	readBuffer = 32 << 10 // bytes of one read
)

// A Link is a connection as its user sees it.
type Link interface {
	// Send queues a frame, which must not be changed any more. It does not block;
	// false means that the queue is full, because the server does not read.
	Send(frame []byte) bool
	// Close ends the connection. Events of it may still come.
	Close()
}

// An Event is what a connection reports.
type Event struct {
	Gen      int // of the connection: as Dial was told
	Kind     Kind
	Link     Link              // of Dialled, unless Err is set
	Local    net.Addr          // of Dialled: this end of it
	First    *FirstKey         // of Dialled: the server's, if it is met for the first time
	Unkept   error             // of Dialled: the server's key is right and could not be kept
	Response protocol.Response // of Response
	Raw      []byte            // the frame of the response
	Newline  bool              // of Response: the server ends its responses in newlines
	Words    string            // of Words
	Err      error             // of Dialled and Lost
}

// A Kind is what an event is about.
type Kind uint8

// The kinds of events.
const (
	Dialled  Kind = iota // the first one of a generation, and the only one if Err is set
	Response             // something that is a response of the protocol
	Words                // something that is no response came: a text, perhaps of many lines
	Lost                 // the last one: the server or the network has ended the connection
)

// Links owns the goroutines of connections: a reader and a writer for each.
type Links struct {
	events chan Event
	dialer func(ctx context.Context) (net.Conn, error)
	ctx    context.Context
	cancel context.CancelFunc
	wg     sync.WaitGroup
}

// New returns Links that connect with dialer, whose context ends with Stop.
func New(dialer func(ctx context.Context) (net.Conn, error)) *Links {
	l := &Links{events: make(chan Event, eventQueue), dialer: dialer}
	l.ctx, l.cancel = context.WithCancel(context.Background())
	return l
}

// Events gives what the connections report, in order for each of them.
func (l *Links) Events() <-chan Event { return l.events }

// Stop ends all connections and waits for their goroutines. Nobody need read
// events meanwhile.
func (l *Links) Stop() {
	l.cancel()
	l.wg.Wait()
	for {
		select {
		case e := <-l.events:
			if e.Link != nil {
				e.Link.Close()
			}
		default:
			return
		}
	}
}

// report hands an event over; false means that nobody wants it.
func (l *Links) report(quit <-chan struct{}, e Event) bool {
	select {
	case l.events <- e:
		return true
	case <-quit:
	case <-l.ctx.Done():
	}
	return false
}

// Dial connects in the background. The events of the connection carry gen, by which
// late ones of an older connection can be told.
func (l *Links) Dial(gen int) {
	l.wg.Go(func() {
		conn, err := l.dialer(l.ctx)
		if err != nil {
			l.report(nil, Event{Gen: gen, Kind: Dialled, Err: err})
			return
		}
		k := &link{conn: conn, out: make(chan []byte, linkQueue), quit: make(chan struct{})}
		dialled := Event{Gen: gen, Kind: Dialled, Link: k, Local: conn.LocalAddr()}
		if secure, ok := conn.(*secureConn); ok {
			dialled.First, dialled.Unkept = secure.first, secure.unkept
		}
		if !l.report(nil, dialled) {
			k.Close()
			return
		}
		stop := context.AfterFunc(l.ctx, k.Close) // reader and writer may be stuck in the system
		l.wg.Go(k.write)
		k.read(l, gen)
		k.Close() // so the writer ends as well
		stop()
	})
}

// link is one connection.
type link struct {
	conn net.Conn
	out  chan []byte
	quit chan struct{}
	once sync.Once // both the user and the end of Links close it
}

func (k *link) Send(frame []byte) bool {
	select {
	case k.out <- frame:
		return true
	default:
		return false
	}
}

func (k *link) Close() {
	k.once.Do(func() {
		close(k.quit)
		k.conn.Close()
	})
}

// write writes frames until the connection ends. An error is the reader's to
// report: it gets one, too.
func (k *link) write() {
	for {
		select {
		case frame := <-k.out:
			if _, err := k.conn.Write(frame); err != nil {
				return
			}
		case <-k.quit:
			return
		}
	}
}

// read decodes frames until the connection ends.
func (k *link) read(l *Links, gen int) {
	d := NewDecoder(gen)
	buf := make([]byte, readBuffer)
	for {
		n, err := k.conn.Read(buf)
		if !d.Decode(buf[:n], func(e Event) bool { return l.report(k.quit, e) }) {
			return
		}
		if err != nil {
			l.report(k.quit, Event{Gen: gen, Kind: Lost, Err: err})
			return
		}
	}
}
