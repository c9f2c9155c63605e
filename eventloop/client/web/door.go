package web

import (
	"crypto/sha256"
	"crypto/subtle"
	"encoding/base64"
	"encoding/json"
	"io"
	"mime"
	"net"
	"net/http"
	"strconv"
)

const (
	secretSize = 32 // bytes of the token and of the cookie: nobody guesses them
	runSize    = 8  // bytes of what names the run: no secret

	wordsNotIn = "Open the URL that parley has printed: it lets this browser in."
)

// A door says who may come in: a browser of the person who was shown the URL, and in it no
// other page. It is safe for several goroutines: nothing of it changes. With Remote there is
// a password in place of the token, see remote.go.
//
// The token is in the URL's fragment, which a browser sends to nobody; the page exchanges it
// for the cookie. Both are random and end with the process. Another user of the machine has
// neither. Another page of the same browser is not sent the cookie along (SameSite), is told
// from us by its Origin, and does not reach us by a name of its own whose address it lets
// change to a loopback one (DNS rebinding), since that name is the Host then.
//
// The cookie is sent without TLS, to a loopback address: nobody is in between. It is not
// called __Host-, for which it would have to be Secure, and browsers do not agree on whether
// that can be so on http://127.0.0.1. Browsers keep cookies apart by host and not by port, so
// the port is in its name: two processes do not put each other's page out.
type door struct {
	token  string
	secret string // the value of the cookie
	cookie string // its name
	scheme string // http, or https with Remote
	hosts  map[string]bool
	policy string  // the Content-Security-Policy
	remote *remote // nil: the page is for this machine
}

func newDoor(a *net.TCPAddr, token, secret []byte) *door {
	port := strconv.Itoa(a.Port)
	d := &door{
		token: base64.RawURLEncoding.EncodeToString(token), secret: base64.RawURLEncoding.EncodeToString(secret),
		cookie: "parley-" + port, scheme: "http",
		hosts: map[string]bool{a.String(): true, net.JoinHostPort("localhost", port): true},
	}
	d.policy = policyOf(" ws://" + a.String() + " ws://localhost:" + port)
	return d
}

// opens has others in by a password, over TLS.
func (d *door) opens(r *remote) {
	d.remote, d.scheme, d.cookie = r, "https", "__Host-"+d.cookie
	d.policy = policyOf("")
}

// policyOf is the Content-Security-Policy. 'self' has the WebSockets of the same host in it, but
// not in all browsers those of http, which are named.
func policyOf(sockets string) string {
	return "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'" + sockets +
		"; base-uri 'none'; form-action 'none'; frame-ancestors 'none'; require-trusted-types-for 'script'; trusted-types 'none'"
}

// guard refuses what comes under another name, or from another page, and says of all that is
// served how it may be used.
func (d *door) guard(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		for name, value := range map[string]string{
			"Content-Security-Policy":      d.policy,
			"Cross-Origin-Opener-Policy":   "same-origin",
			"Cross-Origin-Resource-Policy": "same-origin",
			"Cross-Origin-Embedder-Policy": "require-corp",
			"Referrer-Policy":              "no-referrer",
			"X-Content-Type-Options":       "nosniff",
			"X-Frame-Options":              "DENY",
			"Permissions-Policy":           "camera=(), microphone=(), geolocation=(), payment=(), usb=()",
			"Cache-Control":                "no-cache",
		} {
			w.Header().Set(name, value)
		}
		switch {
		case !d.isHost(r.Host):
			http.Error(w, "This is not the address of parley's page.", http.StatusMisdirectedRequest)
		case !d.fromHere(r):
			http.Error(w, "Another page may not ask this.", http.StatusForbidden)
		default:
			next.ServeHTTP(w, r)
		}
	})
}

// fromHere reports whether a request is of this page, as far as the browser says so. To look
// at the page is open to all: there is nothing of the person in it. For all else it has to
// say so.
func (d *door) fromHere(r *http.Request) bool {
	origin := r.Header.Get("Origin")
	here := origin == d.scheme+"://"+r.Host
	switch site := r.Header.Get("Sec-Fetch-Site"); {
	case origin != "" && !here:
		return false
	case r.Method == http.MethodPost, r.URL.Path == "/events":
		return here && (site == "" || site == "same-origin")
	case r.URL.Path == "/session":
		return site == "" || site == "same-origin"
	}
	return true
}

// isHost reports whether the page is reached by a name of its own.
func (d *door) isHost(host string) bool {
	if d.remote != nil {
		return d.remote.isHost(host)
	}
	return d.hosts[host]
}

// letIn exchanges the token, or the password, for the cookie.
func (d *door) letIn(w http.ResponseWriter, r *http.Request) {
	kind, _, _ := mime.ParseMediaType(r.Header.Get("Content-Type"))
	var body struct {
		Token    string `json:"token"`
		Password string `json:"password"`
	}
	text, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxToken))
	if err == nil {
		err = json.Unmarshal(text, &body)
	}
	status, words := http.StatusForbidden, wordsNotIn
	switch {
	case kind != "application/json" || err != nil:
	case d.remote != nil:
		status, words = d.remote.try(body.Password)
	case isSame(body.Token, d.token):
		status = http.StatusNoContent
	}
	if status != http.StatusNoContent {
		http.Error(w, words, status)
		return
	}
	http.SetCookie(w, &http.Cookie{Name: d.cookie, Value: d.secret, Path: "/", HttpOnly: true, Secure: d.remote != nil, SameSite: http.SameSiteStrictMode})
	w.WriteHeader(status)
}

// known says whether a browser was let in.
func (d *door) known(w http.ResponseWriter, r *http.Request) {
	if !d.isIn(r) {
		if d.remote != nil {
			w.Header().Set("WWW-Authenticate", "password") // the page asks for it
		}
		http.Error(w, wordsNotIn, http.StatusUnauthorized)
		return
	}
	w.WriteHeader(http.StatusNoContent)
}

// isIn reports whether a request has the cookie.
func (d *door) isIn(r *http.Request) bool {
	c, err := r.Cookie(d.cookie)
	return err == nil && isSame(c.Value, d.secret)
}

// isSame compares secrets in a time that does not tell how much of them is the same.
func isSame(a, b string) bool {
	x, y := sha256.Sum256([]byte(a)), sha256.Sum256([]byte(b))
	return subtle.ConstantTimeCompare(x[:], y[:]) == 1
}
