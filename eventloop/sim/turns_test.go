package sim_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"parley/eventloop/sim"
	"parley/protocol"
	"parley/users"
)

// speaker returns somebody who has logged in to a world, and a function that has them
// ask for things in one piece.
func speaker(t *testing.T, w *sim.World, login protocol.Request) (*sim.Conn, func(...protocol.Request)) {
	t.Helper()
	conn := w.Net.Dial()
	ask := func(all ...protocol.Request) {
		var piece []byte
		for _, r := range all {
			piece = protocol.AppendRequest(piece, r)
		}
		conn.Send(piece)
	}
	login.Verb, login.Extended = "login", true
	ask(login)
	w.Net.Advance(time.Second)
	if got := responses(t, conn); len(got) == 0 || got[0].Data.Event != protocol.EventLogin {
		t.Fatalf("%s cannot log in: %+v", login.Content.Text, got)
	}
	return conn, ask
}

// responses returns what has come on a connection.
func responses(t *testing.T, conn *sim.Conn) (all []protocol.Response) {
	t.Helper()
	scanner := protocol.NewScanner(protocol.MaxServedFrame)
	for {
		b, _ := conn.Read()
		if b == nil {
			return all
		}
		for len(b) > 0 {
			frame, n, _ := scanner.Scan(b)
			b = b[n:]
			if frame == nil {
				continue
			}
			r, err := protocol.DecodeResponse(frame)
			if err != nil {
				t.Fatalf("%v: %s", err, frame)
			}
			all = append(all, r)
		}
	}
}

func named(name string) protocol.Request {
	return protocol.Request{Content: protocol.Content{Text: name}}
}

func message(text string) protocol.Request {
	return protocol.Request{Verb: "msg", Content: protocol.Content{Text: text}}
}

// What is asked for in one turn is one commit, and what comes while that is under way is
// the next one.
func TestATurnIsOneCommit(t *testing.T) {
	w := sim.NewWorld(unpaced(t, 1), 10*time.Millisecond, start)
	_, ann := speaker(t, w, named("ann"))
	_, bob := speaker(t, w, named("bob"))
	before := w.Disk.Commits
	for range 50 {
		ann(message("one"), message("two"))
		bob(message("three"))
	}
	w.Net.Run()
	for range 50 {
		ann(message("four"))
		w.Net.Run()
	}
	for i, want := range []int{150, 200} {
		w.Net.Advance(w.Disk.Delay)
		if commits, kept := w.Disk.Commits-before, len(w.Disk.Messages()); commits != i+1 || kept != want {
			t.Errorf("%d messages are kept by %d commits, want %d by %d", kept, commits, want, i+1)
		}
	}
}

// Who comes back in an extended session is told what was missed at once: the pauses are
// for plain ones.
func TestWhatWasMissedComesWithoutPauses(t *testing.T) {
	for _, tail := range []int{0, 1 << 10} { // from memory, and from the disk
		w := sim.NewWorld(unpaced(t, 3), 0, start)
		_, ann := speaker(t, w, named("ann"))
		const n = 30 // more than one page
		for range n {
			ann(message(strings.Repeat("x", 2000)))
			w.Net.Run()
		}
		w.Tail = tail
		w.Crash()
		bob := w.Net.Dial()
		bob.Send(protocol.AppendRequest(nil, protocol.Request{Verb: "login", Content: protocol.Content{Text: "bob"}, Extended: true, HasAfter: true, Log: "simulated"}))
		w.Net.Advance(5 * time.Millisecond)
		if got := responses(t, bob); len(got) != n+2 || got[n+1].Data.Event != protocol.EventResumed {
			t.Errorf("tail %d: %d responses, the last %+v", tail, len(got), got[len(got)-1])
		}
	}
}

// A client that does not read has one page waiting of what it has missed, and gets the
// rest when it reads, with what was said meanwhile.
func TestWhatWasMissedWaitsForTheReader(t *testing.T) {
	for _, tail := range []int{0, 1 << 10} {
		cfg := unpaced(t, 1)
		w := sim.NewWorld(cfg, time.Millisecond, start)
		_, ann := speaker(t, w, named("ann"))
		long := strings.Repeat("x", 2000)
		for range 100 {
			ann(message(long))
			w.Net.Advance(10 * time.Millisecond)
		}
		w.Tail = tail
		w.Crash()
		_, ann = speaker(t, w, named("ann"))
		bob := w.Net.Dial()
		bob.Stall()
		bob.Send(protocol.AppendRequest(nil, protocol.Request{Verb: "login", Content: protocol.Content{Text: "bob"}, Extended: true, HasAfter: true, Log: "simulated"}))
		w.Net.Advance(time.Second)
		if got := bob.Waiting(); got > 40<<10 {
			t.Errorf("%d bytes wait", got)
		}
		ann(message("the newest"))
		w.Net.Advance(time.Second)
		bob.ReadOn()
		w.Net.Advance(5 * time.Second)
		got := responses(t, bob)
		if n := len(got); n != 103 || got[n-1].Data.Event != protocol.EventResumed || got[n-1].Data.ID != 101 || got[n-2].Content != "the newest" {
			t.Errorf("tail %d: %d responses, the last %+v", tail, n, got[n-1])
		}
	}
}

// Of what is too much it is said that it is.
func TestTooMuchIsNotToldAgain(t *testing.T) {
	cfg := config(t, 1)
	cfg.MaxResume = 10
	w := sim.NewWorld(cfg, time.Millisecond, start)
	_, ann := speaker(t, w, named("ann"))
	for range 12 {
		ann(message("hello"))
	}
	w.Net.Advance(time.Second)
	for after, want := range map[uint64]string{1: protocol.ResumeTooFar, 2: protocol.ResumeFollows} {
		conn := w.Net.Dial()
		conn.Send(protocol.AppendRequest(nil, protocol.Request{Verb: "login", Content: protocol.Content{Text: fmt.Sprint("bob", after)}, Extended: true, HasAfter: true, After: after, Log: "simulated"}))
		w.Net.Advance(time.Second)
		got := responses(t, conn)
		if got[0].Data.Resume != want {
			t.Errorf("after %d: %q", after, got[0].Data.Resume)
		}
		if want == protocol.ResumeTooFar && (len(got) != 2 || len(got[1].History) != 12) {
			t.Errorf("in place of that comes %+v", got[1:])
		}
	}
}

// What waits for somebody who is not there is bounded, by sender, by guests and in all;
// for who is there it is not.
func TestMailboxesAreBounded(t *testing.T) {
	w := sim.NewWorld(unpaced(t, 2), time.Millisecond, start)
	account := func(name string, register bool) protocol.Request {
		return protocol.Request{Content: protocol.Content{Text: name}, Password: password, Register: register}
	}
	dora, _ := speaker(t, w, account("dora", true))
	dora.HangUp()
	for i, step := range []struct {
		name    string
		account bool
		stored  int
	}{
		{"bob", false, users.MaxDirectsFrom},
		{"carl", false, users.MaxDirectsOfGuests - users.MaxDirectsFrom},
		{"emil", false, 0},
		{"friend", true, users.MaxDirectsFrom},
		{"other", true, users.MaxDirects - users.MaxDirectsOfGuests - users.MaxDirectsFrom},
		{"third", true, 0},
	} {
		login := named(step.name)
		if step.account {
			login = account(step.name, true)
		}
		conn, ask := speaker(t, w, login)
		stored := 0
		for range users.MaxDirectsFrom + 1 {
			ask(protocol.Request{Verb: "dm", Content: protocol.Content{Text: fmt.Sprint("dora ", i)}})
			w.Net.Advance(20 * time.Millisecond)
			for _, r := range responses(t, conn) {
				if r.Data.Event == protocol.EventStored {
					stored++
				}
			}
		}
		if stored != step.stored {
			t.Errorf("%s may leave %d, want %d", step.name, stored, step.stored)
		}
	}
	w.Crash()
	dora = w.Net.Dial()
	login := account("dora", false)
	login.Verb, login.Extended = "login", true
	dora.Send(protocol.AppendRequest(nil, login))
	w.Net.Advance(time.Second)
	_, bob := speaker(t, w, named("bob"))
	for range users.MaxDirectsFrom + 1 {
		bob(protocol.Request{Verb: "dm", Content: protocol.Content{Text: "dora you are there"}})
		w.Net.Advance(20 * time.Millisecond)
	}
	n := 0
	for _, r := range responses(t, dora) {
		if r.Data.Event == protocol.EventDirect {
			n++
		}
	}
	if want := users.MaxDirects + users.MaxDirectsFrom + 1; n != want {
		t.Errorf("dora gets %d, want %d", n, want)
	}
}

// As many are told at once of what they have missed as there are places for; who waits is
// told that, and comes next.
func TestWhoCatchesUpWaitsForAPlace(t *testing.T) {
	const places = 256
	w := sim.NewWorld(unpaced(t, 1), 0, start)
	_, ann := speaker(t, w, named("ann"))
	for range 20 { // more than one page
		ann(message(strings.Repeat("x", 2000)))
	}
	w.Net.Advance(time.Second)
	var all []*sim.Conn
	for i := range places + 2 {
		conn := w.Net.Dial()
		if i < places {
			conn.Stall()
		}
		conn.Send(protocol.AppendRequest(nil, protocol.Request{Verb: "login", Content: protocol.Content{Text: fmt.Sprint("guest", i)}, Extended: true, HasAfter: true, Log: "simulated"}))
		all = append(all, conn)
	}
	w.Net.Advance(100 * time.Millisecond)
	first, second := all[places], all[places+1]
	for _, conn := range []*sim.Conn{first, second} {
		if got := responses(t, conn); len(got) != 2 || got[1].Data.Event != protocol.EventResumeWaits {
			t.Fatalf("who has to wait is told %+v", got)
		}
	}
	all[0].Reset()
	w.Net.Advance(100 * time.Millisecond)
	if got := responses(t, first); len(got) == 0 || got[len(got)-1].Data.Event != protocol.EventResumed {
		t.Errorf("who has waited longest is told %d responses", len(got))
	}
	all[1].ReadOn()
	w.Net.Advance(5 * time.Second)
	if got := responses(t, second); len(got) == 0 || got[len(got)-1].Data.Event != protocol.EventResumed {
		t.Errorf("who comes next is told %d responses", len(got))
	}
}

// A session that is told of direct messages which wait hears, behind them, what another one
// of the same user writes meanwhile.
func TestACopyWaitsForWhatWasThereBefore(t *testing.T) {
	w := sim.NewWorld(config(t, 1), time.Millisecond, start)
	account := func(register bool) protocol.Request {
		return protocol.Request{Content: protocol.Content{Text: "ann"}, Password: password, Register: register}
	}
	_, bob := speaker(t, w, named("bob"))
	speaker(t, w, account(true))
	bob(protocol.Request{Verb: "dm", Content: protocol.Content{Text: "ann before"}}, message(strings.Repeat("x", 4000)))
	w.Net.Advance(time.Second)
	w.Tail = 1 << 10 // so that the direct message is read from the disk
	w.Crash()
	speaker(t, w, named("bob"))
	_, ann := speaker(t, w, account(false))
	w.Disk.Delay = 50 * time.Millisecond
	second := w.Net.Dial()
	login := account(false)
	login.Verb, login.Extended = "login", true
	second.Send(protocol.AppendRequest(nil, login))
	w.Net.Advance(20 * time.Millisecond) // it is let in, and what waits is being read
	ann(protocol.Request{Verb: "dm", Content: protocol.Content{Text: "bob meanwhile"}})
	w.Net.Advance(time.Second)
	var got []string
	for _, r := range responses(t, second) {
		if r.Data.Event == protocol.EventDirect {
			got = append(got, r.Content)
		}
	}
	if !slices.Equal(got, []string{"before", "meanwhile"}) {
		t.Errorf("the second session gets %q", got)
	}
}
