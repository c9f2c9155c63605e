package p2p

import (
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

// refuseKey warns of a changed key and remembers it, so that it can be trusted.
func (s *Sessions) refuseKey(p *person, fingerprint string) error {
	p.offered = fingerprint
	known, _ := s.known(p, fingerprint)
	s.tell(p, Notice{Kind: NoticeKeyChanged, Fingerprint: fingerprint, Known: known})
	return protocol.Errorf(protocol.NotAllowed, "The key of %s has changed, so nothing is opened. Ask %s about it in another way than by this chat. If you know why, type /trust %s.", p.name, p.name, p.name)
}

// Trust accepts the changed key of the latest warning about somebody, also for
// the texts that wait. A session has to be asked for, or accepted, again.
func (s *Sessions) Trust(name string, now time.Time) error {
	p := s.people[fold(name)]
	if p == nil || p.offered == "" {
		return protocol.Errorf(protocol.NotAllowed, "No other key of %s has been seen, so there is nothing to trust.", name)
	}
	s.cfg.Pins.Keep(p.name, Pin{Fingerprint: p.offered, Since: now})
	p.wrote, p.offered = p.offered, ""
	s.tidy(p)
	return nil
}

// Words returns the words of the open session with somebody. Both sides have the
// same ones, or there is somebody in between.
func (s *Sessions) Words(name string) ([]string, error) {
	p, err := s.open(name)
	if err != nil {
		return nil, err
	}
	return p.live.words, nil
}

// Verify notes that the words were compared: the key is that of the person.
func (s *Sessions) Verify(name string, now time.Time) error {
	p, err := s.open(name)
	if err != nil {
		return err
	}
	pin, ok := s.cfg.Pins.Pin(p.name)
	if !ok || pin.Fingerprint != p.live.plan.Fingerprint {
		return protocol.Errorf(protocol.NotAllowed, "The key of this session is not the one that is kept for %s. End it with /stopprivate %s and begin anew.", p.name, p.name)
	}
	pin.Verified = true
	s.cfg.Pins.Keep(p.name, pin)
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

// pin keeps the key of somebody at first use. It returns what was known before,
// and false if that is another key.
func (s *Sessions) pin(p *person, now time.Time) (before Pin, ok bool) {
	fingerprint := p.live.plan.Fingerprint
	before, ok = s.cfg.Pins.Pin(p.name)
	if !ok {
		s.cfg.Pins.Keep(p.name, Pin{Fingerprint: fingerprint, Since: now})
	}
	return before, !ok || before.Fingerprint == fingerprint
}
