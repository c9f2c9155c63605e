package search

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

const (
	// excerptBytes is how long an excerpt is at most, beside what marks the words.
	excerptBytes = 120

	// before is how much of it stands in front of the first word.
	before = 40
)

// Excerpt returns the words that were found in a text with what stands around the first of
// them, in one line: each is in square brackets, and "..." stands where the text goes on.
func Excerpt(text string, found []Range) string {
	from, to := 0, len(text)
	if len(text) > excerptBytes {
		from, to = window(text, found)
	}
	var b strings.Builder
	if from > 0 {
		b.WriteString("...")
	}
	at := from
	for _, r := range found {
		start, end := max(r.Start, at), min(r.End, to)
		if start >= end {
			continue
		}
		b.WriteString(text[at:start] + "[" + text[start:end] + "]")
		at = end
	}
	b.WriteString(text[at:to])
	if to < len(text) {
		b.WriteString("...")
	}
	return strings.Map(inOneLine, b.String())
}

// window returns which part of a long text is shown.
func window(text string, found []Range) (from, to int) {
	if len(found) > 0 {
		from = max(0, min(found[0].Start-before, len(text)-excerptBytes))
	}
	to = min(from+excerptBytes, len(text))
	if from > 0 { // behind a blank, if there is one before the word
		if i := strings.IndexAny(text[from:from+before/2], " \n"); i >= 0 && from+i < found[0].Start {
			from += i + 1
		}
	}
	if to < len(text) {
		if i := strings.LastIndexAny(text[to-before/2:to], " \n"); i >= 0 {
			to += i - before/2
		}
	}
	return ahead(text, from), ahead(text, to)
}

// ahead returns where a letter begins, from an index on.
func ahead(text string, at int) int {
	for at < len(text) && !utf8.RuneStart(text[at]) {
		at++
	}
	return at
}

func inOneLine(r rune) rune {
	if unicode.IsSpace(r) || unicode.IsControl(r) {
		return ' '
	}
	return r
}
