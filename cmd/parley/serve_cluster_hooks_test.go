//go:build unix

package main

import (
	"fmt"
	"net/http"
	"strings"
	"syscall"
	"testing"

	"parley/protocol"
)

// A fleetHook is an outgoing hook of three servers that share a log, and what was said in its room.
type fleetHook struct {
	*fleet
	to     *toldTo
	talker *person
	ids    []uint64 // of what was acknowledged, in order
	cut    string   // the id of what had come when the node that sends was killed
	kill   int      // events until it is; 0: it is not. Like cut it is under the receiver's mutex
}

// forwards makes an outgoing hook at a node.
func (f *fleet) forwards(node int, name, url string) {
	f.t.Helper()
	if status, stdout, stderr := hookCommand(f.t, f.data[node], "forward", "lobby", name, url); status != exitDone {
		f.t.Fatal(stdout, stderr)
	}
}

// says says so much, and returns the number of the last.
func (h *fleetHook) says(n int) (last uint64) {
	h.t.Helper()
	for range n {
		r := h.talker.until("msg", protocol.EventAccepted, "text", fmt.Sprint("text ", len(h.ids)))
		h.ids = append(h.ids, r.Data.ID)
	}
	return h.ids[len(h.ids)-1]
}

// hears waits until a receiver has what has a number.
func hears(r *toldTo, id uint64) []told {
	r.t.Helper()
	return r.until(func(all []told) bool { return len(all) > 0 && all[len(all)-1].Data.ID == id })
}

// killedBy kills a node when some more events have come, before the last of them is answered.
func (h *fleetHook) killedBy(events, node int) {
	h.to.mu.Lock()
	defer h.to.mu.Unlock()
	h.kill = events
	h.to.answer = func(_ http.ResponseWriter, n int) {
		if h.kill == 0 {
			return
		}
		if h.kill--; h.kill == 0 {
			h.cut = h.to.all[n-1].id
			_ = h.nodes[node].Process.Kill()
		}
	}
}

// check looks that all that was acknowledged has come, for the first time in the order in which it
// was said, and under one id each.
func (h *fleetHook) check(all []told) {
	h.t.Helper()
	next, times := 0, make(map[string]int)
	for _, e := range all {
		if e.id != fmt.Sprintf("%s_%d", all[0].Data.Log, e.Data.ID) {
			h.t.Errorf("what has the number %d in the log %s has the id %s", e.Data.ID, all[0].Data.Log, e.id)
		}
		if times[e.id]++; times[e.id] > 1 {
			continue
		}
		if next == len(h.ids) || e.Data.ID != h.ids[next] || e.Data.Text != fmt.Sprint("text ", next) {
			h.t.Fatalf("%+v comes behind %d of %d texts", e, next, len(h.ids))
		}
		next++
	}
	if next != len(h.ids) || times[h.cut] < 2 {
		h.t.Errorf("%d of %d texts have come, and %d times what was not answered", next, len(h.ids), times[h.cut])
	}
}

// Of three servers that share a log one sends to an outgoing hook. It is killed while the receiver
// has got something and has not answered, comes back, and is told to end: the receiver misses
// nothing, and behind the end it is told nothing again that it has answered. When the next one is
// killed, and the hook removed before another one takes over, nothing is sent by it any more.
func TestHooksOfACluster(t *testing.T) {
	r, url := receiver(t, nil)
	watcher, watching := receiver(t, nil)
	h := &fleetHook{fleet: launch(t), to: r}
	h.forwards(1, "ArchiveHook", url)
	h.talker = h.come(2, "tess")
	h.killedBy(5, 0)
	hears(r, h.says(20))
	_ = h.nodes[0].Wait()

	h.start(0) // and is the first again
	before := len(hears(r, h.says(10)))
	last := h.ids[len(h.ids)-1]
	h.drain(0)
	behind := hears(r, h.says(1))[before:]
	for _, e := range behind {
		if e.Data.ID < last {
			t.Errorf("behind the end of the node that has sent comes again: %+v", e)
		}
	}

	all := hears(r, h.says(10))
	if n := len(all) - before - len(behind); n != 10 {
		t.Errorf("of ten texts %d come while nothing ends: %+v", n, all[before:])
	}
	h.fleet.kill(1)
	if status, stdout, stderr := hookCommand(t, h.data[2], "remove", "ArchiveHook"); status != exitDone || !strings.Contains(stdout, "has ended") {
		t.Fatal(stdout, stderr)
	}
	h.forwards(2, "WatchHook", watching)
	said := len(h.ids)
	got := hears(watcher, h.says(5))
	h.end(2, syscall.SIGTERM)
	h.ids = h.ids[:said]
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, e := range r.all[len(all):] {
		if e.Data.ID > h.ids[said-1] {
			t.Errorf("the hook that was removed sends %+v", e)
		}
	}
	h.check(r.all)
	if len(got) != 5 || got[0].Data.Log != all[0].Data.Log {
		t.Errorf("the other one has got %+v", got)
	}
}
