package store

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"testing"
	"time"

	"parley/users"
	"parley/users/command"
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
	markAsItWas(t, dir, point{last: 9})
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
	testChangesOfOld(t, s)
	mustCommit(t, s, state.Rows{Rooms: []state.RoomRow{{Room: state.Room{Name: "Den", Number: 9, Owner: "alice"}}}, Last: 9, Time: noon})
	before := mustLoad(t, s)
	mustClose(t, s)
	same(t, "kept", mustLoad(t, mustOpen(t, dir)), before)
}

// TestMigrationOfSchema4 opens a file that the program of that schema made: Anna and Bob have
// accounts, she has made a room in which he and a guest are; nobody kept order yet.
func TestMigrationOfSchema4(t *testing.T) {
	dir := t.TempDir()
	copyFile(t, filepath.Join("testdata", "schema4.db"), filepath.Join(dir, fileName))
	markAsItWas(t, dir, point{last: 3})
	s := mustOpen(t, dir)
	same(t, "log", s.LogName(), "AQCAIBAEAQCAIBAEAQCAIBAEAQ")
	want := state.Kept{
		Last: 3, Time: noon, Accounts: []users.Account{account("Anna"), account("Bob")},
		Blocks: []users.Block{{Blocker: "Anna", Blocked: "Eve"}},
		Unseen: []state.Unseen{{Number: 3, From: "anna", Person: "bob"}}, Guests: []string{"~x"},
		Rooms:           []state.Room{{Name: "Den", Number: 1, Owner: "anna", By: "Anna", Topic: "sofas", TopicBy: "Bob", Newest: 2}},
		Members:         []state.Member{{Room: "Den", Person: "bob", Since: 1}, {Room: "Den", Person: "~x", Since: 2}},
		RoomInvitations: []state.RoomInvitation{{Room: "Den", Person: "anna", By: "Bob"}},
		ReadCursors:     []state.ReadCursor{{Person: "bob", Room: "Den", Number: 2}},
	}
	same(t, "kept", mustLoad(t, s), want)
	owner, member, room := want.Accounts[0], want.Members[1], want.Rooms[0]
	owner.Role, member.Role, room.Slow = users.Owner, users.Moderator, 30
	want.Accounts[0], want.Members[1], want.Rooms[0] = owner, member, room
	mustCommit(t, s, state.Rows{Accounts: []state.AccountRow{{Account: owner}}, Members: []state.MemberRow{{Member: member}}, Rooms: []state.RoomRow{{Room: room}}, Last: 3, Time: noon})
	mustClose(t, s)
	same(t, "with roles", mustLoad(t, mustOpen(t, dir)), want)
}

// testChangesOfOld changes what a program has kept that knew no changes.
func testChangesOfOld(t *testing.T, s *Store) {
	t.Helper()
	for _, m := range newest(t, s) {
		if m.Marks != nil || m.Person != "" || m.Re != 0 {
			t.Errorf("%d has become %+v", m.Number, m)
		}
	}
	edit := state.Change{Number: 10, Of: command.Target{Number: 2, Room: state.Lobby}, Time: noon, Text: "one line"}
	react := state.Change{Number: 11, Of: command.Target{Number: 5}, Word: "+1", By: state.Reactor{Person: "bob", Name: "Bob", Number: 11}}
	mustCommit(t, s, state.Rows{Changes: []state.Change{edit, react}, Last: 11, Time: noon})
	messages, directs, reached, err := s.ChangesAfter(t.Context(), "alice", lobby, 9, 11, 1000)
	if err != nil || reached != 11 || len(messages) != 1 || len(directs) != 1 {
		t.Fatal(messages, directs, reached, err)
	}
	same(t, "edited", fmt.Sprint(messages[0].Number, " ", messages[0].Text, " ", *messages[0].Marks), fmt.Sprint("2 one line ", state.Marks{Changed: 10, Edited: noon}))
	same(t, "reacted", *directs[0].Marks, state.Marks{Changed: 11, Reactions: []state.Reaction{{Word: "+1", By: []state.Reactor{react.By}}}})
	mustCommit(t, s, state.Rows{Changes: []state.Change{{Number: 12, Of: edit.Of, Removed: &state.Removal{By: "Bob"}}}, Last: 12, Time: noon})
	found, _, err := s.Find(t.Context(), 2)
	if err != nil {
		t.Fatal(err)
	}
	same(t, "removed", *found.Marks, state.Marks{Changed: 12, Removed: &state.Removal{By: "Bob"}})
}

// markAsItWas puts a mark beside a file, as if it had been there all the time.
func markAsItWas(t *testing.T, dir string, at point) {
	t.Helper()
	m, _, err := openMark(dir, at)
	if err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(m.begin(at), m.close()); err != nil {
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
	db, err := openDB(filepath.Join(dir, fileName), 1, lockWait, "_txlock=immediate")
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
