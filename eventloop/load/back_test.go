package load

import (
	"bufio"
	"context"
	"net"
	"slices"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"parley/protocol"
)

// runAt runs a scenario against a fake that has several addresses, some of which may do
// something else.
func runAt(t *testing.T, f *fake, s Scenario, others ...func(context.Context) (net.Conn, error)) Result {
	t.Helper()
	if err := s.Check(false); err != nil {
		t.Fatal(err)
	}
	dial := append(others, f.start(t))
	return Run(t.Context(), Config{Dial: dial, Clock: realClock{}, Seed: 3, Tag: 7, Scenarios: []Scenario{s}, Drain: 2 * time.Second})[0]
}

// kindsOf returns the kinds of errors, and how many there were.
func kindsOf(r Result) map[string]int {
	kinds := make(map[string]int)
	for _, t := range r.Troubles {
		kinds[t.Kind] = t.Count
	}
	return kinds
}

// hangsUpOn returns what closes the connections of some when they are to be told message k,
// once.
func hangsUpOn(k int, who ...string) func(int, string) bool {
	told := make(map[string]bool)
	return func(n int, receiver string) bool {
		if n < k || told[receiver] || !slices.Contains(who, receiver) {
			return false
		}
		told[receiver] = true
		return true
	}
}

// Who is disconnected comes back for what was missed, and asks again for what was not answered:
// who talks, and who listens.
func TestComesBack(t *testing.T) {
	t.Parallel()
	f := &fake{resume: protocol.ResumeFollows, hangUp: hangsUpOn(5, user(0), user(3), user(7))}
	r := runAt(t, f, resuming())
	if r.Failed != "" || r.Wrong() != 0 || r.Sent != 40 || r.Done != 40 || r.Deliveries != 8*40 {
		t.Errorf("%s %q: %d accepted, %d deliveries", r.Failed, r.Differences, r.Done, r.Deliveries)
	}
	// Who listens may lose the connection just when its server closes it: then it has left.
	if kinds := kindsOf(r); len(kinds) != 1 || kinds[lostKind] < 1 || int64(kinds[lostKind]) != r.Return.Count {
		t.Errorf("%v, %d came back", kinds, r.Return.Count)
	}
}

// A server that carries out again what it has done before is found out.
func TestAsksAgainOfAForgetfulServer(t *testing.T) {
	t.Parallel()
	f := &fake{resume: protocol.ResumeFollows, hangUp: hangsUpOn(5, user(0)), forgetful: true}
	if r := runAt(t, f, resuming()); r.Doubled == 0 {
		t.Errorf("nothing is doubled: %q", r.Differences)
	}
}

// An address that is gone is passed over, and that is no error.
func TestNextAddress(t *testing.T) {
	t.Parallel()
	var tried atomic.Int64
	gone := func(context.Context) (net.Conn, error) {
		tried.Add(1)
		return nil, &net.OpError{Op: "dial", Net: "tcp", Err: syscall.ECONNREFUSED}
	}
	f := &fake{resume: protocol.ResumeFollows, hangUp: hangsUpOn(5, user(0), user(4))}
	r := runAt(t, f, resuming(), gone)
	if r.Failed != "" || r.Wrong() != 0 || r.Done != 40 || tried.Load() == 0 {
		t.Errorf("%s %q: %d accepted, %d tries elsewhere", r.Failed, r.Differences, r.Done, tried.Load())
	}
	if kinds := kindsOf(r); len(kinds) != 1 || kinds[lostKind] < 1 {
		t.Errorf("%v", kinds)
	}
}

// If no address is left, that is told, and the run does not wait for ever.
func TestNoAddressIsLeft(t *testing.T) {
	t.Parallel()
	var first atomic.Int64
	s := resuming()
	f := &fake{resume: protocol.ResumeFollows, hangUp: func(k int, _ string) bool { return k >= 5 }}
	dial := f.start(t)
	once := func(ctx context.Context) (net.Conn, error) {
		if first.Add(1) > int64(s.Clients) {
			return nil, &protocol.Error{Code: protocol.Banned, Text: "you are banned"}
		}
		return dial(ctx)
	}
	r := Run(t.Context(), Config{Dial: []func(context.Context) (net.Conn, error){once}, Clock: realClock{}, Seed: 3, Tag: 7, Scenarios: []Scenario{s}, Drain: time.Second})[0]
	if kinds := kindsOf(r); r.Failed != errAlone.Error() || kinds[stayedAwayKind] != s.Clients {
		t.Errorf("%s, %v", r.Failed, kinds)
	}
}

// A server that stands still is left for another address, and what was said to it is said there.
func TestSilence(t *testing.T) {
	t.Parallel()
	s := resuming()
	s.Duration, s.Rate = 12*time.Second, 20
	halt := make(chan struct{})
	f := &fake{resume: protocol.ResumeFollows}
	dial := f.start(t)
	// What is sent to this address reaches nobody from some moment on, and nothing comes back.
	stands := func(ctx context.Context) (net.Conn, error) {
		select {
		case <-halt:
			return nil, &net.OpError{Op: "dial", Net: "tcp", Err: syscall.ECONNREFUSED}
		default:
		}
		return through(t, ctx, dial, halt)
	}
	time.AfterFunc(time.Second, func() { close(halt) })
	r := Run(t.Context(), Config{Dial: []func(context.Context) (net.Conn, error){stands, dial}, Clock: realClock{}, Seed: 3, Tag: 7, Scenarios: []Scenario{s}, Drain: 5 * time.Second})[0]
	if r.Failed != "" || r.Wrong() != 0 || r.Done != r.Sent || r.Sent != 240 {
		t.Errorf("%s %q: %d of %d accepted", r.Failed, r.Differences, r.Done, r.Sent)
	}
	if r.Ack.Max > s.Duration-time.Second {
		t.Errorf("who talks has moved when nothing more was to be said only: it was answered after %s", r.Ack.Max)
	}
	if kinds := kindsOf(r); len(kinds) != 1 || kinds[silentKind] < 1 { // some have left by themselves
		t.Errorf("%v", kinds)
	}
}

// through returns a connection that passes everything on, until halt is closed.
func through(t *testing.T, ctx context.Context, dial func(context.Context) (net.Conn, error), halt <-chan struct{}) (net.Conn, error) {
	far, err := dial(ctx)
	if err != nil {
		return nil, err
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	defer l.Close()
	near, err := net.Dial("tcp", l.Addr().String())
	if err != nil {
		return nil, err
	}
	mine, err := l.Accept()
	if err != nil {
		return nil, err
	}
	t.Cleanup(func() { far.Close(); mine.Close() })
	pass := func(to, from net.Conn) {
		for in := bufio.NewReader(from); ; {
			line, err := in.ReadBytes('\n')
			select {
			case <-halt:
				return
			default:
			}
			if _, failed := to.Write(line); err != nil || failed != nil {
				to.Close()
				return
			}
		}
	}
	go pass(far, mine)
	go pass(mine, far)
	return near, nil
}
