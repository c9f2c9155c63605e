package main

import (
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"parley/protocol"
)

const (
	// setClockWanted is set where the test may build the program, and all that it is made of, anew.
	setClockWanted = "PARLEY_TEST_SET_CLOCK"

	// setClockFile is the variable in which a program of setClockProgram finds the path of a file.
	setClockFile = "PARLEY_TEST_CLOCK_SET_BY"
)

// setBySource is a file more of package time, for setClockProgram.
const setBySource = `package time

import (
	"syscall"
	"unsafe"
)

// setByFile is the beginning of a file, nil if there is none. What calls Now may be a timer of
// the runtime, where nothing can be asked of the kernel.
var setByFile = mapSetBy()

func mapSetBy() *int64 {
	path, _ := syscall.Getenv("` + setClockFile + `")
	file, err := open(path)
	if err != nil {
		return nil
	}
	defer closefd(file)
	b, err := syscall.Mmap(int(file), 0, 8, syscall.PROT_READ, syscall.MAP_SHARED)
	if err != nil {
		return nil
	}
	return (*int64)(unsafe.Pointer(&b[0]))
}

// setBy returns by how many seconds somebody has set the clock.
func setBy() int64 {
	if setByFile == nil {
		return 0
	}
	return *setByFile
}
`

// setClockProgram builds parley with a package time whose Now is what somebody has set the clock to. What the
// kernel calls the monotonic clock, and with it all timers, stays as it is: so it is where a real clock is set.
// Nobody can be asked to set that of the machine on which tests run.
func setClockProgram(t *testing.T) (path string) {
	t.Helper()
	root, err := exec.Command("go", "env", "GOROOT").Output()
	if err != nil {
		t.Fatal(err)
	}
	original := filepath.Join(strings.TrimSpace(string(root)), "src", "time", "time.go")
	text, err := os.ReadFile(original)
	if err != nil {
		t.Fatal(err)
	}
	const now = "func Now() Time {\n\tsec, nsec, mono := runtimeNow()\n"
	if strings.Count(string(text), now) != 1 {
		t.Fatalf("time.Now in %s is another one than this test changes", original)
	}
	dir := t.TempDir()
	write := func(name, content string) string {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	overlay, err := json.Marshal(map[string]map[string]string{"Replace": {
		original: write("time.go", strings.Replace(string(text), now, now+"\tsec += setBy()\n", 1)),
		filepath.Join(filepath.Dir(original), "set_by.go"): write("set_by.go", setBySource),
	}})
	if err != nil {
		t.Fatal(err)
	}
	path = filepath.Join(dir, "parley")
	if out, err := exec.Command("go", "build", "-overlay", write("overlay.json", string(overlay)), "-o", path, ".").CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	return path
}

// A setClock is that of the processes that it runs.
type setClock struct {
	t       *testing.T
	program string
	file    string
	by      time.Duration
}

func newSetClock(t *testing.T, program string) *setClock {
	c := &setClock{t: t, program: program, file: filepath.Join(t.TempDir(), "set-by")}
	c.set(0)
	return c
}

// set has somebody set the clock.
func (c *setClock) set(by time.Duration) {
	c.t.Helper()
	c.by += by
	file, err := os.OpenFile(c.file, os.O_CREATE|os.O_RDWR, 0o600)
	if err == nil {
		_, err = file.WriteAt(binary.NativeEndian.AppendUint64(nil, uint64(int64(c.by.Seconds()))), 0)
		err = errors.Join(err, file.Close())
	}
	if err != nil {
		c.t.Fatal(err)
	}
}

func (c *setClock) command(args ...string) *exec.Cmd {
	c.t.Helper()
	cmd := parley(c.t, args...)
	cmd.Path = c.program
	cmd.Env = append(cmd.Env, setClockFile+"="+c.file)
	return cmd
}

func (c *setClock) serve(args ...string) (s *logging, addr string) {
	c.t.Helper()
	s = startLogging(c.t, c.command(append([]string{"serve", "--listen", "127.0.0.1:0", "--loops", "2"}, args...)...))
	_, addr, _ = strings.Cut(s.until("Parley is listening on "), "Parley is listening on ")
	return s, addr
}

// While people talk somebody sets the server's clock, and theirs, on by an hour and by a day, and back by an
// hour. Nobody is dropped, what is timed goes on as long as it would have, and what is said stays in order.
func TestClockThatIsSet(t *testing.T) {
	if os.Getenv(setClockWanted) == "" {
		t.Skip("it builds everything anew, package time first, which takes minutes: " + setClockWanted + "=1 has it run")
	}
	program := setClockProgram(t)
	t.Run("talk", func(t *testing.T) { testTalk(t, newSetClock(t, program)) })
	t.Run("times", func(t *testing.T) { testTimes(t, newSetClock(t, program)) })
}

func testTalk(t *testing.T, c *setClock) {
	data := t.TempDir()
	s, addr := c.serve("--data", data, "--timeout", "5m", "--login-timeout", "5m")
	register := protocol.Request{Verb: "login", Content: protocol.Content{Text: "alice"}, Password: secret, Register: true, Extended: true, Ref: "login"}
	alice := converse(t, addr)
	alice.send(register)
	alice.answer("login")
	userDoes(t, data, "", "alice is moderator", "role", "alice", "moderator")
	bob, carol, dora, eve := logsIn(t, addr, "bob"), logsIn(t, addr, "carol"), logsIn(t, addr, "dora"), logsIn(t, addr, "eve")
	chat := startChat(t, 6*deadline, c.command("chat", "--json", "erin@"+addr))
	chat.printed(t, "")
	dora.ask("create", "den")
	dora.ask("slow", "den 600")
	inDen := protocol.Request{Verb: "msg", Content: protocol.Content{Text: "in the den"}, Ref: "den"}
	eve.ask("join", "den")
	eve.send(inDen)
	eve.answer("den")
	alice.ask("mute", "carol 2h")

	last, said := protocol.Response{Data: &protocol.Data{}}, 0
	say := func() (since time.Duration) { // between the times of what was said now and before
		t.Helper()
		text := fmt.Sprint("text ", said)
		said++
		alice.say(text)
		if got := alice.answer(text); got.Code != "" {
			t.Fatalf("%s is answered with %+v", text, got)
		}
		r := bob.hears(text)
		if r.Data.ID <= last.Data.ID || r.Time.Before(last.Time) {
			t.Errorf("behind number %d of %s comes %d of %s", last.Data.ID, last.Time, r.Data.ID, r.Time)
		}
		since, last = r.Time.Sub(last.Time), r
		return since
	}
	say()
	for i, by := range []time.Duration{time.Hour, 24 * time.Hour, -time.Hour} {
		undecided := converse(t, addr)
		undecided.send(protocol.Request{Verb: "help", Ref: "help"})
		undecided.hears("") // it is known
		say()
		c.set(by)
		if since := say(); since > 5*time.Minute {
			t.Errorf("set by %s: %s are between two messages", by, since)
		}
		chat.printed(t, last.Content)
		undecided.login(fmt.Sprint("late", i))
		if got := undecided.answer("login"); got.Code != "" {
			t.Errorf("who has connected before the clock was set by %s is answered %+v", by, got)
		}
		carol.say("lost")
		if got := carol.answerOf("lost"); got.Code != protocol.Muted {
			t.Errorf("set by %s: who is muted is answered %+v", by, got)
		}
		eve.send(inDen)
		if got := eve.answer("den"); got.Code != protocol.RateLimited || got.Seconds < 300 || got.Seconds > 600 {
			t.Errorf("set by %s: in a slow room one is answered %+v", by, got)
		}
	}
	restart := func(by time.Duration) {
		t.Helper()
		s.signal(syscall.SIGTERM)
		if err := s.end(); err != nil {
			t.Fatal(err)
		}
		c.set(by)
		s, addr = c.serve("--data", data)
		alice, bob, carol = converse(t, addr), logsIn(t, addr, "bob"), logsIn(t, addr, "carol")
		register.Register = false
		alice.send(register)
		alice.answer("login")
	}
	for _, words := range []string{"dropped", "stood still", `"level":"ERROR"`} {
		if s.has(words) {
			t.Errorf("the log says %q", words)
		}
	}
	// From the next start on it is later, and never earlier than what was kept.
	restart(-48 * time.Hour)
	say()
	carol.say("lost")
	if got := carol.answerOf("lost"); got.Code != protocol.Muted {
		t.Errorf("after a start with an earlier clock, who is muted is answered %+v", got)
	}
	restart(72 * time.Hour)
	say()
	carol.say("at last")
	if got := carol.answer("at last"); got.Code != "" {
		t.Errorf("days after the end of a mute, one is answered %+v", got)
	}
}

// answerOf is answer where what is asked is refused.
func (v conversation) answerOf(ref string) protocol.Data {
	v.t.Helper()
	for late := time.After(deadline); ; {
		select {
		case r, ok := <-v.came:
			if !ok {
				v.t.Fatalf("the connection has ended before an answer to %s", ref)
			}
			if r.Ref == ref {
				return *r.Data
			}
		case <-late:
			v.t.Fatalf("no answer to %s", ref)
		}
	}
}

// Who does not log in, and who does nothing, is let go after as long as the settings say, and no sooner.
func testTimes(t *testing.T, c *setClock) {
	const patience = 3 * time.Second
	for _, by := range []time.Duration{time.Hour, 24 * time.Hour, -time.Hour} {
		_, addr := c.serve("--data", ":memory:", "--timeout", patience.String(), "--login-timeout", patience.String())
		began := time.Now()
		undecided, quiet := converse(t, addr), logsIn(t, addr, "quiet")
		c.set(by)
		for who, v := range map[string]conversation{"who does not log in": undecided, "who does nothing": quiet} {
			v.ends()
			if took := time.Since(began); took < patience {
				t.Errorf("set by %s: %s is let go after %s", by, who, took)
			}
		}
	}
}

// ends waits for the end of the connection.
func (v conversation) ends() {
	v.t.Helper()
	for late := time.After(deadline); ; {
		select {
		case _, ok := <-v.came:
			if !ok {
				return
			}
		case <-late:
			v.t.Fatal("the connection does not end")
		}
	}
}
