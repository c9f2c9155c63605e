//go:build linux || darwin

package terminal

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"parley/eventloop/client"
)

// clock is a time that only the test changes.
type clock struct {
	mu     sync.Mutex
	now    time.Time
	alarms []alarm
	set    chan struct{} // an alarm was set
}

type alarm struct {
	at time.Time
	c  chan time.Time
}

func newClock() *clock { return &clock{now: time.Unix(1e9, 0), set: make(chan struct{}, 100)} }

func (c *clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

func (c *clock) After(d time.Duration) <-chan time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	a := alarm{c.now.Add(d), make(chan time.Time, 1)}
	c.alarms = append(c.alarms, a)
	c.set <- struct{}{}
	return a.c
}

func (c *clock) advance(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = c.now.Add(d)
	for _, a := range c.alarms {
		if !c.now.Before(a.at) {
			select {
			case a.c <- c.now:
			default:
			}
		}
	}
}

func with(c *clock) option { return func(_ *session, cfg *Config) { cfg.Clock = c } }

func TestPasteWithoutEnd(t *testing.T) {
	c := newClock()
	s := open(t, with(c))
	s.Next()
	s.press("say: \x1b[200~one\r")
	<-c.set // the end is waited for
	c.advance(maxPause)
	s.shows("> say: one", 0, 10)
	s.press(" two\r")
	s.gets(client.InputLine, "say: one two")

	s.Next()
	s.press("\x1b[200~one\rtwo")
	<-c.set
	s.press("\x03") // is no part of the paste
	s.gets(client.InputInterrupt, "one\ntwo")
}

// Lines that come faster than a person types are asked about.
func TestBurst(t *testing.T) {
	c := newClock()
	s := open(t, with(c), columns(80))
	s.Next()
	s.press("one\rtwo\r\n\nthree\r")
	s.shows("Pasted: 4 lines. Enter sends them as one text, Ctrl-C drops them: one↵two↵↵three", 1, 0)
	s.press("four\r") // comes at once
	s.until("one more line", func(v *vt) bool { return strings.HasPrefix(v.String(), "Pasted: 5 lines") })
	c.advance(burstGap + 1)
	s.press("!\r")
	s.gets(client.InputLine, "one\ntwo\n\nthree\nfour!")

	s.Next()
	s.press("one\r/logout\r")
	s.until("the question", func(v *vt) bool { return strings.HasPrefix(v.String(), "Pasted: 2 lines") })
	c.advance(burstGap + 1)
	s.press("\x03")
	s.gets(client.InputInterrupt, "one\n/logout")
	s.line("an Enter with nothing behind it", "an Enter with nothing behind it")

	s.SetSecret(true) // answers to questions are lines
	s.Next()
	s.press("old\rnew\r")
	s.getsSecret(client.InputLine, "old")
	s.Next()
	s.getsSecret(client.InputLine, "new")
}

func TestLineBreaks(t *testing.T) {
	s := open(t)
	s.Next()
	s.press("one\x1b\rtwo\n")
	s.shows("> one↵two↵", 0, 10)
	s.press("three\r")
	s.gets(client.InputLine, "one\ntwo\nthree")
}

func TestGraphemes(t *testing.T) {
	family := "\U0001F468\u200d\U0001F469\u200d\U0001F467"
	for name, test := range map[string]struct{ keys, want string }{
		"backspace":         {"a" + family + "\x7f", "a"},
		"letter and accent": {"ae\u0301\u0323\x7f", "a"},
		"flag":              {"a\U0001F1E9\U0001F1EA\U0001F1EB\U0001F1F7\x7f", "a\U0001F1E9\U0001F1EA"},
		"line break":        {"a\x1b\r\x7f", "a"},
		"delete":            {family + "e\u0301a\x01\x1b[3~\x1b[3~", "a"},
		"Ctrl-D":            {family + "e\u0301a\x01\x04\x04", "a"},
		"arrows":            {"a" + family + "b\x1b[D\x1b[Dc\x1b[Cd", "ac" + family + "db"},
		"nothing":           {"\x7f\x1b[3~\x1b[D\x1b[C\x08a", "a"},
	} {
		t.Run(name, func(t *testing.T) { open(t).line(test.keys, test.want) })
	}
}

// fakeEditor returns the command of an editor that does what a shell script does
// with the file $1.
func fakeEditor(t *testing.T, script string) option {
	path := filepath.Join(t.TempDir(), "an editor")
	if err := os.WriteFile(path, []byte("#!/bin/sh\n"+script), 0o700); err != nil {
		t.Fatal(err)
	}
	return func(_ *session, c *Config) { c.Editor = "'" + path + "' --wait" }
}

func TestEdit(t *testing.T) {
	done := filepath.Join(t.TempDir(), "done")
	if err := syscall.Mkfifo(done, 0o600); err != nil {
		t.Fatal(err)
	}
	s := open(t, fakeEditor(t, `[ "$1" = --wait ] && shift
ls -l "$1" | cut -c 1-10
sed 's/^/read: /' "$1"
read -r key
printf 'two\n\t%s\n\n' "$key" >>"$1"
cat '`+done+`'
`))
	s.Print("above\n")
	s.SetPrompt("lobby> ")
	s.Edit("one")
	s.Next()
	s.shows("above\n-rw-------\nread: one", 3, 0)
	s.until("no bracketed paste", func(v *vt) bool { return !v.paste })
	if mode, err := unix.IoctlGetTermios(int(s.device.Fd()), getTermios); err != nil || mode.Lflag&unix.ICANON == 0 || mode.Lflag&unix.ISIG != 0 {
		t.Errorf("the mode of the terminal is %+v, %v", mode, err) // Ctrl-C would end the chat, too
	}
	s.press("typed\n") // is the editor's
	s.Print("printed meanwhile\n")
	if s.Replace(7, text("nothing")) {
		t.Error("what is not there was replaced")
	}
	if err := os.WriteFile(done, nil, 0o600); err != nil { // now it ends
		t.Fatal(err)
	}
	s.until("the line", func(v *vt) bool {
		return strings.HasSuffix(v.String(), "\nprinted meanwhile\nlobby> one↵two↵    typed") && v.paste
	})
	if s.isCooked() {
		t.Error("the terminal is not raw")
	}
	s.press("!\r")
	s.gets(client.InputLine, "one\ntwo\n    typed!")
	s.line("goes on", "goes on")
}

func TestEditorThatFails(t *testing.T) {
	s := open(t, columns(200), fakeEditor(t, "exit 3"))
	s.Edit("kept")
	s.Next()
	s.until("why", func(v *vt) bool {
		return strings.HasPrefix(v.String(), "! The editor ") &&
			strings.HasSuffix(v.String(), "failed: exit status 3. Set VISUAL or EDITOR to another one.\n> kept")
	})
	s.press("\r")
	s.gets(client.InputLine, "kept")
}

func TestCloseWhileEditing(t *testing.T) {
	done := filepath.Join(t.TempDir(), "done")
	if err := syscall.Mkfifo(done, 0o600); err != nil {
		t.Fatal(err)
	}
	s := open(t, fakeEditor(t, "echo open; read -r key <'"+done+"'\n"))
	s.Edit("")
	s.Next()
	s.shows("open", 1, 0)
	s.close()
	<-s.done
	if err := os.WriteFile(done, []byte("\n"), 0); err != nil { // the editor ends, too: it is there without us
		t.Error(err)
	}
}

// What was in the terminal's way when the program was stopped is undone when it
// goes on.
func TestContinued(t *testing.T) {
	s := open(t)
	s.Print("above\n")
	s.Next()
	s.press("half")
	s.shows("above\n> half", 1, 6)
	s.leave()
	s.shows("above\n> half[1]+ Stopped\n$ fg", 3, 0)
	s.goOn()
	s.shows("above\n> half[1]+ Stopped\n$ fg\n> half", 3, 6)
	s.until("bracketed paste", func(v *vt) bool { return v.paste })
	if s.isCooked() {
		t.Error("the terminal is not raw")
	}
	s.press(" typed\r")
	s.gets(client.InputLine, "half typed")

	s.SetSecret(true)
	s.SetPrompt("password: ")
	s.Next()
	s.press("ses")
	s.until("the question", func(v *vt) bool { return strings.HasSuffix(v.String(), "password: ***") })
	s.leave()
	s.goOn()
	s.until("the question again", func(v *vt) bool { return strings.HasSuffix(v.String(), "$ fg\npassword: ***") })
	s.press("ame\r")
	s.getsSecret(client.InputLine, "sesame")
	s.never("sesame")
	s.never("ame")
}

// leave does what a shell does when the program was stopped.
func (s *session) leave() {
	s.t.Helper()
	if err := setMode(s.device, s.cooked); err != nil {
		s.t.Fatal(err)
	}
	if _, err := s.device.WriteString("[1]+ Stopped\n$ fg\n" + pasteOff); err != nil {
		s.t.Fatal(err)
	}
	s.until("the shell", func(v *vt) bool { return strings.HasSuffix(v.String(), "$ fg") && !v.paste })
}

func (s *session) goOn() {
	s.t.Helper()
	if err := syscall.Kill(os.Getpid(), syscall.SIGCONT); err != nil {
		s.t.Fatal(err)
	}
}

// A resize is answered at once, also while nothing is typed.
func TestResizeIsAnswered(t *testing.T) {
	for _, k := range []kind{cuts, tmux, wraps} {
		t.Run(fmt.Sprint(k), func(t *testing.T) {
			s := open(t, at(k, 40, 10))
			for i := range 12 {
				s.Show(0, (&post{words: []string{fmt.Sprint(i), "a text that", "is wrapped", "as it has", "no room"}}).draw)
			}
			s.Next()
			s.press("half")
			s.until("the line", func(v *vt) bool { return v.line(9) == "> half" })
			s.resize(16, 10)
			s.until("all rows within the screen", func(v *vt) bool {
				return v.line(8) == "  no room" && v.line(7) == "  as it has" && v.line(6) == "  is wrapped" &&
					v.line(5) == "11 a text that" && v.line(9) == "> half" && v.line(1) == "10 a text that"
			})
			s.resize(40, 14)
			s.press(" typed\r")
			s.gets(client.InputLine, "half typed")
		})
	}
}

// On a terminal that wraps rows anew, as much is erased as the terminal made of
// the line: rows of the chat stay.
func TestNarrowAndErase(t *testing.T) {
	for _, k := range []kind{cuts, tmux, wraps} {
		t.Run(fmt.Sprint(k), func(t *testing.T) {
			s := open(t, at(k, 40, 8))
			s.Show(0, text("one"))
			s.Show(0, text("two"))
			s.Next()
			s.press(strings.Repeat("x", 60))
			s.until("the line", func(v *vt) bool { return strings.Count(v.String(), "x") == 60 })
			s.resize(20, 8)
			s.press("y")
			s.until("the line in its new rows", func(v *vt) bool {
				return strings.TrimSpace(v.text()) == "one\ntwo\n> "+strings.Repeat("x", 60)+"y"
			})
			s.press("\r")
			s.gets(client.InputLine, strings.Repeat("x", 60)+"y")
			s.until("the chat", func(v *vt) bool { return strings.TrimSpace(v.text()) == "one\ntwo" })
		})
	}
}

func TestBellRingsOnceInTwoSeconds(t *testing.T) {
	c := newClock()
	s := open(t, with(c))
	for range 2000 {
		s.Bell()
	}
	c.advance(bellPause - 1)
	s.Bell()
	c.advance(1)
	s.Bell()
	s.Print("behind\n")
	s.until("two rings", func(v *vt) bool { return v.String() == "behind" && v.bells == 2 })
}

func TestReplace(t *testing.T) {
	s := open(t)
	s.Show(1, text("one (unsent)"))
	s.Show(2, text("two"))
	s.Next()
	s.press("half")
	s.shows("one (unsent)\ntwo\n> half", 2, 6)
	if !s.Replace(1, func(int) []string { return []string{"one", "  sent"} }) {
		t.Error("it was not replaced")
	}
	s.shows("one\n  sent\ntwo\n> half", 3, 6)
	for i := range 8 {
		s.Show(0, text(fmt.Sprint(i)))
	}
	if s.Replace(1, text("gone")) || s.Replace(3, text("never there")) || s.Replace(0, text("no id")) {
		t.Error("what is not on the screen was replaced")
	}
	if !s.Replace(2, text("TWO")) {
		t.Error("the topmost row was not replaced")
	}
	s.shows("TWO\n0\n1\n2\n3\n4\n5\n6\n7\n> half", 9, 6)
	s.never("gone")
}

func TestClear(t *testing.T) {
	for _, k := range []kind{cuts, tmux, wraps} {
		t.Run(fmt.Sprint(k), func(t *testing.T) {
			s := open(t, at(k, 40, 10))
			s.Show(0, text("one"))
			s.Show(1, text("two"))
			s.Next()
			s.press("half")
			s.shows("one\ntwo\n> half", 2, 6)
			s.Clear()
			s.shows("> half", 0, 6)
			s.Show(0, text("three"))
			s.until("it all in the scrollback", func(v *vt) bool {
				return v.String() == "three\n> half" && strings.TrimSpace(v.text()) == "one\ntwo\nthree\n> half"
			})
		})
	}
}

// Ctrl-L and the keys of a line at the top of the screen leave nothing in the
// scrollback.
func TestNoCopiesInTheScrollback(t *testing.T) {
	s := open(t, at(tmux, 20, 6))
	s.Next()
	s.press("half\x0c typed" + strings.Repeat("\x0c", 20) + "\x01\x1b[3~")
	s.shows("> alf typed", 0, 2)
	for i := range 9 {
		s.Show(0, text(fmt.Sprint(i)))
	}
	s.press(strings.Repeat("\x0c", 20) + "h")
	s.shows("4\n5\n6\n7\n8\n> half typed", 5, 3)
	s.until("each row once", func(v *vt) bool {
		return strings.TrimSpace(v.text()) == "0\n1\n2\n3\n4\n5\n6\n7\n8\n> half typed"
	})
}

// All keys of one read are drawn at once.
func TestDrawnOncePerRead(t *testing.T) {
	s := open(t)
	s.press(strings.Repeat("ab\x02\x02", 100)) // waits until it is read
	s.Next()
	s.until("all of it", func(v *vt) bool { return strings.Count(v.String(), "ab") == 100 })
	s.mu.Lock()
	defer s.mu.Unlock()
	if drawn := len(s.screen.all); drawn > 1000 {
		t.Errorf("%d bytes were drawn for 200 characters", drawn)
	}
}
