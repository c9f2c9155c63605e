package terminal

import (
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/mattn/go-runewidth"
)

// vt is a model of a terminal's screen: enough of a VT100 to see what a user
// sees. It wraps as xterm does, only before the character that has no room.
type vt struct {
	columns, rows int
	cells         [][]string // [row][column]; "" is the right half of a wide character
	row, column   int        // column == columns: the next character wraps
	scrolled      []string   // rows that left at the top
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
		v.cells = append(v.cells, v.blank())
	}
	return v
}

func (v *vt) blank() []string { return strings.Split(strings.Repeat(" ", v.columns), "") }

// resize keeps the rows, as a terminal does that does not wrap them anew.
func (v *vt) resize(columns int) {
	v.columns = columns
	for i, row := range v.cells {
		v.cells[i] = append(row, v.blank()...)[:columns]
	}
	v.column = min(v.column, columns-1)
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
		v.scrolled = append(v.scrolled, v.line(0))
		v.cells = append(v.cells[1:], v.blank())
		v.row--
	}
}

func (v *vt) put(r rune) {
	w := runewidth.RuneWidth(r)
	if v.column+w > v.columns {
		v.column = 0
		v.newline()
	}
	if w == 0 {
		v.cells[v.row][max(0, v.column-1)] += string(r)
		return
	}
	v.cells[v.row][v.column] = string(r)
	if w == 2 {
		v.cells[v.row][v.column+1] = ""
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
	case final == 'J' && (parameter == "" || parameter == "2"):
		from := v.row + 1
		if parameter == "2" {
			from = 0
		} else {
			copy(v.cells[v.row][min(v.column, v.columns-1):], v.blank())
		}
		for row := from; row < v.rows; row++ {
			v.cells[row] = v.blank()
		}
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

func (v *vt) line(row int) string { return strings.TrimRight(strings.Join(v.cells[row], ""), " ") }

// String is the screen with its scrolled rows, without what is empty at its end.
func (v *vt) String() string {
	var lines []string
	for row := range v.cells {
		lines = append(lines, v.line(row))
	}
	return strings.TrimRight(strings.Join(lines, "\n"), "\n")
}
