package server

import (
	"errors"
	"strconv"
	"time"

	"parley/protocol"
	"parley/users"
)

// relayLimits returns how much may be relayed.
func relayLimits(cfg Config) users.RelayLimits {
	return users.RelayLimits{Window: protocol.RelayWindow, Credit: protocol.RelayCredit, Rate: float64(cfg.RelayRate), AddrRate: float64(cfg.Addresses.RelayRate)}
}

// party returns a session as one of the two of a relay.
func (c *Core) party(s *session) users.Party {
	return users.Party{Name: s.name, Login: s.key(), Addr: c.counted(s)}
}

const relayVerb = "relay"

// relay passes sealed bytes on to the other one of two who have agreed on it.
// There is no answer.
func relay(c *Core, s *session, r call) *protocol.Error {
	name, payload := r.args[0], r.args[3]
	session, err := strconv.ParseUint(r.args[1], 10, 64)
	credit, err2 := strconv.Atoi(r.args[2])
	if err != nil || err2 != nil || credit < 0 {
		return protocol.Errorf(protocol.BadRequest, "SESSION and CREDIT are whole numbers. Use:").WithCommands("relay NAME SESSION CREDIT [DATA]")
	}
	if err := protocol.CheckPayload(payload); err != nil {
		return err
	}
	if credit == 0 && payload == "" {
		return protocol.Errorf(protocol.BadRequest, "There is neither credit nor data. Use:").WithCommands("relay NAME SESSION CREDIT [DATA]")
	}
	cost := 0
	if payload != "" {
		cost = protocol.RelayCost(payload)
	}
	other, give, err := c.relays.Pass(session, c.party(s), name, credit, cost, r.now)
	if errors.Is(err, users.ErrRelayAbused) {
		name = other.Name
		c.tellEnded(c.party(s), session, other.Name, endAbused, r.now)
		c.tellEnded(other, session, s.name, endAbused, r.now)
	}
	if err != nil {
		return domainError(err, name)
	}
	if at, ok := c.relays.NextDue(); ok {
		c.fx.WakeAt(at)
	}
	if give > 0 || payload != "" {
		c.pass(s.name, other, protocol.Private{Session: session, Credit: give, Payload: payload}, r.now)
	}
	return nil
}

// pass tells a session what comes from another user through the relay, or has its node do so.
func (c *Core) pass(from string, to users.Party, p protocol.Private, now time.Time) {
	if to.Elsewhere {
		c.sendAcross(p.Session, p.Credit, p.Payload, now)
		return
	}
	c.replyPrivate(c.of(to.Login), "", protocol.EventRelayed, from, "relayed", p, now)
}

// passCredit passes the credit on that was held back long enough.
func (c *Core) passCredit(now time.Time) {
	defer c.freely()()
	for _, due := range c.relays.Due(now) {
		c.pass(due.From.Name, due.To, protocol.Private{Session: due.Session, Credit: due.Units}, now)
	}
}
