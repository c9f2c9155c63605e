package store

import (
	"context"
	"errors"
	"log/slog"
	"strings"
	"sync"
	"testing"
	"time"

	"parley/users/state"
)

func TestClosed(t *testing.T) {
	s := mustOpen(t, t.TempDir())
	var wg sync.WaitGroup
	for range 2 {
		wg.Go(func() { mustClose(t, s) })
	}
	wg.Wait()
	mustRefuse(t, s, said(1), ErrClosed)
	if _, err := s.Load(context.Background()); !errors.Is(err, ErrClosed) {
		t.Error(err)
	}
}

func TestCloseEndsReads(t *testing.T) {
	s := mustOpen(t, t.TempDir())
	started, result := make(chan struct{}), make(chan error)
	go func() {
		ctx, end, err := s.startRead(context.Background())
		close(started)
		if err == nil {
			<-ctx.Done()
			err = s.explain(ctx.Err())
			end()
		}
		result <- err
	}()
	<-started
	closed := make(chan error)
	go func() { closed <- s.Close() }()
	if err := <-result; !errors.Is(err, ErrClosed) {
		t.Error(err)
	}
	if err := <-closed; err != nil {
		t.Error(err)
	}
}

// many are more rows than fit on one page; the first ones do.
func many() state.Rows {
	rows := said(2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20)
	for i := range rows.Messages[5:] {
		rows.Messages[5+i].Text = strings.Repeat("x", 4096)
	}
	return rows
}

// TestDiskFullAndReadOnly makes the file refuse to grow, and then any change: nothing of
// the rows is kept, and the same rows are when all is well again.
func TestDiskFullAndReadOnly(t *testing.T) {
	faults := []struct {
		name, begin, end string
		want             error
	}{
		{"full", "PRAGMA max_page_count = 1", "PRAGMA max_page_count = 1073741823", ErrFull},
		{"read-only", "PRAGMA query_only = 1", "PRAGMA query_only = 0", ErrReadOnly},
	}
	for _, fault := range faults {
		t.Run(fault.name, func(t *testing.T) {
			dir := t.TempDir()
			s := mustOpen(t, dir)
			pragma := func(text string) {
				t.Helper()
				if _, err := s.write.Exec(text); err != nil {
					t.Fatal(err)
				}
			}
			mustCommit(t, s, said(1))
			before := mustLoad(t, s)
			for range 3 {
				pragma(fault.begin)
				mustRefuse(t, s, many(), fault.want)
				same(t, "kept", mustLoad(t, s), before)
				same(t, "messages", len(newest(t, s)), 1)
				pragma(fault.end)
			}
			mustCommit(t, s, many())
			mustClose(t, s)
			s = mustOpen(t, dir)
			same(t, "last, requests", []int{int(mustLoad(t, s).Last), len(mustLoad(t, s).Requests)}, []int{20, 20})
			same(t, "messages", len(newest(t, s)), 20)
		})
	}
}

// TestErrorThatIsNotTheDisks says which row it is about, and leaves nothing of the others.
func TestErrorThatIsNotTheDisks(t *testing.T) {
	s := mustOpen(t, t.TempDir())
	if _, err := s.write.Exec("CREATE TRIGGER refuse BEFORE INSERT ON messages WHEN new.id = 17 BEGIN SELECT raise(ABORT, 'no'); END"); err != nil {
		t.Fatal(err)
	}
	rows := many()
	rows.Count = 1
	err := s.Commit(&rows)
	if err == nil || Disk(err) || !strings.HasPrefix(err.Error(), "message 17: ") {
		t.Errorf("got %v", err)
	}
	same(t, "kept", mustLoad(t, s), state.Kept{})
}

// TestKeeper has a disk that is full for a while: it is logged once when it begins and once
// when it ends, and what became of rows is posted. Each commit is told to who counts them.
func TestKeeper(t *testing.T) {
	s := mustOpen(t, t.TempDir())
	var log strings.Builder
	posted := make(chan func())
	var tried error
	times := 0
	keeper := &Keeper{Store: s, Post: func(f func()) { posted <- f }, Log: slog.New(slog.NewTextHandler(&log, nil)), Tried: func(took time.Duration, err error) {
		if tried, times = err, times+1; took <= 0 || took > time.Hour {
			t.Errorf("a commit took %s", took)
		}
	}}
	keep := func() (err error) {
		rows := many()
		rows.Count = 1
		before := times
		keeper.Keep(&rows, func(failed error) { err = failed })
		(<-posted)()
		if times != before+1 || tried != err {
			t.Errorf("it is told of %d commits, the last with %v", times-before, tried)
		}
		return err
	}
	for _, step := range []struct {
		pragma string
		want   error
		lines  int
	}{
		{"PRAGMA max_page_count = 1", ErrFull, 1},
		{"PRAGMA max_page_count = 1", ErrFull, 1},
		{"PRAGMA max_page_count = 1073741823", nil, 2},
		{"PRAGMA max_page_count = 1073741823", nil, 2},
		{"PRAGMA query_only = 1", ErrReadOnly, 3},
	} {
		if _, err := s.write.Exec(step.pragma); err != nil {
			t.Fatal(err)
		}
		if err := keep(); !errors.Is(err, step.want) || Disk(err) != (step.want != nil) {
			t.Errorf("%s: got %v, want %v", step.pragma, err, step.want)
		}
		same(t, "lines of "+log.String(), strings.Count(log.String(), "\n"), step.lines)
	}
}
