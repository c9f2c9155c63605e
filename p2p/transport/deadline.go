package transport

import (
	"sync"
	"time"
)

// A deadline ends waits when its time has come, as those of net.Pipe do. It may
// be set while somebody waits; the mutex is for that.
type deadline struct {
	mu     sync.Mutex
	timer  *time.Timer
	passes chan struct{} // is closed when the time has come
}

func newDeadline() deadline { return deadline{passes: make(chan struct{})} }

// set sets the time; zero means never.
func (d *deadline) set(t time.Time) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.timer != nil && !d.timer.Stop() {
		<-d.passes // the timer runs and is about to close it
	}
	d.timer = nil
	select {
	case <-d.passes:
		d.passes = make(chan struct{})
	default:
	}
	if t.IsZero() {
		return
	}
	passes := d.passes
	if left := time.Until(t); left > 0 {
		d.timer = time.AfterFunc(left, func() { close(passes) })
	} else {
		close(passes)
	}
}

// wait returns the channel that is closed when the time has come.
func (d *deadline) wait() <-chan struct{} {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.passes
}

func (d *deadline) passed() bool {
	select {
	case <-d.wait():
		return true
	default:
		return false
	}
}
