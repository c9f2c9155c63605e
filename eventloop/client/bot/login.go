package bot

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"parley/eventloop/client/keepalive"
	"parley/eventloop/client/sending"
	"parley/protocol"
)

// logIn sends a login: without the password, until the server has shown what it is.
func (s *session) logIn() {
	s.phase, s.spoke, s.loginAt = loggingIn, false, time.Now()
	r := sending.Request{Verb: "login", Content: s.name}
	if s.proved && s.cfg.Password != "" {
		r.Password, r.Takeover, s.withPW = s.cfg.Password, s.was && s.token == "", true
	}
	if s.token != "" {
		r.Resume.Token = s.token
		if after, known := s.seen.After(); known && protocol.IsTag(s.seen.Log()) {
			r.Resume.Log, r.Resume.After, r.Resume.HasAfter = s.seen.Log(), after, true
		}
	} else if s.floor > 0 && protocol.IsTag(s.seen.Log()) {
		r.Resume.Log, r.Resume.After, r.Resume.HasAfter = s.seen.Log(), s.floor, true
	}
	s.queue.Add(r)
	s.set(alarmLogin, loginPatience)
	s.flush()
}

// loginUnanswered handles a server that does not answer the login, or by messages only.
func (s *session) loginUnanswered() {
	switch {
	case s.phase != loggingIn:
	case s.spoke:
		s.loginAnswered(protocol.Response{Kind: protocol.KindInfo})
	case s.words != "":
		s.lost(fmt.Errorf("that is no chat server: it says %q", s.words[:min(len(s.words), 80)]))
	default:
		s.lost(fmt.Errorf("the server has not answered the login within %s", loginPatience))
	}
}

// answersLogin reports whether r answers the login that is under way: an info or a
// history says that it has succeeded, an error that it has not. With data, its event tells.
func (s *session) answersLogin(r protocol.Response) bool {
	switch {
	case s.phase != loggingIn || s.alarms[alarmLogin].IsZero():
		return false
	case r.Data != nil && r.Kind == protocol.KindInfo:
		return r.Data.Event == protocol.EventLogin
	case r.Kind == protocol.KindMessage:
		if !s.spoke && r.Data == nil {
			s.spoke = true
			s.set(alarmLogin, joinPatience)
		}
		return false
	}
	return true
}

// loginAnswered handles a login that has succeeded.
func (s *session) loginAnswered(r protocol.Response) {
	s.clear(alarmLogin)
	s.dialect = sending.Plain
	if r.Data != nil && !s.cfg.Plain {
		s.dialect, s.proved = sending.Extended, true
	}
	if s.dialect == sending.Extended && s.cfg.Password != "" && r.Data.State != protocol.StateAccount && !s.cfg.Register {
		s.end(protocol.Errorf(protocol.WrongCredentials, "There is no account of the name %s, whose password was given.", s.name))
		return
	}
	if s.dialect == sending.Plain && s.cfg.Password != "" {
		s.cfg.Log.Warn("the server does not ask for passwords as Parley does, so that of the bot was not sent")
	}
	s.phase = loggedIn
	gap := s.loggedIn(r.Data)
	s.queue.LoggedIn(s.dialect)
	s.joinRooms()
	s.event(Connected{Name: s.name, Plain: s.dialect == sending.Plain})
	if gap != "" {
		s.event(Gap{gap})
	}
	s.was = true
	s.queue.Release()
	s.arrive(nil)
}

// loggedIn notes what the answer of an extended server says, and returns why what was
// missed cannot be told; "": it can, or nothing was.
func (s *session) loggedIn(d *protocol.Data) (gap string) {
	s.old.fresh = !s.was && s.floor == 0
	if s.dialect != sending.Extended {
		return ""
	}
	if protocol.CheckName(d.Name) == nil && strings.EqualFold(d.Name, s.name) {
		s.name = d.Name
	}
	told, log := s.was || s.floor > 0, s.seen.Log()
	s.seen.LoggedIn(d)
	s.rooms.LoggedIn(d.Rooms)
	s.watch.LoggedIn(time.Duration(d.Seconds)*time.Second, time.Now())
	s.set(alarmQuiet, keepalive.Every)
	if protocol.IsTag(d.Token) {
		s.token = d.Token
	}
	if s.cfg.Password != "" && d.State != protocol.StateAccount {
		s.queue.Ask(sending.Request{Verb: "register", Fields: map[string]string{"password": s.cfg.Password}, Extension: true})
		s.registers = s.queue.LastRef("register")
	}
	switch {
	case !told || d.Resume == protocol.ResumeFollows:
		return ""
	case d.Resume == protocol.ResumeOtherLog, d.Resume == protocol.ResumeAhead, d.Log != log:
		s.floor, s.old.fresh = 0, true
		return "the server counts its messages anew"
	case d.Resume == protocol.ResumeTooFar:
		return "it is too much, or too long ago"
	}
	return "the connection was lost before the newest history had come"
}

// refused handles a login that was refused.
func (s *session) refused(r protocol.Response) {
	s.clear(alarmLogin)
	s.queue.LoginRefused()
	err := errorOf(r)
	s.proved = s.proved || r.Data != nil
	switch {
	case err.Code == protocol.PasswordRequired && s.cfg.Password != "" && !s.withPW:
		s.logIn()
	case s.was && (err.Code == "" || slices.Contains(passing, err.Code)):
		s.retryLater(time.Duration(err.Seconds) * time.Second)
	default:
		s.end(err)
	}
}

// passing are the codes of refusals that may be over when a bot that was logged in tries
// again.
var passing = []protocol.Code{protocol.NameTaken, protocol.LoggedInElsewhere, protocol.Busy, protocol.RateLimited, protocol.BlockedLogin,
	protocol.Timeout, protocol.ShuttingDown, protocol.Internal}
