package server

import (
	"bytes"
	"cmp"
	"fmt"
	"log/slog"
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

// texts of refusals, by what is known of TLS.
const (
	noTLSText   = "Passwords are taken over TLS only, and this connection has none: others may have read what you sent. Connect with TLS, which is parleys:// before the host, and choose another password if it was yours."
	unseenText  = "Passwords are taken over TLS only, and this server cannot see whether you use it: a proxy is before it that does not say. If you do, "
	asGuestText = "log in as a guest, with a name that is not registered and no password, or "
	askText     = "ask the server's owner to have the proxy say it. If you do not, others may have read what you sent: connect with TLS, which is parleys:// before the host, and choose another password if it was yours."
)

// Passwords from other hosts are taken over TLS only, and none is even looked at that comes
// otherwise. Guests, and who is on this machine, need no TLS.
func TestPasswordsNeedTLS(t *testing.T) {
	const (
		none    = eventloop.NoTLS
		with    = eventloop.WithTLS
		unknown = eventloop.UnknownTLS
	)
	for _, from := range []struct {
		remote  string
		tls     eventloop.TLS
		needed  bool
		refuses bool
	}{
		{"192.0.2.7:1", none, true, true},
		{"[2001:db8::7]:1", none, true, true},
		{"192.0.2.7:1", unknown, true, true},
		{"[2001:db8::7]:1", unknown, true, true},
		{"192.0.2.7:1", with, true, false},
		{"192.0.2.7:1", none, false, false},
		{"192.0.2.7:1", unknown, false, false},
		{"127.0.0.1:1", none, true, false},
		{"127.0.0.1:1", unknown, true, false},
		{"127.8.9.10:1", none, true, false},
		{"[::1]:1", none, true, false},
		{"[::1]:1", unknown, true, false},
		{"", none, true, false}, // a Unix socket
		{"", unknown, true, false},
	} {
		t.Run(fmt.Sprintf("%+v", from), func(t *testing.T) {
			cfg := benchConfig()
			cfg.PasswordsNeedTLS = from.needed
			c := newTestCore(t, cfg, 1<<20)
			hasher := new(countingHasher)
			c.hasher = asyncHasher{hasher, c.Core}
			remote, _ := netip.ParseAddrPort(from.remote)
			owner := c.openAs(remote, with)
			c.ask(owner, `{"request":"login","content":"alice","password":"blue_horse_17","register":true,"extended":1}`)
			c.settle()
			c.ask(owner, `{"request":"logout"}`)
			c.settle()
			if got := c.take(owner); !strings.HasPrefix(got, "login") {
				t.Fatalf("alice is told %q", got)
			}

			for i, r := range passwordRequests {
				id := c.openAs(remote, from.tls)
				if r.guest {
					c.ask(id, `{"request":"login","content":"guest%d","extended":1}`, i)
					c.settle()
					if got := first(c, id); got != "login" {
						t.Errorf("a guest is told %q", got)
					}
				}
				if r.registered && !from.refuses {
					c.ask(id, `{"request":"register","content":"blue_horse_17"}`)
					c.settle()
					c.take(id)
				}
				before := hasher.asked
				c.ask(id, "%s", r.request)
				c.settle()
				got := first(c, id)
				if want := cmp.Or(map[bool]string{true: "tls_required"}[from.refuses], r.taken); !strings.HasPrefix(got, want) || (hasher.asked == before) != from.refuses {
					t.Errorf("%s: told %q after %d hashes, want %q", r.request, got, hasher.asked-before, want)
				}
			}
		})
	}
}

// openAs opens a connection from an address.
func (c *testCore) openAs(remote netip.AddrPort, tls eventloop.TLS) eventloop.ConnID {
	c.last++
	c.Opened(conn(c.last), remote, tls, c.now)
	return conn(c.last)
}

// passwordRequests are all those that have a password, in each of their forms, and what one who sends
// it with a code is told where it is taken.
var passwordRequests = []struct {
	request           string
	taken             string
	guest, registered bool // who sends it has logged in before; and has made the name an account, if passwords are taken
}{
	{request: `{"request":"login","content":"alice","password":"blue_horse_17","extended":1}`, taken: "login"},
	{request: `{"request":"login","content":"alice blue_horse_17","extended":1}`, taken: "login"},
	{request: `{"request":"login","content":{"name":"alice","password":"blue_horse_17"},"extended":1}`, taken: "login"},
	{request: `{"request":"login","content":"dora","password":"blue_horse_17","extended":1}`, taken: "wrong_credentials"},
	{request: `{"request":"login","content":{"name":"ben","password":"blue_horse_17"},"register":true,"extended":1}`, taken: "login"},
	{request: `{"request":"login","content":"bill","password":"blue_horse_17","register":true,"extended":1}`, taken: "login"},
	{request: `{"request":"login","content":"alice","password":"blue_horse_17","takeover":true,"extended":1}`, taken: "login"},
	{request: `{"request":"register","content":"red_horse_18"}`, taken: "registered", guest: true},
	{request: `{"request":"register","content":{"password":"red_horse_18"}}`, taken: "registered", guest: true},
	{request: `{"request":"passwd","content":"blue_horse_17 red_horse_19"}`, taken: "password", guest: true, registered: true},
	{request: `{"request":"passwd","content":{"old":"blue_horse_17","new":"red_horse_19"}}`, taken: "password", guest: true, registered: true},
}

// Whose password is refused is told why, and what they can do: as a guest, who has come as one or
// may, and where there are none.
func TestWhyAPasswordIsRefused(t *testing.T) {
	const named, behind = `{"request":"login","content":"alice","password":"blue horse 17"}`, `{"request":"login","content":"alice blue horse 17"}`
	for _, tt := range []struct {
		what     string
		tls      eventloop.TLS
		accounts bool // everybody needs one
		requests []string
		want     string
	}{
		{"without TLS", eventloop.NoTLS, false, []string{named}, noTLSText},
		{"without TLS, behind the name", eventloop.NoTLS, true, []string{behind}, noTLSText},
		{"unknown", eventloop.UnknownTLS, false, []string{named}, unseenText + asGuestText + askText},
		{"unknown, where there are no guests", eventloop.UnknownTLS, true, []string{named}, unseenText + askText},
		{"unknown, behind the name", eventloop.UnknownTLS, true, []string{behind}, unseenText + askText},
		{"unknown, of a guest", eventloop.UnknownTLS, false, []string{`{"request":"login","content":"bob"}`, `{"request":"register","content":"red horse 18"}`}, unseenText + askText},
	} {
		t.Run(tt.what, func(t *testing.T) {
			cfg := benchConfig()
			cfg.PasswordsNeedTLS, cfg.AccountsRequired = true, tt.accounts
			c := newTestCore(t, cfg, 1<<20)
			id := c.openAs(netip.MustParseAddrPort("192.0.2.7:1"), tt.tls)
			for _, r := range tt.requests {
				c.take(id)
				c.ask(id, "%s", r)
				c.settle()
			}
			if got := c.take(id); got != tt.want {
				t.Errorf("told %q, want %q", got, tt.want)
			}
		})
	}
}

// The owner is told once that a proxy does not say what passwords need, and what to set; of who
// has no TLS nothing is to be set.
func TestOwnerIsToldOfAProxyThatDoesNotSay(t *testing.T) {
	var log bytes.Buffer
	cfg := benchConfig()
	cfg.PasswordsNeedTLS, cfg.Log = true, slog.New(slog.NewTextHandler(&log, &slog.HandlerOptions{Level: slog.LevelWarn}))
	c := newTestCore(t, cfg, 1<<20)
	refuse := func(tls eventloop.TLS) {
		for range 3 {
			id := c.openAs(netip.MustParseAddrPort("192.0.2.7:1"), tls)
			c.ask(id, `{"request":"login","content":"alice","password":"blue horse 17","extended":1}`)
			if got := first(c, id); got != "tls_required" {
				t.Errorf("told %q", got)
			}
		}
	}
	refuse(eventloop.NoTLS)
	if log.Len() > 0 {
		t.Errorf("without TLS the log says %s", &log)
	}
	refuse(eventloop.UnknownTLS)
	line := log.String()
	if strings.Count(line, "\n") != 1 {
		t.Errorf("the log says %s", line)
	}
	for _, words := range []string{"the proxy before the server does not say whether its clients use TLS", "send-proxy-v2-ssl", "--proxy-tls-listen", "--plain-passwords", "remote=192.0.2.7:1"} {
		if !strings.Contains(line, words) {
			t.Errorf("the log says %s, not %s", line, words)
		}
	}
}
