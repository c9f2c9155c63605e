//go:build unix

package main

import (
	"encoding/base64"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"parley/eventloop/cluster/natstest"
	"parley/protocol"
)

// A fleet is servers of NATS, and servers of Parley that share a log there.
type fleet struct {
	t     *testing.T
	nats  natstest.Servers
	nodes []serving
	data  []string
	flags []string // of the nodes
	gates []*gate  // between each node and NATS; none: they are connected at once
}

// launch starts three of each.
func launch(t *testing.T) *fleet {
	f := &fleet{t: t, nats: natstest.Start(t, 3)}
	f.launch()
	return f
}

// launch starts three nodes.
func (f *fleet) launch() {
	f.t.Helper()
	f.t.Cleanup(func() {
		for i, n := range f.nodes {
			if f.t.Failed() {
				f.t.Logf("node %d: %s", i, n.log)
			}
		}
	})
	for i := range 3 {
		f.data = append(f.data, f.t.TempDir())
		f.nodes = append(f.nodes, serving{})
		f.start(i)
	}
}

// start starts a node, and waits until it lets people in.
func (f *fleet) start(i int) {
	f.t.Helper()
	urls := f.nats.URLs()
	if f.gates != nil {
		urls = f.gates[i].urls
	}
	flags := append([]string{"--cluster", strings.Join(urls, ","), "--node", fmt.Sprint("node", i), "--flood", "off", "--drain", "2s"}, f.flags...)
	f.nodes[i] = serveIn(f.t, f.data[i], flags, "127.0.0.1:0")
	name := fmt.Sprint("first", i)
	for end := time.Now().Add(6 * deadline); ; <-time.After(20 * time.Millisecond) {
		c := f.dial(i)
		c.send(protocol.Request{Verb: "login", Content: protocol.Content{Text: name}, Extended: true})
		r, ok := c.read()
		if ok && r.Data != nil && r.Data.Event == protocol.EventLogin {
			c.until("logout", protocol.EventLogout)
			_ = c.Close()
			return
		}
		_ = c.Close()
		if !ok || time.Now().After(end) {
			f.t.Fatalf("node %d lets nobody in: %+v; %s", i, r, f.nodes[i].log)
		}
	}
}

// end ends a node with a signal.
func (f *fleet) end(i int, sig syscall.Signal) {
	f.t.Helper()
	if err := f.nodes[i].Process.Signal(sig); err != nil {
		f.t.Fatal(err)
	}
	if err := f.nodes[i].Wait(); err != nil && sig != syscall.SIGKILL {
		f.t.Errorf("node %d ends with %v: %s", i, err, f.nodes[i].log)
	}
}

func (f *fleet) kill(i int) { f.end(i, syscall.SIGKILL) }

// drain has the operator end a node.
func (f *fleet) drain(i int) {
	f.t.Helper()
	node := fmt.Sprint("node", i)
	if out, err := f.operate("drain", node); err != nil || !strings.Contains(out, node+" ends") {
		f.t.Fatalf("%v: %s", err, out)
	}
	if err := f.nodes[i].Wait(); err != nil {
		f.t.Errorf("node %d ends with %v: %s", i, err, f.nodes[i].log)
	}
}

// operate runs parley cluster, and returns what it says.
func (f *fleet) operate(args ...string) (string, error) {
	f.t.Helper()
	out, err := parley(f.t, append([]string{"cluster", "--cluster", strings.Join(f.nats.URLs(), ",")}, args...)...).CombinedOutput()
	return string(out), err
}

// shows waits until parley cluster status shows words.
func (f *fleet) shows(words ...string) {
	f.t.Helper()
	for end := time.Now().Add(deadline); ; {
		out, err := f.operate("status")
		missing := slices.IndexFunc(words, func(w string) bool { return !regexp.MustCompile(w).MatchString(out) })
		switch {
		case err == nil && missing < 0:
			return
		case time.Now().After(end):
			f.t.Fatalf("%v: it does not show %q: %s", err, words[missing], out)
		}
	}
}

func (f *fleet) addrs() (all []string) {
	for _, n := range f.nodes {
		all = append(all, n.addrs[0])
	}
	return all
}

// A person is a client that is driven line by line.
type person struct {
	line
	t *testing.T
}

func (f *fleet) dial(i int) *person {
	f.t.Helper()
	c, err := dial(f.nodes[i].addrs[0])
	if err != nil {
		f.t.Fatal(err)
	}
	f.t.Cleanup(func() { _ = c.Close() })
	return &person{c, f.t}
}

// come logs in at a node, and asks again while that does not reach the others.
func (f *fleet) come(i int, name string) *person {
	f.t.Helper()
	p := f.dial(i)
	for {
		p.send(protocol.Request{Verb: "login", Content: protocol.Content{Text: name}, Extended: true})
		switch r, ok := p.read(); {
		case ok && r.Data != nil && r.Data.Event == protocol.EventLogin:
			return p
		case !ok || r.Data == nil || r.Data.Code != protocol.Busy:
			f.t.Fatalf("%s is not let in at node %d: %+v, %s", name, i, r.Data, r.Content)
		}
		<-time.After(20 * time.Millisecond)
	}
}

// until sends a request and waits for an event.
func (p *person) until(verb, event string, fields ...string) protocol.Response {
	p.t.Helper()
	p.request(verb, fields)
	return p.hears(event, "")
}

// asks sends a request and returns the answer, whatever it is.
func (p *person) asks(verb string, fields ...string) protocol.Response {
	p.t.Helper()
	p.request(verb, fields)
	for {
		r, ok := p.read()
		if !ok {
			p.t.Fatalf("%s is not answered", verb)
		}
		if r.Ref == "r" && r.Data != nil {
			return r
		}
	}
}

func (p *person) request(verb string, fields []string) {
	r := protocol.Request{Verb: verb, Ref: "r"}
	if len(fields) > 0 {
		r.Content.Fields = make(map[string]string)
		for i := 0; i < len(fields); i += 2 {
			r.Content.Fields[fields[i]] = fields[i+1]
		}
	}
	if verb == "msg" || verb == "dm" {
		r.ID = fmt.Sprint(verb, fields, time.Now().UnixNano())
	}
	p.send(r)
}

// hears waits for an event with some words.
func (p *person) hears(event, words string) protocol.Response {
	p.t.Helper()
	var last []string
	for {
		r, ok := p.read()
		if !ok {
			p.t.Fatalf("it does not hear of %s, %q, but %v", event, words, last)
		}
		last = append(last, r.Content)
		if r.Data != nil && r.Data.Event == event && strings.Contains(r.Content, words) {
			return r
		}
	}
}

// Three servers are one: whoever is at one of them talks with those at the others. The servers
// of NATS lose the one that leads; a server is killed, and a chat goes on at the next one.
func TestCluster(t *testing.T) {
	f := launch(t)
	f.talkAcross()
	left := f.talkInPrivate()
	f.shows("parley-parley, is led by nats", `node0 +1 +1 +lives +\d+ `, `node1 +2 +1 +lives +\d+ `, `node2 +3 +1 +lives +0 +\d+ +\d+ +\S+s +\d+ +parley_`)
	f.leaderDies()
	f.clientMoves()
	left()
}

// talkAcross has people at different nodes talk.
func (f *fleet) talkAcross() {
	f.t.Helper()
	anna, bert := f.come(0, "anna"), f.come(1, "bert")
	again := f.dial(2)
	again.send(protocol.Request{Verb: "login", Content: protocol.Content{Text: "Anna"}, Extended: true})
	if r := again.hears(protocol.EventError, ""); r.Data.Code != protocol.NameTaken {
		f.t.Errorf("somebody else who calls herself Anna is told %+v, %s", r.Data, r.Content)
	}
	anna.until("msg", protocol.EventAccepted, "text", "hello to all")
	bert.hears(protocol.EventMessage, "hello to all")
	bert.until("dm", protocol.EventDelivered, "name", "anna", "text", "hello to you")
	anna.hears(protocol.EventDirect, "hello to you")
	anna.until("create", protocol.EventCreated, "room", "tea")
	for bert.asks("join", "room", "tea").Data.Event != protocol.EventJoined { // what anna has done may not have come to the other node yet
	}
	bert.until("msg", protocol.EventAccepted, "room", "tea", "text", "a cup, please")
	if r := anna.hears(protocol.EventMessage, "a cup"); r.Data.Room != "tea" {
		f.t.Errorf("it is heard in %q", r.Data.Room)
	}
	_ = anna.Close()
	_ = bert.Close()
}

// talkInPrivate has two at different nodes agree on a private session, and talk through the relay.
// What it returns checks, when the node of one of them was killed, that the other one is told.
func (f *fleet) talkInPrivate() (left func()) {
	f.t.Helper()
	alice, bob := f.come(1, "alice"), f.come(0, "bob")
	const key = "SHA256:%[1]s%[1]s%[1]s%[1]s%[1]s%[1]s%[1]s%[1]sabA"
	keys := map[string]string{"alice": fmt.Sprintf(key, "alice"), "bob": fmt.Sprintf(key, "bobob")}
	addrs := map[string]string{"alice": "10.0.0.1:4000", "bob": "10.0.0.2:4000"}
	agree := func() (session uint64) {
		f.t.Helper()
		for alice.asks("startprivate", "name", "bob", "fingerprint", keys["alice"], "paths", addrs["alice"]+",observed,relay").Data.Event != protocol.EventInvited { // bob may not be known there yet
		}
		if r := bob.hears(protocol.EventInvitation, "alice asks you"); r.Data.Private.Fingerprint != keys["alice"] {
			f.t.Errorf("bob is asked with %+v", r.Data.Private)
		}
		to := map[string]*protocol.Private{
			"alice": bob.until("acceptprivate", protocol.EventIntroduced, "name", "alice", "fingerprint", keys["bob"], "paths", addrs["bob"]+",observed,relay").Data.Private,
			"bob":   alice.hears(protocol.EventIntroduced, "bob").Data.Private,
		}
		for name, p := range to {
			if len(p.Paths) != 3 || p.Paths[0] != addrs[name] || !strings.HasPrefix(p.Paths[1], "127.0.0.1:") || p.Paths[2] != protocol.PathRelay || p.Fingerprint != keys[name] {
				f.t.Errorf("%s is to be reached by %+v", name, p)
			}
		}
		if to["alice"].Token != to["bob"].Token || protocol.CheckToken(to["bob"].Token) != nil || to["alice"].Session != to["bob"].Session {
			f.t.Errorf("they are told %+v and %+v", to["alice"], to["bob"])
		}
		return to["bob"].Session
	}
	relay := func(from *person, name string, session uint64, to *person, n int) {
		f.t.Helper()
		for i := range n {
			data := base64.StdEncoding.EncodeToString(fmt.Appendf(nil, "%d to %s", i, name))
			credit := 0
			if i > 0 {
				credit = protocol.RelayCost(data)
			}
			from.request("relay", []string{"name", name, "session", fmt.Sprint(session), "credit", "0", "data", data})
			p := to.hears(protocol.EventRelayed, "").Data.Private
			for p.Payload == "" { // credit
				p = to.hears(protocol.EventRelayed, "").Data.Private
			}
			if p.Payload != data || p.Session != session {
				f.t.Errorf("%s hears %+v, and not %q", name, p, data)
			}
			if credit > 0 {
				to.request("relay", []string{"name", map[string]string{"alice": "bob", "bob": "alice"}[name], "session", fmt.Sprint(session), "credit", fmt.Sprint(credit)})
			}
		}
	}
	first := agree()
	relay(alice, "bob", first, bob, 200)
	relay(bob, "alice", first, alice, 200)
	bob.until("stopprivate", protocol.EventStopped, "name", "alice")
	alice.hears(protocol.EventStopped, "bob has ended the private session")
	second := agree()
	relay(bob, "alice", second, alice, 1)
	return func() {
		f.t.Helper()
		alice.hears(protocol.EventStopped, "bob has left the server")
		_ = alice.Close()
	}
}

// leaderDies kills the server of NATS that leads the log: those who are connected stay, and are
// told.
func (f *fleet) leaderDies() {
	f.t.Helper()
	gina := f.come(0, "gina")
	began := time.Now()
	dead := f.nats.Leader(f.t, "parley-parley")
	dead.Kill()
	gina.hears(protocol.EventStanding, "does not reach the others")
	told := time.Since(began)
	gina.hears(protocol.EventStandingOver, "")
	f.t.Logf("the leader was killed: told after %.1f s, and it goes on after %.1f s", told.Seconds(), time.Since(began).Seconds())
	gina.until("msg", protocol.EventAccepted, "text", "still here")
	_ = gina.Close()
	dead.Start()
}

// clientMoves kills the node that a chat is connected to, which knows the others.
func (f *fleet) clientMoves() {
	f.t.Helper()
	watcher := f.come(1, "watcher")
	c := chatWith(f.t, strings.Join(f.addrs(), ","), "mover")
	say := func(text string) {
		f.t.Helper()
		if _, err := fmt.Fprintln(c.stdin, text); err != nil {
			f.t.Fatal(err)
		}
		watcher.hears(protocol.EventMessage, text)
	}
	say("from the first")
	f.kill(0)
	began := time.Now()
	say("from the second")
	f.t.Logf("a node was killed: the chat goes on after %.2f s", time.Since(began).Seconds())
	_ = c.stdin.Close()
	c.ends(exitDone, "lost")
	_ = watcher.Close()
	f.shows(`node0 +1 +1 +gone +- `, `node1 +2 +1 +lives `)
	f.start(0)
}

// One node after the other ends while people talk, who go on at the next one. What was
// acknowledged is on the disk of the last one, once and in order, and everybody has heard it so.
func TestNodesEnd(t *testing.T) {
	f := launch(t)
	w := newTrial(t, "always", 0)
	w.data, w.talkers[0].mutes = f.data[2], 0
	for _, p := range w.talkers {
		p.first(f.addrs()[0])
		if p.password != "" {
			w.registered(p.name)
		}
	}
	events, stop := make(chan event, 100_000), make(chan struct{})
	var wg sync.WaitGroup
	for i, p := range w.talkers {
		p.events, p.perRound = events, 400
		wg.Go(func() {
			for at := i; ; at++ {
				p.talk(f.addrs()[at%len(f.nodes)], nil)
				select {
				case <-stop:
					return
				default:
				}
			}
		})
	}
	for i, end := range []func(int){f.kill, f.drain, f.kill} {
		if !await(events, 0, 100) {
			t.Fatal("too little is acknowledged")
		}
		if i == 2 {
			close(stop)
		}
		end(i)
	}
	wg.Wait()
	f.start(2)
	w.finish(f.addrs()[2])
	f.end(2, syscall.SIGTERM)
	w.noComplaint(f.nodes[2])
	numbers := w.compareDisk()
	t.Logf("%v were acknowledged, and %d are on the disk", w.counts(), len(numbers))
}

// What is kept in the log of a cluster, and what is kept in a folder alone, do not mix.
func TestClusterFolders(t *testing.T) {
	f := &fleet{t: t, nats: natstest.Start(t, 1), data: []string{t.TempDir()}, nodes: make([]serving, 1)}
	f.flags = []string{"--cluster-replicas", "1"}
	f.start(0)
	f.come(0, "anna").until("msg", protocol.EventAccepted, "text", "hello")
	if out, err := f.operate("skip", "2"); err == nil || !strings.Contains(out, "the message is not skipped: node0 has carried it out") {
		t.Errorf("with a node that has carried the message out it says %v: %s", err, out)
	}
	f.end(0, syscall.SIGTERM)
	alone := t.TempDir()
	add := parley(t, "user", "add", "bert", "--data", alone)
	add.Stdin = strings.NewReader(secret + "\n")
	if out, err := add.CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	url := f.nats.URLs()[0]
	for _, try := range []struct{ words, args string }{
		{"the data folder belongs to a node of a cluster, and what it keeps is in the log of that: begin it with --cluster", "serve --listen 127.0.0.1:0 --data " + f.data[0]},
		{"the data folder belongs to a node of a cluster, which does not run", "user list --data " + f.data[0]},
		{"begin with an empty one", "serve --listen 127.0.0.1:0 --cluster-replicas 1 --cluster " + url + " --data " + alone},
		{"the data folder belongs to the stream", "serve --listen 127.0.0.1:0 --cluster-replicas 1 --cluster-name other --cluster " + url + " --data " + f.data[0]},
		{"3 copies of the log are wanted of a server that is alone", "serve --listen 127.0.0.1:0 --cluster-name three --cluster " + url + " --data " + t.TempDir()},
		{"a server of NATS is nats://HOST:PORT", "serve --cluster 127.0.0.1:4222"},
		{"need a cluster", "serve --node one"},
		{"no node of the cluster answers", "cluster status --cluster " + url},
		{"none is called tea at", "cluster status --cluster-name tea --cluster " + url},
		{"no node of that name answers: node0; none of cluster parley does", "cluster drain node0 --cluster " + url},
		{"the message is not skipped: the log has messages 1 to ", "cluster skip 1000000 --cluster " + url},
		{"NATS is not reached: no server of NATS is reached at nats://127.0.0.1:1", "cluster status --cluster nats://127.0.0.1:1"},
		{"--cluster nats://HOST:4222", "cluster status"},
		{"a server of NATS is nats://HOST:PORT", "cluster drain node0 --cluster 127.0.0.1:4222"},
		{`"t+ea" is no name of a cluster`, "cluster status --cluster-name t+ea --cluster " + url},
	} {
		out, err := parley(t, strings.Fields(try.args)...).CombinedOutput()
		if err == nil || !strings.Contains(string(out), try.words) {
			t.Errorf("%s: %v: it says %s, and not %s", try.args, err, out, try.words)
		}
	}
	if out, err := f.operate("skip", "2"); err != nil || !strings.Contains(out, "Message 2 of the log is skipped from now on") {
		t.Errorf("without a node it says %v: %s", err, out)
	}
	out, err := parley(t, "serve", "--listen", "127.0.0.1:0", "--node", "node0", "--cluster", url, "--data", f.data[0]).CombinedOutput()
	if err == nil || !strings.Contains(string(out), "message 2 is skipped by now, and this node has kept what came of it: begin with an empty data folder") {
		t.Errorf("a node that has carried out what is skipped ends with %v: %s", err, out)
	}
}

// A node that has ended goes on from the snapshot that it has left; one whose snapshot is damaged
// says so, and reads the log from its first message.
func TestANodeGoesOnFromItsSnapshot(t *testing.T) {
	f := &fleet{t: t, nats: natstest.Start(t, 1), data: []string{t.TempDir()}, nodes: make([]serving, 1)}
	f.flags = []string{"--cluster-replicas", "1"}
	f.start(0)
	anna := f.come(0, "anna")
	anna.until("msg", protocol.EventAccepted, "text", "hello")
	f.end(0, syscall.SIGTERM)
	path := filepath.Join(f.data[0], "parley.state")
	info, err := os.Stat(path)
	if err != nil || info.Mode().Perm() != 0o600 {
		t.Fatalf("it has left %v: %v", info, err)
	}
	for _, c := range []struct {
		words  string
		damage bool
	}{{"this node goes on from a snapshot", false}, {"that is no snapshot of a node, or a damaged one", true}, {"this node goes on from a snapshot", false}} {
		if c.damage {
			b, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			b[len(b)/2] ^= 1
			if err := os.WriteFile(path, b, 0o600); err != nil {
				t.Fatal(err)
			}
		}
		f.start(0)
		bert := f.come(0, "bert")
		bert.until("msg", protocol.EventAccepted, "text", "and another")
		f.end(0, syscall.SIGTERM)
		if log := f.nodes[0].log.String(); !strings.Contains(log, c.words) {
			t.Errorf("it does not say %q: %s", c.words, log)
		}
	}
}
