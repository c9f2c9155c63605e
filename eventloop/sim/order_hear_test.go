package sim_test

import (
	"fmt"
	"regexp"
	"slices"

	"parley/protocol"
	"parley/users"
	"parley/users/state"
)

var actOf = map[string]string{
	protocol.EventKicked: state.ActKick, protocol.EventMuted: state.ActMute, protocol.EventUnmuted: state.ActUnmute, protocol.EventBanned: state.ActBan,
	protocol.EventUnbanned: state.ActUnban, protocol.EventRole: state.ActRole, protocol.EventAnnouncement: state.ActAnnounce,
	protocol.EventLockdown: state.ActLockdown, protocol.EventSlow: state.ActSlow, protocol.EventReport: state.ActReport,
}

var plainGoes = regexp.MustCompile(`What you say goes to (?:the )?([A-Za-z0-9-]+) now\.$`)

// toldOf says of an act what a session is told of it.
func toldOf(a *state.Act) string {
	return fmt.Sprint("act ", a.Act, " ", deed(a.Act, a.By, a.Name, a.Room, a.Why, a.Set))
}

// oweActs notes who is told of what was done to keep order, and whose sessions end.
func (d *day) oweActs(acts []state.Act) {
	for i := range acts {
		a := &acts[i]
		d.met["act "+a.Act]++
		if o := d.asked[deed(a.Act, a.By, a.Name+a.Addr, a.Room, a.Why, a.Set)]; a.Act != state.ActRemove && (o == nil || d.orders.done[deed(a.Act, a.By, a.Name+a.Addr, a.Room, a.Why, a.Set)] > o.asked-o.refused) {
			d.fail("%+v is in the audit log, and was asked for %+v", a, o)
		}
		for _, c := range d.clients {
			v := c.visit
			if v == nil && d.endsSession(a, c) && !d.accounts[c.name] { // is gone for good, if they were about to come back
				delete(d.blocksOf, c.name)
				c.token = ""
			}
			if v == nil {
				continue
			}
			if d.endsSession(a, c) {
				v.reported = true
				if v.welcome {
					v.end = a.Number
				}
				continue
			}
			if v.plain {
				continue
			}
			must := a.Addr == "" && a.Act != state.ActReport && a.Act != state.ActRemove && a.Act != state.ActKeep && v.settled && users.Fold(a.By) != c.name
			if in := d.placeOf(a.Room, a.Number); in != nil && a.Name != c.name {
				must = must && d.isIn(in, c.person, d.commits-1)
			}
			v.oweEvent(toldOf(a), must)
		}
	}
}

// endsSession reports whether an act ends a client's session.
func (d *day) endsSession(a *state.Act, c *client) bool {
	if a.Act != state.ActKick && a.Act != state.ActBan || a.Room != "" {
		return false
	}
	if a.Addr != "" {
		return c.machine == machines
	}
	return users.Fold(a.Name) == c.name || a.Target == c.person
}

// checkHeard checks that nothing was said in a session that had ended before.
func (d *day) checkHeard(n uint64, text string) {
	all := d.wanted[text]
	if len(all) > 0 && !slices.ContainsFunc(all, func(w *wish) bool { return w.visit.end == 0 || n < w.visit.end }) {
		d.fail("%d, %q, was said in a session that %d had ended", n, text, all[0].visit.end)
	}
}

// hearOrder checks what is told of keeping order; false if a response is nothing of that.
func (d *day) hearOrder(c *client, v *visit, r protocol.Response) bool {
	data := r.Data
	if data.Event == protocol.EventAudit || data.Event == protocol.EventBans || data.Event == protocol.EventReports {
		d.hearActs(c, v, r)
		return true
	}
	act := actOf[data.Event]
	if act == "" || data.Order == nil {
		return false
	}
	d.met["told "+data.Event]++
	if r.Ref == "" {
		d.heardOf(c, v, act, r)
	}
	if putsOut := data.Event == protocol.EventKicked || data.Event == protocol.EventBanned; putsOut && data.Room != "" && users.Fold(data.Name) == c.name {
		d.putOut(c, v, data.Room, r.Content)
	}
	return true
}

// heardOf checks that what a session is told of an act has happened, and once.
func (d *day) heardOf(c *client, v *visit, act string, r protocol.Response) {
	data := r.Data
	why, set := data.Order.Why, ""
	switch act {
	case state.ActRole:
		set = data.Order.Role
	case state.ActAnnounce:
		why = data.Text
	case state.ActLockdown:
		set = map[bool]string{true: "on", false: "off"}[data.Order.On]
	case state.ActSlow:
		set = fmt.Sprint(data.Seconds)
	}
	name := data.Name
	if len(data.Order.Acts) > 0 {
		name = ""
		if !d.orders.ever[c.person] {
			d.fail("%s is told of an address: %q", c, r.Content)
		}
	}
	if act == state.ActReport && !d.orders.ever[c.person] {
		d.fail("%s is told %q", c, r.Content)
	}
	what := "act " + act + " " + deed(act, data.Order.By, name, data.Room, why, set)
	if v.may[what] == 0 && users.Fold(name) == c.name { // a guest is told under the name that they have
		return
	}
	d.tell(c, v, what)
}

// putOut notes that a client was put out of a room, and where it talks now.
func (d *day) putOut(c *client, v *visit, room, text string) {
	d.met["put out"]++
	d.forgetRoom(c, room)
	v.want = slices.DeleteFunc(v.want, func(w wanted) bool { return w.may && d.messages[w.number].Room == room })
	found := plainGoes.FindStringSubmatch(text)
	if found == nil {
		return
	}
	if v.plain {
		v.rooms = slices.DeleteFunc(v.rooms, func(r string) bool { return r == room })
		if v.current() != found[1] {
			d.fail("%s talks in %s, and is told %q", c, v.current(), text)
		}
		if v.in = d.room(v.current()); v.in == nil {
			v.in = d.rooms[0]
		}
		return
	}
	if v.lost, v.rooms = false, []string{found[1]}; found[1] == lobby {
		v.rooms = nil
	}
}

// hearActs checks the answers to audit, bans and reports.
func (d *day) hearActs(c *client, v *visit, r protocol.Response) {
	a := v.asks[r.Ref]
	if a == nil {
		if r.Data.Event != protocol.EventReports || d.highest(c.person, nil) == 0 && !d.ownsRoom(c.person) {
			d.fail("%s is told %q, and has not asked for it", c, r.Content)
		}
		return
	}
	d.met["told "+r.Data.Event]++
	if r.Data.Event == protocol.EventBans {
		for _, told := range r.Data.Order.Acts {
			if !slices.ContainsFunc(d.orders.sanctions, func(s *sanction) bool {
				return s.kind == told.Act && (s.name == users.Fold(told.Name) || told.Address != "" && s.addr.String() == told.Address)
			}) {
				d.fail("%s is told of %+v, and nobody has done that", c, told)
			}
		}
		return
	}
	last := ^uint64(0)
	for _, told := range r.Data.Order.Acts {
		i := slices.IndexFunc(d.orders.acts, func(act state.Act) bool { return act.Number == told.ID })
		if i < 0 || told.ID >= last {
			d.fail("%s is told of %+v, which is not in the audit log, or not the next", c, told)
			return
		}
		last = told.ID
		if act := d.orders.acts[i]; act.Act != told.Act || act.By != told.By || act.Name != told.Name || !d.mayTellAddr(act.Addr, told.Address) || act.Why != told.Why || act.Room != told.Room {
			d.fail("%s is told of %+v, which is %+v", c, told, act)
		}
	}
	a.acts += len(r.Data.Order.Acts)
	if r.Data.Event == protocol.EventAudit && !r.Data.More && a.at == d.commits {
		d.checkAudit(c, a)
	}
}

// mayTellAddr reports whether the audit log may tell that address, or "" for none, of an act
// that was about one: it does as long as it is banned.
func (d *day) mayTellAddr(addr, told string) bool {
	return told == addr || told == "" && !slices.ContainsFunc(d.orders.sanctions, func(s *sanction) bool {
		return s.addr.String() == addr && s.upTo == 0 && s.until.IsZero()
	})
}

// checkAudit checks that a page of the audit log has all that it can.
func (d *day) checkAudit(c *client, a *ask) {
	in, want := d.placeAsked(a), 0
	for _, act := range d.orders.acts {
		about := a.target == "" || users.Fold(act.By) == a.target || users.Fold(act.Name) == a.target
		if about && (in == nil || act.Room == in.Name && act.Number > in.Number) {
			want++
		}
	}
	if want = min(want, 100); a.acts != want {
		d.fail("%s is told of %d acts in %q of %q, and there were %d", c, a.acts, a.room, a.target, want)
	}
}

func (d *day) ownsRoom(person string) bool {
	return slices.ContainsFunc(d.rooms[1:], func(r *room) bool { return slices.Contains(r.owners, person) })
}

// ordered notes how a request to keep order was answered: what was done is in the audit log.
func (d *day) ordered(c *client, a *ask, r protocol.Response) {
	a.answered = true
	if a.deed == "" {
		return
	}
	o := d.ordersOf(a.deed)
	switch {
	case r.Data.Code == protocol.Internal:
	case r.Data.Event == protocol.EventError:
		if o.refused++; d.orders.done[a.deed] > o.asked-o.refused {
			d.fail("%s is told %q, and it was done: %s", c, r.Content, a.deed)
		}
	default:
		if o.done++; a.Verb != "keep" && d.orders.done[a.deed] < o.done {
			d.fail("%s is told %q, and it is not in the audit log: %s", c, r.Content, a.deed)
		}
	}
}

// checkBanned checks that nobody is there who is banned.
func (d *day) checkBanned() {
	for _, c := range d.clients {
		if v := c.visit; v.works() && v.settled && v.welcome {
			if s := d.orders.hit(state.ActBan, nil, c.name, c.person, d.last+1, d.now); s != nil && v.end > 0 {
				d.fail("%s is banned, and has a session: %+v", c, s)
			}
		}
	}
}
