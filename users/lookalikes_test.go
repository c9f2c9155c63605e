package users

import (
	"strings"
	"testing"

	"pgregory.net/rapid"
)

func TestLookAlike(t *testing.T) {
	for names, want := range map[string]bool{
		"alice aIice": true, "alice al1ce": true, "alice a1ice": true, "alice AIice": true, "alice aI1ce": true, "ALICE aIice": true,
		"alice ALICE": false, "alice Alice": false, "alice alicia": false, "alice aiice": false, "alice alise": false,
		"bob b0b": true, "bob B0B": true, "bob bOb": false, "moon m00n": true,
		"bern bem": true, "Barney bamey": true, "rnax max": true, "will vvill": true, "WILL VVILL": true,
		"server 5erver": true, "admin adm1n": true, "admin adrnin": true, "admin admIn": false, "system 5y5tem": true,
		"all Ali": false, "all ALI": false, "all AlI": true, "all a11": true, "Ivan lvan": true, "ivan lvan": false, "IVAN LVAN": false,
		"user1 user2": false, "user1 user11": false, "user10 user01": false, "user5 user6": false, "a b": false, "1 l": true, "1 i": true, "0 o": true,
	} {
		a, b, _ := strings.Cut(names, " ")
		if LookAlike(a, b) != want || LookAlike(b, a) != want {
			t.Errorf("%s: look alike: %v", names, !want)
		}
	}
}

// What is found in groups is what is found by looking at each.
func TestLookalikes(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var l Lookalikes
		names := map[string]string{}
		name := rapid.StringOfN(rapid.SampledFrom([]rune("IiLl1oO0rnmvWw5sA")), 1, 4, -1)
		t.Repeat(map[string]func(*rapid.T){
			"put": func(t *rapid.T) {
				n := name.Draw(t, "name")
				l.Put(n)
				names[Fold(n)] = n
			},
			"remove": func(t *rapid.T) {
				n := name.Draw(t, "name")
				l.Remove(n)
				delete(names, Fold(n))
			},
			"": func(t *rapid.T) {
				n := name.Draw(t, "looked for")
				want := ""
				for folded, other := range names {
					if LookAlike(n, other) && (want == "" || folded < Fold(want)) {
						want = other
					}
				}
				if got, found := l.Find(n, nil); got != want || found != (want != "") {
					t.Fatalf("%s is like %q, want %q", n, got, want)
				}
				count := 0
				for _, group := range l.groups {
					count += len(group)
				}
				if count != len(names) {
					t.Fatalf("%d names are in groups, %d were put there", count, len(names))
				}
			},
		})
	})
}
