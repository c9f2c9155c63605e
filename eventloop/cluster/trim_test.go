package cluster_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/nats-io/nats.go/jetstream"

	"parley/eventloop/cluster"
	"parley/eventloop/cluster/natstest"
	"parley/eventloop/cluster/snapshots"
	"parley/users/log"
)

// A caretaker is a node that makes snapshots and trims the stream, and of which is said how far
// it and others are.
type caretaker struct {
	*shelf
	stream jetstream.Stream
	see    func(context.Context) error

	first  bool   // it is the first one that lives
	passed uint64 // by all that live
	at     uint64 // by the state that this one has kept
	fails  error
	left   int // files that were not taken away
}

func newCaretaker(t *testing.T, every time.Duration) *caretaker {
	t.Helper()
	servers := natstest.Start(t, 1)
	c := &caretaker{shelf: openShelf(t, servers), first: true}
	s := open(t, servers, "a")
	t.Cleanup(s.Close)
	if err := s.Start(cluster.Node{Post: func(f func()) { f() }, Arrived: func(log.Message) {}, Look: func() {}}); err != nil {
		t.Fatal(err)
	}
	var err error
	if c.stream, err = c.js.Stream(t.Context(), "parley-test"); err != nil {
		t.Fatal(err)
	}
	c.see = cluster.Sees(s, cluster.Snapshots{Every: every, Passed: func() (bool, uint64) { return c.first, c.passed }, Make: c.makes})
	return c
}

func (c *caretaker) makes(context.Context) (uint64, snapshots.Bundle, func(), error) {
	if c.fails != nil {
		return 0, snapshots.Bundle{}, nil, c.fails
	}
	c.left++
	folder := c.t.TempDir()
	files := snapshots.Bundle{State: filepath.Join(folder, "one"), Database: filepath.Join(folder, "two")}
	return c.at, files, func() { c.left-- }, errors.Join(os.WriteFile(files.State, nil, 0o600), os.WriteFile(files.Database, fmt.Append(nil, c.at), 0o600))
}

// flows has so many messages come.
func (c *caretaker) flows(n int) {
	c.t.Helper()
	for i := range n {
		if _, err := c.js.Publish(c.t.Context(), "parley.test.turns", fmt.Append(nil, i)); err != nil {
			c.t.Fatal(err)
		}
	}
}

// begins fails the test if the stream begins somewhere else after the caretaker has looked.
func (c *caretaker) begins(want uint64, snapshots ...uint64) {
	c.t.Helper()
	if err := c.see(c.t.Context()); err != nil {
		c.t.Error(err)
	}
	c.has(snapshots...)
	info, err := c.stream.Info(c.t.Context())
	if err != nil {
		c.t.Fatal(err)
	}
	if info.State.FirstSeq != want {
		c.t.Errorf("the stream begins at %d, and not at %d", info.State.FirstSeq, want)
	}
	if c.left > 0 {
		c.t.Errorf("%d files are left", c.left)
	}
}

// The stream is trimmed up to the older of two snapshots, and never where a node has not come to
// that lives.
func TestTheStreamIsTrimmed(t *testing.T) {
	t.Parallel()
	c := newCaretaker(t, time.Nanosecond)
	c.flows(100)
	c.passed = 100
	c.begins(1) // no state is kept yet
	c.at = 20
	c.begins(1, 20)
	c.flows(1)
	c.begins(1, 20) // it is the same
	c.at = 40
	c.flows(1)
	c.begins(20, 40, 20)
	c.at, c.passed = 60, 25
	c.flows(1)
	c.begins(25, 60, 40)
	c.passed = 0 // one that has begun and has said nothing yet
	c.begins(25, 60, 40)
	c.passed = 100
	c.begins(40, 60, 40)

	c.at, c.first = 80, false
	c.flows(1)
	c.begins(40, 60, 40)
	c.first, c.fails = true, errors.New("the disk is full")
	if err := c.see(t.Context()); !errors.Is(err, c.fails) {
		t.Errorf("it says %v", err)
	}
	c.fails = nil
	c.begins(60, 80, 60)

	// The newer one is taken away: it is as if it had never been made.
	if err := mustStore(t, c.js).Delete(t.Context(), c.name(80)); err != nil {
		t.Fatal(err)
	}
	c.at = 90
	c.flows(1)
	c.begins(60, 90, 60)
}

// name is that of a snapshot in the object store.
func (c *caretaker) name(position uint64) string {
	return fmt.Sprintf("%s.%020d", c.stream.CachedInfo().Config.Metadata["parley_stream"], position)
}

// Nothing is made before it is time for it.
func TestASnapshotIsDue(t *testing.T) {
	t.Parallel()
	c := newCaretaker(t, time.Hour)
	c.flows(10)
	c.at, c.passed = 5, 10
	c.begins(1, 5)
	c.at = 10
	c.begins(1, 5)
}

// Another stream of the same name is not trimmed.
func TestAnotherStreamIsNotTrimmed(t *testing.T) {
	t.Parallel()
	c := newCaretaker(t, time.Nanosecond)
	if err := c.js.DeleteStream(t.Context(), "parley-test"); err != nil {
		t.Fatal(err)
	}
	cfg := c.stream.CachedInfo().Config
	cfg.Metadata = map[string]string{"parley_stream": "other"}
	if _, err := c.js.CreateStream(t.Context(), cfg); err != nil {
		t.Fatal(err)
	}
	if err := c.see(t.Context()); !errors.Is(err, cluster.ErrStream) {
		t.Errorf("it says %v", err)
	}
}
