package snapshots

import (
	"archive/tar"
	"errors"
	"fmt"
	"io"
	"path/filepath"
)

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

// BundleIn returns the paths of the files of a snapshot in a folder.
func BundleIn(folder string) Bundle {
	return Bundle{filepath.Join(folder, stateName), filepath.Join(folder, databaseName)}
}

func (f Bundle) parts() [2][2]string {
	return [2][2]string{{stateName, f.State}, {databaseName, f.Database}}
}

// Pack writes the files as one. Of each that is opened the length is given, in bytes.
func (f Bundle) Pack(to io.Writer, open func(path string) (file io.ReadCloser, size int64, err error)) error {
	w := tar.NewWriter(to)
	for _, part := range f.parts() {
		file, size, err := open(part[1])
		if err != nil {
			return err
		}
		if err = w.WriteHeader(&tar.Header{Name: part[0], Size: size, Mode: 0o600}); err == nil {
			_, err = io.Copy(w, file)
		}
		if err = errors.Join(err, file.Close()); err != nil {
			return err
		}
	}
	return w.Close()
}

// Unpack writes the files, and reads up to the end, where it turns out whether the bytes are
// those that were put there.
func (f Bundle) Unpack(from io.Reader, create func(path string) (io.WriteCloser, error)) error {
	r := tar.NewReader(from)
	for _, part := range f.parts() {
		header, err := r.Next()
		if err != nil {
			return err
		}
		if header.Name != part[0] {
			return fmt.Errorf("it has the file %q, and not %s", header.Name, part[0])
		}
		file, err := create(part[1])
		if err != nil {
			return err
		}
		_, err = io.Copy(file, r)
		if err = errors.Join(err, file.Close()); err != nil {
			return err
		}
	}
	_, err := io.Copy(io.Discard, from)
	return err
}
