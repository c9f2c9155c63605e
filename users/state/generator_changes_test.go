package state_test

import (
	"testing"
	"time"

	"parley/users"
	"parley/users/command"
	"parley/users/state"
)

// note remembers what will have been said if a command is not refused.
func (g *generator) note(s *state.State, c command.Command) {
	of := command.Target{Number: s.Last() + 1, Time: g.at}
	switch c := c.(type) {
	case *command.Message:
		who, _ := s.Online(c.By.Name)
		room, _ := s.Room(c.Room)
		of.Room, of.Sender, of.From = room.Name, who.Name, who.Person
		if room.Name == "" {
			return
		}
	case *command.Direct:
		who, _ := s.Online(c.By.Name)
		to, _ := s.Online(c.To)
		if _, is := s.Account(c.To); is {
			to.Person = users.Fold(c.To)
		}
		of.Sender, of.From, of.To = who.Name, who.Person, to.Person
	default:
		return
	}
	g.said = append(g.said, of)
}

// target is something that was said not long ago mostly, as it was read now mostly.
func (g *generator) target(s *state.State) command.Target {
	if len(g.said) == 0 || g.rand.IntN(20) == 0 {
		return command.Target{Number: g.number(s), AsOf: s.Last(), Room: g.room(), Sender: g.name(), From: g.name()}
	}
	of := pick(g.rand, g.said[max(0, len(g.said)-8):]...)
	if of.AsOf = s.Last(); g.rand.IntN(5) == 0 {
		of.AsOf -= min(of.AsOf, g.rand.Uint64N(10))
	}
	of.Removed = g.rand.IntN(10) == 0
	return of
}

// changes returns a command that changes a message, mostly by who may do that.
func (g *generator) changes(s *state.State) command.Command {
	of, by := g.target(s), g.by(s)
	if sessions := s.Sessions(of.Sender); len(sessions) > 0 && g.rand.IntN(3) > 0 {
		by = command.By{Name: users.Fold(of.Sender), Session: pick(g.rand, sessions...).Session}
	}
	if blocked := s.Blocks().Blocked(of.Sender); len(blocked) > 0 && g.rand.IntN(2) == 0 {
		name := pick(g.rand, blocked...)
		by = command.By{Name: users.Fold(name), Session: g.sessionOf(s, name)}
	}
	switch g.rand.IntN(4) {
	case 0:
		return &command.Edit{By: by, Of: of, Text: g.text()}
	case 1:
		if g.rand.IntN(2) == 0 {
			by = g.keeper(s).by
			for _, other := range g.said[max(0, len(g.said)-8):] {
				if s.Rank(other.From, other.Room) != state.NoRank && g.rand.IntN(2) == 0 {
					of.Number, of.Time, of.Room, of.Sender, of.From, of.To = other.Number, other.Time, other.Room, other.Sender, other.From, other.To // one of them keeps order too
				}
			}
		}
		return &command.Remove{By: by, Of: of, Why: g.why()}
	}
	c := &command.React{By: by, Of: of, Word: pick(g.rand, "+1", "-1", "👍", "two words"), Gone: g.rand.IntN(3) == 0}
	c.Of.Kinds, c.Of.Reactions, c.Of.Known = pick(g.rand, 0, 1, state.MaxKinds), pick(g.rand, 1, state.MaxReactions), g.rand.IntN(2) == 0
	if c.Gone || g.rand.IntN(5) == 0 {
		c.Of.Mine = g.number(s)
	}
	return c
}

// In the world of the generator all happens to messages that can.
func TestTheWorldIsOneWithChanges(t *testing.T) {
	count := make(map[string]int)
	for seed := range uint64(2000) {
		g, s, table := newGenerator(seed), state.New(state.Kept{}, noon), state.NewTable()
		for range commandsPerSeed {
			at, c := g.next(s)
			var rows state.Rows
			r := s.Apply(at, c, &rows)
			table.Put(&rows)
			var of command.Target
			if r.Change != nil {
				of = r.Change.Of
			}
			m, d, _ := table.Find(t.Context(), of.Number)
			marks := new(state.Marks)
			if m != nil && m.Marks != nil {
				marks = m.Marks
			} else if d != nil && d.Marks != nil {
				marks = d.Marks
			}
			for what, happened := range map[string]bool{
				"a message is edited":               m != nil && isA[*command.Edit](c) && !marks.Edited.IsZero(),
				"a direct message is edited":        d != nil && isA[*command.Edit](c) && !marks.Edited.IsZero(),
				"one's own is removed":              m != nil && marks.IsRemoved() && r.Act == nil,
				"a direct message is removed":       d != nil && marks.IsRemoved(),
				"somebody who keeps order removes":  m != nil && marks.IsRemoved() && r.Act != nil,
				"the operator removes":              m != nil && marks.IsRemoved() && r.Act != nil && r.Act.By == "",
				"there is a reaction":               m != nil && isA[*command.React](c) && len(marks.Reactions) > 0,
				"there is one to a direct message":  d != nil && isA[*command.React](c) && len(marks.Reactions) > 0,
				"a reaction is taken back":          r.Change != nil && r.Change.Gone,
				"in a room that is none any more":   r.Err == state.ErrNoMessage && of.Room != state.Lobby,
				"a guest has registered since then": r.Change != nil && of.Room != "" && isGuest(of.From) && !isGuest(r.Change.By.Person) && isA[*command.Edit](c),
				"changed meanwhile":                 r.Err == state.ErrChanged,
				"too late":                          r.Err == state.ErrTooLate,
				"somebody else's":                   r.Err == state.ErrNotOwn,
				"of a higher role":                  r.Err == state.ErrHigher && isA[*command.Remove](c),
				"removed":                           r.Err == state.ErrRemoved,
				"too many kinds":                    r.Err == state.ErrKinds,
				"no reaction":                       r.Err == state.ErrNoReaction,
				"no word":                           r.Err == state.ErrWord,
				"not in the room":                   r.Err == state.ErrNoMember && isA[*command.Edit](c),
				"muted":                             r.Err == state.ErrMuted && (isA[*command.Edit](c) || isA[*command.React](c)),
				"blocked":                           r.Err == state.ErrBlocked && (isA[*command.Edit](c) || isA[*command.React](c)),
			} {
				if happened {
					count[what]++
				} else {
					count[what] += 0
				}
			}
		}
	}
	for what, n := range count {
		if n < 3 {
			t.Errorf("%s: %d times", what, n)
		}
	}
}

// editFor is for how long what was said may be edited in the world of the generator.
const editFor = 30 * time.Second
