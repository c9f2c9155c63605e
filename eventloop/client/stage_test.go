package client

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"parley/eventloop/client/command"
	"parley/eventloop/client/conn"
	"parley/eventloop/client/view"
	"parley/protocol"
)

// A stage is an App without goroutines: keyboard, screen, server and clock are
// the lines of a dialogue. Everything that the App says or sends must be
// expected before the next thing happens to it.
//
//	config> mode=lines plain name=alice bell=all source columns=80 room=ops to=bob    first, if at all
//	dial> ok | refused                  the result of the dial that is under way; with TLS
//	dial> first | unkept                it is ok, and the key is new, or was not kept
//	dial> changed | pinned | no-tls     the key is another one than before, or than was said;
//	dial> silent | unknown              no answer in time; nobody may say which key is right
//	person> TEXT                        typed, or read from a pipe; \n is a newline
//	secret> TEXT                        typed where nobody sees it
//	source> TEXT | failed               what Config.Password gives
//	key> ctrl-c | ctrl-d | other        ctrl-c TEXT: with a text in the line
//	time> 250ms                         passes
//	signal>                             SIGTERM
//	server> {...}                       bytes from the server; see says for short forms
//	server> lost                        the connection ends
//	server< VERB "CONTENT" ...          the next request; bare: without a newline
//	screen< TEXT                        the next row
//	redraw< TEXT                        a row of what is drawn anew where it stands
//	notice< TEXT                        the next line of the client's own, in a pipe
//	page< TEXT                          words of the client's own in a page beside the terminal
//	prompt< TEXT                        the prompt as it is now
//	window< TEXT                        the title of the window as it is now
//	bell<                               it rang
//	keep< TEXT                          a line was added to the history of the up key
//	recall< TEXT                        the same, not to be kept on disk
//	clear<  edit< TEXT                  the screen was emptied, the editor opened
//	end< REASON TEXT                    the chat is over
//
// The lines of private sessions are explained at stagePeers, those of files at stageSaver,
// those of a view beside the terminal at stage.asks.
type stage struct {
	t    *testing.T
	app  *App
	clk  *stageClock
	cfg  Config
	link *stageLink

	dials   int // not answered
	fetches int // of a password, not answered
	hidden  bool
	secrets int    // how often what was typed was dropped to hide or show the line
	ref     string // of the last request that is no text
	decoder *conn.Decoder
	gen     int      // of its connection
	log     []string // by the App, in the order of the events: "screen< ..."
	columns int      // of the screen; 0: no limit
	shown   []uint64
	prompt  string
	title   string
	where   string // in the script
	peers   *stagePeers
	saver   *stageSaver
}

type stageClock struct{ now time.Time }

func (c *stageClock) Now() time.Time                       { return c.now }
func (c *stageClock) After(time.Duration) <-chan time.Time { panic("a stage has no goroutines") }

// stageRand is what the App finds at random: a half of everything.
const stageRand = 1 << 63

type stageLink struct {
	s      *stage
	full   bool
	closed bool
}

func (l *stageLink) Send(frame []byte) bool {
	if l.full {
		return false
	}
	var p protocol.Parser
	r, err := p.Parse(frame)
	if err != nil {
		l.s.t.Fatalf("%s: the App sent %q: %v", l.s.where, frame, err)
	}
	if r.ID != "" && r.ID != r.Ref {
		l.s.t.Fatalf("%s: id and ref differ: %s", l.s.where, frame)
	}
	if r.ID == "" && r.Ref != "" {
		l.s.ref = r.Ref
	}
	line := "server< " + described(r)
	if !strings.HasSuffix(string(frame), "\n") {
		line += " bare"
	}
	l.s.say(line)
	return true
}

func (l *stageLink) Close() {
	if !l.closed {
		l.closed = true
		l.s.say("hangup<")
	}
}

func escaped(s string) string { return strings.ReplaceAll(s, "\n", `\n`) }

func (s *stage) say(line string) { s.log = append(s.log, strings.TrimRight(line, " ")) }

func (s *stage) sayLines(prefix, text string) {
	for line := range strings.Lines(text) {
		if !strings.HasSuffix(line, "\n") {
			s.t.Errorf("%s: %q has no newline at its end", s.where, line)
		}
		s.say(prefix + strings.TrimSuffix(line, "\n"))
	}
}

// newStage returns a stage at noon of a Monday.
func newStage(t *testing.T, options ...string) *stage { return newStageAfter(t, nil, options...) }

// newStageAfter returns one whose App goes on with what another one has kept.
func newStageAfter(t *testing.T, kept *Kept, options ...string) *stage {
	s := &stage{t: t, clk: &stageClock{time.Date(2026, 8, 3, 12, 0, 0, 0, time.UTC)}}
	target, err := ParseTarget("localhost")
	if err != nil {
		t.Fatal(err)
	}
	terminal := stageTerminal{s}
	s.saver = &stageSaver{s: s}
	s.cfg = Config{Target: target, Saver: s.saver, Bell: BellMentions, Keyboard: terminal, Ring: terminal.Bell,
		Completion: command.NewCompletion(), Clock: s.clk, Rand: func() uint64 { return stageRand }, Restored: kept}
	layout := view.Layout{Location: time.UTC, Clock: "15:04"}
	for _, o := range options {
		if err := s.configure(o, &layout); err != nil {
			t.Fatal(err)
		}
	}
	out, errors := stageWriter{s, "screen< "}, stageWriter{s, "notice< "}
	switch s.cfg.Mode {
	case Lines:
		s.cfg.View = &view.Pipe{Layout: layout, Out: out, Errors: errors}
	case JSON:
		s.cfg.View = &view.Frames{Out: out, Errors: errors}
	default:
		s.cfg.View = view.NewPerson(layout, terminal, s.clk.now)
	}
	if s.cfg.Unshown {
		s.cfg.View = pageView{s.cfg.View}
	}
	s.app = New(s.cfg)
	s.app.dial = func(int) { s.dials++ }
	s.app.fetch = func() { s.fetches++ }
	s.app.begin()
	return s
}

// configure sets one option of a script.
func (s *stage) configure(option string, layout *view.Layout) (err error) {
	key, value, _ := strings.Cut(option, "=")
	switch key {
	case "mode":
		s.cfg.Mode = map[string]Mode{"interactive": Interactive, "lines": Lines, "json": JSON}[value]
	case "columns":
		s.columns, err = strconv.Atoi(value)
	case "highlight":
		s.cfg.Highlight = strings.Split(value, ",")
		layout.Highlight = s.cfg.Highlight
	case "name":
		s.cfg.Name = value
	case "room":
		s.cfg.Room = value
	case "to":
		s.cfg.To = value
	case "bell":
		s.cfg.Bell = BellMode(value)
	case "presence":
		s.cfg.Presence = PresenceMode(value)
	case "plain":
		s.cfg.Plain = true
	case "source":
		s.cfg.Password = func(context.Context) (string, error) { panic("a stage has no goroutines") }
	case "colours":
		layout.Colours = true
		layout.Theme, err = view.NewTheme(nil)
	case "watch":
		s.cfg.Watch = func(Model) {}
	case "page":
		s.cfg.Watch, s.cfg.Subscribers = func(Model) {}, append(s.cfg.Subscribers, s.pageTold)
	case "unshown":
		s.cfg.Unshown, s.cfg.Watch = true, func(Model) {}
	case "private":
		s.peers = newStagePeers(s)
		s.cfg.Private = &Private{Transport: s.peers, Pins: s.peers}
	case "pin":
		s.peers.pin(value)
	case "target":
		s.cfg.Target, err = ParseTarget(value)
	case "remembered":
		s.cfg.Target.Remembered = value
	default:
		err = fmt.Errorf("no option %s", option)
	}
	return err
}

// do makes one line of a script happen, or expects what it says.
func (s *stage) do(line string) {
	s.t.Helper()
	direction, text, _ := strings.Cut(line, " ")
	switch direction {
	case "server<", "screen<", "redraw<", "notice<", "bell<", "clear<", "edit<", "keep<", "recall<", "hangup<", "connect<", "cancel<", "link<", "close<", "relayed<", "norelay<", "file<", "answer<", "page<":
		s.expect(line)
		return
	case "prompt<", "window<":
		got := s.prompt
		if direction == "window<" {
			got = s.title
		}
		if got := strings.TrimRight(got, " "); got != text {
			s.t.Fatalf("%s: it is %q, not %q", s.where, got, text)
		}
		return
	case "model<":
		s.watched(text)
		return
	case "end<":
		s.expectEnd(text)
		return
	}
	s.quiet()
	switch direction {
	case "dial>":
		s.dial(text)
	case "person>":
		s.app.typed(Input{Text: strings.ReplaceAll(text, `\n`, "\n")})
	case "secret>":
		if !s.hidden {
			s.t.Fatalf("%s: what is typed can be seen", s.where)
		}
		s.app.typed(Input{Text: text, Secret: true})
	case "source>":
		s.fetched(text)
	case "key>":
		s.key(text)
	case "signal>":
		s.app.stopNow()
	case "server>":
		s.says(text)
	case "time>":
		s.pass(text)
	case "peer>":
		s.peers.happens(text)
	case "file>":
		s.saver.happens(text)
	case "ask>":
		s.asks(text)
	case "stalled>":
		s.link.full = true
	default:
		s.t.Fatalf("%s: what is %q?", s.where, line)
	}
	s.peers.look()
	s.app.settle()
}

func (s *stage) key(text string) {
	name, rest, _ := strings.Cut(text, " ")
	switch name {
	case "ctrl-c":
		s.app.typed(Input{Kind: InputInterrupt, Text: rest, Secret: s.hidden})
	case "ctrl-d":
		s.app.typed(Input{Kind: InputEnd, Secret: s.hidden})
	default:
		s.app.pressed()
	}
}

func (s *stage) fetched(result string) {
	if s.fetches == 0 {
		s.t.Fatalf("%s: the App does not want a password", s.where)
	}
	s.fetches--
	if result == "failed" {
		s.app.login.Fetched("", errors.New("the command failed"))
		return
	}
	s.app.login.Fetched(result, nil)
}

// pass lets time pass from alarm to alarm.
func (s *stage) pass(text string) {
	d, err := time.ParseDuration(text)
	if err != nil {
		s.t.Fatalf("%s: %v", s.where, err)
	}
	end := s.clk.now.Add(d)
	for due := s.due(); !due.IsZero() && !due.After(end) && !s.app.ended; due = s.due() {
		s.clk.now = due
		s.peers.answer()
		s.app.settle()
	}
	s.clk.now = end
}

// due returns when the next thing happens by itself; zero: nothing does.
func (s *stage) due() time.Time {
	app, peers := s.app.due(), s.peers.due()
	if app.IsZero() || !peers.IsZero() && peers.Before(app) {
		return peers
	}
	return app
}

func (s *stage) expect(line string) {
	s.t.Helper()
	s.log = slices.DeleteFunc(s.log, func(l string) bool { return l == "next" })
	if len(s.log) == 0 {
		s.t.Fatalf("%s: nothing happened, expected %q", s.where, line)
	}
	if s.log[0] != strings.TrimRight(line, " ") {
		s.t.Fatalf("%s:\n got %q\nwant %q\nthen %q", s.where, s.log[0], line, s.log[1:])
	}
	s.log = s.log[1:]
}

// quiet fails if something was not expected.
func (s *stage) quiet() {
	s.t.Helper()
	s.log = slices.DeleteFunc(s.log, func(l string) bool { return l == "next" })
	if len(s.log) > 0 {
		s.t.Fatalf("%s: not expected before this: %q", s.where, s.log)
	}
}

func (s *stage) expectEnd(want string) {
	s.t.Helper()
	s.quiet()
	if !s.app.ended {
		s.t.Fatalf("%s: the chat is not over", s.where)
	}
	got := "done"
	var e *Error
	if errors.As(s.app.err, &e) {
		reasons := map[Reason]string{Refused: "refused", NoConnection: "no-connection"}
		got = reasons[e.Reason] + " " + escaped(e.Text)
	}
	if got != want {
		s.t.Fatalf("%s: the chat ended with %q, not %q", s.where, got, want)
	}
}
