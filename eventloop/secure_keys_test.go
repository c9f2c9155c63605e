package eventloop_test

import (
	"errors"
	"strings"
	"testing"

	"parley/eventloop"
	"parley/eventloop/tlstest"
)

// dialRekeyer dials an address. It reads nothing, and its receive buffer is small.
func dialRekeyer(t testing.TB, addr string) *tlstest.Rekeyer {
	t.Helper()
	conn := dial(t, addr)
	_ = conn.SetReadBuffer(4096)
	r, err := tlstest.Handshake(conn, trusting())
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// Who changes keys again and again is dropped, whether or not the server is to do so too, and also if
// it reads nothing; so is who sends records without anything in them.
func TestTLSKeyUpdatesInExcess(t *testing.T) {
	for name, add := range map[string]func(*tlstest.Rekeyer){
		"that are answered":     func(c *tlstest.Rekeyer) { c.Update(14, true) },
		"that are not answered": func(c *tlstest.Rekeyer) { c.Update(14, false) },
		"of no data":            func(c *tlstest.Rekeyer) { c.Data("") },
	} {
		reasons := make(chan error, 1)
		h := &hooks{received: echo, closed: func(_ *eventloop.Conn, err error) { reasons <- err }}
		r := runTLS(t, h, eventloop.Config{})
		c := dialRekeyer(t, r.addr)
		for len(reasons) == 0 {
			add(c)
			c.Data(" ")
			if c.Send() != nil {
				break
			}
		}
		if err := receive(t, reasons); !errors.Is(err, eventloop.ErrRekeying) {
			t.Errorf("%s: closed because of %v", name, err)
		}
	}
}

// Right behind the handshake a client may send so many records without data at once, and is heard; one
// more, and it is dropped.
func TestTLSEmptyRecordsAtOnce(t *testing.T) {
	for name, add := range map[string]func(*tlstest.Rekeyer){
		"key updates that are answered":     func(c *tlstest.Rekeyer) { c.Update(1, true) },
		"key updates that are not answered": func(c *tlstest.Rekeyer) { c.Update(1, false) },
		"data of no bytes":                  func(c *tlstest.Rekeyer) { c.Data("") },
	} {
		ends := make(chan error, 1) // nil: the client is heard
		h := &hooks{
			received: func(*eventloop.Conn, []byte) { ends <- nil },
			closed:   func(_ *eventloop.Conn, err error) { ends <- err },
		}
		addr := runTLS(t, h, eventloop.Config{}).addr
		for _, tt := range []struct {
			records int
			behind  string
			want    error
		}{
			{eventloop.MaxEmptyRecords, "x", nil},
			{eventloop.MaxEmptyRecords + 1, "x", eventloop.ErrRekeying},
			{eventloop.MaxEmptyRecords + 1, "", eventloop.ErrRekeying},
		} {
			c := dialRekeyer(t, addr)
			for range tt.records {
				add(c)
			}
			if tt.behind != "" {
				c.Data(tt.behind)
			}
			if err := c.Send(); err != nil {
				t.Fatal(err)
			}
			if err := receive(t, ends); !errors.Is(err, tt.want) {
				t.Errorf("%s, %d records and %q: %v", name, tt.records, tt.behind, err)
			}
		}
	}
}

// Of many key updates at once, no more than the limit are carried out: meanwhile nobody else on the
// loop is served.
func TestTLSKeyUpdatesAtOnce(t *testing.T) {
	got, reasons := 0, make(chan error, 1)
	h := &hooks{
		received: func(_ *eventloop.Conn, b []byte) { got += len(b) },
		closed:   func(_ *eventloop.Conn, err error) { reasons <- err },
	}
	c := dialRekeyer(t, runTLS(t, h, eventloop.Config{}).addr)
	for range 1000 {
		c.Update(1, true)
		c.Data("x")
	}
	_ = c.Send()
	if err := receive(t, reasons); !errors.Is(err, eventloop.ErrRekeying) || got != eventloop.MaxEmptyRecords {
		t.Errorf("closed because of %v, behind %d key updates", err, got)
	}
}

// Who puts each byte into a record of its own is heard.
func TestTLSRecordsOfAByte(t *testing.T) {
	got := make(chan int, 1000)
	h := &hooks{received: func(c *eventloop.Conn, b []byte) { got <- len(b) }}
	c := dialRekeyer(t, runTLS(t, h, eventloop.Config{}).addr)
	const size = 10_000
	for range size {
		c.Data("x")
	}
	if err := c.Send(); err != nil {
		t.Fatal(err)
	}
	for n := 0; n < size; {
		n += receive(t, got)
	}
}

// Who changes keys now and then, and says much in large and small records, is heard.
func TestTLSKeyUpdatesNowAndThen(t *testing.T) {
	got := make(chan int, 1)
	h := &hooks{received: func(c *eventloop.Conn, b []byte) { got <- len(b) }}
	r := runTLS(t, h, eventloop.Config{})
	conn := dial(t, r.addr)
	c, err := tlstest.Handshake(conn, trusting())
	if err != nil {
		t.Fatal(err)
	}
	c.Over(pieces{conn, 1000}) // which cuts heads of records
	for i := range 40 {
		if i%10 == 0 {
			c.Update(1, i%20 == 0)
		}
		for _, size := range []int{1, 200, 16 << 10} {
			c.Data(strings.Repeat("x", size))
			if err := c.Send(); err != nil {
				t.Fatal(err)
			}
			if n := receive(t, got); n != size {
				t.Fatalf("%d bytes came, not %d", n, size)
			}
		}
	}
}

// What TLS answers by itself counts in what waits for a client that reads nothing, and so in what
// may.
func TestTLSAnswersCount(t *testing.T) {
	const updates, size, limit = 2, 20, 2 << 20 // size: bytes of an answer, at least
	conns, waiting, reasons := make(chan *eventloop.Conn, 1), make(chan int, 1), make(chan error, 1)
	h := &hooks{
		opened:   func(c *eventloop.Conn) { conns <- c },
		received: func(c *eventloop.Conn, _ []byte) { waiting <- c.Waiting() },
		closed:   func(_ *eventloop.Conn, err error) { reasons <- err },
	}
	r := runTLS(t, h, eventloop.Config{MaxOutbound: limit})
	c := dialRekeyer(t, r.addr)
	up := receive(t, conns)
	fill := func(to int) (n int) {
		up.Loop().Post(func() { up.Send(make([]byte, max(to-up.Waiting(), 0))) })
		up.Loop().Post(func() { up.Loop().Post(func() { waiting <- up.Waiting() }) }) // in the next turn
		return receive(t, waiting)
	}
	answer := func() (n int) {
		c.Update(updates, true)
		c.Data("x")
		if err := c.Send(); err != nil {
			t.Fatal(err)
		}
		return receive(t, waiting)
	}
	before := fill(limit / 2)
	if before < limit/4 {
		t.Fatalf("only %d bytes wait: that is no test", before)
	}
	if n := answer(); n < before+updates*size {
		t.Errorf("%d bytes wait, and %d before", n, before)
	}
	for full := limit - updates*size/2; fill(full) < full; { // the sockets may take some more
	}
	c.Update(updates, true)
	c.Data("x")
	_ = c.Send()
	if err := receive(t, reasons); !errors.Is(err, eventloop.ErrSlow) {
		t.Errorf("closed because of %v", err)
	}
}
