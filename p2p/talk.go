package p2p

import (
	"fmt"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"parley/protocol"
)

const (
	// pingAfter is how long a peer may be silent before it is asked whether it is
	// there.
	pingAfter = 10 * time.Second

	// deadAfter is how long a peer may be silent before its link counts as lost: two
	// pings and time for the answer to the second.
	deadAfter = 25 * time.Second

	// typingEvery is how often it is told that somebody writes; what comes more
	// often is not shown.
	typingEvery = 3 * time.Second
	typingShown = 2 * time.Second

	// maxWaiting is how many texts wait for one person.
	maxWaiting = 200

	// window is how many texts are on a link without being acknowledged: at most
	// 800 KiB, as every byte may be escaped.
	window = 32

	// maxSeen is how many runs of one person's client are remembered.
	maxSeen = 8
)

// text is something said that was not acknowledged.
type text struct {
	id   uint64
	body string
	at   time.Time
}

// seen is the last text that was shown of one run of a peer's client.
type seen struct {
	tag string
	id  uint64
}

// Say says something to somebody with whom a session is open or being opened. It
// is kept until it is acknowledged. If the link takes nothing, the next Tick gives
// it up: whoever shows what was said has shown it before.
func (s *Sessions) Say(name, body string, now time.Time) error {
	p := s.people[fold(name)]
	switch {
	case strings.TrimSpace(body) == "":
		return protocol.Errorf(protocol.BadRequest, "There is no text: /private NAME TEXT.")
	case !utf8.ValidString(body):
		return protocol.Errorf(protocol.BadRequest, "That is not text in UTF-8.")
	case len(body) > protocol.MaxText:
		return protocol.Errorf(protocol.TooLarge, "The text has %d bytes, at most %d are allowed. Send it in parts.", len(body), protocol.MaxText)
	case p == nil || p.live == nil && p.ask == nil:
		return protocol.Errorf(protocol.NotAllowed, "There is no private session with %s. Ask for one: /startprivate %s.", name, name)
	case p.live == nil && p.ask.mine:
		return protocol.Errorf(protocol.NotAllowed, "%s has not answered yet. Say it when the session is open.", p.name)
	case p.live == nil && p.ask.accepted:
		return protocol.Errorf(protocol.NotAllowed, "The session with %s is about to be opened. Say it then.", p.name)
	case p.live == nil:
		return protocol.Errorf(protocol.NotAllowed, "%s asks for a private session: accept first, with /accept %s.", p.name, p.name)
	case len(p.out) >= maxWaiting:
		return protocol.Errorf(protocol.Busy, "%d texts wait for %s already. Wait until they are delivered.", len(p.out), p.name)
	}
	p.lastID++
	p.out = append(p.out, text{p.lastID, body, now})
	p.wrote, p.used = p.live.plan.Fingerprint, now
	s.flush(p, now)
	return nil
}

// Typing says that one is writing to somebody.
func (s *Sessions) Typing(name string, now time.Time) {
	p, err := s.open(name)
	if err != nil || now.Sub(p.live.typed) < typingEvery {
		return
	}
	p.live.typed = now
	s.send(p.live.inUse, s.frame(protocol.EventTyping, now))
	s.sweep(now)
}

// flush sends what waits, as far as the window allows.
func (s *Sessions) flush(p *person, now time.Time) {
	l := p.live
	for l != nil && l.state == Open && l.sent < min(len(p.out), window) {
		t := p.out[l.sent]
		r := s.frame(protocol.EventMessage, now)
		r.Kind, r.Time, r.Content, r.Data.Log, r.Data.ID = protocol.KindMessage, t.at, t.body, s.cfg.Tag, t.id
		if !s.send(l.inUse, r) {
			return
		}
		l.sent++
	}
}

// frame returns what is said to a peer, without its particulars.
func (s *Sessions) frame(event string, now time.Time) protocol.Response {
	return protocol.Response{Time: now, Sender: s.name, Kind: protocol.KindInfo, Content: event, Data: &protocol.Data{Event: event}}
}

// send sends on a link. A link that takes nothing is given up later, by sweep.
func (s *Sessions) send(k *link, r protocol.Response) bool {
	if s.cfg.Transport.Send(k.ID, protocol.AppendExtended(nil, r)) {
		return true
	}
	s.broken = append(s.broken, k)
	return false
}

// received handles a frame of a peer.
func (s *Sessions) received(k *link, r protocol.Response, now time.Time) {
	p, l, d := k.owner, k.owner.live, r.Data
	if k == l.inUse {
		l.heard = now
	}
	switch {
	case d == nil:
		s.strange(k, now)
	case d.Event == protocol.EventHello:
		s.greeted(k, d, now)
	case d.Event == protocol.EventBye:
		s.bye(k, now)
	case !k.hello:
		s.lost(k, errStrange, now)
	case d.Event == protocol.EventMessage:
		s.heardText(k, r, now)
	case d.Event == protocol.EventAccepted:
		s.acknowledged(p, d, now)
	case d.Event == protocol.EventTyping:
		if now.Sub(l.typing) >= typingShown {
			l.typing = now
			s.tell(p, Notice{Kind: NoticeTyping, Path: k.Path})
		}
	case d.Event == eventPing:
		answer := s.frame(protocol.EventPong, now)
		answer.Ref = r.Ref[:min(len(r.Ref), protocol.MaxTag)]
		s.send(k, answer)
	case d.Event == protocol.EventPong:
		if r.Ref == fmt.Sprint(l.pings) && !l.pinged.IsZero() {
			l.trip = now.Sub(l.pinged)
		}
	}
}

// eventPing asks a peer whether it is there.
const eventPing = "ping"

// strange ends a session whose peer does not keep to the rules.
func (s *Sessions) strange(k *link, now time.Time) {
	if !k.hello {
		s.lost(k, errStrange, now)
		return
	}
	p := k.owner
	s.fail(p, p.name+" sends what makes no sense, or too much of it. The client there may be broken.", now)
}

// bye handles that the peer ends the session. What the server would still relay
// ends from here, too: the peer says so later, and one can ask again at once.
func (s *Sessions) bye(k *link, now time.Time) {
	p, kind := k.owner, NoticeEnded
	if !p.live.opened {
		kind = NoticeFailed
	}
	s.end(p, ending{kind: kind, why: p.name + " has ended it.", tidy: slices.Contains(p.live.plan.Paths, protocol.PathRelay)}, now)
}

// heardText shows a text, unless it was shown before, and acknowledges it.
func (s *Sessions) heardText(k *link, r protocol.Response, now time.Time) {
	p, d := k.owner, r.Data
	if r.Kind != protocol.KindMessage || d.ID == 0 || d.Log == "" || !protocol.IsTag(d.Log) ||
		len(r.Content) > protocol.MaxText || strings.TrimSpace(r.Content) == "" {
		s.strange(k, now)
		return
	}
	if p.show(d.Log, d.ID) {
		at := r.Time
		if at.IsZero() || at.After(now) {
			at = now
		}
		s.tell(p, Notice{Kind: NoticeText, Text: r.Content, Time: at, Path: k.Path})
	}
	ack := s.frame(protocol.EventAccepted, now)
	ack.Data.Log, ack.Data.ID = d.Log, d.ID
	s.send(k, ack)
}

// show reports whether a text of a run of the peer's client is a new one, and
// notes it.
func (p *person) show(tag string, id uint64) bool {
	i := slices.IndexFunc(p.seen, func(x seen) bool { return x.tag == tag })
	last := seen{tag: tag}
	if i >= 0 {
		last = p.seen[i]
		p.seen = slices.Delete(p.seen, i, i+1)
	} else if len(p.seen) >= maxSeen {
		p.seen = slices.Delete(p.seen, 0, 1)
	}
	isNew := id > last.id
	last.id = max(id, last.id)
	p.seen = append(p.seen, last)
	return isNew
}

// acknowledged handles that a text has arrived.
func (s *Sessions) acknowledged(p *person, d *protocol.Data, now time.Time) {
	i := slices.IndexFunc(p.out, func(t text) bool { return t.id == d.ID })
	if i < 0 || d.Log != s.cfg.Tag {
		return
	}
	p.out = slices.Delete(p.out, i, i+1)
	if i < p.live.sent {
		p.live.sent--
	}
	s.flush(p, now)
}

// ping asks the peer whether it is there, and takes the time.
func (s *Sessions) ping(l *session, now time.Time) {
	l.pings++
	l.pinged = now
	r := s.frame(eventPing, now)
	r.Ref = fmt.Sprint(l.pings)
	s.send(l.inUse, r)
}

// pingAt returns when the peer of an open session is to be asked.
func (l *session) pingAt() time.Time {
	if at := l.pinged.Add(pingAfter); at.After(l.heard.Add(pingAfter)) {
		return at
	}
	return l.heard.Add(pingAfter)
}
