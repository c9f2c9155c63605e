package conn

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"errors"
	"io"
	"math/big"
	"net"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"parley/eventloop/cert"
	"parley/eventloop/client/known"
)

// made is a certificate with its key, and who has signed it.
type made struct {
	tls.Certificate
	key *ecdsa.PrivateKey
}

func (m made) fingerprint() string { return cert.Fingerprint(m.Leaf) }

// certify makes a certificate for hosts that issuer signs; nil: it signs itself. One for no
// hosts may sign others.
func certify(t *testing.T, issuer *made, until time.Time, hosts ...string) made {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "parley"}, NotBefore: time.Now().Add(-24 * time.Hour), NotAfter: until,
		IsCA: len(hosts) == 0, BasicConstraintsValid: true}
	for _, h := range hosts {
		if ip := net.ParseIP(h); ip != nil {
			template.IPAddresses = append(template.IPAddresses, ip)
		} else {
			template.DNSNames = append(template.DNSNames, h)
		}
	}
	m := made{key: key}
	parent, signer := template, key
	if issuer != nil {
		parent, signer = issuer.Leaf, issuer.key
	}
	der, err := x509.CreateCertificate(rand.Reader, template, parent, &key.PublicKey, signer)
	if err != nil {
		t.Fatal(err)
	}
	m.Certificate = tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key}
	if issuer != nil {
		m.Certificate.Certificate = append(m.Certificate.Certificate, issuer.Certificate.Certificate...)
	}
	if m.Leaf, err = x509.ParseCertificate(der); err != nil {
		t.Fatal(err)
	}
	return m
}

// answering listens on loopback and has each connection handled.
func answering(t *testing.T, handle func(net.Conn)) (addr string) {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	var work sync.WaitGroup
	work.Go(func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			work.Go(func() {
				defer c.Close()
				handle(c)
			})
		}
	})
	t.Cleanup(func() { l.Close(); work.Wait() })
	return l.Addr().String()
}

// speakingTLS greets with a response and sends back what comes.
func speakingTLS(t *testing.T, m made, change ...func(*tls.Config)) (addr string) {
	t.Helper()
	cfg := &tls.Config{Certificates: []tls.Certificate{m.Certificate}}
	for _, c := range change {
		c(cfg)
	}
	return answering(t, func(raw net.Conn) {
		c := tls.Server(raw, cfg)
		defer c.Close()
		_, _ = io.WriteString(c, `{"response":"info","content":"hi"}`+"\n")
		_, _ = io.Copy(c, c)
	})
}

// to connects to an address that is known by the name of another host.
func to(addr, host string) *Secure {
	_, port, _ := net.SplitHostPort(addr)
	return &Secure{Server: net.JoinHostPort(host, port), Roots: x509.NewCertPool(), Dial: func(ctx context.Context) (net.Conn, error) {
		return new(net.Dialer).DialContext(ctx, "tcp", addr)
	}}
}

// A server that nobody vouches for is told with its key at first, is known then, and
// refused with another one, until it has the one of before or that one is said.
func TestSecureOfAServerThatMakesItsOwnKey(t *testing.T) {
	later := time.Now().Add(time.Hour)
	first, second := certify(t, nil, later), certify(t, nil, later)
	servers := known.In(filepath.Join(t.TempDir(), "known_servers"))
	var mu sync.Mutex
	now := first
	addr := speakingTLS(t, first, func(c *tls.Config) {
		c.GetCertificate = func(*tls.ClientHelloInfo) (*tls.Certificate, error) {
			mu.Lock()
			defer mu.Unlock()
			return &now.Certificate, nil
		}
	})
	connect := func(pin string) (*FirstKey, error) {
		t.Helper()
		s := to(addr, "chat.example")
		s.Known, s.Pin = servers, pin
		c, err := s.Connect(t.Context())
		if err != nil {
			return nil, err
		}
		defer c.Close()
		return c.(*secureConn).first, c.(*secureConn).unkept
	}
	use := func(m made) {
		mu.Lock()
		defer mu.Unlock()
		now = m
	}
	met, err := connect("")
	if err != nil || met == nil || met.Fingerprint != first.fingerprint() || met.Why == nil {
		t.Fatalf("the first time: %+v, %v", met, err)
	}
	if met, err := connect(""); met != nil || err != nil {
		t.Errorf("the second time: %+v, %v", met, err)
	}
	use(second)
	var wrong *WrongKeyError
	for range 2 {
		_, err := connect("")
		if !errors.As(err, &wrong) || wrong.Now != second.fingerprint() || wrong.Right != first.fingerprint() || wrong.Pinned {
			t.Fatalf("another key: %v", err)
		}
	}
	if _, err := connect(first.fingerprint()); !errors.As(err, &wrong) || !wrong.Pinned || wrong.Right != first.fingerprint() || wrong.Now != second.fingerprint() {
		t.Errorf("another key than is said: %v", err)
	}
	use(first)
	if met, err := connect(""); met != nil || err != nil {
		t.Errorf("the first key again: %+v, %v", met, err)
	}
	use(second)
	for _, pin := range []string{second.fingerprint(), ""} {
		if met, err := connect(pin); met != nil || err != nil {
			t.Errorf("a new key that was said is right: %+v, %v", met, err)
		}
	}
	use(first)
	if _, err := connect(""); !errors.As(err, &wrong) || wrong.Right != second.fingerprint() {
		t.Errorf("the key of before is not right any more: %v", err)
	}
}

// Whoever a certificate authority vouches for needs no introduction, if it is in that name
// and still so. Where nothing may be remembered, nobody else is let in.
func TestSecureWithCertificateAuthorities(t *testing.T) {
	later, before := time.Now().Add(time.Hour), time.Now().Add(-time.Hour)
	root, stranger := certify(t, nil, later), certify(t, nil, later)
	between, leaf := certify(t, &root, later), certify(t, &root, later, "other.example")
	for _, tt := range []struct {
		name, host string
		server     made
		doubt      string // "": it is vouched for
	}{
		{"in that name", "chat.example", certify(t, &root, later, "chat.example"), ""},
		{"in other letters", "Chat.Example", certify(t, &root, later, "chat.example"), ""},
		{"with its address", "127.0.0.1", certify(t, &root, later, "127.0.0.1"), ""},
		{"in another name", "chat.example", certify(t, &root, later, "other.example"), "other.example"},
		{"with another address", "127.0.0.1", certify(t, &root, later, "127.0.0.2"), "127.0.0.2"},
		{"with a name in place of an address", "127.0.0.1", certify(t, &root, later, "chat.example"), "127.0.0.1"},
		{"too late", "chat.example", certify(t, &root, before, "chat.example"), "expired"},
		{"by one whom nobody believes", "chat.example", certify(t, &stranger, later, "chat.example"), "unknown authority"},
		{"by itself", "chat.example", certify(t, nil, later, "chat.example"), "unknown authority"},
		{"by itself, in no name", "127.0.0.1", certify(t, nil, later), "unknown authority"},
		{"by one in between", "chat.example", certify(t, &between, later, "chat.example"), ""},
		{"by one who may not", "chat.example", certify(t, &leaf, later, "chat.example"), "unknown authority"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			addr := speakingTLS(t, tt.server)
			s := to(addr, tt.host)
			s.Roots.AddCert(root.Leaf)
			c, err := s.Connect(t.Context())
			if err == nil {
				c.Close()
			}
			var wrong *WrongKeyError
			switch refused := errors.As(err, &wrong); {
			case tt.doubt == "" && err != nil:
				t.Error(err)
			case tt.doubt != "" && (!refused || wrong.Right != "" || wrong.Now != tt.server.fingerprint() || !strings.Contains(wrong.Why.Error(), tt.doubt)):
				t.Errorf("it is %v, not a doubt about %s", err, tt.doubt)
			}
		})
	}
}

// A server that is vouched for may have a new key at any time, but not one for which
// nobody vouches any more.
func TestSecureRemembersWhoIsVouchedFor(t *testing.T) {
	later := time.Now().Add(time.Hour)
	root := certify(t, nil, later)
	old, renewed, own := certify(t, &root, later, "chat.example"), certify(t, &root, later, "chat.example"), certify(t, nil, later)
	servers := known.In(filepath.Join(t.TempDir(), "known_servers"))
	now := make(chan made, 1)
	addr := speakingTLS(t, old, func(c *tls.Config) {
		c.GetCertificate = func(*tls.ClientHelloInfo) (*tls.Certificate, error) { m := <-now; return &m.Certificate, nil }
	})
	for i, m := range []made{old, renewed, own, renewed} {
		now <- m
		s := to(addr, "chat.example")
		s.Known = servers
		s.Roots.AddCert(root.Leaf)
		c, err := s.Connect(t.Context())
		if m.key == own.key {
			var wrong *WrongKeyError
			if !errors.As(err, &wrong) || wrong.Right != renewed.fingerprint() || wrong.Now != own.fingerprint() {
				t.Errorf("the key of its own: %v", err)
			}
			continue
		}
		if err != nil {
			t.Fatalf("key %d: %v", i, err)
		}
		if got, err := servers.Fingerprint(s.Server); got != m.fingerprint() || err != nil || c.(*secureConn).first != nil {
			t.Errorf("key %d: %s is known (%v), and it is told: %+v", i, got, err, c.(*secureConn).first)
		}
		c.Close()
	}
}

// What cannot be remembered lets nobody in but whom something else vouches for.
func TestSecureWithoutAMemory(t *testing.T) {
	own := certify(t, nil, time.Now().Add(time.Hour))
	addr := speakingTLS(t, own)
	path := filepath.Join(t.TempDir(), "known_servers")
	if err := os.WriteFile(path, []byte("nonsense\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	s := to(addr, "chat.example")
	s.Known = known.In(path)
	var unknown *MemoryError
	if c, err := s.Connect(t.Context()); !errors.As(err, &unknown) || !strings.Contains(err.Error(), path+":1:") {
		t.Errorf("%v, %v", c, err)
		if err == nil {
			c.Close()
		}
	}
	s.Pin = own.fingerprint()
	c, err := s.Connect(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	if unkept := c.(*secureConn).unkept; unkept == nil || !strings.Contains(unkept.Error(), path) {
		t.Errorf("it is told that %v", unkept)
	}
}

// What does not answer in TLS is told, and nothing but the TLS greeting was sent to it.
func TestSecureOfWhatIsNoTLS(t *testing.T) {
	later := time.Now().Add(time.Hour)
	for _, tt := range []struct {
		name   string
		handle func(net.Conn)
		other  bool // it has said something else
		said   string
	}{
		{"a plain server's error", func(c net.Conn) {
			_, _ = c.Read(make([]byte, 1))
			_, _ = io.WriteString(c, `{"response":"error","content":"This is no JSON."}`+"\n")
			_, _ = io.Copy(io.Discard, c)
		}, true, "This is no JSON."},
		{"a refusal before anything was sent", func(c net.Conn) {
			_, _ = io.WriteString(c, `{"timestamp":"2026-11-26T12:00:00Z","sender":"server","response":"error","content":"The server is full."}`+"\n")
		}, true, "The server is full."},
		{"a refusal in pieces", func(c net.Conn) {
			_, _ = io.WriteString(pieces{c}, `{"response":"error","content":"The \u001b[31mserver is full."}`+"\nand more")
			_, _ = io.Copy(io.Discard, c)
		}, true, "The server is full."},
		{"a refusal in words", func(c net.Conn) { _, _ = io.WriteString(c, "Full.\x1b]0;title\x07\r\nTry again.") }, true, "Full."}, // closed with the greeting unread
		{"a few bytes", func(c net.Conn) { _, _ = io.WriteString(c, "no") }, true, "no"},
		{"a long line", func(c net.Conn) {
			_, _ = io.WriteString(c, strings.Repeat("long ", 2000))
			_, _ = io.Copy(io.Discard, c)
		}, true, strings.Repeat("long ", 60) + "..."},
		{"what is not readable", func(c net.Conn) { _, _ = io.WriteString(c, "\xff\xfe no TLS\n"); _, _ = io.Copy(io.Discard, c) }, true, ""},
		{"a greeting", func(c net.Conn) {
			_, _ = io.WriteString(c, "SSH-2.0-OpenSSH_9.9\r\n")
			_, _ = io.Copy(io.Discard, c)
		}, true, "SSH-2.0-OpenSSH_9.9"},
		{"nothing but the end", func(c net.Conn) { _, _ = c.Read(make([]byte, 64<<10)) }, false, ""},
		{"a reset", func(c net.Conn) {
			_, _ = c.Read(make([]byte, 1))
			_ = c.(*net.TCPConn).SetLinger(0)
		}, false, ""},
		{"half of a handshake", func(c net.Conn) {
			_, _ = c.Read(make([]byte, 64<<10))
			_, _ = c.Write([]byte{22, 3, 3, 0, 100, 2})
		}, false, ""},
		{"TLS that is too old", func(c net.Conn) {
			_ = tls.Server(c, &tls.Config{Certificates: []tls.Certificate{certify(t, nil, later).Certificate}, MinVersion: tls.VersionTLS10, MaxVersion: tls.VersionTLS11}).Handshake()
		}, false, ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			s := to(answering(t, tt.handle), "127.0.0.1")
			s.Known = known.In(filepath.Join(t.TempDir(), "known_servers"))
			_, err := s.Connect(t.Context())
			var other *NotTLSError
			var failed *HandshakeError
			if errors.As(err, &other) != tt.other || errors.As(err, &failed) == tt.other {
				t.Errorf("%T: %v", err, err)
			}
			if other != nil && other.Said != tt.said {
				t.Errorf("it says %q, want %q", other.Said, tt.said)
			}
			if _, err := os.Stat(s.Known.Path()); err == nil {
				t.Error("it is remembered as a server with TLS")
			}
		})
	}
}

// pieces is a connection that sends single bytes.
type pieces struct{ net.Conn }

func (p pieces) Write(b []byte) (int, error) {
	for i := range b {
		if _, err := p.Conn.Write(b[i : i+1]); err != nil {
			return i, err
		}
	}
	return len(b), nil
}

// Nothing that a user says goes to a server with another key.
func TestSecureSendsNothingToAnother(t *testing.T) {
	said := make(chan []byte, 1)
	own := certify(t, nil, time.Now().Add(time.Hour))
	addr := answering(t, func(c net.Conn) {
		b, _ := io.ReadAll(tls.Server(c, &tls.Config{Certificates: []tls.Certificate{own.Certificate}}))
		said <- b
	})
	s := to(addr, "127.0.0.1")
	s.Pin = "sha256:" + strings.Repeat("00", 32)
	l := New(s.Connect)
	defer l.Stop()
	l.Dial(1)
	if e := <-l.Events(); e.Err == nil || e.Link != nil {
		t.Fatalf("%+v", e)
	}
	if b := <-said; len(b) > 0 {
		t.Errorf("it was told %q", b)
	}
}

// A server that is silent is given up after a time, whoever waits can stop before.
func TestSecureOfASilentServer(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		far := make(chan net.Conn, 2)
		s := &Secure{Server: "chat.example:9999", Dial: func(context.Context) (net.Conn, error) {
			near, server := net.Pipe()
			far <- server
			go func() { _, _ = io.Copy(io.Discard, server) }()
			return near, nil
		}}
		began := time.Now()
		_, err := s.Connect(t.Context())
		var failed *HandshakeError
		if !errors.As(err, &failed) || !errors.Is(err, context.DeadlineExceeded) || time.Since(began) != handshakePatience {
			t.Errorf("after %s: %v", time.Since(began), err)
		}
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		if _, err := s.Connect(ctx); err != context.DeadlineExceeded || time.Since(began) != handshakePatience+time.Second {
			t.Errorf("after %s: %v", time.Since(began), err)
		}
	})
}
