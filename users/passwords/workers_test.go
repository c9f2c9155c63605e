package passwords

import (
	"sync"
	"sync/atomic"
	"testing"

	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func TestResultsAreDelivered(t *testing.T) {
	w := NewWorkers(2)
	defer w.Close()
	hashed := make(chan string, 1)
	if !w.Hash("four words in a row", [SaltSize]byte{1}, func(hash string) { hashed <- hash }) {
		t.Fatal("busy")
	}
	hash := <-hashed
	type result struct {
		ok, rehash bool
		err        error
	}
	results := make(chan result, 1)
	for password, want := range map[string]result{"four words in a row": {ok: true}, "something else": {}} {
		if !w.Verify(hash, password, func(ok, rehash bool, err error) { results <- result{ok, rehash, err} }) {
			t.Fatal("busy")
		}
		if got := <-results; got != want {
			t.Errorf("%s: got %+v, want %+v", password, got, want)
		}
	}
}

func TestAFullQueueIsBusyAndCloseLosesNothing(t *testing.T) {
	w := NewWorkers(1)
	started, hold := make(chan struct{}), make(chan struct{})
	var ran atomic.Int32
	if !w.Submit(func() { close(started); <-hold; ran.Add(1) }) {
		t.Fatal("the first job was refused")
	}
	<-started
	for i := range queue {
		if !w.Submit(func() { ran.Add(1) }) {
			t.Fatalf("job %d was refused", i)
		}
	}
	if w.Submit(func() { ran.Add(1) }) {
		t.Error("a job more than the queue holds was taken")
	}
	close(hold)
	w.Close()
	w.Close()
	if got := ran.Load(); got != queue+1 {
		t.Errorf("%d jobs were done, want %d", got, queue+1)
	}
	if w.Submit(func() {}) {
		t.Error("a job was taken after Close")
	}
}

// TestSubmitAgainstClose has many goroutines submit while another one closes:
// what was taken is done, and nothing panics.
func TestSubmitAgainstClose(t *testing.T) {
	for range 50 {
		w := NewWorkers(2)
		var taken, ran atomic.Int32
		var submitters sync.WaitGroup
		for range 8 {
			submitters.Go(func() {
				for range 100 {
					if w.Submit(func() { ran.Add(1) }) {
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
