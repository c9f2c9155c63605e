package client

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

// Whatever is lost at whatever moment: all that was said is shown, each of it once, and
// what people have said to everybody in the order in which they said it.
func TestEverythingIsShownOnce(t *testing.T) {
	rapid.Check(t, func(r *rapid.T) {
		w := &resumeWorld{stage: newStage(t, "name=alice", "bell=off"), r: r, known: map[string]uint64{}}
		w.where = "random"
		for range rapid.IntRange(5, 60).Draw(r, "steps") {
			w.step()
		}
		w.comeBack()
		w.deliver(len(w.coming))
		w.check()
	})
}

// A resumeWorld is a stage and a server with one log: messages of bob and of alice, and
// direct messages to alice and to others.
type resumeWorld struct {
	*stage
	r      *rapid.T
	log    []logged
	known  map[string]uint64 // the numbers of alice's messages by their ids
	cursor uint64            // of what alice has acknowledged
	coming []string          // what the connection has yet to bring
	up     bool
	typed  int
	heard  []string // what was shown
}

type logged struct {
	number uint64
	frame  string // for alice; "" is not for her
	direct bool
	text   string
}

func (w *resumeWorld) step() {
	switch rapid.SampledFrom([]string{"message", "message", "direct", "other", "own", "bring", "bring", "time", "lose", "back"}).Draw(w.r, "step") {
	case "message":
		w.add("+message %d bob %s", false)
	case "direct":
		w.add("+direct %d bob alice %s", true)
	case "other":
		w.add("", true)
	case "own":
		w.typed++
		w.do("person> own" + fmt.Sprint(w.typed) + ".")
	case "bring":
		w.deliver(rapid.IntRange(1, 5).Draw(w.r, "frames"))
	case "time":
		w.do("time> 100ms")
	case "lose":
		w.lose()
	case "back":
		w.comeBack()
	}
	w.read()
}

// add adds something to the log, of which alice is told unless she is away.
func (w *resumeWorld) add(format string, direct bool) uint64 {
	n := uint64(len(w.log) + 1)
	e := logged{number: n, direct: direct, text: fmt.Sprintf("said%d.", n)}
	if format != "" {
		e.frame = fmt.Sprintf(format, n, e.text)
	}
	w.log = append(w.log, e)
	if w.up && e.frame != "" {
		w.coming = append(w.coming, e.frame)
	}
	return n
}

// deliver brings so many frames.
func (w *resumeWorld) deliver(n int) {
	for range n {
		if len(w.coming) == 0 {
			return
		}
		frame := w.coming[0]
		w.coming = w.coming[1:]
		w.do("server> " + frame)
		w.read()
	}
}

func (w *resumeWorld) lose() {
	if w.up {
		w.coming, w.up = nil, false
		w.do("server> lost")
		w.read()
	}
}

func (w *resumeWorld) comeBack() {
	if w.up {
		return
	}
	w.do("time> 1m")
	w.do("dial> ok")
	w.read()
}

// read does what the App has sent, and notes what it has shown.
func (w *resumeWorld) read() {
	log := w.stage.log
	w.stage.log = nil
	for _, line := range log {
		kind, rest, _ := strings.Cut(line, " ")
		verb, args, _ := strings.Cut(rest, " ")
		switch {
		case kind == "screen<" && (strings.Contains(rest, "said") || strings.Contains(rest, "own")):
			text, _, _ := strings.Cut(rest[strings.LastIndex(rest, ": ")+2:], " ")
			w.heard = append(w.heard, text)
		case kind == "server<" && verb == "login":
			w.login(args)
		case kind == "server<" && verb == "seen":
			w.cursor = max(w.cursor, w.number(strings.Trim(args, `"`)))
		case kind == "server<" && verb == "msg":
			w.said(args)
		}
	}
}

// login answers a login: with what was missed, or with the newest history, which is all.
// Direct messages that alice has not acknowledged come in any case.
func (w *resumeWorld) login(args string) {
	newest := uint64(len(w.log))
	after, resumes, word := w.cursor, false, ""
	if at := strings.Index(args, "after="); at >= 0 {
		if resumes = rapid.IntRange(0, 3).Draw(w.r, "near") > 0; resumes {
			after, word = w.number(args[at+len("after="):]), "follows"
		} else {
			word = "too_far"
		}
	}
	w.up, w.coming = true, []string{fmt.Sprintf("+login log1 token=t%d id=%d resume=%s", w.gen, newest, word)}
	history := "+history "
	for _, e := range w.log {
		switch {
		case e.frame == "":
		case e.direct && e.number > min(w.cursor, after), !e.direct && resumes && e.number > after:
			w.coming = append(w.coming, e.frame)
		case !e.direct && !resumes:
			history += strings.TrimPrefix(e.frame, "+message ") + " | "
		}
	}
	switch {
	case resumes:
		w.coming = append(w.coming, fmt.Sprintf("+resumed %d", newest))
	case rapid.Bool().Draw(w.r, "directs first"):
		w.coming = append(w.coming, strings.TrimSuffix(history, " | "))
	default:
		w.coming = slices.Insert(w.coming, 1, strings.TrimSuffix(history, " | "))
	}
}

// said takes a message of alice's; what becomes of it on the way back is for deliver.
func (w *resumeWorld) said(args string) {
	text, id, _ := strings.Cut(args, " ")
	n, again := w.known[id]
	if !again {
		n = w.add("+message %d alice "+strings.Trim(text, `"`)+"%.0s", false)
		w.log[n-1].text = strings.Trim(text, `"`)
		w.known[id] = n
	}
	w.coming = append(w.coming, fmt.Sprintf("+accepted %d %s", n, id))
}

func (w *resumeWorld) number(digits string) uint64 {
	n, err := strconv.ParseUint(digits, 10, 64)
	if err != nil {
		w.r.Fatal(err)
	}
	return n
}

func (w *resumeWorld) check() {
	count := map[string]int{}
	for _, text := range w.heard {
		count[text]++
	}
	for _, e := range w.log {
		if want := e.frame != ""; want != (count[e.text] == 1) || count[e.text] > 1 {
			w.r.Fatalf("%d, %q, was shown %d times: %q", e.number, e.frame, count[e.text], w.heard)
		}
	}
	last := 0
	for _, text := range w.heard {
		i := slices.IndexFunc(w.log, func(e logged) bool { return e.text == text })
		if i < 0 || strings.HasPrefix(text, "own") || w.log[i].direct {
			continue
		}
		if i < last {
			w.r.Fatalf("%q comes too late: %q", text, w.heard)
		}
		last = i
	}
}
