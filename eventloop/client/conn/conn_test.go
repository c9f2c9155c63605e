package conn

import (
	"context"
	"errors"
	"io"
	"net"
	"runtime"
	"slices"
	"strings"
	"testing"
	"testing/synctest"

	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// A connection tells that it is there, what comes, and that it has ended.
func TestEventsOfAConnection(t *testing.T) {
	near, far := net.Pipe()
	l := New(func(context.Context) (net.Conn, error) { return near, nil })
	defer l.Stop()
	l.Dial(7)
	dialled := <-l.Events()
	if dialled.Kind != Dialled || dialled.Gen != 7 || dialled.Link == nil || dialled.Local == nil || dialled.Err != nil {
		t.Fatalf("%+v", dialled)
	}
	if !dialled.Link.Send([]byte("a request\n")) {
		t.Error("an empty queue is full")
	}
	b := make([]byte, 100)
	if n, err := far.Read(b); string(b[:n]) != "a request\n" || err != nil {
		t.Errorf("the server reads %q, %v", b[:n], err)
	}
	io.WriteString(far, `{"response":"info","content":"hi"}`)
	if e := <-l.Events(); e.Kind != Response || e.Gen != 7 || e.Response.Content != "hi" || string(e.Raw) != `{"response":"info","content":"hi"}` {
		t.Errorf("%+v", e)
	}
	far.Close()
	if e := <-l.Events(); e.Kind != Lost || e.Gen != 7 || e.Err != io.EOF {
		t.Errorf("%+v", e)
	}
}

func TestDialFails(t *testing.T) {
	down := errors.New("down")
	l := New(func(context.Context) (net.Conn, error) { return nil, down })
	defer l.Stop()
	l.Dial(1)
	if e := <-l.Events(); e.Kind != Dialled || e.Gen != 1 || e.Link != nil || e.Err != down {
		t.Errorf("%+v", e)
	}
}

// A server may send as much as it likes: what nobody reads waits with the server,
// and Stop ends it all the same, as it does a server that does not read.
func TestStopEndsWhatIsStuck(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		near, far := net.Pipe()
		l := New(func(context.Context) (net.Conn, error) { return near, nil })
		l.Dial(1)
		dialled := <-l.Events()
		dialled.Link.Send([]byte("nobody reads this"))
		sent := 0
		go func() {
			for err := error(nil); err == nil; sent++ {
				_, err = io.WriteString(far, "7\n")
			}
		}()
		synctest.Wait()
		if sent == 0 || sent > eventQueue+2 {
			t.Errorf("%d lines were taken that nobody reads", sent)
		}
		l.Stop()
		synctest.Wait() // the server's end has failed
	})
}

// A connection that was made when nobody wanted it any more is closed.
func TestStopClosesUnreadConnections(t *testing.T) {
	near, far := net.Pipe()
	l := New(func(context.Context) (net.Conn, error) { return near, nil })
	l.Dial(1)
	for len(l.events) == 0 {
		runtime.Gosched()
	}
	l.Stop()
	if _, err := far.Read(make([]byte, 1)); err != io.EOF {
		t.Errorf("the connection is open: %v", err)
	}
}

// What a full queue means is decided by its user; the link only says so.
func TestLinkQueueIsBounded(t *testing.T) {
	near, far := net.Pipe()
	defer far.Close()
	k := &link{conn: near, out: make(chan []byte, linkQueue), quit: make(chan struct{})}
	for i := range linkQueue {
		if !k.Send([]byte("x")) {
			t.Fatalf("full after %d", i)
		}
	}
	if k.Send([]byte("x")) {
		t.Error("it takes more than its queue holds")
	}
	k.Close()
	k.Close()
}

// What is no response is told as the words that it is, and costs no response
// behind it.
func TestDecoderWords(t *testing.T) {
	const hi = `{"response":"info","content":"hi"}`
	for _, test := range []struct{ bytes, want string }{
		{"SSH-2.0-x\nmore\n" + hi + "\n", "SSH-2.0-x|more|info hi."},
		{"Welcome" + hi, "Welcome|info hi"},
		{hi + hi, "info hi|info hi"},
		{hi + "\r\n" + hi, "info hi.|info hi."},
		{hi + " \n", "info hi"},
		{`"J\u00e5SON {\""` + "\n" + hi, `JåSON {"|info hi`},
		{`"half`, `"half`},
		{"{bad}" + hi, "{bad}|info hi"},
		{`{"a":truu}` + hi, `{"a":truu}|info hi`},
		{"{'response': 'info'}\n" + hi, "{'response': 'info'}|info hi"},
		{"[INFO] up\n" + hi, "[INFO] up|info hi"},
		{"x {y\n{" + hi[1:], "x|{y|info hi"},
		{"7\n", "7"},
		{" \r\n\n", ""},
	} {
		var got []string
		d := NewDecoder(1)
		d.Decode([]byte(test.bytes), func(e Event) bool {
			line := e.Words
			if e.Kind == Response {
				line = string(e.Response.Kind) + " " + e.Response.Content
				if e.Newline {
					line += "."
				}
			}
			got = append(got, line)
			return true
		})
		if words := strings.Join(got, "|"); words != test.want {
			t.Errorf("%q says %q, not %q", test.bytes, words, test.want)
		}
	}
}

// However the bytes come, each response is decoded, and all that is said of the
// delimiter is right in the end.
func TestDecoderOfSplitBytes(t *testing.T) {
	const stream = `{"response":"info","content":"a"}` + "\n" + `{"response":"info","content":"b"}`
	for cut := range len(stream) {
		var got, last = "", false
		d := NewDecoder(1)
		for _, part := range []string{stream[:cut], stream[cut:]} {
			d.Decode([]byte(part), func(e Event) bool {
				got, last = got+e.Response.Content+e.Words, e.Newline
				return true
			})
		}
		if got != "ab" || !last {
			t.Errorf("cut at %d: %q, newline %v", cut, got, last)
		}
	}
	d := NewDecoder(1)
	d.Decode([]byte(`{"response":`), func(Event) bool { t.Error("it is not whole"); return true })
	d.Decode([]byte("true or false}\n"), func(e Event) bool {
		if e.Words != "...true or false}" {
			t.Errorf("it says %q", e.Words)
		}
		return true
	})
}

// Whatever comes, the decoder comes to an end, and says something with each event.
func FuzzDecoder(f *testing.F) {
	for _, s := range []string{"x {y\n{", "[INFO] a\n[1]", `"a\"`, "{bad}{\"response\":1}\n", "{\n{", "\x00[[{]"} {
		f.Add([]byte(s), 3)
	}
	f.Fuzz(func(t *testing.T, b []byte, size int) {
		d := NewDecoder(1)
		for part := range slices.Chunk(b, min(max(size, 1), 100)) {
			d.Decode(part, func(e Event) bool {
				if (e.Kind == Response) != (e.Raw != nil) || (e.Kind == Words) != (e.Words != "") {
					t.Errorf("%+v", e)
				}
				return true
			})
		}
	})
}
