package client

import (
	"fmt"
	"net/netip"
	"strings"
	"time"

	"parley/eventloop/client/timeline"
	"parley/p2p"
)

// writingShown is for how long the title says that somebody is writing: a little
// longer than it takes until that is said again.
const writingShown = 5 * time.Second

// notVerified marks what is said, or typed, to somebody whose key may be another's.
const notVerified = "not verified"

// undelivered says which texts a peer has not acknowledged.
func undelivered(n p2p.Notice, leaving bool) string {
	words := fmt.Sprintf("Lines that %s has not confirmed: %d.", n.Name, n.Count)
	if !leaving {
		words += " They are sent when a session is open again."
	}
	if n.Count > len(n.Texts) {
		words += fmt.Sprintf(" The last %d:", len(n.Texts))
	}
	for _, text := range n.Texts {
		words += "\n" + quote(text) + " (unsent)"
	}
	return words
}

// pathOf is a path in words; "" is none yet.
func pathOf(p p2p.Path) string {
	if p == (p2p.Path{}) {
		return ""
	}
	return p.String()
}

// told shows what the private sessions tell. It changes nothing of them.
func (a *App) told(n p2p.Notice) {
	n.Name, n.Fingerprint = sanitizeLine(n.Name), sanitizeLine(n.Fingerprint)
	if n.Kind != p2p.NoticeText {
		n.Text = sanitizeLine(n.Text)
	}
	switch n.Kind {
	case p2p.NoticeText:
		a.gap()
		a.add(timeline.Entry{
			In: timeline.With(timeline.Private, n.Name), Sender: n.Name, Text: n.Text, Times: timeline.Times{At: n.Time},
			Path: pathOf(n.Path), Verified: n.Verified,
		})
		a.private.writing = ""
		a.heardAlone(toOne(timeline.Private, n.Name))
	case p2p.NoticeTyping:
		a.private.writing = n.Name
		a.set(alarmWriting, writingShown)
	case p2p.NoticeInvitation:
		a.tell(timeline.Warning, "%s", a.invitationWords(n))
		a.ringFor()
	case p2p.NoticeKeyChanged:
		a.private.warned = true
		a.tell(timeline.Error, "%s", changedWords(n))
	case p2p.NoticeVerified, p2p.NoticeTrusted:
		a.keyKept(n)
	case p2p.NoticeUndelivered:
		a.tell(timeline.Error, "%s", undelivered(n, a.leaving))
	case p2p.NoticeFailed:
		a.tell(timeline.Error, "No private session with %s. %s", n.Name, n.Text)
	case p2p.NoticeEnded:
		a.tell(timeline.Warning, "The private session with %s is over. %s%s", n.Name, n.Text, a.targetWords(n.Name))
	default:
		if words := a.noticeWords(n); words != "" {
			a.tell(timeline.Notice, "%s", words)
		}
	}
}

// ringFor rings for what somebody wants of one alone.
func (a *App) ringFor() {
	if a.bell != BellOff {
		a.cfg.Ring()
	}
}

// noticeWords are the words of what is neither said nor wrong.
func (a *App) noticeWords(n p2p.Notice) string {
	switch n.Kind {
	case p2p.NoticeInvited:
		return fmt.Sprintf("%s was asked and has %d s to answer. /stopprivate %s withdraws the question.", n.Name, n.Seconds, n.Name)
	case p2p.NoticeDeclined:
		return fmt.Sprintf("%s does not want a private session now.", n.Name)
	case p2p.NoticeLapsed:
		return fmt.Sprintf("No private session with %s. %s", n.Name, n.Text)
	case p2p.NoticeConnecting:
		return fmt.Sprintf("You and %s have agreed on a private session. Connecting...", n.Name)
	case p2p.NoticePath:
		return fmt.Sprintf("The private session with %s takes another path now: %s.", n.Name, sanitizeLine(n.Path.String()))
	case p2p.NoticeOpened:
		a.nowSent(n.Name)
		return a.openedWords(n)
	case p2p.NoticeOffer:
		return offerWords(n.Offer)
	case p2p.NoticeSameServer:
		return fmt.Sprintf("This server says that it is the one that you know as %s.\nThe keys of people there are compared with those of people here.", n.Text)
	}
	return ""
}

// keyKept says what has become of the wish to keep a key.
func (a *App) keyKept(n p2p.Notice) {
	switch {
	case n.Text != "":
		a.tell(timeline.Error, "The key of %s is not kept. %s", n.Name, n.Text)
	case n.Kind == p2p.NoticeVerified:
		a.tell(timeline.Notice, "The key of %s is verified, and you are warned if it ever changes.", n.Name)
	default:
		a.tell(timeline.Notice, "The new key of %s is kept from now on. Ask or accept again,\nand compare words with /verify %s when the session is open.", n.Name, n.Name)
	}
}

// offerWords say which addresses others learn, and how to tell fewer. They are
// empty if there is nothing to tell.
func offerWords(o p2p.Offer) string {
	var all []string
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
	switch {
	case len(all) > 0:
		return "Whom you ask or accept learns these addresses of yours when both agree:\n" + strings.Join(all, ", ") +
			"\nparley chat --relay-only tells none, --p2p-listen ADDRESS:0 that one alone."
	case o.Dials && len(o.Addresses()) == 0:
		return "Whom you ask or accept is told no address of yours, but is dialled, and sees\nfrom where. parley chat --relay-only keeps that back, too."
	}
	return ""
}

// sharedAddresses are what some VPNs and providers give to hosts (RFC 6598).
var sharedAddresses = netip.MustParsePrefix("100.64.0.0/10")

// nowSent notes that what waited for a private session goes now.
func (a *App) nowSent(name string) {
	key := strings.ToLower(name)
	for _, id := range a.private.waiting[key] {
		a.timeline.Update(id, func(e *timeline.Entry) { e.State = timeline.Sent })
	}
	delete(a.private.waiting, key)
}

func (a *App) openedWords(n p2p.Notice) string {
	words := fmt.Sprintf("The private session with %s is open: %s.", n.Name, sanitizeLine(n.Path.String()))
	if n.Count > 0 {
		words += fmt.Sprintf(" What waited is sent now (%d).", n.Count)
	}
	words += "\nIt is encrypted to the key\n" + n.Fingerprint + "\n"
	switch {
	case !n.Verified:
		words += fmt.Sprintf("which is not verified: whoever is in between, such as the server, could have put\ntheir own in its place, and read all. /verify %s shows how to find out.", n.Name)
	case n.Path.Relay:
		words += "which you have verified. The server passes on what it cannot read."
	default:
		words += "which you have verified."
	}
	if a.to == toLobby {
		words += fmt.Sprintf("\nSay something with /private %s TEXT, or /private %s and then line by line.", n.Name, n.Name)
	}
	return words
}

// invitationWords say who asks, and whether the key is known.
func (a *App) invitationWords(n p2p.Notice) string {
	key := fmt.Sprintf("This key is NEW here. /verify %s checks it when the session is open.", n.Name)
	switch k := n.Known; {
	case k.Fingerprint == "":
	case k.Fingerprint != n.Fingerprint:
		key = fmt.Sprintf("*** This key has CHANGED. *** The one %s is\n%s", since(k), sanitizeLine(k.Fingerprint))
	case k.Verified:
		key = "You have verified this key."
	default:
		key = "This key is the one " + since(k) + ", not verified."
	}
	return fmt.Sprintf("%s asks for a private session, through %s, with the key\n%s\n%s\n/accept %s agrees, and only then does %s learn how to reach you.\n/decline %s says no. You have %d s.",
		n.Name, a.cfg.Target.Label, n.Fingerprint, key, n.Name, n.Name, n.Name, n.Seconds)
}

// changedWords warn of another key than the known one.
func changedWords(n p2p.Notice) string {
	return fmt.Sprintf("*** THE KEY OF %s HAS CHANGED. ***\nSomebody may be pretending to be %s, or %s uses another computer.\nThe one %s is\n%s\nThe one now is\n%s\nNo session is opened. Ask %s in another way than by this chat.\nIf you know why it has changed: /trust %s takes the new key.",
		n.Name, n.Name, n.Name, since(n.Known), sanitizeLine(n.Known.Fingerprint), n.Fingerprint, n.Name, n.Name)
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

// targetWords say what becomes of what is typed when the target is gone.
func (a *App) targetWords(name string) string {
	if a.leaving || !a.isToPrivate(name) {
		return ""
	}
	return fmt.Sprintf("\nWhat you type is still for %s alone, so it is not sent.\n/lobby goes back to everybody, /startprivate %s asks again.", name, name)
}

// peerTable is the answer to /peers.
func peerTable(rows []p2p.Peer, now time.Time) string {
	table := [][]string{{"name", "path", "key", "age", "round trip", "waiting"}}
	for _, p := range rows {
		table = append(table, peerRow(p, now))
	}
	widths := make([]int, len(table[0]))
	for _, row := range table {
		for i, cell := range row {
			widths[i] = max(widths[i], len(cell))
		}
	}
	var lines []string
	for _, row := range table {
		line := ""
		for i, cell := range row {
			line += fmt.Sprintf("%-*s  ", widths[i], cell)
		}
		lines = append(lines, strings.TrimRight(line, " "))
	}
	return strings.Join(lines, "\n")
}

func peerRow(p p2p.Peer, now time.Time) []string {
	path := map[p2p.State]string{
		p2p.Asking: "has not answered", p2p.Asked: "asks you", p2p.Connecting: "connecting",
		p2p.Open: sanitizeLine(p.Path.String()), p2p.Closed: "none",
	}[p.State]
	key, age, trip, waiting := "not verified", "", "", ""
	if p.Verified {
		key = "verified"
	}
	if p.Fingerprint == "" && !p.Verified {
		key = ""
	}
	if !p.Since.IsZero() {
		age = roughly(now.Sub(p.Since))
	}
	if p.RoundTrip > 0 {
		trip = fmt.Sprintf("%.1f ms", float64(p.RoundTrip)/float64(time.Millisecond))
	}
	if p.Waiting > 0 {
		waiting = fmt.Sprint(p.Waiting)
	}
	return []string{sanitizeLine(p.Name), path, key, age, trip, waiting}
}

// roughly is a duration in its largest unit.
func roughly(d time.Duration) string {
	switch {
	case d < time.Minute:
		return fmt.Sprintf("%d s", d/time.Second)
	case d < time.Hour:
		return fmt.Sprintf("%d min", d/time.Minute)
	}
	return fmt.Sprintf("%d h", d/time.Hour)
}
