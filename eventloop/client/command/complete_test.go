package command

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"
)

func TestComplete(t *testing.T) {
	c := NewCompletion()
	c.Learn("alice", "Albert", "bob", "ALICE", "no name", "æ", "")
	c.LearnRooms([]string{"ops", "dev"}, []string{"ops", "Old", "dev"})
	c.LearnPrivate([]string{"bo", "Carl"}, []string{"bob", "Bill", "eve"})
	for _, id := range []uint64{12, 20, 7, 21, 12, 30} {
		c.LearnMessage(id, id != 20)
	}
	c.LearnMessage(22, false)
	c.ForgetMessage(30)
	tests := []struct {
		before, want string // candidates joined by |
		length       int
	}{
		{"/", "/accept |/announce |/around |/audit |/away |/back|/ban |/bans |/bell |/block |/blocked|/clear|/compose |/create |/decline |/dm |/edit |/export |/forget |/help |/history |/hold |/ids |/invite |/join |/keep |/kick |/leave |/lobby|/lockdown |/login |/logout |/msg |/mute |/names |/passwd|/peers|/ping|/private |/query |/quit |/react |/recent|/register|/remove |/reply |/report |/reports|/role |/room |/rooms|/search |/sessions|/show |/slow |/startprivate |/stopprivate |/takeover|/topic |/trust |/unban |/unblock |/unmute |/unreact |/unread|/unsent |/verify |/versions |/whoelse|/whoelsesince |/whois ", 1},
		{"/lo", "/lobby|/lockdown |/login |/logout ", 3},
		{"  /na", "/names ", 3},
		{"/NA", "/names ", 3},
		{"/x", "", 2},
		{"/bell ", "all|mentions|off", 0},
		{"/bell m", "mentions", 1},
		{"/bell off m", "", 1},
		{"/help be", "bell", 2},
		{"/help w", "whoelse|whoelsesince|whois", 1},
		{"/help ", strings.Join(slices.Sorted(maps.Keys(helpNames())), "|"), 0},
		{"/dm al", "Albert |alice ", 2},
		{"/tell al", "Albert |alice ", 2},
		{"/dm bob al", "Albert|alice", 2},
		{"/dm bob ask al", "Albert|alice", 2},
		{"/dm ", "", 0},
		{"/whois b", "bob", 1},
		{"/block b", "bob", 1},
		{"/unblock al", "Albert|alice", 2},
		{"/whois bob al", "", 2},
		{"/whoelsesince 1", "", 1},
		{"/accept ", "Carl|bo", 0},
		{"/decline B", "bo", 1},
		{"/accept bo bo", "", 2},
		{"/p2p a", "Albert|alice", 1},
		{"/private b", "Bill|bob", 1},
		{"/private ", "Bill|bob|eve", 0},
		{"/private bob al", "Albert|alice", 2},
		{"/stopprivate e", "eve", 1},
		{"/verify b", "Bill|bob", 1},
		{"/trust al", "Albert|alice", 2},
		{"/reply al", "Albert|alice", 2},
		{"/names a", "", 1},
		{"/names o", "Old|ops", 1},
		{"/join o", "Old|ops", 1},
		{"/join #o", "Old|ops", 2},
		{"/join ", "Old|dev|lobby|ops", 0},
		{"/join ops k", "", 1},
		{"/room o", "ops", 1},
		{"/room #D", "dev", 2},
		{"/room ", "dev|lobby|ops", 0},
		{"/room ops al", "Albert|alice", 2},
		{"/leave d", "dev", 1},
		{"/part d", "dev", 1},
		{"/invite al", "Albert|alice", 2},
		{"/invite alice o", "ops", 1},
		{"/create o", "", 1},
		{"/create new ", "key|private", 0},
		{"/create new p", "private", 1},
		{"/topic al", "Albert|alice", 2},
		{"/hold ", "off|on", 0},
		{"/logout 1", "", 1},
		{"/login a", "", 1},
		{"/nope a", "", 0},
		{"/msg al", "Albert|alice", 2},
		{"/w al", "Albert |alice ", 2},
		{"/ignore al", "Albert|alice", 2},
		{"/help k", "keep|keys|kick", 1},
		{"/help /be", "bell", 3},
		{"/msg ask al", "Albert|alice", 2},
		{"al", "Albert: |alice: ", 2},
		{"  b", "bob: ", 1},
		{"ask AL", "Albert|alice", 2},
		{"ask @al", "@Albert|@alice", 3},
		{"@b", "@bob: ", 2},
		{"blåbær al", "Albert|alice", 2},
		{"ålb", "", 3},
		{"//al", "", 4},
		{"", "", 0},
		{"ask ", "", 0},
		{"ask @", "", 1},
		{"na", "", 2},
		{"one\ntwo b", "bob", 1},
		{"/edit ", "21|12|7", 0},
		{"/remove 1", "12", 1},
		{"/edit #", "#21|#12|#7", 1},
		{"/edit 12 al", "Albert|alice", 2},
		{"/react ", "22|21|20|12|7", 0},
		{"/around 2", "22|21|20", 1},
		{"/react 22 ", "", 0},
		{"/reply #2", "#22|#21|#20", 2},
		{"/reply 1", "12", 1},
		{"/reply ", "", 0},
		{"/history o", "ops", 1},
		{"/history a", "after|around", 1},
		{"/history with:al", "with:Albert|with:alice", 7},
		{"/search from:b", "from:bob", 6},
		{"/search in:", "in:dev|in:lobby|in:ops", 3},
		{"/search al", "Albert|alice", 2},
		{"/kick al", "Albert|alice", 2},
		{"/mute alice o", "ops", 1},
		{"/lockdown o", "off|on", 1},
	}
	for _, test := range tests {
		got, length := c.Complete(test.before)
		if strings.Join(got, "|") != test.want || length != test.length {
			t.Errorf("Complete(%q) = %q, %d; want %q, %d", test.before, got, length, test.want, test.length)
		}
	}
}

// helpNames is what /help explains.
func helpNames() map[string]bool {
	names := make(map[string]bool)
	for _, c := range NewTable().List() {
		names[c.Name] = true
	}
	for _, topic := range topics {
		names[string(topic.name)] = true
	}
	return names
}

func TestNamesAreBounded(t *testing.T) {
	c := NewCompletion()
	c.Learn("regular")
	for i := range 10 * maxNames {
		c.Learn(fmt.Sprintf("name%d", i))
		if i%100 == 0 {
			c.Learn("Regular")
		}
		if n, m := len(c.names.list), len(c.names.byName); n > maxNames || m > maxNames {
			t.Fatalf("%d and %d names are kept", n, m)
		}
		if !c.Knows(fmt.Sprintf("NAME%d", i)) {
			t.Fatalf("the newest name, %d, is forgotten", i)
		}
	}
	newest := fmt.Sprintf("name%d", 10*maxNames-maxNames/2)
	if got, _ := c.Complete(newest); len(got) != 1 {
		t.Errorf("%s is completed to %q", newest, got)
	}
	if got, _ := c.Complete("regu"); len(got) != 1 || !c.Knows("regular") {
		t.Errorf("whoever is met again and again is completed to %q", got)
	}
	if got, _ := c.Complete("name0"); len(got) != 0 || c.Knows("name0") {
		t.Errorf("the oldest name is completed to %q", got)
	}
}

// Who has left stands behind those who are there, until coming back.
func TestNamesOfThoseWhoLeft(t *testing.T) {
	c := NewCompletion()
	c.Learn("albert", "alice", "alma")
	c.Left("ALBERT")
	c.Left("nobody")
	for _, want := range []string{"alice|alma|albert", "albert|alice|alma"} {
		if got, _ := c.Complete("ask al"); strings.Join(got, "|") != want {
			t.Errorf("al is completed to %q, not %s", got, want)
		}
		c.Learn("Albert")
	}
}

// Names are learnt while somebody presses Tab.
func TestCompleteWhileLearning(t *testing.T) {
	c := NewCompletion()
	done := make(chan bool)
	go func() {
		defer close(done)
		for i := range 3 * maxNames {
			c.Learn(fmt.Sprintf("name%d", i))
			c.Left(fmt.Sprintf("name%d", i/2))
		}
	}()
	for learning := true; learning; {
		select {
		case <-done:
			learning = false
		default:
		}
		if got, _ := c.Complete("name"); len(got) > maxNames {
			t.Fatalf("%d names", len(got))
		}
	}
}

func BenchmarkLearn(b *testing.B) {
	for _, n := range []int{3_000, 30_000, 300_000} {
		list := make([]string, n)
		for i := range list {
			list[i] = fmt.Sprintf("name%d", i)
		}
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			for b.Loop() {
				NewCompletion().Learn(list...)
			}
		})
	}
}
