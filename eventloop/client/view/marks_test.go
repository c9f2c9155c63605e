package view

import (
	"strings"
	"testing"
	"time"

	"parley/eventloop/client/timeline"
)

// What has become of a message, and what it answers, stands between marks that nobody else
// can write.
func TestMarks(t *testing.T) {
	reactions := []timeline.Reaction{{Word: "+1", Names: []string{"bob", "anna"}}, {Word: "🎉", Names: []string{"carl"}, More: 2}}
	for name, test := range map[string]struct {
		change func(*timeline.Entry)
		want   string
	}{
		"nothing":   {func(*timeline.Entry) {}, "12:00 bob: hello"},
		"edited":    {func(e *timeline.Entry) { e.Marks.Edited = true }, "12:00 bob: hello ¦edited¦"},
		"reactions": {func(e *timeline.Entry) { e.Marks.Reactions = reactions }, "12:00 bob: hello ¦reactions: +1 bob, anna; 🎉 carl and 2 more¦"},
		"both":      {func(e *timeline.Entry) { e.Marks.Edited, e.Marks.Reactions = true, reactions[:1] }, "12:00 bob: hello ¦edited; reactions: +1 bob, anna¦"},
		"removed":   {func(e *timeline.Entry) { e.Text, e.Marks.Removed, e.Marks.By = "", true, "mod" }, "12:00 bob: ¦removed by mod¦"},
		"why":       {func(e *timeline.Entry) { e.Text, e.Marks.Removed, e.Marks.Why = "", true, `a"b ¦` }, `12:00 bob: ¦removed: "a'b |"¦`},
		"an answer": {func(e *timeline.Entry) { e.Re = timeline.Quote{Number: 3, Sender: "anna", Text: "who\nis there?"} }, `12:00 bob: ¦re anna: "who is there?"¦ hello`},
		"a long quote": {func(e *timeline.Entry) {
			e.Re = timeline.Quote{Number: 3, Sender: "anna", Text: strings.Repeat("x", 50)}
		}, `12:00 bob: ¦re anna: "` + strings.Repeat("x", 37) + `..."¦ hello`},
		"to no name":   {func(e *timeline.Entry) { e.Re = timeline.Quote{Number: 3, Sender: `anna": "x`, Text: "y"} }, `12:00 bob: ¦re "anna': 'x": "y"¦ hello`},
		"to something": {func(e *timeline.Entry) { e.Re = timeline.Quote{Number: 3} }, "12:00 bob: ¦re #3¦ hello"},
		"several lines": {func(e *timeline.Entry) { e.Text, e.Marks.Edited, e.Re.Number = "a\nb", true, 3 },
			"12:00 bob: ¦re #3¦ a\n        b ¦edited¦"},
		"a mark by hand":   {func(e *timeline.Entry) { e.Text = "hello ¦edited¦" }, "12:00 bob: hello |edited|"},
		"a quote by hand":  {func(e *timeline.Entry) { e.Text = `¦re anna: "x"¦ y` }, `12:00 bob: |re anna: "x"| y`},
		"found":            {func(e *timeline.Entry) { e.In, e.From, e.Number = again, e.In, 12 }, "12:00 #12 bob: hello"},
		"found in a room":  {func(e *timeline.Entry) { e.In, e.From, e.Room = again, timeline.With(timeline.Room, "ops"), "ops" }, "12:00 [ops] bob: hello"},
		"found of one":     {func(e *timeline.Entry) { e.In, e.From, e.Number = again, timeline.With(timeline.Direct, "bob"), 3 }, "12:00 #3 bob -> you: hello"},
		"of another day":   {func(e *timeline.Entry) { e.In, e.From, e.At = again, e.In, noon.Add(-48*time.Hour) }, "1 Aug 12:00 bob: hello"},
		"of another year":  {func(e *timeline.Entry) { e.In, e.From, e.At = again, e.In, noon.AddDate(-1, 0, 0) }, "3 Aug 2025 12:00 bob: hello"},
		"its new text":     {func(e *timeline.Entry) { *e = edit(*e) }, "12:00 bob has edited #12: hello"},
		"and when it was":  {func(e *timeline.Entry) { *e = edit(*e); e.Said = noon.Add(-time.Hour) }, "12:00 bob has edited #12 of 11:00: hello"},
		"an edit by hand":  {func(e *timeline.Entry) { e.Sender = "bob has edited #12" }, `12:00 "bob has edited #12": hello`},
		"an edit, removed": {func(e *timeline.Entry) { *e = edit(*e); e.Text, e.Marks.Removed = "", true }, "12:00 bob has edited #12: ¦removed¦"},
		"announced":        {func(e *timeline.Entry) { e.Kind = timeline.Announcement }, "12:00 *** bob announces: hello"},
		"by the owner":     {func(e *timeline.Entry) { e.Kind, e.Sender = timeline.Announcement, "" }, "12:00 *** The server's owner announces: hello"},
	} {
		e := message("bob", "hello")
		e.At = noon
		test.change(&e)
		if got := strings.Join(ready(e).rows(80), "\n"); got != test.want {
			t.Errorf("%s:\n%s\nnot\n%s", name, got, test.want)
		}
	}
}

var again = timeline.Conversation{Place: timeline.Again}

func edit(e timeline.Entry) timeline.Entry {
	e.From, e.In, e.Form, e.Number = e.In, again, timeline.AsEdited, 12
	return e
}

func TestWords(t *testing.T) {
	for word, want := range map[string]string{
		"+1": "+1", "ok": "ok", "🎉": "🎉", "👍🏽": "👍🏽", "❤️": "❤️", "ja!": "ja!", "a b": `"a b"`, "bob;": `"bob;"`, ":-)": `":-)"`, "": `""`,
		`"x"`: `"'x'"`, "¦": `"|"`, "a\x1b[31m": "a", strings.Repeat("x", 60): `"` + strings.Repeat("x", 23) + `~"`,
	} {
		got := Word(word)
		if got != want {
			t.Errorf("%q is %s, not %s", word, got, want)
		}
	}
}
