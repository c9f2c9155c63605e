package load

import (
	"bufio"
	"context"
	"net"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"parley/protocol"
)

// quick is a room of three, of whom one talks: messages 1 to 20.
func quick() Scenario {
	s := base()
	s.Clients, s.Senders, s.Rate, s.Duration = 3, 1, 100, 200*time.Millisecond
	return s
}

func TestRoom(t *testing.T) {
	t.Parallel()
	for _, f := range []*fake{{}, {plain: true}, {plain: true, deaf: true}} {
		s := quick()
		s.Senders = 2
		r := run(t, f, s)
		want := int64(20 * 3)
		if f.deaf {
			want = 20 * 2
		}
		if r.Failed != "" || r.Sent != 20 || r.Deliveries != want || r.Wrong() != 0 || r.TroubleCount() != 0 || r.Logins != 3 {
			t.Errorf("plain %v, deaf %v: %+v", f.plain, f.deaf, r)
		}
		if r.Delivery.Count != want || r.Delivery.P50 <= 0 || r.Delivery.Max > 10*time.Second || len(r.Series) == 0 || len(r.Distribution) == 0 {
			t.Errorf("plain %v, deaf %v: %+v, %d points", f.plain, f.deaf, r.Delivery, len(r.Series))
		}
	}
}

func TestWindow(t *testing.T) {
	t.Parallel()
	s := quick()
	s.Rate, s.Window = 0, 4
	if r := run(t, &fake{}, s); r.Failed != "" || r.Sent < 20 || r.Deliveries != 3*r.Sent || r.Wrong() != 0 {
		t.Errorf("%+v", r)
	}
}

// delivering is what a fake sends in place of a frame.
type delivering func(k int, receiver string, frame []byte) [][]byte

// What a server does wrong is told with names and numbers.
func TestDifferences(t *testing.T) {
	t.Parallel()
	only := func(k int, receiver string, spoil func([]byte) [][]byte) func() delivering {
		return func() delivering {
			return func(n int, to string, frame []byte) [][]byte {
				if n == k && to == receiver {
					return spoil(frame)
				}
				return [][]byte{frame}
			}
		}
	}
	for _, tt := range []struct {
		name    string
		deliver func() delivering
		count   func(*Result) uint64
		want    uint64
		says    string
	}{
		{"lost", only(7, user(2), func([]byte) [][]byte { return nil }), func(r *Result) uint64 { return r.Lost }, 1,
			"lost: load00007x0x2 was not told message 7 of load00007x0x0"},
		{"the last is lost", only(20, user(1), func([]byte) [][]byte { return nil }), func(r *Result) uint64 { return r.Lost }, 1,
			"lost: load00007x0x1 was not told message 20 of load00007x0x0"},
		{"all are lost", func() delivering {
			return func(_ int, to string, frame []byte) [][]byte {
				if to == user(0) {
					return nil
				}
				return [][]byte{frame}
			}
		}, func(r *Result) uint64 { return r.Lost }, 20, "lost: load00007x0x0 was not told messages 1 to 20 of load00007x0x0"},
		{"doubled", only(7, user(2), func(b []byte) [][]byte { return [][]byte{b, b} }), func(r *Result) uint64 { return r.Doubled }, 1,
			"doubled: load00007x0x2 was told message 7 of load00007x0x0 again"},
		{"out of order", func() delivering { return swap(7, user(1)) }, func(r *Result) uint64 { return r.Disordered }, 1,
			"out of order: load00007x0x1 was told message "},
		{"altered", only(7, user(2), func(b []byte) [][]byte { return [][]byte{[]byte(strings.Replace(string(b), "xx", "xy", 1))} }),
			func(r *Result) uint64 { return r.Altered }, 1, `altered: load00007x0x2 was told "~007`},
	} {
		for _, plain := range []bool{false, true} {
			t.Run(tt.name+map[bool]string{true: ", plain"}[plain], func(t *testing.T) {
				t.Parallel()
				if plain && tt.name == "all are lost" {
					t.Skip("a plain sender waits for its own messages")
				}
				r := run(t, &fake{plain: plain, deliver: tt.deliver()}, quick())
				if r.Failed != "" || tt.count(&r) != tt.want || r.Wrong() != tt.want {
					t.Errorf("%d, want %d, in %d differences: %s %v", tt.count(&r), tt.want, r.Wrong(), r.Failed, r.Differences)
				}
				if len(r.Differences) != 1 || !strings.HasPrefix(r.Differences[0], tt.says) {
					t.Errorf("it says %q, want %q", r.Differences, tt.says)
				}
			})
		}
	}
}

// swap tells a receiver message k behind the one after it.
func swap(k int, receiver string) delivering {
	var kept []byte
	return func(n int, to string, frame []byte) [][]byte {
		switch {
		case to != receiver:
		case n == k:
			kept = frame
			return nil
		case n == k+1:
			return [][]byte{frame, kept}
		}
		return [][]byte{frame}
	}
}

// Only so many differences are told, and all are counted.
func TestManyDifferences(t *testing.T) {
	t.Parallel()
	r := run(t, &fake{deliver: func(_ int, _ string, b []byte) [][]byte { return [][]byte{b, b} }}, quick())
	if r.Doubled != 60 || len(r.Differences) != maxFound {
		t.Errorf("%d doubled, %d told", r.Doubled, len(r.Differences))
	}
}

// A message that the server refused is not lost, and is told with what to do.
func TestRefused(t *testing.T) {
	t.Parallel()
	for _, plain := range []bool{false, true} {
		r := run(t, &fake{plain: plain, refuse: func(k int) bool { return k == 3 || k == 20 }}, quick())
		if r.Wrong() != 0 || r.Refused != 2 || r.Deliveries != 18*3 || len(r.Troubles) != 1 || r.Troubles[0].Count != 2 {
			t.Errorf("plain %v: %+v", plain, r)
			continue
		}
		if !plain && !strings.Contains(r.Troubles[0].Hint, "parley serve --flood off") {
			t.Errorf("%+v", r.Troubles)
		}
	}
}

// Who is disconnected has missed the rest, and the others go on.
func TestDisconnected(t *testing.T) {
	t.Parallel()
	r := run(t, &fake{hangUp: func(k int, receiver string) bool { return k == 11 && receiver == user(2) }}, quick())
	if r.Missed != 10 || r.Wrong() != 10 || r.Deliveries != 50 || len(r.Troubles) != 1 || r.Troubles[0].Kind != lostKind {
		t.Errorf("%+v", r)
	}
	if want := "missed: 10 deliveries to clients that the server disconnected"; !slices.Contains(r.Differences, want) {
		t.Errorf("%q", r.Differences)
	}
}

// A run ends when the server has gone, however long it was to last.
func TestEverybodyDisconnected(t *testing.T) {
	t.Parallel()
	s := quick()
	s.Duration = time.Hour
	r := run(t, &fake{hangUp: func(k int, _ string) bool { return k == 5 }}, s)
	if r.Failed != errAlone.Error() || r.Deliveries != 4*3 || r.Missed < 3 || r.Lost != 0 || r.TroubleCount() != 3 {
		t.Errorf("%+v", r)
	}
}

// A stall is seen in every message that was due meanwhile: the server stops until
// 40 messages wait, which takes 200 ms at this rate.
func TestStall(t *testing.T) {
	t.Parallel()
	s := quick()
	s.Rate, s.Duration = 200, 500*time.Millisecond
	r := run(t, &fake{before: func(k int, in *bufio.Reader) {
		if k == 30 {
			_, _ = in.Peek(39 * (s.Size + 30)) // their texts and a little more each
		}
	}}, s)
	if r.Sent != 100 || r.Wrong() != 0 {
		t.Fatalf("%+v", r)
	}
	if d := r.Delivery; d.P999 < 150*time.Millisecond || d.P90 < 75*time.Millisecond {
		t.Errorf("a stall of 200 ms among 500 ms shows as %+v", d)
	}
}

func TestComingAndGoing(t *testing.T) {
	t.Parallel()
	for _, plain := range []bool{false, true} {
		for _, name := range []string{"reconnect", "mixed", "login", "idle"} {
			s := quick()
			s.Name, s.Clients, s.Duration = name, 8, 400*time.Millisecond
			r := run(t, &fake{plain: plain}, s)
			if r.Failed != "" || r.Wrong() != 0 || r.TroubleCount() != 0 {
				t.Errorf("%s, plain %v: %+v", name, plain, r)
			}
			if want := map[string]int64{"reconnect": 16, "mixed": 8, "login": 40, "idle": 8}[name]; r.Logins < want {
				t.Errorf("%s, plain %v: %d logins, want %d", name, plain, r.Logins, want)
			}
		}
	}
}

// What was due is done though its time is over: one client cannot log in 5,000
// times a second, and that shows in the latency, not in fewer logins.
func TestWhatIsLateIsDone(t *testing.T) {
	t.Parallel()
	s := quick()
	s.Name, s.Clients, s.Rate, s.Duration = "login", 1, 5000, 100*time.Millisecond
	r := run(t, &fake{}, s)
	if done := int(r.Logins) + r.TroubleCount(); done != 500 || r.Logins < 500 && r.Login.Max < 2*s.Duration {
		t.Errorf("%d of 500 logins, within %s, errors: %v", r.Logins, r.Login.Max, r.Troubles)
	}
}

// Losses are found by the server's numbers where clients come and go, also those
// of the last messages.
func TestLossAmongComingAndGoing(t *testing.T) {
	t.Parallel()
	for _, lost := range []int{9, 40} {
		s := quick()
		s.Name, s.Clients, s.Duration = "reconnect", 8, 400*time.Millisecond
		r := run(t, &fake{deliver: func(k int, to string, b []byte) [][]byte {
			if k == lost && to == user(0) {
				return nil
			}
			return [][]byte{b}
		}}, s)
		if r.Lost != 1 || r.Wrong() != 1 || len(r.Differences) != 1 || !strings.HasPrefix(r.Differences[0], "lost: "+user(0)+" was not told message ") {
			t.Errorf("message %d: %d lost, %q", lost, r.Lost, r.Differences)
		}
	}
}

// Numbers that nobody of ours is told are those of direct messages between other people:
// nothing is lost for them.
func TestOthersWriteDirectMessages(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"room", "reconnect", "mixed", "resume"} {
		s := quick()
		s.Name, s.Clients, s.Duration = name, 8, 400*time.Millisecond
		f := &fake{resume: protocol.ResumeFollows}
		f.before = func(k int, _ *bufio.Reader) {
			if k%3 == 0 {
				f.id += uint64(k % 5)
			}
		}
		if r := run(t, f, s); r.Failed != "" || r.Wrong() != 0 || r.TroubleCount() != 0 || r.Sent != 40 {
			t.Errorf("%s: %d lost, %s %q %+v", name, r.Lost, r.Failed, r.Differences, r.Troubles)
		}
		f = &fake{resume: protocol.ResumeFollows, before: f.before, deliver: func(k int, to string, b []byte) [][]byte {
			if k == 9 && to == user(0) {
				return nil
			}
			return [][]byte{b}
		}}
		f.before = func(int, *bufio.Reader) { f.id += 2 }
		if r := run(t, f, s); r.Lost != 1 || r.Wrong() != 1 {
			t.Errorf("%s: one is lost: %d lost, %s %q %+v", name, r.Lost, r.Failed, r.Differences, r.Troubles)
		}
	}
}

func TestInterrupted(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(context.Background())
	s := quick()
	s.Duration = time.Hour
	r := runWith(t, ctx, &fake{before: func(k int, _ *bufio.Reader) {
		if k == 5 {
			cancel()
		}
	}}, s)
	if r.Failed != "interrupted" || r.Sent < 5 || r.Deliveries != 3*r.Sent || r.Wrong() != 0 {
		t.Errorf("%+v", r)
	}
}

// What the system says when it can take no more is told by kind.
func TestKindsOfErrors(t *testing.T) {
	t.Parallel()
	got := map[string]string{}
	for name, err := range map[string]error{"EMFILE": syscall.EMFILE, "ENFILE": syscall.ENFILE, "EADDRNOTAVAIL": syscall.EADDRNOTAVAIL, "ECONNREFUSED": syscall.ECONNREFUSED,
		"ECONNRESET": syscall.ECONNRESET, "timeout": context.DeadlineExceeded, "other": syscall.EINVAL} {
		s := quick()
		r := Run(context.Background(), Config{Dial: []func(context.Context) (net.Conn, error){func(context.Context) (net.Conn, error) {
			return nil, &net.OpError{Op: "dial", Net: "tcp", Err: err}
		}}, Clock: realClock{}, Scenarios: []Scenario{s}})[0]
		if !strings.Contains(r.Failed, "only 0 of 3 clients could log in") || len(r.Troubles) != 1 || r.Troubles[0].Hint == "" {
			t.Fatalf("%s: %+v", name, r)
		}
		got[name] = r.Troubles[0].Kind
	}
	want := map[string]string{"EMFILE": filesKind, "ENFILE": filesKind, "EADDRNOTAVAIL": portsKind, "ECONNREFUSED": refusedKind, "ECONNRESET": lostKind, "timeout": timeoutKind, "other": connectionKind}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}
