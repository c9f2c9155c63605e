package main

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"parley/protocol"
)

// stopFor stops a process, has while done, and lets it go on when so much time has passed since.
func stopFor(t *testing.T, p *os.Process, d time.Duration, while func()) {
	t.Helper()
	if err := p.Signal(syscall.SIGSTOP); err != nil {
		t.Fatal(err)
	}
	for late := time.Now().Add(deadline); !isStopped(t, p.Pid); { // it stops in a moment
		if time.Now().After(late) {
			t.Fatal("the process does not stop")
		}
	}
	over := time.After(d)
	while()
	<-over
	if err := p.Signal(syscall.SIGCONT); err != nil {
		t.Fatal(err)
	}
}

// isStopped reports whether all threads of a process are stopped.
func isStopped(t *testing.T, pid int) bool {
	t.Helper()
	threads, err := filepath.Glob(fmt.Sprintf("/proc/%d/task/*", pid))
	if err != nil || len(threads) == 0 {
		t.Fatal(threads, err)
	}
	return !slices.ContainsFunc(threads, func(thread string) bool {
		stat, err := procStat(thread)
		return err != nil || stat[0] != "T"
	})
}

// logsIn has somebody log in, and waits for the answer.
func logsIn(t *testing.T, addr, name string) conversation {
	t.Helper()
	v := converse(t, addr)
	v.login(name)
	v.answer("login")
	return v
}

func (v conversation) login(name string) {
	v.send(protocol.Request{Verb: "login", Content: protocol.Content{Text: name}, Extended: true, Ref: "login"})
}

// A server that is stopped for longer than its times are goes on as if that time had not been:
// who sent something meanwhile is answered, once and in order, and who had time left has it
// still, since nobody could have used what passed.
func TestServeThatIsStopped(t *testing.T) {
	t.Parallel() // it waits most of the time
	const patience, stopped = 5 * time.Second, 30 * time.Second
	s := serveIn(t, t.TempDir(), []string{"--timeout", patience.String(), "--login-timeout", patience.String(), "--loops", "2", "--flood", "off"}, "127.0.0.1:0")
	addr := s.addrs[0]
	talker, leaver, quiet := logsIn(t, addr, "talker"), logsIn(t, addr, "leaver"), logsIn(t, addr, "quiet")
	undecided, late := converse(t, addr), conversation{}
	undecided.send(protocol.Request{Verb: "help"})
	undecided.hears("") // it is known
	talker.say("before")
	talker.answer("before")
	const texts = 50
	stopFor(t, s.Process, stopped, func() {
		leaver.Close()
		undecided.login("undecided")
		late = converse(t, addr)
		late.login("late")
		for i := range texts {
			talker.say(fmt.Sprint("text ", i))
		}
	})
	undecided.answer("login")
	late.answer("login")
	var numbers []uint64
	for i := range texts {
		numbers = append(numbers, talker.answer(fmt.Sprint("text ", i)).ID)
	}
	for i := range texts {
		r := quiet.hears(fmt.Sprint("text ", i))
		if r.Data.ID != numbers[i] || i > 0 && numbers[i] <= numbers[i-1] {
			t.Errorf("text %d is number %d, after %d, and is told as %d", i, numbers[i], numbers[max(i-1, 0)], r.Data.ID)
		}
	}
	if r := quiet.hears("You have been inactive for long"); r.Data.Event != protocol.EventIdle {
		t.Errorf("who has done nothing is told %+v", r)
	}
	quiet.send(protocol.Request{Verb: "names", Ref: "names"})
	if here := quiet.answer("names").Names; len(here) != 4 {
		t.Errorf("%q are there", here)
	}
	if err := s.Process.Signal(syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	_ = s.Wait()
	for words, want := range map[string]int{"the server stood still": 1, "dropped": 0, `"level":"ERROR"`: 0} {
		if n := strings.Count(s.log.String(), words); n != want {
			t.Errorf("the log says %d times %q, want %d: %s", n, words, want, s.log)
		}
	}
}

// Who talks to a client that is stopped is not held up by it. When it goes on it has everything,
// once and in order, also if so much came that the server has dropped it meanwhile.
func TestChatThatIsStopped(t *testing.T) {
	for _, dropped := range []bool{false, true} {
		t.Run(fmt.Sprint("dropped ", dropped), func(t *testing.T) {
			s := serveLogging(t, "--data", t.TempDir(), "--sync", "none", "--flood", "off", "--max-outbound", "65536", "--stall", "1s")
			_, addr, _ := strings.Cut(s.until("Parley is listening on "), "Parley is listening on ")
			chat := chatWith(t, addr, "bob", "--json")
			chat.printed(t, "")
			talker, listener := logsIn(t, addr, "talker"), logsIn(t, addr, "listener")
			said := 0
			say := func() {
				for range 50 {
					text := fmt.Sprintf("text %d %s", said, strings.Repeat("x", 4000))
					talker.send(protocol.Request{Verb: "msg", Content: protocol.Content{Text: text}, Ref: "said", ID: fmt.Sprint(said)})
					talker.answer("said")
					listener.hears(text)
					said++
				}
			}
			stopFor(t, chat.process, 0, func() {
				say()
				for isIn := func() bool { return s.has("a connection was dropped") }; dropped && !isIn(); {
					say()
				}
			})
			t.Log("said:", said)
			for i := range said {
				if got := chat.printed(t, "text "); !strings.HasPrefix(got, fmt.Sprintf("text %d ", i)) {
					t.Fatalf("in place of text %d it prints %.20s", i, got)
				}
			}
		})
	}
}

// printed returns the next content that begins with words.
func (c *chatting) printed(t *testing.T, words string) string {
	t.Helper()
	for {
		var r struct{ Content any } // a text, or a history
		if line := c.line(); json.Unmarshal([]byte(line), &r) != nil {
			t.Fatalf("it prints %s", line)
		}
		if text, is := r.Content.(string); is && strings.HasPrefix(text, words) {
			return text
		}
	}
}

// has reports whether the log says something that nobody has read so far.
func (s *logging) has(words string) bool {
	for {
		select {
		case line := <-s.lines:
			if strings.Contains(line, words) {
				return true
			}
		default:
			return false
		}
	}
}

// hears returns the next response that begins with words. Who is logged out or hears a text before
// its turn has failed.
func (v conversation) hears(words string) protocol.Response {
	v.t.Helper()
	for late := time.After(deadline); ; {
		select {
		case r, ok := <-v.came:
			switch {
			case ok && strings.HasPrefix(r.Content, words):
				return r
			case !ok || strings.HasPrefix(r.Content, "text ") || r.Data != nil && r.Data.Event == protocol.EventLogout:
				v.t.Fatalf("in place of %q comes %+v", words, r)
			}
		case <-late:
			v.t.Fatalf("%q does not come", words)
		}
	}
}
