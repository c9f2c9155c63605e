package server

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"parley/protocol"
	"parley/users/search"
	"parley/users/tail"
)

// A lateSearch finds things at once and tells them when a test says so.
type lateSearch struct {
	Reader
	on    *pager
	err   error
	found []func()
}

func (l *lateSearch) Search(q search.Query, _ []tail.Entry, done func(search.Page, error)) {
	page, err := search.AmongAll(context.Background(), l.on.table, q)
	if l.err != nil {
		err = l.err
	}
	l.found = append(l.found, func() { done(page, err) })
}

func newLateSearch(t *testing.T, tailBytes int) (*pager, *lateSearch) {
	p := newPager(t, benchConfig(), tailBytes)
	late := &lateSearch{Reader: p.reader, on: p}
	p.reader = late
	return p, late
}

// texts returns what the first answer has found.
func (p *pager) texts() string {
	if len(p.pages) == 0 {
		return "no answer"
	}
	r := p.pages[0]
	p.pages = p.pages[1:]
	if r.Kind != protocol.KindHistory {
		return string(r.Data.Code)
	}
	var all []string
	for _, m := range r.History {
		all = append(all, m.Data.Text)
	}
	return strings.Join(all, ", ")
}

const lookFor = `{"request":"search","content":"hello","ref":"page"}`

// What was decided before somebody searches is found, and it is waited for until it is kept.
func TestSearchWaitsForTheFile(t *testing.T) {
	p, late := newLateSearch(t, 1<<20)
	alice := p.enter("alice", "")
	p.settle()
	p.say(alice, "hello one")
	p.ask(alice, lookFor)
	if len(late.found) > 0 {
		t.Error("it is looked for where it is not yet")
	}
	p.settle()
	doAll(&late.found)
	if got := p.texts(); got != "[hello] one" {
		t.Errorf("found %q", got)
	}
}

// A text that was removed or edited after it was found, and before it is told, is not told,
// whether the tail has the message or not.
func TestSearchDoesNotTellWhatWasRemovedMeanwhile(t *testing.T) {
	for _, tailBytes := range []int{300, 1 << 20} {
		p, late := newLateSearch(t, tailBytes)
		alice, bob := p.enter("alice", ""), p.enter("bob", "")
		p.settle()
		for _, text := range []string{"hello secret", "hello", "hello mistake"} {
			p.say(alice, text)
		}
		p.settle()
		p.ask(bob, lookFor)
		p.ask(alice, `{"request":"remove","content":{"id":1}}`)
		p.ask(alice, `{"request":"edit","content":{"id":3,"text":"correct"}}`)
		for range 3 { // the messages have to be read, one after the other
			p.settle()
		}
		for len(late.found) > 0 {
			doAll(&late.found)
			p.settle()
		}
		if got := p.texts(); got != "[hello]" {
			t.Errorf("with a tail of %d bytes %q is told", tailBytes, got)
		}
	}
}

// One search of a session is under way at a time; what it asks meanwhile waits.
func TestOneSearchAtATime(t *testing.T) {
	p, late := newLateSearch(t, 1<<20)
	alice := p.enter("alice", "")
	p.settle()
	p.ask(alice, lookFor)
	p.ask(alice, lookFor)
	p.ask(alice, `{"request":"history","content":null,"ref":"page"}`)
	if p.settle(); len(late.found) != 1 || len(p.pages) > 0 {
		t.Errorf("%d are under way, and %d answers there", len(late.found), len(p.pages))
	}
	doAll(&late.found)
	if p.settle(); len(p.pages) != 3 {
		t.Errorf("%d answers", len(p.pages))
	}
}

// Who has left a room meanwhile, in another session, is not told what was said there.
func TestSearchInARoomThatWasLeftMeanwhile(t *testing.T) {
	for content, want := range map[string]string{`"hello in:den"`: "not_in_room", `"hello"`: "[hello] all"} {
		p, late := newLateSearch(t, 1<<20)
		alice, bob := p.enter("alice", ""), p.enter("bob", "")
		p.say(bob, "hello all")
		p.ask(bob, `{"request":"create","content":"den"}`)
		p.ask(alice, `{"request":"join","content":"den"}`)
		p.ask(bob, `{"request":"msg","content":{"room":"den","text":"hello den"}}`)
		p.settle()
		p.ask(alice, `{"request":"search","content":%s,"ref":"page"}`, content)
		s := p.sessions.get(alice)
		s.busy = false // as another session of hers would do it
		p.ask(alice, `{"request":"leave","content":"den"}`)
		s.busy = true
		p.settle()
		doAll(&late.found)
		p.settle()
		doAll(&late.found)
		if got := p.texts(); got != want {
			t.Errorf("%s: %q, want %q", content, got, want)
		}
	}
}

func TestSearchThatFails(t *testing.T) {
	for err, want := range map[error]string{errTooSlow: "busy", errors.New("the file is damaged"): "internal"} {
		p, late := newLateSearch(t, 1<<20)
		late.err = err
		alice := p.enter("alice", "")
		p.settle()
		p.ask(alice, lookFor)
		p.settle()
		doAll(&late.found)
		if got := p.texts(); got != want {
			t.Errorf("%v: %q", err, got)
		}
		late.err = nil
		p.ask(alice, lookFor)
		p.settle()
		doAll(&late.found)
		if got := p.texts(); got != "" {
			t.Errorf("behind it: %q", got)
		}
	}
}

// While the index is being made it is said that not all can be found, and in memory that what
// was said before is gone.
func TestSearchSaysWhatItHasNotLookedAt(t *testing.T) {
	p := newPager(t, benchConfig(), 1<<20)
	alice := p.enter("alice", "")
	p.say(alice, "hello")
	p.settle()
	for _, tt := range []struct {
		page search.Page
		want string
	}{{search.Page{UpTo: 9}, ""}, {search.Page{From: 1, UpTo: 9}, protocol.StateIndexing}, {search.Page{}, protocol.StateIndexing}} {
		p.reader = foundPage{p.reader, tt.page}
		p.pages = nil
		p.ask(alice, lookFor)
		p.settle()
		if got := p.pages[0].Data.State; got != tt.want {
			t.Errorf("%+v: %q, want %q", tt.page, got, tt.want)
		}
	}
}

type foundPage struct {
	Reader
	page search.Page
}

func (f foundPage) Search(_ search.Query, _ []tail.Entry, done func(search.Page, error)) {
	done(f.page, nil)
}

// A server that keeps nothing looks through what is in memory.
func TestSearchInMemory(t *testing.T) {
	p := &pager{testCore: newTestCore(t, benchConfig(), 1)}
	start := StartInMemory("memory", p.now)
	start.Tail = tail.New(1200, 0)
	answers := make(chan func(), 1)
	start.Reader = MemoryReader{Reader: start.Reader, Post: func(f func()) { answers <- f }}
	p.cfg.Clock = func() time.Time { return p.now }
	p.Core = NewCore(p.cfg, start, nil, p)
	p.Begin(p.now)
	alice := p.enter("alice", "")
	for n := range 9 {
		p.say(alice, fmt.Sprint("hello ", n))
	}
	p.ask(alice, `{"request":"edit","content":{"id":9,"text":"good bye"}}`)
	p.ask(alice, lookFor)
	(<-answers)()
	if state := p.pages[0].Data.State; state != protocol.StateNotKept {
		t.Errorf("the state is %q", state)
	}
	if got := p.texts(); !strings.HasPrefix(got, "[hello] 7") || strings.Contains(got, "[hello] 1") {
		t.Errorf("found %q", got)
	}
}
