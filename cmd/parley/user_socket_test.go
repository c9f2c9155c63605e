package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"parley/eventloop/admin"
	"parley/users"
	"parley/users/command"
	"parley/users/passwords"
	"parley/users/state"
	"parley/users/store"
)

// A stage is a server without a chat: it has a data folder and answers its owner.
type stage struct {
	*offline
	mu      sync.Mutex
	online  []string
	batches []int         // how many commands came at once
	stop    chan struct{} // closed when a command has come, which then waits, if it is there
}

func (s *stage) Propose(ctx context.Context, commands []command.Command) ([]state.Result, error) {
	if s.stop != nil {
		close(s.stop)
		<-ctx.Done()
		return nil, ctx.Err()
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.batches = append(s.batches, len(commands))
	return s.offline.Propose(ctx, commands)
}

func (s *stage) Online(context.Context) ([]string, error) { return s.online, nil }

// begin has a stage answer at a folder until the test ends, or the function is called.
func (s *stage) begin(t *testing.T, dir string) (end func()) {
	t.Helper()
	s.take(t, dir)
	return s.listen(t, dir)
}

// take gives a stage a folder, and listen has it answer there.
func (s *stage) take(t *testing.T, dir string) {
	t.Helper()
	s.offline = &offline{folder: dir}
	if err := s.open(t.Context()); err != nil {
		t.Fatal(err)
	}
}

func (s *stage) listen(t *testing.T, dir string) (end func()) {
	t.Helper()
	l, err := admin.Listen(dir, s, slog.New(slog.NewTextHandler(t.Output(), nil)))
	if err != nil {
		t.Fatal(err)
	}
	end = sync.OnceFunc(func() {
		if err := errors.Join(l.Close(), s.Close()); err != nil {
			t.Error(err)
		}
	})
	t.Cleanup(end)
	return end
}

// Whoever has the folder is asked: there is no other way to what is in it.
func TestUserAsksWhoHasTheFolder(t *testing.T) {
	dir, s := shortFolder(t), &stage{online: []string{"alice"}}
	end := s.begin(t, dir)
	userDoes(t, dir, "", "There are no accounts in "+dir, "list")
	userDoes(t, dir, secret, "Alice has an account", "add", "Alice")
	userDoes(t, dir, "bob "+secret+"\ncarol "+secret, "Accounts imported: 2. Lines skipped: 0.", "import", "-")
	userDoes(t, dir, otherSecret, "bob has a new password", "passwd", "BOB")
	userDoes(t, dir, "", "The account carol is deleted", "delete", "carol", "--yes")
	userDoes(t, dir, "", `,"online":true}`+"\n", "list", "--json")
	userDoes(t, dir, "", "last seen                online\n", "show", "alice")
	userDoes(t, dir, "", "last seen                never\n", "show", "bob")
	for _, r := range []refusal{
		{"taken", dir, "add ALICE", secret, exitRefused, "parley user passwd ALICE"},
		{"new password for nobody", dir, "passwd carol", secret, exitRefused, "no account of the name carol in " + dir},
		{"nobody to show", dir, "show carol", "", exitRefused, "no account of the name carol in " + dir},
		{"nobody to delete", dir, "delete carol --yes", "", exitRefused, "no account of the name carol in " + dir},
		{"not blocked", dir, "unblock alice", "", exitRefused, "alice is not blocked, nor are wrong passwords remembered in " + dir},
	} {
		r.check(t)
	}
	if want := []int{1, 2, 1, 1, 1}; !slices.Equal(s.batches, want) {
		t.Errorf("it was asked for %v commands, not %v", s.batches, want)
	}
	end()
	kept := stored(t, dir)
	hasPassword(t, kept, "Alice", secret)
	hasPassword(t, kept, "bob", otherSecret)
	if len(kept.Accounts) != 2 {
		t.Errorf("there are %v", kept.Accounts)
	}
}

func TestUserIsToldWhenAServerStopsMeanwhile(t *testing.T) {
	dir := shortFolder(t)
	s := &stage{stop: make(chan struct{})}
	end := s.begin(t, dir)
	cmd := parley(t, "user", "--data", dir, "add", "alice")
	var errs bytes.Buffer
	cmd.Stdin, cmd.Stderr = strings.NewReader(secret), &errs
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	<-s.stop
	end()
	_ = cmd.Wait()
	if cmd.ProcessState.ExitCode() != exitRefused || !strings.HasPrefix(errs.String(), "parley: the server is stopping; whether it is done is not known") {
		t.Errorf("exit status %d, %s", cmd.ProcessState.ExitCode(), &errs)
	}
	userDoes(t, dir, secret, "alice has an account", "add", "alice") // without it
}

func TestAnImportAddsManyAccountsInFewCommits(t *testing.T) {
	dir, s := shortFolder(t), new(stage)
	s.begin(t, dir)
	owner, end, err := reachFolder(dir, 0)
	if err != nil {
		t.Fatal(err)
	}
	var entries []entry
	for i := range 2*admin.MaxCommands + 10 {
		entries = append(entries, entry{line: i + 1, name: fmt.Sprintf("student%d", i), hash: passwords.Dummy})
	}
	if refused, err := owner.Propose(&command.AddAccount{Name: "STUDENT300", Hash: passwords.Dummy}); err != nil || refused[0] != nil {
		t.Fatal(refused, err)
	}
	late, err := addAll(owner, entries)
	if err != nil || len(late) != 1 || late[0].line != 301 || late[0].reason != "the name was registered just now" {
		t.Errorf("%v, %v", late, err)
	}
	accounts, err := owner.Accounts()
	if err != nil || len(accounts) != len(entries) {
		t.Errorf("there are %d of %d accounts, %v", len(accounts), len(entries), err)
	}
	if err := end(); err != nil {
		t.Error(err)
	}
	if want := []int{1, admin.MaxCommands, admin.MaxCommands, 10}; !slices.Equal(s.batches, want) {
		t.Errorf("they came as %v, not as %v", s.batches, want)
	}
}

func TestAFolderOfWhoDoesNotAnswerIsNotTouched(t *testing.T) {
	dir := shortFolder(t)
	withStore(t, dir, func(*store.Store) error {
		_, _, err := reachFolder(dir, 0)
		if !errors.Is(err, store.ErrInUse) || !strings.Contains(err.Error(), "does not answer its owner") {
			t.Errorf("it is reached: %v", err)
		}
		return nil
	})
}

// A server that starts has the folder's lock before it answers, and one that stops still
// has it afterwards.
func TestAFolderIsReachedWhenItsServerHasStartedOrStopped(t *testing.T) {
	dir := shortFolder(t)
	for _, starts := range []bool{true, false} {
		s := new(stage)
		s.take(t, dir)
		reached := make(chan error)
		go func() {
			_, end, err := reachFolder(dir, time.Minute)
			if err == nil {
				err = end()
			}
			reached <- err
		}()
		end := func() { _ = s.Close() }
		if starts {
			end = s.listen(t, dir)
		} else {
			end()
		}
		if err := <-reached; err != nil {
			t.Error(err)
		}
		end()
	}
}

// The same commands do the same without a server as with one.
func TestOfflineIsLikeAServer(t *testing.T) {
	dir := shortFolder(t)
	for i, tt := range []struct {
		command command.Command
		want    error
	}{
		{&command.Unlock{Who: "alice"}, users.ErrUnknownUser},
		{&command.DeleteAccount{Name: "alice"}, users.ErrUnknownUser},
		{&command.AddAccount{Name: "alice", Hash: passwords.Dummy}, nil},
		{&command.AddAccount{Name: "Alice", Hash: passwords.Dummy}, users.ErrRegistered},
		{&command.SetHash{Name: "Alice", Was: "another", Hash: passwords.Dummy}, state.ErrStale},
		{&command.SetHash{Name: "Alice", Was: passwords.Dummy, Hash: passwords.Dummy}, nil},
		{&command.DeleteAccount{Name: "ALICE"}, nil},
		{&command.DeleteAccount{Name: "ALICE"}, users.ErrUnknownUser},
	} {
		owner, end, err := reachFolder(dir, 0)
		if err != nil {
			t.Fatal(err)
		}
		refused, err := owner.Propose(tt.command)
		if err != nil || !errors.Is(refused[0], tt.want) {
			t.Errorf("%+v: got %v, %v, want %v", tt.command, refused, err, tt.want)
		}
		if err := end(); err != nil {
			t.Error(err)
		}
		if store.Exists(dir) != (i >= 2) {
			t.Errorf("behind %+v there is a database: %v", tt.command, store.Exists(dir))
		}
	}
}

// What is there is looked at again when the folder is opened for the first change.
func TestOfflineHeedsWhatWasMadeMeanwhile(t *testing.T) {
	dir := shortFolder(t)
	owner, end, err := reachFolder(dir, 0)
	if err != nil {
		t.Fatal(err)
	}
	userDoes(t, dir, secret, "alice has an account", "add", "alice")
	if refused, err := owner.Propose(&command.AddAccount{Name: "Alice", Hash: passwords.Dummy}); err != nil || !errors.Is(refused[0], users.ErrRegistered) {
		t.Errorf("got %v, %v", refused, err)
	}
	if err := end(); err != nil {
		t.Error(err)
	}
	hasPassword(t, stored(t, dir), "alice", secret)
}
