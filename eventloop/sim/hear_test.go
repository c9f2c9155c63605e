package sim_test

import (
	"io"
	"slices"
	"time"

	"parley/protocol"
	"parley/users"
)

// read has a client read what there is on one of its connections.
func (d *day) read(c *client, v *visit) {
	for {
		b, err := v.conn.Read()
		if err == io.EOF {
			d.ended(c, v)
			return
		}
		if b == nil {
			return
		}
		for len(b) > 0 {
			frame, n, _ := v.scanner.Scan(b)
			b = b[n:]
			if frame == nil {
				continue
			}
			r, bad := protocol.DecodeResponse(frame)
			if bad != nil {
				d.fail("%s: %s", c, frame)
				return
			}
			d.note("    %s < %.60s %.90s", c, r.Content, string(frame[max(0, len(frame)-90):]))
			d.checkBlocks(c, r)
			d.checkTexts(c, v, r, frame)
			if v.plain {
				d.hearPlain(c, v, r)
			} else {
				d.hear(c, v, r)
			}
		}
	}
}

// ended notes that the server has ended a connection, which it has said before.
func (d *day) ended(c *client, v *visit) {
	if c.visit != v {
		return
	}
	if v.ending && v.welcome && !v.slow && !v.disturbed && !v.rival && !v.doomed {
		d.checkEnd(c, v)
	}
	if v.welcome && !v.slow && !v.bye { // for who does not read the server does not wait for ever
		d.fail("the connection of %s was ended without a word", c)
	}
	d.over(c, false)
}

// checkEnd checks that a server that ends has answered what it was asked for before.
func (d *day) checkEnd(c *client, v *visit) {
	for _, ref := range v.owed {
		if slices.Contains(v.refs, ref) {
			d.fail("the server ends, and %s gets no answer to %s", c, v.asks[ref].Verb)
		}
	}
	d.met["closed in peace"]++
}

func (d *day) checkBlocks(c *client, r protocol.Response) {
	if d.deaf(c.name, r.Sender) {
		d.fail("%s hears %q of %s, whom they have blocked", c, r.Content, r.Sender)
	}
	for _, m := range r.History {
		if d.deaf(c.name, m.Sender) {
			d.fail("the history of %s has %q of %s, whom they have blocked", c, m.Content, m.Sender)
		}
	}
	if r.Data == nil || r.Ref != "" || !d.deaf(c.name, r.Data.Name) {
		return
	}
	switch r.Data.Event {
	case protocol.EventPresence, protocol.EventTopic, protocol.EventRoomInvitation, protocol.EventEdited, protocol.EventRemoved,
		protocol.EventReacted, protocol.EventUnreacted, protocol.EventChanged:
		d.fail("%s hears %q, whom they have blocked", c, r.Content)
	}
}

// hear checks one response to an extended session.
func (d *day) hear(c *client, v *visit, r protocol.Response) {
	if r.Data == nil && r.Kind == protocol.KindError && !v.welcome && c.machine == machines { // its address is banned
		d.refused(c, v, protocol.Banned)
		return
	}
	if r.Data == nil && v.ending && !v.welcome { // the server ends before the login is looked at
		return
	}
	if r.Data == nil {
		d.fail("%s: no data in %+v", c, r)
		return
	}
	if v.replaced && r.Data.Event != protocol.EventLogout {
		return
	}
	d.met[string(r.Data.Code)]++
	d.answered(c, v, r)
	if d.hearChange(c, v, r) || d.hearPage(c, v, r) || d.hearOrder(c, v, r) || d.hearExport(c, v, r) {
		return
	}
	switch data := r.Data; data.Event {
	case protocol.EventLogin:
		d.entered(c, v, data)
	case protocol.EventShuttingDown:
		v.bye = true
	case protocol.EventHistory:
		d.hearHistory(c, v, r)
	case protocol.EventResumed:
		d.resumed(c, v, data.ID)
	case protocol.EventMessage:
		d.hearMessage(c, v, data.ID, r)
	case protocol.EventDirect:
		d.hearDirect(c, v, data.ID, r)
	case protocol.EventAccepted, protocol.EventDelivered, protocol.EventStored:
		d.fulfilled(c, v, r)
	case protocol.EventBlocked:
		if data.Name != "" {
			d.met["blocked"]++
			d.blocked(c, v, data.Name, true)
		}
	case protocol.EventUnblocked:
		d.blocked(c, v, data.Name, false)
	case protocol.EventRegistered:
		d.met["registered"]++
		c.account = true
		if !d.accounts[c.name] {
			d.fail("%s is told of an account that is not safe", c.name)
		}
	case protocol.EventForgotten:
		d.over(c, false)
	case protocol.EventLogout:
		d.loggedOut(c, v, data.Code)
	case protocol.EventError:
		d.refused(c, v, data.Code)
	default:
		d.hearRoom(c, v, r)
	}
}

// answered checks that answers come in the order of the requests.
func (d *day) answered(c *client, v *visit, r protocol.Response) {
	if r.Ref == "" || r.Data.More {
		return
	}
	i := slices.Index(v.refs, r.Ref)
	asks := v.asks[r.Ref]
	overtakes := d.paced() && asks != nil && (asks.Verb == "ping" || asks.Verb == "read") // what people ask for waits, and this does not
	if i < 0 || i > 0 && !v.disturbed && !overtakes {
		d.fail("%s gets the answer to %s, and waits for %s", c, r.Ref, v.refs)
		return
	}
	v.refs = slices.Delete(v.refs, i, i+1)
	got := r.Data.Event
	if got == protocol.EventError {
		got = string(r.Data.Code)
	}
	if a := v.asks[r.Ref]; a != nil && a.want != "" && a.want != got && !v.disturbed {
		d.fail("%s asks for %s %s and is told %q, which is %s and not %s", c, a.Verb, a.room, r.Content, got, a.want)
	}
	if r.Data.Event != protocol.EventError && r.Data.Event != protocol.EventPong && r.Data.Event != protocol.EventRead {
		v.active = d.askedAt[r.Ref]
	}
	if a := v.asks[r.Ref]; a != nil {
		d.ordered(c, a, r)
	}
	if w := d.wishes[r.Ref]; w != nil && w.reused {
		switch r.Data.Code {
		case protocol.Internal:
		case protocol.BadRequest:
			d.met["reused"]++
		case protocol.NotInRoom, protocol.UnknownRoom, protocol.Muted:
		default:
			if w.life == c.identity() {
				d.fail("%s is told %q of another request under an old id", c, r.Content)
			}
		}
	}
}

// show notes that a number was shown.
func (c *client) show(n uint64) {
	c.shown[n] = true
	c.after = max(c.after, n)
}

// resumed checks that all has come that was missed, and nothing else.
func (d *day) resumed(c *client, v *visit, upTo uint64) {
	d.met["resumed"]++
	var want, got []uint64
	for _, r := range d.rooms {
		for _, n := range d.said(r, v.from, upTo, func(sender string) bool { return d.deaf(c.name, sender) }) {
			if may, must := d.isFor(c, v, r, n); must || may && v.heard[n] {
				want = append(want, n)
			}
		}
	}
	for n, dm := range d.directs {
		mine := dm.Person == c.person || dm.From == c.person
		if d.gone[n] {
			mine = v.heard[n]
		}
		if v.from < n && n <= upTo && mine && !d.deaf(c.name, dm.Sender) {
			want = append(want, n)
		}
	}
	for n := range v.heard {
		if n > v.from {
			got = append(got, n)
		}
	}
	want, got = d.withoutLost(want), d.withoutLost(got)
	slices.Sort(want)
	slices.Sort(got)
	if !slices.Equal(want, got) {
		d.fail("%s has missed %d behind %d, and is told %d", c, want, v.from, got)
	}
	d.met["missed"] += len(got)
	c.after = max(c.after, upTo)
	d.hears(c, v, upTo)
}

// isFor reports whether a number of a room may be told to a client, and whether it must:
// whether its person is in the room since before that was said.
func (d *day) isFor(c *client, v *visit, r *room, n uint64) (may, must bool) {
	for _, m := range r.memberships(c.person, v.sent, d.commits) {
		is, sure := m.holds(n)
		may, must = may || is, must || sure
	}
	return may, must
}

func (d *day) hearMessage(c *client, v *visit, n uint64, r protocol.Response) {
	m, safe := d.messages[n]
	if !safe || m.Re != r.Data.Re || m.Sender != r.Sender || wire(m.Room) != r.Data.Room {
		d.fail("%s hears %q in %q, number %d, and %q is safe in %s", c, r.Content, r.Data.Room, n, m.Text, m.Room)
		return
	}
	d.shows(c, v, n, r.Content, r.Data.Marks)
	switch may, _ := d.isFor(c, v, d.roomOf(m.Room, n), n); {
	case !may:
		d.fail("%s hears %d in %s, which is not for them", c, n, m.Room)
	case c.shown[n] && (v.based || !v.resumes):
		d.fail("%s hears %d again", c, n)
	case n <= v.newest || n <= v.from && v.resumes:
		d.fail("%s hears %d behind %d", c, n, max(v.newest, v.from))
	case !v.based && !v.resumes:
		d.fail("%s hears %d before the welcome", c, n)
	case v.based && !v.hears(n):
		d.fail("%s hears %d, and is to hear %v", c, n, v.want)
	}
	if m.Room != lobby {
		d.met["heard in a room"]++
	}
	v.newest = n
	v.heard[n] = true
	c.show(n)
}

// hears reports whether a number is the next one that a session is to hear. Of a room that
// was left in the same commit nothing more comes behind what is passed over.
func (v *visit) hears(n uint64) bool {
	for len(v.want) > 0 {
		w := v.want[0]
		v.want = v.want[1:]
		if w.number == n {
			return true
		}
		if w.lost {
			continue
		}
		if !w.may {
			v.want = append([]wanted{w}, v.want...)
			return false
		}
		v.want = slices.DeleteFunc(v.want, func(other wanted) bool { return other.as == w.as })
	}
	return false
}

func (d *day) hearDirect(c *client, v *visit, n uint64, r protocol.Response) {
	m := d.directs[n]
	if m == nil || m.Re != r.Data.Re {
		d.fail("%s gets %q, number %d, which is not safe", c, r.Content, n)
		return
	}
	d.shows(c, v, n, r.Content, r.Data.Marks)
	missed := v.resumes && !v.based
	sure := d.seen(c.person).sure
	switch {
	case d.gone[n]: // is not on the disk any more, and may still be in the tail, under its person's present name
	case m.Person != c.person && m.From != c.person:
		d.fail("%s, who is %s, gets %q, which is for %s", c, c.person, r.Content, m.Person)
	case m.Person != c.person && !missed && d.saidBy(v, m.Text):
		d.fail("%s gets %q, which they have said themselves", c, r.Content)
	case m.Person != c.person && n <= v.from && missed:
		d.fail("%s gets %q again, which they have said themselves", c, r.Content)
	case m.Person == c.person && n <= sure && (!missed || n <= v.from) && !v.copies[n]:
		d.fail("%s gets %d again, and has acknowledged %d", c, n, sure)
	case n <= v.direct, missed && n <= v.newest:
		d.fail("%s gets %d behind %d", c, n, max(v.direct, v.newest))
	}
	if m.Person != c.person && !missed {
		d.met["copy of one's own"]++
	}
	v.direct = n
	v.heard[n] = true
	c.show(n)
}

// saidBy reports whether a session has asked for something itself, and nobody else has.
func (d *day) saidBy(v *visit, text string) bool {
	return !slices.ContainsFunc(d.wanted[text], func(w *wish) bool { return w.visit != v })
}

// blocked notes that somebody hears another no more, or again.
func (d *day) blocked(c *client, v *visit, other string, is bool) {
	b := users.Block{Blocker: c.name, Blocked: users.Fold(other)}
	if d.accounts[c.name] && d.ledger.blocks[b] != is {
		d.fail("%s is told of a block that is not safe", c.name)
	}
	delete(d.blocks, b)
	if is {
		d.blocks[b] = true
		v.muted[other] = true
	}
}

// loggedOut notes that the server has ended a session.
func (d *day) loggedOut(c *client, v *visit, why protocol.Code) {
	switch {
	case v.replaced:
		if why != protocol.LoggedInElsewhere && why != protocol.Timeout {
			d.fail("%s is logged out because of %q", c, why)
		}
		return
	case c.visit != v:
		d.fail("%s is logged out twice", c)
	case why == protocol.Timeout:
		const waited = 2 * time.Second // of what a plain session is told, at most: it may have asked for something since
		if idle := d.world.Net.Now().Sub(v.active); idle < d.world.Config.Timeout && !(v.plain && (v.slow || idle < waited)) {
			d.fail("%s is logged out after having done nothing for %s only", c, idle)
		}
	case why == protocol.LoggedInElsewhere && v.rival:
	case (why == protocol.NotAllowed || why == protocol.Banned) && v.reported:
	case why != "":
		d.fail("%s is logged out because of %q", c, why)
	}
	if why == "" && !d.accounts[c.name] {
		d.parted[c.person] = true
	}
	d.over(c, why == "")
}

// checkParted checks that guests who have left in peace are in no room any more.
func (d *day) checkParted() {
	for person := range d.parted {
		for _, r := range d.rooms[1:] {
			if r.in(person) != nil {
				d.fail("%s has logged out, and is in %s", person, r.Name)
			}
		}
	}
	clear(d.parted)
}

// refused notes why somebody cannot log in.
func (d *day) refused(c *client, v *visit, why protocol.Code) {
	if v.welcome {
		return
	}
	switch why {
	case protocol.PasswordRequired, protocol.NotAllowed:
		c.account = true
	case protocol.WrongCredentials: // the account was not safe yet when the server was killed
		c.account = false
	}
	v.conn.HangUp()
	d.world.Net.Run()
	if c.visit == v {
		c.visit = nil
	}
}
