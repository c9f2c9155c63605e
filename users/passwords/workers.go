package passwords

import "sync"

// DefaultJobs is how many jobs may wait or be done: on two workers 3.2 s of hashing, on one
// 6.4 s. Who comes later than that would be answered after a client has given up.
const DefaultJobs = 128

// DefaultShare is how many jobs of one source may wait or be done: on two workers 0.8 s of
// hashing, on one 1.6 s, which has room for a classroom behind one address that comes back
// at once. It is a part of the whole, or one address could keep out all others.
const DefaultShare = 32

// An Engine makes hashes and checks passwords, one at a time, each in 50 ms.
type Engine interface {
	Hash(password string, salt [SaltSize]byte) string
	Verify(hash, password string) (ok, rehash bool, err error)
	Close() // ends what it has started
}

// Here is the Engine that hashes in this process.
type Here struct{}

func (Here) Hash(password string, salt [SaltSize]byte) string { return Hash(password, salt) }

func (Here) Verify(hash, password string) (ok, rehash bool, err error) {
	return Verify(hash, password)
}

func (Here) Close() {}

// Workers do jobs that take long, on goroutines of their own, each with an Engine. Close ends both.
// Whoever has jobs done is a source. Sources are served in turns: who has many that
// wait does not keep others waiting. All methods may be called from any goroutine.
type Workers struct {
	done sync.WaitGroup

	// The mutex is never held while a job is done.
	mu      sync.Mutex
	wake    *sync.Cond
	sources map[string]*source // that have jobs
	turns   []*source          // that have jobs which wait, the next one first
	jobs    int                // that wait or are being done
	most    int                // jobs at most
	share   int                // jobs of one source at most; 0: as many as there may be
	closed  bool
}

// A source is one of those who have jobs done.
type source struct {
	name    string
	waiting []func(Engine)
	jobs    int // that wait or are being done
}

// NewWorkers starts a worker for each engine, of which there is at least one. For them
// most jobs may wait or be done, one at least, and share jobs of one source; 0 is as many as there may be of all.
// Each takes some 40 MB while it works (19 MiB for a hash, and as much in garbage), and a core
// if it is to be of use.
func NewWorkers(most, share int, engines ...Engine) *Workers {
	w := &Workers{sources: make(map[string]*source), most: max(most, 1), share: share}
	w.wake = sync.NewCond(&w.mu)
	for _, e := range engines {
		w.done.Go(func() {
			defer e.Close()
			w.work(e)
		})
	}
	return w
}

// Submit has a worker do the job. It never waits: if too many jobs do, in all or
// of the same source, or after Close, it returns false and the job is not done. A
// job that was taken is done, even if Close is called before its turn.
func (w *Workers) Submit(from string, job func(Engine)) bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	s := w.sources[from]
	if w.closed || w.jobs >= w.most || s != nil && w.share > 0 && s.jobs >= w.share {
		return false
	}
	if s == nil {
		s = &source{name: from}
		w.sources[from] = s
	}
	if len(s.waiting) == 0 {
		w.turns = append(w.turns, s)
	}
	s.waiting = append(s.waiting, job)
	s.jobs++
	w.jobs++
	w.wake.Signal()
	return true
}

// work does jobs until there are none and will be none.
func (w *Workers) work(e Engine) {
	w.mu.Lock()
	defer w.mu.Unlock()
	for {
		for len(w.turns) == 0 && !w.closed {
			w.wake.Wait()
		}
		if len(w.turns) == 0 {
			return
		}
		s := w.turns[0]
		w.turns = w.turns[1:]
		job := s.waiting[0]
		if s.waiting = s.waiting[1:]; len(s.waiting) > 0 {
			w.turns = append(w.turns, s)
		}
		w.mu.Unlock()
		job(e)
		w.mu.Lock()
		w.jobs--
		if s.jobs--; s.jobs == 0 {
			delete(w.sources, s.name)
		}
	}
}

// Verify submits a Verify, and has done called with its results on a worker's
// goroutine, from where it posts them to their owner. It returns what Submit does.
func (w *Workers) Verify(from, hash, password string, done func(ok, rehash bool, err error)) bool {
	return w.Submit(from, func(e Engine) { done(e.Verify(hash, password)) })
}

// Hash submits a Hash, and has done called with it on a worker's goroutine.
func (w *Workers) Hash(from, password string, salt [SaltSize]byte, done func(hash string)) bool {
	return w.Submit(from, func(e Engine) { done(e.Hash(password, salt)) })
}

// Close waits until all jobs that were taken are done and the workers have ended:
// as many as there may be times 50 ms, divided by the workers, at worst. It must not be called by a
// job. A second Close waits too.
func (w *Workers) Close() {
	w.mu.Lock()
	w.closed = true
	w.wake.Broadcast()
	w.mu.Unlock()
	w.done.Wait()
}
