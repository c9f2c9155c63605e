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

	// Echo switches on or off that the kernel shows what is typed; nil where Raw
	// has taken that over, or where nobody types.
	Echo func(on bool)

	// Size returns the size of the screen in characters; 0 is unknown. It is
	// called for everything that is drawn, so a change needs no signal.
	Size func() (columns, rows int)

	// Stop stops the program until it is continued (Ctrl-Z); nil if it cannot.
	Stop func()

	Bell bool // Out is a terminal, so it can ring
}

// Files returns the Device of a program's input and output. The terminal is the
// value of TERM.
func Files(in, out *os.File, terminal string) Device {
	d := Device{In: in, Out: out, Stop: stop, Bell: term.IsTerminal(int(out.Fd()))}
	d.Size = func() (columns, rows int) {
		columns, rows, err := term.GetSize(int(out.Fd()))
		if err != nil {
			return 0, 0
		}
		return columns, rows
	}
	switch keyboard := term.IsTerminal(int(in.Fd())); {
	case keyboard && d.Bell && terminal != "dumb":
		d.Raw = func() (func() error, error) { return makeRaw(in, out) }
	case keyboard:
		d.Echo = func(on bool) { setEcho(in, on) }
	}
	return d
}
