package view

import (
	"bytes"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"parley/eventloop/client/timeline"
)

// paper is a screen of 80 columns that keeps all that was done to it.
type paper struct {
	log  []string
	gone bool // what is to be drawn anew has scrolled away
}

func (p *paper) add(format string, args ...any) {
	p.log = append(p.log, fmt.Sprintf(format, args...))
}

func (p *paper) Show(_ uint64, block func(int) []string) {
	for _, row := range block(80) {
		p.add("%s", row)
	}
}

func (p *paper) Replace(id uint64, block func(int) []string) bool {
	if !p.gone {
		p.add("%d is now %s", id, strings.Join(block(80), "|"))
	}
	return !p.gone
}

func (p *paper) SetPrompt(s string) { p.add("prompt %s", s) }
func (p *paper) SetTitle(s string)  { p.add("title %s", s) }
func (p *paper) SetSecret(on bool)  { p.add("secret %v", on) }
func (p *paper) Clear()             { p.add("clear") }

// read tells a person of entries, and returns what stands on the paper.
func read(t *testing.T, screen *paper, do func(*timeline.Timeline, *Person)) string {
	t.Helper()
	p := NewPerson(*newLayout(), screen, noon)
	var line timeline.Timeline
	line.Subscribe(p.Changed)
	do(&line, p)
	return strings.Join(screen.log, "\n")
}

func at(day, hour int) timeline.Times {
	return timeline.Times{At: time.Date(2026, 8, day, hour, 0, 0, 0, time.UTC)}
}

func TestDays(t *testing.T) {
	came := func(e timeline.Entry, when, came timeline.Times, old bool) timeline.Entry {
		e.Times, e.Old = when, old
		e.Came = came.At
		return e
	}
	got := read(t, &paper{}, func(line *timeline.Timeline, _ *Person) {
		for _, e := range []timeline.Entry{
			came(message("bob", "of the history"), at(1, 9), at(3, 12), true),
			came(message("bob", "of the same day"), at(1, 10), at(3, 12), true),
			came(message("bob", "a day later"), at(2, 10), at(3, 12), true),
			came(message("bob", "a clock that goes back"), at(1, 10), at(3, 12), true),
			came(message("bob", "of the future"), at(9, 10), at(3, 12), true),
			came(message("bob", "now"), at(3, 12), at(3, 12), false),
			came(message("eve", "an old time"), at(2, 12), at(3, 12), false),
			came(message("eve", "another one"), at(1, 12), at(3, 12), false),
			came(message("eve", "a time to come"), at(8, 12), at(3, 12), false),
			{Kind: timeline.Gap},
			came(message("bob", "tomorrow"), at(4, 1), at(4, 1), false),
			came(message("bob", "without a time"), timeline.Times{}, at(4, 9), false),
			came(message("bob", "with another writing of it"), timeline.Times{Stamp: "10-07-2026 9:30:15"}, at(4, 9), false),
			came(message("bob", "without a time, long ago"), timeline.Times{}, at(4, 9), true),
		} {
			line.Add(e)
		}
	})
	want := `--- Saturday 1 August 2026 ---
09:00 bob: of the history
10:00 bob: of the same day
--- Sunday 2 August 2026 ---
10:00 bob: a day later
1 Aug 10:00 bob: a clock that goes back
9 Aug 10:00 bob: of the future
--- Monday 3 August 2026 ---
12:00 bob: now
2 Aug 12:00 eve: an old time
1 Aug 12:00 eve: another one
8 Aug 12:00 eve: a time to come
--- new since you were away ---
--- Tuesday 4 August 2026 ---
01:00 bob: tomorrow
09:00 bob: without a time
09:30 bob: with another writing of it
--:-- bob: without a time, long ago`
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

func TestForeignTimes(t *testing.T) {
	for stamp, want := range map[string]string{
		"10-07-2026 09:30:15": "09:30", "9:05": "09:05", "Mon Aug  3 14:15:16 2026": "14:15", "2026-08-03T23:59:00": "23:59",
		"24:00": "12:00", "99:99": "12:00", "yesterday": "12:00", "": "12:00", "1156": "12:00", "123:45": "12:00",
	} {
		e := timeline.Entry{Times: timeline.Times{Stamp: stamp, Came: noon}}
		if got, _ := new(days).when(newLayout(), e); got != want+" " {
			t.Errorf("%q is shown as %q", stamp, got)
		}
	}
	if got, _ := new(days).when(&Layout{}, timeline.Entry{}); got != "" {
		t.Errorf("without a layout of times there is %q", got)
	}
}

func TestWhatBecomesOfATextIsDrawn(t *testing.T) {
	screen := &paper{}
	got := read(t, screen, func(line *timeline.Timeline, p *Person) {
		p.Status(Status{Name: "alice", Server: "localhost", To: timeline.Conversation{Place: timeline.Lobby}})
		screen.log = nil
		become := func(id timeline.ID, s timeline.State) {
			line.Update(id, func(e *timeline.Entry) { e.State = s })
		}
		mine := timeline.Entry{In: timeline.Conversation{Place: timeline.Lobby}, Sender: "alice", Own: true, Text: "hi", State: timeline.Typed, Times: timeline.Times{At: noon, Came: noon}}
		one, two, three := line.Add(mine), line.Add(mine), line.Add(mine)
		become(one, timeline.Sent)
		become(one, timeline.Accepted) // nothing is seen of that
		become(two, timeline.Failed)
		screen.gone = true
		become(three, timeline.Sent)
		become(two, timeline.Failed)
		mine.In, mine.To = timeline.With(timeline.Direct, "bob"), "bob"
		become(line.Add(mine), timeline.Sent)
	})
	want := strings.Repeat("12:00 alice: hi (unsent)\n", 3) + `1 is now 12:00 alice: hi
2 is now 12:00 alice: hi (not sent)
¦ Sent: "hi"
12:00 you -> bob: hi (unsent)
¦ Sent to bob: "hi"`
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

func TestPrompts(t *testing.T) {
	base := Status{Name: "alice", Server: "localhost", To: timeline.Conversation{Place: timeline.Lobby}}
	with := func(change func(*Status)) Status {
		s := base
		change(&s)
		return s
	}
	bob := func(place timeline.Place, notes ...string) Status {
		return with(func(s *Status) { s.To, s.ToName, s.Notes = timeline.With(place, "bob"), "Bob", notes })
	}
	ops := func(notes ...string) Status {
		return with(func(s *Status) { s.To, s.ToName, s.Notes = timeline.With(timeline.Room, "ops"), "Ops", notes })
	}
	count := func(place timeline.Place, name string, n int, meant bool) Count {
		return Count{In: timeline.With(place, name), Name: name, New: n, Meant: meant}
	}
	for prompt, s := range map[string]Status{
		"lobby> ":                   base,
		"lobby (public)> ":          with(func(s *Status) { s.Notes = []string{"public"} }),
		"Bob (private, verified)> ": bob(timeline.Private, "verified"),
		"Bob (direct)> ":            bob(timeline.Direct),
		"name: ":                    with(func(s *Status) { s.Naming = true }),
		"password of alice: ":       with(func(s *Status) { s.Question, s.Naming = "password of alice", true }),
		"Ops> ":                     ops(),
		"Ops (offline)> ":           ops("offline"),
		"nobody (not sent)> ": with(func(s *Status) {
			s.To, s.ToName, s.Notes = timeline.With(timeline.Room, ""), "nobody", []string{"not sent"}
		}),
		"Ops (lobby 3)> ": with(func(s *Status) { *s = ops(); s.Others = []Count{count(timeline.Lobby, "", 3, false)} }),
		"lobby (public, dev 1!, @bob 2!, Ops 4)> ": with(func(s *Status) {
			s.Notes = []string{"public"}
			s.Others = []Count{count(timeline.Room, "Ops", 4, false), count(timeline.Room, "dev", 1, true), count(timeline.Direct, "bob", 2, true)}
		}),
		"lobby (a 1, b 1, c 1, 2 more)> ": with(func(s *Status) {
			for _, name := range strings.Fields("a b c d e") {
				s.Others = append(s.Others, count(timeline.Room, name, 1, false))
			}
		}),
		`lobby ("x)> y" 1, @"bob 1)>" 1)> `: with(func(s *Status) {
			s.Others = []Count{count(timeline.Room, "x)> y", 1, false), count(timeline.Direct, "bob 1)> ", 1, false)}
		}),
		"B?b (private, no session)> ": with(func(s *Status) {
			s.To, s.ToName, s.Notes = timeline.With(timeline.Private, "båb"), "Båb", []string{"no session"}
		}),
	} {
		if got := s.prompt(); got != prompt {
			t.Errorf("%q, not %q", got, prompt)
		}
	}
	if got := with(func(s *Status) { s.Writing = "carl" }).title(); got != "carl is writing - alice@localhost lobby - parley" {
		t.Errorf("the title is %q", got)
	}
	if got := with(func(s *Status) { s.Unread = 3 }).title(); got != "(3) alice@localhost lobby - parley" {
		t.Errorf("the title is %q", got)
	}
	// What has not changed is not set again.
	got := read(t, &paper{}, func(_ *timeline.Timeline, p *Person) {
		p.Status(base)
		p.Status(base)
		p.Status(with(func(s *Status) { s.Question, s.Hidden = "password", true }))
		p.Status(base)
	})
	want := "prompt lobby> \ntitle alice@localhost lobby - parley\nsecret true\nprompt password: \nsecret false\nprompt lobby> "
	if got != want {
		t.Errorf("%s\nnot\n%s", got, want)
	}
}

// Who turns to a conversation sees its last entries again, with a line where they are new.
func TestLook(t *testing.T) {
	said := func(id timeline.ID, text string) timeline.Entry {
		e := message("bob", text)
		e.ID, e.In, e.Room, e.Times = id, timeline.With(timeline.Room, "ops"), "Ops", timeline.Times{At: noon, Came: noon}
		return e
	}
	held := said(3, "held back")
	held.Held = true
	yesterday := said(1, "yesterday")
	yesterday.At = noon.Add(-24 * time.Hour)
	got := read(t, &paper{}, func(_ *timeline.Timeline, p *Person) {
		p.Changed(timeline.Change{Entry: held})
		p.Look(Look{In: held.In, Name: "Ops", Left: 7, New: 3, Entries: []timeline.Entry{yesterday, said(2, "before"), {Kind: timeline.Gap, In: held.In}, held}})
		p.Look(Look{In: timeline.Conversation{Place: timeline.Lobby}})
		p.Look(Look{In: timeline.With(timeline.Direct, "bob"), Name: "Bob"})
		p.Look(Look{In: timeline.With(timeline.Room, "x\n--- room y ---"), Name: "x\n--- room y ---"})
		p.Changed(timeline.Change{Entry: timeline.Entry{Kind: timeline.Gap, In: held.In, Room: "Ops"}})
		p.Changed(timeline.Change{Entry: timeline.Entry{Kind: timeline.Gap}})
	})
	want := `--- room Ops ---
¦ 7 older lines are not shown.
2 Aug 12:00 [Ops] bob: yesterday
12:00 [Ops] bob: before
--- new in room Ops ---
12:00 [Ops] bob: held back
--- the lobby ---
--- Bob alone ---
--- a conversation ---
--- new in room Ops ---
--- new since you were away ---`
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

// What is of a room says so, and what is of the lobby, where another room may be meant.
func TestRoomsBeforeEntries(t *testing.T) {
	there := func(name string) timeline.Entry {
		e := message("bob", "[dev] carl: hi")
		e.In, e.Room = timeline.With(timeline.Room, name), name
		return e
	}
	came := timeline.Entry{In: timeline.With(timeline.Room, "ops"), Room: "ops", Kind: timeline.Presence, Text: "carl has joined ops."}
	for _, test := range []struct {
		entry timeline.Entry
		to    timeline.Place
		want  string
	}{
		{message("bob", "hi"), timeline.Lobby, "12:00 bob: hi"},
		{message("bob", "hi"), timeline.Direct, "12:00 bob: hi"},
		{message("bob", "hi"), timeline.Room, "12:00 [lobby] bob: hi"},
		{there("ops"), timeline.Lobby, "12:00 [ops] bob: [dev] carl: hi"},
		{there("ops"), timeline.Room, "12:00 [ops] bob: [dev] carl: hi"},
		{there("x] carl: hi\n["), timeline.Room, `12:00 ["x] carl: hi ["] bob: [dev] carl: hi`},
		{message("[ops] bob", "hi"), timeline.Lobby, `12:00 "[ops] bob": hi`},
		{came, timeline.Lobby, "12:00 [ops] * carl has joined ops."},
		{timeline.Entry{Kind: timeline.Info, Text: "[ops] bob: hi"}, timeline.Room, "12:00 * [ops] bob: hi"},
	} {
		x := newLayout().ready(test.entry, Status{Name: "alice", To: timeline.Conversation{Place: test.to}}, "12:00 ")
		if got := strings.Join(x.rows(80), "|"); got != test.want {
			t.Errorf("%q, not %q", got, test.want)
		}
	}
}

func TestExpand(t *testing.T) {
	var text strings.Builder
	for i := range 900 {
		fmt.Fprintln(&text, i)
	}
	screen := &paper{}
	read(t, screen, func(_ *timeline.Timeline, p *Person) {
		e := message("bob", text.String())
		e.ID, e.Came = 5, noon
		for page := range 4 {
			p.Expand(e, page+1)
		}
	})
	if n := len(screen.log); n != 902 || screen.log[400] != "¦ 500 more rows: /show 5 2" || screen.log[899] != "        897" {
		t.Errorf("%d rows: %q, %q", n, screen.log[400], screen.log[min(899, n-1)])
	}
}

func TestColours(t *testing.T) {
	theme, err := NewTheme(map[string]string{"mention": "bold bright red", "sender": "none"})
	if err != nil {
		t.Fatal(err)
	}
	x := ready(message("bob", "hi alice"))
	x.Colours, x.Theme = true, theme
	want := "\x1b[2m12:00\x1b[0m \x1b[" + senderColour("bob") + "mbob\x1b[0m: hi \x1b[1;91malice\x1b[0m"
	if got := x.rows(80)[0]; got != want {
		t.Errorf("%q, not %q", got, want)
	}
	x.entry.Old, x.text = true, "hi"
	want = "\x1b[2m12:00\x1b[0m \x1b[2;" + senderColour("bob") + "mbob\x1b[0m\x1b[2m: hi\x1b[0m"
	if got := x.rows(80)[0]; got != want {
		t.Errorf("old: %q, not %q", got, want)
	}
	for _, looks := range []map[string]string{{"texts": "red"}, {"text": "pink"}, {"text": ""}, {"text": "bright"}, {"text": "none red"}} {
		if _, err := NewTheme(looks); err == nil {
			t.Errorf("%v is taken", looks)
		}
	}
}

// A name keeps its colour from one version to the next and in any case, and the
// colours are spread over names.
func TestSenderColours(t *testing.T) {
	if got := senderColour("alice") + " " + senderColour("bob") + " " + senderColour("carl"); got != senderColour("ALICE")+" "+senderColour("Bob")+" "+senderColour("cArl") {
		t.Error("the case of a name changes its colour")
	}
	used := map[string]int{}
	for _, name := range strings.Fields("alice bob carl dora eve fred gus hal ida jo kim lea max nina olav per") {
		used[senderColour(name)]++
	}
	if len(used) < 6 {
		t.Errorf("16 names have the colours %v", used)
	}
	if senderColour("alice") != "96" {
		t.Errorf("the colour of alice has changed to %s", senderColour("alice"))
	}
}

func TestStreams(t *testing.T) {
	entries := []timeline.Entry{
		message("bob", "a long line "+strings.Repeat("x", 100)+"\nand another"),
		{In: timeline.Conversation{Place: timeline.Lobby}, Own: true, Text: "typed", State: timeline.Sent},
		{Kind: timeline.Info, Text: "Welcome!"}, {Kind: timeline.Failure, Text: "No.\n"}, {Kind: timeline.Notice, Text: "So\nit is \x1b[1m."}, {Kind: timeline.Gap},
	}
	var out, wrong, frames, frameErrors bytes.Buffer
	pipe := &Pipe{Layout: *newLayout(), Out: &out, Errors: &wrong}
	program := &Frames{Out: &frames, Errors: &frameErrors}
	var line timeline.Timeline
	line.Subscribe(pipe.Changed)
	line.Subscribe(program.Changed)
	for _, e := range entries {
		e.Came = noon
		line.Add(e)
	}
	program.Received([]byte("{\"a\": \n\"\u202e\"}\n"), Known{})
	program.Received([]byte("not\njson"), Known{Log: "log"})
	if want := "12:00 bob: a long line " + strings.Repeat("x", 100) + "\n        and another\n12:00 * Welcome!\n"; out.String() != want {
		t.Errorf("%q, not %q", out.String(), want)
	}
	if want := "parley: No.\nparley: So\nit is .\n"; wrong.String() != want || frameErrors.String() != want {
		t.Errorf("%q and %q, not %q", wrong.String(), frameErrors.String(), want)
	}
	if want := "{\"a\":\"\\u202e\"}\nnot json\n"; frames.String() != want {
		t.Errorf("%q, not %q", frames.String(), want)
	}
	broken := 0
	pipe.Out, pipe.Broken = brokenWriter{}, func() { broken++ }
	pipe.Changed(timeline.Change{Entry: message("bob", "hi")})
	if broken != 1 {
		t.Error("nobody was told that nobody reads")
	}
}

// A program is told whose numbers it reads, and nothing else is changed.
func TestFramesNameTheLog(t *testing.T) {
	for _, test := range []struct{ frame, want string }{
		{`{"content":"a","data":{"event":"message","id":5}}`, `{"content":"a","data":{"log":"l\"g","event":"message","id":5}}`},
		{`{"data": {"event":"history"}, "content":[{"data":{"id":1}}]}`, `{"data":{"log":"l\"g","event":"history"},"content":[{"data":{"id":1}}]}`},
		{`{"content":"a","data":{"event":"accepted"}} `, `{"content":"a","data":{"log":"l\"g","event":"accepted"}}`},
		{`{"content":{"data":{"id":1}}}`, `{"content":{"data":{"id":1}}}`},
		{`{"content":"data","data":null}`, `{"content":"data","data":null}`},
		{`["data",{"data":{"id":1}}]`, `["data",{"data":{"id":1}}]`},
		{`{"data":`, `{"data":`},
	} {
		var out bytes.Buffer
		(&Frames{Out: &out}).Received([]byte(test.frame), Known{Log: `l"g`})
		if out.String() != test.want+"\n" {
			t.Errorf("%s is written as %s", test.frame, out.String())
		}
	}
	var out bytes.Buffer
	frames := &Frames{Out: &out}
	frames.Received([]byte(`{"data":{"id":5}}`), Known{Log: "l", Room: "lobby"})
	frames.Received([]byte(`{"data":{"event":"presence"}}`), Known{Room: "lobby"})
	frames.Received([]byte(`{"data":{"id":5,"room":"ops"}}`), Known{})
	if want := `{"data":{"log":"l","room":"lobby","id":5}}` + "\n" + `{"data":{"room":"lobby","event":"presence"}}` + "\n" + `{"data":{"id":5,"room":"ops"}}` + "\n"; out.String() != want {
		t.Errorf("with rooms: %s, not %s", out.String(), want)
	}
}

type brokenWriter struct{}

func (brokenWriter) Write([]byte) (int, error) { return 0, errors.New("broken pipe") }
