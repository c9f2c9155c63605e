package terminal

import (
	"io"
	"sync"
	"time"

	"parley/eventloop/client"
)

const (
	// maxRead is how many bytes are read at once: what the kernel keeps of what is
	// typed or pasted (N_TTY_BUF_SIZE of Linux).
	maxRead = 4096

	// maxPause is how long the end of a paste is waited for.
	maxPause = time.Second
)

// keyboard is the way of the keys to readline: it reads the device when it is
// asked, and gives what the filter makes of it. So nobody reads between two lines,
// when another program may have the terminal.
type keyboard struct {
	in     io.Reader
	clock  client.Clock
	filter *filter
	active chan<- struct{}

	asks  chan struct{} // for a read of the device
	reads chan read
	stop  chan struct{}
	ended chan struct{} // closed when readline has got the end
	once  sync.Once     // for stop

	asked bool   // the device is being read
	out   []byte // what readline has not got yet
	err   error
}

// read is what the device gave.
type read struct {
	bytes []byte
	err   error
}

func newKeyboard(in io.Reader, clock client.Clock, f *filter, active chan<- struct{}) *keyboard {
	k := &keyboard{in: in, clock: clock, filter: f, active: active,
		asks: make(chan struct{}), reads: make(chan read), stop: make(chan struct{}), ended: make(chan struct{})}
	go k.run()
	return k
}

// run reads the device. A read cannot be given up: it ends with the next key, and
// the goroutine then.
func (k *keyboard) run() {
	b := make([]byte, maxRead)
	for {
		select {
		case <-k.asks:
		case <-k.stop:
			return
		}
		n, err := k.in.Read(b)
		select {
		case k.reads <- read{b[:n], err}:
		case <-k.stop:
			return
		}
	}
}

// Read is called by readline alone.
func (k *keyboard) Read(p []byte) (int, error) {
	for len(k.out) == 0 {
		if k.err != nil {
			if !k.isAtEnd() {
				close(k.ended)
			}
			return 0, k.err
		}
		k.fill()
	}
	n := copy(p, k.out)
	k.out = k.out[n:]
	return n, nil
}

// fill waits for keys, for the end of a paste to be overdue, or for Close.
func (k *keyboard) fill() {
	if !k.asked {
		select {
		case k.asks <- struct{}{}:
			k.asked = true
		case <-k.stop:
			k.err = io.EOF
			return
		}
	}
	var overdue <-chan time.Time
	if k.filter.open() {
		overdue = k.clock.After(maxPause)
	}
	select {
	case r := <-k.reads:
		k.asked = false
		if len(r.bytes) > 0 {
			select {
			case k.active <- struct{}{}:
			default:
			}
		}
		k.out = k.filter.feed(r.bytes, k.clock.Now())
		if k.err = r.err; k.err != nil && k.filter.open() {
			k.out = append(k.out, k.filter.end()...)
		}
	case <-overdue:
		k.out = k.filter.end()
	case <-k.stop:
		k.err = io.EOF
	}
}

// Close makes the present and every later Read the last.
func (k *keyboard) Close() error {
	k.once.Do(func() { close(k.stop) })
	return nil
}

func (k *keyboard) isAtEnd() bool {
	select {
	case <-k.ended:
		return true
	default:
		return false
	}
}
