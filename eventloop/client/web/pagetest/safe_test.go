package pagetest

import (
	"fmt"
	"testing"
)

// What others send is text, whatever is in it: nothing of it becomes a node, an attribute
// that does something, or a link to anything but the web.
func TestWhatOthersSendIsText(t *testing.T) {
	p := open(t, helpers+`
		const evil = ['<img src=x onerror="pwned=1">', '<script>pwned=1</script>', '"><svg onload=pwned=1>', 'javascript:pwned=1', 'data:text/html,<script>pwned=1</script>',
			'https://example.org/"onmouseover="pwned=1', '\u202Egnp.exe \u2066x', '{{constructor.constructor("pwned=1")()}}', '&lt;b&gt;', '__proto__', 'constructor', "' data-do='send", '#field',
			'HTTPS://user@evil.example/', 'https://example.org/\u202E', '(?<', '[\\'];
		window.evil = evil;
		fake.entries.lobby = evil.flatMap((x, i) => [fake.line(10 * i + 1, x, x, {re: {number: 1, sender: x, text: x}, reactions: [{word: x, names: [x], more: 0, mine: false}], mention: true}),
			fake.line(10 * i + 2, 'bob', '', {removed: {by: x, why: x}}), {...fake.line(10 * i + 3, x, x), kind: 'failure'}, {...fake.line(10 * i + 4, '', x), kind: 'presence'}, {...fake.line(10 * i + 5, '', x), kind: 'presence'},
			fake.line(10 * i + 6, x, x, {state: 'failed', why: x}), {...fake.line(10 * i + 7, x, x), in: 'again', where: x, form: 'said'}]);
		evil.forEach((x, i) => {
			fake.state.conversations['room:' + i] = {...fake.state.conversations['room:night'], id: 'room:' + i, name: x, topic: x, closed: x};
			fake.state.people['n' + i] = fake.person(x, {away: i % 2 > 0, why: x});
			fake.state.peers['n' + i] = {name: x, state: 'asked', until: 0, since: 0, path: x, relay: false, fingerprint: x, verified: false, known: {fingerprint: x, since: 0, verified: false}, changed: i % 2 > 0, round_trip: 0, waiting: 0};
		});
		fake.answers.search = () => ({ok: true, entries: fake.entries.lobby.filter(e => e.kind === 'message'), next: 0});
		fake.answers.complete = () => ({ok: true, candidates: evil, length: 1});
		fake.answers.rooms = () => ({ok: true, rooms: evil.map(x => ({name: x, topic: x, members: 1}))});`)
	check := func(where string) {
		t.Helper()
		if get[bool](p, `'pwned' in window || !!document.querySelector('main img, main script, nav img, aside img, [onerror], [onload], [onmouseover], svg svg')`) {
			t.Errorf("%s: what was sent has become markup", where)
		}
		if links := get[[]string](p, `[...document.querySelectorAll('a[href]')].map(a => a.getAttribute('href')).filter(h => !/^(#|https?:\/\/)/i.test(h))`); len(links) > 0 {
			t.Errorf("%s: there are links to %q", where, links)
		}
		if get[bool](p, `[...document.querySelectorAll('a:not([href^="#"])')].some(a => !a.rel.includes('noreferrer') || a.target !== '_blank')`) {
			t.Errorf("%s: a link tells where it was", where)
		}
	}
	check("lines")
	if got := get[[]string](p, `evil.filter((x, i) => document.querySelector('[data-key="e' + (10 * i + 1) + '"] .text').firstChild.parentNode.innerText.replaceAll(' (opens evil.example)', '') !== x)`); len(got) > 0 {
		t.Errorf("these are not shown as they are: %q", got)
	}
	if !get[bool](p, `[...document.querySelectorAll('#lines .head b, #nav .t')].every(b => b.querySelector('bdi')) && getComputedStyle(document.querySelector('.text')).unicodeBidi === 'plaintext'`) {
		t.Error("a name is not isolated from what stands beside it")
	}
	for i := range get[int](p, `evil.length`) {
		p.run(fmt.Sprintf(`location.hash = 'room:%d'; await wait(); location.hash = 'private:n%d'; await wait()`, i, i))
		check(fmt.Sprint("conversation ", i))
	}
	p.run(`location.hash = '/search'; await wait(); document.querySelector('#words').value = evil[0]; document.querySelector('#sheet form').requestSubmit(); await wait(50)`)
	check("search")
	p.run(`location.hash = '/rooms'; await wait(50)`)
	check("rooms")
	p.run(`location.hash = 'lobby'; await wait(); document.querySelector('.msg').focus(); await wait(); document.querySelector('.msg [data-do=lineMenu]').click(); await wait(); type('/'); await wait(50)`)
	check("menu and completion")
}

func TestALinkSaysWhatItOpens(t *testing.T) {
	p := open(t, helpers+`fake.entries.lobby = [fake.line(1, 'bob', 'https://bank.example@evil.example/x and https://xn--bcher-kva.example/ (https://en.wikipedia.org/wiki/A_(b)). HTTPS://EXAMPLE.ORG:443, ftp://no')];`)
	got := get[string](p, `[...document.querySelectorAll('.text a')].map(a => a.textContent + ' -> ' + a.href).join('\n')`)
	want := "https://bank.example@evil.example/x -> https://bank.example@evil.example/x\nhttps://xn--bcher-kva.example/ -> https://xn--bcher-kva.example/\nhttps://en.wikipedia.org/wiki/A_(b) -> https://en.wikipedia.org/wiki/A_(b)\nHTTPS://EXAMPLE.ORG:443 -> https://example.org/"
	if got != want {
		t.Errorf("the links are\n%s\nwant\n%s", got, want)
	}
	if text := p.text(".text"); text[:len("https://bank.example@evil.example/x (opens evil.example)")] != "https://bank.example@evil.example/x (opens evil.example)" {
		t.Errorf("it does not say what it opens: %s", text)
	}
}
