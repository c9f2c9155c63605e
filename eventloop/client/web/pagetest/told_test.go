package pagetest

import (
	"testing"

	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
)

// A screen reader hears a few new lines each, many as how many they are, and no history.
func TestWhatIsReadOut(t *testing.T) {
	p := open(t, helpers)
	if got := p.text("#live"); got != "" {
		t.Errorf("at the beginning it is told: %q", got)
	}
	p.run(`fake.entry(fake.line(50, 'bob', 'one')); fake.entry(fake.line(51, 'alice', 'own')); fake.entry({...fake.line(52, 'bob', 'elsewhere'), in: 'room:build'})`)
	p.until(`document.querySelectorAll('#live p').length === 1`)
	if got := p.text("#live"); len(got) < 4 || got[:4] != "bob," || got[len(got)-5:] != ": one" {
		t.Errorf("a line is told as %q", got)
	}
	p.run(`for (let i = 60; i < 70; i++) fake.entry(fake.line(i, 'bob', 'x'))`)
	p.until(`document.querySelector('#live').lastChild.innerText === '10 new lines'`)
	p.run(`fake.say({connection: {phase: 'offline', retry: Date.now() + 9000, why: 'closed', kept: 0}})`)
	p.until(`document.querySelector('#status').innerText.includes('Connection lost')`)
	p.until(`/Trying again in \d s/.test(document.querySelector('#banner').innerText)`)
}

// The page goes on behind the last event that it had.
func TestTheProcessIsLostAndComesBack(t *testing.T) {
	p := open(t, helpers)
	p.write("half a line")
	p.run(`fake.entry(fake.line(50, 'bob', 'one')); window.was = fake.n; fake.socket.close()`)
	p.until(`fake.socket && fake.url.endsWith('/events?run=fake&after=' + was)`)
	p.until(`!document.querySelector('#banner').innerText && document.querySelector('#field').value === 'half a line'`)
	p.until(`document.querySelector('#send').ariaLabel === 'Send to lobby' && document.querySelector('#aud').innerText.includes('Everyone in lobby hears this')`)
	p.run(`fake.say({connection: {phase: 'ended', retry: 0, why: '', kept: 0}}); fake.socket.close(4001)`)
	p.until(`document.querySelector('#banner').innerText.includes('The chat has ended')`)
	p.hearsNobody("the chat has ended")
	p.key(kb.Enter)
	p.until(`document.querySelector('#refused').innerText.includes('The chat has ended') && document.querySelector('#field').value === 'half a line'`)
}

// hearsNobody waits until the page says so above the field, with why, and nothing can be sent.
func (p tab) hearsNobody(why string) {
	p.Helper()
	p.until(`document.querySelector('#aud').innerText.replace(/\s+/g, ' ').includes('Nobody hears this') && document.querySelector('#aud').innerText.includes(` + quoted(why) + `)
		&& document.querySelector('#send').ariaDisabled === 'true' && document.querySelector('#send').ariaLabel === 'Cannot send'`)
}

func TestCountsStandInTitleAndIcon(t *testing.T) {
	p := open(t, helpers)
	sign := `document.title + ' ' + document.querySelector('#favicon').getAttribute('href')`
	if got := get[string](p, sign); got != "(1) lobby · parley icon-mention.svg" {
		t.Errorf("with a mention: %s", got)
	}
	p.run(`fake.conversation('lobby', {unread: 0, mentions: 0})`)
	if got := get[string](p, sign); got != "lobby · parley icon-unread.svg" {
		t.Errorf("with unread lines: %s", got)
	}
	p.run(`fake.conversation('room:build', {unread: 0})`)
	if got := get[string](p, sign); got != "lobby · parley icon.svg" {
		t.Errorf("with nothing new: %s", got)
	}
	if get[bool](p, `Notification.permission === 'granted'`) {
		t.Error("the page may notify, and has not been told to")
	}
}

// What is read is what was at the end of the list while somebody looked.
func TestWhatIsRead(t *testing.T) {
	p := open(t, helpers)
	p.until(last("read") + `?.in === 'lobby' && ` + last("read") + `.entry === 13`)
	p.run(`document.querySelector('#scroll').scrollTop = 0; await wait(); fake.asks.length = 0; fake.entry(fake.line(14, 'bob', 'x')); await wait(600)`)
	if get[bool](p, last("read")+` !== null`) {
		t.Error("a line that is out of sight was read")
	}
}

// A browser that the process does not know, such as one that was in before the process was
// started again, is told how to get in; the secret of an address is exchanged, and gone.
func TestGettingIn(t *testing.T) {
	p := open(t, `window.asked = []; window.fetch = async (url, how) => { asked.push([url, how?.method, how?.body]); return new Response(null, {status: 401}) };`)
	if got := p.text("#boot"); got != "Open the address that parley web prints: it lets this browser in." {
		t.Errorf("the page says %q", got)
	}
	if get[bool](p, `!!fake.url`) {
		t.Error("it has opened a WebSocket all the same")
	}
	p.run(`location.hash = 'token=abc'`)
	p.do(chromedp.Reload())
	p.until(`window.asked?.length === 1`)
	if got := get[string](p, `JSON.stringify(asked[0]) + location.href.includes('abc')`); got != `["session","POST","{\"token\":\"abc\"}"]false` {
		t.Errorf("the page asked, and has in its address: %s", got)
	}
}
