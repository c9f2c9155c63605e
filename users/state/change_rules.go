package state

import (
	"cmp"
	"errors"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"parley/users"
	"parley/users/command"
)

// Why a change of a message was refused, besides what result.go has.
var (
	ErrRemoved    = errors.New("the message was removed")
	ErrWord       = errors.New("that is no word and no emoji for a reaction")
	ErrNoReaction = errors.New("who asks has not put that to the message")
)

const (
	// MaxKinds is how many kinds of reactions a message has at most, and MaxReactions how
	// many there are of all kinds together: a message with all of them is told in one frame.
	MaxKinds     = 20
	MaxReactions = 200

	// MaxWord is the size in bytes (UTF-8) of the word of a reaction: room for any emoji.
	MaxWord = 40
)

// ValidWord reports whether a word may be put to a message: it is of up to MaxWord bytes,
// with nothing in it that is not seen, but for what joins the parts of an emoji.
func ValidWord(word string) bool {
	const zeroWidthJoiner = '\u200d'
	hidden := func(r rune) bool {
		return r == utf8.RuneError || r != zeroWidthJoiner && !unicode.IsGraphic(r) || unicode.IsSpace(r)
	}
	return word != "" && len(word) <= MaxWord && utf8.ValidString(word) && !strings.ContainsFunc(word, hidden) && strings.Trim(word, "\u200d\ufe0f") != ""
}

// change carries out what changes messages.
func (s *State) change(at time.Time, c command.Command, rows *Rows) Result {
	switch c := c.(type) {
	case *command.Edit:
		now := *c
		now.Of = s.asNow(c.Of)
		return s.edit(at, &now, rows)
	case *command.Remove:
		now := *c
		now.Of = s.asNow(c.Of)
		return s.remove(at, &now, rows)
	case *command.React:
		now := *c
		now.Of = s.asNow(c.Of)
		return s.react(at, &now, rows)
	}
	return refused(ErrUnknown)
}

// asNow returns the facts about a message with those between whom a direct one is as they are
// known now: a guest may have become an account since it was read.
func (s *State) asNow(of command.Target) command.Target {
	if of.Room == "" {
		of.From, of.To = s.personNow(of.From, of.Number), s.personNow(of.To, of.Number)
	}
	return of
}

// personNow returns who somebody is now who was a person when a number was given.
func (s *State) personNow(person string, number uint64) string {
	if a, is := s.accounts.OfGuest(person); is && number <= a.Number {
		return users.Fold(a.Name)
	}
	return person
}

// edit gives a message of who asks another text.
func (s *State) edit(at time.Time, c *command.Edit, rows *Rows) Result {
	who, err := s.caller(c.By)
	if err == nil {
		err = s.checkEdit(at, who, &c.Of)
	}
	if err != nil {
		return refused(err)
	}
	if r, muted := s.silenced(at, who, c.Of.Room); muted {
		return r
	}
	return s.changed(Change{Of: c.Of, Time: at, By: Reactor{Person: who.Person, Name: who.Name}, Text: c.Text}, rows)
}

func (s *State) checkEdit(at time.Time, who Online, of *command.Target) error {
	seen, own := s.sees(who, of), s.ownsMessage(who.Person, of)
	switch {
	case s.Changed(of.Number, of.AsOf):
		return ErrChanged
	case !own && seen == nil:
		return ErrNotOwn
	case seen != nil:
		return seen
	case of.Removed:
		return ErrRemoved
	case s.limits.EditFor > 0 && at.Sub(of.Time) > s.limits.EditFor:
		return ErrTooLate
	}
	return s.checkHeard(of.To, who)
}

// remove takes the text of a message away. One's own everybody may remove, also in a room
// where they are no more; that somebody else does is an act.
func (s *State) remove(at time.Time, c *command.Remove, rows *Rows) Result {
	who, _, err := s.keeper(c.By, c.Of.Room)
	own := err == nil && who.rank < Operator && s.ownsMessage(who.Person, &c.Of)
	switch {
	case s.Changed(c.Of.Number, c.Of.AsOf):
		err = ErrChanged
	case !s.exists(&c.Of):
		err = ErrNoMessage
	case err != nil:
	case !own:
		err = s.mayRemove(who, &c.Of)
	}
	switch {
	case err != nil:
	case c.Of.Removed:
		err = ErrRemoved
	case len(c.Why) > MaxWhy:
		err = ErrTooLong
	}
	if err != nil {
		return refused(err)
	}
	r := s.changed(Change{Of: c.Of, Time: at, By: Reactor{Person: who.Person, Name: who.Name}, Removed: &Removal{By: who.Name, Why: c.Why}}, rows)
	if !own {
		r.Act = s.note(who, Act{Act: ActRemove, Name: c.Of.Sender, Target: s.author(&c.Of), Room: c.Of.Room, Message: c.Of.Number, Why: c.Why}, rows)
	}
	return r
}

// mayRemove returns nil if who asks may remove a message of somebody else: or else ErrHigher,
// ErrNotOwn, or ErrNoMessage of one that they do not see. Nobody keeps order among direct
// messages.
func (s *State) mayRemove(who actor, of *command.Target) error {
	if of.Room == "" || !allows(who.rank, ActRemove, of.Room) {
		return cmp.Or(s.sees(who.Online, of), ErrNotOwn)
	}
	if s.Rank(s.author(of), of.Room) >= who.rank {
		return ErrHigher
	}
	return nil
}

// author returns the person who has said something, as they are known now; "" if they are
// not there any more.
func (s *State) author(of *command.Target) string {
	for _, person := range []string{users.Fold(of.Sender), of.From} {
		if s.Owns(person, of.From, of.Number) {
			return person
		}
	}
	return ""
}

// react puts a reaction of who asks to a message, or takes it back, which one may who is
// muted.
func (s *State) react(at time.Time, c *command.React, rows *Rows) Result {
	who, err := s.caller(c.By)
	if err == nil {
		err = s.checkReact(who, c)
	}
	if err != nil {
		return refused(err)
	}
	by := Reactor{Person: who.Person, Name: who.Name, Number: c.Of.Mine}
	if !c.Gone && c.Of.Mine != 0 {
		return Result{Number: c.Of.Mine, Again: true, Name: c.Of.Sender, Change: &Change{Of: c.Of, Time: at, By: by, Word: c.Word}}
	}
	if !c.Gone {
		if r, muted := s.silenced(at, who, c.Of.Room); muted {
			return r
		}
		by.Number = s.last + 1
	}
	return s.changed(Change{Of: c.Of, Time: at, By: by, Word: c.Word, Gone: c.Gone}, rows)
}

func (s *State) checkReact(who Online, c *command.React) error {
	of, other := &c.Of, c.Of.From
	if other == who.Person { // of one's own direct message it is the one who hears of it
		other = of.To
	}
	switch seen := s.sees(who, of); {
	case !ValidWord(c.Word):
		return ErrWord
	case s.Changed(of.Number, of.AsOf):
		return ErrChanged
	case seen != nil:
		return seen
	case of.Removed:
		return ErrRemoved
	case c.Gone && of.Mine == 0:
		return ErrNoReaction
	case c.Gone || of.Mine != 0:
		return nil
	case !of.Known && of.Kinds >= MaxKinds || of.Reactions >= MaxReactions:
		return ErrKinds
	}
	return s.checkHeard(other, who)
}

// checkHeard returns ErrBlocked if a person does not want to hear who asks.
func (s *State) checkHeard(person string, who Online) error {
	name := person
	if isGuest(person) {
		name, _ = s.Guest(person)
	}
	if name != "" && s.blocks.Has(name, who.Name) {
		return ErrBlocked
	}
	return nil
}

// exists reports whether a message can be there: its room has not ended, and it was not pruned.
func (s *State) exists(of *command.Target) bool {
	switch {
	case of.Number == 0 || of.Number > s.last:
		return false
	case of.Room == "" && s.PrunedDirect(&Direct{Number: of.Number, Person: of.To}), of.Room != "" && of.Number <= s.pruned[of.Room]:
		return false
	case of.Room == "" || of.Room == Lobby:
		return true
	}
	r := s.rooms.find(of.Room)
	return r != nil && r.Name == of.Room && of.Number > r.Number
}

// sees returns nil if who asks sees a message where it was said: else ErrNoMessage, or
// ErrNoMember of a message of their own.
func (s *State) sees(who Online, of *command.Target) error {
	switch {
	case !s.exists(of):
		return ErrNoMessage
	case of.Room == Lobby:
		return nil
	}
	own := s.ownsMessage(who.Person, of)
	if of.Room == "" {
		if own || who.Person == of.To {
			return nil
		}
		return ErrNoMessage
	}
	r, p := s.rooms.find(of.Room), s.participants[who.Person]
	switch i := p.index(r); {
	case i < 0 && own:
		return ErrNoMember
	case i < 0, r.Private && !own && of.Number <= p.joined[i].since:
		return ErrNoMessage
	}
	return nil
}

// Owns reports whether a number that was kept with the person of then is of a person. A
// guest who has registered is the account from then on, and who takes the name of an account
// that is deleted is somebody else.
func (s *State) Owns(person, of string, number uint64) bool {
	if of == "" || isGuest(person) {
		return of != "" && of == person
	}
	a, is := s.Account(person)
	return is && (of == person && number > a.Number || of == a.Guest && number <= a.Number)
}

// ownsMessage is Owns of a message. The persons of direct messages are as they are known now, and
// those of accounts that are deleted go with them.
func (s *State) ownsMessage(person string, of *command.Target) bool {
	if of.Room == "" {
		return person == of.From
	}
	return s.Owns(person, of.From, of.Number)
}

// changed carries out a change that nothing speaks against.
func (s *State) changed(c Change, rows *Rows) Result {
	c.Number = s.next()
	s.changes.add(Changed{Number: c.Number, Message: c.Of.Number}, rows)
	rows.change(&c)
	return Result{Number: c.Number, Name: c.Of.Sender, Change: &c}
}
