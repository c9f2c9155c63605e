//go:build unix

package main

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"slices"
	"strings"
	"testing"

	"github.com/coder/websocket"

	"parley/eventloop/client/web"
)

// A webChat is a process of parley web.
type webChat struct {
	t    *testing.T
	cmd  *exec.Cmd
	url  string
	home string
	log  *bytes.Buffer
}

// openWeb runs parley web with a folder for its state, until it has said where its page is.
func openWeb(t *testing.T, home string, args ...string) *webChat {
	t.Helper()
	w := &webChat{t: t, cmd: parley(t, append([]string{"web"}, args...)...), home: home, log: new(bytes.Buffer)}
	w.cmd.Env = append(w.cmd.Env, "XDG_STATE_HOME="+home)
	w.cmd.Stderr = w.log
	stdout, err := w.cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := w.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = w.cmd.Process.Kill(); _ = w.cmd.Wait() })
	line, _ := bufio.NewReader(stdout).ReadString('\n')
	if w.url = strings.TrimSpace(line); !strings.HasPrefix(w.url, "http://127.0.0.1:") || !strings.Contains(w.url, "/#token=") {
		t.Fatalf("it says %q; %s", line, w.log)
	}
	return w
}

// ends sends a signal and waits for the end.
func (w *webChat) ends(s os.Signal) {
	w.t.Helper()
	if err := w.cmd.Process.Signal(s); err != nil {
		w.t.Fatal(err)
	}
	err := w.cmd.Wait()
	if got := w.cmd.ProcessState.ExitCode(); s != os.Kill && got != exitDone {
		w.t.Errorf("it ended with %d (%v): %s", got, err, w.log)
	}
}

// A webTab is a tab of a browser, which has what a page has.
type webTab struct {
	t       *testing.T
	base    string
	cookie  *http.Cookie
	conn    *websocket.Conn
	run     string
	n       uint64
	id      uint64
	state   web.State // what there is of it in facts
	view    web.View
	parts   map[string]string // as they were sent
	entries map[uint64]web.Line
	answers map[uint64]web.Answer
}

// opensTab opens the URL that was printed, and has the snapshot: what is said
// from then on reaches this tab as entries.
func opensTab(t *testing.T, url string) *webTab {
	t.Helper()
	base, token, _ := strings.Cut(url, "/#token=")
	b := &webTab{t: t, base: base, view: web.View{In: "lobby"}}
	r, err := http.NewRequest("POST", base+"/session", strings.NewReader(fmt.Sprintf(`{"token":%q}`, token)))
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Content-Type", "application/json")
	r.Header.Set("Origin", base)
	answer, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	answer.Body.Close()
	if answer.StatusCode != http.StatusNoContent {
		t.Fatalf("the token is answered with %d", answer.StatusCode)
	}
	b.cookie = answer.Cookies()[0]
	if status := b.connects(); status != http.StatusSwitchingProtocols {
		t.Fatalf("the WebSocket is answered with %d", status)
	}
	b.until("a snapshot", func() bool { return true })
	return b
}

// connects opens the WebSocket, behind what the tab has, and returns the status.
func (b *webTab) connects() int {
	b.t.Helper()
	ctx, cancel := context.WithTimeout(b.t.Context(), deadline)
	defer cancel()
	header := http.Header{"Origin": {b.base}, "Cookie": {b.cookie.Name + "=" + b.cookie.Value}}
	conn, answer, err := websocket.Dial(ctx, strings.Replace(b.base, "http", "ws", 1)+fmt.Sprintf("/events?run=%s&after=%d", b.run, b.n), &websocket.DialOptions{HTTPHeader: header})
	if err != nil && answer == nil {
		b.t.Fatal(err)
	}
	if err == nil {
		conn.SetReadLimit(-1)
		b.conn = conn
		b.t.Cleanup(func() { conn.CloseNow() })
	}
	return answer.StatusCode
}

// reads takes one frame as a page does.
func (b *webTab) reads() error {
	ctx, cancel := context.WithTimeout(context.Background(), deadline)
	defer cancel()
	_, content, err := b.conn.Read(ctx)
	if err != nil {
		return err
	}
	var f web.Frame
	if err := json.Unmarshal(content, &f); err != nil {
		return err
	}
	if f.N != 0 && f.Type != web.TypeSnapshot && f.N != b.n+1 {
		b.t.Fatalf("event %d comes behind %d", f.N, b.n)
	}
	switch f.Type {
	case web.TypeSnapshot:
		b.run, b.n, b.parts = f.Run, f.N, make(map[string]string)
		b.entries, b.answers = make(map[uint64]web.Line), make(map[uint64]web.Answer)
		b.learns(f.Facts)
		b.sends(web.Ask{Ask: web.AskLook, View: &b.view})
	case web.TypeShow:
		b.learns(f.Facts)
		for id, part := range f.Parts {
			b.parts[id] = string(part)
		}
	case web.TypeEntry:
		b.n = f.N
		if _, known := b.entries[f.Entry.ID]; known || f.Added {
			b.entries[f.Entry.ID] = *f.Entry
		}
	case web.TypeAnswer:
		b.answers[f.ID] = *f.Answer
		for _, e := range f.Answer.Lines {
			b.entries[e.ID] = e
		}
	}
	return nil
}

// learns takes facts, as far as a State has them.
func (b *webTab) learns(facts map[string]json.RawMessage) {
	var read map[string][2]uint64
	var drafts map[string]string
	for name, to := range map[string]any{"self": &b.state.Self, "server": &b.state.Server, "connection": &b.state.Connection, "question": &b.state.Question,
		"to": &b.state.To, "settings": &b.state.Settings, "read": &read, "drafts": &drafts} {
		if fact := facts[name]; fact != nil {
			if name == "settings" {
				b.state.Settings = nil
			}
			if err := json.Unmarshal(fact, to); err != nil {
				b.t.Fatal(err)
			}
		}
	}
	if read != nil {
		was := b.state.Conversations
		b.state.Conversations = make(map[string]*web.Conversation)
		for id, r := range read {
			b.state.Conversations[id] = &web.Conversation{ID: id, Cursor: r[0], Unread: int(r[1])}
			if c := was[id]; c != nil {
				b.state.Conversations[id].Draft = c.Draft
			}
		}
	}
	if drafts != nil {
		for id, c := range b.state.Conversations {
			c.Draft = drafts[id]
		}
	}
}

// until reads until something is so.
func (b *webTab) until(what string, is func() bool) {
	b.t.Helper()
	for b.run == "" || !is() {
		if err := b.reads(); err != nil {
			state, _ := json.Marshal(b.state)
			b.t.Fatalf("waiting for %s: %v\n%s\n%v", what, err, state, b.texts(""))
		}
	}
}

// sends sends an ask, and returns its number.
func (b *webTab) sends(q web.Ask) uint64 {
	b.t.Helper()
	b.id++
	q.ID = b.id
	content, _ := json.Marshal(q)
	ctx, cancel := context.WithTimeout(context.Background(), deadline)
	defer cancel()
	if err := b.conn.Write(ctx, websocket.MessageText, content); err != nil {
		b.t.Fatal(err)
	}
	return b.id
}

// asks asks something, and returns the answer.
func (b *webTab) asks(q web.Ask) web.Answer {
	b.t.Helper()
	id := b.sends(q)
	b.until("an answer to "+q.Ask, func() bool { _, ok := b.answers[id]; return ok })
	return b.answers[id]
}

// looks has the tab look at something else.
func (b *webTab) looks(at web.View) {
	b.t.Helper()
	b.view = at
	b.does(web.Ask{Ask: web.AskLook, View: &at})
}

// sees waits until a part of the page has a text.
func (b *webTab) sees(part, text string) {
	b.t.Helper()
	b.until(text+" in "+part, func() bool { return strings.Contains(b.parts[part], text) })
}

// drawn is a line as it was sent to be drawn.
func drawn(l web.Line) string {
	tree, _ := json.Marshal(l.Tree)
	return string(tree)
}

// does asks something that is to be done.
func (b *webTab) does(q web.Ask) web.Answer {
	b.t.Helper()
	a := b.asks(q)
	if !a.OK {
		b.t.Fatalf("%+v is refused: %s", q, a.Error)
	}
	return a
}

// shows waits for a text in a conversation, and returns its entry.
func (b *webTab) shows(in, text string) (found web.Line) {
	b.t.Helper()
	b.until(in+": "+text, func() bool {
		for _, e := range b.entries {
			if e.In == in && strings.Contains(e.Text, text) {
				found = e
				return true
			}
		}
		return false
	})
	return found
}

// texts are those of a conversation that are there, in order.
func (b *webTab) texts(in string) (all []string) {
	ids := make([]uint64, 0, len(b.entries))
	for id := range b.entries {
		ids = append(ids, id)
	}
	slices.Sort(ids)
	for _, id := range ids {
		if e := b.entries[id]; e.In == in || in == "" {
			all = append(all, e.Text)
		}
	}
	return all
}

func (b *webTab) phase(want string) {
	b.t.Helper()
	b.until("the phase "+want, func() bool { return b.state.Connection.Phase == want })
}

func (b *webTab) conversation(id string) web.Conversation {
	if c := b.state.Conversations[id]; c != nil {
		return *c
	}
	return web.Conversation{}
}
