package sim_test

import (
	"context"
	"fmt"
	"net/netip"
	"slices"
	"time"

	"parley/eventloop/sim"
	"parley/users"
	"parley/users/state"
)

// Ranks, the highest last: who has one may do what it says to those who have a lower one.
const (
	roomModerator = iota + 1
	roomOwner
	serverModerator
	serverOwner
	operator
)

// An orderBook is what was done to keep order, as far as it is safe.
type orderBook struct {
	acts      []state.Act
	done      map[string]int // how often, by what was done
	sanctions []*sanction
	roles     map[string]users.Role // of the server, by person
	before    map[string]users.Role // until this commit
	ever      map[string]bool       // who has had one
	locked    []*span               // when no new guests were let in
}

// A sanction is a ban or a mute, between the numbers of the acts that have begun and ended it.
type sanction struct {
	kind         string
	room         *room // nil: of the whole server
	name, person string
	addr         netip.Prefix
	since, upTo  uint64    // upTo 0: nobody has ended it
	until        time.Time // by the log's time; zero: for ever
}

func newOrderBook() orderBook {
	return orderBook{done: map[string]int{}, roles: map[string]users.Role{}, before: map[string]users.Role{}, ever: map[string]bool{}}
}

// holds reports whether a sanction held when a number was given.
func (s *sanction) holds(n uint64, at time.Time) bool {
	return s.since < n && (s.upTo == 0 || n < s.upTo) && (s.until.IsZero() || at.Before(s.until))
}

// hit returns what holds for somebody in a room, nil: the whole server, when a number was
// given; nil if nothing does.
func (b *orderBook) hit(kind string, in *room, name, person string, n uint64, at time.Time) *sanction {
	for _, s := range b.sanctions {
		is := s.name != "" && s.name == users.Fold(name) || s.person != "" && s.person == person
		if s.kind == kind && s.room == in && is && s.holds(n, at) {
			return s
		}
	}
	return nil
}

// mayBeHit reports whether something of a kind may hold for a client now: of the whole server,
// or in a room, or has held a while ago.
func (d *day) mayBeHit(kind string, in *room, c *client) bool {
	return slices.ContainsFunc(d.orders.sanctions, func(s *sanction) bool {
		return s.kind == kind && (s.room == in || s.room == nil) && s.upTo == 0 && (s.name == c.name || s.person == c.person || s.addr.IsValid() && c.machine == machines)
	})
}

// putOrder notes what was done to keep order, before what was said in the same commit.
func (l *ledger) putOrder(rows *state.Rows) {
	l.orders.before = map[string]users.Role{}
	if rows.Settings != nil {
		l.putLockdown(rows.Settings.Lockdown)
	}
	for _, a := range rows.Accounts {
		person := users.Fold(a.Name)
		if a.Name != bell && l.locked() && !l.accounts[person] && !a.Gone && l.orders.locked[len(l.orders.locked)-1].since < l.commits {
			l.fail("%s registers, and the server is locked", a.Name)
		}
		if _, noted := l.orders.before[person]; !noted {
			l.orders.before[person] = l.orders.roles[person]
		}
		l.orders.roles[person] = a.Role
		l.orders.ever[person] = l.orders.ever[person] || a.Role != users.NoRole
		for _, s := range l.orders.sanctions {
			switch {
			case !a.Gone && a.Guest != "" && s.person == a.Guest:
				s.person = person
			case a.Gone && s.person == person:
				s.person = ""
			}
		}
		if a.Gone {
			delete(l.orders.roles, person)
		}
	}
	for _, a := range rows.Acts {
		l.putAct(a)
	}
}

func (l *ledger) putLockdown(on bool) {
	all := l.orders.locked
	is := len(all) > 0 && all[len(all)-1].until == 0
	switch {
	case on && !is:
		l.orders.locked = append(all, &span{since: l.commits})
	case !on && is:
		all[len(all)-1].until = l.commits
	}
}

// locked reports whether no new guests are let in now.
func (l *ledger) locked() bool {
	all := l.orders.locked
	return len(all) > 0 && all[len(all)-1].until == 0
}

// placeOf returns the room of an act, nil: the whole server.
func (l *ledger) placeOf(name string, n uint64) *room {
	if name == "" || users.Fold(name) == lobby {
		return nil
	}
	return l.roomOf(name, n)
}

// deed says what was done, or is to be done.
func deed(verb, by, whom, room, why, set string) string {
	if users.Fold(room) == lobby {
		room = ""
	}
	return fmt.Sprintf("%s %s %s in %q, %q: %s", users.Fold(by), verb, users.Fold(whom), users.Fold(room), why, set)
}

func (l *ledger) putAct(a state.Act) {
	l.orders.acts = append(l.orders.acts, a)
	l.orders.done[deed(a.Act, a.By, a.Name+a.Addr, a.Room, a.Why, a.Set)]++
	in := l.placeOf(a.Room, a.Number)
	if a.Room != "" && a.Room != lobby && in == nil {
		l.fail("%+v is done in a room that is not there", a)
		return
	}
	l.checkAct(&a, in)
	switch a.Act {
	case state.ActBan, state.ActMute:
		s := &sanction{kind: a.Act, room: in, name: users.Fold(a.Name), person: a.Target, since: a.Number, until: a.Until}
		if a.Addr != "" {
			s.addr = netip.MustParsePrefix(a.Addr)
		}
		l.lift(a.Act, a, func(old *sanction) bool { return old.name == s.name && old.addr == s.addr })
		l.orders.sanctions = append(l.orders.sanctions, s)
	case state.ActUnban, state.ActUnmute:
		kind := map[string]string{state.ActUnban: state.ActBan, state.ActUnmute: state.ActMute}[a.Act]
		if l.lift(kind, a, func(old *sanction) bool {
			if a.Addr != "" {
				return old.addr.String() == a.Addr
			}
			return old.name == users.Fold(a.Name) || old.person != "" && old.person == a.Target
		}) == 0 {
			l.fail("%+v ends nothing", a)
		}
	}
}

// lift ends what an act ends.
func (l *ledger) lift(kind string, a state.Act, ends func(*sanction) bool) (n int) {
	for _, s := range l.orders.sanctions {
		if s.kind == kind && s.room == l.placeOf(a.Room, a.Number) && s.upTo == 0 && ends(s) {
			s.upTo = a.Number
			n++
		}
	}
	return n
}

// checkAct checks that who has done something may.
func (l *ledger) checkAct(a *state.Act, in *room) {
	least := serverModerator
	switch {
	case a.Act == state.ActReport:
		return
	case a.Act == state.ActRole && a.Person == a.Target && a.Person != "":
		return // gives it up
	case in != nil && (a.Act == state.ActRole || a.Act == state.ActKeep):
		least = roomOwner
	case a.Act == state.ActRole || a.Act == state.ActKeep:
		least = serverOwner
	case in != nil && a.Act != state.ActAnnounce && a.Act != state.ActLockdown:
		least = roomModerator
	}
	rank := l.highest(a.Person, in)
	if a.By == "" {
		rank = operator
	}
	if rank < least {
		l.fail("%s has the rank %d, and did %+v", a.By, rank, a)
	}
	if a.Name != "" && rank < operator && (l.lowest(a.Target, in) >= rank || a.Target == a.Person) {
		l.fail("%s has the rank %d, and did %+v to somebody of rank %d", a.By, rank, a, l.lowest(a.Target, in))
	}
}

var serverRanks = map[users.Role]int{users.Owner: serverOwner, users.Moderator: serverModerator}

// highest returns the highest rank that a person may have had in this commit in a room, nil:
// the whole server; lowest the lowest.
func (l *ledger) highest(person string, in *room) int {
	rank := max(serverRanks[l.orders.roles[person]], serverRanks[l.orders.before[person]])
	if in == nil || person == "" {
		return rank
	}
	if slices.Contains(in.owners, person) {
		rank = max(rank, roomOwner)
	}
	if slices.ContainsFunc(in.members, func(m *membership) bool { return m.person == person && m.moderated }) {
		rank = max(rank, roomModerator)
	}
	return rank
}

func (l *ledger) lowest(person string, in *room) int {
	rank := serverRanks[l.orders.roles[person]]
	if before, changed := l.orders.before[person]; changed {
		rank = min(rank, serverRanks[before])
	}
	if in != nil && in.Owner == person && person != "" && in.ownedSince < l.commits {
		rank = max(rank, roomOwner)
	}
	return rank
}

// checkSilenced checks that nobody is heard who is banned or muted: in a room, or if in is nil
// by one person.
func (l *ledger) checkSilenced(n uint64, in *room, name, person string, at time.Time) {
	for _, kind := range []string{state.ActMute, state.ActBan} {
		s := l.orders.hit(kind, nil, name, person, n, at)
		if s == nil && in != nil && in.Name != lobby {
			s = l.orders.hit(kind, in, name, person, n, at)
		}
		if s != nil {
			l.fail("%s, who is %s, is heard under %d, and has a %s since %d: %+v", name, person, n, kind, s.since, s)
		}
	}
}

// checkJoins checks that nobody is in a room who is banned.
func (l *ledger) checkJoins(r *room, m *state.Member, at time.Time) {
	for _, in := range []*room{nil, r} {
		if s := l.orders.hit(state.ActBan, in, m.Person, m.Person, m.Since+1, at); s != nil {
			l.fail("%s joins %s, and is banned: %+v", m.Person, r.Name, s)
		}
	}
}

// checkOrder compares what is on the disk with what was done: each act once, and all that
// holds.
func (l *ledger) checkOrder(disk *sim.Disk) {
	kept, prefixes := map[string]bool{}, map[string]bool{}
	for _, v := range disk.Table.Kept().Sanctions {
		kept[fmt.Sprint(v.Kind, " ", users.Fold(v.Room), " ", v.Target)] = true
		prefixes[v.Target] = v.Addr
	}
	acts, _ := disk.Table.Acts(context.Background(), state.ActFilter{}, 1<<30)
	done := slices.Clone(l.orders.acts)
	for i := range min(len(done), len(acts)) {
		if a := &done[i]; acts[i].Addr == "" || !prefixes[a.Addr] {
			a.Addr = "" // the ban is over, or was and there is another one of that prefix
		}
	}
	if !slices.Equal(acts, done) {
		l.fail("the acts on the disk are %+v, and were %+v", acts, done)
	}
	for _, s := range l.orders.sanctions {
		if s.room != nil && s.room.until > 0 {
			continue
		}
		room, target := "", s.name
		if s.room != nil {
			room = users.Fold(s.room.Name)
		}
		if s.addr.IsValid() {
			target = s.addr.String()
		}
		key := fmt.Sprint(s.kind, " ", room, " ", target)
		if is := kept[key]; !is && s.upTo == 0 && (s.until.IsZero() || l.now.Before(s.until)) {
			l.fail("%s is not on the disk: %+v", key, s)
		}
		if s.upTo == 0 {
			delete(kept, key)
		}
	}
	for key := range kept {
		l.fail("%s is on the disk, and nobody has done it, or it was ended", key)
	}
}
