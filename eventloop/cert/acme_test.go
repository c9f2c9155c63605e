package cert_test

import (
	"bytes"
	"crypto/tls"
	"crypto/x509"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"parley/eventloop/cert"
	"parley/eventloop/cert/acmetest"
)

// A door is a server whose certificate an authority issues.
type door struct {
	*testing.T
	*acmetest.Authority
	cfg  cert.ACMEConfig
	now  time.Time
	log  bytes.Buffer
	acme *cert.ACME
	seen atomic.Value // the path that was looked for last by HTTP
}

// newDoor opens one at which the authority looks in one of two ways.
func newDoor(t *testing.T, overTLS bool) *door {
	t.Helper()
	d := &door{T: t, Authority: acmetest.Start(t), now: time.Now()}
	d.cfg = cert.ACMEConfig{Names: []string{"chat.example", "www.chat.example"}, Directory: d.Directory, Roots: x509.NewCertPool(), Email: "owner@chat.example", Folder: filepath.Join(t.TempDir(), "acme"),
		OverTLS: overTLS, Clock: func() time.Time { return d.now }, Log: slog.New(slog.NewTextHandler(&d.log, nil))}
	d.cfg.Roots.AddCert(d.Own)
	d.open()
	byHTTP := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		d.seen.Store(r.URL.Path)
		d.acme.ServeHTTP(w, r)
	}))
	t.Cleanup(byHTTP.Close)
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
	go func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			go func() { _ = tls.Server(c, d.acme.Config()).Handshake(); c.Close() }()
		}
	}()
	d.LookAt(t, byHTTP.Listener.Addr().(*net.TCPAddr).Port, l.Addr().(*net.TCPAddr).Port)
	return d
}

func (d *door) open() {
	d.Helper()
	var err error
	if d.acme, err = cert.OpenACME(d.cfg); err != nil {
		d.Fatal(err)
	}
}

func (d *door) update() {
	d.Helper()
	if err := d.acme.Update(d.Context()); err != nil {
		d.Fatal(err)
	}
}

// shown returns the certificate that a client sees, whatever it would speak behind TLS.
func (d *door) shown() *x509.Certificate {
	d.Helper()
	s := &stage{T: d.T}
	return s.shown(d.acme.Config())
}

// A certificate for all names is obtained in both ways, kept, found again at the next start,
// and renewed when a third of its time is left, with the same key.
func TestACME(t *testing.T) {
	for _, overTLS := range []bool{false, true} {
		d := newDoor(t, overTLS)
		d.update()
		first := d.shown()
		if !slices.Equal(first.DNSNames, d.cfg.Names) || len(first.Issuer.CommonName) == 0 || first.Issuer.CommonName == first.Subject.CommonName {
			t.Errorf("it is shown %v, issued by %s", first.DNSNames, first.Issuer)
		}
		if !strings.Contains(d.log.String(), cert.Fingerprint(first)) {
			t.Errorf("the log: %s", &d.log)
		}
		serial := func(when string, same bool) {
			t.Helper()
			now := d.shown()
			if got := now.SerialNumber.Cmp(first.SerialNumber) == 0; got != same || cert.Fingerprint(now) != cert.Fingerprint(first) {
				t.Errorf("%s: the same certificate: %t, its key %s", when, got, cert.Fingerprint(now))
			}
			first = now
		}
		d.now = first.NotAfter.Add(-acmetest.Validity/3 - time.Hour)
		d.update()
		serial("before two thirds of its time", true)
		d.open()
		serial("after a restart", true)
		d.now = d.now.Add(2 * time.Hour)
		d.update()
		serial("behind two thirds of its time", false)
		d.now = time.Now()
		d.open()
		serial("after another restart", true)

		d.cfg.Names = []string{"chat.example", "new.chat.example"}
		d.open()
		if !strings.Contains(d.log.String(), "cannot be used, and another one is obtained") {
			t.Errorf("the log: %s", &d.log)
		}
		d.update()
		serial("of other names", false)
		if files, err := os.ReadDir(d.cfg.Folder); len(files) != 3 || err != nil {
			t.Errorf("files: %v, %v", files, err)
		}
		for _, name := range []string{".", "account-key.pem", "key.pem", "cert.pem"} {
			info, err := os.Stat(filepath.Join(d.cfg.Folder, name))
			if err != nil || info.Mode().Perm()&0o077 != 0 && runtime.GOOS != "windows" {
				t.Errorf("%s: %v, %v", name, info, err)
			}
		}
	}
}

// While an authority fails, the certificate of before goes on; without any, handshakes fail
// at once and wait for nothing.
func TestACMEOfAnAuthorityThatFails(t *testing.T) {
	d := newDoor(t, false)
	handshake := func() error {
		here, there := net.Pipe()
		defer here.Close()
		go func() { _ = tls.Server(there, d.acme.Config()).Handshake(); there.Close() }()
		return tls.Client(here, &tls.Config{InsecureSkipVerify: true, NextProtos: []string{"h2"}}).Handshake()
	}
	if err := handshake(); err == nil {
		t.Error("a handshake without a certificate")
	}
	d.Break(true)
	if err := d.acme.Update(t.Context()); err == nil || !strings.Contains(err.Error(), "gives no account") || !strings.Contains(err.Error(), "broken by the test") {
		t.Errorf("%v", err)
	}
	d.Break(false)
	d.update()
	before := d.shown()
	d.Break(true)
	d.now = before.NotAfter.Add(time.Hour)
	if err := d.acme.Update(t.Context()); err == nil {
		t.Error("it is renewed")
	}
	if d.shown().SerialNumber.Cmp(before.SerialNumber) != 0 {
		t.Error("the certificate of before is not shown any more")
	}
	if err := handshake(); err != nil {
		t.Errorf("a client that would speak something else behind TLS: %v", err)
	}
}

// An authority that does not find the server is not believed to have: the error says what
// it looked for.
func TestACMEOfNamesThatLeadElsewhere(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	nowhere := l.Addr().(*net.TCPAddr).Port
	l.Close()
	for overTLS, kind := range map[bool]string{false: "http-01", true: "tls-alpn-01"} {
		d := newDoor(t, overTLS)
		d.LookAt(t, nowhere, nowhere)
		if err := d.acme.Update(t.Context()); err == nil || !strings.Contains(err.Error(), "does not find this server there ("+kind+")") {
			t.Errorf("%v", err)
		}
		if _, err := os.Stat(filepath.Join(d.cfg.Folder, "cert.pem")); err == nil {
			t.Error("there is a certificate")
		}
	}
}

// Who is no authority is told nothing, in either way.
func TestACMEOfSomebodyElse(t *testing.T) {
	d := newDoor(t, false)
	d.update()
	for _, path := range []string{"/", "/.well-known/acme-challenge/x", d.seen.Load().(string)} { // also what is over
		w := httptest.NewRecorder()
		d.acme.ServeHTTP(w, httptest.NewRequest("GET", path, nil))
		if w.Code != http.StatusNotFound {
			t.Errorf("%s: status %d", path, w.Code)
		}
	}
	here, there := net.Pipe()
	defer here.Close()
	go func() { _ = tls.Server(there, d.acme.Config()).Handshake(); there.Close() }()
	if err := tls.Client(here, &tls.Config{ServerName: "chat.example", InsecureSkipVerify: true, NextProtos: []string{"acme-tls/1"}}).Handshake(); err == nil {
		t.Error("a challenge that nobody has set is answered")
	}
}
