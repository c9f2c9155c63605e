package passwords

import "sync"

// queue is how many jobs may wait. On two workers that is 1.6 s of hashing: who
// came later than that would be answered after a client has given up.
const queue = 64

// Workers do jobs that take long, on goroutines of their own, which Close ends.
// All methods may be called from any goroutine.
type Workers struct {
	jobs chan func()
	done sync.WaitGroup

	// The mutex is for Submit against Close: nothing may be sent on a channel
	// that was closed. It is never held while anything waits.
	mu     sync.RWMutex
	closed bool
}

// NewWorkers starts n workers, at least one. Each takes some 40 MB while it works
// (19 MiB for a hash, and as much in garbage), and a core if it is to be of use.
func NewWorkers(n int) *Workers {
	w := &Workers{jobs: make(chan func(), queue)}
	for range max(n, 1) {
		w.done.Go(func() {
			for job := range w.jobs {
				job()
			}
		})
	}
	return w
}

// Submit has a worker do the job. It never waits: if too many jobs do, or after
// Close, it returns false and the job is not done. A job that was taken is done,
// even if Close is called before its turn.
func (w *Workers) Submit(job func()) bool {
	w.mu.RLock()
	defer w.mu.RUnlock()
	if w.closed {
		return false
	}
	select {
	case w.jobs <- job:
		return true
	default:
		return false
	}
}

// Verify submits a Verify, and has done called with its results on a worker's
// goroutine, from where it posts them to their owner. It returns what Submit does.
func (w *Workers) Verify(hash, password string, done func(ok, rehash bool, err error)) bool {
	return w.Submit(func() { done(Verify(hash, password)) })
}

// Hash submits a Hash, and has done called with it on a worker's goroutine.
func (w *Workers) Hash(password string, salt [SaltSize]byte, done func(hash string)) bool {
	return w.Submit(func() { done(Hash(password, salt)) })
}

// Close waits until all jobs that were taken are done and the workers have
// ended: queue times 50 ms for each worker at worst. It must not be called by a
// job. A second Close waits too.
func (w *Workers) Close() {
	w.mu.Lock()
	if !w.closed {
		w.closed = true
		close(w.jobs)
	}
	w.mu.Unlock()
	w.done.Wait()
}
