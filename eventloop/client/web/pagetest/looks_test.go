package pagetest

import (
	"strings"
	"testing"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/input"
	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
)

// media has the page be shown as a person has set their system.
func media(features ...string) chromedp.Action {
	m := emulation.SetEmulatedMedia()
	for _, f := range features {
		name, value, _ := strings.Cut(f, ":")
		m.Features = append(m.Features, &emulation.MediaFeature{Name: name, Value: value})
	}
	return m
}

// look is how a node is drawn, by what stays where the colours are the system's: lines, their
// colours, and whether the letters stand out.
const look = `window.look = s => { const e = typeof s === 'string' ? document.querySelector(s) : s; if (!e) return 'missing ' + s; const c = getComputedStyle(e), edge = side => c['border' + side + 'Style'] + ' ' + c['border' + side + 'Width'] + ' ' + c['border' + side + 'Color'];
	return [c.outlineStyle, c.outlineWidth, c.outlineColor, edge('Left'), edge('Top'), c.color, c.fontWeight, c.fontStyle].join('; ') };`

// With the colours of the system (forced-colors) what differs still looks different, and not by
// a shade alone.
func TestWithTheColoursOfTheSystem(t *testing.T) {
	p := open(t, helpers+look)
	p.do(media("forced-colors:active", "prefers-color-scheme:dark"))
	p.run(`fake.answers.complete = a => ({ok: true, candidates: ['/join', '/jot'], length: 3})`)
	p.write("/jo")
	p.until(`document.querySelectorAll('#cmds .opt').length === 2`)
	differ := func(what, a, b string) {
		t.Helper()
		if x, y := get[string](p, `look(`+a+`)`), get[string](p, `look(`+b+`)`); x == y || strings.HasPrefix(x, "missing") || strings.HasPrefix(y, "missing") {
			t.Errorf("%s look the same: %s and %s", what, x, y)
		}
	}
	differ("the conversation that is open and another one", `'#nav a[aria-current]'`, `'#nav a:not([aria-current])'`)
	differ("a candidate that is chosen and another one", `'#cmds [aria-selected=true]'`, `'#cmds [aria-selected=false]'`)
	differ("a reaction of one's own and another one", `'.rx [aria-pressed=true]'`, `'.rx [aria-pressed=false]'`)
	differ("a line with one's name and another one", `'.msg.mention'`, `'.msg:not(.mention)'`)
	differ("who one is and who others are", `'.own .head b'`, `'.msg:not(.own) .head b'`)
	differ("the count of mentions and that of lines", `'#nav .n.at'`, `'#nav .n:not(.at)'`)
	p.shot("forced")
	if !get[bool](p, `getComputedStyle(document.querySelector('.msg:not(.mention)')).borderLeftColor === getComputedStyle(document.querySelector('main')).backgroundColor`) {
		t.Error("a line without anything has an edge")
	}
	for _, s := range []string{"#send", ".n", ".box", "#nav .in"} {
		if got := get[string](p, `(e => e ? getComputedStyle(e).borderTopStyle + getComputedStyle(e).borderTopWidth : 'missing')(document.querySelector('`+s+`'))`); strings.HasPrefix(got, "none") || strings.HasSuffix(got, "e0px") || strings.HasPrefix(got, "m") {
			t.Errorf("%s has no edge: %s", s, got)
		}
	}
	p.run(`type('')`)
	for range 25 {
		p.key(kb.Tab)
		if got := get[string](p, `(e => { const c = getComputedStyle(e.matches('#field') ? e.closest('.box') : e); return e === document.body || (c.outlineStyle !== 'none' && parseFloat(c.outlineWidth) >= 2) ? '' : e.outerHTML.slice(0, 100) })(document.activeElement)`); got != "" {
			t.Errorf("the focus is not seen on %s", got)
		}
	}
}

// Who wants more contrast has it in quiet words and edges, and who wants no motion has none.
func TestContrastAndMotion(t *testing.T) {
	p := open(t, helpers)
	colour := func(selector, property string) string {
		return get[string](p, `getComputedStyle(document.querySelector('`+selector+`')).`+property)
	}
	for _, scheme := range []string{"light", "dark"} {
		p.do(media("prefers-color-scheme:" + scheme))
		quiet, ink := colour(".gut", "color"), colour("body", "color")
		p.do(media("prefers-color-scheme:"+scheme, "prefers-contrast:more"))
		if got := colour(".gut", "color"); got != ink || got == quiet {
			t.Errorf("%s: with more contrast quiet words are %s, and were %s", scheme, got, quiet)
		}
		if got := colour(".box", "borderTopColor"); got != ink {
			t.Errorf("%s: with more contrast the edge of the field is %s", scheme, got)
		}
		p.shot("contrast-" + scheme)
	}
	moves := `[...document.querySelectorAll('body *')].filter(e => { const c = getComputedStyle(e); return c.transitionDuration.split(',').some(d => parseFloat(d) > 0) || c.animationName !== 'none' || c.scrollBehavior === 'smooth' }).map(e => e.id || e.className)`
	p.do(media("prefers-reduced-motion:reduce"))
	if got := get[[]string](p, moves); len(got) > 0 {
		t.Errorf("though nothing is to move, these do: %q", got)
	}
	p.do(media("prefers-reduced-motion:no-preference"))
	if got := get[[]string](p, moves); len(got) == 0 {
		t.Error("nothing moves at all, so this test looks for nothing")
	}
}

// small is what can be touched and is smaller than 24 pixels in a direction, or is covered by
// something else. Links in the middle of a sentence are as large as its letters (WCAG 2.5.8).
const small = `[...document.querySelectorAll('button, a, input, textarea, select, summary, label')].filter(e => e.checkVisibility({visibilityProperty: true}) && !e.inert && !e.closest('[inert], .vh, .text, .sys:not(:has(summary))') && !e.matches('.skip, label input, .scrim')).map(e => {
	const box = e.getBoundingClientRect(), after = getComputedStyle(e, '::after'), grown = after.content !== 'none' && after.position === 'absolute';
	return {e, w: Math.max(box.width, grown ? parseFloat(after.width) : 0), h: Math.max(box.height, grown ? parseFloat(after.height) : 0)};
}).filter(x => x.w < MOST || x.h < MOST).map(x => Math.round(x.w) + 'x' + Math.round(x.h) + ' ' + x.e.outerHTML.slice(0, 90))`

func (p tab) taps(selector string) {
	p.Helper()
	at := get[[]float64](p, `(b => [b.left + b.width / 2, b.top + b.height / 2])((document.querySelector(`+quoted(selector)+`)).getBoundingClientRect())`)
	point := []*input.TouchPoint{{X: at[0], Y: at[1]}}
	p.do(input.DispatchTouchEvent(input.TouchStart, point), input.DispatchTouchEvent(input.TouchEnd, []*input.TouchPoint{}))
}

// By touch, on a phone: what can be touched is large enough, and what can be done with a line
// is reached with neither a pointer that hovers nor a keyboard.
func TestByTouch(t *testing.T) {
	p := open(t, helpers)
	p.do(p.size(390, 800), emulation.SetTouchEmulationEnabled(true))
	p.do(media("prefers-color-scheme:light"), chromedp.Reload())
	p.until(`matchMedia('(pointer: coarse)').matches && document.querySelector('#lines .msg')`)
	for _, s := range screens {
		p.run(s.script + `; await wait()`)
		if got := get[[]string](p, strings.ReplaceAll(small, "MOST", "24")); len(got) > 0 {
			t.Errorf("%s: too small to be touched: %q", s.name, got)
		}
		if got := get[[]string](p, strings.ReplaceAll(small, "MOST", "44")); len(got) > 0 {
			t.Logf("%s: smaller than 44 pixels: %d, such as %.200q", s.name, len(got), got[0])
		}
	}
	p.do(chromedp.Reload())
	p.until(`document.querySelector('#lines .msg')`)
	if get[bool](p, `document.activeElement.id === 'field'`) {
		t.Error("the field has the focus, which opens a keyboard over the half of the page")
	}
	p.taps(`[data-key=e7] .text`)
	p.until(`document.querySelector('[data-key=e7] .tools')`)
	p.shot("touch-tools")
	p.taps(`[data-key=e7] .tools [data-do=lineMenu]`)
	p.until(`document.querySelector('.menu')?.innerText.includes('Edit')`)
	p.shot("touch-menu")
	p.taps(`.menu [data-do=edit]`)
	p.until(`document.querySelector('#aud').innerText.includes('Changes your line')`)
}
