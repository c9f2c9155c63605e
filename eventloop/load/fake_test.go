package load

import (
	"bufio"
	"context"
	"fmt"
	"net"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"go.uber.org/goleak"

	"parley/protocol"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// realClock is the time of this machine.
type realClock struct{}

func (realClock) Now() time.Time                         { return time.Now() }
func (realClock) After(d time.Duration) <-chan time.Time { return time.After(d) }

// A fake is a small chat server that can be told to do wrong.
type fake struct {
	plain bool // four keys, nothing between the objects
	deaf  bool // senders are not told their own messages
	small bool // takes little that it has not read

	// deliver returns what a receiver is sent in place of a frame: message k, counted
	// from 1, of all that were said after the trial.
	deliver func(k int, receiver string, frame []byte) [][]byte
	// before is called before message k is looked at, with what waits behind it.
	before func(k int, in *bufio.Reader)
	refuse func(k int) bool
	hangUp func(k int, receiver string) bool

	mu    sync.Mutex
	conns map[string]net.Conn
	said  int
	id    uint64

	all    []protocol.Response // the messages in the order of their numbers
	resume string              // what is said to who comes back; "": nothing
	// missed returns what is sent in place of one of the messages that were missed.
	missed func(k int, receiver string, frame []byte) [][]byte
	again  uint64 // how many are told again that were not missed

	answered  map[string]protocol.Data // what was asked for under an id is done once
	forgetful bool                     // or is not

	rooms map[string]*fakeRoom
	// moved is called when somebody has created, joined or left a room.
	moved func(verb, name, room string)
	// hears decides who is told message k; in says that they are in its room.
	hears func(k int, receiver, room string, in bool) bool
	// history returns what somebody who joins a room is told of what was said in it.
	history func(name, room string, newest []protocol.Response) []protocol.Response
}

// start serves until the test ends and returns how to connect.
func (f *fake) start(t *testing.T) func(context.Context) (net.Conn, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	f.conns, f.answered = map[string]net.Conn{}, map[string]protocol.Data{}
	var wg sync.WaitGroup
	wg.Go(func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			if f.small {
				_ = c.(*net.TCPConn).SetReadBuffer(64 << 10)
			}
			wg.Go(func() { f.serve(c) })
		}
	})
	t.Cleanup(func() { l.Close(); wg.Wait() })
	return func(ctx context.Context) (net.Conn, error) {
		var d net.Dialer
		return d.DialContext(ctx, "tcp", l.Addr().String())
	}
}

func (f *fake) serve(c net.Conn) {
	defer c.Close()
	in := bufio.NewReaderSize(c, 64<<10)
	var parser protocol.Parser
	name := ""
	for {
		line, err := in.ReadBytes('\n')
		if err != nil {
			break
		}
		r, bad := parser.Parse(line)
		if bad != nil {
			panic(bad)
		}
		if r.Verb == "login" {
			name = r.Content.Text
		}
		if !f.handle(name, c, in, r) {
			break
		}
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.conns[name] == c { // not that of a later connection
		delete(f.conns, name)
	}
}

// handle answers a request; false ends the connection.
func (f *fake) handle(name string, c net.Conn, in *bufio.Reader, r protocol.Request) bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	switch r.Verb {
	case "login":
		f.conns[name] = c
		welcome := protocol.Data{Event: protocol.EventLogin, Name: name, Log: "log", Token: name + "-token", ID: f.id}
		if r.HasAfter && f.resume != "" {
			if welcome.Resume = f.resume; r.Log != "log" || r.Token != welcome.Token {
				welcome.Resume = protocol.ResumeOtherLog
			}
		}
		f.answer(c, r, protocol.KindInfo, welcome)
		if welcome.Resume == protocol.ResumeFollows {
			f.catchUp(name, c, r)
			return true
		}
		history := protocol.Response{Kind: protocol.KindHistory, Data: &protocol.Data{Event: protocol.EventHistory}}
		if f.id > 0 {
			history.History = f.all[len(f.all)-1:]
		}
		if !f.plain {
			f.write(c, protocol.AppendExtended(nil, history))
		}
	case "logout":
		return false
	case "names":
		f.answer(c, r, protocol.KindInfo, protocol.Data{Event: protocol.EventNames})
	case "create", "join", "leave":
		f.move(name, c, r)
	case "msg":
		f.say(name, c, in, r)
	case "dm":
		f.dm(name, c, r)
	}
	return true
}

// catchUp tells what was missed.
func (f *fake) catchUp(name string, c net.Conn, r protocol.Request) {
	missed := f.all[slices.IndexFunc(f.all, func(m protocol.Response) bool { return m.Data.ID == r.After })+1-int(f.again):]
	for k, m := range missed {
		if m.Data.Room != "" && !f.rooms[m.Data.Room].members[name] {
			continue
		}
		frames := [][]byte{f.encode(m)}
		if f.missed != nil {
			frames = f.missed(k+1, name, frames[0])
		}
		for _, frame := range frames {
			f.write(c, frame)
		}
	}
	f.answer(c, r, protocol.KindInfo, protocol.Data{Event: protocol.EventResumed, ID: f.id})
}

func (f *fake) dm(name string, c net.Conn, r protocol.Request) {
	to, text, _ := strings.Cut(r.Content.Text, " ")
	f.write(f.conns[to], f.encode(protocol.Response{Time: time.Now(), Sender: name, Kind: protocol.KindMessage, Content: text, Data: &protocol.Data{Event: protocol.EventDirect, To: to}}))
	f.answer(c, r, protocol.KindInfo, protocol.Data{Event: protocol.EventDelivered, To: to})
}

func (f *fake) say(name string, c net.Conn, in *bufio.Reader, r protocol.Request) {
	k, text, room := 0, r.Content.Text, ""
	if r.Content.Fields != nil {
		text, room = r.Content.Fields["text"], r.Content.Fields["room"]
	}
	if d, ok := f.answered[name+" "+r.ID]; ok && r.ID != "" && !f.forgetful {
		f.answer(c, r, protocol.KindInfo, d)
		return
	}
	if m, ok := readMark([]byte(text), text[:markSender]); ok && m.seq > 0 {
		f.said++
		k = f.said
		if f.before != nil {
			f.before(k, in)
		}
		if f.refuse != nil && f.refuse(k) {
			f.answer(c, r, protocol.KindError, protocol.Data{Event: protocol.EventError, Code: protocol.RateLimited})
			return
		}
	}
	f.id++
	told := protocol.Response{Time: time.Now(), Sender: name, Kind: protocol.KindMessage, Content: text, Data: &protocol.Data{Event: protocol.EventMessage, ID: f.id, Room: room}}
	f.all = append(f.all, told)
	if room != "" {
		f.rooms[room].all = append(f.rooms[room].all, told)
	}
	for receiver, to := range f.conns {
		if f.deaf && receiver == name || !f.hearsIn(k, receiver, room) {
			continue
		}
		if k > 0 && f.hangUp != nil && f.hangUp(k, receiver) {
			to.Close()
			continue
		}
		frames := [][]byte{f.encode(told)}
		if k > 0 && f.deliver != nil {
			frames = f.deliver(k, receiver, frames[0])
		}
		for _, frame := range frames {
			f.write(to, frame)
		}
	}
	accepted := protocol.Data{Event: protocol.EventAccepted, ID: f.id, Room: room}
	f.answered[name+" "+r.ID] = accepted
	f.answer(c, r, protocol.KindInfo, accepted)
}

func (f *fake) encode(r protocol.Response) []byte {
	if f.plain {
		return []byte(strings.TrimSuffix(string(protocol.AppendPlain(nil, r)), "\n"))
	}
	return protocol.AppendExtended(nil, r)
}

// answer tells what became of a request; of messages plain sessions hear errors only.
func (f *fake) answer(c net.Conn, r protocol.Request, kind protocol.Kind, d protocol.Data) {
	if f.plain && d.Event == protocol.EventAccepted {
		return
	}
	f.write(c, f.encode(protocol.Response{Time: time.Now(), Sender: protocol.ServerName, Kind: kind, Content: "so it is", Ref: r.Ref, Data: &d}))
}

// write ignores errors: the other end may have left.
func (f *fake) write(c net.Conn, b []byte) { _, _ = c.Write(b) }

// run runs one scenario against a fake.
func run(t *testing.T, f *fake, s Scenario) Result {
	t.Helper()
	return runWith(t, context.Background(), f, s)
}

func runWith(t *testing.T, ctx context.Context, f *fake, s Scenario) Result {
	t.Helper()
	if err := s.Check(f.plain); err != nil {
		t.Fatal(err)
	}
	results := Run(ctx, Config{Dial: []func(context.Context) (net.Conn, error){f.start(t)}, Clock: realClock{}, Plain: f.plain, Seed: 3, Tag: 7, Scenarios: []Scenario{s}, Drain: 2 * time.Second})
	return results[0]
}

// user is the name of a client of the first scenario of a run with tag 7.
func user(i int) string { return fmt.Sprintf("load00007x0x%d", i) }
