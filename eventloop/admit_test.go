package eventloop_test

import (
	"net"
	"net/netip"
	"testing"

	"parley/eventloop"
)

// Of everyone who was let in it is told once that they are gone, however they go: the handler is,
// or Left of those with whom TLS was never agreed upon.
func TestEachThatWasLetInLeaves(t *testing.T) {
	left := make(chan string, 100)
	cfg := eventloop.Config{Admit: func(netip.AddrPort) []byte { return nil }, Left: func(remote netip.AddrPort) { left <- remote.String() }}
	h := &hooks{received: echo, closed: func(c *eventloop.Conn, _ error) { left <- c.Remote().String() }}
	plain, secure := run(t, h, cfg).addr, runTLS(t, h, cfg).addr
	whole := hello(t)
	for _, tt := range []struct {
		name, addr string
		do         func(*net.TCPConn)
	}{
		{"closes", plain, func(c *net.TCPConn) { c.Close() }},
		{"says something and closes", plain, func(c *net.TCPConn) { _, _ = c.Write([]byte("x")); read(t, c, 1); c.Close() }},
		{"resets", plain, func(c *net.TCPConn) { _ = c.SetLinger(0); c.Close() }},
		{"closes without TLS", secure, func(c *net.TCPConn) { c.Close() }},
		{"is no TLS", secure, func(c *net.TCPConn) {
			_, _ = c.Write([]byte("GET / HTTP/1.1\r\n\r\n"))
			read(t, c, len(notTLS))
			c.Close()
		}},
		{"closes in the hello", secure, func(c *net.TCPConn) { _, _ = c.Write(whole[:len(whole)/2]); c.Close() }},
		{"resets behind the hello", secure, func(c *net.TCPConn) { _, _ = c.Write(whole); read(t, c, 1); _ = c.SetLinger(0); c.Close() }},
		{"closes with TLS", secure, func(c *net.TCPConn) { _ = overTLS(t, c, trusting()).Close() }},
	} {
		c := dial(t, tt.addr)
		tt.do(c)
		if got := receive(t, left); got != c.LocalAddr().String() {
			t.Errorf("%s: %s has left, not %s", tt.name, got, c.LocalAddr())
		}
	}
	if len(left) > 0 {
		t.Errorf("%s has left once more", <-left)
	}
}
