package web

import "fmt"

// card is the client's own words among the lines, in a place that no text of others has.
func card(kind, picture, title string, kids ...any) node {
	return el("section.card."+kind, at{"aria-label": title, "data-key": "card"}, el("h2", icon(picture), title), el("div.stack", kids...))
}

// cardOf is what the private session with somebody needs to be told, if it needs it. words are
// the six that are compared.
func (s *State) cardOf(p *Peer, words []string) any {
	switch {
	case p == nil:
	case p.Changed:
		return changedCard(p)
	case p.State == "asking":
		return card("plain", "clock", p.Name+" was asked for a private session",
			el("p", "Until ", name(p.Name), " agrees, neither of you learns an address of the other. ", countdown(p.Until)), row(button("Withdraw", "end", p.Name, "")))
	case p.State == "asked":
		return s.askedCard(p)
	case p.State == "open" && words != nil:
		return wordsCard(p.Name, words)
	}
	return nil
}

func changedCard(p *Peer) node {
	before, other := any(nil), ""
	if p.Known != nil {
		other = p.Known.Fingerprint
		before = el("div", el("p.small.dim", pick(p.Known.Verified, "Verified before", "Known before")), printed(other, p.Fingerprint))
	}
	return card("bad", "alert", "The key of "+p.Name+" has changed",
		el("p", "Somebody may pretend to be ", name(p.Name), ", or ", name(p.Name), " uses another computer. No session is opened."),
		before, el("div", el("p.small.dim", "Shown now"), fingerprint(p, other)),
		el("p", "Ask in another way than by this chat. Only if the change is explained, take the new key; it starts as not verified."),
		row(button("Keep it closed", "decline", p.Name, ".go"), button("Take the new key…", "trust", p.Name, ".risk")))
}

func (s *State) askedCard(p *Peer) node {
	like := ""
	if other := s.People[keyOf(p.Name)]; other != nil && other.Like != "" {
		like = fmt.Sprintf(" (not %s)", other.Like)
	}
	trusted := list{pill(".warn", "alert", "not verified"), " Compare words when the session is open; until then it could be anybody between you."}
	if p.Known != nil && p.Known.Verified && p.Fingerprint != "" {
		trusted = list{pill(".ok", "shield", "verified"), " You have compared this key before."}
	}
	return card("warn", "key", p.Name+like+" asks for a private session",
		have(p.Fingerprint != "", el("p", fmt.Sprintf("Through %s, with this key:", s.Server.Label)), fingerprint(p, "")),
		el("p", trusted), el("p.small", "If you accept, ", name(p.Name), " ", s.Learns),
		row(button("Accept", "accept", p.Name, ".go"), button("Decline", "decline", p.Name, ""), countdown(p.Until)))
}

func wordsCard(who string, words []string) node {
	var rows []any
	for i, word := range words {
		rows = append(rows, el("tr", el("td.dim", i+1), el("td", word),
			el("td", el("label.chk", el("input", at{"type": "checkbox", "required": true, "aria-label": word + ": the same"}), "the same"))))
	}
	return card("plain", "shield", "Compare six words with "+who,
		el("p", "Call ", name(who), ", or meet; not in this chat. ", name(who), " opens the same card and reads the words to you. Tick each one that you also see."),
		el("form.stack", does("verify", who), el("table.words", el("thead", el("tr", el("th", at{"scope": "col"}), el("th", at{"scope": "col"}, "On your screen"), el("th", at{"scope": "col"}, name(who), " reads"))), el("tbody", rows...)),
			row(el("button.b.go", at{"type": "submit"}, icon("shield"), "They are the same"), button("They differ: end the session", "end", who, ".risk"), link("Later", "closeWords", ""))))
}
