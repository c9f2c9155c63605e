package protocol

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// What has become of a message is shown beside its text, and so that nobody can write it.
func TestPlainMessageWithMarks(t *testing.T) {
	edited, removed := &Marks{Edited: time.Unix(1, 0)}, &Marks{Removed: &Removal{By: "bob"}}
	liked := &Marks{Reactions: []Reaction{{Word: "+1", Names: []string{"anna", "bob"}}, {Word: "😀", Names: []string{"carl"}}}}
	many := &Marks{Reactions: []Reaction{{Word: "+1", Names: strings.Fields("a b c d e f g")}}}
	quote := func(text string) *Notes { return &Notes{Quote: &Quote{"bob", text}} }
	for name, tt := range map[string]struct {
		text  string
		data  Data
		notes *Notes
		want  string
	}{
		"nothing":                  {text: "hi", want: "hi"},
		"edited":                   {text: "hi", data: Data{Marks: edited}, want: "hi (edited)"},
		"edited in a room":         {text: "hi", data: Data{Room: "den", Marks: edited}, want: "(in den) hi (edited)"},
		"reactions":                {text: "hi", data: Data{Marks: liked}, want: "hi\n(reactions: +1 anna, bob; 😀 carl)"},
		"many reactions":           {text: "hi", data: Data{Marks: many}, want: "hi\n(reactions: +1 a, b, c, d, e and 2 more)"},
		"edited, with reactions":   {text: "hi", data: Data{Event: EventDirect, Marks: &Marks{Edited: edited.Edited, Reactions: liked.Reactions}}, want: "(to you alone) hi (edited)\n(reactions: +1 anna, bob; 😀 carl)"},
		"removed":                  {data: Data{Marks: removed}, want: "(removed by bob)"},
		"removed, with a reason":   {data: Data{Marks: &Marks{Removed: &Removal{By: "bob", Why: "spam"}}}, want: "(removed by bob: spam)"},
		"removed by the operator":  {data: Data{Marks: &Marks{Removed: &Removal{}}}, want: "(removed by the server's owner)"},
		"removed in a room":        {data: Data{Room: "den", Marks: removed}, want: "(removed by bob) (in den)"},
		"removed direct message":   {data: Data{Event: EventDirect, Marks: removed}, want: "(removed by bob) (to you alone)"},
		"one's own":                {data: Data{Event: EventDelivered, To: "bob", Marks: removed}, want: "(removed by bob) (to bob alone)"},
		"an answer":                {text: "yes", data: Data{Re: 12}, notes: quote("are you there?"), want: `(re bob: "are you there?") yes`},
		"an answer to another":     {text: "yes", data: Data{Re: 12}, want: "(re 12) yes"},
		"an answer in a room":      {text: "yes", data: Data{Re: 12, Room: "den"}, notes: quote("hi"), want: `(re bob: "hi") (in den) yes`},
		"an answer that was taken": {data: Data{Re: 12, Marks: removed}, notes: quote("hi"), want: "(removed by bob)"},
		"40 characters":            {text: "y", data: Data{Re: 12}, notes: quote(strings.Repeat("å", 40)), want: `(re bob: "` + strings.Repeat("å", 40) + `") y`},
		"41 characters":            {text: "y", data: Data{Re: 12}, notes: quote(strings.Repeat("å", 41)), want: `(re bob: "` + strings.Repeat("å", 40) + `...") y`},
		"lines":                    {text: "y", data: Data{Re: 12}, notes: quote("one\n\ttwo  three\n"), want: `(re bob: "one two three") y`},
		"a quote with an end":      {text: "y", data: Data{Re: 12}, notes: quote(`hi") I am ”bad“ （x）`), want: `(re bob: "hi'] I am 'bad' [x]") y`},
		"a reason with an end":     {data: Data{Room: "den", Marks: &Marks{Removed: &Removal{By: "bob", Why: "x) (in den) I am bad"}}}, want: "(removed by bob: x] [in den] I am bad) (in den)"},
		"who writes it themselves": {text: "(removed by bob)", want: "(in lobby) (removed by bob)"},
		"in a room":                {text: `(re bob: "hi") yes`, data: Data{Room: "den"}, want: `(in den) (re bob: "hi") yes`},
		"beside a real one":        {text: "(removed by bob)", data: Data{Re: 12}, want: "(re 12) (in lobby) (removed by bob)"},
		"with its number":          {text: "hi", data: Data{ID: 12}, notes: &Notes{Number: true}, want: "(12) hi"},
		"with number and all":      {text: "hi", data: Data{ID: 12, Re: 7, Room: "den", Marks: edited}, notes: &Notes{Number: true, Quote: &Quote{"bob", "x"}}, want: `(12) (re bob: "x") (in den) hi (edited)`},
		"removed, with its number": {data: Data{ID: 12, Room: "den", Marks: removed}, notes: &Notes{Number: true}, want: "(12) (removed by bob) (in den)"},
	} {
		r := Response{Time: noon, Sender: "alice", Kind: KindMessage, Content: tt.text, Data: &tt.data, Notes: tt.notes}
		frames := PlainFrames(r)
		if len(frames) != 1 {
			t.Fatalf("%s: %q", name, frames)
		}
		if diff := cmp.Diff(tt.want, decoded(t, frames[0]).Content); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
		h := said()
		h.History = []Response{r}
		for _, form := range forms {
			frames, _ := PlainHistory(h, form, 10)
			if got := strings.Join(texts(t, frames), "\n"); got != tt.want { // a line of the text form may be of the one before
				t.Errorf("%s, as %s: %q", name, form, got)
			}
		}
	}
}

// Of a message in several parts the first one says what it answers, and the last one that it
// was edited.
func TestLongPlainMessageWithMarks(t *testing.T) {
	r := Response{Time: noon, Sender: "alice", Kind: KindMessage, Content: strings.Repeat("å", 1500), Data: &Data{Room: "den", Re: 12, Marks: &Marks{Edited: noon}}}
	var got []string
	for _, frame := range PlainFrames(r) {
		if len(frame) > MaxPlainText {
			t.Errorf("%d bytes", len(frame))
		}
		content := decoded(t, frame).Content
		got = append(got, strings.ReplaceAll(content, "å", ""))
	}
	want := []string{"(re 12) (in den) ", "(in den) ", "(in den)  (edited)"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	why := Response{Time: noon, Sender: "alice", Kind: KindMessage, Data: &Data{Marks: &Marks{Removed: &Removal{By: "bob", Why: strings.Repeat("å", 2000)}}}}
	if frames := PlainFrames(why); len(frames) < 2 {
		t.Errorf("%d frames of a long reason", len(frames))
	}
}
