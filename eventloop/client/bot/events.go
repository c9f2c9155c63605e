package bot

import (
	"context"
	"iter"
	"sync"
	"time"

	"parley/eventloop/client/sending"
)

// An Event is one of the structs below.
type Event interface{ isEvent() }

// A Message is something that somebody else has said in a room.
type Message struct {
	Number uint64    // names it on the server; 0: a server of the standard, which gives none
	Time   time.Time // when; zero: the server's timestamp was not understood
	Room   string    // protocol.Lobby, or another room
	From   string
	Text   string
	Re     uint64 // the number of the message that it answers; 0: of none
}

// A Direct is something that somebody else has said to the bot alone.
type Direct struct {
	Number uint64
	Time   time.Time
	From   string
	Text   string
	Re     uint64
}

// A Subject says which message an event is about.
type Subject struct {
	Number uint64
	Room   string // protocol.Lobby, or another room; "" of a direct message
}

// An Edit is that a message has another text. Only who has said it can do that.
type Edit struct {
	Subject
	From, Text string
}

// A Removal is that a message is gone.
type Removal struct {
	Subject
	From string // whose it was
	By   string // who has removed it
	Why  string // "" if that was not said
}

// A Reaction is that somebody has put a word or an emoji to a message, or taken it back.
type Reaction struct {
	Subject
	By   string
	Word string
	Gone bool // it was taken back
}

// A Changed is what has become, while the bot was not connected, of a message from before
// that: it comes in place of the Edits, Removals and Reactions that were missed.
type Changed struct {
	Subject
	From      string
	Text      string // "" if it was removed
	Edited    bool
	Removed   bool
	Reactions map[string][]string // who has put each word
}

// A Presence is that somebody has come or gone. On a busy server nobody is told that.
type Presence struct {
	Name  string
	Room  string // that they have joined or left; "": they have logged in or out
	State string // protocol.StateOnline, StateOffline, StateLost, StateTimedOut, StateJoined or StateLeft
}

// A Notice is something else that the server says by itself, such as an announcement or
// that the bot was muted. Event names it for programs; "" of a server of the standard.
type Notice struct {
	Event string
	Room  string
	Text  string
}

// A Connected is that the bot is logged in: first, and when it has come back. What was missed follows.
type Connected struct {
	Name  string // as the server spells it
	Plain bool   // the server speaks the standard protocol only
}

// A Lost is that the connection is lost. The bot is coming back.
type Lost struct{ Err error }

// A Gap is that something was missed and cannot be told.
type Gap struct{ Why string }

func (Message) isEvent()   {}
func (Direct) isEvent()    {}
func (Edit) isEvent()      {}
func (Removal) isEvent()   {}
func (Reaction) isEvent()  {}
func (Changed) isEvent()   {}
func (Presence) isEvent()  {}
func (Notice) isEvent()    {}
func (Connected) isEvent() {}
func (Lost) isEvent()      {}
func (Gap) isEvent()       {}

// A Said is what Reply answers: a Message or a Direct.
type Said interface {
	Event
	reply() sending.Where
}

func (m Message) reply() sending.Where { return sending.Where{Room: inRoom(m.Room), Re: m.Number} }
func (d Direct) reply() sending.Where  { return sending.Where{To: d.From, Re: d.Number} }

// Events tells what happens, for as long as the bot is there. A turn of the loop is over
// when the next begins or the loop is left: then its event counts as handled.
func (b *Bot) Events() iter.Seq[Event] {
	return func(yield func(Event) bool) {
		for {
			e, ok := b.events.take()
			if !ok {
				return
			}
			more := e.event == nil || yield(e.event)
			b.events.handled(e)
			if d, is := e.event.(Direct); is && d.Number != 0 {
				_ = b.do(context.Background(), func() { b.s.sawDirect(d.Number) })
			}
			if !more {
				return
			}
		}
	}
}

// An entry waits for whoever ranges over the events.
type entry struct {
	event Event // nil: nothing is to be told but the point
	point Point // where one is behind it; no log: it is not known
}

// A mailbox has the events that wait.
type mailbox struct {
	most    int
	drained chan struct{} // is told when the last one was handled
	came    chan struct{} // is told when there is one, or it is closed

	mu      sync.Mutex
	entries []entry
	point   Point
	closed  bool
}

func newMailbox(most int, from Point) *mailbox {
	return &mailbox{most: most, point: from, drained: make(chan struct{}, 1), came: make(chan struct{}, 1)}
}

// tell tells a channel that holds one thing.
func tell(c chan struct{}) {
	select {
	case c <- struct{}{}:
	default:
	}
}

// put adds an entry.
func (m *mailbox) put(e entry) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.entries = append(m.entries, e)
	tell(m.came)
}

// full reports whether as many wait as may.
func (m *mailbox) full() bool {
	m.mu.Lock()
	defer m.mu.Unlock()
	return len(m.entries) >= m.most
}

// take waits for an entry; false: there will be none. What waits when the bot ends is still
// taken.
func (m *mailbox) take() (e entry, ok bool) {
	for {
		m.mu.Lock()
		if len(m.entries) > 0 {
			e, m.entries = m.entries[0], m.entries[1:]
			m.mu.Unlock()
			return e, true
		}
		closed := m.closed
		m.mu.Unlock()
		if closed {
			return e, false
		}
		<-m.came
	}
}

// handled notes that the turn of an entry is over.
func (m *mailbox) handled(e entry) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if e.point.Log != "" {
		m.point = e.point
	}
	if len(m.entries) == 0 {
		tell(m.drained)
	}
}

func (m *mailbox) handledUpTo() Point {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.point
}

func (m *mailbox) close() {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.closed = true
	tell(m.came)
}
