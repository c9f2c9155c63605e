//go:build unix

package main

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"io"
	"net"
	"net/http"
	"path/filepath"
	"regexp"
	"strings"
	"syscall"
	"testing"

	"parley/protocol"
)

// hookCommand runs parley hook at a data folder and returns what became of it.
func hookCommand(t *testing.T, dir string, args ...string) (status int, stdout, stderr string) {
	t.Helper()
	cmd := parley(t, append([]string{"hook", "--data", dir}, args...)...)
	var out, errs bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &errs
	_ = cmd.Run()
	return cmd.ProcessState.ExitCode(), out.String(), errs.String()
}

// addHook makes a hook and returns its token.
func addHook(t *testing.T, dir, room, name string) (token string) {
	t.Helper()
	status, stdout, stderr := hookCommand(t, dir, "add", room, name)
	found := regexp.MustCompile(`http://127.0.0.1:9997/hooks/([0-9a-f]{32})\n`).FindStringSubmatch(stdout)
	if status != exitDone || found == nil || stderr != "" {
		t.Fatalf("exit status %d, %q, %q", status, stdout, stderr)
	}
	return found[1]
}

// posts says something through a hook, and returns the status and the answer.
func posts(t *testing.T, socket, token, text string) (status int, says string) {
	t.Helper()
	client := http.Client{Timeout: deadline, Transport: &http.Transport{DisableKeepAlives: true, DialContext: func(ctx context.Context, _, _ string) (net.Conn, error) {
		return new(net.Dialer).DialContext(ctx, "unix", socket)
	}}}
	answer, err := client.Post("http://localhost/hooks/"+token, "application/x-www-form-urlencoded", strings.NewReader(text))
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close()
	b, err := io.ReadAll(answer.Body)
	if err != nil {
		t.Fatal(err)
	}
	return answer.StatusCode, string(b)
}

// A hook says things in its room, to whoever hears it, before and behind a restart, until it
// is removed. Nobody can log in with its name, or be given it.
func TestHook(t *testing.T) {
	dir := filepath.Join(shortFolder(t), "data")
	socket := filepath.Join(shortFolder(t), "hooks")
	if status, _, stderr := hookCommand(t, dir, "add", "tea", "EarlyHook"); status != exitRefused || !strings.Contains(stderr, "no room tea") {
		t.Errorf("a room that is not there: %d %s", status, stderr)
	}
	early := addHook(t, dir, "lobby", "EarlyHook") // while no server runs
	server, addr := startFrom(t, dir, "--hooks", "unix:"+socket)
	ci := addHook(t, dir, "Lobby", "CiHook")
	for _, tt := range []struct {
		args []string
		says string
	}{
		{[]string{"add", "lobby", "cihook"}, "registered already"},
		{[]string{"add", "lobby", "ci"}, "ends in Hook or Bot"},
		{[]string{"add", "lobby", "a b"}, "only the letters"},
		{[]string{"add", "tea", "TeaBot"}, "no room tea"},
		{[]string{"remove", "alice"}, "no hook of the name alice"},
	} {
		if status, _, stderr := hookCommand(t, dir, tt.args...); status == exitDone || !strings.Contains(stderr, tt.says) {
			t.Errorf("%v: %d %q, want %q", tt.args, status, stderr, tt.says)
		}
	}
	for _, args := range [][]string{{"role", "cihook", "moderator"}, {"delete", "CiHook", "--yes"}, {"show", "CiHook"}, {"passwd", "CiHook"}} {
		if status, _, stderr := userCommand(t, dir, "", args...); status != exitRefused || !strings.Contains(stderr, "CiHook is a hook. Use: parley hook") {
			t.Errorf("%v: %d %q", args, status, stderr)
		}
	}
	if _, out, _ := userCommand(t, dir, "", "list", "--json"); strings.Contains(out, "Hook") {
		t.Errorf("hooks are listed as accounts: %s", out)
	}
	answers(t, addr, "CiHook", "", protocol.PasswordRequired)
	answers(t, addr, "CiHook", ci, protocol.WrongCredentials)
	hears := func(from, text string, say func()) {
		t.Helper()
		c, err := net.Dial("tcp", addr)
		if err != nil {
			t.Fatal(err)
		}
		defer c.Close()
		lines := bufio.NewScanner(c)
		_, _ = c.Write(protocol.AppendRequest(nil, protocol.Request{Verb: "login", Content: protocol.Content{Text: "alice"}, Extended: true}))
		for lines.Scan() {
			var r struct {
				Response, Sender string
				Content          any
				Data             struct{ Event string }
			}
			if err := json.Unmarshal(lines.Bytes(), &r); err != nil {
				t.Fatal(err)
			}
			if r.Data.Event == protocol.EventHistory {
				say()
			}
			if r.Response == "message" {
				if r.Sender != from || r.Content != text {
					t.Errorf("%s hears %s", text, lines.Bytes())
				}
				return
			}
		}
		t.Errorf("nothing is heard: %v", lines.Err())
	}
	saying := func(token, text string) func() {
		return func() {
			t.Helper()
			if status, says := posts(t, socket, token, text); status != http.StatusOK {
				t.Fatalf("%s: %d %s", text, status, says)
			}
		}
	}
	hears("CiHook", "The build has failed.", saying(ci, "The build has failed."))
	hears("EarlyHook", "good morning", saying(early, "good morning"))
	if status, stdout, _ := hookCommand(t, dir, "list"); status != exitDone || !strings.Contains(stdout, "CiHook") || !strings.Contains(stdout, "EarlyHook") || strings.Contains(stdout, ci) {
		t.Errorf("the list is %d %s", status, stdout)
	}
	_ = server.Process.Signal(syscall.SIGTERM)
	_ = server.Wait()
	_, addr = startFrom(t, dir, "--hooks", "unix:"+socket)
	hears("CiHook", "The build works again.", saying(ci, "The build works again."))
	if status, stdout, stderr := hookCommand(t, dir, "remove", "CIHOOK"); status != exitDone || !strings.Contains(stdout, "has ended") {
		t.Errorf("%d %s%s", status, stdout, stderr)
	}
	if status, says := posts(t, socket, ci, "hello"); status != http.StatusNotFound {
		t.Errorf("a hook that has ended: %d %s", status, says)
	}
	if status, stdout, _ := hookCommand(t, dir, "list", "--json"); status != exitDone || strings.Count(stdout, "\n") != 1 || !strings.Contains(stdout, `"name":"EarlyHook","room":"lobby"`) {
		t.Errorf("the list is %d %s", status, stdout)
	}
	becomes(t, addr, "CiHook", "", "") // the name is anybody's again
}

func TestHookSettings(t *testing.T) {
	for flags, says := range map[string]string{
		"--hooks 0.0.0.0:9997":                   "--hooks-anywhere",
		"--hooks-anywhere":                       "--hooks HOST:PORT",
		"--hooks localhost:0 --hook-rate -1":     "--hook-rate",
		"--hooks localhost:0 --hook-burst 0":     "--hook-burst",
		"--hooks unix:" + t.TempDir() + "/a/b/c": "--hooks: cannot listen",
	} {
		cmd := parley(t, append([]string{"serve", "--listen", "127.0.0.1:0", "--data", ":memory:"}, strings.Fields(flags)...)...)
		var errs bytes.Buffer
		cmd.Stderr = &errs
		if err := cmd.Run(); err == nil || !strings.Contains(errs.String(), says) {
			t.Errorf("%s: %v %s", flags, err, &errs)
		}
	}
}
