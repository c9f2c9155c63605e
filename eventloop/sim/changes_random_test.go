package sim_test

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"parley/protocol"
	"parley/users/state"
)

// reactions are those that people put to messages.
var reactions = []string{"+1", "ok", "😀"}

// actOnMessages has a client edit, remove, or put a reaction to a message.
// Half of the time nothing else is under way, so that the answer is known.
func (d *day) actOnMessages(c *client) {
	exact := c.visit.plain || d.rand.IntN(2) == 0
	if exact && !d.quiet(c) {
		return
	}
	n := d.someMessage(c)
	a := d.changeRequest(c, n)
	if exact {
		a.want = d.answerToChange(c, n, a)
	}
	d.askFor(c, a)
	if exact {
		d.settle()
	}
}

// someMessage returns the number of a message, mostly of one that there is, and sometimes of
// one that there may be next.
func (d *day) someMessage(c *client) uint64 {
	all := slices.Sorted(maps.Keys(d.fates))
	if len(all) == 0 || d.rand.IntN(12) == 0 {
		return d.last + 1 + d.rand.Uint64N(3)
	}
	if d.rand.IntN(2) == 0 { // of one's own
		if own := slices.DeleteFunc(slices.Clone(all), func(n uint64) bool { return !d.owns(c.person, n) }); len(own) > 0 {
			all = own
		}
	}
	if newest := max(0, len(all)-8); d.rand.IntN(3) > 0 {
		all = all[newest:]
	}
	return all[d.rand.IntN(len(all))]
}

// changeRequest makes a request that is to change a message.
func (d *day) changeRequest(c *client, n uint64) *ask {
	a := &ask{number: n}
	d.serial++
	switch what := d.rand.IntN(20); {
	case what < 7:
		a.Verb = "edit"
		a.Content.Text = fmt.Sprintf("%s now %d", c.name, d.serial)
		if d.rand.IntN(3) == 0 {
			a.Content.Text += " to " + strings.ToUpper(names[d.rand.IntN(len(names))]) + "!"
		}
	case what < 11:
		a.Verb = "remove"
		if d.rand.IntN(2) == 0 {
			a.Content.Text = fmt.Sprint("because ", d.serial)
		}
	case what < 17:
		a.Verb, a.Content.Text = "react", reactions[d.rand.IntN(len(reactions))]
	default:
		a.Verb, a.Content.Text = "unreact", reactions[d.rand.IntN(len(reactions))]
	}
	a.Content.Text = strings.TrimSpace(fmt.Sprint(n, " ", a.Content.Text))
	return a
}

// answerToChange returns the event or the code that must answer, while nothing else is under
// way, "" if that is not known.
func (d *day) answerToChange(c *client, n uint64, a *ask) string {
	f := d.fates[n]
	if f == nil {
		return string(protocol.UnknownMessage)
	}
	own, sees := d.owns(c.person, n), d.sees(c, n)
	switch {
	case d.gone[n] || d.lost[n] || d.deaf(c.name, d.senderOf(n)) || d.deaf(d.senderOf(n), c.name):
		return ""
	case d.directs[n] != nil && (d.deaf(c.name, d.directs[n].To) || d.deaf(d.directs[n].To, c.name)):
		return ""
	case a.Verb != "remove" && d.mayBeHit(state.ActMute, d.roomOfMessage(n), c):
		return ""
	case !own && !sees && !d.mayKnow(c, c.visit, n):
		return string(protocol.UnknownMessage)
	case !own && !sees, own && !sees:
		return ""
	case f.removed != nil && own:
		return string(protocol.BadRequest)
	case a.Verb == "edit" && own:
		if age := d.now.Sub(d.saidAt(n)); age > d.editFor/2 || d.world.Net.Now().Sub(d.now).Abs() > d.editFor/4 {
			return ""
		}
		return protocol.EventEdited
	case a.Verb == "edit":
		return string(protocol.Forbidden)
	case a.Verb == "remove" && own:
		return protocol.EventRemoved
	case f.removed != nil, a.Verb == "remove":
		return ""
	case a.Verb == "react":
		return protocol.EventReacted
	}
	return ""
}

// askHistory asks for a page of what was said earlier.
func (d *day) askHistory(c *client, other string) {
	if c.visit.plain {
		return
	}
	a := &ask{Request: protocol.Request{Verb: "history"}, room: d.ownRoom(c)}
	if d.rand.IntN(2) == 0 {
		a.room = lobby
	}
	fields := map[string]string{"room": a.room, "count": fmt.Sprint(1 + d.rand.IntN(12))}
	if d.rand.IntN(3) == 0 {
		a.room = ""
		delete(fields, "room")
		fields["with"] = other
	}
	n := d.someMessage(c)
	if d.rand.IntN(2) == 0 {
		fields[[]string{"before", "after", "around"}[d.rand.IntN(3)]] = fmt.Sprint(n)
	}
	a.Content.Fields = fields
	d.askFor(c, a)
	d.changeMeanwhile(c, n)
}

// changeMeanwhile has somebody else, who has said it if they are there, change a message, often,
// while it is read for a client.
func (d *day) changeMeanwhile(c *client, n uint64) {
	d.world.Net.Advance(time.Duration(d.rand.IntN(3)) * time.Millisecond)
	var others []*client
	for _, other := range d.clients {
		if v := other.visit; v != nil && other != c && !v.plain && !v.stalled && v.welcome {
			others = append(others, other)
		}
	}
	if len(others) == 0 {
		return
	}
	other := others[d.rand.IntN(len(others))]
	if i := slices.IndexFunc(others, func(c *client) bool { return d.owns(c.person, n) }); i >= 0 {
		other = others[i]
	}
	for range 1 + d.rand.IntN(2) {
		d.askFor(other, d.changeRequest(other, n))
	}
	d.world.Net.Run()
}

// hearPage checks a page of what was said earlier, which somebody has asked for; false if a
// response is none.
func (d *day) hearPage(c *client, v *visit, r protocol.Response) bool {
	search := r.Data.Event == protocol.EventSearch
	if !search && r.Data.Event != protocol.EventHistory && r.Data.Event != protocol.EventVersions || r.Ref == "" {
		return false
	}
	a := v.asks[r.Ref]
	if a == nil {
		d.fail("%s is told %q, and has not asked for it", c, r.Content)
		return true
	}
	d.met["page"]++
	for _, m := range r.History {
		n := m.Data.ID
		known, said := d.messages[n]
		switch {
		case d.fates[n] == nil || !d.mayKnow(c, v, n):
			d.fail("%s is shown %d, which is not for them", c, n)
			return true
		case said && wire(known.Room) != m.Data.Room, said && !search && r.Data.Room != m.Data.Room:
			d.fail("%s is shown %d in %q, which was said in %s", c, n, m.Data.Room, known.Room)
		case said && known.Sender != m.Sender, !said && d.directs[n].Sender != m.Sender:
			d.fail("%s is shown %d of %s, which somebody else has said", c, n, m.Sender)
		case !search && n <= a.number:
			d.fail("%s is shown %d behind %d", c, n, a.number)
		}
		a.number = n
		if a.found == nil {
			a.found = map[uint64]bool{}
		}
		a.found[n] = true
		d.shows(c, v, n, m.Content, m.Data.Marks)
	}
	if search && !r.Data.More && r.Data.Before == 0 {
		d.checkFound(c, v, a)
	}
	return true
}
