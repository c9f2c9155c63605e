//go:build unix

package main

import (
	"bufio"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"errors"
	"fmt"
	"io"
	"math/big"
	"net"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"parley/eventloop/cert"
	"parley/protocol"
)

// tlsAddress returns where a server says that it listens with TLS.
func (s *logging) tlsAddress() string {
	s.t.Helper()
	line := s.until(" with TLS")
	_, addr, _ := strings.Cut(strings.TrimSuffix(line, " with TLS"), "listening on ")
	return addr
}

// A secureLine is a connection with TLS.
type secureLine struct {
	*tls.Conn
	in *bufio.Reader
}

func dialSecurely(t *testing.T, addr string) secureLine {
	t.Helper()
	c, err := tls.DialWithDialer(&net.Dialer{Timeout: deadline}, "tcp", addr, &tls.Config{InsecureSkipVerify: true})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.Close() })
	_ = c.SetDeadline(time.Now().Add(deadline))
	return secureLine{c, bufio.NewReader(c)}
}

func (c secureLine) shown() *x509.Certificate { return c.ConnectionState().PeerCertificates[0] }

// ask sends a request and returns the next line.
func (c secureLine) ask(t *testing.T, r protocol.Request) string {
	t.Helper()
	if _, err := c.Write(protocol.AppendRequest(nil, r)); err != nil {
		t.Fatal(err)
	}
	line, err := c.in.ReadString('\n')
	if err != nil {
		t.Fatal(err)
	}
	return line
}

// The server's own certificate: the log tells the fingerprint, clients see the same key, and
// it is the same after a restart.
func TestServeWithItsOwnCertificate(t *testing.T) {
	folder := t.TempDir()
	var before string
	for _, version := range []uint16{tls.VersionTLS12, tls.VersionTLS13} {
		s := serveLogging(t, "--data", folder, "--tls-listen", "127.0.0.1:0", "--tls-self")
		told := s.until("fingerprint")
		addr := s.tlsAddress()
		c := dialSecurely(t, addr)
		fingerprint := cert.Fingerprint(c.shown())
		if !strings.Contains(told, fingerprint) || before != "" && fingerprint != before {
			t.Errorf("the key is %s, before %s; told: %s", fingerprint, before, told)
		}
		before = fingerprint
		welcome := c.ask(t, protocol.Request{Verb: "login", Content: protocol.Content{Text: fmt.Sprint("user", version)}, Password: secret, Register: true, Extended: true})
		if !strings.Contains(welcome, "Login successful") {
			t.Errorf("a login is answered with %s", welcome)
		}
		for v, works := range map[uint16]bool{tls.VersionTLS11: false, version: true} {
			other, err := tls.Dial("tcp", addr, &tls.Config{InsecureSkipVerify: true, MinVersion: v, MaxVersion: v})
			if works != (err == nil) {
				t.Errorf("%s: %v", tls.VersionName(v), err)
			}
			if err == nil {
				other.Close()
			}
		}
		s.signal(syscall.SIGTERM)
		if rest, err := io.ReadAll(c.in); !strings.Contains(string(rest), "shutting down") || err != nil {
			t.Errorf("the last words are %q, %v", rest, err)
		}
		c.Close()
		if err := s.end(); err != nil {
			t.Error(err)
		}
	}
}

// Whoever speaks no TLS where it is spoken, or TLS where it is not, is told so in one line,
// and that is the end.
func TestServeTellsWhoConfusesPorts(t *testing.T) {
	s := serveLogging(t, "--data", ":memory:", "--tls-listen", "127.0.0.1:0", "--tls-self")
	s.until("a key that is not kept")
	_, plain, _ := strings.Cut(s.until("listening on "), "listening on ")
	secure := s.tlsAddress()
	for what, sent := range map[string]string{"a login": `{"request":"login","content":"alice"}` + "\n", "HTTP": "GET / HTTP/1.1\r\nHost: x\r\n\r\n"} {
		if got := tellAndHear(t, secure, sent); !strings.Contains(got, "TLS is spoken at this port") || strings.Count(got, "\n") != 1 || !strings.Contains(got, `"response":"error"`) {
			t.Errorf("%s at the port with TLS is told %q", what, got)
		}
	}
	hello := "\x16\x03\x01\x00\xa5\x01\x00\x00\xa1\x03\x03" + strings.Repeat("x", 159)
	for what, sent := range map[string]string{"TLS": hello, "HTTP": "GET / HTTP/1.1\r\nHost: x\r\n\r\n"} {
		if got := tellAndHear(t, plain, sent); !strings.Contains(got, "Good bye: that is not JSON") || strings.Contains(strings.TrimSpace(got), "\n") {
			t.Errorf("%s at the port without is told %q", what, got)
		}
	}
	if _, err := tls.Dial("tcp", plain, &tls.Config{InsecureSkipVerify: true}); err == nil {
		t.Error("TLS at the port without")
	}
}

// tellAndHear sends something and returns all that comes.
func tellAndHear(t *testing.T, addr, sent string) string {
	t.Helper()
	c, err := net.Dial("tcp", addr)
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	_ = c.SetDeadline(time.Now().Add(deadline))
	fmt.Fprint(c, sent)
	got, err := io.ReadAll(c)
	if err != nil {
		t.Error(err)
	}
	return string(got)
}

// writeCertificate writes a certificate for a name, and its key.
func writeCertificate(t *testing.T, folder, name string) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: name}, DNSNames: []string{name}, NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour)}
	der, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	if err != nil {
		t.Fatal(err)
	}
	pkcs8, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		t.Fatal(err)
	}
	for file, block := range map[string]*pem.Block{"cert.pem": {Type: "CERTIFICATE", Bytes: der}, "key.pem": {Type: "PRIVATE KEY", Bytes: pkcs8}} {
		path := filepath.Join(folder, file)
		if err := errors.Join(os.WriteFile(path+".new", pem.EncodeToMemory(block), 0o600), os.Rename(path+".new", path)); err != nil {
			t.Fatal(err)
		}
	}
}

// A certificate that was renewed is shown, and nobody is dropped: on SIGHUP at once.
func TestServeReloadsItsCertificate(t *testing.T) {
	folder := t.TempDir()
	writeCertificate(t, folder, "first.example")
	certFile, keyFile := filepath.Join(folder, "cert.pem"), filepath.Join(folder, "key.pem")
	s := serveLogging(t, "--data", ":memory:", "--tls-listen", "127.0.0.1:0", "--tls-cert", certFile, "--tls-key", keyFile)
	s.until("first.example")
	addr := s.tlsAddress()
	alice := dialSecurely(t, addr)
	if got := alice.shown().DNSNames[0]; got != "first.example" {
		t.Errorf("%s is shown", got)
	}
	if got := alice.ask(t, protocol.Request{Verb: "login", Content: protocol.Content{Text: "alice"}, Extended: true}); !strings.Contains(got, "Login successful") {
		t.Fatal(got)
	}
	writeCertificate(t, folder, "second.example")
	s.signal(syscall.SIGHUP)
	s.until("second.example")
	if got := dialSecurely(t, addr).shown().DNSNames[0]; got != "second.example" {
		t.Errorf("%s is shown", got)
	}
	if err := os.WriteFile(keyFile, []byte("nothing"), 0o600); err != nil {
		t.Fatal(err)
	}
	s.signal(syscall.SIGHUP)
	s.until("the certificate is not changed")
	if got := dialSecurely(t, addr).shown().DNSNames[0]; got != "second.example" {
		t.Errorf("%s is shown", got)
	}
	if got := alice.ask(t, protocol.Request{Verb: "ping"}); got == "" {
		t.Error("alice was dropped")
	}
}

// What cannot be used is said at the start.
func TestServeWithCertificatesThatCannotBe(t *testing.T) {
	folder := t.TempDir()
	writeCertificate(t, folder, "first.example")
	certFile, keyFile := filepath.Join(folder, "cert.pem"), filepath.Join(folder, "key.pem")
	for _, way := range []struct {
		args, says string
		status     int
	}{
		{"--tls-listen 127.0.0.1:0", "--tls-listen needs a certificate", exitUsage},
		{"--tls-self", "no address for TLS: --tls-listen ADDRESS, such as 0.0.0.0:9999", exitUsage},
		{"--tls-listen 127.0.0.1:0 --tls-cert " + certFile, "belong together", exitUsage},
		{"--tls-listen 127.0.0.1:0 --tls-self --tls-cert " + certFile + " --tls-key " + keyFile, "choose one", exitUsage},
		{"--tls-listen 127.0.0.1:0 --tls-self --tls-handshakes 0", "--tls-handshakes is 0; it can be 1 or more", exitUsage},
		{"--tls-listen 127.0.0.1:0 --tls-cert " + certFile + " --tls-key " + certFile, "the certificate in " + certFile, exitRefused},
		{"--tls-listen unix:" + folder + "/s --tls-self", "what goes through a Unix socket", exitUsage},
		{"--tls-listen 127.0.0.1 --tls-self", "an address is HOST:PORT", exitUsage},
	} {
		cmd := parley(t, append([]string{"serve", "--data", ":memory:", "--listen", "127.0.0.1:0"}, strings.Fields(way.args)...)...)
		out, _ := cmd.CombinedOutput()
		if got := cmd.ProcessState.ExitCode(); got != way.status || !strings.Contains(string(out), way.says) {
			t.Errorf("%s: exit status %d: %s", way.args, got, out)
		}
	}
}

// A server that lets nobody in says why before there is TLS, and the chat passes that on.
func TestChatTellsWhyAServerWithTLSRefuses(t *testing.T) {
	for why, flags := range map[string]string{
		"The server is full. Please try again later.":      "--max-connections 1",
		"Too many connections are open from your address":  "--address-connections 1 --limit-loopback",
		"Too many connections have come from your address": "--address-new 1/1h --limit-loopback",
	} {
		s := serveLogging(t, append(strings.Fields(flags), "--data", ":memory:", "--tls-listen", "127.0.0.1:0", "--tls-self")...)
		addr := s.tlsAddress()
		dialSecurely(t, addr)
		told, status := says(t, t.TempDir(), "--tls", "alice@"+addr)
		if status != exitNoConnection || !strings.Contains(told, `is not TLS, so nothing was sent there. It says: "`+why) {
			t.Errorf("%s: exit status %d: %s", flags, status, told)
		}
	}
}
