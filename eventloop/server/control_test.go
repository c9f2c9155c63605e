package server_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"
	"unicode"
	"unicode/utf8"

	"parley/eventloop/server"
	"parley/eventloop/sim"
	"parley/protocol"
	"parley/users"
	"parley/users/command"
)

// forbidden are characters that do something to the terminal of who reads them.
var forbidden = map[string]string{"escape": "\x1b[2J", "nul": "\x00", "bell": "\a", "backspace": "\b", "carriage return": "\r", "delete": "\x7f", "CSI of C1": "\u009b2J", "next line of C1": "\u0085"}

// words returns a content for a verb in which one argument has something in it, as a string and
// as an object.
func words(v *protocol.Verb, arg int, odd string) []string {
	fields, line := make(map[string]string), ""
	for i, a := range v.Args {
		text := "x1"
		switch {
		case a.Number:
			text = "1"
		case v.Name == "ban" && a.Name == "who", a.Name == "name":
			text = "bob"
		case a.Name == "for":
			text = "10m"
		case a.Name == "room":
			text = "tea"
		case v.Name == "role" && a.Name == "role":
			text = "moderator"
		case v.Name == "lockdown" && a.Name == "mode":
			text = "off"
		case v.Name == "report" && a.Name == "about":
			text = "bob"
		}
		if i == arg {
			text += odd + text
		}
		fields[a.Name] = text
		if !a.Field {
			line = strings.TrimSpace(line + " " + text)
		}
	}
	object, _ := json.Marshal(fields)
	quoted, _ := json.Marshal(line)
	return []string{string(object), string(quoted)}
}

// Whatever anybody sends in any argument of any request, nobody is sent a control character
// because of it but newlines and tabs; where others would be shown it, it is refused in words.
func TestControlCharacters(t *testing.T) {
	shown := map[string]bool{"msg text": true, "dm text": true, "topic text": true, "away text": true, "edit text": true, "announce text": true, "react word": true, "create room": true,
		"kick why": true, "mute why": true, "ban why": true, "lockdown why": true, "remove why": true, "report why": true, "login name": true}
	met := make(map[string]bool)
	for name, odd := range forbidden {
		cfg := config()
		c := newChat(t, cfg)
		owner := c.raw(nil, `{"request":"login","content":"olga","password":"blue horse","register":true,"extended":1}`)
		c.net.Advance(time.Second)
		c.owner(&command.SetRole{Name: "olga", Role: users.Owner})
		bob, pat := c.login("bob", true), c.login("pat", false)
		c.raw(owner, `{"request":"create","content":"tea"}`)
		for _, room := range []*sim.Conn{bob, pat} {
			c.raw(room, `{"request":"join","content":"tea"}`)
		}
		c.raw(owner, `{"request":"msg","content":"hello"}`)
		c.net.Advance(time.Second)
		for _, v := range protocol.NewVerbs().List() {
			for i, a := range v.Args {
				for _, content := range words(&v, i, odd) {
					what := v.Name + " " + a.Name
					if v.Name == "logout" || v.Name == "forget" || a.Secret {
						continue
					}
					conn := owner
					if v.States&protocol.LoggedIn == 0 {
						conn = c.net.Dial()
					}
					c.read(bob)
					c.read(pat)
					c.read(conn)
					conn.Send([]byte(`{"request":"` + v.Name + `","content":` + content + `,"ref":"7"}` + "\n"))
					c.net.Advance(3 * time.Second)
					answers := c.read(conn)
					for _, line := range append(append(c.read(bob), c.read(pat)...), answers...) {
						if bad := controls(line); bad != "" {
							t.Errorf("%s: %s %s brings %q", name, v.Name, content, bad)
						}
					}
					all := strings.Join(answers, "")
					refused := strings.Contains(all, `"response":"error"`)
					if met[what] = true; shown[what] && !refused {
						t.Errorf("%s: %s %s is not refused: %s", name, v.Name, content, all)
					}
					if conn != owner {
						conn.Reset()
					}
				}
			}
		}
	}
	for what := range shown {
		if !met[what] {
			t.Errorf("%s was not tried", what)
		}
	}
}

// controls returns the first text in a line of responses that has a control character in it.
func controls(lines string) string {
	for line := range strings.Lines(lines) {
		var any map[string]any
		if json.Unmarshal([]byte(line), &any) != nil {
			return line
		}
		if bad := controlsIn(any); bad != "" {
			return bad
		}
	}
	return ""
}

func controlsIn(x any) string {
	switch x := x.(type) {
	case string:
		if strings.ContainsFunc(x, func(r rune) bool { return unicode.IsControl(r) && r != '\n' && r != '\t' }) || !utf8.ValidString(x) {
			return x
		}
	case []any:
		for _, e := range x {
			if bad := controlsIn(e); bad != "" {
				return bad
			}
		}
	case map[string]any:
		for key, e := range x {
			if bad := controlsIn(e) + controlsIn(key); bad != "" {
				return bad
			}
		}
	}
	return ""
}

// Bytes that are not UTF-8, and halves of surrogate pairs, are an error in words wherever they
// stand, and nobody is told anything of them.
func TestInvalidUTF8(t *testing.T) {
	for name, odd := range map[string]string{"a byte": "\xff", "half a character": "\xc3", "too long a form": "\xc0\xaf", "a surrogate": "\xed\xa0\x80", "beyond Unicode": "\xf4\x90\x80\x80", "half a pair, escaped": `\ud800`, "the other half": `\udc00x`} {
		for _, v := range protocol.NewVerbs().List() {
			for _, form := range []string{`{"request":"%[1]s","content":"x%[2]s"}`, `{"request":"%[1]s","content":{"text":"x%[2]s"}}`, `{"request":"%[1]s%[2]s"}`, `{"request":"%[1]s","ref":"%[2]s"}`, `{"request":"%[1]s","%[2]s":1}`} {
				cfg := config()
				cfg.Flood = server.FloodLimits{}
				c := newChat(t, cfg)
				alice, bob := c.login("alice", true), c.login("bob", true)
				alice.Send([]byte(fmt.Sprintf(form, v.Name, odd) + "\n"))
				c.net.Advance(time.Second)
				got := c.responses(alice)
				if len(got) != 1 || got[0].Kind != protocol.KindError || len(got[0].Content) < 20 || len(c.responses(bob)) > 0 {
					t.Errorf("%s in %s: alice is told %+v", name, fmt.Sprintf(form, v.Name, "."), got)
				}
			}
		}
	}
}
