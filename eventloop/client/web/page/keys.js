// The keys. What they do is listed under ?, see offers.go.

import {$, idle, touch} from './tree.js';

export function listen(app) {
	const letters = () => app.facts.settings.letters !== 'no'; // keys, too
	const alone = e => !e.ctrlKey && !e.altKey && !e.metaKey;

	const inField = (e, {compose, does, ui}) => {
		if (e.altKey) return;
		const enter = e.key === 'Enter' && !e.shiftKey && (e.ctrlKey || (app.facts.settings.enter !== 'no' && !touch.matches)), take = () => compose.take();
		if (compose.options.length) return {ArrowUp: () => compose.pick(-1), ArrowDown: () => compose.pick(1), Tab: take, Escape: () => compose.complete('')}[e.key] || (enter && (compose.chooses() ? take : does.send));
		return enter ? does.send : {ArrowUp: !compose.text && !ui.edit && (() => does.edit()), Escape: ui.edit ? does.cancelEdit : ui.reply && (() => does.reply('')),
			Tab: !e.shiftKey && /^\/(.*\S)?$/s.test(compose.before) && (() => compose.tab())}[e.key];
	};

	// A line has the focus by keys, on purpose: then letters are keys on it, as is told below the lines.
	// On one that was clicked, a letter begins what somebody writes.
	for (const what of ['focusin', 'focusout']) addEventListener(what, e => $('#lines')?.classList.toggle('keyed', what === 'focusin' && letters() && e.target.matches('.msg:focus-visible')));

	const onLine = (e, li, {compose: {field}, does, lines}) => {
		if (!alone(e)) return;
		if (e.target !== li) return e.key === 'Escape' && (() => li.focus());
		const id = '#' + li.dataset.key.slice(1);
		if (/^(Arrow(Up|Down)|Home|End)$/.test(e.key)) return lines.step;
		return {Escape: () => field.focus(), Enter: () => does.offer('lineMenu', id, li)}[e.key]
			|| (li.matches('.keyed>.msg') && {j: lines.step, k: lines.step, r: () => does.reply(id), e: li.matches('.own') && (() => does.edit(id)), '+': () => does.offer('reactMenu', id, li), u: lines.fresh && (() => lines.show(lines.fresh))}[e.key]);
	};

	const anywhere = (e, {compose: {field}, does, ui}) => {
		const keys = () => does.offer('keys'), writing = e.target.matches('input, textarea, select');
		if (e.key === 'Escape') return $('.side.open') ? does.closeDrawer : ui.page ? does.back : !writing && (() => field.focus());
		if (e.altKey) return /^Arrow(Up|Down)$/.test(e.key) && (() => does.offer('beside', `${e.key} ${e.shiftKey}`));
		return e.ctrlKey ? {k: does.jump, '/': keys}[e.key] : e.key === 'F6' ? part : !writing && alone(e) && letters() && {'?': keys, '/': () => does.go('/search')}[e.key];
	};

	addEventListener('keydown', e => {
		if (e.defaultPrevented || e.isComposing || $('dialog[open]')) return;
		const li = e.target.closest('.msg');
		const f = !$('.solo') && ((e.target.id === 'field' ? inField(e, app) : li && onLine(e, li, app)) || anywhere(e, app));
		if (f) {
			e.preventDefault();
			f(e.key);
		} else if ([...e.key].length === 1 && e.key !== ' ' && alone(e) && (idle(e.target) || e.target === li) && !$('.side.open'))
			$(app.shown && !app.going ? '#field' : '#early').focus();
		// There the browser puts what is typed nowhere. What comes before the field waits for it: the end of a command whose
		// beginning is lost would be said to all.
	});

	function part() {
		const all = ['#jump', '#lines [tabindex="0"]', '#field', '#aside .body button'].map(s => $(s)).filter(x => x?.checkVisibility({visibilityProperty: true}));
		const i = all.findIndex(x => x.closest('#nav, #scroll, #compose, #aside').contains(document.activeElement));
		all[(i + 1) % all.length].focus();
	}
}
