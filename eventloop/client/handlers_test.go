package client

import (
	"maps"
	"slices"
	"testing"

	"parley/eventloop/client/command"
)

// Every row of the table has something that runs it, and nothing else has.
func TestEveryCommandRuns(t *testing.T) {
	handlers := newHandlers()
	for _, c := range command.NewTable().List() {
		if handlers[c.Name] == nil {
			t.Errorf("nothing runs /%s", c.Name)
		}
		delete(handlers, c.Name)
	}
	if len(handlers) > 0 {
		t.Errorf("no row has %v", slices.Sorted(maps.Keys(handlers)))
	}
}

// The table lists the modes of the bell that the client knows.
func TestBellModes(t *testing.T) {
	want := []string{string(BellOff), string(BellMentions), string(BellAll)}
	if got := command.NewTable().Lookup("bell").Values; !slices.Equal(got, want) {
		t.Errorf("/bell knows %q, not %q", got, want)
	}
}
