package eventloop

import "sync"

// A mailbox holds what other goroutines want to have done on a loop, in order.
// It exists because gnet's Execute does not keep the order once 1,024 tasks
// wait: Execute is the doorbell only. The mutex is held for an append or a swap.
type mailbox struct {
	mu    sync.Mutex
	items []func()

	taken []func() // the loop's own: what it took last, to be used again
}

func (m *mailbox) put(f func()) {
	m.mu.Lock()
	m.items = append(m.items, f)
	m.mu.Unlock()
}

// take returns all that is there. It is valid until putBack.
func (m *mailbox) take() []func() {
	m.mu.Lock()
	m.items, m.taken = m.taken[:0], m.items
	m.mu.Unlock()
	return m.taken
}

// putBack gives the memory of what was taken back.
func (m *mailbox) putBack() {
	clear(m.taken)
	if cap(m.taken) > 4096 { // of a burst
		m.taken = nil
	}
}
