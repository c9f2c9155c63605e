package users

import (
	"errors"
	"slices"
	"time"
)

var (
	// ErrInvited is returned for a second invitation of the same user.
	ErrInvited = errors.New("you have invited that user already")

	// ErrNotInvited is returned for the answer to an invitation that there is not.
	ErrNotInvited = errors.New("that user has not invited you")
)

// An Offer is what one of two users tells the other one, through the server, of
// how to meet.
type Offer struct {
	Name        string // as it is spelled
	Fingerprint string // of the user's key
	Paths       []string
}

// An Invitation is the wish of one user for a private session with another one.
type Invitation struct {
	Session uint64 // its number, from 1 on
	From    Offer
	To      string
	Until   time.Time // it lapses

	// A private session is one of two logins: of the one who has asked, and once they have
	// agreed of the one who has answered.
	Asker, Answerer Session

	over bool
}

// Invitations are those that wait for an answer: at most one for two users. They
// know nothing of what comes of them. One goroutine owns them.
type Invitations struct {
	timeout time.Duration
	pause   time.Duration
	last    uint64
	pending map[string][]*Invitation // by folded name, of and to that user, the oldest first
	queue   []*Invitation            // the oldest first; some are over
	pauses  map[[2]string]time.Time  // until when somebody may not invite somebody, both folded
	paused  []pause                  // the oldest first
}

type pause struct {
	who   [2]string
	until time.Time
}

// NewInvitations returns none. One that is not answered lapses after timeout. Who
// was declined or not answered may not invite the same user again before pause
// is over.
func NewInvitations(timeout, pause time.Duration) *Invitations {
	return &Invitations{timeout: timeout, pause: pause, pending: make(map[string][]*Invitation), pauses: make(map[[2]string]time.Time)}
}

// Count returns how many invitations by a user and to a user wait.
func (v *Invitations) Count(name string) (by, to int) {
	name = Fold(name)
	for _, i := range v.pending[name] {
		if Fold(i.To) == name {
			to++
		} else {
			by++
		}
	}
	return by, to
}

// Len returns how many wait in all.
func (v *Invitations) Len() int {
	n := 0
	for _, i := range v.queue {
		if !i.over {
			n++
		}
	}
	return n
}

// Find returns the invitation of from to to.
func (v *Invitations) Find(from, to string) (Invitation, bool) {
	if i := v.find(from, to); i != nil {
		return *i, true
	}
	return Invitation{}, false
}

func (v *Invitations) find(from, to string) *Invitation {
	from, to = Fold(from), Fold(to)
	for _, i := range v.pending[from] {
		if Fold(i.From.Name) == from && Fold(i.To) == to {
			return i
		}
	}
	return nil
}

// Wait returns how long it is until from may invite to.
func (v *Invitations) Wait(from, to string, now time.Time) time.Duration {
	return max(0, v.pauses[[2]string{Fold(from), Fold(to)}].Sub(now))
}

// Invite adds an invitation by one session of a user. It returns ErrSelf, or ErrInvited if
// one of the two has invited the other one already.
func (v *Invitations) Invite(from Offer, asker Session, to string, now time.Time) (Invitation, error) {
	switch {
	case Fold(from.Name) == Fold(to):
		return Invitation{}, ErrSelf
	case v.find(from.Name, to) != nil || v.find(to, from.Name) != nil:
		return Invitation{}, ErrInvited
	}
	v.last++
	i := &Invitation{Session: v.last, From: from, To: to, Until: now.Add(v.timeout), Asker: asker}
	v.put(i)
	return *i, nil
}

// put adds the newest one.
func (v *Invitations) put(i *Invitation) {
	v.queue = append(v.queue, i)
	if i.over {
		return
	}
	for _, name := range [...]string{Fold(i.From.Name), Fold(i.To)} {
		v.pending[name] = append(v.pending[name], i)
	}
}

// Answer takes out the invitation of from to to, which is accepted or withdrawn.
func (v *Invitations) Answer(from, to string) (Invitation, error) {
	i := v.find(from, to)
	if i == nil {
		return Invitation{}, ErrNotInvited
	}
	v.end(i)
	return *i, nil
}

// Decline takes out the invitation of from to to, and makes a pause.
func (v *Invitations) Decline(from, to string, now time.Time) (Invitation, error) {
	i, err := v.Answer(from, to)
	if err == nil {
		v.rest(i, now)
	}
	return i, err
}

// Lapse takes out those whose time is over.
func (v *Invitations) Lapse(now time.Time) (lapsed []Invitation) {
	for len(v.queue) > 0 && (v.queue[0].over || !now.Before(v.queue[0].Until)) {
		i := v.queue[0]
		if !i.over {
			v.end(i)
			v.rest(*i, now)
			lapsed = append(lapsed, *i)
		}
		v.queue = v.queue[1:]
	}
	for len(v.paused) > 0 && !now.Before(v.paused[0].until) {
		p := v.paused[0]
		if v.pauses[p.who].Equal(p.until) { // else it was made longer
			delete(v.pauses, p.who)
		}
		v.paused = v.paused[1:]
	}
	return lapsed
}

// NextLapse returns when Lapse has something to do.
func (v *Invitations) NextLapse() (next time.Time, ok bool) {
	if len(v.queue) > 0 {
		next, ok = v.queue[0].Until, true
	}
	if len(v.paused) > 0 && (!ok || v.paused[0].until.Before(next)) {
		next, ok = v.paused[0].until, true
	}
	return next, ok
}

// Leave takes out all invitations of and to a user.
func (v *Invitations) Leave(name string) (void []Invitation) {
	for _, i := range slices.Clone(v.pending[Fold(name)]) {
		v.end(i)
		void = append(void, *i)
	}
	return void
}

// End takes out the invitations by one session of a user.
func (v *Invitations) End(name string, asker Session) (void []Invitation) {
	name = Fold(name)
	for _, i := range slices.Clone(v.pending[name]) {
		if i.Asker == asker && Fold(i.From.Name) == name {
			v.end(i)
			void = append(void, *i)
		}
	}
	return void
}

func (v *Invitations) end(i *Invitation) {
	i.over = true
	for _, name := range [...]string{Fold(i.From.Name), Fold(i.To)} {
		list := slices.DeleteFunc(v.pending[name], func(other *Invitation) bool { return other == i })
		if v.pending[name] = list; len(list) == 0 {
			delete(v.pending, name)
		}
	}
}

func (v *Invitations) rest(i Invitation, now time.Time) {
	v.putPause(pause{[2]string{Fold(i.From.Name), Fold(i.To)}, now.Add(v.pause)})
}

// putPause adds the newest one.
func (v *Invitations) putPause(p pause) {
	v.pauses[p.who] = p.until
	v.paused = append(v.paused, p)
}
