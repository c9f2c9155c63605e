package sim_test

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"

	"parley/protocol"
	"parley/users"
	"parley/users/command"
	"parley/users/state"
)

// A conversation is what somebody reads: a room, or direct messages with one person.
type conversation struct{ person, room, with string }

// putCursor notes up to where somebody has read, and checks that it only goes forward, and
// to where somebody has said.
func (l *ledger) putCursor(rows *state.Rows, i int) {
	c := rows.ReadCursors[i].ReadCursor
	key := conversation{c.Person, c.Room, c.With}
	switch was := l.cursors[key]; {
	case rows.ReadCursors[i].Gone:
		delete(l.cursors, key)
		l.reads[key] = append(l.reads[key], reading{l.commits, 0})
		return
	case isMoved(rows, i):
	case c.Number < was:
		l.fail("%v is read up to %d, and then to %d", key, was, c.Number)
	case c.Number > l.last:
		l.fail("%v is read up to %d, and there are %d", key, c.Number, l.last)
	case c.Number < l.before && !l.places[fmt.Sprint(c.Person, c.Number)]:
		l.fail("%v is read up to %d, which nobody has said", key, c.Number)
	}
	l.cursors[key] = c.Number
	l.reads[key] = append(l.reads[key], reading{l.commits, c.Number})
}

// isMoved reports whether a read cursor is that of before with somebody who is another person
// now.
func isMoved(rows *state.Rows, i int) bool {
	if i == 0 {
		return false
	}
	from, to := rows.ReadCursors[i-1], rows.ReadCursors[i]
	return from.Gone && !to.Gone && from.Person == to.Person && from.With != "" && to.With != "" && from.Number == to.Number
}

// A reading is a place of a read cursor, since a commit.
type reading struct {
	commit int
	number uint64
}

// readOn has a client say up to where its user has read.
func (d *day) readOn(c *client, other string) {
	if !d.accounts[c.name] && d.rand.IntN(8) > 0 { // guests cannot
		return
	}
	n := d.last
	if d.rand.IntN(3) > 0 {
		n = d.rand.Uint64N(d.last + 2)
	}
	room := d.ownRoom(c)
	if d.rand.IntN(3) == 0 {
		room = lobby
	}
	fields := map[string]string{"room": room}
	if d.rand.IntN(3) == 0 {
		fields = map[string]string{"name": other}
	}
	for range 1 + d.rand.IntN(2) { // the second time perhaps less
		fields["id"] = fmt.Sprint(n)
		d.places[fmt.Sprint(c.name, n)] = true
		d.askFor(c, &ask{Request: protocol.Request{Verb: "read", Content: protocol.Content{Fields: maps.Clone(fields)}}})
		if n = d.rand.Uint64N(n + 1); c.visit == nil || c.visit.plain {
			return
		}
	}
}

// hearRead checks that a session is told what was read, by another one or as the answer.
func (d *day) hearRead(c *client, v *visit, r protocol.Response) {
	d.met["read"]++
	key := conversation{c.person, cmp.Or(r.Data.Room, lobby), ""}
	what := fmt.Sprint("read ", key, " ", r.Data.ID)
	if r.Data.Name == "" {
		d.checkRead(c, 0, key, r.Data.ID)
	} else {
		what = v.readWith(c.person, r.Data.Name, r.Data.ID)
	}
	if r.Ref == "" {
		d.met["read elsewhere"]++
		d.tell(c, v, what)
	}
}

// readWith returns what a session may be told of direct messages that were read up to a
// number: those with an account, or else with one of the guests who may have had a name.
func (v *visit) readWith(person, name string, n uint64) string {
	what := fmt.Sprint("read ", conversation{person, "", users.Fold(name)}, " ", n)
	guests := "read {" + person + "  " + command.GuestPrefix
	for _, other := range slices.Sorted(maps.Keys(v.may)) {
		if v.told[what] < v.may[what] {
			break
		}
		if strings.HasPrefix(other, guests) && strings.HasSuffix(other, fmt.Sprint("} ", n)) {
			what = other
		}
	}
	return what
}

// checkRead checks that a client is told a place which a read cursor has had since a commit.
func (d *day) checkRead(c *client, since int, key conversation, n uint64) {
	was := uint64(0)
	for _, r := range d.reads[key] {
		if r.commit <= since {
			was = r.number
		} else if r.number == n {
			return
		}
	}
	if n != was {
		d.fail("%s is told that %v is read up to %d, and it was %d and then %v", c, key, n, was, d.reads[key])
	}
}

// askUnread asks what is not read, while nothing else is under way.
func (d *day) askUnread(c *client) {
	if !d.quiet(c) || c.visit.plain {
		return
	}
	a := &ask{Request: protocol.Request{Verb: "unread"}, want: protocol.EventUnread}
	if !d.accounts[c.name] {
		a.want = string(protocol.NotAllowed)
	}
	d.askFor(c, a)
	d.settle()
}

// hearUnread checks what is not read, if nothing was said since that was asked.
func (d *day) hearUnread(c *client, v *visit, r protocol.Response) {
	a := v.asks[r.Ref]
	a.unread = append(a.unread, r.Data.Unread...)
	if r.Data.More || a.at != d.commits {
		return
	}
	d.met["unread"]++
	want, directs := map[string]protocol.Unread{}, map[string]int{}
	for _, r := range d.rooms {
		if m := r.in(c.person); m != nil && r.until == 0 {
			if u := d.unread(c, r, max(d.cursors[conversation{c.person, r.Name, ""}], m.number, r.prunedTo)); u.Count > 0 {
				want[r.Name] = u
			}
		}
	}
	for _, u := range a.unread {
		switch {
		case u.Name != "":
			directs[u.Name] += u.Count
		case want[u.Room] != u:
			d.fail("%s has not read %+v, it is %+v", c, u, want[u.Room])
		}
		delete(want, u.Room)
	}
	if len(want) > 0 {
		d.fail("%s is not told that %+v is not read", c, want)
	}
	for _, name := range names {
		if least, most := d.unreadFrom(c, name); directs[name] < least || directs[name] > most {
			d.fail("%s has not read %d of %s, it is %d to %d", c, directs[name], name, least, most)
		}
	}
}

// unread counts what others have said in a room behind a number.
func (d *day) unread(c *client, in *room, after uint64) (u protocol.Unread) {
	u.Room, u.Read = in.Name, after
	for _, n := range d.said(in, after, d.last, func(sender string) bool { return d.deaf(c.name, sender) }) {
		m := d.messages[n]
		if users.Fold(m.Sender) == c.name || d.isRemoved(n) {
			continue
		}
		if u.Count++; strings.Contains(d.text(n), " to "+strings.ToUpper(c.name)+"!") {
			u.Mentions++
		}
	}
	return u
}

// unreadFrom counts the direct messages of those who have or had a name. Some of a guest's
// may have been forgotten, and those of one who is gone are not listed.
func (d *day) unreadFrom(c *client, name string) (least, most int) {
	for n, m := range d.directs {
		mine := m.Person == c.person || d.gone[n] && d.been[c.name+" "+m.Person]
		if !mine || m.From == c.person || d.isRemoved(n) || m.Sender != name || d.deaf(c.name, name) {
			continue
		}
		if n <= d.cursors[conversation{c.person, "", m.From}] && !d.gone[n] {
			continue
		}
		if most++; !d.gone[n] && (!strings.HasPrefix(m.From, command.GuestPrefix) || d.isHere(name, m.From)) {
			least++
		}
	}
	return least, most
}

// isHere reports whether somebody is surely logged in under a name.
func (d *day) isHere(name, person string) bool {
	return slices.ContainsFunc(d.of(name), func(c *client) bool {
		v := c.visit
		return c.person == person && v != nil && v.settled && !v.slow && !v.leaves && !v.replaced
	})
}
