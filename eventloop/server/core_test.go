package server

import (
	"errors"
	"fmt"
	"net/netip"
	"strings"
	"testing"
	"time"

	"parley/protocol"
	"parley/users"
	"parley/users/log"
	"parley/users/state"
)

// Every verb of the table does something, and nothing else does.
func TestEveryVerbHasARequest(t *testing.T) {
	requests := newRequests()
	for _, v := range protocol.NewVerbs().List() {
		if requests[v.Name] == nil {
			t.Errorf("%s is in the table and does nothing", v.Name)
		}
		delete(requests, v.Name)
	}
	for name := range requests {
		t.Errorf("%s is not in the table", name)
	}
}

// Every error of the domain that a request can meet has an answer of its own,
// which is a sentence.
func TestDomainErrors(t *testing.T) {
	for err, want := range map[error]protocol.Code{
		users.ErrNameTaken: protocol.NameTaken, users.ErrUnknownUser: protocol.UnknownUser, users.ErrRegistered: protocol.NotAllowed,
		users.ErrTooManyAccounts: protocol.NotAllowed, users.ErrSelf: protocol.BadRequest, users.ErrAlreadyBlocked: protocol.BadRequest,
		users.ErrNotBlocked: protocol.BadRequest, users.ErrTooManyBlocked: protocol.NotAllowed, users.ErrAwayTooLong: protocol.TooLarge,
		users.ErrInvited: protocol.BadRequest, users.ErrNotInvited: protocol.BadRequest, users.ErrNotRelayed: protocol.NotAllowed, users.ErrRelayAbused: protocol.RateLimited,
		users.ErrMailboxFull: protocol.NotAllowed, users.ErrSenderFull: protocol.NotAllowed, users.ErrGuestsFull: protocol.NotAllowed,
		state.ErrReused: protocol.BadRequest, state.ErrBlocked: protocol.BlockedByUser, state.ErrBlocking: protocol.NotAllowed, state.ErrOffline: protocol.UserOffline,
		state.ErrPlain: protocol.NotAllowed, state.ErrStale: protocol.WrongCredentials, state.ErrGone: protocol.NotLoggedIn,
		log.ErrBusy: protocol.Busy, log.ErrFailing: protocol.Internal, errors.New("secret"): protocol.Internal,
	} {
		got := domainError(fmt.Errorf("wrapped: %w", err), "alice")
		if got.Code != want || !strings.HasSuffix(got.Text, ".") || strings.Contains(got.Text, "NAME") || strings.Contains(got.Text, "secret") {
			t.Errorf("%v: %s %q, want %s", err, got.Code, got.Text, want)
		}
	}
}

// Of bad input an error repeats so much that it is known again.
func TestShorten(t *testing.T) {
	for in, want := range map[string]string{"": "", strings.Repeat("x", 32): strings.Repeat("x", 32), strings.Repeat("x", 33): strings.Repeat("x", 32) + "...",
		strings.Repeat("x", 31) + "å": strings.Repeat("x", 31) + "..."} {
		if got := shorten(in); got != want {
			t.Errorf("%q becomes %q, want %q", in, got, want)
		}
	}
}

func TestBucket(t *testing.T) {
	now := time.Hour // since the core began
	r := Rate{PerSecond: 10, Burst: 5}
	steps := []struct {
		after time.Duration
		units int
		wait  time.Duration
	}{
		{0, 3, 0},
		{0, 2, 0},
		{0, 1, 100 * time.Millisecond},
		{50 * time.Millisecond, 1, 50 * time.Millisecond},
		{50 * time.Millisecond, 1, 0},
		{time.Hour, 5, 0},
		{time.Second, 7, 0}, // more than the burst, of a full bucket
		{0, 1, 300 * time.Millisecond},
	}
	var b bucket
	for i, s := range steps {
		now += s.after
		if got := b.take(s.units, r, now).Round(time.Millisecond); got != s.wait {
			t.Errorf("step %d: wait %s, want %s", i, got, s.wait)
		}
	}
	var free bucket
	for range 100 {
		if free.take(1000, Rate{}, now) != 0 {
			t.Fatal("there is a limit where there should be none")
		}
	}
}

// The word observed stands for the address that the server sees, if there is one.
func TestOffer(t *testing.T) {
	c, fingerprint := &Core{cfg: Config{RelayRate: 1}, secrets: "chosen"}, "SHA256:"+strings.Repeat("A", 43)
	for _, tt := range []struct{ remote, paths, want string }{
		{"192.0.2.1:4711", "10.0.0.1:4000,observed,relay", "[10.0.0.1:4000 192.0.2.1:4711 relay]"},
		{"[::ffff:192.0.2.1]:4711", "observed", "[192.0.2.1:4711]"},
		{"[2001:db8::1]:4711", "relay,observed", "[relay [2001:db8::1]:4711]"},
		{"192.0.2.1:4711", "192.0.2.1:4711,observed", "[192.0.2.1:4711]"},
		{"", "10.0.0.1:4000,observed,relay", "[10.0.0.1:4000 relay]"},
		{"", "observed", "[]"},
	} {
		remote, _ := netip.ParseAddrPort(tt.remote)
		s := &session{name: "alice", addr: remote.Addr(), port: remote.Port()}
		offer, err := c.offer(s, call{args: []string{"bob", fingerprint, tt.paths}})
		if err != nil || fmt.Sprint(offer.Paths) != tt.want || offer.Name != "alice" || offer.Fingerprint != fingerprint {
			t.Errorf("%+v: %+v, %v", tt, offer, err)
		}
	}
}
