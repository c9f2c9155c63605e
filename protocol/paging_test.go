package protocol

import (
	"fmt"
	"slices"
	"strings"
	"testing"
)

// listing returns a response that lists so many names of 32 characters.
func listing(n int) Response {
	names := make([]string, n)
	for i := range names {
		names[i] = fmt.Sprintf("person%026d", i)
	}
	return Response{Time: noon, Sender: ServerName, Kind: KindInfo, Content: strings.Join(names, ", "), Ref: "7", Data: &Data{Event: EventNames, Names: names}}
}

// A list that fits is one response as it is. One that does not comes in as few as
// can be, and what is over the limit is counted.
func TestNamesFrames(t *testing.T) {
	const each = MaxName + 3 // in data
	page, most := pageSize/(2*each), MaxListed/each
	for _, tt := range []struct{ names, frames, left int }{
		{0, 1, 0},
		{3, 1, 0},
		{page, 1, 0},
		{page + 1, 2, 0},
		{2 * page, 2, 0},
		{2*page + 1, 3, 0},
		{most, (most + page - 1) / page, 0},
		{most + 1, (most + page - 1) / page, 1},
		{2 * most, (most + page - 1) / page, most},
	} {
		r := listing(tt.names)
		frames := NamesFrames(r)
		if len(frames) != tt.frames {
			t.Errorf("%d names: %d responses, want %d", tt.names, len(frames), tt.frames)
		}
		if whole := string(AppendExtended(nil, r)); len(frames) == 1 && string(frames[0]) != whole {
			t.Errorf("%d names: %.200s", tt.names, frames[0])
		}
		var names []string
		for i, frame := range frames {
			got := decoded(t, frame)
			text := strings.Join(got.Data.Names, ", ")
			last := i == len(frames)-1
			if len(frames) > 1 {
				text = fmt.Sprintf("%d of %d: %s", i+1, len(frames), text)
			}
			if last && tt.left > 0 {
				text += fmt.Sprintf(", and %d more", tt.left)
			}
			if len(frame) > MaxFrame || got.Ref != "7" || got.Data.More == last || got.Content != text {
				t.Errorf("%d names: response %d has %d bytes, more: %v, %.100s", tt.names, i, len(frame), got.Data.More, got.Content)
			}
			names = append(names, got.Data.Names...)
		}
		if !slices.Equal(names, r.Data.Names[:tt.names-tt.left]) {
			t.Errorf("%d names: %d are told", tt.names, len(names))
		}
	}
}

// The same limit holds in plain sessions.
func TestShortList(t *testing.T) {
	const most = MaxListed / (MaxName + 3)
	for _, n := range []int{0, 3, most} {
		if r := listing(n); ShortList(r).Content != r.Content {
			t.Errorf("%d names become %.100s", n, ShortList(r).Content)
		}
	}
	r := listing(most + 2)
	if want := strings.Join(r.Data.Names[:most], ", ") + ", and 2 more"; ShortList(r).Content != want {
		t.Errorf("it ends with %s", ShortList(r).Content[most*(MaxName+2)-50:])
	}
}
