package dialect

import (
	"fmt"
	"regexp"
	"time"
)

// Times of the habits that take some.
const (
	halvesApart = 120 * time.Millisecond
	bytesApart  = 400 * time.Microsecond
	newlineLate = 30 * time.Millisecond
)

// Say sends a response of a kind as soon as it is its turn.
func (s *Server) Say(kind string, content, sender any) {
	s.say(s.pace, s.habits.Response(kind, content, sender, time.Now()))
}

// Error sends an error.
func (s *Server) Error(content string) { s.Say("error", content, s.habits.Sender) }

// Talk sends messages. If it is the server's habit, two go in one segment.
func (s *Server) Talk(list ...Said) {
	var pair []byte
	for i, m := range list {
		b := s.habits.Response("message", m.Text, m.Name, time.Now())
		if s.habits.Pairs && i+1 < len(list) {
			pair = append(pair, b...)
			continue
		}
		s.say(s.pace, append(pair, b...))
		pair = nil
	}
}

// inform sends an info of the server itself.
func (s *Server) inform(content any) { s.Say("info", content, s.habits.Sender) }

// say sends bytes when that much time is over since the last that were sent, and
// together with no others.
func (s *Server) say(after time.Duration, b []byte) {
	s.speaking.Lock()
	defer s.speaking.Unlock()
	s.mu.Lock()
	wait := time.Until(s.wrote.Add(after))
	s.mu.Unlock()
	time.Sleep(wait)
	switch s.habits.Split {
	case Whole:
		s.put(b)
	case Halves:
		s.put(b[:len(b)/2])
		time.Sleep(halvesApart)
		s.put(b[len(b)/2:])
	case Bytes:
		s.putBytes(b)
	}
	if s.habits.EndLate {
		time.Sleep(newlineLate)
		s.put([]byte(s.habits.End))
	}
}

// put writes one segment.
func (s *Server) put(b []byte) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.conn == nil || s.closed {
		return
	}
	s.record(s.conns, true, b)
	_ = s.conn.SetWriteDeadline(time.Now().Add(time.Second)) // a client that reads nothing is not waited for
	_, _ = s.conn.Write(b)                                   // the end of a connection is seen where it is read
	s.wrote = time.Now()
}

// putBytes writes segments of one byte, as one record of the trace.
func (s *Server) putBytes(b []byte) {
	s.mu.Lock()
	s.remark(s.conns, "the next response goes in segments of one byte")
	s.record(s.conns, true, b)
	conn := s.conn
	s.mu.Unlock()
	for i := range b {
		_ = conn.SetWriteDeadline(time.Now().Add(time.Second))
		if _, err := conn.Write(b[i : i+1]); err != nil {
			break
		}
		time.Sleep(bytesApart)
	}
	s.mu.Lock()
	s.wrote = time.Now()
	s.mu.Unlock()
}

// greet says what is said to a connection that has not asked for anything.
func (s *Server) greet() {
	switch s.habits.Greets {
	case GreetInfo:
		s.inform("Connection established. " + s.words.Greeting)
	case GreetMessage:
		s.Talk(Said{s.words.Past[0].Name, s.words.Greeting})
	case GreetWords:
		s.say(s.pace, []byte("Welcome! "+s.words.Greeting+"\n"))
	}
}

// goodName is what a name may be.
var goodName = regexp.MustCompile(`^[A-Za-z0-9]+$`)

// answer answers a request as the server's habits are.
func (s *Server) answer(q Request) {
	s.mu.Lock()
	name := s.name
	s.mu.Unlock()
	switch {
	case q.Broken || q.Keys == nil:
		s.Error("That is no request.")
	case q.Verb == "login":
		s.login(q)
	case q.Verb == "logout":
		s.logout()
	case q.Verb == "help":
		s.inform("Commands " + s.words.Help + ": login <username>\nlogout\nmsg <message>\nnames\nhelp")
	case name == "":
		s.Error("You must log in first " + s.words.NotLoggedIn)
	case q.Verb == "msg":
		if !s.habits.NoEcho {
			s.Talk(Said{name, q.Text})
		}
		if s.habits.Receipt {
			s.inform("Message delivered")
		}
	case q.Verb == "names":
		kind, content := s.habits.names(append([]string{name}, s.words.Others[:]...))
		s.Say(kind, content, s.habits.Sender)
	default:
		s.Error("Unknown request " + s.words.Unknown)
	}
}

// login answers a login.
func (s *Server) login(q Request) {
	if !goodName.MatchString(q.Text) {
		s.Error("That is no name.")
		return
	}
	s.mu.Lock()
	s.name = q.Text
	s.mu.Unlock()
	now := time.Now()
	answers := [][]byte{s.habits.Response("info", fmt.Sprintf("%s %s", s.habits.LoginText, s.words.Hello), s.habits.Sender, now)}
	history := s.habits.history(s.words.Past[:], now)
	switch s.habits.Order {
	case InfoHistory:
		answers = append(answers, history...)
	case HistoryInfo:
		answers = append(history, answers...)
	case HistoryOnly:
		answers = history
	}
	if s.habits.UnknownToo {
		answers = append(answers, s.habits.Response("weather", "It rains "+s.words.Greeting, s.habits.Sender, now))
	}
	if s.habits.GlueLogin {
		var all []byte
		for _, a := range answers {
			all = append(all, a...)
		}
		answers = [][]byte{all}
	}
	for i, a := range answers {
		gap := s.habits.Gap
		if i == 0 {
			gap = s.pace
		}
		s.say(gap, a)
	}
}

// logout answers a logout.
func (s *Server) logout() {
	l := s.habits.Logout
	if l == LogoutInfo || l == LogoutInfoClose {
		s.inform("Logout successful " + s.words.Bye)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.name = ""
	if l == LogoutClose || l == LogoutInfoClose {
		s.remark(s.conns, "the server closes the connection")
		s.conn.Close()
	}
}
