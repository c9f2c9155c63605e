package terminal

import (
	"fmt"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/clipperhouse/uax29/v2/graphemes"
)

// maxListed is how many candidates Tab shows.
const maxListed = 60

// A person sees graphemes (UAX 29), such as a letter with its accents or a family
// of emoji. readline knows runes only.

// graphemeBefore returns where the grapheme before the cursor begins.
func graphemeBefore(line []rune, pos int) int {
	start := 0
	for g := graphemes.FromString(string(line[:pos])); g.Next(); {
		start = pos - utf8.RuneCountInString(g.Value())
	}
	return start
}

// graphemeBehind returns where the grapheme behind the cursor ends.
func graphemeBehind(line []rune, pos int) int {
	g := graphemes.FromString(string(line[pos:]))
	if !g.Next() {
		return pos
	}
	return pos + utf8.RuneCountInString(g.Value())
}

func backspace(line []rune, pos int) ([]rune, int) {
	start := graphemeBefore(line, pos)
	return slices.Delete(line, start, pos), start
}

func deleteNext(line []rune, pos int) ([]rune, int) {
	return slices.Delete(line, pos, graphemeBehind(line, pos)), pos
}

// tab completes what is before the cursor as far as all candidates agree, or
// else lists them. readline's own list divides by zero if a candidate is wider
// than the screen, panics on wide characters, and is drawn by two goroutines.
func (k *keys) tab(line []rune, pos int) ([]rune, int) {
	if k.complete == nil || k.screen.isSecret() {
		return line, pos
	}
	candidates, n := k.complete(decode(string(line[:pos])))
	if len(candidates) == 0 || n < 0 || n > pos {
		return line, pos
	}
	agreed := []rune(encode(candidates[0]))
	for _, c := range candidates[1:] {
		agreed = agreed[:agreement(agreed, []rune(encode(c)))]
	}
	if len(candidates) > 1 && len(agreed) <= n {
		k.screen.show(0, list(candidates))
		return line, pos
	}
	return slices.Replace(line, pos-n, pos, agreed...), pos - n + len(agreed)
}

// agreement returns how many runes a and b have in common at their start,
// whatever their case.
func agreement(a, b []rune) int {
	for i := range a {
		if i == len(b) || unicode.ToLower(a[i]) != unicode.ToLower(b[i]) {
			return i
		}
	}
	return len(a)
}

// list returns the block of the candidates.
func list(candidates []string) func(columns int) []string {
	words := make([]string, 0, maxListed+1)
	for _, c := range candidates[:min(len(candidates), maxListed)] {
		words = append(words, string(paint([]rune(c))))
	}
	if more := len(candidates) - maxListed; more > 0 {
		words = append(words, fmt.Sprintf("… %d more", more))
	}
	return func(columns int) []string { return fold(words, "  ", columns) }
}

// fold puts words into rows; a word that is wider than a row is cut.
func fold(words []string, between string, columns int) []string {
	var rows []string
	row := ""
	for _, word := range words {
		word = string(cut([]rune(strings.TrimRight(word, " ")), columns))
		switch {
		case row == "":
			row = word
		case width([]rune(row+between+word)) > columns:
			rows, row = append(rows, row), word
		default:
			row += between + word
		}
	}
	return append(rows, row)
}
