// The cards of a private session: asked, invited, the words, a key that has changed.

import {act, button, h, icon, link, name, pill, row} from './dom.js';
import {print} from './columns.js';

export const card = (kind, pic, title, ...kids) => h('section.card.' + kind, {'aria-label': title, 'data-key': 'card'}, h('h2', icon(pic), title), h('div', kids));

// countdown is counted by main.js, and told to nobody.
export const countdown = until => until > 0 && h('span.dim.small', {'data-until': until, 'aria-hidden': 'true'}, seconds(until));
export const seconds = until => `${Math.max(0, Math.ceil((until - Date.now()) / 1000))} s`;

// cardOf is the card that a private session needs, if it needs one. words: the six, and
// which of them are ticked, once they are compared.
export function cardOf(model, p, words) {
	if (!p) return null;
	const n = p.name, like = model.people[n.toLowerCase()]?.like;
	if (p.changed) return card('bad', 'alert', `The key of ${n} has changed`, h('p', 'Somebody may pretend to be ', name(n), ', or ', name(n), ' uses another computer. No session is opened.'),
		p.known && h('div', h('p.small.dim', p.known.verified ? 'Verified before' : 'Known before'), print(p.known.fingerprint, p.fingerprint)), h('div', h('p.small.dim', 'Shown now'), print(p.fingerprint, p.known?.fingerprint)),
		h('p', 'Ask in another way than by this chat. Only if the change is explained, take the new key; it starts as not verified.'), row(button('Keep it closed', act('decline', n), '.go'), button('Take the new key…', act('trust', n), '.risk')));
	if (p.state === 'asking') return card('plain', 'clock', `${n} was asked for a private session`, h('p', 'Until ', name(n), ' agrees, neither of you learns an address of the other. ', countdown(p.until)), row(button('Withdraw', act('end', n))));
	if (p.state === 'asked') return card('warn', 'key', `${n}${like ? ` (not ${like})` : ''} asks for a private session`, p.fingerprint && [h('p', `Through ${model.server.label}, with this key:`), print(p.fingerprint)],
		h('p', p.known?.verified && p.fingerprint ? [pill('ok', 'shield', 'verified'), ' You have compared this key before.'] : [pill('warn', 'alert', 'not verified'), ' Compare words when the session is open; until then it could be anybody between you.']),
		h('p.small', 'If you accept, ', name(n), ' learns how to reach you: your address in this network and the one that the server sees.'), row(button('Accept', act('accept', n), '.go'), button('Decline', act('decline', n)), countdown(p.until)));
	if (p.state === 'open' && words) return wordsCard(n, words);
	return null;
}

function wordsCard(n, {list, ticked}) {
	const all = ticked.every(Boolean);
	return card('plain', 'shield', `Compare six words with ${n}`, h('p', 'Call ', name(n), ', or meet; not in this chat. ', name(n), ' opens the same card and reads the words to you. Tick each one that you also see.'),
		h('table.words', h('thead', h('tr', h('th', {scope: 'col'}, ''), h('th', {scope: 'col'}, 'On your screen'), h('th', {scope: 'col'}, name(n), ' reads'))), h('tbody', list.map((w, i) => h('tr', h('td.dim', i + 1), h('td', w),
			h('td', h('label.chk', h('input', {type: 'checkbox', 'data-change': 'tick', 'data-arg': i, checked: ticked[i], 'aria-label': `${w}: the same`}), 'the same')))))),
		row(h('button.b.go', {...act('verify', n), 'aria-disabled': !all}, icon('shield'), 'They are the same'), button('They differ: end the session', act('end', n), '.risk'), link('Later', act('closeWords'))));
}
