package identity

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"sync"

	"parley/p2p"
)

// Pins remembers the keys of people at one server. They stand in a text file
// that may be edited while no client runs, one line each, sorted:
//
//	NAME@SERVER FINGERPRINT verified|seen YYYY-MM-DD
//
// Lines that begin with # are kept. Several clients may write at once: what one
// has to say of a name replaces what the file said of that name only.
//
// The mutex is here because the owner of Pins must not wait for a disk, and
// writer, a goroutine, must.
type Pins struct {
	path   string
	server string
	failed func(error)

	mu      sync.Mutex
	known   map[string]p2p.Pin // by name in lower case
	unsaved map[string]p2p.Pin

	save chan struct{} // there is something unsaved
	done chan struct{} // writer has ended
}

// OpenPins reads the pins of a folder for a server, which is named by any label
// without white space, such as "chat.example:9998". failed is called from a
// goroutine with what went wrong in writing; a later Keep tries again.
func OpenPins(folder, server string, failed func(error)) (*Pins, error) {
	if server == "" || len(strings.Fields(server)) != 1 || strings.TrimSpace(server) != server {
		return nil, fmt.Errorf("%q cannot name a server: it has white space", server)
	}
	if err := makeFolder(folder); err != nil {
		return nil, err
	}
	p := &Pins{
		path: filepath.Join(folder, pinsFile), server: server, failed: failed,
		known: map[string]p2p.Pin{}, unsaved: map[string]p2p.Pin{},
		save: make(chan struct{}, 1), done: make(chan struct{}),
	}
	book, err := readBook(p.path)
	if err != nil {
		return nil, err
	}
	for who, pin := range book.pins {
		if name, at, _ := strings.Cut(who, "@"); at == server {
			p.known[name] = pin
		}
	}
	go p.writer()
	return p, nil
}

// Pin returns what is remembered of a person.
func (p *Pins) Pin(name string) (p2p.Pin, bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	pin, ok := p.known[strings.ToLower(name)]
	return pin, ok
}

// Keep remembers a person's key, at once here and soon in the file. What would
// make the file unreadable, such as a name with white space, stays here.
func (p *Pins) Keep(name string, pin p2p.Pin) {
	name = strings.ToLower(name)
	_, _, fits := parsePin(pinLine(name+"@"+p.server, pin))
	p.mu.Lock()
	p.known[name] = pin
	if fits && name[0] != '#' && !strings.Contains(name, "@") {
		p.unsaved[name] = pin
	}
	p.mu.Unlock()
	select {
	case p.save <- struct{}{}:
	default: // it is told already
	}
}

// Close waits until all is written. Nothing may be kept after it.
func (p *Pins) Close() {
	close(p.save)
	<-p.done
}

func (p *Pins) writer() {
	defer close(p.done)
	for range p.save {
		p.flush()
	}
	p.flush()
}

// flush writes what is unsaved.
func (p *Pins) flush() {
	p.mu.Lock()
	changes := p.unsaved
	p.unsaved = map[string]p2p.Pin{}
	p.mu.Unlock()
	if len(changes) == 0 {
		return
	}
	err := p.merge(changes)
	if err == nil {
		return
	}
	p.mu.Lock()
	for name, pin := range changes {
		if _, newer := p.unsaved[name]; !newer {
			p.unsaved[name] = pin
		}
	}
	p.mu.Unlock()
	p.failed(fmt.Errorf("keys of peers were not kept: %w", err))
}

// merge puts changes into the file as it is now.
func (p *Pins) merge(changes map[string]p2p.Pin) error {
	unlock, err := lock(filepath.Dir(p.path))
	if err != nil {
		return err
	}
	defer unlock()
	book, err := readBook(p.path)
	if err != nil {
		return err
	}
	for name, pin := range changes {
		book.pins[name+"@"+p.server] = pin
	}
	return replace(p.path, book.text())
}

// readBook reads a file of pins; a missing one is empty.
func readBook(path string) (book, error) {
	text, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		return newBook(), nil
	}
	if err != nil {
		return book{}, fmt.Errorf("reading the keys of peers: %w", err)
	}
	b, err := parseBook(string(text))
	if err != nil {
		return book{}, fmt.Errorf("%s: %w", path, err)
	}
	return b, nil
}
