package state_test

import (
	"cmp"
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

var start = time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)

// A dialogue is a state that is told commands, each at a second, and says what became of
// them.
type dialogue struct {
	t     *testing.T
	state *state.State
	twin  *state.State // is told the same, and keeps nothing
}

// limits are those of all dialogues.
func limits() *command.Limits {
	l := &command.Limits{Accounts: 3, Lockouts: users.DefaultLockoutLimits(), GuestGrace: time.Minute}
	l.Lockouts.Lenient = false // what its lines say is of one name; known_test.go has the other rule
	return l
}

func newDialogue(t *testing.T, kept state.Kept) *dialogue {
	d := &dialogue{t, state.New(kept, start), state.New(kept, start)}
	d.apply(start, limits())
	return d
}

// play runs a dialogue of lines such as
//
//	2.5 enter Bob #2 token=b2 back=b -> Bob; ended bob#1 | account Bob
//
// which is the second, what is asked, what becomes of it, and what is to be kept.
func play(t *testing.T, lines string) *dialogue {
	t.Helper()
	d := newDialogue(t, state.Kept{})
	d.play(lines)
	return d
}

func (d *dialogue) play(lines string) {
	d.t.Helper()
	for line := range strings.Lines(lines) {
		if line = strings.TrimSpace(line); line == "" {
			continue
		}
		asked, want, _ := strings.Cut(line, " -> ")
		words := strings.Fields(asked)
		seconds, err := strconv.ParseFloat(words[0], 64)
		if err != nil {
			d.t.Fatalf("%s: %v", line, err)
		}
		at := start.Add(time.Duration(seconds * float64(time.Second)))
		if got := d.ask(at, words[1], words[2:]); got != strings.TrimSpace(want) {
			d.t.Errorf("%s\n got %s\nwant %s", asked, got, want)
		}
	}
}

func (d *dialogue) ask(at time.Time, what string, args []string) string {
	switch what {
	case "next":
		next, ok := d.state.NextDue()
		if !ok {
			return "never"
		}
		return strconv.FormatFloat(next.Sub(start).Seconds(), 'f', -1, 64)
	case "due":
		var all []string
		for _, c := range d.state.Due(at) {
			all = append(all, d.apply(at, c))
		}
		return strings.Join(all, ", ")
	case "sessions":
		return sessionsOf(d.state, args[0])
	case "names":
		return strings.Join(d.state.Names(), " ")
	case "person":
		o, _ := d.state.Online(args[0])
		return o.Person
	case "last":
		return fmt.Sprint(d.state.Last())
	case "unseen":
		from, upTo := d.state.Unseen(args[0])
		return fmt.Sprintf("%d %d", from, upTo)
	case "seen":
		s, ok := d.state.Presence().Lookup(args[0])
		if !ok {
			return "unknown"
		}
		return seen(s)
	case "untold":
		return fmt.Sprint(numbersOf(d.state.Untold(args[0])))
	case "deaf":
		return fmt.Sprint(numbersOf(d.state.Blocks().Deaf(args[0])))
	}
	if answer, ok := d.askRooms(what, args); ok {
		return answer
	}
	if answer, ok := d.askOrder(at, what, args); ok {
		return answer
	}
	return d.apply(at, parse(d.t, what, args))
}

// seen says when somebody was there, in seconds.
func seen(s users.Seen) string {
	if s.Online {
		return fmt.Sprintf("since %v, away %v", s.Since.Sub(start).Seconds(), s.Away)
	}
	return fmt.Sprintf("until %v", s.Until.Sub(start).Seconds())
}

// numbersOf are those of sessions.
func numbersOf(sessions []command.Session) []uint64 {
	numbers := make([]uint64, 0, len(sessions))
	for _, s := range sessions {
		numbers = append(numbers, s.Number)
	}
	return numbers
}

// sessionsOf lists somebody's sessions with their ids, and since when they are there.
func sessionsOf(s *state.State, name string) string {
	var all []string
	for _, l := range s.Sessions(name) {
		all = append(all, fmt.Sprintf("%d:#%d@%v", l.ID, l.Session.Number, l.Since.Sub(start).Seconds()))
	}
	return strings.Join(all, " ")
}

// apply checks that who keeps nothing comes to the same, and that a refused command
// changes nothing.
func (d *dialogue) apply(at time.Time, c command.Command) string {
	d.t.Helper()
	d.state.Apply(at, nil, nil) // so that nothing but the command makes a difference
	d.twin.Apply(at, nil, nil)
	before, decided := d.state.Digest(), decides(d.state)
	untold := make(map[string][]command.Session)
	for _, name := range d.state.Names() {
		untold[name] = d.state.Untold(name)
	}
	var rows state.Rows
	r := d.state.Apply(at, c, &rows)
	for _, a := range r.Announce {
		if _, there := d.state.Online(a.Name); !there && untold[a.Name] != nil && !slices.Equal(a.Untold, untold[a.Name]) {
			d.t.Errorf("%T: of %v are not told %v, want %v", c, a, a.Untold, untold[a.Name])
		}
	}
	if other := d.twin.Apply(at, c, nil); told(other) != told(r) {
		d.t.Errorf("%T: %q, and without rows %q", c, told(r), told(other))
	}
	if d.state.Digest() != d.twin.Digest() {
		d.t.Errorf("%T at %v: the state of the twin is another one", c, at)
	}
	kept := keptRows(&rows)
	acts := 0
	if r.Act != nil {
		acts = 1
	}
	if len(rows.Acts) != acts || acts == 1 && rows.Acts[0] != *r.Act {
		d.t.Errorf("%T: the act is %+v, kept are %+v", c, r.Act, rows.Acts)
	}
	if r.Err != nil && (kept != "" || acts > 0 || d.state.Digest() != before) {
		d.t.Errorf("%T at %v was refused, and leaves something: %q", c, at, kept)
	}
	if (rows.Count == 1) != (kept != "" || acts > 0) || rows.Count == 1 && !rows.Time.Equal(at) {
		d.t.Errorf("%T: rows of %d commands at %v: %s", c, rows.Count, rows.Time, kept)
	}
	if len(keptRooms(&rows))+len(keptOrder(&rows)) > 0 && decides(d.state) == decided {
		d.t.Errorf("%T at %v is not in the digest: %s", c, at, kept)
	}
	if wrong := d.state.Contradiction(); wrong != "" {
		d.t.Errorf("%T at %v: %s", c, at, wrong)
	}
	said := told(r)
	if _, ok := c.(*command.Read); ok && r.Number > 0 {
		said = fmt.Sprint(said, " ", r.Number)
	}
	return strings.TrimSpace(said + kept)
}

// decides returns what is in the digest, but the number that was given last.
func decides(s *state.State) string {
	_, rest, _ := strings.Cut(dump(s), "\n")
	return rest
}

// told writes what became of a command in a line.
func told(r state.Result) string {
	var parts []string
	add := func(format string, args ...any) { parts = append(parts, fmt.Sprintf(format, args...)) }
	if r.Err != nil {
		add("%v", r.Err)
	}
	if r.Wait != 0 {
		add("wait %v", r.Wait)
	}
	if r.Again {
		add("again")
	}
	if r.Name != "" {
		add("%s", r.Name)
	}
	parts = append(parts, toldRooms(r)...)
	parts = append(parts, toldOrder(r)...)
	for _, o := range r.Ended {
		add("ended %s#%d", o.Name, o.Session.Number)
	}
	if r.Beside {
		add("beside")
	}
	for _, a := range r.Announce {
		in := ""
		if len(a.Rooms) > 0 {
			in = fmt.Sprintf(" in %v", a.Rooms)
		}
		add("%v@%v%s", a, a.At.Sub(start).Seconds(), in)
	}
	if r.Agreed != nil {
		add("agreed %s>%s", r.Agreed.From.Name, r.Agreed.To)
	}
	for _, v := range r.Void {
		add("void %s>%s", v.From.Name, v.To)
	}
	return strings.Join(parts, "; ")
}

// keptRows writes rows in a line, behind a stroke.
func keptRows(r *state.Rows) string {
	var parts []string
	add := func(format string, args ...any) { parts = append(parts, fmt.Sprintf(format, args...)) }
	gone := map[bool]string{true: "-"}
	for _, a := range r.Accounts {
		add("%saccount %s %s", gone[a.Gone], a.Name, a.Hash)
	}
	for _, b := range r.Blocks {
		add("%sblock %s>%s", gone[b.Gone], b.Blocker, b.Blocked)
	}
	for _, b := range r.Lockouts {
		add("%swrong %s %d/%d", gone[b.Forgotten()], b.Key, b.Failures, b.Level)
	}
	for _, x := range r.Renamed {
		add("renamed %s=%s", x.From, x.To)
	}
	for _, x := range r.Forgotten {
		add("forgotten %s", x.Person)
		if e := x.Erased; e != nil {
			add("%s is %s", e.Name, e.As)
			if e.Texts {
				add("texts of %s", x.Person)
			}
		}
	}
	for _, x := range r.Directs {
		add("direct %s>%s", x.From, x.Person)
	}
	for _, x := range r.Messages {
		if x.Room == state.Lobby {
			add("message %s", x.Sender)
		} else {
			add("message %s in %s", x.Sender, x.Room)
		}
	}
	for _, x := range r.Cursors {
		add("cursor %s %d", x.Person, x.Number)
	}
	for _, x := range r.Requests {
		add("request %s %s", x.Person, x.ID)
	}
	parts = append(parts, keptRooms(r)...)
	parts = append(parts, keptOrder(r)...)
	if len(parts) == 0 {
		return ""
	}
	return " | " + strings.Join(parts, ", ")
}

// parse makes a command of words.
func parse(t *testing.T, what string, args []string) command.Command {
	t.Helper()
	var plain []string // the arguments without a name
	named := make(map[string]string)
	for _, a := range args {
		if key, value, ok := strings.Cut(a, "="); ok {
			named[key] = value
		} else {
			plain = append(plain, a)
		}
	}
	arg := func(i int) string {
		if i < len(plain) {
			return plain[i]
		}
		return ""
	}
	by := command.By{Name: users.Fold(arg(0)), Session: session(arg(1))}
	switch what {
	case "enter":
		return &command.Enter{Session: session(arg(1)), Name: arg(0), Addr: named["addr"], Verified: named["verified"], Hash: named["hash"],
			Token: named["token"], Back: named["back"], Takeover: slices.Contains(plain, "takeover"), Plain: slices.Contains(plain, "plain")}
	case "leave":
		why := map[string]users.Change{"out": users.LoggedOut, "timeout": users.TimedOut, "lost": users.LostConnection}
		return &command.Leave{By: by, Why: why[arg(2)]}
	case "register":
		return &command.Register{By: by, Hash: named["hash"]}
	case "sethash":
		return &command.SetHash{Name: arg(0), Was: named["was"], Hash: named["hash"]}
	case "wrong":
		return &command.WrongPassword{Name: arg(0), Addr: named["addr"]}
	case "right":
		return &command.RightPassword{Name: arg(0), Addr: named["addr"]}
	case "depart":
		seconds, _ := strconv.Atoi(arg(1))
		return &command.Depart{Name: arg(0), Until: start.Add(time.Duration(seconds) * time.Second)}
	case "forget":
		return &command.ForgetGuest{Person: arg(0)}
	case "sweep":
		return &command.Sweep{}
	case "add":
		return &command.AddAccount{Name: arg(0), Hash: named["hash"]}
	case "delete":
		return &command.DeleteAccount{Name: arg(0)}
	case "unlock":
		return &command.Unlock{Who: arg(0)}
	case "block":
		return &command.Block{By: by, Name: arg(2)}
	case "away":
		return &command.Away{By: by, Text: arg(2)}
	case "invite":
		return &command.Invite{By: by, To: arg(2), Offer: users.Offer{Name: arg(0), Fingerprint: "f", Paths: []string{"p"}}}
	case "direct":
		return &command.Direct{By: by, To: arg(2), Text: cmp.Or(named["text"], "hello"), ID: named["id"]}
	case "message":
		return &command.Message{By: by, Room: cmp.Or(named["room"], state.Lobby), Text: cmp.Or(named["text"], "hello"), ID: named["id"]}
	}
	if c := parseRooms(what, by, named, arg); c != nil {
		return c
	}
	if c := parseOrder(what, by, named, arg); c != nil {
		return c
	}
	return parseAnswer(t, what, by, arg(2))
}

// parseAnswer makes a command by somebody with one argument.
func parseAnswer(t *testing.T, what string, by command.By, arg string) command.Command {
	t.Helper()
	switch what {
	case "sees":
		n, _ := strconv.ParseUint(arg, 10, 64)
		return &command.Seen{By: by, Number: n}
	case "unblock":
		return &command.Unblock{By: by, Name: arg}
	case "back":
		return &command.Back{By: by}
	case "accept":
		return &command.Accept{By: by, From: arg, Offer: users.Offer{Name: "who", Fingerprint: "g", Paths: []string{"q"}}}
	case "decline":
		return &command.Decline{By: by, From: arg}
	case "withdraw":
		return &command.Withdraw{By: by, To: arg}
	case "lapse":
		return &command.LapseInvitations{}
	case "end":
		id, _ := strconv.Atoi(arg)
		return &command.EndSession{By: by, ID: id}
	case "limit":
		c := limits()
		c.Sessions, _ = strconv.Atoi(by.Name)
		return c
	}
	t.Fatalf("%s: what is that?", what)
	return nil
}

func session(number string) command.Session {
	n, _ := strconv.ParseUint(strings.TrimPrefix(number, "#"), 10, 64)
	return command.Session{Node: 1, Number: n}
}

// The log's time is taken for what is kept, and nothing of the process's own.
func TestTimeGoesForwardAndIsOfNoProcess(t *testing.T) {
	s := state.New(state.Kept{Time: start}, start)
	now := time.Now() // with a reading of the monotonic clock
	for _, test := range []struct{ at, want time.Time }{
		{start.Add(-time.Hour), start},
		{now, now.UTC().Round(0)},
		{now.Add(-time.Second), now.UTC().Round(0)},
	} {
		s.Apply(test.at, &command.WrongPassword{Name: "anna"}, nil)
		if s.Time() != test.want { // not Equal: each bit counts
			t.Errorf("at %v it is %v, want %v", test.at, s.Time(), test.want)
		}
	}
}

func TestAnUnknownCommandIsRefused(t *testing.T) {
	d := newDialogue(t, state.Kept{})
	if r := d.state.Apply(start, nil, nil); !errors.Is(r.Err, state.ErrUnknown) {
		t.Errorf("got %v", r.Err)
	}
}
