package server

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"parley/eventloop"
	"parley/protocol"
	"parley/users/command"
	"parley/users/search"
	"parley/users/state"
	"parley/users/tail"
)

// A testCore is a Core without loops, of which a test says when rows are safe, pages are
// read, and what was sent has gone out.
type testCore struct {
	*Core
	*testing.T
	now                 time.Time
	inbox               map[eventloop.ConnID][]string        // what each has been sent, in order
	newest              map[eventloop.ConnID]string          // the last frame that each has been sent
	bytes               map[eventloop.ConnID]int             // of that, since all had gone out
	marks               map[eventloop.ConnID]uint64          // are to be told when all has gone out
	members             map[eventloop.ConnID]map[string]bool // which rooms each hears
	closed              map[eventloop.ConnID]bool
	table               *state.Table // what is safe
	writes              []func()     // that were asked for
	reads               []func()     // likewise
	readsEarly          bool         // what is read is what is safe when it is asked for
	writeFail, readFail error
	heard               func(to eventloop.ConnID, r protocol.Response) // is told of all that is sent; nil: nobody is
	token               string                                         // that was given last
	last                int
}

// newTestCore returns one with a tail of so many bytes.
func newTestCore(t *testing.T, cfg Config, tailBytes int) *testCore {
	c := &testCore{T: t, now: benchStart, inbox: make(map[eventloop.ConnID][]string), bytes: make(map[eventloop.ConnID]int), newest: make(map[eventloop.ConnID]string),
		marks: make(map[eventloop.ConnID]uint64), members: make(map[eventloop.ConnID]map[string]bool), closed: make(map[eventloop.ConnID]bool), table: state.NewTable()}
	cfg.Clock = func() time.Time { return c.now }
	token := cfg.Token
	cfg.Token = func() string {
		c.token = token()
		return c.token
	}
	start := StartInMemory("this log", c.now)
	start.Keeper, start.Reader, start.Tail = c, c, tail.New(tailBytes, 0)
	c.Core = NewCore(cfg, start, nil, c)
	c.Begin(c.now)
	return c
}

// Keep implements log.Keeper.
func (c *testCore) Keep(rows *state.Rows, done func(error)) {
	c.writes = append(c.writes, func() {
		if c.writeFail == nil {
			c.table.Put(rows)
		}
		done(c.writeFail)
	})
}

// later has something read when the test says so, or what is read now come back then.
func later[T any](c *testCore, read func(context.Context) (T, error), done func(T, error)) {
	if c.readsEarly {
		found, err := read(context.Background())
		c.reads = append(c.reads, func() { done(found, err) })
		return
	}
	c.reads = append(c.reads, func() {
		if c.readFail != nil {
			done(*new(T), c.readFail)
			return
		}
		done(read(context.Background()))
	})
}

// Read implements Reader.
func (c *testCore) Read(q tail.Query, done func(tail.Page, error)) {
	later(c, func(ctx context.Context) (tail.Page, error) { return tail.Read(ctx, c.table, q) }, done)
}

// Newest implements Reader.
func (c *testCore) Newest(room string, after, upTo uint64, n int, done func([]state.Message, error)) {
	later(c, func(ctx context.Context) ([]state.Message, error) { return Newest(ctx, c.table, room, after, upTo, n) }, done)
}

// Unread implements Reader.
func (c *testCore) Unread(p *tail.Part, done func([]tail.Unread, error)) {
	later(c, func(ctx context.Context) ([]tail.Unread, error) { return tail.Count(ctx, c.table, p) }, done)
}

// History implements Reader.
func (c *testCore) History(parts []*tail.HistoryPart, done func([]tail.HistoryPage, error)) {
	later(c, func(ctx context.Context) ([]tail.HistoryPage, error) { return ReadHistory(ctx, c.table, parts) }, done)
}

// Search implements Reader.
func (c *testCore) Search(q search.Query, _ []tail.Entry, done func(search.Page, error)) {
	c.reads = append(c.reads, func() {
		if c.readFail != nil {
			done(search.Page{}, c.readFail)
			return
		}
		done(search.AmongAll(context.Background(), c.table, q))
	})
}

// Find implements Reader.
func (c *testCore) Find(number uint64, done func(*tail.Entry, error)) {
	later(c, func(ctx context.Context) (*tail.Entry, error) { return Find(ctx, c.table, number) }, done)
}

// Versions implements Reader.
func (c *testCore) Versions(number uint64, done func([]state.Version, error)) {
	later(c, func(ctx context.Context) ([]state.Version, error) { return c.table.Versions(ctx, number) }, done)
}

// Acts implements Reader.
func (c *testCore) Acts(f state.ActFilter, n int, done func([]state.Act, error)) {
	c.reads = append(c.reads, func() {
		if c.readFail != nil {
			done(nil, c.readFail)
			return
		}
		done(c.table.Acts(context.Background(), f, n))
	})
}

// FindCuts implements Reader.
func (c *testCore) FindCuts(cuts []state.Cut, done func([]state.Cut, error)) {
	c.reads = append(c.reads, func() {
		if c.readFail != nil {
			done(nil, c.readFail)
			return
		}
		done(FindCuts(context.Background(), c.table, cuts))
	})
}

// Export implements Reader.
func (c *testCore) Export(who state.Author, after, upTo uint64, bytes int, done func(state.Export, uint64, error)) {
	later(c, func(ctx context.Context) (r exportRead, err error) {
		r.Export, r.reached, err = c.table.Export(ctx, who, after, upTo, bytes)
		return r, err
	}, func(r exportRead, err error) { done(r.Export, r.reached, err) })
}

// doAll does what was asked for, and what is asked for because of that.
func doAll(asked *[]func()) {
	for len(*asked) > 0 {
		f := (*asked)[0]
		*asked = (*asked)[1:]
		f()
	}
}

// commit has the turn end, and all that was decided be safe.
func (c *testCore) commit() {
	c.Flush(c.now)
	for len(c.writes) > 0 {
		doAll(&c.writes)
		c.Flush(c.now)
	}
}

// settle has everything happen that is under way.
func (c *testCore) settle() {
	for more := true; more; {
		c.commit()
		doAll(&c.reads)
		more = len(c.marks) > 0 || len(c.writes) > 0 || c.log.Failing() == nil && c.log.Applied() > c.log.Committed()
		for id := range c.marks {
			c.out(id)
		}
	}
}

// out says that all has gone out that was sent to a connection.
func (c *testCore) out(id eventloop.ConnID) {
	c.bytes[id] = 0
	if mark, ok := c.marks[id]; ok {
		delete(c.marks, id)
		c.Out(id, mark, c.now)
	}
}

// connect opens a connection.
func (c *testCore) connect() eventloop.ConnID {
	c.last++
	c.Opened(conn(c.last), loopback, eventloop.NoTLS, c.now)
	return conn(c.last)
}

// ask sends a request as it is written on the wire.
func (c *testCore) ask(id eventloop.ConnID, format string, args ...any) {
	c.Helper()
	r, err := new(protocol.Parser).Parse(fmt.Appendf(nil, format, args...))
	if err != nil {
		c.Fatal(err)
	}
	c.Request(id, r, c.now)
}

// enter logs a new connection in, with more keys in the login than its name.
func (c *testCore) enter(name, keys string) eventloop.ConnID {
	c.Helper()
	id := c.connect()
	c.ask(id, `{"request":"login","content":"%s","extended":1%s}`, name, keys)
	return id
}

// enterAccount logs a new connection in as an account.
func (c *testCore) enterAccount(as *command.Enter) eventloop.ConnID {
	c.Helper()
	id := c.connect()
	login := call{now: c.now}
	login.Extended = true
	if err := c.Core.enter(c.sessions.get(id), login, as); err != nil {
		c.Fatal(err)
	}
	return id
}

// say says something in the lobby.
func (c *testCore) say(id eventloop.ConnID, text string) {
	c.Helper()
	c.ask(id, `{"request":"msg","content":"%s"}`, text)
}

// outside proposes what no session has asked for.
func (c *testCore) outside(cmd command.Command) (r state.Result) {
	c.log.Insist(c.now, cmd, func(result state.Result) { r = result })
	return r
}

// take returns what a connection has been sent since the last time.
func (c *testCore) take(id eventloop.ConnID) string {
	all := strings.Join(c.inbox[id], ", ")
	delete(c.inbox, id)
	return all
}

// got notes a frame in short: its event and code, of a message its number and text.
func (c *testCore) got(id eventloop.ConnID, frame []byte) {
	if c.closed[id] {
		return
	}
	c.bytes[id] += len(frame)
	c.newest[id] = string(frame)
	r, err := protocol.DecodeResponse(frame)
	if err != nil {
		c.Fatalf("%v: %s", err, frame)
	}
	if c.heard != nil {
		c.heard(id, r)
	}
	if r.Data == nil {
		c.inbox[id] = append(c.inbox[id], r.Content)
		return
	}
	what := r.Data.Event
	switch {
	case r.Kind == protocol.KindError:
		what = string(r.Data.Code)
	case r.Kind == protocol.KindMessage && r.Data.Marks != nil && r.Data.Marks.Removed != nil:
		what = fmt.Sprint(r.Data.ID, " removed")
	case r.Kind == protocol.KindMessage:
		what = fmt.Sprint(r.Data.ID, " ", strings.TrimRight(r.Content, "."))
	case what == protocol.EventResumed:
		what = fmt.Sprint("resumed ", r.Data.ID)
	case what == protocol.EventLogin && r.Data.Resume != "":
		what = "login " + r.Data.Resume
	case what == protocol.EventPresence:
		what = r.Content
	case changeEvents[what]:
		what = fmt.Sprint(what, " ", r.Data.ID)
	}
	c.inbox[id] = append(c.inbox[id], what)
}

var changeEvents = map[string]bool{protocol.EventEdited: true, protocol.EventRemoved: true, protocol.EventReacted: true, protocol.EventUnreacted: true, protocol.EventChanged: true}

func (c *testCore) Send(to eventloop.ConnID, frame []byte)      { c.got(to, frame) }
func (c *testCore) SendLater(to eventloop.ConnID, frame []byte) { c.got(to, frame) }
func (c *testCore) Withdraw(uint64)                             {}
func (c *testCore) SendMessage(to eventloop.ConnID, frames []protocol.SaidFrame) {
	c.Replay(to, frames)
}
func (c *testCore) Replay(to eventloop.ConnID, frames []protocol.SaidFrame) {
	for _, frame := range frames {
		c.got(to, frame.Bytes)
	}
}
func (c *testCore) Enter(eventloop.ConnID)  {}
func (c *testCore) Extend(eventloop.ConnID) {}
func (c *testCore) Join(id eventloop.ConnID, room string, _ bool) {
	if c.members[id] == nil {
		c.members[id] = make(map[string]bool)
	}
	c.members[id][room] = true
}
func (c *testCore) Leave(id eventloop.ConnID, room string)   { delete(c.members[id], room) }
func (c *testCore) Close(id eventloop.ConnID)                { c.closed[id] = true; delete(c.members, id) }
func (c *testCore) TellOut(id eventloop.ConnID, mark uint64) { c.marks[id] = mark }
func (c *testCore) AskFlush()                                {}
func (c *testCore) WakeAt(time.Time)                         {}

func (c *testCore) Deliver(d Delivery) {
	for id, rooms := range c.members {
		s := c.sessions.get(id)
		switch {
		case s == nil || !rooms[d.Room] || d.excepts(id):
		case s.extended && d.Extended != nil:
			c.got(id, d.Extended)
		case !s.extended:
			for _, frame := range d.Plain {
				c.got(id, frame.Bytes)
			}
		}
	}
}
