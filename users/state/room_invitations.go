package state

import (
	"cmp"
	"slices"
	"strings"
	"time"

	"parley/users"
	"parley/users/command"
)

// maxInvited is how many room invitations may wait for one person. Beyond it the one to the
// room goes that has been there for the longest.
const maxInvited = 100

// invited is one invitation of a participant.
type invited struct {
	to *room
	by string // the name of who has invited them
}

func (p *participant) isInvited(r *room) bool {
	return p != nil && slices.ContainsFunc(p.invited, func(i invited) bool { return i.to == r })
}

// inviteToRoom lets a person join a room once.
func (s *State) inviteToRoom(at time.Time, c *command.InviteToRoom, rows *Rows) Result {
	who, err := s.caller(c.By)
	if err != nil {
		return refused(err)
	}
	_, r, _, err := s.inRoom(who, c.Room)
	if err != nil {
		return refused(err)
	}
	if users.Fold(c.Name) == users.Fold(who.Name) {
		return refused(users.ErrSelf)
	}
	if no, muted := s.silenced(at, who, r.Name); muted {
		return no
	}
	to, there, err := s.receiver(c.Name)
	p := s.participants[to.Person]
	switch {
	case err != nil:
	case s.blocks.Has(to.Name, who.Name):
		err = ErrBlocked
	case s.blocks.Has(who.Name, to.Name):
		err = ErrBlocking
	case p.index(r) >= 0:
		err = ErrMember
	case p.isInvited(r):
		err = ErrInvited
	case s.sanctions.find(users.Ban, r.Name, to.Name, to.Person, at) != nil:
		err = ErrKeptOut
	}
	if err != nil {
		return Result{Err: err, Name: to.Name}
	}
	p = s.participants.of(to, there)
	if len(p.invited) >= maxInvited {
		s.uninvite(p, oldestRoom(p.invited), rows)
	}
	s.putInvitation(p, r, who.Name)
	rows.roomInvitation(RoomInvitation{Room: r.Name, Person: p.person, By: who.Name}, false)
	return Result{Name: to.Name, There: to.Session, Room: r.snapshot()}
}

func (s *State) putInvitation(p *participant, r *room, by string) {
	p.invited = append(p.invited, invited{to: r, by: by})
	r.invited = append(r.invited, p)
}

// uninvite ends the invitation of a person to a room, if there is one.
func (s *State) uninvite(p *participant, r *room, rows *Rows) {
	if p.dropInvitation(r, rows) {
		r.invited = slices.DeleteFunc(r.invited, func(other *participant) bool { return other == p })
	}
}

// uninviteAll ends all invitations to a room.
func (s *State) uninviteAll(r *room, rows *Rows) {
	for _, p := range r.invited {
		p.dropInvitation(r, rows)
		s.participants.tidy(p)
	}
	r.invited = nil
}

// dropInvitation reports whether the person was invited, who is not any more: the room does
// not know it yet.
func (p *participant) dropInvitation(r *room, rows *Rows) bool {
	i := slices.IndexFunc(p.invited, func(i invited) bool { return i.to == r })
	if i < 0 {
		return false
	}
	rows.roomInvitation(RoomInvitation{Room: r.Name, Person: p.person, By: p.invited[i].by}, true)
	p.invited = slices.Delete(p.invited, i, i+1)
	return true
}

func oldestRoom(of []invited) *room {
	return slices.MinFunc(of, func(a, b invited) int {
		return cmp.Or(cmp.Compare(a.to.Number, b.to.Number), strings.Compare(a.to.folded, b.to.folded))
	}).to
}

// uninviteBlocked ends the room invitations of each of two people by the other.
func (s *State) uninviteBlocked(a, b string, rows *Rows) {
	for _, way := range [...][2]string{{a, b}, {b, a}} {
		to, _, err := s.receiver(way[0])
		p := s.participants[to.Person]
		if err != nil || p == nil {
			continue
		}
		for _, i := range slices.Clone(p.invited) {
			if users.Fold(i.by) == users.Fold(way[1]) {
				s.uninvite(p, i.to, rows)
			}
		}
		s.participants.tidy(p)
	}
}
