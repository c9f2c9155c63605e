package chats

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"parley/eventloop/client/timeline"
	"parley/users/state"
)

// A keptLine is one that is on the disk.
type keptLine struct {
	number uint64
	sender string
	where  timeline.Conversation // of who has sent it
	time   time.Time             // when it was said, by the log's clock
	at     time.Time             // when it came onto the disk
}

// A stay is that somebody was in the private room.
type stay struct {
	since, until uint64 // numbers: all that is behind since, up to until; 0: it goes on
}

// keeps notes what has come onto the disk.
func (c *chats) keeps(rows *state.Rows) {
	for _, m := range rows.Messages {
		where := timeline.With(timeline.Room, m.Room)
		if m.Room == state.Lobby {
			where = timeline.Conversation{Place: timeline.Lobby}
		}
		c.keep(m.Text, keptLine{m.Number, m.Sender, where, m.Time, c.world.Net.Now()})
	}
	for _, d := range rows.Directs {
		c.keep(d.Text, keptLine{d.Number, d.Sender, timeline.With(timeline.Direct, d.To), d.Time, c.world.Net.Now()})
	}
	for _, m := range rows.Members {
		if m.Room != roomOfTwo {
			continue
		}
		stays := c.nook[m.Person]
		if n := len(stays); m.Gone && n > 0 && stays[n-1].until == 0 {
			stays[n-1].until = rows.Last
		} else if !m.Gone {
			stays = append(stays, stay{since: m.Since})
		}
		c.nook[m.Person] = stays
	}
}

func (c *chats) keep(text string, l keptLine) {
	key := unique.FindString(text)
	c.newest = max(c.newest, l.number)
	if _, again := c.keys[l.number]; again || key == "" {
		return
	}
	c.keys[l.number] = key
	c.numbers = append(c.numbers, l.number)
	c.kept[key] = append(c.kept[key], l)
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
		p.checkPresent()
		p.checkPrivate()
	}
	for _, u := range c.plain {
		u.checkHeard()
		if !c.do.changes && !c.do.order { // what is removed waits no more, and nobody knows that it has
			u.checkPauses()
		}
	}
	if c.do.flood {
		c.checkFlood()
	}
}

// checkOwn looks at what the person was told of their own lines. One that has failed may be
// sent again.
func (p *chatter) checkOwn() {
	failed, there := map[string]string{}, map[string]bool{}
	for _, e := range p.entries {
		if !e.Own || e.Kind != timeline.Message || e.In.Place == timeline.Again || e.In.Place == timeline.Private {
			continue
		}
		key := p.keyOf(e)
		n := len(p.kept[key])
		p.met[states[e.State]]++
		switch {
		case e.State <= timeline.Delivered && n != 1:
			p.fail("%s was told that %q is %s, and it is on the disk %d times", p.name, e.Text, states[e.State], n)
		case e.State == timeline.Failed && n != 0:
			failed[key] = e.Why
		default:
			there[key] = true
		}
	}
	for key, why := range failed {
		if !there[key] {
			p.fail("%s was told that %q has failed: %s; and it is on the disk", p.name, key, why)
		}
	}
}

// checkHeard looks at what the client has shown.
func (p *chatter) checkHeard() {
	shown, own, doubtful := map[string]int{}, map[string]bool{}, map[string]bool{}
	newest := map[timeline.Conversation]uint64{}
	for _, id := range p.said {
		e := p.entries[id]
		key := p.keyOf(e)
		if e.In.Place == timeline.Private || e.Own && e.State == timeline.Failed {
			continue
		}
		if own[key] = own[key] || e.Own; e.State == timeline.Doubtful { // and may come yet, as another one does
			doubtful[key] = true
			continue
		}
		shown[key]++
		if e.Own || p.isExcused(e.Sender, e.In) {
			continue
		}
		if e.Number <= newest[e.In] {
			p.fail("%s is shown %q, which has the number %d, behind %d", p.name, e.Text, e.Number, newest[e.In])
		}
		newest[e.In] = e.Number
	}
	for key, lines := range p.kept {
		for _, l := range lines {
			if shown[key] == 0 && doubtful[key] {
				continue
			}
			p.checkShown(key, l, shown[key])
		}
	}
	for key := range shown {
		if len(p.kept[key]) == 0 && !own[key] {
			p.fail("%s is shown %q, which is not on the disk", p.name, key)
		}
	}
}

// checkShown looks at how often a line was shown.
func (p *chatter) checkShown(key string, l keptLine, times int) {
	may := l.where.Place != timeline.Direct || l.where.Name == p.name || l.sender == p.name
	if l.where.Name == roomOfTwo {
		may = may && (p.inNook(l.number) || l.sender == p.name)
	}
	must := may && (l.sender == p.name || !p.isExcused(l.sender, l.where) && p.isThere(l.number))
	if p.parted && l.where.Place != timeline.Lobby && l.sender != p.name {
		must = false // it may have gone with the guest that they were before
	}
	switch {
	case !may && times != 0:
		p.fail("%s is shown %q, which was for others", p.name, key)
	case must && times != 1, times > 1:
		p.fail("%s has shown %q, number %d of %s, %d times", p.name, key, l.number, l.sender, times)
	}
	if must {
		p.met["must be shown"]++
	}
}

// inNook reports whether somebody was in the private room when something was said there.
func (p *chatter) inNook(number uint64) bool {
	return slices.ContainsFunc(p.nook[p.name], func(s stay) bool { return s.since <= number && (s.until == 0 || number <= s.until) })
}

// isThere reports whether the text of a message is still there.
func (c *chats) isThere(number uint64) bool {
	m, d, err := c.world.Disk.Table.Find(context.Background(), number)
	return err == nil && (m != nil && m.Text != "" || d != nil && d.Text != "")
}

// checkPresent looks at whether what is shown is what it has become: the text, the edits and
// the reactions.
func (p *chatter) checkPresent() {
	for _, id := range p.said {
		e := p.entries[id]
		if e.Number == 0 || e.In.Place == timeline.Private || !e.Own && p.isExcused(e.Sender, e.In) || e.In.Place == timeline.Room && p.excused["in "+e.In.Name] {
			continue
		}
		if e.In.Place == timeline.Room && e.In.Name != roomOfAll || p.parted && e.In.Place != timeline.Lobby {
			continue
		}
		text, marks := p.present(e.Number)
		if text == "" && marks == nil {
			continue // it is not kept any more
		}
		if marks == nil {
			marks = &state.Marks{}
		}
		if e.Text != text || e.Marks.Edited != !marks.Edited.IsZero() && text != "" || e.Marks.Removed != (marks.Removed != nil) {
			p.fail("%s is shown %d as %q, %+v, and it is %q, %+v", p.name, e.Number, e.Text, e.Marks, text, marks)
		}
		if has, is := shownReactions(e.Marks), keptReactions(marks); len(p.excused) == 0 && has != is {
			p.fail("%s is shown %q to %d, and there is %q", p.name, has, e.Number, is)
		}
		p.met["as it is"]++
	}
}

// present returns what a message is now.
func (c *chats) present(number uint64) (text string, marks *state.Marks) {
	m, d, err := c.world.Disk.Table.Find(context.Background(), number)
	switch {
	case err == nil && m != nil:
		return m.Text, m.Marks
	case err == nil && d != nil:
		return d.Text, d.Marks
	}
	return "", nil
}

func shownReactions(m timeline.Marks) string {
	var all []string
	for _, r := range m.Reactions {
		names := slices.Sorted(slices.Values(r.Names))
		all = append(all, fmt.Sprint(r.Word, names))
	}
	slices.Sort(all)
	return strings.Join(all, " ")
}

func keptReactions(m *state.Marks) string {
	var all []string
	for _, r := range m.Reactions {
		var names []string
		for _, by := range r.By {
			names = append(names, by.Name)
		}
		slices.Sort(names)
		all = append(all, fmt.Sprint(r.Word, names))
	}
	slices.Sort(all)
	return strings.Join(all, " ")
}
