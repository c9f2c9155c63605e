package view

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/go-json-experiment/json/jsontext"

	"parley/eventloop/client/timeline"
	"parley/protocol/printable"
)

// A Pipe is the view of a program that reads lines of text: what others say and the
// server's words, each with the time. Whatever has gone wrong and the client's own
// words go to where errors go.
type Pipe struct {
	Layout Layout
	Out    io.Writer
	Errors io.Writer
	Broken func() // is called when Out cannot be written to; may be nil

	status Status
}

// Changed writes an entry. What was typed is not written again.
func (p *Pipe) Changed(c timeline.Change) {
	e := c.Entry
	switch {
	case c.Updated || e.Own && e.State != timeline.Foreign || e.Kind == timeline.Gap:
	case e.Kind >= timeline.Notice || e.Kind == timeline.Failure:
		writeNotice(p.Errors, e)
	default:
		clock, _ := new(days).when(&p.Layout, e)
		x := p.Layout.ready(e, p.status, clock)
		lines, _ := x.lines(0, 0)
		write(p.Out, strings.Join(x.draw(lines), "\n"), p.Broken)
	}
}

// Received does nothing: what a response says comes as entries.
func (p *Pipe) Received([]byte, Known) {}

// Status notes who one is.
func (p *Pipe) Status(s Status) { p.status = s }

// Look does nothing: all that is said has been written.
func (p *Pipe) Look(Look) {}

// Expand does nothing: all of a text is written when it comes.
func (p *Pipe) Expand(timeline.Entry, int) {}

// Clear does nothing.
func (p *Pipe) Clear() {}

// Frames is the view of a program that reads the server's responses as they came, one
// on a line. What a terminal should not see is written as escapes.
type Frames struct {
	Out    io.Writer
	Errors io.Writer
	Broken func() // is called when Out cannot be written to; may be nil
}

// Changed writes the client's own words; all else is in the frames.
func (f *Frames) Changed(c timeline.Change) {
	if k := c.Entry.Kind; !c.Updated && (k == timeline.Failure || k >= timeline.Notice && k != timeline.Gap) {
		writeNotice(f.Errors, c.Entry)
	}
}

// Received writes a response. What is known beside it, and a program has to know, is
// added to its data, which it must have.
func (f *Frames) Received(frame []byte, known Known) {
	var b bytes.Buffer
	if json.Compact(&b, frame) != nil {
		b.Reset()
		b.Write(bytes.ReplaceAll(frame, []byte("\n"), []byte(" ")))
	}
	line := b.Bytes()
	if fields := known.fields(); len(fields) > 0 {
		line = withData(line, fields)
	}
	write(f.Out, string(printable.JSON(line)), f.Broken)
}

// Known is what is known of a response that does not say it itself.
type Known struct {
	Log  string // names the log of the numbers in it: a number means something there only
	Room string // in which it was said, where the server leaves that out: the lobby
}

// fields are these as members of a JSON object, each with a comma behind it.
func (k Known) fields() (b []byte) {
	for _, f := range []struct{ key, value string }{{"log", k.Log}, {"room", k.Room}} {
		if f.value != "" {
			value, _ := json.Marshal(f.value)
			b = fmt.Appendf(b, `"%s":%s,`, f.key, value)
		}
	}
	return b
}

// withData returns a frame with fields as the first ones of its data, which is not empty;
// as it is if it has none.
func withData(frame, fields []byte) []byte {
	dec := jsontext.NewDecoder(bytes.NewReader(frame), jsontext.AllowDuplicateNames(true))
	if dec.PeekKind() != '{' {
		return frame
	}
	_, err := dec.ReadToken()
	for err == nil && dec.PeekKind() == '"' {
		key, _ := dec.ReadToken()
		if key.String() == "data" && dec.PeekKind() == '{' {
			_, _ = dec.ReadToken()
			return slices.Insert(bytes.Clone(frame), int(dec.InputOffset()), fields...)
		}
		err = dec.SkipValue()
	}
	return frame
}

// Status does nothing.
func (f *Frames) Status(Status) {}

// Look does nothing: all that is said has been written.
func (f *Frames) Look(Look) {}

// Expand does nothing: all of a text is written when it comes.
func (f *Frames) Expand(timeline.Entry, int) {}

// Clear does nothing.
func (f *Frames) Clear() {}

func write(w io.Writer, line string, broken func()) {
	if _, err := io.WriteString(w, line+"\n"); err != nil && broken != nil {
		broken()
	}
}

// writeNotice writes words of the client's own, or those of the server's that tell what
// went wrong, whose further lines are indented.
func writeNotice(w io.Writer, e timeline.Entry) {
	text, _ := safe(strings.TrimSpace(e.WithHint()))
	if e.Kind == timeline.Failure {
		text = strings.ReplaceAll(text, "\n", "\n"+hangFor(0))
	}
	fmt.Fprintln(w, "parley: "+text)
}

func moreWords(rows int, id timeline.ID, page int) string {
	return fmt.Sprintf("%d more rows: /show %d %d", rows, id, page)
}

// Line returns a text safe and on one line, for use in a sentence.
func Line(text string) string { return safeLine(text, maxShown) }

// Says tells what the server says, which it does at the end of its line only: nothing
// shows where it ends.
func Says(words string) string { return "The server says: " + Line(words) }

// Quote returns the beginning of a text in quotation marks, safe and on one line, for
// use in a sentence.
func Quote(text string) string {
	const columns = 40
	return quoted(text, columns, "...")
}
