package pagetest

import (
	"testing"

	"github.com/chromedp/cdproto/input"
	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
)

// says is what the page would do with a line: who hears it, and what stands in the field.
const says = `document.querySelector('#aud b').innerText + '|' + document.querySelector('#reply').innerText.replace(/\s+/g, ' ').trim() + '|' + document.querySelector('#field').value`

// hint is what stands above the field of the keys on a line.
const hint = `document.querySelector('.hint').checkVisibility()`

// Who clicks on a line and types writes a message, whatever it begins with.
func TestOnALineThatWasClickedLettersAreText(t *testing.T) {
	p := open(t, helpers+`fake.state.conversations.lobby.unread = 0;`)
	for _, text := range []string{"really?", "e.g. now", "just so", "kind of", "+1", "use it", "x"} {
		p.run(`type('')`)
		p.do(chromedp.Click(`[data-key=e7] .text`))
		p.until(`document.activeElement.dataset.key === 'e7'`)
		if get[bool](p, hint) {
			t.Error("of keys is told on a line that was clicked")
		}
		p.keys(text)
		if got := get[string](p, says); got != "Everyone in lobby||"+text {
			t.Errorf("%q becomes %q", text, got)
		}
	}
}

// On a line that was reached by keys a few letters are keys, as is told there; any other goes
// into the field, and so do all once the person has switched them off (WCAG 2.1.4).
func TestOnALineReachedByKeysLettersAreKeys(t *testing.T) {
	p := open(t, helpers)
	reach := func() {
		t.Helper()
		p.run(`type('')`)
		p.key("k", chromedp.KeyModifiers(input.ModifierCtrl))
		p.key(kb.F6)
		p.until(`document.activeElement.matches('#lines *')`)
		for i := 0; i < 20 && get[string](p, `document.activeElement.dataset.key || ''`) != "e7"; i++ {
			p.key(kb.ArrowUp)
		}
		p.until(`document.activeElement.dataset.key === 'e7'`)
	}
	reach()
	if !get[bool](p, hint) {
		t.Error("nothing tells of the keys")
	}
	p.shot("letters-hint")
	p.keys("k")
	p.until(`document.activeElement.dataset.key === 'e6'`)
	p.keys("j")
	p.until(`document.activeElement.dataset.key === 'e7'`)
	p.keys("x ray")
	if got := get[string](p, says); got != "Everyone in lobby||x ray" {
		t.Errorf("another letter leads to %q", got)
	}
	reach()
	p.keys("e")
	p.until(`(` + says + `).startsWith('Changes your line ')`)
	p.key(kb.Escape)
	reach()
	p.keys("u")
	p.until(`document.activeElement.dataset.key === 'e8'`)

	p.run(`fake.say({settings: {met: 'yes', letters: 'no'}})`)
	for _, text := range []string{"really", "just", "/join tea", "+1", "use"} {
		reach()
		if get[bool](p, hint) {
			t.Error("of keys is told that are switched off")
		}
		p.keys(text)
		if got := get[string](p, value); got != text {
			t.Errorf("with the letters off, %q becomes %q", text, got)
		}
	}
}
