package passwords

import (
	"encoding/gob"
	"io"
	"log/slog"
	"os/exec"
	"time"
)

// patience is how long a process may take for one hash before it is taken to hang. Beside a
// hundred others that want its core it takes some seconds.
const patience = 20 * time.Second

// A Process is the Engine that hashes in a process of its own. So those who talk do not wait for
// those who log in: not for Go's collector, which runs ten times a second on the garbage of hashes,
// and not for the core that a hash takes, if the process gives itself a low priority.
//
// The process is started when it is needed first, and anew when it has ended. Where that
// fails, or it hangs, passwords are hashed in this process, and the log says so.
//
// While one of two cores hashed all the time, at a niceness of 5, the p99 of messages was 2.3 to 5.0 ms in seven runs,
// 5.9 to 8.7 in eight with Here, and 1.8 to 4.1 where nobody logged in. In three of each that took
// turns it was 5.0, 2.3 and 2.6 ms, and 7.1, 7.1 and 5.9 with Here. (TMPDIR=/dev/shm go test
// ./cmd/parley -run '^$' -bench Hostile/guesses -benchtime 30x or 50x, 2 shared cores of an AMD
// EPYC, Go 1.26.8, 2026-11-27)
type Process struct {
	command  func() *exec.Cmd
	log      *slog.Logger
	patience time.Duration
	runs     *running // nil: it does not run
	failed   bool     // the last hash was made here
}

// running is a process that has been started.
type running struct {
	cmd      *exec.Cmd
	in       io.Closer
	question *gob.Encoder
	answer   *gob.Decoder
}

// A question is a password that is to be verified, or hashed.
type question struct {
	Password string
	Hash     string // empty: make it, with the salt
	Salt     [SaltSize]byte
}

type answer struct {
	Hash       string
	OK, Rehash bool
}

// NewProcess returns an Engine whose process is what command returns: it calls Answer with
// its standard input and output.
func NewProcess(command func() *exec.Cmd, log *slog.Logger) *Process {
	return &Process{command: command, log: log, patience: patience}
}

// Hash returns what the function Hash does.
func (p *Process) Hash(password string, salt [SaltSize]byte) string {
	return p.ask(question{Password: password, Salt: salt}).Hash
}

// Verify returns what the function Verify does.
func (p *Process) Verify(hash, password string) (ok, rehash bool, err error) {
	if err := Check(hash); err != nil {
		return false, false, err
	}
	a := p.ask(question{Password: password, Hash: hash})
	return a.OK, a.Rehash, nil
}

// Close ends the process if it runs, and waits for its end.
func (p *Process) Close() {
	if p.runs == nil {
		return
	}
	_ = p.runs.in.Close() // which ends it
	defer p.killLater().Stop()
	_ = p.runs.cmd.Wait()
	p.runs = nil
}

// ask has the process answer, or answers in its place.
func (p *Process) ask(q question) answer {
	a, err := p.try(q)
	if err != nil { // it has ended, now or since it was asked last: a process may, at any time
		p.Close()
		a, err = p.try(q)
	}
	if err != nil {
		p.Close()
		a = q.reply()
	}
	switch failed := err != nil; {
	case failed && !p.failed:
		p.log.Warn("passwords are hashed by the server itself, for which those who talk wait", "error", err)
	case !failed && p.failed:
		p.log.Info("passwords are hashed in a process of their own again")
	}
	p.failed = err != nil
	return a
}

// try has the process answer, which is started if it does not run.
func (p *Process) try(q question) (a answer, err error) {
	if p.runs == nil {
		if p.runs, err = start(p.command()); err != nil {
			return a, err
		}
	}
	defer p.killLater().Stop()
	if err = p.runs.question.Encode(q); err == nil {
		err = p.runs.answer.Decode(&a)
	}
	return a, err
}

func start(cmd *exec.Cmd) (*running, error) {
	in, err := cmd.StdinPipe()
	if err != nil {
		return nil, err
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		return nil, err
	}
	if err := cmd.Start(); err != nil {
		return nil, err
	}
	return &running{cmd, in, gob.NewEncoder(in), gob.NewDecoder(out)}, nil
}

// killLater kills the process if the timer is not stopped before patience ends.
func (p *Process) killLater() *time.Timer {
	process := p.runs.cmd.Process
	return time.AfterFunc(p.patience, func() { _ = process.Kill() })
}

// Answer answers the questions of a Process, until there will be no more.
func Answer(in io.Reader, out io.Writer) error {
	questions, answers := gob.NewDecoder(in), gob.NewEncoder(out)
	for {
		var q question
		switch err := questions.Decode(&q); err {
		case nil:
		case io.EOF:
			return nil
		default:
			return err
		}
		if err := answers.Encode(q.reply()); err != nil {
			return err
		}
	}
}

func (q question) reply() (a answer) {
	if q.Hash == "" {
		return answer{Hash: Hash(q.Password, q.Salt)}
	}
	a.OK, a.Rehash, _ = Verify(q.Hash, q.Password) // the hash is one: see Process.Verify
	return a
}
