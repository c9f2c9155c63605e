package web

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"time"

	"parley/eventloop/client"
	"parley/p2p/ownfile"
)

const (
	keptFile    = "kept.json"
	keptVersion = 1

	// maxKept is the size in bytes of what is kept, as it is read: some times what
	// client.Kept has with long texts.
	maxKept = 64 << 20

	// keepPause is how long what has happened may be lost if the machine stops at once: so
	// often at most is all of it written.
	keepPause = 5 * time.Second
)

// kept is the content of the file.
type kept struct {
	Version int
	Kept    client.Kept
}

// ReadKept reads what another process has left in a folder; nil: nothing. What cannot be read
// is moved away, and the error tells so: it is no reason not to chat.
func ReadKept(folder string) (*client.Kept, error) {
	path := filepath.Join(folder, keptFile)
	b, err := ownfile.Read(path, "what parley keeps of a chat", maxKept)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	var k kept
	if err == nil {
		err = json.Unmarshal(b, &k)
	}
	if err == nil && k.Version != keptVersion {
		err = fmt.Errorf("it is of another version of parley (%d)", k.Version)
	}
	if err != nil {
		aside := path + ".unread"
		return nil, fmt.Errorf("what was kept of the chat is not used, and is %s now: %w", aside, errors.Join(err, os.Rename(path, aside)))
	}
	return &k.Kept, nil
}

// HasKept reports whether another process has left something for the place.
func (p *Place) HasKept() bool { return hasKept(p.Folder) }

// hasKept reports whether something is kept in a folder, or may be: that it cannot be looked at does not say that there is
// nothing.
func hasKept(folder string) bool {
	_, err := os.Lstat(filepath.Join(folder, keptFile))
	return !errors.Is(err, fs.ErrNotExist)
}

// WriteKept writes what the next process goes on with into the folder of the user whose it is,
// below that of the server, and who was logged in last. Who reads sees all of it, or all of what
// was there before. Where nothing is kept, and there is nothing that is worth it, nothing is written.
func WriteKept(server string, k client.Kept) error {
	folder := userFolder(server, k.Name)
	if !isWorth(k) && !hasKept(folder) {
		return nil
	}
	b, err := json.Marshal(kept{keptVersion, k})
	if err == nil {
		err = os.MkdirAll(folder, 0o700)
	}
	if err == nil {
		err = ownfile.Replace(filepath.Join(folder, keptFile), b)
	}
	if err == nil && k.In {
		err = keepLast(server, k.Name)
	}
	if err != nil {
		return fmt.Errorf("keeping the chat: %w", err)
	}
	return nil
}

// isWorth reports whether there is something to be kept. Of a name that never was logged in, with no lines and no drafts,
// there is nothing; of nobody there may be settings, from before a name was asked.
func isWorth(k client.Kept) bool {
	return k.In || k.Name == "" && len(k.Settings) > 0 || slices.ContainsFunc(k.Talks, func(t client.KeptTalk) bool { return t.Draft != "" || len(t.Entries) > 0 })
}

// A Keeper writes what is to be kept some seconds after something has happened, until Stop.
type Keeper struct {
	server string // the folder of the server
	asks   chan<- client.Ask
	dirty  chan struct{} // has a place for one
	after  func(time.Duration) <-chan time.Time
	failed func(error)
	quit   chan struct{}
	done   chan struct{}
}

// Keep has what happens from now on kept in the folder of a server, until Stop of the Keeper.
// It is called before the chat begins. After is the clock; failed is called, once, from a goroutine of the
// Keeper, if something cannot be written.
func (s *Site) Keep(server string, after func(time.Duration) <-chan time.Time, failed func(error)) *Keeper {
	k := &Keeper{
		server: server, asks: s.asks, dirty: make(chan struct{}, 1), after: after, failed: failed,
		quit: make(chan struct{}), done: make(chan struct{}),
	}
	s.hub.happened = k.happened
	go k.work()
	return k
}

// happened notes that there is something to be kept. It does not wait.
func (k *Keeper) happened() {
	select {
	case k.dirty <- struct{}{}:
	default:
	}
}

// Stop ends the Keeper. What has happened last is for WriteKept.
func (k *Keeper) Stop() {
	close(k.quit)
	<-k.done
}

func (k *Keeper) work() {
	defer close(k.done)
	told := false
	for {
		select {
		case <-k.dirty:
		case <-k.quit:
			return
		}
		select {
		case <-k.after(keepPause):
		case <-k.quit:
			return
		}
		answer := make(chan client.Answer, 1)
		select {
		case k.asks <- client.Ask{Kind: client.AskKept, Answer: func(a client.Answer) { answer <- a }}:
		case <-k.quit:
			return
		}
		select {
		case a := <-answer:
			if a.Kept == nil { // the chat is over
				continue
			}
			if err := WriteKept(k.server, *a.Kept); err != nil && !told {
				told = true
				k.failed(err)
			}
		case <-k.quit:
			return
		}
	}
}
