package client

import (
	"strings"
	"time"

	"parley/eventloop/client/timeline"
	"parley/protocol"
)

// An Ask is something that a person wants in a view which is no terminal. It names the
// conversation that it is about, since several such views may show several of them.
type Ask struct {
	Kind AskKind

	In     timeline.Conversation
	InName string // the name of the room or person as it was written
	Text   string
	Name   string
	Number uint64
	Entry  timeline.ID
	Count  int
	On     bool

	// Answer is called once, by the goroutine of Run, which must not wait for it: at once, or
	// when the server has answered.
	Answer func(Answer)
}

// An AskKind says what is wanted.
type AskKind string

// The kinds of asks, with the fields that each takes.
const (
	AskOpen = AskKind("open") // In: it is looked at; plain lines of a terminal are for it from now on
	AskRead = AskKind("read") // In, Entry: it was read up to there

	AskSay    = AskKind("say")    // In, Text, Number of the message that it answers, or 0
	AskLine   = AskKind("line")   // In, Text: as if it was typed at a terminal whose plain lines are for it
	AskEdit   = AskKind("edit")   // Number, Text
	AskRemove = AskKind("remove") // Number, Text: why
	AskReact  = AskKind("react")  // Number, Text: the word, On

	AskPage     = AskKind("page")     // In, Entry, Count: Entries are those before that one, the newest if it is 0
	AskSearch   = AskKind("search")   // Text, Number: the page
	AskRooms    = AskKind("rooms")    //
	AskComplete = AskKind("complete") // Text: what stands before the cursor

	AskAnswer = AskKind("answer") // Number of the question, Text
	AskCancel = AskKind("cancel") // Number of the question

	AskPrivateStart   = AskKind("private.start") // Name, as for those that follow
	AskPrivateAccept  = AskKind("private.accept")
	AskPrivateDecline = AskKind("private.decline")
	AskPrivateEnd     = AskKind("private.end")
	AskPrivateWords   = AskKind("private.words")
	AskPrivateVerify  = AskKind("private.verify") // the words are the same on both sides
	AskPrivateTrust   = AskKind("private.trust")

	AskTyping  = AskKind("typing")  // In
	AskActive  = AskKind("active")  //
	AskDraft   = AskKind("draft")   // In, Text
	AskSetting = AskKind("setting") // Name, Text
	AskRetry   = AskKind("retry")   //
	AskKept    = AskKind("kept")    // Kept is what another run of the program can go on with
)

// An Answer is what has come of an Ask.
type Answer struct {
	Error string           // why nothing was done; "": it was, or is under way
	Told  []timeline.Entry // words that were told because of it

	Entries    []timeline.Entry // oldest first
	More       bool             // there are others before them
	Next       uint64           // the number of the next page of a search; 0: there is none
	Rooms      []protocol.Room
	Candidates []string
	Length     int
	Words      []string
	Entry      timeline.ID // of what was said
	Kept       *Kept
}

// An asking is an Ask that is being handled.
type asking struct {
	added []timeline.ID // what was added to the timeline meanwhile
	later bool          // it is answered later
	shows bool          // see AskKind.ShowsRefusal
	line  *lineOfPage   // a line with a command is run; nil: another ask is
}

// A lineOfPage is whom plain lines are for where a line was typed that is no terminal, and at the
// terminal.
type lineOfPage struct{ there, terminal recipient }

// linesTo is whom plain lines of the terminal are for, also while a line of a page is run, whose own
// are for others: a command in it that turns lines elsewhere turns those of both.
func (a *App) linesTo() recipient {
	if a.asking != nil && a.asking.line != nil && a.to == a.asking.line.there {
		return a.asking.line.terminal
	}
	return a.to
}

func refused(why string) Answer { return Answer{Error: why} }

// An asker does what is asked.
type asker func(a *App, q Ask) Answer

// newAskers returns what does each kind of ask.
func newAskers() map[AskKind]asker {
	return map[AskKind]asker{
		AskOpen: (*App).askOpen, AskRead: (*App).askRead,
		AskSay: (*App).askSay, AskLine: (*App).askLine, AskEdit: (*App).askEdit, AskRemove: (*App).askRemove, AskReact: (*App).askReact,
		AskPage: (*App).askPage, AskSearch: (*App).askSearch, AskRooms: (*App).askRooms, AskComplete: (*App).askComplete,
		AskAnswer: (*App).askAnswer, AskCancel: (*App).askCancel,
		AskPrivateStart: peerAsker("startprivate"), AskPrivateAccept: peerAsker("accept"), AskPrivateDecline: peerAsker("decline"),
		AskPrivateEnd: peerAsker("stopprivate"), AskPrivateTrust: peerAsker("trust"),
		AskPrivateWords: (*App).askWords, AskPrivateVerify: (*App).askVerify,
		AskTyping: (*App).askTyping, AskActive: func(*App, Ask) Answer { return Answer{} },
		AskDraft: (*App).askDraft, AskSetting: (*App).askSetting, AskRetry: (*App).askRetry,
		AskKept: func(a *App, _ Ask) Answer { k := a.Kept(); return Answer{Kept: &k} },
	}
}

// idle reports whether such an ask comes without anybody being there.
func (k AskKind) idle() bool {
	switch k {
	case AskRead, AskPage, AskDraft, AskSetting, AskKept, AskRooms, AskComplete:
		return true
	}
	return false
}

// ShowsRefusal reports whether a view shows, where such an ask was made, why it is refused. Why an
// answer to a question is refused all views are to show.
func (k AskKind) ShowsRefusal() bool {
	switch k {
	case AskSay, AskLine, AskEdit, AskRemove, AskReact, AskSearch, AskRetry,
		AskPrivateStart, AskPrivateAccept, AskPrivateDecline, AskPrivateEnd, AskPrivateWords, AskPrivateVerify, AskPrivateTrust:
		return true
	}
	return false
}

// asked does what a view wants. A line that is being typed at the terminal is not touched by
// that: it knows where it was begun.
func (a *App) asked(q Ask) {
	do := a.askers[q.Kind]
	switch {
	case a.ended:
		q.Answer(refused("The chat is over."))
		return
	case do == nil:
		q.Answer(refused("There is nothing that is asked like this."))
		return
	}
	begun := a.lineBegan
	a.lineBegan = time.Time{}
	a.asking = &asking{shows: q.Kind.ShowsRefusal()}
	if !q.Kind.idle() {
		a.isThere()
	}
	a.wrote = q.wrote()
	answer := do(a, q)
	now := a.asking
	a.asking, a.wrote = nil, ""
	a.lineBegan = begun
	if now.later {
		return
	}
	q.Answer(a.withTold(answer, now.added))
}

// isThere notes that somebody does something.
func (a *App) isThere() {
	a.lastKey = a.now()
	a.gapShown = false
	if a.keepalive.Warned() {
		a.active()
	}
}

// withTold adds to an answer what was told meanwhile. Words that something went wrong are why
// nothing was done.
func (a *App) withTold(answer Answer, added []timeline.ID) Answer {
	var wrong []string
	for _, id := range added {
		e, ok := a.timeline.Lookup(id)
		switch {
		case !ok:
		case e.Own && e.Kind == timeline.Message:
			answer.Entry = id
		case e.Text != "" && e.In.Place == timeline.Status && e.Kind >= timeline.Notice && e.Kind != timeline.Gap:
			answer.Told = append(answer.Told, e)
			if e.Kind == timeline.Error {
				wrong = append(wrong, e.Text)
			}
		}
	}
	if answer.Error != "" {
		wrong = append(wrong, answer.Error)
	}
	answer.Error = strings.Join(wrong, "\n")
	return answer
}

// answersLater has the ask that is being handled be answered by the function that is
// returned.
func (a *App) answersLater(q Ask) func(Answer) {
	a.asking.later = true
	return q.Answer
}
