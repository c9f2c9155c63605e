package p2p

import (
	"cmp"
	"errors"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"parley/protocol"
)

var update = flag.Bool("update", false, "write what the dialogues say now; read it before you keep it")

// TestDialogues plays testdata/*.txt. A line at the margin is something that
// happens to the sessions of one user; the lines under it are all that they do.
//
//	start bob                      the person types something: start, accept, decline, stop, say, typing, words, verify, trust
//	server introduced bob 1 K1     the server tells: event, name, number, key, paths
//	refused startprivate bob       the server refuses
//	link 7 1 direct                a link is there: its number, the plan, the path
//	frame 7 hello 1                the peer sends on it
//	gone 7, unreachable 1, relay 1 the transport reports: link lost, plan failed, something to relay
//	paths 10.0.0.1:7               from now on one more is told to others
//	slow 7                         from now on the link takes nothing
//	elsewhere bob K1 verified      another client of the person has met somebody
//	hold, look                     what is known of keys is not looked up; now it is
//	nopins                         it cannot be
//	server-is localhost:9998       it was known by that address
//	wait 10s                       time passes, with everything that is due
func TestDialogues(t *testing.T) {
	files, _ := filepath.Glob("testdata/*.txt")
	if len(files) == 0 {
		t.Fatal("no dialogues")
	}
	for _, file := range files {
		t.Run(strings.TrimSuffix(filepath.Base(file), ".txt"), func(t *testing.T) {
			want, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			got := perform(string(want))
			if *update {
				if err := os.WriteFile(file, []byte(got), 0o644); err != nil {
					t.Fatal(err)
				}
			}
			a, b := strings.Split(string(want), "\n"), strings.Split(got, "\n")
			for i := range a {
				if i >= len(b) || a[i] != b[i] {
					t.Fatalf("line %d is\n%s\nbut this happens:\n%s", i+1, a[i], strings.Join(b[i:min(len(b), i+5)], "\n"))
				}
			}
			if len(b) != len(a) {
				t.Fatalf("more happens:\n%s", strings.Join(b[len(a):], "\n"))
			}
		})
	}
}

// perform plays a dialogue and returns it with what happens.
func perform(script string) string {
	st := newStage()
	for _, line := range strings.Split(script, "\n") {
		switch {
		case strings.HasPrefix(line, "    "):
			continue
		case line == "" || strings.HasPrefix(line, "#"):
			st.out = append(st.out, line)
		default:
			st.out = append(st.out, line)
			st.play(strings.Fields(line))
		}
	}
	return strings.Join(st.out, "\n")
}

// stage is one user's sessions with a server and a transport that only note what
// they are asked.
type stage struct {
	s      *Sessions
	now    time.Time
	pins   *simPins
	looks  []func() Event // what pins have not answered
	held   bool           // and do not yet
	out    []string
	online bool
	slow   map[LinkID]bool
	broken bool     // Offer fails
	paths  []string // more of them
	next   time.Time
}

func newStage() *stage {
	st := &stage{now: simStart, online: true, slow: map[LinkID]bool{}}
	st.pins = newSimPins(func(answer func() Event) { st.looks = append(st.looks, answer) })
	st.s = New(Config{Server: st, Transport: st, Pins: st.pins, Tell: st.tell, Tag: "run"})
	return st
}

func (st *stage) note(format string, args ...any) {
	st.out = append(st.out, "    "+strings.TrimRight(fmt.Sprintf(format, args...), " "))
}

// shortKey is how keys stand in dialogues.
func shortKey(key string) string {
	for i := range 9 {
		if key == longKey(fmt.Sprint("K", i)) {
			return fmt.Sprint("K", i)
		}
	}
	return key
}

func longKey(short string) string {
	if len(short) != 2 {
		return short
	}
	return "SHA256:" + strings.Repeat("A", 40) + short + "A"
}

func (st *stage) Ask(verb string, f map[string]string) bool {
	if !st.online {
		return false
	}
	rest := ""
	if verb == verbRelay {
		rest = strings.Join([]string{f["session"], f["credit"], f["data"]}, " ")
	} else if f["paths"] != "" {
		rest = shortKey(f["fingerprint"]) + " " + f["paths"]
	}
	st.note("asks: %s %s %s", verb, f["name"], rest)
	return true
}

func (st *stage) Offer() (Offer, error) {
	if st.broken {
		return Offer{}, errors.New("there is no key")
	}
	return Offer{longKey("K0"), append([]string{"192.0.2.1:7", protocol.PathRelay}, st.paths...), true}, nil
}

func (st *stage) Connect(p Plan) {
	role := "follows"
	if p.Client {
		role = "chooses"
	}
	st.note("connects: plan %d, %s %d %s %s, %s", p.Session, p.Name, p.Number, shortKey(p.Fingerprint), strings.Join(p.Paths, ","), role)
}
func (st *stage) Cancel(session uint64) { st.note("cancels: plan %d", session) }
func (st *stage) Close(id LinkID)       { st.note("closes: %d", id) }
func (st *stage) Relayed(session uint64, credit int, payload string) {
	st.note("takes relayed: plan %d, %d %s", session, credit, payload)
}
func (st *stage) RelayEnded(session uint64) { st.note("ends relay: plan %d", session) }

func (st *stage) Send(id LinkID, frame []byte) bool {
	r, err := protocol.DecodeResponse(frame[:len(frame)-1])
	if err != nil {
		panic(err)
	}
	d := r.Data
	text := d.Event
	switch d.Event {
	case protocol.EventHello:
		text += fmt.Sprintf(" %d %d", d.Private.Session, d.ID)
	case protocol.EventMessage:
		text += fmt.Sprintf(" %s %d %s", d.Log, d.ID, r.Content)
	case protocol.EventAccepted:
		text += fmt.Sprintf(" %s %d", d.Log, d.ID)
	case eventPing, protocol.EventPong:
		text += " " + r.Ref
	}
	if st.slow[id] {
		st.note("cannot send: %d %s", id, text)
		return false
	}
	st.note("sends: %d %s", id, text)
	return true
}

func (st *stage) tell(n Notice) {
	words := []string{"tells: " + cmp.Or(noticeNames[n.Kind], "of the server"), n.Name}
	switch n.Kind {
	case NoticeInvitation, NoticeKeyChanged:
		words = append(words, shortKey(n.Fingerprint), "known:", shortKey(n.Known.Fingerprint))
	case NoticeOpened:
		words = append(words, n.Path.String(), shortKey(n.Fingerprint), "known:", shortKey(n.Known.Fingerprint), "waiting:", strconv.Itoa(n.Count))
	case NoticeOffer:
		if len(st.paths) == 0 {
			return // so that it does not stand everywhere
		}
		words = append(words, strings.Join(n.Offer.Paths, ","))
	case NoticePath:
		words = append(words, n.Path.String())
	case NoticeText:
		words = append(words, n.Time.Format("15:04:05"), n.Text, "("+n.Path.String()+")")
	case NoticeUndelivered:
		words = append(words, strconv.Itoa(n.Count)+":", strings.Join(n.Texts, " / "))
	default:
		words = append(words, n.Text+n.Words)
	}
	if n.Seconds > 0 {
		words = append(words, n.Path.Address, strconv.Itoa(n.Seconds)+"s")
	}
	st.note("%s", strings.Join(strings.Fields(strings.Join(words, " ")), " "))
}

func (st *stage) fail(err error) {
	if err != nil {
		st.note("error: %v", err)
	}
}

// simToken is what the server tells the two of a session.
func simToken(number uint64) string { return fmt.Sprintf("%032x", number) }

func num(s string) uint64 { n, _ := strconv.ParseUint(s, 10, 64); return n }

func (st *stage) play(f []string) {
	s := st.s
	f = append(f, "", "", "", "", "")
	switch f[0] {
	case "login":
		st.online = true
		s.LoggedIn(f[1], f[2], st.now)
	case "logout":
		s.LoggedOut(st.now)
	case "lost":
		st.online = false
		s.ServerLost(st.now)
	case "unanswered": // the connection is gone, and that is not known yet
		st.online = false
	case "paths":
		st.paths = f[1:2]
	case "nokey":
		st.broken = true
	case "server":
		st.server(f)
	case "refused":
		s.Refused(f[1], f[2], protocol.Response{Kind: protocol.KindError, Content: "No."}, st.now)
	case "link":
		path := Path{Relay: f[3] == "relay"}
		if !path.Relay {
			path.Address = "192.0.2." + f[1] + ":9"
		}
		s.Happened(Event{Kind: Linked, Link: Link{ID: LinkID(num(f[1])), Session: num(f[2]), Path: path, Words: []string{"words", f[1]}}}, st.now)
	case "frame":
		s.Happened(Event{Kind: Received, ID: LinkID(num(f[1])), Response: st.frame(f[2:])}, st.now)
	case "gone":
		s.Happened(Event{Kind: Lost, ID: LinkID(num(f[1])), Err: errors.New("reset by peer")}, st.now)
	case "unreachable":
		s.Happened(Event{Kind: Unreachable, Session: num(f[1])}, st.now)
	case "relay":
		s.Happened(Event{Kind: Relay, Session: num(f[1]), Credit: 5, Payload: "Li4u"}, st.now)
	case "elsewhere": // another client of the same person has met somebody
		st.pins.file[fold(f[1])] = Pin{Fingerprint: longKey(f[2]), Verified: f[3] == "verified", Since: st.now}
	case "nopins":
		st.pins.err = errors.New("the disk is gone")
	case "hold":
		st.held = true
	case "look":
		st.held = false
	case "server-is":
		s.Happened(Event{Kind: SameServer, Server: f[1]}, st.now)
	case "slow":
		st.slow[LinkID(num(f[1]))] = true
	case "wait":
		st.wait(f[1])
	case "list":
		for _, p := range s.Peers() {
			st.note("%s: %v %s %s verified: %v, %d wait, %v", p.Name, [...]string{"asking", "asked", "connecting", "open", "closed"}[p.State], p.Path, shortKey(p.Fingerprint), p.Verified, p.Waiting, p.RoundTrip)
		}
	default:
		st.person(f)
	}
	st.look()
	st.next = s.Tick(st.now)
}

// look has pins answer.
func (st *stage) look() {
	for !st.held && len(st.looks) > 0 {
		answer := st.looks[0]
		st.looks = st.looks[1:]
		st.s.Happened(answer(), st.now)
	}
}

func (st *stage) person(f []string) {
	s := st.s
	switch f[0] {
	case "start":
		st.fail(s.Start(f[1], st.now))
	case "accept":
		st.fail(s.Accept(f[1], st.now))
	case "decline":
		st.fail(s.Decline(f[1], st.now))
	case "stop":
		st.fail(s.Stop(f[1], st.now))
	case "say":
		st.fail(s.Say(f[1], strings.TrimSpace(strings.Join(f[2:], " ")), st.now))
	case "typing":
		s.Typing(f[1], st.now)
	case "words":
		words, err := s.Words(f[1])
		st.note("%s", strings.Join(words, " "))
		st.fail(err)
	case "verify":
		st.fail(s.Verify(f[1], st.now))
	case "trust":
		st.fail(s.Trust(f[1], st.now))
	default:
		panic("unknown: " + f[0])
	}
}

// wait lets time pass up to every alarm on the way.
func (st *stage) wait(d string) {
	span, err := time.ParseDuration(d)
	if err != nil {
		panic(err)
	}
	end := st.now.Add(span)
	for !st.next.IsZero() && !st.next.After(end) {
		if !st.next.After(st.now) {
			panic("the alarm is not in the future")
		}
		st.now = st.next
		st.next = st.s.Tick(st.now)
	}
	st.now = end
}

func (st *stage) server(f []string) {
	p := &protocol.Private{Session: num(f[3]), Fingerprint: longKey(f[4]), Token: simToken(num(f[3]))}
	if f[5] != "" {
		p.Paths = strings.Split(f[5], ",")
	}
	if f[6] == "notoken" {
		p.Token = ""
	}
	r := protocol.Response{Kind: protocol.KindInfo, Content: "The server's words.", Data: &protocol.Data{Event: f[1], Name: f[2], Private: p}}
	if !st.s.FromServer(r, st.now) {
		st.note("is about something else")
	}
}

func (st *stage) frame(f []string) protocol.Response {
	r := protocol.Response{Time: st.now, Kind: protocol.KindInfo, Data: &protocol.Data{Event: f[0]}}
	switch f[0] {
	case "nothing":
		r.Data = nil
	case protocol.EventHello:
		r.Data.Private, r.Data.ID = &protocol.Private{Session: num(f[1])}, num(f[2])
	case protocol.EventMessage:
		r.Kind, r.Data.Log, r.Data.ID, r.Content = protocol.KindMessage, f[1], num(f[2]), f[3]
		if f[3] == "long" {
			r.Content = strings.Repeat("x", protocol.MaxText+1)
		}
		if f[4] != "" {
			r.Time = st.now.Add(time.Hour)
		}
	case protocol.EventAccepted:
		r.Data.Log, r.Data.ID = f[1], num(f[2])
	case eventPing, protocol.EventPong:
		r.Ref = f[1]
	}
	return r
}
