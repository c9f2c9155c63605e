package terminal

import (
	"bytes"
	"fmt"
	"slices"
	"strings"

	"github.com/chzyer/readline"

	"parley/eventloop/client"
)

// keys stands on both sides of readline's line editor: it sees each key before
// and the line behind it. readline calls it in a goroutine of its own, which owns
// what is here while a line is being typed; the reader does between two lines.
type keys struct {
	screen   *screen
	complete client.Completer // may be nil
	taken    func() paste     // the text of a pasteRune
	kick     func()           // has readline read on behind Ctrl-C and Ctrl-D
	history  []string         // what is searched through, encoded, the newest last

	line   []rune                                   // behind the last key
	pos    int                                      // of the cursor in it
	edit   func(line []rune, pos int) ([]rune, int) // what the present key does, where that is not readline's work
	drawn  bool                                     // the present key asks to draw the line
	asking bool                                     // whether a burst is to be sent; see filter
	search *search                                  // nil while nothing is searched for

	// interrupted says that the line ended by Ctrl-C. The reader looks at it when
	// the line is there and the next one has not been asked for.
	interrupted bool
}

// secretKeys are the keys that do something in a secret: readline keeps what is
// cut out of a line and would give it back later.
const secretKeys = "\x03\x04\x08\r\x1a\x7f"

// nothing is a key that does nothing. before never drops one: for most of them
// readline would then go on reading keys when the line is done.
const nothing = readline.CharBell

// begin makes ready for a line that begins with a text.
func (k *keys) begin(history []string, text string) {
	line := []rune(text)
	*k = keys{screen: k.screen, complete: k.complete, taken: k.taken, kick: k.kick,
		history: history, line: line, pos: len(line)}
}

// before is called for each key and says what the editor gets in its place.
func (k *keys) before(r rune) (rune, bool) {
	if r == 0 { // the end of the input, also when the reader has gone on already
		return r, true
	}
	if r == drawRune {
		k.drawn = true
		return nothing, true
	}
	if k.screen.isSecret() {
		r = k.inSecret(r)
	}
	if k.search != nil {
		r = k.inSearch(r)
	}
	switch r {
	case readline.CharInterrupt:
		k.interrupted = true // readline would leave the line on the screen
		return readline.CharEnter, true
	case readline.CharCtrlL:
		k.screen.redraw()
	case readline.CharCtrlZ:
		k.screen.suspend()
	case readline.CharBckSearch, readline.CharFwdSearch:
		k.search = newSearch(k.history, k.line, k.pos)
	case readline.CharTab:
		k.edit = k.tab
	case readline.CharBackspace, readline.CharCtrlH:
		k.edit = backspace
	case readline.CharBackward:
		k.edit = func(line []rune, pos int) ([]rune, int) { return line, graphemeBefore(line, pos) }
	case readline.CharForward:
		k.edit = func(line []rune, pos int) ([]rune, int) { return line, graphemeBehind(line, pos) }
	case deleteRune:
		k.edit = deleteNext // as Ctrl-D it would leave the chat on an empty line
	case pasteRune:
		k.edit = k.paste
	case readline.CharDelete:
		if len(k.line) == 0 {
			return r, true
		}
		k.kick()
		k.edit = deleteNext
	default:
		return r, true
	}
	return nothing, true
}

// inSecret returns what a key does in a secret. Ctrl-U drops what was typed.
func (k *keys) inSecret(r rune) rune {
	switch {
	case k.search != nil: // it shows what is typed
		k.search = nil
		if r == readline.CharInterrupt || r == readline.CharDelete {
			k.kick()
		}
		return nothing
	case r == readline.CharCtrlU:
		k.edit = func([]rune, int) ([]rune, int) { return nil, 0 }
		return nothing
	case r >= 0 && r < ' ' || r == 0x7f:
		if !strings.ContainsRune(secretKeys, r) {
			return nothing
		}
	case r < 0, r == newlineRune, r == deleteRune:
		return nothing
	}
	return r
}

// inSearch returns what a key does while something is searched for. What is no
// part of the search ends it, and works on what was found.
func (k *keys) inSearch(r rune) rune {
	s := k.search
	switch {
	case r == readline.CharBckSearch:
		s.next(-1)
	case r == readline.CharFwdSearch:
		s.next(1)
	case r == readline.CharBackspace, r == readline.CharCtrlH:
		s.shorten()
	case r == pasteRune:
		s.extend([]rune(k.taken().text))
	case r == readline.CharBell, r == readline.CharInterrupt:
		k.search = nil
		s.found, s.foundPos = s.draft, s.draftPos
		if r == readline.CharInterrupt {
			k.kick()
		}
	case r >= ' ' && r != deleteRune:
		s.extend([]rune{r})
	default:
		k.search = nil
		return r
	}
	k.edit = func([]rune, int) ([]rune, int) { return slices.Clone(s.found), s.foundPos }
	return nothing
}

// OnChange is called with the line after each key, and may change it. It is also
// called when a line begins, with key 0, and when it is done, with Enter or
// Ctrl-D: then the reader may have gone on already.
func (k *keys) OnChange(line []rune, pos int, key rune) ([]rune, int, bool) {
	if key == 0 || key == readline.CharEnter || key == readline.CharDelete {
		return nil, 0, false
	}
	changed := k.edit != nil
	if k.screen.dropped() {
		line, changed = lastTyped(line, pos, key), true
		pos = len(line)
	}
	if k.edit != nil {
		line, pos = k.edit(line, pos)
		k.edit = nil
	}
	k.line, k.pos = slices.Clone(line), pos // readline goes on writing into what it gets back
	if k.drawn {
		k.drawn = false
		k.screen.update(k.line, pos, k.hint())
	}
	return line, pos, changed
}

// hint is what stands in the place of the prompt; "" for none.
func (k *keys) hint() string {
	switch {
	case k.search != nil:
		return k.search.String()
	case k.asking:
		lines := 1
		for _, r := range k.line {
			if r == newlineRune {
				lines++
			}
		}
		return fmt.Sprintf("Pasted: %d lines. Enter sends them as one text, Ctrl-C drops them: ", lines)
	}
	return ""
}

// paste puts a text into the line as a whole, which costs what one key does.
func (k *keys) paste(line []rune, pos int) ([]rune, int) {
	p := k.taken()
	text := []rune(p.text)
	if k.screen.isSecret() {
		text = slices.DeleteFunc(text, func(r rune) bool { return r == newlineRune })
	} else if p.burst {
		k.asking = true
	}
	return slices.Insert(line, pos, text...), pos + len(text)
}

// lastTyped returns what a key has put into a line.
func lastTyped(line []rune, pos int, key rune) []rune {
	if key >= ' ' && key != 0x7f && pos > 0 && line[pos-1] == key {
		return []rune{key}
	}
	return nil
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
		o.screen.beep()
	}
	return len(b), nil
}
