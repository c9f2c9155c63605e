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
	"parley/users/command"
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
// otherwise. Guests, and who is on this machine, need no TLS; but of a proxy that does not say
// whether there is TLS, the address may be its own, and the client anywhere.
func TestPasswordsNeedTLS(t *testing.T) {
	const (
		none    = eventloop.NoTLS
		with    = eventloop.WithTLS
		unknown = eventloop.UnknownTLS
	)
	for _, from := range []passwordsFrom{
		{"192.0.2.7:1", none, true, true},
		{"[2001:db8::7]:1", none, true, true},
		{"192.0.2.7:1", unknown, true, true},
		{"[2001:db8::7]:1", unknown, true, true},
		{"192.0.2.7:1", with, true, false},
		{"192.0.2.7:1", none, false, false},
		{"192.0.2.7:1", unknown, false, false},
		{"127.0.0.1:1", none, true, false},
		{"127.0.0.1:1", unknown, true, true},
		{"127.0.0.1:1", unknown, false, false},
		{"127.0.0.1:1", with, true, false},
		{"127.8.9.10:1", none, true, false},
		{"[::1]:1", none, true, false},
		{"[::1]:1", unknown, true, true},
		{"", none, true, false}, // a Unix socket
		{"", unknown, true, true},
		{"", with, true, false},
	} {
		t.Run(fmt.Sprintf("%+v", from), func(t *testing.T) {
			for i, r := range passwordRequests {
				from.check(t, i, r)
			}
		})
	}
}

// passwordsFrom says from where passwords come, and what becomes of them.
type passwordsFrom struct {
	remote  string
	tls     eventloop.TLS
	needed  bool
	refuses bool
}

// check has one request with a password come, from a client beside the one of alice, who has an account.
func (from passwordsFrom) check(t *testing.T, n int, r passwordRequest) {
	cfg := benchConfig()
	cfg.PasswordsNeedTLS = from.needed
	c := newTestCore(t, cfg, 1<<20)
	hasher := new(countingHasher)
	c.hasher = asyncHasher{hasher, c.Core}
	remote, _ := netip.ParseAddrPort(from.remote)
	asks := func(id eventloop.ConnID, request, want string) {
		t.Helper()
		c.ask(id, "%s", request)
		c.settle()
		if got := first(c, id); got != want {
			t.Errorf("%s: told %q, want %q", request, got, want)
		}
	}
	owner := c.openAs(remote, eventloop.WithTLS)
	asks(owner, `{"request":"login","content":"alice","password":"blue_horse_17","register":true,"extended":1}`, "login")
	asks(owner, `{"request":"logout"}`, "logout")

	id := c.openAs(remote, from.tls)
	if r.guest {
		asks(id, fmt.Sprintf(`{"request":"login","content":"guest%d","extended":1}`, n), "login")
	}
	if r.registered && !from.refuses {
		asks(id, `{"request":"register","content":"blue_horse_17"}`, "registered")
	}
	before := hasher.asked
	c.ask(id, "%s", r.request)
	c.settle()
	got := first(c, id)
	if want := cmp.Or(map[bool]string{true: "tls_required"}[from.refuses], r.taken); !strings.HasPrefix(got, want) || (hasher.asked == before) != from.refuses {
		t.Errorf("%s: told %q after %d hashes, want %q", r.request, got, hasher.asked-before, want)
	}
}

// openAs opens a connection from an address.
func (c *testCore) openAs(remote netip.AddrPort, tls eventloop.TLS) eventloop.ConnID {
	c.last++
	c.Opened(conn(c.last), remote, tls, c.now)
	return conn(c.last)
}

// A passwordRequest has a password.
type passwordRequest struct {
	request           string
	taken             string // what one who sends it with a code is told where it is taken
	guest, registered bool   // who sends it has logged in before; and has made the name an account, if passwords are taken
}

// passwordRequests are all those that have a password, in each of their forms.
var passwordRequests = []passwordRequest{
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
		lockdown bool
		requests []string
		want     string
	}{
		{"without TLS", eventloop.NoTLS, false, false, []string{named}, noTLSText},
		{"without TLS, behind the name", eventloop.NoTLS, true, false, []string{behind}, noTLSText},
		{"unknown", eventloop.UnknownTLS, false, false, []string{named}, unseenText + asGuestText + askText},
		{"unknown, where there are no guests", eventloop.UnknownTLS, true, false, []string{named}, unseenText + askText},
		{"unknown, in a lockdown", eventloop.UnknownTLS, false, true, []string{named}, unseenText + askText},
		{"unknown, behind the name", eventloop.UnknownTLS, true, false, []string{behind}, unseenText + askText},
		{"unknown, of a guest", eventloop.UnknownTLS, false, false, []string{`{"request":"login","content":"bob"}`, `{"request":"register","content":"red horse 18"}`}, unseenText + askText},
	} {
		t.Run(tt.what, func(t *testing.T) {
			cfg := benchConfig()
			cfg.PasswordsNeedTLS, cfg.AccountsRequired = true, tt.accounts
			c := newTestCore(t, cfg, 1<<20)
			if tt.lockdown {
				c.outside(&command.Lockdown{On: true})
			}
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
