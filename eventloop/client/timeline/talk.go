package timeline

import (
	"slices"
	"time"
)

// A talk is a conversation with its entries, oldest first.
type talk struct {
	Summary
	entries []Entry
	bytes   int
	looked  ID // the newest entry of all when somebody looked at it last
}

func (k *talk) add(e Entry) {
	k.entries = append(k.entries, e)
	k.bytes += e.size()
	k.Last = e.ID
	if e.Kind == Message {
		k.Spoke = later(k.Spoke, e.Times)
	}
	switch {
	case e.Room != "":
		k.Name = e.Room
	case !k.In.Alone():
	case e.Own && e.To != "":
		k.Name = e.To
	case !e.Own:
		k.Name = e.Sender
	}
	k.count(e, 1)
	k.drop()
}

// drop forgets the oldest entries of what is too much.
func (k *talk) drop() {
	drop := 0
	for ; len(k.entries)-drop > MaxEntries || k.bytes > MaxBytes && len(k.entries)-drop > 1; drop++ {
		k.bytes -= k.entries[drop].size()
		if k.entries[drop].ID > k.Cursor {
			k.count(k.entries[drop], -1)
		}
	}
	clear(k.entries[:drop])
	k.entries = k.entries[drop:]
}

// count counts an entry that is not read, if it is of a kind that is to be.
func (k *talk) count(e Entry, n int) {
	if e.Kind != Message || e.Own || e.Old || k.In.retold() {
		return
	}
	k.Unread += n
	if e.Mention {
		k.Mentions += n
	}
	k.Held = k.Held || e.Held
}

// later returns the time of what was said, if that is later.
func later(before time.Time, t Times) time.Time {
	at := t.At
	if at.IsZero() {
		at = t.Came
	}
	if at.Before(before) {
		return before
	}
	return at
}

// find returns where an entry is, or where it would stand.
func (k *talk) find(id ID) (int, bool) {
	return slices.BinarySearchFunc(k.entries, id, func(e Entry, id ID) int {
		switch {
		case e.ID < id:
			return -1
		case e.ID > id:
			return 1
		}
		return 0
	})
}

func (e Entry) size() int {
	return entrySize + len(e.Text) + len(e.Hint) + len(e.Re.Text) + len(e.Re.Like) + len(e.Like) + e.Marks.size() + len(e.Sender) + len(e.To) + len(e.Room) + len(e.Path) + len(e.Why) + len(e.Stamp)
}
