package chats

import (
	"slices"

	"parley/eventloop/client/timeline"
	"parley/users/state"
)

// A keptLine is one that is on the disk.
type keptLine struct {
	number uint64
	sender string
	where  timeline.Conversation // of who has sent it
}

// keeps notes what has come onto the disk.
func (c *chats) keeps(rows *state.Rows) {
	for _, m := range rows.Messages {
		where := timeline.With(timeline.Room, m.Room)
		if m.Room == state.Lobby {
			where = timeline.Conversation{Place: timeline.Lobby}
		}
		c.kept[m.Text] = append(c.kept[m.Text], keptLine{m.Number, m.Sender, where})
	}
	for _, d := range rows.Directs {
		c.kept[d.Text] = append(c.kept[d.Text], keptLine{d.Number, d.Sender, timeline.With(timeline.Direct, d.To)})
	}
}

// check looks at what has come of it.
func (c *chats) check() {
	for text, where := range c.lines {
		lines := c.kept[text]
		if len(lines) > 1 {
			c.fail("%q is on the disk %d times", text, len(lines))
		}
		if len(lines) == 1 && lines[0].where != where {
			c.fail("%q was meant for %v and is in %v", text, where, lines[0].where)
		}
	}
	for _, p := range c.all {
		p.checkOwn()
		p.checkHeard()
	}
}

// checkOwn looks at what the person was told of their own lines.
func (p *chatter) checkOwn() {
	for _, e := range p.entries {
		if !e.Own || e.Kind != timeline.Message || e.In.Place == timeline.Again {
			continue
		}
		n := len(p.kept[e.Text])
		p.met[states[e.State]]++
		switch {
		case e.State <= timeline.Delivered && n != 1:
			p.fail("%s was told that %q is %s, and it is on the disk %d times", p.name, e.Text, states[e.State], n)
		case e.State == timeline.Failed && n != 0:
			p.fail("%s was told that %q has failed: %s; and it is on the disk", p.name, e.Text, e.Why)
		}
	}
}

// checkHeard looks at what the client has shown.
func (p *chatter) checkHeard() {
	shown := map[string]int{}
	newest := map[timeline.Conversation]uint64{}
	for _, id := range p.said {
		e := p.entries[id]
		shown[e.Text]++
		if e.Own {
			continue
		}
		if e.Number <= newest[e.In] {
			p.fail("%s is shown %q, which has the number %d, behind %d", p.name, e.Text, e.Number, newest[e.In])
		}
		newest[e.In] = e.Number
	}
	for text, lines := range p.kept {
		for _, l := range lines {
			mine := l.where.Place != timeline.Direct || l.where.Name == p.name || l.sender == p.name
			if p.parted && l.where.Place != timeline.Lobby && l.sender != p.name {
				mine = mine && shown[text] > 0 // it may have gone with the guest that they were before
			}
			if mine && shown[text] != 1 {
				p.fail("%s has shown %q, number %d of %s, %d times", p.name, text, l.number, l.sender, shown[text])
			}
			if !mine && shown[text] != 0 {
				p.fail("%s is shown %q, which was for others", p.name, text)
			}
		}
	}
	for text := range shown {
		own := slices.ContainsFunc(p.said, func(id timeline.ID) bool { return p.entries[id].Text == text && p.entries[id].Own })
		if len(p.kept[text]) == 0 && !own {
			p.fail("%s is shown %q, which is not on the disk", p.name, text)
		}
	}
}
