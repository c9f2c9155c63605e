package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"syscall"
	"testing"
	"time"

	"parley/protocol"
)

// tells sends a response of an extended session.
func (s *scripted) tells(r protocol.Response) {
	s.t.Helper()
	r.Time, r.Sender = time.Now(), protocol.ServerName
	if _, err := s.conn.Write(protocol.AppendExtended(nil, r)); err != nil {
		s.t.Fatal(err)
	}
}

// refusesLogin says that the name has a password.
func (s *scripted) refusesLogin(code protocol.Code, words string) {
	s.t.Helper()
	s.tells(protocol.Response{Kind: protocol.KindError, Content: words, Data: &protocol.Data{Event: protocol.EventError, Code: code}})
}

func (s *scripted) letsIn(name string) {
	s.t.Helper()
	s.tells(protocol.Response{Kind: protocol.KindInfo, Content: "Login successful",
		Data: &protocol.Data{Event: protocol.EventLogin, Name: name, Log: "log", State: protocol.StateAccount}})
}

// expectsPassword waits for a login with that password, or with none.
func (s *scripted) expectsPassword(password string) {
	s.t.Helper()
	if r := s.request(); r.Request != "login" || r.Password != password {
		s.t.Fatalf("the request is %+v, not a login with %q", r, password)
	}
}

func TestChatWithAPassword(t *testing.T) {
	for _, test := range []struct {
		name   string
		args   []string
		env    string
		unix   bool
		want   string // the password
		status int
		says   string
	}{
		{name: "environment", env: "PARLEY_PASSWORD=open sesame", want: "open sesame"},
		{name: "command", args: []string{"--password-cmd", "printf 'open sesame\nnote\n'"}, unix: true, want: "open sesame"},
		{name: "command is stronger", args: []string{"--password-cmd", "echo open; echo sesame"}, env: "PARLEY_PASSWORD=other", unix: true, want: "open"},
		{name: "command in the environment", env: "PARLEY_PASSWORD_CMD=echo open", unix: true, want: "open"},
		{name: "command fails", args: []string{"--password-cmd", "echo locked >&2; exit 3"}, unix: true, status: exitRefused, says: "(exit status 3): locked"},
		{name: "blank", args: []string{"--password-cmd", "echo"}, unix: true, status: exitRefused, says: "blank"},
		{name: "none", status: exitRefused, says: "PARLEY_PASSWORD"},
	} {
		t.Run(test.name, func(t *testing.T) {
			if test.unix && runtime.GOOS == "windows" {
				t.Skip("there is no sh")
			}
			s := listen(t)
			cmd := parley(t, append([]string{"chat", "alice@" + s.addr}, test.args...)...)
			cmd.Env = append(cmd.Env, test.env)
			var words strings.Builder
			cmd.Stderr = &words
			if err := cmd.Start(); err != nil {
				t.Fatal(err)
			}
			guard := time.AfterFunc(deadline, func() { _ = cmd.Process.Kill() })
			defer guard.Stop()
			s.expectsPassword("")
			s.refusesLogin(protocol.PasswordRequired, "alice is registered.")
			if test.want != "" {
				s.expectsPassword(test.want)
				s.letsIn("alice")
				s.expects("logout", "")
				s.conn.Close()
			}
			_ = cmd.Wait()
			if got := cmd.ProcessState.ExitCode(); got != test.status || !strings.Contains(words.String(), test.says) {
				t.Errorf("exit status %d, want %d; it says %q", got, test.status, &words)
			}
			if strings.Contains(words.String(), "sesame") {
				t.Errorf("it says %q", &words)
			}
		})
	}
}

// A chat does not wait for a command that nobody needs any more.
func TestChatEndsBeforeItsPasswordCommand(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("there are no such signals")
	}
	s := listen(t)
	started := filepath.Join(t.TempDir(), "started") // a pipe: who reads waits for who writes
	if out, err := exec.Command("mkfifo", started).CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	c := chatWith(t, s.addr, "alice", "--password-cmd", "echo > '"+started+"'; sleep 20; true")
	s.expectsPassword("")
	s.refusesLogin(protocol.PasswordRequired, "alice is registered.")
	if _, err := os.ReadFile(started); err != nil {
		t.Fatal(err)
	}
	begin := time.Now()
	if err := c.process.Signal(syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	c.ends(exitDone, "")
	if d := time.Since(begin); d > deadline/2 {
		t.Errorf("it ended after %s", d)
	}
}
