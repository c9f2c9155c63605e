package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"parley/protocol"
)

// What a server says when it refuses a login reaches no terminal as it is, and ends with
// status 1 also where nothing is said.
func TestLoadRefusedLogin(t *testing.T) {
	t.Parallel()
	s := serve(t, "127.0.0.1:0")
	addr := proxy(t, s.addrs[0], func(_ int, line string) []string {
		if !strings.Contains(line, `"event":"login"`) {
			return []string{line}
		}
		return []string{string(protocol.AppendExtended(nil, protocol.Response{Sender: protocol.ServerName, Kind: protocol.KindError, Content: "no \x1b]0;owned\a\u202e",
			Data: &protocol.Data{Event: protocol.EventError, Code: protocol.NotAllowed}}))}
	})
	for _, name := range []string{"idle", "login", "room"} {
		_, stdout, stderr, status := loadTest(t, addr, name, "--clients=2", "--rate=10", "--duration=200ms")
		if status != exitRefused || strings.ContainsAny(stdout+stderr, "\x1b\a\u202e") || !strings.Contains(stdout, "not_allowed: no") {
			t.Errorf("%s: status %d: %q %q", name, status, stderr, stdout)
		}
	}
	if _, stdout, stderr, status := loadTest(t, addr, "login", "--clients=2", "--rate=10", "--duration=200ms", "--allow=not_allowed"); status != exitDone {
		t.Errorf("allowed: status %d: %s%s", status, stderr, stdout)
	}
}

// A run that is killed leaves the reports that were there, and nothing beside them.
func TestLoadKilled(t *testing.T) {
	t.Parallel()
	s := serve(t, "127.0.0.1:0")
	heard := make(chan struct{}, 1)
	addr := proxy(t, s.addrs[0], func(_ int, line string) []string {
		if strings.Contains(line, `"event":"message"`) {
			select {
			case heard <- struct{}{}:
			default:
			}
		}
		return []string{line}
	})
	dir := t.TempDir()
	page := filepath.Join(dir, "page.html")
	if err := os.WriteFile(page, []byte("old"), 0o640); err != nil {
		t.Fatal(err)
	}
	link := filepath.Join(dir, "link.html")
	if err := os.Symlink("page.html", link); err != nil {
		t.Skip(err)
	}
	cmd := parley(t, "load", addr, "--clients=2", "--duration=1h", "--html", page)
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	<-heard
	_ = cmd.Process.Kill()
	_ = cmd.Wait()
	names, _ := os.ReadDir(dir)
	if b, err := os.ReadFile(page); err != nil || string(b) != "old" || len(names) != 2 {
		t.Errorf("%q, %v, beside %v", b, err, names)
	}
	// One that is not killed replaces it where it lies, with its permissions.
	if _, stdout, stderr, status := loadTest(t, s.addrs[0], "--clients=2", "--duration=100ms", "--html", link); status != exitDone {
		t.Fatalf("status %d: %s%s", status, stderr, stdout)
	}
	info, err := os.Lstat(page)
	if err != nil || info.Size() < 1000 || info.Mode().Perm() != 0o640 {
		t.Errorf("%v, %v", info, err)
	}
	if info, err := os.Lstat(link); err != nil || info.Mode().IsRegular() {
		t.Errorf("the link became %v, %v", info, err)
	}
}
