package sending

import (
	"slices"
	"strings"
	"time"
)

// UseName notes under which name is typed from now on, and that a login under it is
// tried or has succeeded; "" is none.
func (q *Queue) UseName(name string) {
	q.name = name
	if name == "" {
		return
	}
	q.unpark()
	known := len(q.parked)
	q.outbox = q.park(q.outbox)
	q.kept = q.park(q.kept)
	for _, g := range grouped(q.parked[known:]) {
		q.door.Parked(g[0].Name, len(g))
	}
}

// mine reports whether r was typed under the present name.
func (q *Queue) mine(r request) bool { return strings.EqualFold(r.typed().Name, q.name) }

// park takes the lines of other names out of a list, and returns what is left.
func (q *Queue) park(list []request) []request {
	return slices.DeleteFunc(list, func(r request) bool {
		other := q.isLine(r) && !q.mine(r)
		if other {
			q.parked = append(q.parked, r)
			q.becomes(r, Parked)
		}
		return other
	})
}

// unpark keeps for the login what was parked of the present name, unless another one
// was logged in meanwhile.
func (q *Queue) unpark() {
	q.parked = slices.DeleteFunc(q.parked, func(r request) bool {
		back := q.mine(r) && !r.overtaken
		if back {
			q.kept = append(q.kept, r)
			q.becomes(r, Waiting)
		}
		return back
	})
}

// overtake notes that the present name is logged in. It reports whether it was
// another one the last time.
func (q *Queue) overtake() (other bool) {
	for i, r := range q.parked {
		q.parked[i].overtaken = r.overtaken || !q.mine(r)
	}
	other = !strings.EqualFold(q.lastIn, q.name)
	q.lastIn = q.name
	return other
}

// becomes is became for a line that may be a command.
func (q *Queue) becomes(r request, s State) {
	if r.text != nil {
		q.door.Became(r.typed(), Outcome{State: s})
	}
}

// Parked returns what is parked, a list for each name in the order of their first
// lines. A command of a pipe looks as it was typed.
func (q *Queue) Parked() [][]Text { return grouped(q.parked) }

// Offered returns the same once when somebody is logged in of whom something is parked
// because another name was logged in before.
func (q *Queue) Offered() [][]Text {
	if !q.renamed {
		return nil
	}
	q.renamed = false
	if !slices.ContainsFunc(q.parked, q.mine) {
		return nil
	}
	return q.Parked()
}

// Kept returns what waits for a login under the present name.
func (q *Queue) Kept() []Text {
	var kept []Text
	for _, r := range q.kept {
		kept = append(kept, r.typed())
	}
	return kept
}

func grouped(list []request) [][]Text {
	var groups [][]Text
	at := make(map[string]int)
	for _, r := range list {
		t := r.typed()
		i, known := at[strings.ToLower(t.Name)]
		if !known {
			i = len(groups)
			at[strings.ToLower(t.Name)] = i
			groups = append(groups, nil)
		}
		groups[i] = append(groups[i], t)
	}
	return groups
}

// SendParked lets Flush send what is parked, or keeps it for the login. Texts of the
// present name have the id that they had, so that nobody reads them twice; those of
// other names are returned, to be said anew.
func (q *Queue) SendParked() (own int, others []Text) {
	parked := q.parked
	q.parked = nil
	for _, r := range parked {
		switch {
		case r.text != nil && !q.mine(r):
			q.becomes(r, Dropped)
			others = append(others, r.text.Text)
			continue
		case r.text != nil:
			r.text.sentAt, r.text.first, r.text.Late = time.Time{}, time.Time{}, true // it is asked for, in doubt or not
		}
		own++
		r.name, r.overtaken = q.name, false
		q.becomes(r, Waiting)
		q.put(r)
	}
	return own, others
}

// Drop throws away what is parked or kept, and returns how many lines that were.
func (q *Queue) Drop() int {
	all := slices.Concat(q.parked, q.kept)
	for _, r := range all {
		q.becomes(r, Dropped)
	}
	q.parked, q.kept = nil, nil
	return len(all)
}
