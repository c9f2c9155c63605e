package server_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"log/slog"
	"net/netip"
	"regexp"
	"strings"
	"testing"
	"time"

	"parley/eventloop/server"
	"parley/protocol"
	"parley/users"
	"parley/users/command"
)

// newLogged returns a stage and the log of its server, which is empty.
func newLogged(t *testing.T, level slog.Level) (countStage, *bytes.Buffer) {
	log := new(bytes.Buffer)
	cfg := config()
	cfg.Flood, cfg.Timeout, cfg.RelayRate = server.FloodLimits{}, time.Hour, 256<<10
	cfg.Log = slog.New(slog.NewJSONHandler(log, &slog.HandlerOptions{Level: level}))
	c := countStage{chat: newChat(t, cfg)}
	c.register("dora").HangUp()
	c.alice, c.bob, c.pat = c.login("alice", true), c.login("bob", true), c.login("pat", false)
	c.net.Advance(time.Minute)
	log.Reset()
	return c, log
}

// linesOf returns the lines of a log without the time, with 1 in place of the first
// connection that is in it, 2 of the second, and so on.
func linesOf(t *testing.T, log string) string {
	t.Helper()
	conns := make(map[string]string)
	var all []string
	for line := range strings.Lines(log) {
		if !json.Valid([]byte(line)) {
			t.Errorf("no JSON: %s", line)
		}
		line = regexp.MustCompile(`"time":"[^"]*",`).ReplaceAllString(line, "")
		line = regexp.MustCompile(`"conn":\d+`).ReplaceAllStringFunc(line, func(id string) string {
			if conns[id] == "" {
				conns[id] = fmt.Sprintf(`"conn":%d`, len(conns)+1)
			}
			return conns[id]
		})
		line = regexp.MustCompile(`:\d{5}"`).ReplaceAllString(line, `:PORT"`)
		all = append(all, strings.TrimSpace(line))
	}
	return strings.Join(all, "\n")
}

// What an operator would look for has one line each.
func TestJournal(t *testing.T) {
	const from = `"conn":1,"remote":"192.0.2.1:PORT"`
	for _, tt := range []struct {
		what string
		do   func(c countStage)
		want []string
	}{
		{"who comes and goes as a guest", func(c countStage) { c.login("eve", true).HangUp() }, []string{
			`{"level":"INFO","msg":"login",` + from + `,"user":"eve","as":"guest","extended":true}`,
			`{"level":"INFO","msg":"logout",` + from + `,"user":"eve","how":"lost the connection"}`,
		}},
		{"an account, with a plain client", func(c countStage) {
			conn := c.raw(nil, `{"request":"login","content":"dora blue horses"}`)
			c.net.Advance(time.Second)
			c.raw(conn, `{"request":"logout","content":null}`)
		}, []string{
			`{"level":"INFO","msg":"login",` + from + `,"user":"dora","as":"account","extended":false}`,
			`{"level":"INFO","msg":"logout",` + from + `,"user":"dora","how":"logged out"}`,
		}},
		{"a message is none", func(c countStage) { c.say(c.alice, "hello") }, nil},
		{"nor is who comes and says nothing", func(c countStage) { c.net.Dial().Reset() }, nil},
		{"a wrong password", func(c countStage) { c.enter("Dora", "red horses") }, []string{
			`{"level":"WARN","msg":"login refused",` + from + `,"reason":"wrong_credentials","name":"Dora"}`,
		}},
		{"a wrong password of who hangs up", func(c countStage) {
			c.Hasher.Delay = time.Second
			c.raw(nil, `{"request":"login","content":{"name":"dora"},"password":"red horses","extended":1}`).Reset()
			c.net.Advance(2 * time.Second)
		}, []string{
			`{"level":"WARN","msg":"login refused",` + from + `,"reason":"wrong_credentials","name":"dora"}`,
		}},
		{"a wrong password of a plain client", func(c countStage) {
			c.raw(nil, `{"request":"login","content":"dora red horses"}`)
			c.net.Advance(time.Second)
		}, []string{
			`{"level":"WARN","msg":"login refused",` + from + `,"reason":"wrong_credentials","name":"dora"}`,
		}},
		{"a name that is taken", func(c countStage) { c.enter("alice", "") }, []string{
			`{"level":"INFO","msg":"login refused",` + from + `,"reason":"name_taken","name":"alice"}`,
		}},
		{"what is no name may be anything", func(c countStage) {
			c.enter(`x","remote":"198.51.100.9:1`, "")
			c.enter("my_password", "")
			c.enter("two\nlines", "")
		}, []string{
			`{"level":"INFO","msg":"login refused",` + from + `,"reason":"bad_name","name":""}`,
			`{"level":"INFO","msg":"login refused","conn":2,"remote":"192.0.2.1:PORT","reason":"bad_name","name":""}`,
			`{"level":"INFO","msg":"login refused","conn":3,"remote":"192.0.2.1:PORT","reason":"bad_name","name":""}`,
		}},
		{"a name that is blocked, and who tries on", func(c countStage) {
			for range 4 {
				c.enter("dora", "red horses").Reset()
			}
		}, []string{
			`{"level":"WARN","msg":"login refused",` + from + `,"reason":"wrong_credentials","name":"dora"}`,
			`{"level":"WARN","msg":"login refused","conn":2,"remote":"192.0.2.1:PORT","reason":"wrong_credentials","name":"dora"}`,
			`{"level":"WARN","msg":"logins blocked","conn":3,"remote":"192.0.2.1:PORT","blocked":"name","name":"dora","seconds":60}`,
			`{"level":"WARN","msg":"login refused","conn":3,"remote":"192.0.2.1:PORT","reason":"blocked_login","name":"dora"}`,
			`{"level":"WARN","msg":"login refused","conn":4,"remote":"192.0.2.1:PORT","reason":"blocked_login","name":"dora"}`,
		}},
		{"who does not log in", func(c countStage) {
			c.net.Dial()
			c.net.Advance(time.Minute)
		}, []string{
			`{"level":"INFO","msg":"a connection was dropped",` + from + `,"user":"","reason":"login_timeout"}`,
		}},
		{"a client that hangs", func(c countStage) {
			c.raw(c.bob, `{"request":"ping"}`)
			c.net.Advance(2 * time.Minute)
		}, []string{
			`{"level":"INFO","msg":"a connection was dropped",` + from + `,"user":"bob","reason":"silent"}`,
			`{"level":"INFO","msg":"logout",` + from + `,"user":"bob","how":"lost the connection"}`,
		}},
		{"another protocol, from an address of IPv6", func(c countStage) {
			c.net.DialFrom(netip.MustParseAddr("2001:db8::7")).Send([]byte("GET / HTTP/1.1\r\n\r\n"))
			c.net.Advance(2 * time.Second)
		}, []string{
			`{"level":"INFO","msg":"a connection was dropped","conn":1,"remote":"[2001:db8::7]:PORT","user":"","reason":"no_json"}`,
		}},
		{"an address that is banned", func(c countStage) {
			c.owner(&command.Sanction{Kind: users.Ban, Addr: "203.0.113.0/24"})
			c.net.DialFrom(netip.MustParseAddr("203.0.113.7"))
			c.net.Advance(2 * time.Second)
		}, []string{
			`{"level":"INFO","msg":"a connection was dropped","conn":1,"remote":"203.0.113.7:PORT","user":"","reason":"banned"}`,
		}},
		{"who is deleted by the owner", func(c countStage) {
			c.owner(&command.AddAccount{Name: "alice", Hash: "x"})
			c.net.Advance(2 * time.Second)
		}, []string{
			`{"level":"INFO","msg":"a connection was dropped",` + from + `,"user":"alice","reason":"ended"}`,
			`{"level":"INFO","msg":"logout",` + from + `,"user":"alice","how":"logged out"}`,
		}},
		{"the end, for all at once", func(c countStage) {
			c.net.Stop()
			c.net.Advance(time.Second)
		}, []string{`{"level":"INFO","msg":"draining","sessions":3,"return_within":1006000000}`}},
	} {
		t.Run(tt.what, func(t *testing.T) {
			c, log := newLogged(t, slog.LevelInfo)
			tt.do(c)
			if got, want := linesOf(t, log.String()), strings.Join(tt.want, "\n"); got != want {
				t.Errorf("the log has\n%s\nwant\n%s", got, want)
			}
		})
	}
}

// Each wrong old password of passwd is one line, of those that the filter for fail2ban reads, also
// if who sent it is gone by then.
func TestJournalOfWrongOldPasswords(t *testing.T) {
	c, log := newLogged(t, slog.LevelWarn)
	dora := c.enter("dora", "blue horses")
	for range 3 {
		c.raw(dora, `{"request":"passwd","content":{"old":"red horses","new":"green horses"}}`)
		c.net.Advance(time.Second)
	}
	const refused, blocked = `"msg":"login refused","conn":1,"remote":"192.0.2.1:PORT","reason":"wrong_credentials","name":"dora"`, `"msg":"logins blocked","conn":1,`
	lines := strings.Split(linesOf(t, log.String()), "\n")
	if len(lines) != 3 || !strings.Contains(lines[0], refused) || !strings.Contains(lines[1], refused) || !strings.Contains(lines[2], blocked) {
		t.Errorf("the log has\n%s", strings.Join(lines, "\n"))
	}
	c.net.Advance(2 * time.Minute)
	log.Reset()
	dora.Send([]byte(`{"request":"passwd","content":{"old":"red horses","new":"green horses"}}` + "\n"))
	c.net.Run()
	dora.HangUp()
	c.net.Advance(time.Second)
	if got := linesOf(t, log.String()); strings.Count(got, refused) != 1 {
		t.Errorf("of one who is gone the log has %s", got)
	}
}

// The address that guesses is named when it is blocked.
func TestJournalOfABlockedAddress(t *testing.T) {
	c, log := newLogged(t, slog.LevelInfo)
	for i := range c.Config.Logins.AddrFailures {
		c.enter(fmt.Sprint("nobody", i), "wrong").Reset()
	}
	lines := strings.Split(linesOf(t, log.String()), "\n")
	if want := `"blocked":"address"`; strings.Count(log.String(), want) != 1 || !strings.Contains(lines[len(lines)-2], want) {
		t.Errorf("the last lines are %s", strings.Join(lines[len(lines)-3:], "\n"))
	}
}

// Who sends nothing but logins that are refused does not fill the log.
func TestJournalIsNotFilledByOne(t *testing.T) {
	c, log := newLogged(t, slog.LevelInfo)
	for range 100 {
		c.raw(c.alice, `{"request":"login","content":"eve","extended":1}`)
	}
	if n := strings.Count(log.String(), "login refused"); n != 10 {
		t.Errorf("there are %d lines", n)
	}
	c.raw(nil, `{"request":"login","content":"alice","extended":1}`)
	if n := strings.Count(log.String(), "login refused"); n != 11 {
		t.Errorf("with somebody else there are %d lines", n)
	}
}

// With frames in the log, too, it has nothing that people say, nor a password, a token or a key.
func TestJournalKeepsSecrets(t *testing.T) {
	c, log := newLogged(t, slog.LevelDebug)
	secret := func(n int) string { return fmt.Sprintf("sesame%dsesame", n) }
	token := ""
	for i, frame := range []string{
		`{"request":"msg","content":"SECRET"}`,
		`{"request":"msg","content":{"text":"SECRET"}}`,
		`{"request":"msg","content":{"text":"x"},"id":"SECRET","ref":"SECRET"}`,
		`{"request":"edit","content":{"id":1,"text":"SECRET"}}`,
		`{"request":"dm","content":"bob SECRET"}`,
		`{"request":"dm","content":{"name":"pat","text":"SECRET"}}`,
		`{"request":"away","content":"SECRET"}`,
		`{"request":"create","content":"tea"}`,
		`{"request":"create","content":"den private SECRET"}`,
		`{"request":"topic","content":"tea SECRET"}`,
		`{"request":"search","content":"SECRET"}`,
		`{"request":"report","content":"bob SECRET"}`,
		`{"request":"register","content":"SECRET horses"}`,
		`{"request":"passwd","content":"\"SECRET horses\" \"SECRET cows\""}`,
		`{"request":"SECRET","content":null}`,
		`{"request":"login SECRET SECRET","content":null}`,
		`{"SECRET":"msg"}`,
		`{"request":"msg","content":{"SECRET":"x"}}`,
		`{"request":"msg","content":["SECRET"]}`,
		`SECRET`,
	} {
		c.raw(c.alice, strings.ReplaceAll(frame, "SECRET", secret(i)))
		c.net.Advance(2 * time.Second)
	}
	for _, name := range []string{"eve", "dora"} {
		conn := c.raw(nil, fmt.Sprintf(`{"request":"login","content":%q,"password":"%s","extended":1,"token":"%s","log":"%s"}`, name, secret(30), strings.Repeat("ab", 16), secret(31)))
		c.net.Advance(2 * time.Second)
		for _, r := range c.responses(conn) {
			if r.Data != nil && r.Data.Token != "" {
				token = r.Data.Token
			}
		}
		conn.Send([]byte(`{"request":"msg","content":"` + secret(32) + `"}`))
		c.net.Advance(2 * time.Second)
		conn.Reset()
	}
	c.login("zoe", true)
	if n := strings.Count(log.String(), `"msg":"request"`); n < 20 {
		t.Errorf("%d requests are in the log", n)
	}
	for _, want := range []string{`"msg":"response"`, `"msg":"delivery"`, `\"event\":\"message\"`, `(14 bytes)`, `\"name\":\"(3 bytes)\"`} {
		if !strings.Contains(log.String(), want) {
			t.Errorf("the log lacks %s", want)
		}
	}
	for line := range strings.Lines(log.String()) {
		if strings.Contains(line, "sesame") || token != "" && strings.Contains(line, token) || strings.Contains(line, strings.Repeat("ab", 16)) {
			t.Errorf("a secret is in the log: %s", line)
		}
	}
}

// BenchmarkJournal is what the two lines of somebody who comes and goes cost.
func BenchmarkJournal(b *testing.B) {
	for name, level := range map[string]slog.Level{"info": slog.LevelInfo, "warn": slog.LevelWarn} {
		b.Run(name, func(b *testing.B) {
			cfg := config()
			cfg.Flood, cfg.LoginTimeout, cfg.History = server.FloodLimits{}, 0, 0
			cfg.Log = slog.New(slog.NewJSONHandler(new(discard), &slog.HandlerOptions{Level: level}))
			c := chat{World: newChat(&testing.T{}, cfg).World}
			frame := protocol.AppendRequest(nil, protocol.Request{Verb: "login", Content: protocol.Content{Text: "eve"}, Extended: true})
			b.ReportAllocs()
			for b.Loop() {
				conn := c.Net.Dial()
				conn.Send(frame)
				c.Net.Run()
				conn.Reset()
				c.Net.Run()
			}
		})
	}
}

type discard struct{}

func (*discard) Write(b []byte) (int, error) { return len(b), nil }
