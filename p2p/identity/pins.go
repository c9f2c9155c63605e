package identity

import (
	"fmt"
	"path/filepath"
	"strings"
	"sync"

	"parley/p2p"
	"parley/p2p/ownfile"
)

// Pins remembers the keys of people at one server. They stand in a text file
// that may be edited while no client runs, one line each, sorted:
//
//	NAME@SERVER FINGERPRINT verified|seen YYYY-MM-DD
//
// Lines that begin with # are kept. Several clients may run at once, so whatever
// depends on a key is decided under the lock, by the file as it is then.
//
// The mutex is here because the owner of Pins must not wait for a disk, and
// worker, a goroutine, must.
type Pins struct {
	folder  string
	address string
	report  func(p2p.Event)
	failed  func(error)

	mu    sync.Mutex
	known map[string]p2p.Pin // by name in lower case, as it was last read
	jobs  []job

	wake chan struct{} // there are jobs
	done chan struct{} // worker has ended

	// What worker owns.
	server  string // name of the server in the file
	unsaved []job  // could not be written
}

// A job is something to do with the file. The fields that are not zero say what.
type job struct {
	identity string  // the server has told it
	name     string  // somebody to look up
	pin      p2p.Pin // to keep of that one
	instead  string  // fingerprint in whose place it may be kept
}

// OpenPins reads the pins of a folder for a server at an address without white
// space, HOST:PORT or a path. report is told, from a goroutine, what Look, Keep and
// At lead to, and failed what went wrong in writing; a later Keep tries again.
func OpenPins(folder, address string, report func(p2p.Event), failed func(error)) (*Pins, error) {
	if address == "" || len(strings.Fields(address)) != 1 || strings.TrimSpace(address) != address {
		return nil, fmt.Errorf("%q cannot name a server: it has white space", address)
	}
	if err := ownfile.MakeFolder(folder); err != nil {
		return nil, err
	}
	p := &Pins{
		folder: folder, address: Address(address), report: report, failed: failed, known: map[string]p2p.Pin{},
		wake: make(chan struct{}, 1), done: make(chan struct{}),
	}
	b, err := readBook(folder)
	if err != nil {
		return nil, err
	}
	p.server = b.nameOf(p.address)
	p.learn(&b)
	go p.worker()
	return p, nil
}

// Pin returns what was known of a person when it was last read.
func (p *Pins) Pin(name string) (p2p.Pin, bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	pin, ok := p.known[strings.ToLower(name)]
	return pin, ok
}

// At says which identity the server has told. What is known of a server with that
// identity by another address is known here, too.
func (p *Pins) At(identity string) {
	if isIdentity(identity) {
		p.add(job{identity: identity})
	}
}

// isIdentity reports whether a server may tell that: it stands in a file.
func isIdentity(s string) bool {
	for _, r := range s {
		if r != '-' && r != '_' && (r < '0' || r > '9') && (r < 'A' || r > 'Z') && (r < 'a' || r > 'z') {
			return false
		}
	}
	return s != "" && s != noIdentity && len(s) <= maxIdentity
}

// maxIdentity is how many bytes the identity of a server may have.
const maxIdentity = 64

// Look reads anew what is known of a person.
func (p *Pins) Look(name string) { p.add(job{name: strings.ToLower(name)}) }

// Keep keeps a person's key, unless another one is known by then, which is not the
// one in whose place it may be kept. A key that is verified stays so.
func (p *Pins) Keep(name string, pin p2p.Pin, instead string) {
	p.add(job{name: strings.ToLower(name), pin: pin, instead: instead})
}

func (p *Pins) add(j job) {
	p.mu.Lock()
	p.jobs = append(p.jobs, j)
	p.mu.Unlock()
	select {
	case p.wake <- struct{}{}:
	default: // it is told already
	}
}

// Close waits until all is done. Nothing may be asked after it.
func (p *Pins) Close() {
	close(p.wake)
	<-p.done
}

func (p *Pins) worker() {
	defer close(p.done)
	for range p.wake {
		p.work()
	}
	p.work()
	if len(p.unsaved) > 0 {
		_, _ = p.do(nil)
	}
}

// work does what is to be done, and reports what came of it.
func (p *Pins) work() {
	p.mu.Lock()
	jobs := p.jobs
	p.jobs = nil
	p.mu.Unlock()
	if len(jobs) == 0 {
		return
	}
	events, err := p.do(jobs)
	if err != nil { // nothing is known for sure
		events = events[:0]
		for _, j := range jobs {
			if j.name != "" {
				events = append(events, p2p.Event{Kind: p2p.Pinned, Err: err, Pinned: &p2p.Pinning{Name: j.name}})
			}
		}
	}
	for _, e := range events {
		p.report(e)
	}
}

// do does jobs, and what could not be written before, with the files as they are
// now. The error is one of reading: nothing was done then.
func (p *Pins) do(jobs []job) (events []p2p.Event, err error) {
	unlock, err := lock(p.folder)
	if err != nil {
		return nil, err
	}
	defer unlock()
	b, err := readBook(p.folder)
	if err != nil {
		p.failed(err)
		return nil, err
	}
	pins, servers := string(b.text()), string(b.serversText())
	for _, j := range p.unsaved {
		b.keep(j.name+"@"+p.server, j)
	}
	var kept []job
	for _, j := range jobs {
		switch {
		case j.identity != "":
			name, also := b.meet(p.address, j.identity)
			p.server = name
			if also != "" {
				events = append(events, p2p.Event{Kind: p2p.SameServer, Server: also})
			}
		case j.pin.Fingerprint == "" || !fits(j.name, p.server, j.pin):
			pin := b.pins[j.name+"@"+p.server]
			events = append(events, p2p.Event{Kind: p2p.Pinned, Pinned: &p2p.Pinning{Name: j.name, Before: pin, Now: pin}})
		default:
			before, now := b.keep(j.name+"@"+p.server, j)
			events = append(events, p2p.Event{Kind: p2p.Pinned, Pinned: &p2p.Pinning{Name: j.name, Before: before, Now: now}})
			kept = append(kept, j)
		}
	}
	p.learn(&b)
	p.write(&b, pins, servers, kept)
	return events, nil
}

// fits reports whether the file can have a pin: whether it would be read again.
func fits(name, server string, pin p2p.Pin) bool {
	_, _, ok := parsePin(pinLine(name+"@"+server, pin))
	return ok && name[0] != '#' && !strings.Contains(name, "@")
}

// keep keeps a key, or not; see Pins.Keep.
func (b *book) keep(who string, j job) (before, now p2p.Pin) {
	before, known := b.pins[who]
	now = j.pin
	switch {
	case known && before.Fingerprint == now.Fingerprint:
		now.Since, now.Verified = before.Since, before.Verified || now.Verified
	case known && before.Fingerprint != j.instead:
		return before, before
	}
	b.pins[who] = now
	return before, now
}

// learn notes what the file says of this server.
func (p *Pins) learn(b *book) {
	known := map[string]p2p.Pin{}
	for who, pin := range b.pins {
		if name, at, _ := strings.Cut(who, "@"); at == p.server {
			known[name] = pin
		}
	}
	p.mu.Lock()
	p.known = known
	p.mu.Unlock()
}

// write writes the files that have changed, which were those texts before.
func (p *Pins) write(b *book, pins, servers string, kept []job) {
	var err error
	if text := b.text(); string(text) != pins {
		err = ownfile.Replace(filepath.Join(p.folder, pinsFile), text)
	}
	if text := b.serversText(); string(text) != servers && err == nil {
		err = ownfile.Replace(filepath.Join(p.folder, serversFile), text)
	}
	if err == nil {
		p.unsaved = nil
		return
	}
	p.unsaved = append(p.unsaved, kept...)
	p.failed(fmt.Errorf("keys of peers were not kept: %w", err))
}
