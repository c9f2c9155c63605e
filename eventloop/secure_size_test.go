package eventloop_test

import (
	"bytes"
	"net"
	"runtime"
	"testing"

	"parley/eventloop"
)

// A connection over TLS that has said something short and is silent takes less than 10 kB,
// its client's file in this process included.
func TestIdleTLSConnectionIsSmall(t *testing.T) {
	const clients, most = 500, 10 << 10
	r := runTLS(t, &hooks{received: echo}, eventloop.Config{})
	for _, size := range []int{100, 16 << 10} {
		before := memory()
		conns := make([]net.Conn, clients)
		for i := range conns {
			c := dialTLS(t, r.addr)
			if _, err := c.Write(bytes.Repeat([]byte("x"), size)); err != nil {
				t.Fatal(err)
			}
			read(t, c, size)
			conns[i] = c.NetConn() // and nothing of the client's TLS
		}
		each := int(memory()-before) / clients
		t.Logf("%d bytes after messages of %d", each, size)
		if size < 1000 && each > most {
			t.Errorf("a connection takes %d bytes, want %d at most", each, most)
		}
		for _, c := range conns {
			c.Close()
		}
	}
}

// memory returns how many bytes of memory are used for objects and stacks.
func memory() uint64 {
	runtime.GC()
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return m.HeapAlloc + m.StackInuse
}
