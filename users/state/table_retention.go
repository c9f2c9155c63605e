package state

import (
	"context"
	"slices"
	"time"
)

// tableRetention are the rows of a Table that say what is kept no more.
type tableRetention struct {
	pruned map[string]uint64 // by room
}

// putPruned comes behind the rooms: of one that has ended nothing is pruned any more.
func (t *Table) putPruned(rows *Rows) {
	for _, p := range rows.Pruned {
		put(t.pruned, p.Room, max(p.UpTo, t.pruned[p.Room]), p.Gone)
		if !p.Gone && p.Room != "" {
			t.forgetRoom(p.Room, p.UpTo)
		}
	}
}

// forgetSeen removes the direct messages that are pruned and were seen by now.
func (t *Table) forgetSeen() {
	upTo := t.pruned[""]
	t.directs = slices.DeleteFunc(t.directs, func(d Direct) bool { return d.Number <= upTo && d.Number <= t.cursors[d.Person] })
}

// erase puts a pseudonym in place of an account that is forgotten, and removes what it has
// said in rooms, if it has asked for that.
func (t *Table) erase(f Forgotten) {
	if f.Erased == nil {
		return
	}
	for i := range t.acts {
		if a := &t.acts[i]; a.Number <= f.UpTo {
			*a = *f.Erased.RenameAct(a)
		}
	}
	for _, all := range t.messages {
		for i := range all {
			all[i] = *f.Erased.Rename(&all[i], f.UpTo)
		}
	}
	for i := range t.directs {
		t.directs[i] = *f.Erased.RenameDirect(&t.directs[i], f.UpTo)
	}
	if !f.Erased.Texts {
		return
	}
	for room := range t.messages {
		t.forgetMessages(room, func(m Message) bool { return m.Number <= f.UpTo && f.Erased.Said(&m) })
	}
}

// forgetMessages removes messages of a room.
func (t *Table) forgetMessages(room string, gone func(Message) bool) {
	left := slices.DeleteFunc(t.messages[room], func(m Message) bool {
		is := gone(m)
		if is {
			delete(t.versions, m.Number)
		}
		return is
	})
	if t.messages[room] = left; len(left) == 0 {
		delete(t.messages, room)
	}
}

// A Cut asks what of a room, or of the direct messages, is to be kept no more: what was said
// before a time, and what is behind the newest.
type Cut struct {
	Room   string    // Room.Name, or Lobby; "": the direct messages
	After  uint64    // up to this number all is gone
	Before time.Time // zero: any
	Newest int       // so many stay; 0: all
}

// Find looks for the cut in n things that were said, in the order of their numbers, and
// returns that of the last one that is to go; 0: none is.
func (c Cut) Find(n int, at func(i int) (number uint64, said time.Time)) (upTo uint64) {
	for i := range n {
		number, said := at(i)
		old := !c.Before.IsZero() && said.Before(c.Before)
		if !old && (c.Newest == 0 || i >= n-c.Newest) {
			break // nothing goes that was said behind what is to stay
		}
		upTo = number
	}
	return upTo
}

// FindCut returns up to which number all is to go; 0: nothing is.
func (t *Table) FindCut(_ context.Context, c Cut) (upTo uint64, _ error) {
	if c.Room == "" {
		return c.Find(len(t.directs), func(i int) (uint64, time.Time) { return t.directs[i].Number, t.directs[i].Time }), nil
	}
	all := t.messages[c.Room]
	return c.Find(len(all), func(i int) (uint64, time.Time) { return all[i].Number, all[i].Time }), nil
}
