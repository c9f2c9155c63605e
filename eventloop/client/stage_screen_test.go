package client

import (
	"slices"

	"parley/eventloop/client/timeline"
)

// stageTerminal is the keyboard and the screen of a stage.
type stageTerminal struct{ s *stage }

func (t stageTerminal) Input() <-chan Input     { return nil }
func (t stageTerminal) Next()                   { t.s.say("next") }
func (t stageTerminal) Active() <-chan struct{} { return nil }
func (t stageTerminal) SetPrompt(p string)      { t.s.prompt = p }
func (t stageTerminal) SetSecret(on bool)       { t.s.hidden = on; t.s.secrets++ }
func (t stageTerminal) SetTitle(title string)   { t.s.title = title }
func (t stageTerminal) Bell()                   { t.s.say("bell<") }
func (t stageTerminal) Clear()                  { t.s.say("clear<") }
func (t stageTerminal) Edit(text string)        { t.s.say("edit< " + escaped(text)) }
func (t stageTerminal) Close() error            { return nil }

func (t stageTerminal) Remember(line string, keep bool) {
	direction := "recall< "
	if keep {
		direction = "keep< "
	}
	t.s.say(direction + escaped(line))
}

func (t stageTerminal) Show(id uint64, block func(columns int) []string) {
	if id != 0 {
		t.s.shown = append(t.s.shown, id)
	}
	for _, row := range block(t.s.columns) {
		t.s.say("screen< " + row)
	}
}

// Replace draws a block again that is not too far up.
func (t stageTerminal) Replace(id uint64, block func(columns int) []string) bool {
	const visible = 10
	i := slices.Index(t.s.shown, id)
	if i < 0 || len(t.s.shown)-i > visible {
		return false
	}
	for _, row := range block(t.s.columns) {
		t.s.say("redraw< " + row)
	}
	return true
}

// stageWriter is where a pipe is written to.
type stageWriter struct {
	s      *stage
	prefix string
}

func (w stageWriter) Write(b []byte) (int, error) {
	w.s.sayLines(w.prefix, string(b))
	return len(b), nil
}

// A pageView shows what a page shows, as a screen does.
type pageView struct{ View }

func (v pageView) Changed(c timeline.Change) {
	if c.Entry.ForPage() {
		c.Before.Hint, c.Entry.Hint = "", ""
		v.View.Changed(c)
	}
}

// pageTold notes which words of the client's own a page is told beside a terminal.
func (s *stage) pageTold(c timeline.Change) {
	if e := c.Entry; !c.Updated && e.ForPage() && e.Kind >= timeline.Notice && e.Kind != timeline.Gap {
		s.say("page< " + escaped(e.Text))
	}
}
