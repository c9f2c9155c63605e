package chatlog

import (
	"errors"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"go.uber.org/goleak"

	"parley/eventloop/client/timeline"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

var noon = time.Date(2026, 8, 3, 12, 0, 0, 0, time.UTC)

// A chat is a timeline with a log.
type chat struct {
	t       *testing.T
	folder  string
	log     *Log
	line    timeline.Timeline
	reports chan string
}

func begin(t *testing.T, folder string, private bool) *chat {
	t.Helper()
	c := &chat{t: t, folder: folder, reports: make(chan string, 10)}
	c.log = Start(Config{Folder: folder, Server: "localhost:9998", Private: private, Location: time.UTC, Report: func(words string) { c.reports <- words }})
	c.line.Subscribe(c.log.Changed)
	return c
}

func (c *chat) ends() {
	c.t.Helper()
	if lost := c.log.Stop(); lost != 0 || len(c.reports) > 0 {
		c.t.Errorf("%d are lost, and it reports %d times", lost, len(c.reports))
	}
}

// holds checks what a file holds; "": it is not there.
func (c *chat) holds(name, want string) {
	c.t.Helper()
	text, err := os.ReadFile(filepath.Join(c.folder, "localhost_9998", name))
	if diff := cmp.Diff(want, string(text)); diff != "" {
		c.t.Errorf("%s (-want +got, %v):\n%s", name, err, diff)
	}
	if want == "" && !errors.Is(err, os.ErrNotExist) {
		c.t.Errorf("%s: %v", name, err)
	}
}

func message(sender, text string) timeline.Entry {
	return timeline.Entry{In: timeline.Conversation{Place: timeline.Lobby}, Sender: sender, Text: text, Times: timeline.Times{Came: noon}}
}

func alone(place timeline.Place, sender, text string) timeline.Entry {
	e := message(sender, text)
	e.In = timeline.With(place, sender)
	return e
}

func there(room, text string) timeline.Entry {
	e := message("bob", text)
	e.In, e.Room = timeline.With(timeline.Room, room), room
	return e
}

func own(e timeline.Entry, state timeline.State) timeline.Entry {
	e.Own, e.To, e.Sender, e.State = true, e.Sender, "alice", state
	return e
}

func old(e timeline.Entry, at time.Time) timeline.Entry {
	e.Old, e.At = true, at
	return e
}

func missed(e timeline.Entry, at time.Time) timeline.Entry {
	e.Missed, e.At = true, at
	return e
}

func TestLines(t *testing.T) {
	c := begin(t, filepath.Join(t.TempDir(), "chats"), true)
	at := message("bob", "by the server's clock")
	at.At = noon.Add(-time.Hour).In(time.FixedZone("", 3600))
	verified := alone(timeline.Private, "Bob", "sealed")
	verified.Verified = true
	for _, e := range []timeline.Entry{
		message("bob", "hello"), at, message("", "jim has joined"), message("bob", "two\nlines\n"),
		message("bob", "x\r\n2026-08-03T12:00:00Z carl: I resign\r2026-08-03T12:00:00Z dora: me too"),
		message("bob", "red \x1b[31malert\x00\u202e\ttab\u2028line\u0085end"), message("bob: hi\ncarl", "not my name"), message("[private bob] bob", "nor mine"),
		message("bob", strings.Repeat("x", timeline.MaxText)+"yz"),
		alone(timeline.Direct, "Bob", "psst"), own(alone(timeline.Direct, "bob", "yes?"), timeline.Sent), alone(timeline.Direct, "../../bob", "out"),
		alone(timeline.Private, "bob", "who is it?"), verified, own(alone(timeline.Private, "bob", "me"), timeline.Delivered),
		there("Ops", "in a room"), there("ops/../x", "out"), own(there("ops", "me there"), timeline.Sent),
		{Kind: timeline.Notice, Text: "the client's words"}, {Kind: timeline.Info, Text: "the server's"}, {Kind: timeline.Presence, Sender: "bob", Text: "bob has gone"},
	} {
		c.line.Add(e)
	}
	c.ends()
	c.holds("lobby.log", `2026-08-03T12:00:00Z bob: hello
2026-08-03T11:00:00Z bob: by the server's clock
2026-08-03T12:00:00Z * jim has joined
2026-08-03T12:00:00Z bob: two
	lines
2026-08-03T12:00:00Z bob: x
	2026-08-03T12:00:00Z carl: I resign
	2026-08-03T12:00:00Z dora: me too
2026-08-03T12:00:00Z bob: red alert    tab line end
2026-08-03T12:00:00Z "bob: hi carl": not my name
2026-08-03T12:00:00Z "[private bob] bob": nor mine
2026-08-03T12:00:00Z bob: `+strings.Repeat("x", timeline.MaxText)+" (2 more bytes were cut off)\n")
	c.holds("direct-bob.log", "2026-08-03T12:00:00Z Bob: psst\n2026-08-03T12:00:00Z alice: yes?\n")
	c.holds("direct-%2E.%2F..%2Fbob.log", "2026-08-03T12:00:00Z \"../../bob\": out\n")
	c.holds("private-bob.log", "2026-08-03T12:00:00Z bob (not verified): who is it?\n2026-08-03T12:00:00Z Bob: sealed\n2026-08-03T12:00:00Z alice: me\n")
	c.holds("room-ops.log", "2026-08-03T12:00:00Z bob: in a room\n2026-08-03T12:00:00Z alice: me there\n")
	c.holds("room-ops%2F..%2Fx.log", "2026-08-03T12:00:00Z bob: out\n")
	files, err := filepath.Glob(filepath.Join(c.folder, "*", "*"))
	if err != nil || len(files) != 6 {
		t.Errorf("there are %q, %v", files, err)
	}
	for path, want := range map[string]os.FileMode{c.folder: 0o700, filepath.Dir(files[0]): 0o700, files[0]: 0o600} {
		info, err := os.Stat(path)
		if err != nil || runtime.GOOS != "windows" && info.Mode().Perm() != want {
			t.Errorf("%s: %v, %v", path, info.Mode(), err)
		}
	}
}

func TestNoPrivateTalk(t *testing.T) {
	c := begin(t, t.TempDir(), false)
	c.line.Add(alone(timeline.Private, "bob", "sealed"))
	id := c.line.Add(own(alone(timeline.Private, "bob", "me"), timeline.Typed))
	c.line.Update(id, func(e *timeline.Entry) { e.State = timeline.Sent })
	c.line.Add(message("bob", "hello"))
	c.ends()
	c.holds("private-bob.log", "")
	c.holds("lobby.log", "2026-08-03T12:00:00Z bob: hello\n")
}

// A text of one's own is written when it goes, and again if it did not arrive.
func TestOwnTexts(t *testing.T) {
	c := begin(t, t.TempDir(), false)
	for text, states := range map[string][]timeline.State{
		"waits for ever":  {timeline.Typed},
		"arrives":         {timeline.Sent, timeline.Accepted, timeline.Delivered},
		"goes late":       {timeline.Typed, timeline.Sent, timeline.Accepted},
		"goes twice":      {timeline.Sent, timeline.Typed, timeline.Sent, timeline.Accepted},
		"is refused":      {timeline.Sent, timeline.Failed, timeline.Failed},
		"never goes":      {timeline.Typed, timeline.Failed},
		"is only changed": {timeline.Foreign, timeline.Foreign},
	} {
		id := c.line.Add(own(alone(timeline.Direct, text, text), states[0]))
		for _, state := range states[1:] {
			c.line.Update(id, func(e *timeline.Entry) { e.State = state })
		}
	}
	c.ends()
	for text, want := range map[string]string{
		"waits for ever":  "",
		"arrives":         "2026-08-03T12:00:00Z alice: arrives\n",
		"goes late":       "2026-08-03T12:00:00Z alice: goes late\n",
		"goes twice":      "2026-08-03T12:00:00Z alice: goes twice\n",
		"is refused":      "2026-08-03T12:00:00Z alice: is refused\n2026-08-03T12:00:00Z alice: is refused (not sent)\n",
		"never goes":      "2026-08-03T12:00:00Z alice: never goes (not sent)\n",
		"is only changed": "2026-08-03T12:00:00Z alice: is only changed\n",
	} {
		c.holds("direct-"+strings.ReplaceAll(text, " ", "%20")+".log", want)
	}
}

// The next chat is told the history, of which it writes what the file lacks.
func TestHistory(t *testing.T) {
	folder := t.TempDir()
	c := begin(t, folder, false)
	c.line.Add(old(message("bob", "before one came"), noon.Add(-time.Hour)))
	c.line.Add(message("bob", "ok"))
	c.line.Add(message("bob", "ok"))
	c.line.Add(message("carl", "two\n  lines"))
	c.line.Add(own(message("", "mine"), timeline.Sent))
	c.ends()

	c = begin(t, folder, false)
	later := noon.Add(2 * time.Hour)
	for _, e := range []timeline.Entry{
		old(message("bob", "before one came"), noon.Add(-time.Hour)),
		old(message("bob", "ok"), noon), old(message("bob", "ok"), noon), old(message("bob", "ok"), noon.Add(10*time.Second)), // the third is new
		old(message("alice", "mine"), noon.Add(20*time.Second)),                                                         // by the server's clock
		missed(message("carl", "two\n  lines"), noon), missed(message("carl", "not read yet"), later.Add(-time.Minute)), // it may be there from last time
		old(message("bob", "ok"), later),
		old(message("dora", "nobody knows when"), time.Time{}),
	} {
		c.line.Add(e)
	}
	now := message("bob", "now")
	now.Came = later
	c.line.Add(now)
	c.line.Add(old(message("bob", "now"), later)) // after a lost connection
	c.ends()
	c.holds("lobby.log", `2026-08-03T11:00:00Z bob: before one came
2026-08-03T12:00:00Z bob: ok
2026-08-03T12:00:00Z bob: ok
2026-08-03T12:00:00Z carl: two
	  lines
2026-08-03T12:00:00Z alice: mine
2026-08-03T12:00:10Z bob: ok
2026-08-03T13:59:00Z carl: not read yet
2026-08-03T14:00:00Z bob: ok
2026-08-03T14:00:00Z bob: now
`)
}

// Of a long file only the end is read.
func TestTail(t *testing.T) {
	path := filepath.Join(t.TempDir(), "lobby.log")
	line := "2026-08-03T12:00:00Z bob: hi\n"
	n := tailSize/len(line) + 10
	if err := os.WriteFile(path, []byte(strings.Repeat(line, n)+"no line of a log\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	known := readTail(path)
	if got, want := len(known["bob: hi"]), (tailSize-len("no line of a log\n"))/len(line); got != want || len(known) != 1 {
		t.Errorf("%d texts and %d lines, want %d", len(known), got, want)
	}
}

// A disk that takes its time never holds up whoever speaks, and does not lose count.
func TestSlowDisk(t *testing.T) {
	writing, goOn := make(chan struct{}), make(chan struct{})
	reports := make(chan string, 10)
	var written int
	l := start(Config{Folder: t.TempDir(), Server: "x", Location: time.UTC, Report: func(words string) { reports <- words }}, func(string, string) error {
		if written == 0 {
			close(writing)
			<-goOn
		}
		written++
		return nil
	})
	tell := func(n int) {
		for range n {
			l.Changed(timeline.Change{Entry: message("bob", "hi")})
		}
	}
	tell(1)
	<-writing
	tell(maxWaiting + 7)
	if got := <-reports; !strings.Contains(got, "the disk is too slow") {
		t.Errorf("it says %q", got)
	}
	close(goOn)
	if lost := l.Stop(); lost != 7 || written != maxWaiting+1 || len(reports) > 0 {
		t.Errorf("%d are lost, %d written, %d reports", lost, written, len(reports))
	}
}

// Stop does not wait for a disk that has stopped.
func TestStopWithoutADisk(t *testing.T) {
	goOn := make(chan struct{})
	writing := make(chan struct{}, 10)
	l := start(Config{Folder: t.TempDir(), Server: "x", Location: time.UTC}, func(string, string) error {
		writing <- struct{}{}
		<-goOn
		return nil
	})
	for range 3 {
		l.Changed(timeline.Change{Entry: message("bob", "hi")})
	}
	<-writing
	if lost := l.Stop(); lost != 3 {
		t.Errorf("%d are lost", lost)
	}
	close(goOn)
	<-l.done
}

// What cannot be written is said once, and tried again.
func TestFailures(t *testing.T) {
	folder := t.TempDir()
	inTheWay := filepath.Join(folder, "localhost_9998")
	if err := os.WriteFile(inTheWay, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	c := begin(t, folder, false)
	c.line.Add(message("bob", "one"))
	c.line.Add(message("bob", "two"))
	if got := <-c.reports; !strings.Contains(got, inTheWay) {
		t.Errorf("it says %q", got)
	}
	if lost := c.log.Stop(); lost != 2 || len(c.reports) > 0 {
		t.Errorf("%d are lost, and it reports %d times more", lost, len(c.reports))
	}
}

func TestNames(t *testing.T) {
	for name, want := range map[string]string{
		"bob": "bob", "Bob": "%42ob", "": "%", ".": "%2E", "..": "%2E%2E", "a.b": "a.b", ".hidden": "%2Ehidden", "trailing.": "trailing%2E",
		"localhost:9998": "localhost_9998", "[::1]:9998": "%5B__1%5D_9998", "/tmp/x/s": "%2Ftmp%2Fx%2Fs", `..\..`: "%2E.%5C.%2E", "a_b": "a%5Fb", "%": "%25",
		"\x00\n": "%00%0A", "é": "%C3%A9",
	} {
		if got := safeName(name); got != want {
			t.Errorf("%q becomes %q, not %q", name, got, want)
		}
	}
}

// Whatever a name is, it is one part of a path inside, and no other name is the same.
func FuzzNames(f *testing.F) {
	f.Add("bob", "Bob")
	f.Add("..", "../..")
	f.Add(strings.Repeat("a", 200), strings.Repeat("a", 201))
	f.Fuzz(func(t *testing.T, one, other string) {
		a, b := safeName(one), safeName(other)
		if len(a) > maxName || filepath.Base(a) != a || !filepath.IsLocal(a) || a == "." || strings.ToLower(strings.ReplaceAll(a, "%", "")) == "" && one != "" {
			t.Errorf("%q becomes %q", one, a)
		}
		if one != other && strings.EqualFold(a, b) {
			t.Errorf("%q and %q both become %q", one, other, a)
		}
	})
}

// What was written is found again when the history tells it, whatever stands in the file before
// it, and is not written twice.
func FuzzTail(f *testing.F) {
	f.Add("", "bob", "hello")
	f.Add("2026-08-03T12:00:00Z bob: one\n\ttwo\n", "bob", "one\ntwo")
	f.Add("no time\n\t\t\n", "", "a\t\tb\n\n\tc\r")
	f.Fuzz(func(t *testing.T, before, sender, text string) {
		if before != "" {
			before = strings.TrimSuffix(before, "\n") + "\n"
		}
		all := files{folder: t.TempDir(), write: appendTo}
		e := timeline.Entry{In: timeline.Conversation{Place: timeline.Lobby}, Kind: timeline.Message, Sender: sender, Text: text}
		e.At = time.Date(2026, 8, 3, 12, 0, 0, 0, time.UTC)
		path := filepath.Join(all.folder, fileName(e.In))
		if err := os.WriteFile(path, []byte(before), 0o600); err != nil {
			t.Fatal(err)
		}
		b := (&Log{cfg: Config{Location: time.UTC}}).body(record{entry: e})
		if err := all.add(e, b); err != nil {
			t.Fatal(err)
		}
		once, err := os.ReadFile(path)
		if err != nil || !strings.HasPrefix(string(once), before) {
			t.Fatalf("%q became %q: %v", before, once, err)
		}
		e.Old = true
		if err := all.add(e, b); err != nil {
			t.Fatal(err)
		}
		if twice, err := os.ReadFile(path); err != nil || string(twice) != string(once) {
			t.Errorf("%q became %q: %v", once, twice, err)
		}
	})
}
