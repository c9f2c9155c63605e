package client

import (
	"fmt"
	"strings"
	"time"

	"parley/eventloop/client/forms"
	"parley/eventloop/client/sending"
	"parley/eventloop/client/timeline"
	"parley/eventloop/client/view"
	"parley/protocol"
)

// A Saver writes files for an App. Its methods do not wait; each is answered with one Saved,
// and the next is called after that.
type Saver interface {
	// Open makes a new file. If any will do, another name is taken where that one is taken.
	Open(name string, anyName bool)
	Write(text string)
	// Close ends the file. What is not whole is not kept.
	Close(whole bool)
	Saved() <-chan Saved
}

// Saved is what has become of what a Saver was asked for.
type Saved struct {
	Name   string
	Err    error
	Closed bool
}

// An exporting is what the server keeps of one, on its way into a file.
type exporting struct {
	name  string // of the file, once it is there
	lines int
	page  *protocol.Data // the last one that has come
	busy  bool           // the Saver has not answered yet
	over  bool           // nothing more is to be written
	whole bool           // all was
}

// cmdExport asks for all that the server keeps of one, and has it written into a new file.
func (a *App) cmdExport(file string) {
	switch {
	case a.cfg.Saver == nil:
		a.refuseCommand("This chat writes no files.")
	case a.export != nil:
		a.refuseCommand("What is kept of you is being written already. Wait until it is there.")
	case a.phase < loggedIn && a.cfg.Mode == Interactive:
		a.tellNotLoggedIn()
	case file == "":
		name := fmt.Sprintf("parley-%s-%s.jsonl", strings.ToLower(a.login.Name()), a.now().Format(time.DateOnly))
		a.export = &exporting{busy: true}
		a.cfg.Saver.Open(name, true)
	default:
		a.export = &exporting{busy: true}
		a.cfg.Saver.Open(file, false)
	}
}

// saved goes on with the export.
func (a *App) saved(s Saved) {
	x := a.export
	x.busy = false
	if x.name == "" && s.Err == nil {
		x.name = s.Name
	}
	switch {
	case s.Err != nil && (x.name == "" || s.Closed):
		a.exportFailed(fmt.Sprintf("Nothing was written to %s: %s", view.Line(s.Name), cause(s.Err)))
	case s.Closed && x.whole:
		a.export = nil
		a.tell(timeline.Notice, "What the server keeps of you is in %s (lines: %d). Only you can read that file.", view.Line(x.name), x.lines)
	case s.Closed:
		a.export = nil
	case s.Err != nil:
		a.cutExport(fmt.Sprintf("%s cannot be written: %s. It was taken away again.", view.Line(x.name), cause(s.Err)))
	case x.over:
		a.closeExport()
	default:
		a.askExport()
	}
}

func (a *App) exportFailed(why string) {
	a.export = nil
	a.refuseCommand(why)
}

// askExport asks for the next page.
func (a *App) askExport() {
	f := forms.Fields{}
	if a.export.page != nil {
		f["after"] = fmt.Sprint(a.export.page.After)
	}
	r := sending.Request{Verb: "export", Fields: f}
	if !a.askFor(r) {
		a.cutExport("What is kept of you was not asked for.")
	}
}

// exported writes a page.
func (a *App) exported(d *protocol.Data) {
	x := a.export
	if x == nil || x.busy || x.over {
		return
	}
	before := uint64(0)
	if x.page != nil {
		before = x.page.After
	}
	if d.After != 0 && d.After <= before {
		a.cutExport("The server goes round in circles, so the export was given up.")
		return
	}
	x.page = d
	x.lines += strings.Count(d.Text, "\n")
	if d.Text != "" && !strings.HasSuffix(d.Text, "\n") {
		d.Text += "\n"
		x.lines++
	}
	x.over, x.whole = d.After == 0, d.After == 0
	x.busy = true
	a.cfg.Saver.Write(d.Text)
	if a.leaving {
		a.set(alarmDrain, drainPatience)
	}
}

// cutExport gives an export up: what is not whole is not kept.
func (a *App) cutExport(why string) {
	x := a.export
	if x == nil || x.over && !x.whole {
		return
	}
	a.refuseCommand(why)
	x.over, x.whole = true, false
	if !x.busy {
		a.closeExport()
	}
}

func (a *App) closeExport() {
	a.export.busy = true
	a.cfg.Saver.Close(a.export.whole)
}

// exportRefused gives an export up that the server has refused.
func (a *App) exportRefused(r protocol.Response) {
	if a.export != nil && strings.HasPrefix(r.Ref, "export-") {
		a.cutExport("What is kept of you was not written.")
	}
}

// cmdForget deletes one's account, once the person has said so. In a pipe the name has to be
// there.
func (a *App) cmdForget(arg string) {
	const syntax = "/forget me, or /forget me NAME texts to have what you have said be gone, too."
	words := strings.Fields(arg)
	texts := false
	name := ""
	for i, word := range words {
		switch {
		case i == 0 && strings.EqualFold(word, "me"):
		case i > 0 && strings.EqualFold(word, "texts"):
			texts = true
		case i == 1 && a.isSelf(word):
			name = word
		default:
			a.refuseCommand("Nothing was deleted. Type " + syntax)
			return
		}
	}
	f := forms.Fields{"me": "me", "name": a.login.Name()}
	all := "What you have said to others will stay where it is."
	if texts {
		f["texts"], all = "texts", "What you have said to others will be gone, too."
	}
	forget := sending.Request{Verb: "forget", Fields: f}
	switch {
	case a.login.Name() == "" || a.phase < loggedIn && a.cfg.Mode == Interactive:
		a.tellNotLoggedIn()
	case a.dialect == extended && !a.reading.keeps:
		a.refuseCommand("Nothing was deleted. You have no account: what is yours is forgotten when you log out. Type /logout")
	case a.cfg.Mode != Interactive && name == "":
		a.refuseCommand("Nothing was deleted. In a pipe your name has to be there: /forget me " + a.login.Name())
	case a.cfg.Mode != Interactive:
		a.askFor(forget)
	default:
		a.askPerson("If you say yes, your account "+a.login.Name()+" will be deleted, with its direct messages and all that is kept of it. "+all+" Nobody can undo that.",
			"delete "+a.login.Name(), forget)
	}
}

// forgotten handles that one's account is deleted: the server ends the session, and there is
// nothing to come back to.
func (a *App) forgotten(r protocol.Response) {
	a.showWords(r)
	a.leaving, a.logoutQueued = true, true
	a.set(alarmLeave, leavePatience)
}
