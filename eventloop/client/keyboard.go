package client

// An Input is what the keyboard gave.
type Input struct {
	Kind InputKind
	Text string // the line, without its newline; pasted lines are separated by \n

	// Secret says that all of the line was typed while the terminal was to hide
	// what is typed.
	Secret bool
}

// An InputKind says how a line ended.
type InputKind uint8

// The kinds of input.
const (
	InputLine      InputKind = iota // Enter
	InputInterrupt                  // Ctrl-C; Text is what had been typed
	InputEnd                        // Ctrl-D on an empty line, or the end of a pipe
)

// A Keyboard is where lines come from. All methods but Input and Active are called by
// the one goroutine that owns the App.
type Keyboard interface {
	// Input gives one Input for each call of Next: the keyboard asks for the next
	// line only when the last one has been handled.
	Input() <-chan Input
	Next()
	// Active gives a value when keys were pressed since the last one.
	Active() <-chan struct{}
	// Remember adds a line to the history of the up and down keys; keep says that
	// the next run may know it, too.
	Remember(line string, keep bool)
	// Edit opens the person's editor with a text. What is saved there becomes the
	// line that is being typed.
	Edit(text string)
	// Close restores the terminal. It is safe to call twice.
	Close() error
}

// A Completer gives what the text before the cursor may be completed to: the
// candidates for its last length characters.
type Completer func(before string) (candidates []string, length int)
