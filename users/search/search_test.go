package search

import (
	"fmt"
	"strings"
	"testing"
	"unicode/utf8"

	"parley/users/state"
	"parley/users/tail"
)

func TestTokens(t *testing.T) {
	for text, want := range map[string]string{
		"":                          "",
		" .,!? 😀 ❤️ 👍🏽 ":            "",
		"Hei på deg, ÅS!":           "hei pa deg as",
		"øl ÆRLIG Øre":              "øl ærlig øre",
		"a\u0301b e\u0301":          "ab e",
		"\u0301a":                   "a",
		"e-post, o'hara a_b 100%":   "e post o hara a b 100",
		"hei😀du 👨‍👩‍👧x":             "hei du x",
		"İstanbul ẞ ﬁn":             "istanbul ß ﬁn",
		"日本語 русский ЙОГУРТ":        "日本語 русский йогурт",
		"x\x00y\n\tz":               "x y z",
		"\xff\xfea\xc3":             "a",
		"½ ² Ⅳ":                     "½ ² ⅳ",
		"q\u200dw \u00adr\u00ads":   "q w r s",
		strings.Repeat("ab ", 2000): strings.TrimSpace(strings.Repeat("ab ", 2000)),
	} {
		var got []string
		for _, w := range tokens(nil, text) {
			got = append(got, w.folded)
		}
		if strings.Join(got, " ") != want {
			t.Errorf("%q: %q, want %q", text, got, want)
		}
	}
}

func TestExcerpt(t *testing.T) {
	long := strings.Repeat("before it is said ", 20) + "the Blåbær is ripe" + strings.Repeat(" and behind it", 20)
	for _, tt := range []struct{ text, words, want string }{
		{"one fine day", "fine", "one [fine] day"},
		{"fine, Fine and FINE", "fine", "[fine], [Fine] and [FINE]"},
		{"one fine day", "day,one", "[one] fine [day]"},
		{"one fine day", "one fine,fine day", "[one fine day]"},
		{"one\nfine\x1b day", "fine", "one [fine]  day"},
		{"a\u0301s", "as", "[a\u0301s]"},
		{long, "blabaer,ripe", "...said before it is said the Blåbær is [ripe] and behind it and behind it and behind it and behind it and behind it and..."},
		{long, "blabær", "...it is said before it is said the [Blåbær] is ripe and behind it and behind it and behind it and behind it and..."},
		{strings.Repeat("x", 500) + " y", "y", "..." + strings.Repeat("x", 118) + " [y]"},
		{"y " + strings.Repeat("å", 500), "y", "[y] " + strings.Repeat("å", 59) + "..."},
		{strings.Repeat("å", 500), strings.Repeat("å", 500), "[" + strings.Repeat("å", 60) + "]..."},
	} {
		var words []Word
		for _, w := range strings.Split(tt.words, ",") {
			words = append(words, Word{Text: w})
		}
		if got := Excerpt(tt.text, NewMatcher(words).Find(tt.text)); got != tt.want {
			t.Errorf("%.40q, %.40q: %q\nwant %q", tt.text, tt.words, got, tt.want)
		}
	}
}

// FuzzExcerpt has words be found where they are, and what is shown be a part of the text.
func FuzzExcerpt(f *testing.F) {
	f.Add("one fine day", "fine", false)
	f.Add(strings.Repeat("åß", 300)+" x\u0301y", "xy", true)
	f.Add("a\xffb", "b", true)
	f.Fuzz(func(t *testing.T, text, word string, prefix bool) {
		if !HasWord(word) {
			return
		}
		m := NewMatcher([]Word{{Text: word, Prefix: prefix}})
		found := m.Find(text)
		if m.Has(text) != (len(found) > 0) {
			t.Fatalf("%q in %q: found %v", word, text, found)
		}
		end := 0
		for _, r := range found {
			if r.Start < end || r.End <= r.Start || r.End > len(text) || !m.Has(text[r.Start:r.End]) && !prefix {
				t.Fatalf("%q in %q: found %v", word, text, found)
			}
			end = r.End
		}
		shown := Excerpt(text, found)
		if len(shown) > excerptBytes+2*len(found)+4*utf8.UTFMax+len("......") && utf8.ValidString(text) || strings.ContainsAny(shown, "\n\r\x00\x1b") {
			t.Fatalf("%q in %q: %q", word, text, shown)
		}
		if len(found) > 0 && !strings.Contains(shown, "[") {
			t.Fatalf("%q in %q: %q", word, text, shown)
		}
	})
}

func TestAmong(t *testing.T) {
	var all []tail.Entry
	for n := range uint64(30) {
		all = append(all, tail.Entry{Message: &state.Message{Number: n + 1, Room: state.Lobby, Sender: "Anna", Text: fmt.Sprint("hello ", n%3)}})
	}
	q := Query{Words: []Word{{Text: "hello 1"}}, Rooms: []state.RoomFrom{{Room: state.Lobby, After: 4}}, Before: 100, Most: 4, Bytes: 1 << 10}
	for _, want := range []string{"29 26 23 20 left 20", "17 14 11 8 left 8", "5 left 0"} {
		p := Among(all, q)
		got := ""
		for _, e := range p.Hits {
			got += fmt.Sprint(e.Number(), " ")
		}
		if got += fmt.Sprint("left ", p.Left); got != want {
			t.Errorf("before %d: %s, want %s", q.Before, got, want)
		}
		q.Before = p.Left
	}
}
