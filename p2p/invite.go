package p2p

import (
	"slices"
	"strings"
	"time"

	"parley/protocol"
)

// The verbs that ask the server.
const (
	verbStart   = "startprivate"
	verbAccept  = "acceptprivate"
	verbDecline = "declineprivate"
	verbStop    = "stopprivate"
	verbRelay   = "relay"
)

// ask is an invitation that has not led to a session yet.
type ask struct {
	number      uint64 // 0: one's own, which the server has not answered
	mine        bool   // one has asked
	crossed     bool   // and so has the other one, whose invitation has this number
	accepted    bool   // the other one's, and one has said yes
	fingerprint string // of the other one's key, if it is known
	unseen      bool   // the person is told when it was looked up what is known of the key
	since       time.Time
	until       time.Time
}

// uncross forgets the other one's invitation: one's own request is under way.
func (a *ask) uncross() { a.number, a.crossed, a.fingerprint = 0, false, "" }

// Start asks somebody for a private session. Who was asked by that one accepts.
func (s *Sessions) Start(name string, now time.Time) error {
	if err := s.checkName(name); err != nil {
		return err
	}
	p := s.people[fold(name)]
	switch {
	case !s.online:
		return errNotLoggedIn
	case fold(name) == fold(s.name):
		return protocol.Errorf(protocol.NotAllowed, "That is you. Name somebody else: /startprivate NAME.")
	case p != nil && p.live != nil && p.live.state == Open:
		return protocol.Errorf(protocol.NotAllowed, "A private session with %s is open already: say something with /private %s TEXT.", p.name, p.name)
	case p != nil && p.live != nil:
		return protocol.Errorf(protocol.NotAllowed, "A private session with %s is being opened already: wait, or give up with /stopprivate %s.", p.name, p.name)
	case p != nil && p.ask != nil && p.ask.mine:
		return protocol.Errorf(protocol.NotAllowed, "You have asked %s already: wait for the answer, or withdraw with /stopprivate %s.", p.name, p.name)
	case p != nil && p.ask != nil:
		return s.Accept(name, now)
	}
	if err := s.full(); err != nil {
		return err
	}
	if p != nil {
		s.settle(p)
		name = p.name
	}
	if err := s.offer(verbStart, name); err != nil {
		return err
	}
	p = s.person(name, now)
	p.owed = append(p.owed, verbStart)
	p.ask = &ask{mine: true, since: now, until: now.Add(protocol.InvitationTimeout + lapseGrace)}
	return nil
}

var errNotLoggedIn = protocol.Errorf(protocol.NotLoggedIn, "You are not logged in, and private sessions begin through the server. Wait for the connection, or log in with /login NAME.")

func (s *Sessions) checkName(name string) error {
	if err := protocol.CheckName(name); err != nil {
		return err
	}
	return nil
}

// offer sends a request with one's own key and paths.
func (s *Sessions) offer(verb, name string) error {
	o, err := s.cfg.Transport.Offer()
	if err != nil {
		return protocol.Errorf(protocol.NotAllowed, "No peer could reach you: %v.", err)
	}
	if !s.cfg.Server.Ask(verb, map[string]string{"name": name, "fingerprint": o.Fingerprint, "paths": strings.Join(o.Paths, ",")}) {
		return errNotLoggedIn
	}
	if o.Dials != s.offered.Dials || !slices.Equal(o.Addresses(), s.offered.Addresses()) {
		s.offered = o
		s.cfg.Tell(Notice{Kind: NoticeOffer, Name: name, Offer: o})
	}
	return nil
}

// asker returns who has asked and was not answered.
func (s *Sessions) asker(name string) (*person, error) {
	if err := s.checkName(name); err != nil {
		return nil, err
	}
	p := s.people[fold(name)]
	switch {
	case p == nil || p.ask == nil:
		return nil, protocol.Errorf(protocol.NotAllowed, "%s has not asked you for a private session, or no longer. Ask yourself: /startprivate %s.", name, name)
	case p.ask.mine:
		return nil, protocol.Errorf(protocol.NotAllowed, "You have asked %s, and the answer has not come yet. To withdraw: /stopprivate %s.", p.name, p.name)
	case p.ask.accepted:
		return nil, protocol.Errorf(protocol.NotAllowed, "You have accepted already; the session with %s is about to be opened.", p.name)
	}
	return p, nil
}

// Accept agrees to the session that somebody has asked for.
func (s *Sessions) Accept(name string, now time.Time) error {
	p, err := s.asker(name)
	if err != nil {
		return err
	}
	if s.changed(p, p.ask.fingerprint) {
		return s.refuseKey(p, p.ask.fingerprint)
	}
	if err := s.full(); err != nil {
		return err
	}
	s.settle(p)
	if err := s.offer(verbAccept, p.name); err != nil {
		return err
	}
	p.owed = append(p.owed, verbAccept)
	p.ask.accepted, p.ask.until = true, now.Add(openTimeout)
	return nil
}

// Decline says no to the session that somebody has asked for.
func (s *Sessions) Decline(name string, now time.Time) error {
	p, err := s.asker(name)
	if err != nil {
		return err
	}
	s.request(verbDecline, p)
	p.ask = nil
	s.tidy(p)
	return nil
}

// Stop ends the session with somebody or withdraws what one has asked for.
func (s *Sessions) Stop(name string, now time.Time) error {
	if err := s.checkName(name); err != nil {
		return err
	}
	p := s.people[fold(name)]
	switch {
	case p != nil && p.live != nil:
		s.end(p, ending{kind: NoticeEnded, why: "You have ended it.", bye: true, tidy: true}, now)
	case p != nil && p.ask != nil && (p.ask.mine || p.ask.accepted):
		s.request(verbStop, p)
		s.dropAsk(p, Notice{Text: "You have withdrawn."})
	case p != nil && p.ask != nil:
		return s.Decline(name, now)
	default:
		return protocol.Errorf(protocol.NotAllowed, "There is no private session with %s.", name)
	}
	s.sweep(now)
	return nil
}

// dropAsk gives up an invitation; why has the reason for the person.
func (s *Sessions) dropAsk(p *person, why Notice) {
	if p.ask == nil {
		return
	}
	p.ask = nil
	why.Kind = NoticeLapsed
	s.tell(p, why)
	s.idle = append(s.idle, p)
}

func (s *Sessions) tickAsk(p *person, now time.Time) {
	if p.ask == nil || now.Before(p.ask.until) {
		return
	}
	why := "You did not answer in time."
	switch {
	case p.ask.mine:
		why = "There was no answer in time."
	case p.ask.accepted:
		why = "The server has not introduced you in time."
	}
	if p.ask.mine || p.ask.accepted {
		s.request(verbStop, p)
	}
	p.owed = nil // nor will an answer
	s.dropAsk(p, Notice{Text: why})
}
