package chatlog

import (
	"testing"
	"time"

	"parley/eventloop/client/timeline"
)

// What becomes of a text is written with the time at which it was said, once, and what is
// told again is not.
func TestChanges(t *testing.T) {
	folder := t.TempDir()
	c := begin(t, folder, false)
	said := func(number uint64, sender, text string) timeline.Entry {
		e := message(sender, text)
		e.Number, e.At = number, noon
		return e
	}
	c.line.Add(said(1, "bob", "one"))
	eve := said(2, "eve", "spam")
	eve.Like = "Eve1"
	c.line.Add(eve)
	again := said(1, "bob", "one")
	again.From, again.In = again.In, timeline.Conversation{Place: timeline.Again}
	c.line.Add(again)
	c.line.Amend(1, func(e *timeline.Entry) { e.Text, e.Marks.Edited = "uno\ndue", true })
	c.line.Amend(1, func(e *timeline.Entry) { e.Marks.Reactions = timeline.React(nil, "+1", "carl", true) })
	c.line.Amend(2, func(e *timeline.Entry) {
		e.Text, e.Marks = "", timeline.Marks{Removed: true, By: "mod", Why: "not\nhere", Likes: map[string]string{"mod": "m0d"}}
	})
	c.line.Amend(2, func(e *timeline.Entry) { e.Text = "" })
	c.ends()
	want := `2026-08-03T12:00:00Z bob: one
2026-08-03T12:00:00Z eve (not Eve1): spam
2026-08-03T12:00:00Z bob (edited): uno
	due
2026-08-03T12:00:00Z eve (not Eve1) (removed by mod (not m0d)): not here
`
	c.holds("lobby.log", want)

	// The history has them as they are now, which is in the file already.
	c = begin(t, folder, false)
	one, two := old(said(1, "bob", "uno\ndue"), noon), old(said(2, "eve", ""), noon)
	one.Marks.Edited = true
	two.Like, two.Marks = "Eve1", timeline.Marks{Removed: true, By: "mod", Why: "not\nhere", Likes: map[string]string{"mod": "m0d"}}
	c.line.Add(one)
	c.line.Add(two)
	three := old(said(3, "x", ""), noon.Add(time.Hour))
	three.Marks = timeline.Marks{Removed: true, By: "a b"}
	c.line.Add(three)
	c.ends()
	c.holds("lobby.log", want+"2026-08-03T13:00:00Z x (removed by \"a b\"): \n")
}
