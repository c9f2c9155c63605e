package client

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"parley/eventloop/doctor/dialect"
)

// live does all that a person does, from the connection to the logout, and judges what
// comes of it.
func live(ctx context.Context, r *run) {
	if !r.connects(ctx) {
		return
	}
	late := r.cfg.Templates.asksName()
	if !late {
		if !r.brief { // an info is shown behind the login, too
			r.asksHelp(ctx)
		}
		r.asksEarly(ctx)
	}
	if r.logsIn(ctx) {
		r.hearsOne(ctx)
		r.talks(ctx)
		r.asksNames(ctx)
		if late && !r.brief {
			r.asksHelp(ctx)
		}
		r.hearsMore(ctx)
	}
	r.begin()
	if !r.brief {
		_ = pause(ctx, r.cfg.Times.Quiet) // in which it may die of what it has heard last
	}
	if stays := !r.over(); r.check(pStays, stays, "%s", r.ended) {
		r.leaves(ctx)
	}
}

// connects waits for the client to connect, and to wait for keys.
func (r *run) connects(ctx context.Context) bool {
	if r.cfg.Templates[Before] != "" {
		_ = pause(ctx, r.cfg.Times.Settle)
		r.act(ctx, Before, "")
	}
	wait, cancel := context.WithTimeout(ctx, r.cfg.Times.Connect)
	defer cancel()
	connected := make(chan struct{})
	go func() {
		select {
		case <-r.term.done(): // it will not connect any more
			cancel()
		case <-connected:
		}
	}()
	is := r.server.Connected(wait)
	close(connected)
	if !r.check(pConnects, is, "%s", r.whyNot(is)) {
		return false
	}
	_ = pause(ctx, r.cfg.Times.Settle)
	rest, cancelRest := context.WithTimeout(ctx, r.cfg.Times.Wait)
	defer cancelRest()
	r.term.screen.rests(rest, r.cfg.Times.Quiet)
	return true
}

// whyNot says why the client has not connected.
func (r *run) whyNot(connected bool) string {
	status, over := r.term.ended()
	switch {
	case connected:
		return "connected"
	case over:
		return "the client has ended (" + status + "): " + r.term.screen.end()
	}
	return "no connection; on the screen stands: " + r.term.screen.end()
}

// asks types what asks for something, and judges whether it was sent.
func (r *run) asks(ctx context.Context, act Act, id string) (sent bool) {
	if r.done() {
		return false
	}
	r.begin()
	r.act(ctx, act, "")
	q, sent := r.awaits(ctx, string(act))
	found := string(q.Raw)
	if !sent {
		if r.over() {
			return false
		}
		found = "no such request; on the screen stands: " + r.term.screen.end()
	}
	r.check(id, sent, "%s", found)
	return sent
}

func (r *run) asksHelp(ctx context.Context) {
	if r.can(Help) && r.asks(ctx, Help, pHelp) {
		r.sees(ctx, pHelpShown, r.words.Help)
	}
}

// asksEarly asks for the names before the login. A client may refuse that itself.
func (r *run) asksEarly(ctx context.Context) {
	if !r.can(Names) || r.done() {
		return
	}
	r.begin()
	r.act(ctx, Names, "")
	if _, sent := r.awaits(ctx, "names"); sent {
		r.sees(ctx, pErrorShown, r.words.NotLoggedIn)
	}
}

// logsIn logs in, and reports whether that was asked for.
func (r *run) logsIn(ctx context.Context) bool {
	if r.done() {
		return false
	}
	r.begin()
	r.act(ctx, Login, "")
	q, sent := r.awaits(ctx, "login")
	found := string(q.Raw)
	if !sent {
		found = "no login; on the screen stands: " + r.term.screen.end()
	}
	if !r.check(pLogin, sent && q.Text == r.name, "%s", found) {
		return false
	}
	if r.habits.Order != dialect.HistoryOnly {
		r.sees(ctx, pLoginShown, r.words.Hello)
	}
	if r.habits.History.Tells() {
		r.sees(ctx, pHistory, r.words.Past[0].Text, r.words.Past[1].Text)
	}
	if r.habits.UnknownToo || r.habits.Greets != dialect.GreetNot && r.habits.Greets != dialect.GreetWords {
		r.drawn = 0 // it came before the login, or with its answer
		r.sees(ctx, pGreeting, r.words.Greeting)
	}
	rest, cancel := context.WithTimeout(ctx, r.cfg.Times.Wait)
	defer cancel()
	r.term.screen.rests(rest, r.cfg.Times.Quiet)
	return true
}

// hearsOne has somebody say something.
func (r *run) hearsOne(ctx context.Context) {
	if r.done() {
		return
	}
	r.begin()
	said := dialect.Said{Name: r.source.Token("carl"), Text: r.source.Token("msg")}
	r.server.Talk(said)
	r.sees(ctx, pMessage, said.Text)
	r.sees(ctx, pSender, said.Name)
}

// talks says something, in letters of ASCII and in others.
func (r *run) talks(ctx context.Context) {
	if !r.can(Msg) {
		return
	}
	r.says(ctx, pMsg, "two words "+r.source.Token("own"), true)
	if r.brief { // what is typed does not depend on how the server speaks
		return
	}
	r.says(ctx, pMsgUnicode, "blåbær "+r.source.Token("own"), false)
}

// says types a text, and judges what is sent of it and, if so asked, how often it is shown.
func (r *run) says(ctx context.Context, id, text string, count bool) {
	if r.done() {
		return
	}
	r.begin()
	lines := r.cfg.Templates.lines(Msg, r.name, text)
	last := lines[len(lines)-1]
	r.types(ctx, lines[:len(lines)-1])
	r.note(r.term.press(last))
	echo, cancel := context.WithTimeout(ctx, r.cfg.Times.Wait)
	defer cancel()
	r.term.screen.shows(echo, text, r.drawn)
	typed := linesWith(r.term.screen.lines(), text)
	r.note(r.term.press("\r"))
	q, sent := r.awaits(ctx, "msg")
	if !sent && r.over() {
		return
	}
	found := string(q.Raw)
	if !sent {
		found = "no msg; on the screen stands: " + r.term.screen.end()
	}
	r.check(id, sent && q.Text == text, "%s", found)
	if sent && count && q.Text == text && !r.brief {
		r.counts(ctx, text, typed)
	}
}

// counts judges how often the client shows what was said, apart from the line in which it
// was typed.
func (r *run) counts(ctx context.Context, text string, typed []string) {
	wait, cancel := context.WithTimeout(ctx, r.cfg.Times.Wait)
	defer cancel()
	r.server.Answered(wait) // it has sent the text back
	next := dialect.Said{Name: r.source.Token("carl"), Text: r.source.Token("nxt")}
	r.server.Talk(next)
	r.term.screen.shows(wait, next.Text, r.drawn) // and so what came before
	r.term.screen.rests(wait, r.cfg.Times.Quiet)
	shown := linesWith(r.term.screen.lines(), text)
	if len(typed) > 0 {
		if i := slices.Index(shown, typed[len(typed)-1]); i >= 0 {
			shown = slices.Delete(shown, i, i+1)
		}
	}
	n := 0
	for _, line := range shown {
		n += strings.Count(line, text)
	}
	again, stop := context.WithCancel(ctx)
	stop()
	if _, twice := r.server.Await(again, func(q *dialect.Request) bool { return q.Text == text }); twice {
		return // it comes back twice
	}
	r.check(pOnce, n <= 1, "shown %d times: %q", n, shown)
}

// linesWith returns the lines that have a text.
func linesWith(lines []string, text string) []string {
	var list []string
	for _, l := range lines {
		if strings.Contains(l, text) {
			list = append(list, l)
		}
	}
	return list
}

func (r *run) asksNames(ctx context.Context) {
	if r.can(Names) && r.asks(ctx, Names, pNames) {
		r.sees(ctx, pNamesShown, r.words.Others[0], r.words.Others[1])
	}
}

// hearsMore has others say what is hard to read.
func (r *run) hearsMore(ctx context.Context) {
	name := r.source.Token("carl")
	long, last := r.source.Text(3000)
	for _, m := range []struct {
		id    string
		texts []string
		shown string
	}{
		{pTwo, []string{r.source.Token("fst"), r.source.Token("snd")}, ""},
		{pUnicode, []string{"blåbær" + r.source.Token("uni")}, ""},
		{pCloses, []string{"odd}" + r.source.Token("brc")}, ""},
		{pOpens, []string{"odd{" + r.source.Token("brc")}, ""},
		{pQuote, []string{`q"\` + r.source.Token("quo")}, ""},
		{pLong, []string{long}, last},
	} {
		if r.done() || m.id == pLong && !r.habits.Long {
			continue
		}
		r.begin()
		var list []dialect.Said
		for _, text := range m.texts {
			list = append(list, dialect.Said{Name: name, Text: text})
		}
		r.server.Talk(list...)
		if m.shown != "" {
			m.texts = []string{m.shown}
		}
		r.sees(ctx, m.id, m.texts...)
	}
	if r.done() {
		return
	}
	r.begin()
	word := r.source.Token("err")
	r.server.Error("Something is wrong: " + word)
	r.sees(ctx, pLateError, word)
}

// leaves logs out, and looks at what becomes of the client.
func (r *run) leaves(ctx context.Context) {
	if r.can(Logout) && r.asksLogout(ctx) && !r.brief {
		wait, cancel := context.WithTimeout(ctx, leaveTime)
		defer cancel()
		r.remarks(r.server.Gone(wait))
	}
	if r.brief {
		return
	}
	r.begin()
	if _, over := r.term.ended(); over {
		r.check(pEnds, true, "%s", "it had ended by itself")
		return
	}
	ends := r.term.hangUp()
	r.check(pEnds, ends, "%s", when(!ends, fmt.Sprintf("it ran on for %v after its terminal was closed", hangupTime)))
}

// asksLogout types what logs out, and judges whether that was asked for. A client may
// end at once behind it.
func (r *run) asksLogout(ctx context.Context) bool {
	r.begin()
	r.act(ctx, Logout, "")
	q, sent := r.awaits(ctx, "logout")
	found := string(q.Raw)
	if !sent {
		found = "no logout was sent"
		if status, over := r.term.ended(); over {
			found += ", and the client has ended (" + status + ")"
		}
	}
	return r.check(pLogout, sent, "%s", found)
}

// remarks notes what the client does after a logout, which the specification leaves open.
func (r *run) remarks(gone bool) {
	status, over := r.term.ended()
	switch {
	case over:
		r.notes = append(r.notes, "after the logout the client has ended ("+status+")")
	case gone:
		r.notes = append(r.notes, "after the logout the client has closed the connection and runs on")
	default:
		r.notes = append(r.notes, "after the logout the client stays connected and runs on")
	}
}

// dropped logs in and closes the terminal, as people leave who do not know of a logout.
func dropped(ctx context.Context, r *run) {
	if !r.connects(ctx) || !r.logsIn(ctx) || r.over() {
		return
	}
	r.begin()
	r.term.hangUp()
	_, sent := r.awaits(ctx, "logout")
	r.check(pHangup, sent, "%s", map[bool]string{true: "a logout was sent", false: "the connection just ended"}[sent])
}
