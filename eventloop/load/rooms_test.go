package load

import (
	"slices"
	"strings"
	"testing"
	"time"

	"parley/protocol"
)

// inRooms is eight clients in two of four rooms each, of whom two talk in two rooms each:
// messages 1 to 40.
func inRooms() Scenario {
	s := quick()
	s.Clients, s.Rooms, s.RoomsEach, s.Senders, s.Duration = 8, 4, 2, 2, 400*time.Millisecond
	return s
}

func TestRooms(t *testing.T) {
	t.Parallel()
	for _, rate := range []float64{100, 0} {
		s := inRooms()
		if s.Rate = rate; rate == 0 {
			s.Window = 4
		}
		r := run(t, &fake{}, s)
		if r.Failed != "" || r.Sent < 40 || r.Deliveries != 4*r.Sent || r.Wrong() != 0 || r.TroubleCount() != 0 {
			t.Errorf("rate %g: %d sent, %d deliveries: %s %q %+v", rate, r.Sent, r.Deliveries, r.Failed, r.Differences, r.Troubles)
		}
	}
}

// Everybody is in as many rooms as was said, all rooms have as many members, and each has
// somebody who makes it and is in it.
func TestPlan(t *testing.T) {
	t.Parallel()
	for _, s := range []Scenario{
		{Clients: 8, Rooms: 4, RoomsEach: 2, Senders: 2}, {Clients: 1, Rooms: 1, RoomsEach: 1, Senders: 1}, {Clients: 1000, Rooms: 100, RoomsEach: 3, Senders: 34},
		{Clients: 7, Rooms: 5, RoomsEach: 5, Senders: 7}, {Clients: 10, Rooms: 7, RoomsEach: 6, Senders: 3}, {Clients: 2, Rooms: 100, RoomsEach: 100, Senders: 1},
		{Clients: 99, Rooms: 98, RoomsEach: 97, Senders: 5},
	} {
		p := newPlan(&s, "r")
		made := make([]int, s.Clients)
		for room, members := range p.members {
			if n := len(members); n < s.Clients*s.RoomsEach/s.Rooms || n > s.Clients*s.RoomsEach/s.Rooms+1 {
				t.Errorf("%+v: %d members of room %d", s, n, room)
			}
			if !slices.Contains(members, p.creators[room]) {
				t.Errorf("%+v: who makes room %d is not in it", s, room)
			}
			made[p.creators[room]]++
		}
		if slices.Max(made) > maxMade {
			t.Errorf("%+v: somebody makes %d rooms", s, slices.Max(made))
		}
		for i := range s.Clients {
			rooms := slices.Clone(p.of(i))
			slices.Sort(rooms)
			if len(slices.Compact(rooms)) != s.RoomsEach {
				t.Errorf("%+v: client %d is in %v", s, i, p.of(i))
			}
		}
		for sender := range s.Senders {
			for seq := uint32(1); seq < 300; seq++ {
				if turn := p.turn(uint32(sender), seq); p.seq(turn) != seq || p.sender(turn) != uint32(sender) || !slices.Contains(p.of(sender), turn.room) {
					t.Fatalf("%+v: message %d of %d is %+v", s, seq, sender, turn)
				}
			}
		}
		for room := range int32(s.Rooms) {
			if got, ok := p.find(p.name(room)); !ok || got != room {
				t.Errorf("%+v: %s is room %d", s, p.name(room), got)
			}
		}
		for _, name := range []string{"", "r", "rx", "r01", "r-1", "r+1", "r1 ", "R1", "r" + strings.Repeat("9", 20)} {
			if _, ok := p.find(name); ok {
				t.Errorf("%q is a room", name)
			}
		}
	}
}

// What a server does wrong in rooms is one fault each, and told with names and numbers.
func TestRoomDifferences(t *testing.T) {
	t.Parallel()
	// room 0 has the members 0, 2 (in which it is the last slot), 4 and so on: see newPlan.
	s := inRooms()
	p := newPlan(&s, "load00007x0r")
	member, outsider := user(int(p.members[0][2])), ""
	for i := range s.Clients {
		if outsider == "" && !slices.Contains(p.members[0], int32(i)) {
			outsider = user(i)
		}
	}
	// in picks out the third message in room 0.
	in := func(then func(receiver string, in bool) bool) func(int, string, string, bool) bool {
		count, at := 0, 0
		return func(k int, receiver, room string, is bool) bool {
			if room != p.name(0) {
				return is
			}
			if k != at {
				at = k
				count++
			}
			if count == 3 {
				return then(receiver, is)
			}
			return is
		}
	}
	deliver := func(then func(frame []byte) [][]byte) func(int, string, []byte) [][]byte {
		count := 0
		return func(_ int, receiver string, frame []byte) [][]byte {
			if receiver == member && strings.Contains(string(frame), p.name(0)+`"`) {
				if count++; count == 3 {
					return then(frame)
				}
			}
			return [][]byte{frame}
		}
	}
	replace := func(old, by string) func([]byte) [][]byte {
		return func(frame []byte) [][]byte { return [][]byte{[]byte(strings.Replace(string(frame), old, by, 1))} }
	}
	var kept []byte
	for _, tt := range []struct {
		name  string
		fake  *fake
		count func(*Result) uint64
		says  string
	}{
		{"a member is not told", &fake{hears: in(func(receiver string, in bool) bool { return in && receiver != member })},
			func(r *Result) uint64 { return r.Lost }, "lost: " + member + " was not told message 5 of " + user(0) + " in load00007x0r0"},
		{"nobody is told", &fake{hears: in(func(string, bool) bool { return false })},
			func(r *Result) uint64 { return r.Lost }, "lost: message 5 of " + user(0) + " was accepted, and told to nobody"},
		{"who is in other rooms is told", &fake{hears: in(func(receiver string, in bool) bool { return in || receiver == outsider })},
			func(r *Result) uint64 { return r.Altered }, "altered: " + outsider + " was told message 5 of " + user(0) + " in load00007x0r0, which it is not in"},
		{"told twice", &fake{deliver: deliver(func(b []byte) [][]byte { return [][]byte{b, b} })},
			func(r *Result) uint64 { return r.Doubled }, "doubled: " + member + " was told message 5 of " + user(0) + " in load00007x0r0 again"},
		{"told as of the lobby", &fake{deliver: deliver(replace(`,"room":"`+p.name(0)+`"`, ""))},
			func(r *Result) uint64 { return r.Altered }, "altered: " + member + " was told message 5 of " + user(0) + ` in "", where that was not said`},
		{"told as of another room", &fake{deliver: deliver(replace(p.name(0), p.name(1)))},
			func(r *Result) uint64 { return r.Altered }, "altered: " + member + " was told message 5 of " + user(0) + " in load00007x0r1, where that was not said"},
		{"a text", &fake{deliver: deliver(replace("xx", "xy"))},
			func(r *Result) uint64 { return r.Altered }, "altered: " + member + ` was told "~007`},
		{"a timestamp", &fake{deliver: deliver(replace(`"timestamp":"2`, `"timestamp":"1`))},
			func(r *Result) uint64 { return r.Altered }, "altered: " + member + " was told the time "},
		{"a number that cannot be", &fake{deliver: deliver(replace(`"id":`, `"id":1000000`))},
			func(r *Result) uint64 { return r.Altered }, "altered: " + member + " was told message 5 of " + user(0) + " as number 1000000"},
		{"behind the next one", &fake{deliver: func(_ int, receiver string, b []byte) [][]byte {
			switch {
			case receiver != member:
			case kept == nil && strings.Contains(string(b), p.name(0)+`"`):
				kept = b
				return nil
			case len(kept) > 1:
				b, kept = append(b, kept...), []byte{}
			}
			return [][]byte{b}
		}}, func(r *Result) uint64 { return r.Disordered }, "out of order: " + member + " was told "},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			r := run(t, tt.fake, inRooms())
			if tt.count(&r) != 1 || r.Wrong() != 1 || r.TroubleCount() != 0 || len(r.Differences) != 1 || !strings.HasPrefix(r.Differences[0], tt.says) {
				t.Errorf("%s %q %+v, want %q", r.Failed, r.Differences, r.Troubles, tt.says)
			}
		})
	}
}

// churning is the same with 100 joins and leaves a second.
func churning() Scenario {
	s := inRooms()
	s.Churn = 100
	return s
}

func TestChurn(t *testing.T) {
	t.Parallel()
	moves := map[string]int{}
	r := run(t, &fake{moved: func(verb, _, _ string) { moves[verb]++ }}, churning())
	if r.Failed != "" || r.Sent != 40 || r.Wrong() != 0 || r.TroubleCount() != 0 || r.Moves != 40 || r.Joining.Count != 40 {
		t.Errorf("%d sent, %d moves: %s %q %+v", r.Sent, r.Moves, r.Failed, r.Differences, r.Troubles)
	}
	if title := r.Title(); !strings.Contains(title, "8 clients in 2 of 4 rooms each, 2 senders") || !strings.Contains(title, "100 joins and leaves/s") {
		t.Error(title)
	}
	if rows := r.Rows(); !slices.ContainsFunc(rows, func(x row) bool { return x.Name == "join or leave" }) {
		t.Errorf("%+v", rows)
	}
	if moves["leave"] < 20 || moves["leave"]+moves["join"] != 40+16-4 || moves["create"] != 4 {
		t.Errorf("%v", moves)
	}
}

// What is wrong around joins and leaves is found.
func TestChurnDifferences(t *testing.T) {
	t.Parallel()
	type spot struct{ name, room string }
	// after returns a fake that does wrong with the first message in a room behind a move
	// of somebody, once.
	after := func(verb string, hears bool) *fake {
		var at spot
		done := false
		f := &fake{}
		moves := 0
		f.moved = func(v, name, room string) {
			if moves++; moves > 16 && v == verb && at.name == "" { // the first 16 are before the measurement
				at = spot{name, room}
			} else if at.name == name && at.room == room && !done {
				at.name = "" // has moved back before anything was said
			}
		}
		f.hears = func(k int, receiver, room string, in bool) bool {
			if !done && receiver == at.name && room == at.room {
				done = true
				return hears
			}
			return in
		}
		return f
	}
	spoilHistory := func(spoil func([]protocol.Response) []protocol.Response) *fake {
		done := false
		return &fake{history: func(_, _ string, newest []protocol.Response) []protocol.Response {
			if done || len(newest) < 5 {
				return newest
			}
			done = true
			return spoil(slices.Clone(newest))
		}}
	}
	for _, tt := range []struct {
		name  string
		fake  func() *fake
		count func(*Result) uint64
		says  string
	}{
		{"who has joined is not told", func() *fake { return after("join", false) }, func(r *Result) uint64 { return r.Lost }, "lost: "},
		{"who has left is told", func() *fake { return after("leave", true) }, func(r *Result) uint64 { return r.Altered }, ", which it has left"},
		{"a hole in a history", func() *fake {
			return spoilHistory(func(h []protocol.Response) []protocol.Response { return slices.Delete(h, 2, 3) })
		}, func(r *Result) uint64 { return r.Lost }, "lost: "},
		{"a history without its end", func() *fake {
			return spoilHistory(func(h []protocol.Response) []protocol.Response { return h[:4] })
		}, func(r *Result) uint64 { return r.Lost }, "lost: "},
		{"a history that says something twice", func() *fake {
			return spoilHistory(func(h []protocol.Response) []protocol.Response { return append(h, h[4]) })
		}, func(r *Result) uint64 { return r.Altered }, "not in its place"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			s := churning()
			s.Rate, s.Churn = 200, 30
			r := run(t, tt.fake(), s)
			if tt.count(&r) != 1 || r.Wrong() != 1 || r.TroubleCount() != 0 || len(r.Differences) != 1 || !strings.Contains(r.Differences[0], tt.says) {
				t.Errorf("%s %q %+v, want %q", r.Failed, r.Differences, r.Troubles, tt.says)
			}
		})
	}
}

func TestResumeInRooms(t *testing.T) {
	t.Parallel()
	s := resuming()
	s.Rooms, s.RoomsEach, s.Senders = 4, 2, 2
	r := run(t, &fake{resume: protocol.ResumeFollows}, s)
	if r.Failed != "" || r.Wrong() != 0 || r.TroubleCount() != 0 || r.Sent != 40 || r.Deliveries != 4*40 || r.Logins != 16 {
		t.Errorf("%d deliveries, %d logins: %s %q %+v", r.Deliveries, r.Logins, r.Failed, r.Differences, r.Troubles)
	}
	victim := ""
	r = run(t, &fake{resume: protocol.ResumeFollows, missed: func(k int, receiver string, b []byte) [][]byte {
		if victim == "" {
			victim = receiver
			return nil
		}
		return [][]byte{b}
	}}, s)
	if r.Lost != 1 || r.Wrong() != 1 || !strings.HasPrefix(r.Differences[0], "lost: "+victim+" was not told message ") {
		t.Errorf("what was missed lacks one: %s %q %+v", r.Failed, r.Differences, r.Troubles)
	}
}

// Who is disconnected has missed the rest of its rooms, and the others go on.
func TestDisconnectedInRooms(t *testing.T) {
	t.Parallel()
	for _, rate := range []float64{100, 0} {
		s := inRooms()
		s.Rate, s.Window = rate, 4
		r := run(t, &fake{hangUp: func(k int, receiver string) bool { return k >= 11 && receiver == user(7) }}, s)
		p := newPlan(&s, "r")
		missed := 0
		for k := uint32(1); k <= uint32(r.Sent)/2; k++ {
			for sender := range uint32(2) {
				if slices.Contains(p.of(7), p.turn(sender, k).room) {
					missed++
				}
			}
		}
		if r.Failed != "" || r.Lost+r.Doubled+r.Disordered+r.Altered != 0 || r.TroubleCount() != 1 || r.Sent < 40 || r.Missed == 0 || int(r.Missed) > missed || r.Deliveries+int64(r.Missed) != 4*r.Sent {
			t.Errorf("rate %g: %d sent, %d deliveries, %d missed of %d: %s %q %+v", rate, r.Sent, r.Deliveries, r.Missed, missed, r.Failed, r.Differences, r.Troubles)
		}
	}
	s := inRooms()
	s.Duration = time.Hour
	if r := run(t, &fake{hangUp: func(k int, _ string) bool { return k >= 5 }}, s); r.Failed == "" || r.Lost+r.Doubled+r.Disordered+r.Altered != 0 {
		t.Errorf("everybody: %s %q %+v", r.Failed, r.Differences, r.Troubles)
	}
}

// What the server refuses in a room is not lost, and is waited for by nobody.
func TestRefusedInRooms(t *testing.T) {
	t.Parallel()
	for _, rate := range []float64{100, 0} {
		s := inRooms()
		s.Rate, s.Window = rate, 4
		r := run(t, &fake{refuse: func(k int) bool { return k%5 == 0 }}, s)
		if r.Failed != "" || r.Wrong() != 0 || r.Sent < 40 || r.Refused < 8 || r.Refused != r.Sent/5 || r.Deliveries != 4*(r.Sent-r.Refused) {
			t.Errorf("rate %g: %d sent, %d refused, %d deliveries: %s %q %+v", rate, r.Sent, r.Refused, r.Deliveries, r.Failed, r.Differences, r.Troubles)
		}
	}
}

// Rooms that cannot be made or joined end the scenario with a reason.
func TestNoRooms(t *testing.T) {
	t.Parallel()
	for _, verb := range []string{"create", "join"} {
		p := &spoiler{asked: func(_, line string) ([]string, string) {
			if !strings.Contains(line, `"request":"`+verb+`"`) {
				return []string{line}, ""
			}
			return nil, string(protocol.AppendExtended(nil, protocol.Response{Sender: protocol.ServerName, Kind: protocol.KindError, Content: "There is no request " + verb + ".",
				Ref: refForm.FindStringSubmatch(line)[1], Data: &protocol.Data{Event: protocol.EventError, Code: protocol.UnknownRequest}}))
		}}
		r := runThrough(t, p, &fake{}, inRooms())
		if !strings.Contains(r.Failed, "cannot "+verb+" load00007x0r") || !strings.HasSuffix(r.Failed, "There is no request "+verb+".") || r.Sent != 0 {
			t.Errorf("%s: %s %q %+v", verb, r.Failed, r.Differences, r.Troubles)
		}
	}
}
