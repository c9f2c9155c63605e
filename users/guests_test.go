package users

import (
	"fmt"
	"testing"

	"pgregory.net/rapid"
)

// TestGuestsAreFound: a guest is found as long as they are there, and nobody else is,
// whoever comes and goes meanwhile.
func TestGuestsAreFound(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var index guestIndex
		there := make(map[string]*span)
		most := 0 // that were there
		person := rapid.Custom(func(t *rapid.T) string { return fmt.Sprint("~", rapid.IntRange(0, 40).Draw(t, "person")) })
		t.Repeat(map[string]func(*rapid.T){
			"comes": func(t *rapid.T) {
				p := person.Draw(t, "who")
				if there[p] == nil {
					there[p] = &span{Online: Online{Person: p}}
					index.add(there[p])
				}
			},
			"goes": func(t *rapid.T) {
				p := person.Draw(t, "who")
				if s := there[p]; s != nil {
					index.remove(s)
					delete(there, p)
				}
			},
			"is no guest": func(t *rapid.T) { index.remove(&span{Online: Online{Person: person.Draw(t, "who")}}) },
			"": func(t *rapid.T) {
				for i := range 41 {
					p := fmt.Sprint("~", i)
					if got := index.find(p); got != there[p] {
						t.Fatalf("%s is %p, want %p", p, got, there[p])
					}
				}
				if index.find("") != nil {
					t.Fatal("nobody is found")
				}
				most = max(most, len(there))
				if index.n != len(there) || index.used < index.n || 4*index.used > 3*len(index.slots)+3 || len(index.slots) > 2*most+8 {
					t.Fatalf("%d are there, %d are counted, %d of %d slots are used", len(there), index.n, index.used, len(index.slots))
				}
			},
		})
	})
}
