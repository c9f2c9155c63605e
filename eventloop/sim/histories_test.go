package sim_test

import (
	"slices"

	"parley/protocol"
)

// hearHistory notes messages of the past, and checks them when all have come.
func (d *day) hearHistory(c *client, v *visit, r protocol.Response) {
	name := r.Data.Room
	if name == "" {
		name = lobby
	}
	joins := v.joining == name
	for _, m := range r.History {
		n := m.Data.ID
		if known := d.messages[n]; known.Re != m.Data.Re || known.Room != name || m.Data.Room != wire(name) {
			d.fail("the history of %s has %d, %q, which is %q in %q", c, n, m.Content, known.Text, known.Room)
		}
		d.shows(c, v, n, m.Content, m.Data.Marks)
		v.history = append(v.history, n)
		if c.shown[n] = true; !joins { // who joins may be told something before what was missed
			c.show(n)
		}
	}
	if r.Data.More {
		return
	}
	got := d.withoutLost(v.history)
	v.history, v.joining = nil, ""
	switch {
	case name == lobby:
		d.checkHistory(c, v, got)
	case !slices.ContainsFunc(d.known(name, v.sent), func(r *room) bool { return d.isHistory(c, v, r, joins, got) }):
		d.fail("the history of %s in %s is %d", c, name, got)
	default:
		d.met["history of a room"]++
		d.tell(c, v, "history of "+name)
	}
}

// checkHistory checks what somebody is told of the lobby's past.
func (d *day) checkHistory(c *client, v *visit, got []uint64) {
	all := d.said(d.rooms[0], 0, v.base, nobody)
	all = all[max(0, len(all)-d.world.Config.History):]
	all = slices.DeleteFunc(all, func(n uint64) bool { return d.deaf(c.name, d.messages[n].Sender) })
	if n := len(got); d.world.Tail > 0 { // has the newest only
		all = all[max(0, len(all)-n):]
	}
	if !slices.Equal(all, got) {
		d.fail("the history of %s is %d, want %d", c, got, all)
	}
}

func nobody(string) bool { return false }

// roomAtLogin is how many messages of each room a login is told.
const roomAtLogin = 20

// past returns what a client that is in a room is told of its past, by a login or when it
// joins.
func (d *day) past(c *client, v *visit, r *room, as *membership, joins bool) []uint64 {
	from, upTo, most := r.Number, as.number, d.world.Config.History
	if r.Private {
		from = max(from, as.number)
	}
	if !joins {
		upTo, most = v.base, roomAtLogin
	}
	all := d.said(r, from, upTo, nobody)
	all = slices.Clone(all[max(0, len(all)-most):])
	return slices.DeleteFunc(all, func(n uint64) bool { return d.deaf(c.name, d.messages[n].Sender) })
}

// isHistory reports whether a client may be told that of a room. By a login it may be less.
func (d *day) isHistory(c *client, v *visit, r *room, joins bool, got []uint64) bool {
	return slices.ContainsFunc(r.memberships(c.person, v.sent, d.commits), func(m *membership) bool {
		want := d.past(c, v, r, m, joins)
		if !joins && (d.padding || d.world.Tail > 0) {
			want = want[max(0, len(want)-len(got)):]
		}
		return slices.Equal(want, got)
	})
}

// oweHistory notes that a client which has joined a room is to be told of its past.
func (d *day) oweHistory(c *client, v *visit, name string) {
	v.joining = name
	v.may["history of "+name]++
	rooms := d.known(name, v.sent)
	if len(rooms) != 1 {
		return
	}
	if all := rooms[0].memberships(c.person, v.sent, d.commits); len(all) == 1 && len(d.past(c, v, rooms[0], all[0], true)) > 0 {
		v.must["history of "+name]++
	}
}

// oweHistories notes that a client which has logged in is to be told of the past of its
// rooms.
func (d *day) oweHistories(c *client, v *visit) {
	for _, r := range d.rooms[1:] {
		for _, m := range r.memberships(c.person, v.sent, d.commits) {
			v.may["history of "+r.Name]++
			if m.always(v.sent, d.commits) && !d.padding && d.world.Tail == 0 && len(d.past(c, v, r, m, false)) > 0 {
				v.must["history of "+r.Name]++
			}
		}
	}
}
