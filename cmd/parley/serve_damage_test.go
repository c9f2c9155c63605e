//go:build unix

package main

import (
	"bytes"
	"database/sql"
	"encoding/binary"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"parley/protocol"
	"parley/users/store"
)

// pageSize is that of the database.
const pageSize = 4096

// damagedFolder returns a data folder with an account and something that was said, and a backup
// of it.
func damagedFolder(t *testing.T) (dir, backup string) {
	t.Helper()
	dir, backup = t.TempDir(), filepath.Join(t.TempDir(), "backup.db")
	userDoes(t, dir, secret, "alice has an account", "add", "alice")
	cmd, addr := startFrom(t, dir)
	alice := converse(t, addr)
	alice.send(protocol.Request{Verb: "login", Content: protocol.Content{Text: "alice"}, Password: secret, Extended: true, Ref: "login"})
	alice.answer("login")
	alice.say("kept")
	alice.answer("kept")
	mustDo(t, "up to number", "backup", backup, "--data", dir)
	_ = cmd.Process.Kill()
	_ = cmd.Wait()
	mustDo(t, "is sound", "check", dir)
	userDoes(t, dir, "", "alice", "list") // what is in the write-ahead log goes into the file
	return dir, backup
}

// overwrite puts bytes into a file where they are, which stays the same one.
func overwrite(t *testing.T, path string, content []byte) {
	t.Helper()
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_TRUNC, 0o600)
	if err == nil {
		_, err = f.Write(content)
	}
	if err == nil {
		err = f.Close()
	}
	if err != nil {
		t.Fatal(err)
	}
}

// A database that cannot be used is left as it is by whoever meets it at its start, and what
// can be done is said; a backup helps.
func TestServeWithADatabaseThatCannotBeUsed(t *testing.T) {
	dir, backup := damagedFolder(t)
	path := store.Database(dir)
	whole, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	damage := []string{"the database file is damaged", "parley check " + dir, "parley restore FILE --data " + dir + " --replace"}
	over := func(at, n int, b byte) []byte {
		return slices.Concat(whole[:at], bytes.Repeat([]byte{b}, n), whole[at+n:])
	}
	newer := slices.Clone(whole)
	binary.BigEndian.PutUint32(newer[60:], 9999) // user_version: https://www.sqlite.org/fileformat2.html#the_database_header
	for name, tt := range map[string]struct {
		content []byte
		says    []string
	}{
		"the header is destroyed":     {over(0, 100, 'Z'), damage},
		"the first page is":           {over(100, pageSize-100, 'Z'), damage},
		"all but the first page is":   {over(pageSize, len(whole)-pageSize, 0), damage},
		"half of it":                  {whole[:len(whole)/2], damage},
		"a part of its header":        {whole[:50], damage},
		"nothing of it":               {nil, append(damage, "it is empty, and had all that was kept up to number ")},
		"no database":                 {bytes.Repeat([]byte("a list of what to buy\n"), 500), damage},
		"of a newer version":          {newer, []string{"belongs to a newer version", "Nothing is changed. Use the version of parley that has written it"}},
		"none of this program at all": {foreignDatabase(t), []string{"a database of another program", "Is that the folder of your server? See --data"}},
	} {
		overwrite(t, path, tt.content)
		for _, args := range [][]string{{"serve", "--listen", "127.0.0.1:0"}, {"user", "list"}} {
			status, says := does(t, append(args, "--data", dir)...)
			for _, want := range tt.says {
				if status != exitRefused || !strings.Contains(says, want) {
					t.Errorf("%s: parley %s: exit status %d, %q; want %q", name, args[0], status, says, want)
				}
			}
		}
		if now, err := os.ReadFile(path); err != nil || !bytes.Equal(now, tt.content) {
			t.Errorf("%s: it is not left as it is (%v)", name, err)
		}
		mustDo(t, "has all that the backup has", "restore", backup, "--data", dir, "--replace")
		userDoes(t, dir, "", "alice", "list")
		overwrite(t, path, whole) // as the mark has it
		userDoes(t, dir, "", "alice", "list")
	}
}

// A damaged write-ahead log ends where the damage is, and nothing in it says that there was more:
// the mark does. Nobody goes on without what was acknowledged, and what is left of it stays; until
// there is a backup, or the owner says so.
func TestServeWithADamagedLog(t *testing.T) {
	for name, damage := range map[string]func(dir string) error{
		"a byte of it has changed": func(dir string) error {
			f, err := os.OpenFile(store.Database(dir)+"-wal", os.O_WRONLY, 0)
			if err == nil {
				_, err = f.WriteAt([]byte{0x55}, 300)
			}
			return errors.Join(err, f.Close())
		},
		"it is cut": func(dir string) error { return os.Truncate(store.Database(dir)+"-wal", 4000) },
		"it and its index are gone": func(dir string) error {
			return errors.Join(os.Remove(store.Database(dir)+"-wal"), os.Remove(store.Database(dir)+"-shm"))
		},
	} {
		t.Run(name, func(t *testing.T) {
			dir, number := killedFolder(t)
			if err := damage(dir); err != nil {
				t.Fatal(err)
			}
			left, _ := os.ReadFile(store.Database(dir) + "-wal")
			mark, err := os.ReadFile(store.MarkFile(dir))
			if err != nil {
				t.Fatal(err)
			}
			says := []string{"it ends with number ", fmt.Sprintf("and number %d of ", number), "was kept in it", "parley restore FILE ", "parley.mark"}
			for _, args := range [][]string{{"check", dir}, {"serve", "--listen", "127.0.0.1:0", "--data", dir}, {"user", "list", "--data", dir}, {"backup", filepath.Join(t.TempDir(), "backup.db"), "--data", dir}} {
				status, said := does(t, args...)
				for _, want := range says {
					if status != exitRefused || !strings.Contains(said, want) {
						t.Errorf("parley %s: exit status %d, %q; want %q", args[0], status, said, want)
					}
				}
			}
			nowLeft, _ := os.ReadFile(store.Database(dir) + "-wal")
			if now, err := os.ReadFile(store.MarkFile(dir)); err != nil || !bytes.Equal(now, mark) || !bytes.Equal(nowLeft, left) {
				t.Errorf("what is left is not as it was (%v)", err)
			}
			if err := os.Remove(store.MarkFile(dir)); err != nil {
				t.Fatal(err)
			}
			serveFrom(t, dir)
			mustDo(t, "is sound", "check", dir)
		})
	}
}

// Without waiting for the disk a loss of power may take the newest away. Whoever opens the folder next
// says so, and goes on.
func TestWhatIsLostWithoutSync(t *testing.T) {
	lose := func() (dir, says string) {
		dir, number := killedFolder(t, "--sync", "none")
		if err := os.Truncate(store.Database(dir)+"-wal", 4000); err != nil {
			t.Fatal(err)
		}
		return dir, fmt.Sprintf("it ends with number 0, and number %d of ", number)
	}
	dir, says := lose()
	s := serveLogging(t, "--data", dir, "--sync", "none")
	if line := s.until("what was kept last is lost"); !strings.Contains(line, says) || !strings.Contains(line, "ERROR") {
		t.Errorf("it says %s; want %s", line, says)
	}
	s.until("listening on ")
	s.signal(syscall.SIGTERM)
	for range s.lines { // until it has ended
	}
	if err := s.end(); err != nil {
		t.Error(err)
	}
	dir, says = lose()
	mustDo(t, says, "user", "list", "--data", dir)
}

// killedFolder returns a data folder whose server was killed right behind what it has acknowledged,
// and the number of that.
func killedFolder(t *testing.T, flags ...string) (dir string, number uint64) {
	t.Helper()
	dir = filepath.Join(t.TempDir(), "data")
	cmd, addr := startFrom(t, dir, flags...)
	for late := time.Now().Add(deadline); ; time.Sleep(10 * time.Millisecond) { // the log is emptied once behind the start, and not again while this goes on
		if info, err := os.Stat(store.Database(dir) + "-wal"); err == nil && info.Size() == 0 {
			break
		}
		if time.Now().After(late) {
			t.Fatal("the write-ahead log is not emptied")
		}
	}
	alice := converse(t, addr)
	alice.send(protocol.Request{Verb: "login", Content: protocol.Content{Text: "alice"}, Password: secret, Register: true, Extended: true, Ref: "login"})
	alice.answer("login")
	for i := range 8 {
		alice.say(fmt.Sprint(i))
		number = alice.answer(fmt.Sprint(i)).ID
	}
	_ = cmd.Process.Kill()
	_ = cmd.Wait()
	if !strings.HasPrefix(mustDo(t, "is sound", "check", dir), store.Database(dir)) || number == 0 {
		t.Fatalf("the number is %d", number)
	}
	return dir, number
}

// foreignDatabase returns one that another program has made.
func foreignDatabase(t *testing.T) []byte {
	t.Helper()
	path := filepath.Join(t.TempDir(), "other.db")
	db, err := sql.Open("sqlite", path)
	if err == nil {
		_, err = db.Exec("CREATE TABLE purchases (what)")
	}
	if err == nil {
		err = db.Close()
	}
	content, readErr := os.ReadFile(path)
	if err != nil || readErr != nil {
		t.Fatal(err, readErr)
	}
	return content
}

// Damage that is met only when something is read or kept is said, once, with what to do. The
// server goes on while it can keep what is said; what it cannot keep it tells to nobody, and ends.
func TestServeMeetsDamage(t *testing.T) {
	for where, ends := range map[string]bool{"words_data": false, "messages_by_room": true} {
		t.Run(where, func(t *testing.T) {
			dir, _ := damagedFolder(t)
			path := store.Database(dir)
			root := rootOf(t, path, where)
			content, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			clear(content[(root-1)*pageSize : root*pageSize])
			overwrite(t, path, content)
			s := serveLogging(t, "--data", dir)
			_, addr, _ := strings.Cut(s.until("listening on "), "listening on ")
			bob := converse(t, addr)
			bob.send(protocol.Request{Verb: "login", Content: protocol.Content{Text: "bob"}, Extended: true, Ref: "login"})
			bob.answer("login")
			if ends {
				bob.say("lost")
			} else {
				for _, ref := range []string{"one", "two"} {
					bob.send(protocol.Request{Verb: "search", Content: protocol.Content{Text: "kept"}, Ref: ref})
					bob.answer(ref)
				}
			}
			line := s.until("the database is damaged")
			for _, want := range []string{"parley check " + dir, "parley restore FILE --data " + dir + " --replace"} {
				if !strings.Contains(line, want) {
					t.Errorf("the log lacks %q: %s", want, line)
				}
			}
			if ends {
				for r := range bob.came {
					if r.Ref == "lost" || r.Content == "lost" {
						t.Errorf("what cannot be kept is told: %+v", r)
					}
				}
				s.until("the server ends because what was said cannot be kept in a database that is damaged")
			} else {
				bob.say("said")
				if got := bob.answer("said"); got.Event != protocol.EventAccepted {
					t.Errorf("a message is answered with %+v", got)
				}
				s.signal(syscall.SIGTERM)
			}
			for line := range s.lines {
				if strings.Contains(line, "the database is damaged") || strings.Contains(line, "please report this") {
					t.Errorf("the log has %s", line)
				}
			}
			if err := s.end(); (err != nil) != ends {
				t.Errorf("it ends with %v", err)
			}
		})
	}
}

// rootOf returns the number of the first page of a table or an index.
func rootOf(t *testing.T, path, name string) (page int) {
	t.Helper()
	db, err := sql.Open("sqlite", path)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	if err := db.QueryRow("SELECT rootpage FROM sqlite_schema WHERE name = ?", name).Scan(&page); err != nil || page < 2 {
		t.Fatal(page, err)
	}
	return page
}
