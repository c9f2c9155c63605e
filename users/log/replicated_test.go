package log_test

import (
	"bytes"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"parley/users/command"
	"parley/users/log"
	"parley/users/state"
)

// A river is a stream in memory, and the nodes at it. What is published is at its end at once,
// and comes to a node when the test says so.
type river struct {
	t        *testing.T
	id       string
	now      time.Time
	skew     time.Duration // of the stream's clock
	messages []log.Message
	nodes    []*boat
	trimmed  int  // so many messages are not there any more
	lost     bool // what is published does not come to be there
	late     bool // nodes that join are answered late: see boat
	runs     int
	kinds    map[string]log.Kinds // that nodes know which are not as this program is
	skipped  []uint64             // of those who join
	poison   string               // whoever carries out a login with that name panics
}

// A boat is a node.
type boat struct {
	*log.Replicated
	river     *river
	name      string
	state     *state.State
	table     *state.Table
	published [][]byte
	did       []string
	read      int      // messages that have come
	fetches   int      // that were asked for
	batches   int      // of rows that were kept
	from      []uint64 // what was asked for
	blind     bool     // nothing can be fetched
	late      bool     // what is fetched comes behind what is heard meanwhile
	answers   []func()
	end       error
}

func newRiver(t *testing.T, nodes ...string) *river {
	return newRiverOf(t, nil, nodes...)
}

func newRiverOf(t *testing.T, kinds map[string]log.Kinds, nodes ...string) *river {
	r := &river{t: t, id: "river", now: start, kinds: kinds}
	for _, name := range nodes {
		r.join(name, state.NewTable())
	}
	return r
}

func (r *river) join(name string, table *state.Table) *boat {
	return r.joinFrom(name, table, nil)
}

// joinFrom has a node begin, with a snapshot if that is not nil.
func (r *river) joinFrom(name string, table *state.Table, from *log.Snapshot) *boat {
	b := &boat{river: r, name: name, state: state.New(state.Kept{}, start), table: table, late: r.late}
	if from != nil {
		var err error
		if b.state, err = from.State.Restore(); err != nil {
			r.t.Fatal(err)
		}
	}
	b.Replicated = log.NewReplicated(log.ReplicatedConfig{
		Config: log.Config{Name: "log of " + name, State: b.state, Keeper: b, Clock: func() time.Time { return r.now }}, Owner: b,
		Node: name, Stream: b, ID: r.id, Mark: table.Kept().Mark, From: from, Kinds: r.kinds[name], Skipped: slices.Clone(r.skipped), Chance: func() string { r.runs++; return fmt.Sprint(r.runs) },
	})
	b.Start()
	r.nodes = append(r.nodes, b)
	return b
}

// Keep implements log.Keeper.
func (b *boat) Keep(rows *state.Rows, done func(error)) {
	b.batches++
	b.table.Put(rows)
	done(nil)
}

// Publish and Fetch implement log.Stream.
func (b *boat) Publish(data []byte) {
	b.published = append(b.published, data)
	if r := b.river; !r.lost {
		r.messages = append(r.messages, log.Message{Position: uint64(len(r.messages) + 1), Time: r.now.Add(r.skew), Data: bytes.Clone(data)})
	}
}

func (b *boat) Fetch(from uint64, n int, done func([]log.Message, error)) {
	b.fetches++
	b.from = append(b.from, from)
	if b.blind {
		done(nil, errors.New("nobody answers"))
		return
	}
	all := b.river.messages
	begin := min(max(int(from-1), b.river.trimmed), len(all))
	found := slices.Clone(all[begin:min(begin+n, len(all))])
	if b.late {
		b.answers = append(b.answers, func() { done(found, nil) })
		return
	}
	done(found, nil)
}

func (b *boat) note(format string, args ...any) { b.did = append(b.did, fmt.Sprintf(format, args...)) }

// Applied and the others implement log.ReplicatedOwner.
func (b *boat) Applied(_ time.Time, c command.Command, r state.Result) {
	if e, is := c.(*command.Enter); is && e.Name == b.river.poison {
		panic("it is " + e.Name)
	}
	if _, beats := c.(*command.Heartbeat); !beats {
		b.note("%s%s", strings.TrimPrefix(fmt.Sprintf("%T", c), "*command."), refused(r.Err))
	}
}
func (b *boat) Committed(uint64)  {}
func (b *boat) Broken(err error)  { b.end = err }
func (b *boat) AskFlush()         {}
func (b *boat) AskTick(time.Time) {}
func (b *boat) Begun(node uint32) { b.note("begun %d", node) }
func (b *boat) Lost()             { b.note("lost") }

// flow has everything come to every node for a time.
func (r *river) flow(d time.Duration) {
	for end := r.now.Add(d); !r.now.After(end); r.now = r.now.Add(100 * time.Millisecond) {
		for _, b := range r.nodes {
			b.turn()
		}
	}
	for _, b := range r.nodes {
		b.receive()
	}
}

func (b *boat) receive() {
	for ; b.read < len(b.river.messages); b.read++ {
		b.Arrived(b.river.messages[b.read])
	}
}

func (b *boat) turn() {
	b.receive()
	answers := b.answers
	b.answers = nil
	for _, answer := range answers {
		answer()
	}
	b.Tick(b.river.now)
	b.Flush(b.river.now)
}

func (b *boat) take() string {
	all := strings.Join(b.did, ", ")
	b.did = nil
	return all
}

// say proposes that somebody logs in, and notes what becomes of it.
func (b *boat) say(name string) {
	b.river.t.Helper()
	e := &command.Enter{Name: name, Token: name, Session: command.Session{Node: b.state.Node(b.name).Number, Number: uint64(len(name))}}
	if err := b.Propose(b.river.now, e, func(r state.Result) { b.note("%s%s", name, refused(r.Err)) }); err != nil {
		b.note("%s: %v", name, err)
	}
}

func (b *boat) names() string { return strings.Join(b.state.Names(), " ") }

func TestNodesComeToTheSame(t *testing.T) {
	r := newRiver(t, "a", "b", "c")
	r.flow(3 * time.Second)
	for i, b := range r.nodes {
		if !strings.Contains(b.take(), fmt.Sprint("begun ", b.state.Node(b.name).Number)) || b.Failing() != nil {
			t.Fatalf("node %d does not take part: %v", i, b.Failing())
		}
		b.say(strings.Repeat("x", i+1))
		if got := b.take(); got != "" {
			t.Errorf("before it came back: %s", got)
		}
	}
	r.flow(time.Second)
	for i, b := range r.nodes {
		want := strings.Repeat("x", i+1)
		if !strings.Contains(b.take(), "Enter, "+want) || b.names() != "x xx xxx" || b.state.Digest() != r.nodes[0].state.Digest() {
			t.Errorf("node %d has %s", i, b.names())
		}
		if b.Name() != r.nodes[0].Name() || b.table.Kept().Mark.Position > uint64(len(r.messages)) {
			t.Errorf("the log is %s, kept is %+v", b.Name(), b.table.Kept().Mark)
		}
	}
}

func TestWhatDoesNotComeBackIsPublishedAgainWithTheSameBytes(t *testing.T) {
	r := newRiver(t, "a")
	a := r.nodes[0]
	r.flow(1100 * time.Millisecond)
	r.lost = true
	a.say("alice")
	n := len(a.published)
	r.flow(2500 * time.Millisecond)
	if again := a.published[n:]; len(again) != 3 || !bytes.Equal(again[0], again[1]) || !bytes.Equal(again[0], again[2]) {
		t.Errorf("published %d times", len(again))
	}
	if !errors.Is(a.Failing(), log.ErrStanding) {
		t.Errorf("failing: %v", a.Failing())
	}
	r.lost = false
	r.flow(2 * time.Second)
	if a.names() != "alice" || a.Failing() != nil {
		t.Errorf("there are %q, failing: %v", a.names(), a.Failing())
	}
	for _, m := range slices.Clone(r.messages) { // late copies of everything
		r.messages = append(r.messages, log.Message{Position: uint64(len(r.messages) + 1), Time: r.now, Data: m.Data})
	}
	before := a.state.Nodes()[0].Epoch
	r.flow(2 * time.Second)
	if after := a.state.Nodes()[0]; after.Epoch != before || after.Gone || a.names() != "alice" || a.end != nil {
		t.Errorf("late copies: %+v, %v", after, a.end)
	}
}

// What waits to be published, is on its way, or has come back and is not kept, is not safe yet.
func TestWhatWaitsInTheSharedLog(t *testing.T) {
	r := newRiver(t, "a")
	a := r.nodes[0]
	r.flow(2 * time.Second)
	a.say("alice")
	a.say("alice2")
	proposed := a.Waiting()
	a.Flush(r.now)
	a.say("alice33")
	published := a.Waiting()
	r.flow(time.Second)
	if proposed != 2 || published != 3 || a.Waiting() != 0 {
		t.Errorf("%d wait when two are proposed, %d with a third, %d in the end", proposed, published, a.Waiting())
	}
}

func TestGapsAndSilenceAreFilled(t *testing.T) {
	r := newRiver(t, "a", "b")
	a, b := r.nodes[0], r.nodes[1]
	r.flow(2 * time.Second)
	b.read += 1000 // nothing comes to b any more
	a.say("alice")
	r.flow(1500 * time.Millisecond)
	if b.names() != "alice" {
		t.Error("b does not ask what there is")
	}
	b.blind = true
	r.flow(800 * time.Millisecond)
	b.blind = false
	b.Arrived(r.messages[len(r.messages)-1]) // the others are missing
	if b.state.Digest() != a.state.Digest() {
		t.Error("b does not fill a gap")
	}
}

func TestTheTimeOfTheLogNeverGoesBack(t *testing.T) {
	r := newRiver(t, "a")
	a := r.nodes[0]
	r.flow(2 * time.Second)
	last, shown := a.state.Time(), a.Time(r.now)
	for _, skew := range []time.Duration{-time.Hour, 0, time.Hour, -time.Hour} {
		r.skew = skew
		for range 50 {
			r.flow(200 * time.Millisecond)
			now, at := a.state.Time(), a.Time(r.now)
			if now.Before(last) || at.Before(shown) || at.Before(now) {
				t.Fatalf("skew %s: %s behind %s, shown %s behind %s", skew, now, last, at, shown)
			}
			last, shown = now, at
		}
		if skew == 0 && last.Sub(r.now).Abs() > 2*time.Second {
			t.Errorf("after the clock was set back and forth the log's time is %s", last)
		}
	}
}

func TestANodeThatIsTakenForGoneBeginsAnew(t *testing.T) {
	r := newRiver(t, "a", "b")
	a, b := r.nodes[0], r.nodes[1]
	r.flow(2 * time.Second)
	b.say("bob")
	r.flow(200 * time.Millisecond)
	r.nodes = r.nodes[:1] // b is paused
	r.flow(9 * time.Second)
	if !a.state.Node("b").Gone || a.names() != "" {
		t.Fatalf("a has %+v, there are %q", a.state.Node("b"), a.names())
	}
	b.take()
	b.Propose(r.now, &command.Sweep{}, func(r state.Result) { b.note("sweep%s", refused(r.Err)) })
	b.Flush(r.now) // it does not know yet
	r.nodes = append(r.nodes, b)
	r.flow(2 * time.Second)
	got := b.take()
	if want := []string{"Gone", "lost", "sweep not", "begun 2"}; !inOrder(got, want) {
		t.Errorf("got %s, want %q", got, want)
	}
	if a.state.Digest() != b.state.Digest() || b.Failing() != nil || b.state.Node("b").Epoch != 2 {
		t.Errorf("b goes on as %+v, %v", b.state.Node("b"), b.Failing())
	}
}

func inOrder(text string, parts []string) bool {
	for _, part := range parts {
		_, rest, found := strings.Cut(text, part)
		if !found {
			return false
		}
		text = rest
	}
	return true
}

// A log that stands still ends nobody.
func TestWhileTheLogStandsStillNobodyIsGone(t *testing.T) {
	r := newRiver(t, "a", "b")
	r.flow(2 * time.Second)
	r.lost = true
	r.flow(time.Minute)
	r.lost = false
	r.flow(3 * time.Second)
	for _, b := range r.nodes {
		if n := b.state.Node(b.name); n.Gone || n.Epoch != 1 {
			t.Errorf("%+v", n)
		}
	}
}

func TestANodeStartsAgainAtItsMark(t *testing.T) {
	r := newRiver(t, "a", "b")
	a, b := r.nodes[0], r.nodes[1]
	r.flow(2 * time.Second)
	b.say("bob")
	a.say("alice")
	for i := range 20 {
		a.Insist(r.now, &command.Message{By: command.By{Name: "alice", Session: command.Session{Node: 1, Number: 5}}, Room: state.Lobby, Text: fmt.Sprint(i)}, nil)
	}
	r.flow(2 * time.Second)
	r.nodes = r.nodes[:1]
	again := r.join("b", b.table)
	again.read = len(r.messages)
	r.flow(2 * time.Second)
	if again.end != nil || again.state.Digest() != a.state.Digest() || again.names() != "alice" {
		t.Errorf("b starts with %q: %v", again.names(), again.end)
	}
	mine, _ := again.table.Newest(t.Context(), state.Lobby, 100)
	theirs, _ := a.table.Newest(t.Context(), state.Lobby, 100)
	if len(mine) != 20 || !slices.EqualFunc(mine, theirs, func(x, y state.Message) bool { return x.Text == y.Text && x.Number == y.Number }) {
		t.Errorf("b has %d messages, a %d", len(mine), len(theirs))
	}
}

// Somebody always talks, so that there is no silence in which a node would ask again: it takes
// part all the same once it has read everything.
func TestANodeStartsWhileOthersTalk(t *testing.T) {
	r := newRiver(t, "a")
	a := r.nodes[0]
	r.flow(2 * time.Second)
	r.late = true
	b := r.join("b", state.NewTable())
	b.read = len(r.messages)
	for i := range 30 {
		a.Insist(r.now, &command.AddAccount{Name: fmt.Sprint("account", i), Hash: "h"}, nil)
		r.flow(0)
		r.now = r.now.Add(100 * time.Millisecond)
	}
	if b.Failing() != nil || b.state.Digest() != a.state.Digest() {
		t.Errorf("after 3 s: %v", b.Failing())
	}
}

func TestAStreamThatIsAnotherIsFoundOut(t *testing.T) {
	for name, c := range map[string]struct {
		spoil func(*river)
		words string
	}{
		"another stream":     {func(r *river) { r.id = "pond" }, "belongs to the stream river"},
		"its end is lost":    {func(r *river) { r.messages = r.messages[:3] }, "has lost its end"},
		"its end is another": {func(r *river) { r.messages[len(r.messages)-1].Data = r.messages[0].Data }, "has lost its end"},
		"its beginning": {func(r *river) {
			for i := range r.messages {
				r.messages[i].Position += 2
			}
		}, "begins at message 3"},
		"foreign bytes": {func(r *river) { r.messages[1].Data = []byte("hello") }, "message 2 of the stream is none of a node"},
		"newer": {func(r *river) {
			r.messages[1].Data = bytes.Replace(r.messages[1].Data, []byte{0x85, 1}, []byte{0x85, 2}, 1)
		}, "from a newer version"},
	} {
		t.Run(name, func(t *testing.T) {
			r := newRiver(t, "a")
			a := r.nodes[0]
			r.flow(2 * time.Second)
			a.say("alice")
			a.Insist(r.now, &command.AddAccount{Name: "carl", Hash: "h"}, nil)
			for end := a.table.Kept().Mark.Position; a.table.Kept().Mark.Position <= end; {
				r.flow(0)
			}
			r.messages = r.messages[:a.table.Kept().Mark.Position]
			c.spoil(r)
			r.nodes = nil
			again := r.join("a", a.table)
			again.read = len(r.messages)
			r.flow(20 * time.Second)
			if again.end == nil || !strings.Contains(again.end.Error(), c.words) {
				t.Errorf("got %v, want %q", again.end, c.words)
			}
		})
	}
}

// A stream that loses its end while a node runs gives its positions again.
func TestAStreamThatLosesItsEndIsFoundOutByThoseWhoHaveReadIt(t *testing.T) {
	r := newRiver(t, "a", "b")
	r.flow(3 * time.Second)
	r.messages = r.messages[:len(r.messages)-2]
	r.nodes[0].read, r.nodes[1].read = len(r.messages), len(r.messages)
	r.flow(5 * time.Second)
	for _, b := range r.nodes {
		if !errors.Is(b.end, log.ErrStream) {
			t.Errorf("%s: %v", b.name, b.end)
		}
	}
}

// Of three nodes the one stops that has come to something else, of two the second.
func TestANodeThatDiffersStops(t *testing.T) {
	for _, c := range []struct {
		nodes []string
		wrong int
		stops int
	}{{[]string{"a", "b", "c"}, 0, 0}, {[]string{"a", "b", "c"}, 2, 2}, {[]string{"a", "b"}, 1, 1}, {[]string{"a", "b"}, 0, 1}} {
		r := newRiver(t, c.nodes...)
		r.flow(3 * time.Second)
		wrong := r.nodes[c.wrong]
		wrong.state.Apply(wrong.state.Time(), &command.Limits{Accounts: 0}, nil) // besides the log
		r.nodes[0].Insist(r.now, &command.Enter{Name: "alice", Token: "t", Hash: "h", Session: command.Session{Node: 1, Number: 1}}, nil)
		r.flow(4 * time.Second)
		for i, b := range r.nodes {
			if stopped := errors.Is(b.end, log.ErrDiffers); stopped != (i == c.stops) {
				t.Errorf("of %v %s differs, and %s: %v", c.nodes, wrong.name, b.name, b.end)
			}
		}
	}
}

func TestOfTwoProcessesOfOneNameTheOlderStops(t *testing.T) {
	r := newRiver(t, "a")
	r.flow(2 * time.Second)
	r.join("a", state.NewTable())
	r.flow(3 * time.Second)
	if !errors.Is(r.nodes[0].end, log.ErrSuperseded) || r.nodes[1].end != nil || r.nodes[1].Failing() != nil {
		t.Errorf("the older: %v, the newer: %v", r.nodes[0].end, r.nodes[1].end)
	}
}
