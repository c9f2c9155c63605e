package terminal

import (
	"errors"
	"os"

	"golang.org/x/sys/windows"
	"golang.org/x/term"
)

// stop is nil: Windows has no Ctrl-Z.
var stop func()

// watch is nil: a console sends no signals. The size is looked at whenever
// something is drawn.
var watch func(resized, continued func()) (stop func())

// setInterrupts does nothing: a console knows no other key that ends a line.
func setInterrupts(*os.File, bool) {}

// setQuiet keeps the console from making a signal of Ctrl-C.
func setQuiet(in *os.File) { setMode(in, windows.ENABLE_PROCESSED_INPUT, false) }

// setEcho has the console show what is typed, or not.
func setEcho(in *os.File, on bool) { setMode(in, windows.ENABLE_ECHO_INPUT, on) }

func setMode(in *os.File, bit uint32, on bool) {
	var mode uint32
	if windows.GetConsoleMode(windows.Handle(in.Fd()), &mode) != nil {
		return
	}
	mode &^= bit
	if on {
		mode |= bit
	}
	_ = windows.SetConsoleMode(windows.Handle(in.Fd()), mode)
}

// makeRaw makes the console of Windows 10 and later one that sends and
// understands the escape sequences of xterm.
func makeRaw(in, out *os.File) (restore func() error, err error) {
	screen := windows.Handle(out.Fd())
	var mode uint32
	if err := windows.GetConsoleMode(screen, &mode); err != nil {
		return nil, err
	}
	state, err := term.MakeRaw(int(in.Fd()))
	if err != nil {
		return nil, err
	}
	restore = func() error {
		return errors.Join(term.Restore(int(in.Fd()), state), windows.SetConsoleMode(screen, mode))
	}
	sequences := mode | windows.ENABLE_PROCESSED_OUTPUT | windows.ENABLE_VIRTUAL_TERMINAL_PROCESSING
	if err := windows.SetConsoleMode(screen, sequences); err != nil {
		return nil, errors.Join(err, restore())
	}
	return restore, nil
}
