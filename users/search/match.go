package search

import (
	"cmp"
	"slices"
	"strings"
)

// A Matcher finds the words of a query in texts. One goroutine uses it.
type Matcher struct {
	words []wanted
	text  []token // the memory of the last one
}

// wanted are words that follow each other.
type wanted struct {
	folded []string
	prefix bool
}

// NewMatcher returns a Matcher of words, each of which has a letter or a digit.
func NewMatcher(words []Word) *Matcher {
	m := &Matcher{}
	for _, w := range words {
		of := wanted{prefix: w.Prefix}
		for _, t := range tokens(nil, w.Text) {
			of.folded = append(of.folded, t.folded)
		}
		m.words = append(m.words, of)
	}
	return m
}

// Has reports whether all words are in a text.
func (m *Matcher) Has(text string) bool {
	m.text = tokens(m.text[:0], text)
	for i := range m.words {
		if m.words[i].next(m.text, 0) < 0 {
			return false
		}
	}
	return len(m.words) > 0
}

// A Range is bytes of a text.
type Range struct{ Start, End int }

// Find returns where the words are in a text, ascending, and not in each other.
func (m *Matcher) Find(text string) (found []Range) {
	m.text = tokens(m.text[:0], text)
	for i := range m.words {
		w := &m.words[i]
		for at := w.next(m.text, 0); at >= 0; at = w.next(m.text, at+1) {
			found = append(found, Range{m.text[at].start, m.text[at+len(w.folded)-1].end})
		}
	}
	slices.SortFunc(found, func(a, b Range) int { return cmp.Or(cmp.Compare(a.Start, b.Start), cmp.Compare(b.End, a.End)) })
	n := 0
	for _, r := range found {
		if n > 0 && r.Start < found[n-1].End {
			found[n-1].End = max(found[n-1].End, r.End)
			continue
		}
		found[n] = r
		n++
	}
	return found[:n]
}

// next returns at which of the words of a text the wanted ones are, from one on; -1: they
// are not.
func (w *wanted) next(text []token, from int) int {
	for at := from; at+len(w.folded) <= len(text) && len(w.folded) > 0; at++ {
		if w.at(text[at:]) {
			return at
		}
	}
	return -1
}

func (w *wanted) at(text []token) bool {
	last := len(w.folded) - 1
	for i, word := range w.folded {
		if text[i].folded != word && !(w.prefix && i == last && strings.HasPrefix(text[i].folded, word)) {
			return false
		}
	}
	return true
}
