package terminal

import (
	"os"
	"path/filepath"
	"strings"

	"github.com/chzyer/readline"
	"github.com/gofrs/flock"
)

// maxHistory is how many lines the up and down keys reach. The file has up to
// twice as many before it is cut.
const maxHistory = 500

// history is the lines that were typed before, the newest last. It is kept here
// and given to readline anew for each line, since readline writes files that
// others can read, and saves the wrong text after the up key (what was typed
// over an old line instead of what is to be saved).
//
// Lines are in the form that encode gives, so that each is one line of the file.
// A file that cannot be read or written costs nothing but the history.
type history struct {
	path  string // "" for none
	lines []string
	kept  bool // the newest is in the file
}

func openHistory(path string) *history {
	h := &history{path: path}
	if path == "" {
		return h
	}
	_ = os.MkdirAll(filepath.Dir(path), 0o700)
	info, err := os.Stat(path)
	if err != nil {
		return h
	}
	if !info.Mode().IsRegular() { // a named pipe would block for ever
		h.path = ""
		return h
	}
	_ = os.Chmod(path, 0o600) // it may be older, or made with another mode
	defer h.lock()()
	text, err := os.ReadFile(path)
	if err != nil {
		return h
	}
	for line := range strings.Lines(string(text)) {
		if line = encode(strings.TrimRight(line, "\r\n")); line != "" {
			h.lines = append(h.lines, line)
		}
	}
	h.kept = true
	if len(h.lines) > 2*maxHistory {
		h.lines = h.lines[len(h.lines)-maxHistory:]
		h.rewrite()
	} else if len(text) > 0 && text[len(text)-1] != '\n' { // or the next line would be one with the last
		h.rewrite()
	}
	return h
}

// lock keeps other clients from the file until the function that it returns is
// called. Where there are no locks one does without.
func (h *history) lock() (unlock func()) {
	f := flock.New(h.path + ".lock")
	_ = f.Lock()
	return func() { _ = f.Close() }
}

// rewrite puts a shorter file in the place of the old one.
func (h *history) rewrite() {
	f, err := os.CreateTemp(filepath.Dir(h.path), ".history-*") // has the mode 0600
	if err != nil {
		return
	}
	_, err = f.WriteString(strings.Join(h.lines, "\n") + "\n")
	if closed := f.Close(); err != nil || closed != nil || os.Rename(f.Name(), h.path) != nil {
		_ = os.Remove(f.Name())
	}
}

// add remembers a text; without keep it is in no file. The file is opened each
// time since another client may have put a shorter one in its place.
func (h *history) add(text string, keep bool) {
	line := encode(text)
	if strings.TrimSpace(line) == "" {
		return
	}
	if again := len(h.lines) > 0 && h.lines[len(h.lines)-1] == line; !again {
		h.lines = append(h.lines, line)
	} else if h.kept || !keep {
		return
	}
	h.kept = keep
	if h.path == "" || !keep {
		return
	}
	defer h.lock()()
	f, err := os.OpenFile(h.path, os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o600)
	if err != nil {
		return
	}
	_, _ = f.Write(append([]byte(line), '\n'))
	_ = f.Close()
}

// newest returns the lines that the keys reach.
func (h *history) newest() []string { return h.lines[max(0, len(h.lines)-maxHistory):] }

// load gives readline the newest lines.
func (h *history) load(rl *readline.Instance) {
	rl.ResetHistory()
	newest := h.newest()
	for _, line := range newest {
		_ = rl.SaveHistory(line)
	}
	if len(newest) == 0 {
		_ = rl.SaveHistory("") // Ctrl-R and Ctrl-C panic where there is no line at all
	}
}
