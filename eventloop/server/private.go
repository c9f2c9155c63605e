package server

import (
	"fmt"
	"net/netip"
	"slices"
	"time"

	"parley/protocol"
	"parley/users"
)

const (
	// invitationPause is how long who was declined or not answered must wait
	// before asking the same person again.
	invitationPause = 30 * time.Second

	// invitationBurst and invitationInterval limit how many invitations a session
	// makes, whoever they are to: so many at once, then one per interval.
	invitationBurst    = 10
	invitationInterval = 6 * time.Second
)

// PrivateCounts are what a server knows of private sessions.
type PrivateCounts struct {
	Invitations int // that wait for an answer
	Relays      users.RelayCounts
}

// PrivateCounts returns what is known of private sessions now.
func (c *Core) PrivateCounts() PrivateCounts {
	return PrivateCounts{c.invitations.Len(), c.relays.Counts()}
}

// replyPrivate tells a session something about a private session with name. Ref
// is "" for what is no answer.
func (c *Core) replyPrivate(s *session, ref, event, name, text string, p protocol.Private, now time.Time) {
	r := c.info(text, event, now)
	r.Ref, r.Data.Name, r.Data.Private = ref, name, &p
	if event == protocol.EventInvited || event == protocol.EventInvitation {
		r.Data.Seconds = int(protocol.InvitationTimeout / time.Second)
	}
	if event == protocol.EventInvited {
		c.addAway(&r, name)
	}
	c.reply(s, r)
}

// tellPrivate tells a user, who may be gone.
func (c *Core) tellPrivate(to, event, name, text string, session uint64, now time.Time) {
	if s := c.find(to); s != nil && !s.leaving {
		c.replyPrivate(s, "", event, name, text, protocol.Private{Session: session}, now)
	}
}

// startPrivate asks a person for a private session. Who has been asked by the
// same one agrees.
func startPrivate(c *Core, s *session, r call) *protocol.Error {
	to, err := c.partner(s, r.args[0])
	if err != nil {
		return err
	}
	offer, err := s.offer(r)
	if err != nil {
		return err
	}
	c.lapse(r.now)
	if err := c.mayAgree(s, to.name, offer); err != nil {
		return err
	}
	if i, err := c.invitations.Answer(to.name, s.name); err == nil {
		c.introduce(s, r, i, offer)
		return nil
	}
	if err := c.mayInvite(s, to, r.now); err != nil {
		return err
	}
	i, e := c.invitations.Invite(offer, to.name, r.now)
	if e != nil {
		return domainError(e, to.name)
	}
	c.fx.WakeAt(i.Until)
	c.replyPrivate(s, r.Ref, protocol.EventInvited, to.name, fmt.Sprintf("You have asked %s for a private session.", to.name),
		protocol.Private{Session: i.Session}, r.now)
	asks := protocol.WithCommands(s.name+" asks you for a private session. Use:", "acceptprivate "+s.name, "declineprivate "+s.name)
	c.replyPrivate(to, "", protocol.EventInvitation, s.name, asks,
		protocol.Private{Session: i.Session, Fingerprint: offer.Fingerprint}, r.now)
	return nil
}

// partner returns the session of somebody who can be asked for a private session.
func (c *Core) partner(s *session, name string) (*session, *protocol.Error) {
	to := c.find(name)
	switch {
	case users.Fold(name) == users.Fold(s.name):
		return nil, domainError(users.ErrSelf, name)
	case !c.known(name):
		return nil, domainError(users.ErrUnknownUser, name)
	case c.blocks.Has(name, s.name):
		return nil, protocol.Errorf(protocol.BlockedByUser, "You cannot ask %s: they have blocked you.", name)
	case c.blocks.Has(s.name, name):
		return nil, protocol.Errorf(protocol.NotAllowed, "You have blocked %s; unblock first.", name)
	case to == nil:
		return nil, protocol.Errorf(protocol.UserOffline, "%s is not connected: a private session needs both of you here to begin.", name)
	case !to.extended:
		return nil, protocol.Errorf(protocol.NotAllowed, "%s's client cannot do private sessions.", to.name)
	}
	return to, nil
}

// known reports whether somebody has, or has had, a name.
func (c *Core) known(name string) bool {
	_, seen := c.presence.Lookup(name)
	_, spelled := c.spelling(name)
	return seen || spelled
}

// mayInvite returns an error for one invitation too many.
func (c *Core) mayInvite(s, to *session, now time.Time) *protocol.Error {
	_, asked := c.invitations.Find(s.name, to.name)
	wait := c.invitations.Wait(s.name, to.name, now)
	_, ringing := c.invitations.Count(to.name)
	switch {
	case asked:
		return domainError(users.ErrInvited, to.name)
	case c.relays.Has(s.name, to.name):
		return protocol.Errorf(protocol.BadRequest, "You have a private session with %s already. End it with:", to.name).WithCommands("stopprivate " + to.name)
	case c.private(s.name) >= protocol.MaxPrivate:
		return tooManyPrivate()
	case ringing >= protocol.MaxRinging:
		return protocol.Errorf(protocol.Busy, "Too many others wait for an answer of %s. Try again later.", to.name)
	case wait > 0:
		return waitError(wait, "%s did not agree a moment ago. Wait %d s and ask again.", to.name)
	}
	if wait := s.invites.take(1, Rate{PerSecond: 1 / invitationInterval.Seconds(), Burst: invitationBurst}, now); wait > 0 {
		return waitError(wait, "You cannot ask %s yet: you have asked too often. Wait %d s and ask again.", to.name)
	}
	return nil
}

// waitError is about a name and how many seconds to wait.
func waitError(wait time.Duration, format, name string) *protocol.Error {
	seconds := int((wait + time.Second - 1) / time.Second)
	err := protocol.Errorf(protocol.RateLimited, format, name, seconds)
	err.Seconds = seconds
	return err
}

func tooManyPrivate() *protocol.Error {
	return protocol.Errorf(protocol.NotAllowed, "You have %d invitations of your own and private sessions, as many as can be. End one with:", protocol.MaxPrivate).WithCommands("stopprivate NAME")
}

// mayAgree returns an error if a session, which has been invited, would have a relay
// too many. The one who asks has counted it since.
func (c *Core) mayAgree(s *session, from string, offer users.Offer) *protocol.Error {
	if i, asked := c.invitations.Find(from, s.name); asked && c.relayed(i.From, offer) && c.private(s.name) >= protocol.MaxPrivate {
		return tooManyPrivate()
	}
	return nil
}

// relayed reports whether something will be relayed between two who agree.
func (c *Core) relayed(a, b users.Offer) bool {
	return c.cfg.RelayRate > 0 && slices.Contains(a.Paths, protocol.PathRelay) && slices.Contains(b.Paths, protocol.PathRelay)
}

// private returns how many relays, and invitations that wait, a user has brought
// about: those of others can neither use up the limit nor be ended.
func (c *Core) private(name string) int {
	by, _ := c.invitations.Count(name)
	return by + c.relays.Of(name)
}

// offer reads what a session tells of itself: its fingerprint and paths.
func (s *session) offer(r call) (users.Offer, *protocol.Error) {
	fingerprint := r.args[1]
	if err := protocol.CheckFingerprint(fingerprint); err != nil {
		return users.Offer{}, err
	}
	paths, err := protocol.ParsePaths(r.args[2])
	if err != nil {
		return users.Offer{}, err
	}
	if i := slices.Index(paths, protocol.PathObserved); i >= 0 {
		seen := netip.AddrPortFrom(s.remote.Addr().Unmap(), s.remote.Port())
		if !seen.IsValid() || slices.Contains(paths, seen.String()) { // of a Unix socket there is none
			paths = slices.Delete(paths, i, i+1)
		} else {
			paths[i] = seen.String()
		}
	}
	return users.Offer{Name: s.name, Fingerprint: fingerprint, Paths: paths}, nil
}

func acceptPrivate(c *Core, s *session, r call) *protocol.Error {
	name := r.args[0]
	if !c.known(name) {
		return domainError(users.ErrUnknownUser, name)
	}
	offer, err := s.offer(r)
	if err != nil {
		return err
	}
	c.lapse(r.now)
	if err := c.mayAgree(s, name, offer); err != nil {
		return err
	}
	i, e := c.invitations.Answer(name, s.name)
	if e != nil {
		return domainError(e, name)
	}
	c.introduce(s, r, i, offer)
	return nil
}

// introduce tells two who have agreed how they reach each other. The one who was
// asked has agreed last, with the request r.
func (c *Core) introduce(asked *session, r call, i users.Invitation, offer users.Offer) {
	asker := c.find(i.From.Name) // is there: who leaves takes the invitations along
	if c.relayed(i.From, offer) {
		c.relays.Open(i.Session, asker.name, asked.name)
	} else {
		isRelay := func(p string) bool { return p == protocol.PathRelay }
		i.From.Paths, offer.Paths = slices.DeleteFunc(i.From.Paths, isRelay), slices.DeleteFunc(offer.Paths, isRelay)
	}
	token := c.cfg.Token()
	tell := func(to *session, ref string, of users.Offer) {
		c.replyPrivate(to, ref, protocol.EventIntroduced, of.Name, fmt.Sprintf("You and %s have agreed on a private session.", of.Name),
			protocol.Private{Session: i.Session, Fingerprint: of.Fingerprint, Paths: of.Paths, Token: token}, r.now)
	}
	tell(asked, r.Ref, i.From)
	tell(asker, "", offer)
}

func declinePrivate(c *Core, s *session, r call) *protocol.Error {
	name := r.args[0]
	if !c.known(name) {
		return domainError(users.ErrUnknownUser, name)
	}
	c.lapse(r.now)
	i, err := c.invitations.Decline(name, s.name, r.now)
	if err != nil {
		return domainError(err, name)
	}
	c.replyPrivate(s, r.Ref, protocol.EventDeclined, i.From.Name, fmt.Sprintf("You have declined a private session with %s.", i.From.Name), protocol.Private{Session: i.Session}, r.now)
	c.tellPrivate(i.From.Name, protocol.EventDeclined, s.name, fmt.Sprintf("%s does not want a private session now.", s.name), i.Session, r.now)
	return nil
}

// stopPrivate withdraws an invitation or ends a relay.
func stopPrivate(c *Core, s *session, r call) *protocol.Error {
	name := r.args[0]
	if !c.known(name) {
		return domainError(users.ErrUnknownUser, name)
	}
	c.lapse(r.now)
	name, _ = c.spelling(name)
	mine, theirs := "You have withdrawn your invitation of %s.", "%s has withdrawn the invitation."
	i, err := c.invitations.Answer(s.name, name)
	session := i.Session
	if err != nil {
		mine, theirs = "Nothing more is relayed between you and %s.", "%s has ended the private session."
		ended, ok := c.relays.Close(s.name, name)
		if _, asked := c.invitations.Find(name, s.name); asked {
			return protocol.Errorf(protocol.BadRequest, "It is %s who has asked you. Use:", name).WithCommands("declineprivate " + name)
		}
		if !ok {
			return protocol.Errorf(protocol.BadRequest, "There is nothing to stop between you and %s.", r.args[0])
		}
		session = ended
	}
	c.replyPrivate(s, r.Ref, protocol.EventStopped, name, fmt.Sprintf(mine, name), protocol.Private{Session: session}, r.now)
	c.tellPrivate(name, protocol.EventStopped, s.name, fmt.Sprintf(theirs, s.name), session, r.now)
	return nil
}

// lapse ends the invitations that were not answered in time.
func (c *Core) lapse(now time.Time) {
	for _, i := range c.invitations.Lapse(now) {
		c.tellLapsed(i, now)
	}
}

func (c *Core) tellLapsed(i users.Invitation, now time.Time) {
	c.tellPrivate(i.From.Name, protocol.EventLapsed, i.To, fmt.Sprintf("%s has not answered your invitation to a private session.", i.To), i.Session, now)
	c.tellPrivate(i.To, protocol.EventLapsed, i.From.Name, fmt.Sprintf("The invitation of %s to a private session has lapsed.", i.From.Name), i.Session, now)
}

// lapseBetween ends what two users have asked each other: one has blocked the
// other, and neither is to learn that from it.
func (c *Core) lapseBetween(a, b string, now time.Time) {
	for _, way := range [...][2]string{{a, b}, {b, a}} {
		if i, err := c.invitations.Decline(way[0], way[1], now); err == nil {
			c.tellLapsed(i, now)
		}
	}
}

// leavePrivate ends the invitations and the relays of a user who has left.
func (c *Core) leavePrivate(name string, now time.Time) {
	for _, i := range c.invitations.Leave(name) {
		other := i.To
		if users.Fold(other) == users.Fold(name) {
			other = i.From.Name
		}
		c.tellPrivate(other, protocol.EventLapsed, name, fmt.Sprintf("%s has left: the invitation to a private session is void.", name), i.Session, now)
	}
	for _, e := range c.relays.Leave(name) {
		c.tellPrivate(e.Other, protocol.EventStopped, name, fmt.Sprintf("%s has left the server: nothing more is relayed between you.", name), e.Session, now)
	}
}
