package main

import (
	"bufio"
	"bytes"
	"encoding/json"
	"net"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"

	"parley/protocol"
)

// serveFrom starts parley serve at a data folder and returns its address.
func serveFrom(t *testing.T, dir string, flags ...string) string {
	t.Helper()
	_, addr := startFrom(t, dir, flags...)
	return addr
}

// startFrom returns the process, too.
func startFrom(t *testing.T, dir string, flags ...string) (*exec.Cmd, string) {
	t.Helper()
	cmd := parley(t, append([]string{"serve", "--listen", "127.0.0.1:0", "--data", dir}, flags...)...)
	var log bytes.Buffer
	cmd.Stderr = &log
	stdout, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = cmd.Process.Kill()
		_ = cmd.Wait()
		for _, s := range []string{secret, otherSecret} {
			if strings.Contains(log.String(), s) {
				t.Errorf("the server logs a password: %s", &log)
			}
		}
	})
	lines := bufio.NewScanner(stdout)
	lines.Scan()
	addr, ok := strings.CutPrefix(lines.Text(), "Parley is listening on ")
	if !ok {
		t.Fatalf("it says %q; %s", lines.Text(), &log)
	}
	return cmd, addr
}

// logIn logs in and out again, and returns the error, without a code if it worked.
func logIn(t *testing.T, addr, name, password string) protocol.Error {
	t.Helper()
	c, err := net.Dial("tcp", addr)
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	_ = c.SetDeadline(time.Now().Add(deadline))
	login := protocol.Request{Verb: "login", Content: protocol.Content{Text: name}, Password: password, Extended: true}
	if _, err := c.Write(protocol.AppendRequest(nil, login)); err != nil {
		t.Fatal(err)
	}
	line, err := bufio.NewReader(c).ReadBytes('\n')
	if err != nil {
		t.Fatal(err)
	}
	var answer struct {
		Data struct {
			Code    protocol.Code
			Seconds int
		}
	}
	if err := json.Unmarshal(line, &answer); err != nil {
		t.Fatal(err)
	}
	return protocol.Error{Code: answer.Data.Code, Seconds: answer.Data.Seconds}
}

// becomes tries a login until the answer is as wanted.
func becomes(t *testing.T, addr, name, password string, want protocol.Code) {
	t.Helper()
	end := time.Now().Add(deadline)
	for {
		got := logIn(t, addr, name, password).Code
		if got == want {
			return
		}
		if time.Now().After(end) {
			t.Fatalf("a login as %s is answered by %q, not %q", name, got, want)
		}
	}
}

// answers tries a login once.
func answers(t *testing.T, addr, name, password string, want protocol.Code) {
	t.Helper()
	if got := logIn(t, addr, name, password).Code; got != want {
		t.Errorf("a login as %s is answered by %q, not %q", name, got, want)
	}
}

// Every command works while a server has the folder, which heeds it from then on.
func TestUserBesideAServer(t *testing.T) {
	dir := shortFolder(t)
	addr := serveFrom(t, dir)
	becomes(t, addr, "alice", "", "")
	userDoes(t, dir, secret, "alice has an account", "add", "alice")
	answers(t, addr, "alice", "", protocol.PasswordRequired)
	becomes(t, addr, "alice", secret, "")
	userDoes(t, dir, otherSecret, "new password", "passwd", "alice")
	answers(t, addr, "alice", secret, protocol.WrongCredentials)
	becomes(t, addr, "alice", otherSecret, "")
	for range 3 {
		if got := logIn(t, addr, "alice", "wrong password"); got.Code == "" {
			t.Error("a wrong password is right")
		}
	}
	answers(t, addr, "alice", otherSecret, protocol.BlockedLogin)
	for _, says := range []string{"logins                   allowed; wrong passwords in a row", "logins from 127.0.0.1    blocked until"} {
		userDoes(t, dir, "", says, "show", "alice")
	}
	userDoes(t, dir, "", `"login_blocks_from":[{"address":"127.0.0.1","until":"`, "show", "alice", "--json")
	userDoes(t, dir, "", "forgotten", "unblock", "alice")
	becomes(t, addr, "alice", otherSecret, "")
	userDoes(t, dir, "bob "+secret, "Accounts imported: 1", "import", "-")
	answers(t, addr, "bob", "", protocol.PasswordRequired)
	userDoes(t, dir, "", "bob ", "list")
	userDoes(t, dir, "", "is deleted", "delete", "alice", "--yes")
	answers(t, addr, "alice", "", "")
}

// A server that was killed leaves its socket, which is in nobody's way.
func TestUserAfterAServerWasKilled(t *testing.T) {
	dir := shortFolder(t)
	userDoes(t, dir, secret, "alice has an account", "add", "alice")
	for range 2 {
		cmd, addr := startFrom(t, dir)
		answers(t, addr, "alice", "", protocol.PasswordRequired)
		userDoes(t, dir, "", "alice ", "list")
		_ = cmd.Process.Kill()
		_ = cmd.Wait()
		userDoes(t, dir, otherSecret, "new password", "passwd", "alice")
	}
	hasPassword(t, stored(t, dir), "alice", otherSecret)
}

func TestUserListSaysWhoIsOnline(t *testing.T) {
	dir := shortFolder(t)
	addr := serveFrom(t, dir)
	userDoes(t, dir, secret, "alice has an account", "add", "alice")
	c, err := net.Dial("tcp", addr)
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	login := protocol.Request{Verb: "login", Content: protocol.Content{Text: "alice"}, Password: secret, Extended: true}
	if _, err := c.Write(protocol.AppendRequest(nil, login)); err != nil {
		t.Fatal(err)
	}
	_ = c.SetDeadline(time.Now().Add(deadline))
	if _, err := bufio.NewReader(c).ReadBytes('\n'); err != nil {
		t.Fatal(err)
	}
	userDoes(t, dir, "", " online     none\n", "list")
}

// shortFolder returns a folder in which a Unix socket can be made on every system.
func shortFolder(t *testing.T) string {
	t.Helper()
	dir, err := os.MkdirTemp("", "p")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(dir) })
	return dir
}
