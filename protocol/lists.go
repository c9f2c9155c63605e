package protocol

import (
	"fmt"
	"strings"
)

// ListFrames returns a response whose data lists rooms, what was not read, sessions, or
// acts: each entry has a line in the content, behind a title. Of an empty list the content
// stays what it is. For an extended session these are frames of at most MaxFrame bytes each, of which
// all but the last say that there is more; for a plain one as PlainFrames makes them. What
// is over MaxListed, as bytes of data, is left out; the end of the content says how much that
// is, together with what the caller has left out.
func ListFrames(r Response, left int, plain bool) [][]byte {
	switch d := r.Data; {
	case len(d.Rooms) > 0:
		return lister[Room]{"Rooms", Room.line, roomFields, func(d *Data, part []Room) { d.Rooms = part }}.frames(r, d.Rooms, left, plain)
	case len(d.Unread) > 0:
		return lister[Unread]{"Not read", func(u Unread) string { return u.line(d.Likes) }, unreadFields, func(d *Data, part []Unread) { d.Unread = part }}.frames(r, d.Unread, left, plain)
	case len(d.Sessions) > 0:
		return lister[Session]{"Your sessions", Session.line, sessionFields, func(d *Data, part []Session) { d.Sessions = part }}.frames(r, d.Sessions, left, plain)
	case d.Order != nil && len(d.Order.Acts) > 0:
		return lister[Act]{actTitles[d.Event], func(a Act) string { return a.line(d.Likes) }, actFields, func(d *Data, part []Act) {
			order := *d.Order
			order.Acts, d.Order = part, &order
		}}.frames(r, d.Order.Acts, left, plain)
	case plain:
		return PlainFrames(r)
	}
	return [][]byte{AppendExtended(nil, r)}
}

// A lister makes frames of one kind of list.
type lister[T any] struct {
	title  string
	line   func(T) string
	fields func(*object, *T)
	part   func(*Data, []T) // puts a part of the list into data
}

func (l lister[T]) frames(r Response, list []T, left int, plain bool) [][]byte {
	lines, cuts := l.cut(list)
	end := ""
	if left += len(list) - len(lines); left > 0 {
		end = fmt.Sprintf("\nand %d more", left)
	}
	if plain {
		r.Content = l.title + ":\n" + strings.Join(lines, "\n") + end
		return PlainFrames(r)
	}
	data, from := *r.Data, 0
	r.Data = &data
	frames := make([][]byte, 0, len(cuts))
	for i, upTo := range cuts {
		title := l.title
		if len(cuts) > 1 {
			title = fmt.Sprintf("%s, %d of %d", l.title, i+1, len(cuts))
		}
		r.Content = title + ":\n" + strings.Join(lines[from:upTo], "\n")
		if data.More = upTo < len(lines); !data.More {
			r.Content += end
		}
		l.part(&data, list[from:upTo])
		frames, from = append(frames, AppendExtended(nil, r)), upTo
	}
	return frames
}

// cut returns the lines of those entries for which there is room, and where frames end.
func (l lister[T]) cut(list []T) (lines []string, cuts []int) {
	var scratch []byte
	page, total := 0, 0
	for i := range list {
		scratch = append(appendObject(scratch[:0], &list[i], l.fields), ',')
		if total += len(scratch); total > MaxListed {
			break
		}
		line := l.line(list[i])
		scratch = append(appendUTF8(scratch, line), `\n`...)
		if page+len(scratch) > pageSize {
			cuts, page = append(cuts, i), 0
		}
		page += len(scratch)
		lines = append(lines, line)
	}
	return lines, append(cuts, len(lines))
}

// line says what a room is. The topic, which somebody has typed, ends as a sentence does: no
// topic is taken for what one can ask for.
func (r Room) line() string {
	words := []string{fmt.Sprintf("%d connected", r.Members)}
	for _, w := range [...]struct {
		is   bool
		text string
	}{{r.Joined, "you are in it"}, {r.Private, "private"}, {r.Key, "with a key"}, {r.Invited, "you are invited"}, {r.Forwarded, "what is said there goes to other programs, too"}} {
		if w.is {
			words = append(words, w.text)
		}
	}
	about := "."
	if r.Topic != "" {
		about = ": " + EndSentence(r.Topic)
	}
	return r.Name + " (" + strings.Join(words, ", ") + ")" + about
}

// line says how much of a conversation was not read.
func (u Unread) line(likes Likes) string {
	where, count := u.Room, fmt.Sprint(u.Count)
	if u.Room == "" {
		where = "direct messages, " + likes.ToldApart(u.Name)
	}
	if u.More {
		count += " or more"
	}
	if u.Mentions > 0 {
		count += fmt.Sprintf(", %d with your name", u.Mentions)
	}
	return where + ": " + count + "."
}

// line says where a session is.
func (s Session) line() string {
	line := fmt.Sprintf("%d: since %s", s.ID, s.Since.UTC().Format("2006-01-02 15:04"))
	if s.Address != "" {
		line += ", from " + s.Address
	}
	if s.Mine {
		line += " (this one)"
	}
	return line + "."
}
