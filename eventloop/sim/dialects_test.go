package sim_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"parley/eventloop/sim"
	"parley/protocol"
)

// A dialect is how third-party clients of the course protocol read, as far as
// they differ. All of them take what one read brings for one response, and are
// deaf from then on if it is not one.
type dialect struct {
	what          string
	first, second int           // how many of the first 29 programs that were measured, and of the second 36, are so
	buffer        int           // bytes of one read
	survives      []string      // histories: strings, objects, text, [] and ""
	newline       bool          // behind an object does no harm
	within        time.Duration // so soon after the login some of the past must come, 0: it need not
	broken        bool          // hears nothing in any case
}

// dialects are the 65 programs. The histories with something in them, "[]" and the
// newline were measured for all of them, each by sending it; "" only for the first
// 29. Of the others it is taken to harm those that decode a history as JSON, or
// read lists of objects as the one does that it harmed.
var dialects = []dialect{
	{what: "takes all", first: 7, second: 8, survives: list(`strings objects text [] ""`), newline: true},
	{what: "the same, 1,024 bytes at a time", first: 1, buffer: 1024, survives: list(`strings objects text [] ""`), newline: true},
	{what: "strings", first: 7, second: 11, survives: list(`strings [] ""`), newline: true},
	{what: "strings, 1,024 bytes at a time", first: 3, buffer: 1024, survives: list(`strings [] ""`), newline: true},
	{what: "strings, and some of the past at once", first: 1, survives: list(`strings [] ""`), newline: true, within: 100 * time.Millisecond},
	{what: "strings and objects", first: 1, second: 1, survives: list("strings objects []"), newline: true},
	{what: "objects", first: 4, second: 3, survives: list(`objects [] ""`), newline: true},
	{what: "no history with anything in it", first: 1, second: 2, survives: list(`[] ""`), newline: true},
	{what: "text", first: 1, second: 4, survives: list(`text ""`), newline: true},
	{what: "text, 1,024 bytes at a time", first: 1, buffer: 1024, survives: list(`text ""`), newline: true},
	{what: "JSON in a string", second: 2, newline: true},
	{what: "finds the end by braces", second: 3, survives: list(`""`)},
	{what: "broken", first: 2, second: 2, broken: true},
}

func list(words string) []string { return strings.Fields(words) }

// survivors is how many programs of each set still hear, by the form in which a
// history was sent to them, as it was measured: with a newline behind each object,
// but for HistoryReplay, whose default is to mirror.
var survivors = map[protocol.HistoryForm][2]int{
	protocol.HistoryStrings: {20, 20},
	protocol.HistoryObjects: {13, 12},
	protocol.HistoryText:    {10, 12},
	protocol.HistoryBoth:    {25, 25},
	protocol.HistoryReplay:  {27, 34},
}

// TestHowManyClientsEachHistoryServes lets every dialect log in to a room in which
// something was said, and live through what happens in rooms. The default must
// serve 61 of the 65; the others serve as many as were measured.
func TestHowManyClientsEachHistoryServes(t *testing.T) {
	for form, want := range survivors {
		if got := served(t, form, true); got != want {
			t.Errorf("%s serves %v of the programs, measured were %v", form, got, want)
		}
	}
	if got := served(t, protocol.HistoryReplay, true); got[0]+got[1] < 61 {
		t.Errorf("the default serves %d of 65 programs", got[0]+got[1])
	}
}

// In a room in which nothing was said a history comes, as the specification has
// it. Which one is a matter of counts: see the package protocol.
func TestHowManyClientsAnEmptyHistoryServes(t *testing.T) {
	for form, want := range map[protocol.HistoryForm][2]int{protocol.HistoryReplay: {26, 31}, protocol.HistoryBoth: {25, 25}} {
		if got := served(t, form, false); got != want {
			t.Errorf("%s serves %v of the programs in an empty room, want %v", form, got, want)
		}
	}
}

// TestDialectsAreThoseMeasured compares the table with what was measured.
func TestDialectsAreThoseMeasured(t *testing.T) {
	const file = "../../../shared/interop/needs.json"
	b, err := os.ReadFile(file)
	if err != nil {
		t.Skipf("the measurements are not there: %v", err)
	}
	var needs struct {
		Clients []struct {
			Client   string
			Survives map[string]bool
		}
	}
	if err := json.Unmarshal(b, &needs); err != nil {
		t.Fatal(err)
	}
	got, measured := map[string]int{}, map[string]int{}
	for _, d := range dialects {
		for _, kind := range []string{"strings", "objects", "text"} {
			if slices.Contains(d.survives, kind) {
				got["a "+kind] += d.first
				got["b "+kind] += d.second
			}
		}
		if slices.Contains(d.survives, "[]") {
			got["a replay"] += d.first
			got["b replay"] += d.second
		}
		if !d.broken {
			got["b the same, no newline"] += d.second
		}
		if !d.broken && d.newline {
			got["b replay without history response"] += d.second
		}
	}
	for _, c := range needs.Clients {
		for kind, ok := range c.Survives {
			if ok && kind != "none" {
				measured[c.Client[:1]+" "+kind]++
			}
		}
	}
	if fmt.Sprint(got) != fmt.Sprint(measured) {
		t.Errorf("the table says   %v\nmeasured were     %v", got, measured)
	}
}

// served returns how many programs of each set still hear at the end of a session.
func served(t *testing.T, form protocol.HistoryForm, past bool) (n [2]int) {
	t.Helper()
	for _, d := range dialects {
		why := "broken"
		if !d.broken {
			why = newListener(t, d, form, past).live()
		}
		if why == "" {
			n[0] += d.first
			n[1] += d.second
		} else if form == protocol.HistoryReplay {
			t.Logf("past %v: %s (%d and %d programs): %s", past, d.what, d.first, d.second, why)
		}
	}
	return n
}

// listener is a program of a dialect in a room with alice, who has a better one.
type listener struct {
	dialect
	t     *testing.T
	form  protocol.HistoryForm
	net   *sim.Net
	alice *sim.Conn
	conn  *sim.Conn
	past  []string // texts that were said
	heard []string // of them
	told  int      // histories
	deaf  string   // why
}

func newListener(t *testing.T, d dialect, form protocol.HistoryForm, past bool) *listener {
	cfg := unpaced(t, 1)
	cfg.PlainHistory = form
	l := &listener{dialect: d, t: t, form: form, net: sim.NewWorld(cfg, time.Millisecond, start).Net}
	if l.buffer == 0 {
		l.buffer = 4096
	}
	l.alice = l.net.Dial()
	l.request(l.alice, protocol.Request{Verb: "login", Content: protocol.Content{Text: "alice"}, Extended: true})
	if past {
		for i := range 14 {
			l.say(fmt.Sprintf("%d: blåbær {and} \"cream\"%s", i, strings.Repeat(" and more", i*4)))
		}
	}
	l.conn = l.net.Dial()
	return l
}

// request sends a request; what the program sends ends in nothing.
func (l *listener) request(c *sim.Conn, r protocol.Request) {
	b := protocol.AppendRequest(nil, r)
	if c == l.conn {
		b = bytes.TrimRight(b, "\n")
	}
	c.Send(b)
}

func (l *listener) say(text string) {
	l.request(l.alice, protocol.Request{Verb: "msg", Content: protocol.Content{Text: text}})
	l.past = append(l.past, text)
}

// live logs in, hears the past and what happens in a room, and returns why the
// program does not hear any more, "" if it does.
func (l *listener) live() string {
	l.request(l.conn, protocol.Request{Verb: "login", Content: protocol.Content{Text: "student"}})
	l.listen(100 * time.Millisecond)
	if l.within > 0 && l.told == 0 && len(l.heard) == 0 {
		return "nothing of the past has come in time"
	}
	l.listen(3 * time.Second)
	for i := range 10 { // who comes at one moment
		c := l.net.Dial()
		l.request(c, protocol.Request{Verb: "login", Content: protocol.Content{Text: fmt.Sprint("guest", i)}})
	}
	l.listen(time.Second)
	for i := range 20 { // what is said at one moment
		l.say(fmt.Sprint("all at once ", i))
	}
	l.request(l.conn, protocol.Request{Verb: "names"})
	l.listen(2 * time.Second)
	l.request(l.conn, protocol.Request{Verb: "help"})
	l.request(l.alice, protocol.Request{Verb: "dm", Content: protocol.Content{Text: "student psst"}})
	l.past = append(l.past, protocol.Aside+"psst")
	l.listen(time.Second)
	l.say("the end")
	l.listen(time.Second)
	if all := slices.Equal(l.heard, l.past); l.deaf == "" && l.form == protocol.HistoryReplay && !all {
		l.t.Errorf("%s hears %q, not %q", l.what, l.heard, l.past)
	}
	return l.deaf
}

// listen reads for some time, as often as the program is given the processor.
func (l *listener) listen(d time.Duration) {
	const busy = 10 * time.Millisecond
	for end := l.net.Now().Add(d); l.net.Now().Before(end); {
		l.net.Advance(busy)
		var stream []byte
		for {
			b, err := l.conn.Read()
			if b == nil || err != nil {
				break
			}
			stream = append(stream, b...)
		}
		for len(stream) > 0 && l.deaf == "" {
			n := min(l.buffer, len(stream))
			l.read(stream[:n])
			stream = stream[n:]
		}
	}
}

// read takes what one read has brought for one response.
func (l *listener) read(b []byte) {
	if trimmed := bytes.TrimSuffix(b, []byte("\n")); len(trimmed) < len(b) && !l.newline {
		l.deaf = "a newline"
		return
	}
	var r struct {
		Sender, Response string
		Content          any
	}
	if err := json.Unmarshal(b, &r); err != nil {
		l.deaf = fmt.Sprintf("%d bytes that are no response: %.60q", len(b), b)
		return
	}
	switch r.Response {
	case "message":
		text, _ := r.Content.(string)
		l.heard = append(l.heard, text)
	case "history":
		l.told++
		if kind := kindOf(r.Content); !slices.Contains(l.survives, kind) {
			l.deaf = "a history that is " + kind
		}
	}
}

// kindOf returns the form of a history's content.
func kindOf(content any) string {
	switch c := content.(type) {
	case string:
		if c == "" {
			return `""`
		}
		return "text"
	case []any:
		if len(c) == 0 {
			return "[]"
		}
		if _, ok := c[0].(string); ok {
			return "strings"
		}
		return "objects"
	}
	return fmt.Sprintf("%T", content)
}
