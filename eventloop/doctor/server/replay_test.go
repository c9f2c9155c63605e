package server

import (
	"bufio"
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

	"github.com/google/go-cmp/cmp"

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
		if l.Dir == "probe->server" && json.Unmarshal([]byte(l.Bytes), &q) != nil {
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
}

type replayConn struct {
	conn net.Conn
	name string
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
			if json.Unmarshal(buf[:n], &q) == nil {
				s.mu.Lock()
				s.answer(c, q.Request, q.Content)
				s.mu.Unlock()
			}
		}
		s.mu.Lock()
		s.conns = slices.DeleteFunc(s.conns, func(x *replayConn) bool { return x == c })
		s.mu.Unlock()
	}()
	return theirs, nil
}

func (s *replay) answer(c *replayConn, verb, content string) {
	other := ""
	for _, x := range s.conns {
		if x != c && x.name != "" {
			other = x.name
		}
	}
	switch {
	case verb == "login" && len(s.said) < 2:
		c.name = content
		c.play(s.login, s.ann, content)
	case verb == "login":
		c.name = content
		one, two := s.said[len(s.said)-2], s.said[len(s.said)-1]
		c.play(s.later, s.ann, one[0], s.bob, two[0], s.first, one[1], s.second, two[1])
	case c.name == "":
		c.play(s.before[verb])
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

// Of ten servers of other people, by what they sent to the probe, the doctor says what was
// measured of them. What they got right is left out.
func TestRecordedServers(t *testing.T) {
	t.Parallel()
	folder := "../../../../shared/interop/transcripts"
	if _, err := os.Stat(folder); err != nil {
		t.Skip("there is no ../shared/interop/transcripts")
	}
	for file, want := range recordedVerdicts {
		t.Run(file, func(t *testing.T) {
			t.Parallel()
			recorded := readTranscript(t, filepath.Join(folder, file+".jsonl"))
			var r doctor.Report
			synctest.Test(t, func(t *testing.T) {
				s := &replay{recorded: recorded, mu: make(lock, 1)}
				Examine(t.Context(), Config{Dial: s.dial, Only: []string{"before", "chat", "history", shapeGroup}}, &r)
				time.Sleep(time.Minute)
			})
			if diff := cmp.Diff(want, verdicts(r)); diff != "" {
				t.Errorf("(-want +got)\n%s", diff)
				t.Logf("%s: %s", r.Estimate.Sentence(), strings.Join(verdicts(r), "; "))
				for _, p := range r.Points {
					if p.Verdict != doctor.Pass {
						t.Logf("%s: %.200s", p.ID, p.Found)
					}
				}
			}
		})
	}
}

// recordedVerdicts are what each got wrong.
var recordedVerdicts = map[string][]string{
	"AudunVN-TTM4100-chat": {"fail logout_before_login_rejected", "fail msg_before_login_rejected", "fail names_before_login_rejected", // it closes, or answers
		"warn login_says_success", "warn one_response_per_segment", "warn timestamp_is_a_string"}, // history and info glued
	"DagF-ttm4100_project":             nil,
	"KjerneKoderne-ChatServer-TTM4100": {"warn one_response_per_segment"},
	"Lagostra-ktn-chat":                {"warn timestamp_is_a_string"},
	"TommyWithATiger-KTN-Chat-project": {"warn history_as_most_can_read", "warn msg_echoed_to_sender"}, // objects, and a receipt in place of the echo
	"hringdal-ttm4100":                 {"warn no_newline_behind_responses", "warn one_response_per_segment"},
	"ingridstoen-KTN-prosjekt":         {"warn one_response_per_segment"},
	"lightbits-ttm4100": {"fail all_responses_have_the_four_keys", "fail keys_in_small_letters", // written in Go, with a bare array as history
		"fail logout_before_login_rejected", "fail msg_not_sent_before_login", "fail names_before_login_rejected",
		"warn history_as_most_can_read", "warn login_says_success", "warn msg_echoed_to_sender", "warn one_response_per_segment"},
	"olav-st-ttm4100-project": {"fail all_responses_of_a_known_kind", "fail msg_delivered_to_other", // msg in place of message
		"warn history_as_most_can_read", "warn login_says_success", "warn one_response_per_segment", "warn timestamp_is_a_string"},
	"sindrehan-TTM4100-Project": {"warn login_says_success", "warn no_newline_behind_responses", "warn one_response_per_segment"}, // succesful
}
