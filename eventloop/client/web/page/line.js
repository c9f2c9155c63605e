// One line of a list as nodes.

import {act, h, hidden, icon, link, name} from './dom.js';
import {clock, dayLabel} from './items.js';
import {parts} from './text.js';

const FOLD = 12; // lines of a text that are shown before it is unfolded
const FOLD_LENGTH = 1500;
const STATES = {typed: 'kept, sent when the connection is back', doubtful: 'may not have arrived', stored: 'kept by the server until they come'};

// node makes the node of an item. ui says whether it is the current one of the list (a
// Tab stop), hot (has the toolbar) and open (unfolded).
export function node(item, model, ui) {
	if (item.day) return h('li.sep', {'data-key': item.key}, h('h2', dayLabel(item.day)));
	if (item.unread) return h('li.sep.unread', {'data-key': item.key, tabindex: -1, id: 'unread'}, `${item.unread} new`);
	if (item.came) return came(item);
	return item.entry.kind === 'message' ? message(item, model, ui) : told(item, model);
}

function came({key, came}) {
	if (came.length === 1) return h('li.sys', {'data-key': key}, name(came[0].text));
	return h('li.sys', {'data-key': key}, h('details', h('summary', h('span', `${came.length} came or left`)),
		h('ul', came.map(e => h('li', clock(e.at), ' ', name(e.text))))));
}

// told is the words of the client or of the server, and what is told again.
function told({key, entry: e}, model) {
	const kind = {failure: 'bad', error: 'bad', warning: 'warn'}[e.kind] || '';
	return h('li.sys.' + kind, {'data-key': key}, icon(kind ? 'alert' : e.kind === 'announcement' ? 'people' : 'info'),
		e.sender && ['From ', name(e.sender), ': '], /\S {2,}\S/.test(e.text) ? h('.tab', e.text.split('\n').map(line => h('p', rich(line, '', true)))) : rich(e.text, '', true));
}

function message({key, entry: e, first}, model, ui) {
	const who = e.own ? 'you' : e.sender || 'nobody';
	const time = () => h('time', {datetime: new Date(e.at).toISOString()}, clock(e.at));
	const lane = e.path && h('span.lane.' + (e.verified ? 'ok' : 'warn'), icon(e.verified ? 'shield' : 'lock', `private, ${path(e)}, ${e.verified ? 'verified' : 'not verified'}`));
	const failed = e.state === 'failed', kept = !failed && STATES[e.state];
	const cls = [first && 'first', e.own && 'own', e.mention && 'mention', failed && 'failed', kept && 'kept'].filter(Boolean).map(c => '.' + c).join('');
	const again = e.in === 'again' && h('small', `${e.form === 'before' ? 'before it was changed' : e.where}`);
	return h('li.msg' + cls, {'data-key': key, tabindex: ui.current ? 0 : -1},
		h('.gut', first ? h('span.who.h' + hue(who), {'aria-hidden': 'true'}, [...e.sender || model.self.name].slice(0, 2).join('')) : [time(), ' ', lane]),
		h('div',
			first ? h('.head', h('b', name(who)), !e.own && e.like && h('small', `not ${e.like}`), time(), lane, lane && h('small', path(e)), again) : hidden(who + ' '),
			e.re && h('span.re', icon('reply'), ' ', e.re.sender ? [name(e.re.sender), ': ', name(e.re.text)] : 'a line that is gone'),
			...body(e, model, ui),
			e.reactions && reactions(e, ui),
			kept && h('p.st', icon('clock'), kept), failed && h('p.st', icon('alert'), 'Not sent. ', e.why, ui.current && link('Take it back', act('takeBack', e.id)))),
		ui.hot && tools(e));
}

function body(e, model, ui) {
	if (e.removed) return [h('p.gone', 'Removed', e.removed.by && [' by ', name(e.removed.by)], e.removed.why && [': ', name(e.removed.why)])];
	const lines = e.text.split('\n').length;
	const long = model.settings.fold !== 'no' && (lines > FOLD || e.text.length > FOLD_LENGTH);
	const text = h('p.text' + (long && !ui.open ? '.fold' : '') + (lines > 3 ? '.mono' : ''), {id: 't' + e.id}, rich(e.text, e.mention && model.self.name, ui.current),
		e.edited && h('span.ed', ' (edited)'), e.left > 0 && h('span.ed', ` (${e.left} bytes more are not kept)`));
	const label = ui.open ? 'Fold' : lines > FOLD ? `Show all ${lines} lines` : 'Show all of it';
	return [text, long && h('button.lk', {...act('fold', e.id), tabindex: ui.current ? 0 : -1, 'aria-expanded': !!ui.open, 'aria-controls': 't' + e.id}, label)];
}

// rich makes nodes of a text: links can be clicked, and say what they open.
export const rich = (text, me, stops) => parts(text, me).map(p => p.me ? h('span.me', p.text) : p.href
	? [h('a', {href: p.href, rel: 'noreferrer noopener', target: '_blank', tabindex: stops ? 0 : -1}, p.text), p.opens && ` (opens ${p.opens})`] : p.text);

function reactions(e, ui) {
	return h('.rx', e.reactions.map(r => h('button', {...act('react', e.id + ' ' + r.word), 'aria-pressed': r.mine, tabindex: ui.current ? 0 : -1,
		title: r.names.join(', ') + (r.more ? ` and ${r.more} others` : ''), 'aria-label': `${r.word}, ${r.names.length + r.more}`}, name(r.word), ` ${r.names.length + r.more}`)));
}

function tools(e) {
	const tool = (pic, label, does) => h('button.ib', {...act(does, e.id), 'aria-label': label, title: label}, icon(pic));
	return h('.tools', {role: 'group', 'aria-label': 'This line'}, e.number > 0 && !e.removed && [tool('react', 'React', 'reactMenu'), tool('reply', 'Reply', 'reply'), e.own && tool('edit', 'Edit', 'edit')],
		tool('more', 'More', 'lineMenu'));
}

export const path = x => x.relay || x.path === 'relay' ? 'relay' : 'direct';
const hue = who => [...who].reduce((sum, c) => sum + c.codePointAt(), 0) % 4;
