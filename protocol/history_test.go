package protocol

import (
	"bytes"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// said returns a history of messages by alice.
func said(texts ...string) Response {
	h := Response{Time: noon, Sender: ServerName, Kind: KindHistory, Ref: "7", Data: &Data{Event: EventHistory}}
	for i, text := range texts {
		h.History = append(h.History, Response{Time: noon, Sender: "alice", Kind: KindMessage, Content: text, Data: &Data{Event: EventMessage, ID: uint64(i + 1)}})
	}
	return h
}

func TestPlainHistory(t *testing.T) {
	h := said("hi", "odd}\n\"å\"")
	list := head + `"server","response":"history","content":`
	first := head + `"alice","response":"message","content":"hi"}`
	second := head + `"alice","response":"message","content":"odd\u007d\n\"\u00e5\""}`
	for _, tt := range []struct {
		form HistoryForm
		want []string
	}{
		{HistoryStrings, []string{list + `["\u007b\"timestamp\":\"2026-11-21T12:00:00Z\",\"sender\":\"alice\",\"response\":\"message\",\"content\":\"hi\"\u007d",` +
			`"\u007b\"timestamp\":\"2026-11-21T12:00:00Z\",\"sender\":\"alice\",\"response\":\"message\",\"content\":\"odd\\u007d\\n\\\"\\u00e5\\\"\"\u007d"]}`}},
		{HistoryObjects, []string{list + "[" + first + "," + second + "]}"}},
		{HistoryText, []string{list + `"2026-11-21T12:00:00Z alice: hi\n2026-11-21T12:00:00Z alice: odd\u007d\n\"\u00e5\""}`}},
		{HistoryReplay, []string{first, second}},
		{HistoryBoth, []string{list + "[]}", first, second}},
	} {
		t.Run(string(tt.form), func(t *testing.T) {
			var want, got []string
			for _, frame := range tt.want {
				want = append(want, frame+"\n")
			}
			frames, told := PlainHistory(h, tt.form, 10)
			for _, frame := range frames {
				got = append(got, string(frame.Bytes))
			}
			if told != 2 {
				t.Errorf("%d of 2 messages are told", told)
			}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

func TestPlainHistoryIsEmpty(t *testing.T) {
	for form, content := range map[HistoryForm]string{HistoryStrings: `[]`, HistoryObjects: `[]`, HistoryText: `""`, HistoryReplay: `""`, HistoryBoth: `[]`} {
		frames, _ := PlainHistory(said(), form, 1)
		want := head + `"server","response":"history","content":` + content + "}\n"
		if len(frames) != 1 || string(frames[0].Bytes) != want {
			t.Errorf("%s: %q", form, frames[0].Bytes)
		}
	}
}

// texts returns what a client reads of a history that comes in the given frames.
// asSaid returns frames of an extended history as those of a plain one.
func asSaid(frames [][]byte) (said []SaidFrame) {
	for _, frame := range frames {
		said = append(said, SaidFrame{Bytes: frame})
	}
	return said
}

func texts(t *testing.T, frames []SaidFrame) (got []string) {
	t.Helper()
	for _, frame := range frames {
		r := decoded(t, frame.Bytes)
		if r.Kind == KindMessage {
			r.History = []Response{r}
		}
		for _, m := range r.History {
			_, text, isLine := strings.Cut(m.Content, "alice: ") // the text form
			if !isLine {
				text = m.Content
			}
			got = append(got, text)
		}
	}
	return got
}

var forms = []HistoryForm{HistoryStrings, HistoryObjects, HistoryText, HistoryReplay, HistoryBoth}

// What does not fit is left out from the oldest on, and counted.
func TestPlainHistoryCutsTheOldest(t *testing.T) {
	var all []string
	for i := range 200 {
		all = append(all, fmt.Sprintf("message %d {å}", i))
	}
	for form, want := range map[HistoryForm]int{HistoryStrings: 60, HistoryObjects: 70, HistoryText: 150, HistoryReplay: 10, HistoryBoth: 9} {
		frames, told := PlainHistory(said(all...), form, 10)
		if len(frames) != 10 {
			t.Errorf("%s: %d frames", form, len(frames))
		}
		for _, frame := range frames {
			checkPlain(t, frame.Bytes, form == HistoryObjects)
			if len(frame.Bytes) > MaxPlainFrame {
				t.Errorf("%s: a frame of %d bytes that holds several messages", form, len(frame.Bytes))
			}
		}
		got := texts(t, frames)
		if diff := cmp.Diff(all[len(all)-told:], got); diff != "" {
			t.Errorf("%s is not the end of what was said (-want +got):\n%s", form, diff)
		}
		if told != want {
			t.Errorf("%s: %d messages, want %d", form, told, want)
		}
	}
}

// However many frames there may be, no more is told than there is room for.
func TestPlainHistoryIsBounded(t *testing.T) {
	all := slices.Repeat([]string{strings.Repeat("}", 1000)}, 1000) // of 6 kB each
	for _, form := range forms {
		frames, told := PlainHistory(said(all...), form, 1<<30)
		if size := SizeOf(frames); size > MaxPlainHistory+len(frames)*200 || size < MaxPlainHistory-10_000 {
			t.Errorf("%s: %d frames of %d bytes together", form, len(frames), size)
		}
		if got := len(texts(t, frames)); got < told || told == 0 {
			t.Errorf("%s: %d of %d messages", form, got, told)
		}
	}
}

// A frame has as many messages as fit, and one message stays whole where it does.
func TestPlainHistoryFillsFrames(t *testing.T) {
	for _, form := range []HistoryForm{HistoryStrings, HistoryObjects, HistoryText} {
		for most, before := range map[int][]string{MaxPlainFrame: {"hi"}, MaxPlainText: nil} {
			tell := func(size int) []SaidFrame {
				frames, told := PlainHistory(said(append(before, strings.Repeat("x", size))...), form, 2)
				if told != len(before)+1 {
					t.Errorf("%s: %d messages", form, told)
				}
				return frames
			}
			fits := most - len(tell(0)[0].Bytes)
			if got := tell(fits); len(got) != 1 || len(got[0].Bytes) != most {
				t.Errorf("%s: what fits is told in %d frames, the first of %d bytes", form, len(got), len(got[0].Bytes))
			}
			if frames, _ := PlainHistory(said(append(before, strings.Repeat("x", fits-3)+" xx")...), form, 2); len(frames) != 1 {
				t.Errorf("%s: what fits is cut between words", form)
			}
			if got := tell(fits + 1); len(got) != 2 || before == nil && len(got[0].Bytes) != most {
				t.Errorf("%s: a byte more is told in %d frames, the first of %d bytes", form, len(got), len(got[0].Bytes))
			}
		}
		if frames, told := PlainHistory(said("first", "hi"), form, 1); len(frames) != 1 || told != 2 {
			t.Errorf("%s: in one frame are %d messages", form, told)
		}
	}
}

// A message that is too large by itself comes in parts among the others, and
// none comes without its beginning.
func TestPlainHistoryTellsLargeMessages(t *testing.T) {
	large := strings.Repeat("å", 1000) // at least 6 bytes each
	for _, form := range forms {
		frames, told := PlainHistory(said("first", large, "second"), form, 20)
		for _, frame := range frames {
			checkPlain(t, frame.Bytes, form == HistoryObjects)
		}
		got := texts(t, frames)
		if n := len(got); told != 3 || got[0] != "first" || got[n-1] != "second" || strings.Join(got[1:n-1], "") != large {
			t.Errorf("%s: %d messages, %q", form, told, got)
		}
		most := len(frames) - 2 // there is no place for all parts
		frames, told = PlainHistory(said("first", large, "second"), form, most)
		if got := texts(t, frames); told != 1 || got[len(got)-1] != "second" || strings.Contains(strings.Join(got, ""), "å") {
			t.Errorf("%s: %d messages in %d frames, %q", form, told, most, got)
		}
	}
}

func TestExtendedHistory(t *testing.T) {
	h := said("hi", "odd}\n\"å\"")
	whole, told := ExtendedHistory(h)
	if diff := cmp.Diff(string(AppendExtended(nil, h)), string(bytes.Join(whole, nil))); diff != "" || told != 2 {
		t.Errorf("what fits is told whole (-want +got), %d messages:\n%s", told, diff)
	}
	if none, told := ExtendedHistory(said()); len(none) != 1 || told != 0 {
		t.Errorf("nothing is told as %q", none)
	}

	// Texts and tags of the largest size, written with 6 bytes for each.
	long := said(slices.Repeat([]string{strings.Repeat("\x00", MaxText)}, 10)...)
	long.Ref = strings.Repeat("\x00", MaxTag)
	long.Data.Log = strings.Repeat("l", 200)
	for size := range 100 {
		long.History[9].Content = strings.Repeat("\x00", MaxText-size)
		long.History[8].Content = strings.Repeat("x", 15000+7*size)
		frames, told := ExtendedHistory(long)
		for _, frame := range frames {
			if len(frame)-1 > MaxFrame {
				t.Fatalf("%d bytes", len(frame))
			}
		}
		if got := texts(t, asSaid(frames)); told != 10 || len(got) != 10 {
			t.Fatalf("%d of 10 messages, said to be %d", len(got), told)
		}
	}

	// What does not fit is sent as several, the newest kept together.
	var all []string
	for i := range 2000 {
		all = append(all, fmt.Sprintf("message %d {å}", i))
	}
	frames, told := ExtendedHistory(said(all...))
	if diff := cmp.Diff(all, texts(t, asSaid(frames))); diff != "" || told != len(all) {
		t.Errorf("%d messages; (-said +told):\n%s", told, diff)
	}
	for i, frame := range frames {
		if i > 0 && len(frame) < MaxFrame-400 || len(frame) > MaxFrame || decoded(t, frame).Data.More != (i < len(frames)-1) {
			t.Errorf("response %d of %d has %d bytes, and says %s", i, len(frames), len(frame), frame[len(frame)-60:])
		}
	}

	// All of it is what a slow reader may have waiting, and ends with the newest.
	var huge []string
	for i := range 1000 {
		huge = append(huge, fmt.Sprint(i, strings.Repeat("x", 1000)))
	}
	frames, told = ExtendedHistory(said(huge...))
	got := texts(t, asSaid(frames))
	if diff := cmp.Diff(huge[len(huge)-len(got):], got); diff != "" || told != len(got) {
		t.Errorf("not the end of what was said (-want +got):\n%s", diff)
	}
	if size := len(bytes.Join(frames, nil)); size > MaxHistory+len(frames)*200 || size < MaxHistory-2000 {
		t.Errorf("%d bytes", size)
	}
}
