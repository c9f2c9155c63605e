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
// ends, and the server starts another one for the next password. So it does when the others leave it so little
// that nobody could log in.
const (
	rushAfter = 3 * time.Second        // without a pause: some fifty passwords
	rushPause = 250 * time.Millisecond // without a question
	rushOver  = 10 * time.Second       // behind which a rush is over
	starved   = 2 * time.Second        // for one question, of some 20 ms
)

// rushes reads questions, and tells when they have come without a pause for some time, and when there have been
// none for some time after that, or one is not answered.
type rushes struct {
	io.Reader
	began, ended func()
	since        time.Time   // of the last pause
	rush         *time.Timer // nil: there is none
}

func (r *rushes) Read(b []byte) (int, error) {
	if r.rush != nil {
		r.rush.Reset(rushOver)
	}
	asked := time.Now()
	n, err := r.Reader.Read(b)
	switch now := time.Now(); {
	case r.rush != nil:
		r.rush.Reset(starved)
	case r.since.IsZero() || now.Sub(asked) >= rushPause:
		r.since = now
	case now.Sub(r.since) >= rushAfter:
		r.began()
		r.rush = time.AfterFunc(starved, r.ended)
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
