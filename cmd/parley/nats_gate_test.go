//go:build unix

package main

import (
	"io"
	"net"
	"strings"
	"sync"
	"testing"
)

// A gate stands between a node and the servers of NATS, and can be shut: then all connections
// are closed, and so is each new one.
type gate struct {
	urls []string // of the servers, as the node reaches them

	mu    sync.Mutex
	shut  bool
	conns map[net.Conn]struct{}
}

// newGate returns one before some servers, which is open.
func newGate(t *testing.T, servers []string) *gate {
	g := &gate{conns: make(map[net.Conn]struct{})}
	var all sync.WaitGroup
	var listeners []net.Listener
	for _, url := range servers {
		l, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			t.Fatal(err)
		}
		listeners = append(listeners, l)
		g.urls = append(g.urls, "nats://"+l.Addr().String())
		all.Go(func() {
			for {
				near, err := l.Accept()
				if err != nil {
					return
				}
				all.Go(func() { g.pass(near, strings.TrimPrefix(url, "nats://")) })
			}
		})
	}
	t.Cleanup(func() {
		for _, l := range listeners {
			_ = l.Close()
		}
		g.set(true)
		all.Wait()
	})
	return g
}

// set shuts the gate, or opens it.
func (g *gate) set(shut bool) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.shut = shut
	if shut {
		for c := range g.conns {
			_ = c.Close()
		}
	}
}

// pass passes on what comes on a connection, both ways, until either end is closed.
func (g *gate) pass(near net.Conn, addr string) {
	defer near.Close()
	far, err := net.Dial("tcp", addr)
	if err != nil {
		return // the server has ended
	}
	defer far.Close()
	g.mu.Lock()
	if g.shut {
		g.mu.Unlock()
		return
	}
	g.conns[near], g.conns[far] = struct{}{}, struct{}{}
	g.mu.Unlock()
	defer func() {
		g.mu.Lock()
		defer g.mu.Unlock()
		delete(g.conns, near)
		delete(g.conns, far)
	}()
	var both sync.WaitGroup
	one := func(to, from net.Conn) {
		_, _ = io.Copy(to, from) // it has ended, whatever the reason
		_ = to.Close()
		_ = from.Close()
	}
	both.Go(func() { one(far, near) })
	both.Go(func() { one(near, far) })
	both.Wait()
}
