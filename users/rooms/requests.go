package rooms

import (
	"time"

	"parley/users"
)

const (
	// RequestMemory is for how long a request is remembered, so that its retry
	// creates nothing: clients come back within minutes, or not at all.
	RequestMemory = time.Hour

	// MaxRequests is how many are remembered at most, the newest: 10 MB or so.
	MaxRequests = 100_000
)

// A Request is what one user's client calls one thing that it asked for.
type Request struct {
	Sender string // folded
	ID     string // the client's own
}

// An Outcome is what became of a request.
type Outcome struct {
	Number    uint64 // of what was created
	Committed bool   // it is safe
	digest    uint64 // of what was asked for; 0: is not known
	waiting   []func(error)
	at        time.Time
}

// Digest returns what tells a retry from another request under the same id: one
// number, never 0, for a text and its receiver, who is "" if it is for all. It is the
// FNV-1a hash of both, which hash/fnv makes only of bytes and with memory of its own.
func Digest(receiver, text string) uint64 {
	const prime = 1099511628211
	h := uint64(14695981039346656037)
	for _, s := range [...]string{users.Fold(receiver), "\x00", text} {
		for i := range len(s) {
			h = (h ^ uint64(s[i])) * prime
		}
	}
	return max(h, 1)
}

// Requests remembers what became of requests. One goroutine owns it.
type Requests struct {
	outcomes map[Request]*Outcome
	order    []Request // oldest first
}

// NewRequests returns an empty memory.
func NewRequests() *Requests { return &Requests{outcomes: make(map[Request]*Outcome)} }

// Find returns what became of a request, nil if that is not known or if it has no id.
// It returns ErrReused if the request with that id was another one: receiver, who is ""
// for all, and text are what it asks for now.
func (r *Requests) Find(q Request, receiver, text string) (*Outcome, error) {
	o := r.outcomes[q]
	if o != nil && o.digest != 0 && o.digest != Digest(receiver, text) {
		return nil, ErrReused
	}
	return o, nil
}

// Wait has f called when it is known whether what the request created is safe.
func (o *Outcome) Wait(f func(error)) {
	if o.Committed {
		f(nil)
		return
	}
	o.waiting = append(o.waiting, f)
}

// Add remembers a request that created something under a number. A digest of 0 says
// that it is not known any more what was asked for.
func (r *Requests) Add(q Request, digest, number uint64, committed bool, now time.Time) {
	r.outcomes[q] = &Outcome{Number: number, Committed: committed, digest: digest, at: now}
	r.order = append(r.order, q)
	for { // at most up to the one that was added
		oldest := r.outcomes[r.order[0]]
		if oldest != nil && len(r.order) <= MaxRequests && now.Sub(oldest.at) < RequestMemory {
			break
		}
		if oldest != nil && oldest.Committed {
			delete(r.outcomes, r.order[0])
		}
		r.order = r.order[1:]
	}
}

// Done tells those who wait that what the request created is safe, or, with an
// error, that it was not kept: then the request is forgotten.
func (r *Requests) Done(q Request, err error) {
	o := r.outcomes[q]
	if o == nil {
		return
	}
	o.Committed = err == nil
	if err != nil {
		delete(r.outcomes, q)
	}
	waiting := o.waiting
	o.waiting = nil
	for _, f := range waiting {
		f(err)
	}
}
