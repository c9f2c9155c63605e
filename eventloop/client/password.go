package client

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"parley/eventloop/client/command"
	"parley/eventloop/client/login"
	"parley/eventloop/client/sending"
	"parley/eventloop/client/timeline"
	"parley/eventloop/client/view"
	"parley/protocol"
)

// newLogin returns what logs in.
func (a *App) newLogin() *login.Machine {
	c := login.Config{
		Name: a.cfg.Name, Interactive: a.cfg.Mode == Interactive,
		Server: loginServer{a}, Person: loginPerson{a}, Now: a.now,
		Renamed: a.queue.UseName,
	}
	if a.cfg.Password != nil {
		c.Fetch = func() { a.fetch() }
	}
	return login.New(c)
}

// loginServer is the server as the login needs it.
type loginServer struct{ app *App }

func (s loginServer) Phase() login.Phase { return s.app.phase }

func (s loginServer) Connect() { s.app.connect() }

func (s loginServer) Hangup() { s.app.drop() }

func (s loginServer) LogIn(r login.Request) {
	a := s.app
	a.clear(alarmRetry)
	a.phase = loggingIn
	a.enqueue(sending.Request{Verb: "login", Content: r.Name, Password: r.Password, Register: r.Register, Takeover: r.Takeover, Resume: a.resumeFor(r.Name)})
}

func (s loginServer) Ask(verb string, fields map[string]string) bool {
	return s.app.askFor(sending.Request{Verb: verb, Fields: fields})
}

func (s loginServer) Later(pause time.Duration) time.Duration {
	if pause == 0 {
		return s.app.retryLater()
	}
	s.app.set(alarmRetry, pause)
	return pause
}

// loginPerson is the person as the login needs one.
type loginPerson struct{ app *App }

func (p loginPerson) Tell(how login.Severity, format string, args ...any) {
	p.TellWithHint(how, fmt.Sprintf(format, onOneLine(args)...), "")
}

func (p loginPerson) TellWithHint(how login.Severity, words, hint string) {
	kinds := map[login.Severity]timeline.Kind{login.Notice: timeline.Notice, login.Trouble: timeline.Error}
	p.app.tellWithHint(kinds[how], words, hint)
}

func (p loginPerson) Words(r protocol.Response) { p.app.showWords(r) }

func (p loginPerson) AskName() {
	if to := p.app.to; to != toLobby && !p.app.naming() {
		still := fmt.Sprintf("What you type without a slash is still for %s.", p.app.calledIn(to))
		if to.isNobody() {
			still = sentToNobody
		}
		p.app.tellWithHint(timeline.Notice, "You are not logged in. /login NAME takes another name.", "\n"+still)
		return
	}
	p.app.tellWithHint(timeline.Notice, "You are not logged in.", " Type another name, or leave with Ctrl-D.")
}

func (p loginPerson) Fail(format string, args ...any) {
	p.app.end(failure(Refused, format, onOneLine(args)...))
}

// onOneLine makes texts safe, each to be shown on one line.
func onOneLine(args []any) []any {
	safe := slices.Clone(args)
	for i, arg := range safe {
		if s, ok := arg.(string); ok {
			safe[i] = view.Line(s)
		}
	}
	return safe
}

func (a *App) cmdRegister(string) {
	if a.hasPerson() {
		a.login.Register()
	}
}

func (a *App) cmdPasswd(string) {
	if a.hasPerson() {
		a.login.Passwd()
	}
}

// hasPerson reports whether there is somebody who can be asked, and tells if not.
func (a *App) hasPerson() bool {
	if a.cfg.Mode != Interactive {
		a.unsent++
		a.tell(timeline.Error, "That asks for a password, which takes a person at a terminal.")
		return false
	}
	return true
}

func (a *App) cmdTakeover(string) { a.login.Takeover() }

// failed notes an error that answers what is no text. It reports whether there
// is nothing to show of it.
func (a *App) failed(r protocol.Response) (done bool) {
	if (a.login.Idles() || a.login.Last() != "") && a.phase < loggedIn && r.Data != nil && r.Data.Code == protocol.Timeout {
		return true // the connection is opened again when a password can be tried, or it is time for the next login
	}
	switch verb, _, _ := strings.Cut(r.Ref, "-"); verb {
	case "register", "passwd":
		a.login.NotChanged(r)
		return true
	case pingVerb:
		return a.isPing(r)
	case readVerb:
		return true // nobody has asked for it
	}
	if a.roomRefused(r) {
		return true
	}
	return a.private.Refused(r)
}

// reveals reports whether a line, or what stands behind its command or behind the
// name after that, was typed as a password before.
func (a *App) reveals(line string) bool {
	line = strings.TrimSpace(line)
	if a.login.Tried(line) {
		return true
	}
	if !a.commands.IsBare(line) && !strings.HasPrefix(line, "/") {
		return false
	}
	_, arg := command.CutWord(line)
	_, text := command.CutWord(arg)
	return a.login.Tried(arg) || a.login.Tried(text)
}

// withholdPasswords takes out of what waits what was tried as a password since it was
// typed.
func (a *App) withholdPasswords() {
	for _, t := range a.queue.Withhold(a.login.Tried) {
		a.unsent++
		a.becomes(t, timeline.Failed)
		a.tell(timeline.Error, "A line that waited has a password in it that you have typed since. It was not sent.")
	}
}
