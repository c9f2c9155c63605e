package web

import (
	"fmt"
	"net/http"
	"regexp"
	"strings"
	"testing"
)

// What another page of the same browser, or another user of the machine, can try.
func TestAttacks(t *testing.T) {
	s := newStand(t)
	s.Watch(logged)
	in := s.entered()
	token := fmt.Sprintf(`{"token":%q}`, s.token())
	port := s.base[strings.LastIndex(s.base, ":"):]
	const json = "application/json"
	for _, a := range []struct {
		what, method, path, body string
		headers                  []string
		cookies                  bool
		want                     int
	}{
		{what: "a form of another page", method: "POST", path: "/session", body: token, headers: []string{"Origin", "https://evil.example", "Content-Type", "text/plain"}, want: 403},
		{what: "a fetch of another page", method: "POST", path: "/session", body: token, headers: []string{"Origin", "https://evil.example", "Content-Type", json}, want: 403},
		{what: "the same from a page on another port", method: "POST", path: "/session", body: token, headers: []string{"Origin", "http://127.0.0.1:1", "Content-Type", json}, want: 403},
		{what: "a sandboxed frame", method: "POST", path: "/session", body: token, headers: []string{"Origin", "null", "Content-Type", json}, want: 403},
		{what: "who does not say from where", method: "POST", path: "/session", body: token, headers: []string{"Content-Type", json}, want: 403},
		{what: "another site, as the browser says", method: "POST", path: "/session", body: token, headers: []string{"Origin", s.base, "Sec-Fetch-Site", "cross-site", "Content-Type", json}, want: 403},
		{what: "a form that looks like the page's", method: "POST", path: "/session", body: token, headers: []string{"Origin", s.base, "Content-Type", "text/plain"}, want: 403},
		{what: "no token", method: "POST", path: "/session", body: `{"token":""}`, headers: []string{"Origin", s.base, "Content-Type", json}, want: 403},
		{what: "a guess", method: "POST", path: "/session", body: `{"token":"` + strings.Repeat("A", 43) + `"}`, headers: []string{"Origin", s.base, "Content-Type", json}, want: 403},
		{what: "much", method: "POST", path: "/session", body: `{"token":"` + strings.Repeat("A", 1<<20) + `"}`, headers: []string{"Origin", s.base, "Content-Type", json}, want: 403},
		{what: "a preflight", method: "OPTIONS", path: "/session", headers: []string{"Origin", "https://evil.example", "Access-Control-Request-Method", "POST"}, cookies: true, want: 403},
		{what: "is one in, asked by another page", method: "GET", path: "/session", headers: []string{"Sec-Fetch-Site", "cross-site"}, cookies: true, want: 403},
		{what: "another page reads a file", method: "GET", path: "/main.js", headers: []string{"Origin", "https://evil.example"}, cookies: true, want: 403},
		{what: "rebinding", method: "GET", path: "/", headers: []string{"Host", "evil.example"}, cookies: true, want: 421},
		{what: "rebinding with the port", method: "GET", path: "/", headers: []string{"Host", "evil.example" + port}, cookies: true, want: 421},
		{what: "rebinding of the token's exchange", method: "POST", path: "/session", body: token, headers: []string{"Host", "evil.example" + port, "Origin", "http://evil.example" + port, "Content-Type", json}, want: 421},
		{what: "without the cookie", method: "GET", path: "/session", want: 401},
		{what: "a WebSocket without the cookie", method: "GET", path: "/events", headers: []string{"Origin", s.base}, want: 401},
		{what: "a folder above", method: "GET", path: "/../site.go", cookies: true, want: 404},
		{what: "a file that is no part of the page", method: "GET", path: "/notes.md", cookies: true, want: 404},
		{what: "a hidden file", method: "GET", path: "/.hidden.html", cookies: true, want: 404},
		{what: "another method", method: "DELETE", path: "/session", headers: []string{"Origin", s.base}, cookies: true, want: 405},
		{what: "oneself", method: "GET", path: "/session", headers: []string{"Sec-Fetch-Site", "same-origin"}, cookies: true, want: 204},
		{what: "oneself by another name of this machine", method: "GET", path: "/", headers: []string{"Host", "localhost" + port}, want: 200},
		{what: "a link to the page", method: "GET", path: "/", headers: []string{"Sec-Fetch-Site", "cross-site"}, want: 200},
	} {
		b := newBrowser(t, s.base)
		if a.cookies {
			b.cookies = in.cookies
		}
		r := b.do(a.method, a.path, a.body, a.headers...)
		if r.StatusCode != a.want {
			t.Errorf("%s: %d, not %d", a.what, r.StatusCode, a.want)
		}
		for name := range r.Header {
			if strings.HasPrefix(name, "Access-Control-") || name == "Set-Cookie" {
				t.Errorf("%s: it is answered with %s", a.what, name)
			}
		}
	}
}

func TestAttacksByWebSocket(t *testing.T) {
	s := newStand(t)
	s.Watch(logged)
	in := s.entered()
	port := s.base[strings.LastIndex(s.base, ":"):]
	for _, a := range []struct {
		what    string
		headers []string
		want    int
	}{
		{"another page", []string{"Origin", "https://evil.example"}, 403},
		{"a page on another port", []string{"Origin", "http://127.0.0.1:1"}, 403},
		{"a sandboxed frame", []string{"Origin", "null"}, 403},
		{"who does not say from where", nil, 403},
		{"another site, as the browser says", []string{"Origin", s.base, "Sec-Fetch-Site", "same-site"}, 403},
		{"rebinding", []string{"Host", "evil.example" + port, "Origin", "http://evil.example" + port}, 421},
	} {
		conn, status := in.dial("/events", a.headers...)
		if conn != nil {
			conn.CloseNow()
			t.Errorf("%s gets a WebSocket", a.what)
		} else if status != a.want {
			t.Errorf("%s: %d, not %d", a.what, status, a.want)
		}
	}
}

// What another process had let in, the next one does not know: neither its cookie nor its
// token. So it is with the page of another user.
func TestAnotherProcessLetsNobodyIn(t *testing.T) {
	before, s := newStand(t), newStand(t)
	old := before.entered()
	b := newBrowser(t, s.base)
	if status := b.enters(before.token()); status != http.StatusForbidden {
		t.Errorf("the token of another process is answered with %d", status)
	}
	for _, c := range old.cookies {
		b.cookies = append(b.cookies, c, &http.Cookie{Name: s.door.cookie, Value: c.Value})
	}
	if r := b.do("GET", "/session", ""); r.StatusCode != http.StatusUnauthorized {
		t.Errorf("the cookie of another process is answered with %d", r.StatusCode)
	}
	if _, status := b.dial("/events", "Origin", s.base); status != http.StatusUnauthorized {
		t.Errorf("with it the WebSocket is answered with %d", status)
	}
	if c := old.cookies[0]; c.Name == s.door.cookie || !c.HttpOnly || c.SameSite != http.SameSiteStrictMode || c.Domain != "" || c.Path != "/" {
		t.Errorf("the cookie is %v", c)
	}
}

func TestHeaders(t *testing.T) {
	s := newStand(t)
	b := newBrowser(t, s.base)
	for path, kind := range map[string]string{"/": "text/html; charset=utf-8", "/main.js": "text/javascript; charset=utf-8"} {
		r := b.do("GET", path, "")
		for name, want := range map[string]string{
			"Content-Type": kind, "X-Content-Type-Options": "nosniff", "Referrer-Policy": "no-referrer", "Cross-Origin-Opener-Policy": "same-origin",
			"Cross-Origin-Resource-Policy": "same-origin", "X-Frame-Options": "DENY", "Cache-Control": "no-cache",
		} {
			if got := r.Header.Get(name); got != want {
				t.Errorf("%s has %s %q, not %q", path, name, got, want)
			}
		}
		policy := r.Header.Get("Content-Security-Policy")
		for _, want := range []string{"default-src 'none'", "script-src 'self';", "style-src 'self';", "base-uri 'none'", "form-action 'none'", "frame-ancestors 'none'", "require-trusted-types-for 'script'", "trusted-types 'none'"} {
			if !strings.Contains(policy, want) {
				t.Errorf("the policy of %s has no %s: %s", path, want, policy)
			}
		}
		if regexp.MustCompile(`unsafe|\*|https?:`).MatchString(policy) {
			t.Errorf("the policy of %s is wide: %s", path, policy)
		}
		if again := b.do("GET", path, "", "If-None-Match", r.Header.Get("ETag")); again.StatusCode != http.StatusNotModified {
			t.Errorf("%s is sent again: %d", path, again.StatusCode)
		}
	}
}

func TestOnlyThisMachineIsServed(t *testing.T) {
	for address, ok := range map[string]bool{
		"127.0.0.1:0": true, "127.3.2.1:0": true, "localhost:0": true,
		"0.0.0.0:0": false, ":0": false, "[::]:0": false, "192.168.1.5:0": false, "example.com:0": false, "127.0.0.1": false, "": false, "[::ffff:192.168.1.5]:0": false,
	} {
		l, err := Listen(address, false)
		if l != nil {
			l.Close()
		}
		if (err == nil) != ok {
			t.Errorf("%q: %v", address, err)
		}
	}
}
