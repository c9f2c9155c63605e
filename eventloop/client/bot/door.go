package bot

import (
	"time"

	"parley/eventloop/client/sending"
)

// A door is how the queue reaches the session.
type door struct{ s *session }

func (d door) Now() time.Time               { return time.Now() }
func (d door) Write(frame []byte) bool      { return d.s.link.Send(frame) }
func (d door) Proven() bool                 { return d.s.proved }
func (d door) Sent(string)                  {}
func (d door) Unknown(string)               {}
func (d door) Parked(string, int)           {}
func (d door) Unanswered([]sending.Request) {}

func (d door) Became(t sending.Text, o sending.Outcome) { d.s.became(t, o) }

// Room implements sending.Door.
func (d door) Room(name string) sending.Room {
	_, in := d.s.rooms.In(name)
	switch {
	case d.s.dialect == sending.Plain:
		return sending.RoomClosed
	case in:
		return sending.RoomOpen
	case d.s.rooms.Joining(name), d.s.wants(name) && (d.s.phase < loggedIn || !d.s.alarms[alarmJoin].IsZero()):
		return sending.RoomAwaited
	}
	return sending.RoomClosed
}
