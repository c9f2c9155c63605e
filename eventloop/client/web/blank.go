package web

import (
	"parley/eventloop/client"
	"parley/eventloop/client/timeline"
	"parley/eventloop/client/view"
)

// A Blank is the terminal of a chat that has none: a Keyboard on which nothing is typed, and
// a View that shows nothing.
type Blank struct{}

// Input never gives anything, as Active does not.
func (Blank) Input() <-chan client.Input { return nil }

// Active never gives anything.
func (Blank) Active() <-chan struct{} { return nil }

// Next does nothing.
func (Blank) Next() {}

// Remember does nothing: a page has what was typed in the field.
func (Blank) Remember(string, bool) {}

// Edit does nothing.
func (Blank) Edit(string) {}

// Close does nothing.
func (Blank) Close() error { return nil }

// Changed does nothing.
func (Blank) Changed(timeline.Change) {}

// Received does nothing.
func (Blank) Received([]byte, view.Known) {}

// Status does nothing.
func (Blank) Status(view.Status) {}

// Look does nothing.
func (Blank) Look(view.Look) {}

// Expand does nothing.
func (Blank) Expand(timeline.Entry, int) {}

// Clear does nothing.
func (Blank) Clear() {}
