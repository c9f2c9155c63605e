package eventloop

import (
	"cmp"
	"sync"
	"time"
)

const (
	// DefaultSettleTimeout is how long a handler may take to settle after it was told to
	// stop: a disk that has no room may get some.
	DefaultSettleTimeout = 10 * time.Second

	// LastWordsTime is how long a connection may take, at least, to be told of the end.
	LastWordsTime = time.Second

	// drainInterval is how often it is checked whether all of them are gone.
	drainInterval = 5 * time.Millisecond
)

// drain lets nobody in any more, has every loop say its last words and waits until all
// connections are gone, or their time is over.
func (e *engine) drain(accepted *sync.WaitGroup) {
	began := time.Now()
	e.stopping.Store(true)
	e.doors.close()
	accepted.Wait()
	e.mu.Lock()
	loops := make([]*Loop, len(e.loops))
	for _, l := range e.loops {
		loops[l.index] = l.Loop
	}
	e.mu.Unlock()
	for i := len(loops) - 1; i >= 0; i-- { // loop 0 may speak to the others
		loops[i].Post(func() {
			l := loops[i].driver.(*gnetLoop)
			l.handshakes.abandonAll()
			l.headers.abandonAll()
			e.handler.Stopping(loops[i])
		})
	}
	e.waitForClients(max(e.cfg.Drain, LastWordsTime))
	if e.cfg.Settled == nil || len(loops) == 0 {
		return
	}
	settle := cmp.Or(e.cfg.SettleTimeout, DefaultSettleTimeout)
	select {
	case <-e.cfg.Settled:
	case <-time.After(max(settle-time.Since(began), min(settle, LastWordsTime))):
		e.cfg.Log.Error("the server ends without having kept all that was decided; nobody was told of that")
	}
}

// waitForClients waits until all connections are gone, or for a time.
func (e *engine) waitForClients(most time.Duration) {
	deadline := time.After(most)
	tick := time.NewTicker(drainInterval)
	defer tick.Stop()
	for e.open.Load() > 0 {
		select {
		case <-deadline:
			e.cfg.Log.Warn("connections are closed that have not read all they were sent", "connections", e.open.Load(), "after", most)
			return
		case <-tick.C:
		}
	}
}

// ending returns what is said to a connection that comes meanwhile.
func (e *engine) ending() []byte {
	if e.cfg.Ending == nil {
		return nil
	}
	return e.cfg.Ending()
}
