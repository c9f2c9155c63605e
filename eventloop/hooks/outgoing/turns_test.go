package outgoing

import (
	"fmt"
	"net/http"
	"testing"
	"time"

	"parley/users/command"
	"parley/users/state"
)

// sends has another sender send that shares what is kept with the one before, once it is kept that
// a number was acknowledged.
func (w *world) sends(s *Sender, behind uint64) {
	w.t.Helper()
	w.sender.Send("")
	for end := time.Now().Add(20 * time.Second); ; time.Sleep(time.Millisecond) {
		w.mu.Lock()
		h, _ := w.state.Hook("aHook")
		w.mu.Unlock()
		if h.Sent == behind {
			break
		}
		if time.Now().After(end) {
			w.t.Fatalf("it is kept that %d was acknowledged, and not %d", h.Sent, behind)
		}
	}
	w.uses(s)
	s.Send("LOG")
}

// uses has what is new told to a sender, and to none else.
func (w *world) uses(s *Sender) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.sender = s
}

// Of two that share what is kept one sends, and then the other one, and again the first: what is
// being sent is broken off at once, and comes again by the other one, under the same id; what is
// known to be acknowledged does not. A hook that is removed in between is not the next one's.
func TestSendersInTurns(t *testing.T) {
	t.Parallel()
	w := begin(t)
	w.cfg.Timeout = time.Hour
	asked, brokenOff := make(chan struct{}, 1), make(chan struct{}, 1)
	r := receive(t, func(_ http.ResponseWriter, req *http.Request, n int) bool {
		if n == 3 {
			signal(asked)
			select {
			case <-req.Context().Done():
				signal(brokenOff)
			case <-t.Context().Done():
			}
		}
		return n != 3
	})
	w.hook("aHook", "Den", r.web.URL)
	w.start()
	one, other := w.sender, New(w.cfg)
	other.Start()
	t.Cleanup(one.Close)
	t.Cleanup(other.Close)
	var want []string
	say := func(text string) (number uint64) {
		number = w.say("Den", text)
		want = append(want, fmt.Sprintf("LOG_%d message.said Den %d alice %s", number, number, text))
		return number
	}
	say("first")
	second := say("second")
	say("third")
	<-asked
	w.sends(other, second)
	select {
	case <-brokenOff:
	case <-time.After(20 * time.Second):
		t.Fatal("what is being sent is not broken off")
	}
	r.expect(want...)
	fourth := say("fourth")
	r.expect(want...)
	w.delivered(2) // the receiver has an event before its answer is back
	w.sends(one, fourth)
	fifth := say("fifth")
	r.expect(want...)

	w.delivered(3)
	w.sends(other, fifth)
	r.expect(want...)
	other.Send("")
	fence := receive(t, nil)
	w.do(&command.DropHook{Name: "aHook"})
	w.hook("bHook", state.Lobby, fence.web.URL)
	w.uses(one)
	one.Send("LOG")
	w.say("Den", "nobody hears that")
	w.say(state.Lobby, "but that")
	fence.wait(1)
	other.Close()
	one.Close()
	if n := r.tries(); n != len(want)+1 {
		t.Errorf("after %d texts there were %d requests: %s", len(want), n, summary(r.wait(1)))
	}
}

// Who is told to end keeps how far the receivers are before it says that it has ended.
func TestEnd(t *testing.T) {
	t.Parallel()
	w, r := begin(t), receive(t, nil)
	w.hook("aHook", "Den", r.web.URL)
	w.start()
	number := w.say("Den", "text")
	w.delivered(1)
	ended := make(chan struct{})
	w.sender.End(func() { close(ended) })
	<-ended
	w.mu.Lock()
	defer w.mu.Unlock()
	if h, _ := w.state.Hook("aHook"); h.Sent != number {
		t.Errorf("it is kept that %d was acknowledged, and not %d", h.Sent, number)
	}
}
