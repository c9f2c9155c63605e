package bot

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"time"

	"parley/eventloop/client/rooms"
	"parley/eventloop/client/sending"
	"parley/protocol"
)

// slowDown is how long a request waits that the server has refused since there were too
// many, if it does not say how long.
const slowDown = time.Second

// maxProbes is how often a server of the standard is asked whether it is there, while texts
// are not confirmed.
const maxProbes = 2

// said is what has become of a text.
type said struct {
	number uint64
	err    error
}

// Say says a text in a room where the bot is; "" is the lobby. The text is of at most
// protocol.MaxText bytes; if the server allows less, the Error has the code protocol.TooLarge.
// It returns the number of the message when the server has it for good, 0 from a
// server of the standard. If ctx ends before, the text may still be said.
func (b *Bot) Say(ctx context.Context, room, text string) (number uint64, err error) {
	return b.say(ctx, sending.Where{Room: inRoom(room)}, text)
}

// Reply answers a Message in its room, or a Direct to whom it came from. Otherwise it is
// like Say.
func (b *Bot) Reply(ctx context.Context, to Said, text string) (number uint64, err error) {
	return b.say(ctx, to.reply(), text)
}

// Direct says a text to one person alone, who is connected or has an account: then the
// server keeps it until they come. Otherwise it is like Say.
func (b *Bot) Direct(ctx context.Context, name, text string) (number uint64, err error) {
	if err := protocol.CheckName(name); err != nil {
		return 0, err
	}
	return b.say(ctx, sending.Where{To: name}, text)
}

// inRoom is a room as the parts of the client name it.
func inRoom(room string) string {
	if rooms.IsLobby(room) {
		return ""
	}
	return room
}

func (b *Bot) say(ctx context.Context, where sending.Where, text string) (uint64, error) {
	result := make(chan said, 1)
	if err := b.do(ctx, func() { b.s.say(where, text, result) }); err != nil {
		return 0, err
	}
	select {
	case r := <-result:
		return r.number, r.err
	case <-ctx.Done():
		return 0, ctx.Err()
	}
}

// say takes a text. What becomes of it is told to result, once.
func (s *session) say(where sending.Where, text string, result chan<- said) {
	s.entry++
	s.texts[s.entry] = result
	if why := s.queue.Say(s.entry, where, text); why != 0 {
		s.settleText(s.entry, said{err: failure(sending.Outcome{Why: why})})
	}
}

// settleText tells what has become of a text.
func (s *session) settleText(entry uint64, r said) {
	if result := s.texts[entry]; result != nil {
		delete(s.texts, entry)
		s.probes = 0
		result <- r
	}
}

// confirm finds out whether a server of the standard has the texts that it has not sent back: if
// it answers something that was asked behind them, but sends texts back as a rule, nobody knows.
func (s *session) confirm() {
	if s.over || s.phase != loggedIn || s.dialect != sending.Plain || len(s.texts) == 0 || !s.queue.Idle() || s.queue.Drained() {
		return
	}
	if s.probes++; s.probes > maxProbes {
		for entry := range s.texts {
			s.settleText(entry, said{err: ErrInDoubt})
		}
	}
}

// became handles what the queue says of a text. That it has come back says of an extended
// server less than that it was accepted.
func (s *session) became(t sending.Text, o sending.Outcome) {
	switch o.State {
	case sending.Accepted, sending.Delivered, sending.Stored:
		s.settleText(t.Entry, said{number: o.ID})
	case sending.CameBack:
		if s.dialect != sending.Extended {
			s.settleText(t.Entry, said{})
		}
	case sending.InDoubt:
		s.settleText(t.Entry, said{err: ErrInDoubt})
	case sending.Failed:
		s.settleText(t.Entry, said{err: failure(o)})
	case sending.Dropped, sending.Parked:
		s.settleText(t.Entry, said{err: ErrClosed})
	}
}

// failure is why a text was not said.
func failure(o sending.Outcome) error {
	switch o.Why {
	case sending.TooLong:
		return protocol.Errorf(protocol.TooLarge, "That text is too long: at most %d bytes.", protocol.MaxText)
	case sending.TooLongPlain:
		return protocol.Errorf(protocol.TooLarge, "That text is too long for a server of the standard.")
	case sending.TooMany:
		return protocol.Errorf(protocol.Busy, "%d texts wait already.", sending.MaxTexts)
	case sending.OnlyPublic, sending.NoAnswers:
		return ErrPlain
	case sending.NotInRoom, sending.NotMade:
		return protocol.Errorf(protocol.NotInRoom, "The bot is not in that room.")
	}
	return &Error{Code: o.Code, Text: o.Words}
}

// Join has the bot be in a room, now and whenever it comes back; key is "" if it needs
// none.
func (b *Bot) Join(ctx context.Context, room, key string) error {
	if err := protocol.CheckRoom(room); err != nil {
		return err
	}
	fields := map[string]string{"room": room}
	if key != "" {
		fields["key"] = key
	}
	_, err := b.ask(ctx, "join", fields)
	if err != nil {
		return err
	}
	return b.do(ctx, func() { b.s.want(room) })
}

// Create makes a room, of which the bot is the owner, and joins it.
func (b *Bot) Create(ctx context.Context, room string) error {
	if err := protocol.CheckRoom(room); err != nil {
		return err
	}
	if _, err := b.ask(ctx, "create", map[string]string{"room": room}); err != nil {
		return err
	}
	return b.do(ctx, func() { b.s.want(room) })
}

// Leave has it be there no more.
func (b *Bot) Leave(ctx context.Context, room string) error {
	if err := b.do(ctx, func() { b.s.wantNot(room) }); err != nil {
		return err
	}
	_, err := b.ask(ctx, "leave", map[string]string{"room": room})
	return err
}

// React puts a word or an emoji to a message that the bot may see.
func (b *Bot) React(ctx context.Context, number uint64, word string) error {
	_, err := b.ask(ctx, "react", map[string]string{"id": strconv.FormatUint(number, 10), "word": word})
	return err
}

// Unreact takes it back.
func (b *Bot) Unreact(ctx context.Context, number uint64, word string) error {
	_, err := b.ask(ctx, "unreact", map[string]string{"id": strconv.FormatUint(number, 10), "word": word})
	return err
}

// Edit gives a message that the bot has said another text.
func (b *Bot) Edit(ctx context.Context, number uint64, text string) error {
	_, err := b.ask(ctx, "edit", map[string]string{"id": strconv.FormatUint(number, 10), "text": text})
	return err
}

// Remove removes a message that the bot has said, or that it may remove since it keeps
// order there. why may be "".
func (b *Bot) Remove(ctx context.Context, number uint64, why string) error {
	fields := map[string]string{"id": strconv.FormatUint(number, 10)}
	if why != "" {
		fields["why"] = why
	}
	_, err := b.ask(ctx, "remove", fields)
	return err
}

// Names returns who is in a room, or connected if room is "".
func (b *Bot) Names(ctx context.Context, room string) ([]string, error) {
	var fields map[string]string
	if room != "" {
		fields = map[string]string{"room": room}
	}
	r, err := b.ask(ctx, "names", fields)
	if err != nil {
		return nil, err
	}
	return r.Data.Names, nil
}

// ask makes a request, and returns what answers it. One that the server finds too fast
// waits and goes again.
func (b *Bot) ask(ctx context.Context, verb string, fields map[string]string) (r protocol.Response, err error) {
	for {
		answer := make(chan protocol.Response, 1)
		refused := make(chan error, 1)
		if err := b.do(ctx, func() { refused <- b.s.ask(verb, fields, answer) }); err != nil {
			return r, err
		}
		if err := <-refused; err != nil {
			return r, err
		}
		var answered bool
		select {
		case r, answered = <-answer:
		case <-ctx.Done():
			return r, ctx.Err()
		}
		switch {
		case !answered:
			return r, fmt.Errorf("%s: %w", verb, ErrInDoubt)
		case r.Kind != protocol.KindError:
			return r, nil
		}
		refusal := errorOf(r)
		if !errors.Is(refusal, &Error{Code: protocol.RateLimited}) {
			return r, refusal
		}
		select {
		case <-time.After(max(slowDown, time.Duration(refusal.Seconds)*time.Second)):
		case <-b.ended:
			return r, ErrClosed
		case <-ctx.Done():
			return r, ctx.Err()
		}
	}
}

// errorOf is an answer that refuses something, as an error.
func errorOf(r protocol.Response) *Error {
	e := &Error{Text: r.Content}
	if r.Data != nil {
		e.Code, e.Seconds, e.Order = r.Data.Code, r.Data.Seconds, r.Data.Order
	}
	return e
}

// ask sends a request. What answers it is told to answer, which is closed if nothing does.
func (s *session) ask(verb string, fields map[string]string, answer chan<- protocol.Response) error {
	switch {
	case s.dialect == sending.Plain:
		return ErrPlain
	case s.leaving:
		return ErrClosed
	case !s.queue.Ask(sending.Request{Verb: verb, Fields: fields, Extension: true}):
		return protocol.Errorf(protocol.Busy, "Too many requests wait already.")
	}
	s.asks[s.queue.LastRef(verb)] = answer
	return nil
}
