package client

import (
	"maps"
	"strings"
	"time"

	"parley/eventloop/client/timeline"
	"parley/protocol"
)

// A PresenceMode says whose coming and going is shown. The zero value is PresenceAll.
type PresenceMode string

// The modes of presence.
const (
	PresenceAll   PresenceMode = "all"
	PresenceSmart PresenceMode = "smart" // of those who have spoken lately
	PresenceNone  PresenceMode = "none"
)

const (
	// lately is how long ago somebody may have spoken: WeeChat's smart filter of joins
	// and parts, which this is, takes 5 minutes, and conversations here are slower.
	lately = 10 * time.Minute

	// maxSpeakers is how many people are remembered as having spoken.
	maxSpeakers = 1000
)

// A presenceFilter knows who has spoken, and so whose presence is of interest. It
// subscribes to the timeline.
type presenceFilter struct {
	mode     PresenceMode
	speakers map[string]time.Time // when they spoke last, by their names in lower case
}

// Changed notes who has spoken, and to whom one has spoken alone.
func (f *presenceFilter) Changed(c timeline.Change) {
	e := c.Entry
	if f.mode != PresenceSmart || !c.Said() {
		return
	}
	name, at := e.Sender, e.Came
	if e.In.Alone() {
		name = e.With()
	}
	if e.Old || e.Missed {
		at = e.At // zero, if it is not known, is long ago
	}
	if name == "" || e.Came.Sub(at) >= lately {
		return
	}
	if f.speakers == nil {
		f.speakers = make(map[string]time.Time)
	}
	f.speakers[strings.ToLower(name)] = at
	if len(f.speakers) > maxSpeakers {
		f.forget(e.Came)
	}
}

// forget drops who has been silent for so long that it does not matter any more, or,
// if there is nobody like that, whoever has been silent for longest.
func (f *presenceFilter) forget(now time.Time) {
	maps.DeleteFunc(f.speakers, func(_ string, at time.Time) bool { return now.Sub(at) >= lately })
	if len(f.speakers) <= maxSpeakers {
		return
	}
	var oldest string
	for name, at := range f.speakers {
		if oldest == "" || at.Before(f.speakers[oldest]) {
			oldest = name
		}
	}
	delete(f.speakers, oldest)
}

// hides reports whether r tells that somebody came or went, and that is not of
// interest. Whom plain lines are for always is, but where nothing is to be shown.
func (f *presenceFilter) hides(r protocol.Response, to recipient, now time.Time) bool {
	if r.Data == nil || r.Data.Event != protocol.EventPresence || r.Kind == protocol.KindError {
		return false
	}
	switch f.mode {
	case PresenceNone:
		return true
	case PresenceSmart:
		at, spoke := f.speakers[strings.ToLower(r.Data.Name)]
		return !(to.Alone() && strings.EqualFold(r.Data.Name, to.name)) && (!spoke || now.Sub(at) >= lately)
	}
	return false
}
