package users_test

import (
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"parley/users"
	"pgregory.net/rapid"
)

func TestIdleWarnsAndThenEnds(t *testing.T) {
	idle := users.NewIdle(10 * time.Minute)
	var alice, bob users.Seat
	idle.Add(&alice, 1, start)
	idle.Add(&bob, 2, start)
	for _, step := range []struct {
		at           time.Duration
		reset        *users.Seat
		warned, over []uint64
	}{
		{at: 9*time.Minute + 29*time.Second},
		{at: 9*time.Minute + 30*time.Second, warned: []uint64{1, 2}},
		{at: 9*time.Minute + 31*time.Second, reset: &bob}, // and nobody is warned twice
		{at: 9*time.Minute + 59*time.Second},
		{at: 10 * time.Minute, over: []uint64{1}},
		{at: 11 * time.Minute},
		{at: 19*time.Minute + time.Second, warned: []uint64{2}}, // once more
		{at: 30 * time.Minute, over: []uint64{2}},
		{at: 60 * time.Minute},
	} {
		now := start.Add(step.at)
		warned, over := idle.Scan(now, nil)
		if !slices.Equal(warned, step.warned) || !slices.Equal(over, step.over) {
			t.Errorf("after %v: warned %v, over %v, want %v, %v", step.at, warned, over, step.warned, step.over)
		}
		if step.reset != nil {
			idle.Reset(step.reset, now)
		}
	}
	idle.Reset(&alice, start) // has no seat any more
	idle.Remove(&alice)
	if idle.Len() != 0 || idle.Since(&alice, start) != 0 {
		t.Error("something is left of a session whose time was over")
	}
}

func TestAShortTimeoutWarnsHalfway(t *testing.T) {
	type row struct{ Timeout, Ahead time.Duration }
	var got []row
	for _, timeout := range []time.Duration{0, 4 * time.Second, time.Minute, 90 * time.Second, users.DefaultTimeout} {
		idle := users.NewIdle(timeout)
		got = append(got, row{idle.Timeout(), idle.WarnAhead()})
	}
	want := []row{{0, 0}, {4 * time.Second, 2 * time.Second}, {time.Minute, 30 * time.Second}, {90 * time.Second, 30 * time.Second},
		{30 * time.Minute, 30 * time.Second}}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

func TestWithoutATimeoutNobodyTimesOut(t *testing.T) {
	idle := users.NewIdle(0)
	var seat users.Seat
	idle.Add(&seat, 1, start)
	warned, over := idle.Scan(start.AddDate(10, 0, 0), nil)
	if warned != nil || over != nil {
		t.Errorf("warned %v, over %v", warned, over)
	}
	if since := idle.Since(&seat, start.Add(time.Minute)); since != time.Minute {
		t.Errorf("idle for %v, want 1m", since)
	}
}

// TestIdleAgreesWithAMap runs random sessions beside a model.
func TestIdleAgreesWithAMap(t *testing.T) {
	type session struct {
		last   time.Time
		warned bool
	}
	const timeout, ahead = 100 * time.Second, 30 * time.Second
	rapid.Check(t, func(t *rapid.T) {
		idle := users.NewIdle(timeout)
		seats := make([]users.Seat, 5)
		model := map[uint64]*session{}
		now := start
		draw := func(t *rapid.T) (*users.Seat, uint64) {
			id := rapid.IntRange(0, len(seats)-1).Draw(t, "session")
			return &seats[id], uint64(id)
		}
		t.Repeat(map[string]func(*rapid.T){
			"add": func(t *rapid.T) {
				seat, id := draw(t)
				idle.Add(seat, id, now)
				model[id] = &session{last: now}
			},
			"reset": func(t *rapid.T) {
				seat, id := draw(t)
				idle.Reset(seat, now)
				if s := model[id]; s != nil {
					*s = session{last: now}
				}
			},
			"remove": func(t *rapid.T) {
				seat, id := draw(t)
				idle.Remove(seat)
				delete(model, id)
			},
			"scan": func(t *rapid.T) {
				now = now.Add(time.Duration(rapid.IntRange(0, 60).Draw(t, "seconds")) * time.Second)
				var wantWarned, wantOver []uint64
				last := time.Time{} // of those of one person: the even ones
				for id, s := range model {
					if id%2 == 0 && s.last.After(last) {
						last = s.last
					}
				}
				idleFor := func(id uint64) time.Duration {
					idleFor := idle.Since(&seats[id], now)
					for other := range seats {
						if _, there := model[uint64(other)]; there && id%2 == 0 && other%2 == 0 {
							idleFor = min(idleFor, idle.Since(&seats[other], now))
						}
					}
					return idleFor
				}
				warned, over := idle.Scan(now, idleFor)
				for id, s := range model {
					if quiet := now.Sub(s.last); id%2 == 0 && last.After(s.last) && (quiet >= timeout || quiet >= timeout-ahead && !s.warned) {
						*s = session{last: last}
					}
					switch quiet := now.Sub(s.last); {
					case quiet >= timeout:
						wantOver = append(wantOver, id)
						delete(model, id)
					case quiet >= timeout-ahead && !s.warned:
						s.warned = true
						wantWarned = append(wantWarned, id)
					}
				}
				slices.Sort(warned)
				slices.Sort(over)
				slices.Sort(wantWarned)
				slices.Sort(wantOver)
				if !slices.Equal(warned, wantWarned) || !slices.Equal(over, wantOver) {
					t.Fatalf("warned %v, over %v, want %v, %v", warned, over, wantWarned, wantOver)
				}
			},
			"": func(t *rapid.T) {
				if idle.Len() != len(model) {
					t.Fatalf("%d have a seat, want %d", idle.Len(), len(model))
				}
				for id, s := range model {
					if got := idle.Since(&seats[id], now); got != now.Sub(s.last) {
						t.Fatalf("%d: idle for %v, want %v", id, got, now.Sub(s.last))
					}
				}
			},
		})
	})
}

func BenchmarkIdle(b *testing.B) {
	const sessions = 100_000
	idle := users.NewIdle(users.DefaultTimeout)
	seats := make([]users.Seat, sessions)
	for i := range seats {
		idle.Add(&seats[i], uint64(i), start)
	}
	next := func(i int) int { return (i + 7919) % sessions } // not one after the other
	b.Run("reset", func(b *testing.B) {
		b.ReportAllocs()
		for i := 0; b.Loop(); i = next(i) {
			idle.Reset(&seats[i], start)
		}
	})
	b.Run("reset and time.Now", func(b *testing.B) {
		b.ReportAllocs()
		for i := 0; b.Loop(); i = next(i) {
			idle.Reset(&seats[i], time.Now())
		}
	})
	for i := range seats {
		idle.Reset(&seats[i], start)
	}
	b.Run("scan", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			if warned, over := idle.Scan(start.Add(time.Minute), nil); len(warned)+len(over) > 0 {
				b.Fatal("somebody timed out")
			}
		}
	})
}

// A time that does not count has nobody warned or timed out earlier, and nobody later than if they
// had done something now.
func TestIdleSkip(t *testing.T) {
	idle := users.NewIdle(10 * time.Minute)
	idle.Skip(time.Hour, start) // nobody is there
	var alice, bob users.Seat
	idle.Add(&alice, 1, start)
	idle.Add(&bob, 2, start)
	now := start.Add(2 * time.Hour)
	idle.Reset(&bob, now.Add(-time.Minute))
	idle.Skip(2*time.Hour-5*time.Minute, now)
	if a, b := idle.Since(&alice, now), idle.Since(&bob, now); a != 5*time.Minute || b != 0 {
		t.Errorf("idle for %v and %v, want 5m and 0", a, b)
	}
}
