package admin

import (
	"context"
	"log/slog"
	"os"
	"slices"
	"sync"
	"testing"
	"time"

	"go.uber.org/goleak"

	"parley/users"
	"parley/users/command"
	"parley/users/passwords"
	"parley/users/state"
)

// Goroutines that are there from the start are gnet's own.
func TestMain(m *testing.M) { goleak.VerifyTestMain(m, goleak.IgnoreCurrent()) }

// deadline is far more than anything here takes.
const deadline = 30 * time.Second

// A fake is a server that keeps accounts and knows no other rule.
type fake struct {
	mu       sync.Mutex
	kept     state.Kept
	online   []string
	acts     []state.Act
	filters  []state.ActFilter // that were asked for
	proposed []command.Command
	err      error                           // of everything
	hold     func(ctx context.Context) error // called before everything, if there is one
}

func (f *fake) begin(ctx context.Context) error {
	f.mu.Lock()
	hold, err := f.hold, f.err
	f.mu.Unlock()
	if hold != nil {
		if err := hold(ctx); err != nil {
			return err
		}
	}
	return err
}

func (f *fake) Propose(ctx context.Context, commands []command.Command) ([]state.Result, error) {
	if err := f.begin(ctx); err != nil {
		return nil, err
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	results := make([]state.Result, len(commands))
	for i, c := range commands {
		f.proposed = append(f.proposed, c)
		results[i].Err = f.apply(c)
	}
	return results, nil
}

func (f *fake) apply(c command.Command) error {
	find := func(name string) int {
		return slices.IndexFunc(f.kept.Accounts, func(a users.Account) bool { return users.Fold(a.Name) == users.Fold(name) })
	}
	switch c := c.(type) {
	case *command.AddAccount:
		if find(c.Name) >= 0 {
			return users.ErrRegistered
		}
		f.kept.Accounts = append(f.kept.Accounts, users.Account{Name: c.Name, Hash: c.Hash})
	case *command.DeleteAccount:
		if find(c.Name) < 0 {
			return users.ErrUnknownUser
		}
		f.kept.Accounts = slices.Delete(f.kept.Accounts, find(c.Name), find(c.Name)+1)
	case *command.SetHash:
		if c.Was != "" && c.Was != f.kept.Accounts[find(c.Name)].Hash {
			return state.ErrStale
		}
	case *command.SetRole:
		if find(c.Name) < 0 {
			return state.ErrGuest
		}
		if f.kept.Accounts[find(c.Name)].Role == c.Role {
			return state.ErrNotSo
		}
		f.kept.Accounts[find(c.Name)].Role = c.Role
	case *command.Unlock:
		return state.ErrGone // which nothing here gives: a reason that the owner's side does not know
	}
	return nil
}

func (f *fake) Kept(ctx context.Context) (state.Kept, error) {
	if err := f.begin(ctx); err != nil {
		return state.Kept{}, err
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	kept := f.kept
	kept.Accounts = slices.Clone(kept.Accounts)
	return kept, nil
}

func (f *fake) Acts(ctx context.Context, filter state.ActFilter, n int) ([]state.Act, error) {
	if err := f.begin(ctx); err != nil {
		return nil, err
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	f.filters = append(f.filters, filter)
	some := slices.DeleteFunc(slices.Clone(f.acts), func(a state.Act) bool { return filter.Before > 0 && a.Number >= filter.Before })
	return some[max(0, len(some)-n):], nil
}

func (f *fake) Online(context.Context) ([]string, error) { return f.online, nil }

// folder returns one with a path that is short enough for a socket on every system.
func folder(t *testing.T) string {
	t.Helper()
	dir, err := os.MkdirTemp("", "p")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(dir) })
	return dir
}

// listen has a server answer at a folder until the test ends.
func listen(t *testing.T, dir string, srv Server) *Listener {
	t.Helper()
	l, err := Listen(dir, srv, slog.New(slog.NewTextHandler(t.Output(), nil)))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = l.Close() })
	return l
}

// dial returns a client of the server at a folder.
func dial(t *testing.T, dir string) *Client {
	t.Helper()
	c, err := Dial(dir)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = c.Close() })
	return c
}

func addAccount(name string) command.Command {
	return &command.AddAccount{Name: name, Hash: passwords.Dummy}
}

// works checks that a server at a folder answers.
func works(t *testing.T, dir string) {
	t.Helper()
	c := dial(t, dir)
	if _, err := c.Accounts(); err != nil {
		t.Errorf("the server does not answer: %v", err)
	}
	if err := c.Close(); err != nil {
		t.Error(err)
	}
}
