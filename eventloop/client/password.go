package client

import (
	"fmt"
	"strings"
	"time"

	"parley/protocol"
)

// passwords is what the App knows of passwords. They are only kept here, and in
// what waits to be sent.
type passwords struct {
	question    *question // is asked now; nil if none is
	hidden      bool      // the terminal hides what is typed
	password    string    // for the next login
	passwordOf  string    // the name whose password it is
	pending     string    // was sent to be the new one and is not answered
	account     bool      // the name that is logged in has an account
	registering bool      // the next login is to make the name an account
	registerOut bool      // the last one did
	refusedName string    // that needs a password, for /register
	sourceUsed  bool      // Config.Password was asked
	fetching    bool      // and has not answered
	offered     bool      // it was said that a name can be protected
	hinted      bool      // it was said what else can be done than typing a password
	unusedTold  bool      // it was said that a password was not needed
}

// A question asks the person for something that nobody else may see.
type question struct {
	prompt    string
	answered  func(a *App, secret string)
	cancelled func(a *App)
}

// askSecret asks a question. What had been typed before is not its answer.
func (a *App) askSecret(q question) {
	a.question = &q
	a.hidden = false // refreshPrompt hides it anew
}

// replied handles the answer to a question. A blank one asks again.
func (a *App) replied(in Input) {
	q := *a.question
	a.question = nil
	switch {
	case in.Kind == InputInterrupt:
		q.cancelled(a)
	case in.Text == "":
		a.askSecret(q)
	default:
		q.answered(a, in.Text)
	}
}

// loginRequest is the login with the password, if one is known for the name.
func (a *App) loginRequest() request {
	r := request{verb: "login", content: a.name}
	a.registerOut = false
	if a.password != "" && strings.EqualFold(a.passwordOf, a.name) {
		r.password, r.register, r.takeover = a.password, a.registering, a.takesOver()
		a.registerOut, a.registering = a.registering, false
	}
	return r
}

func (a *App) usePassword(name, password string) { a.passwordOf, a.password = name, password }

// refusedForPassword handles a login that failed for want of the right password.
// It reports whether there is nothing left to do.
func (a *App) refusedForPassword(r protocol.Response) (done bool) {
	if r.Data == nil || a.leaving && a.cfg.Mode == Interactive {
		return false
	}
	switch r.Data.Code {
	case protocol.PasswordRequired:
		return a.passwordNeeded(r)
	case protocol.WrongCredentials:
		a.usePassword("", "")
		if a.cfg.Mode == Interactive {
			a.showWords(r)
			a.askLogin()
			return true
		}
	case protocol.BlockedLogin:
		return a.loginBlocked(r)
	case protocol.LoggedInElsewhere:
		a.loggedInElsewhere()
		return true
	case protocol.BadRequest, protocol.NotAllowed:
		again := a.registerOut && r.Data.Code == protocol.BadRequest
		a.usePassword("", "")
		if again {
			a.showWords(r)
			a.askRegistration()
		}
		return again
	}
	return false
}

// passwordNeeded gets a password: from where it was said to be, or by asking.
func (a *App) passwordNeeded(r protocol.Response) (done bool) {
	switch {
	case a.cfg.Password != nil && !a.sourceUsed:
		a.sourceUsed, a.fetching, a.refusedName = true, true, a.name
		a.fetch()
	case a.cfg.Mode != Interactive:
		a.end(failure(Refused, "The login as %s was refused: %s\nA password can be given with --password-cmd or in PARLEY_PASSWORD.", a.name, sanitizeLine(r.Content)))
	default:
		r.Kind = protocol.KindInfo // nothing has gone wrong
		a.showWords(r)
		if !a.hinted {
			a.hinted = true
			a.tell(ToneNotice, "What you type is hidden. Ctrl-C goes back: /register then makes a name yours.")
		}
		a.askLogin()
	}
	return true
}

// fetched handles the password from Config.Password.
func (a *App) fetched(password string, err error) {
	a.fetching = false
	name := a.refusedName
	switch {
	case a.phase >= loggingIn || !strings.EqualFold(a.name, name):
	case err == nil && password != "":
		a.usePassword(name, password)
		a.loginAs(name)
	case a.cfg.Mode != Interactive:
		a.end(failure(Refused, "There is no password for %s: %s", name, sourceFailed(err)))
	default:
		a.tell(ToneError, "There is no password for %s: %s", name, sourceFailed(err))
		a.askLogin()
	}
}

func sourceFailed(err error) string {
	if err == nil {
		return "the command gives a blank line."
	}
	return sanitizeLine(err.Error())
}

// askLogin asks for the password of the name that is to be logged in.
func (a *App) askLogin() {
	name := a.name
	a.refusedName = name
	a.askSecret(question{
		prompt: "password of " + name,
		answered: func(a *App, secret string) {
			a.usePassword(name, secret)
			a.loginAs(name)
		},
		cancelled: func(a *App) {
			a.forgetName()
			a.tell(ToneNotice, "You are not logged in. Type a name, or /register if %s is a new one.", name)
		},
	})
}

// loginBlocked handles a server that lets nobody try for a while. Who was logged
// in before has the right password and only waits.
func (a *App) loginBlocked(r protocol.Response) (done bool) {
	wait := time.Duration(r.Data.Seconds) * time.Second
	if told := seconds(wait); wait > 0 && !strings.Contains(r.Content, told) {
		r.Content = fmt.Sprintf("%s (%s)", strings.TrimSpace(r.Content), told)
	}
	if strings.EqualFold(a.name, a.lastName) && wait > 0 && a.password != "" {
		a.showWords(r)
		a.set(alarmRetry, wait)
		return true
	}
	a.usePassword("", "")
	if a.cfg.Mode != Interactive {
		return false
	}
	a.showWords(r)
	a.askName()
	return true
}

// offer says after a login what can be done with passwords.
func (a *App) offer(r protocol.Response) {
	a.account = r.Data != nil && r.Data.State == protocol.StateAccount
	switch {
	case a.account:
	case a.cfg.Password != nil && !a.sourceUsed && !a.unusedTold:
		a.unusedTold = true
		if a.manner == extended {
			a.tell(ToneNotice, "%s is not registered here, so your password was not needed and not sent.", a.name)
			return
		}
		a.tell(ToneNotice, "This server knows no passwords, so yours was not sent.")
	case a.cfg.Mode == Interactive && !a.offered && r.Data != nil && r.Data.State == protocol.StateGuest:
		a.offered = true
		a.tell(ToneNotice, "%s is not registered here. /register protects the name with a password.", a.name)
	}
}

func (a *App) cmdRegister(string) {
	switch {
	case a.cfg.Mode != Interactive:
		a.needsPerson()
	case a.phase == loggedIn && a.account:
		a.tell(ToneError, "%s is registered already. /passwd changes the password.", a.name)
	case a.phase == loggedIn:
		a.askNew(func(a *App, secret string) {
			if a.askFor(request{verb: "register", fields: map[string]string{"password": secret}}) {
				a.pending = secret
			}
		}, (*App).keepAsItIs)
	case a.name == "" && a.refusedName != "":
		a.askRegistration()
	default:
		a.tell(ToneError, "Log in with a name that is free first; then /register makes it yours.")
	}
}

// askRegistration registers the name that was refused, and logs in.
func (a *App) askRegistration() {
	name := a.refusedName
	if a.name != "" {
		name = a.name
	}
	a.askNew(func(a *App, secret string) {
		a.usePassword(name, secret)
		a.registering = true
		a.loginAs(name)
	}, func(a *App) {
		a.askName()
	})
}

func (a *App) cmdPasswd(string) {
	switch {
	case a.cfg.Mode != Interactive:
		a.needsPerson()
	case a.phase < loggedIn:
		a.tell(ToneError, "You are not logged in yet.")
	case !a.account:
		a.tell(ToneError, "%s is not registered. /register does that.", a.name)
	default:
		a.askSecret(question{prompt: "old password", cancelled: (*App).keepAsItIs, answered: func(a *App, old string) {
			a.askNew(func(a *App, secret string) {
				if a.askFor(request{verb: "passwd", fields: map[string]string{"old": old, "new": secret}}) {
					a.pending = secret
				}
			}, (*App).keepAsItIs)
		}})
	}
}

// askNew asks for a new password twice, until both are the same.
func (a *App) askNew(answered func(a *App, secret string), cancelled func(a *App)) {
	a.askSecret(question{prompt: "new password", cancelled: cancelled, answered: func(a *App, first string) {
		a.askSecret(question{prompt: "the same again", cancelled: cancelled, answered: func(a *App, second string) {
			if first != second {
				a.tell(ToneError, "These were not the same. Once more, or Ctrl-C.")
				a.askNew(answered, cancelled)
				return
			}
			answered(a, first)
		}})
	}})
}

func (a *App) keepAsItIs() { a.tell(ToneNotice, "Nothing was changed.") }

func (a *App) needsPerson() {
	a.unsent++
	a.tell(ToneError, "That asks for a password, which takes a person at a terminal.")
}

// passwordChanged notes that the server has taken a new password.
func (a *App) passwordChanged() {
	a.account = true
	if a.pending != "" {
		a.usePassword(a.name, a.pending)
		a.pending = ""
	}
}

// failed notes an error that answers what is no text. It reports whether there
// is nothing to show of it.
func (a *App) failed(r protocol.Response) (done bool) {
	if a.question != nil && a.phase < loggedIn && r.Data != nil && r.Data.Code == protocol.Timeout {
		return true // the connection is opened again when there is a password
	}
	switch verb, _, _ := strings.Cut(r.Ref, "-"); verb {
	case "register", "passwd":
		a.pending = ""
	case pingVerb:
		return a.isPing(r)
	}
	return a.privateRefused(r)
}
