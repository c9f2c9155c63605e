package outgoing

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"parley/users"
	"parley/users/command"
	"parley/users/state"
	"parley/users/store"
)

// The signature is that of the example of the specification's libraries.
func TestSignature(t *testing.T) {
	key, err := users.HookKey("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw")
	if err != nil {
		t.Fatal(err)
	}
	const want = "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="
	if got := sign(key, "msg_p5jXN8AQM9LWM0D4loKWxJek", 1614265330, []byte(`{"test": 2432232314}`)); got != want {
		t.Errorf("it is %s, want %s", got, want)
	}
}

// What is said in a hook's room comes in order, with what becomes of it, and nothing that was
// said before, elsewhere, to one person, or when the hook is gone.
func TestDelivery(t *testing.T) {
	t.Parallel()
	w, den, lobby := begin(t), receive(t, nil), receive(t, nil)
	w.say("Den", "before")
	w.hook("denHook", "den", den.web.URL+"/path?a=b")
	w.start()
	first := w.say("Den", "one")
	w.do(&command.Direct{By: w.by(alice), To: bob, Text: "psst"})
	w.say(state.Lobby, "not heard")
	den.wait(1)
	w.hook("lobbyBot", state.Lobby, lobby.web.URL) // while it runs
	second := w.do(&command.Message{By: w.by(bob), Room: "Den", Text: "two", Re: first}).Number
	hello := w.say(state.Lobby, "hello")
	den.wait(2)
	w.do(&command.Edit{By: w.by(alice), Of: w.find(first), Text: "one, edited"})
	den.wait(3)
	w.do(&command.React{By: w.by(bob), Of: w.find(first), Word: "+1"})
	den.wait(4)
	w.do(&command.Remove{By: w.by(bob), Of: w.find(second), Why: "wrong"})
	got := den.wait(5)
	lobby.wait(1)
	w.delivered(6) // a receiver has an event before its answer is back
	w.do(&command.DropHook{Name: "denHook"})
	w.say("Den", "nobody hears that")
	last := w.say(state.Lobby, "bye")
	lobby.wait(2)
	id := func(n uint64) string { return fmt.Sprint("LOG_", n) }
	den.expect(
		fmt.Sprintf("%s message.said Den %d alice one", id(first), first),
		fmt.Sprintf("%s message.said Den %d bob two", id(second), second),
		fmt.Sprintf("%s message.changed Den %d alice one, edited", id(hello+1), first),
		fmt.Sprintf("%s message.changed Den %d alice one, edited +1 of [bob]", id(hello+2), first),
		fmt.Sprintf("%s message.removed Den %d bob removed by bob: wrong", id(hello+3), second))
	lobby.expect(fmt.Sprintf("%s message.said lobby %d alice hello", id(hello), hello), fmt.Sprintf("%s message.said lobby %d alice bye", id(last), last))
	if e := got[1]; e.Data.Re != first || e.Data.Log != "LOG" || !e.Time.Equal(e.Data.Time) || e.Data.Time.Before(noon) || !got[2].Data.Edited.After(noon) {
		t.Errorf("they are %+v and %+v", e, got[2])
	}
	w.delivered(7)
	if _, failed, _ := w.sender.Counts(); failed != 0 {
		t.Errorf("it counts %d tries that have failed", failed)
	}
}

// A receiver that does not take what comes is tried until it does, and misses nothing.
func TestReceiversThatFail(t *testing.T) {
	t.Parallel()
	w, other := begin(t), receive(t, nil)
	w.cfg.Timeout = 300 * time.Millisecond
	var all []*receiver
	closed := func(w http.ResponseWriter, with string) bool {
		conn, _, err := w.(http.Hijacker).Hijack()
		if err == nil {
			_, _ = conn.Write([]byte(with))
			_ = conn.Close()
		}
		return false
	}
	for name, fails := range map[string]func(http.ResponseWriter, *http.Request) bool{
		"an error": func(w http.ResponseWriter, _ *http.Request) bool { w.WriteHeader(500); return false },
		"not now": func(w http.ResponseWriter, _ *http.Request) bool {
			w.Header().Set("Retry-After", "0")
			w.WriteHeader(429)
			return false
		},
		"not found": func(w http.ResponseWriter, _ *http.Request) bool { w.WriteHeader(404); return false },
		"a redirection": func(w http.ResponseWriter, r *http.Request) bool {
			http.Redirect(w, r, other.web.URL, http.StatusTemporaryRedirect)
			return false
		},
		"another one": func(w http.ResponseWriter, r *http.Request) bool {
			http.Redirect(w, r, other.web.URL, http.StatusFound)
			return false
		},
		"closes":               func(w http.ResponseWriter, _ *http.Request) bool { return closed(w, "") },
		"closes in the middle": func(w http.ResponseWriter, _ *http.Request) bool { return closed(w, "HTTP/1.1 200 O") },
		"closes in the head": func(w http.ResponseWriter, _ *http.Request) bool {
			return closed(w, "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n")
		},
		"something else": func(w http.ResponseWriter, _ *http.Request) bool { return closed(w, "SSH-2.0-OpenSSH_9.9\r\n") },
		"a head that does not end": func(w http.ResponseWriter, _ *http.Request) bool {
			return closed(w, "HTTP/1.1 200 OK\r\nX: "+strings.Repeat("x", 1<<20))
		},
		"hangs until it is hung up on": func(_ http.ResponseWriter, r *http.Request) bool { <-r.Context().Done(); return false },
	} {
		r := receive(t, func(answer http.ResponseWriter, req *http.Request, n int) bool { return n%3 == 0 || fails(answer, req) })
		r.name, r.hook = name, fmt.Sprintf("no%dHook", len(all))
		w.hook(r.hook, "Den", r.web.URL)
		all = append(all, r)
	}
	w.start()
	var want []string
	for i := range 3 {
		n := w.say("Den", fmt.Sprint("text ", i))
		want = append(want, fmt.Sprintf("LOG_%d message.said Den %d alice text %d", n, n, i))
	}
	for _, r := range all {
		r.expect(want...)
	}
	w.delivered(3 * uint64(len(all)))
	if _, failed, _ := w.sender.Counts(); failed < 6*uint64(len(all)) { // more where the machine is too busy for the timeout
		t.Errorf("it counts %d tries that have failed, want %d", failed, 6*len(all))
	}
	w.end()
	if n := other.tries(); n != 0 {
		t.Errorf("%d requests have gone where a receiver has sent them on to", n)
	}
	says := w.log.String()
	for _, r := range all {
		if of := "hook=" + r.hook + " room=Den"; strings.Count(says, "tried again and again\" "+of) != 3 || strings.Count(says, "takes what is sent again\" "+of) != 3 {
			t.Errorf("%s: the log is %s", r.name, says)
		}
		if strings.Contains(says, r.web.URL) {
			t.Errorf("the log has a URL: %s", says)
		}
	}
	if strings.Contains(says, "text 0") || strings.Contains(says, secret) {
		t.Errorf("the log has a text or a secret: %s", says)
	}
}

// A receiver that acknowledges and then says no end of other things is told the next event.
func TestAnswersThatDoNotEnd(t *testing.T) {
	t.Parallel()
	w := begin(t)
	r := receive(t, func(answer http.ResponseWriter, r *http.Request, n int) bool {
		answer.WriteHeader(202)
		for n == 1 && r.Context().Err() == nil {
			_, _ = answer.Write(make([]byte, 1000))
			_ = http.NewResponseController(answer).Flush()
		}
		if n == 2 {
			_ = http.NewResponseController(answer).Flush()
			<-r.Context().Done()
		}
		return true
	})
	w.hook("aHook", "Den", r.web.URL)
	w.start()
	for range 3 {
		w.say("Den", "text")
	}
	ids := make(map[string]bool)
	for _, e := range r.wait(3) {
		ids[e.id] = true
	}
	if len(ids) != 3 {
		t.Errorf("of three there are %d: what was acknowledged comes again", len(ids))
	}
}

// A receiver that hangs keeps no other one waiting, and not the end of the server.
func TestOneThatHangs(t *testing.T) {
	t.Parallel()
	w := begin(t)
	w.cfg.Timeout = time.Hour
	asked := make(chan struct{}, 1)
	hangs := receive(t, func(_ http.ResponseWriter, r *http.Request, _ int) bool {
		signal(asked)
		<-r.Context().Done()
		return false
	})
	r := receive(t, nil)
	w.hook("hangsHook", "Den", hangs.web.URL)
	w.hook("aHook", "Den", r.web.URL)
	w.start()
	for range 10 {
		w.say("Den", "text")
	}
	<-asked
	r.wait(10)
	if _, _, lag := w.sender.Counts(); lag <= 0 {
		t.Errorf("the lag is %s", lag)
	}
	w.end()
}

// A message that is removed before it could be delivered has no text any more, whenever
// somebody has tried to deliver it.
func TestWhatWasRemovedIsNotSent(t *testing.T) {
	t.Parallel()
	w := begin(t)
	w.cfg.Pause = 50 * time.Millisecond
	var works atomic.Bool
	tried := make(chan struct{}, 1)
	r := receive(t, func(answer http.ResponseWriter, _ *http.Request, n int) bool {
		if !works.Load() {
			answer.WriteHeader(503)
			signal(tried)
		}
		return works.Load()
	})
	w.hook("aHook", "Den", r.web.URL)
	first, second, third := w.say("Den", "a secret"), w.say("Den", "another one"), w.say("Den", "third")
	w.do(&command.Remove{By: w.by(alice), Of: w.find(second), Why: "oops"}) // was never tried
	w.start()
	<-tried
	w.do(&command.Remove{By: w.by(alice), Of: w.find(first)})
	w.do(&command.Edit{By: w.by(alice), Of: w.find(third), Text: "third, edited"})
	works.Store(true)
	got := r.wait(4)
	for _, e := range got {
		if strings.Contains(fmt.Sprintf("%+v", e), "secret") || strings.Contains(fmt.Sprintf("%+v", e), "another") {
			t.Errorf("it has got %+v", e)
		}
	}
	r.expect(
		fmt.Sprintf("LOG_%d message.said Den %d alice third, edited", third, third),
		fmt.Sprintf("LOG_%d message.removed Den %d alice removed by alice: oops", third+1, second),
		fmt.Sprintf("LOG_%d message.removed Den %d alice removed by alice: ", third+2, first),
		fmt.Sprintf("LOG_%d message.changed Den %d alice third, edited", third+3, third))
}

// A receiver that is gone stops its hook, also when it cannot be noted at once, and nobody is
// sent anything by it any more; others go on.
func TestGone(t *testing.T) {
	t.Parallel()
	w := begin(t)
	var failing atomic.Bool
	failing.Store(true)
	w.cfg.Propose = func(ctx context.Context, all []command.Command) ([]state.Result, error) {
		if _, is := all[0].(*command.StopHook); is && failing.Swap(false) {
			return nil, errors.New("the disk is full")
		}
		return w.propose(ctx, all)
	}
	gone := receive(t, func(answer http.ResponseWriter, _ *http.Request, _ int) bool { answer.WriteHeader(410); return false })
	r := receive(t, nil)
	w.hook("goneHook", "Den", gone.web.URL)
	w.hook("aHook", "Den", r.web.URL)
	w.start()
	w.say("Den", "text")
	for {
		w.mu.Lock()
		h, _ := w.state.Hook("goneHook")
		w.mu.Unlock()
		if h.Stopped {
			break
		}
		time.Sleep(time.Millisecond)
	}
	w.say("Den", "text")
	r.wait(2)
	w.end()
	w.start()
	w.say("Den", "text")
	r.wait(3)
	if n := gone.tries(); n != 2 {
		t.Errorf("who is gone was tried %d times", n)
	}
	w.end()
	if says := w.log.String(); !strings.Contains(says, "level=WARN") || !strings.Contains(says, "is stopped: its receiver answers that it is gone (410)\" hook=goneHook") {
		t.Errorf("the log is %s", says)
	}
}

// What is gone before it could be sent is said, once.
func TestGap(t *testing.T) {
	t.Parallel()
	w, r := begin(t), receive(t, func(answer http.ResponseWriter, _ *http.Request, n int) bool {
		if n < 3 {
			answer.WriteHeader(500)
		}
		return n >= 3
	})
	w.hook("aHook", "Den", r.web.URL)
	w.say("Den", "one")
	gone, last := w.say("Den", "two"), w.say("Den", "three")
	w.do(&command.Prune{Room: "Den", UpTo: gone})
	w.start()
	r.expect(fmt.Sprintf("LOG_missing_%d messages.missing Den 0 up to %d", gone, gone), fmt.Sprintf("LOG_%d message.said Den %d alice three", last, last))
	w.delivered(2)
	w.end()
	if says := w.log.String(); strings.Count(says, "is gone before an outgoing hook could send it") != 1 {
		t.Errorf("the log is %s", says)
	}
	w.do(&command.Prune{Room: "Den", UpTo: last}) // which it has got
	w.start()
	next := w.say("Den", "four")
	if got := r.wait(3); got[2].Data.ID != next {
		t.Errorf("it has got %s", summary(got))
	}
}

// With its room a hook ends; who makes another room of that name is not heard by it.
func TestRoomEnds(t *testing.T) {
	t.Parallel()
	w, r, lobby := begin(t), receive(t, nil), receive(t, nil)
	w.hook("aHook", "Den", r.web.URL)
	w.hook("lobbyHook", state.Lobby, lobby.web.URL)
	w.start()
	w.say("Den", "text")
	r.wait(1)
	w.do(&command.LeaveRoom{By: w.by(bob), Room: "Den"})
	w.do(&command.DeleteAccount{Name: alice}) // whose room it is
	if _, there := w.state.Room("Den"); there {
		t.Fatal("the room is still there")
	}
	w.do(&command.CreateRoom{By: w.by(bob), Room: "den"})
	w.do(&command.Message{By: w.by(bob), Room: "den", Text: "by ourselves"})
	w.do(&command.Message{By: w.by(bob), Room: state.Lobby, Text: "in the lobby"})
	lobby.wait(1)
	w.end()
	if n := r.tries(); n != 1 {
		t.Errorf("it has got %s", summary(r.wait(1)))
	}
}

// It goes to this machine only, whatever a name means, unless that is allowed.
func TestWhereItGoes(t *testing.T) {
	t.Parallel()
	web := httptest.NewServer(http.NotFoundHandler())
	defer web.Close()
	_, port, _ := net.SplitHostPort(web.Listener.Addr().String())
	for host, local := range map[string]bool{"127.0.0.1": true, "localhost": true, "[::ffff:127.0.0.1]": true, "0.0.0.0": false, "[::]": false, "192.0.2.1": false, "[2001:db8::1]": false, "169.254.169.254": false} {
		client := newClient(false)
		client.Timeout = 5 * time.Second
		_, err := client.Head("http://" + host + ":" + port)
		if refused := errors.Is(err, errOther); refused == local {
			t.Errorf("%s: %v", host, err)
		}
		client.CloseIdleConnections()
	}
	client := newClient(true)
	defer client.CloseIdleConnections()
	client.Timeout = time.Second
	if _, err := client.Head("http://0.0.0.0:" + port); errors.Is(err, errOther) {
		t.Errorf("although that is allowed: %v", err)
	}
}

// The pauses grow, up to a minute, and are as long as the receiver asks for, up to an hour.
func TestPauses(t *testing.T) {
	t.Parallel()
	h := &hook{sender: New(Config{})}
	var pauses []time.Duration
	for ; h.failures < 1000; h.failures++ {
		pauses = append(pauses, h.pause(0)/time.Second)
	}
	if got := fmt.Sprint(pauses[:8], pauses[999]); got != "[1ns 2ns 4ns 8ns 16ns 32ns 60ns 60ns] 60ns" {
		t.Errorf("the pauses are %s", got)
	}
	h.failures = 0
	for text, want := range map[string]time.Duration{
		"": time.Second, "0": time.Second, "30": 30 * time.Second, "7200": time.Hour, "99999999999": time.Second, "-5": time.Second, "soon": time.Second,
		noon.Add(time.Minute).Format(http.TimeFormat): time.Minute, noon.Add(-time.Minute).Format(http.TimeFormat): time.Second, noon.Add(48 * time.Hour).Format(http.TimeFormat): time.Hour,
	} {
		if got := h.pause(retryAfter(text, noon)); got != want {
			t.Errorf("after %q the pause is %s, want %s", text, got, want)
		}
	}
}

// A source that fails is asked again, and that is logged once.
func TestSourceFails(t *testing.T) {
	t.Parallel()
	w, r := begin(t), receive(t, nil)
	w.hook("aHook", "Den", r.web.URL)
	w.cfg.Source = &failing{Source: w.disk}
	w.start()
	w.say("Den", "text")
	r.wait(1)
	w.end()
	if says := w.log.String(); strings.Count(says, "cannot read what is said") != 1 || !strings.Contains(says, "can read again") {
		t.Errorf("the log is %s", says)
	}
}

type failing struct {
	Source
	n atomic.Int64
}

func (f *failing) News(ctx context.Context, hook, after uint64) (store.News, error) {
	if f.n.Add(1) < 4 {
		return store.News{}, errors.New("the disk fails")
	}
	return f.Source.News(ctx, hook, after)
}

// Whatever is said and becomes of it, and however often the sender ends or crashes and the
// receiver fails: who keeps what comes has in the end what the room shows, each message was
// told for the first time in order, and no text that was removed when it was told.
func TestRandom(t *testing.T) {
	t.Parallel()
	for seed := range uint64(3) {
		t.Run(fmt.Sprint("seed ", seed), func(t *testing.T) {
			t.Parallel()
			random := rand.New(rand.NewPCG(seed, 0))
			w := begin(t)
			r := receive(t, func(answer http.ResponseWriter, _ *http.Request, n int) bool {
				if n%4 == int(seed)%4 {
					answer.WriteHeader(500)
					return false
				}
				return true
			})
			w.hook("aHook", "Den", r.web.URL)
			w.start()
			var numbers []uint64
			for i := range 100 {
				var of command.Target
				if len(numbers) > 0 {
					of = w.find(numbers[random.IntN(len(numbers))])
				}
				switch n := random.IntN(10); {
				case n < 4 || of.Number == 0:
					numbers = append(numbers, w.say("Den", fmt.Sprint("text ", i)))
				case n == 4:
					w.say(state.Lobby, "elsewhere")
				case n == 5:
					w.try(&command.Remove{By: w.by(alice), Of: of})
				case n < 8:
					w.try(&command.Edit{By: w.by(alice), Of: of, Text: fmt.Sprint("edited ", i)})
				case n == 8:
					w.try(&command.React{By: w.by(bob), Of: of, Word: "+1"})
				case random.IntN(2) == 0:
					w.crash()
					w.start()
				default:
					w.end()
					w.start()
				}
			}
			w.say("Den", "the last")
			for got := r.wait(1); got[len(got)-1].Data.Text != "the last"; got = r.wait(len(got) + 1) {
			}
			w.compare(r)
		})
	}
}

// compare compares what a receiver knows with what there is.
func (w *world) compare(r *receiver) {
	w.t.Helper()
	known, last := make(map[uint64]string), uint64(0)
	for _, e := range r.wait(1) {
		if _, knows := known[e.Data.ID]; e.Type == said && !knows {
			if e.Data.ID < last {
				w.t.Errorf("%d comes behind %d", e.Data.ID, last)
			}
			last = e.Data.ID
		}
		if known[e.Data.ID] = e.Data.Text; e.Type == removed {
			known[e.Data.ID] = ""
		}
	}
	all, err := w.disk.Newest(context.Background(), "Den", 1000)
	if err != nil {
		w.t.Fatal(err)
	}
	for _, m := range all {
		if known[m.Number] != m.Text {
			w.t.Errorf("%d is %q, and who was told it has %q", m.Number, m.Text, known[m.Number])
		}
	}
}
