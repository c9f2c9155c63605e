package timeline

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

func saidBy(sender, text string) Entry {
	return Entry{In: Conversation{Place: Lobby}, Sender: sender, Text: text}
}

func toMe(sender, text string) Entry {
	return Entry{In: With(Direct, sender), Sender: sender, Text: text}
}

func texts(entries []Entry) (all []string) {
	for _, e := range entries {
		all = append(all, e.Text)
	}
	return all
}

func TestPages(t *testing.T) {
	var line Timeline
	for i := range 5 {
		line.Add(saidBy("bob", fmt.Sprint("public ", i)))
		line.Add(toMe("Bob", fmt.Sprint("direct ", i)))
	}
	newest := line.Page(Conversation{Place: Lobby}, 0, 2)
	if diff := cmp.Diff([]string{"public 3", "public 4"}, texts(newest)); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff([]string{"public 1", "public 2"}, texts(line.Page(Conversation{Place: Lobby}, newest[0].ID, 2))); diff != "" {
		t.Error(diff)
	}
	if got := line.Page(Conversation{Place: Lobby}, 1, 2); len(got) != 0 {
		t.Errorf("before the first one: %v", texts(got))
	}
	if got := line.Page(With(Direct, "BOB"), 0, 100); len(got) != 5 {
		t.Errorf("with bob: %v", texts(got))
	}
	if With(Direct, "\u212Aate") == With(Direct, "Kate") {
		t.Error("the sign for kelvin is the letter k")
	}
	if got := line.Page(With(Private, "bob"), 0, 100); got != nil {
		t.Errorf("privately with bob: %v", texts(got))
	}
}

func TestUpdate(t *testing.T) {
	var line Timeline
	var changes []string
	line.Subscribe(func(c Change) {
		changes = append(changes, fmt.Sprintf("%d %v %d->%d", c.Entry.ID, c.Updated, c.Before.State, c.Entry.State))
	})
	id := line.Add(Entry{In: Conversation{Place: Lobby}, Own: true, Text: "hi", State: Typed})
	if !line.Update(id, func(e *Entry) { e.State, e.ID, e.In = Sent, 99, With(Direct, "x") }) {
		t.Error("it is not there")
	}
	if line.Update(99, func(*Entry) { t.Error("there is no such entry") }) {
		t.Error("what is not there was changed")
	}
	if e, ok := line.Lookup(id); !ok || e.State != Sent || e.ID != id || e.In.Place != Lobby {
		t.Errorf("%+v", e)
	}
	if diff := cmp.Diff([]string{"1 false 0->1", "1 true 1->2"}, changes); diff != "" {
		t.Error(diff)
	}
}

func TestUnread(t *testing.T) {
	var line Timeline
	lobby := Conversation{Place: Lobby}
	counts := func() string {
		for _, s := range line.Conversations() {
			if s.In == lobby {
				return fmt.Sprintf("%d %d", s.Unread, s.Mentions)
			}
		}
		return "none"
	}
	for _, e := range []Entry{
		saidBy("bob", "one"), {In: lobby, Sender: "bob", Text: "alice!", Mention: true}, {In: lobby, Own: true}, {In: lobby, Old: true},
		saidBy("bob", "two"),
	} {
		line.Add(e)
	}
	line.Add(Entry{Kind: Notice, Text: "nobody has to read that"})
	if got := counts(); got != "3 1" {
		t.Error(got)
	}
	line.Read(lobby, 2)
	line.Read(lobby, 1)
	if got := counts(); got != "1 0" {
		t.Error(got)
	}
	line.Read(lobby, 5)
	if got := counts(); got != "0 0" {
		t.Error(got)
	}
}

// A conversation keeps its number, and what was read of it by the numbers of a log.
func TestRoomsOfATimeline(t *testing.T) {
	var line Timeline
	lobby, ops := Conversation{Place: Lobby}, With(Room, "OPS")
	line.Add(Entry{Kind: Notice, Text: "no conversation"})
	line.Open(lobby, "")
	line.Open(ops, "Ops")
	there := func(n uint64, text string) ID {
		return line.Add(Entry{In: ops, Room: "ops", Sender: "bob", Text: text, Number: n, Held: n == 7})
	}
	line.Add(saidBy("bob", "hi"))
	there(5, "five")
	line.Add(Entry{In: ops, Room: "ops", Kind: Presence, Text: "carl has come"})
	line.Add(toMe("Bob", "psst"))
	there(7, "seven")
	show := func() string {
		s, ok := line.Summary(ops)
		return fmt.Sprintf("%s %d: %d new, %d read, held %v, %v", s.Name, s.Index, s.Unread, s.Read, s.Held, ok)
	}
	step := func(want string, do func()) {
		t.Helper()
		if do(); show() != want {
			t.Errorf("%s, not %s", show(), want)
		}
	}
	step("ops 2: 2 new, 0 read, held true, true", func() {})
	step("ops 2: 1 new, 5 read, held true, true", func() { line.ReadNumber(ops, 6) })
	step("ops 2: 1 new, 5 read, held true, true", func() { line.ReadNumber(ops, 4) })
	step("ops 2: 0 new, 7 read, held false, true", func() { line.Look(ops) })
	step("ops 2: 1 new, 7 read, held false, true", func() { there(9, "nine") })
	step("ops 2: 1 new, 0 read, held false, true", line.ForgetNumbers)
	if s, _ := line.Summary(With(Direct, "bob")); s.Index != 3 || s.Name != "Bob" {
		t.Errorf("%+v", s)
	}
	if _, ok := line.Summary(With(Room, "dev")); ok {
		t.Error("there is a conversation that nobody has begun")
	}
}

// What is new to who looks at a conversation is what was not read, and what came since
// the person went away, until somebody has looked.
func TestNewSince(t *testing.T) {
	var line Timeline
	ops, dev := With(Room, "ops"), With(Room, "dev")
	add := func(c Conversation) ID { return line.Add(Entry{In: c, Room: c.Name, Sender: "bob"}) }
	first := func(c Conversation) ID {
		s, _ := line.Summary(c)
		return s.New
	}
	one := add(ops)
	line.Read(ops, one)
	line.Mark()
	two := add(ops)
	three := add(dev)
	line.Read(ops, two)
	line.Read(dev, three)
	if first(ops) != two || first(dev) > three {
		t.Errorf("new from %d and %d on", first(ops), first(dev))
	}
	line.Look(ops)
	if first(ops) <= two || first(dev) > three {
		t.Errorf("after a look new from %d and %d on", first(ops), first(dev))
	}
	four := add(ops)
	if first(ops) > four {
		t.Errorf("%d is not new, but from %d on", four, first(ops))
	}
}

func TestNamesOfConversations(t *testing.T) {
	var line Timeline
	line.Add(toMe("bob", "hi"))
	line.Add(Entry{In: With(Direct, "bob"), Own: true, Sender: "alice", To: "BOB"})
	line.Add(toMe("Carol", "hi"))
	line.Add(saidBy("dora", "hi"))
	var names []string
	for _, s := range line.Conversations() {
		names = append(names, fmt.Sprintf("%d %s %s", s.In.Place, s.In.Name, s.Name))
	}
	if diff := cmp.Diff([]string{"2 bob BOB", "2 carol Carol", "1  "}, names); diff != "" {
		t.Error(diff)
	}
}

func TestBounds(t *testing.T) {
	var line Timeline
	for i := range MaxEntries + 10 {
		line.Add(saidBy("bob", fmt.Sprint(i)))
	}
	if got := line.Page(Conversation{Place: Lobby}, 0, 2*MaxEntries); len(got) != MaxEntries || got[0].Text != "10" {
		t.Errorf("%d entries from %q on", len(got), got[0].Text)
	}
	if s := line.Conversations()[0]; s.Unread != MaxEntries {
		t.Errorf("%d are not read", s.Unread)
	}
	big := strings.Repeat("x", MaxText-entrySize-len("bob"))
	for range 100 {
		line.Add(toMe("bob", big))
	}
	if got := line.Page(With(Direct, "bob"), 0, 100); len(got) != MaxBytes/MaxText {
		t.Errorf("%d texts of %d bytes are kept", len(got), len(big))
	}
	line.Add(Entry{Kind: Notice})
	for i := range MaxConversations + 5 {
		line.Add(toMe(fmt.Sprint("user", i), "hi"))
	}
	all := line.Conversations()
	if len(all) != MaxConversations+2 || all[0].In.Place != Lobby || all[1].In.Place != Status || all[2].Name != "user5" {
		t.Errorf("%d conversations, %+v", len(all), all[:3])
	}
}

// What is too long is cut, in whole characters, and all that is kept is bounded.
func TestTooMuch(t *testing.T) {
	var line Timeline
	long := strings.Repeat("é", MaxText)
	id := line.Add(toMe("x"+long, "x"+long))
	if e, _ := line.Lookup(id); len(e.Text) != MaxText-1 || e.Left != MaxText+2 || len(e.Sender) != maxField-1 || e.In != With(Direct, e.Sender) {
		t.Errorf("%d bytes of text, %d left, %d of sender", len(e.Text), e.Left, len(e.Sender))
	}
	line.Add(saidBy("bob", "public"))
	for i := range 30 {
		for range MaxBytes / MaxText {
			line.Add(toMe(fmt.Sprint("user", i), long))
		}
	}
	all := line.Conversations()
	if line.bytes() > MaxTotal || line.bytes() < MaxTotal-MaxBytes || all[0].In.Place != Lobby || all[len(all)-1].Name != "user29" {
		t.Errorf("%d bytes, %d conversations", line.bytes(), len(all))
	}
}

// Whatever is added, changed and read: what is kept is the newest, in order, and the
// counts are those of what is kept and not read.
func TestAnything(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var line Timeline
		places := []Conversation{{Place: Lobby}, With(Direct, "bob"), With(Private, "bob"), {}}
		added := make(map[Conversation]int)
		read, last := make(map[Conversation]ID), make(map[Conversation]ID)
		for range rapid.IntRange(0, 200).Draw(t, "steps") {
			c := rapid.SampledFrom(places).Draw(t, "conversation")
			switch rapid.IntRange(0, 9).Draw(t, "step") {
			case 0:
				upTo := ID(rapid.IntRange(0, 200).Draw(t, "read"))
				line.Read(c, upTo)
				read[c] = max(read[c], min(upTo, last[c]))
			case 1:
				line.Update(ID(rapid.IntRange(0, 200).Draw(t, "update")), func(e *Entry) { e.Text += "!" })
			default:
				last[c] = line.Add(Entry{In: c, Own: rapid.Bool().Draw(t, "own"), Mention: rapid.Bool().Draw(t, "mention")})
				added[c]++
			}
		}
		for _, s := range line.Conversations() {
			page := line.Page(s.In, 0, 1000)
			unread, mentions := 0, 0
			for i, e := range page {
				if i > 0 && e.ID <= page[i-1].ID {
					t.Fatalf("%d stands behind %d", e.ID, page[i-1].ID)
				}
				if !e.Own && e.ID > read[s.In] {
					unread++
					if e.Mention {
						mentions++
					}
				}
			}
			if len(page) != added[s.In] || s.Unread != unread || s.Mentions != mentions {
				t.Fatalf("%+v: %d entries of %d, %d not read, %d mentions", s, len(page), added[s.In], unread, mentions)
			}
		}
	})
}
