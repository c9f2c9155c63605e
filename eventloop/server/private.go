package server

import (
	"net/netip"
	"slices"
	"strings"
	"time"

	"parley/protocol"
	"parley/users"
	"parley/users/command"
	"parley/users/state"
)

const (
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
	return PrivateCounts{c.state.Invitations().Len(), c.relays.Counts()}
}

// replyPrivate tells a session something about a private session with name, which stands in
// the sentence where format has %s. Ref is "" for what is no answer.
func (c *Core) replyPrivate(s *session, ref, event, name, format string, p protocol.Private, now time.Time) {
	r := c.info(strings.Replace(format, "%s", c.toldApart(name), 1), event, now)
	r.Ref, r.Data.Name, r.Data.Private = ref, name, &p
	if event == protocol.EventInvited || event == protocol.EventInvitation {
		r.Data.Seconds = int(protocol.InvitationTimeout / time.Second)
	}
	if event == protocol.EventInvited {
		c.addAway(&r, name)
	}
	c.reply(s, r)
}

// A notice is about a private session with name, and no answer.
type notice struct {
	event, name, format string
	session             uint64
}

// tellPrivate tells a session, which may be gone.
func (c *Core) tellPrivate(to command.Session, n notice, now time.Time) {
	if s := c.of(to); s != nil && !s.leaving {
		c.tellNotice(s, n, now)
	}
}

func (c *Core) tellNotice(s *session, n notice, now time.Time) {
	c.replyPrivate(s, "", n.event, n.name, n.format, protocol.Private{Session: n.session}, now)
}

// tellOthers tells all sessions of a user but one; the zero Session is none of them.
func (c *Core) tellOthers(name string, but command.Session, n notice, now time.Time) {
	for _, s := range c.sessionsOf(name) {
		if s.key() != but {
			c.tellNotice(s, n, now)
		}
	}
}

// startPrivate asks a person for a private session. Who has been asked by the
// same one agrees.
func startPrivate(c *Core, s *session, r call) *protocol.Error {
	name := r.args[0]
	offer, err := c.offer(s, r)
	if err != nil {
		return err
	}
	if err := c.mayAgree(s, name, offer); err != nil {
		return err
	}
	if _, asked := c.state.Invitations().Find(name, s.name); !asked {
		if err := c.mayInvite(s, name, r.now); err != nil {
			return err
		}
	}
	return c.propose(s, &r, name, &command.Invite{By: s.by(), To: name, Offer: offer}, func(_ *Core, _ *session, _ asked, result state.Result) {
		if result.Agreed != nil {
			c.answerAgreed(s, r, result.Agreed, offer)
			return
		}
		c.replyPrivate(s, r.Ref, protocol.EventInvited, result.Name, "You have asked %s for a private session.",
			protocol.Private{Session: result.Invited.Session}, r.now)
	})
}

// tellInvited tells all sessions of somebody that they were asked for a private session:
// the first one that answers has it.
func (c *Core) tellInvited(i users.Invitation, now time.Time) {
	from := i.From.Name
	asks := protocol.WithCommands("%s asks you for a private session. Use:", "acceptprivate "+from, "declineprivate "+from)
	for _, to := range c.sessionsOf(i.To) {
		c.replyPrivate(to, "", protocol.EventInvitation, from, asks, protocol.Private{Session: i.Session, Fingerprint: i.From.Fingerprint}, now)
	}
}

// tellAnswered tells the other sessions of who was asked that one of them has answered.
func (c *Core) tellAnswered(i users.Invitation, answerer command.Session, now time.Time) {
	c.tellOthers(i.To, answerer, notice{protocol.EventLapsed, i.From.Name, "The invitation of %s was answered in another session of yours.", i.Session}, now)
}

// known reports whether somebody has, or has had, a name.
func (c *Core) known(name string) bool {
	_, seen := c.state.Presence().Lookup(name)
	_, spelled := c.state.Spelling(name)
	return seen || spelled
}

// mayInvite returns an error for one invitation too many. Whether the other one can be
// asked at all the state decides.
func (c *Core) mayInvite(s *session, name string, now time.Time) *protocol.Error {
	to, there := c.state.Online(name)
	if !there || sameName(name, s.name) || c.state.Blocks().Either(s.name, name) || to.Plain {
		return nil // refused in any case
	}
	invitations := c.state.Invitations()
	if _, asked := invitations.Find(s.name, to.Name); asked {
		return nil
	}
	wait := invitations.Wait(s.name, to.Name, c.log.Time(now))
	_, ringing := invitations.Count(to.Name)
	switch {
	case c.relays.Has(s.name, to.Name):
		return protocol.Errorf(protocol.BadRequest, "You have a private session with %s already. End it with:", to.Name).WithCommands("stopprivate " + to.Name)
	case c.private(s.name) >= protocol.MaxPrivate:
		return tooManyPrivate()
	case ringing >= protocol.MaxRinging:
		return protocol.Errorf(protocol.Busy, "Too many others wait for an answer of %s. Try again later.", to.Name)
	case wait > 0:
		return waitError(wait, "%s did not agree a moment ago. Wait %d s and ask again.", to.Name)
	}
	if wait := s.few().invites.take(1, Rate{PerSecond: 1 / invitationInterval.Seconds(), Burst: invitationBurst}, c.since(now)); wait > 0 {
		return waitError(wait, "You cannot ask %s yet: you have asked too often. Wait %d s and ask again.", to.Name)
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
	if i, asked := c.state.Invitations().Find(from, s.name); asked && relayed(i.From, offer) && c.private(s.name) >= protocol.MaxPrivate {
		return tooManyPrivate()
	}
	return nil
}

// private returns how many relays, and invitations that wait, a user has brought
// about: those of others can neither use up the limit nor be ended.
func (c *Core) private(name string) int {
	by, _ := c.state.Invitations().Count(name)
	return by + c.relays.Of(name)
}

// offer reads what a session tells of itself: its fingerprint and paths.
func (c *Core) offer(s *session, r call) (users.Offer, *protocol.Error) {
	fingerprint := r.args[1]
	if err := protocol.CheckFingerprint(fingerprint); err != nil {
		return users.Offer{}, err
	}
	if c.secrets == "" {
		c.secrets = c.cfg.Token() // here, where a fault of it costs one connection
	}
	paths, err := protocol.ParsePaths(r.args[2])
	if err != nil {
		return users.Offer{}, err
	}
	if c.cfg.RelayRate == 0 {
		paths = withoutRelay(paths)
	}
	if i := slices.Index(paths, protocol.PathObserved); i >= 0 {
		seen := netip.AddrPortFrom(s.addr.Unmap(), s.port)
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
	offer, err := c.offer(s, r)
	if err != nil {
		return err
	}
	if err := c.mayAgree(s, name, offer); err != nil {
		return err
	}
	return c.propose(s, &r, name, &command.Accept{By: s.by(), From: name, Offer: offer}, func(_ *Core, _ *session, _ asked, result state.Result) {
		c.answerAgreed(s, r, result.Agreed, offer)
	})
}

func declinePrivate(c *Core, s *session, r call) *protocol.Error {
	name := r.args[0]
	if !c.known(name) {
		return domainError(users.ErrUnknownUser, name)
	}
	return c.propose(s, &r, name, &command.Decline{By: s.by(), From: name}, func(_ *Core, _ *session, _ asked, result state.Result) {
		i := result.Void[0]
		c.replyPrivate(s, r.Ref, protocol.EventDeclined, i.From.Name, "You have declined a private session with %s.", protocol.Private{Session: i.Session}, r.now)
	})
}

// stopPrivate withdraws an invitation or ends a relay.
func stopPrivate(c *Core, s *session, r call) *protocol.Error {
	name := r.args[0]
	if !c.known(name) {
		return domainError(users.ErrUnknownUser, name)
	}
	name = c.spelled(name)
	if _, waits := c.state.Invitations().Find(s.name, name); waits {
		return c.propose(s, &r, name, &command.Withdraw{By: s.by(), To: name}, func(_ *Core, _ *session, _ asked, result state.Result) {
			c.replyPrivate(s, r.Ref, protocol.EventStopped, name, "You have withdrawn your invitation of %s.", protocol.Private{Session: result.Void[0].Session}, r.now)
		})
	}
	end, ok := c.relays.Close(s.name, name)
	if _, asked := c.state.Invitations().Find(name, s.name); asked && !ok { // else what there is comes before what may be
		return protocol.Errorf(protocol.BadRequest, "It is %s who has asked you. Use:", name).WithCommands("declineprivate " + name)
	}
	if !ok {
		return protocol.Errorf(protocol.BadRequest, "There is nothing to stop between you and %s.", r.args[0])
	}
	c.replyPrivate(s, r.Ref, protocol.EventStopped, name, "Nothing more is relayed between you and %s.", protocol.Private{Session: end.Session}, r.now)
	if end.Self.Login != s.key() {
		c.tellEnded(end.Self, end.Session, name, endOwn, r.now)
	}
	c.tellEnded(end.Other, end.Session, s.name, endStopped, r.now)
	return nil
}

// tellVoid tells those who are concerned that invitations have ended because of a
// command. Who has asked for it gets an answer beside.
func (c *Core) tellVoid(cmd command.Command, void []users.Invitation, now time.Time) {
	for _, i := range void {
		from, to := i.From.Name, i.To
		switch cmd := cmd.(type) {
		case *command.Decline:
			c.tellPrivate(i.Asker, notice{protocol.EventDeclined, to, "%s does not want a private session now.", i.Session}, now)
			c.tellAnswered(i, cmd.By.Session, now)
		case *command.Withdraw:
			if i.Asker != cmd.By.Session {
				c.tellPrivate(i.Asker, notice{protocol.EventStopped, to, "You have withdrawn your invitation of %s in another session of yours.", i.Session}, now)
			}
			c.tellOthers(to, command.Session{}, notice{protocol.EventStopped, from, "%s has withdrawn the invitation.", i.Session}, now)
		case *command.LapseInvitations, *command.Block: // a block is not to be learned from it
			c.tellPrivate(i.Asker, notice{protocol.EventLapsed, to, "%s has not answered your invitation to a private session.", i.Session}, now)
			c.tellOthers(to, command.Session{}, notice{protocol.EventLapsed, from, "The invitation of %s to a private session has lapsed.", i.Session}, now)
		case *command.Leave:
			c.tellLeft(i, cmd.By.Name, now)
		case *command.EndSession:
			c.tellLeft(i, cmd.By.Name, now)
		case *command.Enter:
			c.tellLeft(i, cmd.Name, now)
		case *command.AddAccount:
			c.tellLeft(i, cmd.Name, now)
		case *command.DeleteAccount:
			c.tellLeft(i, cmd.Name, now)
		case *command.Begin, *command.Gone:
			if gone := to; c.state.Presence().Has(from, i.Asker) {
				c.tellLeft(i, gone, now)
			} else {
				c.tellLeft(i, from, now)
			}
		}
	}
}

// tellLeft tells one of an invitation that the other one, who has that name, has left, or
// the session that has asked.
func (c *Core) tellLeft(i users.Invitation, name string, now time.Time) {
	text := "%s has left: the invitation to a private session is void."
	if sameName(i.To, name) {
		c.tellPrivate(i.Asker, notice{protocol.EventLapsed, i.To, text, i.Session}, now)
		return
	}
	c.tellOthers(i.To, command.Session{}, notice{protocol.EventLapsed, i.From.Name, text, i.Session}, now)
}

// endRelays ends the relays of a session that is over.
func (c *Core) endRelays(s *session, now time.Time) {
	for _, e := range c.relays.Leave(c.party(s)) {
		c.tellEnded(e.Other, e.Session, s.name, endLeft, now)
	}
}
