package web

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"io"
	"log/slog"
	"math/big"
	"net"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/coder/websocket"
)

// A far is a Site for other machines, at the name chat.example.
type far struct {
	*Site
	t      *testing.T
	port   string
	client *http.Client
	tries  atomic.Int64 // how many passwords were looked at
}

func newFar(t *testing.T) *far {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{SerialNumber: big.NewInt(1), DNSNames: []string{"chat.example"}, NotAfter: time.Now().Add(time.Hour)}
	der, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	if err != nil {
		t.Fatal(err)
	}
	leaf, err := x509.ParseCertificate(der)
	if err != nil {
		t.Fatal(err)
	}
	shown := &tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key, Leaf: leaf}
	l, err := Listen("0.0.0.0:0", true)
	if err != nil {
		t.Fatal(err)
	}
	f := &far{t: t}
	f.Site, err = New(Config{Listener: l, Page: page, Rand: rand.Reader, Log: slog.New(slog.DiscardHandler), Remote: &Remote{
		TLS:        &tls.Config{GetCertificate: func(*tls.ClientHelloInfo) (*tls.Certificate, error) { return shown, nil }},
		IsPassword: func(password string) bool { f.tries.Add(1); return password == "correct horse" },
	}})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(f.Stop)
	_, f.port, _ = net.SplitHostPort(l.Addr().String())
	roots := x509.NewCertPool()
	roots.AddCert(leaf)
	transport := &http.Transport{TLSClientConfig: &tls.Config{RootCAs: roots, ServerName: "chat.example"}}
	t.Cleanup(transport.CloseIdleConnections)
	f.client = &http.Client{Transport: transport, Timeout: deadline}
	return f
}

// asks makes a request as a page does that was reached by a host.
func (f *far) asks(method, path, body, host string, cookies ...*http.Cookie) *http.Response {
	f.t.Helper()
	r, err := http.NewRequest(method, "https://127.0.0.1:"+f.port+path, strings.NewReader(body))
	if err != nil {
		f.t.Fatal(err)
	}
	r.Host = host
	r.Header.Set("Origin", "https://"+host)
	r.Header.Set("Content-Type", "application/json")
	for _, c := range cookies {
		r.AddCookie(c)
	}
	answer, err := f.client.Do(r)
	if err != nil {
		f.t.Fatal(err)
	}
	content, _ := io.ReadAll(answer.Body)
	answer.Body.Close()
	answer.Body = io.NopCloser(strings.NewReader(string(content)))
	return answer
}

// With the password a browser of another machine is in, over TLS, and its WebSocket is open.
func TestAPageForOtherMachines(t *testing.T) {
	f := newFar(t)
	f.Watch(logged)
	host := "chat.example:" + f.port
	if want := "https://" + host + "/"; f.URL() != want {
		t.Errorf("the page is at %s, not %s", f.URL(), want)
	}
	if r := f.asks("GET", "/session", "", host); r.StatusCode != http.StatusUnauthorized || r.Header.Get("WWW-Authenticate") != "password" {
		t.Errorf("without the password: %d, %v", r.StatusCode, r.Header)
	}
	for _, body := range []string{`{"password":"battery staple"}`, `{"password":""}`, `{"token":""}`, `{"token":"` + f.door.token + `"}`, `{}`} {
		if r := f.asks("POST", "/session", body, host); r.StatusCode != http.StatusForbidden || len(r.Cookies()) > 0 {
			t.Errorf("%s is answered with %d and %v", body, r.StatusCode, r.Cookies())
		}
	}
	in := f.asks("POST", "/session", `{"password":"correct horse"}`, host)
	if in.StatusCode != http.StatusNoContent || len(in.Cookies()) != 1 {
		t.Fatalf("the password is answered with %d", in.StatusCode)
	}
	c := in.Cookies()[0]
	if !c.Secure || !c.HttpOnly || c.SameSite != http.SameSiteStrictMode || c.Domain != "" || !strings.HasPrefix(c.Name, "__Host-") {
		t.Errorf("the cookie is %v", c)
	}
	conn, answer, err := websocket.Dial(t.Context(), "wss://127.0.0.1:"+f.port+"/events", &websocket.DialOptions{
		HTTPClient: f.client, Host: host, HTTPHeader: http.Header{"Origin": {"https://" + host}, "Cookie": {c.Name + "=" + c.Value}}})
	if err != nil {
		t.Fatalf("the WebSocket is refused: %v %v", answer, err)
	}
	defer conn.CloseNow()
	if _, frame, err := conn.Read(t.Context()); err != nil || !strings.Contains(string(frame), `"snapshot"`) {
		t.Errorf("the first frame is %.100s (%v)", frame, err)
	}
	if _, _, err := websocket.Dial(t.Context(), "wss://127.0.0.1:"+f.port+"/events", &websocket.DialOptions{
		HTTPClient: f.client, Host: host, HTTPHeader: http.Header{"Origin": {"https://" + host}}}); err == nil {
		t.Error("a WebSocket without the cookie is open")
	}
}

// The page is reached by the names of its certificate alone, and not without TLS.
func TestAPageForOtherMachinesIsReachedByItsNameAlone(t *testing.T) {
	f := newFar(t)
	for host, want := range map[string]int{
		"chat.example": 200, "chat.example:1": 200, "chat.example.": 200, "evil.example:" + f.port: 421, "127.0.0.1:" + f.port: 421, "localhost:" + f.port: 421, "chat.example.evil.example": 421,
	} {
		if r := f.asks("GET", "/", "", host); r.StatusCode != want {
			t.Errorf("as %s it is answered with %d, not %d", host, r.StatusCode, want)
		}
	}
	r, err := http.NewRequest("POST", "https://127.0.0.1:"+f.port+"/session", strings.NewReader(`{"password":"correct horse"}`))
	if err != nil {
		t.Fatal(err)
	}
	r.Host = "chat.example"
	r.Header.Set("Content-Type", "application/json")
	for _, origin := range []string{"", "http://chat.example", "https://evil.example", "null"} {
		r.Header.Set("Origin", origin)
		r.Body = io.NopCloser(strings.NewReader(`{"password":"correct horse"}`))
		answer, err := f.client.Do(r)
		if err != nil {
			t.Fatal(err)
		}
		answer.Body.Close()
		if answer.StatusCode != http.StatusForbidden {
			t.Errorf("a page of %q is answered with %d", origin, answer.StatusCode)
		}
	}
	if answer, err := http.Get("http://127.0.0.1:" + f.port + "/"); err == nil {
		answer.Body.Close()
		if answer.StatusCode != http.StatusBadRequest {
			t.Errorf("without TLS it is answered with %d", answer.StatusCode)
		}
	}
}

// Passwords are tried a few times, then seldom, and what is not tried is not looked at.
func TestPasswordsAreNotTriedWithoutEnd(t *testing.T) {
	f := newFar(t)
	for i := range tryBurst {
		if r := f.asks("POST", "/session", `{"password":"battery staple"}`, "chat.example"); r.StatusCode != http.StatusForbidden {
			t.Fatalf("try %d is answered with %d", i+1, r.StatusCode)
		}
	}
	late := 0
	for range 5 {
		r := f.asks("POST", "/session", `{"password":"battery staple"}`, "chat.example")
		if r.StatusCode == http.StatusTooManyRequests {
			late++
		}
	}
	if got := f.tries.Load(); late < 4 || got != int64(tryBurst+5-late) {
		t.Errorf("%d of 5 more tries are refused, and %d passwords were looked at", late, got)
	}
}
