package timeline

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func said(number uint64, in Conversation, text string) Entry {
	return Entry{In: in, Sender: "bob", Number: number, Text: text}
}

// A message is changed wherever it stands, with what others quote of it.
func TestAmend(t *testing.T) {
	var line Timeline
	lobby, ops := Conversation{Place: Lobby}, With(Room, "ops")
	line.Add(said(1, lobby, "one"))
	line.Add(said(2, ops, "two"))
	again := said(1, Conversation{Place: Again}, "one")
	again.From = lobby
	line.Add(again)
	answer := said(3, ops, "three")
	answer.Re = QuoteOf(said(1, lobby, "one"))
	line.Add(answer)
	line.Add(Entry{In: lobby, Kind: Notice, Number: 1, Text: "none"})
	var changed []string
	line.Subscribe(func(c Change) { changed = append(changed, fmt.Sprint(c.Entry.ID, " ", c.Entry.Text, c.Entry.Re)) })

	now, known := line.Amend(1, func(e *Entry) { e.Text, e.Marks.Edited = "uno", true })
	if !known || now.ID != 1 || now.Text != "uno" {
		t.Errorf("it is %+v, %v", now, known)
	}
	if diff := cmp.Diff([]string{"1 uno{0   }", "3 uno{0   }", "4 three{1 bob  uno}"}, changed); diff != "" {
		t.Error(diff)
	}
	changed = nil
	line.Amend(1, func(e *Entry) { e.Text, e.Marks = "", Marks{Removed: true} })
	if diff := cmp.Diff([]string{"1 {0   }", "3 {0   }", "4 three{1   }"}, changed); diff != "" {
		t.Error(diff)
	}
	if _, known := line.Amend(9, func(*Entry) { t.Error("there is none") }); known {
		t.Error("it is known")
	}
	if e, ok := line.Numbered(1); !ok || e.ID != 1 {
		t.Errorf("number 1 is %+v, %v", e, ok)
	}
	if _, ok := line.Numbered(0); ok {
		t.Error("0 is no number")
	}
}

// What is told again is in no list of conversations, is not counted, and is not heard.
func TestAgain(t *testing.T) {
	var line Timeline
	heard := 0
	line.Subscribe(func(c Change) {
		if c.Heard() || c.Said() {
			heard++
		}
	})
	e := said(1, Conversation{Place: Again}, "one")
	e.From = With(Direct, "bob")
	line.Add(e)
	if list := line.Conversations(); len(list) != 0 || heard != 0 {
		t.Errorf("%+v, heard %d", list, heard)
	}
	s, ok := line.Summary(e.In)
	if !ok || s.Unread != 0 || s.Index != 0 {
		t.Errorf("%+v, %v", s, ok)
	}
	if e.Where() != e.From || e.With() != "bob" {
		t.Errorf("it was said in %v, with %q", e.Where(), e.With())
	}
	if e, ok := line.Numbered(1); !ok || e.Text != "one" {
		t.Errorf("%+v, %v", e, ok)
	}
}

func TestReact(t *testing.T) {
	var list []Reaction
	step := func(word, name string, on bool, want string) {
		t.Helper()
		before := fmt.Sprint(list)
		next := React(list, word, name, on)
		if got := fmt.Sprint(next); got != want {
			t.Errorf("%s %s %v: %s, not %s", word, name, on, got, want)
		}
		if fmt.Sprint(list) != before {
			t.Error("the list before was changed")
		}
		list = next
	}
	step("+1", "bob", true, "[{+1 [bob] 0}]")
	step("+1", "bob", true, "[{+1 [bob] 0}]")
	step("+1", "anna", true, "[{+1 [bob anna] 0}]")
	step("ok", "anna", true, "[{+1 [bob anna] 0} {ok [anna] 0}]")
	step("+1", "bob", false, "[{+1 [anna] 0} {ok [anna] 0}]")
	step("no", "bob", false, "[{+1 [anna] 0} {ok [anna] 0}]")
	step("+1", "anna", false, "[{ok [anna] 0}]")
	list = []Reaction{{Word: "+1", Names: []string{"bob"}, More: 1}}
	step("+1", "carl", false, "[{+1 [bob] 0}]")
}

// What is kept of marks is bounded, and counts for the size of a conversation.
func TestMarksAreBounded(t *testing.T) {
	e := said(1, Conversation{Place: Lobby}, "one")
	e.Re = Quote{1, "bob", strings.Repeat("y", 1<<20), strings.Repeat("x", 1<<20)}
	e.Marks.Why = strings.Repeat("x", 1<<20)
	for i := range 100 {
		names := make([]string, 100)
		for j := range names {
			names[j] = strings.Repeat("n", 100)
		}
		e.Marks.Reactions = append(e.Marks.Reactions, Reaction{Word: fmt.Sprint(i, strings.Repeat("w", 1000)), Names: names})
	}
	e.Cut()
	if n := e.size(); n > 200_000 || len(e.Marks.Reactions) != maxReactions {
		t.Errorf("%d bytes, %d reactions", n, len(e.Marks.Reactions))
	}
	if r := e.Marks.Reactions[0]; len(r.Names)+r.More != 100 || len(r.Word) > maxWord {
		t.Errorf("%d names and %d more, %d bytes", len(r.Names), r.More, len(r.Word))
	}
}
