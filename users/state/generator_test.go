package state_test

import (
	"fmt"
	"math/rand/v2"
	"reflect"
	"strings"
	"time"

	"parley/users"
	"parley/users/command"
	"parley/users/state"
)

// noon is when the log of a test begins.
var noon = time.Date(2026, 11, 26, 12, 0, 0, 0, time.UTC)

// A generator makes commands in a small world, in which most of them find something to
// do.
type generator struct {
	rand    *rand.Rand
	session uint64
	at      time.Time
	limits  command.Limits
	alone   bool             // there are no nodes: they are not in the rows
	said    []command.Target // what was said, if it was not refused
}

// newGenerator returns one whose commands depend on a seed alone, and on the state that
// it is shown.
func newGenerator(seed uint64) *generator {
	g := &generator{rand: rand.New(rand.NewPCG(seed, 0)), at: noon}
	g.limits = command.Limits{Accounts: 4, Sessions: 1 + g.rand.IntN(5), GuestGrace: 10 * time.Second, EditFor: editFor, Lockouts: users.DefaultLockoutLimits()}
	g.limits.Lockouts.Names, g.limits.Lockouts.Addrs, g.limits.Lockouts.NameFailures, g.limits.Lockouts.NameReserve = 3, 2, 4, 2
	g.limits.Lockouts.Lenient = seed%3 > 0
	g.limits.Lookalikes = []users.LookalikeRule{users.AllowLookalikes, users.RefuseLookalikes, users.ShowLookalikes}[seed%5%3]
	return g
}

func pick[T any](r *rand.Rand, of ...T) T { return of[r.IntN(len(of))] }

func (g *generator) name() string {
	return pick(g.rand, "alice", "ALICE", "bob", "Bob", "carl", "dora", "eve")
}

func (g *generator) token() string { return pick(g.rand, "t1", "t2", "t3", "t4", "t5", "t6") }

// notElsewhere is a token, or another if that guest is there under another name.
func (g *generator) notElsewhere(s *state.State, token, name string) string {
	for range 8 {
		if !s.Elsewhere(token, name) {
			return token
		}
		token = g.token()
	}
	return ""
}

func (g *generator) hash() string { return pick(g.rand, "h1", "h2") }
func (g *generator) id() string   { return pick(g.rand, "", "1", "2", "3") }
func (g *generator) text() string { return pick(g.rand, "hi", "ho") }
func (g *generator) addr() string {
	return pick(g.rand, "", "addr:1.2.3.4", "addr:1.2.3.5", "addr:5.6.7.8", "addr:2001:db8::/64", "addr:2001:db8:0:1::/64")
}

// by is almost always somebody who is there.
func (g *generator) by(s *state.State) command.By {
	name := g.name()
	if names := s.Names(); len(names) > 0 && g.rand.IntN(20) > 0 {
		name = pick(g.rand, names...)
	}
	return command.By{Name: users.Fold(name), Session: g.sessionOf(s, name)}
}

// sessionOf is any of somebody's sessions; zero if they are not there.
func (g *generator) sessionOf(s *state.State, name string) command.Session {
	sessions := s.Sessions(name)
	if len(sessions) == 0 {
		return command.Session{}
	}
	return pick(g.rand, sessions...).Session
}

// other is mostly the name of somebody who is there.
func (g *generator) other(s *state.State) string {
	if names := s.Names(); len(names) > 0 && g.rand.IntN(3) > 0 {
		return pick(g.rand, names...)
	}
	return g.name()
}

func (g *generator) number(s *state.State) uint64 {
	return pick(g.rand, s.Last()-min(s.Last(), g.rand.Uint64N(20)), s.Last(), 0, 1<<64-1)
}

// next returns the next command and its time.
func (g *generator) next(s *state.State) (at time.Time, c command.Command) {
	at, c = g.anything(s)
	g.note(s, c)
	return at, c
}

func (g *generator) anything(s *state.State) (at time.Time, c command.Command) {
	g.at = g.at.Add(pick(g.rand, 0, time.Millisecond, 100*time.Millisecond, time.Second, 3*time.Second))
	if g.rand.IntN(40) == 0 {
		g.at = g.at.Add(pick(g.rand, 40*time.Second, 20*time.Minute, 2*time.Hour))
	}
	if g.rand.IntN(12) == 0 {
		return g.at, g.weird(s)
	}
	if g.rand.IntN(4) == 0 {
		return g.at, g.enter(s)
	}
	if g.rand.IntN(4) == 0 {
		return g.at, g.owner(s)
	}
	if g.rand.IntN(7) == 0 {
		return g.at, g.changes(s)
	}
	if g.rand.IntN(5) < 2 {
		return g.at, g.rooms(s)
	}
	if g.rand.IntN(16) == 0 {
		return g.at, g.retention(s)
	}
	if g.rand.IntN(16) == 0 {
		return g.at, g.hooks(s)
	}
	if g.rand.IntN(2) == 0 {
		return g.at, g.order(s)
	}
	if !g.alone && g.rand.IntN(8) == 0 {
		return g.at, g.nodes(s)
	}
	return g.at, g.talk(s)
}

func (g *generator) enter(s *state.State) *command.Enter {
	c := &command.Enter{Session: g.onNode(s), Name: g.name(), Addr: g.addr(), Plain: g.rand.IntN(8) == 0, Token: g.token(), Takeover: g.rand.IntN(2) == 0}
	if name := pick(g.rand, append(s.Names(), c.Name)...); g.rand.IntN(3) == 0 {
		if _, ok := s.Account(name); ok {
			c.Name, c.Plain = name, false // likely beside others
		}
	}
	if g.rand.IntN(2) == 0 {
		c.Back = g.token()
	}
	if sessions := s.Sessions(c.Name); len(sessions) > 0 && g.rand.IntN(3) == 0 {
		c.Back = pick(g.rand, sessions...).Token
	}
	if name, back := g.banned(s); name != "" && g.rand.IntN(2) == 0 {
		c.Name, c.Back = name, back
	}
	if g.rand.IntN(8) > 0 { // mostly as a guest who is nobody yet, or was here before
		c.Token, c.Back = g.notElsewhere(s, c.Token, c.Name), g.notElsewhere(s, c.Back, c.Name)
	}
	if a, ok := s.Account(c.Name); ok && g.rand.IntN(8) > 0 {
		c.Verified = a.Hash
	} else if g.rand.IntN(6) == 0 {
		c.Hash = g.hash()
	}
	return c
}

func (g *generator) talk(s *state.State) command.Command {
	by := g.by(s)
	offer := users.Offer{Fingerprint: "f", Paths: []string{"relay"}}
	switch g.rand.IntN(22) {
	case 0, 1:
		return &command.Message{By: by, ID: g.id(), Room: state.Lobby, Text: g.text()}
	case 2, 3, 4, 5, 6:
		return &command.Direct{By: by, ID: g.id(), To: g.other(s), Text: g.text()}
	case 7:
		return &command.Seen{By: by, Number: g.number(s)}
	case 8:
		return &command.Block{By: by, Name: g.other(s)}
	case 9, 21:
		return &command.Unblock{By: by, Name: pick(g.rand, append(s.Blocks().Blocked(by.Name), g.other(s))...)}
	case 10:
		return &command.Away{By: by, Text: g.text()}
	case 11:
		return &command.Back{By: by}
	case 12, 13:
		return &command.Invite{By: by, To: g.other(s), Offer: offer}
	case 14, 15, 16:
		return g.answer(s, by, offer)
	case 17:
		return &command.Register{By: by, Hash: g.hash()}
	case 18:
		return g.endSession(s, by)
	default:
		return &command.Leave{By: by, Why: pick(g.rand, users.LoggedOut, users.TimedOut, users.LostConnection)}
	}
}

// endSession mostly ends a session that there is, of somebody who has several.
func (g *generator) endSession(s *state.State, by command.By) command.Command {
	for _, name := range s.Names() {
		if len(s.Sessions(name)) > 1 && g.rand.IntN(2) == 0 {
			by = command.By{Name: users.Fold(name), Session: g.sessionOf(s, name)}
		}
	}
	id := g.rand.IntN(5)
	if all := s.Sessions(by.Name); len(all) > 0 {
		id = pick(g.rand, id, pick(g.rand, all...).ID)
	}
	return &command.EndSession{By: by, ID: id}
}

// answer mostly has to do with an invitation that waits.
func (g *generator) answer(s *state.State, by command.By, offer users.Offer) command.Command {
	from, to := by.Name, g.other(s)
	for _, a := range s.Names() {
		for _, b := range s.Names() {
			if _, waits := s.Invitations().Find(a, b); waits && g.rand.IntN(2) == 0 {
				from, to = a, b
			}
		}
	}
	answerer := command.By{Name: users.Fold(to), Session: g.sessionOf(s, to)}
	switch g.rand.IntN(3) {
	case 0:
		return &command.Withdraw{By: command.By{Name: users.Fold(from), Session: g.sessionOf(s, from)}, To: to}
	case 1:
		return &command.Decline{By: answerer, From: from}
	default:
		return &command.Accept{By: answerer, From: from, Offer: offer}
	}
}

func (g *generator) owner(s *state.State) command.Command {
	switch g.rand.IntN(12) {
	case 10, 11:
		return g.role(s, command.By{}, g.other(s), "")
	case 0:
		return &command.AddAccount{Name: g.name(), Hash: g.hash()}
	case 1:
		return &command.DeleteAccount{Name: g.name()}
	case 2:
		return &command.SetHash{Name: g.name(), Was: pick(g.rand, "", "h1"), Hash: g.hash()}
	case 3, 4:
		return &command.WrongPassword{Name: g.name(), Addr: g.addr()}
	case 5:
		return &command.RightPassword{Name: g.name(), Addr: g.addr()}
	case 6:
		return &command.Unlock{Who: pick(g.rand, g.name(), "1.2.3.4")}
	case 7:
		return &command.Sweep{}
	case 8:
		return &command.LapseInvitations{}
	}
	due := s.Due(g.at)
	if len(due) == 0 {
		return &command.Limits{Accounts: g.limits.Accounts, GuestGrace: g.limits.GuestGrace, EditFor: editFor, Lockouts: g.limits.Lockouts, Sessions: g.limits.Sessions}
	}
	return pick(g.rand, due...)
}

// weird returns a command of any kind in which there is anything, but mostly of somebody
// who is there.
func (g *generator) weird(s *state.State) command.Command {
	for {
		c := pick(g.rand, command.Kinds()...)
		if _, begins := c.(*command.Begin); begins && g.alone {
			continue
		}
		if _, limits := c.(*command.Limits); limits {
			continue // one of which would end what the others find to do
		}
		g.fill(reflect.ValueOf(c).Elem(), s)
		if by := reflect.ValueOf(c).Elem().FieldByName("By"); by.IsValid() && g.rand.IntN(8) > 0 {
			by.Set(reflect.ValueOf(g.by(s)))
		}
		if c, enters := c.(*command.Enter); enters { // with a session of its own, as all have
			c.Session = g.onNode(s)
		}
		return c
	}
}

func (g *generator) fill(v reflect.Value, s *state.State) {
	switch v.Kind() {
	case reflect.String:
		v.SetString(pick(g.rand, "", "~", "~t1", "\xff\x00", "a b", "İ", "addr:1.2.3.4", "addr:x", g.name(), g.token(), g.hash(), g.room(), strings.Repeat("x", 300), fmt.Sprint(g.rand.IntN(1000))))
	case reflect.Bool:
		v.SetBool(g.rand.IntN(2) == 0)
	case reflect.Uint16, reflect.Uint32:
		v.SetUint(uint64(g.rand.IntN(2)))
	case reflect.Uint64:
		v.SetUint(g.number(s))
	case reflect.Int, reflect.Int64:
		v.SetInt(pick[int64](g.rand, -1, 0, 1, 3, 1<<31, -1<<63, 1<<63-1))
	case reflect.Slice:
		v.Set(reflect.MakeSlice(v.Type(), g.rand.IntN(3), 3))
		for i := range v.Len() {
			g.fill(v.Index(i), s)
		}
	case reflect.Pointer:
		if v.SetZero(); g.rand.IntN(3) > 0 {
			v.Set(reflect.New(v.Type().Elem()))
			g.fill(v.Elem(), s)
		}
	case reflect.Struct:
		if v.Type() == reflect.TypeFor[time.Time]() {
			v.Set(reflect.ValueOf(pick(g.rand, time.Time{}, g.at, noon)))
			return
		}
		for i := range v.NumField() {
			g.fill(v.Field(i), s)
		}
	}
}
