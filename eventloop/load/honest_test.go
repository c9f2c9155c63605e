package load

import (
	"bufio"
	"context"
	"fmt"
	"net"
	"strings"
	"testing"
	"time"

	"parley/protocol"
)

// The time that is waited for what is lost is not part of the measurement, and
// counts in no rate.
func TestRatesOfWhatIsLost(t *testing.T) {
	t.Parallel()
	s := quick()
	s.Rate, s.Duration = 50, time.Second
	r := run(t, &fake{deliver: func(k int, to string, b []byte) [][]byte {
		if k == 9 && to == user(1) {
			return nil
		}
		return [][]byte{b}
	}}, s)
	if r.Lost != 1 || r.Lasted < s.Duration || r.Lasted > s.Duration*3/2 {
		t.Errorf("%d lost, it lasted %s", r.Lost, r.Lasted)
	}
	if got := perSecond(r.Done, r.Lasted); got < 33 || got > 50 {
		t.Errorf("%g messages a second, want up to 50", got)
	}
	if last := r.Series[len(r.Series)-1]; last.At > s.Duration+time.Second {
		t.Errorf("the series goes on until %s", last.At)
	}
}

// mixed offers its rate whatever the server does: here it answers nobody for a third of
// the time, and then goes on.
func TestMixedKeepsItsRate(t *testing.T) {
	t.Parallel()
	for _, plain := range []bool{false, true} {
		s := quick()
		s.Name, s.Clients, s.Senders, s.Duration = "mixed", 6, 6, time.Second
		r := run(t, &fake{plain: plain, before: func(k int, _ *bufio.Reader) {
			if k == 30 {
				<-time.After(300 * time.Millisecond)
			}
		}}, s)
		if r.Failed != "" || r.Wrong() != 0 || r.Due != 100 || r.Sent != 100 || r.Unsent != 0 || r.Delivery.Max < 200*time.Millisecond {
			t.Errorf("plain %v: %d due, %d sent, %d never, max %s: %s %q %+v", plain, r.Due, r.Sent, r.Unsent, r.Delivery.Max, r.Failed, r.Differences, r.Troubles)
		}
	}
}

// What was due and could not be sent is told, and is an error.
func TestNeverSent(t *testing.T) {
	t.Parallel()
	r := run(t, &fake{hangUp: func(k int, receiver string) bool { return k == 11 && receiver == user(0) }}, quick())
	if r.Sent+r.Unsent != 20 || r.Unsent < 8 || r.TroubleCount() != int(r.Unsent)+1 {
		t.Errorf("%d sent, %d never: %+v", r.Sent, r.Unsent, r.Troubles)
	}
}

// A stall is shown in the seconds in which what it delayed was due.
func TestStallBySecond(t *testing.T) {
	t.Parallel()
	s := quick()
	s.Rate, s.Duration = 50, 3*time.Second
	r := run(t, &fake{before: func(k int, _ *bufio.Reader) {
		if k == 60 { // due at 1.18 s
			<-time.After(1500 * time.Millisecond)
		}
	}}, s)
	if r.Wrong() != 0 || len(r.Series) < 3 {
		t.Fatalf("%q, %d points", r.Differences, len(r.Series))
	}
	for i, want := range []int64{50, 50, 50} {
		if p := r.Series[i]; p.Due != want || p.Delivery.Count != 3*want {
			t.Errorf("second %d: %d due, %d deliveries of them, want %d of %d", i+1, p.Due, p.Delivery.Count, want, 3*want)
		}
	}
	if p := r.Series[1]; p.Delivery.Max < time.Second || p.Delivery.P50 < 300*time.Millisecond {
		t.Errorf("the second that stalled: %+v", p.Delivery)
	}
}

func TestSlow(t *testing.T) {
	const ms = time.Millisecond
	second := func(due, count int64, p99, most time.Duration) Point {
		return Point{Due: due, Delivery: Quantiles{Count: count, P99: p99, Max: most}}
	}
	r := Result{Delivery: Quantiles{Count: 1}, Series: []Point{
		second(50, 50, 5*ms, 99*ms), second(50, 50, 900*ms, time.Second), second(50, 50, 400*ms, 500*ms), second(50, 50, 5*ms, 9*ms), second(50, 0, 0, 0), second(0, 0, 0, 0), second(50, 1, 5*ms, 101*ms)}}
	if got := ranges(r.Slow()); got != "2-3, 5, 7" {
		t.Errorf("stalled: %s", got)
	}
	r.Series = nil
	if got := r.Slow(); got != nil {
		t.Errorf("stalled: %v", got)
	}
}

// The tester's own lateness is measured: it has one worker, which is kept from it.
func TestReadingLate(t *testing.T) {
	r := newRound(context.Background(), &Config{Clock: realClock{}, epoch: time.Now(), Tag: 7, Workers: 1}, base(), 0)
	w := <-r.workers
	r.probe.next.Store(0)
	r.probe.send(r.now())
	<-time.After(50 * time.Millisecond)
	r.workers <- w
	for w = <-r.workers; w.hists[reading].TotalCount() == 0; w = <-r.workers {
		r.workers <- w
	}
	if late := time.Duration(w.hists[reading].Max()); late < 50*time.Millisecond {
		t.Errorf("late by %s, want 50 ms", late)
	}
	r.workers <- w
	r.probe.stop()
}

// A server that does not read makes its senders late, which is not the tester's fault.
func TestNotReadIsNotLate(t *testing.T) {
	t.Parallel()
	s := quick()
	s.Clients, s.Size, s.Rate, s.Duration = 1, 4096, 2000, 500*time.Millisecond
	f := &fake{small: true, before: func(k int, _ *bufio.Reader) {
		if k == 20 {
			<-time.After(400 * time.Millisecond)
		}
	}}
	dial := f.start(t)
	narrow := func(ctx context.Context) (net.Conn, error) {
		c, err := dial(ctx)
		if err == nil {
			err = c.(*net.TCPConn).SetWriteBuffer(64 << 10)
		}
		return c, err
	}
	r := Run(t.Context(), Config{Dial: []func(context.Context) (net.Conn, error){narrow}, Clock: realClock{}, Seed: 3, Tag: 7, Scenarios: []Scenario{s}})[0]
	if r.Wrong() != 0 || r.Delivery.P50 < 100*time.Millisecond || r.Sending.P90 > r.Delivery.P50/2 {
		t.Errorf("deliveries %s, sent late by %s at p90: %q", r.Delivery.P50, r.Sending.P90, r.Differences)
	}
}

// A latency that the tester's own lateness explains crosses no threshold, and is told.
func TestTesterExplains(t *testing.T) {
	const ms = time.Millisecond
	same := func(n int64, d time.Duration) Quantiles {
		return Quantiles{Count: n, Mean: d, P50: d, P90: d, P95: d, P99: d, P999: d, Max: d}
	}
	r := Report{Results: []Result{{Scenario: base(), Delivery: same(10000, 30*ms), Sending: same(1000, 10*ms), Reading: same(1000, 8*ms)}}}
	for text, want := range map[string]string{"p99>20ms": Unjudged, "p99>11ms": Crossed, "p99>30ms": Held, "mean>20ms": Unjudged, "p99<40ms": Crossed} {
		th, err := ParseThreshold(text)
		if err != nil {
			t.Fatal(err)
		}
		if got := th.Judge(&r.Results[0]); got.Verdict != want {
			t.Errorf("%s: %+v, want %s", text, got, want)
		}
	}
	th, _ := ParseThreshold("p99>20ms")
	r.Judge([]Threshold{th})
	if len(r.Crossed()) != 0 || len(r.Open()) != 1 || r.Good() || !strings.Contains(r.Results[0].Doubt(), "18.0ms of the 30.0ms at p50") {
		t.Errorf("%+v, %q", r.Verdict(), r.Results[0].Doubt())
	}
	r.Results[0].Sending = same(1000, ms)
	if text := r.Results[0].Doubt(); text != "" {
		t.Errorf("9 of 30 ms explain nothing: %q", text)
	}
}

// What a server says reaches no terminal as it is, however many kinds of errors it has.
func TestWordsOfServers(t *testing.T) {
	t.Parallel()
	n := 0
	p := &spoiler{told: func(_, line string) []string {
		if !strings.Contains(line, `"event":"login"`) {
			return []string{line}
		}
		n++
		return []string{string(protocol.AppendExtended(nil, protocol.Response{Sender: protocol.ServerName, Kind: protocol.KindError, Content: "no\x1b]0;owned\a\u202e" + strings.Repeat("x", 1000),
			Data: &protocol.Data{Event: protocol.EventError, Code: protocol.Code(fmt.Sprintf("kind\x1b[31m%d", n))}}))}
	}}
	s := quick()
	s.Name, s.Rate, s.Duration = "login", 200, 500*time.Millisecond
	r := runThrough(t, p, &fake{}, s)
	report := Report{Results: []Result{r}}
	var text strings.Builder
	if err := report.Text(&text); err != nil {
		t.Fatal(err)
	}
	if strings.ContainsAny(text.String()+r.Failed, "\x1b\a\u202e") {
		t.Errorf("%q", text.String())
	}
	kinds := len(r.Troubles) // a busy machine leaves some logins without an answer, which are of one kind
	if n <= 2*maxKinds || kinds <= maxKinds/2 || kinds > maxKinds+1 || kinds > maxKinds && r.Troubles[maxKinds].Kind != otherKind ||
		r.TroubleCount() < n || len(r.Troubles[0].First) > maxDetail {
		t.Errorf("%d kinds of %d errors, the first %q", len(r.Troubles), r.TroubleCount(), r.Troubles[0].First)
	}
	s.Name = "idle"
	if r := runThrough(t, p, &fake{}, s); r.Failed == "" || strings.ContainsAny(r.Failed, "\x1b\a\u202e") {
		t.Errorf("%q", r.Failed)
	}
}

// What is longer than the longest latency is counted.
func TestClipped(t *testing.T) {
	w := <-newWorkers(1)
	w.took(delivery, 2*maxLatency, 0)
	w.took(delivery, maxLatency, 0)
	if q := w.quantiles(delivery); q.Clipped != 1 || q.Count != 2 {
		t.Errorf("%+v", q)
	}
}

// Errors are no fault if they are allowed, nor is what was missed by who was disconnected.
func TestAllowed(t *testing.T) {
	r := Report{Results: []Result{{Scenario: base(), Missed: 3, Troubles: []Trouble{{Kind: lostKind, Count: 2}, {Kind: "rate_limited", Count: 5}}}}}
	for _, tt := range []struct {
		allow  []string
		wrong  uint64
		errors int
	}{{nil, 3, 7}, {[]string{lostKind}, 0, 5}, {[]string{"rate_limited"}, 3, 2}, {[]string{AllowAll}, 0, 0}} {
		r.Settings.Allow = tt.allow
		if r.Wrong() != tt.wrong || r.Errors() != tt.errors || r.Good() != (tt.wrong == 0 && tt.errors == 0) {
			t.Errorf("%q: %d wrong, %d errors, %+v", tt.allow, r.Wrong(), r.Errors(), r.Verdict())
		}
	}
}

// Plain servers give no numbers: there receivers are compared with each other.
func TestOrderWithoutNumbers(t *testing.T) {
	t.Parallel()
	s := quick()
	s.Clients, s.Senders = 4, 2
	var kept []byte
	r := run(t, &fake{plain: true, deliver: func(k int, to string, b []byte) [][]byte {
		switch {
		case to != user(3):
		case k == 7:
			kept = b
			return nil
		case k == 8:
			return [][]byte{b, kept}
		}
		return [][]byte{b}
	}}, s)
	if r.Disordered != 1 || r.Wrong() != 1 || !strings.Contains(r.Differences[0], user(3)) {
		t.Errorf("%q", r.Differences)
	}
}

// A history that is not what others were told is one fault.
func TestHistory(t *testing.T) {
	t.Parallel()
	for spoil, by := range map[string]string{`~007.{15}(..)`: "zz", `.*"id":([0-9]+)`: "4242424", `.*\{"timestamp":"([^"]*)"`: "2001-09-09T01:46:40Z"} {
		done := false // on a busy machine there may be no such history in time
		p := &spoiler{told: func(name, line string) []string {
			if !done && strings.Contains(line, `"event":"history"`) && strings.Contains(line, "~007") && !strings.Contains(line, "~007000000000") {
				done = true
				return []string{replaceFirst(line, spoil, by)}
			}
			return []string{line}
		}}
		s := quick()
		s.Name, s.Clients, s.Duration = "reconnect", 8, 400*milli
		r := runThrough(t, p, &fake{}, s)
		for try := 0; try < 5 && !done; try++ {
			s.Duration *= 2
			r = runThrough(t, p, &fake{}, s)
		}
		if n := r.Wrong() + uint64(r.TroubleCount()); !done || n != 1 || r.Altered != 1 {
			t.Errorf("%s (spoiled: %v): %d faults: %s %q %+v", spoil, done, n, r.Failed, r.Differences, r.Troubles)
		}
	}
}

// Between the newest message of the lobby and the next one there may be any number of others that
// were said in rooms.
func TestHistoryBeforeManyOtherNumbers(t *testing.T) {
	t.Parallel()
	old := protocol.Response{Time: time.Now(), Sender: "somebody", Kind: protocol.KindMessage, Content: "hello", Data: &protocol.Data{Event: protocol.EventMessage, ID: 5}}
	r := run(t, &fake{id: 30_000, all: []protocol.Response{old}}, quick())
	if r.Failed != "" || r.Wrong() != 0 || r.Deliveries == 0 {
		t.Errorf("%s %q", r.Failed, r.Differences)
	}
}
