package p2p

import (
	"slices"
	"time"

	"parley/protocol"
)

// ending is how a session ends.
type ending struct {
	kind  NoticeKind
	why   string
	words string // the server's
	known Pin
	bye   bool // the peer is told
	tidy  bool // the server is told
}

// end ends a session.
func (s *Sessions) end(p *person, e ending, now time.Time) {
	l := p.live
	relayed := false
	for _, k := range slices.Clone(l.links) {
		if e.bye {
			s.send(k, s.frame(protocol.EventBye, now))
			relayed = relayed || k.Path.Relay
		}
		s.closeLink(k)
	}
	s.cfg.Transport.Cancel(l.plan.Session)
	p.live = nil
	delete(s.plans, l.plan.Session)
	if e.tidy && !l.detached && s.online && (p.ask == nil || !p.ask.mine && !p.ask.accepted) { // else it would be taken for a word about those
		if relayed {
			p.linger = &linger{l.plan, now.Add(lingerTime)}
			s.plans[l.plan.Session] = p
		} else {
			s.request(verbStop, p)
		}
	}
	s.tell(p, Notice{Kind: e.kind, Text: e.why, Words: e.words, Fingerprint: l.plan.Fingerprint, Known: e.known})
	if len(p.out) > 0 {
		n := Notice{Kind: NoticeUndelivered, Count: len(p.out)}
		for _, t := range p.out[max(0, len(p.out)-MaxTold):] {
			n.Texts = append(n.Texts, t.body)
		}
		s.tell(p, n)
	}
	s.idle = append(s.idle, p)
}

// settle ends what lingers, before something new is asked about the same person.
func (s *Sessions) settle(p *person) {
	if p.linger != nil {
		s.dropLinger(p)
		s.request(verbStop, p)
	}
}

func (s *Sessions) dropLinger(p *person) {
	if p.linger != nil {
		s.cfg.Transport.RelayEnded(p.linger.plan.Session)
		delete(s.plans, p.linger.plan.Session)
		p.linger = nil
	}
}
