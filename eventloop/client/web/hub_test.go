package web

import (
	"encoding/json"
	"slices"
	"testing"

	"parley/eventloop/client/timeline"
)

// A page is not told what is for who types lines at a terminal, and not again what an answer tells.
func TestWhichWordsAPageIsTold(t *testing.T) {
	for _, c := range []struct {
		e    timeline.Entry
		want []string
	}{
		{timeline.Entry{Kind: timeline.Notice, Text: "You are in dev."}, []string{"You are in dev."}},
		{timeline.Entry{Kind: timeline.Notice, Text: "You are in dev.", Hint: " What you type is said there."}, []string{"You are in dev."}},
		{timeline.Entry{Kind: timeline.Error, Text: "There is no such command.", Answered: true}, nil},
		{timeline.Entry{Kind: timeline.Notice, Hint: "What you type is for everybody again."}, nil},
	} {
		h := newHub("run")
		var got []string
		h.Changed(timeline.Change{Entry: c.e})
		for _, b := range h.events {
			var f Frame
			if err := json.Unmarshal(b, &f); err != nil {
				t.Fatal(err)
			}
			got = append(got, f.Entry.Text)
		}
		if !slices.Equal(got, c.want) {
			t.Errorf("of %q and %q it is told %q, not %q", c.e.Text, c.e.Hint, got, c.want)
		}
	}
}
