package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net/url"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"time"

	"modernc.org/sqlite"

	"parley/users/rooms"
)

// Memory is the name of the folder that keeps nothing.
const Memory = ":memory:"

const (
	fileName = "parley.db"
	lockName = "parley.lock"

	// readers is how many connections read at once. More would not read faster
	// on the few cores of a chat server, and each has a page cache of 2 MB.
	readers = 4

	// lockWait is how long a process waits for another one's write to end, such
	// as an owner's command for the server's batch, which takes milliseconds.
	lockWait = 5 * time.Second

	// walKept is to how many bytes the write-ahead log is cut after a burst.
	walKept = 16 << 20
)

// A Store keeps a server's accounts and messages. Its methods may be called from
// any goroutine, Close from any but the writer's.
type Store struct {
	beside bool
	lock   *os.File // locked by a server; nil in memory
	write  *sql.DB  // one connection
	read   *sql.DB  // several, that cannot write; in memory the same as write
	files  files    // none in memory

	statements [statementCount]*sql.Stmt
	page       *sql.Stmt

	queue      chan op
	stopped    chan struct{} // closed when the writer has ended
	remembered remembered    // the writer's own

	rememberLimit int    // rooms.MaxRequests, but in tests
	commits       uint64 // how many; the writer's own

	life    context.Context // ends reads when the store is closed
	endLife context.CancelFunc
	reading sync.WaitGroup

	// mu keeps apart callers, who come from any goroutine, and Close, which
	// closes the queue. It is held for a few instructions.
	mu     sync.Mutex
	closed bool
	reads  int
	once   sync.Once
	err    error // of closing; behind once
}

// Open opens the database in a folder for a server, and makes what is missing.
// One server may have it at a time: the next one gets ErrInUse. Randomness is
// needed the first time, for the log's name. [Memory] opens one that is empty
// and ends with the Store.
func Open(dir string, random io.Reader) (*Store, error) { return open(dir, random, false) }

// Exists reports whether there may be a database in a folder: only that there is
// none is certain.
func Exists(dir string) bool {
	_, err := os.Stat(filepath.Join(dir, fileName))
	return !errors.Is(err, fs.ErrNotExist)
}

// OpenBeside opens the database in a folder whether or not a server has it, for
// an owner's commands. The server learns from Changes which accounts and login
// blocks were written.
func OpenBeside(dir string, random io.Reader) (*Store, error) { return open(dir, random, true) }

func open(dir string, random io.Reader, beside bool) (*Store, error) {
	steps, err := migrations()
	if err != nil {
		return nil, err
	}
	return openWith(steps, dir, random, beside)
}

// openWith opens a database whose schema is what steps lead to.
func openWith(steps []string, dir string, random io.Reader, beside bool) (*Store, error) {
	s := &Store{
		beside:  beside,
		queue:   make(chan op, QueueLimit),
		stopped: make(chan struct{}),

		rememberLimit: rooms.MaxRequests,
	}
	s.life, s.endLife = context.WithCancel(context.Background())
	if err := s.open(steps, dir, random); err != nil {
		s.endLife()
		return nil, errors.Join(fmt.Errorf("data folder %s: %w", dir, classify(err)), s.closeFiles())
	}
	go s.run()
	return s, nil
}

func (s *Store) open(steps []string, dir string, random io.Reader) error {
	path := Memory
	if dir == Memory && s.beside {
		return errors.New("what is in the memory of another process is out of reach")
	}
	if dir != Memory {
		var err error
		if path, err = prepare(dir); err != nil {
			return err
		}
		if s.lock, err = openLock(dir); err != nil { // so it is if the folder is read-only
			return err
		}
		if !s.beside {
			if err := lockFile(s.lock); err != nil {
				return err
			}
		}
	}
	if err := s.connect(path); err != nil {
		return err
	}
	if err := s.upgrade(steps, dir, random); err != nil {
		return err
	}
	if err := s.prepareStatements(); err != nil {
		return err
	}
	if dir != Memory {
		var err error
		if s.files, err = look(path, filepath.Join(filepath.Dir(path), lockName)); err != nil {
			return err
		}
	}
	if s.beside {
		return nil
	}
	return s.loadRemembered()
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
	f, err := os.OpenFile(path, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
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
	return os.OpenFile(filepath.Join(dir, lockName), os.O_CREATE|os.O_RDWR, 0o600)
}

func (s *Store) connect(path string) (err error) {
	if s.write, err = openDB(path, 1, "_txlock=immediate"); err != nil {
		return err
	}
	if path == Memory {
		s.read = s.write // another connection would have another memory
		return nil
	}
	s.read, err = openDB(path, readers, "_query_only=1")
	return err
}

// openDB returns a pool of so many connections. It does not connect yet.
func openDB(path string, conns int, option string) (*sql.DB, error) {
	if path != Memory {
		path = filepath.ToSlash(path)
		if !strings.HasPrefix(path, "/") {
			path = "/" + path // a drive
		}
		path = (&url.URL{Scheme: "file", Path: path}).String()
	}
	connector, err := sqlite.NewConnector(path + "?" + strings.Join([]string{
		"_busy_timeout=" + strconv.FormatInt(lockWait.Milliseconds(), 10),
		"_journal_mode=WAL",
		"_synchronous=FULL",
		"_foreign_keys=1",
		fmt.Sprintf("_pragma=journal_size_limit(%d)", walKept),
		"_dqs=0",
		option,
	}, "&"))
	if err != nil {
		return nil, err
	}
	db := sql.OpenDB(connector)
	db.SetMaxOpenConns(conns)
	db.SetMaxIdleConns(conns)
	return db, nil
}

// upgrade brings the schema up to date. A command of a newer version must not do
// so beside a server that does not know the new schema.
func (s *Store) upgrade(steps []string, dir string, random io.Reader) error {
	version, err := schemaVersion(s.life, s.write)
	if err != nil {
		return err
	}
	if s.beside && 0 < version && version < len(steps) {
		lock, err := openLock(dir)
		if err != nil {
			return err
		}
		defer lock.Close()
		if err := lockFile(lock); err != nil {
			return err
		}
	}
	if err := migrate(s.life, s.write, steps, random); err != nil {
		return err
	}
	if s.beside {
		return nil
	}
	_, err = s.write.ExecContext(s.life, "DELETE FROM changes") // the server loads everything
	return err
}

func (s *Store) prepareStatements() (err error) {
	for i, text := range statementTexts() {
		if s.statements[i], err = s.write.Prepare(text); err != nil {
			return err
		}
	}
	s.page, err = s.read.Prepare(pageText)
	return err
}

// Close commits what is queued, ends reads, and lets others have the folder.
// It waits for all of that; a second Close for the first.
func (s *Store) Close() error {
	s.once.Do(func() {
		s.mu.Lock()
		s.closed = true
		s.mu.Unlock()
		close(s.queue) // nobody sends who has seen closed
		<-s.stopped
		s.endLife()
		s.reading.Wait()
		_, err := s.write.Exec("PRAGMA wal_checkpoint(PASSIVE)")
		s.err = errors.Join(classify(err), s.closeFiles())
	})
	return s.err
}

// closeFiles closes what is open. Closing the last connection of all processes
// moves what is left in the write-ahead log into the file.
func (s *Store) closeFiles() error {
	var errs []error
	for _, db := range []*sql.DB{s.read, s.write} {
		if db != nil {
			errs = append(errs, db.Close()) // of the same one twice: nil
		}
	}
	if s.lock != nil {
		errs = append(errs, s.lock.Close())
	}
	return errors.Join(errs...)
}
