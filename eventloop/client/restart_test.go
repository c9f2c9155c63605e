package client

import (
	"testing"
	"time"
)

// Those who were told the same second come back at different moments within it, and nobody
// before.
func TestMomentOfReturn(t *testing.T) {
	const restarts, moves = "The server restarts; back in 4 s.", "This machine of the server ends; you go on at another one."
	for _, test := range []struct {
		others int // further addresses of the server
		rand   uint64
		want   time.Duration
		words  string
	}{
		{0, 0, 4 * time.Second, restarts},
		{0, 1 << 62, 4250 * time.Millisecond, restarts},
		{0, 1<<64 - 1<<11, 5*time.Second - time.Nanosecond, restarts},
		{2, 1 << 62, 250 * time.Millisecond, moves},
	} {
		s := newStage(t, "name=alice")
		s.app.cfg.Target.Others = test.others
		s.app.cfg.Rand = func() uint64 { return test.rand }
		for _, line := range []string{"dial> ok", `server< login "alice" extended`, "server> +login log1 token=t1 id=4", "screen< 12:00 * Welcome!",
			"server> +shutting_down 4 The server is shutting down.", "screen< ¦ " + test.words, "server> lost", "hangup<"} {
			s.do(line)
		}
		if due := s.app.alarms[alarmRetry].Sub(s.clk.now); due > test.want || due < test.want-time.Microsecond {
			t.Errorf("with %x it comes back after %s, want %s", test.rand, due, test.want)
		}
	}
}
