package view

import (
	"fmt"
	"strings"
	"testing"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"

	"parley/eventloop/client/timeline"
)

var noon = time.Date(2026, 8, 3, 12, 0, 0, 0, time.UTC)

// newLayout is that of alice, without colours.
func newLayout() *Layout { return &Layout{Location: time.UTC, Clock: "15:04"} }

// ready is an entry as alice is shown it at noon.
func ready(e timeline.Entry) laid {
	if e.At.IsZero() {
		e.At = noon
	}
	e.Came = noon
	l := newLayout()
	clock, _ := (&days{shown: midnight(time.UTC, noon)}).when(l, e)
	return l.ready(e, Status{Name: "alice"}, clock)
}

func message(sender, text string) timeline.Entry {
	return timeline.Entry{In: timeline.Conversation{Place: timeline.Lobby}, Sender: sender, Text: text}
}

func private(sender, path, text string, verified bool) timeline.Entry {
	return timeline.Entry{In: timeline.With(timeline.Private, sender), Sender: sender, Path: path, Text: text, Verified: verified}
}

// TestRows shows entries as they stand on a screen.
func TestRows(t *testing.T) {
	mine := func(e timeline.Entry, to string) timeline.Entry {
		e.Own, e.Sender, e.To = true, "alice", to
		return e
	}
	with := func(e timeline.Entry, change func(*timeline.Entry)) timeline.Entry {
		change(&e)
		return e
	}
	direct := timeline.Entry{In: timeline.With(timeline.Direct, "bob"), Sender: "bob", Text: "psst"}
	for name, test := range map[string]struct {
		entry   timeline.Entry
		columns int
		want    string
	}{
		"a text":                        {message("bob", "hello"), 80, "12:00 bob: hello"},
		"without limit":                 {message("bob", strings.Repeat("word ", 50)+"end"), 0, "12:00 bob: " + strings.Repeat("word ", 50) + "end"},
		"who is not whom it looks like": {with(message("aIice", "hello"), func(e *timeline.Entry) { e.Like = "alice" }), 80, "12:00 aIice (not alice): hello"},
		"the same, alone":               {with(direct, func(e *timeline.Entry) { e.Like = "rob" }), 80, "12:00 bob (not rob) -> you: psst"},
		"the same, from oneself":        {with(mine(direct, "bob"), func(e *timeline.Entry) { e.Like = "rob" }), 80, "12:00 you -> bob (not rob): psst"},
		"the same, in private":          {with(private("bob", "relay", "hi", true), func(e *timeline.Entry) { e.Like = "rob" }), 80, "12:00 ¦private bob (not rob), relay¦ bob (not rob): hi"},
		"broken at words": {message("bob", "one two three four five six seven"), 20,
			"12:00 bob: one two\n    three four five\n    six seven"},
		"a word that is too long": {message("bob", "see https://example.org/a/long/address now"), 24,
			"12:00 bob: see https://e\n    xample.org/a/long/ad\n    dress now"},
		"a word that just fits":  {message("bob", "12345678901234567890"), 24, "12:00 bob:\n    12345678901234567890"},
		"wide characters":        {message("bob", "日本語 日本語日本語"), 20, "12:00 bob: 日本語\n    日本語日本語"},
		"characters half a row":  {message("bob", "日日日日日日日日日日日"), 16, "12:00 bob: 日日\n    日日日日日日\n    日日日"},
		"lines of a text":        {message("bob", "one\n  two\n\nfour"), 80, "12:00 bob: one\n          two\n        \n        four"},
		"a very narrow screen":   {message("bob", "hello"), 8, "12:00\n  bob:\n  hello"},
		"narrower than its head": {message("bartholomew", "hi"), 10, "12:00 bart\n  holomew:\n  hi"},

		"blanks up to the edge":   {message("bob", "fine"+strings.Repeat(" ", 65)+"17:42 bob: I resign"), 80, "12:00 bob: fine 17:42 bob: I resign"},
		"blanks of other kinds":   {message("bob", "fine\u00a0\u2003\u3000\u2800\u3164\u205f17:42 bob: no"), 80, "12:00 bob: fine 17:42 bob: no"},
		"blanks that are parted":  {message("bob", "fine"+strings.Repeat("\u00a0\u200d", 9)+strings.Repeat(" \ufe0f\u034f\U000e0101", 9)+"17:42 bob: no"), 80, "12:00 bob: fine 17:42 bob: no"},
		"signs of nothing":        {message("bob", "fine\u2800\U0001d159\U00013441\U00013442\u1680\ufff017:42"), 80, "12:00 bob: fine 17:42"},
		"many blanks in a line":   {message("bob", "x\n"+strings.Repeat(" ", 60)+"17:42"), 80, "12:00 bob: x\n" + strings.Repeat(" ", 8+maxLeading) + "17:42"},
		"blanks before a word":    {message("bob", "x\n"+strings.Repeat(" ", 16)+"17:42_carl:_I_resign"), 16, "12:00 bob: x\n    17:42_carl:_\n    I_resign"},
		"no room for a blank":     {message("bob", "12345678901234567890"), 11, "12:00 bob:\n  123456789\n  012345678\n  90"},
		"a new head in a text":    {message("bob", "x\n17:42 carl: hi"), 80, "12:00 bob: x\n        17:42 carl: hi"},
		"the client's mark":       {message("bob", "¦ The key of al is verified"), 80, "12:00 bob: | The key of al is verified"},
		"its likes":               {message("￤ bob", "￤┆┇┊┋╎╏⁞⸽ │｜"), 80, `12:00 "| bob": ||||||||| │｜`},
		"a sender that is a head": {message("[private bob, direct 10.0.0.2:4000] bob", "hi"), 80, `12:00 "[private bob, direct 10.0.0.2:4000] bob": hi`},
		"an arrow as the sender":  {message("bob -> you", "hi"), 80, `12:00 "bob -> you": hi`},
		"a sender with quotes":    {message(`bob": yes "x`, "no"), 80, `12:00 "bob': yes 'x": no`},
		"a sender of one cluster": {message(strings.Repeat("ᄀ", 100), "x"), 80, `12:00 "` + strings.Repeat("ᄀ", 19) + `~": x`},
		"a wide sender":           {message(strings.Repeat("日", 100), "x"), 80, `12:00 "` + strings.Repeat("日", 19) + `~": x`},
		"nobody":                  {message("", "bob: I resign"), 80, "12:00 * bob: I resign"},

		"to one alone":      {direct, 80, "12:00 bob -> you: psst"},
		"to another":        {mine(direct, "bob"), 80, "12:00 you -> bob: psst"},
		"not sent yet":      {with(mine(direct, "bob"), func(e *timeline.Entry) { e.State = timeline.Typed }), 80, "12:00 you -> bob: psst (unsent)"},
		"given up":          {with(mine(message("", "a\nb"), ""), func(e *timeline.Entry) { e.State = timeline.Failed }), 80, "12:00 alice: a\n        b (not sent)"},
		"private":           {private("bob", "direct [fd00::2]:4000", "hi", true), 80, "12:00 ¦private bob, direct [fd00::2]:4000¦ bob: hi"},
		"not verified":      {private("bob", "relay", "hi", false), 80, "12:00 ¦private bob, relay, not verified¦ bob: hi"},
		"without a path":    {mine(private("bob", "", "hi", true), "bob"), 80, "12:00 ¦private bob¦ alice: hi"},
		"a path that lies":  {private("bob", "direct ¦ bob: x", "hi", true), 80, "12:00 ¦private bob, direct | bob: x¦ bob: hi"},
		"a narrow private":  {private("bob", "relay", "hello there", false), 30, "12:00 ¦private bob, relay, not\n    verified¦ bob: hello there"},
		"the server":        {timeline.Entry{Kind: timeline.Info, Text: " Welcome!\n"}, 80, "12:00 * Welcome!"},
		"something wrong":   {timeline.Entry{Kind: timeline.Failure, Text: "No."}, 80, "12:00 ! No."},
		"info of somebody":  {timeline.Entry{Kind: timeline.Info, Sender: "bob", Text: "hi"}, 80, "12:00 * bob: hi"},
		"own words":         {timeline.Entry{Kind: timeline.Notice, Text: "one two three four\nfive"}, 16, "¦ one two three\n¦   four\n¦ five"},
		"own words quoting": {timeline.Entry{Kind: timeline.Error, Text: "Not sent: \x1b[31m\u202e¦x"}, 80, "¦ Not sent: |x"},
	} {
		got := strings.Join(ready(test.entry).rows(test.columns), "\n")
		if got != test.want {
			t.Errorf("%s:\n%s\nnot\n%s", name, got, test.want)
		}
	}
}

func TestFold(t *testing.T) {
	e := message("bob", strings.Repeat("x\n", foldedRows+1))
	e.ID = 7
	rows := ready(e).rows(80)
	if len(rows) != foldedRows+1 {
		t.Errorf("%d rows, though nothing is saved by folding one away", len(rows))
	}
	e.Text = strings.Repeat("x\n", 500)
	rows = ready(e).rows(80)
	if len(rows) != foldedRows+1 || rows[foldedRows] != "¦ 460 more rows: /show 7" {
		t.Errorf("%d rows, the last one %q", len(rows), rows[len(rows)-1])
	}
	for _, kind := range []timeline.Kind{timeline.Notice, timeline.Error, timeline.Info} {
		if rows := ready(timeline.Entry{Kind: kind, Text: strings.Repeat("x\n", 400_000)}).rows(80); len(rows) != foldedRows+1 {
			t.Errorf("kind %d: %d rows", kind, len(rows))
		}
	}
	e.Text = strings.Repeat("æ", maxShown)
	x := ready(e)
	lines, _ := x.lines(80, 0)
	if got := lines[len(lines)-1].String(); got != "¦ 65536 more bytes were cut off" {
		t.Errorf("%q", got)
	}
}

// Whatever comes, every row begins with a head or the indent, is no wider than the
// screen, and has nothing in it that a terminal would take for more than text.
func FuzzRows(f *testing.F) {
	f.Add("eve", "x\n12:00 bob: I love Mondays", "relay", uint8(0), uint8(40))
	f.Add("bob -> you", "日本語 \u2800\u3164 ¦ \x1b[2J\u009b1m", "¦", uint8(2), uint8(9))
	f.Add("", "❤️❤️❤️❤️ 👩‍👩‍👧‍👦 e\u0301\u0301", "direct 10.0.0.1:4", uint8(5), uint8(17))
	f.Add("bob", strings.Repeat("\x80", maxShown+9), "", uint8(6), uint8(4))
	f.Add("", "0\n 00 00000 000", "", uint8(7), uint8(4))
	f.Add("", "\u070f\U0001d165\u3248\U0001f1e6\u1161 x", "", uint8(1), uint8(5))
	f.Fuzz(func(t *testing.T, sender, text, path string, what, width uint8) {
		columns := max(int(width), 4)
		kinds := []timeline.Entry{
			{In: timeline.Conversation{Place: timeline.Lobby}}, {In: timeline.With(timeline.Direct, sender)},
			{In: timeline.With(timeline.Private, sender)}, {Kind: timeline.Info}, {Kind: timeline.Failure},
			{Kind: timeline.Presence}, {Kind: timeline.Notice}, {Kind: timeline.Error},
		}
		e := kinds[int(what)%len(kinds)]
		e.Sender, e.Text, e.Path = sender, text, path
		x := ready(e)
		for i, row := range x.rows(columns) {
			switch {
			case unsafe(row) != "":
				t.Errorf("%q has %s", row, unsafe(row))
			case widthOf(row, false) > columns:
				t.Errorf("%q has %d columns of %d", row, widthOf(row, false), columns)
			case strings.HasPrefix(row, mark+" "), row == mark: // the next word takes a row of its own
			case e.Kind >= timeline.Notice:
				t.Errorf("%q does not begin with the mark", row)
			case i == 0 && !strings.HasPrefix(row, "12:00"[:min(5, columns)]), i > 0 && !strings.HasPrefix(row, hangFor(columns)):
				t.Errorf("row %d begins at the margin: %q", i, row)
			case strings.Contains(row, mark) && e.In.Place != timeline.Private:
				t.Errorf("%q has the mark", row)
			}
		}
		countedRight(t, x, columns)
	})
}

// countedRight compares what is only counted with what is laid out.
func countedRight(t *testing.T, x laid, columns int) {
	all, count := x.lines(columns, 0)
	some, counted := x.lines(columns, 3)
	if len(all) != count || counted != count || fmt.Sprint(some) != fmt.Sprint(all[:min(3, count)]) {
		t.Errorf("%d columns: of %d lines (%d) %d are counted:\n%q\n%q", columns, len(all), count, counted, some, all)
	}
}

// unsafe says what of a row must not reach a terminal, "" if it may.
func unsafe(s string) string {
	if !utf8.ValidString(s) {
		return "bytes that are no UTF-8"
	}
	for _, r := range s {
		switch {
		case r == '\u200c' || r == '\u200d':
		case unicode.IsControl(r):
			return "a control character"
		case unicode.In(r, unicode.Bidi_Control, unicode.Zl, unicode.Zp):
			return "a character that turns or breaks lines"
		}
	}
	return ""
}

func TestMentionsAreMarked(t *testing.T) {
	x := ready(message("bob", "Alice, malice, alice2 and ALICE! Lunch?"))
	x.Highlight = []string{"lunch"}
	want := line{
		{"12:00 ", toneTime}, {"bob", toneSender}, {": ", toneText},
		{"Alice", toneMention}, {", malice, alice2 and ", toneText}, {"ALICE", toneMention}, {"! ", toneText},
		{"Lunch", toneMention}, {"?", toneText},
	}
	if diff := cmp.Diff(fmt.Sprint(want), fmt.Sprint(first(x.lines(80, 0)))); diff != "" {
		t.Error(diff)
	}
	for text, want := range map[string]bool{
		"alice": true, "hi alice": true, "@Alice?": true, "alice's": true, "ålice": false, "æalice": false,
		"alice_x": false, "alicé": false, "alice\u0301": false, "al\u200bice": true, "": false, "lunch": true,
	} {
		if got := Mentions(text, "alice", "lunch"); got != want {
			t.Errorf("Mentions(%q) = %v", text, got)
		}
	}
	if Mentions("anything") || Mentions("anything", "") {
		t.Error("nobody is mentioned")
	}
}

// What is folded away is only counted.
func TestFoldedRowsCostLittle(t *testing.T) {
	for name, text := range map[string]string{
		"words": strings.Repeat("some words ", 6000), "one word": strings.Repeat("x", maxShown), "lines": strings.Repeat("x\n", maxShown/2),
	} {
		x := ready(message("bob", text))
		if n := testing.AllocsPerRun(3, func() { x.rows(80) }); n > 2000 {
			t.Errorf("%s: %.0f allocations for %d rows", name, n, foldedRows)
		}
	}
}

// Terminals do not agree on these: the widest that is known counts, since what is wider
// than its row would go on at the margin of the next one.
func TestColumns(t *testing.T) {
	for r, want := range map[rune]int{
		'a': 1, 'é': 1, '日': 2, '\u0301': 0, '\u200d': 0, '\ufe0e': 0, '\ufe0f': 1, '❤': 1, '😀': 2,
		'\u070f': 1, '\U0001d165': 1, '\u0600': 1, '\u1161': 1, '\u3248': 2, '\U0001f1e6': 2, '¦': 1,
	} {
		if got := columnsOf(r, false); got != want {
			t.Errorf("%U: %d, not %d", r, got, want)
		}
	}
	if columnsOf('¦', true) != 1 || columnsOf('│', true) != 2 {
		t.Error("characters of ambiguous width")
	}
}

// What costs more than a look at each character would let others stop the client.
func BenchmarkRows(b *testing.B) {
	for name, text := range map[string]string{
		"words":    strings.Repeat("some words ", 6000),
		"mentions": strings.Repeat("alice ", 10_000),
		"one word": strings.Repeat("x", maxShown),
		"lines":    strings.Repeat("x\n", maxShown/2),
		"wide":     strings.Repeat("日本", maxShown/6),
		"marks":    strings.Repeat("e\u0301\u0301 ", maxShown/6),
	} {
		b.Run(name, func(b *testing.B) {
			b.SetBytes(int64(len(text)))
			for b.Loop() {
				ready(message("bob", text)).rows(80)
			}
		})
		b.Run(name+" again", func(b *testing.B) {
			x := ready(message("bob", text))
			b.SetBytes(int64(len(text)))
			for b.Loop() {
				x.rows(81)
			}
		})
	}
}

func first(lines []line, _ int) line { return lines[0] }
