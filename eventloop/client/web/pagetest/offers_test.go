package pagetest

import (
	"fmt"
	"testing"

	"github.com/chromedp/cdproto/input"
	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
)

// A menu has what can be done with a line now, and nothing else.
func TestAMenuHasWhatCanBeDone(t *testing.T) {
	p := open(t, helpers)
	able := "React… Reply Copy text "
	person := "Write to tomas alone Ask for a private session Who is tomas Block tomas… Report this line…"
	for _, c := range []struct{ name, before, line, want string }{
		{"of somebody else, as a moderator", ``, "e13", able + person + " As moderator here Remove this line… Mute tomas… Kick tomas… Ban tomas… What was done here"},
		{"of somebody else", `fake.conversation('lobby', {role: ''})`, "e13", able + person},
		{"one's own", ``, "e7", "React… Reply Edit Copy text Remove…"},
		{"one that was removed", ``, "e4", "Copy text Write to erik alone Ask for a private session Who is erik Block erik…"},
		{"where there are no private sessions", `fake.say({server: {...fake.state.server, private: false}})`, "e4", "Copy text Write to erik alone Who is erik Block erik…"},
		{"of a plain server", `fake.say({server: {label: 'x', tls: false, dialect: 'plain', private: false}})`, "e13", "Copy text"},
	} {
		p.run(c.before + `; await wait(150); press(document.querySelector('[data-key="` + c.line + `"]'), 'Enter')`)
		if got := p.text(".menu"); got != c.want {
			t.Errorf("a line, %s: the menu has\n%s\nwant\n%s", c.name, got, c.want)
		}
		p.run(`document.querySelector('.menu').hidePopover(); await wait()`)
	}
}

// What is put into a form becomes the command, or the ask, behind it.
func TestAFormBecomesACommand(t *testing.T) {
	p := open(t, helpers)
	for _, c := range []struct{ offer, of, where, put, title, want string }{
		{"mute", "tomas", "lobby", `time: '1h', why: 'too loud'`, "Mute tomas", "line /mute tomas 1h too loud"},
		{"mute", "tomas", "room:build", `time: ''`, "Mute tomas", "line /mute tomas build"},
		{"kick", "tomas", "room:build", `why: '{who} $& x'`, "Kick tomas", "line /kick tomas build {who} $& x"},
		{"newRoom", "", "lobby", `name: 'tea', how: 'private'`, "New room", "line /create tea private"},
		{"joinKey", "jazz", "lobby", `key: 'k'`, "Join jazz", "line /join jazz k"},
		{"away", "", "lobby", ``, "Away", "line /away"},
		{"report", "#13", "lobby", `why: 'spam'`, "Report this line", "line /report 13 spam"},
		{"remove", "#13", "lobby", `text: 'spam'`, "Remove this line", "remove 13 spam"},
		{"reactOther", "#13", "lobby", `text: 'nice'`, "React", "react 13 nice true"},
		{"trust", "bob", "lobby", ``, "Take the new key of bob?", "private.trust bob"},
	} {
		p.run(`location.hash = '` + c.where + `'; await wait(150); fake.asks.length = 0; const b = document.createElement('button'); b.dataset.do = '` + c.offer + `'; b.dataset.arg = '` + c.of + `'; document.body.append(b); b.click(); b.remove(); await wait();
			for (const [name, value] of Object.entries({` + c.put + `})) document.querySelector('dialog form').elements[name].value = value`)
		if got := p.text("dialog h1"); got != c.title {
			t.Errorf("%s is asked as %q, want %q", c.offer, got, c.title)
		}
		p.do(chromedp.Click(`dialog [type=submit]`))
		p.until(`fake.asks.some(a => /line|remove|react|trust/.test(a.ask))`)
		got := get[string](p, `(a => a.ask === 'line' ? 'line ' + a.text : [a.ask, a.number || a.name, a.text, a.ask === 'react' && a.on].filter(Boolean).join(' '))(fake.asks.find(a => /line|remove|react|trust/.test(a.ask)))`)
		if got != c.want {
			t.Errorf("%s asks %q, want %q", c.offer, got, c.want)
		}
	}
}

// What the process asks while one is logged in is answered with what was typed.
func TestAQuestionIsAnswered(t *testing.T) {
	p := open(t, helpers)
	for i, c := range []struct{ kind, prompt, shown, typed, want string }{
		{"password", "new password", "Password new password Go on Cancel", "tiger", "tiger"},
		{"name", "name", "parley asks name Go on Cancel", "alice2", "alice2"},
		{"confirm", "edit #12 (y or n)", "parley asks edit #12? Yes Cancel", "", "y"},
	} {
		p.run(fmt.Sprintf(`fake.asks.length = 0; fake.say({question: {id: %d, kind: '%s', prompt: '%s', busy: false}})`, i+5, c.kind, c.prompt))
		p.until(`document.querySelector('dialog')`)
		if got := p.text("dialog"); got != c.shown {
			t.Errorf("it asks %q, want %q", got, c.shown)
		}
		if c.typed != "" {
			p.until(`document.activeElement.name === 'answer'`)
			p.do(chromedp.ActionFunc(input.InsertText(c.typed).Do))
			p.key(kb.Enter)
		} else {
			p.do(chromedp.Click(`dialog [type=submit]`))
		}
		p.until(last("answer") + ` !== null`)
		if got := get[string](p, last("answer")+`.number + ' ' + `+last("answer")+`.text`); got != fmt.Sprint(i+5, " ", c.want) {
			t.Errorf("%s is answered with %q", c.prompt, got)
		}
		p.run(`fake.say({question: {id: 0, kind: 'none', prompt: '', busy: false}})`)
		p.until(`!document.querySelector('dialog')`)
	}
	p.run(`fake.say({question: {id: 9, kind: 'password', prompt: 'new password', busy: false}})`)
	p.until(`document.querySelector('dialog')`)
	p.key(kb.Escape)
	p.until(last("cancel") + `?.number === 9`)
}

// What is typed into "Jump to…" leaves the conversations with that in their names, and Enter goes to the
// first one, or to a person. Then all are there again.
func TestJumping(t *testing.T) {
	p := open(t, helpers)
	for _, jump := range []struct{ typed, shows, to string }{{"nig", "night", "night"}, {"BU", "build", "build"}, {"tomas", "", "tomas"}} {
		p.do(chromedp.SendKeys("#jump", jump.typed))
		p.until(`[...document.querySelectorAll('#nav a .t')].map(a => a.innerText).join() === ` + quoted(jump.shows))
		p.key(kb.Enter)
		p.until(`document.querySelector('#title').innerText === ` + quoted(jump.to) + ` && document.querySelector('#jump').value === '' && document.querySelectorAll('#nav a').length > 3`)
	}
}
