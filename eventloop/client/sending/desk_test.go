package sending

import (
	"bytes"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"parley/eventloop/client/seen"
	"parley/protocol"
)

// A desk is a Queue with everything around it, as the lines of a script have it.
// What the Queue does must be expected before the next thing happens to it.
//
//	config person | pipe           first, if at all; a person is taken for granted
//	name NAME
//	connect [plain]
//	login NAME [register PASSWORD]
//	logged-in plain | extended     and what was kept is released
//	login-refused | lost | finish | logout | halt | stop | proven | stalls
//	say TEXT | dm NAME TEXT | in ROOM TEXT | ask VERB
//	room NAME open | awaited | closed      and what was kept is released
//	time 250ms
//	info|error TEXT                as a plain server answers
//	hears SENDER [ROOM] TEXT       a message
//	parked | send-parked | drop
//	#N accepted ID | delivered | stored | error CODE[:SECONDS] TEXT
//
//	> VERB CONTENT [#N]            a request; ...bare: without a newline. To an extended
//	                               server all that is said names its room; the lobby is
//	                               left out here
//	= STATE TEXT                   what became of a text; +late if it waited
//	= taken | shown                an answer, or a message, has nothing left to show
//	= THING ...                    what else the Queue says
type desk struct {
	t       *testing.T
	cfg     Config
	q       *Queue
	seen    seen.Messages
	now     time.Time
	proven  bool
	stalled bool
	rooms   map[string]Room
	did     []string
}

func (d *desk) tell(format string, args ...any) { d.did = append(d.did, fmt.Sprintf(format, args...)) }

func (d *desk) Now() time.Time { return d.now }
func (d *desk) Proven() bool   { return d.proven }
func (d *desk) Sent(string)    {}

func (d *desk) Room(name string) Room { return d.rooms[strings.ToLower(name)] }

func (d *desk) Write(frame []byte) bool {
	if d.stalled {
		return false
	}
	var p protocol.Parser
	r, err := p.Parse(frame)
	if err != nil {
		d.t.Fatalf("%q: %v", frame, err)
	}
	line := strings.TrimSpace("> " + r.Verb + " " + said(r))
	for _, word := range []struct {
		is   bool
		text string
	}{{r.Extended, "extended"}, {r.Password != "", "password=" + r.Password}, {r.Register, "register"},
		{r.ID != "", r.ID}, {r.ID == "" && r.Ref != "", "ref=" + r.Ref}, {!bytes.HasSuffix(frame, []byte("\n")), "bare"}} {
		if word.is {
			line += " " + word.text
		}
	}
	d.tell("%s", line)
	return true
}

// said is the content of a request.
func said(r protocol.Request) string {
	if re := r.Content.Fields["re"]; re != "" {
		delete(r.Content.Fields, "re")
		return said(r) + " re=" + re
	}
	switch room := r.Content.Fields["room"]; {
	case r.Content.Fields["name"] != "":
		return r.Content.Fields["name"] + " " + r.Content.Fields["text"]
	case r.Verb != "msg" || r.ID == "":
		return r.Content.Text
	case room == protocol.Lobby:
		return r.Content.Fields["text"]
	default:
		return fmt.Sprintf("[%s] %s%s", room, r.Content.Fields["text"], r.Content.Text)
	}
}

func (d *desk) Became(t Text, o Outcome) {
	states := []string{"waiting", "sent", "accepted", "came-back", "delivered", "stored", "in-doubt", "failed", "parked", "dropped"}
	line := "= " + states[o.State] + " " + t.Body
	if o.State == Sent && t.Late {
		line += " +late"
	}
	if o.ID != 0 {
		line += fmt.Sprintf(" as %d", o.ID)
	}
	if o.State == Failed {
		line += " (" + failureName(o.Why) + ")" + o.Words
	}
	d.tell("%s", line)
}

func failureName(f Failure) string {
	return []string{"", "too long", "too long for plain", "too many", "only public", "no answers", "not in room", "not made", "refused"}[f]
}

func (d *desk) Parked(name string, lines int) { d.tell("= parked %d of %s", lines, name) }
func (d *desk) Unknown(verb string)           { d.tell("= unknown %s", verb) }
func (d *desk) Unanswered(list []Request) {
	var verbs []string
	for _, r := range list {
		verbs = append(verbs, r.Verb)
	}
	d.tell("= unanswered %s", strings.Join(verbs, " "))
}

// do makes one line of a script happen.
func (d *desk) do(line string) {
	word, rest, _ := strings.Cut(line, " ")
	switch word {
	case "config":
		d.cfg.Person = rest == "person"
		d.q = New(d.cfg, d, &d.seen)
	case "name":
		d.q.UseName(rest)
	case "connect":
		d.q.Connected(rest == "plain")
	case "login":
		words := append(strings.Fields(rest), "", "")
		d.q.UseName(words[0])
		d.q.Add(Request{Verb: "login", Content: words[0], Password: words[2], Register: words[1] == "register"})
	case "logged-in":
		m := Plain
		if rest == "extended" {
			m = Extended
		}
		d.q.LoggedIn(m)
		if n := d.q.Release(); n > 0 {
			d.tell("= released %d", n)
		}
		d.list(d.q.Offered())
	case "login-refused":
		d.q.LoginRefused()
	case "lost":
		for _, t := range d.q.Lost() {
			d.tell("= doubt %s", t.Body)
		}
	case "finish":
		d.q.Finish()
	case "halt":
		doubt, early := d.q.Halt()
		for _, t := range doubt {
			d.tell("= doubt %s", t.Body)
		}
		if early {
			d.tell("= early")
		}
	case "logout":
		d.q.Logout()
	case "drained":
		d.tell("= drained %v", d.q.Drained())
	case "stop":
		d.q.Stop()
	case "parked":
		d.list(d.q.Parked())
	case "send-parked":
		own, others := d.q.SendParked()
		d.tell("= %d own", own)
		for _, t := range others {
			d.says(t.Where, t.Body)
		}
	case "drop":
		d.tell("= %d dropped", d.q.Drop())
	case "proven":
		d.proven = true
	case "stalls":
		d.stalled = true
	case "time":
		d.pass(rest)
	default:
		d.speak(word, rest)
	}
	d.settle()
}

// list tells what is parked: "= alice: one, two?" with a question mark behind what
// may have arrived.
func (d *desk) list(groups [][]Text) {
	for _, g := range groups {
		var lines []string
		for _, t := range g {
			lines = append(lines, t.Body+map[bool]string{true: "?"}[t.Tried])
		}
		d.tell("= %s: %s", g[0].Name, strings.Join(lines, ", "))
	}
}

func (d *desk) settle() {
	if doubt := d.q.NewDoubt(); doubt != 0 {
		d.tell("= doubtful: %s", []string{"", "errors", "silence", "others speak"}[doubt])
	}
	if !d.q.Flush() {
		d.tell("= stalled")
		d.stalled = false
	}
}

func (d *desk) speak(word, rest string) {
	r := protocol.Response{Kind: protocol.Kind(word), Sender: "server", Content: rest}
	switch word {
	case "say":
		d.says(Where{}, rest)
	case "dm":
		to, body, _ := strings.Cut(rest, " ")
		d.says(Where{To: to}, body)
	case "in":
		room, body, _ := strings.Cut(rest, " ")
		d.says(Where{Room: room}, body)
	case "answer": // answer ID [@NAME] TEXT
		id, body, _ := strings.Cut(rest, " ")
		where := Where{}
		where.Re, _ = strconv.ParseUint(id, 10, 64)
		if name, behind, ok := strings.Cut(body, " "); ok && name[0] == '@' {
			where.To, body = name[1:], behind
		}
		d.says(where, body)
	case "room":
		name, state, _ := strings.Cut(rest, " ")
		d.rooms[name] = map[string]Room{"open": RoomOpen, "not-made": RoomOpen, "awaited": RoomAwaited}[state]
		if state == "not-made" {
			d.q.GiveUp(name)
		}
		if n := d.q.Release(); n > 0 {
			d.tell("= released %d", n)
		}
	case "ask":
		if !d.q.Ask(Request{Verb: rest, Extension: rest == "whoelse"}) {
			d.tell("= not taken")
		}
	case "ends":
		d.q.Ends(rest == "newline")
	case "imitated":
		d.q.Imitated()
	case "info", "error":
		if d.q.Answered(r) {
			d.tell("= taken")
		}
	case "hears":
		r.Kind = protocol.KindMessage
		r.Sender, r.Content, _ = strings.Cut(rest, " ")
		if room, text, ok := strings.Cut(r.Content, "] "); ok {
			r.Content, r.Data = text, &protocol.Data{Event: protocol.EventMessage, Room: room[1:]}
		}
		if d.q.Echo(r) {
			d.tell("= shown")
		}
	default:
		if !strings.HasPrefix(word, "#") {
			d.t.Fatalf("what is %s?", word)
		}
		d.answers(word, rest)
	}
}

func (d *desk) says(where Where, body string) {
	if why := d.q.Say(1, where, body); why != 0 {
		d.tell("= refused (%s)", failureName(why))
	}
}

// answers is what an extended server says about a text.
func (d *desk) answers(ref, rest string) {
	words := append(strings.SplitN(rest, " ", 3), "", "")
	switch words[0] {
	case "accepted":
		id, _ := strconv.ParseUint(words[1], 10, 64)
		d.q.Accepted("T-"+ref[1:], "", id)
	case "delivered":
		d.q.DirectArrived("T-"+ref[1:], 0, Delivered)
	case "stored":
		d.q.DirectArrived("T-"+ref[1:], 0, Stored)
	case "error":
		code, seconds, _ := strings.Cut(words[1], ":")
		n, _ := strconv.Atoi(seconds)
		r := protocol.Response{Kind: protocol.KindError, Content: words[2], Ref: "T-" + ref[1:], Data: &protocol.Data{Code: protocol.Code(code), Seconds: n}}
		if d.q.RefusedText(r) {
			d.tell("= taken")
		}
	}
}

// pass lets time pass from one thing that is due to the next.
func (d *desk) pass(text string) {
	step, err := time.ParseDuration(text)
	if err != nil {
		d.t.Fatal(err)
	}
	end := d.now.Add(step)
	for due := d.q.Due(); !due.IsZero() && !due.After(end); due = d.q.Due() {
		d.now = due
		d.q.Tick()
		d.settle()
	}
	d.now = end
}

// playScript plays a script, whose title stands there.
func playScript(t *testing.T, where, script string) *desk {
	t.Helper()
	d := &desk{t: t, cfg: Config{Person: true, Tag: "T"}, now: time.Unix(0, 0), rooms: make(map[string]Room)}
	d.q = New(d.cfg, d, &d.seen)
	for i, line := range strings.Split(script, "\n") {
		line = strings.TrimSpace(line)
		switch {
		case line == "":
		case line[0] == '>' || line[0] == '=':
			if len(d.did) == 0 || d.did[0] != line {
				t.Fatalf("%s, line %d: %q is expected, %q happened", where, i+1, line, d.did)
			}
			d.did = slices.Delete(d.did, 0, 1)
		case len(d.did) > 0:
			t.Fatalf("%s, line %d: not expected before this: %q", where, i+1, d.did)
		default:
			d.do(line)
		}
	}
	if len(d.did) > 0 {
		t.Fatalf("%s, at the end, not expected: %q", where, d.did)
	}
	return d
}
