package protocol

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// crowd returns so many names, and why every nth of them is away.
func crowd(people, nth int, why string) (names []string, away Absences) {
	away = Absences{}
	for i := range people {
		names = append(names, fmt.Sprintf("person%05d", i))
		if i%nth == 0 {
			away[names[i]] = why
		}
	}
	return names, away
}

// However many are away, and for whatever reasons, each frame can be taken, all of them
// together are as big as promised, and no name gives way to a reason.
func TestNamesFramesTellWhoIsAway(t *testing.T) {
	lines := strings.Repeat("\n", 256) // as bytes of JSON the double
	for _, tt := range []struct {
		people, nth int
		why         string
		told        int // how many absences; -1: as many as there is room for
	}{
		{3, 1, "at lunch", 3},
		{3, 2, "", 2},
		{200, 1, strings.Repeat("x", 256), 200},
		{200, 1, lines, 200},
		{5000, 500, lines, 10},
		{5000, 1, "at lunch", 5000},
		{5000, 1, lines, -1},
		{20000, 1, lines, -1},
	} {
		t.Run(fmt.Sprintf("every %d of %d: %d bytes", tt.nth, tt.people, len(tt.why)), func(t *testing.T) {
			names, away := crowd(tt.people, tt.nth, tt.why)
			frames := NamesFrames(Response{Time: noon, Sender: ServerName, Kind: KindInfo, Content: strings.Join(names, ", "),
				Data: &Data{Event: EventNames, Names: names, Away: away}})
			var read []string
			told, size := 0, 0
			for i, frame := range frames {
				r := decoded(t, frame)
				size += len(frame)
				if len(frame) > MaxFrame || r.Data.More != (i < len(frames)-1) {
					t.Errorf("frame %d of %d: %d bytes, more: %v", i+1, len(frames), len(frame), r.Data.More)
				}
				read = append(read, r.Data.Names...)
				told += len(r.Data.Away)
				for name, why := range r.Data.Away {
					if _, is := away[name]; !is || why != tt.why || !strings.Contains(r.Content, name) {
						t.Errorf("frame %d: %s is away: %q", i+1, name, why)
					}
				}
			}
			if most := 2*MaxListed + 256*len(frames); size > most {
				t.Errorf("%d bytes, of at most %d", size, most)
			}
			if all, _ := crowd(min(tt.people, len(read)), 1, ""); len(read) < min(tt.people, 17000) || cmp.Diff(all, read) != "" {
				t.Errorf("%d of %d names, or others", len(read), tt.people)
			}
			if tt.told >= 0 && told != tt.told || tt.told < 0 && (told == 0 && tt.people < 20000 || told >= len(away)) {
				t.Errorf("%d of %d absences are told, want %d", told, len(away), tt.told)
			}
			if len(away) != (tt.people+tt.nth-1)/tt.nth {
				t.Errorf("the caller's map has %d entries now", len(away))
			}
		})
	}
}
