package main

import (
	"bufio"
	"bytes"
	"crypto/rand"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"parley/p2p"
	"parley/p2p/identity"
	"parley/p2p/transport"
	"parley/protocol"
	"parley/users/store"
)

// BenchmarkPrivate compares private sessions with direct messages through the
// server. The server is a process of its own; both clients are in this one, with
// the parts of the real one that matter here: its protocol, p2p.Sessions and
// transport.Transport, and a loop that owns them. Texts have 100 bytes.
//
//	open        from the acceptance until both know that the session is open; they
//	            are new to each other, so both keys go to the disk first
//	roundtrip   a text, and another one as its answer
//	throughput  texts in one direction; at most 64 have not arrived, and of those
//	            Sessions have at most 32 on the link
//
// server is dm. The relay is limited to --relay-rate bytes per second: throughput
// is by default 256 KiB at 330 bytes a text, and fast-relay without a limit that
// counts; so is roundtrip/relay. Clients of open/relay have --relay-only: others
// try to connect directly for 5 s first.
//
// On 21 November 2026, 2 cores of an AMD EPYC, Linux 6.18, Go 1.26.8, medians of
// three: go test ./cmd/parley -run '^$' -bench Private -count 3
//
//	            direct         relay                     server
//	open        7.4 ms         8.3 ms                    (on 25 November)
//	roundtrip   0.19 ms        0.74 ms                   0.38 ms
//	throughput  49,300 texts/s 745, fast 15,900 texts/s  36,900 texts/s
func BenchmarkPrivate(b *testing.B) {
	limited, fast := newBenchServer(b), newBenchServer(b, "--relay-rate", "1000000000")
	relay := transport.Config{RelayOnly: true}
	b.Run("open/direct", func(b *testing.B) { benchOpen(b, limited, transport.Config{}) })
	b.Run("open/relay", func(b *testing.B) { benchOpen(b, limited, relay) })
	b.Run("roundtrip/direct", func(b *testing.B) { benchRoundTrip(newBenchPair(b, limited, transport.Config{}).open()) })
	b.Run("roundtrip/relay", func(b *testing.B) { benchRoundTrip(newBenchPair(b, fast, relay).open()) })
	b.Run("roundtrip/server", func(b *testing.B) { benchRoundTrip(newBenchPair(b, limited, relay)) })
	b.Run("throughput/direct", func(b *testing.B) { benchThroughput(newBenchPair(b, limited, transport.Config{}).open()) })
	b.Run("throughput/relay", func(b *testing.B) { benchThroughput(newBenchPair(b, limited, relay).open()) })
	b.Run("throughput/fast-relay", func(b *testing.B) { benchThroughput(newBenchPair(b, fast, relay).open()) })
	b.Run("throughput/server", func(b *testing.B) { benchThroughput(newBenchPair(b, limited, relay)) })
}

var hundredBytes = strings.Repeat("x", 100)

// benchOpen has two new people open a session each time: a server limits how
// often one asks, and ports are new as they are in life.
func benchOpen(b *testing.B, addr string, how transport.Config) {
	for b.Loop() {
		b.StopTimer()
		p := newBenchPair(b, addr, how)
		p.ask()
		b.StartTimer()
		p.accept()
		b.StopTimer()
		p.close()
		b.StartTimer()
	}
}

func benchRoundTrip(p *benchPair) {
	for p.b.Loop() {
		p.ann.say(p.bob)
		p.bob.next(p2p.NoticeText)
		p.bob.say(p.ann)
		p.ann.next(p2p.NoticeText)
	}
}

func benchThroughput(p *benchPair) {
	const window = 64
	flying := 0
	p.ann.relayed.Store(0)
	for p.b.Loop() {
		if flying == window {
			p.bob.next(p2p.NoticeText)
			flying--
		}
		p.ann.say(p.bob)
		flying++
	}
	for range flying {
		p.bob.next(p2p.NoticeText)
	}
	p.b.ReportMetric(float64(p.b.N)/p.b.Elapsed().Seconds(), "texts/s")
	if n := p.ann.relayed.Load(); n > 0 {
		p.b.ReportMetric(float64(n)/float64(p.b.N), "relayed-B/op")
	}
}

// newBenchServer starts a server and returns its address.
func newBenchServer(b *testing.B, args ...string) string {
	b.Helper()
	exe, err := os.Executable()
	if err != nil {
		b.Fatal(err)
	}
	cmd := exec.Command(exe, append([]string{"serve", "--data", store.Memory, "--flood", "off", "--listen", "127.0.0.1:0"}, args...)...)
	cmd.Env = append(os.Environ(), asParley+"=1", "XDG_CONFIG_HOME="+b.TempDir())
	return startBenchServer(b, cmd)
}

// startBenchServer starts a server with a command, and returns its address: the last one that it
// is to listen on.
func startBenchServer(b *testing.B, cmd *exec.Cmd) (addr string) {
	b.Helper()
	var log bytes.Buffer
	cmd.Stderr = &log
	stdout, err := cmd.StdoutPipe()
	if err != nil {
		b.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { _ = cmd.Process.Kill(); _ = cmd.Wait() })
	lines := bufio.NewScanner(stdout)
	for _, arg := range cmd.Args {
		if !strings.HasSuffix(arg, "listen") {
			continue
		}
		lines.Scan()
		says, ok := strings.CutPrefix(lines.Text(), "Parley is listening on ")
		if !ok {
			b.Fatalf("it says %q; %s", says, &log)
		}
		addr, _, _ = strings.Cut(says, " ")
	}
	return addr
}

// benchPair is two people at a server.
type benchPair struct {
	b        *testing.B
	ann, bob *benchClient
	close    func()
}

var benchPairs int // for names that nobody had before

func newBenchPair(b *testing.B, addr string, how transport.Config) *benchPair {
	benchPairs++
	p := &benchPair{b: b, ann: newBenchClient(b, addr, fmt.Sprint("ann", benchPairs), how), bob: newBenchClient(b, addr, fmt.Sprint("bob", benchPairs), how)}
	p.close = sync.OnceFunc(func() {
		var both sync.WaitGroup
		both.Go(p.ann.close)
		both.Go(p.bob.close)
		both.Wait()
	})
	b.Cleanup(p.close)
	return p
}

// open opens a private session.
func (p *benchPair) open() *benchPair {
	p.ask()
	p.accept()
	return p
}

func (p *benchPair) ask() {
	p.ann.try(func(s *p2p.Sessions) error { return s.Start(p.bob.name, time.Now()) })
	p.ann.next(p2p.NoticeInvited)
	p.bob.next(p2p.NoticeInvitation)
}

func (p *benchPair) accept() {
	p.bob.try(func(s *p2p.Sessions) error { return s.Accept(p.ann.name, time.Now()) })
	for _, c := range []*benchClient{p.ann, p.bob} {
		c.next(p2p.NoticeOpened)
		c.isOpen = true
	}
}

// benchClient is a client without a person. Its loop owns the sessions.
type benchClient struct {
	b         *testing.B
	name      string
	isOpen    bool
	conn      net.Conn
	transport *transport.Transport
	pins      *identity.Pins
	sessions  *p2p.Sessions
	responses chan protocol.Response
	calls     chan func()
	quit      chan struct{}
	notices   chan p2p.Notice // what the person is told; of a direct message, too
	relayed   atomic.Int64    // bytes in base64
	work      sync.WaitGroup
}

func newBenchClient(b *testing.B, addr, name string, how transport.Config) *benchClient {
	b.Helper()
	var err error
	folder := filepath.Join(b.TempDir(), "private")
	if how.Identity, err = identity.Open(folder, rand.Reader, time.Now()); err != nil {
		b.Fatal(err)
	}
	c := &benchClient{b: b, name: name, transport: transport.New(how), responses: make(chan protocol.Response), calls: make(chan func()),
		quit: make(chan struct{}), notices: make(chan p2p.Notice, 1_000)}
	if c.conn, err = transport.Dialer().Dial("tcp", addr); err != nil {
		b.Fatal(err)
	}
	c.transport.ServerConnected(c.conn.LocalAddr())
	if c.pins, err = identity.OpenPins(folder, addr, c.transport.Report, func(err error) { b.Error(err) }); err != nil {
		b.Fatal(err)
	}
	c.sessions = p2p.New(p2p.Config{Server: c, Transport: c.transport, Pins: c.pins, Tell: func(n p2p.Notice) { c.notices <- n }, Tag: name})
	c.write(protocol.Request{Verb: "login", Content: protocol.Content{Text: name}, Extended: true})
	c.work.Go(c.read)
	for r := range c.responses {
		if r.Data != nil && r.Data.Event == protocol.EventLogin {
			break
		}
	}
	c.sessions.LoggedIn(name, "", time.Now())
	c.work.Go(c.loop)
	return c
}

// read decodes what the server sends.
func (c *benchClient) read() {
	defer close(c.responses)
	lines := bufio.NewScanner(c.conn)
	lines.Buffer(nil, protocol.MaxServedFrame)
	for lines.Scan() {
		if r, err := protocol.DecodeResponse(lines.Bytes()); err == nil {
			select {
			case c.responses <- r:
			case <-c.quit:
				return
			}
		}
	}
}

func (c *benchClient) loop() {
	timer := time.NewTimer(0)
	defer timer.Stop()
	responses := c.responses
	for {
		select {
		case call := <-c.calls:
			call()
		case e := <-c.transport.Events():
			c.sessions.Happened(e, time.Now())
		case r, ok := <-responses:
			if !ok {
				responses = nil
			}
			c.heard(r)
		case <-timer.C:
		case <-c.quit:
			return
		}
		if next := c.sessions.Tick(time.Now()); !next.IsZero() {
			timer.Reset(time.Until(next))
		}
	}
}

func (c *benchClient) heard(r protocol.Response) {
	switch {
	case r.Data == nil || c.sessions.FromServer(r, time.Now()):
	case r.Data.Event == protocol.EventDirect:
		c.notices <- p2p.Notice{Kind: p2p.NoticeText, Text: r.Content}
	case r.Kind == protocol.KindError && r.Ref != "stopprivate": // of a direct session there may be nothing to stop
		c.notices <- p2p.Notice{Kind: p2p.NoticeFailed, Text: r.Content}
	}
}

// Ask is that of p2p.Server.
func (c *benchClient) Ask(verb string, fields map[string]string) bool {
	c.relayed.Add(int64(len(fields["data"])))
	return c.write(protocol.Request{Verb: verb, Content: protocol.Content{Fields: fields}, Ref: verb})
}

func (c *benchClient) write(r protocol.Request) bool {
	_, err := c.conn.Write(protocol.AppendRequest(nil, r))
	return err == nil
}

// try has the loop do something with the sessions.
func (c *benchClient) try(do func(s *p2p.Sessions) error) {
	done := make(chan error, 1)
	c.calls <- func() { done <- do(c.sessions) }
	if err := <-done; err != nil {
		c.b.Fatal(err)
	}
}

// say says a text to the other one, in the session if it is open.
func (c *benchClient) say(to *benchClient) {
	c.try(func(s *p2p.Sessions) error {
		if c.isOpen {
			return s.Say(to.name, hundredBytes, time.Now())
		}
		c.write(protocol.Request{Verb: "dm", Content: protocol.Content{Text: to.name + " " + hundredBytes}})
		return nil
	})
}

// next waits for the next notice of a kind.
func (c *benchClient) next(kind p2p.NoticeKind) {
	late := time.NewTimer(deadline)
	defer late.Stop()
	for {
		select {
		case n := <-c.notices:
			switch n.Kind {
			case kind:
				return
			case p2p.NoticeFailed, p2p.NoticeEnded:
				c.b.Fatalf("%s: %s", c.name, n.Text)
			}
		case <-late.C:
			c.b.Fatalf("%s: no notice of kind %d", c.name, kind)
		}
	}
}

func (c *benchClient) close() {
	c.try(func(s *p2p.Sessions) error { s.LoggedOut(time.Now()); return nil })
	c.transport.Stop()
	c.pins.Close()
	close(c.quit)
	c.conn.Close()
	c.work.Wait()
}
