// What stands in the middle instead of lines: the login, the search, the rooms.

import {act, button, h, icon, link, name, row, wrong} from './dom.js';
import {card, countdown} from './cards.js';
import {clock, dayLabel} from './items.js';
import {rich} from './line.js';

// login asks what the process asks: a name or a password. error is why the last was not taken.
export function login(model, error) {
	const {question: q, server, connection} = model, first = !model.settings.met;
	const secret = q.kind === 'password';
	return h('.center', {'data-key': 'login'}, h('h1', {id: 'title'}, first ? `Welcome to ${server.label}` : `Log in to ${server.label}`),
		wrong(connection.why && [connection.why, ' ', countdown(connection.retry)]),
		first && !secret && h('p', 'Choose the name that others see. You need no account.'),
		h('form.stack', {'data-do': 'answer', 'data-arg': q.id, 'data-key': 'q' + q.kind + q.prompt}, h('label', secret ? q.prompt[0].toUpperCase() + q.prompt.slice(1) : 'Name',
			h('input.in', {id: 'answer', type: secret ? 'password' : 'text', name: 'answer', autocomplete: secret ? 'current-password' : 'username', autocapitalize: 'off', spellcheck: 'false', required: true,
				'aria-describedby': 'note' + (error ? ' wrong' : ''), 'aria-invalid': error ? 'true' : null})),
			secret && h('label.chk', h('input', {type: 'checkbox', 'data-change': 'reveal'}), 'Show the password'),
			wrong(error, 'wrong'), row(h('button.b.go', {type: 'submit', 'aria-disabled': q.busy}, q.busy ? 'The server is asked…' : secret ? 'Log in' : 'Go in'), secret && button('Another name', act('cancelQuestion'))),
			h('p.small.dim', {id: 'note'}, secret ? `The password goes to ${server.label} only, and is not kept here.` : 'Letters and digits. A registered name asks for its password.')),
		first && card('plain', 'info', 'Three things to know', h('p', 'Above the field it always says who hears your line. Look there first.'), h('p', 'The server can read rooms and direct messages, but no private session whose words you have compared.'),
			h('p', h('kbd', '?'), ' lists the keys. Notifications stay off until you turn them on.')));
}

const page = (title, sub, ...kids) => h('.page', {'data-key': title}, h('.row', h('.grow', h('h1', {id: 'title'}, title), h('p.small.dim', sub)), button('Back to the lines', act('back'))), kids);

// search shows what was found. found: {text, entries, next, busy, error}.
export function search(model, found) {
	const {entries, text} = found;
	return page('Search', 'In rooms and conversations that you may see',
		h('form.row', {role: 'search', 'data-do': 'search'}, h('input.in.grow', {id: 'words', name: 'words', 'aria-label': 'Search for', value: text, required: true, autocomplete: 'off'}), h('button.b.go', {type: 'submit'}, 'Search')),
		h('p.small.dim', {role: 'status'}, found.busy ? 'Searching…' : entries ? `${entries.length}${found.next ? ' or more' : ''} found. ` : '', 'Also from:NAME in:ROOM with:NAME before:DATE after:DATE'),
		wrong(found.error),
		entries?.toReversed().map(e => h('article.hit', {'data-key': 'h' + e.id}, h('header', icon('people'), h('b', name((e.where || e.in).replace(/^\w+:/, ''))), h('span.grow', `${dayLabel(e.at)}, ${clock(e.at)}`), link('Show there', act('showThere', `${e.where || e.in} ${e.number || 0}`))),
			h('p', h('b', name(e.own ? 'you' : e.sender)), ': ', h('span.text', rich(e.text, '', true))))),
		entries?.length === 0 && h('.empty', icon('search'), h('h2', 'No line has ', name(text)), h('p', 'Your rooms and conversations were searched.')), found.next > 0 && button('More', act('searchMore')));
}

// rooms lists those of the server. found: {rooms, error}.
export function rooms(model, found) {
	const cell = r => r.joined ? link('joined', act('go', 'room:' + r.name.toLowerCase())) : button(r.invited ? 'Accept' : 'Join' + (r.key ? '…' : ''), act(r.key && !r.invited ? 'joinKey' : 'join', r.name));
	return page('Rooms', 'On ' + model.server.label, row(button('New room…', act('newRoom'))), wrong(found.error),
		found.rooms && h('table.tbl', h('thead', h('tr', ['Room', 'About', 'Members', 'You'].map(t => h('th', {scope: 'col'}, t)))), h('tbody', found.rooms.map(r => h('tr', h('td', h('b', name(r.name)), ' '), h('td', name(r.topic || (r.key ? 'needs a key' : r.private ? 'by invitation' : '')), ' '), h('td', r.members), h('td', r.name === 'lobby' ? 'joined' : cell(r)))))));
}

export const empty = (c, label) => h('.empty', icon('people'), h('h2', 'Nothing has been said in ', name(label)), h('p', c.kind === 'private' ? 'What you say here is kept by nobody but the two of you.' : 'What you say is kept for those who come later.'));
