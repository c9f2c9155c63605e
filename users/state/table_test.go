package state_test

import (
	"fmt"
	"testing"

	"github.com/google/go-cmp/cmp"

	"parley/users/command"
	"parley/users/state"
)

// say returns the rows of messages in a room.
func say(room string, numbers ...uint64) (rows state.Rows) {
	for _, n := range numbers {
		rows.Messages = append(rows.Messages, state.Message{Number: n, Room: room, Sender: "anna", Text: fmt.Sprint(n)})
	}
	return rows
}

// What rows about rooms mean, whatever they have in one batch.
func TestRowsOfRooms(t *testing.T) {
	den, attic := state.Room{Name: "Den", Number: 2, Owner: "anna", Topic: "sofas"}, state.Room{Name: "attic"}
	made := func(rooms ...state.Room) (rows state.Rows) {
		for _, r := range rooms {
			rows.Rooms = append(rows.Rooms, state.RoomRow{Room: r})
		}
		return rows
	}
	ended := func(name string, upTo uint64) state.Rows {
		return state.Rows{Rooms: []state.RoomRow{{Room: state.Room{Name: name}, Gone: true, UpTo: upTo}}}
	}
	newest := func(r state.Room, n uint64) state.Room {
		r.Newest = n
		return r
	}
	again := den
	again.Name, again.Number, again.Topic = "den", 7, ""
	same := den
	same.Number = 7
	for _, c := range []struct {
		name string
		rows []state.Rows
		want state.Kept
	}{
		{"in the order of the folded names", []state.Rows{made(den, attic)}, state.Kept{Rooms: []state.Room{attic, den}}},
		{"the newest of each", []state.Rows{made(den, attic), say("Den", 3, 5), say("attic", 4), say(state.Lobby, 6)},
			state.Kept{Rooms: []state.Room{newest(attic, 4), newest(den, 5)}}},
		{"only what is behind its creation", []state.Rows{made(den), say("Den", 1, 2)}, state.Kept{Rooms: []state.Room{den}}},
		{"the last of its rows counts", []state.Rows{made(den, again)}, state.Kept{Rooms: []state.Room{again}}},
		{"one that has ended", []state.Rows{made(den, attic), say("Den", 3), ended("DEN", 3)}, state.Kept{Rooms: []state.Room{attic}}},
		{"one of the same name later", []state.Rows{made(den), say("Den", 3, 8), ended("Den", 7), made(same)}, state.Kept{Rooms: []state.Room{newest(same, 8)}}},
		{"one that is spelled in another way later", []state.Rows{made(den), say("Den", 3), say("den", 8), ended("Den", 7), made(again)},
			state.Kept{Rooms: []state.Room{newest(again, 8)}}},
		{"who is in, and who was", []state.Rows{{Members: []state.MemberRow{
			{Member: state.Member{Room: "Den", Person: "bob", Since: 3}}, {Member: state.Member{Room: "Den", Person: "anna", Since: 2}},
			{Member: state.Member{Room: "attic", Person: "carl"}}, {Member: state.Member{Room: "den", Person: "bob"}, Gone: true},
			{Member: state.Member{Room: "attic", Person: "carl", Since: 9}},
		}}}, state.Kept{Members: []state.Member{{Room: "attic", Person: "carl", Since: 9}, {Room: "Den", Person: "anna", Since: 2}}}},
		{"who is invited, and who was", []state.Rows{{RoomInvitations: []state.RoomInvitationRow{
			{RoomInvitation: state.RoomInvitation{Room: "Den", Person: "bob", By: "Anna"}}, {RoomInvitation: state.RoomInvitation{Room: "Den", Person: "anna"}},
			{RoomInvitation: state.RoomInvitation{Room: "attic", Person: "bob"}}, {RoomInvitation: state.RoomInvitation{Room: "attic", Person: "bob"}, Gone: true},
		}}}, state.Kept{RoomInvitations: []state.RoomInvitation{{Room: "Den", Person: "anna"}, {Room: "Den", Person: "bob", By: "Anna"}}}},
		{"guests", []state.Rows{{
			Members:         []state.MemberRow{{Member: state.Member{Room: "Den", Person: "~b"}}, {Member: state.Member{Room: "Den", Person: "~a"}, Gone: true}},
			RoomInvitations: []state.RoomInvitationRow{{RoomInvitation: state.RoomInvitation{Room: "Den", Person: "~c"}}},
		}}, state.Kept{Guests: []string{"~b", "~c"}, Members: []state.Member{{Room: "Den", Person: "~b"}},
			RoomInvitations: []state.RoomInvitation{{Room: "Den", Person: "~c"}}}},
		{"what was read", []state.Rows{{ReadCursors: []state.ReadCursorRow{
			{ReadCursor: state.ReadCursor{Person: "bob", Room: "Den", Number: 4}}, {ReadCursor: state.ReadCursor{Person: "bob", With: "anna", Number: 5}},
			{ReadCursor: state.ReadCursor{Person: "anna", Room: state.Lobby, Number: 6}}, {ReadCursor: state.ReadCursor{Person: "bob", Room: "den", Number: 7}},
			{ReadCursor: state.ReadCursor{Person: "bob", With: "carl", Number: 8}}, {ReadCursor: state.ReadCursor{Person: "bob", With: "carl"}, Gone: true},
		}}}, state.Kept{ReadCursors: []state.ReadCursor{
			{Person: "anna", Room: state.Lobby, Number: 6}, {Person: "bob", With: "anna", Number: 5}, {Person: "bob", Room: "den", Number: 7},
		}}},
	} {
		t.Run(c.name, func(t *testing.T) {
			table := state.NewTable()
			for _, rows := range c.rows {
				rows.Count = 1
				table.Put(&rows)
			}
			if diff := cmp.Diff(c.want, table.Kept(), cmp.Transformer("empty", func(q []state.Request) int { return len(q) })); diff != "" {
				t.Error(diff)
			}
		})
	}
}

// With a room that ends go its messages, and no others.
func TestTheMessagesOfARoomGoWithIt(t *testing.T) {
	table := state.NewTable()
	gone := state.Rows{Count: 1, Rooms: []state.RoomRow{{Room: state.Room{Name: "Den"}, Gone: true, UpTo: 5}}}
	for _, rows := range []state.Rows{say("Den", 2, 4, 5, 6), say("den", 1), say(state.Lobby, 3)} {
		gone.Messages = append(gone.Messages, rows.Messages...)
	}
	table.Put(&gone)
	for room, want := range map[string]string{"Den": "[6]", "den": "[1]", state.Lobby: "[3]"} {
		messages, _ := table.Newest(t.Context(), room, 99)
		var numbers []uint64
		for _, m := range messages {
			numbers = append(numbers, m.Number)
		}
		if got := fmt.Sprint(numbers); got != want {
			t.Errorf("in %s there are %s, want %s", room, got, want)
		}
	}
}

func TestATableIsRead(t *testing.T) {
	var rows state.Rows
	table, ctx := state.NewTable(), t.Context()
	s, by := anna(state.Kept{})
	s.Apply(start, &command.AddAccount{Name: "bob"}, &rows)
	s.Apply(start, &command.AddAccount{Name: "carl"}, &rows)
	for i := range 6 { // numbers 1, 4, 7, ... are messages
		s.Apply(start, &command.Message{By: by, Room: state.Lobby, Text: fmt.Sprint("m", i)}, &rows)
		s.Apply(start, &command.Direct{By: by, To: "bob", Text: fmt.Sprint("d", i)}, &rows)
		s.Apply(start, &command.Direct{By: by, To: "carl", Text: "c"}, &rows)
	}
	rows.Messages = append(rows.Messages, state.Message{Number: 19, Room: "attic", Text: "a0"}, state.Message{Number: 20, Room: "attic", Text: "a1"})
	table.Put(&rows)
	texts := func(messages []state.Message, err error) (all []string) {
		for _, m := range messages {
			all = append(all, m.Text)
		}
		return all
	}
	directs := func(messages []state.Direct, err error) (all []string) {
		for _, m := range messages {
			all = append(all, m.Text)
		}
		return all
	}
	var reached []uint64
	after := func(after, upTo uint64, bytes int, rooms ...state.RoomFrom) []string {
		messages, to, err := table.MessagesAfter(ctx, rooms, after, upTo, bytes)
		reached = append(reached, to)
		return texts(messages, err)
	}
	const end = 99
	lobby := state.RoomFrom{Room: state.Lobby}
	attic := state.RoomFrom{Room: "attic"}
	for _, c := range []struct {
		name, want string
		got        []string
	}{
		{"newest", "[m4 m5]", texts(table.Newest(ctx, state.Lobby, 2))},
		{"more than there are", "[m0 m1 m2 m3 m4 m5]", texts(table.Newest(ctx, state.Lobby, 99))},
		{"none", "[]", texts(table.Newest(ctx, state.Lobby, 0))},
		{"fewer than none", "[]", texts(table.Newest(ctx, state.Lobby, -1))},
		{"another room", "[a0 a1]", texts(table.Newest(ctx, "attic", 2))},
		{"before one", "[m0 m1]", texts(table.Between(ctx, state.Lobby, 0, 7, 2))},
		{"before none", "[]", texts(table.Between(ctx, state.Lobby, 0, 1, 2))},
		{"between", "[m1 m2]", texts(table.Between(ctx, state.Lobby, 1, 10, 9))},
		{"after one", "[m1 m2]", after(1, end, 4, lobby)},
		{"one at least", "[m1]", after(1, end, 0, lobby)},
		{"after the last", "[]", after(end, end, 4, lobby)},
		{"up to one", "[m1]", after(1, 4, 99, lobby)},
		{"of two rooms", "[m4 m5 a0 a1]", after(10, end, 99, attic, lobby)},
		{"of each behind its own", "[m5 a1]", after(10, end, 99, state.RoomFrom{Room: "attic", After: 19}, state.RoomFrom{Room: state.Lobby, After: 13})},
		{"of no room", "[]", after(0, end, 99)},
		{"to bob", "[d0 d1 d2]", directs(table.DirectsAfter(ctx, "bob", 0, 7))},
		{"by anna", "[d4 c d5 c]", directs(table.DirectsAfter(ctx, "~a", 13, 99))},
		{"of somebody else", "[]", directs(table.DirectsAfter(ctx, "dora", 0, 99))},
		{"the newest to bob", "[d4 d5]", directs(table.DirectsTo(ctx, "bob", 0, 99, 2))},
		{"to bob between", "[d1 d2]", directs(table.DirectsTo(ctx, "bob", 2, 11, 9))},
	} {
		if got := fmt.Sprint(c.got); got != c.want {
			t.Errorf("%s: got %s, want %s", c.name, got, c.want)
		}
	}
	if got, want := fmt.Sprint(reached), "[7 4 99 4 99 99 99]"; got != want {
		t.Errorf("it was read up to %s, want %s", got, want)
	}
}
