package server

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"parley/eventloop"
	"parley/protocol"
	"parley/users/state"
	"parley/users/tail"
)

// A pager asks a testCore for history, and keeps the whole answer.
type pager struct {
	*testCore
	pages []protocol.Response
}

func (p *pager) Send(to eventloop.ConnID, frame []byte) {
	if r, err := protocol.DecodeResponse(frame); err == nil && r.Ref == "page" {
		p.pages = append(p.pages, r)
	}
	p.testCore.Send(to, frame)
}

func newPager(t *testing.T, cfg Config, tailBytes int) *pager {
	p := &pager{testCore: newTestCore(t, cfg, tailBytes)}
	p.fx.Effects.(*held).Effects = p
	return p
}

// page asks for one, and returns its numbers and what the answer says beside.
func (p *pager) page(id eventloop.ConnID, content string) (numbers []uint64, data protocol.Data) {
	p.Helper()
	p.pages = nil
	p.ask(id, `{"request":"history","content":%s,"ref":"page"}`, content)
	p.settle()
	for i, r := range p.pages {
		if r.Kind != protocol.KindHistory || r.Data.More != (i < len(p.pages)-1) {
			p.Fatalf("%s: %s %s, frame %d of %d", content, r.Kind, r.Content, i+1, len(p.pages))
		}
		for _, m := range r.History {
			numbers = append(numbers, m.Data.ID)
		}
		data = *r.Data
	}
	if len(p.pages) == 0 {
		p.Fatalf("%s: no answer, but %s", content, p.take(id))
	}
	return numbers, data
}

// Who pages back from the newest message to the first, or on from the first to the newest,
// is shown each message once and in order, wherever the tail begins, and also if that moves
// meanwhile: what is said on the way is not in the pages that go back.
func TestHistoryPagesOverTailAndFile(t *testing.T) {
	rapid.Check(t, func(r *rapid.T) {
		cfg := benchConfig()
		cfg.Flood = FloodLimits{}
		p := newPager(t, cfg, rapid.IntRange(300, 20<<10).Draw(r, "tail"))
		alice, bob := p.enter("alice", ""), p.enter("bob", "")
		p.settle()
		var lobby, den, direct []uint64
		p.ask(bob, `{"request":"create","content":"den"}`)
		p.ask(alice, `{"request":"join","content":"den"}`)
		p.settle()
		say := func() {
			text := strings.Repeat("x", rapid.IntRange(1, 100).Draw(r, "size"))
			switch rapid.IntRange(0, 3).Draw(r, "where") {
			case 0:
				p.ask(bob, `{"request":"dm","content":{"name":"alice","text":"%s"}}`, text)
				direct = append(direct, p.state.Last())
			case 1:
				p.ask(alice, `{"request":"dm","content":{"name":"bob","text":"%s"}}`, text)
				direct = append(direct, p.state.Last())
			case 2:
				p.ask(bob, `{"request":"msg","content":{"room":"lobby","text":"%s"}}`, text)
				lobby = append(lobby, p.state.Last())
			case 3:
				p.ask(bob, `{"request":"msg","content":{"room":"den","text":"%s"}}`, text)
				den = append(den, p.state.Last())
			}
			if rapid.IntRange(0, 9).Draw(r, "commit") > 0 { // else the tail may drop what the file does not have
				p.settle()
			}
		}
		for range rapid.IntRange(0, 60).Draw(r, "said") {
			say()
		}
		which := rapid.IntRange(0, 2).Draw(r, "which")
		conversation := []string{`"room":"lobby"`, `"room":"den"`, `"with":"bob"`}[which]
		all := []*[]uint64{&lobby, &den, &direct}[which]
		want, count := slices.Clone(*all), rapid.IntRange(1, 8).Draw(r, "count")
		back := rapid.Bool().Draw(r, "back")
		var got []uint64
		next := ""
		if !back {
			next = `,"after":0`
		}
		for pages := 0; ; pages++ {
			if pages > 100 {
				r.Fatal("the pages have no end")
			}
			page, data := p.page(alice, fmt.Sprintf(`{%s,"count":%d%s}`, conversation, count, next))
			if len(page) > count {
				r.Fatalf("%d in a page of %d", len(page), count)
			}
			for n := rapid.IntRange(0, 5).Draw(r, "said meanwhile"); n > 0 && pages < 20; n-- {
				say()
			}
			if back {
				got = append(page, got...)
				next = fmt.Sprintf(`,"before":"%d"`, data.Before)
			} else {
				got = append(got, page...)
				next = fmt.Sprintf(`,"after":%d`, data.After)
			}
			if back && data.Before == 0 || !back && data.After == 0 {
				break
			}
		}
		if !back {
			want = (*all)[:max(len(want), min(len(*all), len(got)))]
		}
		if !slices.Equal(got, want) {
			r.Fatalf("told are %v, want %v; the tail begins behind %d", got, want, p.tail.After())
		}
	})
}

// A session has one page under way, and what it asks meanwhile waits for it.
func TestHistoryOneAtATime(t *testing.T) {
	p := newPager(t, benchConfig(), 300)
	alice := p.enter("alice", "")
	for range 5 {
		p.say(alice, "hi")
	}
	p.settle()
	p.take(alice)
	for range 3 {
		p.ask(alice, `{"request":"history","content":"2"}`)
	}
	p.ask(alice, `{"request":"ping"}`)
	if len(p.reads) != 1 || p.take(alice) != "" {
		t.Errorf("%d are read at once", len(p.reads))
	}
	p.settle()
	if got := p.take(alice); got != "history, history, history, pong" {
		t.Errorf("the answers are %s", got)
	}
}

// What cannot be read, or takes too long, is said, and the session goes on.
func TestHistoryThatCannotBeRead(t *testing.T) {
	p := newPager(t, benchConfig(), 300)
	alice := p.enter("alice", "")
	for range 5 {
		p.say(alice, "hi")
	}
	p.settle()
	for err, want := range map[error]string{errors.New("broken"): "internal", errTooSlow: "busy"} {
		p.take(alice)
		p.readFail = err
		var log bytes.Buffer
		p.cfg.Log = slog.New(slog.NewJSONHandler(&log, nil))
		p.ask(alice, `{"request":"history"}`)
		p.ask(alice, `{"request":"ping"}`)
		p.settle()
		if line := fmt.Sprintf(`"msg":"what a request asks for cannot be read","conn":%d,`, alice); strings.Contains(log.String(), line) != (want == "internal") {
			t.Errorf("%v: the log has %s", err, log.String())
		}
		if got := p.take(alice); got != want+", pong" {
			t.Errorf("%v: the answer is %s, want %s", err, got, want)
		}
	}
}

// While the disk fails, what the tail has is told, and of the rest the error.
func TestHistoryWhileNothingCanBeKept(t *testing.T) {
	p := newPager(t, benchConfig(), 1000)
	alice := p.enter("alice", "")
	p.settle()
	p.writeFail = errors.New("the disk is full")
	for range 9 {
		p.say(alice, "hi")
	}
	p.Flush(p.now)
	doAll(&p.writes)
	p.take(alice)
	p.ask(alice, `{"request":"history"}`)
	if got := p.take(alice); got != "internal" {
		t.Errorf("the answer is %q", got)
	}
	p.writeFail = nil
}

// Who may not be shown it any more when it has been read is told so, and not shown it.
func TestHistoryOfARoomThatWasLeftMeanwhile(t *testing.T) {
	p := newPager(t, benchConfig(), 300)
	alice, bob := p.enter("alice", ""), p.enter("bob", "")
	p.ask(bob, `{"request":"create","content":"den"}`)
	p.ask(alice, `{"request":"join","content":"den"}`)
	for range 5 {
		p.say(bob, "hi")
	}
	p.settle()
	p.take(alice)
	p.ask(alice, `{"request":"history","content":"den"}`)
	s := p.sessions.get(alice)
	s.busy = false // as another session of hers would do it
	p.ask(alice, `{"request":"leave","content":"den"}`)
	s.busy = true
	p.settle()
	if got := p.take(alice); !strings.HasSuffix(got, "not_in_room") {
		t.Errorf("she is told %s", got)
	}
}

// A server that keeps nothing says when what is asked for is gone.
func TestHistoryInMemory(t *testing.T) {
	cfg := benchConfig()
	p := &pager{testCore: newTestCore(t, cfg, 1)}
	start := StartInMemory("memory", p.now)
	start.Tail = tail.New(1200, 0)
	p.cfg.Clock = func() time.Time { return p.now }
	cfg = p.cfg
	p.Core = NewCore(cfg, start, nil, p)
	p.Begin(p.now)
	alice := p.enter("alice", "")
	p.say(alice, "one")
	if numbers, data := p.page(alice, `null`); len(numbers) != 1 || data.State != "" {
		t.Errorf("the first page is %v %+v", numbers, data)
	}
	for range 8 {
		p.say(alice, "more")
	}
	numbers, data := p.page(alice, `null`)
	if len(numbers) == 0 || len(numbers) > 3 || data.State != protocol.StateNotKept || data.Before != 0 {
		t.Errorf("the page is %v %+v", numbers, data)
	}
	if numbers, data := p.page(alice, `"1"`); len(numbers) != 1 || data.State != "" || data.Before == 0 {
		t.Errorf("a page of the tail is %v %+v", numbers, data)
	}
	if _, data := p.page(alice, `"after 2"`); data.State != protocol.StateNotKept {
		t.Errorf("what is behind 2 is told as if it were all: %+v", data)
	}
	if _, data := p.page(alice, fmt.Sprintf(`"after %d"`, numbers[0])); data.State != "" {
		t.Errorf("what is behind %d is there: %+v", numbers[0], data)
	}
}

// A stuck is a source that does not come back.
type stuck struct {
	*state.Table
	heeds bool          // the end of its time
	until chan struct{} // else
}

func (s stuck) Between(ctx context.Context, _ string, _, _ uint64, _ int) ([]state.Message, error) {
	if s.heeds {
		<-ctx.Done()
		return nil, fmt.Errorf("reading: %w", ctx.Err())
	}
	<-s.until
	return nil, nil
}

// A page has its time, whether the file heeds that or not.
func TestHistoryHasADeadline(t *testing.T) {
	t.Parallel()
	for _, heeds := range []bool{true, false} {
		source := stuck{state.NewTable(), heeds, make(chan struct{})}
		answers := make(chan func(), 1)
		r := FileReader{Source: source, Post: func(f func()) { answers <- f }}
		var got error
		began := time.Now()
		r.History([]*tail.HistoryPart{tail.New(1, 9).History(tail.HistoryQuery{Room: "den", Before: 100, Most: 1})}, func(_ []tail.HistoryPage, err error) { got = err })
		(<-answers)()
		if took := time.Since(began); !errors.Is(got, errTooSlow) || took < readTimeout {
			t.Errorf("heeds %v: %v after %s", heeds, got, took)
		}
		close(source.until)
	}
}

// What the tail has dropped and the file does not have yet is waited for.
func TestHistoryWaitsForTheFile(t *testing.T) {
	p := newPager(t, benchConfig(), 300)
	alice := p.enter("alice", "")
	p.settle()
	for range 5 {
		p.say(alice, "hi")
	}
	p.ask(alice, `{"request":"history","content":null,"ref":"page"}`)
	if len(p.reads) > 0 {
		t.Error("it is read from a file that does not have it")
	}
	p.settle()
	if len(p.pages) != 1 || len(p.pages[0].History) != 5 {
		t.Errorf("the pages are %v", p.pages)
	}
}

// What was said in a room that has ended is not looked for in the one of its name.
func TestHistoryBeginsWithTheRoom(t *testing.T) {
	p := newPager(t, benchConfig(), 1<<20)
	alice := p.enter("alice", "")
	p.say(alice, "hi")
	p.ask(alice, `{"request":"create","content":"den"}`)
	p.settle()
	room, _ := p.state.Room("den")
	of, err := p.conversationFor(p.sessions.get(alice), historyRequest{room: "DEN"})
	if want := (conversation{room: "den", after: room.Number}); err != nil || of != want || of.after == 0 {
		t.Errorf("it is %+v, want %+v: %v", of, want, err)
	}
}
