// The dialogs: settings, keys, and what is asked before something is done.

import {act, button, h, name, row} from './dom.js';
import {mayShow} from './notify.js';
import {dialog} from './popup.js';

export const keys = ({offers}) => dialog('Keyboard', h('.keys', offers.keys.map(part => h('section', h('h2', part.title),
	h('dl', part.keys.map(([key, does]) => h('div', h('dt', does), h('dd', h('kbd', key)))))))));

// settings has a fieldset for each title. buttons: {label, do, arg}.
export function settings({offers, settings: set}, buttons) {
	const sets = [];
	for (const s of offers.settings) {
		const value = set[s.name] || s.default, box = (type, label, more) => h('label.chk', h('input', {type, name: s.name, 'data-change': 'set', ...more}), label);
		if (s.title) sets.push(h('fieldset' + (s.values ? '.radio' : ''), h('legend', s.title)));
		sets.at(-1).append(...s.values?.map(v => box('radio', v[0].toUpperCase() + v.slice(1), {value: v, checked: value === v})) || [box('checkbox', s.label, {checked: value === 'yes' && (s.name !== 'notify' || mayShow())})]);
	}
	dialog('Settings', h('form', sets, row(button('Done', act('shut'), '.go'), buttons.map(b => button(b.label, act(b.do, b.arg))))));
}

// refused says beside the box of the notifications that the browser shows none.
export function refused(box) {
	const why = window.Notification?.permission === 'denied' ? 'This browser does not allow notifications of this page. That can be changed in its settings for this site.' : 'Notifications were not allowed, so none are shown.';
	box.closest('fieldset').querySelector('.err')?.remove();
	box.parentNode.after(h('p.err', {role: 'alert'}, why));
}

// form asks what an offer asks before it is done (see offers.go), and hands over what was put in.
// say fills its texts.
export function form({title, text, fields = [], button: label, risk}, say, does) {
	const box = dialog(say(title), h('form.stack', text && h('p', say(text)), fields.map(({name, label, values, required}, i) => h('label', label,
		values ? h('select.in', {name, autofocus: !i}, values.map(([value, label]) => h('option', {value}, label))) : h('input.in', {name, required, autofocus: !i, autocomplete: 'off'}))),
	row(h('button.b' + (risk ? '.risk' : '.go'), {type: 'submit', autofocus: !fields.length && !risk}, label), button('Cancel', act('shut')))));
	box.querySelector('form').addEventListener('submit', e => {
		e.preventDefault();
		box.close();
		does(Object.fromEntries(new FormData(e.target)));
	});
}

// question asks what the process asks while one is logged in.
export function question(model, error) {
	const q = model.question, secret = q.kind === 'password';
	const box = dialog(secret ? 'Password' : 'parley asks', h('form.stack', {'data-do': 'answer', 'data-arg': q.id}, error && h('p.err', error),
		q.kind === 'confirm' ? h('p', name(q.prompt.replace(/ \(y or n\)$/, '?'))) : h('label', q.prompt, h('input.in', {type: secret ? 'password' : 'text', name: 'answer', autofocus: true, required: true, autocomplete: secret ? 'off' : 'username'})),
		row(h('button.b.go', {type: 'submit', name: 'answer', value: 'y'}, q.kind === 'confirm' ? 'Yes' : 'Go on'), button('Cancel', act('cancelQuestion')))));
	box.dataset.q = q.id;
	box.addEventListener('cancel', () => box.querySelector('[data-do=cancelQuestion]').click());
}
