package doctor

import (
	"bytes"
	"encoding/json"
	"strings"
	"testing"
	"time"
	"unicode/utf8"
)

func example() *Report {
	asked := Rule{ID: "names_lists_both", Group: "chat", Asks: "names tells who is logged in.", Section: "names", Change: "Answer names with all names."}
	habit := Rule{ID: "newline", Group: "framing", Asks: "Each response ends in a newline, in one write.", World: "22 of 27 servers do it", Change: "Write both at once."}
	trace := []Segment{NewSegment(time.Second, 1, true, []byte(`{"request":"names"}`)), NewSegment(1500*time.Millisecond, 1, false, []byte("<b>\x1b[2J\xff\n"))}
	return &Report{Program: "server", Target: "localhost:9998\x1b", Began: time.Unix(1e9, 0), Version: "parley",
		Points: []Point{asked.Judge(false, "alice only\a", trace), habit.Judge(false, "none", trace), asked.Judge(true, "", nil), asked.Untested("it sent an error")}}
}

// Points of the specification fail, habits only warn, and neither the text nor the page
// lets through what a program has sent.
func TestReport(t *testing.T) {
	t.Parallel()
	r := example()
	if r.Good() || r.Count(Fail) != 1 || r.Count(Warn) != 1 || r.Count(NotTested) != 1 || r.Tested() != 2 {
		t.Errorf("counted %v", r.Verdict())
	}
	var text, page, object bytes.Buffer
	for _, err := range []error{r.Text(&text, false), r.HTML(&page, false), r.JSON(&object)} {
		if err != nil {
			t.Fatal(err)
		}
	}
	for _, want := range []string{"fail ", "warn ", "specification: names", "habit: 22 of 27 servers do it", `<b>\x1b[2J\xff\n`, "Write both at once.", "1 point of the specification failed, of 2 that were tested."} {
		if !strings.Contains(text.String(), want) {
			t.Errorf("the text lacks %q:\n%s", want, &text)
		}
	}
	if strings.ContainsAny(text.String(), "\x1b\a") || !utf8.Valid(text.Bytes()) || strings.Contains(page.String(), "<b>") || strings.Contains(page.String(), "\x1b") {
		t.Errorf("something got through:\n%q\n%q", &text, &page)
	}
	var back struct {
		Points []struct {
			Verdict string
			Trace   []struct{ Way, Bytes string }
		}
	}
	if err := json.Unmarshal(object.Bytes(), &back); err != nil {
		t.Fatal(err)
	}
	if p := back.Points[0]; p.Verdict != "fail" || p.Trace[0].Way != "sent" || p.Trace[1].Bytes != "<b>\x1b[2J\u00ff\n" {
		t.Errorf("as JSON: %+v", p)
	}
	r.Points = r.Points[1:]
	if !r.Good() {
		t.Errorf("a habit decides: %v", r.Verdict())
	}
	r.Points = r.Points[:1]
	if r.Good() {
		t.Error("good without one tested point of the specification")
	}
}

// Each kind of history leaves as many clients as were measured: 20 and 20 of 29 and 36
// survive a list of strings, and so on.
func TestEstimateForHistories(t *testing.T) {
	t.Parallel()
	for habit, want := range map[Habit]int{
		"history: a list of strings":              40,
		"history: a list of objects":              25,
		"history: one string":                     22,
		"history: an empty list, then messages":   53, // 50, and three that die of the newline
		"history: an empty string, then messages": 60,
		"history: messages":                       61,
	} {
		e := EstimateFor("clients", []Habit{habit, "timestamp: string"})
		if e.Least != want || e.Most != want || e.Of != 65 {
			t.Errorf("%s: %s", habit, e.Sentence())
		}
		told := 0
		for _, r := range e.Reasons {
			told += r.Number
		}
		if told != e.Of-e.Most {
			t.Errorf("%s: %d clients have a reason, %d are lost", habit, told, e.Of-e.Most)
		}
	}
	if e := EstimateFor("clients", []Habit{"history: messages", "timestamp: string", "newline behind responses"}); e.Most != 58 {
		t.Errorf("with newlines: %s", e.Sentence())
	}
	e := EstimateFor("clients", []Habit{"history: messages", "timestamp: string", "responses glued", "newline by itself"})
	if e.Least != 61-42 || e.Most != 65-22 {
		t.Errorf("of numbers alone: %s", e.Sentence())
	}
}
