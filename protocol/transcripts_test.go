package protocol

import (
	"bufio"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
)

// The transcripts are what public implementations of the course protocol sent
// and received: their servers, asked by a probe, and their clients, talking to
// a scripted server. They are not ours to publish, so they lie beside the
// project and these tests are skipped where they are missing.
const transcriptsFolder = "../../shared/interop/transcripts"

// A transcript is one implementation's.
type transcript struct {
	name     string // owner and repository
	sections []section
}

// A section is one run of the server or of the client.
type section struct {
	name  string
	reads []read
}

// A read is what one read of a socket brought.
type read struct {
	conn       int
	fromServer bool
	bytes      string
}

func transcripts(t *testing.T) []transcript {
	t.Helper()
	files, _ := filepath.Glob(filepath.Join(transcriptsFolder, "*.jsonl"))
	if len(files) == 0 {
		t.Skip("no transcripts of other implementations in " + transcriptsFolder)
	}
	var list []transcript
	for _, path := range files {
		list = append(list, loadTranscript(t, path))
	}
	return list
}

func loadTranscript(t *testing.T, path string) transcript {
	t.Helper()
	file, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	tr := transcript{name: strings.TrimSuffix(filepath.Base(path), ".jsonl")}
	for lines := bufio.NewScanner(file); lines.Scan(); {
		var rec struct {
			Section, Dir string
			Conn         int
			Bytes        string
			CutFrom      int `json:"cut_from"`
		}
		if err := json.Unmarshal(lines.Bytes(), &rec); err != nil {
			t.Fatalf("%s: %v", path, err)
		}
		if rec.Section != "" {
			tr.sections = append(tr.sections, section{name: rec.Section})
		}
		if rec.Dir == "" {
			continue
		}
		data := fromLatin1(rec.Bytes)
		if rec.CutFrom > 0 {
			// The recorder kept the first 1,500 bytes. The two messages that are
			// that long are the scripted server's own: a text of w.
			data += `"}`
		}
		last := &tr.sections[len(tr.sections)-1]
		last.reads = append(last.reads, read{rec.Conn, strings.HasPrefix(rec.Dir, "server->"), data})
	}
	return tr
}

// fromLatin1 makes a byte of every character.
func fromLatin1(s string) string {
	var b []byte
	for _, r := range s {
		b = append(b, byte(r))
	}
	return string(b)
}

func (s section) isServer() bool { return strings.HasPrefix(s.name, "server, ") }

// heard decodes what the server of a section said: per connection a list for
// every read, with the responses that the read completed.
func heard(t *testing.T, s section) map[int][][]Response {
	t.Helper()
	byConn := map[int][][]Response{}
	scanners := map[int]*Scanner{}
	for _, r := range s.reads {
		if !r.fromServer {
			continue
		}
		if scanners[r.conn] == nil {
			scanners[r.conn] = NewScanner(MaxServedFrame)
		}
		var list []Response
		for _, frame := range framesOf(t, scanners[r.conn], r.bytes) {
			response, err := DecodeResponse([]byte(frame))
			if err != nil {
				t.Errorf("%s, connection %d: %s: %v", s.name, r.conn, frame, err)
			}
			list = append(list, response)
		}
		byConn[r.conn] = append(byConn[r.conn], list)
	}
	checkNothingPending(t, s, scanners)
	return byConn
}

// asked parses what the clients of a section sent.
func asked(t *testing.T, s section) []Request {
	t.Helper()
	var list []Request
	scanners := map[int]*Scanner{}
	for _, r := range s.reads {
		if r.fromServer {
			continue
		}
		if scanners[r.conn] == nil {
			scanners[r.conn] = NewScanner(MaxFrame)
		}
		for _, frame := range framesOf(t, scanners[r.conn], r.bytes) {
			var p Parser
			request, err := p.Parse([]byte(frame))
			if err != nil {
				t.Errorf("%s, connection %d: %s: %v", s.name, r.conn, frame, err)
			}
			list = append(list, request)
		}
	}
	checkNothingPending(t, s, scanners)
	return list
}

func framesOf(t *testing.T, s *Scanner, data string) []string {
	t.Helper()
	var frames []string
	for b := []byte(data); len(b) > 0; {
		frame, n, err := s.Scan(b)
		if err != nil {
			t.Errorf("%q: %v", b, err)
		}
		if frame != nil {
			frames = append(frames, string(frame))
		}
		b = b[n:]
	}
	return frames
}

func checkNothingPending(t *testing.T, s section, scanners map[int]*Scanner) {
	t.Helper()
	for conn, scanner := range scanners {
		if scanner.Pending() != 0 {
			t.Errorf("%s, connection %d: %d bytes were not understood", s.name, conn, scanner.Pending())
		}
	}
}

// What holds for every response of every implementation.
func TestTranscriptResponses(t *testing.T) {
	for _, tr := range transcripts(t) {
		t.Run(tr.name, func(t *testing.T) {
			for _, s := range tr.sections {
				responses := 0
				for _, reads := range heard(t, s) {
					for _, list := range reads {
						responses += len(list)
						for _, r := range list {
							checkHeard(t, r)
						}
					}
				}
				if responses == 0 {
					t.Errorf("%s: nothing heard", s.name)
				}
			}
		})
	}
}

// checkHeard reports a loss that no implementation gave a reason for.
func checkHeard(t *testing.T, r Response) {
	t.Helper()
	checkKinds(t, r)
	if r.Data != nil || r.Ref != "" {
		t.Errorf("taken for one of us: %+v", r)
	}
	if r.Kind == KindMessage && (r.Sender == "" || r.Content == "") {
		t.Errorf("message without sender or text: %+v", r)
	}
	if r.Stamp == "" && r.Kind != KindHistory { // a bare array has none
		t.Errorf("no timestamp: %+v", r)
	}
	if seconds, err := strconv.ParseFloat(r.Stamp, 64); err == nil && r.Time.Unix() != int64(seconds) {
		t.Errorf("%q was read as %v", r.Stamp, r.Time)
	}
	for _, m := range r.History {
		checkHeard(t, m)
	}
}

// What exactly was said: see transcriptTable.
func TestTranscriptMeanings(t *testing.T) {
	table := transcriptTable()
	for _, tr := range transcripts(t) {
		t.Run(tr.name, func(t *testing.T) {
			if len(table[tr.name]) < 4 {
				t.Fatal("not in the table")
			}
			for _, want := range table[tr.name] {
				found := false
				for _, s := range tr.sections {
					if s.name != "server, probe group "+want.group {
						continue
					}
					found = true
					reads := heard(t, s)[want.conn]
					if want.read >= len(reads) {
						t.Errorf("%s: connection %d has %d reads", s.name, want.conn, len(reads))
						continue
					}
					if diff := cmp.Diff(want.responses, reads[want.read], cmpopts.EquateEmpty(), cmpopts.EquateApproxTime(time.Microsecond)); diff != "" {
						t.Errorf("%s, connection %d, read %d (-want +got):\n%s", s.name, want.conn, want.read, diff)
					}
				}
				if !found {
					t.Errorf("no group %s", want.group)
				}
			}
		})
	}
}

// The probe asked every server the same.
func TestTranscriptProbes(t *testing.T) {
	texts := map[string]string{
		"login": "^[a-z]{7}$", "msg": "^(tooearly|hello|world|ghost|aftermath|first|second)[a-z]{6}$",
		"names": "^$", "help": "^$", "logout": "^$",
	}
	for _, tr := range transcripts(t) {
		t.Run(tr.name, func(t *testing.T) {
			for _, s := range tr.sections {
				if !s.isServer() {
					continue
				}
				requests := asked(t, s)
				if len(requests) == 0 {
					t.Errorf("%s: nothing asked", s.name)
				}
				var verbs []string
				for _, r := range requests {
					verbs = append(verbs, r.Verb)
					want, ok := texts[r.Verb]
					if !ok || !regexp.MustCompile(want).MatchString(r.Content.Text) || r.Content.Fields != nil || r.Extended {
						t.Errorf("%s: %+v", s.name, r)
					}
				}
				if strings.HasSuffix(s.name, "glued") { // two messages came in one read
					if got := strings.Join(verbs, " "); got != "login login msg msg help" {
						t.Errorf("%s: %s", s.name, got)
					}
				}
			}
		})
	}
}

// The clients were driven alike: help, login, a message, names, in the plain
// dialect a command that does not exist, logout. What they sent of it shows
// their manners; the transcripts of those that end without a logout end so.
func TestTranscriptClients(t *testing.T) {
	const usual = `help; login u[a-z]{6}; msg two words own[a-z]{6}; names`
	endings := map[string]struct{ plain, replay string }{
		"AudunVN-TTM4100-chat":             {"; msg frobnicate; logout", ""},
		"DagF-ttm4100_project":             {"; logout", "; logout"},
		"KjerneKoderne-ChatServer-TTM4100": {"; frobnicate; logout", "; logout"},
		"Lagostra-ktn-chat":                {"; logout", "; logout"},
		"TommyWithATiger-KTN-Chat-project": {"; msg frobnicate; logout", "; logout"},
		"hringdal-ttm4100":                 {"; frobnicate; logout", "; logout"},
		"ingridstoen-KTN-prosjekt":         {"; frobnicate; logout", "; logout"},
		"lightbits-ttm4100":                {"; msg frobnicate; logout", "; logout"},
		"olav-st-ttm4100-project":          {"; logout", "; logout"},
		"sindrehan-TTM4100-Project":        {"; frobnicate; logout", "; logout"},
	}
	for _, tr := range transcripts(t) {
		t.Run(tr.name, func(t *testing.T) {
			for _, s := range tr.sections {
				if s.isServer() {
					continue
				}
				var said []string
				requests := asked(t, s)
				for _, r := range requests {
					said = append(said, strings.TrimSpace(r.Verb+" "+r.Content.Text))
				}
				want := usual + endings[tr.name].replay
				if strings.HasPrefix(s.name, "client, dialect plain") {
					want = usual + endings[tr.name].plain
				}
				if got := strings.Join(said, "; "); !regexp.MustCompile("^" + want + "$").MatchString(got) {
					t.Errorf("%s: %s, want %s", s.name, got, want)
				}
				checkScript(t, s, requests)
			}
		})
	}
}

// checkScript compares what the scripted server said with what it was told to say.
func checkScript(t *testing.T, s section, requests []Request) {
	t.Helper()
	var got []string
	for _, list := range heard(t, s)[1] {
		for _, r := range list {
			if !regexp.MustCompile(`^20-11-2026 \d\d:\d\d:\d\d$`).MatchString(r.Stamp) || !r.Time.IsZero() {
				t.Errorf("%s: timestamp %q was read as %v", s.name, r.Stamp, r.Time)
			}
			if r.Kind != KindHistory {
				got = append(got, fmt.Sprintf("%s %s: %s", r.Kind, r.Sender, r.Content))
			}
			for _, m := range r.History {
				got = append(got, fmt.Sprintf("history %s: %s", m.Sender, m.Content))
			}
		}
	}
	want := script(s, requests)
	if len(got) != len(want) {
		t.Fatalf("%s: %d responses, want %d: %q", s.name, len(got), len(want), got)
	}
	for i := range want {
		if !regexp.MustCompile("^" + strings.ReplaceAll(want[i], "*", "[a-z]{6}") + "$").MatchString(got[i]) {
			t.Errorf("%s: heard %.200q, want %q", s.name, got[i], want[i])
		}
	}
}

// script returns patterns of what the scripted server said; a star stands for
// six letters that differ every time.
func script(s section, requests []Request) []string {
	me, own, entry := requests[1].Content.Text, requests[2].Content.Text, "history"
	if strings.Contains(s.name, "replay") { // the history came as messages
		entry = "message"
	}
	lines := []string{
		"info server: Commands hezq*: login <username>\nlogout\nmsg <message>\nnames\nhelp",
		"info server: Login successful hezq*", entry + " anna*: hiz*", entry + " bert*: hjz*",
		"message carl*: lvz*", "message " + me + ": " + own, "info server: " + me + ", otzq*, otzq*",
		"message carl*: gla*", "message carl*: glb*",
	}
	if strings.HasPrefix(s.name, "client, dialect plain") {
		lines = append(lines, "message carl*: blåbæruni*", "message carl*: odd}brc*", "message carl*: odd{brc*",
			`message carl*: q"\\quo*`, "message carl*: w+", "message carl*: w+")
	}
	lines = append(lines, "error server: E end*")
	for _, r := range requests[4:] {
		switch {
		case r.Verb == "msg":
			lines = append(lines, "message "+me+": "+r.Content.Text)
		case r.Verb == "logout":
			lines = append(lines, "info server: Logout successful byzq*")
		default:
			lines = append(lines, "error server: Unknown request unzq*")
		}
	}
	return lines
}
