package server

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"testing"
	"time"

	"parley/eventloop"
	"parley/protocol"
	"parley/users/log"
	"parley/users/state"
)

// A testCluster is cores that share a stream to which all that is published comes at once. What
// one sends another one waits until the test says what becomes of it.
type testCluster struct {
	*testing.T
	messages []log.Message
	cores    []*clusterCore
	now      time.Time
	frames   []sentFrame
	full     bool // no node takes a frame to send
	down     bool // the stream takes nothing
}

// A clusterCore is one of them.
type clusterCore struct {
	*testCore
	cluster *testCluster
	name    string
	read    int // messages that it was told
}

// A sentFrame is one that a core has sent.
type sentFrame struct {
	to   uint32
	data []byte
}

func newTestCluster(t *testing.T, names ...string) *testCluster {
	tc := &testCluster{T: t, now: benchStart}
	for _, name := range names {
		tc.cores = append(tc.cores, tc.begin(name))
	}
	tc.settle()
	return tc
}

// begin begins a process of a node.
func (tc *testCluster) begin(name string) *clusterCore {
	c := &clusterCore{cluster: tc, name: name, testCore: &testCore{T: tc.T, now: tc.now, inbox: make(map[eventloop.ConnID][]string), bytes: make(map[eventloop.ConnID]int), newest: make(map[eventloop.ConnID]string),
		marks: make(map[eventloop.ConnID]uint64), members: make(map[eventloop.ConnID]map[string]bool), closed: make(map[eventloop.ConnID]bool), table: state.NewTable()}}
	start, err := ResumeShared(context.Background(), name, c.table, Shared{Node: name, Stream: c, Nodes: testNodes{c}, ID: "stream"})
	if err != nil {
		tc.Fatal(err)
	}
	start.Keeper, start.Reader = c, c
	tokens := 0
	cfg := Config{RelayRate: 256 << 10, Clock: func() time.Time { return tc.now }, Token: func() string { tokens++; return fmt.Sprintf("%s%030d", name[:2], tokens) },
		Log: slog.New(slog.DiscardHandler), Fatal: func(err error) { tc.Error(err) }}
	c.Core = NewCore(cfg, start, nil, c.testCore)
	c.Begin(tc.now)
	return c
}

// Publish and Fetch implement log.Stream.
func (c *clusterCore) Publish(data []byte) {
	tc := c.cluster
	if tc.down {
		return
	}
	tc.messages = append(tc.messages, log.Message{Position: uint64(len(tc.messages) + 1), Time: tc.now, Data: bytes.Clone(data)})
}

func (c *clusterCore) Fetch(from uint64, n int, done func([]log.Message, error)) {
	all := c.cluster.messages
	begin := min(int(from-1), len(all))
	done(all[begin:min(begin+n, len(all))], nil)
}

// testNodes are the others, to a core.
type testNodes struct{ *clusterCore }

// Listen and Send implement Nodes.
func (testNodes) Listen(uint32) {}

func (c testNodes) Send(node uint32, frame []byte) error {
	if c.cluster.full {
		return errors.New("too much waits")
	}
	if len(frame) > MaxNodeFrame {
		c.Errorf("a frame of %d bytes is sent", len(frame))
	}
	c.cluster.frames = append(c.cluster.frames, sentFrame{node, frame})
	return nil
}

// turn has a core be told what the stream has, and do what is due.
func (c *clusterCore) turn() {
	for ; c.read < len(c.cluster.messages); c.read++ {
		c.shared.Arrived(c.cluster.messages[c.read])
	}
	c.now = c.cluster.now
	c.Tick(c.now)
	c.Flush(c.now)
	doAll(&c.writes)
	doAll(&c.reads)
}

// settle has time go on until all that is under way has come about, but for frames.
func (tc *testCluster) settle() {
	for range 20 {
		tc.now = tc.now.Add(100 * time.Millisecond)
		for _, c := range tc.cores {
			c.turn()
		}
	}
}

// carry has the frames come that were sent since the last time, in order, and returns them.
func (tc *testCluster) carry() []sentFrame {
	all := tc.frames
	tc.frames = nil
	for _, f := range all {
		tc.come(f)
	}
	return all
}

func (tc *testCluster) come(f sentFrame) {
	for _, c := range tc.cores {
		if c.node == f.to {
			c.heardFrame(f.data, tc.now)
		}
	}
}

// come logs somebody in.
func (c *clusterCore) come(name string) eventloop.ConnID {
	c.Helper()
	id := c.enter(name, "")
	c.cluster.settle()
	return id
}

const paths = "SHA256:alicealicealicealicealicealicealicealiceabA relay"

// agree has two agree on a private session, whose number it returns.
func (tc *testCluster) agree(a *clusterCore, alice eventloop.ConnID, b *clusterCore, bob eventloop.ConnID) (number int) {
	tc.Helper()
	a.ask(alice, `{"request":"startprivate","content":"bob %s"}`, paths)
	tc.settle()
	b.ask(bob, `{"request":"acceptprivate","content":"alice %s"}`, paths)
	tc.settle()
	for _, newest := range []string{a.newest[alice], b.newest[bob]} {
		r, err := protocol.DecodeResponse([]byte(newest))
		if err != nil || r.Data == nil || r.Data.Event != protocol.EventIntroduced {
			tc.Fatalf("they have not agreed: %s", newest)
		}
		number = int(r.Data.Private.Session)
	}
	a.take(alice)
	b.take(bob)
	return number
}

func (c *clusterCore) relay(id eventloop.ConnID, to string, number int, data string) {
	c.Helper()
	c.ask(id, `{"request":"relay","content":{"name":"%s","session":"%d","credit":"0","data":"%s"}}`, to, number, data)
}

// heardLast is the payload that a connection was sent last.
func (c *clusterCore) heardLast(id eventloop.ConnID) string {
	r, err := protocol.DecodeResponse([]byte(c.newest[id]))
	if err != nil || r.Data == nil || r.Data.Private == nil {
		return ""
	}
	return r.Data.Private.Payload
}

// pair is two who have agreed, at two nodes.
func pair(t *testing.T) (tc *testCluster, a, b *clusterCore, alice, bob eventloop.ConnID, number int) {
	tc = newTestCluster(t, "one", "two")
	a, b = tc.cores[0], tc.cores[1]
	alice, bob = a.come("alice"), b.come("bob")
	return tc, a, b, alice, bob, tc.agree(a, alice, b, bob)
}

// The two are told the same secret, each by their own node.
func TestASecretOfTwoNodes(t *testing.T) {
	tc := newTestCluster(t, "one", "two")
	a, b := tc.cores[0], tc.cores[1]
	alice, bob := a.come("alice"), b.come("bob")
	seen := make(map[string]bool)
	for range 2 {
		tc.agree(a, alice, b, bob)
		var tokens []string
		for _, newest := range []string{a.newest[alice], b.newest[bob]} {
			r, _ := protocol.DecodeResponse([]byte(newest))
			tokens = append(tokens, r.Data.Private.Token)
		}
		if tokens[0] != tokens[1] || protocol.CheckToken(tokens[0]) != nil || seen[tokens[0]] {
			t.Errorf("they are told %q", tokens)
		}
		seen[tokens[0]] = true
		a.ask(alice, `{"request":"stopprivate","content":"bob"}`)
		tc.carry()
	}
}

func TestFramesBetweenNodes(t *testing.T) {
	tc, a, b, alice, bob, number := pair(t)
	for i, data := range []string{"aGk=", "aG8=", "aHU="} {
		a.relay(alice, "bob", number, data)
		tc.carry()
		if got := b.heardLast(bob); got != data {
			t.Fatalf("bob hears %q, want %q", got, data)
		}
		if i == 1 {
			b.relay(bob, "alice", number, data)
			tc.carry()
			if got := a.heardLast(alice); got != data {
				t.Fatalf("alice hears %q, want %q", got, data)
			}
		}
	}
	a.ask(alice, `{"request":"stopprivate","content":"bob"}`)
	tc.carry()
	if got := b.take(bob); !strings.HasSuffix(got, protocol.EventStopped) {
		t.Errorf("bob hears %s", got)
	}
	if len(a.crossings)+len(b.crossings) != 0 || a.PrivateCounts().Relays.Open+b.PrivateCounts().Relays.Open != 0 {
		t.Errorf("left over: %v, %v", a.crossings, b.crossings)
	}
}

// A frame that comes twice is taken once, however late.
func TestADoubledFrame(t *testing.T) {
	tc, a, b, alice, bob, number := pair(t)
	a.relay(alice, "bob", number, "aGk=")
	first := tc.carry()[0]
	tc.come(first)
	a.relay(alice, "bob", number, "aG8=")
	tc.carry()
	tc.come(first)
	if got := b.take(bob); got != "relayed, relayed" || b.Counts().Nodes.Doubled != 2 {
		t.Errorf("bob hears %s; %+v", got, b.Counts().Nodes)
	}
}

// What is lost, or comes in another order, ends the relay, and both are told.
func TestALostFrame(t *testing.T) {
	for name, becomes := range map[string]func(tc *testCluster, all []sentFrame){
		"the first is lost": func(tc *testCluster, all []sentFrame) { tc.come(all[1]) },
		"another order":     func(tc *testCluster, all []sentFrame) { tc.come(all[1]); tc.come(all[0]) },
	} {
		tc, a, b, alice, bob, number := pair(t)
		a.relay(alice, "bob", number, "aGk=")
		a.relay(alice, "bob", number, "aG8=")
		all := tc.frames
		tc.frames = nil
		becomes(tc, all)
		tc.carry()
		if x, y := a.take(alice), b.take(bob); x != protocol.EventStopped || y != protocol.EventStopped || b.Counts().Nodes.Gaps != 1 {
			t.Errorf("%s: alice hears %s, bob %s", name, x, y)
		}
		a.relay(alice, "bob", number, "aHU=")
		if x := a.take(alice); x != string(protocol.NotAllowed) {
			t.Errorf("%s: then she hears %s", name, x)
		}
	}
}

// That a relay is over may be lost: who sends on is told.
func TestALostEnd(t *testing.T) {
	tc, a, b, alice, bob, number := pair(t)
	b.ask(bob, `{"request":"stopprivate","content":"alice"}`)
	tc.frames = nil
	a.relay(alice, "bob", number, "aGk=")
	tc.carry() // and the answer
	tc.carry()
	if x := a.take(alice); x != protocol.EventStopped || len(a.crossings) != 0 {
		t.Errorf("alice hears %s", x)
	}
	if y := b.take(bob); y != protocol.EventStopped {
		t.Errorf("bob hears %s", y)
	}
}

// A node that takes no more to send: the sender is told, and what comes of the other one finds
// the relay over.
func TestNothingCanBeSent(t *testing.T) {
	tc, a, b, alice, bob, number := pair(t)
	tc.full = true
	a.relay(alice, "bob", number, "aGk=")
	if x := a.take(alice); x != protocol.EventStopped || a.Counts().Nodes.Unsent == 0 {
		t.Errorf("alice hears %s; %+v", x, a.Counts().Nodes)
	}
	tc.full = false
	b.relay(bob, "alice", number, "aGk=")
	tc.carry()
	tc.carry()
	if y := b.take(bob); y != protocol.EventStopped {
		t.Errorf("bob hears %s", y)
	}
}

// What comes before the node has heard that the two have agreed waits for that, up to a limit.
func TestAFrameComesEarly(t *testing.T) {
	tc := newTestCluster(t, "one", "two")
	a, b := tc.cores[0], tc.cores[1]
	alice, bob := a.come("alice"), b.come("bob")
	a.ask(alice, `{"request":"startprivate","content":"bob %s"}`, paths)
	tc.settle()
	b.ask(bob, `{"request":"acceptprivate","content":"alice %s"}`, paths)
	b.Flush(tc.now)
	a.turn() // hears of it before b
	a.take(alice)
	b.take(bob)
	a.relay(alice, "bob", 1, "aGk=")
	a.relay(alice, "bob", 1, "aG8=")
	tc.carry()
	if got := b.take(bob); got != "" {
		t.Fatalf("bob hears %s", got)
	}
	tc.settle()
	if got := b.take(bob); got != "introduced, relayed, relayed" || b.heardLast(bob) != "aG8=" || len(b.early) != 0 {
		t.Errorf("bob hears %s", got)
	}
	early := nodeFrame{From: end{Node: a.node, Epoch: 1}, To: end{Node: b.node, Epoch: 1}, Begun: 1 << 40, Session: 7, Payload: strings.Repeat("QUJD", 2000)}
	size := 0
	for range 1000 {
		b.heardFrame(early.encode(), tc.now)
	}
	for _, f := range b.early {
		size += len(f.Payload)
	}
	if size == 0 || size > maxEarly || b.Counts().Nodes.Unsent == 0 {
		t.Errorf("%d bytes wait", size)
	}
}

// Frames of another epoch, session, relay or node are dropped, and so is what is none.
func TestFramesThatAreForOthers(t *testing.T) {
	tc, a, b, alice, bob, number := pair(t)
	a.relay(alice, "bob", number, "aGk=")
	good, err := decodeNodeFrame(tc.frames[0].data)
	if err != nil {
		t.Fatal(err)
	}
	for name, spoil := range map[string]func(*nodeFrame){
		"epoch of the receiver":   func(f *nodeFrame) { f.To.Epoch++ },
		"epoch before":            func(f *nodeFrame) { f.To.Epoch-- },
		"epoch of the sender":     func(f *nodeFrame) { f.From.Epoch++ },
		"session of the receiver": func(f *nodeFrame) { f.To.Session++ },
		"session of the sender":   func(f *nodeFrame) { f.From.Session++ },
		"node of the receiver":    func(f *nodeFrame) { f.To.Node++ },
		"node of the sender":      func(f *nodeFrame) { f.From.Node++ },
		"private session":         func(f *nodeFrame) { f.Session++ },
		"beginning":               func(f *nodeFrame) { f.Begun-- },
		"end of another epoch":    func(f *nodeFrame) { f.From.Epoch--; f.Ends = endStopped },
		"end of another session":  func(f *nodeFrame) { f.To.Session++; f.Ends = endStopped },
	} {
		f, before := good, b.Counts().Nodes.Stale
		spoil(&f)
		b.heardFrame(f.encode(), tc.now)
		if got := b.take(bob); got != "" || b.Counts().Nodes.Stale != before+1 {
			t.Errorf("%s: bob hears %s", name, got)
		}
	}
	for name, data := range map[string][]byte{
		"nothing": nil, "a text": []byte("hello"), "a long one": make([]byte, MaxNodeFrame+1), "half": tc.frames[0].data[:20],
		"less than nothing": (&nodeFrame{From: good.From, To: good.To, Begun: good.Begun, Session: good.Session, Count: 1, Credit: -5}).encode(),
		"no base64":         (&nodeFrame{From: good.From, To: good.To, Begun: good.Begun, Session: good.Session, Count: 1, Payload: "\n\n\n\n"}).encode(),
	} {
		before := b.Counts().Nodes.Foreign
		b.heardFrame(data, tc.now)
		if got := b.take(bob); got != "" || b.Counts().Nodes.Foreign != before+1 {
			t.Errorf("%s: bob hears %s", name, got)
		}
	}
	tc.carry() // the good one is still the next one
	if got := b.take(bob); got != "relayed" {
		t.Errorf("then bob hears %s", got)
	}
}

// A node that begins another epoch has sessions of the same numbers as before. What was sent to
// those of before reaches nobody, and what is left of them is told.
func TestANodeBeginsAgain(t *testing.T) {
	tc, a, b, alice, bob, number := pair(t)
	a.relay(alice, "bob", number, "aGk=")
	late := tc.frames
	tc.frames = nil
	tc.cores[1] = tc.begin("two")
	tc.settle()
	if x := a.take(alice); !strings.Contains(x, protocol.EventStopped) || len(a.crossings) != 0 {
		t.Errorf("alice hears %s", x)
	}
	again := tc.cores[1]
	if id := again.come("bob"); id != bob || again.node != b.node {
		t.Fatalf("his session is %d at %d, and was %d at %d", id, again.node, bob, b.node)
	}
	next := tc.agree(a, alice, again, bob)
	tc.frames = late
	f, err := decodeNodeFrame(late[0].data)
	if err != nil {
		t.Fatal(err)
	}
	f.Session, f.Begun = uint64(next), a.crossings[uint64(next)].begun // as if numbers were given again
	tc.come(sentFrame{late[0].to, f.encode()})
	tc.carry()
	if got := again.take(bob); got != "" || again.Counts().Nodes.Stale != 2 {
		t.Errorf("bob hears %s; %+v", got, again.Counts().Nodes)
	}
	tc.carry()
	a.relay(alice, "bob", next, "aG8=")
	tc.carry()
	if got := again.take(bob); got != "relayed" {
		t.Errorf("then he hears %s", got)
	}
}

// Too much at once ends a relay between nodes as it does one at one node, and the node that is
// sent more than the window does not rely on the other one to look.
func TestTooMuchBetweenNodes(t *testing.T) {
	tc, a, b, alice, bob, number := pair(t)
	for range 3 {
		a.relay(alice, "bob", number, large)
	}
	tc.carry()
	if x, y := a.take(alice), b.take(bob); !strings.Contains(x, protocol.EventStopped) || y != "relayed, relayed, stopped" {
		t.Errorf("alice hears %s, bob %s", x, y)
	}

	tc, a, b, alice, bob, number = pair(t)
	b.ask(bob, `{"request":"relay","content":{"name":"alice","session":"%d","credit":"1"}}`, number)
	tc.carry()
	if x, y := a.take(alice), b.take(bob); x != protocol.EventStopped || !strings.Contains(y, protocol.EventStopped) {
		t.Errorf("alice hears %s, bob %s", x, y)
	}

	tc, a, b, alice, bob, number = pair(t)
	a.relay(alice, "bob", number, large)
	f, _ := decodeNodeFrame(tc.carry()[0].data)
	for range 3 {
		f.Count++
		b.heardFrame(f.encode(), tc.now)
	}
	tc.carry()
	if x, y := a.take(alice), b.take(bob); x != protocol.EventStopped || y != "relayed, relayed, stopped" {
		t.Errorf("alice hears %s, bob %s", x, y)
	}
}
