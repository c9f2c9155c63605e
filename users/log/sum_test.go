package log

import (
	"bytes"
	"testing"
	"time"

	"parley/users/state"
)

// Nodes of the version before hooks could say how far they are come to the same sums, as long as
// no hook does.
func TestAHookCountsAsItDidBefore(t *testing.T) {
	h := state.Hook{Name: "aHook", Room: "Den", Made: time.Unix(1, 0).UTC(), URL: "http://localhost/", Secret: "s", Number: 5, Stopped: true}
	before := struct {
		Name, Room, Token string
		Made              time.Time
		URL, Secret       string
		Number            uint64
		Stopped, Gone     bool
	}{h.Name, h.Room, h.Token, h.Made, h.URL, h.Secret, h.Number, h.Stopped, false}
	encoded := func(v any) []byte {
		b, err := sumEncoding.Marshal(v)
		if err != nil {
			t.Fatal(err)
		}
		return b
	}
	if !bytes.Equal(encoded(state.HookRow{Hook: h}), encoded(before)) {
		t.Error("a node of the version before comes to another sum")
	}
	if h.Sent = 6; bytes.Equal(encoded(state.HookRow{Hook: h}), encoded(before)) {
		t.Error("how far it is does not count")
	}
}
