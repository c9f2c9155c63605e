package main

import (
	"bytes"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"fmt"
	"io"
	"math/big"
	"net"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"

	"parley/eventloop/cert"
	"parley/users/store"
)

// front stands before a server and speaks TLS, or passes on what comes.
type front struct {
	t    *testing.T
	addr string

	mu    sync.Mutex
	now   *tls.Certificate // nil: without TLS
	conns []net.Conn
}

func newFront(t *testing.T, server string, c *tls.Certificate) *front {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	f := &front{t: t, addr: l.Addr().String(), now: c}
	var work sync.WaitGroup
	work.Go(func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			work.Go(func() { f.pass(c, server) })
		}
	})
	t.Cleanup(func() { l.Close(); f.cut(); work.Wait() })
	return f
}

func (f *front) pass(c net.Conn, to string) {
	server, err := net.Dial("tcp", to)
	if err != nil {
		c.Close()
		return
	}
	f.mu.Lock()
	f.conns = append(f.conns, c, server)
	if f.now != nil {
		c = tls.Server(c, &tls.Config{Certificates: []tls.Certificate{*f.now}})
	}
	f.mu.Unlock()
	var work sync.WaitGroup
	work.Go(func() {
		_, _ = io.Copy(server, c)
		server.Close()
	})
	_, _ = io.Copy(c, server)
	c.Close()
	work.Wait()
}

// use has the next connections meet another key; nil: no TLS.
func (f *front) use(c *tls.Certificate) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.now = c
}

// cut ends all connections.
func (f *front) cut() {
	f.mu.Lock()
	defer f.mu.Unlock()
	for _, c := range f.conns {
		c.Close()
	}
	f.conns = nil
}

// ownCertificate returns a certificate for localhost that is its own authority.
func ownCertificate(t *testing.T) *tls.Certificate {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{SerialNumber: big.NewInt(1), NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour),
		DNSNames: []string{"localhost"}, IsCA: true, BasicConstraintsValid: true}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
	if err != nil {
		t.Fatal(err)
	}
	c := &tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key}
	if c.Leaf, err = x509.ParseCertificate(der); err != nil {
		t.Fatal(err)
	}
	return c
}

// says has parley chat say hello, with a folder for its state, and returns what it writes
// on standard error.
func says(t *testing.T, state string, args ...string) (stderr string, status int) {
	t.Helper()
	cmd := parley(t, append([]string{"chat"}, args...)...)
	cmd.Env = append(cmd.Env, "XDG_STATE_HOME="+state)
	cmd.Stdin = strings.NewReader("hello\n")
	var out bytes.Buffer
	cmd.Stderr = &out
	_ = cmd.Run()
	return out.String(), cmd.ProcessState.ExitCode()
}

// A server with a key of its own: it is introduced once, spoken to with TLS from then on,
// and not with another key or without TLS, until the person says that it is right.
func TestChatWithTLS(t *testing.T) {
	t.Parallel()
	s, state := serve(t, "127.0.0.1:0"), t.TempDir()
	first, second := ownCertificate(t), ownCertificate(t)
	f := newFront(t, s.addrs[0], first)
	path := filepath.Join(state, "parley", "known_servers")
	_, port, _ := net.SplitHostPort(f.addr)
	knows := func(c *tls.Certificate) {
		t.Helper()
		want := fmt.Sprintf("localhost:%s %s\n", port, cert.Fingerprint(c.Leaf))
		if text, err := os.ReadFile(path); string(text) != want || err != nil {
			t.Errorf("it knows %q (%v), not %q", text, err, want)
		}
	}
	expect := func(what string, status int, words []string, args ...string) (stderr string) {
		t.Helper()
		stderr, got := says(t, state, args...)
		for _, w := range words {
			if !strings.Contains(stderr, w) {
				t.Errorf("%s: it does not say %q but %q", what, w, stderr)
			}
		}
		if got != status || len(words) == 0 && stderr != "" {
			t.Errorf("%s: exit status %d, want %d: %q", what, got, status, stderr)
		}
		return stderr
	}
	expect("the first time", exitDone, []string{"is new here", cert.Fingerprint(first.Leaf)}, "parleys://alice@"+f.addr)
	knows(first)
	expect("the second time", exitDone, nil, "--tls", "alice@"+f.addr)
	expect("with TLS as before", exitDone, nil, "alice@"+f.addr)
	expect("by another name", exitDone, nil, "alice@localhost:"+port)

	f.use(second)
	words := expect("another key", exitNoConnection, []string{"HAS CHANGED, so nothing was sent there", cert.Fingerprint(first.Leaf), cert.Fingerprint(second.Leaf)}, "alice@"+f.addr)
	knows(first)
	_, command, _ := strings.Cut(words, "type:\n")
	args := strings.Fields(command)
	if len(args) < 3 || args[0] != "parley" || args[1] != "chat" {
		t.Fatalf("it says to type %q", args)
	}
	expect("what it says to type", exitDone, nil, args[2:]...)
	knows(second)
	expect("the new key is known", exitDone, nil, "alice@"+f.addr)
	expect("another key than is said", exitNoConnection, []string{"NOT the one that --tls-pin says"}, "--tls-pin", cert.Fingerprint(first.Leaf), "alice@"+f.addr)
	knows(second)

	f.use(nil)
	expect("no TLS any more", exitNoConnection, []string{"is not TLS, so nothing was sent there", "It had TLS before, as " + path}, "alice@"+f.addr)
	if err := os.Remove(path); err != nil {
		t.Fatal(err)
	}
	expect("the person knows that", exitDone, nil, "alice@"+f.addr)
	expect("TLS where there is none", exitNoConnection, []string{"is not TLS, so nothing was sent there. It says: \"Good bye: that is not JSON", "Is there a server with TLS at another port?"}, "--tls", "alice@"+f.addr)
	if _, err := os.Stat(path); err == nil {
		t.Error("a server without TLS is known to have it")
	}
}

// A certificate authority of the system may vouch for a server.
func TestChatWithTLSOfTheSystem(t *testing.T) {
	t.Parallel()
	if runtime.GOOS != "linux" {
		t.Skip("only there a variable says whom the system believes")
	}
	s, own, state := serve(t, "127.0.0.1:0"), ownCertificate(t), t.TempDir()
	f := newFront(t, s.addrs[0], own)
	_, port, _ := net.SplitHostPort(f.addr)
	roots := filepath.Join(t.TempDir(), "roots.pem")
	if err := os.WriteFile(roots, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: own.Leaf.Raw}), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, args := range [][]string{{"chat", "parleys://alice@localhost:" + port}, {"chat", "alice@localhost:" + port}, {"load", "parleys://localhost:" + port, "--clients=2", "--duration=100ms"}} {
		cmd := parley(t, args...)
		cmd.Env = append(cmd.Env, "XDG_STATE_HOME="+state, "SSL_CERT_FILE="+roots)
		var stderr bytes.Buffer
		cmd.Stderr = &stderr
		if err := cmd.Run(); err != nil || stderr.Len() > 0 {
			t.Errorf("%q: %v: %s", args, err, &stderr)
		}
	}
	// Without that authority it is the server of before: it has shown that key.
	if stderr, status := says(t, state, "alice@localhost:"+port); status != exitDone || stderr != "" {
		t.Errorf("exit status %d: %s", status, stderr)
	}
}

// Who comes back looks at the key again: in a pipe the chat ends.
func TestChatLosesAServerWithTLS(t *testing.T) {
	t.Parallel()
	s, first, second := serve(t, "127.0.0.1:0"), ownCertificate(t), ownCertificate(t)
	f := newFront(t, s.addrs[0], first)
	alice := chatWith(t, f.addr, "alice", "--tls", "--json")
	if line := alice.line(); !strings.Contains(line, `"event":"login"`) {
		t.Fatalf("it begins with %s", line)
	}
	f.use(second)
	f.cut()
	alice.ends(exitNoConnection, "The key of "+f.addr+" HAS CHANGED, so nothing was sent there:\nwas  "+cert.Fingerprint(first.Leaf)+"\nis   "+cert.Fingerprint(second.Leaf))
}

// What cannot be asked for.
func TestBadUseOfTLS(t *testing.T) {
	t.Parallel()
	state := t.TempDir()
	for _, tt := range []struct {
		args string
		says string
	}{
		{"--tls alice@unix:/run/parley.sock", "does not leave this machine"},
		{"--tls-pin sha256:12 alice@localhost", `--tls-pin: "sha256:12" is no fingerprint: it has the form sha256: and 64 hexadecimal digits`},
		{"alice@parleys://localhost", "parleys:// stands before the name: parleys://alice@localhost"},
	} {
		if stderr, status := says(t, state, strings.Fields(tt.args)...); status != exitUsage || !strings.Contains(stderr, tt.says) {
			t.Errorf("%s: exit status %d: %s", tt.args, status, stderr)
		}
	}
	path := filepath.Join(state, "parley", "known_servers")
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte("localhost:1 sha256:12\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	if stderr, status := says(t, state, "alice@localhost:1"); status != exitNoConnection || !strings.Contains(stderr, "it is not known whether localhost:1 had TLS before: "+path+":1:") {
		t.Errorf("exit status %d: %s", status, stderr)
	}
}

// The load tester believes whom the system believes, or the key that it is told.
func TestLoadWithTLS(t *testing.T) {
	t.Parallel()
	s, own := serveIn(t, store.Memory, []string{"--flood=off"}, "127.0.0.1:0"), ownCertificate(t)
	f := newFront(t, s.addrs[0], own)
	pin := "--tls-pin=" + cert.Fingerprint(own.Leaf)
	for _, scenario := range []string{"room", "reconnect"} {
		r, stdout, stderr, status := loadTest(t, f.addr, scenario, pin, "--clients=8", "--rate=200", "--duration=500ms", "--fail-if=lost>0")
		if status != exitDone || len(r.Results) != 1 || r.Results[0].Deliveries == 0 || !strings.Contains(stdout, f.addr+", TLS") {
			t.Errorf("%s: status %d: %s%s", scenario, status, stderr, stdout)
		}
	}
	for says, args := range map[string][]string{
		"nobody vouches for the key of " + f.addr + ", " + cert.Fingerprint(own.Leaf):                    {"--tls"},
		"If that is the right one, say so: --tls-pin " + cert.Fingerprint(own.Leaf):                      {"--tls"},
		"is " + cert.Fingerprint(own.Leaf) + ", and not " + cert.Fingerprint(ownCertificate(t).Leaf)[:7]: {"--tls-pin=" + cert.Fingerprint(ownCertificate(t).Leaf)},
	} {
		if _, _, stderr, status := loadTest(t, append(args, f.addr)...); status != exitNoConnection || !strings.Contains(stderr, says) {
			t.Errorf("%q: status %d: %s, not %q", args, status, stderr, says)
		}
	}
	if _, _, stderr, status := loadTest(t, s.addrs[0], "--tls"); status != exitNoConnection || !strings.Contains(stderr, "does not speak TLS") {
		t.Errorf("status %d: %s", status, stderr)
	}
}
