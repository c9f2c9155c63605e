package store

import (
	"context"
	"sync"
	"time"
)

// A text that was removed is not in its page any more (see wipe.go), but the write-ahead log
// has older copies of the page until it is emptied: that is done a moment later, beside the
// commits that come meanwhile.

const (
	// scrubDelay is for how long a scrub waits for more removals, and scrubPause when it has
	// failed because somebody reads what was before.
	scrubDelay = 200 * time.Millisecond
	scrubPause = 100 * time.Millisecond

	// scrubWait is for how long it keeps commits waiting at most until nobody reads.
	scrubWait = 20 * time.Millisecond
)

// A scrubber overwrites what commits have left of texts.
type scrubber struct {
	mu       sync.Mutex  // is held for a few instructions
	timer    *time.Timer // of the next time; nil: none is needed
	empty    bool        // the log is to be emptied then, else pages are wiped only
	scrubbed func(error) // is called behind each time; nil: nobody is
}

// scrubSoon has pages wiped in a moment, and the log emptied if that is asked for.
func (s *Store) scrubSoon(in time.Duration, empty bool) {
	if s.files == nil {
		return
	}
	s.scrubs.mu.Lock()
	defer s.scrubs.mu.Unlock()
	s.scrubs.empty = s.scrubs.empty || empty
	if s.scrubs.timer == nil {
		s.scrubs.timer = time.AfterFunc(in, s.scrubNow)
	}
}

// scrubNow does that, and tries it again if it was not possible.
func (s *Store) scrubNow() {
	if s.startCommit() != nil { // it is closed, which does the same
		return
	}
	defer s.underWay.Done()
	s.scrubs.mu.Lock()
	empty := s.scrubs.empty
	s.scrubs.timer, s.scrubs.empty = nil, false
	s.scrubs.mu.Unlock()
	err := s.scrub(s.life, empty)
	if err != nil {
		s.scrubSoon(scrubPause, empty)
	}
	if s.scrubs.scrubbed != nil {
		s.scrubs.scrubbed(err)
	}
}

// stopScrubbing reports whether there was something to do. It is called when the store is
// closed.
func (s *Store) stopScrubbing() bool {
	s.scrubs.mu.Lock()
	defer s.scrubs.mu.Unlock()
	if s.scrubs.timer == nil {
		return false
	}
	s.scrubs.timer.Stop()
	return true
}

// scrub wipes pages, unless a commit has done so since, and empties the log if that is asked
// for. Most of that is done while commits go on; for the rest they wait.
func (s *Store) scrub(ctx context.Context, empty bool) error {
	if err := s.files.check(); err != nil {
		return err
	}
	if empty {
		if err := s.checkpoint(ctx, "PASSIVE"); err != nil {
			return err
		}
	}
	s.writing.Lock()
	defer s.writing.Unlock()
	if err := s.wipeNow(ctx); err != nil || !empty {
		return err
	}
	return s.checkpoint(ctx, "TRUNCATE")
}

// checkpoint moves what is in the write-ahead log into the file. TRUNCATE empties it, too, or
// returns ErrBusy.
func (s *Store) checkpoint(ctx context.Context, mode string) error {
	var busy, inLog, moved int
	err := s.check.QueryRowContext(ctx, "PRAGMA wal_checkpoint("+mode+")").Scan(&busy, &inLog, &moved)
	if err == nil && busy != 0 && mode == "TRUNCATE" {
		err = ErrBusy
	}
	return classify(err)
}

// wipeNow wipes pages in a transaction of its own. It is called under writing.
func (s *Store) wipeNow(ctx context.Context) error {
	if len(s.unwiped.pages) == 0 && !s.unwiped.all {
		return nil
	}
	_, err := s.transact(ctx, func(*transaction) error { return nil })
	return classify(err)
}
