package view

import (
	"regexp"
	"strings"
	"time"
	"unicode"

	"parley/eventloop/client/timeline"
)

// days knows of which day the rows on the screen are. Days are midnights.
type days struct {
	shown time.Time // of what was shown last
	old   time.Time // the latest of the history
}

// clockText finds a time of day in a timestamp of any format.
var clockText = regexp.MustCompile(`(?:^|\D)([01]?\d|2[0-3]):([0-5]\d)(?:\D|$)`)

// when returns the time that stands before an entry, and the day of which a line
// across has to tell before it; zero: of none. A foreign timestamp that does not tell
// its zone is shown as it is. Without any, it is the time of arrival; of the history
// that would be wrong, so there dashes stand in its place: blanks would be an indent.
func (d *days) when(l *Layout, e timeline.Entry) (clock string, begins time.Time) {
	if l.Clock == "" {
		return "", time.Time{}
	}
	t := e.At
	if t.IsZero() {
		if m := clockText.FindStringSubmatch(e.Stamp); m != nil {
			return strings.Repeat("0", 2-len(m[1])) + m[1] + ":" + m[2] + " ", time.Time{}
		}
		if e.Old {
			return strings.Map(dashed, e.Came.In(l.Location).Format(l.Clock)) + " ", time.Time{}
		}
		t = e.Came
	}
	clock = t.In(l.Location).Format(l.Clock) + " "
	day, today := midnight(l.Location, t), midnight(l.Location, e.Came)
	switch {
	case e.In.Place == timeline.Again && day.Year() != today.Year():
		return t.In(l.Location).Format("2 Jan 2006 ") + clock, time.Time{}
	case e.In.Place == timeline.Again && !day.Equal(today):
		return t.In(l.Location).Format("2 Jan ") + clock, time.Time{}
	case e.In.Place == timeline.Again:
		return clock, time.Time{}
	case e.Old && day.After(d.old) && !day.After(today):
		d.old = day
	case day.Equal(today):
	default:
		if !day.Equal(d.shown) && !d.shown.IsZero() {
			clock = t.In(l.Location).Format("2 Jan ") + clock
		}
		return clock, time.Time{}
	}
	if !day.Equal(d.shown) {
		begins = day
	}
	d.shown = day
	return clock, begins
}

func dashed(r rune) rune {
	if unicode.IsLetter(r) || unicode.IsDigit(r) {
		return '-'
	}
	return r
}

func midnight(where *time.Location, t time.Time) time.Time {
	y, m, d := t.In(where).Date()
	return time.Date(y, m, d, 0, 0, 0, 0, where)
}
