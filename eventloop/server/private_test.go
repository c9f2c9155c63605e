package server_test

import (
	"encoding/base64"
	"fmt"
	"strings"
	"testing"
	"time"

	"parley/eventloop/server"
	"parley/eventloop/sim"
	"parley/protocol"
)

var fingerprint = "SHA256:" + base64.RawStdEncoding.EncodeToString(make([]byte, 32))

// privateChat is a chat with a relay and people in extended sessions.
func privateChat(t *testing.T, cfg server.Config, names ...string) (chat, []*sim.Conn) {
	cfg.PresenceLimit = 0
	c := newChat(t, cfg)
	var conns []*sim.Conn
	for _, name := range names {
		conns = append(conns, c.login(name, true))
	}
	return c, conns
}

func relayConfig() server.Config {
	cfg := config()
	cfg.RelayRate = 256 << 10
	return cfg
}

func (c chat) ask(conn *sim.Conn, verb string, words ...string) {
	c.send(conn, protocol.Request{Verb: verb, Content: protocol.Content{Text: strings.Join(words, " ")}})
}

// agree has b accept what a asks for, and returns the number of the session.
func (c chat) agree(a, b *sim.Conn, nameA, nameB string) string {
	c.Helper()
	c.ask(a, "startprivate", nameB, fingerprint, "relay")
	c.ask(b, "acceptprivate", nameA, fingerprint, "relay")
	got := c.responses(b)
	last := got[len(got)-1]
	c.responses(a)
	if last.Data.Event != protocol.EventIntroduced || fmt.Sprint(last.Data.Private.Paths) != "[relay]" {
		c.Fatalf("%s and %s: %+v", nameA, nameB, last)
	}
	return fmt.Sprint(last.Data.Private.Session)
}

func (c chat) server() *server.Server { return c.net.Handler.(*server.Server) }

// Who does not read is not disconnected by what others relay, not even by all
// whom one can have at once, with all credit in the smallest pieces.
func TestRelayCannotOverrunASlowReader(t *testing.T) {
	cfg := relayConfig()
	cfg.Flood, cfg.RelayRate = server.FloodLimits{}, 1<<30
	c, conns := privateChat(t, cfg, "slow")
	slow := conns[0]
	var peers []*sim.Conn
	var sessions []string
	for i := range protocol.MaxPrivate {
		name := fmt.Sprintf("averyveryveryverylongpeername%02d", i)
		peers = append(peers, c.login(name, true))
		sessions = append(sessions, c.agree(peers[i], slow, name, "slow"))
	}
	slow.Stall()
	payload := strings.Repeat("x", 4)
	cost := protocol.RelayCost(payload)
	frames := protocol.RelayWindow / cost
	for i, p := range peers {
		name := fmt.Sprintf("averyveryveryverylongpeername%02d", i)
		for range frames {
			c.ask(p, "relay", "slow", sessions[i], "0", payload)
			c.ask(slow, "relay", name, sessions[i], "0", payload)
			for range cost / 20 {
				c.ask(p, "relay", "slow", sessions[i], "20")
			}
		}
		if got := c.responses(p); len(got) != frames {
			t.Fatalf("%s is told %d times, the last %+v", name, len(got), got[len(got)-1])
		}
	}
	if n := slow.Waiting(); n < protocol.MaxPrivate*frames*200 || n > protocol.MaxOutbound {
		t.Errorf("%d bytes wait", n)
	}
	if counts := c.server().PrivateCounts().Relays; counts.Open != protocol.MaxPrivate || counts.Ended != 0 {
		t.Errorf("%+v", counts)
	}
	c.send(peers[0], protocol.Request{Verb: "whois", Content: protocol.Content{Text: "slow"}})
	if got := c.responses(peers[0]); len(got) != 1 || got[0].Data.State != protocol.StateOnline {
		t.Errorf("slow is gone: %+v", got)
	}
}

// One has a number of relays and of invitations of one's own at most. What others
// ask takes nothing from that, and is limited for itself.
func TestTooManyPrivateSessions(t *testing.T) {
	cfg := relayConfig()
	cfg.Flood = server.FloodLimits{}
	c, conns := privateChat(t, cfg, "alice", "bob", "carl")
	alice, bob, carl := conns[0], conns[1], conns[2]
	code := func(conn *sim.Conn, want protocol.Code, words ...string) {
		t.Helper()
		c.responses(conn)
		c.ask(conn, words[0], words[1:]...)
		got := c.responses(conn)
		if len(got) != 1 || got[0].Data.Code != want {
			t.Errorf("%v: %+v, want %q", words, got, want)
		}
	}
	var others []*sim.Conn
	for i := range protocol.MaxRinging {
		others = append(others, c.login(fmt.Sprint("other", i), true))
		code(others[i], "", "startprivate", "alice", fingerprint, "relay")
	}
	code(bob, protocol.Busy, "startprivate", "alice", fingerprint)
	code(alice, "", "startprivate", "bob", fingerprint, "relay") // though 32 others have asked her
	for i := 1; i < protocol.MaxPrivate; i++ {
		code(alice, "", "acceptprivate", fmt.Sprint("other", i), fingerprint, "relay")
	}
	code(alice, protocol.NotAllowed, "startprivate", "carl", fingerprint)
	code(alice, protocol.NotAllowed, "acceptprivate", "other0", fingerprint, "relay")
	code(alice, protocol.NotAllowed, "startprivate", "other0", fingerprint, "relay") // is the same
	code(carl, "", "startprivate", "alice", fingerprint, "relay")
	code(bob, "", "acceptprivate", "alice", fingerprint, "relay")
	if got := c.server().PrivateCounts(); got.Relays.Open != protocol.MaxPrivate || got.Invitations != 2 {
		t.Errorf("%+v", got)
	}
	code(alice, protocol.NotAllowed, "acceptprivate", "carl", fingerprint, "relay")
	code(alice, "", "acceptprivate", "carl", fingerprint, "10.0.0.1:4000") // is not for the server any more
	code(alice, "", "stopprivate", "bob")
	code(alice, "", "startprivate", "other0", fingerprint, "relay")
	if got := c.server().PrivateCounts(); got.Relays.Open != protocol.MaxPrivate || got.Invitations != 0 {
		t.Errorf("at the end %+v", got)
	}
	for _, conn := range append(others, bob, carl) {
		conn.HangUp()
	}
	c.net.Run()
	if got := c.server().PrivateCounts(); got.Invitations != 0 || got.Relays.Open != 0 {
		t.Errorf("when they have left: %+v", got)
	}
}

// Invitations are limited for each session, whoever they are to and whatever
// becomes of them.
func TestInvitationFlood(t *testing.T) {
	c, conns := privateChat(t, relayConfig(), "alice", "bob")
	alice := conns[0]
	ask := func() protocol.Data {
		c.ask(alice, "startprivate", "bob", fingerprint)
		got := c.responses(alice)
		c.ask(alice, "stopprivate", "bob")
		c.responses(alice)
		return *got[0].Data
	}
	for i := range 10 {
		if got := ask(); got.Event != protocol.EventInvited {
			t.Fatalf("invitation %d: %+v", i, got)
		}
	}
	if got := ask(); got.Code != protocol.RateLimited || got.Seconds != 6 {
		t.Errorf("one too many: %+v", got)
	}
	c.net.Advance(6 * time.Second)
	if first, second := ask(), ask(); first.Event != protocol.EventInvited || second.Code != protocol.RateLimited {
		t.Errorf("after a while: %+v, %+v", first, second)
	}
	if got := len(c.responses(conns[1])); got != 22 {
		t.Errorf("bob is told %d times", got)
	}
}

// The rate of a session holds its credit back, by the clock, and so does that of its address.
func TestRelayRate(t *testing.T) {
	for _, rates := range [][2]int{{protocol.RelayWindow, 0}, {protocol.RelayWindow, 1 << 20}, {1 << 20, protocol.RelayWindow}} {
		testRelayRate(t, rates[0], rates[1])
	}
}

func testRelayRate(t *testing.T, perSession, perAddress int) {
	t.Helper()
	for _, loops := range []int{1, 2} {
		cfg := relayConfig()
		cfg.Loops, cfg.RelayRate, cfg.Addresses.RelayRate = loops, perSession, perAddress
		c, conns := privateChat(t, cfg, "alice", "bob")
		session := c.agree(conns[0], conns[1], "alice", "bob")
		payload := base64.StdEncoding.EncodeToString(make([]byte, protocol.MaxRelayed))
		cost := protocol.RelayCost(payload)
		told := func() (n int) {
			for _, r := range c.responses(conns[0]) {
				n += r.Data.Private.Credit / cost
			}
			return n
		}
		exchange := func() {
			c.ask(conns[0], "relay", "bob", session, "0", payload)
			c.ask(conns[1], "relay", "alice", session, fmt.Sprint(cost))
		}
		exchange()
		exchange()
		if got := told(); got != 2 {
			t.Errorf("%d loops: credit for %d frames within the first window", loops, got)
		}
		exchange()
		wait := time.Duration(3*cost-protocol.RelayWindow) * time.Second / protocol.RelayWindow
		c.net.Advance(wait - 10*time.Millisecond)
		if got := told(); got != 0 {
			t.Errorf("%d loops: credit for %d frames before its time", loops, got)
		}
		c.net.Advance(20 * time.Millisecond)
		if got := told(); got != 1 {
			t.Errorf("%d loops: credit for %d frames when it is time", loops, got)
		}
	}
}

// What is relayed waits for nothing else that its session asks for, and is not
// refused with it.
func TestRelayOfABusySession(t *testing.T) {
	cfg := relayConfig()
	cfg.Flood = server.FloodLimits{PerSecond: 1, Burst: 100}
	c, conns := privateChat(t, cfg, "alice", "bob")
	session := c.agree(conns[0], conns[1], "alice", "bob")
	c.Hasher.Delay = time.Second
	c.ask(conns[0], "register", "blue horse 1") // uses up all units
	for range 60 {
		c.ask(conns[0], "relay", "bob", session, "0", "aGk=")
	}
	if got := c.responses(conns[1]); len(got) != 60 {
		t.Errorf("bob gets %d frames", len(got))
	}
	c.net.Advance(2 * time.Second)
	if got := c.responses(conns[0]); len(got) != 1 || got[0].Data.Event != protocol.EventRegistered {
		t.Errorf("alice is told %+v", got)
	}
}

// What is relayed takes nothing from what its sender may say to others.
func TestRelayCostsNothingElse(t *testing.T) {
	cfg := relayConfig()
	cfg.Flood, cfg.RelayRate = server.FloodLimits{PerSecond: 1, Burst: 100}, 1<<30
	c, conns := privateChat(t, cfg, "alice", "bob")
	session := c.agree(conns[0], conns[1], "alice", "bob")
	payload := base64.StdEncoding.EncodeToString(make([]byte, protocol.MaxRelayed))
	for range 20 {
		c.ask(conns[0], "relay", "bob", session, "0", payload)
		c.ask(conns[1], "relay", "alice", session, fmt.Sprint(protocol.RelayCost(payload)))
	}
	c.responses(conns[0])
	c.say(conns[0], "hi")
	if got := c.codes(conns[0]); got != protocol.EventMessage {
		t.Errorf("alice is told %q", got)
	}
}

// Refusing a relayed frame costs something: it is no way around the rate limit.
func TestRefusedRelayCosts(t *testing.T) {
	cfg := relayConfig()
	cfg.Flood = server.FloodLimits{PerSecond: 1. / protocol.MessageCost, Burst: 20. / protocol.MessageCost}
	c, conns := privateChat(t, cfg, "alice", "bob")
	c.net.Advance(time.Minute)
	for range 30 {
		c.ask(conns[0], "relay", "bob", "1", "0", "aGk=")
	}
	refused := map[protocol.Code]int{}
	for _, r := range c.responses(conns[0]) {
		refused[r.Data.Code]++
	}
	if refused[protocol.NotAllowed] != 20 || refused[protocol.RateLimited] != 10 {
		t.Errorf("%v", refused)
	}
}

// Without a rate nothing is relayed, and nobody is told that it could be.
func TestRelayOff(t *testing.T) {
	c, conns := privateChat(t, config(), "alice", "bob")
	c.ask(conns[0], "startprivate", "bob", fingerprint, "relay,10.0.0.1:4000")
	c.ask(conns[1], "acceptprivate", "alice", fingerprint, "10.0.0.2:4000,relay")
	for i, want := range []string{"[10.0.0.2:4000]", "[10.0.0.1:4000]"} {
		got := c.responses(conns[i])
		if paths := fmt.Sprint(got[1].Data.Private.Paths); paths != want {
			t.Errorf("%d is told %s, want %s", i, paths, want)
		}
	}
	if got := c.server().PrivateCounts(); got.Relays.Open != 0 {
		t.Errorf("%+v", got)
	}
}

// Two who are introduced get the same token, and nobody else that one.
func TestTokens(t *testing.T) {
	c, conns := privateChat(t, relayConfig(), "alice", "bob")
	seen := map[string]bool{}
	for range 3 {
		c.ask(conns[0], "startprivate", "bob", fingerprint, "relay")
		c.ask(conns[1], "acceptprivate", "alice", fingerprint, "relay")
		var tokens []string
		for _, conn := range conns {
			for _, r := range c.responses(conn) {
				switch p := r.Data.Private; {
				case r.Data.Event == protocol.EventIntroduced:
					tokens = append(tokens, p.Token)
				case p != nil && p.Token != "":
					t.Errorf("%s tells the token %s", r.Data.Event, p.Token)
				}
			}
		}
		if len(tokens) != 2 || tokens[0] != tokens[1] || protocol.CheckToken(tokens[0]) != nil || seen[tokens[0]] {
			t.Errorf("the tokens are %q, those before %v", tokens, seen)
		}
		seen[tokens[0]] = true
		c.ask(conns[0], "stopprivate", "bob")
		c.responses(conns[0])
		c.responses(conns[1])
	}
}
