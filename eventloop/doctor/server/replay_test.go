package server

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"parley/eventloop/doctor"
)

// A line of a transcript is one read or write of the probe, or a remark.
type line struct {
	T                         float64
	Conn                      int
	Dir, Bytes, Note, Section string
}

// recorded is what another program's server once answered, from its transcript.
type recorded struct {
	before map[string][]line // by request, to who had not logged in
	login  []line            // to the first who did
	later  []line            // to who came when something had been said
	own    []line            // of a message, to who said it
	others []line            // to another one
	out    []line            // to who had not logged in
	help   []line
	names  []line
	gluedRecording
	leaveRecording
	// What stands in the answers: the two people and the two things they said.
	ann, bob, first, second string
}

// latin1 returns the bytes that a transcript has as characters.
func latin1(s string) []byte {
	var b []byte
	for _, r := range s {
		b = append(b, byte(r))
	}
	return b
}

// answers returns what came on a connection behind line i, until the probe sent something again.
func answers(lines []line, i, conn int) (list []line) {
	for _, l := range lines[i+1:] {
		if l.Dir == "probe->server" {
			break
		}
		if l.Dir == "server->probe" && l.Conn == conn || strings.HasSuffix(l.Note, "closed by server") && strings.HasPrefix(l.Note, fmt.Sprintf("connection %d ", conn)) {
			l.T -= lines[i].T
			list = append(list, l)
		}
	}
	return list
}

func readTranscript(t *testing.T, path string) *recorded {
	t.Helper()
	f, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	sections := make(map[string][]line)
	name := ""
	scan := bufio.NewScanner(f)
	scan.Buffer(nil, 1<<20)
	for scan.Scan() {
		var l line
		if err := json.Unmarshal(scan.Bytes(), &l); err != nil {
			t.Fatal(err)
		}
		if l.Section != "" {
			name = l.Section
		}
		sections[name] = append(sections[name], l)
	}
	r := &recorded{before: make(map[string][]line)}
	sent := func(l line) (verb, content string) {
		var q struct{ Request, Content string }
		if l.Dir == "probe->server" && json.NewDecoder(strings.NewReader(l.Bytes)).Decode(&q) != nil {
			t.Fatalf("%s: %s", path, l.Bytes)
		}
		return q.Request, q.Content
	}
	before := sections["server, probe group before"]
	for i, l := range before {
		if verb, _ := sent(l); verb != "" {
			r.before[verb] = answers(before, i, l.Conn)
		}
	}
	r.chat(sections["server, probe group chat"], sent)
	r.glued(sections["server, probe group two_requests_glued"], sent)
	r.leave(sections["server, probe group leave"], sent)
	return r
}

// chat reads what was said when ann, bob and one who never logs in were connected, and
// then somebody came.
func (r *recorded) chat(lines []line, sent func(line) (string, string)) {
	for i, l := range lines {
		switch verb, content := sent(l); {
		case verb == "login" && l.Conn == 1:
			r.ann, r.login = content, answers(lines, i, 1)
		case verb == "login" && l.Conn == 2:
			r.bob = content
		case verb == "login":
			r.later = answers(lines, i, l.Conn)
		case verb == "msg" && l.Conn == 1:
			r.first, r.own, r.others, r.out = content, answers(lines, i, 1), answers(lines, i, 2), answers(lines, i, 3)
		case verb == "msg":
			r.second = content
		case verb == "names":
			r.names = answers(lines, i, 1)
		case verb == "help" && l.Conn == 1:
			r.help = answers(lines, i, 1)
		}
	}
}

// A replay is a server that answers as the recorded one did, with other names and words.
type replay struct {
	*recorded
	mu    lock
	conns []*replayConn
	said  [][2]string // who and what
	departures
}

type replayConn struct {
	conn  net.Conn
	name  string
	out   bool // it has logged out
	reset bool
}

func (s *replay) dial(context.Context) (net.Conn, error) {
	ours, theirs := net.Pipe()
	c := &replayConn{conn: ours}
	s.mu.Lock()
	s.conns = append(s.conns, c)
	s.mu.Unlock()
	go func() {
		buf := make([]byte, 64<<10)
		for {
			n, err := ours.Read(buf)
			if err != nil {
				break
			}
			var q struct{ Request, Content string }
			s.mu.Lock()
			switch {
			case json.Unmarshal(buf[:n], &q) == nil:
				s.answer(c, q.Request, q.Content)
			case c.name != "" && bytes.Contains(buf[:n], []byte("}{")):
				s.answerGlued(c, buf[:n])
			}
			s.mu.Unlock()
		}
		s.mu.Lock()
		s.conns = slices.DeleteFunc(s.conns, func(x *replayConn) bool { return x == c })
		if c.name != "" {
			s.departs(c, map[bool]string{true: "reset", false: "eof"}[c.reset])
		}
		s.mu.Unlock()
	}()
	return &replayEnd{theirs, s, c}, nil
}

func (s *replay) answer(c *replayConn, verb, content string) {
	other := ""
	for _, x := range s.conns {
		if x != c && x.name != "" {
			other = x.name
		}
	}
	switch {
	case verb == "login" && s.loginAfterDeparture(c, content):
	case verb == "login" && len(s.said) < 2:
		c.name = content
		c.play(s.login, s.ann, content)
	case verb == "login":
		c.name = content
		one, two := s.said[len(s.said)-2], s.said[len(s.said)-1]
		c.play(s.later, s.ann, one[0], s.bob, two[0], s.first, one[1], s.second, two[1])
	case c.out && verb == "msg":
		c.play(s.ghost)
	case c.name == "":
		c.play(s.before[verb])
	case verb == "logout":
		c.play(s.logout, s.leaver, c.name)
		s.departs(c, "logout")
	case verb == "msg" && s.left.how == "reset":
		for _, x := range s.conns {
			x.play(s.aftermath[x == c], s.lost, c.name, s.third, content)
		}
	case verb == "names" && s.left.how != "":
		s.tellNames(c)
	case verb == "msg":
		s.said = append(s.said, [2]string{c.name, content})
		for _, x := range s.conns {
			lines := s.others
			switch {
			case x == c:
				lines = s.own
			case x.name == "":
				lines = s.out
			}
			x.play(lines, s.ann, c.name, s.first, content)
		}
	case verb == "names":
		c.play(s.names, s.ann, c.name, s.bob, other)
	case verb == "help":
		c.play(s.help)
	}
}

// play sends what was recorded at the times it came, with some words replaced by others.
func (c *replayConn) play(lines []line, oldNew ...string) {
	for i := len(oldNew) - 2; i >= 0; i -= 2 {
		if oldNew[i] == "" { // was not recorded
			oldNew = slices.Delete(oldNew, i, i+2)
		}
	}
	go func() {
		began := time.Now()
		for _, l := range lines {
			time.Sleep(time.Duration(l.T*1e9) - time.Since(began))
			if l.Note != "" {
				c.conn.Close()
				return
			}
			c.conn.Write(latin1(strings.NewReplacer(oldNew...).Replace(l.Bytes)))
		}
	}()
}

// replayed are the groups that the transcripts have something of.
var replayed = []string{"before", "chat", "history", "splits", "leaving", shapeGroup}

// Of ten servers of other people, by what they sent to the probe, the doctor says what the
// probe says. tape.py has the probe judge the recordings themselves, so that neither has
// seen the verdicts of the other.
func TestRecordedServers(t *testing.T) {
	t.Parallel()
	python, probe := theProbe(t)
	files, _ := filepath.Glob("../../../../shared/interop/transcripts/*.jsonl")
	if len(files) == 0 {
		t.Skip("there are no ../shared/interop/transcripts")
	}
	for _, path := range files {
		t.Run(strings.TrimSuffix(filepath.Base(path), ".jsonl"), func(t *testing.T) {
			t.Parallel()
			recorded := readTranscript(t, path)
			var r doctor.Report
			synctest.Test(t, func(t *testing.T) {
				s := &replay{recorded: recorded, mu: make(lock, 1)}
				Examine(t.Context(), Config{Dial: s.dial, Only: replayed}, &r)
				time.Sleep(time.Minute)
			})
			compareWithTape(t, tape(t, python, probe, path), r)
		})
	}
}
