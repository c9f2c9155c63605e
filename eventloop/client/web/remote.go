package web

import (
	"crypto/tls"
	"net"
	"net/http"
	"net/netip"
	"time"

	"golang.org/x/time/rate"
)

// Remote is what it takes to serve a page to other machines: TLS, and a password in place of
// the token. Whoever has the password is the person.
type Remote struct {
	// TLS has GetCertificate. The page is reached by the names and addresses of that certificate, and
	// by no others: so nobody's own name leads there (DNS rebinding).
	TLS *tls.Config

	// IsPassword takes as long as a hash of a password does.
	IsPassword func(password string) bool
}

// How often passwords are tried, by all together: some times at once, and then one in tryPause.
// That is 14,400 guesses a day. Who is in is not held up by it.
const (
	tryBurst = 10
	tryPause = 6 * time.Second

	wordsWrong   = "That is not the password of this page."
	wordsTooMany = "Too many passwords were tried. Wait a minute."
)

// A remote is a Remote that is served.
type remote struct {
	Remote
	tries *rate.Limiter
	one   chan struct{} // has a place for one: a hash takes memory
}

func newRemote(r *Remote) *remote {
	if r == nil {
		return nil
	}
	return &remote{*r, rate.NewLimiter(rate.Every(tryPause), tryBurst), make(chan struct{}, 1)}
}

// try tells how a password is answered.
func (r *remote) try(password string) (status int, words string) {
	if !r.tries.Allow() {
		return http.StatusTooManyRequests, wordsTooMany
	}
	r.one <- struct{}{}
	defer func() { <-r.one }()
	if !r.IsPassword(password) {
		return http.StatusForbidden, wordsWrong
	}
	return http.StatusNoContent, ""
}

// isHost reports whether the certificate is for the host of a request. Its port may be any: a
// router may have another one.
func (r *remote) isHost(host string) bool {
	name, _, err := net.SplitHostPort(host)
	if err != nil {
		name = host
	}
	c, err := r.TLS.GetCertificate(new(tls.ClientHelloInfo))
	return err == nil && c.Leaf != nil && c.Leaf.VerifyHostname(name) == nil
}

// address is where others reach what is served at an address: by the first name of the
// certificate, if there is one.
func (r *remote) address(a *net.TCPAddr) string {
	host, port, _ := net.SplitHostPort(a.String())
	c, err := r.TLS.GetCertificate(new(tls.ClientHelloInfo))
	switch {
	case err != nil || c.Leaf == nil || c.Leaf.VerifyHostname(host) == nil:
	case len(c.Leaf.DNSNames) > 0:
		host = c.Leaf.DNSNames[0]
	case len(c.Leaf.IPAddresses) > 0:
		host = c.Leaf.IPAddresses[0].String()
	}
	return net.JoinHostPort(host, port)
}

// IsRemote reports whether others can reach an address, ADDRESS:PORT. It is true of what is no
// address in digits.
func IsRemote(address string) bool {
	host, _, err := net.SplitHostPort(address)
	ip, wrong := netip.ParseAddr(host)
	return host != "localhost" && (err != nil || wrong != nil || !ip.IsLoopback() || ip.Zone() != "")
}
