package pagetest

import (
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp/kb"
)

// said is how often a line is shown.
func (p tab) said(text string) int {
	p.Helper()
	return get[int](p, `[...document.querySelectorAll('.msg')].filter(m => m.querySelector('.text')?.innerText === `+quoted(text)+`).length`)
}

const (
	ready = `document.querySelector('#send')?.ariaLabel === 'Send to lobby' && !document.querySelector('#banner').innerText`
	long  = 30 * time.Second // of what is tried again after a pause
)

// The server is started again: the page counts down, keeps what is typed and what is sent
// meanwhile, and goes on by itself.
func TestTheServerIsStartedAgain(t *testing.T) {
	s := newStage(t)
	home := t.TempDir()
	serve := func(address string) running {
		return s.launch(home, `listening on (127\.0\.0\.1:\d+)`, "serve", "--listen", address, "--data", home+"/data")
	}
	server := serve("127.0.0.1:0")
	s.server = server.said
	p := visit(t, s.page("alice"))
	p.within(long, ready)
	bob := s.plain("bob")
	bob.ask("msg", "before it")
	p.until(`document.querySelector('#lines').innerText.includes('before it')`)

	server.end()
	p.within(long, `/Not connected to [^]*Trying again in \d+ s/.test(document.querySelector('#banner').innerText)`)
	p.write("meanwhile")
	p.key(kb.Enter)
	p.within(long, `document.querySelector('.msg.own.kept')?.innerText.includes('meanwhile') && document.querySelector('#banner').innerText.includes('1 of your lines')`)
	p.write("half a line")

	serve(s.server)
	p.within(long, ready+` && !document.querySelector('.msg.kept')`)
	for text, want := range map[string]int{"before it": 1, "meanwhile": 1} {
		if got := p.said(text); got != want {
			t.Errorf("%q is shown %d times", text, got)
		}
	}
	bob = s.plain("bob")
	p.until(value + ` === 'half a line' && document.activeElement.id === 'field'`)
	p.key(kb.Enter)
	bob.hears("alice", "half a line")
	bob.ask("msg", "behind it")
	p.until(`document.querySelector('#lines').lastChild.innerText.includes('behind it')`)
}

// The process of the page is started again: the old tab says what to do, and with the new
// address what was said, what was read and what was typed is there.
func TestTheProcessIsStartedAgain(t *testing.T) {
	s := newStage(t)
	home := t.TempDir()
	web := func(address string) running {
		return s.launch(home, `(http://127\.0\.0\.1:\d+/#token=\S+)`, "web", "alice@"+s.server, "--web-listen", address)
	}
	process := web("127.0.0.1:0")
	p := visit(t, process.said)
	p.within(long, ready)
	bob := s.plain("bob")
	bob.ask("msg", "read before")
	p.until(`document.querySelector('#lines').innerText.includes('read before')`)
	p.write("half a line")
	p.run(`location.hash = 'direct:bob'`)
	p.write("/dm half for bob")
	p.run(`await new Promise(f => setTimeout(f, 1200)); location.hash = 'lobby'`) // it is kept half a second after it was typed
	p.until(`document.querySelector('#title').innerText === 'lobby' && ![...document.querySelectorAll('#nav .n')].length`)

	process.end()
	p.within(long, `document.querySelector('#banner').innerText.includes('The chat has ended. Start parley web again to go on.')`)
	p.hearsNobody("the chat has ended")
	if got := get[string](p, value) + p.text("#lines"); !strings.Contains(got, "half a line") || !strings.Contains(got, "read before") {
		t.Errorf("without the process, the page has lost what it showed: %q", got)
	}
	bob.ask("msg", "said meanwhile")

	process = web("127.0.0.1:0")
	p = visit(t, process.said)
	p.within(long, ready+` && document.querySelector('#lines').innerText.includes('said meanwhile')`)
	for _, text := range []string{"read before", "said meanwhile"} {
		if got := p.said(text); got != 1 {
			t.Errorf("%q is shown %d times", text, got)
		}
	}
	p.until(value + ` === 'half a line'`)
	if got := get[string](p, `(() => { const all = [...document.querySelectorAll('#lines > li')], at = x => all.findIndex(li => li.innerText.includes(x)), mark = all.findIndex(li => li.id === 'unread'); return mark < 0 ? 'none' : String(at('read before') < mark && mark < at('said meanwhile')) })()`); got != "true" {
		t.Errorf("what is new does not begin behind what was read: %s", got)
	}
	p.run(`location.hash = 'direct:bob'`)
	p.until(value + ` === '/dm half for bob'`)

	// It is killed, and another one serves the same port: that does not know the browser.
	old, err := url.Parse(process.said)
	if err == nil {
		err = process.Process.Kill()
	}
	if err != nil {
		t.Fatal(err)
	}
	process.end()
	p.within(long, `document.querySelector('#banner').innerText.includes('parley does not answer on this machine. Trying again.')`)
	p.hearsNobody("only in this field")
	p.front()
	p.write(", and more of it")
	p.key(kb.Enter)
	p.until(`document.querySelector('#refused').innerText.includes('parley does not answer') && ` + value + ` === '/dm half for bob, and more of it'`)
	process = web(old.Host)
	p.within(long, `document.querySelector('#banner').innerText.includes('Open the address that parley web prints') && `+value+` === '/dm half for bob, and more of it'`)
	p = visit(t, process.said)
	p.within(long, ready+` && `+value+` === 'half a line' && document.querySelector('#lines').innerText.includes('said meanwhile')`)
	if got := p.said("said meanwhile"); got != 1 {
		t.Errorf("behind a kill, what was said is shown %d times", got)
	}
}
