package server_test

import (
	"bytes"
	"log/slog"
	"strings"
	"testing"
	"time"
)

// FuzzJournalMasks has somebody send any bytes to a server that logs frames. Whatever becomes of
// them, nothing that is secret in them is in the log: here that is what can be no name.
func FuzzJournalMasks(f *testing.F) {
	const secret = "blue horse!"
	for _, frame := range []string{
		`{"request":"login","content":"alice","password":"blue horse!","extended":1}`,
		`{"request":"login","content":"bob","token":"blue horse!"}`,
		`{"request":"msg","content":"blue horse!"}`, `{"request":"msg","content":{"text":"blue horse!","room":"lobby"}}`,
		`{"request":"dm","content":"alice blue horse!"}`, `{"request":"dm","content":{"name":"alice","text":"blue horse!"}}`,
		`{"request":"register","content":"blue horse!"}`, `{"request":"passwd","content":{"old":"blue horse!","new":"blue horse!"}}`,
		`{"request":"ping","content":{"state":"blue horse!"}}`, `{"request":"blue horse!"}`, `{"request":"msg","content":{"blue horse!":"x"}}`,
		`{"request":"away","content":"blue horse!","ref":"blue horse!","id":"blue horse!"}`, `{"blue horse!":1}`, `blue horse!`, `{"request":"msg","content":["blue horse!"]}`,
		`{"request":"relay","content":"alice 1 0 blue horse!"}`, `{"request":"search","content":"blue horse! from:alice"}`,
	} {
		f.Add([]byte(frame), true)
		f.Add([]byte(frame), false)
	}
	f.Fuzz(func(t *testing.T, frame []byte, before bool) {
		var log bytes.Buffer
		cfg := config()
		cfg.Log = slog.New(slog.NewJSONHandler(&log, &slog.HandlerOptions{Level: slog.LevelDebug}))
		c := newChat(t, cfg)
		conn := c.net.Dial()
		if !before {
			conn = c.login("alice", true)
		}
		conn.Send(append(frame, '\n'))
		c.net.Advance(time.Second)
		if strings.Contains(log.String(), secret) {
			t.Errorf("%q is in the log: %s", frame, log.String())
		}
	})
}
