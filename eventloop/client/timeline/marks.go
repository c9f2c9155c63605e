package timeline

import (
	"maps"
	"slices"
)

// Limits of what is kept of reactions to one message.
const (
	maxReactions = 20 // kinds: as many as Parley's server takes
	maxNames     = 50 // of one kind; the others are counted
	maxWord      = 64 // bytes of one
)

// Marks are what has become of a message since it was said.
type Marks struct {
	Edited    bool
	Removed   bool       // the text is gone
	By, Why   string     // who has removed it, and why
	Reactions []Reaction // in the order in which each kind came first

	// Likes are whose names those of By and of Reactions can be taken for, and who they are not,
	// by their names. It is never changed.
	Likes map[string]string
}

// A Reaction is one word, and who has put it to a message.
type Reaction struct {
	Word  string
	Names []string
	More  int // how many beside these
}

// A Quote is the beginning of another message, of the one that a message answers.
type Quote struct {
	Number uint64 // 0: it answers none
	Sender string // "" if the message is not known, or is gone
	Like   string // whose name that of Sender can be taken for; "": nobody's
	Text   string
}

// Liked returns marks that know, too, whose name that of somebody can be taken for; "" is
// nobody's.
func (m Marks) Liked(name, like string) Marks {
	if m.Likes[name] == like {
		return m
	}
	likes := maps.Clone(m.Likes)
	if likes == nil {
		likes = make(map[string]string)
	}
	if likes[name] = like; like == "" {
		delete(likes, name)
	}
	m.Likes = likes
	return m
}

// React returns the reactions with one more, or without it. A list is never changed.
func React(list []Reaction, word, name string, on bool) []Reaction {
	var all []Reaction
	found := false
	for _, r := range list {
		if r.Word == word {
			found = true
			r = r.with(name, on)
		}
		if len(r.Names)+r.More > 0 {
			all = append(all, r)
		}
	}
	if !found && on {
		all = append(all, Reaction{Word: word, Names: []string{name}})
	}
	return all
}

func (r Reaction) with(name string, on bool) Reaction {
	var names []string
	was := false
	for _, n := range r.Names {
		if n == name {
			was = true
			continue
		}
		names = append(names, n)
	}
	switch {
	case on && was:
		return r
	case on:
		names = append(names, name)
	case !was && r.More > 0:
		r.More--
	}
	r.Names = names
	return r
}

// cut shortens what is too much.
func (m *Marks) cut() {
	m.By, m.Why = beginning(m.By, maxField), beginning(m.Why, maxField)
	var kept []Reaction
	for _, r := range m.Reactions {
		if len(kept) == maxReactions {
			break
		}
		r.Word = beginning(r.Word, maxWord)
		var names []string
		for _, name := range r.Names[:min(len(r.Names), maxNames)] {
			names = append(names, beginning(name, maxWord))
		}
		r.More += len(r.Names) - len(names)
		r.Names = names
		kept = append(kept, r)
	}
	m.Reactions = kept
	m.cutLikes()
}

// cutLikes keeps whom those are like who stand in the marks.
func (m *Marks) cutLikes() {
	if len(m.Likes) == 0 {
		return
	}
	kept := make(map[string]string)
	keep := func(name string) {
		if like := m.Likes[name]; like != "" {
			kept[name] = beginning(like, maxWord)
		}
	}
	keep(m.By)
	for _, r := range m.Reactions {
		for _, name := range r.Names {
			keep(name)
		}
	}
	m.Likes = kept
}

func (m *Marks) size() int {
	n := len(m.By) + len(m.Why)
	for _, r := range m.Reactions {
		n += entrySize + len(r.Word)
		for _, name := range r.Names {
			n += len(name)
		}
	}
	for name, like := range m.Likes {
		n += len(name) + len(like)
	}
	return n
}

// Amend changes a message wherever it stands, and what others quote of it. It returns the
// message as it is now, from where it was said if it is there; false: it is not known.
func (t *Timeline) Amend(number uint64, change func(*Entry)) (now Entry, known bool) {
	for _, id := range t.having(func(e *Entry) bool { return e.Number == number && e.Kind == Message }) {
		t.Update(id, func(e *Entry) {
			change(e)
			e.Cut()
		})
		if e, ok := t.Lookup(id); ok && (!known || !e.In.retold()) {
			now, known = e, true
		}
	}
	if !known {
		return now, false
	}
	quote := QuoteOf(now)
	for _, id := range t.having(func(e *Entry) bool { return e.Re.Number == number && e.Re != quote }) {
		t.Update(id, func(e *Entry) { e.Re = quote })
	}
	return now, true
}

// QuoteOf returns the quote of a message: of one that was removed nothing but its number.
func QuoteOf(e Entry) Quote {
	if e.Marks.Removed {
		return Quote{Number: e.Number}
	}
	q := Quote{Number: e.Number, Sender: e.Sender, Text: beginning(e.Text, maxField)}
	if !e.Own {
		q.Like = e.Like
	}
	return q
}

// Numbered returns a message by its number in the server's log, from where it was said if it
// is there.
func (t *Timeline) Numbered(number uint64) (found Entry, ok bool) {
	if number == 0 {
		return found, false
	}
	for _, k := range slices.Backward(t.talks) { // what is asked for is mostly new
		for _, e := range slices.Backward(k.entries) {
			if e.Number != number || e.Kind != Message {
				continue
			}
			if !e.In.retold() {
				return e, true
			}
			if !ok {
				found, ok = e, true
			}
			break
		}
	}
	return found, ok
}

// having returns which entries something holds of.
func (t *Timeline) having(is func(*Entry) bool) (found []ID) {
	for _, k := range t.talks {
		for i := range k.entries {
			if is(&k.entries[i]) {
				found = append(found, k.entries[i].ID)
			}
		}
	}
	return found
}
