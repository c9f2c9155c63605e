package main

import (
	"bufio"
	"fmt"
	mrand "math/rand/v2"
	"net"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"parley/protocol"
	"parley/users"
	"parley/users/command"
)

const (
	// underWay is how much of one talker may be unanswered: who sends without reading is
	// dropped, which is another test's business.
	underWay = 16

	// perRound is how much a talker has to say before the server is killed.
	perRound = 80
)

// A talker is a client that comes back whenever its server was killed. It says by its
// token who it is, is told what it has missed, and asks again for what was not answered.
type talker struct {
	t        *testing.T
	name     string
	password string   // "" of a guest
	others   []string // to whom it writes
	mutes    int      // whom it blocks while it talks: so many
	deafTo   string   // whom it has blocked before
	perRound int      // it has so much to say before the server is killed
	lasting  bool     // the log keeps its name when the server is killed
	events   chan event
	begin    chan struct{} // closed when it may say something; nil: at once

	token, log string
	newest     uint64  // number of what it has heard
	back       uint64  // with which it has come back
	seen       uint64  // up to this number it has said that it has seen direct messages
	unseen     []heard // direct messages that it has heard before it came back, and has not said of that it has seen them
	again      []heard // of those, what it is told again
	asked      int     // how often it has asked for something
	open       []ask   // is not answered yet, in the order in which it was asked for
	acked      []acked
	refused    int
	tellings   []telling
	ends       int // of the server that it was told before
}

// An ask is something that is asked for, under an id that it has in each try.
type ask struct {
	id, verb, to, text string

	again bool // it was tried more than once
}

// An acked is what was acknowledged, and under which number.
type acked struct {
	ask
	number uint64
}

// A telling is what a talker has heard in connections of which each began where the one
// before it had ended.
type telling []heard

// A heard is what was heard of one message: to is "" of one for everybody.
type heard struct {
	number uint64
	said
}

type said struct{ sender, to, text string }

func (s said) String() string { return fmt.Sprintf("%s to %q: %.30q", s.sender, s.to, s.text) }

// An event is what a round waits for.
type event int

const (
	eventThere event = iota
	eventAcknowledged
)

// person returns what the talker is called where directs are kept.
func (p *talker) person() string {
	if p.password != "" {
		return users.Fold(p.name)
	}
	return command.GuestPrefix + command.TokenID(p.token)
}

// A line is a connection, which is killed at any moment.
type line struct {
	net.Conn
	in *bufio.Reader
}

func dial(addr string) (line, error) {
	c, err := net.Dial("tcp", addr)
	if err != nil {
		return line{}, err
	}
	_ = c.SetDeadline(time.Now().Add(6 * deadline))
	return line{c, bufio.NewReader(c)}, nil
}

// send fails only where read does, too.
func (c line) send(r protocol.Request) { _, _ = c.Write(protocol.AppendRequest(nil, r)) }

// read returns the next response; false when there is none any more.
func (c line) read() (protocol.Response, bool) {
	frame, err := c.in.ReadBytes('\n')
	if err != nil {
		return protocol.Response{}, false
	}
	r, e := protocol.DecodeResponse(frame)
	return r, e == nil
}

// first comes for the first time.
func (p *talker) first(addr string) {
	c, err := dial(addr)
	if err != nil {
		p.t.Error(err)
		return
	}
	defer c.Close()
	if !p.enter(c) {
		p.t.Errorf("%s does not get in", p.name)
		return
	}
	if p.deafTo == "" {
		return
	}
	c.send(protocol.Request{Verb: "block", Content: protocol.Content{Text: p.deafTo}, Ref: "block"})
	for {
		r, ok := c.read()
		if !ok || r.Ref == "block" && r.Data.Event != protocol.EventBlocked {
			p.t.Errorf("%s cannot block %s: %s", p.name, p.deafTo, r.Content)
		}
		if !ok || r.Ref == "block" {
			return
		}
	}
}

// enter logs in, and looks whether it is what it was before.
func (p *talker) enter(c line) bool {
	again := p.token != ""
	c.send(protocol.Request{Verb: "login", Content: protocol.Content{Text: p.name}, Extended: true, Ref: "login", Password: p.password,
		Register: p.password != "" && !again, Token: p.token, Log: p.log, After: p.newest, HasAfter: again})
	r, ok := c.read()
	if !ok || r.Ref == "" && strings.HasPrefix(r.Content, "The server is shutting down") { // before it has let anybody in
		return false
	}
	d := r.Data
	if d == nil || d.Event != protocol.EventLogin {
		p.t.Errorf("%s logs in and is answered %+v, %s", p.name, d, r.Content)
		return false
	}
	want := protocol.Data{Event: d.Event, ID: d.ID, Name: p.name, Log: d.Log, Token: d.Token, State: d.State, Seconds: d.Seconds}
	switch {
	case again && p.lasting:
		want.Token, want.Log, want.Resume = p.token, p.log, protocol.ResumeFollows
	case again:
		want.Token, want.Resume = p.token, protocol.ResumeOtherLog
	}
	if d.Resume != want.Resume || d.Token != want.Token || d.Log != want.Log || d.ID < p.newest || d.Token == "" || again && !p.lasting && d.Log == p.log {
		p.t.Errorf("%s comes back to the log %s with %d and is told %+v", p.name, p.log, p.newest, *d)
	}
	p.token, p.log = d.Token, d.Log
	if !again || !p.lasting {
		p.newest = 0
		p.tellings = append(p.tellings, nil)
	}
	p.back, p.again, p.unseen = p.newest, nil, nil
	for _, h := range p.tellings[len(p.tellings)-1] {
		if h.to == p.name && h.number > p.seen {
			p.unseen = append(p.unseen, h)
		}
	}
	return true
}

// talk comes back, and asks until the server is gone. If that is the last time, nothing
// new is asked for: the talker leaves when all have been answered and it has been told all.
func (p *talker) talk(addr string, last *sync.WaitGroup) {
	done := func() {}
	if last != nil {
		done = sync.OnceFunc(last.Done)
		defer done()
	}
	c, err := dial(addr)
	if err != nil {
		return // killed already
	}
	defer c.Close()
	if !p.enter(c) {
		return
	}
	p.event(eventThere)
	if p.begin != nil {
		<-p.begin
	}
	for i := range p.open {
		p.open[i].again = true
		c.send(p.open[i].request())
	}
	more, resumed, ended := p.perRound, !p.lasting, false
	for {
		for more > 0 && len(p.open) < underWay && last == nil {
			c.send(p.ask().request())
			more--
		}
		if last != nil && resumed && len(p.open) == 0 && !ended {
			ended = true
			done()
			last.Wait()
			c.send(protocol.Request{Verb: "ping", Ref: "end"})
		}
		r, ok := c.read()
		switch {
		case !ok && last != nil:
			p.t.Errorf("%s loses the connection in the end", p.name)
			fallthrough
		case !ok, r.Ref == "end":
			return
		case r.Data == nil:
		case r.Data.Event == protocol.EventResumed:
			p.newest, resumed = max(p.newest, r.Data.ID), true
			p.compareAgain()
		case r.Ref != "":
			p.answered(r)
		default:
			p.hear(c, r)
		}
	}
}

// ask thinks of something to ask for.
func (p *talker) ask() ask {
	n := p.asked
	p.asked++
	a := ask{id: fmt.Sprintf("%s-%d", p.name, n), verb: "msg", text: fmt.Sprintf("%s %d %s", p.name, n, strings.Repeat("x", mrand.IntN(200)))}
	switch {
	case n%8 == 7:
		a.verb, a.to = "dm", p.others[mrand.IntN(len(p.others))]
	case n%4 == 1 && p.mutes > 0:
		p.mutes--
		a.verb, a.text = "block", fmt.Sprintf("mute%d", p.mutes)
	}
	p.open = append(p.open, a)
	return a
}

func (a ask) request() protocol.Request {
	fields := map[string]string{"text": a.text}
	switch a.verb {
	case "dm":
		fields["name"] = a.to
	case "block":
		fields = map[string]string{"name": a.text}
	}
	return protocol.Request{Verb: a.verb, Content: protocol.Content{Fields: fields}, Ref: a.id, ID: a.id}
}

// answered notes what became of something that was asked for.
func (p *talker) answered(r protocol.Response) {
	i := slices.IndexFunc(p.open, func(a ask) bool { return a.id == r.Ref })
	if i < 0 {
		p.t.Errorf("%s is answered twice: %+v", p.name, *r.Data)
		return
	}
	a := p.open[i]
	p.open = slices.Delete(p.open, i, i+1)
	d := r.Data
	switch {
	case a.verb == "msg" && d.Event == protocol.EventAccepted, a.verb == "dm" && (d.Event == protocol.EventDelivered || d.Event == protocol.EventStored),
		a.verb == "block" && (d.Event == protocol.EventBlocked || d.Code == protocol.BadRequest): // which was done before, if it was asked for twice
		p.acked = append(p.acked, acked{a, d.ID})
		p.event(eventAcknowledged)
	case a.verb == "dm" && (d.Code == protocol.UserOffline || d.Code == protocol.UnknownUser || d.Code == protocol.BlockedByUser || d.Code == protocol.NotAllowed):
		p.refused++
	default:
		p.t.Errorf("%s asks for %+v and is answered %+v: %s", p.name, a, *d, r.Content)
	}
}

// hear notes what others say, and sometimes says that it has been seen.
func (p *talker) hear(c line, r protocol.Response) {
	switch r.Data.Event {
	case protocol.EventShuttingDown:
		if p.ends++; r.Data.Seconds < 1 {
			p.t.Errorf("%s is told to come back after %d s", p.name, r.Data.Seconds)
		}
	case protocol.EventHistory:
		for _, e := range r.History {
			p.hear(c, e)
		}
	case protocol.EventMessage, protocol.EventDirect:
		h := heard{r.Data.ID, said{r.Sender, r.Data.To, r.Content}}
		if h.number <= p.back && h.to != "" && p.newest == p.back {
			p.again = append(p.again, h)
			return
		}
		told := &p.tellings[len(p.tellings)-1]
		*told = append(*told, h)
		p.newest = max(p.newest, h.number)
		if h.to == "" {
			return
		}
		if mrand.IntN(4) == 0 {
			p.seen = max(p.seen, h.number)
			c.send(protocol.Request{Verb: "seen", Content: protocol.Content{Text: strconv.FormatUint(h.number, 10)}})
		}
	}
}

// compareAgain looks whether the talker, which has come back, was told again what it has
// not said of that it has seen it. What it has said may have been lost: so much more comes
// in front.
func (p *talker) compareAgain() {
	told := &p.tellings[len(p.tellings)-1]
	for i, h := range p.again {
		if !slices.Contains(*told, h) || h.to != p.name || i > 0 && h.number <= p.again[i-1].number {
			p.t.Errorf("%s comes back with %d and is told number %d", p.name, p.back, h.number)
			return
		}
	}
	if n := len(p.again) - len(p.unseen); n < 0 || !slices.Equal(p.again[n:], p.unseen) {
		p.t.Errorf("%s comes back with %d and is told again %v, and not %v", p.name, p.back, p.again, p.unseen)
	}
}

// event tells the round, which may listen no more.
func (p *talker) event(e event) {
	select {
	case p.events <- e:
	default:
	}
}
