//go:build linux

package main

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"net"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"parley/eventloop/load"
	"parley/protocol"
)

// hostileAddresses is from how many addresses an attacker comes: 127.0.0.2 to 127.0.0.250.
const hostileAddresses = 249

// An attack is something that nobody should do, as often as it says: more would tell how
// much of the machine the attacker takes, not how the server bears it.
type attack struct {
	name  string
	conns int // connections at once, from as many addresses as there are
	rate  int // acts a second, of all together
	files int // that the server may have open; 0: as many as it gets
	act   func(e *evil)
}

var attacks = []attack{
	{name: "slowloris", conns: 400, rate: 4000, act: func(e *evil) { e.stay(e.connect); e.send(`{"request":"login","content":"`[e.acts%30:][:1]) }},
	{name: "half-open", conns: 50, rate: 200, act: halfOpen},
	{name: "reads-nothing", conns: 100, rate: 1000, act: func(e *evil) {
		e.deaf = true
		e.stay(e.enter)
		e.ask("help", "", "whoelse", "", "history", "")
	}},
	{name: "flood/msg", conns: 20, rate: 1000, act: repeats("msg", strings.Repeat("buy ", 50))},
	{name: "flood/dm", conns: 20, rate: 1000, act: repeats("dm", "ann0 "+strings.Repeat("buy ", 50))},
	{name: "flood/history", conns: 20, rate: 1000, act: repeats("history", "100")},
	{name: "flood/search", conns: 20, rate: 1000, act: repeats("search", "buy")},
	{name: "flood/whoelse", conns: 20, rate: 1000, act: repeats("whoelse", "")},
	{name: "flood/slow", conns: 20, rate: 1000, act: func(e *evil) {
		e.stay(func() { e.enter(); e.ask("create", "room-"+e.me) })
		e.ask("slow", fmt.Sprintf("room-%s %d", e.me, e.acts%2))
	}},
	{name: "flood/register", conns: 100, rate: 200, act: func(e *evil) { e.stranger(e.name(), `,"register":true`) }},
	{name: "giant-frames", conns: 30, rate: 60, act: repeats("msg", strings.Repeat("x", 1<<20))},
	{name: "deep-nesting", conns: 30, rate: 200, act: func(e *evil) { e.stay(e.enter); e.write(nested) }},
	{name: "connects", conns: 64, rate: 2000, files: 1000, act: func(e *evil) { e.conn = nil; e.connect() }},
	{name: "guesses", conns: hostileAddresses, rate: 200, act: func(e *evil) {
		name := "ann0" // who has an account
		if e.acts%2 == 1 {
			name = e.name()
		}
		e.stranger(name, "")
	}},
	{name: "invitations", conns: 50, rate: 1000, act: func(e *evil) {
		victim := fmt.Sprint("ann", e.acts%talkingPairs)
		e.stay(e.enter)
		e.ask("startprivate", victim+" "+hostileFingerprint+" relay", "stopprivate", victim, "invite", victim+" lobby")
	}},
	{name: "relays", conns: 20, rate: 1000, act: relays},
	{name: "rooms", conns: 400, rate: 1000, act: func(e *evil) {
		room := "room-" + e.name()
		e.stay(e.enter)
		e.ask("create", room, "leave", room, "join", room, "leave", room)
	}},
}

var hostileFingerprint = "SHA256:" + strings.Repeat("A", 43)

var nested = []byte(strings.Repeat(`{"a":[`, 10_000) + "\n")

// repeats has somebody who is logged in ask for the same again and again. It is made once, so that the
// attacker has time for it.
func repeats(verb, text string) func(e *evil) {
	asked := requests(verb, text)
	return func(e *evil) { e.stay(e.enter); e.write(asked) }
}

// halfOpen leaves one connection behind each time, of which the server hears nothing, or
// half a request and the end of the stream.
func halfOpen(e *evil) {
	e.conn = nil
	e.connect()
	if e.acts%2 == 1 {
		e.send(`{"request":"login","cont`)
		if conn, open := e.conn.(*net.TCPConn); open {
			_ = conn.CloseWrite()
		}
	}
}

// relays agrees with a friend on a private session, and sends more through it than it takes.
func relays(e *evil) {
	e.stay(func() {
		if e.friend != nil {
			e.friend.leave()
		}
		friend := &evil{assault: e.assault, from: e.from, silent: true}
		e.friend, e.session = friend, ""
		e.enter()
		friend.enter()
		if e.conn == nil || friend.conn == nil {
			return
		}
		_ = friend.conn.SetReadDeadline(time.Now().Add(time.Second))
		lines := bufio.NewScanner(friend.conn)
		lines.Buffer(nil, protocol.MaxServedFrame)
		for lines.Scan() {
			switch r, err := protocol.DecodeResponse(lines.Bytes()); {
			case err != nil || r.Data == nil:
			case r.Data.Event == protocol.EventLogin && r.Data.Name == friend.me:
				e.ask("startprivate", friend.me+" "+hostileFingerprint+" relay")
			case r.Data.Event == protocol.EventInvitation:
				friend.ask("acceptprivate", e.me+" "+hostileFingerprint+" relay")
			case r.Data.Event == protocol.EventIntroduced && r.Data.Private != nil:
				e.session = fmt.Sprint(r.Data.Private.Session)
				_ = friend.conn.SetReadDeadline(time.Time{})
				friend.drain()
				return
			}
		}
	})
	if e.session == "" || e.friend.conn == nil {
		e.leave()
		return
	}
	data := strings.Repeat("aGk0", 500)
	e.friend.ask("relay", fmt.Sprintf("%s %s %d", e.me, e.session, protocol.RelayCost(data)))
	e.ask("relay", fmt.Sprintf("%s %s 0 %s", e.friend.me, e.session, data))
}

// An assault is an attack that goes on.
type assault struct {
	addr   string
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
	s := &assault{addr: addr, begun: make(chan struct{}), conns: make(map[net.Conn]bool)}
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
	deaf    bool // reads nothing
	silent  bool // somebody else reads
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

func (e *evil) connect() {
	d := net.Dialer{LocalAddr: e.from, Timeout: time.Second}
	conn, err := d.DialContext(e.ctx, "tcp", e.addr)
	if err != nil {
		return
	}
	e.mu.Lock()
	e.conns[conn] = true
	if e.ctx.Err() != nil {
		conn.Close()
	}
	e.mu.Unlock()
	e.conn = conn
	switch {
	case e.deaf:
		_ = conn.(*net.TCPConn).SetReadBuffer(4096)
	case !e.silent:
		e.drain()
	}
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
	e.mu.Lock()
	if e.conns[conn] && e.ctx.Err() == nil {
		e.ended.Add(1)
	}
	delete(e.conns, conn)
	e.mu.Unlock()
}

// leave ends the connection, if there is one.
func (e *evil) leave() {
	if e.conn != nil {
		e.mu.Lock()
		delete(e.conns, e.conn)
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
	if e.conn == nil {
		return
	}
	_ = e.conn.SetWriteDeadline(time.Now().Add(100 * time.Millisecond))
	if _, err := e.conn.Write(b); err != nil {
		e.end(e.conn)
		e.conn = nil
	}
}
