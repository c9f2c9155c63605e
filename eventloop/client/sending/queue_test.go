package sending

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"parley/protocol"
)

// TestScripts plays the scripts of testdata; desk explains them.
func TestScripts(t *testing.T) {
	files, err := filepath.Glob("testdata/*.txt")
	if err != nil || len(files) == 0 {
		t.Fatal("no scripts", err)
	}
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		line := 1
		for i, script := range strings.Split(string(text), "\n=== ") {
			title, body, _ := strings.Cut(script, "\n")
			if i > 0 { // before the first one stands what the file is about
				t.Run(title, func(t *testing.T) { playScript(t, fmt.Sprintf("%s:%d", file, line), body) })
			}
			line += strings.Count(script, "\n") + 1
		}
	}
}

// A text may be as long as the server can read.
func TestLengths(t *testing.T) {
	d := playScript(t, "setup", "connect plain\nlogin alice\n> login alice extended\nlogged-in plain")
	fits := strings.Repeat("x", maxPlainRequest-len(`{"request":"msg","content":""}`+"\n"))
	for body, want := range map[string]Failure{fits: 0, fits + "x": TooLongPlain, strings.Repeat("x", protocol.MaxText+1): TooLong} {
		if got := d.q.Say(0, Where{}, body); got != want {
			t.Errorf("%d bytes: %s, not %s", len(body), failureName(got), failureName(want))
		}
	}
}

// Whatever the server does, no more is held than is said in MaxTexts.
func TestBounds(t *testing.T) {
	for _, script := range []string{
		"name alice", // without a connection
		"connect\nlogin alice\n> login alice extended\nlogged-in extended", // that accepts nothing
	} {
		d := playScript(t, "setup", script)
		for i := range MaxTexts {
			if why := d.q.Say(0, Where{}, fmt.Sprint(i)); why != 0 {
				t.Fatalf("after %d: %s", i, failureName(why))
			}
			d.q.Flush()
		}
		if d.q.Say(0, Where{}, "one more") != TooMany {
			t.Error("there is no end")
		}
		d.q.Lost()
		if d.q.Say(0, Where{}, "one more") != TooMany || d.q.held() != MaxTexts {
			t.Errorf("%d are held after a loss", d.q.held())
		}
		asked := 0
		for ; asked <= 2*MaxTexts && d.q.Ask(Request{Verb: "names"}); asked++ {
		}
		if asked > MaxTexts {
			t.Errorf("%d commands wait", asked)
		}
	}
	d := playScript(t, "setup", "name alice")
	for i := range MaxTexts {
		d.q.UseName(fmt.Sprint("name", i%7))
		if why := d.q.Say(0, Where{}, "x"); why != 0 {
			t.Fatalf("after %d: %s", i, failureName(why))
		}
	}
	if d.q.Say(0, Where{}, "one more") != TooMany {
		t.Error("there is no end for those who change their names")
	}
	d = playScript(t, "setup", "connect\nlogin alice\n> login alice extended\nlogged-in plain")
	for range maxUnconfirmed + 10 {
		d.do("say x")
		d.pass("1s")
	}
	if n := len(d.q.unconfirmed); n != maxUnconfirmed {
		t.Errorf("%d texts wait for their echo", n)
	}
}

// A pipe is read no faster than it is answered.
func TestRoom(t *testing.T) {
	d := playScript(t, "setup", "config pipe\nconnect\nlogin bob\n> login bob extended\nlogged-in extended")
	lines := 0
	for ; d.q.HasRoom(); lines++ {
		d.do(map[bool]string{true: "say x", false: "ask names"}[lines%2 == 0])
	}
	if lines != PipeWindow {
		t.Errorf("%d lines were read", lines)
	}
	d.q.Accepted("T-1", "", 1)
	if !d.q.HasRoom() {
		t.Error("an answer makes no room")
	}
}

// Each message of a server is compared with what was sent: the texts are cleaned
// once, and so is the message.
func BenchmarkEcho(b *testing.B) {
	d := &desk{cfg: Config{Person: true, Tag: "T"}, now: time.Unix(0, 0)}
	q := New(d.cfg, silent{}, &d.seen)
	q.UseName("alice")
	q.Connected(false)
	q.LoggedIn(Extended)
	for i := range MaxTexts {
		q.Say(0, Where{}, fmt.Sprintf("%d %s", i, strings.Repeat("x", 1000)))
	}
	q.window = MaxTexts // more than a server is ever sent
	for _, r := range q.outbox {
		q.sent(r.text)
	}
	if q.Unaccepted() != MaxTexts {
		b.Fatal(q.Unaccepted())
	}
	m := protocol.Response{Kind: protocol.KindMessage, Sender: "alice", Content: strings.Repeat("x", 64<<10)}
	b.SetBytes(int64(len(m.Content)))
	for b.Loop() {
		if q.Echo(m) {
			b.Fatal("it was not said")
		}
	}
}

// silent is a Door to a server that reads everything.
type silent struct{}

func (silent) Now() time.Time       { return time.Unix(0, 0) }
func (silent) Write([]byte) bool    { return true }
func (silent) Room(string) Room     { return RoomOpen }
func (silent) Proven() bool         { return false }
func (silent) Sent(string)          {}
func (silent) Became(Text, Outcome) {}
func (silent) Parked(string, int)   {}
func (silent) Unknown(string)       {}
func (silent) Unanswered([]Request) {}

// An extended server is sent no more than it takes without refusing something, and a command
// is not taken to be unanswered while texts are accepted.
func TestFlight(t *testing.T) {
	d := playScript(t, "setup", "config pipe\nconnect\nlogin bob\n> login bob extended\nlogged-in extended")
	for range MaxFlight + 2 {
		d.do("say x")
	}
	d.do("ask names")
	for i := range 3 {
		if n := len(d.q.unconfirmed); n != MaxFlight-max(i-2, 0) {
			t.Fatalf("%d are on their way", n)
		}
		d.pass("4s")
		d.q.Accepted(fmt.Sprint("T-", i+1), "", uint64(i+1))
		d.q.Flush()
	}
	if n := len(d.q.unconfirmed); n != MaxFlight-1 {
		t.Fatalf("of the last ones %d are on their way", n)
	}
	for i := 3; i < MaxFlight; i++ {
		d.pass("4s")
		d.q.Accepted(fmt.Sprint("T-", i+1), "", uint64(i+1))
	}
	if d.q.Unmet() != 0 {
		t.Error("the command counts as unanswered")
	}
	d.pass("10s")
	if d.q.Unmet() != 1 {
		t.Error("the command does not count as unanswered")
	}
	d = playScript(t, "setup", "config pipe\nconnect\nlogin bob\n> login bob extended\nlogged-in extended")
	for range 2 * maxFlightSize / protocol.MaxText {
		d.do("say " + strings.Repeat("x", protocol.MaxText))
	}
	if n := len(d.q.unconfirmed); n != maxFlightSize/protocol.MaxText {
		t.Errorf("%d long texts are on their way", n)
	}
}
