package client

import (
	"errors"
	"fmt"
	"net"
	"regexp"
	"strconv"
	"strings"
	"time"

	"parley/p2p"
	"parley/protocol"
)

// stagePeers are the transport of private sessions and the peers behind it. A key
// is written as key-x, x being a letter: keyOf tells what it stands for. One's own
// is key-a. With the option private there are
//
//	config> private pin=NAME:key-x:verified    what is known of keys
//	connect< NAME client|server key-x PATHS    links are to be tried
//	cancel< NAME                               no more
//	link< NAME WHAT ...                        a frame on the newest link; pings and pongs are left out
//	close< NAME PATH                           a link is to be closed
//	relayed< NAME CREDIT PAYLOAD               what the server has relayed is passed on
//	norelay< NAME                              nothing more is relayed
//	peer> NAME linked direct ADDRESS | relay   there is a link
//	peer> NAME hello [again]                   on the newest link, as what follows
//	peer> NAME says ID TEXT | got ID | typing | bye
//	peer> NAME lost REASON                     the link
//	peer> NAME unreachable REASON              no link came about
//	peer> NAME full                            takes no frames any more
//	peer> NAME silent                          does not answer pings, as peers do otherwise
//	peer> NAME relay CREDIT PAYLOAD            something for the server to relay
//	peer> NAME known key-x verified            another client of the person has met NAME
//	peer> NAME same SERVER                     the server was known by that address
type stagePeers struct {
	s     *stage
	pins  map[string]p2p.Pin
	plans map[string]p2p.Plan // the newest, by name
	links map[p2p.LinkID]p2p.Link
	names map[uint64]string // by the number of a plan
	last  map[string]p2p.LinkID
	full  map[p2p.LinkID]bool
	mute  map[string]bool
	pongs []pong
	looks []func() *p2p.Pinning // that were not answered yet

	local net.Addr // of the connection to the server
}

// pong is the answer to a ping, which takes 3 ms.
type pong struct {
	at time.Time
	e  p2p.Event
}

// due returns when the next pong comes; zero: none does.
func (p *stagePeers) due() time.Time {
	if p == nil || len(p.pongs) == 0 {
		return time.Time{}
	}
	return p.pongs[0].at
}

// answer delivers the pongs that are due.
func (p *stagePeers) answer() {
	for p != nil && len(p.pongs) > 0 && !p.pongs[0].at.After(p.s.clk.now) {
		e := p.pongs[0].e
		p.pongs = p.pongs[1:]
		p.s.app.peered(e)
	}
}

func newStagePeers(s *stage) *stagePeers {
	return &stagePeers{s: s, pins: map[string]p2p.Pin{}, plans: map[string]p2p.Plan{}, links: map[p2p.LinkID]p2p.Link{},
		names: map[uint64]string{}, last: map[string]p2p.LinkID{}, full: map[p2p.LinkID]bool{}, mute: map[string]bool{}}
}

// keyOf returns the fingerprint that key-x stands for.
func keyOf(key string) string {
	return "SHA256:" + strings.Repeat(strings.TrimPrefix(key, "key-"), 42) + "A"
}

var fingerprints = regexp.MustCompile(`SHA256:(\w)\w{41}A`)

// keyName replaces fingerprints by what stands for them.
func keyName(s string) string { return fingerprints.ReplaceAllString(s, "key-$1") }

func (p *stagePeers) pin(value string) {
	words := strings.Split(value, ":")
	p.pins[words[0]] = p2p.Pin{Fingerprint: keyOf(words[1]), Verified: len(words) > 2, Since: p.s.clk.now.AddDate(0, 0, -1)}
}

func (p *stagePeers) Pin(name string) (p2p.Pin, bool) {
	pin, ok := p.pins[strings.ToLower(name)]
	return pin, ok
}

func (p *stagePeers) At(string)        {}
func (p *stagePeers) Look(name string) { p.Keep(name, p2p.Pin{}, "") }

// Keep answers when the App has done what it is about to do.
func (p *stagePeers) Keep(name string, pin p2p.Pin, instead string) {
	p.looks = append(p.looks, func() *p2p.Pinning {
		name = strings.ToLower(name)
		before, known := p.pins[name]
		switch {
		case known && before.Fingerprint == pin.Fingerprint:
			pin.Since, pin.Verified = before.Since, before.Verified || pin.Verified
		case pin.Fingerprint == "", known && before.Fingerprint != instead:
			pin = before
		}
		if pin.Fingerprint != "" {
			p.pins[name] = pin
		}
		return &p2p.Pinning{Name: name, Before: before, Now: pin}
	})
}

// look has what is known of keys looked up.
func (p *stagePeers) look() {
	for p != nil && len(p.looks) > 0 {
		look := p.looks[0]
		p.looks = p.looks[1:]
		p.s.app.peered(p2p.Event{Kind: p2p.Pinned, Pinned: look()})
	}
}

func (p *stagePeers) Events() <-chan p2p.Event       { return nil }
func (p *stagePeers) ServerConnected(local net.Addr) { p.local = local }
func (p *stagePeers) Stop()                          {}

func (p *stagePeers) Offer() (p2p.Offer, error) {
	return p2p.Offer{Fingerprint: keyOf("key-a"), Paths: []string{"10.0.0.1:4000", protocol.PathObserved, protocol.PathRelay}, Dials: true}, nil
}

func (p *stagePeers) Connect(plan p2p.Plan) {
	p.plans[plan.Name], p.names[plan.Session] = plan, plan.Name
	role := "server"
	if plan.Client {
		role = "client"
	}
	p.s.say(fmt.Sprintf("connect< %s %s %s %s", plan.Name, role, keyName(plan.Fingerprint), strings.Join(plan.Paths, ",")))
}

func (p *stagePeers) Cancel(session uint64)     { p.s.say("cancel< " + p.names[session]) }
func (p *stagePeers) RelayEnded(session uint64) { p.s.say("norelay< " + p.names[session]) }

func (p *stagePeers) Relayed(session uint64, credit int, payload string) {
	p.s.say(fmt.Sprintf("relayed< %s %d %s", p.names[session], credit, payload))
}

func (p *stagePeers) Close(id p2p.LinkID) {
	k := p.links[id]
	p.s.say(fmt.Sprintf("close< %s %s", p.names[k.Session], k.Path))
}

func (p *stagePeers) Send(id p2p.LinkID, frame []byte) bool {
	if p.full[id] {
		return false
	}
	r, err := protocol.DecodeResponse(frame)
	if err != nil || r.Data == nil {
		p.s.t.Fatalf("%s: the App sent %q: %v", p.s.where, frame, err)
	}
	what := r.Data.Event
	switch what {
	case protocol.EventPong:
		return true
	case "ping":
		if name := p.names[p.links[id].Session]; !p.mute[name] {
			r.Data.Event = protocol.EventPong
			p.pongs = append(p.pongs, pong{p.s.clk.now.Add(3 * time.Millisecond), p2p.Event{Kind: p2p.Received, ID: id, Response: r}})
		}
		return true
	case protocol.EventMessage:
		what = fmt.Sprintf("says %d %s", r.Data.ID, escaped(r.Content))
	case protocol.EventAccepted:
		what = fmt.Sprintf("got %d", r.Data.ID)
	}
	p.s.say(fmt.Sprintf("link< %s %s", p.names[p.links[id].Session], what))
	return true
}

// happens lets a peer do something.
func (p *stagePeers) happens(text string) {
	words := append(strings.SplitN(text, " ", 3), "")
	name, what, rest := words[0], words[1], words[2]
	plan, id := p.plans[name], p.last[name]
	e := p2p.Event{Kind: p2p.Received, ID: id, Session: plan.Session}
	e.Response = protocol.Response{Time: p.s.clk.now, Sender: name, Kind: protocol.KindInfo, Content: what, Data: &protocol.Data{Event: what}}
	d := e.Response.Data
	number, said, _ := strings.Cut(rest, " ")
	d.ID, _ = strconv.ParseUint(number, 10, 64)
	switch what {
	case "linked":
		e.Kind, e.Link = p2p.Linked, p2p.Link{ID: p2p.LinkID(len(p.links) + 1), Session: plan.Session, Words: strings.Fields("zoo able yard acid wolf baby")}
		e.Link.Path = p2p.Path{Relay: rest == "relay", Address: strings.TrimPrefix(rest, "direct ")}
		p.links[e.Link.ID], p.last[name] = e.Link, e.Link.ID
	case "lost", "unreachable":
		e.Kind, e.Err = p2p.Lost, errors.New(rest)
		if what == "unreachable" {
			e.Kind = p2p.Unreachable
		}
	case "known": // another client of the same person has met that one
		p.pin(name + ":" + strings.ReplaceAll(rest, " ", ":"))
		return
	case "same":
		e = p2p.Event{Kind: p2p.SameServer, Server: rest}
	case "silent":
		p.mute[name], p.pongs = true, nil
		return
	case "full":
		p.full[id] = true
		return
	case "relay":
		e.Kind, e.Payload = p2p.Relay, said
		e.Credit, _ = strconv.Atoi(number)
	case protocol.EventHello:
		d.Private, d.ID = &protocol.Private{Session: plan.Number}, uint64(len(strings.Fields(rest)))
	case "says":
		d.Event, d.Log, e.Response.Kind, e.Response.Content = protocol.EventMessage, "run of "+name, protocol.KindMessage, strings.ReplaceAll(said, `\e`, "\x1b")
	case "got":
		d.Event, d.Log = protocol.EventAccepted, fmt.Sprintf("%016x", uint64(stageRand))
	}
	p.s.app.peered(e)
}

// privateResponse fills in what the server says of a private session.
func privateResponse(r *protocol.Response, words []string) {
	words = strings.Split(strings.TrimSpace(strings.Join(words, " ")), " ")
	d, rest := r.Data, append(words[2:], "", "")
	r.Ref, r.Content = "", strings.Join(words[2:], " ")
	d.Name, d.Private = words[0], new(protocol.Private)
	d.Private.Session, _ = strconv.ParseUint(words[1], 10, 64)
	switch d.Event {
	case protocol.EventInvited:
		d.Seconds = 60
	case protocol.EventInvitation:
		d.Seconds, d.Private.Fingerprint = 60, keyOf(rest[0])
	case protocol.EventIntroduced:
		d.Private.Fingerprint, d.Private.Paths, d.Private.Token = keyOf(rest[0]), strings.Split(rest[1], ","), strings.Repeat("0a", protocol.TokenSize)
	case protocol.EventRelayed:
		d.Private.Credit, _ = strconv.Atoi(rest[0])
		d.Private.Payload = rest[1]
	}
}
