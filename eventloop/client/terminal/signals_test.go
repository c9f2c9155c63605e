//go:build unix

package terminal

import (
	"os"
	"os/signal"
	"syscall"
	"testing"
	"time"
)

// Who continues a program often resizes it, too: that one of the signals waits does not
// lose the other.
func TestResizedAndContinued(t *testing.T) {
	seen := make(chan os.Signal, 8)
	signal.Notify(seen, syscall.SIGWINCH)
	defer signal.Stop(seen)
	busy, free, continued := make(chan struct{}, 8), make(chan struct{}), make(chan struct{}, 8)
	stop := watch(func() { busy <- struct{}{}; <-free }, func() { continued <- struct{}{} })
	raise := func(s syscall.Signal) {
		if err := syscall.Kill(os.Getpid(), s); err != nil {
			t.Fatal(err)
		}
	}
	raise(syscall.SIGWINCH)
	<-busy // with the first one
	<-seen
	raise(syscall.SIGWINCH)
	<-seen // the second one waits
	raise(syscall.SIGCONT)
	close(free)
	select {
	case <-continued:
	case <-time.After(deadline):
		t.Error("that the program goes on was lost")
	}
	stop()
}
