package p2p

import (
	"slices"
	"time"

	"parley/protocol"
)

// known returns another key than this one by which somebody is known: the pinned
// one, or the one for which the texts that wait were written.
func (s *Sessions) known(p *person, fingerprint string) (other Pin, changed bool) {
	if pin, ok := s.cfg.Pins.Pin(p.name); ok && pin.Fingerprint != fingerprint {
		return pin, true
	}
	return Pin{Fingerprint: p.wrote}, len(p.out) > 0 && p.wrote != fingerprint
}

func (s *Sessions) changed(p *person, fingerprint string) bool {
	_, changed := s.known(p, fingerprint)
	return changed
}

// isVerified reports whether the words of a key, or of the pinned one if it is "",
// were compared with somebody.
func (s *Sessions) isVerified(p *person, fingerprint string) bool {
	pin, _ := s.cfg.Pins.Pin(p.name)
	return pin.Verified && (fingerprint == "" || fingerprint == pin.Fingerprint)
}

// refuseKey warns of a changed key and remembers it, so that it can be trusted.
func (s *Sessions) refuseKey(p *person, fingerprint string) error {
	known, _ := s.known(p, fingerprint)
	p.offered, p.instead, p.trusting = fingerprint, known.Fingerprint, false
	s.tell(p, Notice{Kind: NoticeKeyChanged, Fingerprint: fingerprint, Known: known})
	return protocol.Errorf(protocol.NotAllowed, "The key of %s has changed, so nothing is opened. Ask %s about it in another way than by this chat. If you know why, type /trust %s.", p.name, p.name, p.name)
}

// endForKey ends a session whose key is not the known one.
func (s *Sessions) endForKey(p *person, known Pin, now time.Time) {
	p.offered, p.instead, p.trusting = p.live.plan.Fingerprint, known.Fingerprint, false
	s.end(p, ending{kind: NoticeKeyChanged, known: known, bye: true, tidy: true}, now)
}

// Trust accepts the changed key of the latest warning about somebody, also for
// the texts that wait, if no third one is known by then. The person is told. A
// session has to be asked for, or accepted, again.
func (s *Sessions) Trust(name string, now time.Time) error {
	p := s.people[fold(name)]
	if p == nil || p.offered == "" {
		return protocol.Errorf(protocol.NotAllowed, "No other key of %s has been seen, so there is nothing to trust.", name)
	}
	p.trusting = true
	s.cfg.Pins.Keep(p.name, Pin{Fingerprint: p.offered, Since: now}, p.instead)
	return nil
}

// Words returns the words of the open session with somebody. Both sides have the
// same ones, or there is somebody in between.
func (s *Sessions) Words(name string) ([]string, error) {
	p, err := s.open(name)
	if err != nil {
		return nil, err
	}
	p.live.shown = true
	return p.live.words, nil
}

// Verify notes that the words, which must have been shown in this session, were
// compared: the key is that of the person, who is told when that is kept.
func (s *Sessions) Verify(name string, now time.Time) error {
	p, err := s.open(name)
	if err != nil {
		return err
	}
	if !p.live.shown {
		return protocol.Errorf(protocol.NotAllowed, "The words of the session with %s were not shown yet: /verify %s shows them. Compare them first, in another way than by this chat.", p.name, p.name)
	}
	pin, ok := s.cfg.Pins.Pin(p.name)
	if !ok || pin.Fingerprint != p.live.plan.Fingerprint {
		return protocol.Errorf(protocol.NotAllowed, "The key of this session is not the one that is kept for %s. End it with /stopprivate %s and begin anew.", p.name, p.name)
	}
	pin.Verified = true
	p.verifying = pin.Fingerprint
	s.cfg.Pins.Keep(p.name, pin, "")
	return nil
}

// open returns with whom a session is open.
func (s *Sessions) open(name string) (*person, error) {
	p := s.people[fold(name)]
	if p == nil || p.live == nil || p.live.state != Open {
		return nil, protocol.Errorf(protocol.NotAllowed, "No private session with %s is open. Ask for one: /startprivate %s.", name, name)
	}
	return p, nil
}

// pinned takes what is known of somebody's key, by whichever client. It need not
// be the answer to the latest question: what does not fit comes before that.
func (s *Sessions) pinned(p *person, e Event, now time.Time) {
	if a := p.ask; a != nil && a.unseen {
		a.unseen = false
		known, _ := s.cfg.Pins.Pin(p.name)
		left := max(1, int((a.until.Sub(now)-lapseGrace+time.Second-1)/time.Second))
		s.tell(p, Notice{Kind: NoticeInvitation, Fingerprint: a.fingerprint, Known: known, Seconds: left})
	}
	if e.Err != nil {
		s.notPinned(p, sentence("The keys of others cannot be looked up", e.Err), now)
		return
	}
	pin := e.Pinned.Now
	if pin.Fingerprint == "" { // nobody has kept anything yet
		return
	}
	if p.trusting {
		s.trusted(p, pin)
	}
	if p.verifying != "" {
		s.verified(p, pin, now)
	}
	if l := p.live; l != nil && l.claimed && !l.pinned {
		if l.plan.Fingerprint != pin.Fingerprint {
			s.endForKey(p, pin, now)
			return
		}
		l.pinned, l.known = true, e.Pinned.Before
		s.greetAll(p, now)
	}
}

// greetAll begins to use the links that have waited for the key to be pinned.
func (s *Sessions) greetAll(p *person, now time.Time) {
	l := p.live
	for _, k := range slices.Clone(l.links) {
		if d := k.heard; d != nil && s.links[k.ID] == k && p.live == l {
			k.heard = nil
			s.greeted(k, d, now)
		}
	}
	if p.live == l {
		s.choose(p, now)
	}
}

func (s *Sessions) trusted(p *person, pin Pin) {
	switch pin.Fingerprint {
	case p.offered:
		p.wrote, p.offered, p.trusting = p.offered, "", false
		s.tell(p, Notice{Kind: NoticeTrusted, Fingerprint: pin.Fingerprint})
	case p.instead: // not yet
	default:
		_ = s.refuseKey(p, p.offered) // another client has kept a third one
	}
}

func (s *Sessions) verified(p *person, pin Pin, now time.Time) {
	switch {
	case pin.Fingerprint != p.verifying:
		p.verifying = ""
		if p.live != nil && p.live.plan.Fingerprint != pin.Fingerprint {
			s.endForKey(p, pin, now)
		}
	case pin.Verified:
		p.verifying = ""
		s.tell(p, Notice{Kind: NoticeVerified, Fingerprint: pin.Fingerprint})
	}
}

// notPinned gives up what needs a key to be kept.
func (s *Sessions) notPinned(p *person, why string, now time.Time) {
	if p.trusting {
		p.trusting = false
		s.tell(p, Notice{Kind: NoticeTrusted, Text: why})
	}
	if p.verifying != "" {
		p.verifying = ""
		s.tell(p, Notice{Kind: NoticeVerified, Text: why})
	}
	if l := p.live; l != nil && l.claimed && !l.pinned {
		s.fail(p, why, now)
	}
}
