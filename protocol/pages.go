package protocol

import (
	"fmt"
	"strings"
)

// MaxListed is how many bytes of names one answer lists. It is a quarter of
// MaxOutbound: asking must not close one's own connection, and a client that needs
// to know more than 20,000 people is told how many it was not told of.
const MaxListed = MaxOutbound / 4

// pageNames is how many bytes of names, with what separates them, one page has: each
// stands in the content and in the data, and a little is left for what is around.
const pageNames = MaxFrame/2 - 1024

// nameSize is what a name takes in data: quotes and a comma. In the content it takes
// less.
func nameSize(name string) int { return len(name) + 3 }

// NamesFrames returns a response that lists names for an extended session in frames of
// at most MaxFrame bytes each. All but the last say that there is more. What is over
// MaxListed is left out, and the last one says how much that is.
func NamesFrames(r Response) [][]byte {
	names := r.Data.Names
	var cuts []int // where frames end
	page, size := 0, 0
	for i, name := range names {
		n := nameSize(name)
		if size+n > MaxListed {
			names = names[:i]
			break
		}
		if page+n > pageNames {
			cuts, page = append(cuts, i), 0
		}
		page, size = page+n, size+n
	}
	left := len(r.Data.Names) - len(names)
	if len(cuts) == 0 && left == 0 {
		return [][]byte{AppendExtended(make([]byte, 0, 256+len(r.Content)+page), r)}
	}
	cuts = append(cuts, len(names))
	frames := make([][]byte, 0, len(cuts))
	data, from := *r.Data, 0
	r.Data = &data
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

// ShortList returns a response that lists names without what is over MaxListed, for a
// plain session.
func ShortList(r Response) Response {
	size := 0
	for i, name := range r.Data.Names {
		if size += nameSize(name); size > MaxListed {
			r.Content = fmt.Sprintf("%s, and %d more", strings.Join(r.Data.Names[:i], ", "), len(r.Data.Names)-i)
			break
		}
	}
	return r
}
