package pagetest

import (
	"fmt"
	"os"
	"testing"

	"github.com/chromedp/chromedp"
)

// The screens, each by the script that brings the page there.
var screens = []struct{ name, script string }{
	{"lobby", ``},
	{"dm", `location.hash = 'direct:bob'`},
	{"command", `type('/')`},
	{"guard", `type('/msg bob The code is 4711')`},
	{"edit", `location.hash = 'lobby'; press(document.querySelector('#field'), 'ArrowUp')`},
	{"private", `fake.peer('bob', {}); location.hash = 'private:bob'`},
	{"verified", `fake.peer('bob', {verified: true}); location.hash = 'private:bob'`},
	{"words", `fake.peer('bob', {}); location.hash = 'private:bob'; await wait(); document.querySelector('#aud .lk').click(); await wait(50)`},
	{"invited", `fake.peer('erik', {state: 'asked', until: Date.now() + 48000}); location.hash = 'private:erik'`},
	{"changed", `fake.peer('bob', {state: 'closed', changed: true, known: {fingerprint: 'SHA256:LXSc9mQ2TuWwfKp0/vR8j56S+hY4zBegg5LaQe1Gj7o', since: 1, verified: true}}); location.hash = 'private:bob'`},
	{"offline", `location.hash = 'lobby'; fake.say({connection: {phase: 'offline', retry: Date.now() + 4000, why: 'closed by the server', kept: 2}})`},
	{"refused", `fake.say({connection: {phase: 'offline', retry: Date.now() + 4000, why: 'the key has changed', kept: 1, refused: 'The key of chat.example:9999 HAS CHANGED, so nothing was sent there:\nwas  sha256:' + 'a1'.repeat(32) + '\nis   sha256:' + 'b2'.repeat(32) + '\nSomebody may be in between. If the new one is right, type:\nparley web --tls-pin sha256:' + 'b2'.repeat(32) + ' parleys://alice@chat.example:9999'}})`},
	{"rooms", `fake.say({connection: {phase: 'logged_in', retry: 0, why: '', kept: 0}}); location.hash = '/rooms'; await wait(50)`},
	{"search", `location.hash = '/search'; await wait(); document.querySelector('#words').value = 'mast'; document.querySelector('#sheet form').requestSubmit(); await wait(50)`},
	{"menu", `location.hash = 'lobby'; await wait(50); press([...document.querySelectorAll('.msg')].at(-1), 'Enter')`},
	{"keys", `document.querySelector('.menu')?.remove(); document.querySelector('[data-do=keys]').click()`},
	{"settings", `document.querySelector('dialog').close(); document.querySelector('[data-do=settings]').click()`},
	{"empty", `document.querySelector('dialog').close(); location.hash = 'room:night'; await wait(50)`},
	{"plain", `fake.say({server: {label: 'chat.ntnu.example', tls: false, dialect: 'plain', private: false}}); location.hash = 'lobby'`},
	{"login", `fake.say({connection: {phase: 'connected', retry: 0, why: '', kept: 0}, question: {id: 1, kind: 'password', prompt: 'password of alice', busy: false}})`},
	{"first", `fake.say({settings: {}, question: {id: 2, kind: 'name', prompt: '', busy: false}})`},
}

const helpers = `
	window.wait = async (ms = 20) => { do await new Promise(f => setTimeout(() => requestAnimationFrame(f), ms)); while (fake.waits) };
	window.press = (el, key, more) => { el.focus(); el.dispatchEvent(new KeyboardEvent('keydown', {key, bubbles: true, cancelable: true, ...more})) };
	window.type = text => { const f = document.querySelector('#field'); f.focus(); f.value = text; f.setSelectionRange(text.length, text.length); f.dispatchEvent(new Event('input', {bubbles: true})) };
`

// TestScreens brings the page to each screen, wide and light, and narrow and dark: nothing is
// wider than the screen, and axe-core finds nothing serious. Pictures are taken of all four.
func TestScreens(t *testing.T) {
	p := open(t, helpers)
	script, why := axe()
	if why != nil {
		t.Log("axe-core cannot be had, so it does not look at the screens: ", why)
	} else {
		p.do(chromedp.Evaluate(script, nil))
	}
	for _, s := range screens {
		p.run(s.script + `; await wait()`)
		for _, look := range []struct {
			dark  bool
			width int64
		}{{false, 1280}, {true, 1280}, {false, 390}, {true, 390}} {
			judged := look.dark == (look.width == 390)
			if !judged && os.Getenv("PARLEY_SHOTS") == "" {
				continue
			}
			p.do(p.dark(look.dark), p.size(look.width, 800))
			p.run(``)
			where := fmt.Sprintf("%s-%d%s", s.name, look.width, map[bool]string{true: "d", false: "l"}[look.dark])
			p.shot(where)
			if wide := get[float64](p, `document.documentElement.scrollWidth`); wide > float64(look.width) {
				t.Errorf("%s is %v pixels wide", where, wide)
			}
			if why != nil || !judged {
				continue
			}
			for _, fault := range get[[]string](p, `axe.run(document, {resultTypes: ['violations'], iframes: false}).then(r => r.violations.filter(v => /serious|critical/.test(v.impact))
				.map(v => v.id + ': ' + v.help + ': ' + v.nodes.slice(0, 3).map(n => n.html.slice(0, 150) + ' ' + (n.any[0]?.message || '')).join(' | ')))`) {
				t.Errorf("%s: %s", where, fault)
			}
		}
		// With 200 % zoom a window of 1,280 by 800 pixels has half of them.
		p.do(p.dark(false), p.size(640, 400))
		p.run(``)
		p.shot(s.name + "-zoom")
		if wide := get[[]string](p, tooWide); len(wide) > 0 {
			t.Errorf("%s: with 200 %% zoom these have to be scrolled sideways: %q", s.name, wide)
		}
		p.do(p.size(1280, 800))
	}
}

// tooWide is what has to be scrolled sideways, or stands beyond the edge.
const tooWide = `[document.documentElement, ...document.querySelectorAll('body *')].filter(e => e.checkVisibility({visibilityProperty: true}) &&
	((e.scrollWidth > e.clientWidth + 1 && /auto|scroll/.test(getComputedStyle(e).overflowX)) || e === document.documentElement && e.scrollWidth > innerWidth ||
		e.matches('button, input, textarea, .text, .sys, h1') && !e.closest('.vh') && e.getBoundingClientRect().right > innerWidth + 1)).map(e => e.outerHTML.slice(0, 120))`

// The page is dark or light as the system is, at once, if nobody has chosen.
func TestDarkAndLight(t *testing.T) {
	p := open(t, helpers)
	brightness := `(() => { const c = document.createElement('canvas').getContext('2d', {willReadFrequently: true}); return ['main', '#nav', '.box'].map(s => { c.fillStyle = getComputedStyle(document.querySelector(s)).backgroundColor; c.fillRect(0, 0, 1, 1); return c.getImageData(0, 0, 1, 1).data[1] }) })()`
	check := func(what string, dark bool) {
		t.Helper()
		for _, b := range get[[]int](p, brightness) {
			if b < 60 != dark || (b > 200) == dark {
				t.Errorf("%s: a surface has the brightness %d of 255", what, b)
			}
		}
	}
	for _, dark := range []bool{true, false, true} {
		p.do(p.dark(dark))
		check(fmt.Sprint("dark is ", dark), dark)
	}
	p.run(`fake.say({settings: {met: 'yes', theme: 'light'}}); await wait()`)
	check("light was chosen", false)
	p.do(p.dark(false))
	p.run(`fake.say({settings: {met: 'yes', theme: 'dark'}}); await wait()`)
	check("dark was chosen", true)
}
