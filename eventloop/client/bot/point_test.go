package bot

import (
	"context"
	"io"
	"net"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"parley/protocol"
)

// named is a server whose log has a name: it answers the login, tells that there is no history, and
// what alice says.
func named(log string) func(context.Context) (net.Conn, error) {
	return func(context.Context) (net.Conn, error) {
		near, far := net.Pipe()
		go func() {
			defer far.Close()
			if _, err := far.Read(make([]byte, 4096)); err != nil {
				return
			}
			for _, r := range []protocol.Response{
				{Sender: "server", Kind: protocol.KindInfo, Content: "Welcome!", Data: &protocol.Data{Event: protocol.EventLogin, Name: "bot", Log: log, Token: "abc", ID: 6}},
				{Sender: "server", Kind: protocol.KindHistory, Data: &protocol.Data{Event: protocol.EventHistory}},
				{Sender: "alice", Kind: protocol.KindMessage, Content: "hello", Data: &protocol.Data{Event: protocol.EventMessage, ID: 7}},
			} {
				r.Time = time.Now()
				if _, err := far.Write(protocol.AppendExtended(nil, r)); err != nil {
					return
				}
			}
			io.Copy(io.Discard, far)
		}()
		return near, nil
	}
}

// A bot begins again with each Point that one has returned, also where the server's log has a name
// that no request can have.
func TestEachPointCanBeUsed(t *testing.T) {
	t.Parallel()
	for log, want := range map[string]uint64{
		"log1":                                 7,
		strings.Repeat("x", protocol.MaxTag+1): 0,
		"log\x1b[2J":                           0,
	} {
		synctest.Test(t, func(t *testing.T) {
			cfg := Config{Name: "bot", Dial: named(log), Known: t.TempDir() + "/known"}
			for range 2 {
				b, err := Dial(t.Context(), cfg)
				if err != nil {
					t.Fatalf("of the log %q: %v", log, err)
				}
				for e := range b.Events() {
					if _, is := e.(Message); is {
						break
					}
				}
				b.Close()
				cfg.From = b.Point()
			}
			if at := cfg.From.After; at != want {
				t.Errorf("of the log %q it has come to %d, not %d", log, at, want)
			}
		})
	}
}
