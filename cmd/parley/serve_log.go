package main

import (
	"bytes"
	"errors"
	"fmt"
	"io"
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
	p.log = p.logTo.logger(p.logTo)
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

	// retryTime is the pause before what could not be written is tried again.
	retryTime = 100 * time.Millisecond

	// flushTime is how long the end of the program waits for the log.
	flushTime = 2 * time.Second
)

// A logWriter takes lines of the log and does not wait for the disk, or for whoever reads
// standard error: the loops write to it. What cannot be written, such as on a full disk, is tried
// again. What does not fit meanwhile is lost, and how much that was is a line of its own.
type logWriter struct {
	path   string                       // "" of standard error
	stderr io.Writer                    // is told when nothing can be written to the file
	logger func(io.Writer) *slog.Logger // returns one for lines of this log

	mu      sync.Mutex // is held for a few instructions
	changed *sync.Cond
	lines   []byte // wait to be written
	lost    int    // lines that did not fit
	taken   int    // bytes that are being written
	left    int    // lines that the last try has left of them
	tries   int    // to write something
	failing bool   // the last one has failed
	closed  bool

	writing sync.Mutex // is held while lines are written
	file    io.WriteCloser
	cut     bool // the file ends within a line
}

// openLog begins a log. With an empty path it goes to standard error. A file has a first line
// then, or there is an error.
func openLog(path string, stderr *os.File, level slog.Leveler) (*logWriter, error) {
	if path == "" {
		return newLogWriter("", stderr, stderr, func(to io.Writer) *slog.Logger { return newLoggerTo(to, stderr, level) }), nil
	}
	f, cut, err := openLogFile(path)
	if err != nil {
		return nil, err
	}
	w := newLogWriter(path, stderr, f, func(to io.Writer) *slog.Logger { return newLoggerTo(to, f, level) })
	w.cut = cut
	var first bytes.Buffer
	newLoggerTo(&first, f, slog.LevelInfo).Info("the log begins", "version", version()) // at any level
	if _, err := w.put(first.Bytes()); err != nil {
		w.Close()
		return nil, fmt.Errorf("nothing can be kept there: %w; make room, or choose another file", errors.Join(err, f.Close()))
	}
	return w, nil
}

// newLogWriter begins a log in a file.
func newLogWriter(path string, stderr io.Writer, file io.WriteCloser, logger func(io.Writer) *slog.Logger) *logWriter {
	w := &logWriter{path: path, stderr: stderr, logger: logger, file: file}
	w.changed = sync.NewCond(&w.mu)
	go w.run()
	return w
}

// openLogFile opens a file for lines behind those that it has. cut says that the last one has no
// end, since there was no room for it.
func openLogFile(path string) (f *os.File, cut bool, err error) {
	f, err = os.OpenFile(path, os.O_WRONLY|os.O_APPEND|os.O_CREATE, 0o600)
	if err != nil {
		return nil, false, err
	}
	info, err := f.Stat()
	if err != nil || !info.Mode().IsRegular() || info.Size() == 0 {
		return f, false, nil
	}
	read, err := os.Open(path)
	if err != nil {
		return f, false, nil // it may be written and not read
	}
	defer read.Close()
	last := make([]byte, 1)
	n, _ := read.ReadAt(last, info.Size()-1)
	return f, n == 1 && last[0] != '\n', nil
}

// Write takes a line. It implements io.Writer for a slog.Handler, and never fails.
func (w *logWriter) Write(line []byte) (int, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	switch {
	case w.closed:
	case w.taken+len(w.lines)+len(line) > maxUnwritten:
		w.lost++
	default:
		if len(w.lines) == 0 {
			w.changed.Broadcast()
		}
		w.lines = append(w.lines, line...)
	}
	return len(line), nil
}

// run writes what has come until the log is closed.
func (w *logWriter) run() {
	var lines []byte
	for {
		var more bool
		if lines, more = w.take(lines); !more {
			return
		}
		rest, err := w.put(lines)
		lines = lines[:copy(lines, rest)]
		if w.tried(lines, err); err != nil {
			time.Sleep(retryTime)
		}
	}
}

// take returns what is to be written next: what is left, or else what has come, for which it
// waits. It returns false when the log is closed.
func (w *logWriter) take(left []byte) ([]byte, bool) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if len(left) > 0 {
		return left, !w.closed
	}
	for len(w.lines) == 0 && w.lost == 0 {
		if w.closed {
			return nil, false
		}
		w.changed.Wait()
	}
	w.mu.Unlock()
	time.Sleep(gatherTime)
	w.mu.Lock()
	lines, lost := w.lines, w.lost
	w.lines, w.lost = left, 0
	if lost > 0 {
		b := bytes.NewBuffer(lines)
		w.logger(b).Warn("lines of the log were lost: they came faster than they could be written", "lines", lost)
		lines = b.Bytes()
	}
	w.taken = len(lines)
	return lines, true
}

// put writes lines, and returns those that are not written, with why.
func (w *logWriter) put(lines []byte) ([]byte, error) {
	w.writing.Lock()
	defer w.writing.Unlock()
	if w.cut { // the line follows once more as a whole
		if _, err := w.file.Write([]byte("\n")); err != nil {
			return lines, err
		}
		w.cut = false
	}
	n, err := w.file.Write(lines)
	if err == nil {
		return nil, nil
	}
	whole := bytes.LastIndexByte(lines[:n], '\n') + 1
	w.cut = whole < n
	return lines[whole:], err
}

// tried notes what a try to write has left. Of a file that cannot be written any more standard
// error is told.
func (w *logWriter) tried(left []byte, err error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if err != nil && !w.failing && w.path != "" { // by somebody who may wait for who reads it
		go fmt.Fprintf(w.stderr, "parley: the log cannot be written, and is tried again: %v\n", err)
	}
	w.taken, w.left, w.failing = len(left), bytes.Count(left, []byte("\n")), err != nil
	w.tries++
	w.changed.Broadcast()
}

// Flush waits until all that has come is written, but not for long, and where that fails for one
// more try.
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
	tries := w.tries
	for (len(w.lines) > 0 || w.lost > 0 || w.taken > 0) && !late && (!w.failing || w.tries == tries) {
		w.changed.Wait()
	}
}

// Close writes what has come and ends.
func (w *logWriter) Close() {
	w.Flush()
	w.mu.Lock()
	defer w.mu.Unlock()
	if n := w.left + bytes.Count(w.lines, []byte("\n")) + w.lost; w.failing && w.path != "" {
		fmt.Fprintf(w.stderr, "parley: the last %d lines of the log are lost\n", n)
	}
	w.closed = true
	w.changed.Broadcast()
}

// Reopen goes on in a new file of the same name. With an error it goes on in the old one.
func (w *logWriter) Reopen() error {
	if w == nil || w.path == "" {
		return nil
	}
	f, cut, err := openLogFile(w.path)
	if err != nil {
		return err
	}
	w.Flush() // what was logged before stays where it was
	w.writing.Lock()
	defer w.writing.Unlock()
	old := w.file
	w.file, w.cut = f, cut
	return old.Close()
}
