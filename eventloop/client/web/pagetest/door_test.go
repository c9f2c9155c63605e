package pagetest

import (
	"testing"

	"github.com/chromedp/cdproto/input"
	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
)

// guarded is a process on another machine, which asks for a password: the right one is tiger.
const guarded = helpers + `
	window.asked = [];
	window.fetch = async (url, how) => {
		const body = how?.body && JSON.parse(how.body);
		asked.push(body || null);
		if (!body) return new Response('', {status: 401, headers: {'WWW-Authenticate': 'password'}});
		return body.password === 'tiger' ? new Response(null, {status: 204}) : new Response('That is not the password of this page.', {status: 403});
	};
	document.addEventListener('DOMContentLoaded', () => { document.querySelector('#boot').textContent = 'prints' });
`

// The page of another machine asks for its password, and what is typed for that goes nowhere else.
func TestThePasswordOfThePage(t *testing.T) {
	p := open(t, guarded)
	p.until(`document.activeElement.id === 'password'`)
	if got := p.text("#door label"); got != "Password of this page" {
		t.Errorf("it asks for %q", got)
	}
	p.do(p.size(390, 800))
	p.shot("password-390")
	write := func(text string) {
		t.Helper()
		p.do(chromedp.ActionFunc(input.InsertText(text).Do))
		p.key(kb.Enter)
	}
	write("lion")
	p.until(`document.querySelector('#boot').innerText === 'That is not the password of this page.' && document.querySelector('#alert').innerText.includes('not the password')`)
	if got := get[string](p, `document.querySelector('#password').value + document.activeElement.id + (fake.url || '')`); got != "password" {
		t.Errorf("behind a wrong one the page has %q", got)
	}
	write("tiger")
	p.until(`document.activeElement.id === 'field' || document.querySelector('#lines .msg')`)
	if got := get[string](p, `JSON.stringify(asked) + document.querySelector('#field').value`); got != `[null,{"password":"lion"},{"password":"tiger"}]` {
		t.Errorf("the process was asked %s", got)
	}
	if get[bool](p, `(location.href + document.documentElement.outerHTML).includes('tiger')`) {
		t.Error("the password stands in the page")
	}
}
