package seen

import (
	"fmt"
	"strings"
	"testing"

	"parley/protocol"
)

func message(sender, text, stamp string) protocol.Response {
	return protocol.Response{Kind: protocol.KindMessage, Sender: sender, Content: text, Stamp: stamp}
}

func numbered(id uint64) protocol.Response {
	r := message("bob", "hi", "")
	r.Data = &protocol.Data{ID: id}
	return r
}

// Each message that was shown before the connection was lost explains one that is
// repeated.
func TestRepeated(t *testing.T) {
	for _, test := range []struct {
		name         string
		shown, comes []protocol.Response
		want         string // of those that come: = was shown, + is new
	}{
		{"the same", []protocol.Response{message("bob", "hi", "1")}, []protocol.Response{message("bob", "hi", "1"), message("bob", "hi", "1")}, "=+"},
		{"at another time", []protocol.Response{message("bob", "hi", "1")}, []protocol.Response{message("bob", "hi", "2")}, "+"},
		{"by somebody else", []protocol.Response{message("bob", "hi", "1")}, []protocol.Response{message("bo", "b: hi", "1")}, "+"},
		{"twice, and the second one first", []protocol.Response{message("bob", "hi", "1"), message("bob", "hi", "2")},
			[]protocol.Response{message("bob", "hi", "2"), message("bob", "hi", "1"), message("bob", "hi", "1")}, "==+"},
		{"without a stamp now", []protocol.Response{message("bob", "hi", "1")}, []protocol.Response{message("bob", " hi", "")}, "="},
		{"without a stamp before", []protocol.Response{message("bob", "hi", "")}, []protocol.Response{message("bob", "hi", "7")}, "="},
		{"as text", []protocol.Response{message("bob", "hi", "1")}, []protocol.Response{message("", "bob: hi", "")}, "="},
	} {
		var s Messages
		for _, m := range test.shown {
			s.Add(m)
		}
		for _, m := range test.comes {
			if s.Has(m, true) {
				t.Errorf("%s: a message of this connection is a repeated one", test.name)
			}
		}
		for round := range 2 { // what was repeated can be so again
			s.Reconnected()
			got := ""
			for _, m := range test.comes {
				switch {
				case s.Has(m, false):
					t.Errorf("%s: without a number nothing is known", test.name)
				case s.Has(m, true):
					got += "="
				default:
					got += "+"
				}
			}
			if got != test.want {
				t.Errorf("%s, round %d: %s, not %s", test.name, round, got, test.want)
			}
		}
	}
}

// An own message is shown when it is typed, and known later as it came back.
func TestCameBack(t *testing.T) {
	var s Messages
	r := s.AddLine("alice", "hi", "")
	s.CameBack(r, message("[alice]", "alice: hi", "5"))
	s.Reconnected()
	if s.Has(message("alice", "hi", "5"), true) || s.Has(message("[alice]", "alice: hi", "6"), true) || !s.Has(message("[alice]", "alice: hi", "5"), true) {
		t.Error("it is known in another form")
	}
}

// How far one has been shown is known for each room: who joins one is told what was said
// there before what was shown of others.
func TestRooms(t *testing.T) {
	var s Messages
	s.LoggedIn(&protocol.Data{Log: "a"})
	in := func(room string, id uint64) protocol.Response {
		m := numbered(id)
		m.Data.Room = room
		return m
	}
	s.Add(numbered(10))
	if s.Has(in("ops", 5), false) || s.Knows("ops") {
		t.Error("what was said in ops was shown")
	}
	s.Add(in("Ops", 5))
	for _, test := range []struct {
		room string
		id   uint64
		want bool
	}{{"ops", 5, true}, {"OPS", 3, true}, {"ops", 8, false}, {"dev", 3, false}, {"", 8, true}, {"", 11, false}} {
		if s.Has(in(test.room, test.id), false) != test.want {
			t.Errorf("%d in %q was shown: %v", test.id, test.room, !test.want)
		}
	}
	s.HistoryEnded()
	if after, known := s.After(); after != 10 || !known || !s.Knows("OPS") {
		t.Errorf("something is missed behind %d, %v", after, known)
	}
	s.Accepted("ops", 12)
	s.Add(numbered(13))
	if !s.Has(in("ops", 12), false) || !s.IsOwn(in("ops", 12)) {
		t.Error("an own message of a room is forgotten for one of another")
	}
	s.Add(in("ops", 12))
	if s.IsOwn(in("ops", 12)) {
		t.Error("it is not forgotten when it was shown")
	}
	for i := range 2 * maxRooms {
		s.Add(in(fmt.Sprint("room", i), 20))
	}
	if len(s.room) > maxRooms || !s.Has(numbered(13), false) {
		t.Errorf("%d rooms are known, or the lobby is not", len(s.room))
	}
}

func TestNumbers(t *testing.T) {
	var s Messages
	s.LoggedIn(&protocol.Data{Log: "a"})
	s.Add(numbered(5))
	s.Accepted("", 7)
	for id, want := range map[uint64]bool{1: true, 5: true, 6: false, 7: true, 8: false} {
		if s.Has(numbered(id), false) != want {
			t.Errorf("%d was shown: %v", id, !want)
		}
	}
	s.LoggedIn(&protocol.Data{Log: "a"})
	if s.Log() != "a" || !s.Has(numbered(5), false) || !s.IsOwn(numbered(7)) {
		t.Error("the same log begins anew")
	}
	s.Add(numbered(7))
	if s.IsOwn(numbered(7)) || !s.Has(numbered(6), false) {
		t.Error("they come in order")
	}
	s.LoggedIn(&protocol.Data{Log: "b"})
	if s.Has(numbered(5), false) || s.Has(numbered(0), false) {
		t.Error("another log has the numbers of the old one")
	}
}

// What can have been missed is known once the history has come, and stays known as long
// as what was missed comes.
func TestAfter(t *testing.T) {
	var s Messages
	login := func(log string, id uint64, resume string) func() {
		return func() { s.LoggedIn(&protocol.Data{Log: log, ID: id, Resume: resume}) }
	}
	for i, step := range []struct {
		does  func()
		after uint64 // 0: it is not known
	}{
		{s.HistoryEnded, 0}, // of a server that names no log
		{login("a", 5, ""), 0},
		{func() { s.HasDirect(numbered(4)) }, 0},
		{func() { s.Add(numbered(6)) }, 0},
		{s.HistoryEnded, 6},
		{func() { s.Accepted("", 9) }, 6},
		{func() { s.HasDirect(numbered(7)) }, 7},
		{login("a", 20, protocol.ResumeFollows), 7},
		{func() { s.Add(numbered(8)) }, 8},
		{func() { s.AddOld(numbered(19)) }, 8}, // of a room that was joined meanwhile
		{func() { s.Resumed(20) }, 20},
		{login("a", 900, protocol.ResumeTooFar), 0},
		{s.HistoryEnded, 900},
		{login("a", 3, protocol.ResumeAhead), 0},
		{func() { s.Add(numbered(2)) }, 0},
		{s.HistoryEnded, 3},
		{login("a", 1, protocol.ResumeOtherLog), 0},
		{s.HistoryEnded, 1},
		{login("b", 2, protocol.ResumeFollows), 0}, // of which nothing can be known
	} {
		step.does()
		if after, known := s.After(); known != (step.after > 0) || known && after != step.after {
			t.Errorf("step %d: after %d, known: %v, not %d", i, after, known, step.after)
		}
	}
}

func TestUnseen(t *testing.T) {
	var s Messages
	for _, id := range []uint64{7, 9, 8, 9} { // one that comes again is to be acknowledged again
		s.HasDirect(numbered(id))
	}
	if !s.Unseen() || s.TakeUnseen() != 9 || s.Unseen() || s.TakeUnseen() != 0 {
		t.Error("they are not acknowledged once")
	}
	s.HasDirect(numbered(7))
	if s.TakeUnseen() != 7 {
		t.Error("one that came again is not acknowledged again")
	}
	s.HasDirect(numbered(10))
	s.LoggedIn(&protocol.Data{Log: "b"})
	if s.Unseen() {
		t.Error("a number of another log is acknowledged")
	}
}

func TestDirects(t *testing.T) {
	var s Messages
	for range 2 {
		if s.HasDirect(numbered(0)) {
			t.Error("without a number nothing is known")
		}
	}
	for id := range uint64(maxDirects + 1) {
		if s.HasDirect(numbered(id+1)) || !s.HasDirect(numbered(id+1)) {
			t.Fatal("it is told twice, or not at all: ", id+1)
		}
	}
	if !s.HasDirect(numbered(2)) || s.HasDirect(numbered(1)) {
		t.Error("the wrong one is forgotten")
	}
}

func TestBounds(t *testing.T) {
	var s Messages
	for i := range maxRecords + 10 {
		s.AddLine("bob", fmt.Sprint(i/2), "")
	}
	if len(s.order) != maxRecords || len(s.present) != maxRecords/2 {
		t.Errorf("%d records, %d lines", len(s.order), len(s.present))
	}
	s.Reconnected()
	old, young := message("bob", "4", ""), message("bob", "5", "")
	if s.Has(old, true) || !s.Has(young, true) || !s.Has(young, true) || s.Has(young, true) {
		t.Error("the wrong ones are forgotten")
	}
	for range 3 * maxRecords {
		s.AddLine("bob", "the same", "")
	}
	if len(s.present) != 1 || len(s.present["bob: the same"]) != maxRecords || len(s.earlier) != 0 {
		t.Errorf("%d and %d lines are known", len(s.present), len(s.earlier))
	}
	forgotten := s.AddLine("alice", "hi", "")
	for range maxRecords {
		s.AddLine("bob", "the same", "")
	}
	s.CameBack(forgotten, message("alice", "HI", ""))
	if len(s.present) != 1 {
		t.Error("a message that was forgotten is known again")
	}
	for id := range uint64(maxOwnIDs + 10) {
		s.Accepted("", id+1)
		s.Accepted("", id+1)
	}
	if len(s.own) != maxOwnIDs || s.Has(numbered(10), false) || !s.Has(numbered(11), false) {
		t.Errorf("%d own ids", len(s.own))
	}
}

// A history of one line, said again and again, costs no more than one of many.
func BenchmarkRepeatedHistory(b *testing.B) {
	for name, text := range map[string]func(i int) string{"one line": func(int) string { return "hi" }, "many lines": func(i int) string { return fmt.Sprint(i) }} {
		b.Run(name, func(b *testing.B) {
			for b.Loop() {
				var s Messages
				for i := range maxRecords {
					s.Add(message("bob", text(i), fmt.Sprint(i)))
				}
				s.Reconnected()
				for i := range maxRecords {
					if !s.Has(message("bob", text(i), fmt.Sprint(i)), true) {
						b.Fatal("it was shown")
					}
				}
			}
		})
	}
}

// Long texts are known again, and not kept.
func TestLongTexts(t *testing.T) {
	var s Messages
	long := strings.Repeat("x", 1<<20)
	for i := range 3 {
		s.Add(message("bob", long+fmt.Sprint(i), long))
	}
	for line, records := range s.present {
		if len(line) > 300 || len(records[0].stamp) > 300 {
			t.Errorf("%d bytes are kept of a text, %d of its time", len(line), len(records[0].stamp))
		}
	}
	s.Reconnected()
	if !s.Has(message("bob", long+"1", long), true) || s.Has(message("bob", long+"4", long), true) {
		t.Error("they are not told apart")
	}
}
