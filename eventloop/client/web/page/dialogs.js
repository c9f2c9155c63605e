// The dialogs: settings, keys, and what is asked before something is done.

import {mayShow} from './notify.js';
import {dialog} from './popup.js';
import {$, act, icon, make} from './tree.js';

const button = (label, does, cls = '') => ['button.b' + cls, does, label];

export const keys = offers => dialog('Keyboard', ['div.keys', ...offers.keys.map(part => ['section', ['h2', part.title],
	['dl', ...part.keys.map(([key, does]) => ['div', ['dt', does], ['dd', ['kbd', key]]])]])]);

// settings has a fieldset for each title. buttons: {label, do, arg}.
export function settings({offers, settings: set}, buttons) {
	const sets = [];
	for (const s of offers.settings) {
		const value = set[s.name] || s.default, box = (type, label, more) => ['label.chk', ['input', {type, name: s.name, 'data-change': 'set', ...more}], label];
		if (s.title) sets.push(['fieldset' + (s.values ? '.radio' : ''), ['legend', s.title]]);
		sets.at(-1).push(...s.values?.map(v => box('radio', v[0].toUpperCase() + v.slice(1), {value: v, checked: value === v})) || [box('checkbox', s.label, {checked: value === 'yes' && (s.name !== 'notify' || mayShow())})]);
	}
	dialog('Settings', ['form', ...sets, ['div.row', button('Done', act('shut'), '.go'), ...buttons.map(b => button(b.label, act(b.do, b.arg)))]]);
}

// refused says beside the box of the notifications that the browser shows none.
export function refused(box) {
	const why = window.Notification?.permission === 'denied' ? 'This browser does not allow notifications of this page. That can be changed in its settings for this site.' : 'Notifications were not allowed, so none are shown.';
	box.closest('fieldset').querySelector('.err')?.remove();
	box.parentNode.after(make(['p.err', {role: 'alert'}, why]));
}

// form asks something before it is done. spec is that of an offer (see offers.go), whose texts
// say fills; does is what is done when it is sent, cancel what else.
export function form({title, text, fields = [], button: label, risk}, say, does, error, cancel = 'shut') {
	const field = ({name, label, values, ...more}, i) => ['label', label, values ? ['select.in', {name, autofocus: !i}, ...values.map(([value, label]) => ['option', {value}, label])]
		: ['input.in', {name, autofocus: !i, autocomplete: 'off', ...more}]];
	return dialog(say(title), ['form.stack', does, error && ['p.err', icon('alert'), ['span', error]], text && ['p', ['bdi', say(text)]], ...fields.map(field),
		['div.row', ['button.b' + (risk ? '.risk' : '.go'), {type: 'submit', autofocus: !fields.length && !risk}, label], button('Cancel', act(cancel))]]);
}

// question asks what the process asks while one is logged in.
export function question({id, kind, prompt}, error) {
	const secret = kind === 'password', sure = kind === 'confirm';
	const box = form({title: secret ? 'Password' : 'parley asks', text: sure && prompt.replace(/ \(y or n\)$/, '?'), button: sure ? 'Yes' : 'Go on',
		fields: sure ? [] : [{name: 'answer', label: prompt, type: secret ? 'password' : 'text', required: true}]}, text => text, act('answer', id), error, 'cancelQuestion');
	box.dataset.q = id;
	box.addEventListener('cancel', () => $('[data-do=cancelQuestion]', box).click());
}
