package load

import (
	"bufio"
	"fmt"
	"io"
	"os"
	"os/exec"
	"testing"
	"time"
)

// busyFor is how much CPU time the process takes that a shell starts here.
const busyFor = 300 * time.Millisecond

// TestBeBusy is that process: it says when it has taken its time, and ends when it is told to.
func TestBeBusy(t *testing.T) {
	if os.Getenv("PARLEY_TEST_AS_BUSY") == "" {
		t.Skip("it is a process of TestUsageOfWhatWasStarted")
	}
	for u, err := usageOf(os.Getpid()); u.CPU < busyFor; u, err = usageOf(os.Getpid()) {
		if err != nil {
			t.Fatal(err)
		}
	}
	fmt.Println("busy")
	_, _ = bufio.NewReader(os.Stdin).ReadString('\n')
}

// What a process has started counts as its own, while it runs and when it has ended.
func TestUsageOfWhatWasStarted(t *testing.T) {
	t.Parallel()
	shell := exec.Command("sh", "-c", `"$0" -test.run '^TestBeBusy$' && echo ended && read rest`, os.Args[0])
	shell.Env = append(os.Environ(), "PARLEY_TEST_AS_BUSY=1")
	in, err := shell.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	out, err := shell.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := shell.Start(); err != nil {
		t.Fatal(err)
	}
	lines := bufio.NewScanner(out)
	for _, state := range []string{"busy", "ended"} {
		for lines.Scan() && lines.Text() != state {
		}
		u, err := ProcessUsage(shell.Process.Pid)
		if err != nil || u.CPU < busyFor || u.Memory == 0 {
			t.Errorf("%s: %v, %d bytes, %v", state, u.CPU, u.Memory, err)
		}
		own, err := usageOf(shell.Process.Pid)
		if running := own.Memory < u.Memory; err != nil || running != (state == "busy") {
			t.Errorf("%s: the shell has %d bytes, with what it has started %d: %v", state, own.Memory, u.Memory, err)
		}
		fmt.Fprintln(in, "go on")
	}
	in.Close()
	_, _ = io.Copy(io.Discard, out)
	_ = shell.Wait()
}
