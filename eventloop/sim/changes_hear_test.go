package sim_test

import (
	"regexp"
	"slices"
	"strings"

	"parley/protocol"
	"parley/users"
)

// hearChange checks what is told of changes of messages; false if a response is nothing of
// that.
func (d *day) hearChange(c *client, v *visit, r protocol.Response) bool {
	data := r.Data
	n := data.ID
	switch data.Event {
	case protocol.EventEdited, protocol.EventRemoved, protocol.EventReacted, protocol.EventUnreacted, protocol.EventChanged:
	default:
		return false
	}
	d.met[data.Event]++
	f := d.fates[n]
	if f == nil || !d.mayKnow(c, v, n) {
		d.fail("%s hears %q of %d, which is not for them", c, r.Content, n)
		return true
	}
	shown := c.view[n]
	switch data.Event {
	case protocol.EventChanged:
		d.shows(c, v, n, data.Text, data.Marks)
		if !v.based && n > v.from && !v.heard[n] && !d.gone[n] {
			d.fail("%s is told that %d has changed, and has not heard it", c, n)
		}
	case protocol.EventEdited:
		d.saw(c, v, n, data.Text, nil)
		if shown != nil {
			shown.Text, shown.Edited = data.Text, true
		}
	case protocol.EventRemoved:
		d.saw(c, v, n, "", data.Marks.Removed)
		if shown != nil {
			*shown = face{Removed: removal(data.Marks.Removed), Reactions: map[string]int{}, hid: shown.hid}
		}
	case protocol.EventReacted:
		what := data.Text + " " + users.Fold(data.Name)
		switch {
		case shown == nil:
		case r.Ref != "" && shown.Reactions[what] > 0: // asked again, or by another one who has the name now
			shown.hid[c.name] = true
		default:
			shown.Reactions[what]++
		}
	default:
		what := data.Text + " " + users.Fold(data.Name)
		if shown == nil {
			break
		}
		if shown.Reactions[what]--; shown.Reactions[what] <= 0 {
			delete(shown.Reactions, what)
		}
	}
	return true
}

// mayKnow reports whether a client may be told of a message: as one who is or was in the
// room, or as one of both.
func (d *day) mayKnow(c *client, v *visit, n uint64) bool {
	if m, said := d.messages[n]; said {
		in := d.roomOf(m.Room, n)
		mine := d.owns(c.person, n)
		for _, as := range in.memberships(c.person, v.sent-1, d.commits) {
			mine = mine || !in.Private || n > as.number
		}
		return mine || d.keepsOrder(c.person, in)
	}
	dm := d.directs[n]
	return d.gone[n] || dm.Person == c.person || dm.From == c.person || d.owns(c.person, n)
}

// shows notes that a client shows a message as it is told.
func (d *day) shows(c *client, v *visit, n uint64, text string, marks *protocol.Marks) {
	shown := &face{Text: text, Reactions: map[string]int{}, hid: map[string]bool{}}
	var removed *protocol.Removal
	if marks != nil {
		removed = marks.Removed
		shown.Edited, shown.Removed = !marks.Edited.IsZero(), removal(removed)
		for _, r := range marks.Reactions {
			for _, name := range r.Names {
				shown.Reactions[r.Word+" "+users.Fold(name)]++
			}
		}
	}
	d.saw(c, v, n, text, removed)
	c.view[n] = shown
}

// saw notes that somebody is told what a message says now, and so that it does not say any
// more what it said before.
func (d *day) saw(c *client, v *visit, n uint64, text string, removed *protocol.Removal) {
	f := d.fates[n]
	if removed != nil {
		d.met["removed text"]++
		if f.removed == nil || d.aliased(face{Removed: removal(f.removed)}).Removed != d.aliased(face{Removed: removal(removed)}).Removed || text != "" {
			d.fail("%s is told that %d was removed: %+v, %q, and it was %+v", c, n, removed, text, f.removed)
			return
		}
	} else if !d.isText(n, text) {
		d.fail("%s is told that %d says %q, which is not safe", c, n, text)
		return
	}
	for _, t := range f.texts {
		if removed == nil && t.text == text {
			return
		}
		v.over[t] = true
		if t.over == 0 {
			t.over = d.round + 1
		}
	}
}

// tellAllTexts has everything be known to all who read: nothing is under way, or all begins anew.
func (d *day) tellAllTexts() {
	for _, f := range d.fates {
		for _, t := range f.texts {
			if t.ended && t.over == 0 {
				t.over = d.round + 1
			}
		}
	}
}

// checkTexts checks that there is no text in what somebody is told which no message has any
// more, and of which somebody was told that before.
func (d *day) checkTexts(c *client, v *visit, r protocol.Response, frame []byte) {
	for _, word := range unique.FindAllString(string(frame), -1) {
		all := d.words[word]
		if len(all) == 0 {
			continue
		}
		versions := r.Data != nil && r.Data.Event == protocol.EventVersions
		if !slices.ContainsFunc(all, func(t *telling) bool {
			known := v.over[t] || t.over != 0 && t.over <= d.round && (!v.slow && (!v.plain || t.removed) || v.round >= t.over) // what waits there, or was sent before, may come later
			return !known || versions && !t.removed
		}) {
			d.fail("%s is told %q, which no message says any more: %s", c, word, frame)
		}
	}
}

// checkViews compares what clients show with what they have to, while nothing is under way.
func (d *day) checkViews() {
	for _, c := range d.clients {
		if v := c.visit; !v.works() || v.plain || !v.welcome || v.disturbed {
			continue
		}
		for n, shown := range c.view {
			if !d.sees(c, n) {
				delete(c.view, n) // nothing more is told of it
				continue
			}
			if shown.hid[d.senderOf(n)] {
				continue
			}
			want, got := d.truth(n, shown.hid), *shown
			got.Reactions = map[string]int{}
			for what, times := range shown.Reactions {
				if _, name, _ := strings.Cut(what, " "); !d.isHid(shown.hid, name) {
					got.Reactions[what] = times
				}
			}
			if got, want = d.aliased(got), d.aliased(want); !got.equals(&want) {
				d.fail("%s shows %d as %+v, and it is %+v", c, n, got, want)
			}
			d.met["shown as it is"]++
		}
	}
}

// sees reports whether a client is in the room of a message and hears it, or is one of both
// between whom it is.
func (d *day) sees(c *client, n uint64) bool {
	if m, said := d.messages[n]; said {
		in := d.roomOf(m.Room, n)
		as := in.in(c.person)
		return in.until == 0 && !d.lost[n] && as != nil && (!in.Private || n > as.number) && !d.deaf(c.name, m.Sender)
	}
	dm := d.directs[n]
	return !d.gone[n] && (dm.Person == c.person || dm.From == c.person) && !d.deaf(c.name, dm.Sender)
}

// roomOfMessage returns the room in which a message was said, nil: it is a direct message.
func (d *day) roomOfMessage(n uint64) *room {
	if m, said := d.messages[n]; said {
		return d.roomOf(m.Room, n)
	}
	return nil
}

func (d *day) senderOf(n uint64) string {
	if m, said := d.messages[n]; said {
		return users.Fold(m.Sender)
	}
	return users.Fold(d.directs[n].Sender)
}

// hideBlocked notes of whom something may be missing in what clients show.
func (d *day) hideBlocked() {
	for b, is := range d.blocks {
		if !is {
			continue
		}
		for _, c := range d.of(b.Blocker) {
			for _, shown := range c.view {
				shown.hid[b.Blocked] = true
			}
		}
	}
}

// forgetRoom has a client show nothing more of a room that it has left.
func (d *day) forgetRoom(c *client, name string) {
	for n := range c.view {
		if m, said := d.messages[n]; said && m.Room == name {
			delete(c.view, n)
		}
	}
}

// A plainText is what a plain session is told of a message.
type plainText struct {
	text    string
	removed bool
	room    string // "" of a direct message
}

var (
	plainRe      = regexp.MustCompile(`^\(re [^)]*\) `)
	plainRemoved = regexp.MustCompile(`^\(removed by [^)]*\)(?: \(in ([A-Za-z0-9-]+)\)|( \(to you alone\)))?$`)
)

// readPlain takes apart what a plain session is told of a message.
func readPlain(text string) (p plainText) {
	p.room = lobby
	if found := plainRemoved.FindStringSubmatch(text); found != nil {
		p.removed = true
		switch {
		case found[2] != "":
			p.room = ""
		case found[1] != "":
			p.room = found[1]
		}
		return p
	}
	text = text[len(plainRe.FindString(text)):]
	if rest, direct := strings.CutPrefix(text, protocol.Aside); direct {
		p.room, text = "", rest
	} else if m := mark.FindStringSubmatch(text); m != nil {
		p.room, text = m[1], text[len(m[0]):]
	}
	text, _, _ = strings.Cut(text, "\n(reactions: ")
	p.text = strings.TrimSuffix(text, " (edited)")
	return p
}

// anyRemoved reports whether any message in the lobby was removed.
func (d *day) anyRemoved() bool {
	for n := range d.messages {
		if d.messages[n].Room == lobby && d.isRemoved(n) {
			return true
		}
	}
	return false
}

// saysPlain reports whether that is what a plain session is told of a message.
func (d *day) saysPlain(p plainText, n uint64) bool {
	if p.removed {
		return d.isRemoved(n)
	}
	return d.isText(n, p.text)
}
