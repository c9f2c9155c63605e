package server

import (
	"context"
	"encoding/json"
	"fmt"
	"strconv"
	"strings"
	"time"

	"parley/protocol"
	"parley/users"
	"parley/users/state"
	"parley/users/tail"
)

// An export is all that is kept of an account, as lines of JSON, in pages in the order of
// the numbers of what was said: the first page has also what is not about any of that.
// It has nothing of others but the direct messages that they have sent to one, and no text
// that was removed.

const (
	// exportBytes is of how many bytes of texts a page is about, and plainExportBytes in a
	// plain session, where each line is a response, which has a pause behind it.
	exportBytes      = 64 << 10
	plainExportBytes = 4 << 10
)

// export answers with a page of what is kept of the session's account.
func export(c *Core, s *session, r call) *protocol.Error {
	word := r.args[0]
	if rest, is := cutPrefixFold(word, "after"); is && r.Content.Text != "" { // as one types it
		word = rest
	}
	after := uint64(0)
	if word = strings.TrimSpace(word); word != "" {
		var err error
		if after, err = strconv.ParseUint(word, 10, 64); err != nil {
			return protocol.Errorf(protocol.BadRequest, "NUMBER is that with which the page before has ended, and not %q. Use:", shorten(word)).WithCommands("export", "export after NUMBER")
		}
	}
	if !s.account {
		return protocol.Errorf(protocol.NotAllowed, "You have no account, so nothing is kept of you that could be given to you. Use:").WithCommands("register PASSWORD")
	}
	return c.readExport(s, r, after, maxRead)
}

// readExport reads a page behind a number, so often at most, and answers.
func (c *Core) readExport(s *session, r call, after uint64, tries int) *protocol.Error {
	account, is := c.state.Account(s.name)
	switch {
	case !is: // it was deleted meanwhile
		return nil
	case c.log.Failing() != nil: // what is in the file may not be all
		return domainError(c.failing(), s.name)
	}
	bytes := exportBytes
	if !s.extended {
		bytes = plainExportBytes
	}
	upTo := c.state.Last()
	back := readFor(c, s, r, "What is kept of you", func(r call, found exportRead) *protocol.Error {
		switch {
		case c.refreshExport(&found.Export, upTo):
			c.answerExport(s, r, after, upTo, found)
			return nil
		case tries > 1:
			return c.readExport(s, r, after, tries-1)
		}
		return changing()
	})
	c.held.call(func() { // when all up to now is in the file
		c.reader.Export(state.AuthorOf(account), after, max(upTo, after), bytes, func(e state.Export, reached uint64, err error) {
			back(exportRead{e, reached}, err)
		})
	})
	return nil
}

// refreshExport makes what was read what it is now, and reports whether all of it is: as
// refresh.
func (c *Core) refreshExport(e *state.Export, asOf uint64) bool {
	for i := range e.Messages {
		m := []*state.Message{&e.Messages[i]}
		if !c.refreshMessages(m, asOf) {
			return false
		}
		e.Messages[i] = *m[0]
	}
	for i := range e.Directs {
		d := []tail.Entry{{Direct: &e.Directs[i]}}
		if !c.refresh(d, asOf) {
			return false
		}
		e.Directs[i] = *d[0].Direct
	}
	return true
}

// An exportRead is what comes back from Reader.Export.
type exportRead struct {
	state.Export
	reached uint64
}

func (c *Core) answerExport(s *session, r call, after, upTo uint64, found exportRead) {
	own, is := c.state.Own(s.name, after, found.reached)
	if !is { // it was deleted meanwhile
		return
	}
	lines := c.exportLines(&own, after, found.Export)
	answer := c.info("", protocol.EventExport, r.now)
	answer.Ref = r.Ref
	if found.reached < upTo {
		answer.Data.After = found.reached
	}
	c.fx.take()
	if s.extended {
		answer.Content = exportSentence(len(lines), answer.Data.After)
		var text strings.Builder
		for _, line := range lines {
			text.WriteString(line.Text + "\n")
		}
		answer.Data.Text = text.String()
		c.reply(s, answer)
	} else {
		c.tellPlainExport(s, answer, lines)
	}
	c.spend(s, c.fx.take(), r.now)
}

// exportSentence says what an export has, and how to go on.
func exportSentence(lines int, after uint64) string {
	text := fmt.Sprintf("%d lines of JSON of what is kept of you follow.", lines)
	switch lines {
	case 0:
		text = "Nothing more is kept of you up to there."
	case 1:
		text = "One line of JSON of what is kept of you follows."
	}
	if after == 0 {
		return text + " That is all."
	}
	return protocol.WithCommands(text+" For more use:", "export after "+strconv.FormatUint(after, 10))
}

// tellPlainExport tells an export in a plain session: each line in a response of its own, or
// several if it is long.
func (c *Core) tellPlainExport(s *session, answer protocol.Response, lines []protocol.Line) {
	answer.Content = exportSentence(len(lines), answer.Data.After)
	c.reply(s, answer)
	var frames []protocol.SaidFrame
	for _, line := range lines {
		answer.Content = line.Text
		frames = append(frames, protocol.FramesAbout(line.Message, answer)...)
	}
	c.fx.Replay(s.id, frames)
}

// An exportLine is one line of an export: its kind, and what there is of that.
type exportLine struct {
	Kind string `json:"kind"`

	ID   uint64     `json:"id,omitempty"` // the number of a message, or of what a request has created
	Room string     `json:"room,omitempty"`
	From string     `json:"from,omitempty"`
	To   string     `json:"to,omitempty"`
	Name string     `json:"name,omitempty"`
	Time *time.Time `json:"time,omitempty"`
	Text string     `json:"text,omitempty"`
	Re   uint64     `json:"re,omitempty"`

	Role     string     `json:"role,omitempty"`
	LastSeen *time.Time `json:"last_seen,omitempty"`
	Until    *time.Time `json:"until,omitempty"`
	Since    uint64     `json:"since,omitempty"`
	Why      string     `json:"why,omitempty"`
	Request  string     `json:"request,omitempty"`
	Edited   *time.Time `json:"edited,omitempty"`
	Removed  bool       `json:"removed,omitempty"`
}

// exportTime returns a time as a line has it; nil: none.
func exportTime(t time.Time) *time.Time {
	if t.IsZero() {
		return nil
	}
	t = t.UTC().Truncate(time.Second)
	return &t
}

// exportLines returns the lines of a page.
func (c *Core) exportLines(own *state.Own, after uint64, e state.Export) (lines []protocol.Line) {
	add := func(l exportLine) {
		text, err := json.Marshal(l)
		if err == nil {
			lines = append(lines, protocol.Line{Text: string(text), Message: l.of()})
		}
	}
	if after == 0 {
		c.exportAccount(own, add)
	}
	for i := range e.Messages {
		m := &e.Messages[i]
		l := exportLine{Kind: "message", ID: m.Number, Room: m.Room, Time: exportTime(m.Time), From: m.Sender, Text: m.Text, Re: m.Re}
		l.mark(m.Marks)
		add(l)
	}
	for i := range e.Directs {
		d := &e.Directs[i]
		if c.state.PrunedDirect(d) {
			continue
		}
		l := exportLine{Kind: "direct", ID: d.Number, From: d.Sender, To: d.To, Time: exportTime(d.Time), Text: d.Text, Re: d.Re}
		l.mark(d.Marks)
		add(l)
	}
	for _, r := range e.Reactions {
		add(exportLine{Kind: "reaction", ID: r.Message, Text: r.Word})
	}
	for _, q := range own.Requests {
		add(exportLine{Kind: "request", ID: q.Number, Request: q.ID, Time: exportTime(q.Time)})
	}
	return lines
}

// of returns the number of the message that the line has something of; 0: of none.
func (l *exportLine) of() uint64 {
	switch l.Kind {
	case "message", "direct", "reaction":
		return l.ID
	}
	return 0
}

// mark adds what has become of a message.
func (l *exportLine) mark(m *state.Marks) {
	if m == nil {
		return
	}
	if l.Edited = exportTime(m.Edited); m.Removed != nil {
		l.Removed, l.Text, l.Edited = true, "", nil
	}
}

// exportAccount adds what is not about anything that was said.
func (c *Core) exportAccount(own *state.Own, add func(exportLine)) {
	a := own.Account
	add(exportLine{Kind: "account", Name: a.Name, Role: string(a.Role), Time: exportTime(a.Registered), LastSeen: exportTime(a.LastSeen)})
	for _, in := range own.Joined {
		add(exportLine{Kind: "member", Room: in.Room.Name, Since: in.Since, Role: string(c.state.Role(users.Fold(a.Name), in.Room.Name))})
	}
	for _, r := range own.Made {
		add(exportLine{Kind: "room", Room: r.Name, Text: r.Topic})
	}
	for _, i := range own.Invitations {
		add(exportLine{Kind: "invitation", Room: i.Room, From: i.By})
	}
	for _, cursor := range own.Read {
		add(exportLine{Kind: "read", Room: cursor.Room, Name: c.personName(cursor.With), ID: cursor.Number})
	}
	if own.Unseen[0] > 0 {
		add(exportLine{Kind: "unseen", Since: own.Unseen[0], ID: own.Unseen[1]})
	}
	for _, name := range own.Blocked {
		add(exportLine{Kind: "block", Name: name})
	}
	for _, v := range own.Sanctions {
		add(exportLine{Kind: string(v.Kind), Room: v.Room, Name: v.Name, Why: v.Why, Time: exportTime(v.Since), Until: exportTime(v.Until)})
	}
}

// Export implements Reader.
func (r FileReader) Export(who state.Author, after, upTo uint64, bytes int, done func(state.Export, uint64, error)) {
	within(r, func(ctx context.Context) (read exportRead, err error) {
		read.Export, read.reached, err = r.Source.Export(ctx, who, after, upTo, bytes)
		return read, err
	}, func(read exportRead, err error) { done(read.Export, read.reached, err) })
}

// Export implements Reader: there is nothing but the tail.
func (a *attic) Export(who state.Author, after, upTo uint64, bytes int, done func(state.Export, uint64, error)) {
	e, reached := a.tail.Export(who, after, upTo, bytes)
	done(e, reached, nil)
}
