package main

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"parley/protocol"
	"parley/users/state"
	"parley/users/store"
)

// does runs parley and returns its exit status and what it says to both.
func does(t *testing.T, args ...string) (status int, says string) {
	t.Helper()
	cmd := parley(t, args...)
	end := time.AfterFunc(6*deadline, func() { _ = cmd.Process.Kill() }) // a server that should have refused to start
	defer end.Stop()
	out, _ := cmd.CombinedOutput()
	return cmd.ProcessState.ExitCode(), string(out)
}

// mustDo is does of what must work and say something.
func mustDo(t *testing.T, says string, args ...string) string {
	t.Helper()
	status, out := does(t, args...)
	if status != exitDone || !strings.Contains(out, says) {
		t.Fatalf("parley %s: exit status %d, %q; want %q", strings.Join(args, " "), status, out, says)
	}
	return out
}

// A backup from a server that is talked to has everything that was acknowledged before it,
// and a server goes on from it in another folder.
func TestBackupAndRestore(t *testing.T) {
	dir, restored, file := filepath.Join(t.TempDir(), "data"), filepath.Join(t.TempDir(), "data"), filepath.Join(t.TempDir(), "backup.db")
	addr := serveFrom(t, dir, "--flood", "off")
	alice := converse(t, addr)
	alice.send(protocol.Request{Verb: "login", Content: protocol.Content{Text: "alice"}, Password: secret, Register: true, Extended: true, Ref: "login"})
	alice.answer("login")
	acked := make(map[uint64]string)
	talk := func() {
		text := fmt.Sprint("text ", len(acked))
		alice.say(text)
		acked[alice.answer(text).ID] = text
	}
	for range 50 {
		talk()
	}
	var newest uint64
	for number := range acked {
		newest = max(newest, number)
	}
	var talking sync.WaitGroup
	ctx, stop := context.WithCancel(t.Context())
	talking.Go(func() {
		for ctx.Err() == nil {
			talk()
		}
	})
	says := mustDo(t, "up to number ", "backup", file, "--data", dir)
	mustDo(t, "is sound: all that is kept up to number ", "check", dir)
	stop()
	talking.Wait()
	var number uint64
	_, behind, _ := strings.Cut(says, "up to number ")
	if _, err := fmt.Sscanf(behind, "%d", &number); err != nil || number < newest {
		t.Fatalf("%d was acknowledged before the backup; it says %q", newest, says)
	}
	if status, says := does(t, "backup", file, "--data", dir); status != exitRefused || !strings.Contains(says, "write over it with --replace") {
		t.Errorf("exit status %d, %q", status, says)
	}
	if status, says := does(t, "restore", file, "--data", dir, "--replace"); status != exitRefused || !strings.Contains(says, "in use by another server: stop it first") {
		t.Errorf("exit status %d, %q", status, says)
	}
	mustDo(t, "is sound", "check", file)
	mustDo(t, fmt.Sprintf("up to number %d.", number), "restore", file, "--data", restored)
	mustDo(t, "is sound", "check", restored)
	if status, says := does(t, "restore", file, "--data", restored); status != exitRefused || !strings.Contains(says, "--replace") {
		t.Errorf("exit status %d, %q", status, says)
	}
	kept := make(map[uint64]string)
	withStore(t, restored, func(s *store.Store) error {
		page, err := s.Newest(t.Context(), state.Lobby, store.PageLimit)
		for _, m := range page {
			kept[m.Number] = m.Text
		}
		return err
	})
	for n, text := range acked {
		if n <= number && kept[n] != text && len(kept) < store.PageLimit {
			t.Errorf("message %d is %q in the backup, and was %q", n, kept[n], text)
		}
		if n > number && kept[n] != "" {
			t.Errorf("message %d is in a backup up to %d", n, number)
		}
	}
	if e := logIn(t, serveFrom(t, restored), "alice", secret); e.Code != "" {
		t.Error(e)
	}
}

// What is damaged is told, with what to do, by all who meet it; and that helps.
func TestADamagedFolder(t *testing.T) {
	dir, file := t.TempDir(), filepath.Join(t.TempDir(), "backup.db")
	userDoes(t, dir, secret, "alice has an account", "add", "alice")
	mustDo(t, "up to number", "backup", file, "--data", dir)
	whole, err := os.ReadFile(store.Database(dir))
	if err != nil {
		t.Fatal(err)
	}
	for i := 5000; i < len(whole); i += 97 {
		whole[i] ^= 0x5a
	}
	if err := os.WriteFile(store.Database(dir), whole, 0o600); err != nil {
		t.Fatal(err)
	}
	status, says := does(t, "serve", "--listen", "127.0.0.1:0", "--data", dir)
	for _, want := range []string{"the database file is damaged", "\nWhat is damaged says: parley check " + dir, "parley restore FILE --data " + dir + " --replace\n"} {
		if status != exitRefused || !strings.Contains(says, want) {
			t.Errorf("serve: exit status %d, %q; want %q", status, says, want)
		}
	}
	status, says = does(t, "check", dir)
	if status != exitRefused || !strings.Contains(says, "The file is damaged: ") && !strings.Contains(says, "The database file is damaged: ") || !strings.Contains(says, "has faults: ") {
		t.Errorf("check: exit status %d, %q", status, says)
	}
	if status, says = does(t, "restore", store.Database(dir), "--data", filepath.Join(t.TempDir(), "data")); status != exitRefused || !strings.Contains(says, "nothing is changed") {
		t.Errorf("restore of it: exit status %d, %q", status, says)
	}
	mustDo(t, "has all that the backup has", "restore", file, "--data", dir, "--replace")
	userDoes(t, dir, "", "alice", "list")
	if status, says := does(t, "check", t.TempDir()); status != exitRefused || !strings.Contains(says, "there is no database") {
		t.Errorf("exit status %d, %q", status, says)
	}
	for _, args := range [][]string{{"backup", file, "--data", ":memory:"}, {"restore", file, "--data", ":memory:"}, {"backup"}, {"restore"}} {
		if status, says := does(t, args...); status != exitUsage {
			t.Errorf("%v: exit status %d, %q", args, status, says)
		}
	}
}
