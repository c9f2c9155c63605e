package state

import (
	"strconv"

	"parley/users/command"
)

// lockdown lets no new guests in and no names be registered, or does again.
func (s *State) lockdown(c *command.Lockdown, rows *Rows) Result {
	a, _, err := s.permitted(c.By, ActLockdown, "")
	switch {
	case err != nil:
		return refused(err)
	case len(c.Why) > MaxWhy:
		return refused(ErrTooLong)
	case c.On == s.settings.Lockdown && (!c.On || c.Why == s.settings.Why):
		return refused(ErrNotSo)
	}
	s.settings.Lockdown, s.settings.By, s.settings.Why = c.On, "", ""
	act := Act{Act: ActLockdown, Why: c.Why, Set: "off"}
	if c.On {
		s.settings.By, s.settings.Why, act.Set = a.Name, c.Why, "on"
	}
	rows.settings(s.settings)
	return Result{Act: s.note(a, act, rows)}
}

// slow has each person wait between two messages in a room.
func (s *State) slow(c *command.Slow, rows *Rows) Result {
	a, in, err := s.permitted(c.By, ActSlow, c.Room)
	if err == nil && (c.Seconds < 0 || c.Seconds > MaxSlow) {
		err = ErrTooLong
	}
	if err != nil {
		return refused(err)
	}
	now, pace, name := &s.settings.Slow, &s.pace, Lobby
	if in.room != nil {
		now, pace, name = &in.room.Slow, &in.room.pace, in.name
	}
	if *now == c.Seconds {
		return refused(ErrNotSo)
	}
	*now = c.Seconds
	pace.reset()
	r := Result{Room: &Room{Name: Lobby, Slow: c.Seconds}}
	if in.room != nil {
		rows.room(in.room.Room, false, 0)
		r.Room = in.room.snapshot()
	} else {
		rows.settings(s.settings)
	}
	r.Act = s.note(a, Act{Act: ActSlow, Room: name, Set: strconv.Itoa(c.Seconds)}, rows)
	return r
}

// announce tells everybody something who is there.
func (s *State) announce(c *command.Announce, rows *Rows) Result {
	a, _, err := s.permitted(c.By, ActAnnounce, "")
	if err != nil {
		return refused(err)
	}
	return Result{Act: s.note(a, Act{Act: ActAnnounce, Why: c.Text}, rows)}
}
