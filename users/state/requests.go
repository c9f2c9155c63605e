package state

import (
	"container/list"
	"time"

	"parley/users"
)

const (
	// RequestMemory is for how long a request is remembered, so that its retry
	// creates nothing. Clients know it: it is that of package protocol.
	RequestMemory = 24 * time.Hour

	// MaxRequests is how many are remembered at most, the newest: 20 MB or so.
	MaxRequests = 100_000
)

// Digest returns what tells a retry from another request under the same id: one
// number, never 0, for a text and its receiver, who is "" if it is for all. It is the
// FNV-1a hash of both, which hash/fnv makes only of bytes and with memory of its own.
func Digest(receiver, text string) uint64 { return digest("", users.Fold(receiver), text) }

// roomDigest is that of what is said in a room. What is said in the lobby is for all, and
// no person has the name of a room as it stands in the others.
func roomDigest(room, text string) uint64 {
	if room = users.Fold(room); room == Lobby {
		return digest("", "", text)
	}
	return digest("#", room, text)
}

func digest(kind, to, text string) uint64 {
	const prime = 1099511628211
	h := uint64(14695981039346656037)
	for _, s := range [...]string{kind, to, "\x00", text} {
		for i := range len(s) {
			h = (h ^ uint64(s[i])) * prime
		}
	}
	return max(h, 1)
}

// requests remember what became of what people's clients asked for. An id is for one
// request of one person, of any kind.
type requests struct {
	serial   uint64                              // of the last one
	byPerson map[string]map[string]*list.Element // by person and id: a *Request in order
	order    list.List                           // oldest first
}

func newRequests() *requests {
	return &requests{byPerson: make(map[string]map[string]*list.Element)}
}

// find returns the number that a request has created before, 0 if none is known or it has
// no id. It returns ErrReused if the request with that id was another one.
func (r *requests) find(q Request) (number uint64, err error) {
	if q.ID == "" {
		return 0, nil
	}
	element := r.byPerson[q.Person][q.ID]
	if element == nil {
		return 0, nil
	}
	switch before := element.Value.(*Request); {
	case tooOld(before, q.Time):
		return 0, nil
	case before.Digest != 0 && before.Digest != q.Digest:
		return 0, ErrReused
	default:
		return before.Number, nil
	}
}

func tooOld(q *Request, at time.Time) bool { return at.Sub(q.Time) >= RequestMemory }

// add remembers a request that has an id, and forgets those that are too old or too
// many.
func (r *requests) add(q Request, rows *Rows) {
	r.serial = max(r.serial+1, q.Number)
	q.Serial = r.serial
	r.put(&q)
	rows.request(q)
	for {
		oldest := r.order.Front()
		o := oldest.Value.(*Request)
		if r.order.Len() <= MaxRequests && !tooOld(o, q.Time) {
			return
		}
		r.remove(oldest)
		rows.oldRequests(o.Serial)
	}
}

// load remembers a request that was kept.
func (r *requests) load(q Request) {
	r.serial = max(r.serial, q.Serial)
	r.put(&q)
}

// put adds the newest request, in place of an older one of the same person and id.
func (r *requests) put(q *Request) {
	of := r.byPerson[q.Person]
	if of == nil {
		of = make(map[string]*list.Element)
		r.byPerson[q.Person] = of
	}
	if before := of[q.ID]; before != nil {
		r.order.Remove(before)
	}
	of[q.ID] = r.order.PushBack(q)
}

func (r *requests) remove(element *list.Element) {
	q := r.order.Remove(element).(*Request)
	of := r.byPerson[q.Person]
	if delete(of, q.ID); len(of) == 0 {
		delete(r.byPerson, q.Person)
	}
}

// forget forgets a person's requests, and reports whether there were any.
func (r *requests) forget(person string) bool {
	of, any := r.byPerson[person]
	for _, element := range of {
		r.order.Remove(element)
	}
	delete(r.byPerson, person)
	return any
}

// rename makes one person's requests another's, and reports whether there were any.
// Where both have one with the same id, the newer one stays.
func (r *requests) rename(from, to string) bool {
	of, any := r.byPerson[from]
	if !any || from == to {
		return any
	}
	delete(r.byPerson, from)
	if r.byPerson[to] == nil {
		r.byPerson[to] = make(map[string]*list.Element)
	}
	for id, element := range of {
		q, before := element.Value.(*Request), r.byPerson[to][id]
		q.Person = to
		if before != nil && before.Value.(*Request).Serial > q.Serial {
			r.order.Remove(element)
			continue
		}
		if before != nil {
			r.order.Remove(before)
		}
		r.byPerson[to][id] = element
	}
	return true
}
