package protocol

import (
	"fmt"
	"strconv"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"
)

// A Search is what somebody looks for.
type Search struct {
	Words  []SearchWord // all of them are to be there
	From   string       // who has said it; "": anybody
	In     string       // in which room; "" and With is "": wherever one may see it
	With   string       // or in direct messages with whom
	Since  time.Time    // said then or later; zero: no matter when
	Until  time.Time    // said before that; likewise
	Before uint64       // numbers before it: the next page; 0: the first one
}

// A SearchWord is a word, or words that follow each other.
type SearchWord struct {
	Text   string // has a letter or a digit
	Prefix bool   // words that begin with the last of it are meant, too
}

const (
	// MaxSearch is the size in bytes of what is looked for, and maxSearchWords how many words
	// that are at most.
	MaxSearch      = 1 << 10
	maxSearchWords = 20

	// minPrefix is how many bytes of letters stand before a "*" at least: with fewer, nearly
	// all that was ever said would be looked at.
	minPrefix = 3
)

// SearchWords are the arguments of a search as the object has them.
type SearchWords struct{ Words, From, In, With, Before, After, Page string }

// TypedSearch reads what somebody has typed: words, "words that follow each other" and
// filters, in any order.
func TypedSearch(text string) (w SearchWords, _ *Error) {
	var words []string
	for rest := strings.TrimLeft(quotesOfAll.Replace(text), blanks); rest != ""; rest = strings.TrimLeft(rest, blanks) {
		name, to := w.filter(rest)
		if to == nil {
			var word string
			word, rest = cutSearchWord(rest)
			words = append(words, word)
			continue
		}
		value, behind := cutSearchWord(rest[len(name)+1:])
		value = strings.Trim(value, `"`)
		switch {
		case value == "":
			return w, searchUsage("What %s: is to be is missing", name)
		case *to != "":
			return w, searchUsage("There is more than one %s:", name)
		}
		*to, rest = value, behind
	}
	w.Words = strings.Join(words, " ")
	return w, nil
}

// filter returns which filter a text begins with, and where its value belongs; nil: with none.
func (w *SearchWords) filter(text string) (name string, to *string) {
	name, _, is := strings.Cut(text, ":")
	if !is {
		return "", nil
	}
	switch strings.ToLower(name) {
	case "from":
		return name, &w.From
	case "in":
		return name, &w.In
	case "with":
		return name, &w.With
	case "before":
		return name, &w.Before
	case "after":
		return name, &w.After
	case "page":
		return name, &w.Page
	}
	return "", nil
}

// cutSearchWord cuts a word, or what stands in quotes with them and a "*" behind it. What a
// quote opens and none closes is cut as it is.
func cutSearchWord(s string) (word, rest string) {
	if strings.HasPrefix(s, `"`) {
		end := strings.IndexByte(s[1:], '"')
		if end < 0 {
			return s, ""
		}
		end += 2
		for end < len(s) && s[end] == '*' {
			end++
		}
		return s[:end], s[end:]
	}
	if end := strings.IndexAny(s, blanks+`"`); end >= 0 {
		return s[:end], s[end:]
	}
	return s, ""
}

// quotesOfAll are those that telephones write in place of the one of ASCII.
var quotesOfAll = strings.NewReplacer("“", `"`, "”", `"`, "„", `"`, "«", `"`, "»", `"`)

// Search checks the words. now is what dates such as 7d are counted from.
func (w *SearchWords) Search(now time.Time) (s Search, _ *Error) {
	s = Search{From: w.From, In: w.In, With: w.With}
	var err *Error
	if s.Words, err = searchWords(w.Words); err != nil {
		return s, err
	}
	if w.In != "" && w.With != "" {
		return s, searchUsage("Search either in a room or in what was said with a person")
	}
	if s.Until, err = searchDate("before", w.Before, now); err != nil {
		return s, err
	}
	if s.Since, err = searchDate("after", w.After, now); err != nil {
		return s, err
	}
	if !s.Since.IsZero() && !s.Until.IsZero() && !s.Since.Before(s.Until) {
		return s, searchUsage("Nothing is both after %.32s and before %.32s", w.After, w.Before)
	}
	if w.Page != "" {
		var bad error
		if s.Before, bad = strconv.ParseUint(strings.TrimSpace(w.Page), 10, 64); bad != nil || s.Before == 0 {
			return s, searchUsage("The page is the number that the answer before has told, such as 12, and not %.32q", w.Page)
		}
	}
	return s, nil
}

// searchWords reads words and what stands in quotes.
func searchWords(text string) (words []SearchWord, _ *Error) {
	if len(text) > MaxSearch {
		return nil, searchUsage("That is too much to look for: at most %d bytes", MaxSearch)
	}
	text = quotesOfAll.Replace(text)
	for rest := strings.TrimLeft(text, blanks); rest != ""; rest = strings.TrimLeft(rest, blanks) {
		var word string
		if word, rest = cutSearchWord(rest); word[0] == '"' && strings.Count(word, `"`) == 1 {
			return nil, searchUsage("A quote opens %.32s and none closes it", word)
		}
		bare := strings.TrimRight(word, "*")
		w := SearchWord{Text: strings.Trim(bare, `"`), Prefix: len(bare) < len(word)}
		if !strings.ContainsFunc(w.Text, isSearched) {
			continue
		}
		if w.Prefix && lettersAtEnd(w.Text) < minPrefix {
			return nil, searchUsage("Before * there are at least three letters, and not %.32q", word)
		}
		words = append(words, w)
	}
	switch {
	case len(words) > maxSearchWords:
		return nil, searchUsage("Those are too many words: at most %d", maxSearchWords)
	case len(words) == 0 && strings.TrimSpace(text) == "":
		return nil, searchUsage("There is no word to look for")
	case len(words) == 0:
		return nil, searchUsage("There is no letter and no digit in %.32q, and nothing else can be looked for", text)
	}
	return words, nil
}

// isSearched reports whether a letter is one of those that words are made of.
func isSearched(r rune) bool { return unicode.IsLetter(r) || unicode.IsNumber(r) }

// lettersAtEnd returns how many bytes of letters the last word of a text has.
func lettersAtEnd(text string) (n int) {
	text = strings.TrimRightFunc(text, func(r rune) bool { return !isSearched(r) })
	for text != "" {
		r, size := utf8.DecodeLastRuneInString(text)
		if !isSearched(r) && !unicode.Is(unicode.Mn, r) {
			break
		}
		n, text = n+size, text[:len(text)-size]
	}
	return n
}

// Dates are between these years, which have a number of nanoseconds.
const firstYear, lastYear = 1970, 2261

// searchDate reads a day (its beginning in UTC), a time, or how long ago that was.
func searchDate(name, word string, now time.Time) (at time.Time, _ *Error) {
	if word == "" {
		return at, nil
	}
	if ago, is, err := ParseLasting(word); is && err == nil && ago > 0 {
		return now.Add(-ago).UTC(), nil
	}
	at, err := time.Parse(time.DateOnly, word)
	if err != nil {
		at, err = time.Parse(time.RFC3339, strings.ToUpper(word))
	}
	if err != nil || at.Year() < firstYear || at.Year() > lastYear {
		return time.Time{}, searchUsage("%s: is a day such as 2026-11-25, a time such as 2026-11-25T18:00:00Z, or how long ago, such as 7d, and not %.32q", name, word)
	}
	return at.UTC(), nil
}

// searchUsage says what is wrong, and what may be asked for.
func searchUsage(format string, args ...any) *Error {
	return Errorf(BadRequest, format+". Use:", args...).
		WithCommands("search WORDS", `search "SEVERAL WORDS" BEGINNING*`, "search WORDS from:NAME in:ROOM after:2026-11-25", "search WORDS with:NAME before:7d")
}

// AskedSearch reads the content of a search and the arguments that its verb has made of that.
func AskedSearch(c Content, args []string, now time.Time) (Search, *Error) {
	w := SearchWords{args[0], args[1], args[2], args[3], args[4], args[5], args[6]}
	if c.Text != "" {
		var err *Error
		if w, err = TypedSearch(c.Text); err != nil {
			return Search{}, err
		}
	}
	return w.Search(now)
}

// Typed returns the search as it is typed, for the page before a number.
func (s *Search) Typed(page uint64) string {
	parts := []string{"search"}
	for _, w := range s.Words {
		word := w.Text
		if _, to := new(SearchWords).filter(word); to != nil || strings.ContainsAny(word, blanks) {
			word = `"` + word + `"`
		}
		if w.Prefix {
			word += "*"
		}
		parts = append(parts, word)
	}
	for _, f := range []struct{ name, value string }{{"from", s.From}, {"in", s.In}, {"with", s.With}} {
		if f.value != "" {
			parts = append(parts, f.name+":"+f.value)
		}
	}
	for _, f := range []struct {
		name string
		at   time.Time
	}{{"after", s.Since}, {"before", s.Until}} {
		if !f.at.IsZero() {
			parts = append(parts, f.name+":"+f.at.Format(TimeFormat))
		}
	}
	return strings.Join(append(parts, fmt.Sprintf("page:%d", page)), " ")
}
