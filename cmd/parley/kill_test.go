package main

import (
	"flag"
	"fmt"
	mrand "math/rand/v2"
	"strings"
	"sync"
	"testing"
	"time"

	"parley/eventloop/admin"
	"parley/protocol"
	"parley/users/command"
	"parley/users/passwords"
)

var kills = flag.Int("kills", 8, "how often TestNothingAcknowledgedIsLost kills the server, for each value of --sync")

// mutes is how many accounts there are that nobody uses, to be blocked.
const mutes = admin.MaxCommands

// TestNothingAcknowledgedIsLost kills the server with SIGKILL at random moments under
// load, starts it again in the same folder, and has those come back who were there. What
// was acknowledged is on the disk at the end, once and in order, and each of them has
// heard all of it, once and in order.
func TestNothingAcknowledgedIsLost(t *testing.T) {
	for _, sync := range []string{"always", "none"} {
		t.Run("sync "+sync, func(t *testing.T) {
			w := newTrial(t, sync, 0)
			w.settle()
			w.rounds = *kills
			for range w.rounds {
				w.round()
			}
			for !w.enough() && w.rounds < 4**kills { // a busy machine lets them say little in one
				w.rounds++
				w.round()
			}
			w.end()
			w.compare()
		})
	}
}

// A trial is a folder whose server is killed, and those who talk there meanwhile.
type trial struct {
	t       *testing.T
	data    string
	sync    string
	talkers []*talker
	rounds  int // in each of which the server is ended

	mu       sync.Mutex
	accounts []string // whose registration was acknowledged
}

// newTrial returns one with five who talk, and some who listen.
func newTrial(t *testing.T, sync string, listeners int) *trial {
	w := &trial{t: t, data: t.TempDir(), sync: sync}
	names := []string{"anna", "bert", "gina", "gustav", "greta"}
	for i, name := range names {
		p := &talker{t: t, name: name, lasting: sync == "always", perRound: perRound}
		p.others = append(append(p.others, names[:i]...), names[i+1:]...)
		w.talkers = append(w.talkers, p)
	}
	w.talkers[0].password, w.talkers[0].mutes = secret, mutes
	w.talkers[1].password, w.talkers[1].deafTo = otherSecret, "anna"
	for i := range listeners {
		w.talkers = append(w.talkers, &talker{t: t, name: fmt.Sprint("listener", i), lasting: sync == "always"})
	}
	return w
}

// serve starts the server. What it logs when it is killed must be no complaint.
func (w *trial) serve() (addr string, kill func()) {
	s := w.start()
	return s.addrs[0], func() {
		_ = s.Process.Kill()
		_ = s.Wait()
		w.noComplaint(s)
	}
}

func (w *trial) start() serving {
	return serveIn(w.t, w.data, []string{"--sync", w.sync, "--flood", "off"}, "127.0.0.1:0")
}

// noComplaint looks at what a server has logged that has ended.
func (w *trial) noComplaint(s serving) {
	for _, bad := range []string{`"level":"ERROR"`, "panic: ", "DATA RACE"} {
		if strings.Contains(s.log.String(), bad) {
			w.t.Errorf("the server complains: %s", s.log)
		}
	}
}

// settle makes the accounts, and has everybody come for the first time, when nothing
// was said yet.
func (w *trial) settle() {
	owner, end, err := reachFolder(w.data, 0)
	if err != nil {
		w.t.Fatal(err)
	}
	var add []command.Command
	for i := range mutes {
		add = append(add, &command.AddAccount{Name: fmt.Sprintf("mute%d", i), Hash: passwords.Dummy})
	}
	if _, err := owner.Propose(add...); err != nil {
		w.t.Fatal(err)
	}
	if err := end(); err != nil {
		w.t.Fatal(err)
	}
	addr, kill := w.serve()
	defer kill()
	for _, p := range w.talkers {
		p.first(addr)
		if p.password != "" {
			w.registered(p.name)
		}
	}
}

func (w *trial) registered(name string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.accounts = append(w.accounts, name)
}

// round has everybody come back and talk until the server is killed: when some are there
// and some of what they say was acknowledged, or even before.
func (w *trial) round() {
	addr, kill := w.serve()
	var wg sync.WaitGroup
	events := make(chan event, 10_000)
	for _, p := range w.talkers {
		p.events = events
		wg.Go(func() { p.talk(addr, nil) })
	}
	wg.Go(func() { w.newcomer(addr) })
	there, acks := mrand.IntN(len(w.talkers)+1), mrand.IntN(150)
	if !await(events, there, acks) {
		kill()
		w.t.Fatalf("fewer than %d have come, or less than %d was acknowledged", there, acks)
	}
	// A moment later, since an acknowledgement is a moment of its own.
	<-time.After(time.Duration(mrand.IntN(3000)) * time.Microsecond)
	kill()
	wg.Wait()
}

// await waits until so many have come and so much was acknowledged; false if that does
// not happen.
func await(events <-chan event, there, acks int) bool {
	for late := time.After(6 * deadline); there > 0 || acks > 0; {
		select {
		case e := <-events:
			if e == eventThere {
				there--
			} else {
				acks--
			}
		case <-late:
			return false
		}
	}
	return true
}

// newcomer is somebody else each time, who registers.
func (w *trial) newcomer(addr string) {
	name := "new" + fmt.Sprint(mrand.Uint64())
	c, err := dial(addr)
	if err != nil {
		return // killed already
	}
	defer c.Close()
	c.send(protocol.Request{Verb: "login", Content: protocol.Content{Text: name}, Extended: true, Register: true, Password: secret})
	if r, ok := c.read(); ok && r.Data != nil && r.Data.Event == protocol.EventLogin {
		w.registered(name)
		c.read() // until it is killed, or says something else
	}
}

// end has everybody come back for the last time, and stay until they have been answered
// and told everything.
func (w *trial) end() {
	addr, kill := w.serve()
	defer kill()
	w.finish(addr)
}

// finish has everybody come back to a server, ask for nothing new, and leave when all have been
// answered and told everything.
func (w *trial) finish(addr string) {
	var talking, answered sync.WaitGroup
	answered.Add(len(w.talkers))
	for _, p := range w.talkers {
		talking.Go(func() { p.talk(addr, &answered) })
	}
	talking.Wait()
}
