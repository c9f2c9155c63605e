package pagetest

import (
	"fmt"
	"strings"
	"testing"

	"github.com/chromedp/cdproto/input"
	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
)

// last is the last ask of a kind, null if there is none.
func last(ask string) string { return `(fake.asks.findLast(a => a.ask === '` + ask + `') || null)` }

// write puts a text into the field at once, and waits for what the page shows of it.
func (p tab) write(text string) {
	p.Helper()
	p.do(chromedp.Focus("#field"), chromedp.ActionFunc(input.InsertText(text).Do))
	p.run("")
}

func TestALineIsSaidWhereOneIs(t *testing.T) {
	p := open(t, helpers)
	p.write("at noon")
	p.key(kb.Enter)
	p.until(last("say") + `?.text === 'at noon'`)
	p.until(`document.querySelector('#lines').lastChild.matches('.own') && document.querySelector('#lines').lastChild.innerText.includes('at noon')`)
	if got := get[string](p, last("say")+`.in + '|' + document.querySelector('#field').value`); got != "lobby|" {
		t.Errorf("it was said in, and the field has: %q", got)
	}
	p.until(`document.querySelector('#status').innerText.includes('Sent. Everyone in lobby')`)

	p.key("a")
	p.key(kb.Enter, chromedp.KeyModifiers(input.ModifierShift))
	p.key("b")
	p.key(kb.Enter)
	p.until(last("say") + `?.text === 'a\nb'`)
	p.write("//etc/hosts")
	p.key(kb.Enter)
	p.until(last("say") + `?.text === '/etc/hosts'`)
}

// Candidates are of what stands in the field: those of less of it, which the process has not
// answered anew, are not taken, and what is typed whole is run at once.
func TestEnterTakesACandidateOfWhatStandsThere(t *testing.T) {
	p := open(t, helpers)
	p.run(`fake.answers.complete = a => a.text.length > 2 ? {ok: true} : {ok: true, candidates: ['/search', '/sessions'], length: 2}`)
	p.key("/")
	p.key("s")
	p.until(`document.querySelectorAll('#cmds .opt').length === 2`)
	p.run(`fake.silent = true`)
	for _, c := range "ay" {
		p.key(string(c))
	}
	p.key(kb.Enter)
	p.until(last("line") + `?.text === '/say'`)

	p.run(`fake.silent = false; fake.answers.complete = a => ({ok: true, candidates: ['/names '], length: a.text.length})`)
	for _, typed := range []string{"/nam", "/names"} {
		p.run(`document.querySelector('#field').value = ''`)
		p.write(typed)
		p.until(`document.querySelectorAll('#cmds .opt').length === 1`)
		p.key(kb.Enter)
		if typed == "/nam" {
			p.until(`document.querySelector('#field').value === '/names '`)
		}
	}
	p.until(last("line") + `?.text === '/names'`)
}

func TestWhatIsRefusedStaysInTheField(t *testing.T) {
	p := open(t, helpers)
	p.run(`fake.answers.say = () => ({ok: false, error: 'You are not in ops.'})`)
	p.write("anybody here?")
	p.key(kb.Enter)
	p.until(`document.querySelector('#refused').innerText.includes('You are not in ops.')`)
	if got := get[string](p, `document.querySelector('#field').value + '|' + document.querySelector('#alert').innerText`); got != "anybody here?|You are not in ops." {
		t.Errorf("the field and the alert have: %q", got)
	}
}

// What could be meant for one person is not said to all.
func TestWhoHearsItIsToldBeforeItIsSent(t *testing.T) {
	p := open(t, helpers)
	for _, c := range []struct{ typed, strip, button string }{
		{"hello", "Everyone in lobby hears this 6 here kept by the server", "Send to lobby"},
		{"/dm bob 4711", "Only bob hears this through chat.example, which can read it Talk privately", "Send to bob"},
		{"/private bob 4711", "Nobody hears this there is no private session with bob, the draft stays here Ask again", "Cannot send"},
		{"/msg bob 4711", "Nobody hears this /msg says it to everyone. Did you mean /dm bob?", "Cannot send"},
		{"/msg nobodyhere 4711", "Everyone in lobby hears this 6 here kept by the server", "Send to lobby"},
		{"/room build x", "Everyone in build hears this 5 here kept by the server", "Send to build"},
		{"/names", "A command for parley, not a line for others", "Run /names"},
		{"a\nb\nc", "Everyone in lobby hears this 6 here kept by the server one message of 3 lines", "Send to lobby"},
	} {
		t.Run(c.typed, func(t *testing.T) {
			p := tab{t, p.ctx}
			p.run(`type(''); fake.asks.length = 0`)
			p.write(c.typed)
			strip, button := p.text("#aud"), get[string](p, `document.querySelector('#send').ariaLabel`)
			if strings.TrimSuffix(c.strip, "") != strip || c.button != button {
				t.Errorf("the strip is %q, the button %q; want %q, %q", strip, button, c.strip, c.button)
			}
			p.run(`document.querySelector('#compose').requestSubmit()`)
			sent := get[bool](p, `fake.asks.some(a => /say|line/.test(a.ask))`)
			if sent == (c.button == "Cannot send") {
				t.Errorf("it was sent: %v", sent)
			}
		})
	}
}

func TestEditReplyReactAndRemove(t *testing.T) {
	p := open(t, helpers)
	p.do(chromedp.Focus("#field"))
	p.key(kb.ArrowUp)
	p.until(`document.querySelector('#aud').innerText.includes('Changes your line')`)
	if got := get[string](p, `document.querySelector('#field').value`); got != "I keep Sunday morning, too." {
		t.Fatalf("Up brings: %q", got)
	}
	p.write(" Or Monday.")
	p.key(kb.Enter)
	p.until(last("edit") + `?.number === 7`)
	if got := get[string](p, last("edit")+`.text`); got != "I keep Sunday morning, too. Or Monday." {
		t.Errorf("it was changed to %q", got)
	}
	p.run(`fake.entry({...fake.line(7, 'alice', 'I keep Monday.'), edited: true}, false)`)
	p.until(`[...document.querySelectorAll('.msg')].some(m => m.innerText.includes('I keep Monday. (edited)'))`)

	p.run(`[...document.querySelectorAll('.msg')].at(-1).focus()`)
	p.key("r")
	p.until(`!document.querySelector('#reply').hidden`)
	p.write("good")
	p.key(kb.Enter)
	p.until(last("say") + `?.number === 13`)

	p.run(`document.querySelector('[data-key="e2"] .rx button').click()`)
	p.until(last("react") + `?.number === 2 && ` + last("react") + `.text === '👍' && ` + last("react") + `.on === false`)
	p.run(`fake.entry({...fake.line(13, 'tomas', ''), removed: {by: 'carol', why: 'an advertisement'}}, false)`)
	p.until(`document.querySelector('[data-key="e13"]').innerText.includes('Removed by carol: an advertisement')`)
}

func TestDraftsStayWithTheirConversation(t *testing.T) {
	p := open(t, helpers)
	p.write("for the lobby")
	p.run(`location.hash = 'direct:bob'; await wait()`)
	p.until(`document.querySelector('#field').value === ''`)
	p.write("for bob")
	p.run(`location.hash = 'lobby'; await wait()`)
	p.until(`document.querySelector('#field').value === 'for the lobby'`)
	got := get[string](p, `JSON.stringify(Object.values(fake.state.conversations).map(c => [c.id, c.draft]))`)
	if !strings.Contains(got, `["lobby","for the lobby"]`) || !strings.Contains(got, `["direct:bob","for bob"]`) {
		t.Errorf("the process keeps: %s", got)
	}
	// A refresh: the process has it.
	p = open(t, `fake.state.conversations.lobby.draft = 'half a line';`)
	p.until(`document.querySelector('#field').value === 'half a line'`)
}

// What is typed in another tab comes into the field, as what was typed last, and nothing else does.
func TestTheDraftOfAnotherTab(t *testing.T) {
	p := open(t, helpers)
	p.run(`fake.answers.say = () => ({ok: false, error: 'You are muted.'})`)
	p.write("no")
	p.key(kb.Enter)
	p.until(`document.querySelector('#refused').innerText.includes('You are muted.')`)
	p.run(`document.activeElement.blur(); fake.conversation('room:night', {unread: 1}); await wait()`) // something else is shown
	if p.text("#refused") == "" {
		t.Error("why it was not sent is gone")
	}
	p.run(`type(''); document.activeElement.blur(); await wait(); fake.elsewhere('from there')`)
	p.until(value + ` === 'from there'`)
	if get[bool](p, last("look")+`.view.mine`) {
		t.Error("the tab gives it back as its own")
	}
	p.write(" and here")
	p.until(`fake.state.conversations.lobby.draft === 'from there and here'`)
	p.run(`fake.conversation('lobby', {draft: 'from there and'}); await wait()`) // what was typed before, told late
	if got := get[string](p, value); got != "from there and here" {
		t.Errorf("while one writes, the field becomes %q", got)
	}
	p.run(`fake.elsewhere(''); await wait()`) // it was sent from there
	if got := get[string](p, value+` + document.activeElement.id`); got != "field" {
		t.Errorf("the field, with the focus, becomes %q", got)
	}
	p.run(`type('here'); fake.elsewhere('and there')`) // before it was told that what is typed here is the draft
	p.until(value + ` === 'and there'`)
	p.run(`fake.entry({...fake.line(3, 'alice', 'Thank you!'), own: true}, false); await wait(); document.querySelector('#field').focus()`)
	p.run(`fake.state.conversations.lobby.draft = ''; type(''); await wait()`)
	p.key(kb.ArrowUp)
	p.until(value + ` !== ''`)
	p.run(`fake.elsewhere('there, meanwhile'); await wait()`)
	if got := get[string](p, value); got == "there, meanwhile" {
		t.Error("what becomes of a line is another text")
	}
	p.key(kb.Escape)
	p.until(value + ` === 'there, meanwhile'`)
}

// What is typed in another tab while a line is changed here is not undone behind that, even if it was not told yet.
func TestTheDraftBehindAChange(t *testing.T) {
	for _, key := range []string{kb.Escape, kb.Enter} {
		p := open(t, helpers)
		p.key(kb.ArrowUp)
		p.until(value + ` === 'I keep Sunday morning, too.'`)
		p.run(`fake.made({elsewhere: 'lobby'}); fake.state.conversations.lobby.draft = 'from there'`)
		p.key(key)
		p.until(value + ` === 'from there' && fake.state.conversations.lobby.draft === 'from there'`)
	}
}

// What was typed in another tab while this one was not connected comes into the field, and is not undone by what was typed
// here before. What was typed here meanwhile is the newest.
func TestTheDraftBehindALoss(t *testing.T) {
	for here, want := range map[string]string{"": "from there", "typed here": "before, typed here"} {
		p := open(t, helpers)
		p.write("before")
		p.until(`fake.state.conversations.lobby.draft === 'before'`)
		p.run(`await wait(); fake.socket.close(); fake.state.conversations.lobby.draft = 'from there'`)
		if here != "" {
			p.write(", " + here)
		}
		p.within(long, fmt.Sprintf(`fake.socket?.readyState === 1 && %s === %q && fake.state.conversations.lobby.draft === %[2]q`, value, want))
	}
}

func TestCompletionComesFromTheProcess(t *testing.T) {
	p := open(t, helpers)
	p.write("/jo")
	p.until(`document.querySelectorAll('#cmds [role=option]').length === 1`)
	p.key(kb.Tab)
	p.until(`document.querySelector('#field').value === '/join ' && document.querySelector('#cmds').hidden`)
	p.write("dev")
	p.key(kb.Enter)
	p.until(last("line") + `?.text === '/join dev'`)
	p.run(`fake.conversation('room:dev', {name: 'Dev'}); fake.say({to: 'room:dev'})`)
	p.until(`document.querySelector('#title').innerText === 'Dev' && document.querySelector('#send').ariaLabel === 'Send to Dev'`)
	// Another tab, or the terminal, goes elsewhere: this one stays.
	p.run(`const now = Date.now; Date.now = () => now() + 6000; fake.say({to: 'room:build'})`)
	if got := p.text("#title"); got != "Dev" {
		t.Errorf("the page has gone to %s", got)
	}
}

func TestLogIn(t *testing.T) {
	p := open(t, helpers+`fake.state.connection.phase = 'connected'; fake.state.question = {id: 3, kind: 'name', prompt: '', busy: false}; fake.state.settings = {};`)
	if got := p.text("#sheet h1") + "|" + p.text("#sheet .card h2"); got != "Welcome to chat.example|Three things to know" {
		t.Errorf("the first meeting: %q", got)
	}
	p.do(chromedp.Focus("#answer"), chromedp.ActionFunc(input.InsertText("alice").Do))
	p.key(kb.Enter)
	p.until(last("answer") + `?.number === 3 && ` + last("answer") + `.text === 'alice'`)
	p.run(`fake.say({question: {id: 4, kind: 'password', prompt: 'password of alice', busy: false}, settings: {met: 'yes'}})`)
	p.until(`document.querySelector('#answer').type === 'password'`)
	p.do(chromedp.Focus("#answer"), chromedp.ActionFunc(input.InsertText("tiger").Do))
	p.key(kb.Enter)
	p.until(last("answer") + `?.number === 4 && ` + last("answer") + `.text === 'tiger'`)
	p.run(`fake.entry({id: 99, in: 'status', kind: 'failure', at: Date.now(), text: 'Wrong password.', left: 0}); fake.say({question: {id: 5, kind: 'password', prompt: 'password of alice', busy: false}})`)
	p.until(`document.querySelector('#wrong')?.innerText.includes('Wrong password.') && document.querySelector('#answer').getAttribute('aria-invalid') === 'true'`)
	if get[bool](p, `location.href.includes('tiger') || document.body.innerHTML.includes('tiger')`) {
		t.Error("the password stands in the document")
	}
	p.run(`fake.say({connection: {phase: 'logged_in', retry: 0, why: '', kept: 0}, question: {id: 0, kind: 'none', prompt: '', busy: false}})`)
	p.until(`document.querySelector('#field').checkVisibility() && document.querySelector('#lines .msg')`)
}
