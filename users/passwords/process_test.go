package passwords

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"

	"go.uber.org/goleak"
)

// plays is set in processes in which this test binary plays another one, such as one that hashes.
const plays = "PASSWORDS_TEST_PLAYS"

func TestMain(m *testing.M) {
	switch os.Getenv(plays) {
	case "hasher":
		if err := Answer(os.Stdin, os.Stdout); err != nil {
			panic(err)
		}
	case "stayer":
		_ = Answer(os.Stdin, os.Stdout)
		<-time.After(time.Hour)
	case "sleeper":
		_, _ = io.Copy(io.Discard, os.Stdin)
		<-time.After(time.Hour)
	case "liar":
		fmt.Println("hello")
	case "nobody":
	default:
		goleak.VerifyTestMain(m)
	}
}

// command returns what starts such a process.
func command(t *testing.T, what string) func() *exec.Cmd {
	exe, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	return func() *exec.Cmd {
		cmd := exec.Command(exe)
		cmd.Env = append(os.Environ(), plays+"="+what)
		cmd.Stderr = os.Stderr
		return cmd
	}
}

// hashesAsHere has an engine hash and verify, and compares it with what is known.
func hashesAsHere(t *testing.T, e Engine) {
	t.Helper()
	hash := makesAHash(t, e)
	for _, tt := range []struct {
		hash, password string
		ok, rehash     bool
		err            error
	}{
		{hash, "blue \xff horse\n", true, false, nil},
		{hash, "red horse", false, false, nil},
		{reference, "password", true, true, nil},
		{"", "blue horse", false, false, ErrFormat},
		{"blue horse", "blue horse", false, false, ErrFormat},
	} {
		if ok, rehash, err := e.Verify(tt.hash, tt.password); ok != tt.ok || rehash != tt.rehash || !errors.Is(err, tt.err) {
			t.Errorf("%q of %q: ok %v, rehash %v, %v", tt.password, tt.hash, ok, rehash, err)
		}
	}
}

// makesAHash has an engine make one.
func makesAHash(t *testing.T, e Engine) string {
	t.Helper()
	const want = "$argon2id$v=19$m=19456,t=2,p=1$AQAAAAAAAAAAAAAAAAAAAA$mqmmLn4oCyYfWj6MYfeiuCvPonxUpALQAedaU0Lofxw"
	hash := e.Hash("blue \xff horse\n", [SaltSize]byte{1})
	if hash != want {
		t.Errorf("the hash is %s, want %s", hash, want)
	}
	return hash
}

func TestAProcessHashes(t *testing.T) {
	var log bytes.Buffer
	p := NewProcess(command(t, "hasher"), slog.New(slog.NewTextHandler(&log, nil)))
	defer p.Close()
	hashesAsHere(t, p)
	first := p.runs.cmd.Process
	if makesAHash(t, p); p.runs.cmd.Process != first {
		t.Error("another process was started for another hash")
	}
	if err := first.Kill(); err != nil {
		t.Fatal(err)
	}
	if makesAHash(t, p); p.runs == nil || p.runs.cmd.Process == first {
		t.Error("no process was started in place of one that was killed")
	}
	p.Close()
	p.Close()
	if p.runs != nil || log.Len() > 0 {
		t.Errorf("running: %v; the log says %s", p.runs, &log)
	}
	if makesAHash(t, p); p.runs == nil {
		t.Error("no process was started behind a Close")
	}
}

func TestCloseEndsAProcessThatStays(t *testing.T) {
	p := NewProcess(command(t, "stayer"), slog.New(slog.DiscardHandler))
	makesAHash(t, p)
	process := p.runs.cmd
	p.patience = time.Millisecond
	p.Close()
	if process.ProcessState == nil || process.ProcessState.Success() {
		t.Errorf("it ended with %v", process.ProcessState)
	}
}

// What cannot be done in a process of its own is done here, and the log says so once.
func TestAProcessThatFails(t *testing.T) {
	for name, broken := range map[string]func() *exec.Cmd{
		"is not there":        func() *exec.Cmd { return exec.Command(t.TempDir() + "/none") },
		"has no file to be":   func() *exec.Cmd { return &exec.Cmd{Err: errors.New("no program")} },
		"ends at once":        command(t, "nobody"),
		"does not answer":     command(t, "sleeper"),
		"says something else": command(t, "liar"),
	} {
		t.Run(name, func(t *testing.T) {
			var log bytes.Buffer
			start := broken
			p := NewProcess(func() *exec.Cmd { return start() }, slog.New(slog.NewTextHandler(&log, nil)))
			p.patience = 50 * time.Millisecond
			defer p.Close()
			makesAHash(t, p)
			if got := strings.Count(log.String(), "hashed by the server itself"); got != 1 || p.runs != nil {
				t.Errorf("running: %v; the log says %q", p.runs, &log)
			}
			start, p.patience = command(t, "hasher"), patience
			makesAHash(t, p)
			if got := strings.Count(log.String(), "in a process of their own again"); got != 1 || p.runs == nil {
				t.Errorf("running: %v; the log says %q", p.runs, &log)
			}
		})
	}
}
