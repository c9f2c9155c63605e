//go:build unix

package client

import (
	"bufio"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"

	"parley/eventloop/doctor"
)

// transcriptsFolder has what clients of other people have sent and received.
const transcriptsFolder = "../../../../shared/interop/transcripts"

// replayWord makes a sample send what a client has sent that was recorded, and show what
// that one has shown: "replay:FILE#SECTION", and behind it hidesWord with each point of a
// text that was not shown.
const (
	replayWord = "replay:"
	hidesWord  = "hides:"
)

// hidden reports whether a text is the one of a point.
var hidden = map[string]func(text string) bool{
	pUnicode: func(text string) bool { return strings.Contains(text, "blåbær") },
	pCloses:  func(text string) bool { return strings.Contains(text, "odd}") },
	pOpens:   func(text string) bool { return strings.Contains(text, "odd{") },
	pQuote:   func(text string) bool { return strings.Contains(text, `"\`) },
	pLong:    func(text string) bool { return len(text) >= 3000 },
}

// pVeryLong is a point of the driver's that the doctor has not.
const pVeryLong = "message_20000_shown"

// driverLacks are points for which the driver has nothing that a recording could be judged
// by, and why. The recorded clients are good there, apart from those in peculiar.
var driverLacks = map[string]string{
	pJSON:        "it looks for objects, and only remarks what stands around them",
	pKeys:        "it takes keys in capitals for those of the specification",
	pWords:       "it waits for the words of the specification, and passes over others",
	pContent:     "it does not look at the content of names, help and logout",
	pContentKind: "it does not look at the content of names, help and logout",
	pOneByOne:    "it only remarks how many reads a request took",
}

// peculiar is what is to be said of the recorded clients on those points, by reading the
// transcripts. Of the others nothing is.
var peculiar = map[string]string{
	"lightbits-ttm4100":       pKeys,    // "Request" and "Content"
	"olav-st-ttm4100-project": pContent, // nowhere but in login and msg
}

// notRecorded are points that a transcript has nothing of, and why.
var notRecorded = map[string]string{
	pErrorShown: "the names were not asked for before the login",
	pMsgUnicode: "nothing was typed but ASCII",
	pOnce:       "the driver does not count what is shown, and no screen was recorded",
	pStays:      "the driver does not judge it",
	pEnds:       "the driver ends a client with a signal",
	pHangup:     "the driver ends a client with a signal",
}

// TestRecorded examines clients that do what those of other people have done, with the
// doctor and, by their recordings, with the driver. The driver's own code judges what was
// sent then, and what was shown then as far as that can be told (tape.py says how). The
// doctor has words of its own: it examines a sample that sends the recorded requests with
// those in their place, and does not show what was not shown then.
func TestRecorded(t *testing.T) {
	python := withDriver(t)
	files, _ := filepath.Glob(filepath.Join(transcriptsFolder, "*.jsonl"))
	if len(files) == 0 {
		t.Skip("no transcripts of other implementations in " + transcriptsFolder)
	}
	t.Parallel()
	var running sync.WaitGroup
	for _, file := range files {
		running.Go(func() {
			sections, err := tape(python, file)
			if err != nil || len(sections) < 2 {
				t.Errorf("%s: %d sections, %v", file, len(sections), err)
			}
			for section, theirs := range sections {
				running.Go(func() { compareRecorded(t, file, section, theirs) })
			}
		})
	}
	running.Wait()
}

// tape returns the driver's verdicts on the clients of a transcript, by section.
func tape(python, file string) (sections map[string][]verdict, err error) {
	cmd := exec.Command(python, "testdata/tape.py", driver, file)
	var errs strings.Builder
	cmd.Stderr = &errs
	out, err := cmd.Output()
	if err != nil {
		return nil, fmt.Errorf("%w: %s", err, errs.String())
	}
	return sections, json.Unmarshal(out, &sections)
}

// compareRecorded examines the client of a section, and holds each point against what the
// driver says. All points of both are compared, or it is said why not.
func compareRecorded(t *testing.T, file, section string, theirs []verdict) {
	does := replayWord + file + "#" + section
	for _, v := range theirs {
		if v.Verdict == "FAIL" && hidden[v.Name] != nil {
			does += "," + hidesWord + v.Name
		}
	}
	name := strings.TrimSuffix(filepath.Base(file), ".jsonl")
	where := name + ", " + section
	isHard := slices.ContainsFunc(theirs, func(v verdict) bool { return v.Name == pLong })
	cfg := Config{Templates: bare, Dialects: []string{"long"}}
	if !isHard {
		cfg.Only = []string{groupRequests, groupShown, groupLeaving}
	}
	r := examine(t, does, cfg)
	compared := map[string]bool{}
	for _, v := range theirs {
		if v.Verdict == "NOTE" {
			continue
		}
		id := ours(v.Name)
		compared[id] = true
		i := slices.IndexFunc(r.Points, func(p doctor.Point) bool { return p.ID == id })
		switch why := whyNotCompared(v, theirs); {
		case why != "":
			t.Logf("%s: %s is not compared: %s", where, v.Name, why)
		case i < 0:
			t.Errorf("%s: %s is not among the doctor's points", where, v.Name)
		case (r.Points[i].Verdict == doctor.Pass) != (v.Verdict == "PASS"):
			t.Errorf("%s: the driver says of %s %s (%s), the doctor %s (%s)", where, v.Name, v.Verdict, v.Detail, r.Points[i].Verdict, r.Points[i].Found)
		}
	}
	if len(compared) < 12 {
		t.Errorf("%s: the driver has said only %v", where, theirs)
	}
	compareOthers(t, name, where, r, compared, isHard)
}

// compareOthers looks at the points of the doctor that the driver has no verdict on.
func compareOthers(t *testing.T, name, where string, r *doctor.Report, compared map[string]bool, isHard bool) {
	for _, p := range r.Points {
		why, is := notRecorded[p.ID]
		if !isHard && hidden[p.ID] != nil {
			why, is = "the texts that are hard to read were left out", true
		}
		_, lacks := driverLacks[p.ID]
		switch {
		case compared[p.ID]:
		case lacks:
			if p.Bad() != (peculiar[name] == p.ID) {
				t.Errorf("%s: the doctor says of %s %s (%s)", where, p.ID, p.Verdict, p.Found)
			}
		case is:
			t.Logf("%s: %s is not compared: %s", where, p.ID, why)
		default:
			t.Errorf("%s: the driver says nothing of %s", where, p.ID)
		}
	}
}

// whyNotCompared says why a verdict of the driver cannot be held against one of the
// doctor's. It returns "" if it can.
func whyNotCompared(v verdict, theirs []verdict) string {
	switch {
	case v.Name == pVeryLong:
		return "the doctor sends no text of 20,000 letters"
	case v.Verdict == "LEFT OUT":
		return "the recording ends behind the text, and does not tell whether it was seen"
	case v.Name == pLateError && v.Verdict == "FAIL" && slices.ContainsFunc(theirs, func(x verdict) bool { return x.Name == pVeryLong && x.Verdict == "FAIL" }):
		return "the driver's error came behind a text of 20,000 letters that the client could not read"
	}
	return ""
}

// TestAlteredRecording alters a word of a recording: the driver does not say again what it
// said then. Only a word that stands in one place, made up for one message, may be any.
func TestAlteredRecording(t *testing.T) {
	python := withDriver(t)
	whole, err := os.ReadFile(filepath.Join(transcriptsFolder, "hringdal-ttm4100.jsonl"))
	if err != nil {
		t.Skip(err)
	}
	t.Parallel()
	servers, clients, _ := strings.Cut(string(whole), `{"section": "client`)
	for from, to := range map[string]string{
		`\"request\": \"help\"`:   `\"request\": \"halp\"`,
		`\"request\": \"login\"`:  `\"request\": \"logon\"`,
		`\"request\": \"msg\"`:    `\"request\": \"message\"`,
		`\"request\": \"names\"`:  `\"request\": \"users\"`,
		`\"request\": \"logout\"`: `\"request\": \"quit\"`,
		`\"content\": \"uwhsilp`:  `\"content\": \"uwhsilq`,
		"two words owncymoam ":    "two words owncymoam",
		"otzqqkcrtd, ":            "otzqqkcrtd; ",
		"odd}":                    "odd]",
	} {
		t.Run(to, func(t *testing.T) {
			t.Parallel()
			file := filepath.Join(t.TempDir(), "altered.jsonl")
			altered := strings.Replace(clients, from, to, 1)
			if altered == clients {
				t.Errorf("there is no %s", from)
			}
			if err := os.WriteFile(file, []byte(servers+`{"section": "client`+altered), 0o600); err != nil {
				t.Fatal(err)
			}
			if sections, err := tape(python, file); err == nil || !strings.Contains(err.Error(), "Strayed") {
				t.Errorf("the driver says %v, %v", sections, err)
			}
		})
	}
}

// recorded returns what the client of a section ("FILE#SECTION") has sent for a verb, with
// other words in it.
func recorded(section, verb string, content any) []byte {
	path, section, _ := strings.Cut(section, "#")
	file, err := os.Open(path)
	if err != nil {
		return nil
	}
	defer file.Close()
	inSection := false
	for lines := bufio.NewScanner(file); lines.Scan(); {
		var l struct{ Section, Dir, Bytes string }
		_ = json.Unmarshal(lines.Bytes(), &l)
		if l.Section != "" {
			inSection = strings.HasPrefix(l.Section+" ", "client, dialect "+section+" ")
		}
		if !inSection || l.Dir != "client->server" || !strings.Contains(l.Bytes, `"`+verb+`"`) {
			continue
		}
		said, is := content.(string)
		if !is {
			return []byte(l.Bytes)
		}
		var request map[string]string
		_ = json.Unmarshal([]byte(l.Bytes), &request)
		before := request["content"] + request["Content"]
		quoted, _ := json.Marshal(said)
		return []byte(strings.Replace(l.Bytes, strings.TrimSpace(before), strings.Trim(string(quoted), `"`), 1))
	}
	return nil
}
