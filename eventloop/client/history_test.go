package client

import (
	"fmt"
	"strings"
	"testing"

	"parley/protocol"
)

// A history that has no end takes no more memory than one that is shown.
func TestHistoryWithoutEnd(t *testing.T) {
	s := newStage(t, "name=alice")
	for _, line := range []string{"dial> ok", `server< login "alice" extended`, "server> +login log1", "screen< 12:00 * Welcome!"} {
		s.do(line)
	}
	part := func(first int, more bool) {
		h := protocol.Response{Kind: protocol.KindHistory, Data: &protocol.Data{Event: protocol.EventHistory, More: more}}
		for i := range 50 {
			h.History = append(h.History, protocol.Response{Sender: "bob", Time: s.clk.now, Kind: protocol.KindMessage,
				Content: fmt.Sprintf("text %d %s", first+i, strings.Repeat("x", 100_000)), Data: &protocol.Data{ID: uint64(first + i)}})
		}
		s.app.received(h, nil)
	}
	const parts = 30
	for i := range parts {
		part(1+50*i, true)
		bytes := 0
		for _, e := range s.app.older.entries {
			bytes += len(e.Text)
		}
		if n := len(s.app.older.entries); n > 2*maxOldShown || bytes > n*64<<10 {
			t.Fatalf("%d entries of %d bytes wait", n, bytes)
		}
	}
	s.quiet()
	part(1+50*parts, false)
	s.expect(fmt.Sprintf("screen< ¦ %d older messages are not shown.", 50*(parts+1)-maxOldShown))
	if len(s.log) == 0 || !strings.HasPrefix(s.log[0], fmt.Sprintf("screen< 12:00 bob: text %d", 50*(parts+1)-maxOldShown+1)) {
		t.Errorf("it is not the newest that are shown: %.60q", s.log)
	}
}
