package p2p

import (
	"encoding/base64"
	"slices"
	"strings"
	"time"

	"parley/protocol"
)

// maxSeconds bounds how long a server may let an invitation wait.
const maxSeconds = 600

// FromServer takes what the server says and reports whether it was about private
// sessions. Numbers that are not those of the present invitation or session are
// of earlier ones: what comes late is ignored.
func (s *Sessions) FromServer(r protocol.Response, now time.Time) bool {
	if r.Data == nil || !s.isPrivate(r.Data.Event) {
		return false
	}
	d := r.Data
	if !s.online || d.Private == nil || d.Private.Session == 0 || protocol.CheckName(d.Name) != nil || fold(d.Name) == fold(s.name) {
		return true
	}
	if d.Event == protocol.EventInvitation {
		s.invitation(d, now)
	} else if p := s.people[fold(d.Name)]; p != nil {
		p.name = d.Name
		s.answer(p, r, now)
		s.idle = append(s.idle, p)
	}
	s.sweep(now)
	return true
}

func (s *Sessions) isPrivate(event string) bool {
	switch event {
	case protocol.EventInvited, protocol.EventInvitation, protocol.EventIntroduced, protocol.EventDeclined,
		protocol.EventLapsed, protocol.EventStopped, protocol.EventRelayed:
		return true
	}
	return false
}

func (s *Sessions) answer(p *person, r protocol.Response, now time.Time) {
	d, number := r.Data, r.Data.Private.Session
	asks := p.ask != nil && p.ask.number == number
	switch d.Event {
	case protocol.EventInvited:
		s.invited(p, d, now)
	case protocol.EventIntroduced:
		if number > p.introduced && (asks || number == p.theirs) {
			p.introduced = number
			s.introduced(p, d, now)
		}
	case protocol.EventDeclined:
		if asks {
			p.ask = nil
			s.tell(p, Notice{Kind: NoticeDeclined})
		}
	case protocol.EventLapsed, protocol.EventStopped:
		if asks && p.ask.crossed {
			p.ask.uncross()
		} else if asks {
			s.dropAsk(p, Notice{Words: r.Content})
		} else if d.Event == protocol.EventStopped && p.live != nil && !p.live.detached && p.live.plan.Number == number {
			s.stopped(p, now)
		} else if p.linger != nil && p.linger.plan.Number == number { // the last words have come
			s.dropLinger(p)
		}
	case protocol.EventRelayed:
		if plan := p.relaying(number); plan != 0 {
			s.cfg.Transport.Relayed(plan, d.Private.Credit, d.Private.Payload)
		}
	}
}

// relaying returns the plan whose frames have that number of the server; 0 if
// there is none.
func (p *person) relaying(number uint64) uint64 {
	switch {
	case p.live != nil && !p.live.detached && p.live.plan.Number == number:
		return p.live.plan.Session
	case p.linger != nil && p.linger.plan.Number == number:
		return p.linger.plan.Session
	}
	return 0
}

// isNew notes a number that the server has just given. It gives them in order, so
// a lower one comes late, or again.
func (s *Sessions) isNew(number uint64) bool {
	if number <= s.newest {
		return false
	}
	s.newest = number
	return true
}

// invited handles the answer to startprivate. If there were several, only the
// last one's counts: the others were withdrawn.
func (s *Sessions) invited(p *person, d *protocol.Data, now time.Time) {
	if !slices.Contains(p.owed, verbStart) || !s.isNew(d.Private.Session) {
		return
	}
	if !p.answered(verbStart) || p.ask == nil || !p.ask.mine {
		return
	}
	seconds := clampSeconds(d.Seconds)
	p.ask.number, p.ask.crossed, p.ask.fingerprint = d.Private.Session, false, ""
	p.ask.until = now.Add(time.Duration(seconds)*time.Second + lapseGrace)
	s.tell(p, Notice{Kind: NoticeInvited, Seconds: seconds})
}

// answered notes that the server has answered the first request of a kind, and so
// all before it. It reports whether that was the last one of its kind.
func (p *person) answered(verb string) bool {
	i := slices.Index(p.owed, verb)
	if i < 0 {
		return false
	}
	p.owed = p.owed[i+1:]
	return !slices.Contains(p.owed, verb)
}

func clampSeconds(n int) int {
	if n <= 0 {
		return int(protocol.InvitationTimeout / time.Second)
	}
	return min(n, maxSeconds)
}

// invitation handles that somebody asks.
func (s *Sessions) invitation(d *protocol.Data, now time.Time) {
	if !s.isNew(d.Private.Session) {
		return
	}
	p := s.people[fold(d.Name)]
	known := p != nil && (p.ask != nil || p.live != nil)
	if _, ringing := s.counts(); !known && ringing >= protocol.MaxRinging || !validFingerprint(d.Private.Fingerprint) {
		s.request(verbDecline, &person{name: d.Name})
		return
	}
	p = s.person(d.Name, now)
	p.theirs = d.Private.Session
	if p.ask != nil && p.ask.mine && (p.ask.number == 0 || p.ask.crossed) { // one's own request will be the acceptance
		p.ask.number, p.ask.crossed, p.ask.fingerprint = d.Private.Session, true, d.Private.Fingerprint
		return
	}
	s.present(p, d.Private, clampSeconds(d.Seconds), now)
}

// present asks the person.
func (s *Sessions) present(p *person, i *protocol.Private, seconds int, now time.Time) {
	p.ask = &ask{number: i.Session, fingerprint: i.Fingerprint, unseen: true, since: now, until: now.Add(time.Duration(seconds)*time.Second + lapseGrace)}
	s.cfg.Pins.Look(p.name)
}

// introduced handles that both have agreed, as the server says. That oneself has
// is checked here.
func (s *Sessions) introduced(p *person, d *protocol.Data, now time.Time) {
	a, i := p.ask, d.Private
	if i.Session == p.theirs && len(p.owed) > 0 { // it is the answer to what was asked first
		p.owed = p.owed[1:]
	}
	if a == nil || a.number != i.Session {
		return
	}
	if a.crossed && slices.Contains(p.owed, verbStart) { // what it answers was withdrawn
		a.uncross()
		return
	}
	p.ask = nil
	why := ""
	switch {
	case !a.mine && !a.accepted:
		why = p.name + " asked, withdrew and asked again, and your answer to the first counted for the second, which you had not seen. Ask again."
	case !validFingerprint(i.Fingerprint):
		why = "The server did not say by which key to know " + p.name + "."
	case protocol.CheckToken(i.Token) != nil:
		why = "The server did not say by what to know a connection of " + p.name + "."
	case a.fingerprint != "" && a.fingerprint != i.Fingerprint:
		why = "The key of " + p.name + " is not the one of the invitation. The server may be lying."
	}
	if why != "" {
		s.request(verbStop, p)
		s.tell(p, Notice{Kind: NoticeFailed, Text: why, Fingerprint: i.Fingerprint})
		return
	}
	if s.changed(p, i.Fingerprint) {
		s.request(verbStop, p)
		s.refuseKey(p, i.Fingerprint)
		return
	}
	if p.live != nil {
		s.end(p, ending{kind: NoticeEnded, why: "A new session takes its place.", bye: true}, now)
	}
	s.connect(p, i, now)
}

// stopped handles that nothing more is relayed.
func (s *Sessions) stopped(p *person, now time.Time) {
	if !p.live.opened {
		s.end(p, ending{kind: NoticeFailed, why: p.name + " has given up, or is gone."}, now)
		return
	}
	s.cfg.Transport.RelayEnded(p.live.plan.Session) // the peer's last words may be on their way: the link's end is reported
}

// Refused takes an error of the server to a request about somebody.
func (s *Sessions) Refused(verb, name string, r protocol.Response, now time.Time) {
	p := s.people[fold(name)]
	if p == nil {
		return
	}
	switch verb {
	case verbStart:
		s.startRefused(p, r.Content, now)
	case verbAccept:
		if p.answered(verbAccept) && p.ask != nil && p.ask.accepted {
			p.ask = nil
			s.tell(p, Notice{Kind: NoticeFailed, Words: r.Content})
		}
	case verbRelay:
		if p.live != nil && !p.live.detached { // a frame is missing, so what follows it cannot be read
			s.relayEnded(p, ending{words: r.Content}, now)
		}
	}
	s.idle = append(s.idle, p)
	s.sweep(now)
}

func (s *Sessions) startRefused(p *person, words string, now time.Time) {
	a := p.ask
	if !p.answered(verbStart) || a == nil || !a.mine || a.number != 0 && !a.crossed {
		return
	}
	p.ask = nil
	s.tell(p, Notice{Kind: NoticeFailed, Words: words})
	if a.crossed { // the other one's invitation stands
		left := max(1, int((protocol.InvitationTimeout-now.Sub(a.since))/time.Second))
		s.present(p, &protocol.Private{Session: a.number, Fingerprint: a.fingerprint}, left, now)
	}
}

// validFingerprint reports whether f is "SHA256:" and the base64 of a hash.
func validFingerprint(f string) bool {
	hash, ok := strings.CutPrefix(f, "SHA256:")
	sum, err := base64.RawStdEncoding.Strict().DecodeString(hash)
	return ok && err == nil && len(sum) == 32 && len(hash) == 43
}
