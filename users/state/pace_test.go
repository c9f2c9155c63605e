package state

import (
	"fmt"
	"testing"
	"time"
)

// A guest registers the name of an account that was deleted: of what both have said in a slow
// room the newer counts, whoever has said it, and it is remembered once.
func TestPaceOfOneWhoWasAnother(t *testing.T) {
	start := time.Date(2026, 11, 21, 9, 30, 0, 0, time.UTC)
	for _, tt := range []struct {
		guest, account int // second at which they have said something; the other one is first
		wait           time.Duration
	}{{guest: 5, account: 1, wait: 8 * time.Second}, {guest: 1, account: 5, wait: 8 * time.Second}} {
		var p pace
		say := map[int]string{tt.guest: "~bob", tt.account: "bob"}
		for second := range 6 {
			if who := say[second]; who != "" {
				p.note(who, 10, start.Add(time.Duration(second)*time.Second))
			}
		}
		p.rename("~bob", "bob")
		at := start.Add(7 * time.Second)
		if got := p.wait("bob", 10, at); got != tt.wait || len(p.queue) != 1 || p.queue[0] != p.last["bob"] || len(p.last) != 1 {
			t.Errorf("guest at %d, account at %d: waits %s; remembered are %s", tt.guest, tt.account, got, fmt.Sprint(p.last, p.queue))
		}
		p.note("anna", 10, start.Add(14*time.Second)) // forgets nobody who has to wait
		if got := p.wait("bob", 10, start.Add(14*time.Second)); got != time.Second {
			t.Errorf("later bob waits %s", got)
		}
	}
}
