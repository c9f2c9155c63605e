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
// lose the other. What is visible is drawn anew for another size where the program takes the
// terminal back, and not before: others have written there meanwhile.
func TestResizedAndContinued(t *testing.T) {
	for range 20 { // both wait, and either might come first
		resizedAndContinued(t)
	}
}

func resizedAndContinued(t *testing.T) {
	t.Helper()
	seen := make(chan os.Signal, 8)
	signal.Notify(seen, syscall.SIGWINCH, syscall.SIGCONT)
	defer signal.Stop(seen)
	called, free := make(chan string, 8), make(chan struct{})
	stop := watch(func() { called <- "resized"; <-free }, func() { called <- "continued" })
	defer stop()
	raise := func(s syscall.Signal) {
		if err := syscall.Kill(os.Getpid(), s); err != nil {
			t.Fatal(err)
		}
		<-seen
		signal.Notify(seen, s) // waits until all have been told
	}
	raise(syscall.SIGWINCH)
	<-called // and is busy with it
	raise(syscall.SIGWINCH)
	raise(syscall.SIGCONT)
	close(free)
	for _, want := range []string{"continued", "resized"} {
		select {
		case got := <-called:
			if got != want {
				t.Errorf("%s comes, want %s", got, want)
			}
		case <-time.After(deadline):
			t.Fatalf("that it is %s was lost", want)
		}
	}
}
