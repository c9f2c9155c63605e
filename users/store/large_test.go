package store

import (
	"context"
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"parley/users/search"
	"parley/users/state"
	"parley/users/tail"
)

// How many messages there are says PARLEY_LARGE, such as 1000000; without it, what takes
// them is skipped. PARLEY_LARGE_DIR names a folder in which they are left for the next time.

// A talker makes messages as people say them: a few words are said all the time and most
// hardly ever, and so it is with rooms.
type talker struct {
	random      *rand.Rand
	words, room *rand.Zipf
	last        uint64
	time        time.Time
}

const (
	talkedWords = 50_000
	talkedRooms = 100
)

func newTalker(seed uint64) *talker {
	random := rand.New(rand.NewPCG(seed, 0))
	return &talker{random: random, words: rand.NewZipf(random, 1.1, 2.7, talkedWords-1), room: rand.NewZipf(random, 1.2, 3, talkedRooms-1), time: noon}
}

// word returns the word that is said n-th most often. It has four letters at least.
func word(n uint64) (word string) {
	consonants, vowels := []rune("bdfghjklmnprstv"), []rune("aeiouyåø")
	for n += 120; n > 0; n /= 120 {
		word += string(consonants[n%15]) + string(vowels[n/15%8])
	}
	return word
}

func room(n uint64) string {
	if n == 0 {
		return state.Lobby
	}
	return fmt.Sprint("room-", n)
}

func (t *talker) text() string {
	words := make([]string, 3+t.random.IntN(15))
	for i := range words {
		words[i] = word(t.words.Uint64())
	}
	return strings.Join(words, " ")
}

// say returns rows with n messages, each twentieth of which is a direct one, a second after
// the one before it.
func (t *talker) say(n int) (rows state.Rows) {
	for range n {
		t.last, t.time = t.last+1, t.time.Add(time.Second)
		from := fmt.Sprint("user", t.random.IntN(1000))
		if t.last%20 == 0 {
			to := fmt.Sprint("user", t.random.IntN(1000))
			rows.Directs = append(rows.Directs, state.Direct{Number: t.last, Time: t.time, Sender: from, From: from, To: to, Person: to, Text: t.text()})
			continue
		}
		rows.Messages = append(rows.Messages, state.Message{Number: t.last, Time: t.time, Room: room(t.room.Uint64()), Sender: from, Person: from, Text: t.text()})
	}
	rows.Last, rows.Time, rows.Count = t.last, t.time, n
	return rows
}

// largeFolder returns a folder with as many messages as are asked for, all of them in the
// index, and who has said them. It skips the test if none are.
func largeFolder(t testing.TB) (dir string, who *talker) {
	n, _ := strconv.Atoi(os.Getenv("PARLEY_LARGE"))
	if n == 0 || testing.Short() {
		t.Skip("PARLEY_LARGE does not say how many messages there are to be")
	}
	who = newTalker(1)
	if dir = os.Getenv("PARLEY_LARGE_DIR"); dir == "" {
		dir = t.TempDir()
	}
	if Exists(dir) {
		s := mustOpenLarge(t, dir, SyncNone)
		kept, err := s.Load(context.Background())
		if err != nil {
			t.Fatal(err)
		}
		who.last, who.time = kept.Last, kept.Time
		var indexed uint64
		if err := s.read.QueryRow(`SELECT up_to FROM words_range`).Scan(&indexed); err != nil {
			t.Fatal(err)
		}
		if indexed < who.last { // it was not finished the last time
			indexFast(t, s, indexed, who.last)
		}
		t.Logf("%d messages; %d bytes each", who.last, sizeOf(t, s, dir)/int64(who.last))
		closeLarge(t, s)
		return dir, who
	}
	s := mustOpenLarge(t, dir, SyncNone)
	began := time.Now()
	for who.last < uint64(n) {
		rows := who.say(min(5000, n-int(who.last)))
		if err := s.commit(&rows); err != nil { // the index comes behind it
			t.Fatal(err)
		}
	}
	t.Logf("%d messages in %v; %d bytes each", n, time.Since(began).Round(time.Second), sizeOf(t, s, dir)/int64(n))
	began = time.Now()
	if n > 1_000_000 {
		indexFast(t, s, 0, who.last)
	}
	for more := true; more; {
		var err error
		if more, err = s.stepIndex(); err != nil {
			t.Fatal(err)
		}
	}
	t.Logf("indexed in %v, %v each; %d bytes each with it", time.Since(began).Round(time.Second), time.Since(began)/time.Duration(n), sizeOf(t, s, dir)/int64(n))
	closeLarge(t, s)
	return dir, who
}

// indexFast puts all into the index in large steps, for which nobody waits.
func indexFast(t testing.TB, s *Store, after, last uint64) {
	const step = 50_000
	set := func(option string, value int) {
		if _, err := s.write.Exec(`INSERT INTO words (words, rank) VALUES (?, ?)`, option, value); err != nil {
			t.Fatal(err)
		}
	}
	set("automerge", 4)
	for upTo := after; upTo < last; upTo += step {
		_, err := s.step(func(t *transaction) (bool, error) {
			end := min(upTo+step, last)
			return false, errors.Join(t.exec(indexRows, upTo+1, end), t.exec(putReach, 0, end))
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	set("automerge", 0)
}

func mustOpenLarge(t testing.TB, dir string, sync Sync) *Store {
	s, err := Open(dir, Options{Random: zeros{}, Sync: sync})
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func closeLarge(t testing.TB, s *Store) {
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
}

type zeros struct{}

func (zeros) Read(p []byte) (int, error) { clear(p); return len(p), nil }

func sizeOf(t testing.TB, s *Store, dir string) int64 {
	if err := s.checkpoint(context.Background(), "TRUNCATE"); err != nil {
		t.Fatal(err)
	}
	info, err := os.Stat(filepath.Join(dir, fileName))
	if err != nil {
		t.Fatal(err)
	}
	return info.Size()
}

// TestLarge says how long pages of history and searches take while 1,000 messages a second
// are written.
func TestLarge(t *testing.T) {
	dir, who := largeFolder(t)
	began := time.Now()
	s := mustOpenLarge(t, dir, SyncAlways)
	defer closeLarge(t, s)
	opened := time.Now()
	if _, err := s.Load(context.Background()); err != nil {
		t.Fatal(err)
	}
	loaded := time.Now()
	if _, err := tail.Load(context.Background(), s, tail.Limit); err != nil {
		t.Fatal(err)
	}
	t.Logf("start in %v: opened %v, loaded %v, tail %v", time.Since(began), opened.Sub(began), loaded.Sub(opened), time.Since(loaded))
	last := who.last
	commits := spread{name: "commit of 10"}
	stop, stopped := make(chan bool), make(chan bool)
	go func() {
		defer close(stopped)
		tick := time.NewTicker(10 * time.Millisecond)
		defer tick.Stop()
		for {
			select {
			case <-stop:
				return
			case <-tick.C:
			}
			rows := who.say(10)
			began := time.Now()
			if err := s.Commit(&rows); err != nil {
				t.Error(err)
			}
			commits.add(time.Since(began))
		}
	}()
	random := rand.New(rand.NewPCG(2, 0))
	for _, m := range measures(s, random, last) {
		for _, all := range []bool{false, true} {
			where := "in one room"
			if all {
				where = "in all"
			}
			times := spread{name: m.name + ", " + where}
			for end := time.Now().Add(10 * time.Second); len(times.all) < 500 && time.Now().Before(end); {
				began := time.Now()
				n := m.do(t, all)
				times.add(time.Since(began))
				times.found += n
			}
			t.Log(times.String())
		}
	}
	close(stop)
	<-stopped
	t.Log(commits.String())
}

// A measure is something that is done once, and returns how many messages it has found.
type measure struct {
	name string
	do   func(t *testing.T, all bool) int
}

func measures(s *Store, random *rand.Rand, last uint64) []measure {
	everywhere := make([]state.RoomFrom, talkedRooms)
	for i := range everywhere {
		everywhere[i].Room = room(uint64(i))
	}
	ctx := context.Background()
	page := func(t *testing.T, all bool) int {
		if all {
			messages, _, err := s.MessagesAfter(ctx, everywhere, random.Uint64N(last), last, 16<<10)
			if err != nil {
				t.Error(err)
			}
			return len(messages)
		}
		messages, err := s.Between(ctx, room(random.Uint64N(talkedRooms)), 0, random.Uint64N(last), 64)
		if err != nil {
			t.Error(err)
		}
		return len(messages)
	}
	find := func(word func() search.Word) func(*testing.T, bool) int {
		return func(t *testing.T, all bool) int {
			q := search.Query{Words: []search.Word{word()}, Before: math.MaxUint64, Most: 50, Bytes: 64 << 10}
			if all {
				q.Rooms, q.Person = everywhere, fmt.Sprint("user", random.IntN(1000))
			} else {
				i := random.IntN(talkedRooms)
				q.Rooms = everywhere[i : i+1]
			}
			p, err := s.Search(ctx, q)
			if err != nil {
				t.Error(err)
			}
			return len(p.Hits)
		}
	}
	phrase := func() search.Word {
		messages, _, err := s.MessagesAfter(ctx, everywhere[:1], random.Uint64N(last-1000), last, 1)
		if err != nil || len(messages) == 0 {
			panic(err)
		}
		words := strings.Fields(messages[0].Text)
		i := random.IntN(len(words) - 1)
		return search.Word{Text: strings.Join(words[i:i+2], " ")}
	}
	return []measure{
		{"page", page},
		{"frequent word", find(func() search.Word { return search.Word{Text: word(random.Uint64N(10))} })},
		{"rare word", find(func() search.Word { return search.Word{Text: word(20_000 + random.Uint64N(20_000))} })},
		{"rare prefix", find(func() search.Word {
			r := []rune(word(20_000 + random.Uint64N(20_000)))
			return search.Word{Text: string(r[:5]), Prefix: true}
		})},
		{"frequent prefix", find(func() search.Word {
			return search.Word{Text: string([]rune(word(random.Uint64N(100)))[:3]), Prefix: true}
		})},
		{"phrase", find(phrase)},
	}
}

// A spread is how long something has taken each time.
type spread struct {
	name  string
	all   []time.Duration
	found int
}

func (s *spread) add(d time.Duration) { s.all = append(s.all, d) }

func (s *spread) String() string {
	slices.Sort(s.all)
	n := len(s.all)
	at := func(percent int) time.Duration { return s.all[min(n*percent/100, n-1)].Round(10 * time.Microsecond) }
	return fmt.Sprintf("%-32s %5d times, p50 %8v, p99 %8v, longest %8v, %d found each", s.name, n, at(50), at(99), at(100), s.found/n)
}
