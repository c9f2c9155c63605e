package server_test

import (
	"bytes"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"parley/eventloop/sim"
	"parley/protocol"
)

// What waits of a hundred people may be due in the same moment: others are served between.
func TestFloodsOfManyAreDueTogether(t *testing.T) {
	c := floodChat(t)
	var all []*sim.Conn
	for i := range 100 {
		all = append(all, c.login(fmt.Sprint("flooder", i), true))
	}
	inTurn := make(map[uint64]int)
	c.server().SetRequest("whoelse", func() { inTurn[c.server().CountsHere().Loops[0].Turns]++ })
	c.net.Advance(time.Minute)
	for _, conn := range all {
		conn.Send(append(bytes.Repeat(request("msg", "x"), 10), request("whoelse", "")...))
	}
	c.net.Run()
	if len(inTurn) > 0 {
		t.Fatalf("some do not wait: %v", inTurn)
	}
	c.net.Advance(time.Second)
	done := 0
	for turn, n := range inTurn {
		if done += n; n > 8 {
			t.Errorf("%d are carried out in turn %d", n, turn)
		}
	}
	if done != len(all) {
		t.Errorf("%d of %d are carried out within a second", done, len(all))
	}
}

// Who is gone has said what they have sent, and gets no answers: what only asks is not carried
// out, wherever it stands.
func TestWhatOnlyAsksOfWhoIsGone(t *testing.T) {
	c := floodChat(t)
	other, asker := c.login("other", true), c.login("asker", true)
	asked := 0
	for _, verb := range []string{"search", "history"} {
		c.server().SetRequest(verb, func() { asked++ })
	}
	c.paste(asker, 0, 10)
	for i := 10; i < 14; i++ {
		asker.Send(slices.Concat(request("search", "x"), request("msg", fmt.Sprint(i)), request("history", ""), request("nonsense", "")))
	}
	asker.Send(bytes.Repeat(request("search", "x"), 60)) // for 12 s
	c.net.Run()
	c.heard(other)
	asker.Reset()
	c.net.Run()
	if texts, _ := c.heard(other); !slices.Equal(texts, numbers(10, 14)) || asked > 0 {
		t.Errorf("the other hears %v, and %d requests that only ask are carried out", texts, asked)
	}
	asker = c.login("asker", true) // the messages are to be paid for, and nothing else
	c.paste(asker, 14, 21)         // the last of which wait for 12 s
	c.heard(other)
	c.net.Advance(1400 * time.Millisecond) // and a second of the login
	if texts, _ := c.heard(other); len(texts) > 0 {
		t.Errorf("before it is paid for is said %v", texts)
	}
	c.net.Advance(200 * time.Millisecond)
	if texts, _ := c.heard(other); !slices.Equal(texts, numbers(14, 15)) {
		t.Errorf("when all is paid for is said %v", texts)
	}
	c.net.Advance(12 * time.Second)
	if texts, _ := c.heard(other); !slices.Equal(texts, numbers(15, 35)) {
		t.Errorf("in the end is said %v", texts)
	}
}

// What the table calls read-only decides nothing.
func TestReadOnlyVerbsDecideNothing(t *testing.T) {
	c := newChat(t, config())
	c.login("ann", true)
	asker := c.register("flooder")
	asker.Send(request("create", "den"))
	c.paste(asker, 0, 3)
	asked := make(map[string]bool)
	for _, line := range floods(t) {
		name, content, _ := strings.Cut(line, " ")
		if v := protocol.NewVerbs().Lookup(name); v == nil || !v.ReadOnly {
			continue
		}
		before, sum := c.server().Decided()
		c.responses(asker)
		asker.Send(request(name, content))
		c.net.Advance(time.Millisecond)
		if len(c.read(asker)) == 0 {
			t.Errorf("%s is not answered", name)
		}
		if after, now := c.server().Decided(); after != before || now != sum {
			t.Errorf("%s decides something", line)
		}
		asked[name] = true
	}
	for _, v := range protocol.NewVerbs().List() {
		if v.ReadOnly && !asked[v.Name] {
			t.Errorf("%s was not asked", v.Name)
		}
	}
}

// What has waited takes no room from what waits later.
func TestLongTextsWaitAgainAndAgain(t *testing.T) {
	c := floodChat(t)
	talker, other := c.login("talker", true), c.login("other", true)
	long := request("msg", strings.Repeat("x", protocol.MaxText))
	for range 4 {
		talker.Send(bytes.Repeat(long, 20)) // ten of them wait, for 5 s; there is room for 16
		c.net.Advance(15 * time.Second)
		texts, errors := c.heard(talker)
		if c.heard(other); len(texts) != 20 || len(errors) > 0 {
			t.Errorf("of 20 long texts the talker hears %d, and %v", len(texts), errors)
		}
	}
}

// When many leave in one moment, each of whom has sent more than they may, those who stay are
// neither refused nor do they wait long: what those who leave still wanted is refused, as long
// as they are too many.
func TestManyLeaveAtOnce(t *testing.T) {
	for name, leave := range map[string]func(*sim.Conn){
		"reset":  (*sim.Conn).Reset,
		"end":    (*sim.Conn).End,
		"logout": func(conn *sim.Conn) { conn.Send(request("logout", "")) },
	} {
		c := floodChat(t)
		var all []*sim.Conn
		for i := range 100 {
			all = append(all, c.login(fmt.Sprint("leaver", i), true))
		}
		ann, bob := c.login("ann", true), c.login("bob", true)
		c.net.Advance(time.Minute)
		for _, conn := range all {
			conn.Send(bytes.Repeat(request("msg", "x"), 50))
		}
		c.net.Run()
		if n := c.server().CountsHere(); n.Delayed < 100 || n.Flooded > 0 {
			t.Fatalf("%s: %d are delayed, %d refused", name, n.Delayed, n.Flooded)
		}
		before, _ := c.server().Decided()
		for _, conn := range all {
			leave(conn)
		}
		ann.Send(request("dm", "bob hello"))
		c.net.Advance(10 * time.Millisecond)
		if got := c.directs(bob); !slices.Equal(got, []string{"hello"}) {
			t.Errorf("%s: bob is told %q", name, got)
		}
		now, _ := c.server().Decided()
		if carried := now - before - 1; carried < 6*40 || carried > 2*protocol.MaxDeferred+len(all) {
			t.Errorf("%s: %d are carried out at once", name, carried)
		}
		n := c.server().CountsHere()
		if n.Abandoned < 90*40 || n.Extended != 2 {
			t.Errorf("%s: %d are abandoned, %d people are there", name, n.Abandoned, n.Extended)
		}
		told := 0
		for _, conn := range all {
			_, errors := c.heard(conn)
			told += errors[protocol.Busy]
		}
		if name != "reset" && told < 90 {
			t.Errorf("%s: %d are told", name, told)
		}
		c.net.Advance(10 * time.Second) // it is forgotten
		left, _ := c.server().Decided()
		c.paste(ann, 0, 50)
		leave(ann)
		c.net.Advance(10 * time.Millisecond)
		if now, _ = c.server().Decided(); now-left < 50 {
			t.Errorf("%s: later one leaves alone, and %d of 50 are carried out", name, now-left)
		}
	}
}

// Nor do others wait for all that many may send at once: a message stands behind one request of
// each, whatever the disk takes.
func TestManySendAtOnce(t *testing.T) {
	c := floodChat(t)
	var all []*sim.Conn
	for i := range 400 {
		conn := c.login(fmt.Sprint("sender", i), true)
		conn.Send(request("create", fmt.Sprint("den", i)))
		all = append(all, conn)
	}
	ann, bob := c.login("ann", true), c.login("bob", true)
	c.net.Advance(time.Minute)
	c.Disk.Delay = 10 * time.Millisecond
	for i, conn := range all {
		conn.Send(bytes.Repeat(slices.Concat(request("slow", fmt.Sprintf("den%d 1", i)), request("slow", fmt.Sprintf("den%d 0", i))), 20))
	}
	c.net.Run()
	c.responses(ann)
	c.responses(bob)
	before, _ := c.server().Decided()
	ann.Send(request("dm", "bob hello"))
	waited := time.Duration(0)
	for len(c.directs(bob)) == 0 && waited < time.Second {
		c.net.Advance(time.Millisecond)
		waited += time.Millisecond
	}
	now, _ := c.server().Decided()
	if waited > 40*time.Millisecond || now-before > 400+256 {
		t.Errorf("a message comes after %s, behind %d", waited, now-before)
	}
	c.net.Advance(10 * time.Millisecond)
	if got := c.responses(ann); len(got) != 1 || got[0].Data.Seconds != 0 {
		t.Errorf("ann is told %+v", got)
	}
	c.net.Advance(10 * time.Second)
	if now, _ = c.server().Decided(); now < 400*40 {
		t.Errorf("in the end %d are carried out", now)
	}
	for i, conn := range all {
		if _, errors := c.heard(conn); len(errors) > 0 {
			t.Fatalf("sender%d is told %v", i, errors)
		}
	}
}

// While the disk fails nobody waits for it: what is to be kept is refused, however much waits.
func TestManySendWhileTheDiskFails(t *testing.T) {
	c := floodChat(t)
	var all []*sim.Conn
	for i := range 30 {
		all = append(all, c.login(fmt.Sprint("sender", i), true))
	}
	ann := c.login("ann", true)
	c.Disk.Delay, c.Disk.Broken = time.Second, true
	for _, conn := range all {
		conn.Send(bytes.Repeat(request("msg", "x"), 10))
	}
	c.net.Advance(1100 * time.Millisecond)
	ann.Send(request("msg", "hello"))
	c.net.Run()
	if _, errors := c.heard(ann); errors[protocol.Internal] != 1 {
		t.Errorf("ann is told %v", errors)
	}
	c.Disk.Broken = false
	c.net.Advance(5 * time.Second)
	if n := len(c.Disk.Messages()); n < 256 || n > 300 {
		t.Errorf("%d messages are kept", n)
	}
}

// What stands behind a login that is not decided is not carried out for who is gone: they were
// never let in.
func TestWhoIsGoneBeforeTheLogin(t *testing.T) {
	c := floodChat(t)
	other := c.login("other", true)
	c.Hasher.Delay = time.Second
	conn := c.net.Dial()
	conn.Send(slices.Concat([]byte(registerAlice), request("login", "mallory"), request("msg", "hello")))
	c.net.Run()
	conn.Reset()
	c.net.Run()
	c.net.Advance(2 * time.Second)
	if got := c.read(other); len(got) > 0 {
		t.Errorf("other is told %q", got)
	}
}
