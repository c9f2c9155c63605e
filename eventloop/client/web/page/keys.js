// The keys. What they do is listed under ?, see offers.go.

import {closeDrawer} from './drawer.js';
import {$, $$, idle} from './tree.js';

export function listen(app, does) {
	const {compose, lines} = app, {field} = compose, touch = matchMedia('(pointer: coarse)'), keys = () => does.offer('keys');
	const letter = () => app.facts.settings.letters !== 'no'; // a letter can be a key

	field.addEventListener('keydown', e => {
		if (e.isComposing || e.altKey) return;
		const enter = e.key === 'Enter' && !e.shiftKey && (e.ctrlKey || (app.facts.settings.enter !== 'no' && !touch.matches));
		const open = {ArrowUp: () => compose.pick(-1), ArrowDown: () => compose.pick(1), Tab: () => compose.take(), Escape: () => compose.shut()};
		const shut = {ArrowUp: !field.value && !app.ui.edit && (() => does.edit()), Escape: app.ui.edit ? does.cancelEdit : app.ui.reply && does.cancelReply,
			Tab: !e.shiftKey && /\S$/.test(field.value.slice(0, field.selectionStart)) && field.value[0] === '/' && (() => compose.complete(true))};
		const f = compose.open ? open[e.key] || (enter && (compose.chooses() ? open.Tab : does.send)) : enter ? does.send : shut[e.key];
		if (f) stop(e, f);
	});

	$('#lines').addEventListener('keydown', e => {
		const li = e.target.closest('.msg');
		if (!li || e.altKey || e.ctrlKey || e.metaKey) return;
		if (e.target !== li) return e.key === 'Escape' && stop(e, () => li.focus());
		const id = li.dataset.key.slice(1), letters = reached(li), own = li.matches('.own');
		if (/^(Arrow(Up|Down)|Home|End)$/.test(e.key) || (letters && /^[jk]$/.test(e.key))) return stop(e, () => lines.step(e.key));
		const f = {Escape: () => field.focus(), Enter: () => does.offer('lineMenu', '#' + id, li)}[e.key] || (letters && {r: () => does.reply(id), e: own && (() => does.edit(id)), '+': () => does.offer('reactMenu', '#' + id, li)}[e.key]);
		if (f) stop(e, f);
	});

	addEventListener('keydown', e => {
		if (e.defaultPrevented || $('dialog[open]')) return;
		const writing = e.target.matches('input, textarea, select'), letters = !writing && !e.ctrlKey && !e.altKey && !e.metaKey && letter();
		const f = e.key === 'Escape' ? $('.side.open') ? closeDrawer : app.ui.page ? does.back : !writing && (() => field.focus())
			: e.ctrlKey && e.key === 'k' ? does.jump : e.ctrlKey && e.key === '/' ? keys : e.key === 'F6' ? part
			: e.altKey && /^Arrow(Up|Down)$/.test(e.key) ? () => step(e.key === 'ArrowUp' ? -1 : 1, e.shiftKey)
			: letters && {'?': keys, '/': () => does.go('/search'), u: reached(e.target) && lines.fresh && (() => lines.show(lines.fresh))}[e.key], solo = $('#app').matches('.solo');
		if (f && !solo) stop(e, f);
		else if (([...e.key].length === 1 && e.key !== ' ' || app.ahead) && !e.ctrlKey && !e.altKey && !e.metaKey && (idle(e.target) || e.target.matches('.msg'))) typed(e, solo);
	});

	$('#nav').addEventListener('input', e => {
		for (const li of $$('#nav li')) li.hidden = !li.textContent.toLowerCase().includes(e.target.value.toLowerCase());
	});
	$('#nav').addEventListener('keydown', e => {
		if (e.key !== 'Enter' || e.target.id !== 'jump') return;
		const li = $('#nav li:not([hidden]) a'), name = e.target.value.trim();
		e.target.value = '';
		for (const hidden of $$('#nav li')) hidden.hidden = false;
		if (li) li.click();
		else if (name) does.offer('direct', name);
	});

	// reached reports whether a line has the focus by keys, on purpose: then letters are keys on it, as
	// is told below the lines. On one that was clicked, a letter begins what somebody writes.
	const reached = line => letter() && line.matches('.keyed>.msg');
	for (const what of ['focusin', 'focusout']) $('#lines').addEventListener(what, e => e.currentTarget.classList.toggle('keyed', what === 'focusin' && e.target.matches('.msg:focus-visible')));

	// typed has what is typed nowhere go into the field, or wait for it: the end of a command whose
	// beginning was lost would be said to all. A space is typed behind something, so it begins nothing.
	function typed(e, solo) {
		if (solo || app.going) stop(e, () => { if ((!app.facts.title || app.going) && app.ahead.length < 1000) app.ahead += e.key === 'Enter' ? '\n' : [...e.key].length === 1 ? e.key : '' });
		else if (field.checkVisibility() && !$('.side.open')) field.focus(); // the browser puts it there
	}

	const links = () => $$('#nav li:not([hidden]) a');
	function step(d, fresh) {
		const all = links().filter(a => !fresh || a.matches('.new, [aria-current]')), i = all.findIndex(a => a.ariaCurrent);
		all.at((i + d) % all.length)?.click();
	}
	function part() {
		const parts = [[$('#nav'), $('#jump')], [$('#scroll'), $('#lines [tabindex="0"]')], [$('#compose'), field], [$('#aside'), $('#aside .body button')]].filter(([, x]) => x?.checkVisibility({visibilityProperty: true}));
		const i = parts.findIndex(([box]) => box.contains(document.activeElement));
		parts[(i + 1) % parts.length][1].focus();
	}
}

function stop(e, f) {
	e.preventDefault();
	e.stopPropagation();
	f();
}
