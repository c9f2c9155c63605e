package terminal

import (
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"sync"
	"testing"
	"unicode"
)

func TestHistory(t *testing.T) {
	path := filepath.Join(t.TempDir(), "new", "folder", "history")
	h := openHistory(path)
	for _, text := range []string{"one", "two\nlines\n", "", "  ", "two\nlines\n", "a\x1b[2J\rb", "one"} {
		h.add(text, true)
	}
	want := []string{"one", "two" + nl + "lines" + nl, "a[2Jb", "one"}
	if !slices.Equal(h.lines, want) {
		t.Errorf("kept %q, want %q", h.lines, want)
	}
	if again := openHistory(path); !slices.Equal(again.lines, want) {
		t.Errorf("came back as %q, want %q", again.lines, want)
	}
	checkMode(t, path, 0o600)
	checkMode(t, filepath.Dir(path), 0o700)
}

func TestHistoryOfAnotherMode(t *testing.T) {
	path := filepath.Join(t.TempDir(), "history")
	if err := os.WriteFile(path, []byte("old\r\n\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	if h := openHistory(path); !slices.Equal(h.lines, []string{"old"}) {
		t.Errorf("read %q", h.lines)
	}
	checkMode(t, path, 0o600)
}

func TestHistoryIsCut(t *testing.T) {
	path := filepath.Join(t.TempDir(), "history")
	var all strings.Builder
	for i := range 3 * maxHistory {
		fmt.Fprintln(&all, i)
	}
	if err := os.WriteFile(path, []byte(all.String()), 0o600); err != nil {
		t.Fatal(err)
	}
	openHistory(path).add("new", true)
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	lines := strings.Split(strings.TrimSuffix(string(text), "\n"), "\n")
	if len(lines) != maxHistory+1 || lines[0] != fmt.Sprint(2*maxHistory) || lines[maxHistory] != "new" {
		t.Errorf("%d lines from %s to %s", len(lines), lines[0], lines[len(lines)-1])
	}
	checkMode(t, path, 0o600)
	if files, _ := filepath.Glob(filepath.Join(filepath.Dir(path), "*")); len(files) != 2 { // with the lock
		t.Errorf("left behind: %q", files)
	}
}

// TestHistoryNowhere checks that nothing but the file is lost.
func TestHistoryNowhere(t *testing.T) {
	folder := t.TempDir()
	file := filepath.Join(folder, "file")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	for _, path := range []string{"", folder, filepath.Join(file, "history")} {
		h := openHistory(path)
		h.add("text", true)
		if !slices.Equal(h.lines, []string{"text"}) {
			t.Errorf("%q: kept %q", path, h.lines)
		}
	}
}

func checkMode(t *testing.T, path string, want os.FileMode) {
	t.Helper()
	info, err := os.Stat(path)
	if err != nil {
		t.Fatal(err)
	}
	if got := info.Mode().Perm(); got != want && runtime.GOOS != "windows" {
		t.Errorf("%s has the mode %o, want %o", path, got, want)
	}
}

// What one client adds while another one cuts the file is not lost.
func TestHistoryOfTwoClients(t *testing.T) {
	path := filepath.Join(t.TempDir(), "history")
	long := strings.Repeat("old\nolder\n", maxHistory+1)
	for round := range 50 {
		if err := os.WriteFile(path, []byte(long), 0o600); err != nil {
			t.Fatal(err)
		}
		h := &history{path: path}
		var both sync.WaitGroup
		both.Go(func() { openHistory(path) })
		both.Go(func() {
			for i := range 100 {
				h.add(fmt.Sprint("new ", i), true)
			}
		})
		both.Wait()
		text, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		if n := strings.Count(string(text), "new "); n != 100 || len(text) > len(long) {
			t.Fatalf("round %d: of 100 lines %d are there, in %d bytes", round, n, len(text))
		}
	}
}

// Whatever the file has, the lines are such as can be typed, and are there the next time.
func FuzzHistory(f *testing.F) {
	f.Add("one\ntwo\r\n\n", "three")
	f.Add("\x1b[2J\x00\xff\n"+string(rune(newlineRune))+"\n", "a\nb\x1b")
	f.Add(strings.Repeat("x\n", 2*maxHistory+1), "x")
	path := filepath.Join(f.TempDir(), "history")
	f.Fuzz(func(t *testing.T, text, typed string) {
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		h := openHistory(path)
		h.add(typed, true)
		if len(h.lines) > 2*maxHistory+1 || len(h.newest()) > maxHistory {
			t.Errorf("there are %d lines, and %d are reached", len(h.lines), len(h.newest()))
		}
		for _, line := range h.lines {
			if line == "" || strings.ContainsFunc(line, unicode.IsControl) || encode(decode(line)) != line {
				t.Errorf("%q has %q", text, line)
			}
		}
		again := openHistory(path)
		if n := len(again.lines); n == 0 && len(h.lines) > 0 || !slices.Equal(again.lines, h.lines[len(h.lines)-n:]) {
			t.Errorf("%q are %q, and then %q", text, h.lines, again.lines)
		}
	})
}
