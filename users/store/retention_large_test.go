package store

import (
	"errors"
	"slices"
	"testing"
	"time"

	"parley/users/state"
)

// How long half of very many messages take to be deleted while 1,000 a second are written,
// one commit each 2 ms, and how long commits take meanwhile and without it.
func TestRetentionAmongMany(t *testing.T) {
	dir, who := largeFolder(t)
	s := mustOpenLarge(t, dir, SyncAlways)
	defer closeLarge(t, s)
	write := func(until func() bool) (took []time.Duration) {
		for tick := time.NewTicker(2 * time.Millisecond); !until(); <-tick.C {
			rows := who.say(2)
			began := time.Now()
			if err := s.Commit(&rows); err != nil {
				t.Fatal(err)
			}
			took = append(took, time.Since(began))
		}
		slices.Sort(took)
		return took
	}
	report := func(when string, took []time.Duration, size int64) {
		n := len(took)
		t.Logf("%s: %d commits, p50 %v, p99 %v, p99.9 %v, longest %v; the file has %d MB", when, n, took[n/2], took[n*99/100], took[n*999/1000], took[n-1], size>>20)
	}
	end := time.Now().Add(20 * time.Second)
	report("before", write(func() bool { return time.Now().After(end) }), sizeOf(t, s, dir))
	half := who.last / 2
	var rows state.Rows
	for i := range talkedRooms {
		rows.Pruned = append(rows.Pruned, state.PrunedRow{Pruned: state.Pruned{Room: room(uint64(i)), UpTo: half}})
	}
	rows.Pruned = append(rows.Pruned, state.PrunedRow{Pruned: state.Pruned{UpTo: half}})
	rows.Last, rows.Time, rows.Count = who.last, who.time, 1
	if err := s.Commit(&rows); err != nil {
		t.Fatal(err)
	}
	began := time.Now()
	go func() { _ = s.Sweep(t.Context()) }()
	report("while it is deleted", write(func() bool { return !s.Sweeping() }), sizeOf(t, s, dir))
	t.Logf("deleted in %v", time.Since(began).Round(time.Second))
	sizes := func(when string) {
		var pages, empty int
		if err := errors.Join(s.write.QueryRow("PRAGMA page_count").Scan(&pages), s.write.QueryRow("PRAGMA freelist_count").Scan(&empty)); err != nil {
			t.Fatal(err)
		}
		t.Logf("%s the file has %d pages, of which %d are empty", when, pages, empty)
	}
	sizes("then")
	for more := true; more; {
		var err error
		if more, err = s.stepIndex(); err != nil {
			t.Fatal(err)
		}
	}
	s.sweepAgain()
	sweepAll(t, s)
	sizes("when what is left of the words is merged,")
}
