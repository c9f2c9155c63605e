package pagetest

import (
	"context"
	"fmt"
	"math"
	"slices"
	"testing"

	"github.com/chromedp/cdproto/performance"
	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
)

// many is a script: the lobby has a thousand lines.
const many = `fake.entries.lobby = Array.from({length: 1000}, (_, i) => fake.line(i + 1, i % 3 ? 'bob' : 'carol', 'line ' + (i + 1) + ' and more words of it'.repeat(i % 4)));`

// top is the line at the top of what is seen, and how many pixels of it are out of sight.
const top = `(() => { const s = document.querySelector('#scroll').getBoundingClientRect(); const li = [...document.querySelectorAll('.msg')].find(m => m.getBoundingClientRect().bottom > s.top + 20); return {key: li.dataset.key, at: li.getBoundingClientRect().top - s.top} })()`

type place struct {
	Key string
	At  float64
}

// near reports whether it is the same place, but for what a screen rounds.
func (a place) near(b place) bool { return a.Key == b.Key && math.Abs(a.At-b.At) <= 1 }

func TestTheHistoryComesByScrollingAndKeepsItsPlace(t *testing.T) {
	p := open(t, helpers+many)
	for range 40 {
		p.run(`document.querySelector('#scroll').scrollTop = 700; await wait(30)`)
		p.run(`document.querySelector('#scroll').scrollTop -= 300`)
		seen := get[place](p, top)
		p.run(`await wait(60)`) // older lines come, and others go
		if after := get[place](p, top); !after.near(seen) {
			t.Fatalf("what was seen moved from %v to %v", seen, after)
		}
		if n := get[int](p, `document.querySelectorAll('#lines > *').length`); n > 230 {
			t.Fatalf("%d lines are in the document", n)
		}
		if get[bool](p, `!!document.querySelector('[data-key="e1"]')`) {
			break
		}
	}
	if !get[bool](p, `!!document.querySelector('[data-key="e1"]')`) {
		t.Fatalf("the first line was not reached, but %v", get[place](p, top))
	}
	if got := p.text("#live"); got != "" {
		t.Errorf("a screen reader was read the history: %q", got)
	}

	// What comes meanwhile does not move it, and is counted.
	seen := get[place](p, top)
	p.run(`for (let i = 1; i < 4; i++) fake.entry(fake.line(2000 + i, 'dora', 'new')); await wait()`)
	if after := get[place](p, top); !after.near(seen) {
		t.Errorf("a new line moved what was seen from %v to %v", seen, after)
	}
	if got := p.text("#tonew"); got != "3 new lines" {
		t.Errorf("the button says %q", got)
	}
	p.do(chromedp.Click("#tonew"))
	p.until(`document.querySelector('#lines').lastChild.dataset.key === 'e2003' && document.querySelector('#tonew').hidden`)
}

func TestALongTextIsFolded(t *testing.T) {
	p := open(t, helpers)
	folded := `getComputedStyle(document.querySelector('[data-key="e9"] .fold')).overflowY === 'hidden'`
	p.until(folded)
	click := `document.querySelector('[data-key="e9"] .more input').click()`
	p.run(click)
	p.until(`!(` + folded + `)`)
	p.run(`fake.entry({...fake.entries.lobby.find(e => e.id === 9), edited: true}, false); await wait()`)
	p.until(`!(` + folded + `)`) // a change of the line leaves that as it is
	p.run(click)
	p.until(folded)
}

// prepared makes what the process sends of many messages: it is no work of the page.
const prepared = `(many => {
	window.lines = fake.lines(Array.from({length: many}, (_, i) => fake.line(5000 + i, 'user' + i % 7, 'message ' + (5000 + i) + ' of many, with a link https://example.org/' + (5000 + i))));
	window.shows = Array.from({length: many / 50}, (_, i) => {
		Object.assign(fake.state.conversations.lobby, {last: 5049 + 50 * i, unread: 50 * i});
		return fake.made().show;
	});
})`

// storm is many messages at 500 a second, and what they do to the page.
const storm = `(async many => {
	let longest = 0, frames = 0, last = 0, run = true;
	const frame = t => { if (last) longest = Math.max(longest, t - last); last = t; frames++; if (run) requestAnimationFrame(frame) };
	requestAnimationFrame(frame);
	const begin = performance.now();
	for (let sent = 0, shown = 0; sent < many;) {
		for (const due = Math.min(many, (performance.now() - begin) / 2); sent < due; sent++) {
			fake.frame({type: 'entry', n: ++fake.n, added: true, entry: lines[sent]});
		}
		if (performance.now() > shown && shows.length) { // as often as a process says it
			shown = performance.now() + 100;
			fake.frame(shows.shift());
		}
		await new Promise(f => setTimeout(f, 4));
	}
	run = false;
	const seconds = (performance.now() - begin) / 1000;
	await new Promise(f => setTimeout(f, 300));
	return {longest, frames, seconds, shown: document.querySelectorAll('#lines > *').length, nodes: document.querySelectorAll('*').length,
		last: document.querySelector('#lines').lastChild.dataset.key, told: document.querySelectorAll('#live p').length};
})`

// Ten thousand messages at 500 a second: no frame is longer than 200 ms, the page needs about a
// third of a processor, and what is in the document is bounded. Both are judged only where the
// page has had the processor when it needed it. That takes 20 s, so there are fewer where a
// test is to be short, or looks for races, of which there are none in a page: more than
// are kept in the page all the same.
func TestTenThousandMessages(t *testing.T) {
	many := 10_000
	if testing.Short() || raceDetector {
		many = 2500
	}
	p := open(t, helpers)
	p.do(performance.Enable())
	p.run(fmt.Sprintf("%s(%d)", prepared, many))
	cpu, wall := p.spent()
	r := get[struct {
		Longest, Seconds           float64
		Frames, Shown, Nodes, Told int
		Last                       string
	}](p, fmt.Sprintf("%s(%d)", storm, many))
	cpuAfter, wallAfter := p.spent()
	cpu, wall = cpuAfter-cpu, wallAfter-wall
	t.Logf("%.0f s, %d frames, the longest %.0f ms; the page worked %.1f s and had the processor for %.1f s of that; %d lines and %d nodes in the document",
		r.Seconds, r.Frames, r.Longest, wall, cpu, r.Shown, r.Nodes)
	if r.Shown > 230 || r.Nodes > 4000 || r.Last != fmt.Sprint("e", 4999+many) || r.Told > 8 {
		t.Errorf("%d lines and %d nodes are in the document, the last line is %s, %d sentences are told", r.Shown, r.Nodes, r.Last, r.Told)
	}
	// Who looks back behind the last two thousand asks for them again: they are not kept here.
	p.run(`for (let i = 0; i < 80 && !fake.asks.some(a => a.ask === 'page' && a.entry); i++) { document.querySelector('#scroll').scrollTop = 0; await wait() }`)
	if first := get[int](p, last("page")+`.entry`); first < 4999+many-2000 {
		t.Errorf("the first line that is kept is %d", first)
	}
	if cpu < 0.8*wall {
		t.Log("the machine was busy with something else: frames are not judged")
		return
	}
	if r.Longest > 200 {
		t.Errorf("a frame took %.0f ms", r.Longest)
	}
}

// spent returns the seconds of a processor that the page has had, and those in which it has worked.
func (p tab) spent() (cpu, wall float64) {
	p.Helper()
	p.do(chromedp.ActionFunc(func(ctx context.Context) error {
		metrics, err := performance.GetMetrics().Do(ctx)
		for _, m := range metrics {
			switch m.Name {
			case "ThreadTime":
				cpu = m.Value
			case "TaskDuration":
				wall = m.Value
			}
		}
		return err
	}))
	return cpu, wall
}

func TestTheKeys(t *testing.T) {
	p := open(t, helpers)
	focus := `(document.activeElement.id || document.activeElement.dataset.key || document.activeElement.dataset.do || document.activeElement.nodeName)`
	press := func(want, key string, with ...chromedp.KeyOption) {
		t.Helper()
		p.key(key, with...)
		p.run(``)
		if got := get[string](p, focus); got != want {
			t.Errorf("%q leads to %s, want %s", key, got, want)
		}
	}
	alt, ctrl := chromedp.KeyModifiers(1), chromedp.KeyModifiers(2)
	p.do(chromedp.Focus("#field"))
	press("jump", "k", ctrl)
	press("e13", kb.F6)
	press("e10", kb.ArrowUp)
	press("e13", "j")
	press("e1", kb.Home)
	press("e13", kb.End)
	press("field", kb.Escape)
	press("person", kb.F6)
	press("jump", kb.F6)
	press("e13", kb.F6)
	press("e8", "u")
	press("react", "+")
	p.until(`document.querySelector('.menu[role=menu]')`)
	press("e8", kb.Escape)
	p.run(`press(document.activeElement, 'Enter')`)
	if got := get[string](p, focus); got != "reactMenu" {
		t.Errorf("Enter leads to %s", got)
	}
	press("reply", kb.ArrowDown)
	press("e8", kb.Escape)
	p.key("?")
	p.until(`document.querySelector('dialog').innerText.includes('jump to a room or person')`)
	p.key(kb.Escape)
	p.until(`!document.querySelector('dialog')`)
	p.key("/")
	p.until(`document.querySelector('#words') && !document.querySelector('#sheet').hidden`)
	p.key(kb.Escape)
	p.run(`document.activeElement.blur()`)
	p.key(kb.Escape)
	p.run(`document.querySelector('#main').focus()`)
	p.run(`location.hash = 'lobby'; await wait()`)
	p.key(kb.ArrowDown, alt)
	p.until(`document.querySelector('#title').innerText === 'build'`)
	p.key(kb.ArrowUp, alt)
	p.until(`document.querySelector('#title').innerText === 'lobby'`)
}

// Tab goes through the page in the order in which one reads it; the lines are one stop.
func TestTabOrder(t *testing.T) {
	p := open(t, helpers)
	p.do(chromedp.Focus(`.skip`)) // the first one: a page begins at the field
	got := []string{"#main"}
	for range 40 {
		p.key(kb.Tab)
		at := get[string](p, `(() => { const a = document.activeElement; return a.closest('#lines') ? 'line' : a.closest('#nav ul') ? 'conversation' : a.closest('#aside') ? 'person' : a.id || a.dataset.do || a.hash || a.nodeName })()`)
		if at == "BODY" {
			break
		}
		if len(got) == 0 || got[len(got)-1] != at {
			got = append(got, at)
		}
	}
	want := []string{"#main", "skip", "selfMenu", "settings", "jump", "conversation", "go", "conversation", "keys", "go", "line", "field", "send", "person"}
	if !slices.Equal(got, want) {
		t.Errorf("Tab goes through %v, want %v", got, want)
	}
	if n := get[int](p, `document.querySelectorAll('#lines > [tabindex="0"]').length`); n != 1 {
		t.Errorf("%d lines are Tab stops", n)
	}
}

// A few lines do not fill the screen, so nobody can scroll: older ones come by themselves.
func TestAFewLinesBringTheOlderOnes(t *testing.T) {
	p := open(t, helpers+`fake.entries.lobby = Array.from({length: 30}, (_, i) => fake.line(i + 1, 'bob', 'x'));
		const page = fake.answers.page; fake.answers.page = a => page({...a, count: a.entry ? 100 : 2});`)
	p.until(`document.querySelector('[data-key="e1"]') && !document.querySelector('.load')`)
}

// In the background a browser may give a page no frames: it is drawn nevertheless, some time later.
func TestWithoutFramesThePageIsDrawn(t *testing.T) {
	p := open(t, helpers)
	get[bool](p, `(window.requestAnimationFrame = () => 1, fake.entry(fake.line(50, 'bob', 'behind')), true)`)
	p.until(`document.querySelector('#lines').innerText.includes('behind')`)
}
