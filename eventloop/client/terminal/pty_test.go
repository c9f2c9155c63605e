//go:build linux || darwin

package terminal

import (
	"fmt"
	"strings"
	"testing"

	"golang.org/x/sys/unix"

	"parley/eventloop/client"
)

func TestPrintAboveLine(t *testing.T) {
	s := open(t, columns(10))
	s.Print("before\n")
	s.Next()
	s.press("hello 中文 🙂 and more")
	s.shows("before\n> hello 中\n文 🙂 and\nmore", 3, 4)
	s.Print("one\n")
	s.shows("before\none\n> hello 中\n文 🙂 and\nmore", 4, 4)
	s.press(strings.Repeat("\x1b[D", 10)) // before the emoji
	s.until("cursor", func(v *vt) bool { return v.row == 3 && v.column == 3 })
	s.Print("a line longer than a row\ntwo\n")
	s.shows("before\none\na line lon\nger than a\n row\ntwo\n> hello 中\n文 🙂 and\nmore", 7, 3)
	s.press("X")
	s.shows("before\none\na line lon\nger than a\n row\ntwo\n> hello 中\n文 X🙂 and\n more", 7, 4)
	s.press("\r")
	s.gets(client.InputLine, "hello 中文 X🙂 and more")
	s.shows("before\none\na line lon\nger than a\n row\ntwo", 6, 0)
	s.Print("three\n")
	s.shows("before\none\na line lon\nger than a\n row\ntwo\nthree", 7, 0)
}

func TestPaste(t *testing.T) {
	s := open(t)
	s.until("bracketed paste", func(v *vt) bool { return v.paste })
	s.Next()
	s.press("say: \x1b[200~one\r\n\ttwo\nthree\r\x1b[201~")
	s.shows("> say: one↵    two↵three", 0, 24)
	s.press("!\r")
	s.gets(client.InputLine, "say: one\n    two\nthree!")
	s.close()
	s.until("no bracketed paste", func(v *vt) bool { return !v.paste })
}

func TestLongPaste(t *testing.T) {
	s := open(t)
	s.Print("above\n")
	s.Next()
	s.press("\x1b[200~" + strings.Repeat("0123456789\n", 60) + "\x1b[201~")
	s.until("the end of the line", func(v *vt) bool { return strings.HasSuffix(v.String(), "↵0123456789") })
	s.press("\x01")
	s.until("its beginning", func(v *vt) bool { return strings.Contains(v.String(), "> 0123456789↵") && v.column == 2 })
	s.Print("below\n")
	s.press("\r")
	s.gets(client.InputLine, strings.TrimSuffix(strings.Repeat("0123456789\n", 60), "\n"))
	s.until("no trace of the line", func(v *vt) bool {
		return len(v.scrolled) == 1 && v.scrolled[0].String() == "above" && v.String() == "below" && v.row == 1 && v.column == 0
	})
}

func TestHomeAndEnd(t *testing.T) {
	for _, keys := range []struct{ home, end string }{
		{"\x1b[1~", "\x1b[4~"}, {"\x1b[7~", "\x1b[8~"}, {"\x1b[H", "\x1b[F"}, {"\x1bOH", "\x1bOF"}, {"\x01", "\x05"},
	} {
		t.Run(keys.home[1:], func(t *testing.T) {
			s := open(t)
			s.line("bc"+keys.home+"a"+keys.end+"d", "abcd")
		})
	}
}

// TestKeysThatReadlineMisses checks keys that would end or crash the program.
func TestKeysThatReadlineMisses(t *testing.T) {
	s := open(t)
	s.line("\x1b[3~a\x00\x14b", "ab")         // Delete, NUL, Ctrl-T
	s.line("\x12\x03c", "c")                  // search without a history
	s.line("\x12\x1b[3~d", "d")               // Delete while searching
	s.line("abc\x01\x1b[3~\x05\x1b[3~", "bc") // Delete, also at the end
	s.line("\x1b[?1;2c\x1b[Ix\x1b[5~y", "xy") // what the line editor does not know
	s.line("\x1b[1;5Done two\x1b[1;5DX", "one Xtwo")
}

func TestInterrupt(t *testing.T) {
	s := open(t)
	s.Print("above\n")
	s.Next()
	s.press(strings.Repeat("half typed ", 10) + "\x01\x03\x03")
	s.gets(client.InputInterrupt, strings.Repeat("half typed ", 10))
	s.shows("above", 1, 0)
	s.Next()
	s.gets(client.InputInterrupt, "") // typed ahead, and yet no signal
	s.line("goes on", "goes on")
}

func TestCtrlD(t *testing.T) {
	s := open(t)
	s.Next()
	s.press("ab\x01\x04\x04\x04") // deletes twice, then ends
	s.gets(client.InputEnd, "")
	s.line("goes on", "goes on")
}

func TestTypedAhead(t *testing.T) {
	s := open(t)
	s.press("one\r\x01two\r\x01thr\x04") // the keys between are no text: nobody has pasted this
	for _, want := range []string{"one", "two"} {
		s.Next()
		s.gets(client.InputLine, want)
	}
	s.shows("", 0, 0)
	s.Next()
	s.shows("> thr", 0, 5)
}

func TestCloseInLine(t *testing.T) {
	s := open(t)
	s.Print("above\n")
	s.SetTitle("parley")
	s.Next()
	s.press(strings.Repeat("half typed ", 8))
	s.until("title", func(v *vt) bool { return v.title == "parley" })
	s.shows("above\n> half typed half typed half typed half\ntyped half typed half typed half typed h\nalf typed", 3, 10)
	if s.isCooked() {
		t.Error("the terminal is not raw")
	}
	taken := make(chan client.Input, 1)
	go func() {
		defer close(taken)
		select {
		case in := <-s.Input():
			taken <- in
		case <-s.done:
		}
	}()
	s.close()
	if in, ok := <-taken; ok {
		t.Errorf("Close gave %+v", in)
	}
	s.shows("above", 1, 0)
	s.until("no title, no bracketed paste", func(v *vt) bool { return v.title == "" && !v.paste })
	s.close() // again
	s.Print("goodbye\n")
	s.shows("above\ngoodbye", 2, 0)
}

func TestCloseAtOnce(t *testing.T) {
	open(t)
}

func TestCloseWithInput(t *testing.T) {
	s := open(t)
	s.Next()
	s.press("never taken")
	s.shows("> never taken", 0, 13)
	s.press("\r\x01typed ahead\r\x04\x04\x1afour\r\x01five") // Ctrl-D and Ctrl-Z
	s.until("the line is done", func(v *vt) bool { return v.String() == "" })
	s.close()
}

func TestResize(t *testing.T) {
	s := open(t)
	s.Next()
	s.press("ab")
	s.shows("> ab", 0, 4)
	s.resize(10, 10)
	s.press("cdefghijkl")
	s.shows("> abcdefgh\nijkl", 1, 4)
	s.press("\r")
	s.gets(client.InputLine, "abcdefghijkl")
	s.shows("", 0, 0)
	s.resize(20, 10)
	s.line("abcdefghijkl", "abcdefghijkl")
	s.shows("", 0, 0)
}

func TestPrompt(t *testing.T) {
	s := open(t, columns(10))
	s.Next()
	s.press("text\x02")
	s.shows("> text", 0, 5)
	s.SetPrompt("\x1b[32m#🙂🙂🙂🙂🙂\x1b[0m\x1b[2J ")
	s.shows("#🙂🙂🙂🙂\n🙂[2J text", 1, 9)
	s.SetPrompt(strings.Repeat("p", 10)) // makes readline loop for ever
	s.shows("pppppppppp\ntext", 1, 3)
	s.press("\x02\x02\x02")
	s.shows("pppppppppp\ntext", 1, 0)
	s.SetPrompt("")
	s.shows("text", 0, 0)
	s.press("\r")
	s.gets(client.InputLine, "text")
}

func TestTitleAndBell(t *testing.T) {
	s := open(t)
	s.Next()
	s.press("\x1b[5~") // does nothing, and is a key all the same
	<-s.Active()
	s.until("", func(v *vt) bool { v.title = "of the shell"; return true })
	s.SetTitle("one")
	s.SetTitle("two\x1b]0;x\a")
	s.Bell()
	s.until("title and bell", func(v *vt) bool { return v.title == "two]0;x" && v.bells == 1 })
	s.close()
	s.until("the old title", func(v *vt) bool { return v.title == "of the shell" })
}

func TestClearScreen(t *testing.T) {
	s := open(t)
	s.Print("above\n")
	s.Next()
	s.press("ab\x0cc")
	s.shows("above\n> abc", 1, 5)
}

func TestSuspend(t *testing.T) {
	stopped := make(chan bool, 1)
	s := open(t, func(s *session, c *Config) {
		c.Device.Stop = func() {
			s.mu.Lock()
			defer s.mu.Unlock()
			stopped <- s.isCooked()
		}
	})
	s.Next()
	s.press("half\x1a")
	if !<-stopped {
		t.Error("the terminal was not restored while stopped")
	}
	s.until("drawn anew", func(v *vt) bool {
		return v.String() == "> half" && v.paste && strings.Contains(string(v.all), below+pasteOff+below+pasteOn)
	})
	s.press(" typed\r")
	s.gets(client.InputLine, "half typed")
	if s.isCooked() {
		t.Error("the terminal is not raw")
	}
}

// TestDumb checks that the kernel edits the line and nothing is drawn.
func TestDumb(t *testing.T) {
	s := open(t, dumb)
	if s.flags()&unix.ICANON == 0 {
		t.Error("the terminal is raw")
	}
	s.SetTitle("title")
	s.Next()
	s.press("text\n")
	s.gets(client.InputLine, "text")
	s.Print("printed\n")
	s.Bell()
	s.Next()
	s.press("\x04")
	s.gets(client.InputEnd, "")
	s.close()
	s.until("text and bell", func(v *vt) bool { return v.String() == "text\nprinted" && v.bells == 1 })
	s.until("no escape sequence", func(v *vt) bool { return !strings.Contains(string(v.all), "\x1b") })
}

// TestHangup ends the terminal while a line is typed.
func TestHangup(t *testing.T) {
	s := open(t)
	s.Next()
	s.press("half typed")
	s.shows("> half typed", 0, 12)
	s.keyboard.Close()
	s.gone = true
	s.gets(client.InputLine, "half typed")
	for range 2 {
		s.Next()
		s.gets(client.InputEnd, "")
	}
}

// TestAllAtOnce prints, completes and types at the same time, for the race
// detector.
func TestAllAtOnce(t *testing.T) {
	s := open(t, func(_ *session, c *Config) {
		c.Complete = func(string) ([]string, int) { return []string{"ab", "cd"}, 0 }
	})
	const lines = 30
	go func() {
		for range lines {
			s.keyboard.WriteString("\x01中\t\x02x\x1b[3~\x12y\x05\x0c\x1b[A\r")
		}
	}()
	s.Next()
	for got, i := 0, 0; got < lines; i++ {
		select {
		case in := <-s.Input():
			if got++; in.Kind != client.InputLine {
				t.Fatalf("got %+v", in)
			}
			s.Remember(in.Text, true)
			s.Next()
		default:
			s.Print(fmt.Sprintf("printed %d\n", i))
			s.SetPrompt(fmt.Sprint(i, "> "))
		}
	}
}
