package client

import (
	"fmt"
	"testing"
	"time"

	"parley/eventloop/client/timeline"
	"parley/protocol"
)

// However many people speak, only so many are remembered, and the last ones are.
func TestPresenceFilterIsBounded(t *testing.T) {
	f := presenceFilter{mode: PresenceSmart}
	begin := time.Date(2026, 8, 3, 12, 0, 0, 0, time.UTC)
	speak := func(name string, at time.Time) {
		f.Changed(timeline.Change{Entry: timeline.Entry{In: lobby, Sender: name, Times: timeline.Times{Came: at}}})
	}
	hides := func(name string, at time.Time) bool {
		return f.hides(protocol.Response{Kind: protocol.KindInfo, Data: &protocol.Data{Event: protocol.EventPresence, Name: name}}, toLobby, at)
	}
	now := begin
	for i := range maxSpeakers + 10 {
		now = begin.Add(time.Duration(i) * time.Millisecond)
		speak(fmt.Sprintf("user%d", i), now)
	}
	if len(f.speakers) != maxSpeakers || !hides("user9", now) || hides("user10", now) {
		t.Errorf("%d are remembered; user9 is hidden: %t, user10: %t", len(f.speakers), hides("user9", now), hides("user10", now))
	}
	speak("late", now.Add(lately))
	if len(f.speakers) != 1 || hides("late", now.Add(lately)) {
		t.Errorf("%d are remembered when only one has spoken lately", len(f.speakers))
	}
}
