// Package export writes what a server keeps of somebody into a new file, which only its
// owner can read. A file that is there already is never written to. It does one thing after
// the other, in a goroutine of its own, so a disk that is slow does not hold up the chat.
package export

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"parley/eventloop/client"
)

// maxTries is how many names are tried where one is to be chosen.
const maxTries = 1000

// A Files writes one file at a time. Its methods do not wait: each is answered with one
// [client.Saved], and the next is to be called after that.
type Files struct {
	folder string
	todo   chan func() client.Saved
	saved  chan client.Saved
	done   chan struct{}
	file   *os.File // of the goroutine
}

// Start returns Files in which names are meant from a folder on; "" is the present one.
func Start(folder string) *Files {
	f := &Files{folder: folder, todo: make(chan func() client.Saved, 1), saved: make(chan client.Saved, 1), done: make(chan struct{})}
	go f.work()
	return f
}

func (f *Files) work() {
	defer close(f.done)
	for do := range f.todo {
		f.saved <- do()
	}
	if f.file != nil {
		f.drop()
	}
}

// Saved gives what has become of what was asked for.
func (f *Files) Saved() <-chan client.Saved { return f.saved }

// Open makes a new file. If any will do, another name is taken where that one is taken.
func (f *Files) Open(name string, anyName bool) {
	f.todo <- func() client.Saved {
		file, err := f.create(name, anyName)
		if err != nil {
			return client.Saved{Name: name, Err: err}
		}
		f.file = file
		return client.Saved{Name: f.file.Name()}
	}
}

func (f *Files) create(name string, anyName bool) (file *os.File, err error) {
	ext := filepath.Ext(name)
	for n := 1; n <= maxTries; n++ {
		try := name
		if n > 1 {
			try = fmt.Sprintf("%s-%d%s", strings.TrimSuffix(name, ext), n, ext)
		}
		if !filepath.IsAbs(try) {
			try = filepath.Join(f.folder, try)
		}
		file, err = os.OpenFile(try, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
		if !errors.Is(err, fs.ErrExist) || !anyName {
			return file, err
		}
	}
	return nil, err
}

// Write appends a text.
func (f *Files) Write(text string) {
	f.todo <- func() client.Saved {
		_, err := f.file.WriteString(text)
		return client.Saved{Name: f.file.Name(), Err: err}
	}
}

// Close ends the file. What is not whole is not kept.
func (f *Files) Close(whole bool) {
	f.todo <- func() client.Saved {
		s := client.Saved{Name: f.file.Name(), Closed: true}
		if !whole {
			f.drop()
			return s
		}
		s.Err = errors.Join(f.file.Sync(), f.file.Close())
		f.file = nil
		return s
	}
}

// drop takes the file away.
func (f *Files) drop() {
	_ = f.file.Close()
	_ = os.Remove(f.file.Name())
	f.file = nil
}

// Stop ends the goroutine. Nothing may be called any more.
func (f *Files) Stop() {
	close(f.todo)
	select {
	case <-f.saved: // nobody waits for it any more
	default:
	}
	<-f.done
}
