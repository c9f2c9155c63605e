//go:build linux

package main

import (
	"encoding/json"
	"encoding/pem"
	"net"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"

	"parley/eventloop/cert/acmetest"
	"parley/protocol"
)

// A certificate of an authority is obtained while the server runs, in both ways, and nobody
// waits for it who needs none. After a restart it is there at once.
func TestServeWithACertificateOfAnAuthority(t *testing.T) {
	for _, byHTTP := range []bool{true, false} {
		authority := acmetest.Start(t)
		roots := filepath.Join(t.TempDir(), "roots.pem") // which the server believes
		if err := os.WriteFile(roots, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: authority.Own.Raw}), 0o600); err != nil {
			t.Fatal(err)
		}
		folder, way := t.TempDir(), "none"
		if byHTTP {
			way = "127.0.0.1:0"
		}
		start := func() *logging {
			cmd := parley(t, "serve", "--listen", "127.0.0.1:0", "--data", folder, "--tls-listen", "127.0.0.1:0", "--acme", "chat.example,WWW.chat.example", "--acme-http", way, "--acme-directory", authority.Directory)
			cmd.Env = append(cmd.Env, "SSL_CERT_FILE="+roots)
			return startLogging(t, cmd)
		}
		s := start()
		told := s.until("the certificate authority is answered")
		var line struct{ Address string }
		if err := json.Unmarshal([]byte(told), &line); err != nil {
			t.Fatal(err)
		}
		_, plain, _ := strings.Cut(s.until("listening on "), "listening on ")
		secure := s.tlsAddress()
		c, err := net.Dial("tcp", plain)
		if err != nil {
			t.Fatal(err)
		}
		defer c.Close()
		pings(t, c) // though the authority has not answered yet
		authority.LookAt(t, portNumber(line.Address), portNumber(secure))
		s.until("TLS has a certificate")
		first := dialSecurely(t, secure)
		if names := strings.Join(first.shown().DNSNames, " "); names != "chat.example www.chat.example" {
			t.Errorf("it is shown for %s", names)
		}
		if got := first.ask(t, protocol.Request{Verb: "ping"}); !strings.Contains(got, "pong") {
			t.Errorf("a ping is answered with %s", got)
		}
		s.signal(syscall.SIGTERM)
		if err := s.end(); err != nil {
			t.Error(err)
		}
		s = start()
		s.until("TLS has a certificate")
		if dialSecurely(t, s.tlsAddress()).shown().SerialNumber.Cmp(first.shown().SerialNumber) != 0 {
			t.Error("after a restart it is another one")
		}
		s.signal(syscall.SIGTERM)
		if err := s.end(); err != nil {
			t.Error(err)
		}
	}
}

// portNumber returns the port of an address, 1 if there is none.
func portNumber(addr string) int {
	_, port, _ := net.SplitHostPort(addr)
	if n, err := strconv.Atoi(port); err == nil {
		return n
	}
	return 1
}

// An authority that fails is an error in the log, and the server goes on.
func TestServeWithoutItsAuthority(t *testing.T) {
	s := serveLogging(t, "--data", t.TempDir(), "--tls-listen", "127.0.0.1:0", "--acme", "chat.example", "--acme-http", "127.0.0.1:0", "--acme-directory", "https://127.0.0.1:1/")
	const fails = "no certificate was obtained: there is none, and who connects with TLS is refused"
	first := s.until("")
	for !strings.Contains(first, "listening on ") && !strings.Contains(first, fails) { // they come in any order
		first = s.until("")
	}
	told, plain := first, first
	if strings.Contains(first, fails) {
		plain = s.until("listening on ")
	} else {
		told = s.until(fails)
	}
	_, plain, _ = strings.Cut(plain, "listening on ")
	if !strings.Contains(told, `"again":"4m0s"`) || !strings.Contains(told, `"level":"ERROR"`) {
		t.Errorf("the log: %s", told)
	}
	c, err := net.Dial("tcp", plain)
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	pings(t, c)
}

// Where the authority is answered follows from the addresses unless it is said; what makes no
// sense is refused.
func TestSettingsOfACME(t *testing.T) {
	for _, tt := range []struct{ http, listen, want string }{
		{"", "0.0.0.0:9999", ":80"}, {"", "0.0.0.0:9999 0.0.0.0:443", ""}, {"", ":https", ""}, {"none", ":9999", ""}, {"127.0.0.1:8080", ":443", "127.0.0.1:8080"},
	} {
		if got := (&acmeFlags{ACMEHTTP: tt.http}).byHTTP(strings.Fields(tt.listen)); got != tt.want {
			t.Errorf("%q at %s: %q, want %q", tt.http, tt.listen, got, tt.want)
		}
	}
	const named = "--tls-listen :1 --acme chat.example "
	for args, says := range map[string]string{
		"--acme chat.example":                               "no address for TLS",
		named + "--tls-self":                                "--acme is instead of",
		named + "--tls-cert a --tls-key b":                  "--acme is instead of",
		named + "--data :memory:":                           "needs a data folder",
		named + "--acme-directory http://ca.example/":       "a URL with https",
		named + "--acme-http x":                             "HOST:PORT, or none",
		"--tls-listen :1 --acme localhost":                  "such as chat.example",
		"--tls-listen :1 --acme 192.0.2.1":                  "such as chat.example",
		"--tls-listen :1 --acme chat.example:9999":          "such as chat.example",
		"--tls-listen :1 --acme *.chat.example":             "such as chat.example",
		"--tls-listen :1 --tls-self --acme-email a@example": "say for which name",
	} {
		c := newParser(t)
		if _, err := c.parser.Parse(append([]string{"serve"}, strings.Fields(args)...)); err == nil || !strings.Contains(err.Error(), says) {
			t.Errorf("%s: %v", args, err)
		}
	}
}
