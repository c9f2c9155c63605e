//go:build unix

package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"parley/eventloop/doctor"
)

// Our own client passes everything, and what is to be typed is found out. All habits of
// servers are tried by .ci/run.
func TestDoctorClient(t *testing.T) {
	exe, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(t.TempDir(), "report.json")
	cmd := parley(t, "doctor", "client", "--wait", "10s", "--json", file, "--dialect", "plain,split,glued,names-list,sender-name",
		"--", exe, "chat", "{host}:{port}")
	out, err := cmd.CombinedOutput()
	if err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	b, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	var report struct {
		Points []struct {
			ID      string
			Verdict doctor.Verdict
			Found   string
		}
	}
	if err := json.Unmarshal(b, &report); err != nil {
		t.Fatal(err)
	}
	for _, p := range report.Points {
		if p.Verdict != doctor.Pass {
			t.Errorf("%s: %s: %s", p.ID, p.Verdict, p.Found)
		}
	}
	if len(report.Points) < 30 {
		t.Errorf("there are %d points", len(report.Points))
	}
	for _, want := range []string{"--type 'login=login {name}' --type 'msg=msg {text}'", "It works with 58 of the 58"} {
		if !strings.Contains(string(out), want) {
			t.Errorf("it does not say %q:\n%s", want, out)
		}
	}
}

// What cannot be examined is refused with a reason.
func TestDoctorClientRefuses(t *testing.T) {
	for want, args := range map[string][]string{
		"the command has no {port} in it":    {"--", "cat"},
		`"swear=x" is not of the form`:       {"--type", "swear=x", "--", "cat", "{port}"},
		`"login=hello" has no {name} in it`:  {"--type", "login=hello", "--", "cat", "{port}"},
		`--dialect "klingon"`:                {"--dialect", "klingon", "--", "cat", "{port}"},
		`--only "hair": there is no such`:    {"--only", "hair", "--", "cat", "{port}"},
		"--wait must be more than 0s":        {"--wait", "0s", "--", "cat", "{port}"},
		"there-is-no-such-program\": execut": {"--", "there-is-no-such-program", "{port}"},
	} {
		out, err := parley(t, append([]string{"doctor", "client"}, args...)...).CombinedOutput()
		var exit *exec.ExitError
		if !errors.As(err, &exit) || !strings.Contains(string(out), want) {
			t.Errorf("%q: %v: %s", args, err, out)
		}
	}
}

// An interrupted examination ends the clients that run, with what they have started.
func TestDoctorClientInterrupted(t *testing.T) {
	pids := filepath.Join(t.TempDir(), "pids")
	cmd := parley(t, "doctor", "client", "--", "sh", "-c", `trap "" HUP TERM; sleep 1000 & echo $$ $! >>"$0"; wait; # {port}`, pids)
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	late := time.AfterFunc(deadline, func() { _ = cmd.Process.Kill() })
	defer late.Stop()
	var list []string
	for len(list) < 2 && late.Stop() {
		late.Reset(deadline)
		b, _ := os.ReadFile(pids)
		list = strings.Fields(string(b))
		time.Sleep(10 * time.Millisecond) // the file cannot be waited for
	}
	if err := cmd.Process.Signal(os.Interrupt); err != nil {
		t.Fatal(err)
	}
	_ = cmd.Wait()
	if got := cmd.ProcessState.ExitCode(); got != exitInterrupted {
		t.Errorf("it ends with %d", got)
	}
	b, _ := os.ReadFile(pids)
	for _, pid := range strings.Fields(string(b)) {
		n, err := strconv.Atoi(pid)
		if err != nil {
			t.Fatal(err)
		}
		for late := time.Now().Add(deadline); runs(n); time.Sleep(10 * time.Millisecond) { // who was killed needs a moment
			if time.Now().After(late) {
				t.Fatalf("process %d runs on", n)
			}
		}
	}
}

// runs reports whether a process is there that has not ended. One that has may be there
// until its parent has looked.
func runs(pid int) bool {
	if syscall.Kill(pid, 0) != nil {
		return false
	}
	b, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	return err != nil || !strings.Contains(string(b), ") Z ")
}
