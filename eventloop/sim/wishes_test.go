package sim_test

import (
	"fmt"
	"slices"
	"strings"

	"parley/protocol"
	"parley/users"
)

// A wish is a request that is to create something.
type wish struct {
	protocol.Request
	from, to, text string
	person, life   string // who has asked
	visit          *visit
	serial         int
	number         uint64   // of what was created, 0: it is not known
	reused         bool     // its id was another's
	re             uint64   // the message that it answers, 0: none
	room           string   // that was named, "": the current one
	rooms          []string // in which it may be said, as far as is known when it is asked for
}

// say says something to one person, or in a room: "" is the current one.
func (d *day) say(c *client, to, room string) {
	d.serial++
	w := &wish{from: c.name, to: to, text: fmt.Sprintf("%s says %d", c.name, d.serial), room: room}
	if d.rand.IntN(3) == 0 {
		w.text += " to " + strings.ToUpper(names[d.rand.IntN(len(names))]) + "!"
	}
	if d.padding { // so that what is missed has several pages
		w.text += " " + strings.Repeat(".", d.rand.IntN(3000))
	}
	w.Request = protocol.Request{Verb: "msg", Content: protocol.Content{Text: w.text}, Ref: fmt.Sprint(d.serial), ID: fmt.Sprint(d.serial)}
	switch {
	case to != "":
		w.Verb, w.Content.Text = "dm", to+" "+w.text
	case room != "":
		w.Content = protocol.Content{Fields: map[string]string{"text": w.text, "room": room}}
	}
	if to == "" && d.rand.IntN(5) == 0 {
		d.answerOne(c, w)
	}
	c.last = w
	d.send(c, w)
}

// answerOne has a wish answer a message.
func (d *day) answerOne(c *client, w *wish) {
	if w.re = d.someMessage(c); !d.mayQuote(c, w.re) && d.rand.IntN(4) > 0 {
		w.re = 0
		return
	}
	w.Content = protocol.Content{Fields: map[string]string{"text": w.text, "re": fmt.Sprint(w.re)}}
	if w.room != "" {
		w.Content.Fields["room"] = w.room
	}
}

// mayQuote reports whether a client can see a message that it answers.
func (d *day) mayQuote(c *client, n uint64) bool { return d.fates[n] != nil && d.sees(c, n) }

func (d *day) send(c *client, w *wish) {
	w.person, w.life, w.visit, w.serial = c.person, c.identity(), c.visit, d.serial
	d.wishes[w.Ref] = w
	if !w.reused {
		d.wanted[w.text] = append(d.wanted[w.text], w)
	}
	if w.rooms = []string{users.Fold(w.room)}; w.room == "" && w.to == "" {
		w.rooms = d.mayTalkIn(c)
	}
	d.ask(c, w.Request)
}

// mayTalkIn returns the rooms to which a client may talk when all that was asked for is
// done.
func (d *day) mayTalkIn(c *client) []string {
	rooms := []string{users.Fold(c.visit.current())}
	if c.visit.lost {
		rooms = d.allRooms(c)
	}
	if d.mayBePutOut(c.name) {
		rooms = append(rooms, d.allRooms(c)...)
	}
	for _, other := range d.of(c.name) {
		for _, a := range other.asked() {
			switch {
			case a.Verb == "leave":
				rooms = append(rooms, d.allRooms(c)...)
			case other == c && (a.Verb == "join" || a.Verb == "create"):
				rooms = append(rooms, users.Fold(a.room))
			}
		}
	}
	return rooms
}

// allRooms returns all rooms in which a client has been since it has logged in.
func (d *day) allRooms(c *client) (all []string) {
	for _, r := range d.rooms {
		if d.wasIn(r, c.person, c.visit.sent) {
			all = append(all, users.Fold(r.Name))
		}
	}
	return all
}

// asked returns what a client has asked for that is not answered.
func (c *client) asked() (all []*ask) {
	if c.visit == nil {
		return nil
	}
	for ref, a := range c.visit.asks {
		if c.visit.plain || slices.Contains(c.visit.refs, ref) {
			all = append(all, a)
		}
	}
	return all
}

// checkRoomOf checks that a message was said in a room for which it may have been meant.
// Which one that was is known when it is answered.
func (d *day) checkRoomOf(n uint64) {
	m := d.messages[n]
	for _, w := range d.wanted[m.Text] {
		if slices.Contains(w.rooms, users.Fold(m.Room)) || w.visit.disturbed || d.leftAt[w.from] > w.serial {
			return
		}
	}
	d.fail("%q is said in %s", m.Text, m.Room)
}

// again sends a request once more, from this session or another one, or another request
// under its id.
func (d *day) again(c *client) {
	if c.last == nil || c.visit.plain || c.last.to != "" && c.last.life != c.identity() { // in plain sessions a text is all there is
		return
	}
	d.serial++
	w := *c.last
	if w.Ref = fmt.Sprint(d.serial); w.life != c.identity() {
		w.number = 0
	}
	if w.to == "" && w.room == "" && len(w.rooms) != 1 {
		return // nobody knows where it was said
	}
	if w.to == "" {
		w.room = strings.ToUpper(w.rooms[0])
		w.Content = protocol.Content{Fields: map[string]string{"text": w.text, "room": w.room}}
	}
	if w.number > 0 && w.life == c.identity() && d.rand.IntN(3) == 0 {
		w.reused = true
		if w.Content.Text += " or not"; w.to == "" {
			w.Content.Fields["text"] += " or not"
		}
	} else {
		c.last = &w
	}
	d.met["again"]++
	d.send(c, &w)
}

// acknowledge says that direct messages were seen, or pings.
func (d *day) acknowledge(c *client) {
	newest := uint64(0)
	for n := range c.shown {
		if dm := d.directs[n]; dm != nil && dm.Person == c.person {
			newest = max(newest, n)
		}
	}
	if c.visit.plain || newest == 0 || !c.visit.welcome || c.visit.resumes && !c.visit.based {
		d.ask(c, protocol.Request{Verb: "ping"})
		return
	}
	d.ask(c, protocol.Request{Verb: "seen", Content: protocol.Content{Text: fmt.Sprint(newest)}})
	d.acked(c, newest)
}

// A seen is up to which number somebody has acknowledged direct messages.
type seen struct {
	asked uint64 // was said
	now   uint64 // the server knows it when all is quiet, unless it is killed
	sure  uint64 // the server knows it
}

// seen returns what a person has acknowledged.
func (d *day) seen(person string) *seen {
	if d.acks[person] == nil {
		d.acks[person] = &seen{}
	}
	return d.acks[person]
}

// acked notes that direct messages up to a number were acknowledged.
func (d *day) acked(c *client, n uint64) {
	s := d.seen(c.person)
	s.asked = max(s.asked, n)
	for n, dm := range d.directs { // what a plain session is not told counts as seen with the others
		if c.visit.plain && dm.Person == c.person && (c.visit.muted[users.Fold(dm.Sender)] || d.isRemoved(n)) {
			s.asked = max(s.asked, n)
		}
	}
	if v := c.visit; v.plain {
		n = min(n, v.calm)
	}
	if v := c.visit; !v.disturbed && !v.slow && !v.rival && !v.doomed { // whose session may be over, which it has not read yet
		s.now = max(s.now, n)
	}
}

// burst asks for several things in one piece.
func (d *day) burst(c *client, other string) {
	v := c.visit
	if v.plain || v.stalled {
		return
	}
	var piece []byte
	for range 2 + d.rand.IntN(6) {
		d.serial++
		ref := fmt.Sprint(d.serial)
		r := protocol.Request{Verb: []string{"ping", "names", "msg", "msg", "dm", "blocked", "whois", "help", "join", "leave", "create", "rooms", "edit", "edit", "remove", "react", "history"}[d.rand.IntN(17)], Ref: ref}
		a := &ask{at: d.commits}
		switch r.Verb {
		case "msg", "dm":
			w := &wish{from: c.name, text: "burst " + ref, person: c.person, life: c.identity(), visit: v, rooms: d.mayTalkIn(c), serial: d.serial}
			r.Content.Text = w.text
			if r.Verb == "dm" {
				r.Content.Text, w.to = other+" "+w.text, other
			}
			w.Request = r
			d.wishes[ref], d.wanted[w.text] = w, []*wish{w}
		case "whois":
			r.Content.Text = other
		case "edit", "remove", "react": // of what is said meanwhile, too
			a.number = d.last + 1 + d.rand.Uint64N(4)
			if d.rand.IntN(2) == 0 {
				a.number = d.someMessage(c)
			}
			r.Content.Text = fmt.Sprint(a.number, " ", map[string]string{"edit": "burst " + ref, "remove": "because " + ref, "react": "ok"}[r.Verb])
		case "join", "leave", "create":
			a.room = d.someRoom()
			r.Content.Text = a.room
			d.mayChange(c, a)
		}
		d.note("    %s > %s %s %s", c, r.Verb, r.Content.Text, r.Ref)
		a.Request = r
		v.asks[ref] = a
		v.refs, d.askedAt[ref] = append(v.refs, ref), d.world.Net.Now()
		piece = protocol.AppendRequest(piece, r)
	}
	v.conn.Send(piece)
}

// fulfilled checks that what was accepted is safe, and is what was asked for.
func (d *day) fulfilled(c *client, v *visit, r protocol.Response) {
	d.met[r.Data.Event]++
	if r.Data.Seconds > 0 {
		d.met["delayed"]++
	}
	w, text := d.wishes[r.Ref], ""
	m, ok := d.messages[r.Data.ID]
	if ok && r.Data.Event == protocol.EventAccepted {
		text = m.Text
	} else if m := d.directs[r.Data.ID]; m != nil && r.Data.Event != protocol.EventAccepted {
		text = m.Text
	}
	switch {
	case w == nil || w.reused:
		return
	case w.text != text:
		d.fail("%s is told that %q is number %d, which is %q", c, w.text, r.Data.ID, text)
	case w.number != 0 && w.number != r.Data.ID:
		d.fail("%q is number %d and number %d", w.text, w.number, r.Data.ID)
	default:
		w.number = r.Data.ID
	}
	if r.Data.Event == protocol.EventAccepted {
		d.acceptedIn(c, v, w, m.Room, r.Data.Room)
	}
}

// acceptedIn checks that a message was said in the room in which its session was, or that
// was named, and that its sender is told so.
func (d *day) acceptedIn(c *client, v *visit, w *wish, in, told string) {
	want := w.room
	switch {
	case want == "" && v.lost: // in one of the others, if there is one
		want = in
		if in == lobby && slices.ContainsFunc(d.rooms[1:], func(r *room) bool { return d.isIn(r, c.person, v.lostAt) }) {
			want = "another one"
		}
	case want == "":
		want = v.current()
	}
	if w.visit == v && !v.disturbed && users.Fold(want) != users.Fold(in) {
		d.fail("%q is said in %s, and was meant for %s", w.text, in, want)
	}
	if told != wire(in) && (users.Fold(told) != users.Fold(in) || !d.ledger.ended[w.number]) {
		d.fail("%q is said in %s, and its sender is told %q", w.text, in, told)
	}
	d.met["said in "+map[bool]string{true: "the lobby", false: "a room"}[in == lobby]]++
	w.rooms = []string{users.Fold(in)}
}

// wire returns the name of a room as a response has it.
func wire(room string) string {
	if room == lobby {
		return ""
	}
	return room
}
