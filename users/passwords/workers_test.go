package passwords

import (
	"runtime"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
)

func TestResultsAreDelivered(t *testing.T) {
	w := NewWorkers(DefaultJobs, DefaultShare, Here{}, Here{})
	defer w.Close()
	hashed := make(chan string, 1)
	if !w.Hash("a", "four words in a row", [SaltSize]byte{1}, func(hash string) { hashed <- hash }) {
		t.Fatal("busy")
	}
	hash := <-hashed
	type result struct {
		ok, rehash bool
		err        error
	}
	results := make(chan result, 1)
	for password, want := range map[string]result{"four words in a row": {ok: true}, "something else": {}} {
		if !w.Verify("a", hash, password, func(ok, rehash bool, err error) { results <- result{ok, rehash, err} }) {
			t.Fatal("busy")
		}
		if got := <-results; got != want {
			t.Errorf("%s: got %+v, want %+v", password, got, want)
		}
	}
}

// How many jobs there may be is for who starts the workers to say.
func TestJobsAtMost(t *testing.T) {
	w := NewWorkers(2, 0, Here{})
	hold := make(chan struct{})
	var taken []bool
	for _, from := range []string{"a", "b", "c"} {
		taken = append(taken, w.Submit(from, func(Engine) { <-hold }))
	}
	if want := []bool{true, true, false}; !slices.Equal(taken, want) {
		t.Errorf("of three jobs are taken: %v, not %v", taken, want)
	}
	close(hold)
	w.Close()
}

func TestAFullQueueIsBusyAndCloseLosesNothing(t *testing.T) {
	w := NewWorkers(DefaultJobs, DefaultShare, Here{})
	started, hold := make(chan struct{}), make(chan struct{})
	var ran atomic.Int32
	if !w.Submit("a", func(Engine) { close(started); <-hold; ran.Add(1) }) {
		t.Fatal("the first job was refused")
	}
	<-started
	for i := 1; i < DefaultJobs; i++ {
		if from := string(rune('a' + i/DefaultShare)); !w.Submit(from, func(Engine) { ran.Add(1) }) {
			t.Fatalf("job %d, of %s, was refused", i, from)
		}
		if i == DefaultShare-1 && w.Submit("a", func(Engine) { ran.Add(1) }) {
			t.Error("a job more than the share of one source was taken")
		}
	}
	if w.Submit("z", func(Engine) { ran.Add(1) }) {
		t.Error("a job more than all together was taken")
	}
	close(hold)
	w.Close()
	w.Close()
	if got := ran.Load(); got != DefaultJobs {
		t.Errorf("%d jobs were done, want %d", got, DefaultJobs)
	}
	if w.Submit("a", func(Engine) {}) {
		t.Error("a job was taken after Close")
	}
}

// Who floods the workers does not keep others waiting, and has room again when
// some of its jobs are done.
func TestSourcesAreServedInTurns(t *testing.T) {
	w := NewWorkers(DefaultJobs, DefaultShare, Here{})
	hold := make(chan struct{})
	var order []string // of one worker
	taken := 0
	for range 200 {
		if w.Submit("flood", func(Engine) { <-hold; order = append(order, "flood") }) {
			taken++
		}
	}
	if taken != DefaultShare {
		t.Errorf("of 200 jobs of one source %d were taken, want %d", taken, DefaultShare)
	}
	for _, from := range []string{"alice", "bob", "alice"} {
		if !w.Submit(from, func(Engine) { order = append(order, from) }) {
			t.Fatalf("%s was refused", from)
		}
	}
	hold <- struct{}{}
	again := false
	for !again {
		again = w.Submit("flood", func(Engine) {})
		runtime.Gosched()
	}
	close(hold)
	w.Close()
	if got, want := strings.Join(order[:6], " "), "flood flood alice bob flood alice"; got != want && got != "flood alice bob flood alice flood" {
		t.Errorf("the order is %s, want %s", got, want)
	}
	if len(w.sources) != 0 || w.jobs != 0 {
		t.Errorf("of sources are remembered %v, of jobs %d", w.sources, w.jobs)
	}
}

// The share of a source is what the owner says, and 0 is all there is.
func TestShareOfASource(t *testing.T) {
	for share, want := range map[int]int{1: 1, 5: 5, 0: DefaultJobs, 2 * DefaultJobs: DefaultJobs} {
		w := NewWorkers(DefaultJobs, share, Here{})
		hold := make(chan struct{})
		taken := 0
		for range 2 * DefaultJobs {
			if w.Submit("a", func(Engine) { <-hold }) {
				taken++
			}
		}
		if other := w.Submit("b", func(Engine) {}); taken != want || other != (want < DefaultJobs) {
			t.Errorf("with a share of %d, %d jobs of one source were taken, want %d; one of another: %t", share, taken, want, other)
		}
		close(hold)
		w.Close()
	}
}

// TestSubmitAgainstClose has many goroutines submit while another one closes:
// what was taken is done, and nothing panics.
func TestSubmitAgainstClose(t *testing.T) {
	for range 50 {
		w := NewWorkers(DefaultJobs, DefaultShare, Here{}, Here{})
		var taken, ran atomic.Int32
		var submitters sync.WaitGroup
		for range 8 {
			submitters.Go(func() {
				for range 100 {
					if w.Submit("a", func(Engine) { ran.Add(1) }) {
						taken.Add(1)
					}
				}
			})
		}
		w.Close()
		submitters.Wait()
		if taken.Load() != ran.Load() {
			t.Fatalf("%d jobs were taken and %d done", taken.Load(), ran.Load())
		}
	}
}
