package bot

import (
	"crypto/tls"
	"errors"
	"io"
	"net"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"parley/eventloop/cert"
	"parley/eventloop/client/conn"
)

// secured has a server be reached with TLS until the test ends, and returns where, and the
// fingerprint of its key.
func secured(t *testing.T, addr string) (at, fingerprint string) {
	t.Helper()
	keys := httptest.NewTLSServer(nil) // which has a certificate for 127.0.0.1 that nobody vouches for
	keys.Close()
	l, err := tls.Listen("tcp", "127.0.0.1:0", keys.TLS)
	if err != nil {
		t.Fatal(err)
	}
	var all sync.WaitGroup
	t.Cleanup(func() { l.Close(); all.Wait() })
	all.Go(func() {
		for {
			near, err := l.Accept()
			if err != nil {
				return
			}
			all.Go(func() {
				defer near.Close()
				far, err := net.Dial("tcp", addr)
				if err != nil {
					return
				}
				all.Go(func() {
					io.Copy(far, near)
					far.Close()
				})
				io.Copy(near, far)
			})
		}
	})
	return l.Addr().String(), cert.Fingerprint(keys.Certificate())
}

// The key of a server is remembered, or said beforehand; another one is refused, and a server
// that had TLS is not talked to without.
func TestKeysOfServers(t *testing.T) {
	t.Parallel()
	at, key := secured(t, serve(t, nil))
	known := filepath.Join(t.TempDir(), "known")
	for _, tt := range []struct {
		what   string
		cfg    Config
		wrong  bool
		memory string
	}{
		{"a wrong pin", Config{Server: at, Pin: "sha256:" + strings.Repeat("0", 64)}, true, known},
		{"the right one, in capitals", Config{Server: at, Pin: strings.ToUpper(key)}, false, filepath.Join(t.TempDir(), "other")},
		{"the first time", Config{Server: "parleys://" + at}, false, known},
		{"and then, without saying so", Config{Server: at}, false, known},
	} {
		tt.cfg.Name, tt.cfg.Known = "bot", tt.memory
		b, err := Dial(t.Context(), tt.cfg)
		if err == nil {
			_, err = b.Say(within(t), "", "hello")
			b.Close()
		}
		var wrong *conn.WrongKeyError
		if errors.As(err, &wrong) != tt.wrong || (err != nil) != tt.wrong {
			t.Errorf("%s: %v", tt.what, err)
		}
	}
	if _, err := Dial(t.Context(), Config{Server: at, Name: "bot", Pin: "12:34", Known: known}); err == nil || !strings.Contains(err.Error(), "fingerprint") {
		t.Errorf("a pin that is none: %v", err)
	}
}
