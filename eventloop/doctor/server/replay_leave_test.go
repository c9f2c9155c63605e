package server

import (
	"net"
	"regexp"
	"slices"
	"strings"
)

// What a server has answered to two requests in one write: to who wrote them, and to
// another one.
type gluedRecording struct {
	gluedOwn, gluedOther []line
	pair                 [2]string // what they said
}

var saidGlued = regexp.MustCompile(`"content": "([a-z]+)"`)

func (r *recorded) glued(lines []line, sent func(line) (string, string)) {
	for i, l := range lines {
		if verb, _ := sent(l); verb == "msg" {
			said := saidGlued.FindAllStringSubmatch(l.Bytes, 2)
			r.pair = [2]string{said[0][1], said[1][1]}
			r.gluedOwn, r.gluedOther = answers(lines, i, 1), answers(lines, i, 2)
		}
	}
}

func (s *replay) answerGlued(c *replayConn, b []byte) {
	said := saidGlued.FindAllSubmatch(b, 2)
	if len(said) < 2 {
		return
	}
	for _, x := range s.conns {
		lines := s.gluedOther
		if x == c {
			lines = s.gluedOwn
		}
		x.play(lines, s.pair[0], string(said[0][1]), s.pair[1], string(said[1][1]))
	}
}

// What a server has answered when people went. How they went is "logout", "eof" or
// "reset". One of them watched all the time.
type leaveRecording struct {
	logout      []line              // to a logout
	ghost       []line              // to a msg after it
	again       []line              // to a login with the name of who has logged out
	afterEOF    []line              // to a login after an eof, with another name
	afterReset  []line              // to a login with the name of who was reset
	aftermath   map[bool][]line     // of a msg after the reset: true to who sent it, false to another one
	namesAfter  map[string][][]line // by how somebody went: the answers to names, one after the other
	departed    map[string]string   // by how they went: the names of who went
	watcher     string
	leaver      string // who logged out
	lost, third string // the name that was lost, and what was said then
}

// leave reads what the probe's group of that name has recorded: its connections are in the
// order of its source.
func (r *recorded) leave(lines []line, sent func(line) (string, string)) {
	r.namesAfter, r.departed = make(map[string][][]line), make(map[string]string)
	how := ""
	for i, l := range lines {
		verb, content := sent(l)
		reply := func(conn int) []line { return answers(lines, i, conn) }
		switch {
		case verb == "names":
			r.namesAfter[how] = append(r.namesAfter[how], reply(1))
		case verb == "login" && l.Conn == 1:
			r.watcher = content
		case verb == "login" && l.Conn == 2:
			r.leaver = content
		case verb == "logout" && l.Conn == 2:
			how, r.logout = "logout", reply(2)
			r.departed[how] = r.leaver
		case verb == "msg" && l.Conn == 2:
			r.ghost = reply(2)
		case verb == "login" && l.Conn == 4: // whom the probe then disconnects
			how, r.again = "eof", reply(4)
			r.departed[how] = content
		case verb == "login" && l.Conn == 5: // and this one it resets
			how, r.afterEOF, r.lost = "reset", reply(5), content
			r.departed[how] = content
		case verb == "login" && l.Conn == 6:
			r.afterReset = reply(6)
		case verb == "msg" && l.Conn == 6:
			r.third, r.aftermath = content, map[bool][]line{true: reply(6), false: reply(1)}
		}
	}
}

// departures are who has left a replay, and how.
type departures struct {
	gone    map[string]string // by name
	dropped bool              // somebody went without a logout
	left    struct {
		how, name string
		asked     int // how often for the names since then
	} // who left last, until somebody logs in
}

func (s *replay) departs(c *replayConn, how string) {
	if s.gone == nil {
		s.gone = make(map[string]string)
	}
	s.gone[c.name] = how
	s.left.how, s.left.name, s.left.asked = how, c.name, 0
	s.dropped = s.dropped || how != "logout"
	c.name, c.out = "", true
}

// loginAfterDeparture answers a login to which it matters that somebody has left.
func (s *replay) loginAfterDeparture(c *replayConn, name string) bool {
	how := s.gone[name]
	s.left.how = ""
	answers, recorded := s.afterEOF, s.lost
	switch {
	case how == "logout":
		answers, recorded = s.again, s.departed["eof"]
	case how == "reset":
		answers = s.afterReset
	case !s.dropped:
		return false
	}
	c.play(answers, recorded, name)
	refused := slices.ContainsFunc(answers, func(l line) bool { return strings.Contains(l.Bytes, `"error"`) })
	if c.out = refused; !refused {
		c.name = name
	}
	return true
}

// tellNames answers names as often as it was answered after such a departure, and then as
// the last time.
func (s *replay) tellNames(c *replayConn) {
	list := s.namesAfter[s.left.how]
	if len(list) > 0 {
		c.play(list[min(s.left.asked, len(list)-1)], s.watcher, c.name, s.departed[s.left.how], s.left.name)
	}
	s.left.asked++
}

// A replayEnd is the doctor's end of a connection to a replay. It tells a reset from an
// end, which a pipe does not.
type replayEnd struct {
	net.Conn
	s    *replay
	peer *replayConn
}

func (e *replayEnd) SetLinger(int) error {
	e.s.mu.Lock()
	defer e.s.mu.Unlock()
	e.peer.reset = true
	return nil
}
