package sim_test

import (
	"io"
	"slices"

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
				d.fail("%s: %s", c.name, frame)
				return
			}
			d.note("    %s < %.60s %.80s", c.name, r.Content, string(frame[max(0, len(frame)-80):]))
			d.checkBlocks(c, r)
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
	if v.welcome && !v.slow { // for who does not read the server does not wait for ever
		d.fail("the connection of %s was ended without a word", c.name)
	}
	c.visit = nil
	d.forgetBlocks(c)
}

func (d *day) checkBlocks(c *client, r protocol.Response) {
	if d.deaf(c.name, r.Sender) {
		d.fail("%s hears %q of %s, whom they have blocked", c.name, r.Content, r.Sender)
	}
	for _, m := range r.History {
		if d.deaf(c.name, m.Sender) {
			d.fail("the history of %s has %q of %s, whom they have blocked", c.name, m.Content, m.Sender)
		}
	}
	if r.Data != nil && r.Data.Event == protocol.EventPresence && d.deaf(c.name, r.Data.Name) {
		d.fail("%s hears %q, whom they have blocked", c.name, r.Content)
	}
}

// hear checks one response to an extended session.
func (d *day) hear(c *client, v *visit, r protocol.Response) {
	if r.Data == nil {
		d.fail("%s: no data in %+v", c.name, r)
		return
	}
	if v.replaced && r.Data.Event != protocol.EventLogout {
		return
	}
	d.met[string(r.Data.Code)]++
	d.answered(c, v, r)
	switch data := r.Data; data.Event {
	case protocol.EventLogin:
		d.entered(c, v, data)
	case protocol.EventHistory:
		d.hearHistory(c, v, r)
	case protocol.EventResumed:
		d.resumed(c, v, data.ID)
	case protocol.EventMessage:
		d.hearMessage(c, v, data.ID, r)
	case protocol.EventDirect:
		d.hearDirect(c, v, data.ID, r)
	case protocol.EventAccepted, protocol.EventDelivered, protocol.EventStored:
		d.fulfilled(c, r)
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
	case protocol.EventLogout:
		d.loggedOut(c, v, data.Code)
	case protocol.EventError:
		d.refused(c, v, data.Code)
	}
}

// answered checks that answers come in the order of the requests.
func (d *day) answered(c *client, v *visit, r protocol.Response) {
	if r.Ref == "" || r.Data.More {
		return
	}
	i := slices.Index(v.refs, r.Ref)
	if i < 0 || i > 0 && !v.disturbed {
		d.fail("%s gets the answer to %s, and waits for %s", c.name, r.Ref, v.refs)
		return
	}
	v.refs = slices.Delete(v.refs, i, i+1)
	if r.Data.Event != protocol.EventError && r.Data.Event != protocol.EventPong {
		v.active = d.askedAt[r.Ref]
	}
	if w := d.wishes[r.Ref]; w != nil && w.reused {
		switch r.Data.Code {
		case protocol.Internal:
		case protocol.BadRequest:
			d.met["reused"]++
		default:
			if w.life == c.identity() {
				d.fail("%s is told %q of another request under an old id", c.name, r.Content)
			}
		}
	}
}

// fulfilled checks that what was accepted is safe, and is what was asked for.
func (d *day) fulfilled(c *client, r protocol.Response) {
	d.met[r.Data.Event]++
	w, text := d.wishes[r.Ref], ""
	if m, ok := d.messages[r.Data.ID]; ok && r.Data.Event == protocol.EventAccepted {
		text = m.Text
	} else if m := d.directs[r.Data.ID]; m != nil && r.Data.Event != protocol.EventAccepted {
		text = m.Text
	}
	switch {
	case w == nil || w.reused:
	case w.text != text:
		d.fail("%s is told that %q is number %d, which is %q", c.name, w.text, r.Data.ID, text)
	case w.number != 0 && w.number != r.Data.ID:
		d.fail("%q is number %d and number %d", w.text, w.number, r.Data.ID)
	default:
		w.number = r.Data.ID
	}
}

func (d *day) hearHistory(c *client, v *visit, r protocol.Response) {
	for _, m := range r.History {
		n := m.Data.ID
		if d.messages[n].Text != m.Content {
			d.fail("the history of %s has %d, %q, which is %q", c.name, n, m.Content, d.messages[n].Text)
		}
		v.history = append(v.history, n)
		c.show(n)
	}
	if r.Data.More {
		return
	}
	all := d.said(0, v.base, func(string) bool { return false })
	all = all[max(0, len(all)-d.world.Config.History):]
	all = slices.DeleteFunc(all, func(n uint64) bool { return d.deaf(c.name, d.messages[n].Sender) })
	if n := len(v.history); d.world.Tail > 0 { // has the newest only
		all = all[max(0, len(all)-n):]
	}
	if !slices.Equal(all, v.history) {
		d.fail("the history of %s is %d, want %d", c.name, v.history, all)
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
	want := d.said(v.from, upTo, func(sender string) bool { return d.deaf(c.name, sender) })
	for n, dm := range d.directs {
		mine := dm.Person == c.person || dm.From == c.person
		if d.gone[n] {
			mine = v.heard[n]
		}
		if v.from < n && n <= upTo && mine && !d.deaf(c.name, dm.Sender) {
			want = append(want, n)
		}
	}
	var got []uint64
	for n := range v.heard {
		if n > v.from {
			got = append(got, n)
		}
	}
	slices.Sort(want)
	slices.Sort(got)
	if !slices.Equal(want, got) {
		d.fail("%s has missed %d behind %d, and is told %d", c.name, want, v.from, got)
	}
	d.met["missed"] += len(got)
	c.after = max(c.after, upTo)
	d.hears(c, v, upTo)
}

func (d *day) hearMessage(c *client, v *visit, n uint64, r protocol.Response) {
	m, safe := d.messages[n]
	switch {
	case !safe || m.Text != r.Content || m.Sender != r.Sender:
		d.fail("%s hears %q, number %d, and %q is safe", c.name, r.Content, n, m.Text)
	case c.shown[n] && (v.based || !v.resumes):
		d.fail("%s hears %d again", c.name, n)
	case n <= v.newest || n <= v.from && v.resumes:
		d.fail("%s hears %d behind %d", c.name, n, max(v.newest, v.from))
	case !v.based && !v.resumes:
		d.fail("%s hears %d before the welcome", c.name, n)
	case v.based && (len(v.want) == 0 || v.want[0] != n):
		d.fail("%s hears %d, and is to hear %d", c.name, n, v.want)
	case v.based:
		v.want = v.want[1:]
	}
	v.newest = n
	v.heard[n] = true
	c.show(n)
}

func (d *day) hearDirect(c *client, v *visit, n uint64, r protocol.Response) {
	m := d.directs[n]
	if m == nil || m.Text != r.Content {
		d.fail("%s gets %q, number %d, which is not safe", c.name, r.Content, n)
		return
	}
	missed := v.resumes && !v.based
	switch {
	case d.gone[n]: // is not on the disk any more, and may still be in the tail, under its person's present name
	case m.Person != c.person && (m.From != c.person || !missed):
		d.fail("%s, who is %s, gets %q, which is for %s", c.name, c.person, r.Content, m.Person)
	case m.Person != c.person && n <= v.from:
		d.fail("%s gets %q again, which they have said themselves", c.name, r.Content)
	case m.Person == c.person && n <= c.ackedSure && (!missed || n <= v.from):
		d.fail("%s gets %d again, and has acknowledged %d", c.name, n, c.ackedSure)
	case n <= v.direct, missed && n <= v.newest:
		d.fail("%s gets %d behind %d", c.name, n, max(v.direct, v.newest))
	}
	v.direct = n
	v.heard[n] = true
	c.show(n)
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
			d.fail("%s is logged out because of %q", c.name, why)
		}
		return
	case c.visit != v:
		d.fail("%s is logged out twice", c.name)
	case why == protocol.Timeout:
		if idle := d.world.Net.Now().Sub(v.active); idle < d.world.Config.Timeout && !(v.plain && v.slow) {
			d.fail("%s is logged out after having done nothing for %s only", c.name, idle)
		}
	case why != "":
		d.fail("%s is logged out because of %q", c.name, why)
	}
	c.visit = nil
	d.forgetBlocks(c)
}

// refused notes why somebody cannot log in.
func (d *day) refused(c *client, v *visit, why protocol.Code) {
	if v.welcome {
		return
	}
	switch why {
	case protocol.PasswordRequired:
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
