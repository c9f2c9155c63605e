package main

import (
	"bufio"
	"fmt"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"
)

// A disk has room for so many bytes of a log.
type disk struct {
	mu   sync.Mutex
	room int
	has  strings.Builder
}

func (d *disk) Write(b []byte) (int, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	n := min(len(b), d.room)
	d.room -= n
	d.has.Write(b[:n])
	if n < len(b) {
		return n, &os.PathError{Op: "write", Path: "parley.log", Err: syscall.ENOSPC}
	}
	return n, nil
}

func (d *disk) Close() error { return nil }

func (d *disk) free(room int) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.room = room
}

// onDisk begins a log on a disk. Its lines are told that standard error is told.
func onDisk(t *testing.T, d *disk) (w *logWriter, log *slog.Logger, stderr <-chan string) {
	t.Helper()
	read, write := io.Pipe()
	t.Cleanup(func() { write.Close() })
	told := make(chan string, 100)
	go func() {
		for in := bufio.NewScanner(read); in.Scan(); {
			told <- in.Text()
		}
	}()
	w = newLogWriter("parley.log", write, d, func(to io.Writer) *slog.Logger { return slog.New(slog.NewJSONHandler(to, nil)) })
	return w, w.logger(w), told
}

// While a disk is full the log waits: then each line is there, as one line, and in order. That
// it cannot be written is told once on standard error.
func TestLogOnAFullDisk(t *testing.T) {
	d := &disk{room: 1000}
	w, log, stderr := onDisk(t, d)
	const lines = 120
	for i := range lines {
		log.Info(fmt.Sprintf("line %d ends here", i))
	}
	if says := <-stderr; says != "parley: the log cannot be written, and is tried again: write parley.log: no space left on device" {
		t.Errorf("standard error has %q", says)
	}
	for range 3 { // there is room for some lines and a piece
		d.free(1234)
		w.Flush()
	}
	d.free(1 << 30)
	w.Flush()
	w.Close()
	next, pieces := 0, 0
	for line := range strings.Lines(d.has.String()) {
		if strings.Contains(line, fmt.Sprintf(`"msg":"line %d ends here"}`, next)) && strings.Count(line, "msg") == 1 {
			next++
		} else {
			pieces++
		}
	}
	if next != lines || pieces > 4 {
		t.Errorf("%d of %d lines are there, and %d pieces:\n%s", next, lines, pieces, d.has.String())
	}
	if len(stderr) > 0 {
		t.Errorf("standard error has also %q", <-stderr)
	}
}

// What does not fit while a disk is full is counted; what is left at the end is told.
func TestLogLinesThatAFullDiskLoses(t *testing.T) {
	d := &disk{}
	w, log, stderr := onDisk(t, d)
	text := strings.Repeat("x", 1000)
	const lines = 3000
	for range lines {
		log.Info(text)
	}
	<-stderr // it has been tried
	d.free(1 << 30)
	w.Flush()
	w.Flush() // behind what was lost
	d.mu.Lock()
	has := d.has.String()
	d.mu.Unlock()
	kept, lost := strings.Count(has, text), 0
	for _, told := range strings.Split(has, `"msg":"lines of the log were lost: they came faster than they could be written","lines":`)[1:] {
		var n int
		_, _ = fmt.Sscanf(told, "%d}", &n)
		lost += n
	}
	if kept < 500 || kept+lost != lines {
		t.Errorf("of %d lines %d are there and %d are told to be lost", lines, kept, lost)
	}
	d.free(0)
	log.Info("one")
	log.Info("two")
	<-stderr
	w.Close()
	if says := <-stderr; says != "parley: the last 2 lines of the log are lost" {
		t.Errorf("standard error has %q", says)
	}
}

// A log goes on behind a line that had no room, and has a first line or is refused.
func TestLogBegins(t *testing.T) {
	path := filepath.Join(t.TempDir(), "parley.log")
	if err := os.WriteFile(path, []byte("{\"a\":1}\n{\"a\":"), 0o600); err != nil {
		t.Fatal(err)
	}
	for range 2 {
		w, err := openLog(path, os.Stderr, slog.LevelError)
		if err != nil {
			t.Fatal(err)
		}
		w.Close()
		if err := w.file.Close(); err != nil {
			t.Fatal(err)
		}
	}
	text, err := os.ReadFile(path)
	lines := strings.Split(string(text), "\n")
	if err != nil || len(lines) != 5 || lines[1] != `{"a":` || !strings.Contains(lines[2], `"msg":"the log begins"`) || !strings.Contains(lines[3], `"msg":"the log begins"`) {
		t.Errorf("%v: %s", err, text)
	}
}

// A length of time says its unit, in a file as at a terminal.
func TestTimesInTheLogHaveAUnit(t *testing.T) {
	var b strings.Builder
	f, err := os.Create(filepath.Join(t.TempDir(), "log"))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	newLoggerTo(&b, f, slog.LevelInfo).Info("draining", "return_within", 90*time.Second, "sessions", 3)
	if want := `"return_within":"1m30s","sessions":3}`; !strings.Contains(b.String(), want) {
		t.Errorf("the log says %s, want %s", b.String(), want)
	}
}
