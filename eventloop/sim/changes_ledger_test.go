package sim_test

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"
	"time"

	"parley/eventloop/sim"
	"parley/protocol"
	"parley/users"
	"parley/users/state"
)

// A fate is what has become of a message, or a direct message, up to now.
type fate struct {
	owners    []owned
	texts     []*telling // that it has had, the present one last
	edited    time.Time  // zero: it was not
	removed   *protocol.Removal
	removedBy uint64 // the number of that change
	reactions []reaction
}

// An owned is how long a message is a person's, who may edit and remove it.
type owned struct {
	span
	person string
}

// A telling is a text of a message.
type telling struct {
	text    string
	ended   bool // it is not the text any more
	removed bool // since the message was removed
	over    int  // since this round of reading everybody who reads must know that; 0: not yet
}

// A reaction is one word that somebody has put to a message.
type reaction struct {
	word, name string
	person     string
	number     uint64 // of the change
}

// A face is a message as a client shows it, or has to.
type face struct {
	Text      string
	Edited    bool
	Removed   string         // by whom and why; "": it was not
	Reactions map[string]int // how often there is which "WORD NAME"

	hid map[string]bool // of whom something may be missing, because they were blocked
}

// unique matches what is unique in the texts that people write.
var unique = regexp.MustCompile(`\b(says|burst|now) \d+`)

// newFate notes a message that somebody has said.
func (l *ledger) newFate(n uint64, person, text string) {
	f := &fate{owners: []owned{{span{since: l.commits}, person}}}
	l.fates[n] = f
	l.tells(f, text)
}

// tells notes the text that a message has now.
func (l *ledger) tells(f *fate, text string) {
	t := &telling{text: text}
	f.texts = append(f.texts, t)
	word := unique.FindString(text)
	l.words[word] = append(l.words[word], t)
}

// untell notes that a message has not its text any more, or none that it had.
func (f *fate) untell(removed bool) {
	for _, t := range f.texts {
		t.ended, t.removed = true, t.removed || removed
	}
}

// isText reports whether a message has or had a text.
func (l *ledger) isText(n uint64, text string) bool {
	f := l.fates[n]
	return f != nil && slices.ContainsFunc(f.texts, func(t *telling) bool { return t.text == text })
}

// isRemoved reports whether a message was removed.
func (l *ledger) isRemoved(n uint64) bool { return l.fates[n] != nil && l.fates[n].removed != nil }

// text returns what a message says now.
func (l *ledger) text(n uint64) string {
	f := l.fates[n]
	if f == nil || f.removed != nil || l.lost[n] {
		return ""
	}
	return f.texts[len(f.texts)-1].text
}

// owns reports whether a message is a person's in this commit, or was until then.
func (l *ledger) owns(person string, n uint64) bool {
	return l.fates[n] != nil && slices.ContainsFunc(l.fates[n].owners, func(o owned) bool { return o.person == person && o.ever(l.commits-1, l.commits) })
}

// putOwners has those own their messages who have registered, and nobody those of an account
// that is gone.
func (l *ledger) putOwners(rows *state.Rows) {
	for _, a := range rows.Accounts {
		person := users.Fold(a.Name)
		for n, f := range l.fates {
			for i := range f.owners {
				switch o := &f.owners[i]; {
				case a.Gone && o.person == person && o.until == 0:
					o.until = l.commits
				case !a.Gone && a.Guest != "" && o.person == a.Guest && n <= a.Number && !l.owns(person, n):
					f.owners = append(f.owners, owned{span{since: l.commits}, person})
				}
			}
		}
	}
}

// putChange notes what has become of a message, and checks that it may.
func (l *ledger) putChange(c *state.Change) {
	n, f := c.Of.Number, l.fates[c.Of.Number]
	var in *room
	m, said := l.messages[n]
	dm := l.directs[n]
	if said {
		in = l.roomOf(m.Room, n)
	}
	switch {
	case l.lost[n]: // there is nothing any more that could change
		return
	case f == nil:
		l.fail("%d is changed, and is no message: %+v", n, c)
		return
	case said && (c.Of.Room != m.Room || in.until > 0 && in.until < l.commits), !said && c.Of.Room != "":
		l.fail("%d is changed in %s, and was said in %+v", n, c.Of.Room, m)
	case f.removed != nil:
		l.fail("%d is changed, which was removed: %+v", n, c)
	}
	own := l.owns(c.By.Person, n)
	sees := own || l.gone[n] || dm != nil && (dm.From == c.By.Person || dm.Person == c.By.Person) || said && l.wasIn(in, c.By.Person, l.commits-1)
	switch {
	case c.Removed != nil:
		if !own && !(said && l.keepsOrder(c.By.Person, in)) {
			l.fail("%s removes %d, which is not theirs", c.By.Person, n)
		}
		if acts := l.removals(n); !own && acts != 1 {
			l.fail("%s has removed %d, which is %d times in the audit log", c.By.Person, n, acts)
		}
		f.removed, f.removedBy, f.reactions, f.edited = &protocol.Removal{By: c.Removed.By, Why: c.Removed.Why}, c.Number, nil, time.Time{}
		f.untell(true)
	case c.Word == "":
		if !own {
			l.fail("%s edits %d, which is not theirs", c.By.Person, n)
		}
		l.checkSilenced(c.Number, in, c.By.Name, c.By.Person, c.Time)
		if age := c.Time.Sub(l.saidAt(n)); age > l.editFor {
			l.fail("%d is edited after %s", n, age)
		}
		f.untell(false)
		f.edited = c.Time
		l.tells(f, c.Text)
	case c.Gone:
		before := len(f.reactions)
		f.reactions = slices.DeleteFunc(f.reactions, func(r reaction) bool { return r.word == c.Word && r.number == c.By.Number })
		if len(f.reactions) != before-1 {
			l.fail("%s takes a reaction to %d back, and there is none: %+v", c.By.Person, n, c)
		}
	default:
		if !sees {
			l.fail("%s puts %s to %d, which they do not see", c.By.Person, c.Word, n)
		}
		l.checkSilenced(c.Number, in, c.By.Name, c.By.Person, c.Time)
		f.reactions = append(f.reactions, reaction{c.Word, users.Fold(c.By.Name), c.By.Person, c.Number})
	}
}

// keepsOrder reports whether a person may keep order in a room in this commit, or might
// until then.
func (l *ledger) keepsOrder(person string, in *room) bool {
	if in.Name == lobby {
		return l.highest(person, nil) >= serverModerator
	}
	return l.highest(person, in) >= roomModerator
}

// removals counts the acts by which a message was removed.
func (l *ledger) removals(n uint64) (acts int) {
	for _, a := range l.orders.acts {
		if a.Act == state.ActRemove && a.Message == n {
			acts++
		}
	}
	return acts
}

func (l *ledger) saidAt(n uint64) time.Time {
	if m, said := l.messages[n]; said {
		return m.Time
	}
	return l.directs[n].Time
}

// truth returns what a client has to show of a message, without what may be missing.
func (l *ledger) truth(n uint64, hid map[string]bool) face {
	f := l.fates[n]
	now := face{Text: l.text(n), Edited: !f.edited.IsZero(), Removed: removal(f.removed), Reactions: map[string]int{}}
	for _, r := range f.reactions {
		if !l.isHid(hid, r.name) {
			now.Reactions[r.word+" "+r.name]++
		}
	}
	return now
}

func removal(r *protocol.Removal) string {
	if r == nil {
		return ""
	}
	return fmt.Sprintf("%s: %s.", r.By, r.Why)
}

// checkKept compares a message on the disk with what has become of it.
func (l *ledger) checkKept(disk *sim.Disk, n uint64, text string, marks *state.Marks) {
	kept := face{Text: text, Reactions: map[string]int{}}
	if marks != nil {
		kept.Edited = !marks.Edited.IsZero()
		if marks.Removed != nil {
			kept.Removed = removal(&protocol.Removal{By: marks.Removed.By, Why: marks.Removed.Why})
		}
		for _, r := range marks.Reactions {
			for _, by := range r.By {
				kept.Reactions[r.Word+" "+users.Fold(by.Name)]++
			}
		}
	}
	if want := l.truth(n, nil); !kept.equals(&want) {
		l.fail("%d is kept as %+v, and is %+v", n, kept, want)
	}
	if old, _ := disk.Table.Versions(context.Background(), n); l.isRemoved(n) && len(old) > 0 {
		l.fail("%d was removed, and %v is kept", n, old)
	}
}

// alias returns the pseudonym of somebody who was forgotten at any time, who has the name in
// lower case; else the name.
func (l *ledger) alias(name string) string {
	return cmp.Or(l.pseudonyms[name], name)
}

// isHid reports whether something may be missing of who has a name, or has that pseudonym.
func (l *ledger) isHid(hid map[string]bool, name string) bool {
	for other := range hid {
		if l.alias(other) == l.alias(name) {
			return true
		}
	}
	return false
}

// aliased returns a face with pseudonyms in place of names that have one: who was told the name
// is not told that it is none any more.
func (l *ledger) aliased(f face) face {
	if by, why, is := strings.Cut(f.Removed, ": "); is {
		f.Removed = l.alias(users.Fold(by)) + ": " + why
	}
	reactions := map[string]int{}
	for what, times := range f.Reactions {
		word, name, _ := strings.Cut(what, " ")
		reactions[word+" "+l.alias(name)] += times
	}
	f.Reactions = reactions
	return f
}

func (f *face) equals(other *face) bool {
	return f.Text == other.Text && f.Edited == other.Edited && f.Removed == other.Removed && maps.Equal(f.Reactions, other.Reactions)
}
