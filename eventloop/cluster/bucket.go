package cluster

import (
	"cmp"
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/nats-io/nats.go/jetstream"
)

const (
	// keptSnapshots is how many there are: the stream is trimmed up to the older one, so that a
	// node can begin with it if the newer one turns out to be damaged.
	keptSnapshots = 2

	// askWithin is how long the servers may take to say what snapshots there are.
	askWithin = 10 * time.Second
)

// A Bucket is where the snapshots of a cluster are, of one stream: an object store of JetStream.
type Bucket struct {
	name   string
	id     string // of the stream
	store  jetstream.ObjectStore
	stream jetstream.Stream // in which the store has its objects
	log    *slog.Logger
	halves map[string]uint64 // subjects of parts of parts that were of no object the last time, and how many
}

// A Saved is a snapshot in a bucket.
type Saved struct {
	Position uint64    // of the stream, up to which it has everything
	Bytes    uint64    // of the object
	Made     time.Time // by the clock of the servers of NATS

	name string // of the object
	nuid string // of its chunks
}

func (c *Config) bucket() string { return streamPrefix + c.Name + "-snapshots" }

// bucket opens that of a stream, and makes it if it is not there.
func bucket(ctx context.Context, js jetstream.JetStream, cfg *Config, id string, replicas int) (*Bucket, error) {
	b := &Bucket{name: cfg.bucket(), id: id, log: cfg.Log}
	var err error
	if b.store, err = js.ObjectStore(ctx, b.name); errors.Is(err, jetstream.ErrBucketNotFound) {
		b.store, err = js.CreateObjectStore(ctx, jetstream.ObjectStoreConfig{
			Bucket: b.name, Description: "snapshots of a cluster of Parley", Storage: jetstream.FileStorage, Replicas: replicas,
		})
	}
	if err == nil {
		b.stream, err = js.Stream(ctx, "OBJ_"+b.name)
	}
	if err != nil {
		return nil, fmt.Errorf("the object store %s: %w", b.name, err)
	}
	return b, nil
}

// Bucket returns that of the stream, which is made if it is not there.
func (s *Stream) Bucket(ctx context.Context) (*Bucket, error) {
	ctx, cancel := context.WithTimeout(ctx, askWithin)
	defer cancel()
	return bucket(ctx, s.js, &s.cfg, s.id, s.copies)
}

// chunks returns the subject of those of an object; ">" for all of them.
func (b *Bucket) chunks(nuid string) string { return "$O." + b.name + ".C." + nuid }

// object returns the name of a snapshot.
func (b *Bucket) object(position uint64) string { return fmt.Sprintf("%s.%020d", b.id, position) }

// All returns the snapshots of the stream, of which all parts are there, newest first. One process
// at a time may use a Bucket.
func (b *Bucket) All(ctx context.Context) ([]Saved, error) {
	whole, _, err := b.look(ctx)
	return whole, err
}

// look returns the snapshots of the stream, and those that are damaged, newest first.
func (b *Bucket) look(ctx context.Context) (whole, damaged []Saved, err error) {
	ctx, cancel := context.WithTimeout(ctx, askWithin)
	defer cancel()
	objects, err := b.objects(ctx)
	if err != nil {
		return nil, nil, err
	}
	there, err := b.parts(ctx)
	if err != nil {
		return nil, nil, err
	}
	for _, o := range objects {
		digits, is := strings.CutPrefix(o.Name, b.id+".")
		position, err := strconv.ParseUint(digits, 10, 64)
		if !is || err != nil {
			continue // of another stream, which had the name of this one
		}
		one := Saved{position, o.Size, o.ModTime, o.Name, o.NUID}
		if has := there[b.chunks(o.NUID)]; has != uint64(o.Chunks) {
			b.log.Warn("a snapshot is damaged, and is not used", "bucket", b.name, "snapshot", o.Name, "parts", o.Chunks, "there", has)
			damaged = append(damaged, one)
			continue
		}
		whole = append(whole, one)
	}
	slices.SortFunc(whole, func(x, y Saved) int { return cmp.Compare(y.Position, x.Position) })
	return whole, damaged, nil
}

// objects returns what the object store has.
func (b *Bucket) objects(ctx context.Context) ([]*jetstream.ObjectInfo, error) {
	all, err := b.store.List(ctx)
	if err != nil && !errors.Is(err, jetstream.ErrNoObjectsFound) {
		return nil, fmt.Errorf("the object store %s: %w", b.name, err)
	}
	return all, nil
}

// parts returns how many chunks there are of each object, by their subject.
func (b *Bucket) parts(ctx context.Context) (map[string]uint64, error) {
	info, err := b.stream.Info(ctx, jetstream.WithSubjectFilter(b.chunks(">")))
	if err != nil {
		return nil, fmt.Errorf("the object store %s: %w", b.name, err)
	}
	return info.State.Subjects, nil
}

// tidy takes away all but the newest snapshots, and what was put there by processes that ended
// before they were done.
func (b *Bucket) tidy(ctx context.Context) error {
	whole, damaged, err := b.look(ctx)
	if err != nil {
		return err
	}
	for _, old := range append(damaged, whole[min(keptSnapshots, len(whole)):]...) {
		if err := b.drop(ctx, old); err != nil {
			return err
		}
	}
	return b.dropHalves(ctx)
}

// dropHalves takes parts away that are of no object, nor of one that another process is putting
// there: that have become no more since the last time.
func (b *Bucket) dropHalves(ctx context.Context) error {
	there, err := b.parts(ctx) // before the objects: what is complete when those are asked for is one
	if err != nil {
		return err
	}
	objects, err := b.objects(ctx)
	if err != nil {
		return err
	}
	for _, o := range objects {
		delete(there, b.chunks(o.NUID))
	}
	before := b.halves
	b.halves = there
	for subject, n := range there {
		if before[subject] != n {
			continue
		}
		b.log.Info("a part of a snapshot is taken away that was never completed", "bucket", b.name)
		if err := b.stream.Purge(ctx, jetstream.WithPurgeSubject(subject)); err != nil {
			return err
		}
	}
	return nil
}

// drop takes a snapshot away, and what the object store remembers of it.
func (b *Bucket) drop(ctx context.Context, s Saved) error {
	if err := b.store.Delete(ctx, s.name); err != nil {
		return err
	}
	return b.stream.Purge(ctx, jetstream.WithPurgeSubject("$O."+b.name+".M."+base64.URLEncoding.EncodeToString([]byte(s.name))))
}
