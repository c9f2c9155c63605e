package main

import (
	"context"
	"io"
	"os"
	"os/exec"
	"os/signal"
	"runtime"
	"runtime/debug"
	"syscall"
	"time"

	"parley/users/passwords"
)

// hashPasswords is the command that a server starts to hash passwords.
const hashPasswords = "hash-passwords"

type hashCmd struct{}

func (hashCmd) Run(p *process) error {
	// What stops a server may tell all its processes to stop. This one ends when the server has no more questions.
	signal.Ignore(os.Interrupt, syscall.SIGTERM, syscall.SIGHUP)
	yieldToOthers()
	debug.SetGCPercent(10) // it took 65 MiB in place of 85: almost all there is are 19 MiB of garbage from each hash
	ctx, stop := context.WithCancel(context.Background())
	defer stop()
	go giveBack(ctx)
	return passwords.Answer(&rushes{Reader: p.stdin, began: yieldToAll, ended: func() { os.Exit(0) }}, p.stdout)
}

// A process that hashes without a pause serves those who guess, or a crowd that comes: it gives way to all
// others, and those who talk wait for it no more. At any other time who logs in is not to wait until a machine
// that is busy has nothing else to do. A priority cannot be raised again: when the rush is over, the process
// ends, and the server starts another one for the next password.
//
// While one of two cores hashed all the time, the p99 of messages was 1.9 to 3.2 ms with niceness 5 in eight
// runs (2.5 in the mean), the same with 10 in five, 1.6 to 2.1 with 19 in five (1.8), and 1.1 to 1.7 with
// SCHED_IDLE in four. (The attack "guesses" of BenchmarkHostile, 15 s each, 2 shared cores of an AMD EPYC,
// Linux 6.18, 2026-11-28)
const (
	rushAfter = 3 * time.Second        // without a pause: some fifty passwords
	rushPause = 250 * time.Millisecond // without a question
	rushOver  = 10 * time.Second       // behind which a rush is over
)

// rushes reads questions, and tells when they have come without a pause for some time, and when there have been
// none for some time after that.
type rushes struct {
	io.Reader
	began, ended func()
	since        time.Time // of the last pause
	rush         bool
}

func (r *rushes) Read(b []byte) (int, error) {
	if r.rush {
		defer time.AfterFunc(rushOver, r.ended).Stop()
	}
	asked := time.Now()
	n, err := r.Reader.Read(b)
	switch now := time.Now(); {
	case r.since.IsZero() || now.Sub(asked) >= rushPause:
		r.since = now
	case !r.rush && now.Sub(r.since) >= rushAfter:
		r.rush = true
		r.began()
	}
	return n, err
}

// hashing returns n engines, each with a process of its own of this program.
func (p *process) hashing(n int) []passwords.Engine {
	engines := make([]passwords.Engine, n)
	for i := range engines {
		engines[i] = passwords.NewProcess(p.hasher, p.log)
	}
	return engines
}

// hasher returns a process that hashes passwords, not yet started.
func (p *process) hasher() *exec.Cmd {
	program, err := os.Executable()
	if runtime.GOOS == "linux" {
		program, err = "/proc/self/exe", nil // this program, even if its file was replaced meanwhile
	}
	cmd := exec.Command(program, hashPasswords)
	cmd.Args[0] = "parley" // for ps(1)
	cmd.Stderr = p.stderr
	if err != nil {
		cmd.Err = err
	}
	return cmd
}
