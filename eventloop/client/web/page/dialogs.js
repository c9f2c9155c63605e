// The dialogs: settings, keys, and what is asked before something is done.

import {act, button, h, name, row} from './dom.js';
import {mayShow} from './notify.js';
import {dialog} from './popup.js';

const KEYS = {
	Anywhere: ['Ctrl K|jump to a room or person', 'Alt ↑ ↓|conversation above, below', 'Alt Shift ↑ ↓|next with unread lines', 'F6|next part of the page', 'Ctrl /|this list', 'Esc|close; back to the field'],
	'In the field': ['Enter|send (by touch: new line)', 'Shift Enter|new line', '↑ (empty)|edit your last line', 'Tab|complete a command or name', '//|a line that begins with /'],
	'On a line reached by keys': ['↑ ↓ or j k|line above, below', 'Home End|first, last line', 'Enter|all actions', 'r e +|reply, edit, react', 'Tab|its links and buttons'],
	'Outside the field': ['?|this list', '/|search', 'u (on a line)|first unread line', 'other letters|go into the field']};

export const keys = () => dialog('Keyboard', h('.keys', Object.entries(KEYS).map(([title, list]) => h('section', h('h2', title), h('dl', list.map(k => {
	const [key, does] = k.split('|');
	return h('div', h('dt', does), h('dd', h('kbd', key)));
}))))));

// Of each setting: its name, its label, and the value if nothing else was chosen.
const CHOICES = [['theme', 'Theme', ['system', 'light', 'dark']], ['density', 'Density', ['comfortable', 'compact']]];
const SWITCHES = [['Notifications', ['notify', 'Show them on this desktop', 'no'], ['meant', 'Only for mentions, direct and private lines', 'yes']], ['Reading', ['fold', 'Fold long texts', 'yes']],
	['Keys', ['enter', 'Enter sends', 'yes'], ['letters', 'Single-letter keys outside the field', 'yes']], ['Privacy', ['typing', 'Tell the other one of a private session that I am writing', 'yes']]];

export function settings(model) {
	const set = model.settings;
	dialog('Settings', h('form',
		CHOICES.map(([key, title, values]) => h('fieldset.radio', h('legend', title), values.map(v => h('label.chk', h('input', {type: 'radio', name: key, value: v, 'data-change': 'set', checked: (set[key] || values[0]) === v}), v[0].toUpperCase() + v.slice(1))))),
		SWITCHES.map(([title, ...list]) => h('fieldset', h('legend', title), list.map(([key, label, or]) => h('label.chk', h('input', {type: 'checkbox', name: key, 'data-change': 'set', checked: (set[key] || or) === 'yes' && (key !== 'notify' || mayShow())}), label)))),
		row(button('Done', act('shut'), '.go'), !model.plain && button(model.self.account ? 'Change password…' : 'Register this name…', act('line', model.self.account ? '/passwd' : '/register')), button('Log out', act('line', '/logout')))));
}

// refused says beside the box of the notifications that the browser shows none.
export function refused(box) {
	const why = window.Notification?.permission === 'denied' ? 'This browser does not allow notifications of this page. That can be changed in its settings for this site.' : 'Notifications were not allowed, so none are shown.';
	box.closest('fieldset').querySelector('.err')?.remove();
	box.parentNode.after(h('p.err', {role: 'alert'}, why));
}

// ask asks before something is done. fields: [name, label, values or ''], does: what happens with them.
export function ask(title, words, fields, label, does, risk) {
	const box = dialog(title, h('form.stack', words && h('p', words), fields.map(([key, text, values], i) => h('label', text, Array.isArray(values)
		? h('select.in', {name: key, autofocus: !i}, values.map(v => h('option', v))) : h('input.in', {name: key, value: values, autofocus: !i, autocomplete: 'off'}))),
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
