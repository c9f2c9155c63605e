package server

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"parley/eventloop"
	"parley/users/command"
	"parley/users/tail"
)

const day = 24 * time.Hour

// keptFor returns a core that keeps so much.
func keptFor(t *testing.T, days, messages int) *testCore {
	cfg := benchConfig()
	cfg.KeepDays, cfg.KeepMessages = days, messages
	return newTestCore(t, cfg, tail.Limit)
}

// pass lets time pass, and has done what is due then.
func (c *testCore) pass(d time.Duration) {
	c.Helper()
	c.now = c.now.Add(d)
	c.Tick(c.now)
	c.settle()
}

// What is older than the days is told no more: neither to who logs in or comes back, nor in
// a history. A direct message that was not seen is, until it was.
func TestWhatIsOlderIsToldNoMore(t *testing.T) {
	c := keptFor(t, 3, 0)
	c.outside(&command.AddAccount{Name: "dora", Hash: "hash"})
	bob := c.enter("bob", "")
	c.settle()
	c.say(bob, "old")                                              // 1
	c.ask(bob, `{"request":"dm","content":"dora waits for dora"}`) // 2
	c.settle()
	c.pass(2 * day)
	bob = c.enter("bob2", "")
	c.say(bob, "young") // 3
	c.settle()
	if got := c.take(c.enter("eve", "")); !strings.Contains(got, "login") {
		t.Errorf("eve is told %s", got)
	}
	if got, _ := c.tail.Find(1); got.Message == nil {
		t.Error("what is two days old is gone")
	}
	c.pass(day + retireInterval)
	if upTo := c.state.Pruned("lobby"); upTo != 1 {
		t.Errorf("the lobby is pruned to %d", upTo)
	}
	if upTo := c.state.Pruned(""); upTo != 2 {
		t.Errorf("direct messages are pruned to %d", upTo)
	}
	if _, is := c.tail.Find(1); is {
		t.Error("the tail has what is gone")
	}
	if got := c.account("dora", call{}); got != "login, history, 2 waits for dora" {
		t.Errorf("dora is told %s", got)
	}
	dora := c.sessionsOf("dora")[0].id
	c.ask(dora, `{"request":"history","content":{"with":"dora"}}`)
	c.ask(dora, `{"request":"history"}`)
	c.settle()
	c.take(dora)
	c.ask(dora, `{"request":"seen","content":{"number":2}}`)
	c.settle()
	if got := c.account("dora", call{}); got != "login, history" {
		t.Errorf("dora, who has seen it, is told %s", got)
	}
	back := c.connect()
	c.ask(back, `{"request":"login","content":"carl","extended":1,"log":"this log","after":0}`)
	c.settle()
	if got := c.take(back); got != "login too_far, history" {
		t.Errorf("who comes back from behind the cut is told %s", got)
	}
	back = c.connect()
	c.ask(back, `{"request":"login","content":"carol","extended":1,"log":"this log","after":2}`)
	c.settle()
	if got := c.take(back); !strings.HasPrefix(got, "login follows, 3 young") {
		t.Errorf("who comes back from the cut is told %s", got)
	}
}

// A readingNow is a testCore that reads pages when they are asked for, and hands them over
// later.
type readingNow struct{ *testCore }

func (c readingNow) History(parts []*tail.HistoryPart, done func([]tail.HistoryPage, error)) {
	pages, err := ReadHistory(context.Background(), c.table, parts)
	c.reads = append(c.reads, func() { done(pages, err) })
}

// A direct message that is pruned and was seen since is in no history.
func TestWhatWasSeenLaterIsGoneThen(t *testing.T) {
	c := keptFor(t, 0, 0)
	c.outside(&command.AddAccount{Name: "dora", Hash: "hash"})
	c.outside(&command.AddAccount{Name: "erin", Hash: "hash"})
	c.account("dora", call{})
	c.account("erin", call{})
	dora, erin := c.sessionsOf("dora")[0].id, c.sessionsOf("erin")[0].id
	c.ask(erin, `{"request":"dm","content":"dora waits for dora"}`)
	c.outside(&command.Prune{UpTo: 1})
	for _, want := range []bool{true, false} {
		for _, id := range []eventloop.ConnID{dora, erin} {
			c.ask(id, `{"request":"history","content":{"with":"%s"}}`, map[eventloop.ConnID]string{dora: "erin", erin: "dora"}[id])
			c.settle()
			if page := c.newest[id]; strings.Contains(page, "waits for dora") != want || !strings.Contains(page, `"event":"history"`) {
				t.Errorf("shown: %v: %s", want, page)
			}
		}
		c.ask(dora, `{"request":"seen","content":{"number":1}}`)
		c.settle()
	}
}

// A page that was read before something was pruned, and comes back after it, is not told.
func TestAPageUnderWayHasNothingThatIsGone(t *testing.T) {
	c := keptFor(t, 0, 0)
	c.tail, c.reader = tail.New(1, 0), readingNow{c} // it keeps one message
	bob := c.enter("bob", "")
	for _, text := range []string{"one", "two", "three"} {
		c.say(bob, text)
	}
	c.settle()
	c.take(bob)
	c.ask(bob, `{"request":"history","content":"lobby"}`)
	c.commit()
	c.outside(&command.Prune{Room: "lobby", UpTo: 2})
	c.settle()
	if page := c.newest[bob]; !strings.Contains(page, "three") || strings.Contains(page, "two") || strings.Contains(page, "one") {
		t.Errorf("bob is told %s", page)
	}
}

// It is looked now and then, by one at a time, and not at all if all is kept; a failure is
// tried again.
func TestWhenItIsLookedWhatGoes(t *testing.T) {
	c := keptFor(t, 0, 1)
	bob := c.enter("bob", "")
	c.say(bob, "one")
	c.say(bob, "two")
	c.commit()
	c.pass(retireInterval)
	if upTo := c.state.Pruned("lobby"); upTo != 1 {
		t.Errorf("it is pruned to %d", upTo)
	}
	c.say(bob, "three")
	c.commit()
	c.pass(retireInterval / 2)
	if upTo := c.state.Pruned("lobby"); upTo != 1 {
		t.Errorf("it was looked too soon: to %d", upTo)
	}
	c.readFail = errors.New("the file is gone")
	c.pass(retireInterval)
	c.readFail = nil
	c.pass(retireInterval)
	if upTo := c.state.Pruned("lobby"); upTo != 2 {
		t.Errorf("after a failure it is pruned to %d", upTo)
	}
	c = keptFor(t, 0, 0)
	c.pass(retireInterval)
	if len(c.reads) > 0 || c.retiring.underWay {
		t.Error("it is looked although all is kept")
	}
}
