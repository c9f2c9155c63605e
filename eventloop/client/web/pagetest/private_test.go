package pagetest

import (
	"testing"

	"github.com/chromedp/chromedp"
)

func TestAPrivateSession(t *testing.T) {
	p := open(t, helpers)
	p.run(`fake.peer('bob', {state: 'asked', until: Date.now() + 48000}); location.hash = 'private:bob'`)
	p.until(`document.querySelector('.card')?.innerText.includes('LXSc 1frA'.replace(' ', '\n')) || document.querySelector('.card .fp')`)
	if got := p.text(".card .fp"); got != "SHA256 LXSc 1frA uWwf Qbfc /K8j 56S+ f/DT zBeg g5LF yU5G jZI" {
		t.Errorf("the invitation has the key %q", got)
	}
	if got := p.text("#aud"); got != "Nobody hears this the private session is not open" {
		t.Errorf("before it is open the strip is %q", got)
	}
	p.do(chromedp.Click(`.card .b.go`))
	p.until(last("private.accept") + `?.name === 'bob'`)

	p.run(`fake.peer('bob', {})`)
	p.until(`document.querySelector('#aud').innerText.includes('Only the holder of key LXSc…jZI')`)
	if got := p.text("#aud .pill:nth-of-type(3)") + get[string](p, `document.querySelector('.box').dataset.aud + document.querySelector('main').dataset.lane`); got != "not verifiedwarnwarn" {
		t.Errorf("an unverified session shows %q", got)
	}
	p.do(chromedp.Click(`#aud .lk`))
	p.until(`document.querySelectorAll('.words input').length === 6`)
	for i := range 6 {
		p.run(`document.querySelector('.card .b.go').click()`)
		if left := get[int](p, `document.querySelectorAll('.words input:invalid').length`); left != 6-i {
			t.Errorf("with %d of six words there are %d to be ticked", i, left)
		}
		if get[bool](p, last("private.verify")+` !== null`) {
			t.Fatalf("it was verified with %d of six words", i)
		}
		p.run(`document.querySelectorAll('.words input')[` + string(rune('0'+i)) + `].click()`)
	}
	p.do(chromedp.Click(`.card .b.go`))
	p.until(last("private.verify") + `?.name === 'bob'`)
	p.run(`fake.peer('bob', {verified: true, path: 'relay', relay: true})`)
	p.until(`document.querySelector('#aud').innerText.replace(/\s+/g, ' ').includes('Only bob hears this encrypted verified relay')`)
	if got := get[string](p, `document.querySelector('.box').dataset.aud + document.querySelector('main').dataset.lane`); got != "okok" {
		t.Errorf("a verified session shows %q", got)
	}
	p.run(`fake.peer('bob', {state: 'closed'})`)
	p.until(`document.querySelector('#send').ariaLabel === 'Cannot send'`)
}

// A changed key is an alert, and the easy button keeps the session closed.
func TestAChangedKey(t *testing.T) {
	p := open(t, helpers)
	p.run(`fake.peer('bob', {state: 'closed', changed: true, known: {fingerprint: 'SHA256:LXSc9mQ2TuWwfKp0', since: 1, verified: true}}); location.hash = 'private:bob'`)
	p.until(`document.querySelector('#alert').innerText.includes('The key of bob has changed')`)
	p.until(`document.querySelector('.card.bad .b.go')?.innerText === 'Keep it closed'`)
	if n := get[int](p, `document.querySelectorAll('.card .diff').length`); n == 0 {
		t.Error("the card does not show where the keys differ")
	}
	p.do(chromedp.Click(`.card .b.risk`))
	p.until(`document.querySelector('dialog')`)
	if get[bool](p, last("private.trust")+` !== null`) {
		t.Error("the new key was taken without a question")
	}
	p.do(chromedp.Click(`dialog [type=submit]`))
	p.until(last("private.trust") + `?.name === 'bob'`)
}
