package store

import (
	"context"
	"time"
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
	for _, step := range []func(*transaction) (bool, error){(*transaction).indexNew, (*transaction).indexOld, (*transaction).mergeWords, (*transaction).mergeWords} {
		did, err := s.step(step)
		if err != nil {
			return false, err
		}
		more = more || did
	}
	return more, nil
}

// index puts into the index what is missing of what is committed now, as far as there is
// time for that. If the disk does not take it, what is there is searched.
func (s *Store) index(ctx context.Context) error {
	for until := time.Now().Add(indexPatience); time.Now().Before(until); {
		if more, err := s.step((*transaction).indexNew); err != nil || !more {
			if Disk(err) {
				err = nil
			}
			return err
		}
		if ctx.Err() != nil {
			return ctx.Err()
		}
	}
	return nil
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
