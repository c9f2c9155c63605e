package terminal

import (
	"errors"
	"sync"
	"time"

	"github.com/chzyer/readline"

	"parley/eventloop/client"
)

const (
	// closeWait is how long Close waits for the goroutines. The terminal has been
	// restored by then; only the history may still be on its way to the disk.
	closeWait = 150 * time.Millisecond

	// maxRemember is how many lines may wait for the reader to save them. One
	// comes with each line that is typed; what is too much is not remembered.
	maxRemember = 16
)

// A Config says how to open a Terminal.
type Config struct {
	Device  Device
	History string // path of the history file; "" for none
	Prompt  string

	// Complete is called when Tab is pressed, in a goroutine that is not the
	// owner's. It may be nil.
	Complete client.Completer
}

// A Terminal is the client.Terminal of a Device.
type Terminal struct {
	screen *screen
	stdin  *stdin

	input    chan client.Input
	next     chan struct{}
	remember chan string
	active   chan struct{}

	stop chan struct{} // closed by Close
	done chan struct{} // closed by the reader
	once sync.Once     // Close may also be deferred where the owner has called it
	err  error         // of Close
}

var _ client.Terminal = (*Terminal)(nil)

// Open takes the device over until Close.
func Open(c Config) (*Terminal, error) {
	t := &Terminal{
		screen:   &screen{device: c.Device, prompt: newPrompt(c.Prompt)},
		input:    make(chan client.Input),
		next:     make(chan struct{}, 1),
		remember: make(chan string, maxRemember),
		active:   make(chan struct{}, 1),
		stop:     make(chan struct{}),
		done:     make(chan struct{}),
	}
	r := &reader{
		Terminal: t,
		keys:     &keys{screen: t.screen, complete: c.Complete},
		history:  openHistory(c.History),
	}
	if err := t.screen.start(); err != nil {
		return nil, err
	}
	pressed := &keyboard{in: c.Device.In, active: t.active}
	t.stdin = &stdin{
		CancelableStdin: readline.NewCancelableStdin(&filter{in: pressed, plain: c.Device.Raw == nil}),
		ended:           make(chan struct{}),
	}
	if err := r.edit(); err != nil {
		t.stdin.Close()
		return nil, errors.Join(err, t.screen.close())
	}
	go r.run()
	return t, nil
}

// Input returns the channel of what was typed.
func (t *Terminal) Input() <-chan client.Input { return t.input }

// Next asks for one Input.
func (t *Terminal) Next() {
	select {
	case t.next <- struct{}{}:
	default:
	}
}

// Active gives a value when keys were pressed since the last one. Keys are only
// looked at while an Input is asked for.
func (t *Terminal) Active() <-chan struct{} { return t.active }

// Print shows lines above the one that is being typed.
func (t *Terminal) Print(text string) { t.screen.print(text) }

// SetPrompt changes what stands before the line. It may have colours (SGR); all
// other escape sequences and control characters are left out.
func (t *Terminal) SetPrompt(prompt string) { t.screen.setPrompt(prompt) }

// SetSecret hides what is typed, or shows it again. What had been typed of the
// present line is dropped.
func (t *Terminal) SetSecret(on bool) { t.screen.setSecret(on) }

// SetTitle sets the title of the window, until Close.
func (t *Terminal) SetTitle(title string) { t.screen.setTitle(title) }

// Bell rings.
func (t *Terminal) Bell() { t.screen.bell() }

// Remember adds a text to the history, from the next line on.
func (t *Terminal) Remember(text string) {
	select {
	case t.remember <- text:
	default:
	}
}

// Close restores the terminal and ends the goroutines. The one that waits for a
// key cannot be woken; it ends with the next key or the program.
func (t *Terminal) Close() error {
	t.once.Do(func() {
		t.err = t.screen.close()
		close(t.stop)
		t.stdin.Close()
		select {
		case <-t.done:
		case <-time.After(closeWait):
		}
	})
	return t.err
}

// reader is the goroutine that asks readline for lines. It owns the history.
type reader struct {
	*Terminal
	rl      *readline.Instance
	keys    *keys
	history *history
	over    bool // readline has ended: there is no more input
}

// edit starts readline as an editor that draws nothing.
func (r *reader) edit() (err error) {
	nothing := func() error { return nil }
	out := readlineOut{r.screen}
	r.rl, err = readline.NewEx(&readline.Config{
		Stdin:               r.stdin,
		Stdout:              out,
		Stderr:              out,
		AutoComplete:        noCompleter{},
		Listener:            r.keys,
		FuncFilterInputRune: r.keys.before,

		FuncIsTerminal:     func() bool { return false }, // to draw nothing
		FuncGetWidth:       func() int { return 80 },     // 0 would switch the search off
		FuncOnWidthChanged: func(func()) {},

		// The terminal is raw from Open to Close. readline would leave that mode
		// after each line, and Ctrl-C would become a signal.
		FuncMakeRaw: nothing,
		FuncExitRaw: nothing,

		HistoryLimit:           maxHistory + 1, // and the line that is being typed
		DisableAutoSaveHistory: true,           // it would run while the reader loads it
	})
	return err
}

func (r *reader) run() {
	defer close(r.done)
	defer r.finish()
	for {
		select {
		case <-r.stop:
			return
		case text := <-r.remember:
			r.history.add(text)
		case <-r.next:
			input := r.line()
			select {
			case <-r.stop: // what was half typed came as a line
				return
			default:
			}
			select {
			case r.input <- input:
			case <-r.stop:
				return
			}
		}
	}
}

// line reads a line that is shown.
func (r *reader) line() client.Input {
	r.save()
	r.history.load(r.rl)
	r.keys.interrupted = false
	r.screen.begin()
	text, ok := r.read()
	secret, stale := r.screen.end()
	if stale {
		text = ""
	}
	if secret {
		r.rl.ResetHistory() // it has a copy of what was typed
	}
	switch {
	case !ok:
		return client.Input{Kind: client.InputEnd, Secret: secret}
	case r.keys.interrupted:
		return client.Input{Kind: client.InputInterrupt, Text: text, Secret: secret}
	}
	return client.Input{Text: text, Secret: secret}
}

// read reads a line. At the end, be it only that of Ctrl-D, it is not ok.
func (r *reader) read() (text string, ok bool) {
	if r.over {
		return "", false
	}
	line, err := r.rl.Readline()
	if err != nil {
		r.over = r.stdin.isAtEnd()
		return "", false
	}
	return decode(line), true
}

// save writes what is to be remembered.
func (r *reader) save() {
	for {
		select {
		case text := <-r.remember:
			r.history.add(text)
		default:
			return
		}
	}
}

// finish ends readline. Its goroutines wait for somebody to take what was typed
// ahead, so that is read to its end.
func (r *reader) finish() {
	r.save()
	for !r.over {
		r.read()
	}
	r.rl.Close()
}
