package server

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"slices"
	"time"

	"parley/protocol"
	"parley/users"
	"parley/users/command"
)

// agreed notes that two have agreed on a private session, and tells those who are here, but for
// who has agreed last: that is an answer. Each of the nodes that they are at does its part.
func (c *Core) agreed(i *users.Invitation, offer users.Offer, at time.Time) {
	c.endReplaced(i, at)
	asker, asked := c.here(i.Asker), c.here(i.Answerer)
	stands := func(s *session, id command.Session) bool { return s != nil || id.Node != c.node }
	if relayed(i.From, offer) && (asker != nil || asked != nil) && stands(asker, i.Asker) && stands(asked, i.Answerer) {
		c.openRelay(i, asker, asked)
	}
	switch {
	case asker == nil:
	case !stands(asked, i.Answerer): // has left meanwhile, and the state does not know yet
		c.tellLeft(*i, i.To, at)
	default:
		c.introduce(asker, "", i, offer, i.From, at)
		c.takeEarly(i.Session, at)
	}
	c.tellAnswered(*i, i.Answerer, at)
}

// here returns a session that is here and not about to end; nil: there is none.
func (c *Core) here(id command.Session) *session {
	if s := c.of(id); s != nil && !s.leaving && s.name != "" {
		return s
	}
	return nil
}

// openRelay begins to relay between two who have agreed, of whom one at least is here.
func (c *Core) openRelay(i *users.Invitation, asker, asked *session) {
	from := users.Party{Name: i.From.Name, Login: i.Asker, Elsewhere: asker == nil}
	to := users.Party{Name: i.To, Login: i.Answerer, Elsewhere: asked == nil}
	if asker != nil {
		from = c.party(asker)
	}
	if asked != nil {
		to = c.party(asked)
	}
	c.relays.Open(i.Session, from, to)
	switch {
	case from.Elsewhere:
		c.cross(i.Session, to, from)
	case to.Elsewhere:
		c.cross(i.Session, from, to)
	}
}

// endReplaced ends what was relayed between two who have agreed anew, in other sessions of
// theirs: two have one relay at most, on whatever nodes they are.
func (c *Core) endReplaced(i *users.Invitation, at time.Time) {
	if e, was := c.relays.Close(i.From.Name, i.To); was {
		delete(c.crossings, e.Session) // the other node has carried out the same
		for _, one := range [...][2]users.Party{{e.Self, e.Other}, {e.Other, e.Self}} {
			if !one[0].Elsewhere {
				c.tellEnded(one[0], e.Session, one[1].Name, endReplaced, at)
			}
		}
	}
}

// answerAgreed answers who has agreed last.
func (c *Core) answerAgreed(asked *session, r call, i *users.Invitation, offer users.Offer) {
	if i.Asker.Node == c.node && c.here(i.Asker) == nil { // is ending, and the state does not know yet
		c.refuse(asked, r.Request, protocol.Errorf(protocol.UserOffline, "%s has just left: the invitation to a private session is void.", i.From.Name), r.now)
		return
	}
	c.introduce(asked, r.Ref, i, i.From, offer, r.now)
	c.takeEarly(i.Session, r.now)
}

// introduce tells one of two who have agreed how the other one can be reached.
func (c *Core) introduce(to *session, ref string, i *users.Invitation, of, own users.Offer, now time.Time) {
	if !relayed(of, own) {
		of.Paths = withoutRelay(of.Paths)
	}
	c.replyPrivate(to, ref, protocol.EventIntroduced, of.Name, "You and %s have agreed on a private session.",
		protocol.Private{Session: i.Session, Fingerprint: of.Fingerprint, Paths: of.Paths, Token: c.secret(i)}, now)
}

// relayed reports whether something will be relayed between two who agree. A node that relays
// nothing has taken the word for it from what its sessions offer.
func relayed(a, b users.Offer) bool {
	return slices.Contains(a.Paths, protocol.PathRelay) && slices.Contains(b.Paths, protocol.PathRelay)
}

func withoutRelay(paths []string) []string {
	return slices.DeleteFunc(slices.Clone(paths), func(p string) bool { return p == protocol.PathRelay })
}

// secret returns what two who have agreed are told, each by their own node, and nobody else. It
// is made of the number of their session and of a key that no client knows: of one that this
// server has chosen, or of what the epochs of the two nodes were begun with. So it needs no place
// in the log of its own. Who reads that log could know it, as all that is said; it only says
// which connection is for which session, and keys prove who somebody is.
func (c *Core) secret(i *users.Invitation) string {
	key := c.secrets
	if c.shared != nil {
		key = c.state.NodeOf(i.Asker.Node).Run + " " + c.state.NodeOf(i.Answerer.Node).Run
	}
	sum := sha256.Sum256(fmt.Appendf(nil, "private session %d of %q", i.Session, key))
	return hex.EncodeToString(sum[:protocol.TokenSize])
}
