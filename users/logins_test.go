package users_test

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"parley/users"
	"pgregory.net/rapid"
)

// TestSessionsAgreeWithAList: whatever comes and goes, a name has the sessions of a list, in
// the order in which they began, and is there as long as there is one.
func TestSessionsAgreeWithAList(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		p, now, number := users.NewPresence(), start, uint64(0)
		lists := map[string][]users.Login{"alice": nil, "bob": nil}
		drawName := func(t *rapid.T) string { return rapid.SampledFrom([]string{"alice", "bob"}).Draw(t, "name") }
		// fresh returns a session that begins now, as Presence is told of it and as it lists it.
		fresh := func(t *rapid.T, name string) (users.Online, users.Login) {
			number++
			now = now.Add(time.Second)
			l := users.Login{Session: users.Session{Number: number}, Plain: rapid.Bool().Draw(t, "plain"), Token: fmt.Sprint("t", number), Addr: fmt.Sprint("a", number), Since: now, ID: 1}
			for slices.ContainsFunc(lists[name], func(other users.Login) bool { return other.ID == l.ID }) {
				l.ID++
			}
			return users.Online{Name: name, Person: name, Account: true, Session: l.Session, Plain: l.Plain, Token: l.Token}, l
		}
		t.Repeat(map[string]func(*rapid.T){
			"come": func(t *rapid.T) {
				name := drawName(t)
				o, l := fresh(t, name)
				if len(lists[name]) == 0 {
					p.Arrive(o, l.Addr, now)
				} else {
					p.Beside(o, l.Addr, now)
				}
				lists[name] = append(lists[name], l)
			},
			"come in place of another": func(t *rapid.T) {
				name := drawName(t)
				if len(lists[name]) == 0 {
					return
				}
				o, l := fresh(t, name)
				older := &lists[name][rapid.IntRange(0, len(lists[name])-1).Draw(t, "which")]
				p.Replace(older.Session, o, l.Addr)
				l.ID, l.Since = older.ID, older.Since
				*older = l
			},
			"come in place of all": func(t *rapid.T) {
				name := drawName(t)
				if len(lists[name]) == 0 {
					return
				}
				lists[name] = nil
				o, l := fresh(t, name)
				p.Renew(o, l.Addr, now)
				lists[name] = []users.Login{l}
			},
			"one ends": func(t *rapid.T) {
				name := drawName(t)
				if len(lists[name]) == 0 {
					return
				}
				i := rapid.IntRange(0, len(lists[name])-1).Draw(t, "which")
				p.End(name, lists[name][i].Session)
				if len(lists[name]) > 1 { // the last one ends with Leave
					lists[name] = slices.Delete(lists[name], i, i+1)
				}
			},
			"one ends that there is not": func(t *rapid.T) { p.End(drawName(t), users.Session{Number: number + 1}) },
			"all leave": func(t *rapid.T) {
				name := drawName(t)
				p.Leave(name, rapid.SampledFrom([]users.Change{users.LoggedOut, users.LostConnection}).Draw(t, "why"), now)
				lists[name] = nil
			},
			"": func(t *rapid.T) {
				for name, want := range lists {
					if diff := cmp.Diff(want, p.Sessions(name)); diff != "" {
						t.Fatalf("%s (-want +got): %s", name, diff)
					}
					checkSessions(t, p, name, want)
				}
			},
		})
	})
}

// checkSessions compares what else says something about sessions with their list.
func checkSessions(t *rapid.T, p *users.Presence, name string, want []users.Login) {
	numbers := []users.Session{{Number: 7}}
	for _, l := range want {
		numbers = append(numbers, l.Session)
		if !p.Has(name, l.Session) || p.Has("nobody", l.Session) || p.Has(name, users.Session{Node: 1, Number: l.Session.Number}) {
			t.Fatalf("%s does not have %+v, or another does", name, l)
		}
	}
	if got := p.AppendSessions([]users.Session{{Number: 7}}, name); !slices.Equal(got, numbers) || p.Count(name) != len(want) {
		t.Fatalf("%s has %v, want %v", name, got, numbers)
	}
	o, online := p.Find(name)
	if online != (len(want) > 0) || online && (o.Session != want[0].Session || o.Plain != want[0].Plain || o.Token != want[0].Token) {
		t.Fatalf("%s is online as %+v, want the first of %+v", name, o, want)
	}
	for _, v := range p.Export() {
		if v.Name == name && !cmp.Equal(v.Sessions, want) {
			t.Fatalf("%s is exported with %+v, want %+v", name, v.Sessions, want)
		}
	}
}

// What is done with the sessions of nobody does nothing.
func TestSessionsOfNobody(t *testing.T) {
	p := users.NewPresence()
	o := users.Online{Name: "alice", Session: users.Session{Number: 1}}
	p.Beside(o, "", start)
	p.Renew(o, "", start)
	p.Replace(users.Session{}, o, "")
	p.End("alice", o.Session)
	if p.Len() != 0 || p.Sessions("alice") != nil || p.Count("alice") != 0 || p.Has("alice", users.Session{}) {
		t.Errorf("somebody is there: %+v", p.Export())
	}
}

// Who is away is so with all sessions, and since when they are there has to do with none.
func TestAPersonIsThereWithAllSessions(t *testing.T) {
	p := users.NewPresence()
	at := func(second int) time.Time { return start.Add(time.Duration(second) * time.Second) }
	o := func(number uint64) users.Online {
		return users.Online{Name: "alice", Person: "alice", Account: true, Session: users.Session{Number: number}}
	}
	p.Arrive(o(1), "", at(1))
	p.Beside(o(2), "", at(2))
	if err := p.Away("alice", "lunch"); err != nil {
		t.Fatal(err)
	}
	want := users.Seen{Name: "alice", Online: true, Since: at(1), Away: true, Text: "lunch"}
	for _, step := range []func(){
		func() {},
		func() { p.Beside(o(3), "", at(3)) },
		func() { p.End("alice", users.Session{Number: 1}) },
		func() { p.Replace(users.Session{Number: 2}, o(4), "") },
		func() { p.End("alice", users.Session{Number: 4}) },
		func() { p.Renew(o(5), "", at(5)) },
		func() { p.Leave("alice", users.LostConnection, at(6)); p.Arrive(o(6), "", at(7)) },
	} {
		step()
		if got, _ := p.Lookup("alice"); got != want {
			t.Errorf("with %+v: %+v, want %+v", p.Sessions("alice"), got, want)
		}
	}
}
