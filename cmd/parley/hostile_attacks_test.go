//go:build linux

package main

import (
	"bufio"
	"fmt"
	"net"
	"strings"
	"time"

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

// overTLS reports whether the attack is on a port where TLS is spoken; those who talk are there, too.
func (a attack) overTLS() bool { return strings.HasPrefix(a.name, "tls/") }

var attacks = []attack{
	{name: "slowloris", conns: 400, rate: 4000, act: func(e *evil) { e.stay(e.connect); e.send(`{"request":"login","content":"`[e.acts%30:][:1]) }},
	{name: "half-open", conns: 50, rate: 200, act: halfOpen},
	{name: "reads-nothing", conns: 100, rate: 1000, act: readsNothing},
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
	{name: "tls/handshakes", conns: 100, rate: 500, act: func(e *evil) { e.leave(); e.connect() }},
	{name: "tls/half-hellos", conns: 100, rate: 500, act: func(e *evil) { e.plain = true; e.conn = nil; e.connect(); e.send("\x16\x03\x01\x02\x00\x01\x00") }},
	{name: "tls/http", conns: 100, rate: 500, act: func(e *evil) { e.plain = true; e.leave(); e.connect(); e.send("GET / HTTP/1.1\r\n\r\n") }},
	{name: "tls/reads-nothing", conns: 100, rate: 1000, act: readsNothing},
	{name: "tls/key-updates", conns: 50, rate: 500, act: keyUpdates},
	{name: "tls/short-records", conns: 20, rate: 200, act: shortRecords},
}

var hostileFingerprint = "SHA256:" + strings.Repeat("A", 43)

var nested = []byte(strings.Repeat(`{"a":[`, 10_000) + "\n")

// repeats has somebody who is logged in ask for the same again and again. It is made once, so that the
// attacker has time for it.
func repeats(verb, text string) func(e *evil) {
	asked := requests(verb, text)
	return func(e *evil) { e.stay(e.enter); e.write(asked) }
}

// readsNothing asks for much, and never reads it.
func readsNothing(e *evil) {
	e.deaf = true
	e.stay(e.enter)
	e.ask("help", "", "whoelse", "", "history", "")
}

// keyUpdates has TLS change its keys many times, as often as one is heard who has something to say
// in between, and reads no answer.
func keyUpdates(e *evil) {
	e.stay(e.rekeyer)
	if e.conn == nil {
		return
	}
	for range 10 {
		e.keys.Update(14, true)
		e.keys.Data(" ")
	}
	e.sendRecords()
}

// shortRecords sends a thousand records of one byte, which is no request, each time.
func shortRecords(e *evil) {
	e.stay(func() {
		if e.rekeyer(); e.conn != nil {
			e.keys.Data(`{"request":"login","content":"` + e.name() + `","extended":1}` + "\n")
		}
	})
	if e.conn == nil {
		return
	}
	for range 1000 {
		e.keys.Data("\n")
	}
	e.sendRecords()
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
