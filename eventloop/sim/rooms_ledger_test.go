package sim_test

import (
	"slices"
	"strings"

	"parley/users"
	"parley/users/command"
	"parley/users/state"
)

// A span is between which commits something was so: since has made it so, until has ended
// it, 0 if it is so still.
type span struct{ since, until int }

// ever reports whether it was so at some time behind commit a and up to b, as the server
// may have seen it then.
func (s span) ever(a, b int) bool { return s.since <= b && (s.until == 0 || s.until > a) }

// always reports whether it was so all that time.
func (s span) always(a, b int) bool { return s.since <= a && (s.until == 0 || s.until > b) }

// A room is one that there has been: two of the same name are two.
type room struct {
	span
	state.Room          // as it is now, or was at its end
	owners     []string // that it has had
	ownedSince int      // since this commit it has the present one
	prunedTo   uint64   // nothing is kept up to this number
	numbers    []uint64 // of what was said in it, ascending
	members    []*membership
	invited    []*invited
}

// A membership is how long a person is in a room: what is behind number is told.
type membership struct {
	span
	person               string
	number               uint64
	moderates, moderated bool   // in the room: now, and at some time
	upTo                 uint64 // when it has ended: nothing behind it is told any more
}

// holds reports whether what is said under a number is for the person, and whether it is
// for sure: in the commit in which they left it is not known what came first.
func (m *membership) holds(n uint64) (may, must bool) {
	switch {
	case n <= m.number:
		return false, false
	case m.until == 0:
		return true, true
	}
	return n <= m.upTo, false
}

// An invited is a person who may join a room.
type invited struct {
	span
	person, by string
}

// lobby is the name of the room in which all are.
const lobby = state.Lobby

// room returns the room that has a name now, nil if none has.
func (l *ledger) room(name string) *room {
	for _, r := range slices.Backward(l.rooms) {
		if r.until == 0 && users.Fold(r.Name) == users.Fold(name) {
			return r
		}
	}
	return nil
}

// roomOf returns the room in which a number was said, of those that have had a name.
func (l *ledger) roomOf(name string, n uint64) *room {
	for _, r := range slices.Backward(l.rooms) {
		if r.Name == name && r.Number < n {
			return r
		}
	}
	return nil
}

// in returns the membership that a person has in a room now, nil if they have none. In the
// lobby all have one.
func (r *room) in(person string) *membership {
	if r.Name == lobby {
		return r.members[0]
	}
	for _, m := range r.members {
		if m.person == person && m.until == 0 {
			return m
		}
	}
	return nil
}

// memberships returns those that a person has had in a room since a commit.
func (r *room) memberships(person string, since, now int) (all []*membership) {
	if r.Name == lobby {
		return r.members[:1]
	}
	for _, m := range r.members {
		if m.person == person && m.ever(since, now) {
			all = append(all, m)
		}
	}
	return all
}

// wasIn reports whether a person has been in a room at some time since a commit.
func (l *ledger) wasIn(r *room, person string, since int) bool {
	return len(r.memberships(person, since, l.commits)) > 0
}

// isIn reports whether a person is in a room and has been all the time since a commit.
func (l *ledger) isIn(r *room, person string, since int) bool {
	m := r.in(person)
	return m != nil && m.always(since, l.commits)
}

// wasInvited reports whether a person was invited to a room at some time since a commit.
func (l *ledger) wasInvited(r *room, person string, since int) bool {
	return slices.ContainsFunc(r.invited, func(i *invited) bool { return i.person == person && i.ever(since, l.commits) })
}

// isInvited reports whether a person is invited to a room now.
func (l *ledger) isInvited(r *room, person string) bool {
	return slices.ContainsFunc(r.invited, func(i *invited) bool { return i.person == person && i.until == 0 })
}

// endsEmpty reports whether a room of that owner ends when nobody is in it.
func endsEmpty(owner string) bool {
	return owner == "" || strings.HasPrefix(owner, command.GuestPrefix)
}

// putRooms notes what has become of rooms, and checks that it may be.
func (l *ledger) putRooms(rows *state.Rows) {
	clear(l.roleRows)
	for _, row := range rows.Rooms {
		l.putRoom(row)
	}
	for _, row := range rows.RoomInvitations {
		l.putInvitation(row.RoomInvitation, row.Gone)
	}
	for i, row := range rows.Members {
		switch {
		case renamed(rows, i-1):
		case renamed(rows, i):
			l.renameMember(row.Member, rows.Members[i+1].Person)
		default:
			if !row.Gone && l.putRole(row.Member) {
				l.roleRows[i] = true
				continue
			}
			l.putMember(row.Member, row.Gone, rows.Last)
			if r := l.roomOf(row.Room, row.Since+1); !row.Gone && r != nil {
				l.checkJoins(r, &row.Member, rows.Time)
			}
		}
	}
	for _, r := range l.rooms[1:] {
		l.checkRoom(r)
	}
}

// renamed reports whether a member that goes is in a room under another name from then on: a
// guest who has registered.
func renamed(rows *state.Rows, i int) bool {
	if i < 0 || i+1 >= len(rows.Members) {
		return false
	}
	from, to := rows.Members[i], rows.Members[i+1]
	return from.Gone && !to.Gone && from.Room == to.Room && from.Since == to.Since && registers(rows, from.Person, to.Person)
}

// isInvitedStill reports whether an invitation is that of before, of a guest who has
// registered.
func isInvitedStill(rows *state.Rows, i int) bool {
	if i == 0 {
		return false
	}
	from, to := rows.RoomInvitations[i-1], rows.RoomInvitations[i]
	return from.Gone && !to.Gone && from.Room == to.Room && registers(rows, from.Person, to.Person)
}

func registers(rows *state.Rows, guest, account string) bool {
	return strings.HasPrefix(guest, command.GuestPrefix) &&
		slices.ContainsFunc(rows.Accounts, func(a state.AccountRow) bool { return !a.Gone && users.Fold(a.Name) == account })
}

func (l *ledger) renameMember(m state.Member, to string) {
	r := l.roomOf(m.Room, m.Since+1)
	if r == nil || r.in(m.Person) == nil {
		l.fail("%s is in %s as %s, and was not in it", m.Person, m.Room, to)
		return
	}
	r.in(m.Person).person = to
}

// putRole notes which role somebody has in a room, if they are in it already.
func (l *ledger) putRole(m state.Member) bool {
	r := l.roomOf(m.Room, m.Since+1)
	if r == nil || r.in(m.Person) == nil || r.in(m.Person).number != m.Since {
		return false
	}
	in := r.in(m.Person)
	in.moderates = m.Role == users.Moderator
	in.moderated = in.moderated || in.moderates
	return true
}

func (l *ledger) putRoom(row state.RoomRow) {
	r := l.room(row.Name)
	switch {
	case row.Gone && r == nil:
		l.fail("the room %s ends, and there is none", row.Name)
	case row.Gone && !endsEmpty(row.Owner):
		l.fail("the room %s of the account %s ends", row.Name, row.Owner)
	case row.Gone:
		r.until = l.commits
		for _, n := range r.numbers {
			l.ended[n] = n <= row.UpTo
		}
	case r == nil || r.Number != row.Number:
		if r != nil {
			l.fail("there are two rooms called %s", row.Name)
		}
		l.rooms = append(l.rooms, &room{span: span{since: l.commits}, Room: row.Room, owners: []string{row.Owner}, ownedSince: l.commits})
	default:
		if r.Owner != row.Owner {
			r.ownedSince = l.commits
		}
		r.Room, r.owners = row.Room, append(r.owners, row.Owner)
	}
}

func (l *ledger) putInvitation(i state.RoomInvitation, gone bool) {
	r := l.room(i.Room)
	for _, ended := range l.rooms { // it may have ended in the same commit
		if r == nil && ended.Name == i.Room && ended.until == l.commits {
			r = ended
		}
	}
	if r == nil {
		l.fail("%s is invited to %s, which is not there", i.Person, i.Room)
		return
	}
	for _, old := range r.invited {
		if old.person == i.Person && old.until == 0 {
			old.until = l.commits
		}
	}
	if !gone {
		r.invited = append(r.invited, &invited{span: span{since: l.commits}, person: i.Person, by: i.By})
	}
}

// putMember notes that somebody has joined a room, or is in it no more.
func (l *ledger) putMember(m state.Member, gone bool, last uint64) {
	if gone {
		for _, r := range l.rooms[1:] { // it may have ended in the same commit
			if in := r.in(m.Person); in != nil && r.Name == m.Room {
				in.until, in.upTo = l.commits, last
			}
		}
		return
	}
	r := l.roomOf(m.Room, m.Since+1)
	switch {
	case r == nil:
		l.fail("%s is in %s since %d, and there is no such room", m.Person, m.Room, m.Since)
		return
	case r.in(m.Person) != nil:
		l.fail("%s joins %s, and is in it", m.Person, m.Room)
	case !slices.ContainsFunc(l.rooms[1:], func(r *room) bool { return r.Name == m.Room && l.mayJoin(r, m.Person) }):
		l.fail("%s joins %s, and may not", m.Person, m.Room)
	}
	r.members = append(r.members, &membership{span: span{since: l.commits}, person: m.Person, number: m.Since})
}

// mayJoin reports whether a person could join a room in this commit.
func (l *ledger) mayJoin(r *room, person string) bool {
	open := !r.Private && (r.Key == "" || l.keys[person+" "+users.Fold(r.Name)])
	return r.ever(l.commits-1, l.commits) && (open || slices.Contains(r.owners, person) || l.wasInvited(r, person, l.commits-1))
}

// checkRoom checks that there is a room only while it may be, and that an invitation is
// used up.
func (l *ledger) checkRoom(r *room) {
	inside := 0
	for _, m := range r.members {
		if m.until == 0 {
			inside++
		}
	}
	switch {
	case r.until > 0 && inside > 0:
		l.fail("%s has ended, and %d are in it", r.Name, inside)
	case r.until == 0 && inside == 0 && endsEmpty(r.Owner):
		l.fail("nobody is in %s of %q, and it is there", r.Name, r.Owner)
	}
	for _, i := range r.invited {
		switch {
		case i.until > 0:
		case r.until > 0:
			i.until = l.commits
		case r.in(i.person) != nil:
			l.fail("%s is in %s, and invited", i.person, r.Name)
		}
	}
}
