package web

import (
	"context"
	"encoding/json"
	"fmt"
	"sync/atomic"
	"time"

	"github.com/coder/websocket"

	"parley/eventloop/client"
	"parley/eventloop/client/timeline"
)

const (
	// maxAsked is how many asks of a tab may be unanswered: no more are read before one is.
	maxAsked = 64

	// writeTime is how long a tab may take to be sent one frame. It is on this machine: what
	// takes longer has stopped reading, and filled what the system keeps for it.
	writeTime = 10 * time.Second

	// closeTime is how long a tab may take to answer that its WebSocket is closed.
	closeTime = time.Second

	// showPause is between two times that a tab is shown what has become of the chat.
	showPause = 100 * time.Millisecond

	wordsAnother = "The chat is another one now: this was meant for the one before."
	wordsNoPlace = "There is no such conversation."
)

// Why a WebSocket is closed.
const (
	closeOver     = websocket.StatusCode(4001)
	closeBehind   = websocket.StatusCode(4002)
	closeNoAsk    = websocket.StatusCode(4003)
	wordsOver     = "the chat is over"
	wordsBehind   = "this tab has not read fast enough"
	wordsNoAsk    = "this is no ask"
	wordsShutdown = "the process ends"
)

// A tab is one WebSocket. Two goroutines have it: one reads what is asked, the other writes.
type tab struct {
	conn  *websocket.Conn
	cut   func()        // ends the reading
	woken chan struct{} // has a place for one
	asked chan struct{} // has one for each ask that is not answered

	// Under the lock of the hub.
	next     uint64 // the number of the event that it is sent next
	snapshot bool   // it gets one before
	answers  []answered
	look     Look

	// Of the goroutine that writes.
	screen Screen
	shown  *State // is what it was shown last, with
	turn   int    // that turn of its look
	rests  atomic.Bool
	ticks  atomic.Bool // a second is waited for, since something is counted down
	due    atomic.Bool // it is over
}

// An answered is an answer, and the number of the event behind which it is sent.
type answered struct {
	at    uint64
	frame []byte
}

func newTab(conn *websocket.Conn, cut func()) *tab {
	return &tab{conn: conn, cut: cut, woken: make(chan struct{}, 1), asked: make(chan struct{}, maxAsked)}
}

func (t *tab) rouse() {
	select {
	case t.woken <- struct{}{}:
	default:
	}
}

// write sends what there is until ctx ends or the tab does not take it. It closes the
// WebSocket and says why.
func (t *tab) write(ctx context.Context, h *hub) {
	for {
		b := h.take(t)
		err := t.show(ctx, b)
		if err == nil {
			err = t.send(ctx, b)
		}
		switch {
		case b.behind:
			t.end(closeBehind, wordsBehind)
			return
		case err != nil:
			t.conn.CloseNow()
			return
		case b.over:
			t.end(closeOver, wordsOver)
			return
		case b.snapshot != nil || len(b.frames) > 0:
			continue
		}
		select {
		case <-t.woken:
		case <-ctx.Done():
			t.end(websocket.StatusGoingAway, wordsShutdown)
			return
		}
	}
}

// end closes the WebSocket. A tab that does not read is not waited for: to cut off who reads
// from it closes the connection, which CloseNow does not while Close is under way.
func (t *tab) end(code websocket.StatusCode, why string) {
	timer := time.AfterFunc(closeTime, t.cut)
	defer timer.Stop()
	t.conn.Close(code, why)
}

// show sends what has become of what the tab looks at. It comes before what it is answered, which may be
// about that. If only the chat has changed, that is at most ten times a second, and once more at the end.
func (t *tab) show(ctx context.Context, b batch) error {
	if b.snapshot != nil {
		t.screen, t.shown = Screen{}, nil
		b.snapshot.Facts = t.screen.Begin(b.state)
		return t.sendFrame(ctx, encoded(b.snapshot))
	}
	changed := b.state != t.shown || b.look.turn != t.turn || t.due.Load()
	waits := t.rests.Load() && b.look.turn == t.turn && b.answers == 0 && !b.over
	if b.state == nil || !changed || waits {
		return nil
	}
	t.shown, t.turn = b.state, b.look.turn
	t.due.Store(false)
	if b.state.counts() && t.ticks.CompareAndSwap(false, true) {
		time.AfterFunc(time.Second, func() {
			t.ticks.Store(false)
			t.due.Store(true)
			t.rouse()
		})
	}
	t.rests.Store(true)
	time.AfterFunc(showPause, func() {
		t.rests.Store(false)
		t.rouse()
	})
	f := t.screen.Show(b.state, b.look)
	if f == nil {
		return nil
	}
	return t.sendFrame(ctx, encoded(f))
}

func (t *tab) send(ctx context.Context, b batch) error {
	for _, frame := range b.frames {
		if err := t.sendFrame(ctx, frame); err != nil {
			return err
		}
	}
	for range b.answers {
		<-t.asked
	}
	return nil
}

func (t *tab) sendFrame(ctx context.Context, frame []byte) error {
	ctx, cancel := context.WithTimeout(ctx, writeTime)
	defer cancel()
	return t.conn.Write(ctx, websocket.MessageText, frame)
}

// read hands over what the tab asks, until it is gone or ctx ends.
func (t *tab) read(ctx context.Context, h *hub, asks chan<- client.Ask) {
	t.conn.SetReadLimit(MaxAsk)
	for {
		kind, b, err := t.conn.Read(ctx)
		if err != nil {
			return
		}
		q, ok := parseAsk(b)
		if kind != websocket.MessageText || !ok {
			t.end(closeNoAsk, wordsNoAsk)
			return
		}
		select {
		case t.asked <- struct{}{}:
		case <-ctx.Done():
			return
		}
		if !t.ask(ctx, h, q, asks) {
			return
		}
	}
}

// ask does what the tab alone is about, refuses what is not to be done, and hands over the rest. It
// reports false if ctx has ended.
func (t *tab) ask(ctx context.Context, h *hub, q Ask, asks chan<- client.Ask) bool {
	over, meant := h.isMeant(q)
	q, with := h.current().Offered(q)
	ask, ok := askOf(q, func(a client.Answer) { t.reply(h, q, a, with) })
	if q.Ask == AskLook && q.View != nil && q.View.Complete != "" {
		ask.Kind, ask.Text, ok = AskComplete, q.View.Complete, true
	}
	why, alone := with.Error, q.Ask == "" || q.Ask == AskLook && ask.Kind != AskComplete
	switch {
	case !meant:
		why = wordsAnother
	case alone || why != "":
	case !ok:
		why = wordsNoPlace
	case q.Ask == AskLine:
		why = h.current().unheard(q)
	}
	var all []client.Ask
	if why == "" {
		all = h.asked(t, q)
	}
	alone = alone || why != ""
	if !alone && q.Ask == AskAnswer { // who answers has met what is told at the beginning
		all = append(all, client.Ask{Kind: AskSetting, Name: "met", Text: "yes", Answer: func(client.Answer) {}})
	}
	if !alone {
		all = append(all, ask)
	}
	for _, ask := range all {
		select {
		case asks <- ask:
		case <-over: // while it waited another chat has begun
			t.reply(h, q, client.Answer{Error: wordsAnother}, Answer{})
			return true
		case <-ctx.Done():
			return false
		}
	}
	if alone {
		t.reply(h, q, client.Answer{Error: why}, with)
	}
	return true
}

// parseAsk reads an ask; false if it is none, which cannot be answered.
func parseAsk(b []byte) (q Ask, ok bool) {
	err := json.Unmarshal(b, &q)
	return q, err == nil && q.ID != 0
}

// reply answers an ask, with what it is answered beside what has come of it.
func (t *tab) reply(h *hub, q Ask, a client.Answer, with Answer) {
	w := answerOf(a, h.current())
	h.answered(t, q, w)
	if with.shown {
		w.OK, w.Error = true, ""
	}
	if q.Ask == AskPage && q.Entry != 0 {
		with.Said = fmt.Sprintf("%d older lines", len(w.Lines))
	}
	if q.Ask == AskSay && !w.OK {
		w.Error = "Not sent. " + w.Error
	}
	if w.OK {
		w.Tree, w.Go, w.Said = with.Tree, with.Go, with.Said
	}
	h.answer(t, encoded(Frame{Type: TypeAnswer, ID: q.ID, Answer: w}))
}

// askOf is what a page asks as the chat takes it. It reports false if it is about no
// conversation, though it is to be.
func askOf(q Ask, answer func(client.Answer)) (client.Ask, bool) {
	ask := client.Ask{Kind: client.AskKind(q.Ask), Text: q.Text, Name: q.Name, Number: q.Number, Count: q.Count, On: q.On, Answer: answer}
	ask.Entry = timeline.ID(q.Entry)
	if q.In == "" {
		return ask, !namesPlace[ask.Kind] && ask.Kind != client.AskKept
	}
	var ok bool
	ask.In, ask.InName, ok = conversationOf(q.In)
	return ask, ok && ask.Kind != client.AskKept
}

// namesPlace are the asks that are about a conversation: without one they are about none.
var namesPlace = map[client.AskKind]bool{
	AskOpen: true, AskRead: true, AskSay: true, AskLine: true, AskPage: true, AskDraft: true,
}
