package cluster

import (
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"time"

	"github.com/nats-io/nats.go/jetstream"

	"parley/eventloop/cluster/snapshots"
)

// askWithin is how long the servers may take to say what snapshots there are.
const askWithin = 10 * time.Second

// An objectStore is one of JetStream: a snapshots.Store.
type objectStore struct {
	name   string
	store  jetstream.ObjectStore
	stream jetstream.Stream // in which the store has its objects
}

func (c *Config) bucket() string { return streamPrefix + c.Name + "-snapshots" }

// bucket opens that of a stream, and makes it if it is not there.
func bucket(ctx context.Context, js jetstream.JetStream, cfg *Config, id string, replicas int) (*snapshots.Bucket, error) {
	o := &objectStore{name: cfg.bucket()}
	var err error
	if o.store, err = js.ObjectStore(ctx, o.name); errors.Is(err, jetstream.ErrBucketNotFound) {
		o.store, err = js.CreateObjectStore(ctx, jetstream.ObjectStoreConfig{
			Bucket: o.name, Description: "snapshots of a cluster of Parley", Storage: jetstream.FileStorage, Replicas: replicas,
		})
	}
	if err == nil {
		o.stream, err = js.Stream(ctx, "OBJ_"+o.name)
	}
	if err != nil {
		return nil, o.explain(err)
	}
	return snapshots.NewBucket(o, o.name, id, cfg.Log), nil
}

// Bucket returns that of the stream, which is made if it is not there.
func (s *Stream) Bucket(ctx context.Context) (*snapshots.Bucket, error) {
	ctx, cancel := context.WithTimeout(ctx, askWithin)
	defer cancel()
	return bucket(ctx, s.js, &s.cfg, s.id, s.copies)
}

func (o *objectStore) explain(err error) error {
	return fmt.Errorf("the object store %s: %w", o.name, err)
}

// chunks returns the subject of those of an object; ">" for all of them.
func (o *objectStore) chunks(nuid string) string { return "$O." + o.name + ".C." + nuid }

func (o *objectStore) object(info *jetstream.ObjectInfo) snapshots.Object {
	return snapshots.Object{Name: info.Name, Parts: o.chunks(info.NUID), Count: uint64(info.Chunks), Bytes: info.Size, Made: info.ModTime}
}

// Objects implements snapshots.Store.
func (o *objectStore) Objects(ctx context.Context) (all []snapshots.Object, err error) {
	ctx, cancel := context.WithTimeout(ctx, askWithin)
	defer cancel()
	found, err := o.store.List(ctx)
	if err != nil && !errors.Is(err, jetstream.ErrNoObjectsFound) {
		return nil, o.explain(err)
	}
	for _, one := range found {
		all = append(all, o.object(one))
	}
	return all, nil
}

// Parts implements snapshots.Store: it returns how many chunks there are, by their subject.
func (o *objectStore) Parts(ctx context.Context) (map[string]uint64, error) {
	ctx, cancel := context.WithTimeout(ctx, askWithin)
	defer cancel()
	info, err := o.stream.Info(ctx, jetstream.WithSubjectFilter(o.chunks(">")))
	if err != nil {
		return nil, o.explain(err)
	}
	if info.State.Subjects == nil {
		return map[string]uint64{}, nil
	}
	return info.State.Subjects, nil
}

// Drop implements snapshots.Store: what the object store remembers of an object goes, too.
func (o *objectStore) Drop(ctx context.Context, name string) error {
	if err := o.store.Delete(ctx, name); err != nil {
		return err
	}
	return o.DropParts(ctx, "$O."+o.name+".M."+base64.URLEncoding.EncodeToString([]byte(name)))
}

// DropParts implements snapshots.Store.
func (o *objectStore) DropParts(ctx context.Context, parts string) error {
	return o.stream.Purge(ctx, jetstream.WithPurgeSubject(parts))
}
