package state_test

import (
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"parley/users"
	"parley/users/command"
	"parley/users/state"
)

// parseRetention makes a command about what is kept; nil if it is another.
func parseRetention(what string, by command.By, named map[string]string, arg func(int) string) command.Command {
	number := func(s string) (n int) {
		n, _ = strconv.Atoi(s)
		return n
	}
	switch what {
	case "keep":
		return &command.Keep{By: by, Room: arg(2), Days: number(named["days"]), Messages: number(named["messages"])}
	case "prune":
		return &command.Prune{Room: strings.Trim(arg(0), "@"), UpTo: uint64(number(arg(1)))}
	case "forgetme":
		return &command.ForgetMe{By: by, Texts: arg(2) == "texts", Pseudonym: "forgotten-" + named["as"]}
	case "keeplimits":
		c := limits()
		c.KeepDays, c.KeepMessages = number(named["days"]), number(named["messages"])
		return c
	}
	return nil
}

// retention returns a command about what is kept, which mostly does something.
func (g *generator) retention(s *state.State) command.Command {
	by := g.by(s)
	room := pick(g.rand, "", state.Lobby, g.room())
	if rooms := s.Rooms(); len(rooms) > 0 && g.rand.IntN(3) > 0 {
		r := pick(g.rand, rooms...)
		room = r.Name
		for _, name := range s.Names() { // who has made it, if they are there
			if o, _ := s.Online(name); o.Person == r.Owner {
				by = command.By{Name: strings.ToLower(name), Session: g.sessionOf(s, name)}
			}
		}
	}
	switch g.rand.IntN(5) {
	case 0, 1:
		return &command.Keep{By: by, Room: room, Days: g.rand.IntN(3), Messages: g.rand.IntN(3)}
	case 2, 3:
		return &command.Prune{Room: room, UpTo: g.number(s)}
	}
	for _, name := range s.Names() {
		if _, registered := s.Account(name); registered && g.rand.IntN(2) == 0 {
			by = command.By{Name: strings.ToLower(name), Session: g.sessionOf(s, name)}
		}
	}
	return &command.ForgetMe{By: by, Texts: g.rand.IntN(2) == 0, Pseudonym: pick(g.rand, "forgotten-abcdef", "forgotten-xyzxyz", g.name())}
}

func TestHowMuchIsKeptOfARoom(t *testing.T) {
	play(t, `
		0 add anna hash=h -> anna | account anna h
		1 enter anna #1 token=a verified=h -> anna; anna logged in@1 | account anna h
		1 enter bob #2 token=b -> bob; bob logged in@1
		2 create anna #1 Den -> Den | room Den of anna, member anna in Den since 0
		2 join bob #2 den -> Den | member ~b in Den since 0
		3 kept den -> 0 days 0, pruned to 0
		3 keep anna #1 DEN days=7 messages=100 -> Den; 1 anna: keep 7 days, 100 messages in Den | room Den of anna keeps 7 days 100
		3 keep anna #1 den days=7 messages=100 -> again; Den
		3 kept den -> 7 days 100, pruned to 0
		4 keep bob #2 den days=1 -> the role of who asks does not allow that
		4 keep anna #1 lobby days=1 -> the role of who asks does not allow that
		4 keep anna #1 attic days=1 -> there is no room of that name
		4 keep anna #1 den days=-1 -> the server keeps less than that
		4 keep anna #1 den messages=-1 -> the server keeps less than that
		4 keep anna #9 den days=1 -> the session is not there any more

		5 keeplimits days=3 messages=50
		5 kept Den -> 3 days 50, pruned to 0
		5 kept lobby -> 3 days 50, pruned to 0
		5 keep anna #1 den days=4 -> the server keeps less than that
		5 keep anna #1 den messages=51 -> the server keeps less than that
		5 keep anna #1 den days=2 -> Den; 2 anna: keep 2 days, 0 messages in Den | room Den of anna keeps 2 days 0
		5 kept den -> 2 days 50, pruned to 0
		6 keeplimits
		6 kept den -> 2 days 0, pruned to 0
		6 keep anna #1 den -> Den; 3 anna: keep 0 days, 0 messages in Den | room Den of anna
		6 kept den -> 0 days 0, pruned to 0
	`)
}

func TestWhatIsPruned(t *testing.T) {
	play(t, `
		0 add anna hash=h -> anna | account anna h
		1 enter anna #1 token=a verified=h -> anna; anna logged in@1 | account anna h
		1 enter bob #2 token=b -> bob; bob logged in@1
		2 message anna #1 -> | message anna
		2 create bob #2 Den -> Den | room Den of ~b, member ~b in Den since 1
		3 message bob #2 room=Den -> | message bob in Den
		3 message bob #2 room=Den -> | message bob in Den
		3 direct bob #2 anna -> anna | direct ~b>anna
		3 direct anna #1 bob -> bob | direct anna>~b
		4 prune lobby 3 -> | pruned "lobby" to 3
		4 prune lobby 3 -> again
		4 prune lobby 2 -> again
		4 prune lobby 6 -> there is no such message
		4 prune Den 1 -> there is no such message
		4 prune den 2 -> there is no room of that name
		4 prune attic 2 -> there is no room of that name
		4 newest Den -> 3 true
		4 prune Den 2 -> | pruned "Den" to 2
		4 newest Den -> 3 true
		4 prune Den 5 -> | pruned "Den" to 5
		4 newest Den -> 0 true
		5 kept Den -> 0 days 0, pruned to 5
		5 kept attic -> 0 days 0, pruned to 0

		6 pruneddirect anna 4 -> false
		6 prune @ 5 -> | pruned "" to 5
		6 unseen anna -> 4 4
		6 pruneddirect anna 4 -> false
		6 pruneddirect carl 4 -> true
		6 pruneddirect carl 6 -> false
		7 sees anna #1 4 -> | cursor anna 4
		7 pruneddirect anna 4 -> true

		8 leave bob #2 out -> bob; Den ended; bob logged out@8 in [Den] | forgotten ~b, -room Den to 5, -member ~b in Den since 1, -pruned "Den" to 5
		8 kept Den -> 0 days 0, pruned to 0
		9 create anna #1 Den -> Den | room Den of anna, member anna in Den since 5
		9 prune Den 5 -> there is no such message
	`)
}

func TestWhoIsForgotten(t *testing.T) {
	d := play(t, `
		0 add anna hash=h -> anna | account anna h
		0 add bob hash=h -> bob | account bob h
		1 enter Anna #1 token=a verified=h -> anna; anna logged in@1 | account anna h
		1 enter anna #2 token=b takeover verified=h -> anna; ended anna#1 | account anna h
		1 enter bob #3 token=c verified=h -> bob; bob logged in@1 | account bob h
		1 enter carl #4 token=d -> carl; carl logged in@1
		1 enter dora #6 token=f -> dora; dora logged in@1
		2 create anna #2 Den -> Den | room Den of anna, member anna in Den since 0
		2 join bob #3 Den -> Den | member bob in Den since 0
		2 create bob #3 attic -> attic | room attic of bob, member bob in attic since 0
		2 join anna #2 attic -> attic | member anna in attic since 0
		2 topic anna #2 attic sofas -> attic | room attic of bob "sofas" by anna
		2 inviteto anna #2 Den carl -> carl; Den | invitation ~d to Den
		3 message anna #2 id=1 -> | message anna, request anna 1
		3 direct anna #2 bob -> bob | direct anna>bob
		3 direct bob #3 anna -> anna | direct bob>anna
		3 read anna #2 Den 2 -> Den 2 | anna read Den 2
		3 read bob #3 @anna 2 -> anna 2 | bob read @anna 2
		3 block bob #3 carl -> carl | block bob>carl
		3 block anna #2 dora -> dora | block anna>dora
		4 wrong anna -> | wrong anna 1/0

		5 forgetme carl #4 as=abcdef -> who asks has no account
		5 forgetme anna #2 as=abc -> nobody may have that name, or come from that address
		5 forgetme anna #2 as=ABCDEF -> nobody may have that name, or come from that address
		5 forgetme anna #9 as=abcdef -> the session is not there any more
		6 forgetme anna #2 texts as=abcdef -> anna; ended anna#2; anna logged out@6 in [attic Den] | -account anna h, -block anna>dora, -wrong anna 0/0, forgotten anna, anna is forgotten-abcdef, texts of anna, room attic of bob "sofas" by forgotten-abcdef, room Den of anna, room Den of nobody, -member anna in Den since 0, -member anna in attic since 0, invitation ~d to Den, -anna read Den 2, -bob read @anna 2
		6 invited ~d -> Den by forgotten-abcdef
		6 seen anna -> unknown
		6 unseen bob -> 0 0
		6 unseen anna -> 0 0
		6 rooms -> attic of bob "sofas" by forgotten-abcdef, Den of nobody
		6 seen bob -> since 1, away false
	`)
	var left strings.Builder
	if d.state.Dump(&left); strings.Contains(strings.ToLower(left.String()), "anna") {
		t.Error("there is still something of who was forgotten:\n", left.String())
	}
	d.play(`
		7 add anna hash=i -> anna | account anna i
		7 enter anna #5 token=e verified=i -> anna; anna logged in@7 | account anna i
		7 forgetme anna #5 as=ghijkl -> anna; ended anna#5; anna logged out@7 | -account anna i, forgotten anna, anna is forgotten-ghijkl
	`)
}

// What somebody says after they were forgotten, or who takes their name, is not forgotten
// with them; nor is what others have said.
func TestTheTextsOfWhoIsForgotten(t *testing.T) {
	said := func(number uint64, room, sender, person string) state.Message {
		return state.Message{Number: number, Room: room, Sender: sender, Person: person, Text: "x", Time: start.Add(time.Duration(number) * time.Second)}
	}
	anna := state.AuthorOf(users.Account{Name: "Anna", Number: 5, Guest: "~x", Registered: start.Add(3 * time.Second)})
	for name, c := range map[string]struct {
		erased *state.Erased
		want   string
	}{
		"with the texts":     {&state.Erased{Author: anna, Name: "Anna", As: "forgotten-abcdef", Texts: true}, "lobby [1 3 4 6], Den [8 11]"},
		"without the texts":  {&state.Erased{Author: anna, Name: "Anna", As: "forgotten-abcdef"}, "lobby [1 2 3 4 5 6 10], Den [7 8 11]"},
		"an account deleted": {nil, "lobby [1 2 3 4 5 6 10], Den [7 8 11]"},
	} {
		for _, together := range []bool{false, true} {
			table := state.NewTable()
			rows := state.Rows{Count: 1, Last: 12, Messages: []state.Message{
				said(1, state.Lobby, "Anna", "anna"),  // who had the name before
				said(2, state.Lobby, "ann", "~x"),     // as a guest
				said(3, state.Lobby, "anna", "~y"),    // another guest
				said(4, state.Lobby, "bob", "bob"),    // somebody else
				said(5, state.Lobby, "anna", ""),      // as is not noted
				said(6, state.Lobby, "bob", ""),       // likewise, somebody else
				said(7, "Den", "ANNA", "anna"),        // hers
				said(8, "Den", "anna", "~x"),          // who got the token later
				said(9, "Den", "anna", "anna"),        // who has the name now
				said(10, state.Lobby, "ANNA", "anna"), // hers
			}}
			rows.Messages[8].Number = 11
			rows.Messages[4].Time, rows.Messages[9].Number = start.Add(3*time.Second), 10
			forget := state.Rows{Count: 1, Last: 12, Forgotten: []state.Forgotten{{Person: "anna", UpTo: 10, Erased: c.erased}}}
			if together {
				rows.Forgotten, forget = forget.Forgotten, state.Rows{}
			}
			table.Put(&rows)
			table.Put(&forget)
			var got []string
			for _, room := range []string{state.Lobby, "Den"} {
				messages, _ := table.Newest(t.Context(), room, 99)
				var numbers []uint64
				for _, m := range messages {
					numbers = append(numbers, m.Number)
				}
				got = append(got, fmt.Sprint(room, " ", numbers))
			}
			if all := strings.Join(got, ", "); all != c.want {
				t.Errorf("%s, together: %v: there are %s, want %s", name, together, all, c.want)
			}
		}
	}
}

// A cut goes through the oldest, and stops where something is to stay.
func TestACutIsFound(t *testing.T) {
	hours := func(all ...int) (times []time.Time) {
		for _, h := range all {
			times = append(times, start.Add(time.Duration(h)*time.Hour))
		}
		return times
	}
	for name, c := range map[string]struct {
		cut   state.Cut
		times []time.Time
		want  uint64
	}{
		"of nothing":                        {state.Cut{Before: start, Newest: 1}, nil, 0},
		"all may stay":                      {state.Cut{}, hours(0, 1), 0},
		"none is so old":                    {state.Cut{Before: start}, hours(0, 1), 0},
		"one is older":                      {state.Cut{Before: start.Add(1)}, hours(0, 1), 10},
		"all are older":                     {state.Cut{Before: start.Add(2 * time.Hour)}, hours(0, 1), 20},
		"an older one behind a newer stays": {state.Cut{Before: start.Add(time.Hour)}, hours(0, 5, 0), 10},
		"there are so many":                 {state.Cut{Newest: 2}, hours(0, 1), 0},
		"there is one more":                 {state.Cut{Newest: 2}, hours(0, 1, 2), 10},
		"the more of both goes":             {state.Cut{Newest: 1, Before: start.Add(time.Hour)}, hours(0, 1, 2), 20},
		"the older of both goes":            {state.Cut{Newest: 2, Before: start.Add(2 * time.Hour)}, hours(0, 1, 2), 20},
	} {
		got := c.cut.Find(len(c.times), func(i int) (uint64, time.Time) { return uint64(i+1) * 10, c.times[i] })
		if got != c.want {
			t.Errorf("%s: got %d, want %d", name, got, c.want)
		}
	}
}

// What is pruned is read from a table no more, and what was not seen is until it is.
func TestATableIsPruned(t *testing.T) {
	table := state.NewTable()
	rows := say("Den", 1, 2, 6)
	rows.Messages = append(rows.Messages, say("attic", 3).Messages...)
	rows.Directs = []state.Direct{{Number: 4, From: "bob", Person: "anna"}, {Number: 5, From: "anna", Person: "bob"}, {Number: 7, From: "anna", Person: "bob"}}
	rows.Cursors = []state.Cursor{{Person: "bob", Number: 7}}
	rows.Pruned = []state.PrunedRow{{Pruned: state.Pruned{Room: "Den", UpTo: 2}}, {Pruned: state.Pruned{UpTo: 6}}}
	rows.Count = 1
	table.Put(&rows)
	numbers := func() string {
		messages, directs, _, _ := table.Recent(t.Context(), 1<<20)
		var all []uint64
		for _, m := range messages {
			all = append(all, m.Number)
		}
		for _, d := range directs {
			all = append(all, d.Number)
		}
		slices.Sort(all)
		return fmt.Sprint(all)
	}
	if got := numbers(); got != "[3 4 6 7]" {
		t.Errorf("there is %s", got)
	}
	table.Put(&state.Rows{Count: 1, Cursors: []state.Cursor{{Person: "anna", Number: 5}}})
	if got := numbers(); got != "[3 6 7]" {
		t.Errorf("when all was seen there is %s", got)
	}
	if kept := table.Kept().Pruned; fmt.Sprint(kept) != "[{ 6} {Den 2}]" {
		t.Errorf("pruned is %v", kept)
	}
	s := state.New(state.Kept{Last: 7, Pruned: table.Kept().Pruned}, start)
	if r := s.Apply(start, &command.Prune{UpTo: 6}, nil); r.Err != nil || !r.Again {
		t.Errorf("to prune again what was pruned before a start: %+v", r)
	}
	if r := s.Apply(start, &command.Prune{Room: "Den", UpTo: 6}, nil); !errors.Is(r.Err, state.ErrNoRoom) {
		t.Errorf("of no room: %v", r.Err)
	}
}

// What was found before it was pruned, and is asked for behind that, is there no more.
func TestWhatIsPrunedIsNotChanged(t *testing.T) {
	s, ann := anna(state.Kept{})
	var rows state.Rows
	said := s.Apply(start, &command.Message{By: ann, Room: state.Lobby, Text: "helo"}, &rows).Message
	found := said.Target(s.Last())
	s.Apply(start, &command.Prune{Room: state.Lobby, UpTo: said.Number}, &rows)
	for _, c := range []command.Command{&command.Edit{By: ann, Of: found, Text: "hello"}, &command.Remove{By: ann, Of: found}, &command.React{By: ann, Of: found, Word: "ok"}} {
		if r := s.Apply(start, c, &rows); r.Err != state.ErrNoMessage {
			t.Errorf("%T of what was pruned: %+v", c, r)
		}
	}
}
