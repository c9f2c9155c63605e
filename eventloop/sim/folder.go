package sim

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"strings"
	"time"

	"parley/users/state"
)

// A folder is the data folder of a node as its process reaches it beside its loop: a
// snapshots.Folder. The database in it is a journal: a line for each batch of rows that was kept.
type folder struct {
	by     *beside
	serial *int // of files that were written
}

// memoryFiles are files that are not in their place yet, by path.
type memoryFiles map[string][]byte

func (f memoryFiles) open(path string) (io.ReadCloser, int64, error) {
	b, is := f[path]
	if !is {
		return nil, 0, fs.ErrNotExist
	}
	return io.NopCloser(bytes.NewReader(b)), int64(len(b)), nil
}

func (f memoryFiles) create(path string) (io.WriteCloser, error) {
	return &memoryFile{files: f, path: path}, nil
}

type memoryFile struct {
	bytes.Buffer
	files memoryFiles
	path  string
}

func (f *memoryFile) Close() error {
	f.files[f.path] = f.Bytes()
	return nil
}

func (f folder) disk() *Disk { return f.by.member.Disk }

// write has a file be written.
func (f folder) write(kind string, b []byte) (path string, err error) {
	if err := f.by.wait(f.disk().Delay); err != nil {
		return "", err
	}
	if f.disk().Broken {
		return "", errBroken
	}
	*f.serial++
	path = fmt.Sprint(kind, *f.serial)
	f.by.member.files[path] = bytes.Clone(b)
	return path, nil
}

// State implements snapshots.Folder.
func (f folder) State() ([]byte, error) { return f.disk().State, nil }

// WriteState implements snapshots.Folder.
func (f folder) WriteState(b []byte) (path string, err error) { return f.write("state", b) }

// copyTakes is how long it takes at most to copy a database, in which a node goes on: of a large one it is minutes.
const copyTakes = 2 * time.Second

// CopyDatabase implements snapshots.Folder.
func (f folder) CopyDatabase(context.Context) (path string, err error) {
	if err := f.by.wait(f.by.member.stream.between(0, copyTakes)); err != nil {
		return "", err
	}
	path, err = f.write("database", f.disk().Journal)
	if err != nil {
		return "", err
	}
	return path, f.by.wait(f.by.member.stream.between(0, copyTakes))
}

// Remove implements snapshots.Folder.
func (f folder) Remove(path string) { delete(f.by.member.files, path) }

// Read implements snapshots.Folder.
func (f folder) Read(path string) ([]byte, error) {
	b, is := f.by.member.files[path]
	if !is {
		return nil, fs.ErrNotExist
	}
	return b, nil
}

// Mark implements snapshots.Folder.
func (f folder) Mark(_ context.Context, database string) (state.Mark, error) {
	t, err := replay(f.by.member.files[database])
	if err != nil {
		return state.Mark{}, err
	}
	return t.Kept().Mark, nil
}

// Receive implements snapshots.Folder. The process may be killed between any two of the files.
func (f folder) Receive(_ context.Context, fetch func(folder string) (database, snapshot string, err error)) error {
	m := f.by.member
	defer func() {
		for path := range m.files {
			if strings.HasPrefix(path, received) {
				delete(m.files, path)
			}
		}
	}()
	database, snapshot, err := fetch(received)
	if err != nil {
		return err
	}
	t, err := replay(m.files[database])
	if err != nil {
		return err
	}
	d, journal, encoded := f.disk(), m.files[database], m.files[snapshot]
	for _, change := range []func(){
		func() { d.State = nil },
		func() { d.Table, d.Journal = t, journal },
		func() { d.State, m.Fetched = encoded, true },
	} {
		if err := f.by.wait(d.Delay); err != nil {
			return err
		}
		change()
	}
	return nil
}

// received is the folder for what is fetched.
const received = "received"

// note puts rows at the end of the journal.
func (d *Disk) note(rows *state.Rows) {
	line, err := json.Marshal(rows)
	if err != nil {
		panic(err) // it is values only
	}
	d.Journal = append(append(d.Journal, line...), '\n')
}

// replay returns what is kept in a database.
func replay(journal []byte) (*state.Table, error) {
	t := state.NewTable()
	for line := range bytes.Lines(journal) {
		if !bytes.HasSuffix(line, []byte("\n")) {
			return nil, errors.New("the database has no end")
		}
		rows := new(state.Rows)
		if err := json.Unmarshal(line, rows); err != nil {
			return nil, fmt.Errorf("the database is damaged: %w", err)
		}
		t.Put(rows)
	}
	return t, nil
}
