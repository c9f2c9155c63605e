package private

import (
	"fmt"
	"net/netip"
	"strings"

	"parley/eventloop/client/timeline"
	"parley/eventloop/client/view"
	"parley/p2p"
	"parley/protocol/printable"
)

// undelivered says which texts a peer has not acknowledged.
func (m *Machine) undelivered(n p2p.Notice) string {
	words := fmt.Sprintf("Lines that %s has not confirmed: %d.", m.who(n), n.Count)
	if !m.leaving {
		words += " They are sent when a session is open again."
	}
	if n.Count > len(n.Texts) {
		words += fmt.Sprintf(" The last %d:", len(n.Texts))
	}
	for _, text := range n.Texts {
		words += "\n" + view.Quote(text) + " (unsent)"
	}
	return words
}

// who is whom a notice is about, in a sentence.
func (m *Machine) who(n p2p.Notice) string { return m.door.ToldApart(n.Name) }

// pathOf is a path in words; "" is none yet.
func pathOf(p p2p.Path) string {
	if p == (p2p.Path{}) {
		return ""
	}
	return p.String()
}

// noticed shows what p2p tells. It changes nothing there.
func (m *Machine) noticed(n p2p.Notice) {
	n.Name, n.Fingerprint = printable.Line(n.Name), printable.Line(n.Fingerprint)
	if n.Kind != p2p.NoticeText {
		n.Text = view.Line(n.Text)
	}
	if n.Words != "" {
		n.Text = view.Says(n.Words)
	}
	switch n.Kind {
	case p2p.NoticeText:
		m.door.Heard(timeline.Entry{
			In: timeline.With(timeline.Private, n.Name), Sender: n.Name, Text: n.Text, Times: timeline.Times{At: n.Time},
			Path: pathOf(n.Path), Verified: n.Verified,
		})
		m.writing = ""
	case p2p.NoticeTyping:
		m.writing, m.writingUntil = n.Name, m.door.Now().Add(writingShown)
	case p2p.NoticeInvitation:
		m.door.Tell(timeline.Warning, "%s", m.invitationWords(n))
		m.door.Wanted()
	case p2p.NoticeKeyChanged:
		m.warned = true
		m.door.Tell(timeline.Error, "%s", m.changedWords(n))
	case p2p.NoticeVerified, p2p.NoticeTrusted:
		m.keyKept(n)
	case p2p.NoticeUndelivered:
		m.door.Tell(timeline.Error, "%s", m.undelivered(n))
	case p2p.NoticeFailed:
		m.door.Tell(timeline.Error, "No private session with %s. %s", m.who(n), n.Text)
	case p2p.NoticeEnded:
		m.door.TellWithHint(timeline.Warning, fmt.Sprintf("The private session with %s is over. %s", m.who(n), n.Text), m.recipientWords(n.Name))
	case p2p.NoticeInvited:
		m.door.TellWithHint(timeline.Notice, fmt.Sprintf("%s was asked and has %d s to answer.", m.who(n), n.Seconds), fmt.Sprintf(" /stopprivate %s withdraws the question.", n.Name))
	default:
		if words := m.noticeWords(n); words != "" {
			m.door.Tell(timeline.Notice, "%s", words)
		}
	}
}

// noticeWords are the words of what is neither said nor wrong.
func (m *Machine) noticeWords(n p2p.Notice) string {
	switch n.Kind {
	case p2p.NoticeDeclined:
		return fmt.Sprintf("%s does not want a private session now.", m.who(n))
	case p2p.NoticeLapsed:
		return fmt.Sprintf("No private session with %s. %s", m.who(n), n.Text)
	case p2p.NoticeConnecting:
		return fmt.Sprintf("You and %s have agreed on a private session. Connecting...", m.who(n))
	case p2p.NoticePath:
		return fmt.Sprintf("The private session with %s takes another path now: %s.", m.who(n), printable.Line(n.Path.String()))
	case p2p.NoticeOpened:
		m.nowSent(n.Name)
		return m.openedWords(n)
	case p2p.NoticeOffer:
		return offerWords(n.Offer)
	case p2p.NoticeSameServer:
		return fmt.Sprintf("This server says that it is the one that you know as %s.\nThe keys of people there are compared with those of people here.", n.Text)
	}
	return ""
}

// keyKept says what has become of the wish to keep a key.
func (m *Machine) keyKept(n p2p.Notice) {
	switch {
	case n.Text != "":
		m.door.Tell(timeline.Error, "The key of %s is not kept. %s", m.who(n), n.Text)
	case n.Kind == p2p.NoticeVerified:
		m.door.Tell(timeline.Notice, "The key of %s is verified, and you are warned if it ever changes.", m.who(n))
	default:
		m.door.Tell(timeline.Notice, "The new key of %s is kept from now on. Ask or accept again, and compare words with /verify %s when the session is open.", m.who(n), n.Name)
	}
}

// Learns is what somebody learns of one's addresses who is accepted now: the end of a sentence that begins with their
// name.
func (m *Machine) Learns() string {
	tells, ok := m.cfg.Transport.(interface{ Tells() p2p.Offer })
	if m.sessions == nil || !ok {
		return "learns how to reach you."
	}
	o := tells.Tells()
	switch all := addressWords(o); {
	case len(all) > 0:
		return "learns these addresses of yours: " + strings.Join(all, ", ") + "."
	case o.Dials && len(o.Addresses()) == 0:
		return "is told no address of yours, but is dialled, and sees from where."
	}
	return "learns no address of yours."
}

// addressWords are the addresses that others learn, each with what it is, but for that of the machine itself.
func addressWords(o p2p.Offer) (all []string) {
	for _, address := range o.Addresses() {
		ip, err := netip.ParseAddr(address)
		switch {
		case err == nil && ip.IsLoopback():
		case err == nil && (ip.IsPrivate() || sharedAddresses.Contains(ip)):
			all = append(all, address+" (LAN or VPN)")
		case err == nil:
			all = append(all, address+" (public)")
		default:
			all = append(all, "the one that the server sees (public, as a rule)")
		}
	}
	return all
}

// offerWords say which addresses others learn, and how to tell fewer. They are
// empty if there is nothing to tell.
func offerWords(o p2p.Offer) string {
	switch all := addressWords(o); {
	case len(all) > 0:
		return "Whom you ask or accept learns these addresses of yours when both agree:\n" + strings.Join(all, ", ") +
			"\nparley chat --relay-only tells none, --p2p-listen ADDRESS:0 that one alone."
	case o.Dials && len(o.Addresses()) == 0:
		return "Whom you ask or accept is told no address of yours, but is dialled, and sees from where. parley chat --relay-only keeps that back, too."
	}
	return ""
}

// sharedAddresses are what some VPNs and providers give to hosts (RFC 6598).
var sharedAddresses = netip.MustParsePrefix("100.64.0.0/10")

// nowSent notes that what waited for a private session goes now.
func (m *Machine) nowSent(name string) {
	key := strings.ToLower(name)
	for _, id := range m.waiting[key] {
		m.door.Become(id, timeline.Sent)
	}
	delete(m.waiting, key)
}

func (m *Machine) openedWords(n p2p.Notice) string {
	words := fmt.Sprintf("The private session with %s is open: %s.", m.who(n), printable.Line(n.Path.String()))
	if n.Count > 0 {
		words += fmt.Sprintf(" What waited is sent now (%d).", n.Count)
	}
	words += "\nIt is encrypted to the key\n" + n.Fingerprint + "\n"
	switch {
	case !n.Verified:
		words += fmt.Sprintf("which is not verified: whoever is in between, such as the server, could read all. /verify %s shows how to find out.", n.Name)
	case n.Path.Relay:
		words += "which you have verified. The server passes on what it cannot read."
	default:
		words += "which you have verified."
	}
	if m.door.LinesTo().Place == timeline.Lobby {
		words += fmt.Sprintf("\nSay something with /private %s TEXT, or /private %s and then line by line.", n.Name, n.Name)
	}
	return words
}

// invitationWords say who asks, and whether the key is known.
func (m *Machine) invitationWords(n p2p.Notice) string {
	key := fmt.Sprintf("This key is NEW here. /verify %s checks it when the session is open.", n.Name)
	switch k := n.Known; {
	case k.Fingerprint == "":
	case k.Fingerprint != n.Fingerprint:
		key = fmt.Sprintf("*** This key has CHANGED. *** The one %s is\n%s", since(k), printable.Line(k.Fingerprint))
	case k.Verified:
		key = "You have verified this key."
	default:
		key = "This key is the one " + since(k) + ", not verified."
	}
	return fmt.Sprintf("%s asks for a private session, through %s, with the key\n%s\n%s\n/accept %s agrees, and only then does %s learn how to reach you.\n/decline %s says no. You have %d s.",
		m.who(n), m.cfg.Server, n.Fingerprint, key, n.Name, n.Name, n.Name, n.Seconds)
}

// changedWords warn of another key than the known one.
func (m *Machine) changedWords(n p2p.Notice) string {
	return fmt.Sprintf("*** THE KEY OF %s HAS CHANGED. ***\nSomebody may be pretending to be %s, or %s uses another computer.\nThe one %s is\n%s\nThe one now is\n%s\nNo session is opened. Ask %s in another way than by this chat.\nIf you know why it has changed: /trust %s takes the new key.",
		m.who(n), n.Name, n.Name, since(n.Known), printable.Line(n.Known.Fingerprint), n.Fingerprint, n.Name, n.Name)
}

// since says how a key is known.
func since(k p2p.Pin) string {
	words := "known before"
	if !k.Since.IsZero() {
		words = "known since " + k.Since.UTC().Format("2 January 2006")
	}
	if k.Verified {
		words += " (verified)"
	}
	return words
}

// recipientWords say what becomes of what is typed when the session is gone that it is for.
func (m *Machine) recipientWords(name string) string {
	if m.leaving || m.door.LinesTo() != timeline.With(timeline.Private, name) {
		return ""
	}
	return fmt.Sprintf("\nWhat you type is still for %s alone, so it is not sent.\n/lobby goes back to everybody, /startprivate %s asks again.", m.door.ToldApart(name), name)
}

// verifyWords tell how to compare the words of a session with somebody.
func (m *Machine) verifyWords(name string, words []string) string {
	return fmt.Sprintf("These words must be the same on %s's screen, with /verify %s there:\n%s\nCompare them in another way than by this chat: by voice or face to face.\nIf they are the same: /verify %s yes\nIf not, somebody is in between: end it with /stopprivate %s.",
		m.door.ToldApart(name), m.self, strings.Join(words, " "), name, name)
}
