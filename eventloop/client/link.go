package client

import (
	"context"
	"errors"
	"net"
	"sync"

	"parley/protocol"
)

const (
	// eventQueue is how many events of connections wait for the App. When it is
	// full the readers stop reading, and TCP tells the server to wait.
	eventQueue = 64

	// linkQueue is how many requests wait for a server that does not read. A
	// person never fills it, and a pipe is read no faster than pipeWindow allows.
	// The server relays no more for a peer than a window, nor for more peers than
	// MaxPrivate.
	linkQueue = 256 + protocol.MaxPrivate*relayQueue

	// relayQueue is how many relayed frames fit into a window.
	relayQueue = protocol.RelayWindow / 256

	readBuffer = 32 << 10 // bytes of one read
)

// errStalled is why a connection is given up whose queue is full.
var errStalled = errors.New("the server does not read what it is sent")

// A conduit is a connection as the App sees it.
type conduit interface {
	// send queues a frame, which must not be changed any more. It does not
	// block; false means that the queue is full.
	send(frame []byte) bool
	// close ends the connection. Events that come later have a generation that
	// the App no longer knows.
	close()
}

// An event is what a connection reports.
type event struct {
	gen      int
	kind     eventKind
	link     conduit  // of eventDialled, unless err is set
	local    net.Addr // of eventDialled: this end of it
	response protocol.Response
	raw      []byte // the frame of the response
	newline  bool   // of eventResponse: the server ends its responses in newlines
	words    string // of eventWords
	password string // of eventPassword
	err      error
}

type eventKind uint8

const (
	eventDialled eventKind = iota
	eventResponse
	eventWords // something that is no response came: a text, perhaps of many lines
	eventLost
	eventPassword // belongs to no connection
)

// links owns the goroutines of the connections: a reader and a writer for each.
// They move bytes and know nothing of what these mean.
type links struct {
	events chan event
	dialer func(ctx context.Context) (net.Conn, error)
	ctx    context.Context
	cancel context.CancelFunc
	wg     sync.WaitGroup
}

func newLinks(dialer func(ctx context.Context) (net.Conn, error)) *links {
	l := &links{events: make(chan event, eventQueue), dialer: dialer}
	l.ctx, l.cancel = context.WithCancel(context.Background())
	return l
}

// stop ends all connections and waits for their goroutines.
func (l *links) stop() {
	l.cancel()
	l.wg.Wait()
	for {
		select {
		case e := <-l.events:
			if e.link != nil {
				e.link.close()
			}
		default:
			return
		}
	}
}

// report hands an event to the App; false means that nobody wants it.
func (l *links) report(quit <-chan struct{}, e event) bool {
	select {
	case l.events <- e:
		return true
	case <-quit:
	case <-l.ctx.Done():
	}
	return false
}

// dial connects in the background.
func (l *links) dial(gen int) {
	l.wg.Go(func() {
		conn, err := l.dialer(l.ctx)
		if err != nil {
			l.report(nil, event{gen: gen, kind: eventDialled, err: err})
			return
		}
		k := &link{conn: conn, out: make(chan []byte, linkQueue), quit: make(chan struct{})}
		if !l.report(nil, event{gen: gen, kind: eventDialled, link: k, local: conn.LocalAddr()}) {
			k.close()
			return
		}
		l.wg.Go(func() { k.write(l.ctx) })
		k.read(l, gen)
	})
}

// fetch gets a password in the background.
func (l *links) fetch(source func(ctx context.Context) (string, error)) {
	l.wg.Go(func() {
		password, err := source(l.ctx)
		l.report(nil, event{kind: eventPassword, password: password, err: err})
	})
}

// link is one connection.
type link struct {
	conn net.Conn
	out  chan []byte
	quit chan struct{}
	once sync.Once // both the App and the end of links close it
}

func (k *link) send(frame []byte) bool {
	select {
	case k.out <- frame:
		return true
	default:
		return false
	}
}

func (k *link) close() {
	k.once.Do(func() {
		close(k.quit)
		k.conn.Close()
	})
}

// write writes frames until the connection ends. An error is the reader's to
// report: it gets one, too.
func (k *link) write(ctx context.Context) {
	for {
		select {
		case frame := <-k.out:
			if _, err := k.conn.Write(frame); err != nil {
				return
			}
		case <-k.quit:
			return
		case <-ctx.Done():
			k.close()
			return
		}
	}
}

// read decodes frames until the connection ends.
func (k *link) read(l *links, gen int) {
	d := newDecoder(gen)
	buf := make([]byte, readBuffer)
	for {
		n, err := k.conn.Read(buf)
		if !d.decode(buf[:n], func(e event) bool { return l.report(k.quit, e) }) {
			return
		}
		if err != nil {
			l.report(k.quit, event{gen: gen, kind: eventLost, err: err})
			return
		}
	}
}
