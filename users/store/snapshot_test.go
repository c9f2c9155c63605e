package store

import (
	"bytes"
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"testing"

	"parley/users"
	"parley/users/state"
)

// talk keeps one message after the other of somebody who has an account, and tells which are
// safe, until it is killed.
func talk(s *Store) error {
	rows := state.Rows{Accounts: []state.AccountRow{{Account: account("alice")}}, Time: noon, Count: 1}
	for last := uint64(1); ; last++ {
		if err := s.Commit(&rows); err != nil {
			return err
		}
		fmt.Println(last - 1)
		rows = said(last)
		rows.Count = 1
	}
}

// sums are those of all files of a folder.
func sums(t *testing.T, dir string) map[string][32]byte {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(dir, "*"))
	if err != nil {
		t.Fatal(err)
	}
	all := make(map[string][32]byte)
	for _, file := range files {
		content, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		all[filepath.Base(file)] = sha256.Sum256(content)
	}
	return all
}

func mustBackup(t *testing.T, dir string) (file string, s Summary) {
	t.Helper()
	file = filepath.Join(t.TempDir(), "backup.db")
	s, err := Backup(t.Context(), dir, file, false)
	if err != nil {
		t.Fatal(err)
	}
	return file, s
}

func mustRestore(t *testing.T, file, dir string, replace bool) Summary {
	t.Helper()
	s, faults, err := Restore(t.Context(), file, dir, replace)
	if err != nil || len(faults) > 0 {
		t.Fatal(err, faults)
	}
	return s
}

func mustCheck(t *testing.T, path string) (Summary, []Fault) {
	t.Helper()
	s, faults, err := Check(t.Context(), path)
	if err != nil {
		t.Fatal(err)
	}
	return s, faults
}

// While another process commits as fast as it can, a backup has all that was safe before it,
// up to the number that it says, and nothing behind that.
func TestBackupWhileAServerCommits(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "data")
	server := start(t, "talk", dir)
	safe := 0
	until := func(number int) {
		for safe < number {
			var err error
			if safe, err = strconv.Atoi(server.line(t)); err != nil {
				t.Fatal(err)
			}
		}
	}
	for i := range 3 {
		until(safe + 200)
		file, s := mustBackup(t, dir)
		if s.Last < uint64(safe) {
			t.Errorf("%d was safe before the backup, which ends with %d", safe, s.Last)
		}
		if _, faults := mustCheck(t, Database(dir)); len(faults) > 0 { // the one that is used
			t.Error(faults)
		}
		if info, err := os.Stat(file); err != nil || runtime.GOOS != "windows" && info.Mode().Perm() != 0o600 {
			t.Errorf("%v %v", info.Mode(), err)
		}
		if files := sums(t, filepath.Dir(file)); len(files) != 1 {
			t.Errorf("the backup is not one file: %v", files)
		}
		restored := filepath.Join(t.TempDir(), "data")
		same(t, "restored", mustRestore(t, file, restored, false).Last, s.Last)
		disk := mustOpen(t, restored)
		same(t, "last", mustLoad(t, disk).Last, s.Last)
		page, err := disk.Newest(t.Context(), state.Lobby, PageLimit)
		if err != nil || len(page) != min(int(s.Last), PageLimit) || page[len(page)-1].Number != s.Last {
			t.Errorf("backup %d: %d messages of %d: %v", i, len(page), s.Last, err)
		}
		for j, m := range page {
			if want := s.Last - uint64(len(page)-1-j); m.Number != want || m.Text != message(want).Text {
				t.Fatalf("message %d is %+v", want, m)
			}
		}
	}
	_ = server.cmd.Process.Kill()
	go func() { // or it waits for somebody who reads
		for server.out.Scan() {
		}
	}()
	_ = server.cmd.Wait()
	before := sums(t, dir)
	mustBackup(t, dir) // of what was killed, which is left to be repaired by the next server
	after := sums(t, dir)
	for _, name := range []string{fileName, fileName + "-wal", markName} {
		same(t, name+" after the backup", after[name], before[name])
	}
}

// What was removed is nowhere in a backup, also where it is still in the folder.
func TestWhatIsRemovedIsNotInABackup(t *testing.T) {
	s := newSecretive(t)
	s.store = mustOpen(t, s.dir)
	for range 10 {
		s.turn(60)
		file, _ := mustBackup(t, s.dir)
		s.check(filepath.Dir(file))
	}
}

// Wherever a backup is put, the log has a name of its own: numbers are given again.
func TestTheLogOfABackupHasAnotherName(t *testing.T) {
	dir := t.TempDir()
	s := mustOpen(t, dir)
	mustCommit(t, s, said(1, 2, 3))
	file, _ := mustBackup(t, dir)
	names := map[string]bool{s.LogName(): true}
	mustCommit(t, s, said(4))
	mustClose(t, s)
	for i, put := range []func(dir string){
		func(dir string) { mustRestore(t, file, dir, false) },
		func(dir string) { mustRestore(t, file, dir, false) },
		func(dir string) { copyFile(t, file, Database(dir)) },
		func(dir string) { // in a folder that is there, over what is there, by hand
			mustClose(t, mustOpen(t, dir))
			content, err := os.ReadFile(file)
			if err == nil {
				err = os.WriteFile(Database(dir), content, 0o600)
			}
			if err != nil {
				t.Fatal(err)
			}
			last, err := os.OpenFile(filepath.Join(dir, markName), os.O_WRONLY, 0)
			if err == nil {
				_, err = last.WriteAt(fmt.Appendf(nil, "%020d", 0), 0)
			}
			if err := errors.Join(err, last.Close()); err != nil {
				t.Fatal(err)
			}
		},
		func(again string) { // in the place of the newer one
			mustRestore(t, file, dir, true)
			for _, name := range []string{fileName, lockName} {
				copyFile(t, filepath.Join(dir, name), filepath.Join(again, name))
			}
		},
	} {
		dir := t.TempDir()
		put(dir)
		s := mustOpen(t, dir)
		if names[s.LogName()] {
			t.Errorf("restored in way %d: the log has a name that there was", i)
		}
		names[s.LogName()] = true
		same(t, "last", mustLoad(t, s).Last, 3)
		same(t, "number of messages", len(newest(t, s)), 3)
		mustClose(t, s)
	}
}

// What is there is put away only if that is asked for, and nothing of it is left.
func TestRestoreRefuses(t *testing.T) {
	from, dir := t.TempDir(), t.TempDir()
	s := mustOpen(t, from)
	mustCommit(t, s, said(1, 2, 3))
	file, _ := mustBackup(t, from)
	mustClose(t, s)
	damaged := filepath.Join(t.TempDir(), "damaged.db")
	if err := os.WriteFile(damaged, bytes.Repeat([]byte("damage"), 9999), 0o600); err != nil {
		t.Fatal(err)
	}
	s = mustOpen(t, dir)
	mustCommit(t, s, said(7, 8))
	refused := func(file string, replace bool, want error) {
		t.Helper()
		before := mustLoad(t, s)
		if _, faults, err := Restore(t.Context(), file, dir, replace); !errors.Is(err, want) || (err == nil) != (len(faults) > 0) {
			t.Errorf("%v, want %v; %v", err, want, faults)
		}
		same(t, "kept", mustLoad(t, s), before)
	}
	refused(file, false, ErrInUse)
	refused(file, true, ErrInUse)
	refused(damaged, true, nil)
	refused(file+".none", true, ErrNothing)
	refused(from, true, ErrNothing) // which is a folder
	wal, err := os.ReadFile(Database(dir) + "-wal")
	if err != nil {
		t.Fatal(err)
	}
	mustClose(t, s)
	if _, _, err := Restore(t.Context(), file, dir, false); !errors.Is(err, ErrData) {
		t.Error(err)
	}
	if _, _, err := Restore(t.Context(), Database(dir), dir, true); !errors.Is(err, ErrItself) {
		t.Error(err)
	}
	// After a kill the newest is in a log beside the database, which would go into another one.
	if err := os.WriteFile(Database(dir)+"-wal", wal, 0o600); err != nil {
		t.Fatal(err)
	}
	reader, err := openToRead(t.Context(), Database(dir)) // who keeps that log from being emptied
	if err != nil {
		t.Fatal(err)
	}
	defer reader.Close()
	tx, err := reader.Begin()
	if err != nil {
		t.Fatal(err)
	}
	defer tx.Rollback()
	if last, _, err := loadLast(t.Context(), tx); err != nil || last != 8 {
		t.Fatal(last, err)
	}
	mustRestore(t, file, dir, true)
	s = mustOpen(t, dir)
	same(t, "last", mustLoad(t, s).Last, 3)
	same(t, "number of messages", len(newest(t, s)), 3)
	for name := range sums(t, dir) {
		if strings.Contains(name, ".new") {
			t.Errorf("%s is left", name)
		}
	}
}

// A damaged database is replaced, whatever is in it.
func TestRestoreInPlaceOfADamagedDatabase(t *testing.T) {
	dir := t.TempDir()
	s := mustOpen(t, dir)
	mustCommit(t, s, said(1, 2, 3))
	file, _ := mustBackup(t, dir)
	mustClose(t, s)
	for _, content := range []string{"", "no database", strings.Repeat("damage", 9999)} {
		if err := os.WriteFile(Database(dir), []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
		mustRestore(t, file, dir, true)
		s := mustOpen(t, dir)
		same(t, "last", mustLoad(t, s).Last, 3)
		mustClose(t, s)
	}
}

// A backup is whole or not there, and takes nobody's place who is not asked for.
func TestBackupRefuses(t *testing.T) {
	dir, out := t.TempDir(), t.TempDir()
	s := mustOpen(t, dir)
	mustCommit(t, s, said(1, 2, 3))
	file := filepath.Join(out, "backup.db")
	try := func(dir, file string, replace bool, want error) {
		t.Helper()
		if _, err := Backup(t.Context(), dir, file, replace); !errors.Is(err, want) || err == nil {
			t.Errorf("%v, want %v", err, want)
		}
	}
	try(dir, Database(dir), true, ErrBeside)
	try(dir, filepath.Join(dir, "backup.db"), false, ErrBeside)
	try(t.TempDir(), file, false, ErrNothing)
	try(filepath.Join(out, "nowhere"), file, false, ErrNothing)
	try(dir, filepath.Join(out, "nowhere", "backup.db"), false, os.ErrNotExist)
	if err := os.WriteFile(file, []byte("yesterday's"), 0o600); err != nil {
		t.Fatal(err)
	}
	try(dir, file, false, ErrThere)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := Backup(ctx, dir, file, true); !errors.Is(err, context.Canceled) {
		t.Error(err)
	}
	if content, err := os.ReadFile(file); err != nil || string(content) != "yesterday's" {
		t.Errorf("%q %v", content, err)
	}
	if _, err := Backup(t.Context(), dir, file, true); err != nil {
		t.Error(err)
	}
	if files := sums(t, out); len(files) != 1 {
		t.Errorf("there are %v", files)
	}
	if s, faults := mustCheck(t, file); len(faults) > 0 || s.Last != 3 || s.Schema != s.Newest {
		t.Error(s, faults)
	}
}

// A page that is not what was written to it is found, whichever it is.
func TestCheckFindsDamagedPages(t *testing.T) {
	const page = 4096
	dir := t.TempDir()
	s := mustOpen(t, dir)
	rows := said(1)
	for number := uint64(2); number < 200; number++ {
		next := said(number)
		rows.Messages, rows.Requests, rows.Last = append(rows.Messages, next.Messages...), append(rows.Requests, next.Requests...), number
	}
	rows.Accounts = []state.AccountRow{{Account: account("alice")}}
	mustCommit(t, s, rows)
	file, _ := mustBackup(t, dir)
	whole, err := os.ReadFile(file)
	if err != nil || len(whole)%page != 0 || len(whole) < 40*page {
		t.Fatal(len(whole), err)
	}
	try := func(what string, content []byte) {
		if err := os.WriteFile(file, content, 0o600); err != nil {
			t.Fatal(err)
		}
		_, faults := mustCheck(t, file)
		if len(faults) == 0 {
			t.Errorf("with %s nothing is found", what)
		}
		for _, f := range faults {
			if !strings.HasPrefix(f.Words, "The ") || !strings.HasSuffix(f.Words, ".") || f.Advice == "" {
				t.Errorf("with %s it says %+v", what, f)
			}
		}
	}
	for at := 0; at < len(whole); at += page {
		damaged := bytes.Clone(whole)
		for i := range damaged[at : at+page] {
			damaged[at+i] ^= 0xa5
		}
		try(fmt.Sprintf("page %d flipped", at/page+1), damaged)
		if at > 0 {
			try(fmt.Sprintf("nothing behind page %d", at/page), whole[:at])
		}
	}
	try("a text in its place", []byte("# Shopping list\n"))
}

// Rows that contradict each other are found, each kind.
func TestCheckFindsContradictions(t *testing.T) {
	breaks := map[string]string{
		"messages have numbers behind":                 `INSERT INTO messages (id, time, sender, text) VALUES (9, 0, 'alice', 'x')`,
		"direct messages have numbers behind":          `INSERT INTO directs (id, time, from_person, from_name, to_person, to_name, text) VALUES (9, 0, 'alice', 'alice', 'alice', 'alice', 'x')`,
		"messages have the same number as a":           `INSERT INTO directs (id, time, from_person, from_name, to_person, to_name, text) VALUES (2, 0, 'alice', 'alice', 'alice', 'alice', 'x')`,
		"messages were changed under":                  `UPDATE messages SET changed = 9 WHERE id = 2`,
		"direct messages were changed under":           `UPDATE directs SET changed = 9`,
		"changes have a number":                        `INSERT INTO changes (number, message) VALUES (9, 1)`,
		"requests have created":                        `INSERT INTO requests (serial, person, request, digest, number, time) VALUES (9, 'alice', 'r9', 0, 9, 0)`,
		"accounts were registered under":               `UPDATE accounts SET number = 9`,
		"accounts are kept under a name":               `UPDATE accounts SET shown = 'Alicia'`,
		"direct messages are for people":               `UPDATE directs SET to_person = 'zoe'`,
		"people of whom there is no account have seen": `INSERT INTO cursors VALUES ('zoe', 1)`,
		"people have seen direct messages that were":   `INSERT INTO cursors VALUES ('alice', 9)`,
		"people of whom there is no account have read": `INSERT INTO read_cursors VALUES ('zoe', 'lobby', '', 1)`,
		"people block others":                          `INSERT INTO blocks VALUES ('zoe', 'alice', 'alice')`,
		"rooms are of owners":                          `INSERT INTO rooms (name, number, owner, owner_name, private, key_hash, topic, topic_name) VALUES ('den', 1, 'zoe', 'zoe', 0, '', '', '')`,
		"rooms were made under":                        `INSERT INTO rooms (name, number, owner, owner_name, private, key_hash, topic, topic_name) VALUES ('den', 9, '', '', 0, '', '', '')`,
		"people are in rooms that there":               `INSERT INTO members (room, person, since) VALUES ('den', 'alice', 1)`,
		"people are in rooms of whom":                  `INSERT INTO rooms (name, number, owner, owner_name, private, key_hash, topic, topic_name) VALUES ('den', 1, '', '', 0, '', '', ''); INSERT INTO members (room, person, since) VALUES ('DEN', 'zoe', 1)`,
		"people are invited":                           `INSERT INTO room_invitations VALUES ('den', 'alice', 'bob')`,
		"people are banned or muted":                   `INSERT INTO sanctions VALUES ('den', 'ban', 'alice', 0, 'alice', 'alice', 'bob', '', 0, 0)`,
		"hooks have a name":                            `INSERT INTO hooks (name, shown, room, token, made) VALUES ('zoehook', 'zoeHook', 'lobby', 't', 0)`,
		"hooks have, or have sent":                     `INSERT INTO hooks (name, shown, room, token, made, url, sent) VALUES ('alice', 'alice', 'lobby', '', 0, 'http://localhost/', 9)`,
		"reactions are to messages":                    `INSERT INTO reactions VALUES (2222, 1, 'ok', 'alice', 'alice')`,
		"older texts are of":                           `INSERT INTO old_texts VALUES (2222, 1, 0, 'x')`,
		"words are indexed of messages":                `UPDATE words_range SET up_to = 9`,
		"the index of words ends":                      `UPDATE words_range SET behind = 9`,
		"it is not known which words":                  `DELETE FROM words_range`,
	}
	if len(breaks) != len(rules) {
		t.Errorf("%d rules, and %d are broken here", len(rules), len(breaks))
	}
	for words, statement := range breaks {
		t.Run(words, func(t *testing.T) {
			dir := t.TempDir()
			s := mustOpen(t, dir)
			d := direct(3, "alice", "alice")
			mustCommit(t, s, said(1, 2), state.Rows{Last: 3, Time: noon, Accounts: []state.AccountRow{{Account: account("Alice")}}, Directs: []state.Direct{d}})
			mustClose(t, s)
			if _, faults := mustCheck(t, Database(dir)); len(faults) > 0 {
				t.Fatal(faults)
			}
			inFile(t, dir, statement)
			_, faults := mustCheck(t, Database(dir))
			if len(faults) != 1 || !strings.HasPrefix(faults[0].Words, "Rows contradict each other: "+words) {
				t.Errorf("got %q", faults)
			}
		})
	}
}

// An account whose name nobody can have, a file that is another program's or of a newer
// version of this one, and one without its numbers are told apart.
func TestCheckFindsWhatIsNotOurs(t *testing.T) {
	for says, statement := range map[string]string{
		"another program":                   `PRAGMA application_id = 7`,
		"newer version":                     `PRAGMA user_version = 99`,
		"damaged: the last number":          `DELETE FROM facts WHERE name = 'last'`,
		"damaged: the log's time":           `UPDATE facts SET value = 'noon' WHERE name = 'time'`,
		`The account "a b" has a name that`: `INSERT INTO accounts (name, shown, hash, registered, last_seen) VALUES ('a b', 'a b', '', 0, 0)`,
	} {
		dir := t.TempDir()
		mustClose(t, mustOpen(t, dir))
		inFile(t, dir, statement)
		_, faults := mustCheck(t, Database(dir))
		if len(faults) != 1 || !strings.Contains(faults[0].Words, says) {
			t.Errorf("got %q, want %q", faults, says)
		}
	}
	dir := t.TempDir()
	if err := os.WriteFile(Database(dir), nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if _, _, err := Check(t.Context(), Database(dir)); !errors.Is(err, ErrNothing) {
		t.Error(err)
	}
}

// What an older version of this program has left can be checked and kept, and is upgraded
// where it is put back.
func TestBackupOfAnOlderVersion(t *testing.T) {
	steps, err := migrations()
	if err != nil {
		t.Fatal(err)
	}
	for version := 1; version < len(steps); version++ {
		dir, restored := t.TempDir(), t.TempDir()
		inFile(t, dir, steps[:version]...)
		inFile(t, dir, fmt.Sprintf("PRAGMA application_id = %d; PRAGMA user_version = %d", applicationID, version))
		file, s := mustBackup(t, dir)
		same(t, "schema", s.Schema, version)
		if _, faults := mustCheck(t, file); len(faults) > 0 {
			t.Error(faults)
		}
		mustRestore(t, file, restored, false)
		same(t, "accounts", mustLoad(t, mustOpen(t, restored)).Accounts, []users.Account(nil))
	}
}

// Paths may be those that one types in the folder where one is.
func TestBackupAtRelativePaths(t *testing.T) {
	t.Chdir(t.TempDir())
	s := mustOpen(t, "data")
	mustCommit(t, s, said(1, 2, 3))
	back, err := Backup(t.Context(), "data", "backup.db", false)
	if err != nil {
		t.Fatal(err)
	}
	mustClose(t, s)
	checked, faults := mustCheck(t, "backup.db")
	if len(faults) > 0 {
		t.Error(faults)
	}
	restored := mustRestore(t, "backup.db", "data", true)
	if back.Last != 3 || checked.Last != 3 || restored.Last != 3 {
		t.Errorf("the last number is %d in the backup, %d when it is checked, %d when it is restored", back.Last, checked.Last, restored.Last)
	}
	mustClose(t, mustOpen(t, "data"))
}
