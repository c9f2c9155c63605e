package terminal

import (
	"bytes"
	"fmt"
	"io"
	"slices"
	"strings"
	"unicode"

	"github.com/chzyer/readline"

	"parley/eventloop/client"
)

// maxListed is how many candidates Tab shows.
const maxListed = 60

// keys stands on both sides of readline's line editor: it sees each key before
// and the line behind it. readline calls it in a goroutine of its own, which owns
// what is here.
type keys struct {
	screen   *screen
	complete client.Completer // may be nil

	drop bool // what was typed is to be dropped

	searching bool   // Ctrl-R or Ctrl-S was pressed
	search    []rune // what is looked for

	// interrupted says that the line ended by Ctrl-C. The reader looks at it when
	// the line is there and the next one has not been asked for.
	interrupted bool
}

// secretKeys are the keys that do something in a secret: readline keeps what is
// cut out of a line and would give it back later.
const secretKeys = "\x03\x04\x08\r\x1a\x7f"

// before is called for each key and says what the editor gets in its place. It
// never drops one: for most of them readline would then go on reading keys when
// the line is done. Ctrl-G does nothing but leave the search.
func (k *keys) before(r rune) (rune, bool) {
	if k.screen.isSecret() {
		r = k.inSecret(r)
	}
	switch r {
	case readline.CharInterrupt:
		if !k.searching {
			// readline would leave the line on the screen.
			k.interrupted = true
			r = readline.CharEnter
		}
	case readline.CharCtrlL:
		k.screen.clear()
		r = readline.CharBell
	case readline.CharCtrlZ:
		k.screen.suspend()
		r = readline.CharBell
	}
	k.follow(r)
	return r, true
}

// inSecret returns what a key does in a secret. Ctrl-U drops what was typed.
func (k *keys) inSecret(r rune) rune {
	switch {
	case k.searching: // leaves the search, which shows what is typed
		return readline.CharBell
	case r == readline.CharCtrlU:
		k.drop = true
		return readline.CharBell
	case r >= 0 && r < ' ' || r == 0x7f:
		if r != 0 && !strings.ContainsRune(secretKeys, r) { // 0 is the end of the input
			return readline.CharBell
		}
	case r < 0, r == newlineRune, r == deleteRune:
		return readline.CharBell
	}
	return r
}

// follow keeps up with readline's search, which it does not show to others.
func (k *keys) follow(r rune) {
	switch {
	case r == readline.CharBckSearch, r == readline.CharFwdSearch:
		k.searching = true
	case !k.searching:
	case r == readline.CharBackspace, r == readline.CharCtrlH:
		k.search = k.search[:max(0, len(k.search)-1)]
	case r >= ' ':
		k.search = append(k.search, r)
	default:
		k.searching, k.search = false, nil
	}
}

// OnChange is called with the line after each key, and may change it. It is also
// called when a line begins, with key 0, and when it is done, with Enter; both
// is nothing to draw.
func (k *keys) OnChange(line []rune, pos int, key rune) ([]rune, int, bool) {
	if key == 0 || key == readline.CharEnter {
		return nil, 0, false
	}
	changed := key == readline.CharTab || key == deleteRune
	if k.screen.dropped() {
		k.drop = false
		line, pos, changed = lastTyped(line, pos, key), 0, true
		pos = len(line)
	}
	if k.drop {
		k.drop = false
		line, pos, changed = nil, 0, true
	}
	switch key {
	case readline.CharTab:
		line, pos = k.tab(line, pos)
	case deleteRune:
		line, pos = deleteNext(line, pos)
	}
	hint := ""
	if k.searching {
		hint = fmt.Sprintf("(search: %s) ", string(k.search))
	}
	k.screen.update(slices.Clone(line), pos, hint) // readline goes on writing into what it gets back
	return line, pos, changed
}

// lastTyped returns what a key has put into a line.
func lastTyped(line []rune, pos int, key rune) []rune {
	if key >= ' ' && key != 0x7f && pos > 0 && line[pos-1] == key {
		return []rune{key}
	}
	return nil
}

// deleteNext does what the Delete key does and takes its rune out of the line
// again. As Ctrl-D it would leave the chat on an empty line.
func deleteNext(line []rune, pos int) ([]rune, int) {
	i := slices.Index(line, deleteRune)
	if i < 0 {
		return line, pos
	}
	return slices.Delete(line, i, min(i+2, len(line))), i
}

// tab completes what is before the cursor as far as all candidates agree, or
// else lists them. readline's own list divides by zero if a candidate is wider
// than the screen, panics on wide characters, and is drawn by two goroutines.
func (k *keys) tab(line []rune, pos int) ([]rune, int) {
	if k.complete == nil || k.screen.isSecret() {
		return line, pos
	}
	candidates, n := k.complete(decode(string(line[:pos])))
	if len(candidates) == 0 || n < 0 || n > pos {
		return line, pos
	}
	agreed := []rune(encode(candidates[0]))
	for _, c := range candidates[1:] {
		agreed = agreed[:agreement(agreed, []rune(encode(c)))]
	}
	if len(candidates) > 1 && len(agreed) <= n {
		k.screen.print(list(candidates))
		return line, pos
	}
	return slices.Replace(line, pos-n, pos, agreed...), pos - n + len(agreed)
}

// agreement returns how many runes a and b have in common at their start,
// whatever their case.
func agreement(a, b []rune) int {
	for i := range a {
		if i == len(b) || unicode.ToLower(a[i]) != unicode.ToLower(b[i]) {
			return i
		}
	}
	return len(a)
}

func list(candidates []string) string {
	more := ""
	if len(candidates) > maxListed {
		more = fmt.Sprintf("  … %d more", len(candidates)-maxListed)
		candidates = candidates[:maxListed]
	}
	return string(paint([]rune(strings.Join(candidates, "  ")))) + more + "\n"
}

// noCompleter keeps readline from completing; see keys.tab.
type noCompleter struct{}

func (noCompleter) Do([]rune, int) ([][]rune, int) { return nil, 0 }

// readlineOut is what readline draws on. Only its bell is let through: it takes
// an emoji for one column, goes back one column for a character that has two,
// loops for ever if the prompt is as wide as the screen, and draws from several
// goroutines. The screen draws the line instead.
type readlineOut struct{ screen *screen }

func (o readlineOut) Write(b []byte) (int, error) {
	if bytes.Equal(b, []byte{readline.CharBell}) {
		o.screen.bell()
	}
	return len(b), nil
}

// keyboard is what is read from, and notes that keys were pressed.
type keyboard struct {
	in     io.Reader
	active chan<- struct{}
}

func (k *keyboard) Read(p []byte) (int, error) {
	n, err := k.in.Read(p)
	if n > 0 {
		select {
		case k.active <- struct{}{}:
		default:
		}
	}
	return n, err
}

// stdin is the way of the keys to readline. Closing it ends a read, and it says
// when readline has come to its end.
type stdin struct {
	*readline.CancelableStdin
	ended chan struct{} // closed at the end
}

func (s *stdin) Read(p []byte) (int, error) {
	n, err := s.CancelableStdin.Read(p)
	if err != nil && !s.isAtEnd() {
		close(s.ended)
	}
	return n, err
}

func (s *stdin) isAtEnd() bool {
	select {
	case <-s.ended:
		return true
	default:
		return false
	}
}
