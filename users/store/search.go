package store

import (
	"context"
	"database/sql"
	"encoding/hex"
	"encoding/json"
	"errors"
	"math"
	"slices"
	"strings"
	"time"

	"parley/users/search"
	"parley/users/tail"
)

const (
	// fewPlaces are so many that the index is asked for them: of more, most of what is found
	// can be seen by who asks, or all that is found is looked at.
	fewPlaces = 4

	// foundAnywhere is at how many messages it is looked that have the words, wherever they
	// were said. If that is not enough, the index is asked for the places, which takes about
	// 0.2 ms for each.
	foundAnywhere = 500

	// foundLookedAt is at how many it is looked in all: somebody may have blocked who says
	// that word.
	foundLookedAt = 5000

	// foundAtOnce is how many are read at once at first.
	foundAtOnce = 64
)

const (
	searchText = `SELECT rowid FROM words WHERE words MATCH ?1 AND rowid > ?2 AND rowid < ?3 ORDER BY rowid DESC LIMIT ?4`

	reachText = string(readReach)

	numberedDirectsText = directColumns + ` WHERE id IN (SELECT value FROM json_each(?)) AND ` + directThere + ` ORDER BY id`

	// The log's time never goes back, so the first of a time is found by halves. Direct
	// messages that are older than the one sequence of numbers stand behind messages.
	messageTimeText = `SELECT id, time FROM messages WHERE id <= ? ORDER BY id DESC LIMIT 1`
	directTimeText  = `SELECT id, time FROM directs WHERE id <= ? ORDER BY id DESC LIMIT 1`
)

// searches are all that a search may need: they are prepared once. To find ten messages takes
// 0.31 ms of 10,000, and took 0.47 without that, on 2 shared cores of an AMD EPYC, 2026-11-28
// (go test -bench Search ./users/store).
var searches = []string{reachText, searchText, numberedText, numberedDirectsText, messageTimeText, directTimeText}

// Search returns a page of the messages that a query asks for, newest first. Before that it
// puts into the index what was committed and is not in it yet.
func (s *Store) Search(ctx context.Context, q search.Query) (page search.Page, err error) {
	ctx, end, err := s.startRead(ctx)
	if err != nil {
		return page, err
	}
	defer end()
	complete, err := s.index(ctx)
	if err != nil {
		return page, s.explain(err)
	}
	tx, err := s.search.BeginTx(ctx, &sql.TxOptions{ReadOnly: true})
	if err != nil {
		return page, s.explain(err)
	}
	defer tx.Rollback()
	f := finder{ctx: ctx, tx: tx, prepared: s.searches, query: &q, filter: search.NewFilter(q), page: &page}
	err = f.find()
	page.UpTo = max(page.UpTo, complete)
	if page.From > 0 {
		s.indexSoon() // also if nobody says anything
	}
	return page, s.explain(err)
}

// A finder makes one page.
type finder struct {
	ctx      context.Context
	tx       *sql.Tx
	prepared map[string]*sql.Stmt
	query    *search.Query
	filter   *search.Filter
	page     *search.Page
	looked   int
	after    int64 // numbers behind it
	before   int64 // and before it, which is that of the last one that was looked at
}

// statement returns one of searches within the transaction.
func (f *finder) statement(text string) *sql.Stmt { return f.tx.StmtContext(f.ctx, f.prepared[text]) }

func (f *finder) find() error {
	var last int64
	if err := f.statement(reachText).QueryRowContext(f.ctx).Scan(&f.page.From, &f.page.UpTo, &last); err != nil {
		return err
	}
	if err := f.bound(last); err != nil {
		return err
	}
	places := places(f.query)
	if len(places) == 0 {
		return nil
	}
	match := matchWords(f.query)
	if len(places) > fewPlaces {
		if more, err := f.look(match, foundAnywhere); err != nil || !more {
			return err
		}
	}
	more, err := f.look(match+` AND place : (`+strings.Join(places, " OR ")+`)`, foundLookedAt)
	if more && err == nil {
		f.page.Left = uint64(f.before)
	}
	return err
}

// look looks at what matches, until it was so many in all. It reports whether there may be
// more for the page.
func (f *finder) look(match string, most int) (more bool, err error) {
	for atOnce := foundAtOnce; f.looked < most; atOnce *= 4 {
		atOnce = min(atOnce, most-f.looked)
		numbers, err := f.numbers(match, atOnce)
		if err != nil {
			return false, err
		}
		entries, err := f.entries(numbers)
		if err != nil {
			return false, err
		}
		for _, e := range entries {
			if f.filter.Shows(e) && !f.filter.Take(f.page, e) {
				return false, nil
			}
		}
		f.looked += len(numbers)
		if len(numbers) < atOnce {
			return false, nil
		}
		f.before = int64(numbers[len(numbers)-1])
	}
	return true, nil
}

func (f *finder) numbers(match string, most int) (numbers []uint64, err error) {
	return found(f, func(row scanner) (n uint64, err error) {
		err = row.Scan(&n)
		return n, err
	}, searchText, match, f.after, f.before, most)
}

// found returns the rows of one of searches, each as scan reads it.
func found[T any](f *finder, scan func(scanner) (T, error), text string, args ...any) ([]T, error) {
	rows, err := f.statement(text).QueryContext(f.ctx, args...)
	if err != nil {
		return nil, err
	}
	return scanAll(rows, scan)
}

// entries returns the messages and direct messages with some numbers, newest first.
func (f *finder) entries(numbers []uint64) (all []tail.Entry, err error) {
	if len(numbers) == 0 {
		return nil, nil
	}
	asked, err := json.Marshal(numbers)
	if err != nil {
		return nil, err
	}
	messages, err := found(f, sizeless(scanMessage), numberedText, string(asked))
	if err != nil {
		return nil, err
	}
	directs, err := found(f, sizeless(scanDirect), numberedDirectsText, string(asked))
	if err != nil {
		return nil, err
	}
	all = tail.Merge(messages, directs)
	slices.Reverse(all)
	return all, nil
}

// bound finds between which numbers is what the query asks for.
func (f *finder) bound(last int64) error {
	f.before = signed(f.query.Before)
	if f.query.Person == "" && len(f.query.Rooms) > 0 {
		f.after = math.MaxInt64
		for _, r := range f.query.Rooms {
			f.after = min(f.after, signed(r.After))
		}
	}
	if !f.query.Since.IsZero() {
		first, _, err := f.said(f.query.Since, last)
		if err != nil {
			return err
		}
		f.after = max(f.after, first-1)
	}
	if !f.query.Until.IsZero() {
		_, first, err := f.said(f.query.Until, last)
		if err != nil {
			return err
		}
		f.before = min(f.before, first)
	}
	return nil
}

// said returns from which number on there are messages that were said at a time or later,
// and from which number on all were.
func (f *finder) said(at time.Time, last int64) (first, all int64, err error) {
	messages, err := f.saidIn(messageTimeText, nanoseconds(at), last)
	if err != nil {
		return 0, 0, err
	}
	directs, err := f.saidIn(directTimeText, nanoseconds(at), last)
	return min(messages, directs), max(messages, directs), err
}

// saidIn returns the number behind the last row of a table that is older than a time.
func (f *finder) saidIn(query string, at, last int64) (int64, error) {
	statement := f.statement(query)
	from, to := int64(0), last // up to from all are older, and behind to none is
	for from < to {
		middle := from + (to-from+1)/2
		var id, time int64
		err := statement.QueryRowContext(f.ctx, middle).Scan(&id, &time)
		switch {
		case errors.Is(err, sql.ErrNoRows):
			from = middle
		case err != nil:
			return 0, err
		case time < at:
			from = middle
		default:
			to = id - 1
		}
	}
	return from + 1, nil
}

// matchWords returns what the index is asked for: all words, and who has said them. What
// somebody has typed stands in quotes, where nothing means anything.
func matchWords(q *search.Query) string {
	words := make([]string, len(q.Words))
	for i, w := range q.Words {
		words[i] = quoted(w.Text)
		if w.Prefix {
			words[i] += " *"
		}
	}
	match := `text : (` + strings.Join(words, " AND ") + `)`
	if q.From != "" {
		match += ` AND sender : ` + quoted(q.From)
	}
	return match
}

// quoted returns a text as the index takes it for words that follow each other.
func quoted(text string) string {
	return `"` + strings.NewReplacer(`"`, " ", "\x00", " ").Replace(text) + `"`
}

// places returns the words of where something may have been said: see migration 7.
func places(q *search.Query) (all []string) {
	for _, r := range q.Rooms {
		all = append(all, "r"+hexadecimal(r.Room))
	}
	switch {
	case q.Person != "" && q.With != "":
		all = append(all, "p"+hexadecimal(min(q.Person, q.With))+"x"+hexadecimal(max(q.Person, q.With)))
	case q.Person != "":
		all = append(all, "q"+hexadecimal(q.Person))
	}
	return all
}

func hexadecimal(s string) string { return hex.EncodeToString([]byte(s)) }
