//go:build unix

package main

import (
	"errors"
	"io"
	"net"
	"os"
	"strings"
	"testing"
	"time"

	"parley/eventloop"
	"parley/protocol"
	"parley/users/passwords"
)

// parsedServe returns the settings of parley serve with some flags.
func parsedServe(t *testing.T, args string) (serveCmd, error) {
	t.Helper()
	c := newParser(t)
	_, err := c.parser.Parse(append([]string{"serve"}, strings.Fields(args)...))
	return c.parser.Model.Target.Interface().(commands).Serve, err
}

// What the owner says of handshakes, blocks, malformed requests and what waits is used.
func TestSettingsOfLimits(t *testing.T) {
	serve, err := parsedServe(t, "--malformed 5 --max-deferred 200 --max-block 1h --block-quiet 2h --handshake-timeout 3s --handshake-input 4 --handshake-memory 5 --tls-handshakes 6 --max-hashes 1")
	if err != nil {
		t.Fatal(err)
	}
	var loops eventloop.Config
	serve.TLS.use(&loops)
	if loops.HandshakeTimeout != 3*time.Second || loops.HandshakeInput != 4<<10 || loops.HandshakeMemory != 5<<20 || loops.MaxHandshakes != 6 {
		t.Errorf("of handshakes the loops are told %+v", loops)
	}
	if cfg := serve.config(new(process)); cfg.Malformed != 5 || cfg.Deferred != 200 || cfg.Logins.MaxBlock != time.Hour || cfg.Logins.Quiet != 2*time.Hour {
		t.Errorf("the server is told %+v", cfg)
	}
	w := serve.passwordWorkers([]passwords.Engine{passwords.Here{}})
	defer w.Close()
	hold := make(chan struct{})
	defer close(hold)
	if !w.Submit("one", func(passwords.Engine) { <-hold }) || w.Submit("another", func(passwords.Engine) {}) {
		t.Error("one password may wait, and not one at once")
	}
	for args, says := range map[string]string{
		"--malformed 0": "1 to 255", "--malformed 256": "1 to 255", "--max-deferred 31": "32 or more", "--max-hashes 0": "1 or more",
		"--max-block=-1s": "cannot be negative", "--block-quiet 0s": "more than 0s", "--name-memory=-1s": "cannot be negative", "--name-attempts 1/8760h": "more than 10 years", "--handshake-timeout 0s": "more than 0s", "--handshake-input 0": "1 or more", "--handshake-memory 0": "1 or more",
	} {
		if _, err := parsedServe(t, args); err == nil || !strings.Contains(err.Error(), says) {
			t.Errorf("%s: %v", args, err)
		}
	}
}

// Who does not go on with a handshake is put out when the owner says so, and who sends what is
// malformed as often as the owner says.
func TestServeWithOtherLimits(t *testing.T) {
	s := serveLogging(t, "--data", t.TempDir(), "--tls-listen", "127.0.0.1:0", "--tls-self", "--handshake-timeout", "2s", "--malformed", "1")
	addr, began := s.tlsAddress(), time.Now()
	silent, err := net.Dial("tcp", addr)
	if err != nil {
		t.Fatal(err)
	}
	defer silent.Close()
	_ = silent.SetDeadline(began.Add(deadline))
	if _, err := io.ReadAll(silent); errors.Is(err, os.ErrDeadlineExceeded) || time.Since(began) > eventloop.DefaultHandshakeTimeout {
		t.Errorf("who says nothing is there for %s: %v", time.Since(began), err)
	}
	c := dialSecurely(t, addr)
	c.ask(t, protocol.Request{Verb: "login", Content: protocol.Content{Text: "alice"}, Extended: true})
	if _, err := io.WriteString(c, "{\"request\":1}\n"); err != nil {
		t.Fatal(err)
	}
	if said, err := io.ReadAll(c.in); err != nil || !strings.Contains(string(said), "Good bye: that was malformed.") {
		t.Errorf("who sends what is malformed is told %q, %v", said, err)
	}
}
