package server

import (
	"context"
	"fmt"
	"math"
	"slices"

	"parley/protocol"
	"parley/users"
	"parley/users/search"
	"parley/users/state"
	"parley/users/tail"
)

// A search finds messages by their words, of those that its asker may see: what was said in
// the rooms that the person is in, in each as far back as its history goes, and their own
// direct messages. As of a history the session is busy until the page is there.

const (
	// searchCount and plainSearchCount are how many messages a page has at most.
	searchCount      = 50
	plainSearchCount = 20
)

// A Searcher finds messages by their words, such as a store.
type Searcher interface {
	Search(ctx context.Context, q search.Query) (search.Page, error)
}

// searchFor answers search.
func searchFor(c *Core, s *session, r call) *protocol.Error {
	asked, err := protocol.AskedSearch(r.Content, r.args, r.now)
	if err == nil && asked.From != "" {
		err = protocol.CheckName(asked.From)
	}
	if err != nil {
		return err
	}
	return c.search(s, r, asked, maxRead)
}

// searchQuery returns what a session looks for, or why it may not.
func (c *Core) searchQuery(s *session, asked protocol.Search) (q search.Query, _ *protocol.Error) {
	q = search.Query{From: users.Fold(asked.From), Since: asked.Since, Until: asked.Until, Before: asked.Before, Most: searchCount, Bytes: historyBytes, Skip: c.skips(s)}
	if q.Before == 0 {
		q.Before = math.MaxUint64
	}
	if !s.extended {
		q.Most = plainSearchCount
	}
	for _, w := range asked.Words {
		q.Words = append(q.Words, search.Word(w))
	}
	if asked.In != "" || asked.With != "" {
		of, err := c.conversationFor(s, historyRequest{room: asked.In, with: asked.With})
		if of.room != "" {
			q.Rooms = []state.RoomFrom{{Room: of.room, After: of.after}}
		}
		q.Person, q.With = of.person, of.with
		return q, err
	}
	q.Person = c.person(s)
	q.Rooms = []state.RoomFrom{{Room: state.Lobby}}
	for _, in := range c.state.Joined(q.Person) {
		q.Rooms = append(q.Rooms, state.RoomFrom{Room: in.Room.Name, After: c.seenFrom(in.Room, in.Since)})
	}
	return q, nil
}

// search looks for messages, so often at most, and answers. What was decided until now is
// kept before it is looked for: so it is found, and all persons have the names there that they
// have now.
func (c *Core) search(s *session, r call, asked protocol.Search, tries int) *protocol.Error {
	q, refused := c.searchQuery(s, asked)
	if refused != nil {
		return refused
	}
	hold := c.log.Applied() > c.log.Committed()
	if hold && c.log.Failing() != nil {
		return domainError(c.failing(), s.name)
	}
	var recent []tail.Entry
	if c.volatile {
		recent = slices.Clone(c.tail.From(c.tail.After()))
	}
	last := c.state.Last() // up to which all is found as it is now
	back := readFor(c, s, r, "What was said earlier", func(r call, page search.Page) *protocol.Error {
		now, err := c.searchQuery(s, asked)
		switch {
		case err != nil: // one has left the room meanwhile, in another session
			return err
		case !sameOnes(&now, &q):
			return c.search(s, r, asked, tries)
		case c.refresh(page.Hits, last):
			c.answerSearch(s, r, asked, &q, page, last)
			return nil
		case tries > 1:
			return c.search(s, r, asked, tries-1)
		}
		return changing()
	})
	c.readBehind(hold, func() { c.reader.Search(q, recent, back) })
	return nil
}

// sameOnes reports whether two queries are for messages in the same places.
func sameOnes(a, b *search.Query) bool {
	return a.Person == b.Person && a.With == b.With && slices.Equal(a.Rooms, b.Rooms)
}

// answerSearch tells what was found. last is the number that was given last when it was
// looked for.
func (c *Core) answerSearch(s *session, r call, asked protocol.Search, q *search.Query, page search.Page, last uint64) {
	c.fx.take()
	m, skip := search.NewMatcher(q.Words), c.skips(s)
	answer := protocol.Response{Time: r.now, Sender: protocol.ServerName, Kind: protocol.KindHistory, Ref: r.Ref,
		Data: &protocol.Data{Event: protocol.EventSearch, Before: page.Left}}
	for i := range page.Hits {
		hit := response(&page.Hits[i], skip)
		c.tellLikes(&hit)
		if !m.Has(hit.Content) { // it was edited or removed meanwhile
			continue
		}
		hit.Data.Text = search.Excerpt(hit.Content, m.Find(hit.Content))
		answer.History = append(answer.History, hit)
	}
	switch {
	case page.From > oldest(q) && page.From > 0 || page.UpTo < last:
		answer.Data.State = protocol.StateIndexing
	case c.volatile && page.Left == 0 && oldest(q) < c.tail.After():
		answer.Data.State = protocol.StateNotKept
	}
	if !s.extended {
		c.tellPlainSearch(s, &answer, asked)
	} else {
		frames, _ := protocol.ExtendedHistory(answer)
		for _, frame := range frames {
			c.fx.Send(s.id, frame)
		}
	}
	c.spend(s, c.fx.take(), r.now)
}

// oldest returns behind which number all is that is looked for.
func oldest(q *search.Query) uint64 {
	if q.Person != "" {
		return 0
	}
	return q.Rooms[0].After // one room
}

// tellPlainSearch tells what was found in a plain session: a line for each message, as many
// as have time.
func (c *Core) tellPlainSearch(s *session, answer *protocol.Response, asked protocol.Search) {
	for {
		frames := protocol.LineFrames(c.info("", protocol.EventSearch, answer.Time), searchLines(answer, asked))
		n := len(answer.History)
		if n <= 1 || len(frames) < capacity(c.cfg.Pace) {
			c.fx.SendMessage(s.id, frames)
			return
		}
		answer.History = answer.History[:n-1]
		answer.Data.Before = answer.History[n-2].Data.ID
	}
}

// searchLines say what was found, and how to go on.
func searchLines(answer *protocol.Response, asked protocol.Search) []protocol.Line {
	text := fmt.Sprintf("%d messages, the newest first.", len(answer.History))
	switch len(answer.History) {
	case 0:
		text = "Nothing was found."
	case 1:
		text = "One message."
	}
	switch answer.Data.State {
	case protocol.StateNotKept:
		text += " This server keeps only the newest, and what was said before is gone."
	case protocol.StateIndexing:
		text += " Not all can be found yet: search again in a while."
	}
	if answer.Data.Before > 0 {
		text = protocol.WithCommands(text+" For more use:", asked.Typed(answer.Data.Before))
	}
	lines := []protocol.Line{{Text: text}}
	for i := range answer.History {
		lines = append(lines, searchLine(&answer.History[i]))
	}
	return lines
}

// searchLine tells one message that was found.
func searchLine(hit *protocol.Response) protocol.Line {
	where := " in " + hit.Data.Room
	switch {
	case hit.Data.Event == protocol.EventDirect:
		where = " to " + hit.Data.Likes.ToldApart(hit.Data.To) + " alone"
	case hit.Data.Room == "":
		where = " in " + state.Lobby
	}
	line := protocol.Line{Message: hit.Data.ID, Said: hit.Data.Text,
		Text: fmt.Sprintf("#%d%s, %s, %s: ", hit.Data.ID, where, hit.Data.Likes.ToldApart(hit.Sender), hit.Time.UTC().Format("2006-01-02 15:04"))}
	if m := hit.Data.Marks; m != nil && !m.Edited.IsZero() {
		line.Said += " (edited)"
	}
	return line
}

// Search implements Reader. Whoever waits is told in time, as of a history.
func (r FileReader) Search(q search.Query, _ []tail.Entry, done func(search.Page, error)) {
	within(r, func(ctx context.Context) (search.Page, error) { return r.Searcher.Search(ctx, q) }, done)
}

// Search implements Reader: there is nothing but the tail.
func (a *attic) Search(q search.Query, recent []tail.Entry, done func(search.Page, error)) {
	done(search.Among(recent, q), nil)
}

// A MemoryReader is the Reader of a server that keeps nothing, and has something else to do
// than to look through all that is in memory.
type MemoryReader struct {
	Reader
	Post func(func()) // has a function run on the core's goroutine
}

// Search implements Reader.
func (r MemoryReader) Search(q search.Query, recent []tail.Entry, done func(search.Page, error)) {
	go func() {
		page := search.Among(recent, q)
		r.Post(func() { done(page, nil) })
	}()
}
