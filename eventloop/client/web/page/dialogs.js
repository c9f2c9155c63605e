// The dialogs: settings, keys, and what is asked before something is done.

import {$, act, button, h, name, row, wrong} from './dom.js';
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

// form asks something before it is done. spec is that of an offer (see offers.go), whose texts
// say fills; does is what is done when it is sent, cancel what else.
export function form({title, text, fields = [], button: label, risk}, say, does, error, cancel = 'shut') {
	const field = ({name, label, values, ...more}, i) => h('label', label, values ? h('select.in', {name, autofocus: !i}, values.map(([value, label]) => h('option', {value}, label)))
		: h('input.in', {name, autofocus: !i, autocomplete: 'off', ...more}));
	return dialog(say(title), h('form.stack', does, wrong(error), text && h('p', name(say(text))), fields.map(field),
		row(h('button.b' + (risk ? '.risk' : '.go'), {type: 'submit', autofocus: !fields.length && !risk}, label), button('Cancel', act(cancel)))));
}

// question asks what the process asks while one is logged in.
export function question({question: {id, kind, prompt}}, error) {
	const secret = kind === 'password', sure = kind === 'confirm';
	const box = form({title: secret ? 'Password' : 'parley asks', text: sure && prompt.replace(/ \(y or n\)$/, '?'), button: sure ? 'Yes' : 'Go on',
		fields: sure ? [] : [{name: 'answer', label: prompt, type: secret ? 'password' : 'text', required: true}]}, text => text, act('answer', id), error, 'cancelQuestion');
	box.dataset.q = id;
	box.addEventListener('cancel', () => $('[data-do=cancelQuestion]', box).click());
}
