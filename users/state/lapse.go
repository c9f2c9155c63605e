package state

import (
	"time"

	"parley/users"
	"parley/users/command"
)

// sweepInterval is how often lockouts and sanctions are forgotten that are over.
const sweepInterval = time.Minute

// Due returns the commands that are to be proposed by now because time has passed.
func (s *State) Due(now time.Time) (all []command.Command) {
	for _, a := range s.presence.Due(now) {
		all = append(all, &command.Depart{Name: users.Fold(a.Name), Until: a.At})
	}
	for _, g := range s.guests.queue {
		if now.Before(g.left.Add(s.limits.GuestGrace)) {
			break
		}
		all = append(all, &command.ForgetGuest{Person: g.person})
	}
	if at, ok := s.invitations.NextLapse(); ok && !now.Before(at) {
		all = append(all, &command.LapseInvitations{})
	}
	if at, ok := s.nextSweep(); ok && !now.Before(at) {
		all = append(all, &command.Sweep{})
	}
	return all
}

// NextDue returns when there will be some; ok is false if there is nothing to wait for.
func (s *State) NextDue() (at time.Time, ok bool) {
	soonest := func(t time.Time, is bool) {
		if is && (!ok || t.Before(at)) {
			at, ok = t, true
		}
	}
	soonest(s.presence.NextDue())
	if len(s.guests.queue) > 0 {
		soonest(s.guests.queue[0].left.Add(s.limits.GuestGrace), true)
	}
	soonest(s.invitations.NextLapse())
	soonest(s.nextSweep())
	return at, ok
}

// nextSweep returns when there may be something to forget.
func (s *State) nextSweep() (at time.Time, ok bool) {
	at, ok = s.presence.NextSweep()
	next := s.swept.Add(sweepInterval)
	if s.lockouts.Len() > 0 && (!ok || next.Before(at)) {
		at, ok = next, true
	}
	if s.accounts.AnyKnown() {
		const day = 24 * time.Hour
		if tomorrow := time.Unix(0, 0).UTC().Add(time.Duration(users.Day(s.swept)+1) * day); !ok || tomorrow.Before(at) {
			at, ok = tomorrow, true
		}
	}
	if ends := s.sanctions.soonest; !ends.IsZero() {
		if ends.Before(next) {
			ends = next
		}
		if !ok || ends.Before(at) {
			at, ok = ends, true
		}
	}
	return at, ok
}

// forgetGuest forgets a guest who has not come back in time.
func (s *State) forgetGuest(at time.Time, c *command.ForgetGuest, rows *Rows) Result {
	left, ok := s.guests.left[c.Person]
	if ok && !at.Before(left.Add(s.limits.GuestGrace)) {
		s.guests.remove(c.Person)
		s.forgetPerson(c.Person, rows)
	}
	return Result{}
}
