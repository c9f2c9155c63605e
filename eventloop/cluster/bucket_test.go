package cluster_test

import (
	"bytes"
	"context"
	"errors"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/nats-io/nats.go/jetstream"

	"parley/eventloop/cluster/natstest"
	"parley/eventloop/cluster/snapshots"
)

// A shelf is the bucket of a test, and the stream in which it is.
type shelf struct {
	*snapshots.Bucket
	t      *testing.T
	js     jetstream.JetStream
	inside jetstream.Stream
}

// chunksOf is the subject of a snapshot's parts, but for the end.
const chunksOf = "$O.parley-test-snapshots.C."

func openShelf(t *testing.T, servers natstest.Servers) *shelf {
	t.Helper()
	s := open(t, servers, "a")
	t.Cleanup(s.Close)
	b, err := s.Bucket(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	_, js := servers.Connect(t)
	inside, err := js.Stream(t.Context(), "OBJ_parley-test-snapshots")
	if err != nil {
		t.Fatal(err)
	}
	return &shelf{b, t, js, inside}
}

// put puts a snapshot there, and returns the bytes of its files.
func (s *shelf) put(position uint64, size int) (state, database []byte) {
	s.t.Helper()
	folder := s.t.TempDir()
	files := snapshots.Bundle{State: filepath.Join(folder, "one"), Database: filepath.Join(folder, "two")}
	state, database = make([]byte, 1000), make([]byte, size)
	random := rand.NewChaCha8([32]byte{byte(position), byte(size)})
	_, _ = random.Read(state)
	_, _ = random.Read(database)
	if err := errors.Join(os.WriteFile(files.State, state, 0o600), os.WriteFile(files.Database, database, 0o600)); err != nil {
		s.t.Fatal(err)
	}
	if _, err := s.Put(s.t.Context(), position, files); err != nil {
		s.t.Fatal(err)
	}
	return state, database
}

// has fails the test if the snapshots are others than those at some positions.
func (s *shelf) has(positions ...uint64) []snapshots.Saved {
	s.t.Helper()
	all, err := s.All(s.t.Context())
	if err != nil {
		s.t.Fatal(err)
	}
	var got []uint64
	for _, one := range all {
		got = append(got, one.Position)
	}
	if !slices.Equal(got, positions) {
		s.t.Errorf("there are snapshots at %v, and not at %v", got, positions)
	}
	return all
}

// parts returns the subjects of which there are parts, and one message of each.
func (s *shelf) parts() map[string]uint64 {
	s.t.Helper()
	info, err := s.inside.Info(s.t.Context(), jetstream.WithSubjectFilter(chunksOf+">"))
	if err != nil {
		s.t.Fatal(err)
	}
	return info.State.Subjects
}

func TestSnapshotsArePutAndFetched(t *testing.T) {
	t.Parallel()
	s := openShelf(t, natstest.Start(t, 1))
	s.has()
	state, database := s.put(100, 3<<20)
	got, err := s.Get(t.Context(), s.has(100)[0], t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	for path, want := range map[string][]byte{got.State: state, got.Database: database} {
		if is, err := os.ReadFile(path); err != nil || !bytes.Equal(is, want) {
			t.Errorf("%s has %d bytes, and not those %d that were put there: %v", path, len(is), len(want), err)
		}
	}

	// A process was killed that was putting one there.
	for range 2 {
		if _, err := s.js.Publish(t.Context(), chunksOf+"killed", []byte("a part")); err != nil {
			t.Fatal(err)
		}
	}
	s.has(100)
	s.put(200, 1000)
	s.put(9, 10) // a node that was slow
	s.has(200, 100)
	s.put(300, 1000)
	s.has(300, 200)
	if parts := s.parts(); len(parts) != 2 || parts[chunksOf+"killed"] > 0 {
		t.Errorf("there are parts of %v", parts)
	}

	// Those of a stream that had the same name stay: whoever has lost it needs them.
	if _, err := mustStore(t, s.js).PutBytes(t.Context(), "OTHER.00000000000000000900", []byte("x")); err != nil {
		t.Fatal(err)
	}
	s.put(400, 1000)
	s.has(400, 300)
	if _, err := mustStore(t, s.js).GetBytes(t.Context(), "OTHER.00000000000000000900"); err != nil {
		t.Error(err)
	}
}

func mustStore(t *testing.T, js jetstream.JetStream) jetstream.ObjectStore {
	t.Helper()
	store, err := js.ObjectStore(t.Context(), "parley-test-snapshots")
	if err != nil {
		t.Fatal(err)
	}
	return store
}

// One that lost a part is not among them; one with another part is found out when it is read.
func TestDamagedSnapshots(t *testing.T) {
	t.Parallel()
	s := openShelf(t, natstest.Start(t, 1))
	s.put(100, 1000)
	s.put(200, 1<<20)
	newest := s.has(200, 100)[0]
	var subject string
	for of, n := range s.parts() {
		if n > 1 {
			subject = of
		}
	}
	part, err := s.inside.GetLastMsgForSubject(t.Context(), subject)
	if err != nil {
		t.Fatal(err)
	}
	if err := s.inside.DeleteMsg(t.Context(), part.Sequence); err != nil {
		t.Fatal(err)
	}
	s.has(100)
	if _, err := s.Get(t.Context(), newest, t.TempDir()); !errors.Is(err, snapshots.ErrDamaged) {
		t.Errorf("without a part it says %v", err)
	}
	other := bytes.Clone(part.Data)
	other[len(other)/2] ^= 1
	if _, err := s.js.Publish(t.Context(), subject, other); err != nil {
		t.Fatal(err)
	}
	s.has(200, 100)
	if _, err := s.Get(t.Context(), newest, t.TempDir()); !errors.Is(err, snapshots.ErrDamaged) {
		t.Errorf("with another part it says %v", err)
	}
	full := t.TempDir()
	if err := os.WriteFile(filepath.Join(full, "database"), nil, 0o400); err != nil {
		t.Fatal(err)
	}
	if _, err := s.Get(t.Context(), s.has(200, 100)[1], full); err == nil || errors.Is(err, snapshots.ErrDamaged) {
		t.Errorf("where it cannot be written it says %v", err)
	}
}

// What is put there while another process does so, too, stays; where it is stopped it is not there.
func TestPuttingASnapshotTakesTime(t *testing.T) {
	t.Parallel()
	servers := natstest.Start(t, 1)
	s := openShelf(t, servers)
	folder := t.TempDir()
	files := snapshots.Bundle{State: filepath.Join(folder, "one"), Database: filepath.Join(folder, "two")}
	if err := errors.Join(os.WriteFile(files.State, nil, 0o600), os.WriteFile(files.Database, make([]byte, 16<<20), 0o600)); err != nil {
		t.Fatal(err)
	}
	slow, done := openShelf(t, servers), make(chan error)
	go func() {
		_, err := slow.Put(t.Context(), 50, files)
		done <- err
	}()
	for len(s.parts()) == 0 {
	}
	s.put(60, 1000)
	if len(s.parts()) < 2 {
		t.Error("the one that is slow has lost its parts, or was not slow")
	}
	if err := <-done; err != nil {
		t.Error(err)
	}
	s.has(60, 50)
	before := len(s.parts())

	ctx, cancel := context.WithCancel(t.Context())
	go func() {
		_, err := slow.Put(ctx, 100, files)
		done <- err
	}()
	for len(s.parts()) == before {
	}
	cancel()
	if err := <-done; !errors.Is(err, context.Canceled) {
		t.Errorf("it ends with %v", err)
	}
	s.has(60, 50)
	s.put(200, 1000)
	s.put(300, 1000)
	s.has(300, 200)
	if parts := s.parts(); len(parts) != 2 {
		t.Errorf("there are parts of %v", parts)
	}
}
