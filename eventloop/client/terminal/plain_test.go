//go:build linux || darwin

package terminal

import (
	"strings"
	"testing"

	"golang.org/x/sys/unix"

	"parley/eventloop/client"
)

// A terminal without escape sequences asks its questions so that they are seen.
func TestQuestionsOnADumbTerminal(t *testing.T) {
	s := open(t, dumb)
	s.SetPrompt("name: ")
	s.Next()
	s.shows("name:", 0, 6)
	s.press("alice\n")
	s.gets(client.InputLine, "alice")
	s.SetSecret(true)
	s.SetPrompt("password of alice: ")
	s.Next()
	s.shows("name: alice\npassword of alice:", 1, 19)
	s.Print("printed\n") // the question is asked again below
	s.shows("name: alice\npassword of alice:\nprinted\npassword of alice:", 3, 19)
	s.press("sesame\n")
	s.getsSecret(client.InputLine, "sesame")
	s.SetSecret(false)
	s.SetPrompt("lobby> ") // is no question
	s.Next()
	s.press("hello\n")
	s.gets(client.InputLine, "hello")
	s.shows("name: alice\npassword of alice:\nprinted\npassword of alice:\nhello", 5, 0)
	s.Next()
	s.SetPrompt("again: ") // while a line is typed already
	s.shows("name: alice\npassword of alice:\nprinted\npassword of alice:\nhello\nagain:", 5, 7)
	s.press("\x04")
	s.gets(client.InputEnd, "")
	s.shows("name: alice\npassword of alice:\nprinted\npassword of alice:\nhello\nagain:", 6, 0)
	s.never("sesame")
	s.never("\x1b")
}

// For a screen reader there is one short prompt, and each row comes once.
func TestScreenReader(t *testing.T) {
	s := open(t, func(_ *session, c *Config) { c.ScreenReader = true })
	if s.flags()&unix.ICANON == 0 {
		t.Error("the kernel does not edit the line")
	}
	s.SetTitle("title")
	s.SetPrompt("\x1b[1mbob (private, verified)> ")
	s.Next()
	s.shows(">", 0, 2)
	s.Show(1, func(columns int) []string { return []string{"10:00 bob: " + strings.Repeat("one row ", 6)} })
	s.until("the message", func(v *vt) bool { return strings.HasPrefix(v.String(), ">\n10:00 bob: one row") })
	if s.Replace(1, text("anew")) {
		t.Error("a row was written twice")
	}
	s.Clear()
	s.press("hello\n")
	s.gets(client.InputLine, "hello")
	s.SetPrompt("password: ")
	s.SetSecret(true)
	s.Next()
	s.until("the question", func(v *vt) bool { return strings.HasSuffix(v.String(), "\nhello\npassword:") })
	s.press("sesame\n")
	s.getsSecret(client.InputLine, "sesame")
	s.never("sesame")
	s.never("\x1b")
}

// After a stop the kernel shows nothing of a secret.
func TestContinuedOnADumbTerminal(t *testing.T) {
	s := open(t, dumb)
	s.SetSecret(true)
	s.Next()
	if err := setMode(s.device, s.cooked); err != nil { // as the shell does
		t.Fatal(err)
	}
	s.goOn()
	s.until("the echo off", func(*vt) bool { return s.flags()&unix.ECHO == 0 })
	s.press("sesame\n")
	s.getsSecret(client.InputLine, "sesame")
	s.never("sesame")
}

// Where the kernel edits the line, what an editor has saved is the line.
func TestEditOnADumbTerminal(t *testing.T) {
	s := open(t, dumb, fakeEditor(t, `shift; echo two >>"$1"`))
	s.Edit("one")
	s.Next()
	s.gets(client.InputLine, "one\ntwo")
	s.line("typed", "typed")
}

// Ctrl-C drops the line that the kernel edits, and is no signal. A file has none.
func TestInterruptOnADumbTerminal(t *testing.T) {
	for name, kind := range map[string]option{"dumb": dumb, "screen reader": func(_ *session, c *Config) { c.ScreenReader = true }} {
		t.Run(name, func(t *testing.T) {
			s := open(t, kind)
			s.SetPrompt("name: ")
			s.Next()
			s.until("the question", func(v *vt) bool { return v.String() == "name:" })
			s.press("half a line\x03")
			s.gets(client.InputInterrupt, "half a line")
			s.Print("told")
			s.until("what is told, in a row of its own", func(v *vt) bool { return v.String() == "name: half a line^C\ntold" })
			s.Next()
			s.press("\x03")
			s.gets(client.InputInterrupt, "")
			s.SetSecret(true)
			s.SetPrompt("password: ")
			s.Next()
			s.press("sesame\x03")
			s.getsSecret(client.InputInterrupt, "sesame")
			s.SetSecret(false)
			s.line("goes on", "goes on")
			s.never("sesame")
		})
	}
	if got := filtered(&filter{plain: true}, []byte("a\x03b\n")); got != "ab\r" {
		t.Errorf("a file gives %q", got)
	}
}
