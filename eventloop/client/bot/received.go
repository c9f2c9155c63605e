package bot

import (
	"strings"
	"time"

	"parley/eventloop/client/names"
	"parley/eventloop/client/rooms"
	"parley/eventloop/client/sending"
	"parley/protocol"
)

const (
	// replayWindow is for how long after a login a message may be a repeated one: some
	// servers of the standard send the history as messages.
	replayWindow = 3 * time.Second

	// clockSkew is by how much a message of these may be older than the login and new.
	clockSkew = time.Second
)

// A history is one that is coming.
type history struct {
	fresh  bool // the bot is here for the first time: it is told nothing from before
	begun  bool // something of it has come
	wanted bool // it may have what was missed
}

// received handles a response.
func (s *session) received(r protocol.Response) {
	if s.cfg.Plain {
		r.Data = nil
	}
	s.watch.Heard(time.Now())
	if s.answersLogin(r) {
		if r.Kind == protocol.KindError {
			s.refused(r)
			return
		}
		s.loginAnswered(r)
		if r.Kind == protocol.KindHistory && !s.over {
			s.history(r)
		}
		return
	}
	done := s.queue.Answered(r)
	if s.answered(r) || done {
		return
	}
	switch {
	case r.Kind == protocol.KindHistory:
		s.history(r)
	case r.Kind == protocol.KindMessage && r.Data != nil && r.Data.Event != protocol.EventMessage && r.Data.Event != protocol.EventDirect:
		s.change(r.Data)
	case r.Kind == protocol.KindMessage:
		s.message(r)
	case r.Kind == protocol.KindError && strings.HasPrefix(r.Ref, "ping-"):
	case r.Kind == protocol.KindError:
		if !s.queue.RefusedText(r) && !s.ownRefused(r) {
			s.notice(r)
		}
	default:
		s.info(r)
	}
}

// answered gives r to who has asked for it. It reports whether there is nothing left to do.
func (s *session) answered(r protocol.Response) bool {
	answer, mine := s.asks[r.Ref]
	if r.Ref == "" || !mine {
		return false
	}
	if r.Data != nil && r.Data.More {
		if s.partial == nil {
			s.partial = make(map[string][]string)
		}
		s.partial[r.Ref] = append(s.partial[r.Ref], r.Data.Names...)
		return true
	}
	if r.Data != nil {
		r.Data.Names = append(s.partial[r.Ref], r.Data.Names...)
		s.info(r)
	}
	delete(s.partial, r.Ref)
	delete(s.asks, r.Ref)
	answer <- r
	return true
}

// info handles what an extended server tells, and what any other says.
func (s *session) info(r protocol.Response) {
	d := r.Data
	if d == nil {
		s.notice(r)
		return
	}
	switch d.Event {
	case protocol.EventAccepted:
		s.queue.Accepted(r.Ref, d.Room, d.ID)
	case protocol.EventDelivered:
		s.queue.DirectArrived(r.Ref, d.ID, sending.Delivered)
	case protocol.EventStored:
		s.queue.DirectArrived(r.Ref, d.ID, sending.Stored)
	case protocol.EventResumed:
		if !s.skips {
			s.seen.Resumed(d.ID)
			s.event(nil)
		}
	case protocol.EventJoined, protocol.EventCreated:
		s.joined(r)
	case protocol.EventLeft:
		s.rooms.Leave(d.Room)
		s.queue.Release()
	case protocol.EventPresence:
		if !s.isSelf(d.Name) {
			s.event(Presence{Name: d.Name, Room: d.Room, State: d.State})
		}
	case protocol.EventEdited, protocol.EventRemoved, protocol.EventReacted, protocol.EventUnreacted, protocol.EventChanged:
		s.change(d)
	case protocol.EventIdle:
		s.watch.WarnedIdle(time.Duration(d.Seconds) * time.Second)
		s.ping()
	case protocol.EventLogout:
		s.loggedOut(r)
	case protocol.EventRead, protocol.EventNames, protocol.EventPong, protocol.EventResumeWaits:
	case protocol.EventRegistered:
		s.registers = ""
		s.arrive(nil)
	default:
		s.notice(r)
	}
}

// notice tells the server's own words.
func (s *session) notice(r protocol.Response) {
	n := Notice{Text: strings.TrimSpace(r.Content)}
	if r.Data != nil {
		if r.Ref != "" && r.Kind != protocol.KindError {
			return // an answer
		}
		n.Event, n.Room = r.Data.Event, r.Data.Room
	}
	s.event(n)
}

// ownRefused handles that the server has refused what the bot does by itself: it cannot be
// what it is to be at first; later it goes on without a room. It reports whether r says that.
func (s *session) ownRefused(r protocol.Response) bool {
	err := errorOf(r)
	asked, room := s.rooms.Answered(r.Ref)
	switch {
	case room && err.Code == protocol.RateLimited:
		s.set(alarmJoin, max(slowDown, time.Duration(err.Seconds)*time.Second))
	case room && s.began:
		s.cfg.Log.Warn("a room cannot be joined", "room", asked.Room, "error", r.Content)
		s.notice(r)
		s.queue.Release()
	case room, r.Ref != "" && r.Ref == s.registers:
		s.end(err)
	default:
		return false
	}
	return true
}

func (s *session) joined(r protocol.Response) {
	s.rooms.Answered(r.Ref)
	room := protocol.Room{Name: r.Data.Room}
	if len(r.Data.Rooms) > 0 {
		room = r.Data.Rooms[0]
	}
	s.rooms.Join(room)
	s.queue.Release()
	s.arrive(nil)
}

// loggedOut notes that the server ends the session, and whether the bot may come back by itself.
func (s *session) loggedOut(r protocol.Response) {
	switch r.Data.Code {
	case protocol.LoggedInElsewhere, protocol.NotAllowed, protocol.Banned, protocol.PasswordRequired:
		s.expels = errorOf(r)
	}
}

// isSelf reports whether a name is the bot's, of this session or another one.
func (s *session) isSelf(name string) bool { return strings.EqualFold(name, s.name) }

// message handles something that was said.
func (s *session) message(m protocol.Response) {
	if s.skips && s.dialect == sending.Extended {
		return // it is told again
	}
	if m.Data != nil && m.Data.Event == protocol.EventDirect {
		s.direct(m)
		return
	}
	m = normal(m, "")
	if s.queue.Echo(m) {
		return
	}
	replayed := s.dialect != sending.Extended && m.Stamp != "" && time.Since(s.loginAt) <= replayWindow
	if s.seen.Has(m, replayed) {
		return
	}
	if s.isSelf(m.Sender) {
		s.seen.Add(m)
		return
	}
	if replayed && s.old.fresh && !m.Time.IsZero() && m.Time.Before(s.loginAt.Add(-clockSkew)) {
		s.seen.Add(m)
		return
	}
	s.tell(m, s.seen.Add)
}

// tell tells a message, and has it noted as told: before that, if there is room for it.
func (s *session) tell(m protocol.Response, note func(protocol.Response)) {
	if names.IsServer(m.Sender) && m.Data == nil {
		note(m)
		s.event(Notice{Text: strings.TrimSpace(m.Content)})
		return
	}
	if s.full() {
		return
	}
	note(m)
	e := Message{Time: m.Time, Room: protocol.Lobby, From: m.Sender, Text: m.Content}
	if m.Data != nil {
		e.Number, e.Re = m.Data.ID, m.Data.Re
		e.Room = place(m.Data.Room)
		if m.Data.Marks != nil && m.Data.Marks.Removed != nil {
			s.event(nil) // it is gone before it was heard
			return
		}
	}
	s.event(e)
}

// place is a room as events name it.
func place(room string) string {
	if rooms.IsLobby(room) {
		return protocol.Lobby
	}
	return room
}

// normal returns a message that names its room as the parts of the client do: that of what it came
// with if it names none, and "" for the lobby.
func normal(m protocol.Response, room string) protocol.Response {
	if m.Data == nil {
		return m
	}
	data := *m.Data
	if rooms.IsLobby(data.Room) {
		data.Room = room
	}
	m.Data = &data
	return m
}

// direct handles something that was said to the bot alone, or by another session of it.
func (s *session) direct(m protocol.Response) {
	if s.isSelf(m.Sender) {
		s.seen.HasDirect(m)
		return
	}
	if s.full() || s.seen.HasDirect(m) {
		return
	}
	if m.Data.Marks != nil && m.Data.Marks.Removed != nil {
		s.event(nil)
		return
	}
	s.event(Direct{Number: m.Data.ID, Time: m.Time, From: m.Sender, Text: m.Content, Re: m.Data.Re})
}

// history handles what was said before: what of it was missed is told.
func (s *session) history(r protocol.Response) {
	if s.skips && s.dialect == sending.Extended {
		return
	}
	room := ""
	if r.Data != nil {
		room = inRoom(r.Data.Room)
	}
	if !s.old.begun {
		s.old.begun = true
		s.old.wanted = !s.old.fresh && (room == "" || s.seen.Knows(room) || s.floor > 0)
	}
	for _, m := range r.History {
		m = normal(m, room)
		if m.Data == nil && room != "" {
			m.Data = &protocol.Data{Room: room}
		}
		before := m.Data != nil && m.Data.ID != 0 && m.Data.ID <= s.floor
		switch {
		case before, s.seen.Has(m, true), s.dialect == sending.Extended && s.queue.Echo(m):
		case !s.old.wanted, s.isSelf(m.Sender):
			s.seen.AddOld(m)
		default:
			s.tell(m, s.seen.AddOld)
		}
	}
	if r.Data != nil && r.Data.More {
		return
	}
	s.old.begun = false
	if room == "" && !s.skips {
		s.seen.HistoryEnded()
		s.event(nil)
	}
}

// change handles what has become of a message.
func (s *session) change(d *protocol.Data) {
	about := Subject{Number: d.ID, Room: place(d.Room)}
	if d.To != "" {
		about.Room = ""
	}
	switch d.Event {
	case protocol.EventEdited:
		if !s.isSelf(d.Name) {
			s.event(Edit{Subject: about, From: d.Name, Text: d.Text})
		}
	case protocol.EventRemoved:
		e := Removal{Subject: about, From: d.Name}
		if d.Marks != nil && d.Marks.Removed != nil {
			e.By, e.Why = d.Marks.Removed.By, d.Marks.Removed.Why
		}
		if !s.isSelf(e.By) {
			s.event(e)
		}
	case protocol.EventReacted, protocol.EventUnreacted:
		if !s.isSelf(d.Name) {
			s.event(Reaction{Subject: about, By: d.Name, Word: d.Text, Gone: d.Event == protocol.EventUnreacted})
		}
	case protocol.EventChanged:
		e := Changed{Subject: about, From: d.Name, Text: d.Text}
		if m := d.Marks; m != nil {
			e.Edited, e.Removed = !m.Edited.IsZero(), m.Removed != nil
			for _, r := range m.Reactions {
				if e.Reactions == nil {
					e.Reactions = make(map[string][]string)
				}
				e.Reactions[r.Word] = r.Names
			}
		}
		s.event(e)
	}
}

// full reports whether no message is told any more until those that wait were handled: then
// the server is asked for what comes from now on.
func (s *session) full() bool {
	if !s.skips && s.b.events.full() {
		s.skips = true
	}
	if s.skips && s.dialect != sending.Extended {
		s.skipped = true
	}
	return s.skips
}

// event tells an event; nil: nothing but the point.
func (s *session) event(e Event) {
	_, lost := e.(Lost)
	_, back := e.(Connected)
	_, gap := e.(Gap)
	must := lost || back || gap // there are few
	if !must && s.full() {
		return
	}
	at := Point{}
	if after, known := s.seen.After(); known && !s.skips && protocol.IsTag(s.seen.Log()) { // another cannot be begun with
		at = Point{Log: s.seen.Log(), After: max(after, s.floor), Token: s.token}
	}
	s.b.events.put(entry{e, at})
}

// caughtUp handles that all events that waited were handled. What was left out is told by the
// server once more, on a new connection.
func (s *session) caughtUp() {
	if !s.skips || s.over || s.leaving {
		return
	}
	s.skips = false
	if s.dialect == sending.Extended {
		if s.phase == loggedIn {
			s.drop()
			s.connect()
		}
		return
	}
	if s.skipped {
		s.skipped = false
		s.event(Gap{"too much came at once"})
	}
}
