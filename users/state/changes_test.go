package state_test

import (
	"fmt"
	"strings"
	"testing"

	"parley/users/command"
	"parley/users/state"
)

func TestOnesOwnIsEditedForAWhile(t *testing.T) {
	playChanges(t, `
		0 bob enters
		0 carl enters
		1 bob says lobby hello -> 1
		2 carl edits 1 hullo -> the message is somebody else's
		3 bob edits 1 hello all -> bob 2
		4 bob shows 1 -> hello all, changed 2, edited at 3, was "hello" since 1
		5 bob edits 1 hello you -> bob 3
		5 bob shows 1 -> hello you, changed 3, edited at 5, was "hello" since 1, was "hello all" since 3
		901 bob edits 1 still -> bob 4
		902 bob edits 1 late -> the message is too old to be edited
		902 bob edits 2 what -> nothing
		902 bob edits 99 what -> nothing
		902 bob removes 1 -> bob 5
		902 bob shows 1 -> , changed 5, removed by "bob"
		903 bob removes 1 -> the message was removed
		904 bob says lobby again -> 6
		905 bob removes 6 typing errors -> bob 7
		906 bob edits 6 again -> the message was removed
		907 bob leaves
		907 bob edits 6 x -> the session is not there any more
		907 bob removes 1 -> the message was removed`)
}

func TestReactions(t *testing.T) {
	playChanges(t, `
		0 bob enters
		0 carl enters
		1 bob says lobby hello -> 1
		2 carl reacts 1 +1 -> bob 2
		2 carl reacts 1 +1 -> again
		3 bob reacts 1 👍🏽 -> bob 3
		3 bob reacts 1 +1 -> bob 4
		4 bob shows 1 -> hello, changed 4, +1 carl@2 bob@4, 👍🏽 bob@3
		5 carl unreacts 1 +1 -> bob 5
		5 carl unreacts 1 +1 -> who asks has not put that to the message
		5 carl unreacts 1 👍🏽 -> who asks has not put that to the message
		5 bob shows 1 -> hello, changed 5, 👍🏽 bob@3, +1 bob@4
		6 bob edits 1 hi -> bob 6
		7 bob shows 1 -> hi, changed 6, edited at 6, 👍🏽 bob@3, +1 bob@4, was "hello" since 1
		7 bob reacts 1 -> that is no word and no emoji for a reaction
		7 bob reacts 1 two words -> that is no word and no emoji for a reaction
		7 bob reacts 9 +1 -> nothing
		8 bob blocks carl
		8 carl reacts 1 +1 -> the other one has blocked who asks
		8 bob removes 1 -> bob 7
		9 bob reacts 1 +1 -> the message was removed
		9 bob unreacts 1 +1 -> the message was removed
		9 bob shows 1 -> , changed 7, removed by "bob"`)
}

func TestAMessageHasSoManyReactions(t *testing.T) {
	c := playChanges(t, `
		0 bob enters
		0 carl enters
		1 bob says lobby hello -> 1`)
	for i := range state.MaxKinds {
		c.ask(start, "bob", "reacts", []string{"1", fmt.Sprint("word", i)})
	}
	for line, want := range map[string]string{
		"bob reacts 1 more":    state.ErrKinds.Error(),
		"carl reacts 1 word3":  "bob 22",
		"carl reacts 1 word33": state.ErrKinds.Error(),
	} {
		words := strings.Fields(line)
		if got := c.ask(start, words[0], words[1], words[2:]); got != want {
			t.Errorf("%s: got %s, want %s", line, got, want)
		}
	}
	c.ask(start, "bob", "says", []string{"lobby", "more"})
	for i := range state.MaxReactions {
		name := fmt.Sprint("guest", i)
		c.state.Apply(start, &command.Enter{Session: session(fmt.Sprint(1000 + i)), Name: name, Token: name}, nil)
		if got := c.ask(start, name, "reacts", []string{"23", "+1"}); got != fmt.Sprint("bob ", 24+i) {
			t.Fatal(got)
		}
	}
	if got := c.ask(start, "bob", "reacts", []string{"23", "+1"}); got != state.ErrKinds.Error() {
		t.Error(got)
	}
}

func TestDirectMessagesAreOfTwo(t *testing.T) {
	playChanges(t, `
		0 anna added
		0 bob enters
		0 anna enters
		0 carl enters
		0 mod added
		0 mod role moderator
		0 mod enters
		1 bob tells anna psst -> 2
		2 carl reacts 2 +1 -> there is no such message
		2 carl removes 2 -> there is no such message
		2 mod removes 2 -> there is no such message
		2 nobody removes 2 -> there is no such message
		2 anna edits 2 ha -> the message is somebody else's
		2 anna removes 2 -> the message is somebody else's
		3 anna reacts 2 ha -> bob 3
		3 bob edits 2 psst! -> bob 4
		3 bob reacts 2 ha -> bob 5
		3 bob shows 2 -> psst!, changed 5, edited at 3, ha anna@3 bob@5
		4 anna blocks bob
		4 bob edits 2 psst!! -> the other one has blocked who asks
		4 bob reacts 2 oh -> the other one has blocked who asks
		4 bob unreacts 2 ha -> bob 6
		4 bob removes 2 -> bob 7
		5 bob shows 2 -> , changed 7, removed by "bob"`)
}

func TestWhoIsNotInARoomDoesNotChangeIt(t *testing.T) {
	playChanges(t, `
		0 bob enters
		0 carl enters
		1 bob creates den private
		1 bob says den hello -> 1
		1 carl edits 1 x -> there is no such message
		1 carl reacts 1 +1 -> there is no such message
		1 carl removes 1 -> there is no such message
		1 carl creates hall
		1 bob joins hall
		1 bob says hall hi -> 2
		2 bob parts hall
		2 bob edits 2 x -> who asks is not in that room
		2 bob reacts 2 +1 -> who asks is not in that room
		2 bob removes 2 never mind -> bob 3
		2 carl shows 2 -> , changed 3, removed by "bob": never mind
		2 carl reacts 2 +1 -> the message was removed
		3 bob says den again -> 4
		3 bob reads 0
		3 bob parts den
		3 carl creates den
		3 bob shows 4 -> nothing
		3 bob joins den
		3 bob removes 4 -> there is no such message
		3 bob edits 4 x -> there is no such message
		3 bob reacts 4 x -> there is no such message`)
}

// What was said in a private room before one joined it is not there for one.
func TestAPrivateRoomBeforeOneJoinedIt(t *testing.T) {
	c := playChanges(t, `
		0 bob enters
		0 carl enters
		1 bob creates den private
		1 bob says den hello -> 1`)
	by := command.By{Name: "bob"}
	o, _ := c.state.Online("bob")
	by.Session = o.Session
	c.apply(start, &command.InviteToRoom{By: by, Name: "carl", Room: "den"})
	for _, line := range []string{"joins den -> ", "reacts 1 +1 -> there is no such message"} {
		asked, want, _ := strings.Cut(line, " -> ")
		words := strings.Fields(asked)
		if got := c.ask(start, "carl", words[0], words[1:]); got != want {
			t.Errorf("%s: got %s", line, got)
		}
	}
	c.ask(start, "bob", "says", []string{"den", "again"})
	if got := c.ask(start, "carl", "reacts", []string{"2", "+1"}); got != "bob 3" {
		t.Error(got)
	}
}

// A guest who has registered keeps what they have said; who takes the name of an account that
// is gone does not.
func TestWhoseAMessageIs(t *testing.T) {
	playChanges(t, `
		0 anna enters
		0 bob enters
		1 anna says lobby hello -> 1
		1 anna tells bob psst -> 2
		1 anna reacts 1 +1 -> anna 3
		2 anna registers
		2 anna edits 1 hi -> anna 4
		2 anna edits 2 hush -> anna 5
		2 anna reacts 1 +1 -> again
		2 anna unreacts 1 +1 -> anna 6
		2 anna reacts 1 +1 -> anna 7
		3 anna says lobby mine -> 8
		4 anna deleted
		4 anna enters
		4 anna edits 1 x -> the message is somebody else's
		4 anna edits 8 x -> the message is somebody else's
		4 anna unreacts 1 +1 -> who asks has not put that to the message
		5 anna registers
		5 anna edits 8 x -> the message is somebody else's
		5 anna removes 8 x -> the message is somebody else's
		5 anna unreacts 1 +1 -> who asks has not put that to the message
		5 anna says lobby new -> 9
		5 anna edits 9 newer -> anna 10`)
}

func TestNobodyReportsTheirOwn(t *testing.T) {
	playChanges(t, `
		0 anna enters
		0 bob enters
		1 anna says lobby hello -> 1
		1 anna tells bob psst -> 2
		1 anna reports 1 -> that is yourself
		2 anna registers
		2 anna reports 1 -> that is yourself
		2 anna reports 2 -> that is yourself
		2 bob reports 1 ->
		2 bob reports 2 ->`)
}

func TestWhoKeepsOrderRemoves(t *testing.T) {
	playChanges(t, `
		0 mod added
		0 mod role moderator
		0 own added
		0 own role owner
		0 anna enters
		0 bob enters
		0 mod enters
		0 own enters
		1 anna says lobby hello -> 3
		1 mod says lobby quiet -> 4
		1 own says lobby all -> 5
		2 anna removes 4 -> the message is somebody else's
		2 mod edits 3 x -> the message is somebody else's
		2 mod removes 5 -> the other one has the same role, or a higher one
		2 mod removes 3 spam -> anna 6, act 7 by "mod"
		2 mod shows 3 -> , changed 6, removed by "mod": spam
		2 own removes 4 no -> mod 8, act 9 by "own"
		2 nobody removes 5 -> own 10, act 11 by ""
		3 own says lobby mine -> 12
		3 own removes 12 -> own 13
		4 anna creates den
		4 bob joins den
		4 bob says den psst -> 14
		4 anna says den shh -> 15
		5 bob removes 15 -> the message is somebody else's
		5 anna removes 14 -> bob 16, act 17 by "anna"
		5 mod removes 15 no -> anna 18, act 19 by "mod"
		6 bob says lobby oh -> 20
		6 bob registers
		6 bob role moderator
		6 mod removes 20 -> the other one has the same role, or a higher one`)
}

func TestWhoIsMutedDoesNotEdit(t *testing.T) {
	playChanges(t, `
		0 bob enters
		1 bob says lobby hello -> 1
		1 bob reacts 1 +1 -> bob 2
		2 bob muted
		3 bob edits 1 x -> who asks is muted there
		3 bob reacts 1 x -> who asks is muted there
		3 bob unreacts 1 +1 -> bob 4
		3 bob removes 1 -> bob 5`)
}

// What was changed after it was read is read again.
func TestWhatWasReadBeforeAChange(t *testing.T) {
	playChanges(t, `
		0 bob enters
		1 bob says lobby one -> 1
		1 bob says lobby two -> 2
		1 bob reads 0
		2 bob edits 1 once -> bob 3
		2 bob edits 1 uno -> the message was changed meanwhile
		2 bob reacts 1 x -> the message was changed meanwhile
		2 bob removes 1 x -> the message was changed meanwhile
		2 bob edits 2 due -> bob 4
		3 bob reads 0
		3 bob edits 1 uno -> bob 5`)
}

// What may have been changed is read again: not all changes are remembered.
func TestChangesAreForgotten(t *testing.T) {
	s, by := anna(state.Kept{})
	table := state.NewTable()
	var rows state.Rows
	say := s.Apply(start, &command.Message{By: by, Room: state.Lobby, Text: "x"}, &rows).Message
	other := s.Apply(start, &command.Message{By: by, Room: state.Lobby, Text: "y"}, &rows).Message
	for range state.MaxChanges + 5 {
		if r := s.Apply(start, &command.Edit{By: by, Of: say.Target(s.Last()), Text: "x"}, &rows); r.Err != nil {
			t.Fatal(r.Err)
		}
	}
	oldest := s.Last() - state.MaxChanges + 1 // that is remembered
	for asOf, want := range map[uint64]bool{0: true, 2: true, oldest - 2: true, oldest - 1: false, s.Last(): false} {
		if got := s.Changed(other.Number, asOf); got != want {
			t.Errorf("whether something may have been changed behind %d: %v", asOf, got)
		}
	}
	table.Put(&rows)
	kept := table.Kept()
	if len(kept.Changes) != state.MaxChanges || kept.Changes[0].Number != oldest {
		t.Errorf("%d changes are kept, from %d", len(kept.Changes), kept.Changes[0].Number)
	}
	if loaded := state.New(kept, start); loaded.Lasting() != s.Lasting() || !loaded.Changed(other.Number, oldest-2) {
		t.Error("what is loaded is another state")
	}
}

// No version of a message that was handed out is changed.
func TestAVersionStaysAsItIs(t *testing.T) {
	m := &state.Message{Number: 1, Text: "a"}
	change := func(c state.Change) {
		before, now := fmt.Sprintf("%+v", *m), *m
		if m.Marks != nil {
			before += fmt.Sprintf("%+v", *m.Marks)
		}
		next := m.With(&c)
		m.With(&state.Change{Number: 98, Word: "+1", By: state.Reactor{Name: "x", Number: 98}})
		m.With(&state.Change{Number: 99, Word: "+1", By: state.Reactor{Name: "y", Number: 99}})
		after := fmt.Sprintf("%+v", now)
		if m.Marks != nil {
			after += fmt.Sprintf("%+v", *m.Marks)
		}
		if after != before {
			t.Errorf("%+v has made %s of %s", c, after, before)
		}
		m = next
	}
	react := func(n uint64, word string) state.Change {
		return state.Change{Number: n, Word: word, By: state.Reactor{Name: "bob", Number: n}}
	}
	change(state.Change{Number: 2, Text: "b", Time: start})
	change(react(3, "+1"))
	change(react(4, "+1"))
	change(react(5, "-1"))
	gone := react(3, "+1")
	gone.Number, gone.Gone = 6, true
	change(gone)
	change(react(7, "+1"))
	if got := fmt.Sprintf("%+v", m.Marks.Reactions); got != "[{Word:+1 By:[{Person: Name:bob Number:4} {Person: Name:bob Number:7}]} {Word:-1 By:[{Person: Name:bob Number:5}]}]" {
		t.Error(got)
	}
	change(state.Change{Number: 8, Removed: &state.Removal{By: "mod"}})
	if m.Text != "" || m.Marks.Reactions != nil || !m.Marks.Edited.IsZero() || !m.Marks.IsRemoved() || m.Marks.Changed != 8 {
		t.Errorf("removed it is %+v %+v", m, m.Marks)
	}
}

func TestWordsOfReactions(t *testing.T) {
	for word, want := range map[string]bool{
		"+1": true, "ha": true, "é": true, "👍": true, "👍🏽": true, "❤️": true, "👩‍👩‍👧‍👦": true, "🇸🇪": true, "1️⃣": true, "哈哈": true, ":-)": true, strings.Repeat("x", state.MaxWord): true,
		"": false, " ": false, "a b": false, "a\n": false, "\x00": false, "\xff": false, "\ufffd": false, "\u200d": false, "\ufe0f": false, "\u200b": false, "\u202e": false, "\u00a0": false,
		strings.Repeat("x", state.MaxWord+1): false,
	} {
		if got := state.ValidWord(word); got != want {
			t.Errorf("%q: %v", word, got)
		}
	}
}
