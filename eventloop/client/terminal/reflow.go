package terminal

import "runtime"

// reflowing tells terminals that wrap anew what is on the screen when its width
// changes, by what they put into the environment. The first entry that fits
// counts; "" fits every value but none. What runs inside of another terminal comes
// first, since it leaves that one's variables as they are.
var reflowing = []struct {
	variable, value string
	reflows         bool
}{
	{"TMUX", "", true}, // grid_reflow, since 1.9
	{"STY", "", false}, // GNU screen cuts
	{"ZELLIJ", "", true},
	{"XTERM_VERSION", "", false}, // xterm cuts
	{"TERM", "linux", false},     // so does the console of Linux
	{"VTE_VERSION", "", true},    // GNOME Terminal and its like, since 0.36
	{"KITTY_WINDOW_ID", "", true},
	{"KONSOLE_VERSION", "", true}, // since 21.12
	{"ALACRITTY_WINDOW_ID", "", true},
	{"GHOSTTY_RESOURCES_DIR", "", true},
	{"WT_SESSION", "", true}, // Windows Terminal
	{"TERM_PROGRAM", "iTerm.app", true},
	{"TERM_PROGRAM", "Apple_Terminal", true},
	{"TERM_PROGRAM", "WezTerm", true},
	{"TERM_PROGRAM", "ghostty", true},
	{"TERM_PROGRAM", "vscode", true}, // xterm.js
	// The rest comes over ssh as well, which passes on nothing but TERM.
	{"TERM", "xterm-kitty", true},
	{"TERM", "alacritty", true},
	{"TERM", "foot", true},
	{"TERM", "wezterm", true},
	{"TERM", "xterm-ghostty", true},
	{"TERM", "tmux-256color", true},
	{"TERM", "tmux", true},
}

// reflows reports whether the terminal is known to wrap anew. Taking a terminal
// that does for one that cuts leaves rows on the screen which were drawn anew
// below; the other way round rows would be erased that are not drawn again.
func reflows(getenv func(string) string) bool {
	for _, known := range reflowing {
		if v := getenv(known.variable); v != "" && (known.value == "" || v == known.value) {
			return known.reflows
		}
	}
	return runtime.GOOS == "windows" // the console of Windows 10 wraps anew
}
