//go:build linux

package main

import (
	"context"
	"crypto/tls"
	"fmt"
	"io"
	"net"
	"sync"
	"sync/atomic"
	"time"

	"parley/eventloop/load"
	"parley/eventloop/tlstest"
	"parley/protocol"
)

// An assault is an attack that goes on.
type assault struct {
	addr   string
	tls    bool // is spoken there
	ctx    context.Context
	cancel context.CancelFunc
	work   sync.WaitGroup
	names  atomic.Int64
	done   atomic.Int64  // acts
	begun  chan struct{} // is closed behind the first one
	ended  atomic.Int64  // connections that the server has ended
	mu     sync.Mutex
	conns  map[net.Conn]bool // that are open
}

func (a attack) start(addr string) *assault {
	s := &assault{addr: addr, tls: a.overTLS(), begun: make(chan struct{}), conns: make(map[net.Conn]bool)}
	s.ctx, s.cancel = context.WithCancel(context.Background())
	every, began := time.Second*time.Duration(a.conns)/time.Duration(a.rate), time.Now()
	for i := range a.conns {
		s.work.Go(func() {
			e := &evil{assault: s, from: load.Source(1+i%hostileAddresses, 250)}
			for next := began.Add(every * time.Duration(i) / time.Duration(a.conns)); ; next = next.Add(every) {
				select {
				case <-s.ctx.Done():
					return
				case <-time.After(time.Until(next)):
				}
				a.act(e)
				e.acts++
				if s.done.Add(1) == 1 {
					close(s.begun)
				}
			}
		})
	}
	return s
}

func (s *assault) stop() {
	s.cancel()
	s.mu.Lock()
	for conn := range s.conns {
		conn.Close()
	}
	s.mu.Unlock()
	s.work.Wait()
}

// evil is one of the connections of an attacker, one after the other.
type evil struct {
	*assault
	from    net.Addr
	conn    net.Conn // nil: there is none
	me      string   // the name it has
	acts    int
	plain   bool             // speaks no TLS, wherever that is
	keys    *tlstest.Rekeyer // over conn, if it was made by rekeyer
	deaf    bool             // reads nothing
	silent  bool             // somebody else reads
	friend  *evil
	session string // with the friend
}

// name returns one that nobody had before.
func (e *evil) name() string { return fmt.Sprint("evil", e.names.Add(1)) }

// stay gets a connection if there is none.
func (e *evil) stay(get func()) {
	if e.conn == nil {
		get()
	}
}

// connect gets a connection, over TLS where that is spoken.
func (e *evil) connect() {
	conn := e.dial()
	if conn == nil {
		return
	}
	e.conn = conn
	if e.tls && !e.plain {
		secure := tls.Client(conn, trusting)
		if !e.shakesHands(secure.Handshake) {
			return
		}
		e.conn = secure
	}
	if !e.deaf && !e.silent {
		e.drain()
	}
}

// rekeyer connects and does the handshake of one that changes its keys at will, and reads nothing.
func (e *evil) rekeyer() {
	e.deaf, e.plain = true, true
	if e.connect(); e.conn == nil {
		return
	}
	e.shakesHands(func() (err error) {
		e.keys, err = tlstest.Handshake(e.conn, trusting)
		return err
	})
}

// trusting takes every server for the right one.
var trusting = &tls.Config{InsecureSkipVerify: true}

// shakesHands does a handshake, which may take a second; without it there is no connection.
func (e *evil) shakesHands(handshake func() error) bool {
	_ = e.conn.SetDeadline(time.Now().Add(time.Second))
	if err := handshake(); err != nil {
		e.end(e.conn)
		e.conn = nil
		return false
	}
	_ = e.conn.SetDeadline(time.Time{})
	return true
}

// dial returns a connection, or nil.
func (e *evil) dial() net.Conn {
	d := net.Dialer{LocalAddr: e.from, Timeout: time.Second}
	conn, err := d.DialContext(e.ctx, "tcp", e.addr)
	if err != nil {
		return nil
	}
	if e.deaf {
		_ = conn.(*net.TCPConn).SetReadBuffer(4096)
	}
	e.mu.Lock()
	defer e.mu.Unlock()
	e.conns[conn] = true
	if e.ctx.Err() != nil {
		conn.Close()
	}
	return conn
}

// drain reads until the connection ends.
func (e *evil) drain() {
	conn := e.conn
	e.work.Go(func() {
		_, _ = io.Copy(io.Discard, conn)
		e.end(conn)
	})
}

func (e *evil) end(conn net.Conn) {
	conn.Close()
	conn = bare(conn)
	e.mu.Lock()
	if e.conns[conn] && e.ctx.Err() == nil {
		e.ended.Add(1)
	}
	delete(e.conns, conn)
	e.mu.Unlock()
}

// bare is a connection without the TLS that is spoken over it.
func bare(conn net.Conn) net.Conn {
	if secure, is := conn.(*tls.Conn); is {
		return secure.NetConn()
	}
	return conn
}

// leave ends the connection, if there is one.
func (e *evil) leave() {
	if e.conn != nil {
		e.mu.Lock()
		delete(e.conns, bare(e.conn))
		e.mu.Unlock()
		e.conn.Close()
		e.conn = nil
	}
}

// enter connects and logs in as somebody else than before.
func (e *evil) enter() {
	e.connect()
	e.me = e.name()
	e.send(`{"request":"login","content":"` + e.me + `","extended":1}` + "\n")
}

// stranger comes anew and gives a password for a name.
func (e *evil) stranger(name, more string) {
	e.leave()
	e.connect()
	e.send(`{"request":"login","content":"` + name + `","password":"red horses","extended":1` + more + "}\n")
}

// ask sends requests: verbs and their arguments in turn.
func (e *evil) ask(words ...string) { e.write(requests(words...)) }

func requests(words ...string) (b []byte) {
	for i := 0; i < len(words); i += 2 {
		b = protocol.AppendRequest(b, protocol.Request{Verb: words[i], Content: protocol.Content{Text: words[i+1]}})
	}
	return b
}

func (e *evil) send(text string) { e.write([]byte(text)) }

func (e *evil) write(b []byte) {
	if e.conn != nil {
		e.inTime(func() error { _, err := e.conn.Write(b); return err })
	}
}

// sendRecords sends those that were added.
func (e *evil) sendRecords() { e.inTime(e.keys.Send) }

// inTime sends something. If that takes too long, the connection is given up.
func (e *evil) inTime(send func() error) {
	_ = e.conn.SetWriteDeadline(time.Now().Add(100 * time.Millisecond))
	if err := send(); err != nil {
		e.end(e.conn)
		e.conn = nil
	}
}
