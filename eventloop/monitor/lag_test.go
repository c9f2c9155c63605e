package monitor

import (
	"context"
	"fmt"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"
)

// lags notes what it is told, in milliseconds.
type lags []string

func (l *lags) Observe(seconds float64) { *l = append(*l, fmt.Sprintf("%.0f", 1000*seconds)) }

func (l *lags) take() string {
	all := strings.Join(*l, " ")
	*l = nil
	return all
}

// A busyLoop runs what it is asked for when a test says so.
type busyLoop struct {
	Server
	mu      sync.Mutex
	missing bool // there is no such loop
	asked   []func()
	n       int // times that it was asked
}

func (b *busyLoop) PostTo(_ int, f func()) bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.missing {
		return false
	}
	b.n++
	b.asked = append(b.asked, f)
	return true
}

func (b *busyLoop) run() {
	b.mu.Lock()
	defer b.mu.Unlock()
	for _, f := range b.asked {
		f()
	}
	b.asked = nil
}

func (b *busyLoop) begin() {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.missing = false
}

func (b *busyLoop) times() int {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.n
}

// A loop that answers at once has no lag, and one that stalls has that of all who would have
// asked meanwhile.
func TestLag(t *testing.T) {
	for _, tt := range []struct {
		what    string
		stall   time.Duration // from a probe on
		want    string        // lags, in ms
		stalled time.Duration // at the end of the stall
	}{
		{"not at all", 0, "0", 0},
		{"less than until the next probe", 30 * time.Millisecond, "30", 30 * time.Millisecond},
		{"for two more", 250 * time.Millisecond, "250 150 50", 250 * time.Millisecond},
		{"until a moment before the next", 399 * time.Millisecond, "399 299 199 99", 399 * time.Millisecond},
		{"for a second", 950 * time.Millisecond, "950 850 750 650 550 450 350 250 150 50", 950 * time.Millisecond},
	} {
		t.Run(tt.what, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				var got lags
				loop := new(busyLoop)
				p := &probe{lag: &got, base: time.Now()}
				ctx, end := context.WithCancel(t.Context())
				go watch(ctx, []*probe{p}, loop)
				time.Sleep(probeInterval) // until it is asked
				synctest.Wait()
				time.Sleep(tt.stall)
				synctest.Wait()
				if stalled := p.stalled(); stalled != tt.stalled {
					t.Errorf("it is stalled for %s, want %s", stalled, tt.stalled)
				}
				if n := loop.times(); n != 1 {
					t.Errorf("it was asked %d times, want once", n)
				}
				loop.run()
				if all := got.take(); all != tt.want {
					t.Errorf("lags are %s, want %s", all, tt.want)
				}
				if p.stalled() != 0 {
					t.Error("it has answered and is stalled")
				}
				time.Sleep(probeInterval)
				synctest.Wait()
				if loop.times() != 2 {
					t.Error("it is not asked again")
				}
				end()
				synctest.Wait()
			})
		})
	}
}

// A loop that had no connection yet is not stalled, and is asked when it has had one.
func TestLagOfNoLoop(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var got lags
		loop := &busyLoop{missing: true}
		p := &probe{lag: &got, base: time.Now()}
		ctx, end := context.WithCancel(t.Context())
		go watch(ctx, []*probe{p}, loop)
		time.Sleep(time.Minute + time.Millisecond)
		synctest.Wait()
		if got.take() != "" || p.stalled() != 0 {
			t.Errorf("it has a lag, or is stalled for %s", p.stalled())
		}
		loop.begin()
		time.Sleep(probeInterval)
		synctest.Wait()
		loop.run()
		if all := got.take(); all != "1" {
			t.Errorf("lags are %q", all)
		}
		end()
		synctest.Wait()
	})
}
