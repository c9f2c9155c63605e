package pagetest

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/chromedp/cdproto/input"
	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
)

// A name that the server refuses does not stay: not in the field, not as one's own, and not as who was logged in last.
func TestANameThatIsRefusedDoesNotStay(t *testing.T) {
	s := newStage(t)
	s.plain("bob") // has the name
	home := t.TempDir()
	process := s.launch(home, `(http://127\.0\.0\.1:\d+/#token=\S+)`, "web", s.server, "--web-listen", "127.0.0.1:0")
	p := visit(t, process.said)
	p.within(long, `document.activeElement.id === 'answer'`)
	p.do(chromedp.ActionFunc(input.InsertText("bob").Do))
	p.key(kb.Enter)
	p.within(long, `document.querySelector('#wrong')?.innerText`)
	if got := get[string](p, `document.querySelector('#answer').value + '|' + document.activeElement.id`); got != "|answer" {
		t.Errorf("behind the refusal the field has, and the focus is in: %q", got)
	}
	if got := get[string](p, `document.querySelector('#nav').textContent`); strings.Contains(got, "bob") || !strings.Contains(got, "not logged in") {
		t.Errorf("one is called %q", got)
	}
	p.do(chromedp.ActionFunc(input.InsertText("alice").Do))
	p.key(kb.Enter)
	p.within(long, ready+` && document.querySelector('#nav').innerText.includes('alice, here')`)
	process.end()
	var last []string
	filepath.WalkDir(home, func(path string, d os.DirEntry, err error) error {
		if err == nil && d.Name() == "last.json" {
			b, _ := os.ReadFile(path)
			last = append(last, string(b))
		}
		return err
	})
	if len(last) != 1 || !strings.Contains(last[0], "alice") {
		t.Errorf("who was logged in last is kept as %q", last)
	}
}

// The refusal may come so fast that the page is shown nothing in between.
func TestANameThatIsRefusedAtOnceDoesNotStay(t *testing.T) {
	p := open(t, helpers+`fake.state.connection.phase = 'connected'; fake.state.question = {id: 3, kind: 'name', prompt: 'name', busy: false}; fake.state.self.name = '';`)
	p.until(`document.activeElement.id === 'answer'`)
	p.do(chromedp.ActionFunc(input.InsertText("bob").Do))
	p.key(kb.Enter)
	p.until(last("answer") + `?.text === 'bob'`)
	p.run(`fake.entry({id: 99, in: 'status', kind: 'failure', at: Date.now(), text: 'The name bob is taken.', left: 0}); fake.say({question: {id: 4, kind: 'name', prompt: 'name', busy: false}})`)
	p.until(`document.querySelector('#wrong')?.innerText.includes('is taken')`)
	if got := get[string](p, `document.querySelector('#answer').value + '|' + document.activeElement.id`); got != "|answer" {
		t.Errorf("behind the refusal the field has, and the focus is in: %q", got)
	}
}

// Why something was not done is seen where one is: beside the field, or where that is hidden, and not covered by a column or
// a dialog.
func TestARefusalIsSeen(t *testing.T) {
	const refused = `fake.answers.line = fake.answers['private.start'] = fake.answers.setting = () => ({ok: false, error: 'That cannot be done.'}); `
	for _, c := range []struct {
		what, there, does string
		width             int64
	}{
		{"beside the field", ``, `type('/join x y'); document.querySelector('#compose').requestSubmit()`, 1280},
		{"in the list of rooms", `location.hash = '/rooms'`, `document.querySelector('#sheet [data-do=join]').click()`, 1280},
		{"in that of a phone", `location.hash = '/rooms'`, `document.querySelector('#sheet [data-do=join]').click()`, 390},
		{"of a form", `location.hash = '/rooms'`, `document.querySelector('[data-do=newRoom]').click(); await wait(); document.querySelector('dialog [name=name]').value = 'a b'; document.querySelector('dialog form').requestSubmit()`, 1280},
		{"beside the search", `location.hash = 'direct:bob'; await wait(); location.hash = '/search'`, `document.querySelector('#aside [data-do=startPrivate]').click()`, 1280},
		{"in a column above the lines", `location.hash = 'direct:bob'`, `document.querySelector('[data-arg=aside]').click(); document.querySelector('#aside [data-do=startPrivate]').click()`, 390},
		{"in a dialog", ``, `document.querySelector('[data-do=settings]').click(); await wait(); document.querySelector('dialog [data-change]:not(:checked)').click()`, 1280},
		{"in that of a phone", ``, `document.querySelector('[data-do=settings]').click(); await wait(); document.querySelector('dialog [data-change]:not(:checked)').click()`, 390},
	} {
		t.Run(c.what, func(t *testing.T) {
			p := open(t, helpers)
			p.do(p.dark(false), p.size(c.width, 800)) // without motion
			p.run(c.there + `; await wait(); ` + refused + c.does + `; await wait()`)
			p.until(seen)
			p.shot("refusal-" + c.what)
			if got := p.text("#alert"); got != "That cannot be done." {
				t.Errorf("a screen reader is told %q", got)
			}
		})
	}
}

// seen is that a refusal is shown, is in sight, and not covered.
const seen = `[...document.querySelectorAll('.err')].some(e => { const b = e.getBoundingClientRect();
	return e.innerText === 'That cannot be done.' && b.width > 100 && b.bottom <= innerHeight && e.contains(document.elementFromPoint(b.left + 30, b.top + b.height / 2)) })`

// It is gone when one does something else, or goes elsewhere.
func TestARefusalGoes(t *testing.T) {
	for what, does := range map[string]string{
		"something else": `document.querySelector('[data-do=join][data-arg=board]').click()`, "the lines": `document.querySelector('[data-do=back]').click()`, "another page": `location.hash = '/search'`,
	} {
		t.Run(what, func(t *testing.T) {
			p := open(t, helpers)
			p.run(`location.hash = '/rooms'; await wait(); fake.answers.line = a => /jazz/.test(a.text) ? {ok: false, error: 'That cannot be done.'} : {ok: true}; document.querySelector('[data-arg=jazz]').click(); await wait();
				document.querySelector('dialog [name=key]').value = 'k'; document.querySelector('dialog form').requestSubmit()`)
			p.until(seen)
			p.run(does + `; await wait()`)
			p.until(`![...document.querySelectorAll('.err')].some(e => e.innerText)`)
		})
	}
}
