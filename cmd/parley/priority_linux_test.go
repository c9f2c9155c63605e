package main

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

// asYielding is set in processes in which this test binary gives way to all.
const asYielding = "PARLEY_TEST_AS_YIELDING"

func init() { plays[asYielding] = playYielding }

// playYielding gives way to all, and computes. Then it says whether its thread has slept, as a thread that computes
// hardly does unless it is made to, and what priority each thread has.
func playYielding() {
	runtime.LockOSThread()
	yieldToAll()
	before, now := usage(), usage()
	for took := time.Duration(0); took < 50*time.Millisecond; took = time.Duration(now.Utime.Nano() - before.Utime.Nano()) {
		now = usage()
	}
	if slept := now.Nvcsw - before.Nvcsw; slept < 25 {
		fmt.Println("slept", slept, "times")
	}
	threads, err := filepath.Glob("/proc/self/task/*")
	for _, thread := range threads {
		if p, err := priorityOf(thread); err == nil {
			fmt.Println(p)
		}
	}
	if len(threads) == 0 {
		fmt.Println("no threads:", err)
	}
	os.Exit(0)
}

// usage returns what this thread has used.
func usage() (used unix.Rusage) {
	_ = unix.Getrusage(unix.RUSAGE_THREAD, &used)
	return used
}

// Who gives way to all computes only where nobody else wants to, and rests again and again. It rests some 250 times, and
// hardly ten without being made to.
func TestYieldToAll(t *testing.T) {
	exe, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.CommandContext(t.Context(), exe)
	cmd.Env = append(os.Environ(), asYielding+"=1")
	out, err := cmd.CombinedOutput()
	if err != nil || len(out) == 0 {
		t.Fatalf("%v\n%s", err, out)
	}
	for line := range strings.Lines(string(out)) {
		if got := strings.TrimSpace(line); got != lastOfAll {
			t.Errorf("it says %q, want %q of each thread", got, lastOfAll)
		}
	}
}
