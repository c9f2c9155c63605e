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
