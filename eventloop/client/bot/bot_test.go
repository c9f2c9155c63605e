package bot

import (
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"parley/eventloop/server"
	"parley/protocol"
)

// In a room a bot hears who comes and goes and what is said, and says things itself.
func TestRooms(t *testing.T) {
	t.Parallel()
	addr := serve(t, nil)
	ctx := within(t)
	alice := start(t, Config{Server: addr, Name: "alice"})
	if err := alice.Create(ctx, "Tea"); err != nil {
		t.Fatal(err)
	}
	if err := alice.Create(ctx, "tea"); !errors.Is(err, &Error{Code: protocol.RoomTaken}) {
		t.Errorf("a room that is there: %v", err)
	}
	way := &lines{addr: addr}
	b := start(t, Config{Server: addr, Name: "bot", Rooms: []string{"tea"}, Dial: way.dial})
	if p := gather[Presence](t, alice, 2); p[0] != (Presence{"bot", "", protocol.StateOnline}) || p[1] != (Presence{"bot", "Tea", protocol.StateJoined}) {
		t.Errorf("%+v", p)
	}
	if names, err := b.Names(ctx, "tea"); err != nil || len(names) != 2 {
		t.Errorf("%v %v", names, err)
	}
	must(alice.Say(ctx, "tea", "hello"))(t)
	m := gather[Message](t, b, 1)[0]
	if m.Room != "Tea" || m.Text != "hello" {
		t.Errorf("%+v", m)
	}
	must(b.Reply(ctx, m, "hi"))(t)
	if r := gather[Message](t, alice, 1)[0]; r.Room != "Tea" || r.Re != m.Number {
		t.Errorf("%+v", r)
	}
	way.cut(true)
	must(alice.Say(ctx, "Tea", "are you there?"))(t)
	way.cut(false)
	if m := gather[Message](t, b, 1)[0]; m.Text != "are you there?" {
		t.Errorf("%+v", m)
	}
	must(b.Say(ctx, "TEA", "yes"))(t)
	if err := b.Leave(ctx, "Tea"); err != nil {
		t.Error(err)
	}
	if _, err := b.Say(ctx, "Tea", "bye"); !errors.Is(err, &Error{Code: protocol.NotInRoom}) {
		t.Errorf("in a room that was left: %v", err)
	}
}

// TestSaidOnce cuts the connections of two bots that talk again and again: each hears all
// that the other one has said, once and in order.
func TestSaidOnce(t *testing.T) {
	t.Parallel()
	addr := serve(t, nil)
	const texts, cuts = 60, 8
	ways := [2]*lines{{addr: addr}, {addr: addr}}
	var bots [2]*Bot
	for i, name := range []string{"alice", "bob"} {
		bots[i] = start(t, Config{Server: addr, Name: name, Password: "blue horse", Register: true, Dial: ways[i].dial})
	}
	ctx := within(t)
	var talking, hearing sync.WaitGroup
	said := make(chan struct{}, 2*texts)
	for i, b := range bots {
		talking.Go(func() {
			for k := range texts {
				var err error
				if k%3 == 2 {
					_, err = b.Direct(ctx, []string{"bob", "alice"}[i], fmt.Sprint(k))
				} else {
					_, err = b.Say(ctx, "", fmt.Sprint(k))
				}
				if err != nil {
					t.Errorf("%d: %v", k, err)
				}
				said <- struct{}{}
			}
		})
		hearing.Go(func() {
			k := 0
			late := time.AfterFunc(deadline, b.stop)
			defer late.Stop()
			for e := range b.Events() {
				text := ""
				switch e := e.(type) {
				case Message:
					text = e.Text
				case Direct:
					text = e.Text
				case Gap:
					t.Errorf("a gap: %s", e.Why)
				default:
					continue
				}
				if text != fmt.Sprint(k) {
					t.Errorf("%d hears %s, not %d", i, text, k)
					return
				}
				if k++; k == texts {
					return
				}
			}
			t.Errorf("%d has heard %d of %d", i, k, texts)
		})
	}
	for c := range cuts {
		for range 2 * texts / (cuts + 1) {
			<-said
		}
		ways[c%2].cut(false)
	}
	talking.Wait()
	hearing.Wait()
}

// A bot whose program ends goes on behind the last event that it has handled.
func TestFromPoint(t *testing.T) {
	t.Parallel()
	addr := serve(t, nil)
	ctx := within(t)
	alice := start(t, Config{Server: addr, Name: "alice"})
	cfg := Config{Server: addr, Name: "bot", Password: "blue horse", Register: true}
	b := start(t, cfg)
	for i := range 4 {
		must(alice.Say(ctx, "", fmt.Sprint(i)))(t)
	}
	for e := range b.Events() {
		if m, is := e.(Message); is && m.Text == "1" {
			break // which is handled then, and 2 is not
		}
	}
	at := b.Point()
	b.Close()
	must(alice.Say(ctx, "", "4"))(t)
	must(alice.Direct(ctx, "bot", "5"))(t)
	cfg.From = at
	again := start(t, cfg)
	for i, m := range gather[Message](t, again, 3) {
		if m.Text != fmt.Sprint(i+2) {
			t.Errorf("it hears %+v, not %d", m, i+2)
		}
	}
	if d := gather[Direct](t, again, 1)[0]; d.Text != "5" {
		t.Errorf("it hears %+v", d)
	}
	again.Close()
	cfg.From = again.Point()
	third := start(t, cfg)
	must(alice.Say(ctx, "", "6"))(t)
	if m := gather[Message](t, third, 1)[0]; m.Text != "6" {
		t.Errorf("what was handled comes again: %+v", m)
	}
	third.Close()
	cfg.From = Point{Log: "another", After: 1, Token: at.Token}
	fourth := start(t, cfg)
	gather[Gap](t, fourth, 1)
}

// A bot that comes for the first time hears nothing from before.
func TestNothingFromBefore(t *testing.T) {
	t.Parallel()
	addr := serve(t, nil)
	ctx := within(t)
	alice := start(t, Config{Server: addr, Name: "alice"})
	must(alice.Say(ctx, "", "before"))(t)
	for _, plain := range []bool{false, true} {
		b := start(t, Config{Server: addr, Name: fmt.Sprintf("bot%v", plain), Plain: plain})
		must(alice.Say(ctx, "", "now"))(t)
		if m := gather[Message](t, b, 1)[0]; plain == false && m.Text != "now" {
			t.Errorf("plain %v: it hears %+v", plain, m)
		}
		b.Close()
	}
}

// Where the loop is slow, the server keeps what comes until it has caught up.
func TestSlowLoop(t *testing.T) {
	t.Parallel()
	addr := serve(t, nil)
	ctx := within(t)
	b := start(t, Config{Server: addr, Name: "bot", most: 5})
	alice := start(t, Config{Server: addr, Name: "alice"})
	const texts = 40
	k := 0
	late := time.AfterFunc(deadline, b.stop)
	defer late.Stop()
	for e := range b.Events() {
		switch e := e.(type) {
		case Connected:
			if k == 0 {
				for i := range texts {
					must(alice.Say(ctx, "", fmt.Sprint(i)))(t)
				}
				must(b.Say(ctx, "", "I am slow"))(t) // although it hears nothing more for now
				b.events.mu.Lock()
				if n := len(b.events.entries); n > 8 {
					t.Errorf("%d events wait", n)
				}
				b.events.mu.Unlock()
			}
			continue
		case Message:
			if e.Text != fmt.Sprint(k) {
				t.Fatalf("it hears %s, not %d", e.Text, k)
			}
		default:
			if _, gap := e.(Gap); gap {
				t.Errorf("%+v", e)
			}
			continue
		}
		if k++; k == texts {
			return
		}
	}
	t.Errorf("it has heard %d of %d: %v", k, texts, b.Err())
}

// A bot that is asked to slow down does.
func TestSlowsDown(t *testing.T) {
	t.Parallel()
	addr := serve(t, func(cfg *server.Config) { cfg.Flood = server.FloodLimits{PerSecond: 4, Burst: 8} })
	ctx := within(t)
	alice := start(t, Config{Server: addr, Name: "alice"})
	b := start(t, Config{Server: addr, Name: "bot"})
	number := uint64(0)
	for i := range 12 {
		number = must(b.Say(ctx, "", fmt.Sprint(i)))(t)
	}
	for i, m := range gather[Message](t, alice, 12) {
		if m.Text != fmt.Sprint(i) {
			t.Errorf("%d is %+v", i, m)
		}
	}
	for _, word := range []string{"+1", "yes", "no", "ok", "hi"} {
		if err := b.React(ctx, number, word); err != nil {
			t.Errorf("%s: %v", word, err)
		}
	}
	for i, r := range gather[Reaction](t, alice, 5) {
		if r.By != "bot" || r.Number != number || r.Room != protocol.Lobby || r.Gone {
			t.Errorf("%d: %+v", i, r)
		}
	}
}

// Errors have the codes of the server.
func TestErrors(t *testing.T) {
	t.Parallel()
	addr := serve(t, nil)
	ctx := within(t)
	b := start(t, Config{Server: addr, Name: "bot", Password: "blue horse", Register: true})
	logIn := func(cfg Config) error {
		cfg.Server = addr
		_, err := dialFor(t, cfg)
		return err
	}
	say := func(_ uint64, err error) error { return err }
	for what, tt := range map[string]struct {
		err  error
		want protocol.Code
	}{
		"a text that is too long":   {say(b.Say(ctx, "", strings.Repeat("x", protocol.MaxText+1))), protocol.TooLarge},
		"control characters":        {say(b.Say(ctx, "", "\x1b[2J")), protocol.BadRequest},
		"a room where one is not":   {say(b.Say(ctx, "tea", "hello")), protocol.NotInRoom},
		"nobody":                    {say(b.Direct(ctx, "nobody", "hello")), protocol.UnknownUser},
		"a name that is none":       {say(b.Direct(ctx, "no body", "hello")), protocol.BadName},
		"no message":                {b.React(ctx, 12345, "+1"), protocol.UnknownMessage},
		"a room that is not there":  {b.Join(ctx, "tea", ""), protocol.UnknownRoom},
		"leaving it":                {b.Leave(ctx, "tea"), protocol.UnknownRoom},
		"no password":               {logIn(Config{Name: "bot"}), protocol.PasswordRequired},
		"a wrong one":               {logIn(Config{Name: "bot", Password: "red horse"}), protocol.WrongCredentials},
		"one of no account":         {logIn(Config{Name: "other", Password: "red horse"}), protocol.WrongCredentials},
		"a reserved name":           {logIn(Config{Name: "server"}), protocol.BadName},
		"a bad name":                {logIn(Config{Name: "a b"}), protocol.BadName},
		"a room of Config":          {logIn(Config{Name: "third", Rooms: []string{"tea"}}), protocol.UnknownRoom},
		"a log of no bot":           {logIn(Config{Name: "third", From: Point{Log: strings.Repeat("x", protocol.MaxTag+1)}}), protocol.BadRequest},
		"a token of no bot":         {logIn(Config{Name: "third", From: Point{Log: "log1", Token: "\x1b[2J"}}), protocol.BadRequest},
		"a password that is simple": {logIn(Config{Name: "fourth", Password: "fourth", Register: true}), protocol.BadRequest},
	} {
		if !errors.Is(tt.err, &Error{Code: tt.want}) {
			t.Errorf("%s: %v, not %s", what, tt.err, tt.want)
		}
	}
	b.Close()
	if _, err := b.Say(ctx, "", "hello"); err != ErrClosed {
		t.Errorf("behind the end: %v", err)
	}
	if err := b.Err(); err != nil {
		t.Errorf("it has ended with %v", err)
	}
}

// A bot never hears itself, nor other sessions of its own name.
func TestNeverHearsItself(t *testing.T) {
	t.Parallel()
	addr := serve(t, func(cfg *server.Config) { cfg.Sessions = 3 })
	ctx := within(t)
	cfg := Config{Server: addr, Name: "Bot", Password: "blue horse", Register: true}
	one := start(t, cfg)
	cfg.Name = "bot" // as it may be written
	two := start(t, cfg)
	alice := start(t, Config{Server: addr, Name: "alice"})
	for _, b := range []*Bot{one, two} {
		must(b.Direct(ctx, "alice", "hello"))(t)
		number := must(b.Say(ctx, "", "hello"))(t)
		for _, err := range []error{b.React(ctx, number, "+1"), b.Edit(ctx, number, "hi"), b.Remove(ctx, number, "")} {
			if err != nil {
				t.Error(err)
			}
		}
	}
	must(alice.Say(ctx, "", "I am the first"))(t)
	for i, b := range []*Bot{one, two} {
		late := time.AfterFunc(deadline, b.stop)
		for e := range b.Events() {
			if m, is := e.(Message); is && m.From == "alice" {
				break
			}
			if p, is := e.(Presence); is && p.Name == "alice" {
				continue
			}
			if _, is := e.(Connected); !is {
				t.Errorf("%d hears %+v", i, e)
			}
		}
		late.Stop()
	}
}

// What becomes of messages is told, and in one piece what was missed of it.
func TestChanges(t *testing.T) {
	t.Parallel()
	addr := serve(t, nil)
	ctx := within(t)
	way := &lines{addr: addr}
	b := start(t, Config{Server: addr, Name: "bot", Password: "blue horse", Register: true, Dial: way.dial})
	alice := start(t, Config{Server: addr, Name: "alice"})
	number := must(alice.Say(ctx, "", "helo"))(t)
	m := gather[Message](t, b, 1)[0]
	if m.Number != number || m.From != "alice" || m.Room != protocol.Lobby || m.Text != "helo" || time.Since(m.Time) > time.Minute {
		t.Errorf("%+v", m)
	}
	answer := must(b.Reply(ctx, m, "what?"))(t)
	if r := gather[Message](t, alice, 1)[0]; r.Re != number || r.Number != answer || r.From != "bot" {
		t.Errorf("%+v", r)
	}
	if err := alice.Edit(ctx, number, "hello"); err != nil {
		t.Error(err)
	}
	if e := gather[Edit](t, b, 1)[0]; e != (Edit{Subject{number, protocol.Lobby}, "alice", "hello"}) {
		t.Errorf("%+v", e)
	}
	if err := errors.Join(alice.React(ctx, number, "+1"), alice.Unreact(ctx, number, "+1")); err != nil {
		t.Error(err)
	}
	for i, r := range gather[Reaction](t, b, 2) {
		if r != (Reaction{Subject{number, protocol.Lobby}, "alice", "+1", i == 1}) {
			t.Errorf("%+v", r)
		}
	}
	way.cut(true)
	if err := errors.Join(alice.React(ctx, answer, "ok"), alice.Remove(ctx, number, "wrong room")); err != nil {
		t.Error(err)
	}
	direct := must(alice.Direct(ctx, "bot", "psst"))(t)
	way.cut(false)
	for i, c := range gather[Changed](t, b, 2) {
		if i == 0 && (c.Number != answer || c.Removed || len(c.Reactions["ok"]) != 1) || i == 1 && (c.Number != number || !c.Removed || c.Text != "") {
			t.Errorf("%d: %+v", i, c)
		}
	}
	d := gather[Direct](t, b, 1)[0]
	if d.Number != direct || d.From != "alice" || d.Text != "psst" {
		t.Errorf("%+v", d)
	}
	must(b.Reply(ctx, d, "what?"))(t)
	if r := gather[Direct](t, alice, 1)[0]; r.Re != direct || r.Text != "what?" {
		t.Errorf("%+v", r)
	}
	if err := alice.Remove(ctx, direct, ""); err != nil {
		t.Error(err)
	}
	if r := gather[Removal](t, b, 1)[0]; r != (Removal{Subject{direct, ""}, "alice", "alice", ""}) {
		t.Errorf("%+v", r)
	}
}

// A direct message that was handled does not come again, and one that was not does.
func TestDirectsAreSeenWhenTheyWereHandled(t *testing.T) {
	t.Parallel()
	addr := serve(t, nil)
	ctx := within(t)
	alice := start(t, Config{Server: addr, Name: "alice"})
	cfg := Config{Server: addr, Name: "bot", Password: "blue horse", Register: true}
	b := start(t, cfg)
	must(alice.Direct(ctx, "bot", "1"))(t)
	gather[Direct](t, b, 1)
	must(alice.Direct(ctx, "bot", "2"))(t) // nobody ranges over it
	b.Close()
	if d := gather[Direct](t, start(t, cfg), 1)[0]; d.Text != "2" {
		t.Errorf("it hears %+v", d)
	}
}

// A bot comes into all its rooms, however long the server has it wait.
func TestManyRooms(t *testing.T) {
	t.Parallel()
	addr := serve(t, func(cfg *server.Config) { cfg.Flood = server.FloodLimits{PerSecond: 10, Burst: 15} })
	ctx := within(t)
	alice := start(t, Config{Server: addr, Name: "alice"})
	var rooms []string
	for i := range 4 {
		rooms = append(rooms, fmt.Sprint("room", i))
		if err := alice.Create(ctx, rooms[i]); err != nil {
			t.Fatal(err)
		}
	}
	b := start(t, Config{Server: addr, Name: "bot", Rooms: rooms})
	for _, room := range rooms {
		must(b.Say(ctx, room, "hello"))(t)
	}
}

// What is too long ago is a gap, and what the server still tells of it comes once.
func TestTooFar(t *testing.T) {
	t.Parallel()
	addr := serve(t, func(cfg *server.Config) { cfg.MaxResume, cfg.History = 2, 5 })
	ctx := within(t)
	alice := start(t, Config{Server: addr, Name: "alice"})
	cfg := Config{Server: addr, Name: "bot"}
	b := start(t, cfg)
	for i := range 3 {
		must(alice.Say(ctx, "", fmt.Sprint(i)))(t)
	}
	gather[Message](t, b, 2)
	cfg.From = b.Point()
	gather[Message](t, b, 1)
	b.Close()
	for i := 3; i < 6; i++ {
		must(alice.Say(ctx, "", fmt.Sprint(i)))(t)
	}
	again := start(t, cfg)
	gather[Gap](t, again, 1)
	for i, m := range gather[Message](t, again, 4) {
		if m.Text != fmt.Sprint(i+2) {
			t.Errorf("it hears %+v, not %d", m, i+2)
		}
	}
}
