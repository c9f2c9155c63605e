package state

import (
	"net/netip"
	"slices"
	"time"

	"parley/users"
	"parley/users/command"
)

// verbs of putting a sanction of a kind into force, and of lifting it.
var (
	sanctionVerbs = map[users.Penalty]string{users.Ban: ActBan, users.Mute: ActMute}
	liftVerbs     = map[users.Penalty]string{users.Ban: ActUnban, users.Mute: ActUnmute}
)

// sanction bans or mutes.
func (s *State) sanction(at time.Time, c *command.Sanction, rows *Rows) Result {
	verb := sanctionVerbs[c.Kind]
	if verb == "" {
		return refused(ErrUnknown)
	}
	a, in, err := s.permitted(c.By, verb, c.Room)
	switch {
	case err != nil:
		return refused(err)
	case len(c.Why) > MaxWhy || c.For < 0 || c.For > MaxSanction:
		return refused(ErrTooLong)
	}
	v := &Sanction{Kind: c.Kind, Room: in.name, By: a.Name, Why: c.Why, Since: at}
	if c.For > 0 {
		v.Until = at.Add(c.For)
	}
	if c.Addr != "" {
		return s.banAddr(at, c, a, v, in, rows)
	}
	to := s.subject(c.Name)
	v.Target, v.Name, v.Person = users.Fold(to.Name), to.Name, to.Person
	switch {
	case !users.ValidName(c.Name):
		err = ErrName
	case s.sanctionsFull(v, at):
		err = ErrFull
	default:
		err = s.mayTouch(a, to, in)
	}
	if err != nil {
		return Result{Err: err, Name: to.Name}
	}
	r := Result{Name: to.Name}
	s.enforce(&r, a, v, rows)
	switch {
	case v.Kind == users.Mute:
	case in.room == nil:
		s.endSessions(&r, at, to, rows)
	default:
		s.keepOut(&r, to.Person, in.room, rows)
	}
	if in.room != nil {
		r.Room = in.room.snapshot()
	}
	return r
}

// enforce puts a sanction into force, and into the audit log.
func (s *State) enforce(r *Result, a actor, v *Sanction, rows *Rows) {
	s.sanctions.put(v)
	rows.sanction(*v)
	now := *v
	r.Sanction = &now
	act := Act{Act: sanctionVerbs[v.Kind], Name: v.Name, Target: v.Person, Room: v.Room, Why: v.Why, Until: v.Until}
	if v.Addr {
		act.Addr = v.Target
	}
	r.Act = s.note(a, act, rows)
}

// keepOut takes a person out of a room, and their invitation to it. The room may end.
func (s *State) keepOut(r *Result, person string, of *room, rows *Rows) {
	if p := s.participants[person]; p.isInvited(of) {
		s.uninvite(p, of, rows)
		s.participants.tidy(p)
	}
	s.takeOut(r, person, of, rows)
}

// sanctionsFull reports whether there is no place for one more at a time: in place of one
// there is, always.
func (s *State) sanctionsFull(v *Sanction, at time.Time) bool {
	if s.sanctions.byKey[v.key()] != nil {
		return false
	}
	list, most := s.sanctions.in(v.Room), MaxSanctionsIn
	if v.Room == "" {
		most = MaxSanctions
	} else if s.sanctions.inRooms >= MaxSanctionsInRooms {
		return true
	}
	if len(list) < most {
		return false
	}
	return !slices.ContainsFunc(list, func(other *Sanction) bool { return !other.holds(at) })
}

// parsePrefix returns the addresses that a text means, of IPv6 a /64 at least, as there is
// none between the addresses of one client.
func parsePrefix(text string) (netip.Prefix, bool) {
	p, err := netip.ParsePrefix(text)
	if err != nil || p != p.Masked() || p.Addr().Is4In6() {
		return p, false
	}
	if p.Addr().Is6() && p.Bits() > users.ClientPrefix {
		p, err = p.Addr().Prefix(users.ClientPrefix)
	}
	return p, err == nil
}

// banAddr bans addresses, and ends the sessions that come from there: unless that would hit
// somebody of the same rank, or of a higher one.
func (s *State) banAddr(at time.Time, c *command.Sanction, a actor, v *Sanction, in place, rows *Rows) Result {
	prefix, ok := parsePrefix(c.Addr)
	v.Addr, v.Target = true, prefix.String()
	switch {
	case c.Kind != users.Ban || in.room != nil || c.Name != "":
		return refused(ErrAddr)
	case !ok:
		return refused(ErrName)
	case s.sanctionsFull(v, at):
		return refused(ErrFull)
	}
	hit := s.presence.From(prefix)
	for _, o := range hit {
		if err := s.mayTouch(a, subject{Name: o.Name, Person: o.Person}, in); err != nil {
			return Result{Err: err, Name: o.Name}
		}
	}
	var r Result
	s.enforce(&r, a, v, rows)
	for _, o := range hit {
		s.endFrom(&r, at, o.Name, prefix, rows)
	}
	return r
}

// endFrom ends the sessions of somebody that come from some addresses.
func (s *State) endFrom(r *Result, at time.Time, name string, prefix netip.Prefix, rows *Rows) {
	o, _ := s.presence.Find(name)
	var over []users.Login
	sessions := s.presence.Sessions(name)
	for _, l := range sessions {
		if users.KeyIn(l.Addr, prefix) {
			over = append(over, l)
		}
	}
	if len(over) == len(sessions) {
		s.endAll(r, at, o, rows)
		return
	}
	for _, l := range over {
		one := s.endOne(o, l.Session)
		r.Ended = append(r.Ended, one.Ended...)
		r.Void = append(r.Void, one.Void...)
	}
}

// lift ends a sanction: of somebody all that they have of that kind there, under whatever
// name.
func (s *State) lift(at time.Time, c *command.Lift, rows *Rows) Result {
	verb := liftVerbs[c.Kind]
	if verb == "" {
		return refused(ErrUnknown)
	}
	a, in, err := s.permitted(c.By, verb, c.Room)
	if err != nil {
		return refused(err)
	}
	act := Act{Act: verb, Room: in.name}
	var over []*Sanction
	if c.Addr != "" {
		prefix, ok := parsePrefix(c.Addr)
		if !ok || c.Name != "" {
			return refused(ErrName)
		}
		act.Addr = prefix.String()
		over = s.sanctions.of(c.Kind, in.name, act.Addr, "", at)
	} else {
		to := s.subject(c.Name)
		if err := s.mayTouch(a, to, in); err != nil {
			return Result{Err: err, Name: to.Name}
		}
		act.Name, act.Target = to.Name, to.Person
		over = s.sanctions.of(c.Kind, in.name, users.Fold(to.Name), to.Person, at)
	}
	if len(over) == 0 {
		return Result{Err: ErrNotSo, Name: act.Name}
	}
	r := Result{Name: act.Name, Sanction: over[0]}
	if in.room != nil {
		r.Room = in.room.snapshot()
	}
	r.Act = s.note(a, act, rows)
	s.dropSanctions(over, rows) // behind the act, which is not to say for ever which addresses they were
	return r
}

// renameInSanctions has what a guest has become, an account, be meant by what hits the guest.
func (s *State) renameInSanctions(from, to string, rows *Rows) {
	for _, v := range s.sanctions.rename(from, to) {
		rows.sanction(*v)
	}
	s.pace.rename(from, to)
	if p := s.participants[to]; p != nil {
		for _, m := range p.joined {
			m.in.pace.rename(from, to)
		}
	}
}

// forgetInSanctions has an account that is no more be meant by none: whoever has the name next
// is somebody else, whom only what hits the name hits. A guest may come back at any time.
func (s *State) forgetInSanctions(person string, rows *Rows) {
	if isGuest(person) {
		return
	}
	for _, v := range s.sanctions.rename(person, "") {
		rows.sanction(*v)
	}
}

// sweepSanctions forgets those that have ended.
func (s *State) sweepSanctions(at time.Time, rows *Rows) {
	if s.sanctions.soonest.IsZero() || at.Before(s.sanctions.soonest) {
		return
	}
	s.dropSanctions(s.sanctions.ended(at), rows)
	s.sanctions.findSoonest()
}

// dropSanctions ends some that there are, as sanctions.remove wants them.
func (s *State) dropSanctions(over []*Sanction, rows *Rows) {
	s.sanctions.remove(over...)
	for _, v := range over {
		rows.sanctionRow(SanctionRow{Sanction: *v, Gone: true, UpTo: s.Last()})
	}
}
