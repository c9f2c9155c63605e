// The columns beside the lines, and the bar above them.

import {act, button, h, hidden, icon, iconButton, link, name, pill} from './dom.js';
import {members} from './audience.js';
import {path} from './line.js';
import {title} from './model.js';

const LANES = {open: p => p.verified ? ['ok', 'shield', 'verified'] : ['warn', 'lock', 'not verified'], asked: () => ['warn', 'key', 'asks you'], asking: () => ['', 'clock', 'was asked'],
	connecting: () => ['', 'clock', 'connecting'], closed: () => ['', 'none', 'over']};
export const lane = p => p?.changed ? ['bad', 'alert', 'key changed'] : LANES[p?.state || 'closed'](p);

function item(c, here, pic, label, sub) {
	return h('li', {'data-key': c.id}, h('a.it' + (c.unread ? '.new' : ''), {href: '#' + c.id, 'aria-current': c.id === here ? 'page' : null}, pic, h('span.t', label, sub && h('small', sub)),
		c.unread > 0 && h('span.n', c.unread, hidden(' unread')), c.mentions > 0 && h('span.n.at', '@' + c.mentions, hidden(' mention you'))));
}

export const presence = p => {
	const is = !p ? 'offline' : p.away ? 'away' : 'here';
	return h('span.p.' + is, hidden(is));
};

// conversations is the left column.
export function conversations(model, here) {
	const list = (label, kids, more) => [h('h2', label, more), h('ul', kids)];
	const sealed = {...Object.fromEntries(model.listed('private').map(c => [c.name.toLowerCase(), c]))};
	for (const p of Object.values(model.peers)) if (p.state !== 'closed') sealed[p.name.toLowerCase()] ||= model.conversation('private:' + p.name.toLowerCase());
	const privates = Object.values(sealed).map(c => {
		const p = model.peer(c.name), [cls, pic, says] = lane(p);
		return item(c, here, h('span.' + cls, icon(pic)), name(p?.name || c.name), says + (p?.state === 'open' ? ' · ' + path(p) : ''));
	});
	const rooms = [model.conversation('lobby'), ...model.listed('room')].map(c => item(c, here, icon('people'), name(title(c, model))));
	const directs = model.listed('direct').map(c => item(c, here, presence(model.people[c.id.slice(7)]), name(c.name)));
	const {self} = model;
	return [
		h('.bar', h('.grow', h('h2', model.server.label || 'parley'), link([name(self.name || 'not logged in'), self.name && (self.away ? ', away' : ', here')], act('selfMenu'))),
			iconButton('tune', 'Settings', act('settings')), iconButton('x', 'Close', act('closeDrawer'), '.narrow')),
		h('.body', h('input.in', {id: 'jump', 'aria-label': 'Jump to a room or person', placeholder: 'Jump to…'}),
			privates.length > 0 && list('Private sessions', privates), list('Rooms', rooms, !model.plain && iconButton('search', 'All rooms', act('go', '/rooms'))),
			directs.length > 0 && list('Direct, through the server', directs)),
		h('.foot', h('span.grow', model.loggedIn ? 'Connected' : 'Not connected'), iconButton('info', 'Keyboard', act('keys')))];
}

// bar is what stands above the lines.
export function bar(model, c) {
	const sub = c.kind === 'private' ? peerWords(model.peer(c.name)) : c.kind === 'direct' ? `through the server${is(model.people[c.id.slice(7)])}` : c.topic || (model.plain ? 'a plain server' : '');
	return [h('button.ib.narrow', {...act('openNav'), 'aria-label': 'Conversations' + (model.mentions ? `, ${model.mentions} mention you` : '')}, icon('menu'), model.mentions > 0 && h('span.n.at', model.mentions)),
		h('.grow', h('h1', {id: 'title'}, name(title(c, model))), h('p', name(sub))), !model.plain && iconButton('search', 'Search', act('go', '/search')), iconButton('people', 'People', act('openAside'), '.narrow.wing')];
}

const is = p => !p ? ' · not connected' : (p.away ? ` · away${p.why && ': ' + p.why}` : ' · here') + (p.like ? ` · not ${p.like}` : '');
const peerWords = p => p?.state === 'open' ? `${p.verified ? 'verified' : 'not verified'}, ${p.path}` : 'not open';

const MOST = 300; // people who are listed

// side is the right column: who is there, or the other one.
export function side(model, c) {
	const alone = c.kind === 'direct' || c.kind === 'private';
	return [h('.bar', h('h2.grow', alone ? name(c.name) : 'People'), iconButton('x', 'Close', act('closeDrawer'), '.narrow')), h('.body', alone ? about(model, c) : people(model, c))];
}

function people(model, c) {
	const all = members(model, c), group = (label, list) => list.length > 0 && [h('h2', `${label}, ${list.length}`), h('ul', list.slice(0, MOST).map(p => h('li', {'data-key': 'p:' + p.name},
		h('button.it', act('person', p.name), presence(p), h('span.t', name(p.name)), h('small', name(p.name === model.self.name ? 'you' : [p.like && `not ${p.like}`, p.why].filter(Boolean).join(' · ')))))),
		list.length > MOST && h('li.it.dim', `and ${list.length - MOST} more`))];
	return all.length ? [group('Here', all.filter(p => !p.away)), group('Away', all.filter(p => p.away))] : h('p.dim.it', 'Nobody else is here.');
}

function about(model, c) {
	const p = model.peer(c.name), open = p?.state === 'open', [cls, pic, says] = lane(p), fact = (t, ...d) => [h('dt', t), h('dd', d)];
	return [h('dl.kv', fact('Is', is(model.people[c.name.toLowerCase()]).slice(3)),
		p && (open || p.changed) && fact('Key', pill(cls, pic, says)), open && [fact('Path', pill('', path(p), path(p)), !p.relay && h('code', ' ' + p.path.replace('direct ', ''))), p.round_trip > 0 && fact('Round trip', `${p.round_trip.toFixed(1)} ms`)]),
	p?.fingerprint && [h('h2', h('span', 'Key of ', name(c.name))), h('.it', print(p.fingerprint))],
	h('.stack', !p || p.state === 'closed' ? model.server.private && button('Ask for a private session', act('startPrivate', c.name), '.go', 'lock') : open && [!p.verified && button('Compare words', act('words', c.name), '.go', 'shield'),
		button('End the session', act('end', c.name))], !model.plain && button('Block…', act('block', c.name), '.risk'))];
}

// print shows a fingerprint in groups of four; where it differs from another one shows.
export function print(s, other = s) {
	const [mine, theirs] = [s, other].map(x => x.replace('SHA256:', '').match(/.{1,4}/g) || []);
	return h('span.fp', h('span.dim', 'SHA256'), mine.map((x, i) => h('span' + (x === theirs[i] ? '' : '.diff'), x)));
}
