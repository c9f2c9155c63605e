package protocol

import (
	"fmt"
	"maps"
	"strings"
)

// MaxListed is how many bytes of names one answer lists. It is a quarter of
// MaxOutbound: asking must not close one's own connection, and a client that needs
// to know more than 20,000 people is told how many it was not told of. Each name
// stands in the content and in the data, so an answer has twice as much. Who is away,
// and why, is told as far as the names leave room in that.
const MaxListed = MaxOutbound / 4

// pageSize is how many bytes of names, in content and data, and of absences one page
// has. A little is left for what is around.
const pageSize = MaxFrame - 2048

// nameSize is what a name takes in data: quotes and a comma. In the content it takes
// less.
func nameSize(name string) int { return len(name) + 3 }

// NamesFrames returns a response that lists names for an extended session in frames of
// at most MaxFrame bytes each. All but the last say that there is more. What is over
// MaxListed is left out, and the last one says how much that is. Why somebody is away
// is told beside the name, and must be much shorter than a frame.
func NamesFrames(r Response) [][]byte {
	names, size := listed(r.Data.Names)
	left, away := len(r.Data.Names)-len(names), newAbsent(r.Data.Away, 2*(MaxListed-size))
	var cuts []int // where frames end
	page := 0
	for i, name := range names {
		n := 2*nameSize(name) + away.take(name)
		if page+n > pageSize {
			cuts, page = append(cuts, i), 0
		}
		page += n
	}
	if len(cuts) == 0 && left == 0 {
		return [][]byte{AppendExtended(make([]byte, 0, 256+len(r.Content)+page-size), r)}
	}
	cuts = append(cuts, len(names))
	frames := make([][]byte, 0, len(cuts))
	data, from := *r.Data, 0
	r.Data, data.Away = &data, away.told
	for i, end := range cuts {
		data.Names, data.More = names[from:end], end < len(names)
		r.Content = fmt.Sprintf("%d of %d: %s", i+1, len(cuts), strings.Join(data.Names, ", "))
		if left > 0 && !data.More {
			r.Content += fmt.Sprintf(", and %d more", left)
		}
		frames, from = append(frames, AppendExtended(make([]byte, 0, MaxFrame), r)), end
	}
	return frames
}

// listed returns those names for which there is room, and what they take in data.
func listed(names []string) (fit []string, size int) {
	for i, name := range names {
		n := nameSize(name)
		if size+n > MaxListed {
			return names[:i], size
		}
		size += n
	}
	return names, size
}

// absent are the absences that an answer tells.
type absent struct {
	all, told Absences // the same while there is room
	room      int      // bytes
	scratch   []byte
}

func newAbsent(all Absences, room int) absent { return absent{all: all, told: all, room: room} }

// take returns how many bytes the absence of somebody takes in data. It is not told if
// there is no room for it.
func (a *absent) take(name string) int {
	why, away := a.all[name]
	if !away {
		return 0
	}
	a.scratch = append(appendAbsence(a.scratch[:0], name, why), ',')
	if n := len(a.scratch); n <= a.room {
		a.room -= n
		return n
	}
	if len(a.told) == len(a.all) {
		a.told = maps.Clone(a.all)
	}
	delete(a.told, name)
	return 0
}

// ShortList returns a response that lists names without what is over MaxListed, for a
// plain session.
func ShortList(r Response) Response {
	names, _ := listed(r.Data.Names)
	if left := len(r.Data.Names) - len(names); left > 0 {
		r.Content = fmt.Sprintf("%s, and %d more", strings.Join(names, ", "), left)
	}
	return r
}
