package chatlog

import (
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"parley/eventloop/client/timeline"
)

const (
	// tailSize is how many bytes at the end of a file are searched for what the
	// history tells again: room for the hundred messages of a history.
	tailSize = 1 << 20

	// maxSkew is how far the times of one text may differ: of one's own the time of
	// one's own clock was written, and the history has the server's.
	maxSkew = time.Minute

	maxName = 100 // bytes of a part of a path; most systems allow 255
)

// files are those of one server. One goroutine owns them.
type files struct {
	folder string
	write  func(path, text string) error
	tail   tail
}

// A tail is the end of the file to which a history is being added.
type tail struct {
	path  string                 // "": no history is being added
	known map[string][]time.Time // when its texts were said
}

// add appends a text to the file of its conversation.
func (f *files) add(e timeline.Entry, b body) error {
	path := filepath.Join(f.folder, fileName(e.In))
	switch {
	case !e.Old && !e.Missed:
		f.tail = tail{}
	case e.Old && e.At.IsZero():
		return nil // nobody knows when it was said
	default:
		if f.tail.path != path {
			f.tail = tail{path, readTail(path)}
		}
		if f.tail.takes(b) {
			return nil
		}
	}
	return f.write(path, b.at.Format(time.RFC3339)+" "+b.text+"\n")
}

// takes reports whether a text is in the tail, and takes it out: who says the same
// twice is to be found there twice.
func (t *tail) takes(b body) bool {
	times := t.known[b.text]
	i := slices.IndexFunc(times, func(at time.Time) bool { return at.Sub(b.at).Abs() <= maxSkew })
	if i >= 0 {
		t.known[b.text] = slices.Delete(times, i, i+1)
	}
	return i >= 0
}

// readTail returns the texts at the end of a file, none if it cannot be read.
func readTail(path string) map[string][]time.Time {
	known := make(map[string][]time.Time)
	if info, err := os.Stat(path); err != nil || !info.Mode().IsRegular() {
		return known
	}
	f, err := os.Open(path)
	if err != nil {
		return known
	}
	defer f.Close()
	if _, err := f.Seek(-tailSize, io.SeekEnd); err != nil { // the file is shorter
		_, _ = f.Seek(0, io.SeekStart)
	}
	text, _ := io.ReadAll(f)
	lines := strings.ReplaceAll(strings.TrimSuffix(string(text), "\n"), "\n\t", "\t\t") // one line for each text
	for line := range strings.SplitSeq(lines, "\n") {
		stamp, said, _ := strings.Cut(line, " ")
		if at, err := time.Parse(time.RFC3339, stamp); err == nil {
			said = strings.ReplaceAll(said, "\t\t", "\n\t")
			known[said] = append(known[said], at)
		}
	}
	return known
}

// appendTo appends to a file, which only its owner can read, or leaves it as it was.
func appendTo(path, text string) error {
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return err
	}
	info, err := os.Stat(path)
	if err == nil && !info.Mode().IsRegular() { // a named pipe would block for ever
		return fmt.Errorf("%s is no file", path)
	}
	f, err := os.OpenFile(path, os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	_, err = f.WriteString(text)
	if err != nil && info != nil {
		err = errors.Join(err, f.Truncate(info.Size())) // half a line would spoil the next one
	}
	return errors.Join(err, f.Close())
}

func folderOf(cfg Config) string { return filepath.Join(cfg.Folder, safeName(cfg.Server)) }

// fileName is the name of the file of a conversation.
func fileName(c timeline.Conversation) string {
	switch c.Place {
	case timeline.Direct:
		return "direct-" + safeName(c.Name) + ".log"
	case timeline.Private:
		return "private-" + safeName(c.Name) + ".log"
	case timeline.Room:
		return "room-" + safeName(c.Name) + ".log"
	}
	return "lobby.log"
}

// safeName makes a name one part of a path, and different names different parts,
// whatever the system makes of letter case: all but lower case letters, digits, the dash
// and the dot inside is written as %XX, a colon as _. What is too long ends with a hash.
func safeName(name string) string {
	var b strings.Builder
	for i := range len(name) {
		switch c := name[i]; {
		case 'a' <= c && c <= 'z', '0' <= c && c <= '9', c == '-', c == '.' && i > 0 && i < len(name)-1:
			b.WriteByte(c)
		case c == ':':
			b.WriteByte('_')
		default:
			fmt.Fprintf(&b, "%%%02X", c)
		}
	}
	s := b.String()
	switch {
	case s == "":
		return "%"
	case len(s) > maxName:
		hash := fmt.Sprintf("-%x", sha256.Sum256([]byte(name)))
		return s[:maxName/2] + hash[:maxName/2]
	}
	return s
}
