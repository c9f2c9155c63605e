package terminal

import (
	"io"
	"os"

	"golang.org/x/term"
)

// A Device is a keyboard and a screen.
type Device struct {
	In  io.Reader
	Out io.Writer

	// Raw takes the keyboard away from the kernel's own line editing, so that
	// keys come one by one, and returns what gives it back. It is nil where lines
	// are read and written plainly, without keys and escape sequences: in files,
	// pipes and on terminals that know no escape sequences.
	Raw func() (restore func() error, err error)

	// Echo switches on or off that the kernel shows what is typed; nil where nobody
	// types. It has no use while the keyboard is taken away from the kernel.
	Echo func(on bool)

	// Interrupts says whether Ctrl-C ends the line that the kernel edits, as its last
	// character, in place of being a signal, which would end the program; nil where
	// nobody types. It has no use while the keyboard is taken away from the kernel.
	Interrupts func(on bool)

	// Quiet keeps keys from being signals, while another program that this one
	// waits for has the keyboard: Ctrl-C there would end both. It may be nil.
	Quiet func()

	// Size returns the size of the screen in characters; 0 is unknown. It is
	// called for everything that is drawn.
	Size func() (columns, rows int)

	// Watch has resized called when the size may have changed, and continued when
	// the program goes on that was stopped, until stop is called. It may be nil.
	Watch func(resized, continued func()) (stop func())

	// Reflow says that the terminal wraps anew what is on the screen when its width
	// changes. Others cut the rows.
	Reflow bool

	// Stop stops the program until it is continued (Ctrl-Z); nil if it cannot.
	Stop func()

	Bell   bool // Out is a terminal, so it can ring
	Spoken bool // a screen reader speaks what is written
}

// Files returns the Device of a program's input and output. The terminal is told
// by the environment.
func Files(in, out *os.File, getenv func(string) string) Device {
	d := Device{In: in, Out: out, Stop: stop, Watch: watch, Bell: term.IsTerminal(int(out.Fd())), Reflow: reflows(getenv)}
	d.Size = func() (columns, rows int) {
		columns, rows, err := term.GetSize(int(out.Fd()))
		if err != nil {
			return 0, 0
		}
		return columns, rows
	}
	if !term.IsTerminal(int(in.Fd())) {
		return d
	}
	d.Echo = func(on bool) { setEcho(in, on) }
	d.Interrupts = func(on bool) { setInterrupts(in, on) }
	if d.Bell && getenv("TERM") != "dumb" {
		d.Raw = func() (func() error, error) { return makeRaw(in, out) }
		d.Quiet = func() { setQuiet(in) }
	}
	return d
}

// plainly returns the device as one that knows no escape sequences.
func (d Device) plainly() Device {
	d.Raw, d.Quiet, d.Spoken = nil, nil, true
	return d
}
