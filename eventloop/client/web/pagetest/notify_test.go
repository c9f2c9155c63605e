package pagetest

import (
	"context"
	"encoding/json"
	"fmt"
	"testing"

	cdpbrowser "github.com/chromedp/cdproto/browser"
	"github.com/chromedp/cdproto/cdp"
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

// Of several tabs one notifies, as the process says: a tab tells it when a person looks there, and when no
// longer. In the background that waits for no frame.
func TestOneTabOfSeveralNotifies(t *testing.T) {
	p := open(t, notes+away)
	p.run(`await turnsOn(); fake.say({settings: {met: 'yes', notify: 'yes'}})`)
	for _, leads := range []bool{true, false, true} {
		p.run(fmt.Sprintf(`fake.lead(%t); fake.entry(fake.line(fake.last() + 1, 'bob', 'alice?', {mention: true}))`, leads))
		if got := p.shown(); (len(got) > 0) != leads {
			t.Errorf("that it notifies is %t, and it shows %v", leads, got)
		}
	}
	for _, looks := range []bool{true, false, true} {
		get[bool](p, fmt.Sprintf(`(window.requestAnimationFrame = () => 1, window.away = !%t, dispatchEvent(new Event(away ? 'blur' : 'focus')), true)`, looks))
		p.until(fmt.Sprintf(`fake.asks.findLast(a => a.ask === 'look').view.focus === %t`, looks))
	}
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
