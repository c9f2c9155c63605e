package users_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"parley/users"
	"pgregory.net/rapid"
)

// phrases returns what is announced, with the seconds since start.
func phrases(all []users.Announcement) string {
	var b strings.Builder
	for _, a := range all {
		fmt.Fprintf(&b, "%v@%v ", a, a.At.Sub(start).Seconds())
	}
	return strings.TrimSpace(b.String())
}

// arrive notes that somebody logged in. owner is both the person and the address.
func arrive(p *users.Presence, name, owner string, now time.Time) []users.Announcement {
	return p.Arrive(users.Online{Name: name, Person: owner}, owner, now)
}

// depart announces what is due.
func depart(p *users.Presence, now time.Time) (all []users.Announcement) {
	for _, a := range p.Due(now) {
		all = append(all, p.Depart(a.Name, a.At)...)
	}
	p.Sweep(now)
	return all
}

// TestWhatIsAnnounced: arrivals and departures, each at a second, and what is
// announced then.
func TestWhatIsAnnounced(t *testing.T) {
	type step struct {
		at    float64
		do    string // arrive, from another address, or a way to leave; nothing: what is due
		wants string
	}
	for name, steps := range map[string][]step{
		"a visit": {
			{1, "arrive", "Alice logged in@1"},
			{2, "log out", "Alice logged out@2"},
			{9, "", ""},
		},
		"a timeout": {
			{1, "arrive", "Alice logged in@1"},
			{2, "time out", "Alice timed out@2"},
			{9, "", ""},
		},
		"a lost connection": {
			{1, "arrive", "Alice logged in@1"},
			{2, "lose", ""},
			{6.9, "", ""},
			{7, "", "Alice lost the connection@2"},
			{8, "", ""},
			{9, "arrive", "Alice logged in@9"},
		},
		"a quick return": {
			{1, "arrive", "Alice logged in@1"},
			{2, "lose", ""},
			{6.9, "arrive", ""},
			{8, "", ""},
			{9, "lose", ""},
			{10, "arrive", ""},
			{20, "log out", "Alice logged out@20"},
		},
		"a return after the grace that nobody asked for": {
			{1, "arrive", "Alice logged in@1"},
			{2, "lose", ""},
			{7, "arrive", "Alice lost the connection@2 Alice logged in@7"},
			{9, "", ""},
		},
		"somebody else takes the name": {
			{1, "arrive", "Alice logged in@1"},
			{2, "lose", ""},
			{3, "another arrives", "Alice lost the connection@2 Alice logged in@3"},
			{9, "", ""},
		},
		"a logout and a quick return": {
			{1, "arrive", "Alice logged in@1"},
			{2, "log out", "Alice logged out@2"},
			{3, "arrive", "Alice logged in@3"},
		},
		"twice": {
			{1, "arrive", "Alice logged in@1"},
			{2, "arrive", ""},
			{3, "log out", "Alice logged out@3"},
			{4, "log out", ""},
			{5, "lose", ""},
			{20, "", ""},
		},
	} {
		t.Run(name, func(t *testing.T) {
			p := users.NewPresence()
			for _, s := range steps {
				now := start.Add(time.Duration(s.at * float64(time.Second)))
				var got []users.Announcement
				switch s.do {
				case "arrive":
					got = arrive(p, "Alice", "account", now)
				case "another arrives":
					got = arrive(p, "Alice", "192.0.2.1", now)
				case "log out":
					got = p.Leave("alice", users.LoggedOut, now)
				case "time out":
					got = p.Leave("alice", users.TimedOut, now)
				case "lose":
					got = p.Leave("alice", users.LostConnection, now)
				default:
					got = depart(p, now)
				}
				if phrases(got) != s.wants {
					t.Errorf("at %v: %q, want %q", s.at, phrases(got), s.wants)
				}
			}
		})
	}
}

func TestAQuickReturnIsAsIfNothingHadBeen(t *testing.T) {
	p := users.NewPresence()
	arrive(p, "Alice", "", start)
	arrive(p, "bob", "", start)
	if err := p.Away("alice", "lunch"); err != nil {
		t.Error(err)
	}
	p.Leave("alice", users.LostConnection, start.Add(time.Minute))
	if at, ok := p.NextDue(); !ok || at != start.Add(time.Minute+users.ReturnGrace) {
		t.Errorf("the next departure: %v, %v", at, ok)
	}
	back := start.Add(time.Minute + time.Second)
	arrive(p, "alice", "", back)
	if at, ok := p.NextDue(); ok {
		t.Errorf("a departure is due at %v", at)
	}
	want := users.Seen{Name: "alice", Online: true, Since: start, Away: true, Text: "lunch"}
	if got, ok := p.Lookup("ALICE"); !ok || got != want {
		t.Errorf("got %+v, want %+v", got, want)
	}
	if !p.Back("alice") || p.Back("alice") || p.Back("nobody") {
		t.Error("alice was away once, and nobody was not")
	}
	want = users.Seen{Name: "alice", Online: true, Since: start}
	if got, ok := p.Lookup("alice"); !ok || got != want {
		t.Errorf("got %+v, want %+v", got, want)
	}
}

func TestAwayIsForThoseWhoAreThere(t *testing.T) {
	p := users.NewPresence()
	arrive(p, "alice", "", start)
	for _, test := range []struct {
		name, text string
		want       error
	}{
		{"bob", "", users.ErrUnknownUser},
		{"Alice", "", nil},
		{"alice", strings.Repeat("x", users.MaxAway), nil},
		{"alice", strings.Repeat("x", users.MaxAway+1), users.ErrAwayTooLong},
	} {
		if err := p.Away(test.name, test.text); !errors.Is(err, test.want) {
			t.Errorf("%s, %d bytes: %v, want %v", test.name, len(test.text), err, test.want)
		}
	}
}

func TestAbsent(t *testing.T) {
	p := users.NewPresence()
	arrive(p, "Alice", "", start)
	arrive(p, "bob", "", start)
	away := func(name, text string) func() error { return func() error { return p.Away(name, text) } }
	leave := func(name string, why users.Change) func() error {
		return func() error { p.Leave(name, why, start); return nil }
	}
	for _, step := range []struct {
		what string
		do   func() error
		want map[string]string
	}{
		{"nobody", func() error { return nil }, nil},
		{"one", away("alice", "at lunch"), map[string]string{"Alice": "at lunch"}},
		{"two", away("bob", ""), map[string]string{"Alice": "at lunch", "bob": ""}},
		{"why has changed", away("alice", "asleep"), map[string]string{"Alice": "asleep", "bob": ""}},
		{"one is back", func() error { p.Back("bob"); return nil }, map[string]string{"Alice": "asleep"}},
		{"who is gone is not away", leave("alice", users.LostConnection), nil},
		{"but is so again after a short loss", func() error { arrive(p, "alice", "", start); return nil }, map[string]string{"alice": "asleep"}},
		{"and not after a logout", func() error { _ = leave("alice", users.LoggedOut)(); arrive(p, "alice", "", start); return nil }, nil},
	} {
		if err := step.do(); err != nil {
			t.Fatalf("%s: %v", step.what, err)
		}
		if diff := cmp.Diff(step.want, p.Absent()); diff != "" {
			t.Errorf("%s (-want +got):\n%s", step.what, diff)
		}
		want := map[string]string{}
		for _, name := range []string{"Alice", "bob"} {
			if why, away := p.WhyAway(strings.ToUpper(name)); away {
				want[strings.ToLower(name)] = why
			}
		}
		got := map[string]string{}
		for name, why := range p.Absent() {
			got[strings.ToLower(name)] = why
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s: one by one, and all at once (-want +got):\n%s", step.what, diff)
		}
	}
}

func names(seen []users.Seen) []string {
	all := []string{}
	for _, s := range seen {
		all = append(all, s.Name)
	}
	return all
}

func TestWhoElseSince(t *testing.T) {
	p := users.NewPresence()
	now := start.AddDate(0, 2, 0)
	p.Restore("Zoe", now.Add(-time.Hour), now)
	p.Restore("yan", now.Add(-users.MaxSince-1), now)
	p.Restore("xia", time.Time{}, now)
	for _, name := range []string{"Alice", "bob", "carol", "dave"} {
		arrive(p, name, "", now.Add(-time.Minute))
	}
	p.Leave("bob", users.LoggedOut, now.Add(-30*time.Second))
	p.Leave("carol", users.LostConnection, now.Add(-10*time.Second))
	got := map[time.Duration][]string{}
	for _, length := range []time.Duration{-time.Hour, 0, 10 * time.Second, time.Minute, time.Hour, 1<<63 - 1} {
		got[length] = names(p.WhoElseSince("DAVE", length, now))
	}
	want := map[time.Duration][]string{
		-time.Hour:       {"Alice"},
		0:                {"Alice"},
		10 * time.Second: {"Alice", "carol"},
		time.Minute:      {"Alice", "bob", "carol"},
		time.Hour:        {"Alice", "bob", "carol", "Zoe"},
		1<<63 - 1:        {"Alice", "bob", "carol", "Zoe"},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	depart(p, now.Add(users.MaxSince-20*time.Second))
	if _, ok := p.Lookup("bob"); ok {
		t.Error("bob is remembered for too long")
	}
	if _, ok := p.Lookup("carol"); !ok {
		t.Error("carol is not remembered for long enough")
	}
}

// Who was here MaxSince ago can be asked for, and nobody who was before.
func TestMaxSince(t *testing.T) {
	p := users.NewPresence()
	now := start.Add(users.MaxSince)
	p.Restore("zoe", start.Add(-1), now)
	p.Restore("yan", start, now)
	depart(p, now)
	if got := fmt.Sprint(names(p.WhoElseSince("", users.MaxSince, now))); got != "[yan]" {
		t.Errorf("it was %s", got)
	}
	depart(p, now.Add(1))
	if _, ok := p.Lookup("yan"); ok {
		t.Error("yan is remembered for too long")
	}
}

// It is known of everybody since when they are here, also of the first ones.
func TestTheFirstMoments(t *testing.T) {
	p := users.NewPresence()
	for i := range 3 {
		at, name := start.Add(time.Duration(i)), fmt.Sprint("user", i)
		arrive(p, name, "", at)
		if seen, _ := p.Lookup(name); !seen.Since.Equal(at) {
			t.Errorf("%s is here since %v, want %v", name, seen.Since, at)
		}
	}
}

// TestThereIsRoomForSoMany: who was gone for the longest is forgotten, and
// announced if that was still to be done.
func TestThereIsRoomForSoMany(t *testing.T) {
	p := users.NewPresence()
	for i := range users.MaxGone + 2 {
		arrive(p, fmt.Sprint("user", i), "", start)
	}
	for i := range users.MaxGone {
		why := users.LoggedOut
		if i < 2 {
			why = users.LostConnection
		}
		p.Leave(fmt.Sprint("user", i), why, start.Add(time.Duration(i)))
	}
	now := start.Add(time.Second)
	last := fmt.Sprint("user", users.MaxGone)
	if got, want := phrases(p.Leave(last, users.LoggedOut, now)), "user0 lost the connection@0 "+last+" logged out@1"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
	if n := len(p.WhoElseSince("", time.Hour, now)); n != users.MaxGone+1 {
		t.Errorf("%d are known, want %d", n, users.MaxGone+1)
	}
}

// TestPresenceAgreesWithAHistory runs random visits beside a list of all of them.
// What is announced never repeats itself, and once nothing is due it is true.
func TestPresenceAgreesWithAHistory(t *testing.T) {
	type visit struct {
		name       string
		begin, end time.Time // end is zero while it lasts
	}
	rapid.Check(t, func(t *rapid.T) {
		p := users.NewPresence()
		online := map[string]bool{}    // in truth
		announced := map[string]bool{} // as far as the others know
		var history []visit
		now := start
		drawName := rapid.SampledFrom([]string{"alice", "bob", "carol", "dave"})
		hear := func(t *rapid.T, all []users.Announcement) {
			for _, a := range all {
				if arrival := a.Change == users.LoggedIn; announced[a.Name] == arrival {
					t.Fatalf("%v was announced twice", a)
				} else {
					announced[a.Name] = arrival
				}
			}
		}
		t.Repeat(map[string]func(*rapid.T){
			"arrive": func(t *rapid.T) {
				name := drawName.Draw(t, "name")
				hear(t, arrive(p, name, rapid.SampledFrom([]string{"", "other"}).Draw(t, "owner"), now))
				if !online[name] {
					online[name] = true
					history = append(history, visit{name: name, begin: now})
				}
				if !announced[name] {
					t.Fatalf("%s has arrived and nobody knows", name)
				}
			},
			"leave": func(t *rapid.T) {
				name := drawName.Draw(t, "name")
				why := rapid.SampledFrom([]users.Change{users.LoggedOut, users.TimedOut, users.LostConnection}).Draw(t, "why")
				hear(t, p.Leave(name, why, now))
				for i := range history {
					if history[i].name == name && history[i].end.IsZero() {
						history[i].end = now
					}
				}
				if online[name] && why != users.LostConnection && announced[name] {
					t.Fatalf("%s has left and nobody knows", name)
				}
				online[name] = false
			},
			"wait": func(t *rapid.T) {
				now = now.Add(time.Duration(rapid.IntRange(1, 4).Draw(t, "seconds")) * time.Second)
			},
			"due": func(t *rapid.T) {
				hear(t, depart(p, now))
				if _, later := p.NextDue(); !later {
					for name, is := range online {
						if announced[name] != is {
							t.Fatalf("%s is online: %v, announced: %v", name, is, announced[name])
						}
					}
				}
			},
			"whoelsesince": func(t *rapid.T) {
				self := drawName.Draw(t, "self")
				length := time.Duration(rapid.IntRange(0, 20).Draw(t, "seconds")) * time.Second
				want := map[string]bool{}
				for _, v := range history {
					if v.name != self && (v.end.IsZero() || !v.end.Before(now.Add(-length))) {
						want[v.name] = true
					}
				}
				got := map[string]bool{}
				for _, s := range p.WhoElseSince(self, length, now) {
					got[s.Name] = true
					if s.Online != online[s.Name] {
						t.Fatalf("%+v, online in truth: %v", s, online[s.Name])
					}
				}
				if diff := cmp.Diff(want, got); diff != "" {
					t.Fatal(diff)
				}
			},
		})
	})
}
