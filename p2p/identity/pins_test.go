package identity

import (
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"parley/p2p"
)

var _ p2p.Pins = (*Pins)(nil)

// printOf returns a fingerprint that begins with a letter.
func printOf(letter string) string { return "SHA256:" + letter + strings.Repeat("A", 42) }

func openPins(t *testing.T, folder, server string) *Pins {
	t.Helper()
	p, err := OpenPins(folder, server, func(err error) { t.Error(err) })
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func TestPinsAreKept(t *testing.T) {
	folder := filepath.Join(t.TempDir(), "keys")
	p := openPins(t, folder, "chat.example:9998")
	if _, ok := p.Pin("bob"); ok {
		t.Error("a pin from nowhere")
	}
	p.Keep("Bob", p2p.Pin{Fingerprint: printOf("b"), Since: today})
	p.Keep("alice", p2p.Pin{Fingerprint: printOf("a"), Verified: true, Since: today})
	if pin, ok := p.Pin("BOB"); !ok || pin.Fingerprint != printOf("b") {
		t.Errorf("at once: %v, %v", pin, ok)
	}
	p.Close()
	text, err := os.ReadFile(filepath.Join(folder, pinsFile))
	want := bookTitle + "\n" +
		"alice@chat.example:9998 " + printOf("a") + " verified 2026-11-21\n" +
		"bob@chat.example:9998 " + printOf("b") + " seen 2026-11-21\n"
	if err != nil || string(text) != want {
		t.Errorf("the file: %v\n%s", err, text)
	}
	if info, err := os.Stat(filepath.Join(folder, pinsFile)); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("its mode: %v, %v", info.Mode(), err)
	}

	p = openPins(t, folder, "chat.example:9998")
	defer p.Close()
	day := today.Truncate(24 * time.Hour)
	if pin, ok := p.Pin("alice"); !ok || pin != (p2p.Pin{Fingerprint: printOf("a"), Verified: true, Since: day}) {
		t.Errorf("later: %v, %v", pin, ok)
	}
	elsewhere := openPins(t, folder, "other.example:9998")
	defer elsewhere.Close()
	if pin, ok := elsewhere.Pin("alice"); ok {
		t.Errorf("at another server: %v", pin)
	}
}

func TestWritersAtOnceLoseNothing(t *testing.T) {
	folder := t.TempDir()
	os.Chmod(folder, 0o700)
	edited := "# mine\nzoe@one " + printOf("z") + " seen 2020-01-02\n"
	if err := os.WriteFile(filepath.Join(folder, pinsFile), []byte(edited), 0o600); err != nil {
		t.Fatal(err)
	}
	var all sync.WaitGroup
	for i := range 8 {
		p := openPins(t, folder, "one")
		all.Go(func() {
			for j := range 10 {
				p.Keep("user"+strconv.Itoa(i)+"x"+strconv.Itoa(j), p2p.Pin{Fingerprint: printOf("u"), Since: today})
			}
			p.Close()
		})
	}
	all.Wait()
	text, _ := os.ReadFile(filepath.Join(folder, pinsFile))
	if n := strings.Count(string(text), "\n"); n != 82 || !strings.HasPrefix(string(text), "# mine\n") || !strings.HasSuffix(string(text), strings.TrimPrefix(edited, "# mine\n")) {
		t.Errorf("%d lines:\n%s", n, text)
	}
}

func TestPinsThatCannotBeWritten(t *testing.T) {
	folder := t.TempDir()
	os.Chmod(folder, 0o700)
	errs := make(chan error, 10)
	p, err := OpenPins(folder, "one", func(err error) { errs <- err })
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(folder, pinsFile)
	os.WriteFile(path, []byte("what is this\n"), 0o600)
	p.Keep("bob", p2p.Pin{Fingerprint: printOf("b"), Since: today})
	if err := <-errs; !strings.Contains(err.Error(), "line 1") {
		t.Errorf("error %v", err)
	}
	os.Remove(path)
	p.Keep("b b", p2p.Pin{Fingerprint: printOf("b"), Since: today})
	p.Keep("c@d", p2p.Pin{Fingerprint: printOf("b"), Since: today})
	p.Keep("#c", p2p.Pin{Fingerprint: printOf("b"), Since: today})
	p.Keep("c", p2p.Pin{Fingerprint: "none", Since: today})
	p.Close() // tries again
	if text, _ := os.ReadFile(path); strings.Count(string(text), "\n") != 2 || !strings.Contains(string(text), "bob@one ") {
		t.Errorf("the file: %s", text)
	}
}

func TestBooksThatAreRefused(t *testing.T) {
	good := "bob@one " + printOf("b") + " seen 2026-11-21"
	for _, c := range []struct{ text, says string }{
		{"bob", "line 1"},
		{good + "\n\n" + strings.Replace(good, "seen", "known", 1), "line 3"},
		{strings.Replace(good, "@one", "", 1), "line 1"},
		{strings.Replace(good, "SHA256:b", "SHA256:", 1), "line 1"},
		{strings.Replace(good, "-21", "-41", 1), "line 1"},
		{good + " more", "line 1"},
		{good + "\n" + strings.Replace(good, "bob", "BOB", 1), "second one for bob@one"},
	} {
		if _, err := parseBook(c.text); err == nil || !strings.Contains(err.Error(), c.says) {
			t.Errorf("%q: error %v does not say %q", c.text, err, c.says)
		}
	}
	for _, server := range []string{"", "a b", " a"} {
		if _, err := OpenPins(t.TempDir(), server, nil); err == nil {
			t.Errorf("%q names a server", server)
		}
	}
}

// FuzzBook checks that what is written is read as it was.
func FuzzBook(f *testing.F) {
	f.Add(bookTitle + "\nbob@one " + printOf("b") + " seen 2026-11-21\n")
	f.Add("x@y " + printOf("b") + " verified 0001-01-01\r\n#\n\n")
	f.Fuzz(func(t *testing.T, text string) {
		b, err := parseBook(text)
		if err != nil {
			return
		}
		written := string(b.text())
		again, err := parseBook(written)
		if err != nil || string(again.text()) != written {
			t.Errorf("%q became %q; %v", text, written, err)
		}
	})
}
