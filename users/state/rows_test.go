package state_test

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"parley/users"
	"parley/users/command"
	"parley/users/state"
)

func TestRowsAreEmptyAtFirstAndWhenReset(t *testing.T) {
	s, by := anna(state.Kept{})
	var rows state.Rows
	say := func(text string) {
		s.Apply(start.Add(time.Second), &command.Message{By: by, ID: text[:1], Room: state.Lobby, Text: text}, &rows)
	}
	if !rows.Empty() || !(*state.Rows)(nil).Empty() {
		t.Error("new rows are not empty")
	}
	say(strings.Repeat("x", 1000))
	say("y")
	s.Apply(start.Add(time.Second), &command.Sweep{}, &rows)
	if rows.Empty() || rows.Count != 2 || rows.Size < 1000 || rows.Size > 1200 || rows.Last != 2 || !rows.Time.Equal(start.Add(time.Second)) {
		t.Errorf("rows of two messages: %+v", rows)
	}
	memory := cap(rows.Messages)
	rows.Reset()
	if diff := cmp.Diff(state.Rows{}, rows, cmp.AllowUnexported(state.Rows{}), cmp.Transformer("empty", func(m []state.Message) int { return len(m) }),
		cmp.Transformer("empty", func(m []state.Request) int { return len(m) })); diff != "" || cap(rows.Messages) != memory {
		t.Error("after a reset: ", diff)
	}
	if text := rows.Messages[:1][0].Text; text != "" {
		t.Errorf("a reset holds on to %d bytes", len(text))
	}
	(*state.Rows)(nil).Reset()
}

// In one batch an account goes whose name a guest takes and registers: what is the
// guest's must not go with what was the account's.
func TestWhoIsForgottenIsNotWhoTakesTheName(t *testing.T) {
	lines := []string{
		"0 add anna hash=h", "0 add bob hash=h",
		"1 enter bob #1 token=b verified=h", "1 enter carl #2 token=c",
		"2 direct bob #1 anna", "2 direct bob #1 carl", "2 direct carl #2 bob id=1",
		"3 delete anna",
		"4 leave carl #2 lost", "4 enter anna #3 token=d back=c",
		"5 direct bob #1 anna", "5 sees anna #3 2", "5 direct anna #3 bob id=2",
		"5 register anna #3 hash=h", "5 direct bob #1 anna", "5 sees anna #3 4", "5 direct anna #3 bob id=3",
		"5 enter dora #4 token=e back=c", "5 direct dora #4 bob id=4", "5 direct bob #1 dora", "5 sees dora #4 99",
		"6 delete anna", "7 add anna hash=h", "7 enter anna #5 token=f verified=h",
		"8 direct bob #1 anna", "8 sees anna #5 99", "8 direct anna #5 bob id=5", "8 direct bob #1 anna",
	}
	for size := range len(lines) {
		one, table := state.New(state.Kept{}, start), state.NewTable()
		var rows state.Rows
		for i, line := range lines {
			words := strings.Fields(line)
			second := time.Duration(words[0][0]-'0') * time.Second
			one.Apply(start.Add(second), parse(t, words[1], words[2:]), &rows)
			if i%(size+1) < size && i < len(lines)-1 {
				continue
			}
			table.Put(&rows)
			rows.Reset()
			if diff := cmp.Diff(one.Lasting(), state.New(table.Kept(), start).Lasting()); diff != "" {
				t.Fatalf("by %d, after %q: %s", size+1, line, diff)
			}
		}
	}
}

func TestWhatIsLoaded(t *testing.T) {
	last := users.Lockout{Key: "bob", Level: 1, Until: start.Add(time.Minute), First: start, Last: start}
	d := newDialogue(t, state.Kept{Last: 7, Time: start,
		Accounts: []users.Account{{Name: "Bob", Hash: "h", LastSeen: start.Add(-time.Hour)}, {Name: "anna", Hash: "h"}},
		Blocks:   []users.Block{{Blocker: "anna", Blocked: "Bob"}},
		Lockouts: []users.Lockout{last},
		Unseen:   []state.Unseen{{Number: 3, From: "~c", Person: "bob"}, {Number: 5, From: "anna", Person: "bob"}},
		Guests:   []string{"~c"},
	})
	d.play(`
		0 last -> 7
		0 names ->
		0 seen bob -> until -3600
		0 unseen bob -> 3 5
		1 enter bob #1 token=b verified=h -> locked out after too many wrong passwords; wait 59s
		2 enter anna #2 token=a verified=h -> anna; anna logged in@2 | account anna h
		3 invite anna #2 bob -> who asks has blocked the other one
		59 due ->
		59 forget ~c ->
		60 forget ~c -> | forgotten ~c
		60 unseen bob -> 3 5`)
}

// Of a guest there may be messages that were all seen.
func TestAGuestOfWhomAllWasSeenIsForgottenAfterAStart(t *testing.T) {
	d := newDialogue(t, state.Kept{Last: 7, Guests: []string{"~c"}})
	d.play(`60 forget ~c -> | forgotten ~c`)
}

// A guest whose messages are kept may come back for a while after a start.
func TestAGuestComesBackAfterAStart(t *testing.T) {
	d := newDialogue(t, state.Kept{Last: 7, Unseen: []state.Unseen{{Number: 3, From: "bob", Person: "~c"}}, Guests: []string{"~c"}})
	d.play(`
		50 enter carl #1 token=d back=c -> carl; carl logged in@50
		99 due ->
		99 person carl -> ~c
		99 unseen ~c -> 3 3`)
}
