package eventloop

import (
	"cmp"
	"sync"
	"time"
)

// DefaultSettleTimeout is how long a handler may take to settle after it was told to stop:
// a disk that has no room may get some.
const DefaultSettleTimeout = 10 * time.Second

const (
	// drainTimeout is how long connections may take to be told of the end.
	drainTimeout = time.Second

	// drainInterval is how often it is checked whether all of them are gone.
	drainInterval = 5 * time.Millisecond
)

// drain lets nobody in any more, has every loop say its last words and waits until
// they are out.
func (e *engine) drain(accepted *sync.WaitGroup) {
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
	e.waitForClients()
	if e.cfg.Settled == nil || len(loops) == 0 {
		return
	}
	select {
	case <-e.cfg.Settled:
	case <-time.After(cmp.Or(e.cfg.SettleTimeout, DefaultSettleTimeout)):
		e.cfg.Log.Error("the server ends without having kept all that was decided; nobody was told of that")
	}
}

// waitForClients waits until all connections are gone, or for drainTimeout.
func (e *engine) waitForClients() {
	deadline := time.After(drainTimeout)
	tick := time.NewTicker(drainInterval)
	defer tick.Stop()
	for e.open.Load() > 0 {
		select {
		case <-deadline:
			return
		case <-tick.C:
		}
	}
}
