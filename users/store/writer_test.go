package store

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"strings"
	"sync"
	"testing"
	"time"

	"parley/users"
)

func TestOneCommitForAllThatWait(t *testing.T) {
	s := mustOpen(t, t.TempDir())
	release := hold(t, s)
	before := s.commits
	told := newOutcomes()
	for i := range 3 * BatchLimit {
		if err := s.AppendMessage(message(uint64(i+1)), "", told.done(i)); err != nil {
			t.Fatal(err)
		}
	}
	release()
	for i, o := range told.wait(3 * BatchLimit) {
		if o.number != i || o.err != nil {
			t.Fatalf("outcome %d: %+v", i, o)
		}
	}
	mustClose(t, s)
	same(t, "commits", s.commits-before, 3)
}

func TestManyWriters(t *testing.T) {
	s := mustOpen(t, t.TempDir())
	const writers, each = 8, 200
	var wg sync.WaitGroup
	for w := range writers {
		wg.Go(func() {
			told := newOutcomes()
			for i := range each {
				if err := s.AppendMessage(message(uint64(i*writers+w+1)), fmt.Sprint(w, i), told.done(i)); err != nil {
					t.Error(err)
				}
			}
			for i, o := range told.wait(each) {
				if o.number != i || o.err != nil {
					t.Errorf("writer %d, outcome %d: %+v", w, i, o)
				}
			}
		})
	}
	wg.Wait()
	same(t, "last", mustLoad(t, s).Last, writers*each)
	page, err := s.Newest(context.Background(), PageLimit)
	if err != nil {
		t.Fatal(err)
	}
	for i, m := range page {
		same(t, "message", m, message(uint64(writers*each-PageLimit+i+1)))
	}
}

func TestFullQueueIsBusy(t *testing.T) {
	s := mustOpen(t, Memory)
	release := hold(t, s)
	told := newOutcomes()
	for i := range QueueLimit {
		if err := s.DeleteLoginBlock("nobody", told.done(i)); err != nil {
			t.Fatal(i, err)
		}
	}
	err := s.DeleteLoginBlock("nobody", func(error) { t.Error("told of what was not taken") })
	if !errors.Is(err, ErrBusy) {
		t.Error(err)
	}
	release()
	told.wait(QueueLimit)
}

// More login blocks can be over at once than writes may wait.
func TestManyLoginBlocksAreOneWrite(t *testing.T) {
	s := mustOpen(t, Memory)
	all := make([]users.LoginBlock, QueueLimit+10)
	for i := range all {
		all[i] = users.LoginBlock{Key: fmt.Sprint("user", i), Failures: 1}
	}
	keep := func() error {
		return Wait(func(done func(error)) error { return s.KeepLoginBlocks(all, done) })
	}
	if err := keep(); err != nil {
		t.Fatal(err)
	}
	same(t, "kept", len(mustLoad(t, s).LoginBlocks), len(all))
	for i := range all[1:] {
		all[i+1].Failures = 0
	}
	if err := keep(); err != nil {
		t.Fatal(err)
	}
	same(t, "left", mustLoad(t, s).LoginBlocks, all[:1])
}

func TestCallbackMayWrite(t *testing.T) {
	s := mustOpen(t, Memory)
	told := newOutcomes()
	err := s.AppendMessage(message(1), "", func(error) {
		if err := s.AppendMessage(message(2), "", told.done(2)); err != nil {
			t.Error(err)
		}
	})
	if err != nil {
		t.Fatal(err)
	}
	same(t, "outcome", told.wait(1), []outcome{{2, nil}})
}

func TestCloseCommitsWhatWaits(t *testing.T) {
	dir := t.TempDir()
	s := mustOpen(t, dir)
	release := hold(t, s)
	told := newOutcomes()
	for i := range 100 {
		if err := s.AppendMessage(message(uint64(i+1)), "", told.done(i)); err != nil {
			t.Fatal(err)
		}
	}
	var wg sync.WaitGroup
	for range 2 {
		wg.Go(func() { mustClose(t, s) })
	}
	release()
	wg.Wait()
	same(t, "outcomes", len(told.ch), 100)
	if err := s.AppendMessage(message(101), "", nil); !errors.Is(err, ErrClosed) {
		t.Error(err)
	}
	if _, err := s.Load(context.Background()); !errors.Is(err, ErrClosed) {
		t.Error(err)
	}
	same(t, "last", mustLoad(t, mustOpen(t, dir)).Last, 100)
}

func TestCloseEndsReads(t *testing.T) {
	s := mustOpen(t, t.TempDir())
	started := make(chan struct{})
	result := make(chan error)
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

// TestRefusalConcernsOneWrite holds a batch in which some writes are refused.
func TestRefusalConcernsOneWrite(t *testing.T) {
	s := mustOpen(t, t.TempDir())
	release := hold(t, s)
	told := newOutcomes()
	for i, w := range []write{
		s.say(1, "r1"), s.say(1, ""), s.say(2, "r1"), s.delete("nobody"), s.register(account("bob")),
		s.register(account("BOB")), s.send(users.Direct{ID: 1, To: "eve"}, "r2"), s.say(3, "r2"),
	} {
		if err := w(told.done(i)); err != nil {
			t.Fatal(err)
		}
	}
	release()
	want := []error{nil, ErrNumberTaken, &DuplicateError{1}, users.ErrUnknownUser, nil, users.ErrRegistered, users.ErrUnknownUser, nil}
	for i, o := range told.wait(len(want)) {
		if !errors.Is(o.err, want[i]) {
			t.Errorf("write %d: %v, want %v", i, o.err, want[i])
		}
	}
	page, err := s.Newest(context.Background(), 10)
	if err != nil || len(page) != 2 || page[1].ID != 3 {
		t.Error(page, err)
	}
}

// TestDiskFullAndReadOnly makes the file refuse to grow, and then any change.
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
			mustWrite(t, s.say(1, "r1"))
			for range 3 {
				pragma(fault.begin)
				failWholeBatch(t, s, fault.want)
				if last := mustLoad(t, s).Last; last != 1 {
					t.Fatalf("half a batch is there, up to %d", last)
				}
				pragma(fault.end)
			}
			mustWrite(t, s.say(2, "r2")) // nothing of the failures is remembered
			mustClose(t, s)
			s = mustOpen(t, dir)
			mustRefuse(t, s.say(3, "r2"), &DuplicateError{2})
			state := mustLoad(t, s)
			same(t, "last", state.Last, 2)
			same(t, "requests", len(state.Requests), 2)
		})
	}
}

// failWholeBatch writes more than fits on one page, in one batch.
func failWholeBatch(t *testing.T, s *Store, want error) {
	t.Helper()
	release := hold(t, s)
	told := newOutcomes()
	for i := range 100 {
		m := message(uint64(i + 2))
		if i > 5 { // the first ones still fit
			m.Text = strings.Repeat("x", 4096)
		}
		if err := s.AppendMessage(m, fmt.Sprint("r", i+2), told.done(i)); err != nil {
			t.Fatal(err)
		}
	}
	release()
	for i, o := range told.wait(100) {
		if o.number != i || !errors.Is(o.err, want) {
			t.Fatalf("outcome %d: %+v, want %v", i, o, want)
		}
	}
}

// TestRememberLimit fills the table of requests beyond a limit, and holds file
// and memory to it.
func TestRememberLimit(t *testing.T) {
	dir := t.TempDir()
	s := mustOpen(t, dir)
	s.rememberLimit = 100
	remember := func(number int) write {
		r := Request{"alice", fmt.Sprint(number), 0, uint64(number), noon.Add(time.Duration(number))}
		return func(done func(error)) error { return s.Remember(r, done) }
	}
	for i := range 350 {
		if err := remember(i)(nil); err != nil {
			t.Fatal(err)
		}
	}
	mustWrite(t, remember(350), remember(351), remember(352))
	requests := mustLoad(t, s).Requests
	same(t, "requests", len(requests), 100)
	same(t, "the oldest", requests[0].Number, 253)
	mustRefuse(t, remember(253), &DuplicateError{253})
	mustWrite(t, remember(252))
	mustClose(t, s)
	same(t, "in memory", len(s.remembered), 100)
	s = mustOpen(t, dir)
	mustRefuse(t, remember(254), &DuplicateError{254})
	mustClose(t, s)
	same(t, "in memory again", len(s.remembered), 100)
}

// TestRandomWrites compares the store with a model in memory, across restarts.
func TestRandomWrites(t *testing.T) {
	dir := t.TempDir()
	random := rand.New(rand.NewPCG(1, 2))
	names := []string{"alice", "bob", "carol"}
	accounts := map[string]bool{}
	var waiting users.Mailboxes
	last, lastDirect := uint64(0), uint64(0)
	for range 10 {
		s := mustOpen(t, dir)
		for range 50 {
			name := names[random.IntN(len(names))]
			switch random.IntN(4) {
			case 0:
				last++
				mustWrite(t, s.say(last, fmt.Sprint("r", last)))
			case 1:
				if err := Wait(s.register(account(name))); (err == nil) == accounts[name] {
					t.Fatal(name, accounts[name], err)
				}
				accounts[name] = true
			case 2:
				if err := Wait(s.delete(name)); (err == nil) != accounts[name] {
					t.Fatal(name, accounts[name], err)
				}
				delete(accounts, name)
				waiting.Forget(name)
			case 3:
				err := Wait(s.send(users.Direct{ID: lastDirect + 1, From: "eve", To: name}, ""))
				if (err == nil) != accounts[name] {
					t.Fatal(name, accounts[name], err)
				}
				if err == nil {
					lastDirect++
					waiting.Add(name, "eve", 1)
				}
			}
		}
		state := mustLoad(t, s)
		same(t, "last", [2]uint64{state.Last, state.LastDirect}, [2]uint64{last, lastDirect})
		same(t, "accounts", len(state.Accounts), len(accounts))
		for _, name := range names {
			same(t, "waiting", state.Waiting.Len(name), waiting.Len(name))
		}
		mustClose(t, s)
	}
}
