package users

import (
	"fmt"
	"io"
	"maps"
	"slices"
	"time"
)

// What decides is written by Dump, a line for each thing, in an order that does not
// depend on how it came about: two that went through the same write the same.

func nanoseconds(t time.Time) int64 {
	if t.IsZero() {
		return 0
	}
	return t.UnixNano()
}

// Dump writes all accounts.
func (s *Accounts) Dump(w io.Writer) {
	for _, folded := range slices.Sorted(maps.Keys(s.byName)) {
		a := s.byName[folded]
		fmt.Fprintf(w, "account %q %q registered %d seen %d role %s behind %d from guest %q known %q\n", a.Name, a.Hash, nanoseconds(a.Registered), nanoseconds(a.LastSeen), a.Role, a.Number, a.Guest, a.Known)
	}
}

// Dump writes all names.
func (l *Lookalikes) Dump(w io.Writer) {
	for _, key := range slices.Sorted(maps.Keys(l.groups)) {
		fmt.Fprintf(w, "looks like %q %q\n", key, l.groups[key])
	}
}

// Dump writes all blocks.
func (s *Blocks) Dump(w io.Writer) {
	for _, blocker := range slices.Sorted(maps.Keys(s.made)) {
		for _, b := range s.Made(blocker) {
			fmt.Fprintf(w, "block %q %q\n", b.Blocker, b.Blocked)
		}
	}
}

// Dump writes all that was counted.
func (g *Lockouts) Dump(w io.Writer) {
	for _, table := range g.tables() {
		for _, key := range slices.Sorted(maps.Keys(table)) {
			b := table[key]
			fmt.Fprintf(w, "lockout %q failures %d level %d until %d first %d last %d recent", key, b.Failures, b.Level, nanoseconds(b.Until), nanoseconds(b.First), nanoseconds(b.Last))
			for _, t := range b.recent {
				fmt.Fprintf(w, " %d", nanoseconds(t))
			}
			fmt.Fprintln(w)
		}
	}
}

// Dump writes those that wait, and who may not invite whom.
func (v *Invitations) Dump(w io.Writer) {
	fmt.Fprintf(w, "last invitation %d\n", v.last)
	for _, i := range v.queue {
		fmt.Fprintf(w, "invitation %d of %q %v to %q until %d over %v\n", i.Session, i.From, i.Asker, i.To, nanoseconds(i.Until), i.over)
	}
	for _, p := range v.paused {
		fmt.Fprintf(w, "pause %q until %d, %d\n", p.who, nanoseconds(p.until), nanoseconds(v.pauses[p.who]))
	}
}
