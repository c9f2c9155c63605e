package sim_test

import (
	"slices"

	"parley/users"
)

// promise is what was said of a direct message.
type promise struct {
	from, to          string
	receiver          *person // who was there when it was said
	delivered, stored bool
}

// checkSaid checks that what somebody has heard all have heard who were there.
func (d *day) checkSaid() {
	for text, all := range d.said {
		some := slices.ContainsFunc(all, func(p *person) bool { return p.heard[text] })
		for name, p := range d.people {
			if some && slices.Contains(all, p) && !p.heard[text] {
				d.fail("%s does not hear %q", name, text)
			}
		}
	}
	clear(d.said)
}

// checkDirects checks that what was delivered is there, and that who has come
// back has got what was stored. What was not answered may have happened or not.
func (d *day) checkDirects() {
	for text, m := range d.directs {
		p := d.people[m.to]
		switch {
		case m.stored && p == nil:
			continue
		case p == nil || !m.stored && p != m.receiver || !m.stored && !m.delivered: // is gone
		case d.blocks[users.Block{Blocker: m.to, Blocked: m.from}]:
		case !d.got[m.to][text]:
			d.fail("%s does not get %q", m.to, text)
		}
		delete(d.directs, text)
	}
}
