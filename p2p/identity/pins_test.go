package identity

import (
	"bytes"
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

// client is one of the clients that a person has.
type client struct {
	*Pins
	t      *testing.T
	events chan p2p.Event
}

func openPins(t *testing.T, folder, server string) *client {
	t.Helper()
	events := make(chan p2p.Event, 100)
	p, err := OpenPins(folder, server, func(e p2p.Event) { events <- e }, func(err error) { t.Error(err) })
	if err != nil {
		t.Fatal(err)
	}
	return &client{p, t, events}
}

// keep keeps a key and returns what was known before, and what is.
func (c *client) keep(name, letter string, verified bool, instead string) (before, now p2p.Pin) {
	c.t.Helper()
	if instead != "" {
		instead = printOf(instead)
	}
	c.Keep(name, p2p.Pin{Fingerprint: printOf(letter), Verified: verified, Since: today}, instead)
	return c.answer(name)
}

// look looks somebody up.
func (c *client) look(name string) p2p.Pin {
	c.t.Helper()
	c.Look(name)
	before, now := c.answer(name)
	if before != now {
		c.t.Errorf("looking at %s changes %v to %v", name, before, now)
	}
	return now
}

func (c *client) answer(name string) (before, now p2p.Pin) {
	c.t.Helper()
	e := <-c.events
	if e.Kind != p2p.Pinned || e.Err != nil || e.Pinned.Name != strings.ToLower(name) {
		c.t.Fatalf("of %s is told %+v", name, e)
	}
	return e.Pinned.Before, e.Pinned.Now
}

func fileOf(t *testing.T, folder, name string) string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(folder, name))
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

func closedFolder(t *testing.T) string {
	t.Helper()
	folder := t.TempDir()
	if err := os.Chmod(folder, 0o700); err != nil {
		t.Fatal(err)
	}
	return folder
}

func TestPinsAreKept(t *testing.T) {
	folder := filepath.Join(t.TempDir(), "keys")
	p := openPins(t, folder, "chat.example:9998")
	if _, ok := p.Pin("bob"); ok {
		t.Error("a pin from nowhere")
	}
	if before, now := p.keep("Bob", "b", false, ""); before != (p2p.Pin{}) || now.Fingerprint != printOf("b") {
		t.Errorf("kept is %v, before it was %v", now, before)
	}
	p.keep("alice", "a", true, "")
	if pin, ok := p.Pin("BOB"); !ok || pin.Fingerprint != printOf("b") {
		t.Errorf("then: %v, %v", pin, ok)
	}
	p.Close()
	want := bookTitle + "\n" +
		"alice@chat.example:9998 " + printOf("a") + " verified 2026-11-21\n" +
		"bob@chat.example:9998 " + printOf("b") + " seen 2026-11-21\n"
	if text := fileOf(t, folder, pinsFile); text != want {
		t.Errorf("the file:\n%s", text)
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

// What one client of a person has kept holds for those that were started before:
// another key takes its place only where that was the known one when it was
// trusted.
func TestTwoClientsOfOnePerson(t *testing.T) {
	folder := closedFolder(t)
	a, b := openPins(t, folder, "one"), openPins(t, folder, "one")
	defer a.Close()
	defer b.Close()
	a.keep("bob", "k", true, "")
	if _, now := b.keep("bob", "l", false, ""); now.Fingerprint != printOf("k") || !now.Verified {
		t.Errorf("the first use of another key makes it %v", now)
	}
	if pin, _ := b.Pin("bob"); pin.Fingerprint != printOf("k") {
		t.Errorf("and this client knows %v", pin)
	}
	if before, now := b.keep("bob", "k", false, ""); before != now || !now.Verified {
		t.Errorf("using the key again makes %v of %v", now, before)
	}
	if _, now := b.keep("bob", "m", false, "l"); now.Fingerprint != printOf("k") {
		t.Errorf("trusting in place of a third one makes it %v", now)
	}
	if _, now := b.keep("bob", "m", false, "k"); now.Fingerprint != printOf("m") || now.Verified {
		t.Errorf("trusting makes it %v", now)
	}
	if pin := a.look("BOB"); pin.Fingerprint != printOf("m") {
		t.Errorf("the other client finds %v", pin)
	}
	if pin := a.look("carl"); pin != (p2p.Pin{}) {
		t.Errorf("of nobody is known %v", pin)
	}
}

// Clients that meet somebody for the first time at the same moment agree on which
// key is the known one.
func TestFirstUseAtOnce(t *testing.T) {
	folder := closedFolder(t)
	var all sync.WaitGroup
	found := make([]string, 8)
	for i := range found {
		p := openPins(t, folder, "one")
		all.Go(func() {
			_, now := p.keep("bob", string(rune('a'+i)), false, "")
			found[i] = now.Fingerprint
			p.Close()
		})
	}
	all.Wait()
	for _, f := range found {
		if f != found[0] || !strings.Contains(fileOf(t, folder, pinsFile), f) {
			t.Fatalf("they know %q", found)
		}
	}
}

func TestWritersAtOnceLoseNothing(t *testing.T) {
	folder := closedFolder(t)
	edited := "# mine\nzoe@one " + printOf("z") + " seen 2020-01-02\n"
	if err := os.WriteFile(filepath.Join(folder, pinsFile), []byte(edited), 0o600); err != nil {
		t.Fatal(err)
	}
	var all sync.WaitGroup
	for i := range 8 {
		p := openPins(t, folder, "one")
		all.Go(func() {
			for j := range 10 {
				p.Keep("user"+strconv.Itoa(i)+"x"+strconv.Itoa(j), p2p.Pin{Fingerprint: printOf("u"), Since: today}, "")
			}
			p.Close()
		})
	}
	all.Wait()
	text := fileOf(t, folder, pinsFile)
	if n := strings.Count(text, "\n"); n != 82 || !strings.HasPrefix(text, "# mine\n") || !strings.HasSuffix(text, strings.TrimPrefix(edited, "# mine\n")) {
		t.Errorf("%d lines:\n%s", n, text)
	}
}

// What cannot be read is not gone by, and what cannot be written is tried again.
func TestPinsOnABadDisk(t *testing.T) {
	folder := closedFolder(t)
	events, errs := make(chan p2p.Event, 10), make(chan error, 10)
	p, err := OpenPins(folder, "one", func(e p2p.Event) { events <- e }, func(err error) { errs <- err })
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(folder, pinsFile)
	os.WriteFile(path, []byte("what is this\n"), 0o600)
	p.Keep("bob", p2p.Pin{Fingerprint: printOf("b"), Since: today}, "")
	if e := <-events; e.Err == nil || !strings.Contains(e.Err.Error(), "line 1") || e.Pinned.Now != (p2p.Pin{}) {
		t.Errorf("told is %+v", e)
	}
	if err := <-errs; !strings.Contains(err.Error(), path) {
		t.Errorf("error %v", err)
	}
	os.Remove(path)
	for _, name := range []string{"b b", "c@d", "#c"} {
		p.Keep(name, p2p.Pin{Fingerprint: printOf("b"), Since: today}, "")
		<-events
	}
	p.Keep("c", p2p.Pin{Fingerprint: "none", Since: today}, "")
	<-events
	p.unsaved = []job{{name: "dora", pin: p2p.Pin{Fingerprint: printOf("d"), Since: today}}, {name: "erik", pin: p2p.Pin{Fingerprint: printOf("e"), Since: today}}}
	os.WriteFile(path, []byte("erik@one "+printOf("f")+" verified 2026-11-21\n"), 0o600)
	p.Close()
	if text := fileOf(t, folder, pinsFile); !strings.Contains(text, "dora@one "+printOf("d")) || !strings.Contains(text, "erik@one "+printOf("f")+" verified") || strings.Count(text, "\n") != 2 {
		t.Errorf("the file: %s", text)
	}
}

// What others could have read or written is refused, and so is what is no file.
func TestFilesThatAreRefused(t *testing.T) {
	for _, name := range []string{pinsFile, serversFile} {
		for _, mode := range []os.FileMode{0o644, 0o620, 0o602} {
			folder := closedFolder(t)
			path := filepath.Join(folder, name)
			os.WriteFile(path, nil, 0o600)
			os.Chmod(path, mode)
			if _, err := OpenPins(folder, "one", nil, nil); err == nil || !strings.Contains(err.Error(), "chmod 600") || !strings.Contains(err.Error(), path) {
				t.Errorf("%s with mode %o: %v", name, mode, err)
			}
		}
		folder := closedFolder(t)
		os.Mkdir(filepath.Join(folder, name), 0o700)
		if _, err := OpenPins(folder, "one", nil, nil); err == nil || !strings.Contains(err.Error(), "no file") {
			t.Errorf("%s is a folder: %v", name, err)
		}
	}
	folder := closedFolder(t)
	os.WriteFile(filepath.Join(folder, serversFile), []byte("one two\n"), 0o600)
	if _, err := OpenPins(folder, "one", nil, nil); err == nil || !strings.Contains(err.Error(), "servers.txt: line 1") {
		t.Errorf("a bad line: %v", err)
	}
	os.Remove(filepath.Join(folder, serversFile))
	large := bytes.Repeat([]byte("\n"), maxBook+1)
	os.WriteFile(filepath.Join(folder, pinsFile), large[1:], 0o600)
	openPins(t, folder, "one").Close()
	os.WriteFile(filepath.Join(folder, pinsFile), large, 0o600)
	if _, err := OpenPins(folder, "one", nil, nil); err == nil || !strings.Contains(err.Error(), "too large") {
		t.Errorf("a large file: %v", err)
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
		if _, err := OpenPins(t.TempDir(), server, nil, nil); err == nil {
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
