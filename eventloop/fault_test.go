package eventloop_test

import (
	"crypto/rand"
	"crypto/tls"
	"fmt"
	"io"
	"log/slog"
	"net"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"parley/eventloop"
	"parley/eventloop/cert"
)

// A panic in what is done with what has come from a connection costs that connection: it is told to
// who counts, and logged with its stack. Others are served on, also those that come later.
func TestPanicCostsOneConnection(t *testing.T) {
	own, err := cert.NewOwn(rand.Reader, time.Now())
	if err != nil {
		t.Fatal(err)
	}
	secure := own.Config().Clone()
	var opens atomic.Bool // the next connection fails when it is opened
	secure.GetConfigForClient = func(hello *tls.ClientHelloInfo) (*tls.Config, error) {
		if hello.ServerName == "broken.example" {
			panic("planted")
		}
		opens.Store(hello.ServerName == "opens.example")
		return nil, nil
	}
	for name, ask := range map[string]func(r running) io.Reader{
		"in a handshake": func(r running) io.Reader {
			cfg := trusting()
			cfg.ServerName = "broken.example"
			c := dial(t, r.addrs[1])
			if err := tls.Client(c, cfg).Handshake(); err == nil {
				t.Error("the handshake is over")
			}
			return c
		},
		"with what is read": func(r running) io.Reader {
			c := dial(t, r.addrs[0])
			fmt.Fprint(c, "break")
			return c
		},
		"with what is read with TLS": func(r running) io.Reader {
			c := dialTLS(t, r.addrs[1])
			fmt.Fprint(c, "break")
			return c
		},
		"when a handshake is over": func(r running) io.Reader {
			cfg := trusting()
			cfg.ServerName = "opens.example"
			s := tls.Client(dial(t, r.addrs[1]), cfg)
			_ = s.Handshake() // which is over on this side, or not
			return s
		},
	} {
		t.Run(name, func(t *testing.T) {
			var log lines
			faults := make(chan struct{}, 10)
			h := &hooks{opened: func(*eventloop.Conn) {
				if opens.Swap(false) {
					panic("planted")
				}
			}, received: func(c *eventloop.Conn, b []byte) {
				if string(b) == "break" {
					panic("planted")
				}
				c.Send(b)
			}}
			r := runTLS(t, h, eventloop.Config{Listen: []string{"127.0.0.1:0"}, TLS: secure, Faulted: func() { faults <- struct{}{} }, Log: slog.New(slog.NewTextHandler(&log, nil))})
			before := dialTLS(t, r.addrs[1])
			fmt.Fprint(before, "hello")
			if got := read(t, before, 5); got != "hello" { // else its handshake may not be over for the server
				t.Errorf("before it is told %q", got)
			}
			broken := ask(r)
			<-faults
			if rest, _ := io.ReadAll(broken); strings.Contains(string(rest), "break") {
				t.Errorf("it is answered %q", rest)
			}
			for _, c := range []net.Conn{before, dialTLS(t, r.addrs[1]), dial(t, r.addrs[0])} {
				fmt.Fprint(c, "hello")
				if got := read(t, c, 5); got != "hello" {
					t.Errorf("others are told %q", got)
				}
			}
			if len(faults) > 0 || strings.Count(log.String(), "panic=planted") != 1 || !strings.Contains(log.String(), "fault_test.go") {
				t.Errorf("%d more faults; the log says %s", len(faults), log.String())
			}
		})
	}
}
