package state_test

import (
	"errors"
	"fmt"
	"strconv"
	"strings"
	"testing"
	"time"

	"parley/users"
	"parley/users/command"
	"parley/users/state"
)

// A changing is a dialogue about what was said: all is kept at once in a table, from which
// messages are read before they are changed, as a node does.
type changing struct {
	t     *testing.T
	state *state.State
	table *state.Table
	asOf  uint64 // when messages are read, if it is not 0; else when they are changed
	past  map[uint64]state.Message
}

// playChanges runs lines such as
//
//	3 bob edit 7 hello there -> bob 9
//
// which is the second, who asks, what, and what becomes of it: an error, or whose message it
// was and the number of the change. Names have one session each, and tokens of their own.
func playChanges(t *testing.T, lines string) *changing {
	t.Helper()
	c := &changing{t: t, state: state.New(state.Kept{}, start), table: state.NewTable()}
	c.apply(start, &command.Limits{Accounts: 9, Lockouts: users.DefaultLockoutLimits(), GuestGrace: time.Minute, EditFor: 15 * time.Minute})
	for line := range strings.Lines(lines) {
		if line = strings.TrimSpace(line); line == "" {
			continue
		}
		asked, want, _ := strings.Cut(line, " -> ")
		words := strings.Fields(asked)
		seconds, err := strconv.Atoi(words[0])
		if err != nil {
			t.Fatalf("%s: %v", line, err)
		}
		if got := c.ask(start.Add(time.Duration(seconds)*time.Second), words[1], words[2], words[3:]); got != strings.TrimSpace(want) {
			t.Errorf("%s\n got %s\nwant %s", asked, got, want)
		}
	}
	return c
}

func (c *changing) apply(at time.Time, cmd command.Command) state.Result {
	c.t.Helper()
	var rows state.Rows
	before := c.state.Digest()
	r := c.state.Apply(at, cmd, &rows)
	if r.Err != nil && c.state.Digest() != before && c.state.Time().Equal(at) {
		before = c.state.Digest() // the time has changed: once more it must not
		if c.state.Apply(at, cmd, nil); c.state.Digest() != before {
			c.t.Errorf("%T was refused and has changed something", cmd)
		}
	}
	c.table.Put(&rows)
	if got, want := c.state.Lasting(), state.New(c.table.Kept(), start).Lasting(); got != want {
		c.t.Errorf("%T: what is loaded is another state:\n%s\nand not\n%s", cmd, want, got)
	}
	return r
}

func (c *changing) ask(at time.Time, who, what string, args []string) string {
	c.t.Helper()
	by := command.By{}
	if o, there := c.state.Online(who); there {
		by = command.By{Name: users.Fold(who), Session: o.Session}
	}
	text := ""
	if len(args) > 1 {
		text = strings.Join(args[1:], " ")
	}
	switch what {
	case "enters":
		c.state.Apply(at, nil, nil)
		e := &command.Enter{Session: command.Session{Number: c.state.Last() + 100 + uint64(c.state.Len())}, Name: who, Token: fmt.Sprint(who, at.Unix())}
		if a, is := c.state.Account(who); is {
			e.Verified = a.Hash
		}
		return c.told(c.apply(at, e))
	case "registers":
		return c.told(c.apply(at, &command.Register{By: by, Hash: "h"}))
	case "says":
		return c.told(c.apply(at, &command.Message{By: by, Room: args[0], Text: text}))
	case "tells":
		return c.told(c.apply(at, &command.Direct{By: by, To: args[0], Text: text}))
	case "creates":
		return c.told(c.apply(at, &command.CreateRoom{By: by, Room: args[0], Private: text == "private"}))
	case "joins":
		return c.told(c.apply(at, &command.JoinRoom{By: by, Room: args[0]}))
	case "parts":
		return c.told(c.apply(at, &command.LeaveRoom{By: by, Room: args[0]}))
	case "leaves":
		return c.told(c.apply(at, &command.Leave{By: by, Why: users.LoggedOut}))
	case "blocks":
		return c.told(c.apply(at, &command.Block{By: by, Name: args[0]}))
	case "muted":
		return c.told(c.apply(at, &command.Sanction{Kind: users.Mute, Name: who, Room: strings.Join(args, "")}))
	case "role":
		return c.told(c.apply(at, &command.SetRole{Name: who, Role: users.Role(args[0]), Room: text}))
	case "deleted":
		return c.told(c.apply(at, &command.DeleteAccount{Name: who}))
	case "added":
		return c.told(c.apply(at, &command.AddAccount{Name: who, Hash: "h"}))
	}
	return c.askChange(at, by, what, args, text)
}

func (c *changing) askChange(at time.Time, by command.By, what string, args []string, text string) string {
	number, err := strconv.ParseUint(args[0], 10, 64)
	if err != nil {
		c.t.Fatal(err)
	}
	o, _ := c.state.Online(by.Name)
	of, marks := c.target(number)
	if of.Number == 0 && what != "reads" {
		return "nothing"
	}
	switch what {
	case "edits":
		return c.told(c.apply(at, &command.Edit{By: by, Of: of, Text: text}))
	case "removes":
		return c.told(c.apply(at, &command.Remove{By: by, Of: of, Why: text}))
	case "reports":
		return c.told(c.apply(at, &command.Report{By: by, Of: &of, Why: text}))
	case "reacts", "unreacts":
		c.state.NoteReactions(&of, marks, o.Person, text)
		return c.told(c.apply(at, &command.React{By: by, Of: of, Word: text, Gone: what == "unreacts"}))
	case "reads": // all messages, and changes them later as they were then
		c.asOf = c.state.Last()
		c.past = make(map[uint64]state.Message)
		for n := range c.asOf + 1 {
			if m, _, _ := c.table.Find(c.t.Context(), n); m != nil {
				c.past[n] = *m
			}
		}
		return ""
	case "shows":
		return c.shows(number)
	}
	c.t.Fatalf("%s: what is that?", what)
	return ""
}

// target returns the facts about a message, and its marks.
func (c *changing) target(number uint64) (command.Target, *state.Marks) {
	m, d, err := c.table.Find(c.t.Context(), number)
	if err != nil {
		c.t.Fatal(err)
	}
	asOf := c.state.Last()
	if past, is := c.past[number]; is {
		m, asOf = &past, c.asOf
	}
	switch {
	case m != nil:
		return m.Target(asOf), m.Marks
	case d != nil:
		return d.Target(asOf), d.Marks
	}
	return command.Target{}, nil
}

func (c *changing) told(r state.Result) string {
	switch {
	case r.Err != nil:
		return r.Err.Error()
	case r.Again:
		return "again"
	case r.Act != nil && r.Change != nil:
		return fmt.Sprintf("%s %d, act %d by %q", r.Name, r.Number, r.Act.Number, r.Act.By)
	case r.Change != nil:
		return fmt.Sprintf("%s %d", r.Name, r.Number)
	case r.Message != nil || r.Direct != nil:
		return fmt.Sprint(r.Number)
	}
	return ""
}

// shows writes a message as it is kept.
func (c *changing) shows(number uint64) string {
	m, d, err := c.table.Find(c.t.Context(), number)
	versions, other := c.table.Versions(c.t.Context(), number)
	if err := errors.Join(err, other); err != nil {
		c.t.Fatal(err)
	}
	var text string
	var marks *state.Marks
	switch {
	case m != nil:
		text, marks = m.Text, m.Marks
	case d != nil:
		text, marks = d.Text, d.Marks
	default:
		return "nothing"
	}
	if marks == nil {
		return text
	}
	said := fmt.Sprintf("%s, changed %d", text, marks.Changed)
	if !marks.Edited.IsZero() {
		said += fmt.Sprintf(", edited at %v", marks.Edited.Sub(start).Seconds())
	}
	if marks.Removed != nil {
		said += fmt.Sprintf(", removed by %q", marks.Removed.By)
		if marks.Removed.Why != "" {
			said += ": " + marks.Removed.Why
		}
	}
	for _, r := range marks.Reactions {
		said += ", " + r.Word
		for _, by := range r.By {
			said += fmt.Sprintf(" %s@%d", by.Name, by.Number)
		}
	}
	for _, v := range versions {
		said += fmt.Sprintf(", was %q since %v", v.Text, v.Time.Sub(start).Seconds())
	}
	return said
}
