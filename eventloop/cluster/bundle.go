package cluster

import (
	"archive/tar"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"github.com/nats-io/nats.go/jetstream"
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

// ErrDamaged says that a snapshot is not what was put there.
var ErrDamaged = errors.New("the snapshot is damaged")

// A Bundle is the two files of a snapshot: with the state that nodes share at a position of the
// stream, and with the database of a node, which has all rows up to there and may have more.
type Bundle struct {
	State    string // paths
	Database string
}

// The names of the files in an object, which is a tar of them in this order.
const (
	stateName    = "state"
	databaseName = "database"
)

func (f Bundle) parts() [2][2]string {
	return [2][2]string{{stateName, f.State}, {databaseName, f.Database}}
}

// Put makes a snapshot of files. It is there when all of it is, or not at all. Then older ones
// are taken away.
func (b *Bucket) Put(ctx context.Context, position uint64, files Bundle) (Saved, error) {
	out, in := io.Pipe()
	go func() { in.CloseWithError(files.pack(in)) }()
	defer out.Close()
	info, err := b.store.Put(ctx, jetstream.ObjectMeta{Name: b.object(position)}, &paced{ctx: ctx, from: out})
	if err != nil {
		return Saved{}, fmt.Errorf("the object store %s: %w", b.name, err)
	}
	made := Saved{position, info.Size, info.ModTime, info.Name, info.NUID}
	there, err := b.parts(ctx)
	if err != nil {
		return Saved{}, err
	}
	if has := there[b.chunks(info.NUID)]; has != uint64(info.Chunks) {
		return Saved{}, fmt.Errorf("%w: of %d parts %d are there", ErrDamaged, info.Chunks, has)
	}
	if err := b.tidy(ctx); err != nil {
		b.log.Warn("old snapshots are not taken away, which is tried again with the next one", "bucket", b.name, "error", err)
	}
	return made, nil
}

// pack writes the files as one.
func (f Bundle) pack(to io.Writer) error {
	w := tar.NewWriter(to)
	for _, part := range f.parts() {
		if err := packFile(w, part[0], part[1]); err != nil {
			return err
		}
	}
	return w.Close()
}

func packFile(w *tar.Writer, name, path string) error {
	file, err := os.Open(path)
	if err != nil {
		return err
	}
	defer file.Close()
	info, err := file.Stat()
	if err != nil {
		return err
	}
	if err := w.WriteHeader(&tar.Header{Name: name, Size: info.Size(), Mode: 0o600}); err != nil {
		return err
	}
	_, err = io.Copy(w, file)
	return err
}

// Get writes the files of a snapshot to a folder, in which they are not yet. They are those that
// were put there, or there is an error.
func (b *Bucket) Get(ctx context.Context, s Saved, folder string) (Bundle, error) {
	within := getWithin + time.Duration(s.Bytes/getRate)*time.Second
	ctx, cancel := context.WithTimeout(ctx, within)
	defer cancel()
	from, err := b.store.Get(ctx, s.name)
	if err != nil {
		return Bundle{}, fmt.Errorf("the object store %s: %w", b.name, err)
	}
	defer from.Close()
	files := Bundle{filepath.Join(folder, stateName), filepath.Join(folder, databaseName)}
	err = files.unpack(from)
	var disk *fs.PathError // such as a full one
	switch {
	case err == nil:
		return files, nil
	case ctx.Err() != nil:
		return Bundle{}, fmt.Errorf("%s has not come within %s: %w", s.name, within, ctx.Err())
	case errors.As(err, &disk):
		return Bundle{}, err
	}
	return Bundle{}, fmt.Errorf("%w: %s: %w", ErrDamaged, s.name, err)
}

// unpack writes the files, and reads up to the end, where it turns out whether the bytes are
// those that were put there.
func (f Bundle) unpack(from io.Reader) error {
	r := tar.NewReader(from)
	for _, part := range f.parts() {
		header, err := r.Next()
		if err != nil {
			return err
		}
		if header.Name != part[0] {
			return fmt.Errorf("it has the file %q, and not %s", header.Name, part[0])
		}
		if err := unpackFile(r, part[1]); err != nil {
			return err
		}
	}
	_, err := io.Copy(io.Discard, from)
	return err
}

func unpackFile(from io.Reader, path string) error {
	file, err := os.OpenFile(path, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	_, err = io.Copy(file, from)
	if err == nil {
		err = file.Sync()
	}
	return errors.Join(err, file.Close())
}

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
