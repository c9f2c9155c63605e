package client

import (
	"cmp"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

// Whatever is lost at whatever moment: all that was said is shown, each of it once, and
// what people have said in a room in the order in which they said it. What alice says is
// said in the room that she said it for, or in none.
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

// A resumeWorld is a stage and a server with one log: messages of bob and of alice in the
// lobby and in the room ops, and direct messages to alice and to others.
type resumeWorld struct {
	*stage
	r      *rapid.T
	log    []logged
	in     bool              // alice is in ops
	since  uint64            // the newest number when she came there
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
	room   string
	text   string
}

func (w *resumeWorld) step() {
	switch rapid.SampledFrom([]string{"message", "message", "room", "room", "direct", "other", "own", "own there", "join", "leave", "lobby", "bring", "bring", "time", "lose", "back"}).Draw(w.r, "step") {
	case "message":
		w.add("+message %d bob %s", false)
	case "room":
		w.say("ops", "+message %d bob [ops] %s")
	case "own there":
		w.typed++
		w.do("person> /room ops there" + fmt.Sprint(w.typed) + ".")
	case "lobby":
		w.do("person> /lobby")
	case "join":
		w.do("person> /join ops")
	case "leave":
		w.do("person> /leave ops")
	case "direct":
		w.add("+direct %d bob alice %s", true)
	case "other":
		w.add("", true)
	case "own":
		w.typed++
		prompt, _, _ := strings.Cut(w.prompt, " ")
		text := map[string]string{"lobby": "own", "lobby>": "own", "ops": "there", "ops>": "there"}[prompt]
		w.do(fmt.Sprintf("person> %s%d.", cmp.Or(text, "nowhere"), w.typed))
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

// say adds something that is said in a room.
func (w *resumeWorld) say(room, format string) uint64 {
	up := w.up
	w.up = up && (room == "" || w.in) // or alice is not told
	n := w.add(format, false)
	w.up = up
	w.log[n-1].room = room
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
	again := false
	for _, line := range log {
		kind, rest, _ := strings.Cut(line, " ")
		verb, args, _ := strings.Cut(rest, " ")
		switch {
		case kind == "screen<" && (again || rest == "--- room ops ---" || rest == "--- the lobby ---"): // it is shown once more
			again = true
		case kind == "screen<" && !strings.HasPrefix(rest, "¦") && saidText.MatchString(rest):
			w.heard = append(w.heard, saidText.FindString(rest))
		case kind == "server<" && verb == "login":
			w.login(args)
		case kind == "server<" && verb == "seen":
			w.cursor = max(w.cursor, w.number(strings.Trim(args, `"`)))
		case kind == "server<" && verb == "msg":
			w.said(args)
		case kind == "server<" && verb == "join":
			w.joins()
		case kind == "server<" && verb == "leave":
			w.in = false
			w.coming = append(w.coming, "+left ops You have left.")
		}
	}
}

// joins lets alice into ops, with all that was ever said there.
func (w *resumeWorld) joins() {
	w.coming = append(w.coming, "+joined ops names=alice")
	if !w.in {
		w.in, w.since = true, uint64(len(w.log))
		w.coming = append(w.coming, "+history [ops] "+w.history("ops"))
	}
}

// history is all that was said in a room.
func (w *resumeWorld) history(room string) string {
	var all []string
	for _, e := range w.log {
		if e.frame != "" && !e.direct && e.room == room {
			all = append(all, strings.Replace(strings.TrimPrefix(e.frame, "+message "), "[ops] ", "", 1))
		}
	}
	return strings.Join(all, " | ")
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
	rooms := ""
	if w.in {
		rooms = " rooms=ops"
	}
	w.up, w.coming = true, []string{fmt.Sprintf("+login log1 token=t%d id=%d resume=%s%s", w.gen, newest, word, rooms)}
	for _, e := range w.log {
		behind := resumes && e.number > after && (e.room == "" || w.in && e.number > w.since)
		if e.frame != "" && (e.direct && e.number > min(w.cursor, after) || !e.direct && behind) {
			w.coming = append(w.coming, e.frame)
		}
	}
	if resumes {
		w.coming = append(w.coming, fmt.Sprintf("+resumed %d", newest))
		return
	}
	var histories []string
	if w.in {
		histories = append(histories, "+history [ops] "+w.history("ops"))
	}
	histories = append(histories, "+history "+w.history(""))
	if rapid.Bool().Draw(w.r, "directs first") {
		w.coming = append(w.coming, histories...)
	} else {
		w.coming = slices.Insert(w.coming, 1, histories...)
	}
}

// said takes a message of alice's; what becomes of it on the way back is for deliver.
func (w *resumeWorld) said(args string) {
	room, mark := "", ""
	if rest, ok := strings.CutPrefix(args, "ops "); ok {
		room, mark, args = "ops", "[ops] ", rest
	}
	text, id, _ := strings.Cut(args, " ")
	text = strings.Trim(text, `"`)
	if want := map[string]string{"": "own", "ops": "there"}[room]; !strings.HasPrefix(text, want) {
		w.r.Fatalf("%q was said in room %q", text, room)
	}
	n, again := w.known[id]
	switch {
	case !again && room != "" && !w.in:
		w.coming = append(w.coming, "+error not_in_room "+id+" You are not in ops.")
		return
	case !again:
		n = w.say(room, "+message %d alice "+mark+text+"%.0s")
		w.log[n-1].text = text
		w.known[id] = n
	}
	w.coming = append(w.coming, strings.TrimSpace(fmt.Sprintf("+accepted %d %s %s", n, id, mark)))
}

func (w *resumeWorld) number(digits string) uint64 {
	n, err := strconv.ParseUint(digits, 10, 64)
	if err != nil {
		w.r.Fatal(err)
	}
	return n
}

// saidText is a text of this world.
var saidText = regexp.MustCompile(`(said|own|there)\d+\.`)

func (w *resumeWorld) check() {
	count := map[string]int{}
	for _, text := range w.heard {
		count[text]++
	}
	for _, e := range w.log {
		must := e.frame != "" && (e.room == "" || w.in && e.number > w.since)
		if n := count[e.text]; n > 1 || must && n == 0 || e.frame == "" && n > 0 {
			w.r.Fatalf("%d, %q, was shown %d times: %q", e.number, e.frame, count[e.text], w.heard)
		}
	}
	last := map[string]int{}
	for _, text := range w.heard {
		i := slices.IndexFunc(w.log, func(e logged) bool { return e.text == text })
		if i < 0 || !strings.HasPrefix(text, "said") || w.log[i].direct {
			continue
		}
		if room := w.log[i].room; i < last[room] {
			w.r.Fatalf("%q comes too late: %q", text, w.heard)
		}
		last[w.log[i].room] = i
	}
}
