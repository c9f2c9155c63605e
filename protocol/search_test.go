package protocol

import (
	"fmt"
	"strings"
	"testing"
	"time"
)

var searchNow = time.Date(2026, 11, 26, 12, 0, 0, 0, time.UTC)

// search reads a content as it comes on the wire.
func search(content string) (Search, *Error) {
	r, err := new(Parser).Parse([]byte(`{"request":"search","content":` + content + `}`))
	if err != nil {
		return Search{}, err
	}
	args, err := NewVerbs().Lookup("search").Parse(r.Content)
	if err != nil {
		return Search{}, err
	}
	return AskedSearch(r.Content, args, searchNow)
}

// show writes a search as one line.
func show(s Search) (text string) {
	for _, w := range s.Words {
		text += fmt.Sprintf("<%s>", w.Text)
		if w.Prefix {
			text += "*"
		}
	}
	for _, f := range []struct{ name, value string }{{"from", s.From}, {"in", s.In}, {"with", s.With}} {
		if f.value != "" {
			text += " " + f.name + "=" + f.value
		}
	}
	if !s.Since.IsZero() {
		text += s.Since.Format(" since 2006-01-02T15:04")
	}
	if !s.Until.IsZero() {
		text += s.Until.Format(" until 2006-01-02T15:04")
	}
	if s.Before > 0 {
		text += fmt.Sprint(" page ", s.Before)
	}
	return text
}

func TestSearch(t *testing.T) {
	for content, want := range map[string]string{
		`"hello"`:                               "<hello>",
		`" two \t words\n"`:                     "<two><words>",
		`"two\" words\""`:                       "<two>< words>",
		`"\"two words\" three"`:                 "<two words><three>",
		`"“two words” „and” «more»"`:            "<two words><and><more>",
		`"foo*"`:                                "<foo>*",
		`"foo** \"b bar\"*"`:                    "<foo>*<b bar>*",
		`"på* Ås"`:                              "<på>*<Ås>",
		`"e-post*"`:                             "<e-post>*",
		`"foo-*"`:                               "<foo->*",
		`"* foo !"`:                             "<foo>",
		`"hei 😀"`:                               "<hei>",
		`"7"`:                                   "<7>",
		`"from:bob hello"`:                      "<hello> from=bob",
		`"hello FROM:Bob in:my-room"`:           "<hello> from=Bob in=my-room",
		`"in:LOBBY a from:b"`:                   "<a> from=b in=LOBBY",
		`"with:bob \"from:me\""`:                "<from:me> with=bob",
		`"from:\"bob\" x1"`:                     "<x1> from=bob",
		`"http://example.org x:y"`:              "<http://example.org><x:y>",
		`"hello before:2026-11-25"`:             "<hello> until 2026-11-25T00:00",
		`"after:2026-11-25T18:30:00Z now"`:      "<now> since 2026-11-25T18:30",
		`"after:2026-11-25t18:30:00+01:00 now"`: "<now> since 2026-11-25T17:30",
		`"after:7d before:90m now"`:             "<now> since 2026-11-19T12:00 until 2026-11-26T10:30",
		`"now page:12"`:                         "<now> page 12",
		`"AND OR NOT NEAR(a b) ^x text:y"`:      "<AND><OR><NOT><NEAR(a><b)><^x><text:y>",
		`{"words":"hello"}`:                     "<hello>",
		`{"words":"from:bob x"}`:                "<from:bob><x>",
		`{"words":"a","from":"b","in":"c","before":"2026-11-25","after":"7d","page":12}`: "<a> from=b in=c since 2026-11-19T12:00 until 2026-11-25T00:00 page 12",
		`{"words":"\"a b\"*x","with":"c","page":" 12 "}`:                                 "",
		`{"words":"\"a bcd\"* x","with":"c","page":" 12 "}`:                              "<a bcd>*<x> with=c page 12",
	} {
		got, err := search(content)
		if want == "" {
			if err == nil {
				t.Errorf("%s: %s, want an error", content, show(got))
			}
		} else if err != nil || show(got) != want {
			t.Errorf("%s: %s %v, want %s", content, show(got), err, want)
		}
	}
}

func TestSearchThatIsWrong(t *testing.T) {
	for content, says := range map[string]string{
		`null`:                              "words",
		`""`:                                "words",
		`"  "`:                              "no word to look for",
		`"from:bob"`:                        "no word to look for",
		`"!?"`:                              "no letter and no digit",
		`"😀 👍"`:                             "no letter and no digit",
		`"*"`:                               "no letter and no digit",
		`"\"\""`:                            "no letter and no digit",
		`"a*"`:                              "at least three letters",
		`"foo.b*"`:                          "at least three letters",
		`"é*"`:                              "at least three letters",
		`"\"one two"`:                       "none closes it",
		`"one two\""`:                       "none closes it",
		`"five\" screws"`:                   "none closes it",
		`"a from:"`:                         "from: is to be is missing",
		`"in: den"`:                         "in: is to be is missing",
		`"a from:b from:c"`:                 "more than one from:",
		`"a in:b with:c"`:                   "either in a room or",
		`"a before:soon"`:                   "before: is a day such as",
		`"a after:2026-13-01"`:              "after: is a day such as",
		`"a after:0d"`:                      "after: is a day such as",
		`"a after:3000-01-01"`:              "after: is a day such as",
		`"a before:1066-10-14"`:             "before: is a day such as",
		`"a after:7d before:8d"`:            "Nothing is both after 7d and before 8d",
		`"a page:0"`:                        "The page is",
		`"a page:-1"`:                       "The page is",
		`"a page:x"`:                        "The page is",
		`{"words":"a","page":1.5}`:          "whole number",
		`{"words":["a"]}`:                   "must be a string",
		`5`:                                 "must be a string",
		`"` + long("ab ", 21) + `"`:         "too many words: at most 20",
		`"` + long("x", 1025) + `"`:         "at most 1024 bytes",
		`{"words":"a","in":"b","with":"c"}`: "either in a room or",
	} {
		got, err := search(content)
		if err == nil || err.Code != BadRequest || !strings.Contains(err.Text, says) {
			t.Errorf("%.80s: %s %v, want an error that says %q", content, show(got), err, says)
		} else if strings.HasSuffix(says, ":") == strings.Contains(err.Text, "search WORDS from:NAME") && len(err.Text) > 600 {
			t.Errorf("%.80s: the error is long: %s", content, err.Text)
		}
	}
}

func long(s string, n int) string { return strings.Repeat(s, n) }

// FuzzSearch has nothing be taken for a search that has no word, and what was read be read
// again from what it is written as.
func FuzzSearch(f *testing.F) {
	for _, text := range []string{`a "b c" d* from:e in:f before:7d`, `"`, `from:"x" "y"*`, "“a”", "with:\x00 å*", `in:""""`, "****", "a page:9"} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		words, err := TypedSearch(text)
		if err != nil {
			return
		}
		s, err := words.Search(searchNow)
		if err != nil {
			if !strings.Contains(err.Text, "search WORDS") {
				t.Fatalf("%q: the error does not say the right form: %s", text, err.Text)
			}
			return
		}
		if len(s.Words) == 0 || len(s.Words) > maxSearchWords {
			t.Fatalf("%q: %s", text, show(s))
		}
		again := ""
		for _, w := range s.Words {
			if !strings.ContainsFunc(w.Text, isSearched) || strings.Contains(w.Text, `"`) {
				t.Fatalf("%q: %s", text, show(s))
			}
			again += ` "` + w.Text + `"`
			if w.Prefix {
				again += "*"
			}
		}
		if len(again) > MaxSearch {
			return
		}
		read, err := searchWords(again)
		if err != nil || fmt.Sprint(read) != fmt.Sprint(s.Words) {
			t.Fatalf("%q: %q is %s %v", text, again, show(Search{Words: read}), err)
		}
	})
}
