//go:build linux || darwin

package terminal

import (
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"parley/eventloop/client"
)

func TestHistoryKeys(t *testing.T) {
	path := filepath.Join(t.TempDir(), "folder", "history")
	history := func(_ *session, c *Config) { c.History = path }
	t.Run("first", func(t *testing.T) {
		s := open(t, history)
		s.line("first", "first")
		s.Remember("first", true)
		s.line("secret", "secret")
		s.line("\x1b[200~two\nlines\x1b[201~", "two\nlines")
		s.Remember("two\nlines", true)
	})
	checkMode(t, path, 0o600)

	s := open(t, history)
	s.Next()
	s.press("\x1b[A")
	s.shows("> two↵lines", 0, 11)
	s.press("\x1b[A")
	s.shows("> first", 0, 7)
	s.press(" again\r")
	s.gets(client.InputLine, "first again")
	s.Remember("another", true)
	s.line("\x1b[A\x1b[A", "two\nlines")
	s.line("\x1b[A\x1b[A\x1b[A\x1b[A", "first") // and no older one
	s.close()
	if text, err := os.ReadFile(path); err != nil || string(text) != "first\ntwo"+nl+"lines\nanother\n" {
		t.Errorf("the file has %q, %v", text, err)
	}
}

func TestSearch(t *testing.T) {
	s := open(t)
	for _, text := range []string{"apple pie", "banana", "apple juice"} {
		s.line(text, text)
		s.Remember(text, true)
	}
	s.Next()
	s.press("draft\x12pie")
	s.until("what was found", func(v *vt) bool { return v.String() == "(search: pie) apple pie" })
	s.Print("above\n")
	s.until("both", func(v *vt) bool { return v.String() == "above\n(search: pie) apple pie" })
	s.press("\x05!")
	s.shows("above\n> apple pie!", 1, 12)
	s.press("\x12") // looks for nothing at first
	s.until("a new search", func(v *vt) bool { return v.line(1) == "(search: ) apple pie!" })
	s.press("apple")
	s.until("the newest", func(v *vt) bool { return v.line(1) == "(search: apple) apple juice" })
	s.press("\x12")
	s.until("the one before", func(v *vt) bool { return v.line(1) == "(search: apple) apple pie" })
	s.press("\x12")
	s.until("no older one", func(v *vt) bool { return v.line(1) == "(search: apple, not found) apple pie" })
	s.press("\x13")
	s.until("the newer one", func(v *vt) bool { return v.line(1) == "(search: apple) apple juice" })
	s.press("x")
	s.until("nothing", func(v *vt) bool { return v.line(1) == "(search: applex, not found) apple juice" })
	s.press("\x7f\x7f\x7f\x7f\x7f\x7fban")
	s.until("something else", func(v *vt) bool { return v.line(1) == "(search: ban) banana" })
	s.press("\x07")
	s.shows("above\n> apple pie!", 1, 12)
	s.press("\x12juice\x03") // ends the search only
	s.shows("above\n> apple pie!", 1, 12)
	s.press("\x03")
	s.gets(client.InputInterrupt, "apple pie!")
	s.line("\x12banana", "banana") // Enter takes what was found
}

func TestCompletion(t *testing.T) {
	words := []string{"/join ", "/names", "Ann: ", "anton: ", "中文字", "中文语"}
	asked := make(chan string, 1)
	s := open(t, columns(20), func(_ *session, c *Config) {
		c.Complete = func(before string) (found []string, length int) {
			select {
			case asked <- before:
			default:
			}
			word := []rune(before[strings.LastIndexAny(before, " \n")+1:])
			for _, w := range words {
				if r := []rune(w); len(word) <= len(r) && strings.EqualFold(string(r[:len(word)]), string(word)) {
					found = append(found, w)
				}
			}
			return found, len(word)
		}
	})
	s.line("/j\tgo", "/join go")
	if got := <-asked; got != "/j" {
		t.Errorf("asked for %q", got)
	}
	s.line("ANN\tx", "Ann: x")
	s.line("behind\x01/n\t ", "/names behind")
	s.line("\x1b[200~one\nant\x1b[201~\t", "one\nanton: ")
	s.line("zzz\t", "zzz")

	s.Next()
	s.press("a\t") // as far as both agree
	s.shows("> An", 0, 4)
	s.press("\t")
	s.shows("Ann:  anton:\n> An", 1, 4)
	s.press("t\t\r")
	s.gets(client.InputLine, "anton: ")
	s.shows("Ann:  anton:", 1, 0)

	s.Next()
	s.press("中\t\t")
	s.shows("Ann:  anton:\n中文字  中文语\n> 中文", 2, 6)
	s.press("\x03") // is for the line: no list is open
	s.gets(client.InputInterrupt, "中文")
}

// What is not to be kept is reached by the up key, and is in no file.
func TestHistoryThatIsNotKept(t *testing.T) {
	path := filepath.Join(t.TempDir(), "history")
	history := func(_ *session, c *Config) { c.History = path }
	s := open(t, history)
	s.line("kept", "kept")
	s.Remember("kept", true)
	s.line("private", "private")
	s.Remember("/private ben private", false)
	s.line("said", "said")
	s.Remember("said", false)
	s.Remember("said", true) // is kept after all
	s.line("\x1b[A\x1b[A", "/private ben private")
	s.line("\x12ben", "/private ben private")
	s.close()
	if text, err := os.ReadFile(path); err != nil || string(text) != "kept\nsaid\n" {
		t.Errorf("the file has %q, %v", text, err)
	}
}

// Without a file the keys reach the lines of this run.
func TestHistoryWithoutAFile(t *testing.T) {
	folder := t.TempDir()
	t.Chdir(folder)
	s := open(t)
	s.line("one", "one")
	s.Remember("one", true)
	s.line("\x1b[A", "one")
	s.close()
	if files, err := os.ReadDir(folder); err != nil || len(files) > 0 {
		t.Errorf("there is %v, %v", files, err)
	}
}

// TestHistoryIsPipe checks that a named pipe, which would block, is no history.
func TestHistoryIsPipe(t *testing.T) {
	path := filepath.Join(t.TempDir(), "history")
	if err := syscall.Mkfifo(path, 0o644); err != nil {
		t.Fatal(err)
	}
	openHistory(path).add("text", true)
}
