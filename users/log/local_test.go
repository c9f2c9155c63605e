package log_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"parley/eventloop/sim"
	"parley/users/command"
	"parley/users/log"
	"parley/users/state"
)

var start = time.Date(2026, 11, 21, 9, 30, 0, 0, time.UTC)

// stage is a log whose owner and keeper are written down. In it alice is logged in.
type stage struct {
	*log.Local
	state  *state.State
	now    time.Time
	did    []string
	keep   func(error) // ends what is being kept; nil: nothing is
	rows   *state.Rows // that are being kept
	keeper func(rows *state.Rows, done func(error))
}

func newStage() *stage {
	s := &stage{now: start, state: state.New(state.Kept{}, start)}
	s.keeper = func(rows *state.Rows, done func(error)) { s.rows, s.keep = rows, done }
	s.Local = log.NewLocal(log.Config{Name: "test", State: s.state, Keeper: s, Clock: func() time.Time { return s.now }, Owner: s})
	s.Insist(s.now, &command.Enter{Session: command.Session{Number: 1}, Name: "alice", Token: "t"}, nil)
	s.did = nil
	return s
}

func (s *stage) note(format string, args ...any) { s.did = append(s.did, fmt.Sprintf(format, args...)) }

// take returns what was done since the last time.
func (s *stage) take() string {
	all := strings.Join(s.did, ", ")
	s.did = nil
	return all
}

// Applied, Committed, AskFlush and AskTick implement log.Owner.
func (s *stage) Applied(at time.Time, c command.Command, r state.Result) {
	s.note("applied %s%s", text(c), refused(r.Err))
}
func (s *stage) Committed(last uint64) { s.note("safe up to %d", last) }
func (s *stage) AskFlush()             { s.note("ask flush") }
func (s *stage) Broken(err error)      { s.note("broken: %v", err) }
func (s *stage) AskTick(at time.Time)  { s.note("ask tick in %s", at.Sub(s.now)) }

// Keep implements log.Keeper.
func (s *stage) Keep(rows *state.Rows, done func(error)) {
	s.note("keep%s", texts(rows))
	s.keeper(rows, done)
}

func texts(rows *state.Rows) (all string) {
	for _, m := range rows.Messages {
		all += " " + m.Text
	}
	return all
}

func text(c command.Command) string {
	if m, ok := c.(*command.Message); ok {
		return m.Text
	}
	return "nothing"
}

func refused(err error) string {
	if err == nil {
		return ""
	}
	return " not"
}

// say is a command that leaves a row.
func say(text string) command.Command {
	return &command.Message{By: command.By{Name: "alice", Session: command.Session{Number: 1}}, Room: state.Lobby, Text: text}
}

// step does what one line says.
func (s *stage) step(t *testing.T, line string) {
	verb, arg, _ := strings.Cut(line, " ")
	then := func(r state.Result) { s.note("then %d", r.Number) }
	var err error
	switch verb {
	case "propose":
		err = s.Propose(s.now, say(arg), then)
	case "insist":
		s.Insist(s.now, say(arg), then)
	case "nothing": // is left by a command
		err = s.Propose(s.now, &command.Sweep{}, nil)
	case "flush":
		s.Flush(s.now)
	case "works":
		s.keep(nil)
	case "fails":
		s.keep(errors.New("the disk is full"))
	case "wait":
		d, bad := time.ParseDuration(arg)
		if bad != nil {
			t.Fatal(bad)
		}
		s.now = s.now.Add(d)
	case "tick":
		if next := s.Tick(s.now); !next.IsZero() {
			s.note("next in %s", next.Sub(s.now))
		}
	case "positions":
		s.note("%d of %d, failing: %v", s.Local.Committed(), s.Local.Applied(), s.Failing() != nil)
	case "sync": // from now on
		s.keeper = func(_ *state.Rows, done func(error)) { done(nil) }
	default:
		t.Fatalf("cannot read %q", line)
	}
	if err != nil {
		s.note("%v", err)
	}
}

func TestLocal(t *testing.T) {
	for name, script := range map[string]string{
		"what is proposed is applied at once, and safe when it was kept": `
			propose a => ask flush, applied a, then 1
			positions => 0 of 1, failing: false
			flush => keep a
			works => safe up to 1
			positions => 1 of 1, failing: false`,
		"a turn is one batch": `
			propose a, propose b, insist c => ask flush, applied a, then 1, applied b, then 2, applied c, then 3
			flush, works => keep a b c, safe up to 3
			positions => 3 of 3, failing: false
			flush =>`,
		"one batch is under way, and what comes meanwhile is the next": `
			propose a, flush => ask flush, applied a, then 1, keep a
			propose b, flush, propose c, flush => applied b, then 2, applied c, then 3
			positions => 0 of 3, failing: false
			works => safe up to 1, ask flush
			positions => 1 of 3, failing: false
			propose d, flush => applied d, then 4, keep b c d
			works => safe up to 4`,
		"what leaves nothing is not kept, and takes no position": `
			nothing, flush => applied nothing
			positions => 0 of 0, failing: false
			propose a, nothing => ask flush, applied a, then 1, applied nothing
			positions => 0 of 1, failing: false`,
		"a batch that could not be kept is tried again, the same": `
			propose a, propose b, flush => ask flush, applied a, then 1, applied b, then 2, keep a b
			fails => ask tick in 250ms
			positions => 0 of 2, failing: true
			wait 249ms, tick => next in 1ms
			wait 1ms, tick => keep a b
			wait 1s, tick, flush =>
			fails => ask tick in 250ms
			wait 250ms, tick, works => keep a b, safe up to 2
			positions => 2 of 2, failing: false
			wait 1s, tick, flush =>`,
		"while it fails nothing is decided but what has happened": `
			propose a, flush, fails => ask flush, applied a, then 1, keep a, ask tick in 250ms
			propose b, nothing => what was decided cannot be kept now, what was decided cannot be kept now
			insist c, flush => applied c, then 2
			positions => 0 of 2, failing: true
			wait 250ms, tick => keep a
			propose d => what was decided cannot be kept now
			works => safe up to 1, ask flush
			propose e, flush => applied e, then 3, keep c e`,
		"a keeper may be done at once": `
			sync, propose a, propose b => ask flush, applied a, then 1, applied b, then 2
			flush => keep a b, safe up to 2
			positions => 2 of 2, failing: false
			propose c, flush => ask flush, applied c, then 3, keep c, safe up to 3`,
	} {
		t.Run(name, func(t *testing.T) {
			s := newStage()
			for line := range strings.Lines(strings.TrimSpace(script)) {
				steps, want, _ := strings.Cut(strings.TrimSpace(line), "=>")
				for step := range strings.SplitSeq(steps, ",") {
					s.step(t, strings.TrimSpace(step))
				}
				if got := s.take(); got != strings.TrimSpace(want) {
					t.Fatalf("%s: done is %q", line, got)
				}
			}
		})
	}
}

// So much may be decided and not yet safe; what has happened is decided in any case.
func TestTooMuchWaits(t *testing.T) {
	for name, tt := range map[string]struct {
		size, most int
	}{
		"commands":                    {size: 1, most: log.MaxWaiting},
		"bytes":                       {size: 1 << 20, most: log.MaxWaitingBytes >> 20},
		"commands that leave nothing": {size: 0, most: log.MaxWaiting},
	} {
		t.Run(name, func(t *testing.T) {
			s, long := newStage(), strings.Repeat("x", tt.size)
			propose := func() error {
				if tt.size == 0 {
					return s.Propose(s.now, &command.Sweep{}, nil)
				}
				return s.Propose(s.now, say(long), nil)
			}
			fill := func() (n int) {
				for propose() == nil {
					if n++; n > 2*tt.most {
						t.Fatal("there is no end of it")
					}
				}
				return n
			}
			s.Insist(s.now, say("first"), nil)
			s.Flush(s.now) // half of it is under way
			if n := fill(); n > tt.most || n < tt.most-1 || s.Waiting() < n {
				t.Errorf("%d are decided and %d wait, want %d", n, s.Waiting(), tt.most)
			}
			if err := propose(); !errors.Is(err, log.ErrBusy) {
				t.Errorf("one more: %v", err)
			}
			before := s.Local.Applied()
			s.Insist(s.now, say("last"), nil)
			if s.Local.Applied() != before+1 {
				t.Error("what has happened is not decided")
			}
			s.keep(nil)
			s.Flush(s.now)
			if err := propose(); (err == nil) != (tt.size == 0) { // the next batch is as big
				t.Errorf("when the first is safe: %v", err)
			}
			s.keep(nil)
			if err := propose(); err != nil {
				t.Errorf("when all is safe: %v", err)
			}
		})
	}
}

// The log's time goes on by what has passed, whatever somebody sets the clock to, and
// never back, also not after another start.
func TestTime(t *testing.T) {
	began := time.Now() // has a reading of the monotonic clock
	wall := began.Round(0).UTC()
	for _, tt := range []struct {
		name string
		last time.Time     // of what is kept
		now  time.Time     // on the clock
		want time.Duration // since the clock's time at the beginning
	}{
		{"at once", time.Time{}, began, 0},
		{"an hour later", time.Time{}, began.Add(time.Hour), time.Hour},
		{"after a last time that is before", wall.Add(-time.Hour), began.Add(time.Second), time.Second},
		{"after one that is ahead", wall.Add(time.Hour), began, time.Hour},
		{"and then", wall.Add(time.Hour), began.Add(time.Second), time.Hour + time.Second},
	} {
		kept := state.Kept{Time: tt.last}
		l := log.NewLocal(log.Config{State: state.New(kept, wall), Clock: func() time.Time { return began }})
		got := l.Time(tt.now)
		if got.Sub(wall) != tt.want || got != got.Round(0) || got.Location() != time.UTC {
			t.Errorf("%s: %s, want %s later", tt.name, got, tt.want)
		}
	}
}

// Somebody sets the clock, in whichever direction.
func TestTimeIsEvenWhenTheClockIsSet(t *testing.T) {
	for _, by := range []time.Duration{-time.Hour, time.Hour} {
		n := sim.New(1, 0, start)
		l := log.NewLocal(log.Config{State: state.New(state.Kept{}, start), Clock: n.Now})
		n.Advance(time.Minute)
		n.SetClock(by)
		n.Advance(time.Minute)
		if got := l.Time(n.Now()); !got.Equal(start.Add(2 * time.Minute)) {
			t.Errorf("%s: it is %s", by, got)
		}
	}
}

func TestTimeNeverGoesBack(t *testing.T) {
	s := newStage()
	s.now = start.Add(time.Minute)
	s.Insist(s.now, say("a"), nil)
	for _, now := range []time.Time{start, start.Add(-time.Hour), start.Add(59 * time.Second)} {
		if got := s.Time(now); !got.Equal(start.Add(time.Minute)) {
			t.Errorf("at %s it is %s", now, got)
		}
		s.Insist(now, say("b"), nil)
	}
	if got := s.state.Time(); !got.Equal(start.Add(time.Minute)) {
		t.Errorf("the state's is %s", got)
	}
	if got := s.Time(start.Add(2 * time.Minute)); !got.Equal(start.Add(2 * time.Minute)) {
		t.Errorf("later it is %s", got)
	}
}

// Whatever comes in whatever order, what is kept is what was decided, each once and in
// order, and nothing counts as safe that was not kept.
func TestWhatIsSafeWasKept(t *testing.T) {
	rapid.Check(t, func(r *rapid.T) {
		s := newStage()
		var decided, kept, underWay []string // texts
		failing := false
		check := func() {
			if got, want := int(s.Local.Committed()), len(kept); got != want {
				r.Fatalf("%d are safe, want %d", got, want)
			}
			if int(s.Local.Applied()) != len(decided) || s.Failing() != nil != failing {
				r.Fatalf("%d are applied, want %d; failing: %v, want %v", s.Local.Applied(), len(decided), s.Failing(), failing)
			}
		}
		s.keeper = func(rows *state.Rows, done func(error)) {
			if s.keep != nil {
				r.Fatal("two batches are under way")
			}
			got := strings.Fields(texts(rows))
			if failing && strings.Join(got, " ") != strings.Join(underWay, " ") || len(got) == 0 {
				r.Fatalf("kept are %v after %v, which could not be", got, underWay)
			}
			underWay = got
			s.keep = func(err error) {
				s.keep = nil
				if failing = err != nil; !failing {
					kept = append(kept, underWay...)
				}
				done(err)
			}
			if rapid.Bool().Draw(r, "at once") {
				s.keep(nil)
			}
		}
		r.Repeat(map[string]func(*rapid.T){
			"": func(*rapid.T) { check() },
			"propose": func(*rapid.T) {
				text := fmt.Sprint("m", len(decided))
				if err := s.Propose(s.now, say(text), nil); (err != nil) != failing {
					r.Fatalf("proposing: %v", err)
				} else if err == nil {
					decided = append(decided, text)
				}
			},
			"insist": func(*rapid.T) {
				decided = append(decided, fmt.Sprint("m", len(decided)))
				s.Insist(s.now, say(decided[len(decided)-1]), nil)
			},
			"nothing": func(*rapid.T) { _ = s.Propose(s.now, &command.Unlock{Who: "nobody"}, nil) },
			"flush":   func(*rapid.T) { s.Flush(s.now) },
			"tick":    func(*rapid.T) { s.Tick(s.now) },
			"wait":    func(*rapid.T) { s.now = s.now.Add(100 * time.Millisecond) },
			"done": func(r *rapid.T) {
				if s.keep == nil {
					r.Skip("nothing is under way")
				}
				if rapid.Bool().Draw(r, "fails") {
					s.keep(errors.New("the disk is full"))
				} else {
					s.keep(nil)
				}
			},
		})
		for len(kept) < len(decided) {
			s.now = s.now.Add(log.RetryAfter)
			s.Tick(s.now)
			s.Flush(s.now)
			if s.keep != nil {
				s.keep(nil)
			}
		}
		check()
		if strings.Join(kept, " ") != strings.Join(decided, " ") {
			r.Fatalf("kept are %v, want %v", kept, decided)
		}
	})
}
