package private

import (
	"testing"
	"time"

	"parley/p2p"
)

var noon = time.Date(2026, 8, 3, 12, 0, 0, 0, time.UTC)

func TestPeerTable(t *testing.T) {
	ago := func(d time.Duration) time.Time { return noon.Add(-d) }
	got := peerTable([]p2p.Peer{
		{Name: "bob", State: p2p.Open, Path: p2p.Path{Address: "192.168.1.5:4000"}, Fingerprint: "x", Verified: true, Since: ago(90 * time.Minute), RoundTrip: 1234 * time.Microsecond},
		{Name: "carl", State: p2p.Open, Path: p2p.Path{Relay: true}, Fingerprint: "x", Since: ago(2 * time.Minute), RoundTrip: 80 * time.Millisecond, Waiting: 3},
		{Name: "dora", State: p2p.Asking, Since: ago(7 * time.Second)},
		{Name: "eve", State: p2p.Closed, Waiting: 1},
	}, func(name string) string {
		if name == "dora" {
			return "dora (not d0ra)"
		}
		return name
	}, noon)
	want := `name             path                     key           age    round trip  waiting
bob              direct 192.168.1.5:4000  verified      1 h    1.2 ms
carl             relay                    not verified  2 min  80.0 ms     3
dora (not d0ra)  has not answered                       7 s
eve              none                                                      1`
	if got != want {
		t.Errorf("%s\nnot\n%s", got, want)
	}
}
