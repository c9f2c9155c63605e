package cluster

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"time"

	"github.com/nats-io/nats.go/jetstream"

	"parley/eventloop/cluster/snapshots"
)

const (
	// putRate is how many bytes of a snapshot are sent in a second: as fast as it can be it
	// would hold up the log, which the same servers write.
	putRate = 16 << 20

	// putAtOnce is how many of them are sent before there is a pause.
	putAtOnce = 1 << 20

	// getRate is how many bytes of a snapshot have to come in a second, after getWithin.
	getRate   = 1 << 20
	getWithin = time.Minute
)

// Put implements snapshots.Store.
func (o *objectStore) Put(ctx context.Context, name string, files snapshots.Bundle) (snapshots.Object, error) {
	out, in := io.Pipe()
	go func() { in.CloseWithError(files.Pack(in, openFile)) }()
	defer out.Close()
	info, err := o.store.Put(ctx, jetstream.ObjectMeta{Name: name}, &paced{ctx: ctx, from: out})
	if err != nil {
		return snapshots.Object{}, o.explain(err)
	}
	return o.object(info), nil
}

func openFile(path string) (io.ReadCloser, int64, error) {
	file, err := os.Open(path)
	if err != nil {
		return nil, 0, err
	}
	info, err := file.Stat()
	if err != nil {
		return nil, 0, errors.Join(err, file.Close())
	}
	return file, info.Size(), nil
}

// Get implements snapshots.Store: it writes the files to a folder, in which they are not yet.
func (o *objectStore) Get(ctx context.Context, s snapshots.Saved, folder string) (snapshots.Bundle, error) {
	within := getWithin + time.Duration(s.Bytes/getRate)*time.Second
	ctx, cancel := context.WithTimeout(ctx, within)
	defer cancel()
	from, err := o.store.Get(ctx, s.Object)
	if err != nil {
		return snapshots.Bundle{}, o.explain(err)
	}
	defer from.Close()
	files := snapshots.BundleIn(folder)
	err = files.Unpack(from, createFile)
	var disk *fs.PathError // such as a full one
	switch {
	case err == nil:
		return files, nil
	case ctx.Err() != nil:
		return snapshots.Bundle{}, fmt.Errorf("%s has not come within %s: %w", s.Object, within, ctx.Err())
	case errors.As(err, &disk):
		return snapshots.Bundle{}, err
	}
	return snapshots.Bundle{}, fmt.Errorf("%w: %s: %w", snapshots.ErrDamaged, s.Object, err)
}

func createFile(path string) (io.WriteCloser, error) {
	file, err := os.OpenFile(path, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
	if err != nil {
		return nil, err
	}
	return synced{file}, nil
}

// A synced is a file that is on the disk when it is closed.
type synced struct{ *os.File }

func (f synced) Close() error { return errors.Join(f.Sync(), f.File.Close()) }

// A paced reads at putRate, and as much at once as it can be: each reading becomes a message.
type paced struct {
	ctx  context.Context
	from io.Reader
	n    int // bytes since the last pause
}

func (p *paced) Read(to []byte) (int, error) {
	if p.n >= putAtOnce {
		pause := time.NewTimer(time.Duration(p.n) * time.Second / putRate)
		defer pause.Stop()
		select {
		case <-pause.C:
		case <-p.ctx.Done():
			return 0, p.ctx.Err()
		}
		p.n = 0
	}
	n, err := io.ReadFull(p.from, to)
	p.n += n
	if errors.Is(err, io.ErrUnexpectedEOF) { // less than there is room for: the next one is at the end
		err = nil
	}
	return n, err
}
