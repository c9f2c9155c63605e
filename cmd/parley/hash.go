package main

import (
	"context"
	"os"
	"os/exec"
	"os/signal"
	"runtime"
	"runtime/debug"
	"syscall"

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
	return passwords.Answer(p.stdin, p.stdout)
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
