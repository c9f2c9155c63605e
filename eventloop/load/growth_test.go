package load

import (
	"strings"
	"testing"
	"time"
)

// A scenario that was run with several numbers of clients gets plots of what
// changes with them, whatever their order was.
func TestGrowth(t *testing.T) {
	r := fixed()
	room, smaller, failed := r.Results[0], r.Results[0], r.Results[0]
	smaller.Clients, smaller.Server.PerDelivery = 100, 3*time.Microsecond
	failed.Clients, failed.Failed = 5000, "too many"
	r.Results = []Result{room, smaller, failed}
	titles := func() (all []string) {
		figures, err := r.growth()
		if err != nil {
			t.Fatal(err)
		}
		for _, f := range figures {
			all = append(all, f.Title)
		}
		return all
	}
	want := "room: delivery latency by clients, room: server CPU per delivery, and per read of the tester's, by clients, room: server memory by clients"
	if got := strings.Join(titles(), ", "); got != want {
		t.Errorf("plots of %s", got)
	}
	var page strings.Builder
	if err := r.HTML(&page); err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(page.String(), "As the number of clients, or of rooms, grows") {
		t.Error("the page does not show them")
	}

	r.Results[1].Clients, r.Results[1].Rooms = room.Clients, 10
	if got := strings.Join(titles(), ", "); got != strings.ReplaceAll(want, "by clients", "by rooms") {
		t.Errorf("plots of %s, of several numbers of rooms", got)
	}
	r.Results[1].Clients, r.Results[1].Rooms = 100, 0

	for i := range r.Results {
		r.Results[i].Server.Known = false
	}
	if got := strings.Join(titles(), ", "); got != "room: delivery latency by clients" {
		t.Errorf("plots of %s where nothing is known of the server", got)
	}
	r.Results = r.Results[:1]
	if got := titles(); got != nil {
		t.Errorf("plots of %s for one number of clients", got)
	}
}
