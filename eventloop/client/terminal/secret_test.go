//go:build linux || darwin

package terminal

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"parley/eventloop/client"
)

// getsSecret waits for a line that was hidden.
func (s *session) getsSecret(kind client.InputKind, text string) {
	s.t.Helper()
	select {
	case got := <-s.Input():
		if want := (client.Input{Kind: kind, Text: text, Secret: true}); got != want {
			s.t.Fatalf("got %+v, want %+v", got, want)
		}
	case <-time.After(deadline):
		s.t.Fatal("no input")
	}
}

// never checks that a text has not been on the screen.
func (s *session) never(text string) {
	s.t.Helper()
	s.mu.Lock()
	defer s.mu.Unlock()
	if strings.Contains(string(s.screen.all), text) {
		s.t.Errorf("%q has been seen", text)
	}
}

func TestSecret(t *testing.T) {
	path := filepath.Join(t.TempDir(), "history")
	s := open(t, func(_ *session, c *Config) {
		c.History = path
		c.Complete = func(string) ([]string, int) { return []string{"completed"}, 0 }
	})
	s.line("before", "before")
	s.Remember("before", true)
	s.SetSecret(true)
	s.SetPrompt("password: ")
	s.Next()
	s.press("sésame")
	s.shows("password: ******", 0, 16)
	s.Print("printed\n")
	s.shows("printed\npassword: ******", 1, 16)
	s.press("\x7f\x7f99")
	s.shows("printed\npassword: ******", 1, 16)
	s.press("\r")
	s.getsSecret(client.InputLine, "sésa99")
	s.shows("printed", 1, 0)

	// No key recalls, completes, searches for, cuts or moves anything.
	s.Next()
	s.press("\x1b[A\x1b[B\x12\t\x02\x1b[Da\x01b\x1b[3~\x14c\x17\x0b\x19\x1bbd\r")
	s.getsSecret(client.InputLine, "abcd")
	s.Next()
	s.press("wrong\x15right\r")
	s.getsSecret(client.InputLine, "right")
	s.Next()
	s.press("\x1b[200~pas\nted\x1b[201~\r")
	s.getsSecret(client.InputLine, "pasted")
	s.Next()
	s.press("half\x03")
	s.getsSecret(client.InputInterrupt, "half")
	s.Next()
	s.press("\x04")
	s.getsSecret(client.InputEnd, "")

	s.SetSecret(false)
	s.SetPrompt("> ")
	s.Next()
	s.press("\x19\x1b[A\x1b[A\x1b[A") // yank, and up
	s.shows("printed\n> before", 1, 8)
	s.press("\r")
	s.gets(client.InputLine, "before")
	s.close()
	for _, secret := range []string{"sésa", "abcd", "right", "wrong", "pasted", "half"} {
		s.never(secret)
	}
	if text, err := os.ReadFile(path); err != nil || string(text) != "before\n" {
		t.Errorf("the file has %q, %v", text, err)
	}
}

// What had been typed before a line is hidden is no part of the secret.
func TestSecretBeginsInALine(t *testing.T) {
	for name, test := range map[string]struct{ before, behind, want string }{
		"typed on":  {"hello wor", "sesame\r", "sesame"},
		"blank":     {"", "sesame\r", "sesame"},
		"only text": {"hello wor", "\r", ""},
		"backspace": {"hello wor", "\x7fsesame\r", "sesame"},
		"in middle": {"hello wor\x02\x02", "sesame\r", "sesame"},
		"searching": {"\x12", "\x07sesame\r", "sesame"},
	} {
		t.Run(name, func(t *testing.T) {
			s := open(t)
			s.line("first", "first")
			s.Remember("first", true)
			s.Next()
			s.press(test.before)
			switch shown := strings.TrimRight(test.before, "\x02"); shown {
			case "\x12":
				s.until("search", func(v *vt) bool { return strings.HasPrefix(v.String(), "(search") })
			default:
				s.until(shown, func(v *vt) bool { return v.String() == strings.TrimRight("> "+shown, " ") })
			}
			s.SetSecret(true)
			s.shows(">", 0, 2)
			s.press(test.behind)
			s.getsSecret(client.InputLine, test.want)
			s.SetSecret(false)
			s.line("after", "after")
			s.never("sesame")
		})
	}
}

// On a terminal that the kernel edits its echo is switched off, and on again.
func TestSecretOnADumbTerminal(t *testing.T) {
	s := open(t, dumb)
	s.SetSecret(true)
	s.Next()
	s.press("sesame\n")
	s.getsSecret(client.InputLine, "sesame")
	s.SetSecret(false)
	if s.flags()&unix.ECHO == 0 {
		t.Error("the echo is off")
	}
	s.line("seen", "seen")
	s.SetSecret(true)
	s.close() // checks that the terminal is as it was
	s.never("sesame")
}
