package store

import (
	"context"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"
	"unicode"

	"pgregory.net/rapid"

	"parley/users/search"
	"parley/users/state"
	"parley/users/tail"
)

var words = []string{"as", "Ås", "øl", "ØL", "blåbær", "blabær", "hei", "heis", "heisann", "e-post", "100%", "😀", "hei😀du", "hei🥳du", "日本語", "naïve", "NAIVE", "\"", "AND", "NEAR", "x\u0301y", "'"}

// drawText returns a few words.
func drawText(r *rapid.T) string {
	return strings.Join(rapid.SliceOfN(rapid.SampledFrom(words), 0, 5).Draw(r, "text"), " ")
}

// A library is rows that were committed, and what a search looks through because of them.
type library struct {
	rows state.Rows
	all  []tail.Entry
}

var searched = []string{state.Lobby, "den", "Den", "den-2", "d"}
var searchers = []string{"anna", "bob", "~token", "carl"}

func (s *library) say(r *rapid.T) {
	s.rows.Last += uint64(rapid.IntRange(1, 3).Draw(r, "step"))
	at := noon.Add(time.Duration(s.rows.Last/3) * time.Second)
	s.rows.Time = at
	if rapid.IntRange(0, 2).Draw(r, "direct") == 0 {
		d := state.Direct{Number: s.rows.Last, Time: at, From: rapid.SampledFrom(searchers).Draw(r, "from"), Text: drawText(r)}
		d.Person = rapid.SampledFrom(slices.DeleteFunc(slices.Clone(searchers), func(p string) bool { return p == d.From })).Draw(r, "to")
		d.Sender, d.To = strings.ToUpper(strings.Trim(d.From, "~")), d.Person
		s.rows.Directs, s.all = append(s.rows.Directs, d), append(s.all, tail.Entry{Direct: &d})
		return
	}
	m := state.Message{Number: s.rows.Last, Time: at, Room: rapid.SampledFrom(searched).Draw(r, "room"), Sender: rapid.SampledFrom([]string{"Anna", "bob", "Token"}).Draw(r, "sender"), Text: drawText(r)}
	s.rows.Messages, s.all = append(s.rows.Messages, m), append(s.all, tail.Entry{Message: &m})
}

func drawQuery(r *rapid.T, last uint64) search.Query {
	q := search.Query{Before: math.MaxUint64, Most: rapid.IntRange(1, 10).Draw(r, "most"), Bytes: rapid.IntRange(1, 100).Draw(r, "bytes")}
	for _, w := range rapid.SliceOfN(rapid.SampledFrom([]string{"as", "øl", "hei", "heis", "hei du", "e post", "post 100", "blabaer", "BLÅBÆR", "日本", "naive", "xy", "AND", "NEAR(hei, heis)"}), 1, 3).Draw(r, "words") {
		q.Words = append(q.Words, search.Word{Text: w, Prefix: rapid.Bool().Draw(r, "prefix")})
	}
	q.From = rapid.SampledFrom([]string{"", "", "anna", "token"}).Draw(r, "from")
	for _, room := range searched {
		if rapid.Bool().Draw(r, "in") {
			q.Rooms = append(q.Rooms, state.RoomFrom{Room: room, After: rapid.Uint64Range(0, last+1).Draw(r, "after")})
		}
	}
	if rapid.Bool().Draw(r, "mine") {
		q.Person = rapid.SampledFrom(searchers).Draw(r, "person")
		q.With = rapid.SampledFrom([]string{"", "bob"}).Draw(r, "with")
	}
	for _, at := range []*time.Time{&q.Since, &q.Until} {
		if rapid.IntRange(0, 3).Draw(r, "dated") == 0 {
			*at = noon.Add(time.Duration(rapid.Uint64Range(0, last/3+1).Draw(r, "at")) * time.Second)
		}
	}
	if rapid.IntRange(0, 3).Draw(r, "skips") == 0 {
		q.Skip = func(sender string) bool { return sender == "bob" }
	}
	return q
}

// all returns the numbers of all pages.
func allPages(page func(search.Query) search.Page, q search.Query) (numbers []uint64) {
	for range 1000 {
		p := page(q)
		for i := range p.Hits {
			numbers = append(numbers, p.Hits[i].Number())
		}
		if p.Left == 0 {
			return numbers
		}
		q.Before = p.Left
	}
	return append(numbers, 0)
}

// TestSearchFindsWhatIsThere has the same be found by the index and by looking at each text,
// while messages come and persons are renamed and forgotten, before and behind being indexed.
func TestSearchFindsWhatIsThere(t *testing.T) {
	rapid.Check(t, func(r *rapid.T) {
		s := mustOpen(t, Memory)
		defer mustClose(t, s)
		var is library
		for range rapid.IntRange(1, 6).Draw(r, "commits") {
			is.rows = state.Rows{Last: is.rows.Last, Time: noon}
			for range rapid.IntRange(0, 20).Draw(r, "n") {
				is.say(r)
			}
			switch rapid.IntRange(0, 4).Draw(r, "also") {
			case 0:
				is.rename("~token", "token")
			case 1:
				is.forget(rapid.SampledFrom([]string{"anna", "carl"}).Draw(r, "forgotten"))
			case 2:
				is.end("den")
			case 3:
				is.change(r)
			}
			mustCommit(t, s, is.rows)
			for range rapid.IntRange(0, 2).Draw(r, "searches") {
				is.compare(r, s, drawQuery(r, is.rows.Last))
			}
		}
		is.compare(r, s, drawQuery(r, is.rows.Last))
		if _, err := s.write.Exec(`INSERT INTO words (words) VALUES ('integrity-check')`); err != nil {
			r.Fatal(err)
		}
	})
}

// change edits or removes some of what was said, in the rows in which it was said or later.
func (s *library) change(r *rapid.T) {
	for range rapid.IntRange(1, 5).Draw(r, "changes") {
		if len(s.all) == 0 {
			return
		}
		i := rapid.IntRange(0, len(s.all)-1).Draw(r, "of")
		s.rows.Last++
		c := state.Change{Number: s.rows.Last, Time: s.rows.Time}
		if rapid.Bool().Draw(r, "removed") {
			c.Removed = &state.Removal{By: "Anna"}
		} else {
			c.Text = drawText(r)
		}
		if e := &s.all[i]; e.Message != nil {
			c.Of = e.Message.Target(s.rows.Last)
			e.Message = e.Message.With(&c)
		} else {
			c.Of = e.Direct.Target(s.rows.Last)
			e.Direct = e.Direct.With(&c)
		}
		s.rows.Changes = append(s.rows.Changes, c)
	}
}

func (s *library) rename(from, to string) {
	s.rows.Renamed = append(s.rows.Renamed, state.Renamed{From: from, To: to, UpTo: s.rows.Last})
	for i, e := range s.all {
		if e.Direct == nil {
			continue
		}
		d := *e.Direct
		if d.From == from {
			d.From = to
		}
		if d.Person == from {
			d.Person = to
		}
		s.all[i].Direct = &d
	}
}

func (s *library) forget(person string) {
	s.rows.Forgotten = append(s.rows.Forgotten, state.Forgotten{Person: person, UpTo: s.rows.Last})
	s.all = slices.DeleteFunc(s.all, func(e tail.Entry) bool {
		return e.Direct != nil && (e.Direct.From == person || e.Direct.Person == person)
	})
}

func (s *library) end(room string) {
	s.rows.Rooms = append(s.rows.Rooms, state.RoomRow{Room: state.Room{Name: room}, Gone: true, UpTo: s.rows.Last})
	s.all = slices.DeleteFunc(s.all, func(e tail.Entry) bool { return e.Message != nil && e.Message.Room == room })
}

func (s *library) compare(r *rapid.T, of *Store, q search.Query) {
	want := allPages(func(q search.Query) search.Page { return search.Among(s.all, q) }, q)
	got := allPages(func(q search.Query) search.Page {
		p, err := of.Search(context.Background(), q)
		if err != nil {
			r.Fatal(err)
		}
		return p
	}, q)
	if !slices.Equal(got, want) {
		r.Fatalf("%+v\nfinds %v, want %v", q, got, want)
	}
}

// TestWordsAreThoseOfTheIndex has the words of a text be those that SQLite finds.
func TestWordsAreThoseOfTheIndex(t *testing.T) {
	s := mustOpen(t, Memory)
	defer mustClose(t, s)
	rows := state.Rows{Last: 1, Time: noon}
	number := func(r rune) uint64 { return uint64(r) + 10 }
	for r := rune(1); r < 0x20000; r++ {
		if r > 0xffff && r < 0x1f000 || r >= 0x1fb00 { // old scripts
			continue
		}
		if !unicode.Is(unicode.Han, r) && unicode.In(r, unicode.L, unicode.N, unicode.P, unicode.S, unicode.Z) {
			rows.Last = number(r)
			rows.Messages = append(rows.Messages, state.Message{Number: rows.Last, Room: state.Lobby, Time: noon, Sender: "anna", Text: "vor" + string(r) + "nach"})
		}
	}
	mustCommit(t, s, rows)
	for more := true; more; {
		var err error
		if more, err = s.step((*transaction).indexNew); err != nil {
			t.Fatal(err)
		}
	}
	found := make(map[uint64]bool)
	result, err := s.write.Query(`SELECT rowid FROM words WHERE words MATCH 'text : "vor nach"'`)
	if err != nil {
		t.Fatal(err)
	}
	defer result.Close()
	for result.Next() {
		var n uint64
		if err := result.Scan(&n); err != nil {
			t.Fatal(err)
		}
		found[n] = true
	}
	apart := search.NewMatcher([]search.Word{{Text: "vor nach"}})
	var differ []string
	for i := range rows.Messages {
		m := &rows.Messages[i]
		if apart.Has(m.Text) != found[m.Number] {
			differ = append(differ, fmt.Sprintf("%q", m.Text))
		}
	}
	if len(differ) > 21 { // of New Tai Lue and Vedic
		t.Errorf("%d of %d letters separate words in one way only: %.500s", len(differ), len(rows.Messages), strings.Join(differ, " "))
	}
}

// TestIndexFollows has the index be made by itself behind commits.
func TestIndexFollows(t *testing.T) {
	t.Parallel()
	s := mustOpen(t, t.TempDir())
	defer mustClose(t, s)
	s.following.Store(true)
	rows := newTalker(4).say(3*indexedAtOnce + 1)
	mustCommit(t, s, rows)
	s.follow()
	var behind, upTo uint64
	if err := s.read.QueryRow(`SELECT behind, up_to FROM words_range`).Scan(&behind, &upTo); err != nil || behind != 0 || upTo != rows.Last {
		t.Errorf("from %d to %d of %d are in the index: %v", behind, upTo, rows.Last, err)
	}
}

// TestSearchWaitsForNoCommit has searches go on while the disk takes its time with a commit: of
// what was committed before nothing is missing in the index, or another search has put it there.
func TestSearchWaitsForNoCommit(t *testing.T) {
	t.Parallel()
	s := mustOpen(t, t.TempDir())
	defer mustClose(t, s)
	s.following.Store(true) // nothing makes steps but searches
	q := search.Query{Words: []search.Word{{Text: word(0)[:1], Prefix: true}}, Rooms: []state.RoomFrom{{Room: state.Lobby}}, Before: math.MaxUint64, Most: 1000, Bytes: 1 << 20}
	upTo := make(chan uint64, 4)
	begin := func() {
		go func() {
			page, err := s.Search(t.Context(), q)
			if err != nil {
				t.Error(err)
			}
			upTo <- page.UpTo
		}()
	}
	expect := func(last uint64) {
		t.Helper()
		select {
		case got := <-upTo:
			if got != last {
				t.Errorf("it has looked through all up to %d, want %d", got, last)
			}
		case <-time.After(20 * time.Second):
			t.Error("a search waits for a commit")
		}
	}
	who := newTalker(6)
	mustCommit(t, s, who.say(3))
	begin()
	expect(who.last)
	silent := state.Rows{Last: who.last + 1, Settings: &state.Settings{}, Time: noon}
	mustCommit(t, s, silent)
	s.writing.Lock()
	begin()
	expect(silent.Last)
	s.writing.Unlock()

	who.last = silent.Last
	mustCommit(t, s, who.say(3))
	s.indexing.Lock() // as another search does
	begin()
	if more, err := s.indexNew(); more || err != nil {
		t.Errorf("more %v, %v", more, err)
	}
	s.writing.Lock()
	s.indexing.Unlock()
	expect(who.last)
	s.writing.Unlock()
}

// TestSearchFindsWhatWasJustSaid has the next search find what is committed alone: a message,
// or a direct message, behind a search that has found that nothing is missing.
func TestSearchFindsWhatWasJustSaid(t *testing.T) {
	t.Parallel()
	s := mustOpen(t, t.TempDir())
	defer mustClose(t, s)
	s.following.Store(true) // nothing makes steps but searches
	q := search.Query{Words: []search.Word{{Text: "buy"}}, Rooms: []state.RoomFrom{{Room: state.Lobby}}, Person: "bob", Before: math.MaxUint64, Most: 1000, Bytes: 1 << 20}
	for n := uint64(1); n <= 6; n++ {
		rows := state.Rows{Last: n, Time: noon}
		if n%2 == 0 {
			rows.Messages = []state.Message{{Number: n, Time: noon, Room: state.Lobby, Sender: "anna", Text: "buy milk"}}
		} else {
			rows.Directs = []state.Direct{{Number: n, Time: noon, From: "anna", Sender: "anna", To: "bob", Person: "bob", Text: "buy milk"}}
		}
		mustCommit(t, s, rows)
		for range 2 {
			if page, err := s.Search(t.Context(), q); err != nil || len(page.Hits) != int(n) || page.UpTo != n {
				t.Errorf("after %d messages %d are found, of all up to %d: %v", n, len(page.Hits), page.UpTo, err)
			}
		}
	}
}

// TestSearchWhileTheDiskFails has the index be behind, and no search fail, while the disk is.
func TestSearchWhileTheDiskFails(t *testing.T) {
	dir := t.TempDir()
	s := mustOpen(t, dir)
	defer s.Close()
	s.following.Store(true)
	who := newTalker(5)
	q := search.Query{Words: []search.Word{{Text: word(0)[:3], Prefix: true}}, Rooms: []state.RoomFrom{{Room: state.Lobby}}, Before: 99, Most: 9, Bytes: 99}
	if _, err := s.Search(context.Background(), q); err != nil {
		t.Fatal(err)
	}
	mustCommit(t, s, who.say(10))
	if err := os.Rename(filepath.Join(dir, fileName), filepath.Join(dir, "moved")); err != nil {
		t.Fatal(err)
	}
	page, err := s.Search(context.Background(), q)
	if err != nil || page.UpTo != 0 {
		t.Errorf("%+v %v", page, err)
	}
}

// TestIndexAfterUpgrade opens a file of before there was an index: what is new is found at
// once, what was there before when the steps have reached it, the newest first.
func TestIndexAfterUpgrade(t *testing.T) {
	dir := t.TempDir()
	s := mustOpen(t, dir)
	s.following.Store(true) // nothing makes steps but this test
	who := newTalker(3)
	rows := who.say(3 * indexedAtOnce)
	mustCommit(t, s, rows)
	if _, err := s.write.Exec(`UPDATE words_range SET behind = ?1, up_to = ?1`, rows.Last); err != nil { // as the migration does
		t.Fatal(err)
	}
	if _, err := s.write.Exec(`INSERT INTO words (words) VALUES ('delete-all')`); err != nil {
		t.Fatal(err)
	}
	mustCommit(t, s, who.say(1))
	q := search.Query{Rooms: []state.RoomFrom{{Room: state.Lobby}}, Before: math.MaxUint64, Most: 1000, Bytes: 1 << 20}
	for i := range uint64(talkedRooms) {
		q.Rooms = append(q.Rooms, state.RoomFrom{Room: room(i + 1)})
	}
	q.Words = []search.Word{{Text: word(0)[:2], Prefix: true}}
	all := search.Among(tail.Merge(rows.Messages, nil), q)
	var found []int
	for more := true; more; {
		page, err := s.Search(context.Background(), q)
		if err != nil {
			t.Fatal(err)
		}
		found = append(found, len(page.Hits))
		if page.UpTo != who.last || (page.From == 0) != (len(found) > 3) {
			t.Fatalf("after %d steps all from %d to %d is in the index", len(found)-1, page.From, page.UpTo)
		}
		if more, err = s.step((*transaction).indexOld); err != nil {
			t.Fatal(err)
		}
		if !more && len(found) == 3 {
			more = true
		}
	}
	if n := len(found); n != 4 || found[0] > 1 || found[1] <= found[0] || found[2] <= found[1] || found[3] < len(all.Hits) {
		t.Errorf("%v were found, in all there are %d", found, len(all.Hits))
	}
	mustClose(t, s)
}
