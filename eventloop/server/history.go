package server

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"math"
	"slices"
	"time"

	"parley/protocol"
	"parley/users"
	"parley/users/state"
	"parley/users/tail"
)

// A page of what was said earlier comes from the tail and, behind where that begins, from
// what is kept. The session is busy until it is there, so it has one at a time.

const (
	// readTimeout is for how long something may be read that somebody has asked for.
	readTimeout = 2 * time.Second

	// historyBytes is of how many bytes of texts a page is about. Encoded it is less than
	// protocol.MaxHistory: it has as much again for what must be escaped, and some 250 bytes
	// beside each text.
	historyBytes = 64 << 10
)

// errTooSlow is what a Reader says of a page that has taken longer than it may.
var errTooSlow = errors.New("that has taken too long")

// A conversation is what a page is of, as the asker may see it.
type conversation struct {
	room         string // Room.Name; "" of direct messages
	person, with string // between whom those are
	name         string // of with, as it is spelled
	after        uint64 // what is not behind it is not shown
}

// earlierMessages answers history.
func earlierMessages(c *Core, s *session, r call) *protocol.Error {
	asked, err := askedHistory(r)
	if err != nil {
		return err
	}
	return c.readEarlier(s, r, asked, maxRead)
}

// conversationFor returns what is asked for, or why it is not shown.
func (c *Core) conversationFor(s *session, asked historyRequest) (of conversation, _ *protocol.Error) {
	person := c.person(s)
	if asked.with == "" {
		room, err := c.named(s, asked.room)
		if err != nil {
			return of, err
		}
		since, in := c.state.Member(person, room.Name)
		if !in {
			return of, domainError(state.ErrNoMember, room.Name)
		}
		return conversation{room: room.Name, after: c.seenFrom(&room, since)}, nil
	}
	if sameName(asked.with, s.name) {
		return of, domainError(users.ErrSelf, s.name)
	}
	of.person = person
	if account, is := c.state.Account(asked.with); is {
		of.with, of.name = users.Fold(account.Name), account.Name
	} else if guest, is := c.state.Online(asked.with); is {
		of.with, of.name = guest.Person, guest.Name
	} else {
		return of, domainError(users.ErrUnknownUser, shorten(asked.with))
	}
	of.after = min(c.directsFrom(person), c.directsFrom(of.with))
	return of, nil
}

// maxRead is how often a page is read if what is in it is changed meanwhile.
const maxRead = 5

// tooSlow says that something could not be read in time.
func tooSlow() *protocol.Error {
	return protocol.Errorf(protocol.Busy, "It takes too long now to look that up. Ask for less, or send that again later.")
}

// changing says that others have changed again and again what was to be read.
func changing() *protocol.Error {
	return protocol.Errorf(protocol.Busy, "Others are changing that again and again. Send that again later.")
}

// readEarlier reads a page, so often at most, and answers.
func (c *Core) readEarlier(s *session, r call, asked historyRequest, tries int) *protocol.Error {
	of, refused := c.conversationFor(s, asked)
	if refused != nil {
		return refused
	}
	hold := tries < maxRead || c.tail.After() > c.safe || c.renamed > c.log.Committed() // the file does not have all yet that the tail has dropped
	asOf := c.readAsOf(hold)
	if hold && c.log.Failing() != nil {
		return domainError(c.failing(), s.name)
	}
	parts := c.historyParts(s, of, asked)
	back := readFor(c, s, r, "What was said earlier", func(r call, pages []tail.HistoryPage) *protocol.Error {
		now, err := c.conversationFor(s, asked)
		switch {
		case err != nil: // one has left the room meanwhile, in another session
			return err
		case now != of: // somebody has registered, or the room is another one
			return c.readEarlier(s, r, asked, tries)
		case c.refreshPages(pages, asOf):
			c.answerHistory(s, r, of, asked, pages)
			return nil
		case tries > 1:
			return c.readEarlier(s, r, asked, tries-1)
		}
		return changing()
	})
	c.readBehind(hold, func() { c.reader.History(parts, back) })
	return nil
}

// readBehind has something read, and first all kept that was decided if that is needed.
func (c *Core) readBehind(all bool, read func()) {
	if all {
		c.held.call(read)
		return
	}
	read()
}

// historyParts collects what the tail has: for the messages around a number on both sides
// of it, else on one.
func (c *Core) historyParts(s *session, of conversation, asked historyRequest) []*tail.HistoryPart {
	q := tail.HistoryQuery{Room: of.room, Person: of.person, With: of.with, After: of.after, Before: math.MaxUint64, Most: asked.count, Bytes: historyBytes}
	q.Skip = c.skips(s)
	switch asked.where {
	case "before":
		q.Before = asked.id
	case "after":
		q.After, q.Oldest = max(q.After, asked.id), true
	case "around":
		before, from := q, q
		before.Before, before.Most, before.Bytes = asked.id, asked.count/2, historyBytes/2
		from.After, from.Oldest, from.Most, from.Bytes = max(q.After, asked.id-1), true, asked.count-asked.count/2, historyBytes/2
		return []*tail.HistoryPart{c.tail.History(before), c.tail.History(from)}
	}
	return []*tail.HistoryPart{c.tail.History(q)}
}

// answerHistory tells a page.
func (c *Core) answerHistory(s *session, r call, of conversation, asked historyRequest, pages []tail.HistoryPage) {
	c.fx.take()
	page := protocol.Response{Time: r.now, Sender: protocol.ServerName, Kind: protocol.KindHistory, Ref: r.Ref,
		Data: &protocol.Data{Event: protocol.EventHistory, Room: roomOnWire(of.room), Name: of.name}}
	skip := c.skips(s)
	for _, p := range pages {
		for i := range p.Entries {
			if d := p.Entries[i].Direct; d != nil && c.state.PrunedDirect(d) {
				continue
			}
			said := response(&p.Entries[i], skip)
			c.note(s, &said)
			c.tellLikes(&said)
			page.History = append(page.History, said)
		}
	}
	first, last := &pages[0], &pages[len(pages)-1]
	if asked.where != "after" {
		page.Data.Before = first.Left
	}
	if asked.where == "after" || asked.where == "around" {
		page.Data.After = last.Left
	}
	looked := of.after // from here on all is in the page, as far as it was not told that there is more
	if asked.where == "after" {
		looked = max(looked, asked.id)
	}
	if c.volatile && page.Data.Before == 0 && looked < c.tail.After() {
		page.Data.State = protocol.StateNotKept
	}
	if gone := c.state.Pruned(of.room); page.Data.Before == 0 && looked < gone || looked == gone && gone > 0 {
		page.Data.State = protocol.StateNotKept
	}
	if !s.extended {
		c.tellPlainHistory(s, &page, of, asked)
		return
	}
	frames, _ := protocol.ExtendedHistory(page)
	for _, frame := range frames {
		c.fx.Send(s.id, frame)
	}
	c.spend(s, c.fx.take(), r.now)
}

// tellPlainHistory tells a page in a plain session: so many messages as have time, with
// pauses between them, and room, and in front of them what they are.
func (c *Core) tellPlainHistory(s *session, page *protocol.Response, of conversation, asked historyRequest) {
	frames := c.fitPlain(page, asked, s.name)
	answer := c.info(c.historySentence(page, of), protocol.EventHistory, page.Time)
	c.reply(s, answer)
	c.fx.Replay(s.id, frames)
	c.spend(s, c.fx.take(), page.Time)
}

// fitPlain returns the frames of a page, and takes out of it the messages for which there is
// no time or no room: those that are furthest from where one has asked. It notes where to go on.
func (c *Core) fitPlain(page *protocol.Response, asked historyRequest, name string) []protocol.SaidFrame {
	most := max(capacity(c.cfg.Pace)-1, 1) // but the sentence
	parts := make([][]protocol.SaidFrame, len(page.History))
	total, size := 0, 0
	for i, m := range page.History {
		if m.Data.Event == protocol.EventDirect && !sameName(m.Data.To, name) { // one's own
			m.Data.Event = protocol.EventDelivered
		}
		if m.Notes == nil {
			m.Notes = &protocol.Notes{}
		}
		m.Notes.Number = true
		parts[i] = protocol.SaidFrames(m)
		total, size = total+len(parts[i]), size+protocol.SizeOf(parts[i])
	}
	from, to := 0, len(parts)
	drop := func(part []protocol.SaidFrame) { total, size = total-len(part), size-protocol.SizeOf(part) }
	for (total > most || size > protocol.MaxPlainHistory) && to-from > 1 {
		dropFirst := asked.where != "after"
		if asked.where == "around" { // the half that is longer
			middle, _ := slices.BinarySearchFunc(page.History, asked.id, func(m protocol.Response, id uint64) int { return cmp.Compare(m.Data.ID, id) })
			dropFirst = middle-from > to-middle-1
		}
		if dropFirst {
			drop(parts[from])
			from++
			page.Data.Before, page.Data.State = page.History[from].Data.ID, ""
		} else {
			to--
			drop(parts[to])
			page.Data.After = page.History[to-1].Data.ID
		}
	}
	page.History = page.History[from:to]
	return slices.Concat(parts[from:to]...)
}

// historySentence says what follows in a plain session, and how to go on.
func (c *Core) historySentence(page *protocol.Response, of conversation) string {
	where, asks := of.room, "history "+of.room
	if of.room == "" {
		where, asks = "you and "+c.toldApart(of.name), "history with:"+of.name
	}
	if of.room == state.Lobby {
		where = "the lobby"
	}
	relation := "of"
	if of.room == "" {
		relation = "between"
	}
	text := fmt.Sprintf("%d earlier messages %s %s follow.", len(page.History), relation, where)
	switch len(page.History) {
	case 0:
		text = fmt.Sprintf("There are no such messages %s %s.", relation, where)
	case 1:
		text = fmt.Sprintf("One earlier message %s %s follows.", relation, where)
	}
	if page.Data.State == protocol.StateNotKept {
		text += " What was said before is gone: this server keeps only the newest."
	}
	var next []string
	if page.Data.Before > 0 {
		next = append(next, fmt.Sprintf("%s before %d", asks, page.Data.Before))
	}
	if page.Data.After > 0 {
		next = append(next, fmt.Sprintf("%s after %d", asks, page.Data.After))
	}
	if len(next) == 0 {
		return text
	}
	return protocol.WithCommands(text+" For more use:", next...)
}

// History implements Reader.
func (r FileReader) History(parts []*tail.HistoryPart, done func([]tail.HistoryPage, error)) {
	within(r, func(ctx context.Context) ([]tail.HistoryPage, error) { return ReadHistory(ctx, r.Source, parts) }, done)
}

// History implements Reader: there is nothing but the tail.
func (a *attic) History(parts []*tail.HistoryPart, done func([]tail.HistoryPage, error)) {
	done(ReadHistory(context.Background(), nil, parts))
}

// ReadHistory completes pages, one after the other.
func ReadHistory(ctx context.Context, from tail.Source, parts []*tail.HistoryPart) (pages []tail.HistoryPage, _ error) {
	for _, part := range parts {
		page, err := tail.History(ctx, from, part)
		if err != nil {
			return nil, err
		}
		pages = append(pages, page)
	}
	return pages, nil
}
