package load

import (
	"math"
	"os"
	"sync"
	"sync/atomic"
	"time"
)

// A probe measures how late the tester reads what has come: while clients are read,
// it sends a byte to itself, which waits like what a server sends until a reader gets
// to it. So what it measures is the tester's and its machine's, not the server's.
type probe struct {
	r     *round
	ended sync.WaitGroup
	in    *os.File
	out   *os.File
	sent  int64        // by who sends, for the reader
	next  atomic.Int64 // when the next byte may be sent, ns since the run began
}

// probePause is the time from one byte to the next at least, so that a probe, which
// wakes a thread, costs nothing to speak of.
const probePause = int64(20 * time.Millisecond)

// newProbe begins to measure. Without a pipe nothing is measured.
func newProbe(r *round) *probe {
	p := &probe{r: r}
	in, out, err := os.Pipe()
	if err != nil {
		p.next.Store(math.MaxInt64)
		return p
	}
	p.in, p.out = in, out
	p.ended.Go(p.read)
	return p
}

// send sends a byte if the last one was read a while ago.
func (p *probe) send(now int64) {
	next := p.next.Load()
	if now < next || !p.next.CompareAndSwap(next, math.MaxInt64) {
		return
	}
	p.sent = p.r.now()
	_, _ = p.out.Write([]byte{0}) // a pipe takes one byte at once; there is never a second one
}

func (p *probe) read() {
	var b [1]byte
	for {
		if _, err := p.in.Read(b[:]); err != nil {
			return
		}
		w := <-p.r.workers
		now := p.r.now()
		w.record(reading, now-p.sent)
		p.r.workers <- w
		p.next.Store(now + probePause)
	}
}

func (p *probe) stop() {
	if p.out == nil {
		return
	}
	p.out.Close()
	p.ended.Wait()
	p.in.Close()
}
