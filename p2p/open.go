package p2p

import (
	"errors"
	"fmt"
	"slices"
	"time"

	"parley/protocol"
)

const (
	// maxSpare is how many links of a session may wait to be chosen.
	maxSpare = 4

	// helloTimeout is how long a link waits for a hello, and how long a session
	// that has lost its link waits for one on another.
	helloTimeout = 10 * time.Second
)

// link is one of a session.
type link struct {
	Link
	owner *person
	until time.Time      // it is closed then; zero: it is in use
	hello bool           // both have said it
	heard *protocol.Data // the hello that has come before the key was pinned
}

var (
	errSlow      = errors.New("the other side takes nothing that is sent")
	errStrange   = errors.New("the other side sent what makes no sense")
	errSilent    = errors.New("the other side was silent for too long")
	errRelayOver = errors.New("nothing is relayed any more")
)

// connect begins to open what both have agreed to.
func (s *Sessions) connect(p *person, i *protocol.Private, now time.Time) {
	s.dropLinger(p)
	s.lastPlan++
	plan := Plan{
		Session:     s.lastPlan,
		Number:      i.Session,
		Name:        p.name,
		Client:      fold(s.name) < fold(p.name),
		Fingerprint: i.Fingerprint,
		Token:       i.Token,
		Paths:       slices.Clone(i.Paths[:min(len(i.Paths), protocol.MaxPaths)]),
	}
	p.live = &session{plan: plan, state: Connecting, since: now, deadline: now.Add(openTimeout)}
	s.plans[plan.Session] = p
	s.cfg.Transport.Connect(plan)
	s.tell(p, Notice{Kind: NoticeConnecting, Fingerprint: plan.Fingerprint})
}

// Happened takes what the transport and the pins report. Of links and plans that are over
// nothing is known any more: that is ignored.
func (s *Sessions) Happened(e Event, now time.Time) {
	p := s.plans[e.Session]
	switch e.Kind {
	case Linked:
		s.linked(e.Link, now)
	case Received:
		if k := s.links[e.ID]; k != nil {
			s.received(k, e.Response, now)
		}
	case Lost:
		if k := s.links[e.ID]; k != nil {
			s.lost(k, e.Err, now)
		}
	case Unreachable:
		if p != nil && p.live != nil && p.live.plan.Session == e.Session {
			s.unreachable(p, e.Err, now)
		}
	case Relay:
		if p != nil {
			s.relay(p, e)
		}
	case Pinned:
		if p := s.people[fold(e.Pinned.Name)]; p != nil {
			s.pinned(p, e, now)
			s.idle = append(s.idle, p)
		}
	case SameServer:
		s.cfg.Tell(Notice{Kind: NoticeSameServer, Text: e.Server})
	}
	s.sweep(now)
}

// relay has the server relay something.
func (s *Sessions) relay(p *person, e Event) {
	plan := Plan{}
	switch {
	case p.linger != nil && p.linger.plan.Session == e.Session:
		plan = p.linger.plan
	case p.live != nil && !p.live.detached && p.live.plan.Session == e.Session:
		plan = p.live.plan
	}
	if plan.Session == 0 || !s.online {
		return
	}
	s.cfg.Server.Ask(verbRelay, map[string]string{
		"name": p.name, "session": fmt.Sprint(plan.Number), "credit": fmt.Sprint(e.Credit), "data": e.Payload,
	})
}

func (s *Sessions) linked(n Link, now time.Time) {
	p := s.plans[n.Session]
	if s.links[n.ID] != nil {
		return
	}
	if p == nil || p.live == nil || p.live.plan.Session != n.Session || p.live.spare() >= maxSpare || p.live.detached && n.Path.Relay {
		s.cfg.Transport.Close(n.ID)
		return
	}
	k := &link{Link: n, owner: p, until: now.Add(helloTimeout)}
	s.links[n.ID] = k
	p.live.links = append(p.live.links, k)
	if !p.live.claimed { // the other side has the key, as TLS has shown
		p.live.claimed = true
		s.cfg.Pins.Keep(p.name, Pin{Fingerprint: p.live.plan.Fingerprint, Since: now}, "")
	}
	s.choose(p, now)
}

// spare returns how many links are not in use.
func (l *session) spare() int {
	n := len(l.links)
	if l.inUse != nil {
		n--
	}
	return n
}

// better reports whether the chooser wants k instead of the present link.
func (l *session) better(k *link) bool {
	return l.inUse == nil || l.inUse.Path.Relay && !k.Path.Relay
}

// choose has the chooser say hello on the best link, one at a time. Those that
// are no better than the present one are closed.
func (s *Sessions) choose(p *person, now time.Time) {
	l := p.live
	if !l.plan.Client || l.asked != nil || !l.pinned {
		return
	}
	var best *link
	for _, k := range slices.Clone(l.links) {
		switch {
		case k == l.inUse:
		case !l.better(k):
			s.closeLink(k)
		case best == nil || best.Path.Relay && !k.Path.Relay:
			best = k
		}
	}
	if best != nil {
		l.asked, best.until = best, now.Add(helloTimeout)
		s.send(best, s.hello(l, now))
	}
}

// hello is the frame that chooses a link, or confirms the choice. Its id is 1 if
// the chooser has had a link before.
func (s *Sessions) hello(l *session, now time.Time) protocol.Response {
	r := s.frame(protocol.EventHello, now)
	r.Data.Private = &protocol.Private{Session: l.plan.Number}
	if l.opened {
		r.Data.ID = 1
	}
	return r
}

// greeted handles a hello.
func (s *Sessions) greeted(k *link, d *protocol.Data, now time.Time) {
	p, l := k.owner, k.owner.live
	if k.hello || d.Private == nil || d.Private.Session != l.plan.Number || l.plan.Client && k != l.asked {
		s.lost(k, errStrange, now)
		return
	}
	if !l.pinned {
		if k.heard != nil {
			s.lost(k, errStrange, now)
		}
		k.heard = d
		return
	}
	first := !l.opened
	if !l.plan.Client {
		first = d.ID == 0
		s.send(k, s.hello(l, now))
	}
	if first {
		l.words = k.Words
	}
	s.use(p, k, now)
}

// use begins to use a link on which both have said hello.
func (s *Sessions) use(p *person, k *link, now time.Time) {
	l := p.live
	if pin, ok := s.cfg.Pins.Pin(p.name); ok && pin.Fingerprint != l.plan.Fingerprint {
		s.endForKey(p, pin, now)
		return
	}
	old, again := l.inUse, l.opened
	k.hello, k.until, l.asked = true, time.Time{}, nil
	l.inUse, l.state, l.opened = k, Open, true
	l.sent, l.heard, l.pinged = 0, now, time.Time{}
	for _, other := range slices.Clone(l.links) {
		switch {
		case other == k:
		case other == old && !l.plan.Client: // the chooser closes it when it knows that the new one is in use
			other.until = now.Add(helloTimeout)
		case !l.better(other):
			s.closeLink(other)
		}
	}
	if !k.Path.Relay {
		s.cfg.Transport.Cancel(l.plan.Session)
	}
	n := Notice{Kind: NoticePath, Path: k.Path, Fingerprint: l.plan.Fingerprint}
	if !again {
		l.since = now
		n.Kind, n.Known, n.Count = NoticeOpened, l.known, len(p.out)
	}
	s.tell(p, n)
	s.ping(l, now)
	s.flush(p, now)
	s.choose(p, now)
}

// closeLink has a link closed and knows nothing of it any more.
func (s *Sessions) closeLink(k *link) {
	s.cfg.Transport.Close(k.ID)
	s.dropLink(k)
}

func (s *Sessions) dropLink(k *link) {
	l := k.owner.live
	delete(s.links, k.ID)
	l.links = slices.DeleteFunc(l.links, func(other *link) bool { return other == k })
	if l.inUse == k {
		l.inUse = nil
	}
	if l.asked == k {
		l.asked = nil
	}
}

// lost handles that a link is gone, or gives it up. If it was in use, another one
// may take its place; without one the session is over.
func (s *Sessions) lost(k *link, why error, now time.Time) {
	p, l := k.owner, k.owner.live
	inUse := k == l.inUse
	s.closeLink(k)
	if inUse {
		if len(l.links) == 0 {
			s.end(p, ending{kind: NoticeEnded, why: sentence("The connection is lost", why), bye: true, tidy: true}, now)
			return
		}
		if i := slices.IndexFunc(l.links, func(other *link) bool { return other.hello }); i >= 0 { // in the midst of a switch
			s.use(p, l.links[i], now)
			return
		}
		l.state, l.deadline = Connecting, now.Add(helloTimeout)
	}
	if len(l.links) == 0 && l.state == Connecting && (l.opened || l.failure != nil) {
		if l.failure != nil {
			why = l.failure
		}
		s.fail(p, sentence("No connection came about", why), now)
		return
	}
	s.choose(p, now)
}

func sentence(what string, why error) string {
	if why == nil {
		return what + "."
	}
	return what + ": " + why.Error() + "."
}

// unreachable handles that no more links will come.
func (s *Sessions) unreachable(p *person, why error, now time.Time) {
	l := p.live
	if why == nil {
		why = errors.New("no path leads there")
	}
	l.failure = why
	if len(l.links) == 0 {
		s.fail(p, sentence("No connection came about", why), now)
	}
}

// relayEnded gives up what goes through the server.
func (s *Sessions) relayEnded(p *person, e ending, now time.Time) {
	l := p.live
	s.cfg.Transport.RelayEnded(l.plan.Session)
	if k := l.inUse; k != nil && k.Path.Relay && len(l.links) == 1 {
		e.kind, e.tidy = NoticeEnded, true
		s.end(p, e, now)
		return
	}
	for _, k := range slices.Clone(l.links) {
		if k.Path.Relay && p.live == l {
			s.lost(k, errRelayOver, now)
		}
	}
}

// fail ends a session that has no link.
func (s *Sessions) fail(p *person, why string, now time.Time) {
	kind := NoticeFailed
	if p.live.opened {
		kind = NoticeEnded
	}
	s.end(p, ending{kind: kind, why: why, bye: true, tidy: true}, now)
}

// tickSession does what is due for a session.
func (s *Sessions) tickSession(p *person, now time.Time) {
	l := p.live
	if l.state == Connecting && !now.Before(l.deadline) {
		s.fail(p, "No connection came about in time.", now)
		return
	}
	if l.state == Open && !now.Before(l.heard.Add(deadAfter)) {
		s.lost(l.inUse, errSilent, now)
	}
	if p.live == l && l.state == Open && !now.Before(l.pingAt()) {
		s.ping(l, now)
	}
	for _, k := range slices.Clone(l.links) {
		if p.live == l && !k.until.IsZero() && !now.Before(k.until) && s.links[k.ID] == k {
			s.lost(k, errSilent, now)
		}
	}
}

// sweep gives up the links that took nothing, and forgets people of whom nothing
// is left. It stands at the end of whatever may have led to that, so that nothing
// changes in the midst of it.
func (s *Sessions) sweep(now time.Time) {
	for len(s.broken) > 0 {
		k := s.broken[0]
		s.broken = s.broken[1:]
		if s.links[k.ID] == k {
			s.lost(k, errSlow, now)
		}
	}
	for _, p := range s.idle {
		s.tidy(p)
	}
	s.idle = s.idle[:0]
}
