package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"parley/users/command"
	"parley/users/state"
)

// A secretive server says things that can be found in its files again, wherever a part of
// them is.
type secretive struct {
	t      *testing.T
	random *rand.Rand
	store  *Store
	dir    string
	last   uint64
	said   map[uint64]*state.Message
	sent   map[uint64]*state.Direct
	texts  map[uint64][]string // what each has said, and said before
	gone   []string            // what nobody must find any more
}

// text makes one of a word that there is only once.
func (s *secretive) text() string {
	word := fmt.Sprintf("<%016x>", s.random.Uint64())
	return strings.Repeat(word, 1+s.random.IntN([]int{2, 10, 80, 400}[s.random.IntN(4)]))
}

func (s *secretive) number() uint64 { s.last++; return s.last }

// turn makes rows of some messages, edits, reactions and removals, and has them kept.
func (s *secretive) turn(n int) (removed bool) {
	rows := state.Rows{Time: noon}
	for range n {
		switch k := s.random.IntN(10); {
		case k < 4 || len(s.said) == 0:
			m := state.Message{Number: s.number(), Room: []string{state.Lobby, "den"}[s.random.IntN(2)], Sender: "anna", Person: "anna", Text: s.text(), Time: noon}
			rows.Messages = append(rows.Messages, m)
			s.said[m.Number], s.texts[m.Number] = &m, []string{m.Text}
		case k < 5:
			d := direct(s.number(), "anna", "bob")
			d.Text = s.text()
			rows.Directs = append(rows.Directs, d)
			s.sent[d.Number], s.texts[d.Number] = &d, []string{d.Text}
		default:
			removed = s.change(&rows, k) || removed
		}
	}
	rows.Last = s.last
	mustCommit(s.t, s.store, rows)
	for range s.random.IntN(3) {
		if _, err := s.store.stepIndex(); err != nil {
			s.t.Fatal(err)
		}
	}
	return removed
}

// change changes any of what there is.
func (s *secretive) change(rows *state.Rows, k int) (removed bool) {
	var of command.Target
	for _, m := range s.said { // any
		of = m.Target(s.last)
		break
	}
	if len(s.sent) > 0 && s.random.IntN(4) == 0 {
		for _, d := range s.sent {
			of = d.Target(s.last)
			break
		}
	}
	if k == 7 {
		s.remove(rows, of)
		return true
	}
	c := state.Change{Number: s.number(), Of: of, Time: noon}
	switch {
	case k < 7:
		c.Text = s.text()
		s.texts[of.Number] = append(s.texts[of.Number], c.Text)
	default:
		c.Word, c.By = fmt.Sprint("word", s.random.IntN(5)), state.Reactor{Person: "carl", Name: "carl", Number: c.Number}
	}
	rows.Changes = append(rows.Changes, c)
	return false
}

// removeAll removes all that there is.
func (s *secretive) removeAll() {
	rows := state.Rows{Time: noon}
	for _, m := range s.said {
		s.remove(&rows, m.Target(s.last))
	}
	for _, d := range s.sent {
		s.remove(&rows, d.Target(s.last))
	}
	rows.Last = s.last
	mustCommit(s.t, s.store, rows)
}

func (s *secretive) remove(rows *state.Rows, of command.Target) {
	rows.Changes = append(rows.Changes, state.Change{Number: s.number(), Of: of, Time: noon, Removed: &state.Removal{By: "bob", Why: "spam"}})
	s.gone = append(s.gone, s.texts[of.Number]...)
	delete(s.said, of.Number)
	delete(s.sent, of.Number)
	delete(s.texts, of.Number)
}

// wordSize is that of the words of which texts are made, and part what is looked for of them:
// in the index a word stands without what it has in common with the one before it.
const wordSize = len("<0123456789abcdef>")

func part(text string) string { return text[len("<0123"):len("<0123456789abcdef")] }

// found returns the words of what is gone that are in a file of a folder, and of how many
// messages the word is there that is their text now.
func (s *secretive) found(dir string) (gone []string, there int) {
	s.t.Helper()
	words := make(map[string]bool) // that are in the files
	files, err := filepath.Glob(filepath.Join(dir, "*"))
	if err != nil {
		s.t.Fatal(err)
	}
	for _, file := range files {
		content, err := os.ReadFile(file)
		if err != nil {
			s.t.Fatal(err)
		}
		digits := 0
		for i, c := range content {
			if digits++; !('0' <= c && c <= '9' || 'a' <= c && c <= 'f') {
				digits = 0
			} else if size := len(part("<0123456789abcdef>")); digits >= size {
				words[string(content[i+1-size:i+1])] = true
			}
		}
	}
	for _, text := range s.gone {
		if words[part(text)] {
			gone = append(gone, text[:wordSize])
		}
	}
	for _, texts := range s.texts {
		if words[part(texts[len(texts)-1])] {
			there++
		}
	}
	return gone, there
}

// check fails if anything of what is gone is in a folder, or too little of what is there.
func (s *secretive) check(dir string) {
	s.t.Helper()
	gone, there := s.found(dir)
	if len(gone) > 0 || there < len(s.texts) {
		s.t.Fatalf("after %d numbers %d of %d removed texts are found, and %d of %d others: %v", s.last, len(gone), len(s.gone), there, len(s.texts), gone[:min(len(gone), 9)])
	}
}

func newSecretive(t *testing.T) *secretive {
	t.Helper()
	seed := uint64(time.Now().UnixNano())
	t.Log("seed", seed)
	return &secretive{t: t, random: rand.New(rand.NewPCG(seed, 0)), dir: t.TempDir(),
		said: make(map[uint64]*state.Message), sent: make(map[uint64]*state.Direct), texts: make(map[uint64][]string)}
}

// What was removed is in no file any more when the log was emptied, whatever was done to the
// message before, and to others in the same pages; also in files that can become shorter.
func TestWhatIsRemovedIsGoneFromTheFiles(t *testing.T) {
	for _, vacuum := range []string{"NONE", "INCREMENTAL"} {
		t.Run(vacuum, func(t *testing.T) {
			s := newSecretive(t)
			db, err := openDB(filepath.Join(s.dir, fileName), 1, lockWait, "_pragma=auto_vacuum("+vacuum+")")
			if err != nil {
				t.Fatal(err)
			}
			if _, err := db.Exec("CREATE TABLE x (x); DROP TABLE x"); err != nil {
				t.Fatal(err)
			}
			if err := db.Close(); err != nil {
				t.Fatal(err)
			}
			if vacuum == "NONE" { // as a file stays that was large before there was retention
				defer func(pages int) { rewrittenPages = pages }(rewrittenPages)
				rewrittenPages = -1
			}
			s.store = mustOpen(t, s.dir)
			same(t, "mapped", s.store.unwiped.mapped, vacuum != "NONE")
			for range 40 {
				if !s.turn(1 + s.random.IntN(30)) {
					continue
				}
				if err := s.store.scrub(t.Context(), true); err != nil {
					t.Fatal(err)
				}
				s.check(s.dir)
			}
			var result string
			if err := s.store.write.QueryRow("PRAGMA integrity_check").Scan(&result); err != nil || result != "ok" {
				t.Error(result, err)
			}
		})
	}
}

// A moment after a removal nothing of it is there, without anybody doing anything.
func TestALogIsEmptiedInAMoment(t *testing.T) {
	s := newSecretive(t)
	s.store = mustOpen(t, s.dir)
	scrubbed := make(chan error, 99)
	s.store.scrubs.mu.Lock()
	s.store.scrubs.scrubbed = func(err error) { scrubbed <- err }
	s.store.scrubs.mu.Unlock()
	s.turn(100)
	for !s.turn(20) {
	}
	for before := true; before; {
		if err := <-scrubbed; err != nil && !errors.Is(err, ErrBusy) {
			t.Fatal(err)
		}
		s.store.scrubs.mu.Lock()
		before = s.store.scrubs.timer != nil // that was the one at the beginning
		s.store.scrubs.mu.Unlock()
	}
	s.check(s.dir)
}

// While somebody reads what was before, the log is not emptied; it is afterwards.
func TestALogIsEmptiedWhenNobodyReads(t *testing.T) {
	s := newSecretive(t)
	s.store = mustOpen(t, s.dir)
	s.turn(100)
	err := s.store.view(t.Context(), func(ctx context.Context, tx *sql.Tx) error {
		if _, err := readFact(ctx, tx, lastFact); err != nil {
			return err
		}
		s.removeAll()
		return s.store.scrub(t.Context(), true)
	})
	if !errors.Is(err, ErrBusy) {
		t.Fatal(err)
	}
	if gone, _ := s.found(s.dir); len(gone) == 0 {
		t.Error("what was read before is not there")
	}
	if err := s.store.scrub(t.Context(), true); err != nil {
		t.Fatal(err)
	}
	s.check(s.dir)
}

// What a process has left that was killed is gone when the next one has begun, also what can
// be of texts that are removed later.
func TestWhatIsRemovedIsGoneAfterAKill(t *testing.T) {
	s := newSecretive(t)
	s.store = mustOpen(t, s.dir)
	for range 8 {
		s.turn(60)
		killed := s.dir
		s.dir = t.TempDir()
		for _, name := range []string{fileName, fileName + "-wal"} {
			copyFile(t, filepath.Join(killed, name), filepath.Join(s.dir, name))
		}
		mustClose(t, s.store)
		s.store = mustOpen(t, s.dir)
		if err := s.store.scrub(t.Context(), true); err != nil {
			t.Fatal(err)
		}
		s.check(s.dir)
		pages, err := s.store.write.Query(`SELECT pageno, data FROM dbstat JOIN sqlite_dbpage ON pgno = pageno WHERE name IN ('messages', 'directs', 'old_texts')`)
		if err != nil {
			t.Fatal(err)
		}
		for pages.Next() {
			var page uint32
			var data []byte
			if err := pages.Scan(&page, &data); err != nil {
				t.Fatal(err)
			}
			if wipeFree(data, page) {
				t.Errorf("there is something in the free part of page %d", page)
			}
		}
		if err := errors.Join(pages.Err(), pages.Close()); err != nil {
			t.Fatal(err)
		}
	}
}
