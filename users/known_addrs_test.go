package users_test

import (
	"testing"

	"parley/users"
)

func TestKnownAddrs(t *testing.T) {
	var k users.KnownAddrs
	if k.Has("") || k.Has("a") {
		t.Error("something is known of nobody")
	}
	for i, mark := range []string{"a", "b", "c", "b", "d", "e", "f", "f"} {
		k = k.With(mark, int64(i))
	}
	if want := users.KnownAddrs("7:f 5:e 4:d 3:b 2:c"); k != want {
		t.Errorf("known is %q, want %q", k, want)
	}
	for mark, want := range map[string]bool{"a": false, "b": true, "f": true, "7:f": false, "7": false, "": false} {
		if k.Has(mark) != want {
			t.Errorf("has %q: %v", mark, !want)
		}
	}
	for day, want := range map[int64]users.KnownAddrs{0: k, 2: k, 3: "7:f 5:e 4:d 3:b", 7: "7:f", 8: ""} {
		if got := k.Since(day); got != want {
			t.Errorf("since %d: %q, want %q", day, got, want)
		}
	}
	if users.AddrMark("h1", here) == users.AddrMark("h2", here) || users.AddrMark("h1", here) == users.AddrMark("h1", there) {
		t.Error("two marks are the same")
	}
}
