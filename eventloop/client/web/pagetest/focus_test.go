package pagetest

import (
	"testing"

	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
)

// keys presses the keys of a text, one after the other.
func (p tab) keys(text string) {
	p.Helper()
	for _, r := range text {
		p.key(string(r))
	}
}

const value = `document.querySelector('#field').value`

// Who opens the page and types, writes: nothing has to be clicked.
func TestWhoOpensThePageCanWrite(t *testing.T) {
	p := open(t, helpers)
	p.until(`document.activeElement.id === 'field'`)
	p.keys("/join tea")
	p.key(kb.Enter)
	p.until(last("line") + `?.text === '/join tea'`)
	if get[bool](p, last("say")+` !== null || !document.querySelector('#sheet').hidden`) {
		t.Error("a command was said, or has opened the search")
	}
}

// What is typed before the process has answered waits for the field: of a command whose
// beginning is lost, the rest would be said.
func TestWhatIsTypedEarlyIsNotLost(t *testing.T) {
	p := open(t, helpers+`window.fetch = () => new Promise(f => { window.letIn = () => f(new Response(null, {status: 204})) }); document.addEventListener('DOMContentLoaded', () => { document.querySelector('#boot').textContent = 'prints' });`)
	p.keys("/join")
	p.run(`letIn()`)
	p.until(`document.activeElement.id === 'field'`)
	p.keys(" tea")
	p.key(kb.Enter)
	p.until(last("line") + `?.text === '/join tea'`)
	if get[bool](p, last("say")+` !== null`) {
		t.Error("the end of a command was said")
	}
}

// So does what is typed on the way to the search, with the Enter at its end.
func TestWhatIsTypedOnTheWayIsNotLost(t *testing.T) {
	p := open(t, helpers)
	p.run(`document.activeElement.blur(); const answer = fake.answer.bind(fake), held = []; fake.answer = ask => { fake.waits--; held.push(ask) };
		window.letGo = () => { fake.answer = answer; fake.waits += held.length; for (const ask of held) answer(ask) }`)
	p.keys("/mast")
	p.key(kb.Enter)
	p.run(`letGo()`)
	p.until(last("search") + `?.text === 'mast'`)
	if get[bool](p, last("say")+` !== null || `+value+` !== ''`) {
		t.Error("it was said, too, or stands in the field")
	}
}

func TestWhatIsTypedNowhereGoesIntoTheField(t *testing.T) {
	p := open(t, helpers+`fake.state.conversations.lobby.unread = 0;`)
	p.until(`document.activeElement.id === 'field'`)
	for _, blur := range []string{`document.activeElement.blur()`, `document.querySelector('#main').focus()`} {
		p.run(blur)
		p.keys("use it")
		if got := get[string](p, value); got != "use it" {
			t.Errorf("behind %s the field has %q", blur, got)
		}
		p.run(`type('')`)
	}

	// On a button a letter is not typed.
	p.do(chromedp.Focus(`#nav [data-do=settings]`))
	p.keys("x")
	if got := get[string](p, value); got != "" {
		t.Errorf("on a button the field has %q", got)
	}

	// "/" is the search there, and what follows is typed into it.
	p.run(`document.activeElement.blur()`)
	p.keys("/join tea")
	p.key(kb.Enter)
	p.until(last("search") + `?.text === 'join tea'`)
	if get[bool](p, last("say")+` !== null || `+last("line")+` !== null`) {
		t.Error("what was searched for was said, too")
	}
	p.keys("x")
	if got := get[string](p, value); got != "" {
		t.Errorf("in the search the field has %q", got)
	}
	p.key(kb.Escape)
	p.until(`document.activeElement.id === 'field'`)

	// Without the single letters it is what one types.
	p.run(`fake.say({settings: {met: 'yes', letters: 'no'}}); document.activeElement.blur()`)
	p.keys("/join tea")
	p.key(kb.Enter)
	p.until(last("line") + `?.text === '/join tea'`)
}

// Behind a login one can write, too; but who still types a password does not go on in the field.
func TestBehindALoginOneCanWrite(t *testing.T) {
	asks := `fake.state.connection.phase = 'connected'; fake.state.question = {id: 3, kind: 'password', prompt: 'password of alice', busy: false};`
	in := `fake.say({connection: {phase: 'logged_in', retry: 0, why: '', kept: 0}, question: {id: 0, kind: 'none', prompt: '', busy: false}}); await wait()`
	p := open(t, helpers+asks)
	p.until(`document.activeElement.id === 'answer'`)
	p.keys("tiger")
	p.key(kb.Enter)
	p.until(last("answer") + `?.text === 'tiger'`)
	p.run(in)
	p.until(`document.activeElement.id === 'field'`)

	// The server comes back and asks again: the answer has the focus, and the field nothing of it.
	p.run(`fake.say({connection: fake.state.connection = {phase: 'connected', retry: 0, why: '', kept: 0}, question: {id: 4, kind: 'password', prompt: 'password of alice', busy: false}}); await wait()`)
	p.until(`document.activeElement.id === 'answer'`)
	p.keys("ti")
	p.run(in)
	if got := get[string](p, `document.activeElement.nodeName + `+value); got != "BODY" {
		t.Errorf("in the middle of a password the focus went to %s", got)
	}
}

// A text with columns keeps them, and is not wider than a phone.
func TestATextWithColumnsKeepsThem(t *testing.T) {
	p := open(t, helpers)
	p.run(`fake.entry({...fake.line(40, '', '  /join ROOM [KEY]      go to a room, and be in it until you leave\n  /dm NAME TEXT         say something to one person\n\n  /quit                 end'), in: 'status', kind: 'notice', own: false}); await wait()`)
	p.run(`fake.entry({...fake.line(41, '', 'One blank only.'), in: 'status', kind: 'notice', own: false}); await wait()`)
	if get[bool](p, `!!document.querySelector('[data-key="e41"] .tab')`) {
		t.Error("a sentence is shown as a table")
	}
	at := func(word string) float64 {
		return get[float64](p, `(() => { const r = document.createRange(); const walk = document.createTreeWalker(document.querySelector('[data-key="e40"] .tab'), 4);
			for (let n; n = walk.nextNode();) { const i = n.data.indexOf('`+word+`'); if (i >= 0) { r.setStart(n, i); r.setEnd(n, i + 1); return r.getBoundingClientRect().left } } return -1 })()`)
	}
	a, b, c := at("go to"), at("say some"), at("end")
	if a <= 0 || a-b > 1 || b-a > 1 || a-c > 1 || c-a > 1 {
		t.Errorf("the second column begins at %v, %v and %v", a, b, c)
	}
	p.do(p.size(390, 800))
	p.run(`await wait()`)
	p.shot("columns-390")
	if wide := get[float64](p, `Math.max(document.documentElement.scrollWidth, document.querySelector('#scroll').scrollWidth)`); wide > 390 {
		t.Errorf("on a phone it is %v pixels wide", wide)
	}
}

// The head of the left column has air above its name.
func TestTheHeadIsNotCut(t *testing.T) {
	p := open(t, helpers)
	for _, width := range []int64{1280, 640} {
		p.do(p.size(width, 800))
		p.run(`await wait()`)
		if air := get[float64](p, `document.querySelector('#nav .bar h2').getBoundingClientRect().top - document.querySelector('#nav').getBoundingClientRect().top`); air < 6 {
			t.Errorf("at %d pixels the name of the server is %v pixels below the edge", width, air)
		}
	}
}
