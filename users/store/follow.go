package store

import (
	"context"
	"sync"
	"time"

	"parley/users/state"
)

// The steps that the index of words makes, and when.

const (
	// indexDelay is for how long new messages are collected before they go into the index,
	// unless somebody searches.
	indexDelay = time.Second

	// indexShare is what part of the time steps take at most while commits go on.
	indexShare = 20

	// indexPatience is for how long a search waits for the steps that are missing.
	indexPatience = 500 * time.Millisecond
)

// indexSoon has what is missing put into the index, while others go on.
func (s *Store) indexSoon() {
	s.commits.Add(1)
	if !s.following.CompareAndSwap(false, true) {
		return
	}
	if err := s.startCommit(); err != nil {
		return
	}
	go func() {
		defer s.underWay.Done()
		s.follow()
		s.following.Store(false)
	}()
}

// follow makes steps until there is nothing left to do, with pauses that leave most of the
// time to commits while there are any. After a failure the next commit has it tried again.
func (s *Store) follow() {
	pause := indexDelay
	for {
		select {
		case <-s.life.Done():
			return
		case <-time.After(pause):
		}
		before, began := s.commits.Load(), time.Now()
		if more, err := s.stepIndex(); err != nil || !more {
			if s.loose.Swap(false) { // with what is left of the words pages have become empty
				s.sweepAgain()
			}
			return
		}
		if pause = time.Since(began); s.commits.Load() != before {
			pause *= indexShare - 1
		}
	}
}

// stepIndex puts some messages into the index, the new ones first, and merges some of it.
// It reports whether there may be more to do.
func (s *Store) stepIndex() (more bool, err error) {
	for _, step := range []func() (bool, error){
		s.indexNew,
		func() (bool, error) { return s.step((*transaction).indexOld) },
		func() (bool, error) { return s.step((*transaction).mergeWords) },
		func() (bool, error) { return s.step((*transaction).mergeWords) },
	} {
		did, err := step()
		if err != nil {
			return false, err
		}
		more = more || did
	}
	return more, nil
}

// index puts into the index what is missing of what is committed now, as far as there is
// time for that, and returns the number up to which nothing is missing; 0: that of the index
// itself. If the disk does not take it, what is there is searched.
func (s *Store) index(ctx context.Context) (upTo uint64, err error) {
	for until := time.Now().Add(indexPatience); time.Now().Before(until); {
		if upTo, is := s.indexed.upTo(); is {
			return upTo, nil
		}
		if err := s.indexOnce(); err != nil {
			if Disk(err) {
				err = nil
			}
			return 0, err
		}
		if ctx.Err() != nil {
			return 0, ctx.Err()
		}
	}
	return 0, nil
}

// indexOnce makes one step, unless another search has made the last one that was missing while
// this one waited for its turn. So a commit never waits for the steps of all who search.
func (s *Store) indexOnce() error {
	s.indexing.Lock()
	defer s.indexing.Unlock()
	if _, is := s.indexed.upTo(); is {
		return nil
	}
	_, err := s.indexNew()
	return err
}

// indexNew puts the next messages into the index, and reports whether there may be more.
func (s *Store) indexNew() (more bool, err error) {
	last := s.indexed.last()
	more, err = s.step((*transaction).indexNew)
	if err == nil && !more {
		s.indexed.note(last)
	}
	return more, err
}

// An indexed knows what of that which is committed is in the index of words. Most of what is
// committed has no words, and leaves nothing to be done.
type indexed struct {
	mu   sync.Mutex // is held for a few instructions
	kept uint64     // the number that was committed last
	said uint64     // likewise, of those with words
	done uint64     // up to which nothing is missing
}

// committed takes note of rows that are safe.
func (x *indexed) committed(rows *state.Rows) {
	x.mu.Lock()
	defer x.mu.Unlock()
	x.kept = max(x.kept, rows.Last)
	if len(rows.Messages)+len(rows.Directs) > 0 {
		x.said = x.kept
	}
}

// last returns the number that was committed last.
func (x *indexed) last() uint64 {
	x.mu.Lock()
	defer x.mu.Unlock()
	return x.kept
}

// note takes note that all is in the index that was committed up to a number.
func (x *indexed) note(upTo uint64) {
	x.mu.Lock()
	defer x.mu.Unlock()
	x.done = max(x.done, upTo)
}

// upTo returns the number that was committed last, and whether nothing is missing of what was
// committed up to it.
func (x *indexed) upTo() (number uint64, is bool) {
	x.mu.Lock()
	defer x.mu.Unlock()
	return x.kept, x.done >= x.said
}

// step makes one step in a transaction of its own.
func (s *Store) step(do func(*transaction) (more bool, err error)) (more bool, err error) {
	if err := s.files.check(); err != nil {
		return false, err
	}
	s.writing.Lock()
	defer s.writing.Unlock()
	t, err := s.transact(context.Background(), func(t *transaction) (err error) {
		more, err = do(t)
		return err
	})
	if err != nil {
		return false, s.noteDamage(err)
	}
	if t.moved {
		s.noteWritten()
		s.scrubSoon(scrubDelay, false)
	}
	return more, nil
}
