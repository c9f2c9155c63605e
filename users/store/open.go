package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"sync"
	"sync/atomic"
)

// Memory is the name of the folder that keeps nothing.
const Memory = ":memory:"

const (
	fileName = "parley.db"
	lockName = "parley.lock"
)

// Options are how a folder is opened.
type Options struct {
	Random  io.Reader // for the names of logs
	Sync    Sync
	Damaged func(error) // is told, once, on any goroutine, when the open database turns out to be damaged; nil: nobody is
}

// Sync says what a commit survives.
type Sync int

const (
	SyncAlways Sync = iota // a loss of power: the disk is waited for
	SyncNone               // the end of the process, however it ends
)

// A Store keeps a server's accounts and messages. Its methods may be called from any
// goroutine.
type Store struct {
	sync    Sync
	lock    *os.File // locked; nil in memory
	write   *sql.DB  // one connection
	read    *sql.DB  // several, that cannot write; in memory the same as write
	search  *sql.DB  // those of searches, likewise
	check   *sql.DB  // for checkpoints; nil in memory
	files   files    // none in memory
	mark    *mark    // nil in memory
	shrinks bool     // empty pages are given back to the file system
	logName string
	found   []error // as it was opened

	writes                                                                     map[statement]*sql.Stmt
	searches                                                                   map[string]*sql.Stmt
	between, numbers, numbered, directs, directsTo, newestOfPair, oldestOfPair *sql.Stmt

	acts, actsInRoom, actsOfName, actsOfNameInRoom                                     *sql.Stmt
	findMessage, findDirect, versions, changedNumbers, changedMessages, changedDirects *sql.Stmt

	path    string     // of the database
	writing sync.Mutex // is held for one commit
	unwiped unwiped    // under writing
	scrubs  scrubber

	sweeping     atomic.Bool   // there may be something that is gone and still there
	swept        chan struct{} // is sent something when sweeping begins
	loose        atomic.Bool   // words of what was deleted are still in the index
	sweptAtOnce  int64         // how many messages are deleted in one step,
	walkedAtOnce int64         // and are looked at, where there is no index of them

	commits   atomic.Uint64 // how many there were
	following atomic.Bool   // the index of words is being made
	indexing  sync.Mutex    // is held for one step that a search waits for
	indexed   indexed

	damaged     sync.Once
	tellDamaged func(error)

	life     context.Context // ends reads when the store is closed
	endLife  context.CancelFunc
	underWay sync.WaitGroup // reads and commits

	mu     sync.Mutex // is held for a few instructions
	closed bool
	reads  int
	once   sync.Once
	err    error // of closing; behind once
}

// Exists reports whether there may be a database in a folder: only that there is
// none is certain.
func Exists(dir string) bool {
	_, err := os.Stat(filepath.Join(dir, fileName))
	return !errors.Is(err, fs.ErrNotExist)
}

// Open opens the database in a folder, and makes what is missing. One process may have
// it at a time: the next one gets ErrInUse. [Memory] opens one that is empty and ends
// with the Store.
func Open(dir string, opt Options) (*Store, error) {
	s := &Store{sync: opt.Sync, sweptAtOnce: sweptAtOnce, walkedAtOnce: walkedAtOnce, swept: make(chan struct{}, 1), writes: make(map[statement]*sql.Stmt), searches: make(map[string]*sql.Stmt), tellDamaged: opt.Damaged}
	s.indexed.kept, s.indexed.said = 1, 1 // so that it is looked once whether anything is missing
	s.sweeping.Store(true)
	s.life, s.endLife = context.WithCancel(context.Background())
	if err := s.open(dir, opt.Random); err != nil {
		s.endLife()
		_ = s.closeFiles() // of a disk that has failed it says the same again
		return nil, fmt.Errorf("data folder %s: %w", dir, advise(dir, classify(err)))
	}
	return s, nil
}

func (s *Store) open(dir string, random io.Reader) error {
	path := Memory
	if dir != Memory {
		var err error
		if path, err = prepare(dir); err != nil {
			return err
		}
		if s.lock, err = openLock(dir); err != nil { // so it is if the folder is read-only
			return err
		}
		if err := lockFile(s.lock); err != nil {
			return err
		}
		if err := removeHalves(filepath.Dir(path)); err != nil {
			return err
		}
		s.found = append(closeToOthers(dir), openToOthers(dir)...)
	}
	if err := errors.Join(lookLost(s.life, path), lookForeign(s.life, path)); err != nil {
		return err
	}
	s.path = path
	if err := s.connect(path); err != nil {
		return err
	}
	steps, err := migrations()
	if err != nil {
		return err
	}
	version, err := migrate(s.life, s.write, steps)
	if err != nil {
		return err
	}
	if path != Memory {
		if err := s.letShrink(); err != nil {
			return err
		}
	}
	if err := s.begin(path, version, random); err != nil {
		return err
	}
	if err := s.prepareStatements(); err != nil {
		return err
	}
	if dir != Memory {
		if s.files, err = look(path, filepath.Join(filepath.Dir(path), lockName)); err != nil {
			return err
		}
		s.scrubSoon(scrubDelay, true)
		return s.beginWiping()
	}
	return nil
}

// prepare makes the folder and the file, which only their owner may read, and
// returns the file's path.
func prepare(dir string) (path string, err error) {
	if dir, err = filepath.Abs(dir); err != nil {
		return "", err
	}
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return "", err
	}
	path = filepath.Join(dir, fileName)
	// An existing file must not be opened and closed here: closing it would end
	// the locks that SQLite holds in this process.
	f, err := makeOwn(dir, fileName)
	if errors.Is(err, fs.ErrExist) {
		return path, nil
	}
	if err != nil {
		return "", err
	}
	return path, f.Close()
}

// openLock opens the file whose lock a server has while it runs.
func openLock(dir string) (*os.File, error) {
	return openOwn(dir, lockName)
}

func (s *Store) prepareStatements() (err error) {
	for _, text := range writes {
		if s.writes[text], err = s.write.Prepare(string(text)); err != nil {
			return err
		}
	}
	for _, text := range searches {
		if s.searches[text], err = s.search.Prepare(text); err != nil {
			return err
		}
	}
	for _, page := range []struct {
		query **sql.Stmt
		text  string
	}{{&s.between, betweenText}, {&s.numbers, numbersText}, {&s.numbered, numberedText}, {&s.directs, directsText}, {&s.directsTo, directsToText},
		{&s.newestOfPair, newestOfPairText}, {&s.oldestOfPair, oldestOfPairText},
		{&s.acts, actsText}, {&s.actsInRoom, actsInRoomText}, {&s.actsOfName, actsOfNameText}, {&s.actsOfNameInRoom, actsOfNameInRoomText},
		{&s.findMessage, findMessageText}, {&s.findDirect, findDirectText}, {&s.versions, versionsText},
		{&s.changedNumbers, changedIDsText}, {&s.changedMessages, changedMessagesText}, {&s.changedDirects, changedDirectsText}} {
		if *page.query, err = s.read.Prepare(page.text); err != nil {
			return err
		}
	}
	return nil
}

// Found returns what was noticed as the folder was opened, and did not keep it from that. ErrLost:
// something is lost that was committed without waiting for the disk.
func (s *Store) Found() []error { return s.found }

// LogName returns the name of the log whose numbers these are.
func (s *Store) LogName() string { return s.logName }

// Close waits for the commit under way, ends reads, and lets others have the folder.
// A second Close waits for the first.
func (s *Store) Close() error {
	s.once.Do(func() {
		s.mu.Lock()
		s.closed = true
		s.mu.Unlock()
		s.endLife()
		s.underWay.Wait()
		s.err = errors.Join(classify(s.end(s.stopScrubbing())), s.closeFiles())
	})
	return s.err
}

// closeFiles closes what is open. Closing the last connection of all processes
// moves what is left in the write-ahead log into the file.
func (s *Store) closeFiles() error {
	var errs []error
	for _, db := range []*sql.DB{s.search, s.read, s.check, s.write} {
		if db != nil {
			errs = append(errs, db.Close()) // of the same one twice: nil
		}
	}
	errs = append(errs, s.mark.close())
	if s.lock != nil {
		errs = append(errs, s.lock.Close())
	}
	return errors.Join(errs...)
}
