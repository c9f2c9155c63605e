package notify

import (
	"bufio"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	"go.uber.org/goleak"

	"parley/eventloop/client/timeline"
)

// asProgram is set where this test binary plays the program that is run: its arguments
// are an address, to which it tells its variables, and what it does then.
const asProgram = "NOTIFY_TEST_AS_PROGRAM"

func TestMain(m *testing.M) {
	if os.Getenv(asProgram) != "" {
		program(os.Args[1], os.Args[2])
	}
	goleak.VerifyTestMain(m)
}

func program(address, does string) {
	if does == "has a child" {
		exe, _ := os.Executable()
		_ = exec.Command(exe, address, "hangs").Start()
	}
	c, err := net.Dial("tcp", address)
	if err != nil {
		os.Exit(3)
	}
	for _, v := range os.Environ() {
		fmt.Fprintf(c, "%q\n", v)
	}
	fmt.Fprintln(c)
	switch does {
	case "hangs", "has a child":
		_, _ = io.Copy(io.Discard, c) // until it is killed
	case "waits":
		_, _ = bufio.NewReader(c).ReadString('\n')
	case "fails":
		fmt.Fprintln(os.Stderr, "no \x1b[31mbus\x1b[0m\n"+strings.Repeat("x", 10_000))
		os.Exit(7)
	}
	os.Exit(0)
}

const deadline = 10 * time.Second

// bench has a hook whose program talks to the test.
type bench struct {
	*Hook
	t       *testing.T
	tooLong chan time.Time
	pause   chan time.Time
	reports chan string
	from    net.Listener
}

func start(t *testing.T, does string, command ...string) *bench {
	t.Helper()
	exe, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
	b := &bench{t: t, tooLong: make(chan time.Time), pause: make(chan time.Time), reports: make(chan string, 10), from: l}
	if len(command) == 0 {
		command = []string{exe, l.Addr().String(), does}
	}
	b.Hook = Start(Config{
		Command: command, Server: "localhost",
		Environ: []string{asProgram + "=1", "HOME=/home/al", "PARLEY_PASSWORD=open sesame", "PARLEY_TEXT=old", "SYSTEMROOT=" + os.Getenv("SYSTEMROOT"), "GORACE=atexit_sleep_ms=0"},
		After: func(d time.Duration) <-chan time.Time {
			return map[time.Duration]chan time.Time{MaxRun: b.tooLong, Pause: b.pause}[d]
		},
		Report: func(words string) { b.reports <- words },
	})
	return b
}

// said has somebody say something to alice alone.
func (b *bench) message(text string) {
	b.Changed(timeline.Change{Entry: timeline.Entry{In: timeline.With(timeline.Direct, "bob"), Sender: "bob", Text: text,
		Times: timeline.Times{Came: time.Date(2026, 8, 3, 12, 0, 0, 0, time.UTC)}}})
}

// runs waits until the program runs and returns its variables.
func (b *bench) runs() (net.Conn, []string) {
	b.t.Helper()
	_ = b.from.(*net.TCPListener).SetDeadline(time.Now().Add(deadline))
	c, err := b.from.Accept()
	if err != nil {
		b.t.Fatal(err)
	}
	b.t.Cleanup(func() { c.Close() })
	_ = c.SetDeadline(time.Now().Add(deadline))
	var variables []string
	for lines := bufio.NewScanner(c); lines.Scan() && lines.Text() != ""; {
		variables = append(variables, lines.Text())
	}
	return c, variables
}

func (b *bench) tick(c chan time.Time) {
	b.t.Helper()
	select {
	case c <- time.Time{}:
	case <-time.After(deadline):
		b.t.Fatal("nobody waits for the clock")
	}
}

func (b *bench) report() string {
	b.t.Helper()
	select {
	case words := <-b.reports:
		return words
	case <-time.After(deadline):
		b.t.Fatal("nothing is reported")
	}
	return ""
}

// ends checks that a program is no more.
func (b *bench) ends(c net.Conn) {
	b.t.Helper()
	if _, err := c.Read(make([]byte, 1)); err == nil || os.IsTimeout(err) {
		b.t.Errorf("the program goes on: %v", err)
	}
}

func TestVariables(t *testing.T) {
	b := start(t, "ends")
	defer b.Stop()
	b.Changed(timeline.Change{Entry: timeline.Entry{In: timeline.Conversation{Place: timeline.Lobby}, Mention: true, Sender: "b\x00ob\n", Like: "bob", Number: 3,
		Text: "alice: $(rm -rf)\x00 \x1b]0;owned\a\u202e`x`\nsecond; line", Times: timeline.Times{Came: time.Date(2026, 8, 3, 12, 0, 0, 0, time.UTC)}}})
	_, got := b.runs()
	for _, want := range []string{
		`"PARLEY_SENDER=\"bob\" (not bob)"`, `"PARLEY_TEXT=alice: $(rm -rf) ` + "`x`" + `\nsecond; line"`, `"PARLEY_CONVERSATION=lobby"`, `"PARLEY_ROOM=lobby"`,
		`"PARLEY_SERVER=localhost"`, `"PARLEY_TIME=2026-08-03T12:00:00Z"`, `"HOME=/home/al"`,
	} {
		if !slices.Contains(got, want) {
			t.Errorf("%s is missing in %q", want, got)
		}
	}
	if all := strings.Join(got, "\n"); strings.Contains(all, "sesame") || strings.Contains(all, "old") {
		t.Errorf("the program knows %q", got)
	}
	b.tick(b.pause)
	b.message(strings.Repeat("é", maxText))
	if _, got = b.runs(); !slices.Contains(got, `"PARLEY_TEXT=`+strings.Repeat("é", maxText/2)+`"`) || !slices.Contains(got, `"PARLEY_CONVERSATION=direct"`) {
		t.Errorf("of a long text it is told %q", got)
	}
	for room, want := range map[string]string{"Ops": `"PARLEY_ROOM=Ops"`, "lob\nby": `"PARLEY_ROOM=\"lob by\""`} {
		b.tick(b.pause)
		b.Changed(timeline.Change{Entry: timeline.Entry{In: timeline.With(timeline.Room, room), Room: room, Mention: true, Sender: "bob", Text: "alice"}})
		if _, got = b.runs(); !slices.Contains(got, want) || !slices.Contains(got, `"PARLEY_CONVERSATION=room"`) {
			t.Errorf("of a room it is told %q", got)
		}
	}
}

func TestWhatIsTold(t *testing.T) {
	lobby := timeline.Conversation{Place: timeline.Lobby}
	alone := timeline.With(timeline.Private, "bob")
	for name, test := range map[string]struct {
		change timeline.Change
		want   bool
	}{
		"said to all":        {timeline.Change{Entry: timeline.Entry{In: lobby}}, false},
		"a mention":          {timeline.Change{Entry: timeline.Entry{In: lobby, Mention: true}}, true},
		"to one alone":       {timeline.Change{Entry: timeline.Entry{In: alone}}, true},
		"one's own":          {timeline.Change{Entry: timeline.Entry{In: alone, Own: true}}, false},
		"the history":        {timeline.Change{Entry: timeline.Entry{In: lobby, Mention: true, Old: true}}, false},
		"an update":          {timeline.Change{Entry: timeline.Entry{In: alone}, Updated: true}, false},
		"the server's words": {timeline.Change{Entry: timeline.Entry{Kind: timeline.Info, Mention: true}}, false},
	} {
		if got := test.change.Heard() && test.change.Entry.Meant(); got != test.want {
			t.Errorf("%s: %t", name, got)
		}
	}
}

// While the program is busy, or there is a pause, the newest notes wait.
func TestTheOldestGoes(t *testing.T) {
	b := start(t, "waits")
	defer b.Stop()
	b.message("first")
	busy, _ := b.runs()
	const more = 1000
	for i := range more {
		b.message(fmt.Sprint("note ", i))
	}
	fmt.Fprintln(busy, "end")
	for i := more - maxWaiting; i < more; i++ {
		b.tick(b.pause)
		c, got := b.runs()
		if want := fmt.Sprintf(`"PARLEY_TEXT=note %d"`, i); !slices.Contains(got, want) {
			t.Fatalf("%s is missing in %q", want, got)
		}
		fmt.Fprintln(c, "end")
	}
	b.tick(b.pause) // the last run has ended
	if len(b.waiting) > 0 || len(b.reports) > 0 {
		t.Errorf("%d wait, %d reports", len(b.waiting), len(b.reports))
	}
}

func TestFailuresAreSaidOnce(t *testing.T) {
	for name, test := range map[string]struct {
		does    string
		command []string
		says    string
	}{
		"a status":        {does: "fails", says: "has failed: exit status 7: no bus xxx"},
		"no such program": {command: []string{"/nowhere/notify"}, says: "The notification program /nowhere/notify has failed: "},
	} {
		t.Run(name, func(t *testing.T) {
			b := start(t, test.does, test.command...)
			defer b.Stop()
			for i := range 3 {
				b.message("psst")
				if test.command == nil {
					b.runs()
				}
				b.tick(b.pause)
				if i == 0 {
					if got := b.report(); !strings.Contains(got, test.says) || len(got) > 2*maxWords {
						t.Errorf("it says %.500q", got)
					}
				}
			}
			if len(b.reports) > 0 {
				t.Errorf("it says again: %q", <-b.reports)
			}
		})
	}
}

func TestKilledWhenItsTimeIsOver(t *testing.T) {
	b := start(t, "hangs")
	defer b.Stop()
	b.message("psst")
	c, _ := b.runs()
	b.tick(b.tooLong)
	b.ends(c)
	if got := b.report(); !strings.Contains(got, "it was killed after 2s") {
		t.Errorf("it says %q", got)
	}
	b.message("again")
	b.tick(b.pause)
	if _, got := b.runs(); !slices.Contains(got, `"PARLEY_TEXT=again"`) {
		t.Errorf("the next run is told %q", got)
	}
}

// Stop ends the program and all that it has started.
func TestStop(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("a program has no group there")
	}
	b := start(t, "has a child")
	b.message("psst")
	one, _ := b.runs()
	two, _ := b.runs()
	b.Stop()
	b.ends(one)
	b.ends(two)
	if len(b.reports) > 0 {
		t.Errorf("it says %q", <-b.reports)
	}
}
