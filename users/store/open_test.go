package store

import (
	"bytes"
	"context"
	"crypto/rand"
	"database/sql"
	"errors"
	"log/slog"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"testing/iotest"

	"parley/users/rooms"
)

// inFile runs statements on the file of a folder that is not open.
func inFile(t *testing.T, dir string, statements ...string) {
	t.Helper()
	db, err := sql.Open("sqlite", filepath.Join(dir, fileName))
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	for _, statement := range statements {
		if _, err := db.Exec(statement); err != nil {
			t.Fatal(err)
		}
	}
}

func mustFail(t *testing.T, dir string, want error) {
	t.Helper()
	for _, open := range []func() (*Store, error){
		func() (*Store, error) { return Open(dir, rand.Reader) },
		func() (*Store, error) { return OpenBeside(dir, rand.Reader) },
	} {
		s, err := open()
		if err == nil {
			mustClose(t, s)
		}
		if !errors.Is(err, want) || !strings.Contains(err.Error(), dir) {
			t.Errorf("got %v, want %v", err, want)
		}
	}
}

func TestReopen(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "a b%20?#é", "deep")
	s := mustOpen(t, dir)
	name := mustLoad(t, s).Log
	mustWrite(t, s.say(1, "r1"), s.register(account("bob")))
	mustClose(t, s)
	if runtime.GOOS != "windows" {
		for path, want := range map[string]os.FileMode{dir: 0o700, filepath.Join(dir, fileName): 0o600, filepath.Join(dir, lockName): 0o600} {
			if info, err := os.Stat(path); err != nil || info.Mode().Perm() != want {
				t.Errorf("%s: %v %v", path, info.Mode(), err)
			}
		}
	}
	s = mustOpen(t, dir)
	state := mustLoad(t, s)
	same(t, "log, last", []any{state.Log, state.Last}, []any{name, uint64(1)})
	mustRefuse(t, s.say(2, "r1"), &DuplicateError{1})
	other := mustLoad(t, mustOpen(t, t.TempDir())).Log
	if other == name {
		t.Error("two logs of one name")
	}
}

func TestWritesAreSafe(t *testing.T) {
	s := mustOpen(t, t.TempDir())
	for pragma, want := range map[string]string{"journal_mode": "wal", "synchronous": "2", "foreign_keys": "1"} {
		var got string
		if err := s.write.QueryRow("PRAGMA " + pragma).Scan(&got); err != nil || got != want {
			t.Errorf("%s is %s: %v", pragma, got, err)
		}
	}
	if _, err := s.read.Exec("DELETE FROM messages"); !errors.Is(classify(err), ErrReadOnly) {
		t.Error("a reader may write:", err)
	}
}

func TestMemoryKeepsNothing(t *testing.T) {
	t.Chdir(t.TempDir())
	s := mustOpen(t, Memory)
	mustWrite(t, s.say(1, ""))
	same(t, "another's last", mustLoad(t, mustOpen(t, Memory)).Last, 0)
	if _, err := OpenBeside(Memory, rand.Reader); err == nil {
		t.Error("opened beside what is in memory")
	}
	if files, err := os.ReadDir("."); err != nil || len(files) > 0 {
		t.Error(files, err)
	}
}

func TestFileThatIsNotOurs(t *testing.T) {
	dir := t.TempDir()
	inFile(t, dir, "CREATE TABLE recipes (x)")
	mustFail(t, dir, ErrForeign)
	dir = t.TempDir()
	inFile(t, dir, "PRAGMA application_id = 7", "PRAGMA user_version = 1")
	mustFail(t, dir, ErrForeign)
}

func TestFileOfANewerVersion(t *testing.T) {
	dir := t.TempDir()
	mustClose(t, mustOpen(t, dir))
	inFile(t, dir, "PRAGMA user_version = 99")
	mustFail(t, dir, ErrVersion)
}

func TestDamagedFile(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, fileName)
	if err := os.WriteFile(path, bytes.Repeat([]byte("garbage "), 1024), 0o600); err != nil {
		t.Fatal(err)
	}
	mustFail(t, dir, ErrCorrupt)

	dir = t.TempDir()
	path = filepath.Join(dir, fileName)
	s := mustOpen(t, dir)
	for id := uint64(1); id <= 1000; id++ {
		if err := s.AppendMessage(message(id), "", nil); err != nil {
			t.Fatal(err)
		}
	}
	mustClose(t, s)
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	const page = 4096
	for at := page; at < len(data); at += page { // all but the schema
		copy(data[at:], bytes.Repeat([]byte{0xff}, 64))
	}
	if err := os.WriteFile(path, data, 0o600); err != nil {
		t.Fatal(err)
	}
	s, err = Open(dir, rand.Reader)
	if err == nil {
		_, err = s.Load(context.Background())
		mustClose(t, s)
	}
	if !errors.Is(err, ErrCorrupt) {
		t.Error(err)
	}
}

func TestMigrate(t *testing.T) {
	ctx := context.Background()
	steps, err := migrations()
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	s := mustOpen(t, dir)
	mustWrite(t, s.say(1, ""))
	mustClose(t, s)
	db, err := openDB(filepath.Join(dir, fileName), 1, "_txlock=immediate")
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()

	broken := append(steps[:len(steps):len(steps)], "CREATE TABLE more (x)", "CREATE TABLE more (x)")
	if err := migrate(ctx, db, broken, rand.Reader); err == nil {
		t.Fatal("a step failed, the whole did not")
	}
	version, err := schemaVersion(ctx, db)
	if err != nil || version != len(steps) {
		t.Fatal("half a migration is there:", version, err)
	}
	more := append(steps[:len(steps):len(steps)], "ALTER TABLE messages ADD COLUMN room TEXT")
	for range 2 {
		if err := migrate(ctx, db, more, rand.Reader); err != nil {
			t.Fatal(err)
		}
	}
	var rooms int
	if err := db.QueryRow("SELECT count(*) FROM messages WHERE room IS NULL").Scan(&rooms); err != nil || rooms != 1 {
		t.Fatal(rooms, err)
	}
	mustFail(t, dir, ErrVersion)
}

// TestRequestsOfTheFirstSchema has a file of the first version: what its requests asked
// for is not known.
func TestRequestsOfTheFirstSchema(t *testing.T) {
	steps, err := migrations()
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	db, err := openDB(filepath.Join(dir, fileName), 1, "_txlock=immediate")
	if err != nil {
		t.Fatal(err)
	}
	if err := migrate(context.Background(), db, steps[:1], rand.Reader); err != nil {
		t.Fatal(err)
	}
	if _, err := db.Exec("INSERT INTO requests (sender, request, id, time) VALUES ('alice', 'r1', 1, ?)", noon.UnixNano()); err != nil {
		t.Fatal(err)
	}
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	s := mustOpen(t, dir)
	mustRefuse(t, s.say(2, "r1"), &DuplicateError{1})
	mustWrite(t, s.say(2, "r2"))
	same(t, "requests", mustLoad(t, s).Requests, []Request{
		{"alice", "r1", 0, 1, noon},
		{"alice", "r2", rooms.Digest("", message(2).Text), 2, message(2).Time},
	})
}

// TestIDsAfterARestart has the log of a server that was started again know what was
// asked for under an id.
func TestIDsAfterARestart(t *testing.T) {
	dir := t.TempDir()
	s := mustOpen(t, dir)
	mustWrite(t, s.say(1, "r1"))
	mustClose(t, s)
	s = mustOpen(t, dir)
	keeper := &Keeper{Store: s, Post: func(f func()) { f() }, Log: slog.New(slog.DiscardHandler)}
	log, err := keeper.OpenLog(context.Background(), mustLoad(t, s), 10)
	if err != nil {
		t.Fatal(err)
	}
	say := func(text string) (rooms.Message, bool, error) {
		return log.Append(rooms.Message{Time: noon, Sender: "ALICE", Text: text}, "r1", func(rooms.Message, error) {})
	}
	if _, _, err := say("FIRE!"); !errors.Is(err, rooms.ErrReused) {
		t.Errorf("another text: got %v, want %v", err, rooms.ErrReused)
	}
	if m, fresh, err := say(message(1).Text); m.ID != 1 || fresh || err != nil {
		t.Errorf("the same text: number %d, fresh: %v, %v", m.ID, fresh, err)
	}
}

// TestNoRandomness wants an error and no folder that is half made.
func TestNoRandomness(t *testing.T) {
	dir := t.TempDir()
	none := errors.New("none")
	if _, err := Open(dir, iotest.ErrReader(none)); !errors.Is(err, none) {
		t.Error(err)
	}
	s, err := Open(dir, strings.NewReader("0123456789abcdef"))
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	same(t, "log", mustLoad(t, s).Log, "GAYTEMZUGU3DOOBZMFRGGZDFMY")
}

func TestFolderThatCannotBeMade(t *testing.T) {
	file := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := Open(filepath.Join(file, "data"), rand.Reader); err == nil {
		t.Error("opened a folder in a file")
	}
}
