package eventloop_test

import (
	"bytes"
	"crypto/aes"
	"crypto/cipher"
	"crypto/hkdf"
	"crypto/sha256"
	"crypto/tls"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"io"
	"net"
	"strings"

	"testing"

	"golang.org/x/crypto/chacha20poly1305"

	"parley/eventloop"
)

// A rekeyer is a client that can ask for new keys, which crypto/tls cannot as a client. That
// does the handshake, behind which the rekeyer writes its records itself. It reads nothing.
type rekeyer struct {
	t      testing.TB
	conn   io.Writer
	suite  uint16
	secret []byte // of what the client sends
	aead   cipher.AEAD
	iv     []byte
	serial uint64
	out    bytes.Buffer // records that are to be sent
}

func dialRekeyer(t testing.TB, addr string) *rekeyer {
	t.Helper()
	conn := dial(t, addr)
	_ = conn.SetReadBuffer(4096)
	cfg := trusting()
	var keys bytes.Buffer
	cfg.KeyLogWriter, cfg.MinVersion = &keys, tls.VersionTLS13
	r := &rekeyer{t: t, conn: conn, suite: overTLS(t, conn, cfg).ConnectionState().CipherSuite}
	for line := range bytes.Lines(keys.Bytes()) {
		if f := bytes.Fields(line); string(f[0]) == "CLIENT_TRAFFIC_SECRET_0" {
			r.secret, _ = hex.DecodeString(string(f[2]))
		}
	}
	r.useSecret()
	return r
}

// expand is HKDF-Expand-Label of RFC 8446, 7.1, without a context.
func (r *rekeyer) expand(label string, length int) []byte {
	label = "tls13 " + label
	info := string(binary.BigEndian.AppendUint16(nil, uint16(length))) + string(rune(len(label))) + label + "\x00"
	b, err := hkdf.Expand(sha256.New, r.secret, info, length)
	if err != nil {
		r.t.Fatal(err)
	}
	return b
}

// useSecret derives the keys of what is sent from now on.
func (r *rekeyer) useSecret() {
	var err error
	switch r.suite {
	case tls.TLS_AES_128_GCM_SHA256:
		block, _ := aes.NewCipher(r.expand("key", 16))
		r.aead, err = cipher.NewGCM(block)
	case tls.TLS_CHACHA20_POLY1305_SHA256:
		r.aead, err = chacha20poly1305.New(r.expand("key", chacha20poly1305.KeySize))
	default:
		err = errors.New("no keys can be derived for " + tls.CipherSuiteName(r.suite))
	}
	if err != nil {
		r.t.Fatal(err)
	}
	r.iv, r.serial = r.expand("iv", 12), 0
}

// record adds one of a type.
func (r *rekeyer) record(kind byte, content []byte) {
	plain := append(bytes.Clone(content), kind)
	header := binary.BigEndian.AppendUint16([]byte{23, 3, 3}, uint16(len(plain)+r.aead.Overhead()))
	nonce := bytes.Clone(r.iv)
	for i, b := range binary.BigEndian.AppendUint64(nil, r.serial) {
		nonce[4+i] ^= b
	}
	r.serial++
	r.out.Write(header)
	r.out.Write(r.aead.Seal(nil, nonce, plain, header))
}

// data adds a record with what a handler receives.
func (r *rekeyer) data(text string) { r.record(23, []byte(text)) }

// update adds n changes of the client's keys; if wanted, the server is to change its own.
func (r *rekeyer) update(n int, wanted bool) {
	for range n {
		request := byte(0)
		if wanted {
			request = 1
		}
		r.record(22, []byte{24, 0, 0, 1, request})
		r.secret = r.expand("traffic upd", len(r.secret))
		r.useSecret()
	}
}

// send sends what was added.
func (r *rekeyer) send() error {
	_, err := r.out.WriteTo(r.conn)
	return err
}

// Who changes keys again and again is dropped, whether or not the server is to do so too, and also if
// it reads nothing; so is who sends records without anything in them.
func TestTLSKeyUpdatesInExcess(t *testing.T) {
	for name, add := range map[string]func(*rekeyer){
		"that are answered":     func(c *rekeyer) { c.update(14, true) },
		"that are not answered": func(c *rekeyer) { c.update(14, false) },
		"of no data":            func(c *rekeyer) { c.data("") },
	} {
		reasons := make(chan error, 1)
		h := &hooks{received: echo, closed: func(_ *eventloop.Conn, err error) { reasons <- err }}
		r := runTLS(t, h, eventloop.Config{})
		c := dialRekeyer(t, r.addr)
		for len(reasons) == 0 {
			add(c)
			c.data(" ")
			if c.send() != nil {
				break
			}
		}
		if err := receive(t, reasons); !errors.Is(err, eventloop.ErrRekeying) {
			t.Errorf("%s: closed because of %v", name, err)
		}
	}
}

// Who changes keys now and then, and says much in large and small records, is heard.
func TestTLSKeyUpdatesNowAndThen(t *testing.T) {
	got := make(chan int, 1)
	h := &hooks{received: func(c *eventloop.Conn, b []byte) { got <- len(b) }}
	r := runTLS(t, h, eventloop.Config{})
	c := dialRekeyer(t, r.addr)
	c.conn = pieces{c.conn.(net.Conn), 1000} // which cuts heads of records
	for i := range 40 {
		c.update(1, i%2 == 0)
		for _, size := range []int{1, 200, 16 << 10} {
			c.data(strings.Repeat("x", size))
			if err := c.send(); err != nil {
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
	const updates, size, limit = 14, 20, 2 << 20 // size: bytes of an answer, at least
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
		c.update(updates, true)
		c.data("x")
		if err := c.send(); err != nil {
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
	c.update(updates, true)
	c.data("x")
	_ = c.send()
	if err := receive(t, reasons); !errors.Is(err, eventloop.ErrSlow) {
		t.Errorf("closed because of %v", err)
	}
}
