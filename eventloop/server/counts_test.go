package server_test

import (
	"fmt"
	"net/netip"
	"path"
	"slices"
	"strings"
	"testing"
	"time"

	"parley/eventloop/server"
	"parley/eventloop/sim"
	"parley/protocol"
	"parley/users"
	"parley/users/command"
)

// inWords names counts, but for those of loops, which are never still.
func inWords(n server.Counts) map[string]int64 {
	backlog := int64(0)
	for _, l := range n.Loops {
		backlog += l.Backlog
	}
	all := map[string]int64{"logged out": int64(n.LoggedOut), "plain": int64(n.Plain), "extended": int64(n.Extended), "opened": int64(n.Opened),
		"guests": int64(n.Guests), "accounts": int64(n.Accounts), "messages": int64(n.Messages), "directs": int64(n.Directs), "deliveries": int64(n.Deliveries),
		"relays": int64(n.Private.Relays.Open), "relayed": int64(n.Private.Relays.Units), "invitations": int64(n.Private.Invitations),
		"delayed": int64(n.Delayed), "flooded": int64(n.Flooded), "abandoned": int64(n.Abandoned), "uncommitted": int64(n.Uncommitted), "held": int64(n.Held), "backlog": backlog,
		"login timers": int64(n.LoginTimers), "idle timers": int64(n.IdleTimers), "silence timers": int64(n.SilenceTimers), "pace timers": int64(n.PaceTimers)}
	for why, times := range n.Dropped {
		all["dropped "+why.String()] = int64(times)
	}
	for why, times := range n.LoginsRefused {
		all["refused "+string(why)] = int64(times)
	}
	if n.Failing != nil {
		all["failing"] = 1
	}
	return all
}

// changed lists what is more or less than before, in the order of the alphabet.
func changed(before, after server.Counts) string {
	was, is := inWords(before), inWords(after)
	var list []string
	for word, n := range is {
		if d := n - was[word]; d != 0 {
			list = append(list, fmt.Sprintf("%s %+d", word, d))
		}
	}
	return sorted(list)
}

func sorted(list []string) string {
	slices.Sort(list)
	return strings.Join(list, ", ")
}

// A countStage is a chat in which alice and bob are guests in extended sessions, and pat is
// one in a plain session. The name dora is an account, which is not here.
type countStage struct {
	chat
	alice, bob, pat *sim.Conn
}

func newCountStage(t *testing.T, loops int) countStage {
	cfg := config()
	cfg.Loops, cfg.Flood, cfg.Timeout, cfg.RelayRate = loops, server.FloodLimits{}, time.Hour, 256<<10
	c := countStage{chat: newChat(t, cfg)}
	c.register("dora").HangUp()
	c.alice, c.bob, c.pat = c.login("alice", true), c.login("bob", true), c.login("pat", false)
	c.net.Advance(time.Minute) // nobody's login is waited for any more
	return c
}

// enter logs in, or tries to, in an extended session.
func (c countStage) enter(name, password string) *sim.Conn {
	conn := c.raw(nil, fmt.Sprintf(`{"request":"login","content":%q,"password":%q,"extended":1}`, name, password))
	c.net.Advance(time.Second)
	return conn
}

// Each thing that happens changes the counts that it should, and no other.
func TestCounts(t *testing.T) {
	for _, tt := range []struct {
		what string
		do   func(c countStage)
		want string
	}{
		{"nothing", func(countStage) {}, ""},
		{"somebody connects", func(c countStage) { c.net.Dial() }, "opened +1, logged out +1, login timers +1"},
		{"and leaves again", func(c countStage) { c.net.Dial().Reset() }, "opened +1"},
		{"a guest logs in", func(c countStage) { c.login("eve", true) }, "opened +1, extended +1, guests +1, idle timers +1"},
		{"a guest with a plain client", func(c countStage) { c.login("eve", false) }, "opened +1, plain +1, guests +1, idle timers +1"},
		{"an account", func(c countStage) { c.enter("dora", "blue horses") }, "opened +1, extended +1, accounts +1, idle timers +1"},
		{"who logs out is gone", func(c countStage) { c.login("eve", true).HangUp() }, "opened +1, guests +1"},

		{"a name that is taken", func(c countStage) { c.enter("alice", "") }, "opened +1, logged out +1, login timers +1, refused name_taken +1"},
		{"a name that cannot be", func(c countStage) { c.enter("no_name", "") }, "opened +1, logged out +1, login timers +1, refused bad_name +1"},
		{"a password is missing", func(c countStage) { c.enter("dora", "") }, "opened +1, logged out +1, login timers +1, refused password_required +1"},
		{"a wrong password", func(c countStage) { c.enter("dora", "red horses") }, "opened +1, logged out +1, login timers +1, refused wrong_credentials +1"},
		{"a wrong password of who hangs up", func(c countStage) {
			c.Hasher.Delay = time.Second
			c.raw(nil, `{"request":"login","content":"dora","password":"red horses","extended":1}`).Reset()
			c.net.Advance(2 * time.Second)
		}, "opened +1, refused wrong_credentials +1"},
		{"a wrong password that locks the name, and one more", func(c countStage) {
			for range 4 {
				c.enter("dora", "red horses").Reset()
			}
		}, "opened +4, refused wrong_credentials +2, refused blocked_login +2"},
		{"somebody who is banned", func(c countStage) {
			c.owner(&command.Sanction{Kind: users.Ban, Name: "dora"})
			c.enter("dora", "blue horses").Reset()
		}, "opened +1, refused banned +1"},
		{"a guest while none are let in", func(c countStage) {
			c.owner(&command.Lockdown{On: true})
			c.enter("eve", "").Reset()
		}, "opened +1, refused locked_down +1"},
		{"a second login on a connection", func(c countStage) {
			c.raw(c.alice, `{"request":"login","content":"eve","extended":1}`)
		}, "refused already_logged_in +1"},
		{"other requests that are refused are no logins", func(c countStage) { c.raw(c.alice, `{"request":"dm","content":"nobody hello"}`) }, ""},

		{"a message is delivered to all who are there", func(c countStage) { c.say(c.alice, "hello") }, "messages +1, deliveries +3"},
		{"but to who has blocked its sender", func(c countStage) {
			c.raw(c.bob, `{"request":"block","content":"alice"}`)
			c.say(c.alice, "hello")
		}, "messages +1, deliveries +2"},
		{"who has blocked the one who is answered hears the answer alone", func(c countStage) {
			c.raw(c.pat, `{"request":"block","content":"bob"}`)
			c.say(c.bob, "tea?")
			c.raw(c.alice, `{"request":"msg","content":{"text":"yes","re":1}}`)
		}, "messages +2, deliveries +5, pace timers +1, backlog +98"},
		{"the same again is none", func(c countStage) {
			for range 2 {
				c.send(c.alice, protocol.Request{Verb: "msg", Content: protocol.Content{Text: "hello"}, ID: "1"})
			}
		}, "messages +1, deliveries +3"},
		{"in a room who is there", func(c countStage) {
			c.raw(c.alice, `{"request":"create","content":"tea"}`)
			c.raw(c.bob, `{"request":"join","content":"tea"}`)
			c.say(c.bob, "hello")
		}, "messages +1, deliveries +2"},
		{"a direct message", func(c countStage) { c.ask(c.alice, "dm", "bob", "hello") }, "directs +1, deliveries +1"},
		{"one to a plain client", func(c countStage) { c.ask(c.alice, "dm", "pat", "hello") }, "directs +1, deliveries +1"},
		{"one that waits is delivered later, as what was said before", func(c countStage) { c.ask(c.alice, "dm", "dora", "hello") }, "directs +1"},

		{"who does not read", func(c countStage) {
			c.bob.Stall()
			c.say(c.alice, strings.Repeat("x", 4000))
			c.net.Advance(time.Second)
		}, "messages +1, deliveries +3, backlog +*"},
		{"who reads nothing for 10 s", func(c countStage) {
			c.bob.Stall()
			c.say(c.alice, strings.Repeat("x", 4000))
			c.net.Advance(12 * time.Second)
		}, "extended -1, messages +1, deliveries +3, idle timers -1, dropped stalled +1"},
		{"who does not read for long", func(c countStage) {
			c.bob.Stall()
			for range 300 {
				c.say(c.alice, strings.Repeat("x", 4000))
			}
			c.net.Advance(time.Minute)
		}, "extended -1, messages +300, deliveries +*, idle timers -1, dropped slow +1"},
		{"who does not log in", func(c countStage) {
			c.net.Dial()
			c.net.Advance(time.Minute)
		}, "opened +1, dropped login_timeout +1"},
		{"who does nothing", func(c countStage) {
			c.net.Advance(58 * time.Minute)
			c.say(c.alice, "x")
			c.net.Advance(2 * time.Minute)
		}, "extended -1, plain -1, messages +1, deliveries +3, idle timers -2, dropped idle +2"},
		{"a client that hangs", func(c countStage) {
			c.raw(c.bob, `{"request":"ping"}`)
			c.net.Advance(2 * time.Minute)
		}, "extended -1, idle timers -1, dropped silent +1"},
		{"another protocol", func(c countStage) {
			c.raw(nil, "GET / HTTP/1.1")
			c.net.Advance(2 * time.Second)
		}, "opened +1, dropped no_json +1"},
		{"malformed again and again", func(c countStage) {
			for range 3 {
				c.raw(c.alice, `{"request":`+strings.Repeat("}", 3))
			}
			c.net.Advance(2 * time.Second)
		}, "extended -1, idle timers -1, dropped malformed +1"},
		{"an address that is banned", func(c countStage) {
			c.owner(&command.Sanction{Kind: users.Ban, Addr: "203.0.113.0/24"})
			c.net.DialFrom(netip.MustParseAddr("203.0.113.7"))
			c.net.Advance(2 * time.Second)
		}, "opened +1, dropped banned +1"},
		{"the owner makes a guest's name an account", func(c countStage) {
			c.owner(&command.AddAccount{Name: "alice", Hash: "x"})
			c.net.Advance(2 * time.Second)
		}, "extended -1, idle timers -1, dropped ended +1"},
		{"a fault of the server's", func(c countStage) {
			c.server().SetToken(func() string { panic("broken") })
			c.enter("eve", "")
			c.net.Advance(2 * time.Second)
		}, "opened +1, dropped fault +1"},

		{"the disk takes its time", func(c countStage) {
			c.Disk.Delay = time.Minute
			c.say(c.alice, "hello")
		}, "messages +1, uncommitted +1, held +220"},
		{"the disk takes its time with a direct message", func(c countStage) {
			c.Disk.Delay = time.Minute
			c.ask(c.alice, "dm", "bob", "hello")
		}, "directs +1, deliveries +1, uncommitted +1, held +304"},
		{"and then it is delivered", func(c countStage) {
			c.Disk.Delay = time.Second
			c.say(c.alice, "hello")
			c.net.Advance(2 * time.Second)
		}, "messages +1, deliveries +3"},
		{"the disk fails", func(c countStage) {
			c.Disk.Broken = true
			c.say(c.alice, "hello")
			c.enter("eve", "")
		}, "opened +1, logged out +1, messages +1, login timers +1, uncommitted +1, held +*, failing +1, refused internal +1"},
		{"a private session is asked for", func(c countStage) { c.ask(c.alice, "startprivate", "bob", fingerprint) }, "invitations +1"},
		{"something is relayed", func(c countStage) {
			session := c.agree(c.alice, c.bob, "alice", "bob")
			c.ask(c.alice, "relay", "bob", session, "0", "AAAA")
		}, "relays +1, relayed +260"},
		{"a plain client has a pause", func(c countStage) {
			c.raw(c.pat, `{"request":"help"}`)
			c.raw(c.pat, `{"request":"help"}`)
		}, "pace timers +1, backlog +*"},
	} {
		for loops := 1; loops <= 2; loops++ {
			t.Run(fmt.Sprintf("%s, %d loops", tt.what, loops), func(t *testing.T) {
				c := newCountStage(t, loops)
				before := c.server().CountsHere()
				tt.do(c)
				c.net.Run()
				got, want := changed(before, c.server().CountsHere()), sorted(strings.Split(tt.want, ", "))
				if ok, err := path.Match(want, got); !ok || err != nil { // a * is any number
					t.Errorf("%s\nwant %s", got, want)
				}
			})
		}
	}
}
