package pagetest

import (
	"context"
	"encoding/json"
	"fmt"
	"testing"

	cdpbrowser "github.com/chromedp/cdproto/browser"
	"github.com/chromedp/cdproto/cdp"
	cdppage "github.com/chromedp/cdproto/page"
	"github.com/chromedp/chromedp"
)

// notes records what would stand on the desktop, and what the browser is asked: no test can see
// a real notification. permission is what the person answers the browser.
const notes = helpers + `
	window.notes = [];
	window.permission = window.permission || 'granted';
	window.Notification = class {
		static permission = 'default';
		static asked = 0;
		static async requestPermission() { this.asked++; return this.permission = window.permission }
		constructor(title, options) { Object.assign(this, {title, ...options}); notes.push(this) }
		close() { this.closed = true }
	};
	window.turnsOn = async () => { document.querySelector('[data-do=settings]').click(); await wait(); document.querySelector('dialog [name=notify]').click(); await wait(); document.querySelector('dialog [data-do=shut]').click(); await wait() };
`

// away has another tab be looked at.
const away = `window.away = true; document.hasFocus = () => !window.away; Object.defineProperty(document, 'hidden', {get: () => window.away});`

// A note is a notification.
type note struct{ Title, Body, Tag string }

// shown returns the notifications of a tab, and forgets them.
func (p tab) shown() (all []note) {
	p.Helper()
	if err := json.Unmarshal([]byte(get[string](p, `JSON.stringify(notes.splice(0))`)), &all); err != nil {
		p.Fatal(err)
	}
	return all
}

func TestNothingIsNotifiedBeforeThePersonWantsIt(t *testing.T) {
	p := open(t, notes+away)
	p.run(`fake.entry(fake.line(50, 'bob', 'alice?', {mention: true}))`)
	if got := p.shown(); len(got) > 0 || get[bool](p, `Notification.asked > 0`) {
		t.Errorf("without being asked for there are %v", got)
	}
	p.run(`await turnsOn()`)
	if got := get[string](p, `Notification.asked + JSON.stringify(`+last("setting")+`)`); got[:1] != "1" || !json.Valid([]byte(got[1:])) || !get[bool](p, last("setting")+`.name === 'notify' && `+last("setting")+`.text === 'yes'`) {
		t.Errorf("turning them on asks: %s", got)
	}
}

// Who and where it was said, and the text, but for what is private; for what is meant for the
// person, or all, as they have chosen.
func TestWhatIsNotified(t *testing.T) {
	p := open(t, notes+away)
	p.run(`await turnsOn(); fake.say({settings: {met: 'yes', notify: 'yes'}})`)
	long := `'x'.repeat(300)`
	said := func(settings, line string, want ...note) {
		t.Helper()
		p.run(`fake.say({settings: {met: 'yes', ` + settings + `}}); fake.entry({...fake.line(fake.last() + 1, 'bob', 'lunch?'), ` + line + `})`)
		got := p.shown()
		if len(got) != len(want) || len(got) > 0 && got[0] != want[0] {
			t.Errorf("with %s, of %s is shown: %v", settings, line, got)
		}
	}
	mention := note{"bob in lobby", "lunch?", "lobby"}
	said(`notify: 'yes'`, `mention: true`, mention)
	said(`notify: 'yes'`, `in: 'direct:bob'`, note{"bob", "lunch?", "direct:bob"})
	said(`notify: 'yes'`, `in: 'private:bob', text: 'the key is 7'`, note{"bob", "A private line", "private:bob"})
	said(`notify: 'yes'`, `in: 'room:build', mention: true`, note{"bob in build", "lunch?", "room:build"})
	said(`notify: 'yes'`, `in: 'lobby'`)
	said(`notify: 'yes', meant: 'no'`, `in: 'lobby'`, mention)
	said(`notify: 'no', meant: 'no'`, `mention: true`)
	said(`meant: 'no'`, `mention: true`)
	said(`notify: 'yes'`, `mention: true, own: true`)
	said(`notify: 'yes'`, `mention: true, old: true`)
	said(`notify: 'yes'`, `mention: true, kind: 'presence', in: 'status'`)
	p.run(`fake.entry({...fake.line(fake.last() + 1, 'bob', ` + long + `), in: 'direct:bob'})`)
	if got := p.shown(); len(got) != 1 || len(got[0].Body) != 200 {
		t.Errorf("of a long text is shown: %v", got)
	}
	p.run(`fake.entry({...fake.entries.lobby.at(-1), text: 'lunch, alice?', edited: true, mention: true}, false)`)
	if got := p.shown(); len(got) > 0 {
		t.Errorf("a change is shown as something new: %v", got)
	}
}

// What is looked at is not told again, what was read goes away, and a click leads there.
func TestNotificationsAreForWhoLooksElsewhere(t *testing.T) {
	p := open(t, notes+away)
	p.run(`await turnsOn(); fake.say({settings: {met: 'yes', notify: 'yes'}}); window.away = false; fake.entry(fake.line(50, 'bob', 'alice?', {mention: true}))`)
	if got := p.shown(); len(got) > 0 {
		t.Errorf("who reads the page is shown %v", got)
	}
	p.run(`window.away = true; fake.entry({...fake.line(51, 'bob', 'alice?', {mention: true}), in: 'room:build'}); fake.entry({...fake.line(52, 'bob', 'here?'), in: 'direct:bob'})`)
	p.run(`notes[0].onclick()`)
	p.until(`document.querySelector('#title').innerText === 'build' && notes[0].closed && !notes[1].closed`)
	p.run(`fake.conversation('direct:bob', {cursor: 52})`)
	p.until(`notes[1].closed`)
}

// Of several tabs one notifies, and none while one of them is looked at. A tab in the background
// draws nothing, so none of this waits for that.
func TestOneTabOfSeveralNotifies(t *testing.T) {
	first := open(t, notes+away)
	second := first.beside(notes + away)
	tabs := []tab{first, second}
	at := 50
	says := func() (all []note) {
		at++
		for _, p := range tabs {
			get[bool](p, fmt.Sprintf(`(fake.entry(fake.line(%d, 'bob', 'alice?', {mention: true})), true)`, at))
			all = append(all, p.shown()...)
		}
		return all
	}
	for _, p := range tabs {
		get[bool](p, `(Notification.permission = 'granted', fake.say({settings: {met: 'yes', notify: 'yes'}}), true)`)
	}
	leader := `(await navigator.locks.query()).held.find(l => l.name === 'notify')?.clientId`
	first.until(leader)
	if got := says(); len(got) != 1 {
		t.Errorf("of two tabs in the background are shown %v", got)
	}
	looks := func(p tab, on bool) {
		get[bool](p, fmt.Sprintf(`(window.away = !%v, dispatchEvent(new Event(away ? 'blur' : 'focus')), true)`, on))
	}
	for _, p := range tabs {
		me := get[string](p, `navigator.locks.request('me', async () => (await navigator.locks.query()).held.find(l => l.name === 'me').clientId)`)
		looks(p, true)
		p.until(leader + ` === '` + me + `'`)
		if got := says(); len(got) > 0 {
			t.Errorf("while a tab is looked at are shown %v", got)
		}
		looks(p, false)
		if got := says(); len(got) != 1 {
			t.Errorf("of two tabs that nobody looks at are shown %v", got)
		}
	}
	second.do(cdppage.Close())
	first.until(`(() => { fake.entry(fake.line(fake.last() + 1, 'bob', 'alice?', {mention: true})); return notes.length > 0 })()`)
}

// What the browser refuses is said where it was asked for, and the box is not ticked.
func TestTheBrowserRefusesToNotify(t *testing.T) {
	for permission, want := range map[string]string{
		"denied":  "This browser does not allow notifications of this page. That can be changed in its settings for this site.",
		"default": "Notifications were not allowed, so none are shown.",
	} {
		p := open(t, `window.permission = '`+permission+`';`+notes)
		for range 2 {
			p.run(`document.querySelector('dialog') || document.querySelector('[data-do=settings]').click(); await wait(); document.querySelector('dialog [name=notify]').click(); await wait()`)
			if got := get[string](p, `[...document.querySelectorAll('dialog [role=alert]')].map(e => e.innerText).join('|')`); got != want {
				t.Errorf("%s: the settings say %q", permission, got)
			}
		}
		p.shot("notify-" + permission)
		if get[bool](p, `document.querySelector('dialog [name=notify]').checked || fake.asks.some(a => a.ask === 'setting')`) {
			t.Errorf("%s: it counts as turned on", permission)
		}
		// Another browser has turned them on: this one does not show them, and does not say so.
		p.run(`document.querySelector('dialog [data-do=shut]').click(); fake.say({settings: {met: 'yes', notify: 'yes'}}); document.querySelector('[data-do=settings]').click(); await wait()`)
		if get[bool](p, `document.querySelector('dialog [name=notify]').checked`) {
			t.Errorf("%s: the box is ticked in a browser that shows nothing", permission)
		}
	}
}

// The browser's own permission is what counts, and its own notification is taken.
func TestThePermissionOfTheBrowser(t *testing.T) {
	p := open(t, helpers+away)
	origin := get[string](p, `location.origin`)
	for _, setting := range []cdpbrowser.PermissionSetting{cdpbrowser.PermissionSettingDenied, cdpbrowser.PermissionSettingGranted} {
		want := setting.String()
		p.do(chromedp.ActionFunc(func(ctx context.Context) error {
			return cdpbrowser.SetPermission(&cdpbrowser.PermissionDescriptor{Name: "notifications"}, setting).WithOrigin(origin).Do(cdp.WithExecutor(ctx, chromedp.FromContext(ctx).Browser))
		}))
		p.until(`Notification.permission === '` + want + `'`)
		p.run(`document.querySelector('[data-do=settings]').click(); await wait(); document.querySelector('dialog [name=notify]').click(); await wait(50)`)
		if got := get[bool](p, `document.querySelector('dialog [name=notify]').checked`); got != (want == "granted") {
			t.Errorf("%s: ticked is %v", want, got)
		}
		p.run(`document.querySelector('dialog [data-do=shut]').click()`)
	}
	p.run(`const Real = Notification; window.real = []; window.Notification = class extends Real { constructor(...how) { super(...how); real.push(this) } };
		fake.say({settings: {met: 'yes', notify: 'yes'}}); fake.entry(fake.line(50, 'bob', 'alice?', {mention: true}))`)
	if got := get[string](p, `real.map(n => n.title + ': ' + n.body).join()`); got != "bob in lobby: alice?" {
		t.Errorf("the browser is given %q", got)
	}
}

// beside opens the same page in another tab.
func (p tab) beside(script string) tab {
	p.Helper()
	url := get[string](p, `location.href`)
	other := newTab(p.T)
	other.do(chromedp.ActionFunc(func(ctx context.Context) error {
		_, err := cdppage.AddScriptToEvaluateOnNewDocument(fake + script).Do(ctx)
		return err
	}), chromedp.Navigate(url))
	other.until(`document.querySelector('#lines li')`)
	return other
}
