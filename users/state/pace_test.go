package state

import (
	"slices"
	"testing"
	"time"
)

// A pace says of each person what a list of all that was said says.
func FuzzPace(f *testing.F) {
	f.Add(uint8(5), []byte{0x01, 0x11, 0x21, 0x01, 0x51, 0x01})
	f.Fuzz(func(t *testing.T, seconds uint8, steps []byte) {
		type entry struct {
			person string
			at     time.Time
		}
		var p pace
		var all []entry
		at, length := time.Unix(0, 0), time.Duration(seconds)*time.Second
		persons := []string{"anna", "bob", "~c", "~d"}
		for _, b := range steps {
			at = at.Add(time.Duration(b>>4) * time.Second)
			person := persons[b&3]
			if b&4 != 0 { // a guest becomes an account of which there is nothing
				to := person + "x"
				if slices.ContainsFunc(all, func(e entry) bool { return e.person == to }) {
					continue
				}
				p.rename(person, to)
				for i := range all {
					if all[i].person == person {
						all[i].person = to
					}
				}
				continue
			}
			var want time.Duration
			for _, e := range all {
				if e.person == person {
					want = max(want, e.at.Add(length).Sub(at))
				}
			}
			if got := p.wait(person, int(seconds), at); got != want {
				t.Fatalf("%s has to wait %v, want %v", person, got, want)
			}
			if want == 0 {
				p.note(person, int(seconds), at)
				all = append(all, entry{person, at})
			}
			if len(p.queue) > len(persons)*2 || len(p.queue) != len(p.last) {
				t.Fatalf("%d are remembered, %d found", len(p.queue), len(p.last))
			}
		}
	})
}
