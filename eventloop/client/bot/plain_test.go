package bot

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"parley/eventloop/server"
	"parley/protocol"
)

// course is a server as students of the course write it: no framing, one room, one session
// for each name, and nothing but the standard.
type course struct {
	deaf     bool // does not send texts back to who has said them
	messages bool // tells the history as messages

	mu      sync.Mutex
	there   map[string]net.Conn
	said    []map[string]any
	trouble string
}

func (c *course) dial(context.Context) (net.Conn, error) {
	near, far := net.Pipe()
	go c.serve(far)
	return near, nil
}

func response(sender, kind string, content any) map[string]any {
	return map[string]any{"timestamp": time.Now().UTC().Format(time.RFC3339), "sender": sender, "response": kind, "content": content}
}

func send(conn net.Conn, r map[string]any) {
	b, _ := json.Marshal(r)
	conn.Write(b)
}

func (c *course) serve(conn net.Conn) {
	name := ""
	defer func() {
		conn.Close()
		c.mu.Lock()
		defer c.mu.Unlock()
		if name != "" {
			delete(c.there, name)
		}
	}()
	b := make([]byte, 4096)
	for {
		n, err := conn.Read(b)
		if err != nil {
			return
		}
		var r struct {
			Request string
			Content any
		}
		if err := json.Unmarshal(b[:n], &r); err != nil {
			c.mu.Lock()
			c.trouble = fmt.Sprintf("%s: %v", b[:n], err)
			c.mu.Unlock()
			return
		}
		name = c.answer(conn, name, r.Request, fmt.Sprint(r.Content))
	}
}

// answer answers a request, and returns who is logged in then.
func (c *course) answer(conn net.Conn, name, request, content string) string {
	c.mu.Lock()
	defer c.mu.Unlock()
	switch {
	case request == "login" && c.there[content] != nil:
		send(conn, response("server", "error", "Username taken"))
	case request == "login":
		name = content
		c.there[name] = conn
		send(conn, response("server", "info", "Login successful"))
		if c.messages {
			for _, m := range c.said {
				send(conn, m)
			}
			return name
		}
		send(conn, response("server", "history", c.said))
	case name == "":
		send(conn, response("server", "error", "You must log in first"))
	case request == "msg":
		c.say(name, content)
	case request == "names":
		var names []string
		for n := range c.there {
			names = append(names, n)
		}
		send(conn, response("server", "info", strings.Join(names, "\n")))
	case request == "logout":
		send(conn, response("server", "info", "Logged out"))
		conn.Close()
	default:
		send(conn, response("server", "error", "Unknown request"))
	}
	return name
}

func (c *course) say(name, text string) {
	m := response(name, "message", text)
	c.said = append(c.said, m)
	for who, conn := range c.there {
		if who != name || !c.deaf {
			send(conn, m)
		}
	}
}

// A bot talks with servers of the standard as well, whatever they do: it comes, hears what
// is new, answers, loses the connection, comes back and hears what it has missed, once.
func TestServersOfTheStandard(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]*course{
		"the standard": {}, "no echo": {deaf: true}, "history as messages": {messages: true},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) { talkPlainly(t, c) })
		})
	}
}

func talkPlainly(t *testing.T, c *course) {
	c.there = make(map[string]net.Conn)
	say := func(text string) {
		c.mu.Lock()
		defer c.mu.Unlock()
		c.say("alice", text)
	}
	say("before")
	time.Sleep(time.Minute)
	b, err := Dial(t.Context(), Config{Server: "server", Name: "bot", Dial: c.dial, Known: t.TempDir() + "/known"})
	if err != nil {
		t.Fatal(err)
	}
	defer b.Close()
	for e := range b.Events() {
		if e != (Connected{Name: "bot", Plain: true}) {
			t.Errorf("it begins with %+v", e)
		}
		break
	}
	time.Sleep(10 * time.Second)
	say("hello")
	if m := gather[Message](t, b, 1)[0]; m.Text != "hello" || m.From != "alice" || m.Room != protocol.Lobby || m.Number != 0 {
		t.Errorf("it hears %+v", m)
	} else if _, err := b.Reply(t.Context(), m, "hi"); err != nil {
		t.Errorf("answering: %v", err)
	}
	if _, err := b.Say(t.Context(), "lobby", "again"); err != nil {
		t.Errorf("and once more: %v", err)
	}
	for what, err := range map[string]error{
		"direct": second(b.Direct(t.Context(), "alice", "psst")), "join": b.Join(t.Context(), "tea", ""), "react": b.React(t.Context(), 1, "+1"),
	} {
		if !errors.Is(err, ErrPlain) {
			t.Errorf("%s: %v", what, err)
		}
	}
	time.Sleep(10 * time.Second)
	c.mu.Lock()
	c.there["bot"].Close()
	c.mu.Unlock()
	synctest.Wait()
	say("missed")
	if m := gather[Message](t, b, 1)[0]; m.Text != "missed" {
		t.Errorf("behind the loss it hears %+v", m)
	}
	time.Sleep(10 * time.Second)
	say("now")
	if m := gather[Message](t, b, 1)[0]; m.Text != "now" {
		t.Errorf("after that it hears %+v", m)
	}
	texts := ""
	c.mu.Lock()
	for _, m := range c.said {
		texts += fmt.Sprintf("%s: %s\n", m["sender"], m["content"])
	}
	c.mu.Unlock()
	if want := "alice: before\nalice: hello\nbot: hi\nbot: again\nalice: missed\nalice: now\n"; texts != want || c.trouble != "" {
		t.Errorf("the server has heard\n%s%s", texts, c.trouble)
	}
}

func second(_ uint64, err error) error { return err }

// A name that is taken, and what is no chat server, is an error.
func TestPlainRefusals(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		c := &course{there: map[string]net.Conn{"bot": nil}}
		near, far := net.Pipe()
		defer near.Close()
		c.there["bot"] = far
		var refused *Error
		if _, err := Dial(t.Context(), Config{Name: "bot", Dial: c.dial, Known: t.TempDir() + "/known"}); !errors.As(err, &refused) || refused.Text != "Username taken" {
			t.Errorf("%v", err)
		}
		other := func(context.Context) (net.Conn, error) {
			near, far := net.Pipe()
			go func() {
				io.WriteString(far, "SSH-2.0-OpenSSH\n")
				io.Copy(io.Discard, far)
			}()
			return near, nil
		}
		if _, err := Dial(t.Context(), Config{Name: "bot", Dial: other, Known: t.TempDir() + "/known"}); err == nil || !strings.Contains(err.Error(), `"SSH-2.0-OpenSSH"`) {
			t.Errorf("%v", err)
		}
	})
}

// A bot that uses the standard only talks with Parley's own server, too.
func TestPlainWithParley(t *testing.T) {
	t.Parallel()
	addr := serve(t, func(cfg *server.Config) { cfg.Pace = time.Millisecond })
	ctx := within(t)
	way := &lines{addr: addr}
	b := start(t, Config{Server: addr, Name: "bot", Plain: true, Dial: way.dial})
	alice := start(t, Config{Server: addr, Name: "alice"})
	must(alice.Say(ctx, "", "hello"))(t)
	m := gather[Message](t, b, 1)[0]
	if m.Text != "hello" {
		t.Errorf("%+v", m)
	}
	must(b.Reply(ctx, m, "hi"))(t)
	if m := gather[Message](t, alice, 1)[0]; m.From != "bot" || m.Text != "hi" {
		t.Errorf("%+v", m)
	}
}
