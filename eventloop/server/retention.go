package server

import (
	"context"
	"time"

	"parley/users/command"
	"parley/users/log"
	"parley/users/state"
)

// What is kept is decided by the server's owner and those of rooms. Now and then the node
// looks for what is more than that, elsewhere, and proposes up to which number all is gone.

// retireInterval is how often that is.
const retireInterval = 5 * time.Minute

// retirement is what a core knows of that.
type retirement struct {
	due      time.Time // it is looked again then
	underWay bool
}

// retire looks for what is to be kept no more, if that is due. It returns when it will be;
// zero if all is kept for ever.
func (c *Core) retire(now time.Time) time.Time {
	if c.retiring.underWay {
		return time.Time{}
	}
	if now.Before(c.retiring.due) {
		return c.retiring.due
	}
	if !c.first() { // another node looks
		c.retiring.due = now.Add(retireInterval)
		return c.retiring.due
	}
	cuts := c.cuts(c.log.Time(now))
	c.retiring.due = now.Add(retireInterval)
	if len(cuts) == 0 {
		return time.Time{}
	}
	c.retiring.underWay = true
	back := wayBack(c, nil, c.prune)
	c.reader.FindCuts(cuts, func(found []state.Cut, err error) { back(foundCuts{found, err}) })
	return c.retiring.due
}

// cuts returns what is to be looked for at a time of the log.
func (c *Core) cuts(at time.Time) (all []state.Cut) {
	add := func(room *state.Room, messages bool) {
		kept := c.state.Kept(room)
		if !messages {
			kept.Messages = 0
		}
		if !kept.Any() {
			return
		}
		cut := state.Cut{Room: room.Name, After: max(room.Number, c.state.Pruned(room.Name)), Newest: kept.Messages}
		if kept.Days > 0 {
			cut.Before = at.AddDate(0, 0, -kept.Days)
		}
		all = append(all, cut)
	}
	add(&state.Room{}, false) // direct messages
	add(&state.Room{Name: state.Lobby}, true)
	for room := range c.state.EachRoom() {
		if room.Newest > c.state.Pruned(room.Name) {
			add(room, true)
		}
	}
	return all
}

// foundCuts are what comes back from Reader.FindCuts.
type foundCuts struct {
	cuts []state.Cut // of which After is up to which number all is to go
	err  error
}

// prune proposes what was found.
func (c *Core) prune(r foundCuts) {
	now := c.cfg.Clock()
	c.retiring.underWay = false
	if r.err != nil {
		c.cfg.Log.Error("it cannot be looked what is to be kept no more", "error", r.err)
	}
	for _, cut := range r.cuts {
		if cut.After <= c.state.Pruned(cut.Room) {
			continue
		}
		if c.log.Propose(now, &command.Prune{Room: cut.Room, UpTo: cut.After}, nil) != nil {
			c.retiring.due = now.Add(log.RetryAfter)
			break
		}
	}
	c.fx.WakeAt(c.retiring.due)
}

// retireSoon has it looked at once, since less is to be kept.
func (c *Core) retireSoon() {
	c.retiring.due = time.Time{}
	c.fx.WakeAt(c.cfg.Clock())
}

// forgetPruned has the tail forget what is gone by a command.
func (c *Core) forgetPruned(cmd *command.Prune) {
	switch cmd.Room {
	case "":
		c.tail.ForgetDirects(cmd.UpTo, c.state.PrunedDirect)
	default:
		c.tail.ForgetRoom(cmd.Room, cmd.UpTo)
	}
	c.history.at = 0
}

// directsFrom returns behind which number the direct messages to a person are there that are
// kept.
func (c *Core) directsFrom(person string) uint64 {
	upTo := c.state.Pruned("")
	if first, _ := c.state.Unseen(person); first > 0 && first <= upTo {
		return first - 1
	}
	return upTo
}

// missing reports whether something is kept no more of what a person has missed behind a
// number.
func (c *Core) missing(person string, after uint64) bool {
	if after < c.state.Pruned(state.Lobby) || after < c.state.Pruned("") {
		return true
	}
	for _, in := range c.state.Joined(person) {
		if upTo := c.state.Pruned(in.Room.Name); max(after, in.Since) < upTo {
			return true
		}
	}
	return false
}

// FindCuts implements Reader.
func (r FileReader) FindCuts(cuts []state.Cut, done func([]state.Cut, error)) {
	go func() {
		all, err := FindCuts(context.Background(), r.Source, cuts)
		r.Post(func() { done(all, err) })
	}()
}

// FindCuts implements Reader: there is nothing but the tail.
func (a *attic) FindCuts(cuts []state.Cut, done func([]state.Cut, error)) {
	for i := range cuts {
		cuts[i].After = a.tail.FindCut(cuts[i])
	}
	done(cuts, nil)
}

// FindCuts finds each of some cuts.
func FindCuts(ctx context.Context, from Source, cuts []state.Cut) (all []state.Cut, err error) {
	for _, c := range cuts {
		if c.After, err = from.FindCut(ctx, c); err != nil {
			return all, err
		}
		all = append(all, c)
	}
	return all, nil
}
