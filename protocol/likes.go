package protocol

import "iter"

// Likes are whose names those of people can be taken for, by their names: "aIice": "alice".
type Likes map[string]string

// MaxLikes is of how many people one response says that at most. They take less than the
// part of a page of names that is left free.
const MaxLikes = 20

// ToldApart returns a name as a sentence has it, with whose it is not if it can be taken for
// that of like, "" for nobody's: "aIice (not alice)". Nobody can have such a name: there are
// neither blanks nor parentheses in one.
func ToldApart(name, like string) string {
	if like == "" {
		return name
	}
	return name + " (not " + like + ")"
}

// ToldApart returns a name as a sentence has it.
func (l Likes) ToldApart(name string) string { return ToldApart(name, l[name]) }

// inMark is ToldApart for a mark, which ends with the next parenthesis: "aIice [not alice]".
func (l Likes) inMark(name string) string {
	if like := l[name]; like != "" {
		return name + " [not " + like + "]"
	}
	return name
}

// People returns whom a response names beside its text, some more than once: who has said
// it, whom it is about, who is in its lists, and who has done something with what was said.
// Those of a history are left out: each of its messages names its own.
func (r *Response) People() iter.Seq[string] {
	return func(yield func(string) bool) {
		d := r.Data
		if d == nil {
			yield(r.Sender)
			return
		}
		all := []string{r.Sender, d.Name, d.To}
		if m := d.Marks; m != nil {
			if m.Removed != nil {
				all = append(all, m.Removed.By)
			}
			for i := range m.Reactions {
				all = append(all, m.Reactions[i].Names...)
			}
		}
		if r.Notes != nil && r.Notes.Quote != nil {
			all = append(all, r.Notes.Quote.Name)
		}
		if o := d.Order; o != nil {
			all = append(all, o.By)
			for i := range o.Acts {
				all = append(all, o.Acts[i].By, o.Acts[i].Name)
			}
		}
		for i := range d.Unread {
			all = append(all, d.Unread[i].Name)
		}
		for _, list := range [][]string{all, d.Names} {
			for _, name := range list {
				if name != "" && !yield(name) {
					return
				}
			}
		}
	}
}
