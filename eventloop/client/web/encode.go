package web

import (
	"time"

	"parley/eventloop/client"
	"parley/eventloop/client/sending"
	"parley/eventloop/client/timeline"
	"parley/p2p"
	"parley/protocol"
	"parley/protocol/printable"
)

// line makes what others have sent safe where it stands on one line, and text where it may
// have several: both as for a terminal.
func line(s string) string { return printable.Line(s) }
func text(s string) string { return printable.Text(s) }

// millis is a time as a page has it; 0 stands for none.
func millis(t time.Time) int64 {
	if t.IsZero() {
		return 0
	}
	return t.UnixMilli()
}

var kinds = [...]string{
	timeline.Message: "message", timeline.Info: "info", timeline.Failure: "failure", timeline.Presence: "presence",
	timeline.Announcement: "announcement", timeline.Notice: "notice", timeline.Warning: "warning", timeline.Error: "error", timeline.Gap: "gap",
}

var states = [...]string{
	timeline.Foreign: "", timeline.Typed: "typed", timeline.Sent: "sent", timeline.Accepted: "accepted", timeline.Stored: "stored",
	timeline.Delivered: "delivered", timeline.Doubtful: "doubtful", timeline.Failed: "failed",
}

var forms = [...]string{timeline.AsSaid: "said", timeline.AsEdited: "edited", timeline.AsBefore: "before"}

// entryOf is an entry as a page gets it, which is that of self.
func entryOf(e timeline.Entry, self string) Entry {
	at := e.At
	if at.IsZero() {
		at = e.Came
	}
	w := Entry{
		ID: uint64(e.ID), In: idOf(e.In), Kind: kinds[e.Kind], At: millis(at), Text: text(e.Text), Left: e.Left,
		Sender: line(e.Sender), To: line(e.To), Like: line(e.Like), Own: e.Own, Old: e.Old, Missed: e.Missed, Mention: e.Mention,
		Number: e.Number, State: states[e.State], Why: line(e.Why), Edited: e.Marks.Edited, Path: line(e.Path), Verified: e.Verified,
	}
	switch e.In.Place {
	case timeline.Past: // it is looked at where it was said
		w.In = idOf(e.From)
	case timeline.Again:
		w.Where, w.Form = idOf(e.From), forms[e.Form]
	}
	if e.Re.Number != 0 {
		w.Re = &Quote{e.Re.Number, line(e.Re.Sender), line(e.Re.Text)}
	}
	if e.Marks.Removed {
		w.Removed = &Removed{line(e.Marks.By), line(e.Marks.Why)}
	}
	for _, r := range e.Marks.Reactions {
		w.Reactions = append(w.Reactions, reactionOf(r, self))
	}
	return w
}

func reactionOf(r timeline.Reaction, self string) Reaction {
	w := Reaction{Word: line(r.Word), More: r.More, Names: []string{}}
	for _, name := range r.Names {
		w.Names = append(w.Names, line(name))
		w.Mine = w.Mine || sameName(name, self)
	}
	return w
}

func entriesOf(list []timeline.Entry, self string) []Entry {
	var all []Entry
	for _, e := range list {
		all = append(all, entryOf(e, self))
	}
	return all
}

var dialects = map[sending.Dialect]string{sending.Unknown: "unknown", sending.Plain: "plain", sending.Extended: "extended"}

// stateOf is a model as a page gets it, whole. What has not changed since the last one is
// taken from that.
func stateOf(m client.Model, last client.Model, was *State) *State {
	to, writing := idOf(m.To), line(m.Writing)
	if m.ToNobody {
		to = ""
	}
	s := &State{
		Self:       &Self{line(m.Name), m.Account, m.Away, line(m.AwayWhy)},
		Server:     &Server{line(m.Server), m.TLS, dialects[m.Dialect], m.Private},
		Connection: &Connection{string(m.Phase), millis(m.Retry), line(m.Why), m.Waiting, text(m.Refused)},
		Question:   &Question{m.Question.ID, string(m.Question.Kind), line(m.Question.Prompt), m.Question.Busy},
		To:         &to, Writing: &writing,
		Conversations: make(map[string]*Conversation, len(m.Conversations)),
		Peers:         make(map[string]*Peer, len(m.Peers)),
		Learns:        line(m.Learns),
	}
	for _, c := range m.Conversations {
		s.Conversations[idOf(c.In)] = conversationFrom(c)
	}
	for _, p := range m.Peers {
		s.Peers[timeline.With(timeline.Private, p.Name).Name] = peerOf(p)
	}
	if was != nil && m.PeopleChanges == last.PeopleChanges {
		s.People = was.People
	} else {
		s.People = make(map[string]*Person, len(m.People))
		for key, p := range m.People {
			s.People[key] = &Person{Name: p.Name, Away: p.Away, Like: p.Like, Why: line(p.Why), Rooms: roomIDs(p.Rooms)}
		}
	}
	if was != nil && m.SettingsChanges == last.SettingsChanges {
		s.Settings = was.Settings
	} else {
		s.Settings = make(map[string]string)
		for name, value := range m.Settings {
			s.Settings[name] = value
		}
	}
	return s
}

func roomIDs(names []string) []string {
	ids := []string{}
	for _, name := range names {
		ids = append(ids, idOf(timeline.With(timeline.Room, name)))
	}
	return ids
}

func conversationFrom(c client.Conversation) *Conversation {
	return &Conversation{
		ID: idOf(c.In), Kind: places[c.In.Place], Name: line(c.Name), Topic: line(c.Topic), Role: line(c.Role),
		Unread: c.Unread, Mentions: c.Mentions, Cursor: uint64(c.Cursor), Last: uint64(c.Last), Spoke: millis(c.Spoke),
		Closed: text(c.Closed), Draft: c.Draft,
	}
}

var peerStates = map[p2p.State]string{p2p.Asking: "asking", p2p.Asked: "asked", p2p.Connecting: "connecting", p2p.Open: "open", p2p.Closed: "closed"}

func peerOf(p p2p.Peer) *Peer {
	w := &Peer{
		Name: line(p.Name), State: peerStates[p.State], Until: millis(p.Until), Since: millis(p.Since), Relay: p.Path.Relay,
		Fingerprint: line(p.Fingerprint), Verified: p.Verified, RoundTrip: float64(p.RoundTrip) / float64(time.Millisecond), Waiting: p.Waiting,
	}
	if p.Path != (p2p.Path{}) {
		w.Path = line(p.Path.String())
	}
	if p.Known.Fingerprint != "" {
		w.Known = &Key{line(p.Known.Fingerprint), millis(p.Known.Since), p.Known.Verified}
	}
	if p.Offered != "" {
		w.Fingerprint, w.Changed, w.Verified = line(p.Offered), true, false
	}
	return w
}

// answerOf is an answer as a page of a chat gets it.
func answerOf(a client.Answer, s *State) *Answer {
	found := entriesOf(a.Entries, s.Self.Name)
	w := &Answer{
		OK: a.Error == "", Error: text(a.Error), Lines: s.LinesOf(found), More: a.More, Next: a.Next,
		Candidates: a.Candidates, Length: a.Length, Entry: uint64(a.Entry), Found: found, Words: a.Words,
	}
	for _, r := range a.Rooms {
		if protocol.CheckRoom(r.Name) == nil {
			w.Rooms = append(w.Rooms, Room{r.Name, line(r.Topic), r.Members, r.Joined, r.Private, r.Key, r.Invited})
		}
	}
	return w
}
