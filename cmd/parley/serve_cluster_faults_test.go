//go:build unix

package main

import (
	"fmt"
	"slices"
	"strings"
	"syscall"
	"time"

	"parley/eventloop/cluster/natstest"
	"parley/protocol"
)

// A guest is somebody who can come back to another node.
type guest struct {
	*person
	dial             func() *person // to the node where it is
	name, token, log string
	newest           uint64
}

// visit has a guest come to a node.
func (w *siege) visit(i int, name string) *guest {
	w.t.Helper()
	g := &guest{person: w.dial(i), dial: func() *person { return w.dial(i) }, name: fmt.Sprint(name, w.random.Uint32())}
	g.enters()
	return g
}

// enters logs in on the guest's connection, until it is let in and was told what it has missed.
func (g *guest) enters() {
	g.t.Helper()
	again := g.token != ""
	request := protocol.Request{Verb: "login", Content: protocol.Content{Text: g.name}, Extended: true, Token: g.token, Log: g.log, After: g.newest, HasAfter: again}
	for {
		g.send(request)
		r, ok := g.read()
		switch {
		case !ok || r.Data == nil:
			g.t.Fatalf("%s is not let in: %+v", g.name, r)
		case r.Data.Event == protocol.EventLogin:
			g.token, g.log, g.newest = r.Data.Token, r.Data.Log, max(g.newest, r.Data.ID)
			if again && r.Data.Resume != protocol.ResumeFollows {
				g.t.Errorf("%s comes back and is told %+v", g.name, r.Data)
			}
			if again {
				g.hears(protocol.EventResumed, "")
			}
			return
		case r.Data.Code != protocol.Busy:
			g.t.Fatalf("%s is not let in: %+v, %s", g.name, r.Data, r.Content)
		}
		_ = g.Close() // who asks too often on one connection is sent away
		<-time.After(50 * time.Millisecond)
		g.person = g.dial()
	}
}

// says has something accepted, and asks again while the log stands still.
func (g *guest) says(text string) {
	g.t.Helper()
	for {
		r := g.asks("msg", "text", text)
		if r.Data.Event == protocol.EventAccepted {
			return
		}
		if r.Data.Code != protocol.Busy {
			g.t.Fatalf("%s is answered %+v: %s", g.name, r.Data, r.Content)
		}
		<-time.After(50 * time.Millisecond)
	}
}

// movesTo has a guest come back at another node, on a connection of its own.
func (w *siege) movesTo(g *guest, i int) *guest {
	w.t.Helper()
	moved := *g
	moved.person, moved.dial = w.dial(i), func() *person { return w.dial(i) }
	moved.enters()
	return &moved
}

// others returns the nodes but one, by turns who is first.
func (w *siege) other(i int) int { return (i + 1 + w.random.IntN(2)) % 3 }

// killNode kills a node; who was there is at another one at once.
func (w *siege) killNode() {
	w.t.Helper()
	i := w.random.IntN(3)
	g := w.visit(i, "killed")
	began := time.Now()
	w.end(i, syscall.SIGKILL)
	if g.drains() {
		w.t.Error("a node that was killed says good bye")
	}
	moved := w.movesTo(g, w.other(i))
	w.note("back after the kill of a node", time.Since(began))
	moved.says("here again")
	_ = moved.Close()
	w.restart(i)
}

// drains reads until the connection ends, and reports whether the server has announced it.
func (p *person) drains() (announced bool) {
	for {
		r, ok := p.read()
		if !ok {
			return announced
		}
		announced = announced || r.Data != nil && r.Data.Event == protocol.EventShuttingDown
	}
}

// killLeader kills the server of NATS that leads the log: who is connected stays and is told,
// and it goes on when another one leads.
func (w *siege) killLeader() {
	w.t.Helper()
	dead := w.nats.Leader(w.t, stream)
	w.standsStill("the kill of the leader", dead.Kill)
	dead.Start()
	w.nats.AwaitWhole(w.t, stream)
}

// standsStill does something behind which the log may stand still, and notes how long that was:
// the longest time between two messages at a node that somebody hears who stays there.
func (w *siege) standsStill(why string, do func()) {
	w.t.Helper()
	i := w.random.IntN(3)
	g := w.visit(i, "stays")
	g.hears(protocol.EventMessage, "")
	do()
	began, longest := time.Now(), time.Duration(0)
	told := ""
	for last := began; time.Since(began) < 3*time.Second || longest >= time.Second && time.Since(last) > time.Second; {
		r, ok := g.read()
		if !ok {
			w.t.Errorf("behind %s a client loses its connection to a node that lives", why)
			return
		}
		switch {
		case r.Data != nil && r.Data.Event == protocol.EventMessage:
			longest, last = max(longest, time.Since(last)), time.Now()
		case r.Data != nil && (r.Data.Event == protocol.EventStanding || r.Data.Event == protocol.EventStandingOver):
			told += r.Data.Event + " "
		}
	}
	w.note("the log stands still after "+why, longest)
	if longest > 3*time.Second && !strings.HasPrefix(told, protocol.EventStanding+" ") {
		w.t.Errorf("behind %s nothing came for %.1f s, and those who are connected are told %q", why, longest.Seconds(), told)
	}
	g.says("still here")
	_ = g.Close()
}

// follower returns a server that does not lead the log.
func (w *siege) follower() *natstest.Server {
	leader := w.nats.Leader(w.t, stream)
	i := slices.IndexFunc(w.nats, func(s *natstest.Server) bool { return s == leader })
	return w.nats[w.other(i)]
}

func (w *siege) killFollower() {
	w.t.Helper()
	dead := w.follower()
	w.standsStill("the kill of another server of NATS", dead.Kill)
	dead.Start()
	w.nats.AwaitWhole(w.t, stream)
}

// stopNode has a node stand still until the others have taken it for gone. Who was there goes on
// elsewhere meanwhile; when it wakes, it acknowledges nothing of what it was asked before.
func (w *siege) stopNode() {
	w.t.Helper()
	i := w.random.IntN(3)
	sleeper, moves, watcher := w.visit(i, "sleeper"), w.visit(i, "moves"), w.visit(w.other(i), "watcher")
	heard := make(chan []string, 1)
	go func() { heard <- watcher.listens("to a node that stands still", "fence of "+sleeper.name) }()
	w.signal(i, syscall.SIGSTOP)
	began := time.Now()
	for _, g := range []*guest{sleeper, moves, watcher} {
		_ = g.SetDeadline(began.Add(w.stop + 12*deadline))
	}
	for _, g := range []*guest{sleeper, moves} {
		g.request("msg", []string{"text", "to a node that stands still by " + g.name})
	}
	moved := w.movesTo(moves, w.other(i))
	w.note("back after a node has stopped, for who leaves it", time.Since(began))
	moved.says("elsewhere")
	_ = moved.Close() // who does not read is dropped
	w.pause(w.stop - time.Since(began))
	w.signal(i, syscall.SIGCONT)
	w.acknowledgesNothing(sleeper)
	w.acknowledgesNothing(moves)
	back := w.movesTo(sleeper, w.other(i))
	back.says("fence of " + sleeper.name)
	if bad := <-heard; len(bad) > 0 {
		w.t.Errorf("what nobody has acknowledged is heard: %q", bad)
	}
	_ = back.Close()
	_ = watcher.Close()
	w.awaitOpen(i)
}

// listens reads until somebody says last, and returns what has bad in it.
func (p *person) listens(bad, last string) (all []string) {
	for {
		r, ok := p.read()
		switch {
		case !ok:
			return append(all, "the connection is lost")
		case strings.Contains(r.Content, bad):
			all = append(all, r.Content)
		case strings.Contains(r.Content, last):
			return all
		}
	}
}

// acknowledgesNothing reads what a node still says that wakes: that it has ended the session, and
// nothing of what it was asked.
func (w *siege) acknowledgesNothing(g *guest) {
	w.t.Helper()
	ended := false
	for {
		r, ok := g.read()
		if !ok {
			break
		}
		if r.Ref == "r" && r.Data != nil && r.Data.Event == protocol.EventAccepted {
			w.t.Errorf("a node that has stood still for %s wakes, and acknowledges %d", w.stop, r.Data.ID)
		}
		ended = ended || r.Data != nil && (r.Data.Event == protocol.EventShuttingDown || r.Data.Event == protocol.EventLogout || r.Data.Code != "")
	}
	if !ended {
		w.t.Errorf("a node that has stood still for %s wakes, and says nothing to %s, whose session is over", w.stop, g.name)
	}
}

func (w *siege) signal(i int, sig syscall.Signal) {
	w.t.Helper()
	if err := w.nodes[i].Process.Signal(sig); err != nil {
		w.t.Fatal(err)
	}
}

// awaitOpen waits until a node lets people in again.
func (w *siege) awaitOpen(i int) {
	w.t.Helper()
	_ = w.visit(i, "open").Close()
}

// stopServer has a server of NATS stand still, the one that leads or another.
func (w *siege) stopServer() {
	w.t.Helper()
	one, what := w.follower(), "another server of NATS has stopped"
	if w.random.IntN(2) == 0 {
		one, what = w.nats.Leader(w.t, stream), "the leader has stopped"
	}
	w.standsStill(what, func() { one.Signal(syscall.SIGSTOP) })
	w.pause(w.stop)
	one.Signal(syscall.SIGCONT)
	w.nats.AwaitWhole(w.t, stream)
}

// cutNode cuts a node off from NATS. Who is there is told, is refused what must be kept, and is
// sent away when the node reads that the others have taken it for gone.
func (w *siege) cutNode() {
	w.t.Helper()
	i := w.random.IntN(3)
	g := w.visit(i, "cut")
	w.gates[i].set(true)
	began := time.Now()
	g.hears(protocol.EventStanding, "does not reach the others")
	w.note("told that the node is cut off", time.Since(began))
	if r := g.asks("msg", "text", "to a node that is cut off"); r.Data.Code != protocol.Busy {
		w.t.Errorf("a node that is cut off answers %+v", r.Data)
	}
	w.pause(w.stop - time.Since(began))
	w.gates[i].set(false)
	opened := time.Now()
	if !g.drains() {
		w.t.Errorf("a node that was cut off for %s says nothing to those whom it sends away", w.stop)
	}
	moved := w.movesTo(g, w.other(i))
	w.note("back after a node that was cut off reaches the others again", time.Since(opened))
	_ = moved.Close()
	w.awaitOpen(i)
}

// endAll ends all nodes, one after the other, and starts each again.
func (w *siege) endAll() {
	w.t.Helper()
	for i := range w.nodes {
		g := w.visit(i, "drained")
		began := time.Now()
		w.signal(i, syscall.SIGTERM)
		g.hears(protocol.EventShuttingDown, "")
		moved := w.movesTo(g, w.other(i))
		moved.says("moved")
		_ = moved.Close()
		if err := w.nodes[i].Wait(); err != nil {
			w.t.Errorf("node %d ends with %v", i, err)
		}
		w.note("a node is ended by SIGTERM, with --drain 2s", time.Since(began))
		w.restart(i)
	}
}
