package state_test

import (
	"fmt"
	"net/netip"
	"slices"
	"testing"
	"time"

	"parley/users"
	"parley/users/command"
	"parley/users/state"
)

// prefix is one of addresses that people come from, or of none.
func (g *generator) prefix() string {
	return pick(g.rand, "1.2.3.4/32", "1.2.3.5/32", "1.2.0.0/16", "5.6.7.8/32", "2001:db8::/64", "2001:db8:0:1::/64", "2001:db8::/32", "2001:db8::1/128", "9.9.9.9/32", "1.2.3.4/16", "x")
}

// A keeping is somebody who has a role in a place.
type keeping struct {
	by   command.By
	room string // "": the whole server
}

// keeper is mostly somebody who is there and has a role in a place, or the operator.
func (g *generator) keeper(s *state.State) keeping {
	var all []keeping
	for _, name := range s.Names() {
		o, _ := s.Online(name)
		by := command.By{Name: users.Fold(name), Session: g.sessionOf(s, name)}
		if s.Rank(o.Person, "") > state.NoRank {
			all = append(all, keeping{by, ""}, keeping{by, ""})
		}
		for _, r := range s.Rooms() {
			if s.Rank(o.Person, r.Name) > state.NoRank {
				all = append(all, keeping{by, r.Name})
			}
		}
	}
	switch n := g.rand.IntN(8); {
	case n == 0:
		return keeping{g.by(s), pick(g.rand, "", g.room())}
	case n <= 2 || len(all) == 0:
		return keeping{command.By{}, pick(g.rand, "", g.room())}
	}
	return pick(g.rand, all...)
}

func (g *generator) why() string { return pick(g.rand, "", "spam", "noise") }

// length is for how long a sanction is.
func (g *generator) length() time.Duration {
	return pick(g.rand, 0, time.Second, 5*time.Second, 5*time.Second, 20*time.Second)
}

// order returns a command that keeps order.
func (g *generator) order(s *state.State) command.Command {
	keeper := g.keeper(s)
	by, room, name := keeper.by, keeper.room, g.other(s)
	if names := s.NamesIn(room); len(names) > 0 && g.rand.IntN(2) == 0 {
		name = pick(g.rand, names...)
	}
	switch g.rand.IntN(20) {
	case 0, 1, 2, 3, 4:
		return g.role(s, by, name, room)
	case 5:
		return &command.Kick{By: by, Name: name, Room: room, Why: g.why()}
	case 6, 7, 8, 9:
		return g.sanction(s, by, name, room)
	case 10, 11, 12:
		return g.lift(s, by, name, room)
	case 13:
		on := !s.Settings().Lockdown && g.rand.IntN(3) == 0
		return &command.Lockdown{By: by, On: on, Why: g.why()}
	case 14, 15:
		return &command.Slow{By: by, Room: room, Seconds: pick(g.rand, 0, 2, 30, 30, 30)}
	case 16:
		return &command.Announce{By: by, Text: g.text()}
	default:
		return g.report(s, name)
	}
}

// role mostly is one of an account, and sometimes one's own.
func (g *generator) role(s *state.State, by command.By, name, room string) command.Command {
	for _, other := range s.Names() {
		if _, account := s.Account(other); account && room == "" && g.rand.IntN(3) == 0 {
			name = other
		}
	}
	if g.rand.IntN(5) == 0 {
		name = by.Name
	}
	return &command.SetRole{By: by, Name: name, Role: pick(g.rand, users.Owner, users.Moderator, users.Moderator, users.Moderator, users.NoRole), Room: room}
}

func (g *generator) sanction(s *state.State, by command.By, name, room string) command.Command {
	c := &command.Sanction{By: by, Kind: pick(g.rand, users.Ban, users.Mute), Room: room, For: g.length(), Why: g.why()}
	if c.Kind == users.Ban && room == "" && g.rand.IntN(3) > 0 && len(s.Sessions(name)) > 0 {
		c.Addr = g.prefix()
		for _, other := range s.Names() {
			if o, _ := s.Online(other); users.Fold(other) != by.Name && s.Rank(o.Person, "") > state.NoRank && g.rand.IntN(2) == 0 {
				name = other
			}
		}
		if addr := users.KeyAddr(s.Sessions(name)[0].Addr); addr.IsValid() && g.rand.IntN(4) > 0 {
			c.Addr = netip.PrefixFrom(addr, addr.BitLen()).String()
		}
		return c
	}
	if c.Name = name; room != "" && g.rand.IntN(2) == 0 {
		c.Name, c.For = g.name(), 0 // who may be nobody yet
	}
	return c
}

// banned is somebody who is banned from a room, if there is any, and the token of a guest who
// is in it and not there, if there is one, else any.
func (g *generator) banned(s *state.State) (name, token string) {
	token = g.token()
	for _, r := range s.Rooms() {
		for _, v := range s.Sanctions(r.Name, g.at) {
			if v.Kind != users.Ban || g.rand.IntN(2) == 0 || len(s.Sessions(v.Name)) > 0 && g.rand.IntN(2) == 0 {
				continue
			}
			name = v.Name
			for n := range 9 {
				guest := fmt.Sprint("t", n)
				_, there := s.Guest(command.GuestPrefix + guest)
				if _, in := s.Member(command.GuestPrefix+guest, r.Name); in && !there {
					token = guest
				}
			}
		}
	}
	return name, token
}

// slowRoom is mostly a slow one that a person is in, if there is any, else the other.
func (g *generator) slowRoom(s *state.State, person, other string) string {
	for _, in := range s.Joined(person) {
		if in.Room.Slow > 0 && s.Rank(person, in.Room.Name) == state.NoRank {
			return in.Room.Name
		}
	}
	return other
}

// lift mostly ends a sanction that there is.
func (g *generator) lift(s *state.State, by command.By, name, room string) command.Command {
	c := &command.Lift{By: by, Kind: pick(g.rand, users.Ban, users.Mute), Name: name, Room: room}
	places := []string{""}
	for _, r := range s.Rooms() {
		places = append(places, r.Name)
	}
	for _, room := range places {
		for _, v := range s.Sanctions(room, g.at) {
			if g.rand.IntN(2) == 0 {
				c.Kind, c.Name, c.Addr, c.Room = v.Kind, v.Name, "", v.Room
				if v.Addr {
					c.Addr = v.Target
				}
			}
		}
	}
	return c
}

func (g *generator) report(s *state.State, name string) command.Command {
	c := &command.Report{By: g.by(s), Name: name, Why: g.why()}
	if g.rand.IntN(2) == 0 {
		o, _ := s.Online(name)
		c.Of = &command.Target{Number: g.number(s), Room: pick(g.rand, "", g.room()), Sender: name, From: o.Person}
	}
	return c
}

// In the world of the generator all happens that keeps order.
func TestTheWorldIsOneWithOrder(t *testing.T) {
	count := make(map[string]int)
	for seed := range uint64(3500) {
		g, s := newGenerator(seed), state.New(state.Kept{}, noon)
		for range commandsPerSeed {
			at, c := g.next(s)
			var rows state.Rows
			r := s.Apply(at, c, &rows)
			done, by := r.Err == nil, r.Act != nil && r.Act.By != ""
			sanction, isSanction := c.(*command.Sanction)
			for what, happened := range map[string]bool{
				"a role of the server is given":        isA[*command.SetRole](c) && done && by && r.Room == nil,
				"a role in a room is given":            isA[*command.SetRole](c) && done && by && r.Room != nil,
				"a room is given to another":           isA[*command.SetRole](c) && done && r.Act.Set == "owner" && r.Room != nil,
				"who has a role gives it up":           isA[*command.SetRole](c) && done && by && r.Act.Person == r.Act.Target,
				"somebody is kicked from a room":       isA[*command.Kick](c) && done && by && len(r.Out) > 0,
				"a kick ends sessions":                 isA[*command.Kick](c) && len(r.Ended) > 0,
				"a ban ends sessions":                  isSanction && sanction.Addr == "" && len(r.Ended) > 0,
				"a ban of an address ends sessions":    isSanction && sanction.Addr != "" && len(r.Ended) > 0,
				"a ban of an address ends some":        isSanction && sanction.Addr != "" && len(r.Ended) > 0 && len(r.Announce) == 0,
				"a ban of an address would hit owners": isSanction && sanction.Addr != "" && r.Err == state.ErrHigher,
				"a ban takes somebody out of a room":   isSanction && len(r.Out) > 0,
				"a ban ends a room":                    isSanction && len(r.RoomsEnded) > 0 && len(r.Out) > 0,
				"a sanction is in place of another":    isSanction && done && len(rows.Sanctions) > 0 && sanction.Kind == users.Mute,
				"a ban is lifted":                      isA[*command.Lift](c) && done && r.Sanction.Kind == users.Ban,
				"a mute is lifted":                     isA[*command.Lift](c) && done && r.Sanction.Kind == users.Mute,
				"who is banned wants to log in":        isA[*command.Enter](c) && r.Err == state.ErrBanned && !r.Sanction.Addr,
				"an address is banned at a login":      isA[*command.Enter](c) && r.Err == state.ErrBanned && r.Sanction.Addr,
				"who is banned wants to join":          isA[*command.JoinRoom](c) && r.Err == state.ErrBanned,
				"a guest comes under a banned name":    isA[*command.Enter](c) && len(r.Out) > 0,
				"somebody is muted":                    r.Err == state.ErrMuted && r.Sanction.Room == "",
				"somebody is muted in a room":          r.Err == state.ErrMuted && r.Sanction.Room != "",
				"it is slow in the lobby":              isA[*command.Message](c) && r.Err == state.ErrSlow && c.(*command.Message).Room == state.Lobby,
				"it is slow in a room":                 isA[*command.Message](c) && r.Err == state.ErrSlow && c.(*command.Message).Room != state.Lobby,
				"there is a lockdown":                  r.Err == state.ErrLockdown,
				"a sanction is swept":                  isA[*command.Sweep](c) && len(rows.Sanctions) > 0,
				"a sanction ends with its room":        len(r.RoomsEnded) > 0 && len(rows.Sanctions) > 0,
				"who has a sanction registers":         len(rows.Accounts) > 0 && len(rows.Sanctions) > 0 && !rows.Accounts[0].Gone && !isSanction,
				"an account with a sanction is gone":   isA[*command.DeleteAccount](c) && len(rows.Sanctions) > 0,
				"reports are told at a login":          r.Reports > 0,
				"somebody is too high":                 r.Err == state.ErrHigher && !isSanction,
				"somebody may not do that":             r.Err == state.ErrForbidden,
			} {
				if happened {
					count[what]++
				} else {
					count[what] += 0
				}
			}
		}
	}
	for what, n := range count {
		if n < 3 {
			t.Errorf("%s: %d times", what, n)
		}
	}
}

// What a Table has for the audit log is each act once, and nothing else.
func TestTheAuditLogHasEachActOnce(t *testing.T) {
	eachSeed(t, func(t *testing.T, g *generator) {
		s, table := state.New(state.Kept{}, noon), state.NewTable()
		var rows state.Rows
		var want []state.Act
		for range commandsPerSeed {
			at, c := g.next(s)
			if r := s.Apply(at, c, &rows); r.Act != nil {
				want = append(want, *r.Act)
			}
			if r := rows.Forgotten; isA[*command.ForgetMe](c) && len(r) > 0 && r[len(r)-1].Erased != nil { // whose name goes
				for i := range want {
					want[i] = *r[len(r)-1].Erased.RenameAct(&want[i])
				}
			}
			for i := range want { // which addresses are banned is known while they are
				if v := &want[i]; v.Addr != "" && !s.BannedPrefix(v.Addr) {
					v.Addr = ""
				}
			}
			if g.rand.IntN(5) == 0 {
				table.Put(&rows)
				rows.Reset()
			}
		}
		table.Put(&rows)
		got, _ := table.Acts(t.Context(), state.ActFilter{}, len(want)+1)
		if !slices.Equal(got, want) {
			t.Errorf("got %+v, want %+v", got, want)
		}
	})
}

// An address is found banned if and only if one of the bans has it.
func FuzzBannedAddr(f *testing.F) {
	f.Add(uint64(1), []byte{1, 2, 3, 4})
	f.Add(uint64(2), []byte{0x20, 1, 0xd, 0xb8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1})
	f.Fuzz(func(t *testing.T, seed uint64, b []byte) {
		addr, ok := netip.AddrFromSlice(b)
		if !ok {
			return
		}
		g, s := newGenerator(seed), state.New(state.Kept{}, noon)
		for range 20 {
			bits := g.rand.IntN(addr.BitLen() + 1)
			p, _ := addr.Unmap().Prefix(min(bits, addr.Unmap().BitLen()))
			s.Apply(g.at, &command.Sanction{Kind: users.Ban, Addr: pick(g.rand, p.String(), g.prefix()), For: g.length()}, nil)
			want := slices.ContainsFunc(s.Sanctions("", g.at), func(v state.Sanction) bool {
				return v.Addr && netip.MustParsePrefix(v.Target).Contains(addr.Unmap())
			})
			if _, got := s.BannedAddr(addr, g.at); got != want {
				t.Fatalf("%v is banned: %t, by %+v", addr, got, s.Sanctions("", g.at))
			}
			g.at = g.at.Add(pick(g.rand, 0, time.Second))
		}
	})
}
