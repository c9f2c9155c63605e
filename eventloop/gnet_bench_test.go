//go:build unix

package eventloop_test

import (
	"bytes"
	"context"
	"crypto/tls"
	"io"
	"log/slog"
	"net"
	"sync"
	"testing"
	"time"

	"github.com/panjf2000/gnet/v2"
	"golang.org/x/sys/unix"
	"parley/eventloop"
)

// BenchmarkRoom is a busy room over real sockets: 60 clients, each of which
// waits for everybody's line of 120 bytes before it says its next. It compares
// one flush per turn with the same over TLS and with a write per recipient, in CPU time of server and
// clients together.
func BenchmarkRoom(b *testing.B) {
	room := func() eventloop.Handler {
		var all *eventloop.Group
		return &hooks{
			started:  func(l *eventloop.Loop) { all = l.NewGroup() },
			opened:   func(c *eventloop.Conn) { all.Add(c) },
			received: func(_ *eventloop.Conn, p []byte) { all.Send(p) },
		}
	}
	b.Run("one flush per turn", func(b *testing.B) { benchmarkRoom(b, run(b, room(), eventloop.Config{}).addr, dialSoon) })
	b.Run("over TLS", func(b *testing.B) {
		benchmarkRoom(b, runTLS(b, room(), eventloop.Config{}).addr, func(addr string) (net.Conn, error) { return tls.Dial("tcp", addr, trusting()) })
	})
	b.Run("a write per recipient", func(b *testing.B) {
		l, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			b.Fatal(err)
		}
		addr := l.Addr().String()
		l.Close()
		s := &writeThrough{booted: make(chan gnet.Engine, 1)}
		go func() {
			_ = gnet.Run(s, "tcp://"+addr, gnet.WithNumEventLoop(1), gnet.WithReuseAddr(true), gnet.WithReusePort(true), gnet.WithLogger(quiet{}))
		}()
		e := receive(b, s.booted)
		defer func() { _ = e.Stop(context.Background()) }()
		benchmarkRoom(b, addr, dialSoon)
	})
}

// writeThrough writes what comes to everybody at once.
type writeThrough struct {
	gnet.BuiltinEventEngine
	booted chan gnet.Engine
	conns  []gnet.Conn
}

func (s *writeThrough) OnBoot(e gnet.Engine) gnet.Action { s.booted <- e; return gnet.None }

func (s *writeThrough) OnOpen(c gnet.Conn) ([]byte, gnet.Action) {
	s.conns = append(s.conns, c)
	return nil, gnet.None
}

func (s *writeThrough) OnTraffic(c gnet.Conn) gnet.Action {
	p, _ := c.Next(-1)
	for _, to := range s.conns {
		_, _ = to.Write(p)
	}
	return gnet.None
}

type quiet struct{}

func (quiet) Debugf(string, ...any) {}
func (quiet) Infof(string, ...any)  {}
func (quiet) Warnf(string, ...any)  {}
func (quiet) Errorf(string, ...any) {}
func (quiet) Fatalf(string, ...any) {}

func benchmarkRoom(b *testing.B, addr string, dial func(addr string) (net.Conn, error)) {
	const clients, size = 60, 120
	line := bytes.Repeat([]byte("x"), size)
	var conns []net.Conn
	for range clients {
		c, err := dial(addr)
		if err != nil {
			b.Fatal(err)
		}
		defer c.Close()
		conns = append(conns, c)
	}
	for _, c := range conns { // until everybody is in the room
		_, _ = c.Write(line)
		_, _ = io.ReadFull(conns[0], make([]byte, size))
	}
	_, _ = conns[0].Write(bytes.Repeat([]byte("y"), size))
	for _, c := range conns { // and has read what was said until now
		for buf := make([]byte, size); buf[0] != 'y'; {
			if _, err := io.ReadFull(c, buf); err != nil {
				b.Fatal(err)
			}
		}
	}
	before := cpu()
	b.ResetTimer()
	var wg sync.WaitGroup
	for _, c := range conns {
		wg.Go(func() {
			buf := make([]byte, clients*size)
			for range b.N {
				_, _ = c.Write(line)
				_, _ = io.ReadFull(c, buf)
			}
		})
	}
	wg.Wait()
	b.ReportMetric(float64((cpu()-before).Nanoseconds())/float64(b.N)/clients/clients, "cpu-ns/delivery")
}

// dialSoon dials a server that may be about to listen.
func dialSoon(addr string) (c net.Conn, err error) {
	for range 1000 {
		if c, err = net.Dial("tcp", addr); err == nil {
			break
		}
	}
	return c, err
}

// cpu returns the time that the process has used.
func cpu() time.Duration {
	var u unix.Rusage
	_ = unix.Getrusage(unix.RUSAGE_SELF, &u)
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

// BenchmarkDoorbell is what a turn costs that is asked for from another
// goroutine: one Post and its run.
func BenchmarkDoorbell(b *testing.B) {
	loops := make(chan *eventloop.Loop, 1)
	r := run(b, &hooks{started: func(l *eventloop.Loop) { loops <- l }}, eventloop.Config{Log: slog.New(slog.DiscardHandler)})
	dial(b, r.addr)
	l := receive(b, loops)
	done := make(chan struct{})
	for b.Loop() {
		l.Post(func() { done <- struct{}{} })
		<-done
	}
}
