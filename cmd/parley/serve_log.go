package main

import (
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"sync"
	"time"
)

// logFlags are those of parley serve that are about its log.
type logFlags struct {
	LogFile string `help:"File that the log is added to in place of standard error, as a line of JSON for each thing. It is made if it is not there, for its owner only, and opened anew on SIGHUP, such as when logrotate has moved it." predictor:"file" placeholder:"FILE"`
}

// check returns an error if the log cannot go to its file, which is not made.
func (c *logFlags) check() error {
	if c.LogFile == "" {
		return nil
	}
	info, err := os.Stat(c.LogFile)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		folder := filepath.Dir(c.LogFile)
		if info, err = os.Stat(folder); err == nil && !info.IsDir() {
			err = fmt.Errorf("%s is no folder", folder)
		}
	case err == nil && info.Mode().IsRegular():
		var f *os.File
		if f, err = os.OpenFile(c.LogFile, os.O_WRONLY|os.O_APPEND, 0); err == nil {
			err = f.Close()
		}
	case err == nil && info.IsDir():
		err = fmt.Errorf("%s is a folder: the log is a file in it", c.LogFile)
	}
	if err != nil {
		return fmt.Errorf("--log-file: %w", err)
	}
	return nil
}

// begin has what is logged go where it belongs. The function that is returned says how it has
// ended, and waits until that is written.
func (c *logFlags) begin(p *process) (end func(error), err error) {
	if p.logTo, err = openLog(c.LogFile, p.stderr, p.logLevel); err != nil {
		return nil, fmt.Errorf("--log-file: %w", err)
	}
	p.log = newLoggerTo(p.logTo, p.logTo.file, p.logLevel)
	return func(err error) {
		if err != nil && c.LogFile != "" { // else it is said there
			p.log.Error("stopped", "error", err.Error())
		} else if err == nil {
			p.log.Info("stopped")
		}
		p.logTo.Close()
	}, nil
}

const (
	// maxUnwritten is how many bytes of the log wait at most for whoever takes them: some
	// 5,000 lines.
	maxUnwritten = 1 << 20

	// gatherTime is how long a line waits for others: to write each one by itself costs as
	// much as all else of a login.
	gatherTime = 10 * time.Millisecond

	// flushTime is how long the end of the program waits for the log.
	flushTime = 2 * time.Second
)

// A logWriter takes lines of the log and does not wait for the disk, or for whoever reads
// standard error: the loops write to it. What does not fit is lost, and how much that was is
// a line of its own.
type logWriter struct {
	path  string       // "" of standard error
	level slog.Leveler // of the line that says what was lost

	mu      sync.Mutex // is held for a few instructions
	changed *sync.Cond
	lines   []byte // wait to be written
	lost    int    // lines that did not fit
	busy    bool   // lines are being written
	closed  bool

	writing sync.Mutex // is held while lines are written
	file    *os.File   // under writing
}

// openLog begins a log. With an empty path it goes to standard error.
func openLog(path string, stderr *os.File, level slog.Leveler) (*logWriter, error) {
	w := &logWriter{path: path, level: level, file: stderr}
	w.changed = sync.NewCond(&w.mu)
	if path != "" {
		f, err := openLogFile(path)
		if err != nil {
			return nil, err
		}
		w.file = f
	}
	go w.run()
	return w, nil
}

func openLogFile(path string) (*os.File, error) {
	return os.OpenFile(path, os.O_WRONLY|os.O_APPEND|os.O_CREATE, 0o600)
}

// Write takes a line. It implements io.Writer for a slog.Handler, and never fails.
func (w *logWriter) Write(line []byte) (int, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.closed || len(w.lines)+len(line) > maxUnwritten {
		w.lost++
		return len(line), nil
	}
	if len(w.lines) == 0 {
		w.changed.Broadcast()
	}
	w.lines = append(w.lines, line...)
	return len(line), nil
}

// run writes what has come until the log is closed.
func (w *logWriter) run() {
	var spare []byte
	for {
		w.mu.Lock()
		for w.busy = false; len(w.lines) == 0; {
			w.changed.Broadcast()
			if w.closed {
				w.mu.Unlock()
				return
			}
			w.changed.Wait()
		}
		w.busy = true
		w.mu.Unlock()
		time.Sleep(gatherTime)
		w.mu.Lock()
		lines, lost := w.lines, w.lost
		w.lines, w.lost = spare[:0], 0
		w.mu.Unlock()
		w.writing.Lock()
		_, _ = w.file.Write(lines) // there is nobody to tell
		if lost > 0 {
			newLogger(w.file, w.level).Warn("lines of the log were lost: they came faster than they could be written", "lines", lost)
		}
		w.writing.Unlock()
		spare = lines
	}
}

// Flush waits until all that has come is written, but not for long.
func (w *logWriter) Flush() {
	if w == nil {
		return
	}
	late := false
	timer := time.AfterFunc(flushTime, func() {
		w.mu.Lock()
		defer w.mu.Unlock()
		late = true
		w.changed.Broadcast()
	})
	defer timer.Stop()
	w.mu.Lock()
	defer w.mu.Unlock()
	for (len(w.lines) > 0 || w.busy) && !late {
		w.changed.Wait()
	}
}

// Close writes what has come and ends.
func (w *logWriter) Close() {
	w.Flush()
	w.mu.Lock()
	defer w.mu.Unlock()
	w.closed = true
	w.changed.Broadcast()
}

// Reopen goes on in a new file of the same name. With an error it goes on in the old one.
func (w *logWriter) Reopen() error {
	if w == nil || w.path == "" {
		return nil
	}
	f, err := openLogFile(w.path)
	if err != nil {
		return err
	}
	w.Flush() // what was logged before stays where it was
	w.writing.Lock()
	defer w.writing.Unlock()
	old := w.file
	w.file = f
	return old.Close()
}
