package store

import (
	"bytes"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"parley/users"
	"parley/users/state"
)

// A list of reactions is read as it stands, in the order of the words, or is an error: one
// that is half read would leave people out.
func FuzzReactions(f *testing.F) {
	for _, text := range []string{`[]`, `[[3,"+1","alice","Alice"],[4,"+1","~x","bob"],[5,"ok","alice","Alice"]]`,
		`[[3,"+1","alice"]]`, `[[3,"+1","alice","Alice",7]]`, `[null]`, `[[]]`, `[[null,null,null,null]]`, `null`, ``, `[[-1,"","",""]]`, `[["3","+1","alice","Alice"]]`} {
		f.Add([]byte(text))
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		row := marksRow{changed: 9, reactions: text}
		marks, err := row.of(1)
		if err != nil {
			return
		}
		var values []any
		if err := json.Unmarshal(text, &values); err != nil || values == nil {
			t.Fatalf("%q is no list, and read as %+v", text, marks)
		}
		for _, v := range values {
			if columns, _ := v.([]any); len(columns) != 4 || slices.Contains(columns, nil) {
				t.Errorf("%q has %v, and is read as %+v", text, v, marks)
			}
		}
		var words []string
		var list [][4]any
		for _, r := range marks.Reactions {
			if words = append(words, r.Word); len(r.By) == 0 {
				t.Errorf("%q: nobody put %q", text, r.Word)
			}
			for _, by := range r.By {
				list = append(list, [4]any{by.Number, r.Word, by.Person, by.Name})
			}
		}
		if slices.Sort(words); len(slices.Compact(words)) != len(marks.Reactions) {
			t.Errorf("%q has a word twice: %+v", text, marks.Reactions)
		}
		if len(list) != len(values) {
			t.Errorf("%q has %d reactions, and %d are read", text, len(values), len(list))
		}
		written, err := json.Marshal(list)
		if err != nil {
			t.Fatal(err)
		}
		if list == nil {
			written = []byte("[]")
		}
		row.reactions = written
		again, err := row.of(1)
		if err != nil {
			t.Fatalf("%s is not read: %v", written, err)
		}
		same(t, "read again", again, marks)
	})
}

// A mark in the stream is read as it was written.
func FuzzMark(f *testing.F) {
	f.Add("7 12 parley")
	f.Add("7 12 a stream")
	f.Add("7 12")
	f.Add(" 1")
	f.Fuzz(func(t *testing.T, text string) {
		m, err := parseMark(text)
		if err != nil {
			return
		}
		again, err := parseMark(formatMark(m))
		if err != nil || again != m {
			t.Errorf("%q is %+v, and then %+v, %v", text, m, again, err)
		}
	})
}

// Of a page nothing changes but its free part, which is all zeros then.
func FuzzWipedPage(f *testing.F) {
	leaf := make([]byte, 512)
	copy(leaf, []byte{0x0d, 0, 0, 0, 1, 1, 0xf0, 0, 1, 0xf0, 'o', 'l', 'd'})
	f.Add(leaf, uint32(2))
	f.Add(slices.Concat(make([]byte, 100), leaf[:412]), uint32(1))
	f.Add([]byte{0x0d}, uint32(1))
	f.Fuzz(func(t *testing.T, page []byte, number uint32) {
		before := slices.Clone(page)
		wiped := wipeFree(page, number)
		if !wiped {
			if !bytes.Equal(page, before) {
				t.Error("it has changed")
			}
			return
		}
		header, at := 8, 0
		if number == 1 {
			at = 100
		}
		if before[at] < 8 {
			header = 12
		}
		first := at + header + 2*int(binary.BigEndian.Uint16(before[at+3:]))
		behind := int(binary.BigEndian.Uint16(before[at+5:]))
		if !bytes.Equal(page[:first], before[:first]) || !bytes.Equal(page[behind:], before[behind:]) {
			t.Error("something beside the free part has changed")
		}
		if slices.ContainsFunc(page[first:behind], func(b byte) bool { return b != 0 }) || wipeFree(page, number) {
			t.Error("something is left")
		}
	})
}

// A write-ahead log that is cut off, or of something else, is an error, and is not read for
// longer than it is. What the last commit has written is among all that is in it.
func FuzzLog(f *testing.F) {
	frame := func(page, commit uint32) []byte {
		b := make([]byte, 24+4)
		binary.BigEndian.PutUint32(b, page)
		binary.BigEndian.PutUint32(b[4:], commit)
		return b
	}
	header := make([]byte, 32)
	binary.BigEndian.PutUint32(header[8:], 4)
	f.Add(slices.Concat(header, frame(1, 2), frame(2, 0), frame(3, 3)), int64(3))
	f.Add(header, int64(1))
	f.Add([]byte("no log"), int64(math.MaxInt64))
	path := filepath.Join(f.TempDir(), "log")
	f.Fuzz(func(t *testing.T, log []byte, frames int64) {
		if err := os.WriteFile(path, log, 0o600); err != nil {
			t.Fatal(err)
		}
		all, err := writtenPages(path, frames, true)
		last, lastErr := writtenPages(path, frames, false)
		if err == nil && (lastErr != nil || len(all) != int(max(frames, 0)) || len(last) > len(all) || !slices.Equal(last, all[:len(last)])) {
			t.Errorf("all of %d frames are %d, the last commit is %d of them: %v", frames, all, last, lastErr)
		}
	})
}

// Whatever a column has, a look at the database says what is wrong, or a server can go on from
// it and all is read.
func FuzzColumns(f *testing.F) {
	for place := range uint16(10) {
		f.Add(13*place, "x", int64(-1))
	}
	store := storeOfAll(f)
	columns := columnsOf(f, store)
	f.Fuzz(func(t *testing.T, place uint16, text string, number int64) {
		tx, err := store.write.BeginTx(t.Context(), nil)
		if err != nil {
			t.Fatal(err)
		}
		defer tx.Rollback()
		c := columns[int(place)%len(columns)]
		value := any(number)
		if c.text {
			value = text
		}
		if _, err := tx.Exec(fmt.Sprintf("UPDATE OR IGNORE %s SET %s = ?", c.table, c.name), value); err != nil {
			return // the schema refuses it
		}
		_, faults, err := check(t.Context(), tx, store.path)
		if err != nil && !errors.Is(classify(err), ErrCorrupt) {
			t.Errorf("of %s.%s = %v it is said: %v", c.table, c.name, value, err)
		}
		if err != nil || len(faults) > 0 {
			for _, fault := range faults {
				if fault.Words == "" || fault.Advice == "" {
					t.Errorf("%s.%s = %v is %+v", c.table, c.name, value, fault)
				}
			}
			return
		}
		kept, err := load(t.Context(), tx)
		if err != nil {
			t.Fatalf("%s.%s = %v has no fault, and %v", c.table, c.name, value, err)
		}
		state.New(kept, kept.Time)
	})
}

// storeOfAll returns a store in memory in which most tables have rows.
func storeOfAll(t testing.TB) *Store {
	s := mustOpen(t, Memory)
	rows := state.Rows{Last: 40, Time: noon, Mark: &state.Mark{Stream: "s", Position: 1, Message: 40}}
	for i, name := range []string{"Alice", "Bob"} {
		a := users.Account{Name: name, Hash: "hash", Registered: noon, Number: uint64(i + 1), Guest: "~x", Role: users.Role("moderator"), Known: "20783:9f86d081884c7d65"}
		rows.Accounts = append(rows.Accounts, state.AccountRow{Account: a})
	}
	rows.Blocks = []state.BlockRow{{Block: users.Block{Blocker: "alice", Blocked: "eve"}}}
	rows.Lockouts = []users.Lockout{{Key: "alice", Failures: 2, First: noon, Last: noon}}
	rows.Rooms = []state.RoomRow{{Room: state.Room{Name: "den", Number: 3, Owner: "alice", By: "Alice", Topic: "t", TopicBy: "Alice"}}}
	rows.Members = []state.MemberRow{{Member: state.Member{Room: "den", Person: "bob", Since: 3}}}
	rows.RoomInvitations = []state.RoomInvitationRow{{RoomInvitation: state.RoomInvitation{Room: "den", Person: "alice", By: "Bob"}}}
	rows.ReadCursors = []state.ReadCursorRow{{ReadCursor: state.ReadCursor{Person: "alice", Room: "den", Number: 5}}}
	rows.Cursors = []state.Cursor{{Person: "alice", Number: 5}}
	rows.Requests = []state.Request{request(10, "alice")}
	rows.Messages = []state.Message{message(10), message(11)}
	rows.Directs = []state.Direct{direct(12, "alice", "bob"), direct(13, "~x", "alice")}
	rows.Sanctions = []state.SanctionRow{{Sanction: state.Sanction{Kind: "ban", Target: "eve", Name: "Eve", By: "Alice", Since: noon}}}
	rows.Settings = &state.Settings{By: "Alice", Slow: 1}
	rows.Acts = []state.Act{act(14, state.ActReport, "alice", "eve", "den")}
	rows.Changes = []state.Change{{Number: 15, Of: rows.Messages[0].Target(15), Time: noon, Text: "edited"},
		{Number: 16, Of: rows.Messages[1].Target(16), Time: noon, Word: "+1", By: state.Reactor{Person: "alice", Name: "Alice", Number: 16}}}
	rows.Pruned = []state.PrunedRow{{Pruned: state.Pruned{Room: "attic", UpTo: 4}}}
	rows.Hooks = []state.HookRow{{Hook: state.Hook{Name: "Bob", Room: "den", Token: "token", Made: noon}}}
	mustCommit(t, s, rows)
	return s
}

// A columnOf is one of a table.
type columnOf struct {
	table, name string
	text        bool
}

// columnsOf returns all columns of our tables.
func columnsOf(t testing.TB, s *Store) []columnOf {
	tx, err := s.write.BeginTx(t.Context(), nil)
	if err != nil {
		t.Fatal(err)
	}
	defer tx.Rollback()
	all, err := collect(t.Context(), tx, func(row scanner) (c columnOf, err error) {
		var kind string
		err = row.Scan(&c.table, &c.name, &kind)
		c.text = kind == "TEXT"
		return c, err
	}, `SELECT t.name, c.name, c.type FROM pragma_table_list t JOIN pragma_table_info(t.name) c
		WHERE t.schema = 'main' AND t.type = 'table' AND t.name NOT LIKE 'sqlite%' ORDER BY t.name, c.cid`)
	if err != nil {
		t.Fatal(err)
	}
	return all
}
