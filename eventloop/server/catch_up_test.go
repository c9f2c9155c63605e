package server

import (
	"bytes"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"parley/eventloop"
	"parley/users/command"
	"parley/users/tail"
)

// talked is a core in which alice has said n things of so many bytes, which are numbered
// from 1 on, into a tail of so many bytes.
func talked(t *testing.T, n, size, tailBytes int) (c *testCore, alice eventloop.ConnID) {
	c = newTestCore(t, benchConfig(), tailBytes)
	alice = c.enter("alice", "")
	for i := range n {
		text := fmt.Sprint("m", i+1)
		c.say(alice, text+strings.Repeat(".", size-len(text)))
	}
	c.settle()
	c.take(alice)
	return c, alice
}

// after is what a login has that asks for what came behind a number.
func after(number int) string { return fmt.Sprintf(`,"log":"this log","after":%d`, number) }

// numbers returns what is heard of the messages from one number to another.
func numbers(from, to int) string {
	var all []string
	for i := from; i <= to; i++ {
		all = append(all, fmt.Sprint(i, " m", i))
	}
	return strings.Join(all, ", ")
}

// Who reads is told page after page, and then joins; who does not read has no more than
// a page waiting.
func TestThePastComesInPages(t *testing.T) {
	for name, tailBytes := range map[string]int{"from the tail": tail.Limit, "from the file": 1, "from both": 40 << 10} {
		t.Run(name, func(t *testing.T) {
			c, alice := talked(t, 100, 1000, tailBytes)
			bob := c.enter("bob", after(10))
			c.say(alice, "m101")
			var heard []string
			pages := 0
			for ; c.members[bob] == nil && pages < 50; pages++ {
				c.commit()
				doAll(&c.reads)
				if n := c.bytes[bob]; n > pageBytes+2000 {
					t.Errorf("%d bytes wait", n)
				}
				heard = append(heard, c.inbox[bob]...)
				delete(c.inbox, bob)
				doAll(&c.reads)
				if more := c.take(bob); more != "" {
					t.Errorf("before the page has gone out more comes: %s", more)
				}
				c.out(bob)
			}
			heard = append(heard, c.inbox[bob]...)
			delete(c.inbox, bob)
			want := "login follows, " + numbers(11, 101) + ", resumed 101"
			if got := strings.Join(heard, ", "); got != want || pages < 6 {
				t.Errorf("in %d pages bob hears\n%s\nwant\n%s", pages, got, want)
			}
			c.say(alice, "m102")
			c.settle()
			if got := c.take(bob); got != "102 m102" {
				t.Errorf("then bob hears %s", got)
			}
		})
	}
}

// What a login with a number gets, and what it says of it.
func TestWhatComesBehindANumber(t *testing.T) {
	cfg := benchConfig()
	cfg.MaxResume = 4
	c := newTestCore(t, cfg, tail.Limit)
	alice := c.enter("alice", "")
	for i := range 5 {
		c.say(alice, fmt.Sprint("m", i+1))
	}
	c.settle()
	for _, tt := range []struct{ keys, want string }{
		{after(5), "login follows, resumed 5"},
		{after(1), "login follows, 2 m2, 3 m3, 4 m4, 5 m5, resumed 5"},
		{after(0), "login too_far, history"},
		{after(6), "login ahead, history"},
		{`,"log":"another","after":4`, "login other_log, history"},
		{`,"after":4`, "login other_log, history"},
		{`,"log":"this log"`, "login, history"},
	} {
		bob := c.enter("bob", tt.keys)
		c.settle()
		if got := c.take(bob); got != tt.want {
			t.Errorf("%s: %s, want %s", tt.keys, got, tt.want)
		}
		c.ask(bob, `{"request":"logout"}`)
		c.Closed(bob, c.now)
	}
}

// Messages of people whom one has blocked, and what others say to each other, do not come.
func TestThePastIsOnesOwn(t *testing.T) {
	c, alice := talked(t, 1, 10, tail.Limit)
	carol := c.enter("carol", "")
	dora := c.enter("dora", "")
	c.ask(dora, `{"request":"block","content":"carol"}`)
	for _, request := range []string{`{"request":"dm","content":"dora hi"}`, `{"request":"msg","content":"all"}`, `{"request":"dm","content":"alice psst"}`} {
		c.ask(alice, "%s", request)
		c.ask(carol, "%s", request)
	}
	c.ask(dora, `{"request":"dm","content":"alice mine"}`)
	c.settle()
	token := c.token
	dora = c.enter("dora", after(1)+fmt.Sprintf(`,"token":"%s"`, token))
	c.settle()
	if got := c.take(dora); got != "login follows, 2 hi, 3 all, 6 mine, resumed 6" {
		t.Errorf("dora is told %s", got)
	}
}

// So many are told at once; the others are told that they have to wait, and come when one
// is done, or is gone, in the order in which they came.
func TestTheLine(t *testing.T) {
	c, _ := talked(t, 40, 1000, tail.Limit)
	var all []eventloop.ConnID
	for i := range maxCatching + 4 {
		all = append(all, c.enter(fmt.Sprint("bob", i), after(0)))
	}
	first, line := all[:maxCatching], all[maxCatching:]
	begun := func() (n int) {
		for _, id := range line {
			if strings.Contains(c.take(id), " m1,") {
				n++
			}
		}
		return n
	}
	for _, id := range line {
		if got := c.take(id); got != "login follows, resume_waits" {
			t.Fatalf("in the line one is told %s", got)
		}
	}
	c.Closed(line[0], c.now) // while waiting: takes nobody's place
	if begun() != 0 {
		t.Error("somebody begins though no place is free")
	}
	c.Closed(first[3], c.now) // in the middle
	if got := c.take(line[1]); !strings.HasPrefix(got, numbers(1, 5)) || begun() != 0 {
		t.Errorf("the longest in the line is told %q; %d others begin", got, begun())
	}
	for range 2 { // and who has read all makes place
		c.out(first[5])
	}
	if got := c.take(line[2]); !strings.HasPrefix(got, numbers(1, 5)) || begun() != 0 {
		t.Errorf("the next one is told %q", got)
	}
	c.ask(first[7], `{"request":"logout"}`)
	c.commit()
	c.Closed(first[7], c.now)
	if got := c.take(line[3]); !strings.HasPrefix(got, numbers(1, 5)) {
		t.Errorf("the last one is told %q", got)
	}
	c.settle()
	for _, id := range all {
		if s := c.sessions.get(id); s != nil && s.catch() != nil {
			t.Fatalf("%s is not told all", s.name)
		}
	}
	if len(c.catching.active) != 0 || len(c.catching.line) != 0 {
		t.Errorf("%d places are taken, %d wait", len(c.catching.active), len(c.catching.line))
	}
}

// Who does not read keeps nobody waiting for long, and goes on when they read again.
func TestWhoDoesNotReadGivesUpTheirPlace(t *testing.T) {
	c, _ := talked(t, 40, 1000, tail.Limit)
	var stalled []eventloop.ConnID
	for i := range maxCatching {
		stalled = append(stalled, c.enter(fmt.Sprint("bob", i), after(0)))
	}
	carl := c.enter("carl", after(38))
	c.now = c.now.Add(pageTimeout - time.Second)
	c.Tick(c.now)
	if got := c.take(carl); got != "login follows, resume_waits" {
		t.Errorf("at first carl is told %s", got)
	}
	c.now = c.now.Add(time.Second)
	c.Tick(c.now)
	if got := c.take(carl); got != numbers(39, 40)+", resumed 40" {
		t.Errorf("then carl is told %s", got)
	}
	for _, id := range stalled[1:] {
		c.Closed(id, c.now)
	}
	c.settle()
	if got := c.take(stalled[0]); got != "login follows, "+numbers(1, 40)+", resumed 40" {
		t.Errorf("who reads again is told %s", got)
	}
	if len(c.catching.active) != 0 || len(c.catching.line) != 0 {
		t.Errorf("%d places are taken, %d wait", len(c.catching.active), len(c.catching.line))
	}
}

// Who cannot be told what they have missed is not left in the belief that it was nothing.
func TestWhatCannotBeRead(t *testing.T) {
	c, _ := talked(t, 40, 1000, 1)
	c.readFail = errors.New("the file is gone")
	var log bytes.Buffer
	c.cfg.Log = slog.New(slog.NewJSONHandler(&log, nil))
	bob := c.enter("bob", after(0))
	log.Reset()
	c.settle()
	if line := log.String(); !strings.Contains(line, fmt.Sprintf(`"msg":"what somebody has missed cannot be read","conn":%d,`, bob)) {
		t.Errorf("the log has no line of connection %d: %s", bob, line)
	}
	if got := c.take(bob); got != "login follows, internal" || !c.closed[bob] {
		t.Errorf("bob is told %s; closed: %v", got, c.closed[bob])
	}
	if n := c.Counts().Dropped[DropFault]; n != 1 {
		t.Errorf("%d were dropped for a fault", n)
	}
	c.Closed(bob, c.now)
	c.readFail = nil
	bob = c.enter("bob", after(0))
	c.Closed(bob, c.now) // while it is being read
	c.settle()
	if n := len(c.catching.active); n != 0 {
		t.Errorf("%d places are taken", n)
	}
}

// A fault of the server's own in what was read costs that connection.
func TestPanicInWhatWasRead(t *testing.T) {
	c, alice := talked(t, 40, 1000, 1)
	bob := c.enter("bob", after(0))
	c.take(bob)
	clock, broken := c.cfg.Clock, true
	c.cfg.Clock = func() (now time.Time) {
		if broken {
			broken = false
			panic("broken")
		}
		return clock()
	}
	c.settle()
	if got := c.take(bob); got != "internal" || !c.closed[bob] || c.closed[alice] {
		t.Errorf("bob is told %q; closed: %v", got, c.closed)
	}
}

// Who has ended their side of the connection is told all before it is closed.
func TestThePastOfWhoHasEnded(t *testing.T) {
	for _, tailBytes := range []int{1, tail.Limit} {
		c, _ := talked(t, 40, 1000, tailBytes)
		bob := c.enter("bob", after(0))
		c.Ended(bob)
		c.settle()
		if got := c.take(bob); got != "login follows, "+numbers(1, 40)+", resumed 40" || !c.closed[bob] {
			t.Errorf("bob is told %s; closed: %v", got, c.closed[bob])
		}
	}
}

// A plain session gets its direct messages some at a time, which have pauses between
// them, and they count as seen when it asks for something after they have gone out.
func TestDirectsOfAPlainSession(t *testing.T) {
	c := newTestCore(t, benchConfig(), tail.Limit)
	c.outside(&command.AddAccount{Name: "dora", Hash: "hash"})
	alice := c.enter("alice", "")
	for i := range 50 {
		c.ask(alice, `{"request":"dm","content":"dora m%d"}`, i+1)
	}
	c.settle()
	dora := c.connect()
	s := c.sessions.get(dora)
	if err := c.Core.enter(s, call{now: c.now}, &command.Enter{Name: "dora", Verified: "hash"}); err != nil {
		t.Fatal(err)
	}
	c.commit()
	c.take(dora) // the welcome, the history, and the first page
	for i, want := range []int{plainPage, 50 - 2*plainPage, 0} {
		if first, _ := c.state.Unseen("dora"); first != uint64(1+plainPage*i) {
			t.Errorf("page %d: the first that was not seen is %d", i, first)
		}
		c.out(dora)
		c.ask(dora, `{"request":"ping"}`)
		c.commit()
		if got := len(strings.Split(c.take(dora), ", ")) - 1; got != want {
			t.Errorf("page %d has %d frames, want %d", i+1, got, want)
		}
	}
	if first, _ := c.state.Unseen("dora"); first != 0 || s.catch() != nil {
		t.Errorf("the first that was not seen is %d", first)
	}
	c.ask(alice, `{"request":"dm","content":"dora last"}`)
	c.settle()
	if got := c.take(dora); !strings.HasSuffix(got, "last") {
		t.Errorf("what comes then is %s", got)
	}
	c.Closed(dora, c.now) // before it has done anything
	if first, _ := c.state.Unseen("dora"); first != 51 {
		t.Errorf("the first that was not seen is %d", first)
	}
}

// Whatever happens meanwhile, who resumes hears each thing that concerns them once, in
// the order of the numbers.
func TestWhoResumesHearsEverythingOnce(t *testing.T) {
	rapid.Check(t, func(r *rapid.T) {
		c := newTestCore(t, benchConfig(), rapid.IntRange(1, 60<<10).Draw(r, "tail"))
		alice, carol := c.enter("alice", ""), c.enter("carol", "")
		bob := c.enter("bob", "")
		c.settle()
		token := c.token
		var want []string
		say := func(r *rapid.T) {
			size := rapid.SampledFrom([]int{5, 100, 4000}).Draw(r, "size")
			text := fmt.Sprint("m", c.state.Last()+1)
			dots := strings.Repeat(".", size-len(text))
			switch rapid.IntRange(0, 3).Draw(r, "what") {
			case 0:
				c.ask(alice, `{"request":"dm","content":"bob %s"}`, text+dots)
			case 1:
				c.ask(alice, `{"request":"dm","content":"carol %s"}`, text+dots)
				return
			default:
				c.say(carol, text+dots)
			}
			want = append(want, fmt.Sprint(c.state.Last(), " ", text))
		}
		for range rapid.IntRange(0, 60).Draw(r, "before") {
			say(r)
		}
		c.settle()
		missed := uint64(rapid.IntRange(0, int(c.state.Last())).Draw(r, "after"))
		c.ask(bob, `{"request":"seen","content":"%d"}`, missed) // or the direct messages come again
		c.Closed(bob, c.now)
		want = slices.DeleteFunc(want, func(m string) bool { return numberOf(m) <= missed })
		c.take(bob)
		bob = c.enter("bob", after(int(missed))+fmt.Sprintf(`,"token":"%s"`, token))
		r.Repeat(map[string]func(*rapid.T){
			"say":    say,
			"read":   func(*rapid.T) { doAll(&c.reads) },
			"out":    func(*rapid.T) { c.out(bob) },
			"commit": func(*rapid.T) { c.Flush(c.now); doAll(&c.writes) },
		})
		c.settle()
		heard := slices.DeleteFunc(c.inbox[bob], func(m string) bool { return strings.HasPrefix(m, "login") || strings.HasPrefix(m, "resumed") })
		if got := strings.Join(heard, ", "); got != strings.Join(want, ", ") {
			r.Fatalf("bob hears\n%s\nwant\n%s", got, strings.Join(want, ", "))
		}
		if c.members[bob] == nil {
			r.Fatal("bob has not joined")
		}
	})
}

func numberOf(heard string) (n uint64) {
	_, _ = fmt.Sscan(heard, &n)
	return n
}
