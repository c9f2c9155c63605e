// Package chatlog appends what is said to text files, one for each conversation with
// each server: SERVER/lobby.log, SERVER/room-NAME.log, SERVER/direct-NAME.log, and
// SERVER/private-NAME.log if that is asked for. A line is
//
//	2026-08-03T12:00:00+02:00 bob: the text
//
// with a tab before the further lines of a text, which is safe for a terminal and whole as
// far as the timeline keeps it.
// The time is the server's where that is known, else the one at which the text came. A
// text of one's own is written when it is sent, and once more, with "(not sent)" behind
// it, if it turns out that it did not arrive. A text that is edited is written once more, as
// "bob (edited): the new text" with the time at which it was said, and one that is removed as
// "bob (removed by carl): why"; what is in the file already stays there. A name that can be taken
// for another one's stands there as on the screen: "aIice (not alice): the text".
//
// One goroutine writes, so a disk that is slow does not hold up the chat; what it is too
// slow for is left out. What of the history is in the file already is not written again.
package chatlog

import (
	"fmt"
	"strconv"
	"strings"
	"sync"
	"time"

	"parley/eventloop/client/timeline"
	"parley/protocol"
	"parley/protocol/printable"
)

const (
	// maxWaiting is how many entries may wait for the disk.
	maxWaiting = 1000

	// closeWait is how long Stop waits for the disk.
	closeWait = time.Second

	// maxSent is how many of one's own texts are remembered as written.
	maxSent = 1000
)

// Config is what a Log is made of. All but Private must be set.
type Config struct {
	Folder   string         // for all servers; it is made if it is not there
	Server   string         // the address, which names the folder inside
	Private  bool           // what is said in private sessions is written, too
	Location *time.Location // of the times
	Report   func(string)   // is called once, from any goroutine, if something cannot be written
}

// A Log writes until Stop.
type Log struct {
	cfg     Config
	waiting chan record
	done    chan struct{}
	once    sync.Once // two goroutines may have something to report

	// Of the goroutine that calls Changed.
	sent    map[timeline.ID]bool // own texts that were written
	dropped int                  // records that the disk was too slow for

	// Of the goroutine that writes.
	files  *files
	failed int // records that could not be written
}

// A record is what is to be written.
type record struct {
	entry  timeline.Entry
	failed bool // the text did not arrive
}

// Start returns a Log that writes what Changed is told.
func Start(cfg Config) *Log { return start(cfg, appendTo) }

// start is Start with another way of writing.
func start(cfg Config, write func(path, text string) error) *Log {
	l := &Log{
		cfg: cfg, waiting: make(chan record, maxWaiting), done: make(chan struct{}),
		sent: make(map[timeline.ID]bool), files: &files{folder: folderOf(cfg), write: write},
	}
	go l.work()
	return l
}

// Changed has what was said written. It does not wait. It is to be called by one
// goroutine, as a subscriber of a timeline is.
func (l *Log) Changed(c timeline.Change) {
	e := c.Entry
	if e.Kind != timeline.Message || e.In.Place == timeline.Again || e.In.Place == timeline.Past || e.In.Place == timeline.Private && !l.cfg.Private {
		return
	}
	becomes := c.Updated && e.State != c.Before.State
	failed := e.State == timeline.Failed
	switch {
	case e.Own && e.State == timeline.Typed:
		return // it waits
	case !c.Updated, becomes && failed, changed(c):
	case becomes && c.Before.State == timeline.Typed && !l.sent[e.ID]:
	default:
		return
	}
	if e.Own {
		if len(l.sent) >= maxSent {
			clear(l.sent)
		}
		l.sent[e.ID] = true
	}
	select {
	case l.waiting <- record{e, failed}:
	default:
		l.dropped++
		l.report("the disk is too slow for what is said")
	}
}

// changed reports whether a text was edited or removed.
func changed(c timeline.Change) bool {
	was, is := c.Before, c.Entry
	return c.Updated && (was.Text != is.Text || was.Marks.Removed != is.Marks.Removed) && (is.Marks.Edited || is.Marks.Removed)
}

// Stop ends the writing, once all that waits is written or after a second. It returns
// how many texts are not in the files. Changed must not be called afterwards.
func (l *Log) Stop() (lost int) {
	close(l.waiting)
	select {
	case <-l.done:
		return l.dropped + l.failed
	case <-time.After(closeWait):
		return l.dropped + len(l.waiting) + 1
	}
}

func (l *Log) work() {
	defer close(l.done)
	for r := range l.waiting {
		if err := l.files.add(r.entry, l.body(r)); err != nil {
			l.failed++
			l.report(err.Error())
		}
	}
}

func (l *Log) report(why string) {
	l.once.Do(func() {
		l.cfg.Report(fmt.Sprintf("Not all is kept in the chat log: %s. It is tried again with each text; the setting chat-log names the folder. This is said once.", why))
	})
}

// A body is what is written of an entry.
type body struct {
	at   time.Time
	text string // without the time and the newline at the end
}

func (l *Log) body(r record) body {
	e := r.entry
	at := e.At
	if at.IsZero() {
		at = e.Came
	}
	text := printable.Text(strings.TrimRight(e.Text, "\n"))
	if e.Marks.Removed {
		text = printable.Line(e.Marks.Why)
	}
	if e.Left > 0 {
		text += fmt.Sprintf(" (%d more bytes were cut off)", e.Left)
	}
	if r.failed {
		text += " (not sent)"
	}
	return body{at.In(l.cfg.Location), speaker(e) + strings.ReplaceAll(text, "\n", "\n\t")}
}

// nameOf returns a name. What is none is quoted.
func nameOf(name string) string {
	if protocol.CheckName(name) != nil {
		return strconv.Quote(printable.Line(name))
	}
	return name
}

// speaker is who speaks, and what has become of what was said.
func speaker(e timeline.Entry) string {
	if e.Sender == "" {
		return "* "
	}
	name := nameOf(e.Sender)
	if !e.Own { // else it is who it is to
		name = protocol.ToldApart(name, e.Like)
	}
	if e.In.Place == timeline.Private && !e.Own && !e.Verified {
		name += " (not verified)"
	}
	switch {
	case e.Marks.Removed && e.Marks.By != "":
		name += " (removed by " + protocol.ToldApart(nameOf(e.Marks.By), e.Marks.Likes[e.Marks.By]) + ")"
	case e.Marks.Removed:
		name += " (removed)"
	case e.Marks.Edited:
		name += " (edited)"
	}
	return name + ": "
}
