package terminal

import (
	"errors"
	"strings"
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

// remembered is a line for the history.
type remembered struct {
	text string
	keep bool
}

// A Config says how to open a Terminal.
type Config struct {
	Device  Device
	History string // path of the history file; "" for none
	Prompt  string

	// ScreenReader says that what is written is spoken: there are no escape
	// sequences, nothing is drawn anew, and the kernel edits what is typed.
	ScreenReader bool

	// Editor is the person's editor, a command with its options. "" is vi.
	Editor string

	Clock client.Clock // nil for that of the system

	// Complete is called when Tab is pressed, in a goroutine that is not the
	// owner's. It may be nil.
	Complete client.Completer
}

// A Terminal is the client.Keyboard and screen of a Device.
type Terminal struct {
	screen   *screen
	keyboard *keyboard

	input    chan client.Input
	next     chan struct{}
	remember chan remembered
	edits    chan string
	active   chan struct{}
	unwatch  func() // ends Device.Watch

	stop chan struct{} // closed by Close
	done chan struct{} // closed by the reader
	once sync.Once     // Close may also be deferred where the owner has called it
	err  error         // of Close
}

var _ client.Keyboard = (*Terminal)(nil)

// Open takes the device over until Close.
func Open(c Config) (*Terminal, error) {
	if c.ScreenReader {
		c.Device = c.Device.plainly()
	}
	if c.Clock == nil {
		c.Clock = systemClock{}
	}
	t := &Terminal{
		screen:   &screen{device: c.Device, clock: c.Clock, prompt: newPrompt(c.Prompt)},
		input:    make(chan client.Input),
		next:     make(chan struct{}, 1),
		remember: make(chan remembered, maxRemember),
		edits:    make(chan string, 1),
		active:   make(chan struct{}, 1),
		stop:     make(chan struct{}),
		done:     make(chan struct{}),
		unwatch:  func() {},
	}
	if err := t.screen.start(); err != nil {
		return nil, err
	}
	filter := &filter{plain: c.Device.Raw == nil, kernel: c.Device.Echo != nil, question: t.screen.isSecret}
	t.keyboard = newKeyboard(c.Device.In, c.Clock, filter, t.active)
	r := &reader{
		Terminal: t,
		keys:     &keys{screen: t.screen, complete: c.Complete, taken: filter.take},
		history:  openHistory(c.History),
		editor:   editor{command: c.Editor, device: c.Device, screen: t.screen, stop: t.stop},
	}
	if err := r.edit(); err != nil {
		t.keyboard.Close()
		return nil, errors.Join(err, t.screen.close())
	}
	r.keys.kick = r.rl.Terminal.KickRead
	if c.Device.Watch != nil {
		t.unwatch = c.Device.Watch(t.screen.resized, t.screen.continued)
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

// Show shows a block above the line that is being typed. While another program
// has the terminal it waits.
func (t *Terminal) Show(id uint64, block func(columns int) []string) { t.screen.show(id, block) }

// Replace draws a block anew where it stands, if all of it is on the screen.
func (t *Terminal) Replace(id uint64, block func(columns int) []string) bool {
	return t.screen.replace(id, block)
}

// Print shows lines as they are.
func (t *Terminal) Print(text string) {
	if text != "" {
		rows := strings.Split(strings.TrimSuffix(text, "\n"), "\n")
		t.screen.show(0, func(int) []string { return rows })
	}
}

// Clear empties the screen.
func (t *Terminal) Clear() { t.screen.clear() }

// SetPrompt changes what stands before the line. It may have colours (SGR); all
// other escape sequences and control characters are left out.
func (t *Terminal) SetPrompt(prompt string) { t.screen.setPrompt(prompt) }

// SetSecret hides what is typed, or shows it again. What had been typed of the
// present line is dropped.
func (t *Terminal) SetSecret(on bool) { t.screen.setSecret(on) }

// SetTitle sets the title of the window, until Close.
func (t *Terminal) SetTitle(title string) { t.screen.setTitle(title) }

// Bell rings, but at most once in two seconds.
func (t *Terminal) Bell() { t.screen.bell() }

// Remember adds a text to the history, from the next line on; without keep not to
// its file.
func (t *Terminal) Remember(text string, keep bool) {
	select {
	case t.remember <- remembered{text, keep}:
	default:
	}
}

// Edit opens the person's editor with a text before the next line begins. What is
// saved stands in that line. On a terminal that the kernel edits it is that line.
func (t *Terminal) Edit(text string) {
	select {
	case <-t.edits: // only the newest
	default:
	}
	select {
	case t.edits <- text:
	default:
	}
}

// Close restores the terminal and ends the goroutines. The one that waits for a
// key cannot be woken; it ends with the next key or the program.
func (t *Terminal) Close() error {
	t.once.Do(func() {
		t.unwatch()
		t.err = t.screen.close()
		close(t.stop)
		t.keyboard.Close()
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
	editor  editor
	over    bool // readline has ended: there is no more input
}

// edit starts readline as an editor that draws nothing.
func (r *reader) edit() (err error) {
	ok := func() error { return nil }
	out := readlineOut{r.screen}
	r.rl, err = readline.NewEx(&readline.Config{
		Stdin:               r.keyboard,
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
		FuncMakeRaw: ok,
		FuncExitRaw: ok,

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
			r.history.add(text.text, text.keep)
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
	draft := r.edited()
	if draft != "" && !r.screen.rich() {
		return client.Input{Text: decode(draft)}
	}
	r.history.load(r.rl)
	r.rl.Operation.SetBuffer(draft)
	r.keys.begin(withoutRepeats(r.history.newest()), draft)
	r.screen.begin(draft)
	text, ok := r.read()
	by := byEnter
	switch {
	case !ok:
		by = byEnd
	case r.keys.interrupted:
		by = byInterrupt
	}
	secret, stale := r.screen.end(by)
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

// edited returns what the person's editor has saved, if it was asked for.
func (r *reader) edited() string {
	select {
	case text := <-r.edits:
		if r.screen.isSecret() {
			return "" // what is asked for now is something else
		}
		return encode(r.editor.edit(text))
	default:
		return ""
	}
}

// read reads a line. At the end, be it only that of Ctrl-D, it is not ok.
func (r *reader) read() (text string, ok bool) {
	if r.over {
		return "", false
	}
	line, err := r.rl.Readline()
	if err != nil {
		r.over = r.keyboard.isAtEnd()
		return "", false
	}
	return decode(line), true
}

// save writes what is to be remembered.
func (r *reader) save() {
	for {
		select {
		case text := <-r.remember:
			r.history.add(text.text, text.keep)
		default:
			return
		}
	}
}

// systemClock is the time of this machine.
type systemClock struct{}

func (systemClock) Now() time.Time                         { return time.Now() }
func (systemClock) After(d time.Duration) <-chan time.Time { return time.After(d) }

// finish ends readline. Its goroutines wait for somebody to take what was typed
// ahead, so that is read to its end.
func (r *reader) finish() {
	r.save()
	for !r.over {
		r.read()
	}
	r.rl.Close()
}
