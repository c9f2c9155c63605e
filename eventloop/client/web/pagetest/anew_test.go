package pagetest

import "testing"

// Behind a login under another name another chat begins in the same page: what was typed for the one
// before stays out of it, what was kept of it is not shown, and the page says again what it looks at.
func TestAnotherChatBegins(t *testing.T) {
	p := open(t, helpers)
	p.write("for alice's lobby")
	p.run(`fake.asks.length = 0; fake.state.conversations.lobby.draft = ''; Object.assign(fake.state.self, {name: 'zoe'}); fake.entries.lobby = [fake.line(90, 'bob', 'hello zoe')];
		fake.frame({type: 'snapshot', n: 1, run: 'other', facts: fake.made({begins: true}).facts})`)
	p.until(`document.querySelector('#nav').innerText.includes('zoe, here') && document.querySelectorAll('#lines .msg').length === 1`)
	p.run(`await wait(700)`) // when a draft would have been kept
	if got := get[string](p, `document.querySelector('#field').value + JSON.stringify(fake.asks.filter(a => a.ask === 'draft' || a.view?.mine))`); got != "[]" {
		t.Errorf("in the new chat is typed, and kept: %s", got)
	}
	if got := get[string](p, last("look")+`?.run`); got != "other" {
		t.Errorf("what is looked at was told to the chat %q", got)
	}
}
