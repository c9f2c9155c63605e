package server

import (
	"fmt"
	"net/netip"
	"strings"
	"testing"

	"parley/eventloop"
)

// countingHasher takes any password of a name that has one, which takes no time, and counts.
type countingHasher struct{ asked int }

func (h *countingHasher) Verify(_, hash, _ string, done func(ok, rehash bool)) bool {
	h.asked++
	done(hash != "", false)
	return true
}

func (h *countingHasher) Hash(_, _ string, done func(hash string)) bool {
	h.asked++
	done("hash")
	return true
}

// first returns the first thing that a connection has been told since the last time.
func first(c *testCore, id eventloop.ConnID) string {
	word, _, _ := strings.Cut(c.take(id), ", ")
	return word
}

// Passwords from other hosts are taken over TLS only, and none is even looked at that comes
// otherwise. Guests, and who is on this machine, need no TLS.
func TestPasswordsNeedTLS(t *testing.T) {
	const refused = "tls_required"
	for _, from := range []struct {
		remote         string
		secure, needed bool
		refuses        bool
	}{
		{"192.0.2.7:1", false, true, true},
		{"[2001:db8::7]:1", false, true, true},
		{"192.0.2.7:1", true, true, false},
		{"192.0.2.7:1", false, false, false},
		{"127.0.0.1:1", false, true, false},
		{"127.8.9.10:1", false, true, false},
		{"[::1]:1", false, true, false},
		{"", false, true, false}, // a Unix socket
	} {
		t.Run(fmt.Sprintf("%+v", from), func(t *testing.T) {
			cfg := benchConfig()
			cfg.PasswordsNeedTLS = from.needed
			c := newTestCore(t, cfg, 1<<20)
			hasher := new(countingHasher)
			c.hasher = asyncHasher{hasher, c.Core}
			remote, _ := netip.ParseAddrPort(from.remote)
			open := func(secure bool) eventloop.ConnID {
				c.last++
				c.Opened(conn(c.last), remote, secure, c.now)
				return conn(c.last)
			}
			expect := func(id eventloop.ConnID, request, want string) {
				t.Helper()
				before := hasher.asked
				c.ask(id, "%s", request)
				c.settle()
				got := first(c, id)
				if from.refuses && (got != refused || hasher.asked != before) || !from.refuses && (got != want || hasher.asked == before) {
					t.Errorf("%s: told %q after %d hashes", request, got, hasher.asked-before)
				}
			}
			owner := open(true)
			c.ask(owner, `{"request":"login","content":"alice","password":"blue horse 17","register":true,"extended":1}`)
			c.settle()
			if got := first(c, owner); got != "login" {
				t.Fatalf("alice is told %q", got)
			}
			c.ask(owner, `{"request":"logout"}`)
			c.settle()

			expect(open(from.secure), `{"request":"login","content":"alice","password":"blue horse 17","extended":1}`, "login")
			expect(open(from.secure), `{"request":"login","content":{"name":"ben","password":"blue horse 17"},"register":true,"extended":1}`, "login")
			expect(open(from.secure), `{"request":"login","content":"dora","password":"blue horse 17","extended":1}`, "wrong_credentials")
			guest := open(from.secure)
			c.ask(guest, `{"request":"login","content":"carol","extended":1}`)
			c.settle()
			if got := first(c, guest); got != "login" {
				t.Errorf("a guest is told %q", got)
			}
			expect(guest, `{"request":"register","content":"red horse 18"}`, "registered")
			if !from.refuses {
				expect(guest, `{"request":"passwd","content":{"old":"red horse 18","new":"red horse 19"}}`, "password")
				return
			}
			expect(guest, `{"request":"passwd","content":"red_horse_18 red_horse_19"}`, "")
		})
	}
}

// Who has typed a password behind the name, as plain clients let one, is told it in words.
func TestPasswordBehindTheNameNeedsTLS(t *testing.T) {
	cfg := benchConfig()
	cfg.PasswordsNeedTLS, cfg.AccountsRequired = true, true
	c := newTestCore(t, cfg, 1<<20)
	c.last++
	id := conn(c.last)
	c.Opened(id, netip.MustParseAddrPort("192.0.2.7:1"), false, c.now)
	c.ask(id, `{"request":"login","content":"alice blue horse 17"}`)
	const want = "Passwords are taken over TLS only, and this connection has none: others may have read what you sent. Connect with TLS, which is parleys:// before the host, and choose another password if it was yours."
	if got := c.take(id); got != want {
		t.Errorf("told %q", got)
	}
}
