package sim_test

import (
	"encoding/base64"
	"fmt"
	"regexp"
	"strings"

	"parley/eventloop/sim"
	"parley/protocol"
)

// checkTalks compares what two know of their sessions when both have read all.
func (m *meeting) checkTalks(g *guest) {
	for session, k := range g.talks {
		if k.state == "pending" && m.world.Net.Now().Sub(k.since) > protocol.InvitationTimeout {
			m.fail("%d still waits at %s", session, g.name)
		}
		other := m.guests[k.other]
		if other == nil || other.talks[session] == nil {
			if k.state == "pending" {
				m.fail("%s waits in %d for %s, who is not there", g.name, session, k.other)
			}
			if k.state == "introduced" && k.relay && k.relayed {
				m.fail("%d is still relayed for %s", session, g.name)
			}
			continue // of two who have agreed the server forgets what it does not relay
		}
		o := other.talks[session]
		if k.state != o.state {
			m.fail("%d is %s at %s and %s at %s", session, k.state, g.name, o.state, k.other)
		}
		if k.state == "introduced" && len(k.sent) > 0 {
			m.fail("%s has not received %d payloads of %s in %d", k.other, len(k.sent), g.name, session)
		}
		if k.flight > protocol.RelayWindow {
			m.fail("%d units of %s are under way in %d", k.flight, g.name, session)
		}
	}
}

var addresses = regexp.MustCompile(`(10|192)\.\d+\.\d+\.\d+:\d+`)

func (m *meeting) hearAll(g *guest) {
	for {
		b, err := g.conn.Read()
		if b == nil || err != nil {
			return
		}
		for len(b) > 0 {
			frame, n, _ := g.scanner.Scan(b)
			b = b[n:]
			if frame == nil {
				continue
			}
			r, bad := protocol.DecodeResponse(frame)
			if bad != nil || r.Data == nil {
				m.fail("%s hears %s", g.name, frame)
				return
			}
			m.script = append(m.script, fmt.Sprintf("    %s < %s %.100s %.200v", g.name, r.Data.Event, r.Content, fmt.Sprintf("%+v", r.Data.Private)))
			if found := addresses.Find(frame); found != nil && r.Data.Event != protocol.EventIntroduced {
				m.fail("%s is told the address %s in %s", g.name, found, frame)
			}
			if r.Data.Private != nil {
				m.hear(g, r.Data.Event, r.Data.Name, r.Data.Private)
			}
			if strings.Contains(r.Content, "too much at once") && !m.abused {
				m.fail("%s hears %s, and nobody has sent too much", g.name, r.Content)
			}
			if r.Data.Code == protocol.Internal {
				m.fail("%s: %s", g.name, r.Content)
			}
		}
	}
}

// hear checks one event of a private session.
func (m *meeting) hear(g *guest, event, other string, p *protocol.Private) {
	m.seen[event]++
	if p.Token != "" && event != protocol.EventIntroduced {
		m.fail("%s hears the token %s in %s", g.name, p.Token, event)
	}
	k := g.talks[p.Session]
	if begins := event == protocol.EventInvited || event == protocol.EventInvitation; begins != (k == nil) {
		m.fail("%s hears %s of %d, of which they know %v", g.name, event, p.Session, k)
		return
	}
	if k != nil && k.other != other {
		m.fail("%s hears %s of %d of %s, who is not %s", g.name, event, p.Session, other, k.other)
	}
	switch event {
	case protocol.EventInvited, protocol.EventInvitation:
		if m.blocks[[2]string{g.name, other}] || m.blocks[[2]string{other, g.name}] {
			m.fail("%s hears %s of %s, and one has blocked the other", g.name, event, other)
		}
		g.talks[p.Session] = &talk{other: other, state: "pending", since: m.world.Net.Now()}
	case protocol.EventIntroduced:
		m.introduced(g, k, p)
	case protocol.EventRelayed:
		m.relayed(g, k, p)
	default: // the end
		if (event == protocol.EventStopped) != (k.state == "introduced") && (event != protocol.EventStopped || k.state == "over") {
			m.fail("%s hears that %d is %s, which was %s", g.name, p.Session, event, k.state)
		}
		k.state = "over"
	}
}

func (m *meeting) introduced(g *guest, k *talk, p *protocol.Private) {
	if k.state != "pending" {
		m.fail("%s is introduced in %d, which is %s", g.name, p.Session, k.state)
	}
	k.state = "introduced"
	k.token = p.Token
	if other := m.guests[k.other]; other != nil && other.talks[p.Session] != nil && other.talks[p.Session].token != "" && other.talks[p.Session].token != p.Token {
		m.fail("%s and %s have different tokens in %d", g.name, k.other, p.Session)
	}
	if protocol.CheckToken(p.Token) != nil || m.tokens[p.Token] != 0 && m.tokens[p.Token] != p.Session {
		m.fail("%s is told the token %q in %d", g.name, p.Token, p.Session)
	}
	m.tokens[p.Token] = p.Session
	own := 0
	for _, path := range p.Paths {
		if path == protocol.PathRelay {
			k.relay = true
			continue
		}
		if strings.HasPrefix(path, sim.Host) {
			continue
		}
		own++
		o, ok := m.offers[path]
		if !ok || o.by != k.other || o.to != g.name || o.told {
			m.fail("%s is told of %s in %d: %+v", g.name, path, p.Session, o)
		}
		if sum, _ := base64.RawStdEncoding.DecodeString(strings.TrimPrefix(p.Fingerprint, "SHA256:")); strings.TrimSpace(string(sum)) != path {
			m.fail("%s is told of %s in %d with another fingerprint", g.name, path, p.Session)
		}
		k.relayed = o.relay
		o.told = true
		m.offers[path] = o
	}
	if own != 1 || k.relay && !k.relayed {
		m.fail("%s is introduced in %d with %v", g.name, p.Session, p.Paths)
	}
}

func (m *meeting) relayed(g *guest, k *talk, p *protocol.Private) {
	if p.Credit > 0 {
		m.seen["credit"]++
	}
	if k.state != "introduced" || !k.relay || p.Credit > k.flight {
		m.fail("%s gets credit %d and %d bytes in %d: %+v", g.name, p.Credit, len(p.Payload), p.Session, k)
	}
	k.flight -= p.Credit
	if p.Payload == "" {
		return
	}
	k.unpaid += protocol.RelayCost(p.Payload)
	other := m.guests[k.other]
	if other == nil || other.talks[p.Session] == nil { // has left meanwhile
		return
	}
	sent := &other.talks[p.Session].sent
	if len(*sent) == 0 || (*sent)[0] != p.Payload {
		m.fail("%s gets %.40s in %d, which is not the next one", g.name, p.Payload, p.Session)
		return
	}
	*sent = (*sent)[1:]
}
