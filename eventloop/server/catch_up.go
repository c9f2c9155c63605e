package server

import (
	"fmt"
	"log/slog"
	"slices"
	"strconv"
	"time"

	"parley/eventloop"
	"parley/protocol"
	"parley/users"
	"parley/users/command"
	"parley/users/state"
	"parley/users/tail"
)

const (
	// maxCatching is how many sessions are told of the past at once; the others wait in
	// a line. Each has at most one page under way.
	maxCatching = 256

	// pageTimeout is after how long without reading a page a session gives its place to
	// the next one in the line. Whoever does not read would else keep all others waiting.
	pageTimeout = 5 * time.Second

	// pageBytes is how much is sent before it is waited until it has gone out: a client
	// that does not read has no more than that waiting because of it.
	pageBytes = 16 << 10

	// plainPage is how many frames a page is for a plain session, where each has a pause.
	plainPage = 20
)

// A catchUp is what a session is told of the past: a place in the order of the numbers,
// and nothing that is kept for it. It is over in the turn in which all that is behind it
// is in the tail.
type catchUp struct {
	person string   // whose direct messages
	after  uint64   // all up to this number was told
	shown  uint64   // up to this number only direct messages come, which were not acknowledged
	rooms  bool     // what was said in rooms, too, which the session joins at its end
	began  uint64   // the last number when it began
	own    []uint64 // direct messages that the session itself has sent since then
	told   int
	again  int       // how often the page was read that is being read
	active bool      // it has a place
	sent   time.Time // when a page was sent that has not gone out; zero: none
}

// catching is who is told of the past now, and who waits for that.
type catching struct {
	active []*session
	line   []*session // the longest first; some are gone
	moving bool       // the line is
}

// catchUp tells a session of what is behind the number that its client has shown, and of
// the direct messages before it that were not acknowledged: that a client has shown a
// number does not say that it was sent them.
func (c *Core) catchUp(s *session, past *catchUp, now time.Time) {
	past.after, past.began = past.shown, c.state.Last()
	if first, _ := c.state.Unseen(past.person); first > 0 {
		past.after = min(past.shown, first-1)
	}
	s.few().catch = past
	if len(c.catching.active) >= maxCatching && past.rooms {
		c.reply(s, c.info("Others are told first what they have missed: what you have missed comes after that.", protocol.EventResumeWaits, now))
	}
	c.lineUp(s, now)
}

// lineUp has a session told more when it is its turn.
func (c *Core) lineUp(s *session, now time.Time) {
	c.catching.line = append(c.catching.line, s)
	c.moveLine(now)
}

// moveLine gives places to the longest in the line. Whoever needs none for long makes it
// move again, in the same loop.
func (c *Core) moveLine(now time.Time) {
	line := &c.catching
	if line.moving {
		return
	}
	line.moving = true
	defer func() { line.moving = false }()
	for len(line.line) > 0 && len(line.active) < maxCatching {
		s := line.line[0]
		line.line[0] = nil
		line.line = line.line[1:]
		past := s.catch()
		if past == nil || !c.sessions.has(s) || s.leaving {
			continue
		}
		line.active = append(line.active, s)
		past.active = true
		c.page(s, now)
	}
}

// passOn has others told while somebody does not read.
func (c *Core) passOn(now time.Time) {
	for _, s := range slices.Clone(c.catching.active) {
		if sent := s.rare.catch.sent; !sent.IsZero() && now.Sub(sent) >= pageTimeout {
			c.giveUpPlace(s, s.rare.catch, now)
		}
	}
}

func (c *Core) giveUpPlace(s *session, of *catchUp, now time.Time) {
	of.active = false
	if i := slices.Index(c.catching.active, s); i >= 0 {
		c.catching.active = slices.Delete(c.catching.active, i, i+1)
	}
	c.moveLine(now)
}

// page tells the next page.
func (c *Core) page(s *session, now time.Time) {
	defer c.firmly()()
	if s.rare.catch.after >= c.tail.After() {
		entries := c.tail.From(s.rare.catch.after)
		c.tellPage(s, entries, c.state.Last(), now)
		return
	}
	safe := c.safe
	if c.volatile {
		safe = c.tail.After()
	}
	past := s.rare.catch
	query := tail.Query{Person: past.person, Changes: []tail.RoomFrom{}, After: past.after, UpTo: safe, Bytes: pageBytes}
	switch {
	case past.after < past.shown:
		query.UpTo = min(safe, past.shown)
	case past.rooms:
		query.Rooms, query.Changes = c.missedRooms(past)
	}
	hold := past.again > 0
	asOf := c.readAsOf(hold)
	back := wayBack(c, s, func(r read) { c.pageRead(s, r, c.cfg.Clock()) })
	ask := func() {
		c.reader.Read(query, func(p tail.Page, err error) { back(read{query.Person, asOf, p, err}) })
	}
	if hold {
		c.held.call(ask)
	} else {
		c.whenNamed(ask)
	}
}

// whenNamed has something read that was said to a person or by them, when the file knows
// all persons by the names that they have now.
func (c *Core) whenNamed(read func()) { c.readBehind(c.renamed > c.log.Committed(), read) }

// missedRooms returns the rooms in which something was said that a session has missed, and
// behind which number of each: its person has joined them then. In those that are changed
// something may have been changed, of what its person may see.
func (c *Core) missedRooms(past *catchUp) (said, changed []tail.RoomFrom) {
	said, changed = []tail.RoomFrom{{Room: state.Lobby}}, []tail.RoomFrom{{Room: state.Lobby}}
	for _, in := range c.state.Joined(past.person) {
		changed = append(changed, tail.RoomFrom{Room: in.Room.Name, After: c.seenFrom(in.Room, in.Since)})
		if in.Room.Newest > past.after {
			said = append(said, tail.RoomFrom{Room: in.Room.Name, After: max(in.Since, c.state.Pruned(in.Room.Name))})
		}
	}
	return said, changed
}

// A hearing of a room: what is said in it is told behind since, and what becomes of what was
// said behind seen.
type hearingFrom struct{ since, seen uint64 }

// hears returns behind which numbers a session that is told of the past hears each of its
// rooms: its person has joined them then. It is made once for a page, since it is asked of
// each message in the tail, most of which may be of other rooms.
func (c *Core) hears(past *catchUp) map[string]hearingFrom {
	if !past.rooms {
		return nil
	}
	joined := c.state.Joined(past.person)
	from := make(map[string]hearingFrom, 1+len(joined))
	gone := c.state.Pruned(state.Lobby)
	from[state.Lobby] = hearingFrom{gone, gone}
	for _, in := range joined {
		from[in.Room.Name] = hearingFrom{max(in.Since, c.state.Pruned(in.Room.Name)), c.seenFrom(in.Room, in.Since)}
	}
	return from
}

// A read is what comes back from a Reader.
type read struct {
	person string // of whom
	asOf   uint64 // what was changed up to this number is in it as it is behind that
	page   tail.Page
	err    error
}

func (c *Core) pageRead(s *session, r read, now time.Time) {
	defer c.firmly()()
	switch {
	case !c.sessions.has(s) || s.catch() == nil || s.leaving:
	case r.person != s.catch().person: // who has registered meanwhile
		c.page(s, now)
	case r.err != nil:
		c.journal(slog.LevelError, s, "what somebody has missed cannot be read", slog.Any("error", r.err))
		c.refuse(s, protocol.Request{}, protocol.Errorf(protocol.Internal, "What you have missed cannot be read now. Please connect again."), now)
		c.dropped(s, DropFault)
		c.close(s, users.LostConnection, now)
	case !c.refresh(r.page.Entries, r.asOf) && s.catch().again < maxRead: // was changed meanwhile
		s.catch().again++
		c.page(s, now)
	case !c.refresh(r.page.Entries, r.asOf):
		c.refuse(s, protocol.Request{}, protocol.Errorf(protocol.Busy, "What you have missed is being changed again and again. Please connect again."), now)
		c.dropped(s, DropFault)
		c.close(s, users.LostConnection, now)
	default:
		s.catch().again = 0
		c.tellPage(s, r.page.Entries, r.page.UpTo, now)
	}
}

// tellPage tells entries, as many as a page has. upTo is the number up to which they are
// all there are.
func (c *Core) tellPage(s *session, entries []tail.Entry, upTo uint64, now time.Time) {
	size, frames, hears, skip := 0, 0, c.hears(s.rare.catch), c.skips(s)
	for i := range entries {
		e := &entries[i]
		if !c.concerns(s, e, hears) {
			continue
		}
		if size >= pageBytes || !s.extended && frames >= plainPage {
			upTo = e.Number() - 1
			break
		}
		size += c.tellEntry(s, e, skip, now)
		if frames++; e.Change == 0 && e.Number() > s.rare.catch.shown {
			s.rare.catch.told++
		}
	}
	s.rare.catch.after = max(upTo, s.rare.catch.after)
	if s.rare.catch.after >= c.state.Last() {
		c.caughtUp(s, now)
		return
	}
	s.rare.catch.sent = now
	c.fx.TellOut(s.id, s.rare.catch.after)
}

// concerns reports whether a session is told of an entry, which hears of rooms what is behind
// these numbers.
func (c *Core) concerns(s *session, e *tail.Entry, hears map[string]hearingFrom) bool {
	past, blocks := s.rare.catch, c.state.Blocks()
	rooms := past.rooms && e.Number() > past.shown
	if e.Change != 0 && !(e.News(max(past.after, past.shown)) && (rooms || e.Change > past.began)) {
		return false
	}
	if m := e.Message; m != nil {
		from, in := hears[m.Room]
		known := m.Number > from.since || e.Change != 0 && m.Number > from.seen && m.Number <= past.shown // else it was told, or never
		return rooms && in && known && !blocks.Has(s.name, m.Sender)
	}
	d := e.Direct
	if e.Change != 0 {
		return (d.Person == past.person || d.From == past.person) && !blocks.Has(s.name, d.Sender)
	}
	// What another session of the same user has said meanwhile waits for its turn here, too.
	meanwhile := s.extended && d.Number > past.began && !slices.Contains(past.own, d.Number)
	mine := d.Person == past.person || d.From == past.person && (rooms || meanwhile)
	return mine && !blocks.Has(s.name, d.Sender) && !c.state.PrunedDirect(d)
}

// response makes one of the message of an entry, without reactions of those who are skipped.
func response(e *tail.Entry, skip func(name string) bool) protocol.Response {
	if e.Message != nil {
		return messageResponse(e.Message, skip)
	}
	return directMessage(e.Direct, skip)
}

// tellEntry tells one entry and returns how many bytes that are.
func (c *Core) tellEntry(s *session, e *tail.Entry, skip func(name string) bool, now time.Time) (size int) {
	r := response(e, skip)
	c.note(s, &r)
	if e.Change != 0 {
		r = c.changedResponse(e, skip, now)
	}
	c.tellLikes(&r)
	if s.extended && skip != nil && e.Marks() != nil { // others may be told of other reactions
		frame := c.frame(r)
		c.fx.Send(s.id, frame)
		return len(frame)
	}
	if s.extended {
		if e.Frame == nil { // for all who are told of it
			c.tail.Encode(e, extendedFrame(r))
		}
		c.fx.Send(s.id, e.Frame)
		return len(e.Frame)
	}
	frames := protocol.SaidFrames(r)
	c.fx.Replay(s.id, frames)
	return protocol.SizeOf(frames)
}

// caughtUp ends what a session is told of the past: what comes now it hears as it comes.
func (c *Core) caughtUp(s *session, now time.Time) {
	done := s.rare.catch
	if !s.extended {
		c.fx.TellOut(s.id, done.after)
	}
	if done.rooms {
		c.hearAll(s, done.person)
		r := c.info(missed(done.told), protocol.EventResumed, now)
		r.Data.ID = done.after
		c.reply(s, r)
	}
	c.forgetCatchUp(s, now)
	c.endIfQuiet(s)
}

// missed says how many there were.
func missed(n int) string {
	switch n {
	case 0:
		return "You have missed nothing."
	case 1:
		return "You have missed one message."
	}
	return fmt.Sprintf("You have missed %d messages.", n)
}

// forgetCatchUp has the next one in the line told.
func (c *Core) forgetCatchUp(s *session, now time.Time) {
	if was := s.catch(); was != nil {
		s.rare.catch = nil
		c.giveUpPlace(s, was, now)
	}
}

// A cursor is what a plain session has been told of its direct messages. Its client
// cannot say that they were seen: they count as that when it asks for something after
// they have gone out, or leaves in peace.
type cursor struct {
	out   uint64 // up to this number they have gone out
	moved uint64 // and up to this the state knows it
}

// Out notes that all has gone out that was sent to a connection before a mark was set.
func (c *Core) Out(id eventloop.ConnID, mark uint64, now time.Time) {
	s := c.sessions.get(id)
	if s == nil || s.leaving {
		return
	}
	if !s.extended {
		s.few().seen.out = max(s.few().seen.out, mark)
	}
	past := s.catch()
	switch {
	case past == nil || past.sent.IsZero() || mark != past.after:
	case past.active:
		past.sent = time.Time{}
		c.page(s, now)
	default: // others have been told meanwhile
		past.sent = time.Time{}
		c.lineUp(s, now)
	}
}

// sawDirects moves the cursor of a plain session that has done something.
func (c *Core) sawDirects(s *session, now time.Time) {
	if s.rare == nil || s.name == "" {
		return
	}
	if seen := &s.rare.seen; seen.out > seen.moved && c.log.Propose(now, &command.Seen{By: s.by(), Number: seen.out}, nil) == nil {
		seen.moved = seen.out
	}
}

// seen moves the cursor of a session whose client has shown direct messages. There is no
// answer.
func seen(c *Core, s *session, r call) *protocol.Error {
	number, err := strconv.ParseUint(r.args[0], 10, 64)
	if err != nil {
		return protocol.Errorf(protocol.BadRequest, "NUMBER is that of a direct message. Use:").WithCommands("seen NUMBER")
	}
	return c.propose(s, &r, s.name, &command.Seen{By: s.by(), Number: number}, nil)
}
