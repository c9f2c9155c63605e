package terminal

import (
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/mattn/go-runewidth"
)

// A kind is what a terminal makes of the screen when its size changes, and when
// it is told to erase all of it.
type kind int

const (
	cuts  kind = iota // xterm, the console of Linux, pyte: rows are cut off
	tmux              // wraps anew, blank rows at the bottom too; erasing the screen puts it into the scrollback
	wraps             // VTE, kitty: wraps anew and drops blank rows at the bottom
)

// vtRow is a row of the screen or of the scrollback.
type vtRow struct {
	cells []string // "" is the right half of a wide character
	wraps bool     // its text goes on in the next row
	pad   int      // cells at its end that were left empty: a wide character had no room
}

func (r vtRow) String() string { return strings.TrimRight(strings.Join(r.cells, ""), " ") }

// text is the cells that have text, of a row that goes on in the next one.
func (r vtRow) text() []string { return r.cells[:len(r.cells)-r.pad] }

// vt is a model of a terminal's screen: enough of a VT100 to see what a user
// sees. It wraps as xterm does, only before the character that has no room.
type vt struct {
	kind          kind
	columns, rows int
	screen        []vtRow
	row, column   int     // column == columns: the next character wraps
	scrolled      []vtRow // rows that left at the top
	title         string
	titles        []string // the stack
	bells         int
	paste         bool
	pending       []byte // an escape sequence or a rune that is not complete
	all           []byte // everything that came
	unknown       []string
}

func newVT(columns, rows int) *vt {
	v := &vt{columns: columns, rows: rows}
	for range rows {
		v.screen = append(v.screen, v.blank())
	}
	return v
}

func (v *vt) blank() vtRow {
	return vtRow{cells: strings.Split(strings.Repeat(" ", v.columns), "")}
}

func (v *vt) feed(b []byte) {
	v.all = append(v.all, b...)
	v.pending = append(v.pending, b...)
	for len(v.pending) > 0 {
		n := v.step(v.pending)
		if n == 0 {
			return
		}
		v.pending = v.pending[n:]
	}
}

// step takes one character or escape sequence and returns its length, 0 if it is
// not complete.
func (v *vt) step(b []byte) int {
	switch b[0] {
	case '\r':
		v.column = 0
	case '\n':
		v.newline()
	case '\b':
		v.column = max(0, min(v.column, v.columns-1)-1)
	case '\a':
		v.bells++
	case 0x1b:
		return v.sequence(string(b))
	default:
		if !utf8.FullRune(b) {
			return 0
		}
		r, n := utf8.DecodeRune(b)
		v.put(r)
		return n
	}
	return 1
}

func (v *vt) newline() {
	v.row++
	if v.row == v.rows {
		v.scroll()
		v.row--
	}
}

// scroll moves the top row into the scrollback.
func (v *vt) scroll() {
	v.scrolled = append(v.scrolled, v.screen[0])
	v.screen = append(v.screen[1:], v.blank())
}

func (v *vt) put(r rune) {
	w := runewidth.RuneWidth(r)
	if v.column+w > v.columns {
		v.screen[v.row].wraps, v.screen[v.row].pad = true, v.columns-v.column
		v.column = 0
		v.newline()
	}
	cells := v.screen[v.row].cells
	if w == 0 {
		cells[max(0, v.column-1)] += string(r)
		return
	}
	cells[v.column] = string(r)
	if w == 2 {
		cells[v.column+1] = ""
	}
	v.column += w
}

func (v *vt) sequence(s string) int {
	if strings.HasPrefix(s, "\x1b]") {
		end := strings.IndexByte(s, '\a')
		if end >= 0 {
			v.title = strings.TrimPrefix(s[2:end], "0;")
		}
		return end + 1
	}
	end := strings.IndexFunc(s, func(r rune) bool { return r >= '@' && r <= '~' && r != '[' })
	if end < 0 {
		return 0
	}
	v.control(s[2:end], s[end])
	return end + 1
}

func (v *vt) control(parameter string, final byte) {
	n, _ := strconv.Atoi(parameter)
	switch {
	case final == 'm':
	case final == 'A':
		v.row = max(0, v.row-max(1, n))
	case final == 'C':
		v.column = min(v.columns-1, v.column+max(1, n))
	case final == 'H' && parameter == "":
		v.row, v.column = 0, 0
	case final == 'K' && parameter == "2":
		v.screen[v.row] = v.blank()
	case final == 'J' && parameter == "":
		v.eraseBelow()
	case parameter == "?2004":
		v.paste = final == 'h'
	case parameter == "22;0" && final == 't':
		v.titles = append(v.titles, v.title)
	case parameter == "23;0" && final == 't':
		v.title = v.titles[len(v.titles)-1]
		v.titles = v.titles[:len(v.titles)-1]
	default:
		v.unknown = append(v.unknown, parameter+string(final))
	}
}

func (v *vt) eraseBelow() {
	if v.kind == tmux && v.row == 0 && v.column == 0 {
		for range v.used() {
			v.scroll()
		}
		return
	}
	v.column = min(v.column, v.columns-1)
	copy(v.screen[v.row].cells[v.column:], v.blank().cells)
	v.screen[v.row].wraps, v.screen[v.row].pad = false, 0
	for row := v.row + 1; row < v.rows; row++ {
		v.screen[row] = v.blank()
	}
}

// used is how many rows of the screen are not blank at its end.
func (v *vt) used() int {
	n := v.rows
	for n > 0 && v.screen[n-1].String() == "" {
		n--
	}
	return n
}

func (v *vt) line(row int) string { return v.screen[row].String() }

// String is the screen, without what is empty at its end.
func (v *vt) String() string {
	var lines []string
	for row := range v.screen {
		lines = append(lines, v.line(row))
	}
	return strings.TrimRight(strings.Join(lines, "\n"), "\n")
}

// lines are the rows of the screen from one to another.
func (v *vt) lines(from, to int) []string {
	var lines []string
	for row := from; row < to; row++ {
		lines = append(lines, v.line(row))
	}
	return lines
}

// text is all that can be scrolled back to and the screen. Rows that the terminal
// has wrapped are one line.
func (v *vt) text() string {
	var text strings.Builder
	for _, row := range slices.Concat(v.scrolled, v.screen) {
		if row.wraps {
			text.WriteString(strings.Join(row.text(), ""))
			continue
		}
		text.WriteString(row.String() + "\n")
	}
	return "\n" + text.String()
}

// resize gives the screen another size, as the kind of terminal does.
func (v *vt) resize(columns, rows int) {
	if v.kind == cuts {
		v.cut(columns, rows)
	} else {
		v.reflow(columns, rows)
	}
	v.column = min(v.column, columns-1)
}

// cut keeps the rows but for what is right of the edge or below it. The row of the
// cursor stays on the screen.
func (v *vt) cut(columns, rows int) {
	for v.row >= rows {
		v.scroll()
		v.row--
	}
	v.columns, v.rows = columns, rows
	for i, row := range v.screen {
		v.screen[i] = vtRow{cells: append(row.cells, v.blank().cells...)[:columns]}
	}
	for len(v.screen) < rows {
		v.screen = append(v.screen, v.blank())
	}
	v.screen = v.screen[:rows]
}

// reflow wraps all rows anew, those of the scrollback too. The screen is the end of
// what that gives.
func (v *vt) reflow(columns, rows int) {
	drop := v.rows // blank rows below the cursor
	if v.kind == tmux {
		drop = max(0, v.rows-rows)
	}
	old := slices.Concat(v.scrolled, v.screen)
	cursor := len(v.scrolled) + v.row
	for ; drop > 0 && len(old)-1 > cursor && old[len(old)-1].String() == ""; drop-- {
		old = old[:len(old)-1]
	}
	v.columns, v.rows = columns, rows
	var all []vtRow
	at := 0 // row of the cursor in all
	for i := 0; i < len(old); i++ {
		var line []string
		offset := -1 // of the cursor in the line
		for ; ; i++ {
			if i == cursor {
				offset = len(line) + v.column
			}
			if !old[i].wraps || i+1 == len(old) {
				break
			}
			line = append(line, old[i].text()...)
		}
		line = append(line, old[i].cells...)
		for len(line) > max(offset, 0) && line[len(line)-1] == " " {
			line = line[:len(line)-1]
		}
		first := len(all)
		wrapped, row, column := v.wrap(line, offset)
		all = append(all, wrapped...)
		if offset >= 0 {
			at, v.column = first+row, column
		}
	}
	top := max(0, len(all)-rows)
	for len(all) < top+rows {
		all = append(all, v.blank())
	}
	v.scrolled, v.screen, v.row = all[:top:top], all[top:], max(0, at-top)
}

// wrap puts the cells of a line into rows, and returns the place of one of them.
func (v *vt) wrap(line []string, cursor int) (all []vtRow, cursorRow, cursorColumn int) {
	row := v.blank()
	column := 0
	for i, cell := range line {
		if column == v.columns || column == v.columns-1 && i+1 < len(line) && line[i+1] == "" {
			row.wraps, row.pad = true, v.columns-column
			all = append(all, row)
			row, column = v.blank(), 0
		}
		if i == cursor {
			cursorRow, cursorColumn = len(all), column
		}
		row.cells[column] = cell
		column++
	}
	if cursor >= len(line) {
		cursorRow, cursorColumn = len(all), column
	}
	return append(all, row), cursorRow, cursorColumn
}
