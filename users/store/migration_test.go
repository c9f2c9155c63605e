package store

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"testing"
	"time"

	"parley/users"
	"parley/users/state"
)

// TestMigration opens files that the programs of the older schemas made: Alice and Bob
// have accounts, Eve is a guest whom Alice has blocked; the three said five things to all
// and three to Bob, who was not there; somebody guessed at Bob's password.
func TestMigration(t *testing.T) {
	for file, log := range map[string]string{"schema1.db": "FTJE6UR4IUWFYPK6ZAEL2MZNAM", "schema2.db": "BVTDLN6IIGNAQORRCX5C3FCM3I"} {
		t.Run(file, func(t *testing.T) {
			dir := t.TempDir()
			copyFile(t, filepath.Join("testdata", file), filepath.Join(dir, fileName))
			var first state.Kept
			for i := range 2 { // the second time there is nothing to do
				s := mustOpen(t, dir)
				same(t, "log", s.LogName(), log)
				testMigrated(t, s, file == "schema2.db")
				if i == 0 {
					first = mustLoad(t, s)
				}
				same(t, "kept", mustLoad(t, s), first)
				mustClose(t, s)
			}
		})
	}
}

func testMigrated(t *testing.T, s *Store, digests bool) {
	t.Helper()
	const gap = 1 << 16
	kept := mustLoad(t, s)
	same(t, "last", kept.Last, 5+gap+3)
	messages := newest(t, s)
	var texts []string
	for i, m := range messages {
		same(t, "number", m.Number, uint64(i+1))
		same(t, "room", m.Room, state.Lobby)
		texts = append(texts, m.Sender+": "+m.Text)
	}
	same(t, "messages", texts, []string{"Alice: hello", "Alice: two\nlines é 漢", "Eve: from a guest", "Bob: no id", "Alice: last"})
	same(t, "time", kept.Time, messages[4].Time)

	directs, err := s.DirectsAfter(context.Background(), "bob", 5+gap, 1000)
	if err != nil {
		t.Fatal(err)
	}
	for i := range directs {
		if since := kept.Time.Sub(directs[i].Time); since <= 0 || since > time.Minute {
			t.Errorf("the time of %v", directs[i])
		}
		directs[i].Time = time.Time{}
	}
	same(t, "directs", directs, []state.Direct{
		{Number: 6 + gap, Sender: "Alice", From: "alice", To: "Bob", Person: "bob", Text: "psst 1"},
		{Number: 7 + gap, Sender: "Eve", From: "~~eve", To: "Bob", Person: "bob", Text: "psst 2"},
		{Number: 8 + gap, Sender: "Alice", From: "alice", To: "Bob", Person: "bob", Text: "psst 3"},
	})
	same(t, "unseen", kept.Unseen, []state.Unseen{
		{Number: 6 + gap, From: "alice", Person: "bob"}, {Number: 7 + gap, From: "~~eve", Person: "bob"}, {Number: 8 + gap, From: "alice", Person: "bob"},
	})
	same(t, "guests", kept.Guests, []string{"~~eve"})

	ids := map[string]uint64{}
	for _, r := range kept.Requests {
		same(t, "person", r.Person, "alice")
		ids[r.ID] = r.Number
		if want := state.Digest("", messages[r.Number-1].Text); digests && r.ID != "d1" && r.Digest != want || !digests && r.Digest != 0 {
			t.Errorf("request %v, want the digest %d", r, want)
		}
	}
	same(t, "requests", ids, map[string]uint64{"m1": 1, "m2": 2, "d1": 1, "m3": 5})
	same(t, "accounts", []string{kept.Accounts[0].Name, kept.Accounts[1].Name}, []string{"Alice", "Bob"})
	same(t, "block", kept.Blocks[0].Blocker+" "+kept.Blocks[0].Blocked, "Alice Eve")
	same(t, "login blocks", len(kept.Lockouts), 2)
	same(t, "failures", kept.Lockouts[1].Failures, 2)
}

// TestMigrationOfSchema3 opens a file that the program of that schema made: of the same
// three, but Bob has written to Alice, too, who has seen it.
func TestMigrationOfSchema3(t *testing.T) {
	dir := t.TempDir()
	copyFile(t, filepath.Join("testdata", "schema3.db"), filepath.Join(dir, fileName))
	markAsItWas(t, dir, 9)
	s := mustOpen(t, dir)
	kept := mustLoad(t, s)
	same(t, "log", s.LogName(), "3JB5PIP5HE7L4O74SSCFBMUMC4")
	const eve = "~4afd4c2624c9ddebe9dbd4514f59d2d4"
	var requests []string
	for _, r := range kept.Requests {
		requests = append(requests, fmt.Sprint(r.Person, " ", r.ID, " ", r.Number))
	}
	same(t, "requests", requests, []string{"alice m1 1", "alice m2 2", eve + " e1 3", "alice m3 6", "alice d1 7"})
	same(t, "digest", kept.Requests[0].Digest, state.Digest("", "hello"))
	same(t, "accounts", []string{kept.Accounts[0].Name, kept.Accounts[1].Name}, []string{"Alice", "Bob"})
	same(t, "failures", kept.Lockouts[0].Failures, 2)
	kept.Time, kept.Requests, kept.Accounts, kept.Lockouts = time.Time{}, nil, nil, nil
	same(t, "kept", kept, state.Kept{
		Last: 9, Blocks: []users.Block{{Blocker: "Alice", Blocked: "Eve"}}, Cursors: []state.Cursor{{Person: "alice", Number: 5}},
		Unseen: []state.Unseen{{Number: 7, From: "alice", Person: "bob"}, {Number: 8, From: eve, Person: "bob"}, {Number: 9, From: "alice", Person: "bob"}},
		Guests: []string{eve},
	})
	var texts []string
	for _, m := range newest(t, s) {
		texts = append(texts, fmt.Sprint(m.Number, " ", m.Sender, ": ", m.Text))
	}
	same(t, "messages", texts, []string{"1 Alice: hello", "2 Alice: two\nlines é 漢", "3 Eve: from a guest", "4 Bob: no id", "6 Alice: last"})
	same(t, "directs", directsOf(t, s, "alice", 0), []uint64{5, 7, 9})
	mustCommit(t, s, state.Rows{Rooms: []state.RoomRow{{Room: state.Room{Name: "Den", Number: 9, Owner: "alice"}}}, Last: 9, Time: noon})
	before := mustLoad(t, s)
	mustClose(t, s)
	same(t, "kept", mustLoad(t, mustOpen(t, dir)), before)
}

// markAsItWas puts a mark beside a file, as if it had been there all the time.
func markAsItWas(t *testing.T, dir string, last uint64) {
	t.Helper()
	m, _, err := openMark(dir, last)
	if err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(m.begin(last), m.close()); err != nil {
		t.Fatal(err)
	}
}

// TestMigrateAllOrNothing has a step that fails behind one that does not.
func TestMigrateAllOrNothing(t *testing.T) {
	ctx := context.Background()
	steps, err := migrations()
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	mustClose(t, mustOpen(t, dir))
	db, err := openDB(filepath.Join(dir, fileName), 1, "_txlock=immediate")
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	broken := append(steps[:len(steps):len(steps)], "CREATE TABLE more (x)", "CREATE TABLE more (x)")
	if _, err := migrate(ctx, db, broken); err == nil {
		t.Fatal("a step failed, the whole did not")
	}
	more := append(steps[:len(steps):len(steps)], "CREATE TABLE more (x)")
	for _, before := range []int{len(steps), len(more)} {
		version, err := migrate(ctx, db, more)
		if err != nil || version != before {
			t.Fatal(version, err)
		}
	}
	mustFail(t, dir, ErrVersion)
}
