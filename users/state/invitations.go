package state

import (
	"time"

	"parley/users"
	"parley/users/command"
)

const (
	// InvitationTimeout is how long an invitation to a private session waits for an
	// answer.
	InvitationTimeout = 60 * time.Second

	// invitationPause is how long who was declined or not answered must wait before
	// asking the same person again.
	invitationPause = 30 * time.Second
)

// invite asks a person for a private session. Who was asked by the same one agrees.
func (s *State) invite(at time.Time, c *command.Invite) Result {
	who, err := s.caller(c.By)
	if err != nil {
		return refused(err)
	}
	if r, muted := s.silenced(at, who, ""); muted {
		return r
	}
	to, err := s.partner(who, c.To)
	if err != nil {
		return refused(err)
	}
	if i, err := s.invitations.Answer(to.Name, who.Name); err == nil {
		return agreed(i, c.By.Session)
	}
	if _, asked := s.invitations.Find(who.Name, to.Name); asked {
		return refused(users.ErrInvited)
	}
	if wait := s.invitations.Wait(who.Name, to.Name, at); wait > 0 {
		return Result{Err: ErrPause, Wait: wait}
	}
	offer := c.Offer
	offer.Name = who.Name
	i, err := s.invitations.Invite(offer, c.By.Session, to.Name, at)
	if err != nil {
		return refused(err)
	}
	return Result{Name: to.Name, There: to.Session, Invited: &i}
}

// partner returns somebody who can be asked for a private session.
func (s *State) partner(who Online, name string) (Online, error) {
	to, there := s.Online(name)
	switch {
	case users.Fold(name) == users.Fold(who.Name):
		return to, users.ErrSelf
	case !s.known(name):
		return to, users.ErrUnknownUser
	case s.blocks.Has(name, who.Name):
		return to, ErrBlocked
	case s.blocks.Has(who.Name, name):
		return to, ErrBlocking
	case !there:
		return to, ErrOffline
	case to.Plain:
		return to, ErrPlain
	}
	return to, nil
}

// known reports whether somebody has, or has had, a name.
func (s *State) known(name string) bool {
	_, seen := s.presence.Lookup(name)
	_, spelled := s.Spelling(name)
	return seen || spelled
}

// accept agrees to a private session.
func (s *State) accept(c *command.Accept) Result {
	who, err := s.answerer(c.By, c.From)
	if err != nil {
		return refused(err)
	}
	i, err := s.invitations.Answer(c.From, who.Name)
	if err != nil {
		return refused(err)
	}
	return agreed(i, c.By.Session)
}

// agreed returns the result of an invitation that one session has accepted.
func agreed(i users.Invitation, answerer command.Session) Result {
	i.Answerer = answerer
	return Result{Name: i.From.Name, There: i.Asker, Agreed: &i}
}

// decline does not agree to one.
func (s *State) decline(at time.Time, c *command.Decline) Result {
	who, err := s.answerer(c.By, c.From)
	if err != nil {
		return refused(err)
	}
	i, err := s.invitations.Decline(c.From, who.Name, at)
	if err != nil {
		return refused(err)
	}
	return Result{Name: i.From.Name, There: i.Asker, Void: []users.Invitation{i}}
}

// withdraw takes an invitation back.
func (s *State) withdraw(c *command.Withdraw) Result {
	who, err := s.answerer(c.By, c.To)
	if err != nil {
		return refused(err)
	}
	i, err := s.invitations.Answer(who.Name, c.To)
	if err != nil {
		return refused(err)
	}
	to, _ := s.Online(i.To)
	return Result{Name: i.To, There: to.Session, Void: []users.Invitation{i}}
}

// answerer returns who asks, if there is somebody of the other name.
func (s *State) answerer(by command.By, other string) (Online, error) {
	who, err := s.caller(by)
	if err == nil && !s.known(other) {
		err = users.ErrUnknownUser
	}
	return who, err
}
