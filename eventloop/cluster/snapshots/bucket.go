package snapshots

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"
)

// Kept is how many snapshots there are: the stream is trimmed up to the older one, so that a node
// can begin with it if the newer one turns out to be damaged.
const Kept = 2

// ErrDamaged says that a snapshot is not what was put there.
var ErrDamaged = errors.New("the snapshot is damaged")

// A Store is an object store. An object is put there in parts, and is there when the last one is:
// parts of one that was never completed stay.
type Store interface {
	Objects(context.Context) ([]Object, error)
	Parts(context.Context) (map[string]uint64, error) // how many there are, also of no object

	Put(ctx context.Context, name string, files Bundle) (Object, error)
	Get(ctx context.Context, one Saved, folder string) (Bundle, error) // with ErrDamaged it is not what was put there

	Drop(ctx context.Context, name string) error // an object and its parts
	DropParts(ctx context.Context, parts string) error
}

// An Object is one of a Store.
type Object struct {
	Name  string
	Parts string // by which those of it are known in Store.Parts
	Count uint64 // of them, when it was put there
	Bytes uint64
	Made  time.Time // by the clock of the store
}

// A Bucket is where the snapshots of a stream are. One goroutine at a time may use it.
type Bucket struct {
	Store
	name   string
	id     string // of the stream
	log    *slog.Logger
	halves map[string]uint64 // parts that were of no object the last time
}

// NewBucket returns that of the snapshots of a stream in a store. It is called by its name in what
// is logged.
func NewBucket(of Store, name, id string, log *slog.Logger) *Bucket {
	return &Bucket{Store: of, name: name, id: id, log: log}
}

// A Saved is a snapshot in a bucket.
type Saved struct {
	Position uint64    // of the stream, up to which it has everything
	Bytes    uint64    // of the object
	Made     time.Time // by the clock of the store
	Object   string    // its name
}

// object returns the name of that with a snapshot.
func (b *Bucket) object(position uint64) string { return fmt.Sprintf("%s.%020d", b.id, position) }

// All returns the snapshots of the stream, of which all parts are there, newest first.
func (b *Bucket) All(ctx context.Context) ([]Saved, error) {
	whole, _, err := b.look(ctx)
	return whole, err
}

// look returns the snapshots of the stream, and those that are damaged, newest first.
func (b *Bucket) look(ctx context.Context) (whole, damaged []Saved, err error) {
	objects, err := b.Objects(ctx)
	if err != nil {
		return nil, nil, err
	}
	there, err := b.Parts(ctx)
	if err != nil {
		return nil, nil, err
	}
	for _, o := range objects {
		digits, is := strings.CutPrefix(o.Name, b.id+".")
		position, err := strconv.ParseUint(digits, 10, 64)
		if !is || err != nil {
			continue // of another stream, which had the name of this one
		}
		one := Saved{position, o.Bytes, o.Made, o.Name}
		if has := there[o.Parts]; has != o.Count {
			b.log.Warn("a snapshot is damaged, and is not used", "bucket", b.name, "snapshot", o.Name, "parts", o.Count, "there", has)
			damaged = append(damaged, one)
			continue
		}
		whole = append(whole, one)
	}
	slices.SortFunc(whole, func(x, y Saved) int { return cmp.Compare(y.Position, x.Position) })
	return whole, damaged, nil
}

// Put makes a snapshot of files. It is there when all of it is, or not at all. Then older ones
// are taken away.
func (b *Bucket) Put(ctx context.Context, position uint64, files Bundle) (Saved, error) {
	o, err := b.Store.Put(ctx, b.object(position), files)
	if err != nil {
		return Saved{}, err
	}
	there, err := b.Parts(ctx)
	if err != nil {
		return Saved{}, err
	}
	if has := there[o.Parts]; has != o.Count {
		return Saved{}, fmt.Errorf("%w: of %d parts %d are there", ErrDamaged, o.Count, has)
	}
	if err := b.tidy(ctx); err != nil {
		b.log.Warn("old snapshots are not taken away, which is tried again with the next one", "bucket", b.name, "error", err)
	}
	return Saved{position, o.Bytes, o.Made, o.Name}, nil
}

// tidy takes away all but the newest snapshots, and what was put there by processes that ended
// before they were done.
func (b *Bucket) tidy(ctx context.Context) error {
	whole, damaged, err := b.look(ctx)
	if err != nil {
		return err
	}
	for _, old := range append(damaged, whole[min(Kept, len(whole)):]...) {
		if err := b.Drop(ctx, old.Object); err != nil {
			return err
		}
	}
	return b.dropHalves(ctx)
}

// dropHalves takes parts away that are of no object, nor of one that another process is putting
// there: that have become no more since the last time.
func (b *Bucket) dropHalves(ctx context.Context) error {
	there, err := b.Parts(ctx) // before the objects: what is complete when those are asked for is one
	if err != nil {
		return err
	}
	objects, err := b.Objects(ctx)
	if err != nil {
		return err
	}
	for _, o := range objects {
		delete(there, o.Parts)
	}
	before := b.halves
	b.halves = there
	for _, parts := range slices.Sorted(maps.Keys(there)) {
		if before[parts] != there[parts] {
			continue
		}
		b.log.Info("a part of a snapshot is taken away that was never completed", "bucket", b.name)
		if err := b.DropParts(ctx, parts); err != nil {
			return err
		}
	}
	return nil
}
