package main

import (
	"bytes"
	"crypto/rand"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"parley/protocol"
	"parley/users"
	"parley/users/passwords"
	"parley/users/state"
	"parley/users/store"
)

// Passwords of these tests. Nothing may print them.
const (
	secret      = "correct horse battery"
	otherSecret = "staple of another kind"
)

// userCommand runs parley user at a data folder and returns what became of it.
// It checks that no password is printed.
func userCommand(t *testing.T, dir, stdin string, args ...string) (status int, stdout, stderr string) {
	t.Helper()
	cmd := parley(t, append([]string{"user", "--data", dir}, args...)...)
	var out, errs bytes.Buffer
	cmd.Stdin, cmd.Stdout, cmd.Stderr = strings.NewReader(stdin), &out, &errs
	_ = cmd.Run()
	for _, s := range []string{secret, otherSecret} {
		if strings.Contains(out.String()+errs.String(), s) {
			t.Errorf("%v prints the password: %s%s", args, &out, &errs)
		}
	}
	return cmd.ProcessState.ExitCode(), out.String(), errs.String()
}

// userDoes runs a command that is to succeed, and say something.
func userDoes(t *testing.T, dir, stdin, says string, args ...string) {
	t.Helper()
	status, stdout, stderr := userCommand(t, dir, stdin, args...)
	if status != exitDone || !strings.Contains(stdout, says) || stderr != "" {
		t.Fatalf("%v: exit status %d, %q, %q; want %q", args, status, stdout, stderr, says)
	}
}

// stored returns what is in a data folder that nobody has open.
func stored(t *testing.T, dir string) (kept state.Kept) {
	t.Helper()
	withStore(t, dir, func(s *store.Store) (err error) {
		kept, err = s.Load(t.Context())
		return err
	})
	return kept
}

func withStore(t *testing.T, dir string, do func(*store.Store) error) {
	t.Helper()
	s, err := store.Open(dir, store.Options{Random: rand.Reader})
	if err != nil {
		t.Fatal(err)
	}
	if err := do(s); err != nil {
		t.Error(err)
	}
	if err := s.Close(); err != nil {
		t.Error(err)
	}
}

func hasPassword(t *testing.T, kept state.Kept, name, password string) {
	t.Helper()
	for _, a := range kept.Accounts {
		if a.Name == name {
			if ok, _, err := passwords.Verify(a.Hash, password); !ok || err != nil {
				t.Errorf("%s does not have the password (%v)", name, err)
			}
			return
		}
	}
	t.Errorf("there is no %s", name)
}

// The life of an account, without a server.
func TestUser(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "new", "folder")
	userDoes(t, dir, "", "There are no accounts in "+dir, "list")
	userDoes(t, dir, "", "", "list", "--json")
	if _, err := os.Stat(dir); err == nil {
		t.Error("looking has made the folder")
	}
	userDoes(t, dir, secret+"\nnot a password\n", "Alice has an account", "add", "Alice")
	userDoes(t, dir, secret+"\r\n", "bob has an account", "add", "bob")
	userDoes(t, dir, secret, "zoe has an account", "add", "zoe") // without the end of the line
	for _, name := range []string{"Alice", "bob", "zoe"} {
		hasPassword(t, stored(t, dir), name, secret)
	}
	userDoes(t, dir, otherSecret+"\n", "Alice has a new password", "passwd", "aLICE")
	hasPassword(t, stored(t, dir), "Alice", otherSecret)
	hasPassword(t, stored(t, dir), "bob", secret)

	status, stdout, _ := userCommand(t, dir, "", "list")
	lines := strings.Split(stdout, "\n")
	if status != exitDone || len(lines) != 5 || !strings.HasPrefix(lines[0], "NAME") {
		t.Fatalf("exit status %d: %s", status, stdout)
	}
	for i, name := range []string{"Alice", "bob", "zoe"} {
		fields := strings.Fields(lines[i+1])
		if len(fields) != 4 || fields[0] != name || fields[2] != "never" || fields[3] != "none" {
			t.Errorf("row %q", lines[i+1])
		} else if at, err := time.Parse(time.RFC3339, fields[1]); err != nil || time.Since(at) > 2*deadline {
			t.Errorf("row %q: %v", lines[i+1], err)
		}
	}
	userDoes(t, dir, "", "The account Alice is deleted", "delete", "alice", "--yes")
	if kept := stored(t, dir); len(kept.Accounts) != 2 {
		t.Errorf("there are %v", kept.Accounts)
	}
}

// The default folder is the server's.
func TestUserInTheDefaultFolder(t *testing.T) {
	cmd := parley(t, "user", "add", "alice")
	cmd.Stdin = strings.NewReader(secret)
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	for _, kv := range cmd.Env {
		if home, ok := strings.CutPrefix(kv, "XDG_STATE_HOME="); ok {
			hasPassword(t, stored(t, filepath.Join(home, "parley")), "alice", secret)
		}
	}
}

// refusal is a command that is not carried out.
type refusal struct {
	name   string
	dir    string
	args   string
	stdin  string
	status int
	says   string
}

// check runs the command in a test of its own.
func (r refusal) check(t *testing.T) {
	t.Run(r.name, func(t *testing.T) {
		status, stdout, stderr := userCommand(t, r.dir, r.stdin, strings.Fields(r.args)...)
		if status != r.status || stdout != "" || !strings.HasPrefix(stderr, "parley: ") || !strings.Contains(stderr, r.says) {
			t.Errorf("exit status %d, want %d; it says %q%q, want %q", status, r.status, stdout, stderr, r.says)
		}
	})
}

func TestUserIsRefused(t *testing.T) {
	dir, none := t.TempDir(), filepath.Join(t.TempDir(), "none")
	userDoes(t, dir, secret, "", "add", "alice")
	file := filepath.Join(dir, "file")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	for _, r := range []refusal{
		{"taken", dir, "add ALICE", secret, exitRefused, "parley user passwd ALICE"},
		{"reserved", dir, "add Everyone", secret, exitRefused, "the name Everyone is reserved"},
		{"short password", dir, "add bob", "short\n", exitRefused, "too short"},
		{"long password", dir, "add bob", strings.Repeat(secret, 20), exitRefused, "too long"},
		{"long line", dir, "add bob", strings.Repeat("x", 256) + "\r\r\n", exitRefused, "too long"},
		{"name as password", dir, "add bob4567890", "BOB4567890\n", exitRefused, "your name"},
		{"common password", dir, "add bob", "password1\n", exitRefused, "commonest"},
		{"password that is no text", dir, "add bob", "\xe6\xf8\xe5\xe6\xf8\xe5\xe6\xf8\xe5\n", exitRefused, "not UTF-8"},
		{"empty line", dir, "add bob", "\n" + secret, exitRefused, "too short"},
		{"no line", dir, "add bob", "", exitRefused, "no password could be read"},
		{"short new password", dir, "passwd alice", "short", exitRefused, "too short"},
		{"new password for nobody", dir, "passwd bob", secret, exitRefused, "no account of the name bob in " + dir},
		{"nobody to show", dir, "show bob", "", exitRefused, "no account of the name bob in " + dir},
		{"nobody to delete", dir, "delete bob --yes", "", exitRefused, "no account of the name bob in " + dir},
		{"not blocked", dir, "unblock alice", "", exitRefused, "alice is not blocked"},
		{"address not blocked", dir, "unblock 192.0.2.1", "", exitRefused, "192.0.2.1 is not blocked"},
		{"no folder: passwd", none, "passwd alice", secret, exitRefused, "no account of the name alice in " + none},
		{"no folder: show", none, "show alice", "", exitRefused, "no account"},
		{"no folder: unblock", none, "unblock alice", "", exitRefused, "not blocked"},
		{"no folder: delete", none, "delete alice --yes", "", exitRefused, "no account"},
		{"no folder: refused password", none, "add alice", "short", exitRefused, "too short"},
		{"a file for a folder", file, "add bob", secret, exitRefused, "data folder " + file},
	} {
		r.check(t)
	}
	if kept := stored(t, dir); len(kept.Accounts) != 1 {
		t.Errorf("accounts: %v", kept.Accounts)
	}
	hasPassword(t, stored(t, dir), "alice", secret)
	if _, err := os.Stat(none); err == nil {
		t.Error("a folder was made for nothing")
	}
}

func TestUserBadUse(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "none")
	for _, r := range []refusal{
		{"bad name", dir, "add b_b", secret, exitUsage, "only the letters"},
		{"long name", dir, "add " + strings.Repeat("a", protocol.MaxName+1), secret, exitUsage, "too long"},
		{"no name", dir, "add", secret, exitUsage, "<name>"},
		{"password behind the name", dir, "add bob staple of another kind", "", exitUsage, "only a name"},
		{"password behind a flag", dir, "passwd alice --log-level error staple of another kind", "", exitUsage, "only a name"},
		{"password in a flag", dir, "add bob --password=staple", "", exitUsage, "unknown flag"},
		{"delete unasked", dir, "delete alice", "alice\n", exitUsage, "--yes"},
		{"neither name nor address", dir, "unblock 192.0.2", "", exitUsage, "neither a name nor an IP address"},
		{"memory", store.Memory, "list", "", exitUsage, "out of reach"},
		{"no subcommand", dir, "", "", exitUsage, "add"},
	} {
		r.check(t)
	}
	if _, err := os.Stat(dir); err == nil {
		t.Error("a folder was made for nothing")
	}
}

func TestUserShow(t *testing.T) {
	dir := t.TempDir()
	registered, until := time.Date(2026, 11, 21, 1, 54, 13, 0, time.UTC), time.Now().Add(time.Hour)
	withStore(t, dir, func(s *store.Store) error {
		return s.Commit(&state.Rows{
			Accounts: []state.AccountRow{
				{Account: users.Account{Name: "Alice", Hash: passwords.Dummy, Registered: registered, LastSeen: registered.Add(time.Minute)}},
				{Account: users.Account{Name: "bob", Hash: passwords.Dummy, Registered: registered}},
			},
			Blocks: []state.BlockRow{{Block: users.Block{Blocker: "alice", Blocked: "Bob"}}, {Block: users.Block{Blocker: "alice", Blocked: "carol"}}},
			Directs: []state.Direct{
				{Number: 1, Time: registered, Sender: "bob", From: "bob", To: "alice", Person: "alice", Text: "hi"},
				{Number: 2, Time: registered, Sender: "bob", From: "bob", To: "alice", Person: "alice", Text: "are you there?"},
			},
			Cursors:  []state.Cursor{{Person: "alice", Number: 1}},
			Lockouts: []users.Lockout{{Key: "alice", Failures: 1, Level: 2, Until: until, First: registered, Last: registered}},
			Last:     2, Time: registered, Count: 1,
		})
	})

	for _, says := range []string{"name                     Alice\n", "last seen                " + registered.Add(time.Minute).Local().Format(time.RFC3339),
		"blocked until " + until.Local().Format(time.RFC3339), "Bob, carol\n", "direct messages waiting  1\n"} {
		userDoes(t, dir, "", says, "show", "alice")
	}
	for _, says := range []string{"never\n", "allowed\n", "nobody\n", "waiting  0\n"} {
		userDoes(t, dir, "", says, "show", "BOB")
	}
	userDoes(t, dir, "", `{"name":"Alice","registered":"2026-11-21T01:54:13Z","last_seen":"2026-11-21T01:55:13Z"}`+"\n"+
		`{"name":"bob","registered":"2026-11-21T01:54:13Z"}`+"\n", "list", "--json")
	userDoes(t, dir, "", `{"name":"bob","registered":"2026-11-21T01:54:13Z","blocks":[],"waiting":0}`, "show", "bob", "--json")
	_, stdout, _ := userCommand(t, dir, "", "show", "alice", "--json")
	var shown shownJSON
	if err := json.Unmarshal([]byte(stdout), &shown); err != nil {
		t.Fatal(err)
	}
	if b := shown.Lockout; b == nil || !b.Until.Equal(until) || b.Failures != 1 || b.Blocks != 2 || len(shown.Blocks) != 2 || shown.Waiting != 1 {
		t.Errorf("%s", stdout)
	}
}

func TestUserUnblock(t *testing.T) {
	dir := t.TempDir()
	for _, tt := range []struct{ who, key, says string }{
		{"alice", "alice", "alice"},
		{"NoAccount", "noaccount", "NoAccount"},
		{"192.0.2.1", "addr:192.0.2.1", "192.0.2.1"},
		{"192.0.2.1:4711", "addr:192.0.2.1", "192.0.2.1"},
		{"::ffff:192.0.2.1", "addr:192.0.2.1", "192.0.2.1"},
		{"2001:db8::1:2", "addr:2001:db8::/64", "2001:db8::1:2"},
		{"[2001:db8::1:2]:4711", "addr:2001:db8::/64", "2001:db8::1:2"},
	} {
		withStore(t, dir, func(s *store.Store) error {
			locked := []users.Lockout{{Key: tt.key, Level: 1, Until: time.Now().Add(time.Hour)}, {Key: "another", Level: 1, Until: time.Now().Add(time.Hour)}}
			return s.Commit(&state.Rows{Lockouts: locked, Count: 1})
		})
		userDoes(t, dir, "", tt.says+" are forgotten", "unblock", tt.who)
		if left := stored(t, dir).Lockouts; len(left) != 1 || left[0].Key != "another" {
			t.Errorf("unblock %s leaves %v", tt.who, left)
		}
	}
}

// Who adds an account with a name that looks like another one's is told so, and has it.
func TestUserAddSaysWhichNamesLookAlike(t *testing.T) {
	dir := t.TempDir()
	userDoes(t, dir, secret, "alice has an account", "add", "alice")
	userDoes(t, dir, secret, "bob has an account", "add", "bob")
	status, stdout, stderr := userCommand(t, dir, secret, "add", "al1ce")
	want := "Note: the name al1ce looks like alice, which has an account, too. To take it back: parley user delete al1ce\n"
	if status != exitDone || stdout != "al1ce has an account.\n" || stderr != want {
		t.Errorf("exit status %d, %q, %q", status, stdout, stderr)
	}
	userDoes(t, dir, "", "al1ce", "list")
}
