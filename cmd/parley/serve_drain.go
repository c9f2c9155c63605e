package main

import (
	"context"
	"errors"
	"os"
	"os/signal"
	"sync/atomic"
	"syscall"
	"time"
)

// drainFlags say how the server ends.
type drainFlags struct {
	Drain time.Duration `help:"How long the server may take to end once it gets SIGTERM or SIGINT: nobody is let in any more, everybody is told when to come back, and the connections are closed one after the other. It ends as soon as all are gone; 0 closes them at once. A second signal ends it at any time."`
}

func (f drainFlags) validate() error {
	if f.Drain < 0 {
		return errors.New("--drain cannot be negative; 0 closes all connections at once")
	}
	return nil
}

// exitSignalled and the number of a signal are the exit status of a server that was ended
// by a second one, as a shell has it for a process that a signal has killed.
const exitSignalled = 128

// errEnding says that a server ends already.
var errEnding = errors.New("it has been told to end already")

// An ending is how a server is told to end, once, by a signal or by who owns it.
type ending struct {
	p     *process
	drain time.Duration
	stop  func()
	begun atomic.Bool
}

// begin ends the server. why says who wants that, for the log.
func (e *ending) begin(why ...any) error {
	if e.begun.Swap(true) {
		return errEnding
	}
	e.p.log.Info("stopping", why...)
	manager{e.p.log}.stopping(e.drain)
	e.stop()
	return nil
}

// onSignals has signals do what they are for: the first one of SIGTERM and SIGINT ends the
// server, the second one the process, SIGHUP reloads. The function that it returns ends that.
// Signals that end have a goroutine of their own: a reload may take long, or for ever where
// nobody reads a pipe that the log goes to.
func (e *ending) onSignals(reload func(os.Signal)) (end func()) {
	ends := make(chan os.Signal, 2)    // more are not needed
	reloads := make(chan os.Signal, 1) // one that comes while another waits asks for the same
	signal.Notify(ends, os.Interrupt, syscall.SIGTERM)
	signal.Notify(reloads, syscall.SIGHUP)
	ctx, cancel := context.WithCancel(context.Background())
	go e.endOn(ctx, ends)
	go e.reloadOn(ctx, reloads, reload)
	return func() {
		signal.Stop(ends)
		signal.Stop(reloads)
		cancel()
	}
}

// endOn ends the server, and with the second signal the process, until ctx ends.
func (e *ending) endOn(ctx context.Context, signals <-chan os.Signal) {
	for stopping := false; ; stopping = true {
		var s os.Signal
		select {
		case <-ctx.Done():
			return
		case s = <-signals:
		}
		if stopping { // the default would do nothing to the first process of a container
			e.p.log.Warn("ended by a second signal", "signal", s.String())
			os.Exit(exitSignalled + int(s.(syscall.Signal)))
		}
		if e.begin("signal", s.String()) != nil { // it was told so by who owns the cluster
			e.p.log.Info("stopping already", "signal", s.String())
		}
	}
}

// reloadOn reloads until ctx ends, unless the server ends.
func (e *ending) reloadOn(ctx context.Context, signals <-chan os.Signal, reload func(os.Signal)) {
	for {
		select {
		case <-ctx.Done():
			return
		case s := <-signals:
			if !e.begun.Load() {
				manager{e.p.log}.reloading(func() { reload(s) })
			}
		}
	}
}
