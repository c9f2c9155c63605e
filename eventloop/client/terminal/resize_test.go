package terminal

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
)

// A post is a block of a text that is wrapped with a hanging indent. It knows the
// rows that it was drawn with last.
type post struct {
	id    uint64
	words []string
	rows  []string
}

func newPost(id uint64, random *rand.Rand) *post {
	p := &post{id: id, words: []string{fmt.Sprintf("#%d:", id)}}
	for i := range random.IntN(12) {
		p.words = append(p.words, fmt.Sprintf("#%d.%d%s;", id, i, []string{"", "中"}[random.IntN(2)]))
	}
	return p
}

func (p *post) draw(columns int) []string {
	rows := fold(p.words, " ", columns-2)
	for i := range rows[1:] {
		rows[i+1] = "  " + rows[i+1]
	}
	p.rows = rows
	return slices.Clone(rows)
}

// player is a screen that things happen to at random, on a terminal of a kind.
type player struct {
	t      *testing.T
	name   string
	random *rand.Rand
	v      *vt
	s      *screen
	posts  []*post
	ids    uint64

	// copies is how many posts may be twice in what can be scrolled back to: one
	// that the top of the screen cut in two when it was drawn anew, and those of
	// which it was not known whether they were on the screen.
	copies int
}

func newPlayer(t *testing.T, k kind, seed uint64) *player {
	random := rand.New(rand.NewPCG(seed, uint64(k)))
	v, s := testScreen(16+random.IntN(30), 5+random.IntN(12))
	v.kind, s.device.Reflow = k, k != cuts
	for i := range random.IntN(20) { // what the shell had written
		v.feed(fmt.Appendf(nil, "$ %d\r\n", i))
	}
	p := &player{t: t, name: fmt.Sprintf("kind %d, seed %d", k, seed), random: random, v: v, s: s}
	s.begin("")
	for range v.rows { // now the screen is full
		p.show()
	}
	return p
}

func (p *player) show() {
	p.ids++
	post := newPost(p.ids, p.random)
	p.posts = append(p.posts, post)
	p.s.show(post.id, post.draw)
}

func (p *player) step() string {
	switch p.random.IntN(8) {
	case 0, 1, 2:
		p.show()
		return "show"
	case 3, 4:
		line := []rune(strings.Repeat("x中y", p.random.IntN(20)))
		p.s.update(line, p.random.IntN(len(line)+1), "")
		return "type"
	case 5:
		if !p.s.shown.exact {
			p.copies += p.v.rows
		}
		p.s.redraw()
		return "redraw"
	case 6:
		old := p.posts[max(0, len(p.posts)-1-p.random.IntN(6))]
		fresh := newPost(old.id, p.random)
		if p.s.replace(old.id, fresh.draw) {
			*old = *fresh
			p.s.shown.blocks[slices.IndexFunc(p.s.shown.blocks, func(b block) bool { return b.id == old.id })].draw = old.draw
		} else {
			p.s.replace(old.id, old.draw) // or it would be another one once it is drawn anew
		}
		return "replace"
	}
	return p.resize(13+p.random.IntN(36), 5+p.random.IntN(12))
}

func (p *player) resize(columns, rows int) string {
	sh := p.s.shown
	full := sh.exact && sh.above >= sh.rows-p.s.drawn.height()
	p.v.resize(columns, rows)
	p.s.resized()
	p.copies++
	if !full || rows > sh.rows {
		p.copies += rows
	}
	return fmt.Sprintf("resize from %d×%d to %d×%d", sh.columns, sh.rows, columns, rows)
}

// check holds what a person sees, and can scroll back to, against what was shown.
func (p *player) check(did string) {
	p.t.Helper()
	var want []string
	for _, post := range p.posts {
		want = append(want, post.rows...)
	}
	above, _ := p.s.drawn.extent(p.s.drawn.columns)
	first := p.v.row - above // row of the line
	_, known := p.s.shown.reach(1000, len(p.s.shown.blocks)-p.s.shown.known)
	for i := range min(first, len(want)) {
		if i >= known && !p.s.shown.exact {
			break // what has come back out of the scrollback, as the terminal made it
		}
		if got := p.v.line(first - 1 - i); got != want[len(want)-1-i] {
			p.t.Fatalf("%s, after %s: row %d is %q, not %q. The screen is\n%s", p.name, did, first-1-i, got, want[len(want)-1-i], p.v)
		}
	}
	once, fresh := testScreen(p.v.columns, p.v.rows)
	fresh.fit(false)
	fresh.prompt, fresh.open, fresh.line, fresh.pos = p.s.prompt, true, p.s.line, p.s.pos
	once.feed([]byte(fresh.draw()))
	if got, want := strings.Join(p.v.lines(first, p.v.rows), "\n"), strings.Join(once.lines(0, p.v.rows-first), "\n"); got != want {
		p.t.Fatalf("%s, after %s: the line is\n%s\nnot\n%s\nThe screen is\n%s", p.name, did, got, want, p.v)
	}
	text, copies := p.v.text(), 0
	for _, post := range p.posts {
		most := 0
		for _, word := range post.words {
			n := strings.Count(text, word)
			if n == 0 {
				p.t.Fatalf("%s, after %s: %q is lost. There is\n%s", p.name, did, word, text)
			}
			most = max(most, n)
		}
		copies += most - 1
	}
	if copies > p.copies {
		p.t.Fatalf("%s, after %s: %d copies, more than %d. There is\n%s", p.name, did, copies, p.copies, text)
	}
}

// TestResizes shows, types, replaces, draws anew and resizes at random, on each kind
// of terminal. At all times the screen has the last blocks and the line below them,
// as they are for its width, and nothing is lost.
//
// What no program can have right is in the scrollback: rows that left the screen
// are not drawn anew, but cut or wrapped by the terminal.
func TestResizes(t *testing.T) {
	for _, k := range []kind{cuts, tmux, wraps} {
		for seed := range uint64(40) {
			p := newPlayer(t, k, seed)
			p.check("begin")
			for range 40 {
				p.check(p.step())
			}
			if len(p.v.unknown) > 0 {
				t.Fatalf("unknown sequences: %q", p.v.unknown)
			}
		}
	}
}
