// Package acmetest has a certificate authority for tests: Let's Encrypt's own for that
// purpose, github.com/letsencrypt/pebble, in the process of the test.
package acmetest

import (
	"crypto/x509"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httptest"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/letsencrypt/pebble/v2/ca"
	"github.com/letsencrypt/pebble/v2/db"
	"github.com/letsencrypt/pebble/v2/va"
	"github.com/letsencrypt/pebble/v2/wfe"
	"github.com/miekg/dns"
)

// Validity is how long its certificates are valid.
const Validity = 90 * 24 * time.Hour

// An Authority issues certificates for every name, of which it thinks that they lead to
// 127.0.0.1.
type Authority struct {
	Directory string            // its URL
	Own       *x509.Certificate // what it shows there

	broken  atomic.Bool
	handler http.Handler
	ready   chan struct{}
	begin   sync.Once
}

// Start starts one, which answers nobody before LookAt.
func Start(t *testing.T) *Authority {
	t.Helper()
	t.Setenv("PEBBLE_VA_NOSLEEP", "1")
	t.Setenv("PEBBLE_WFE_NONCEREJECT", "0")
	a := &Authority{ready: make(chan struct{})}
	s := httptest.NewTLSServer(a)
	a.Directory, a.Own = s.URL+wfe.DirectoryPath, s.Certificate()
	t.Cleanup(func() {
		a.begin.Do(func() { close(a.ready) })
		s.Close()
	})
	return a
}

// LookAt has it look for its challenges at these ports.
func (a *Authority) LookAt(t *testing.T, httpPort, tlsPort int) {
	t.Helper()
	quiet, store := log.New(io.Discard, "", 0), db.NewMemoryStore()
	issuer := ca.New(quiet, store, "", "ecdsa", 0, 1, map[string]ca.Profile{"default": {ValidityPeriod: uint64(Validity.Seconds())}})
	looker := va.New(quiet, httpPort, tlsPort, false, names(t), store)
	front := wfe.New(quiet, store, looker, issuer, []string{"ca.example"}, false, false, 1, 1)
	a.handler = front.Handler()
	a.begin.Do(func() { close(a.ready) })
}

// Break has it refuse everything, or do so no more.
func (a *Authority) Break(broken bool) { a.broken.Store(broken) }

func (a *Authority) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	<-a.ready
	if a.handler == nil || a.broken.Load() {
		w.Header().Set("Content-Type", "application/problem+json")
		w.WriteHeader(http.StatusForbidden)
		_, _ = io.WriteString(w, `{"type":"urn:ietf:params:acme:error:unauthorized","detail":"broken by the test","status":403}`)
		return
	}
	a.handler.ServeHTTP(w, r)
}

// names answers questions for all names and returns its address.
func names(t *testing.T) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	s := &dns.Server{Listener: l, Handler: dns.HandlerFunc(func(w dns.ResponseWriter, q *dns.Msg) {
		r := new(dns.Msg).SetReply(q)
		if q.Question[0].Qtype == dns.TypeA {
			r.Answer = append(r.Answer, &dns.A{Hdr: dns.RR_Header{Name: q.Question[0].Name, Rrtype: dns.TypeA, Class: dns.ClassINET}, A: net.IPv4(127, 0, 0, 1)})
		}
		_ = w.WriteMsg(r)
	})}
	started := make(chan struct{})
	s.NotifyStartedFunc = func() { close(started) }
	go func() { _ = s.ActivateAndServe() }()
	<-started
	t.Cleanup(func() { _ = s.Shutdown() })
	return l.Addr().String()
}
