//go:build linux

package main

import (
	"bufio"
	"fmt"
	"io"
	"os"
	"os/exec"
	"slices"
	"testing"
)

// asAttacker is set in processes in which this test binary plays an attacker: its name and the
// address of the server, with a blank between them.
const asAttacker = "PARLEY_TEST_AS_ATTACKER"

func init() { plays[asAttacker] = playAttacker }

// playAttacker attacks until its standard input ends. It tells how many acts it has done, and how many of its
// connections the server has ended: behind the first act, and at the end.
func playAttacker() {
	var name, addr string
	_, err := fmt.Sscan(os.Getenv(asAttacker), &name, &addr)
	i := slices.IndexFunc(attacks, func(a attack) bool { return a.name == name })
	if err != nil || i < 0 {
		fmt.Fprintf(os.Stderr, "%s=%q: %v\n", asAttacker, os.Getenv(asAttacker), err)
		os.Exit(1)
	}
	attack := attacks[i].start(addr)
	<-attack.begun
	fmt.Println(attack.done.Load(), attack.ended.Load())
	_, _ = io.Copy(io.Discard, os.Stdin)
	fmt.Println(attack.done.Load(), attack.ended.Load())
	attack.stop()
	os.Exit(0)
}

// An attacker is a process of its own. All others come before it: those who attack have machines of their
// own, and are not to take this one from who is attacked, or who measures it.
type attacker struct {
	b   *testing.B
	cmd *exec.Cmd
	in  io.WriteCloser
	out *bufio.Reader
}

// launch starts the attack, and returns when it has begun.
func (a attack) launch(b *testing.B, addr string) *attacker {
	b.Helper()
	exe, err := os.Executable()
	if err != nil {
		b.Fatal(err)
	}
	p := &attacker{b: b, cmd: exec.Command("nice", "-n", "19", exe)}
	p.cmd.Env = append(os.Environ(), asAttacker+"="+a.name+" "+addr)
	p.cmd.Stderr = os.Stderr
	if p.in, err = p.cmd.StdinPipe(); err != nil {
		b.Fatal(err)
	}
	out, err := p.cmd.StdoutPipe()
	if err == nil {
		err = p.cmd.Start()
	}
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { p.in.Close() }) // if it was not stopped, which ends it
	p.out = bufio.NewReader(out)
	p.tells()
	return p
}

// stop ends it, and returns what it has told.
func (p *attacker) stop() (done, ended int) {
	p.b.Helper()
	p.in.Close()
	done, ended = p.tells()
	if err := p.cmd.Wait(); err != nil {
		p.b.Fatalf("the attacker: %v", err)
	}
	return done, ended
}

func (p *attacker) tells() (done, ended int) {
	p.b.Helper()
	line, err := p.out.ReadString('\n')
	if err == nil {
		_, err = fmt.Sscan(line, &done, &ended)
	}
	if err != nil {
		p.b.Fatalf("the attacker tells %q: %v", line, err)
	}
	return done, ended
}
