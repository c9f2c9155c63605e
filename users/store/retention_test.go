package store

import (
	"bytes"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"parley/users"
	"parley/users/state"
)

func pruned(room string, upTo uint64) state.Rows {
	return state.Rows{Pruned: []state.PrunedRow{{Pruned: state.Pruned{Room: room, UpTo: upTo}}}, Last: upTo, Time: noon}
}

// What is pruned of a room is read no more at once, and deleted step by step, also by the
// next process; what is behind the cut, and in other rooms, stays, and so does the cut.
func TestWhatIsPrunedIsGone(t *testing.T) {
	dir := t.TempDir()
	s := mustOpen(t, dir)
	const many = 2*sweptAtOnce + 9
	mustCommit(t, s, in("den", upTo(1, many)...), in(state.Lobby, many+1), in("den", many+2), pruned("den", many), pruned(state.Lobby, many))
	for range 2 {
		same(t, "read in the den", read(t, s, "den"), []uint64{many + 2})
		same(t, "read in the lobby", read(t, s, state.Lobby), []uint64{many + 1})
		same(t, "kept", mustLoad(t, s).Pruned, []state.Pruned{{Room: "den", UpTo: many}, {Room: state.Lobby, UpTo: many}})
		sweepOnce(t, s)
		mustClose(t, s)
		s = mustOpen(t, dir)
	}
	same(t, "left", left(t, s, "den"), 10)
	sweepAll(t, s)
	same(t, "left", left(t, s, "den")+left(t, s, state.Lobby), 2)
	same(t, "kept", mustLoad(t, s).Pruned, []state.Pruned{{Room: "den", UpTo: many}, {Room: state.Lobby, UpTo: many}})
	if _, _, reached, err := s.Recent(t.Context(), math.MaxInt); err != nil || reached != 0 {
		t.Error(reached, err)
	}
}

// Of direct messages what was not seen stays until it is.
func TestUnseenDirectsAreNotPruned(t *testing.T) {
	dir := t.TempDir()
	s := mustOpen(t, dir)
	s.sweptAtOnce = 2
	mustCommit(t, s, state.Rows{
		Directs: []state.Direct{direct(1, "bob", "alice"), direct(2, "alice", "bob"), direct(3, "bob", "alice"), direct(4, "alice", "bob"), direct(5, "bob", "alice"), direct(6, "alice", "bob")},
		Cursors: []state.Cursor{{Person: "alice", Number: 1}, {Person: "bob", Number: 4}}, Last: 6, Time: noon,
	}, pruned("", 5))
	count := func() (n int) {
		t.Helper()
		if err := s.write.QueryRow("SELECT count(*) FROM directs").Scan(&n); err != nil {
			t.Fatal(err)
		}
		return n
	}
	same(t, "there", count(), 6)
	for range 2 {
		same(t, "of alice", directsOf(t, s, "alice", 0), []uint64{3, 5, 6})
		same(t, "unseen", len(mustLoad(t, s).Unseen), 3)
		sweepAll(t, s)
	}
	same(t, "there", count(), 3)
	mustCommit(t, s, state.Rows{Cursors: []state.Cursor{{Person: "alice", Number: 3}}, Last: 6, Time: noon})
	same(t, "of alice when she has seen one", directsOf(t, s, "alice", 0), []uint64{5, 6})
	mustClose(t, s)
	s = mustOpen(t, dir)
	sweepAll(t, s)
	same(t, "there", count(), 2)
	mustCommit(t, s, state.Rows{Cursors: []state.Cursor{{Person: "alice", Number: 5}, {Person: "bob", Number: 6}}, Last: 6, Time: noon})
	same(t, "of bob", directsOf(t, s, "bob", 0), []uint64{6})
	sweepAll(t, s)
	same(t, "there", count(), 1)
}

// What somebody has said who is forgotten is read in no way, and is in no file when it is
// deleted; what others have said, and who had the name before and has it later, stays.
func TestWhoIsForgottenHasSaidNothing(t *testing.T) {
	dir := t.TempDir()
	s := mustOpen(t, dir)
	s.walkedAtOnce = 10
	secret := strings.Repeat("what nobody is to know. ", 4)
	var rows state.Rows
	var kept []uint64
	for n := uint64(1); n <= 60; n++ {
		m := message(n)
		m.Room, m.Sender, m.Person = "den", "Anna", "anna"
		switch {
		case n <= 5: // another one of that name
		case n%3 == 0:
			m.Sender, m.Person = "bob", "bob"
		case n == 7 || n == 8:
			m.Sender, m.Person = "ann", "~x"
			fallthrough
		default:
			m.Text = secret + fmt.Sprint(n)
			if n <= 8 && m.Person == "anna" {
				m.Person = "~x"
			}
		}
		if !strings.HasPrefix(m.Text, secret) {
			kept = append(kept, n)
		}
		rows.Messages, rows.Last, rows.Time = append(rows.Messages, m), n, m.Time
	}
	rows.Acts = []state.Act{{Number: 61, Act: "ban", By: "ANNA", Person: "anna", Name: "bob", Target: "bob"}, {Number: 62, Act: "mute", By: "bob", Person: "bob", Name: "Anna", Target: "anna"}}
	rows.Last = 62
	mustCommit(t, s, rows)
	author := state.AuthorOf(users.Account{Name: "Anna", Number: 8, Guest: "~x", Registered: noon})
	forget := state.Rows{Last: 62, Time: noon, Forgotten: []state.Forgotten{{Person: "anna", UpTo: 62, Erased: &state.Erased{Author: author, Name: "Anna", As: "forgotten-abcdef", Texts: true}}}}
	later := in("den", 63)
	later.Messages[0].Sender, later.Messages[0].Person = "anna", "anna"
	mustCommit(t, s, forget, later)
	kept = append(kept, 63)
	for i := range 3 {
		same(t, "read in the den", read(t, s, "den"), kept)
		if m, _, err := s.Find(t.Context(), 10); err != nil || m != nil {
			t.Errorf("message 10 is found: %v, %v", m, err)
		}
		same(t, "exported", len(exported(t, s, author, 62, 1<<20).Messages), 0)
		switch i {
		case 0:
			sweepOnce(t, s)
			mustClose(t, s)
			s = mustOpen(t, dir)
			s.walkedAtOnce = 10
		case 1:
			s.stopScrubbing()
			s.scrubs.timer, s.scrubs.empty = time.NewTimer(time.Hour), false // it is not emptied meanwhile
			sweepAll(t, s)
			same(t, "the log is to be emptied", s.scrubs.empty, true)
		}
	}
	same(t, "left", left(t, s, "den"), len(kept))
	acts, err := s.Acts(t.Context(), state.ActFilter{}, 9)
	if err != nil || len(acts) != 2 || acts[0].By != "forgotten-abcdef" || acts[0].Person != "" || acts[1].Name != "forgotten-abcdef" || acts[1].Target != "" || acts[0].Name != "bob" {
		t.Errorf("the audit log is %+v, %v", acts, err)
	}
	if err := s.scrub(t.Context(), true); err != nil {
		t.Fatal(err)
	}
	mustClose(t, s)
	for _, name := range []string{fileName, fileName + "-wal"} {
		content, err := os.ReadFile(filepath.Join(dir, name))
		if err == nil && bytes.Contains(content, []byte("nobody is to know")) {
			t.Errorf("%s has what is forgotten", name)
		}
	}
}

// Of somebody who is forgotten, comes back and is forgotten again before anything else is said,
// nothing comes back.
func TestWhoIsForgottenTwice(t *testing.T) {
	s := mustOpen(t, t.TempDir())
	rows := in("den", 1, 2, 3)
	rows.Messages[1].Sender, rows.Messages[1].Person = "anna", "anna"
	mustCommit(t, s, rows)
	for _, number := range []uint64{1, 3} { // that at which each of the two accounts was made
		author := state.AuthorOf(users.Account{Name: "anna", Number: number, Registered: noon})
		mustCommit(t, s, state.Rows{Last: 3, Time: noon, Forgotten: []state.Forgotten{{Person: "anna", UpTo: 3, Erased: &state.Erased{Author: author, Name: "anna", As: "forgotten-abcdef", Texts: true}}}})
		same(t, "read", read(t, s, "den"), []uint64{1, 3})
	}
	sweepAll(t, s)
	same(t, "left", left(t, s, "den"), 2)
}

// A file becomes smaller when something is deleted, and one that was made before there was
// retention does, unless it was large then.
func TestTheFileShrinks(t *testing.T) {
	for name, large := range map[string]bool{"as it is made": false, "which was small": false, "which was large": true} {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			if name != "as it is made" {
				copyFile(t, filepath.Join("testdata", "schema3.db"), filepath.Join(dir, fileName))
			}
			if large {
				defer func(pages int) { rewrittenPages = pages }(rewrittenPages)
				rewrittenPages = 1
			}
			s := mustOpen(t, dir)
			same(t, "it shrinks", s.Shrinks(), !large)
			const many = 20_000
			for first := uint64(100); first < many; first += 1000 {
				rows := in("den", upTo(first, first+999)...)
				for i := range rows.Messages {
					rows.Messages[i].Text = strings.Repeat("x", 200)
				}
				mustCommit(t, s, rows)
			}
			pages := func() (n int) {
				t.Helper()
				if err := s.write.QueryRow("PRAGMA page_count").Scan(&n); err != nil {
					t.Fatal(err)
				}
				return n
			}
			before := pages()
			mustCommit(t, s, pruned("den", many*3/4))
			sweepAll(t, s)
			if after := pages(); large && after != before || !large && after > before/2 {
				t.Errorf("it had %d pages and has %d", before, after)
			}
			same(t, "messages", left(t, s, "den"), many-many*3/4+99)
			if problem := ""; s.write.QueryRow("PRAGMA integrity_check").Scan(&problem) != nil || problem != "ok" {
				t.Error(problem)
			}
		})
	}
}
