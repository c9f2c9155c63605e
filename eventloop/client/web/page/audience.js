// Who hears what is typed. It is told before it is sent, above the field; what is unclear
// is not sent.

import {lower} from './model.js';

const ALONE = /^\/(dm|tell|message|query|whisper|w)\s+(\S+)/i;
const SEALED = /^\/private\s+(\S+)/i;
const PUBLIC = /^\/(?:msg|broadcast)\s+([^\s,:]+)/i;
const ROOM = /^\/room\s+(\S+)\s+\S/i;

// audience returns {kind, icon, who, verb, more, to, act}: who hears it, and facts. Without
// to nothing is sent, and more[0] says why. Facts of a private session are pills.
export function audience(model, c, text, edit) {
	if (edit) return {kind: 'room', icon: 'edit', who: `Changes your line of ${edit.time}`, verb: '', more: ['everybody who sees it sees that it was edited'], to: place(model, c), act: ['Cancel', 'cancelEdit']};
	const typed = text.trimStart();
	if (!typed.startsWith('/') || typed.startsWith('//')) return hears(model, c);
	const alone = ALONE.exec(typed), sealed = SEALED.exec(typed), open = PUBLIC.exec(typed), room = ROOM.exec(typed);
	if (alone) return direct(model, alone[2]);
	if (sealed) return hears(model, model.conversation('private:' + lower(sealed[1])));
	if (room) return hears(model, model.conversation(lower(room[1]) === 'lobby' ? 'lobby' : 'room:' + lower(room[1])));
	if (open && model.people[lower(open[1])]) return nobody(`/msg says it to everyone. Did you mean /dm ${open[1]}?`);
	if (open || /^\/(msg|broadcast)\s/i.test(typed)) return hears(model, c.kind === 'room' ? c : model.conversation('lobby'));
	return {kind: 'room', icon: 'info', who: 'A command', verb: '', more: ['for parley, not a line for others'], to: typed.split(/\s/)[0]};
}

const nobody = (why, more) => ({kind: 'none', icon: 'none', who: 'Nobody', more: [why], ...more});
const place = (model, c) => c.kind === 'lobby' ? (model.plain ? 'everyone' : 'lobby') : c.name;

function hears(model, c) {
	if (c.kind === 'private') return sealed(model, c);
	if (c.closed) return nobody(c.closed);
	const here = c.kind === 'direct' ? 0 : members(model, c).length;
	const said = c.kind === 'direct' ? direct(model, c.name) : model.plain
		? {kind: 'room', icon: 'people', who: 'Everyone connected', more: ['plain server, it can read everything'], to: 'everyone'}
		: {kind: 'room', icon: 'people', who: `Everyone in ${place(model, c)}`, more: [here && `${here} here`, 'kept by the server'].filter(Boolean), to: place(model, c)};
	return model.loggedIn ? said : {...said, kind: 'later', icon: 'clock', who: said.who + ', later', verb: '', more: ['kept on this machine until the connection is back'], act: null};
}

function direct(model, name) {
	if (model.plain) return nobody('this server knows no direct messages');
	const act = model.server.private && model.loggedIn && !model.peer(name) ? ['Talk privately', 'startPrivate', name] : null;
	return {kind: 'direct', icon: 'one', who: `Only ${name}`, more: [`through ${model.server.label}, which can read it`], to: name, act};
}

function sealed(model, c) {
	const peer = model.peer(c.name);
	if (peer?.state !== 'open') return nobody(peer && peer.state !== 'closed' ? 'the private session is not open' : `there is no private session with ${c.name}, the draft stays here`,
		{act: peer && peer.state !== 'closed' ? null : ['Ask again', 'startPrivate', c.name]});
	const path = {pill: peer.relay ? 'relay' : 'direct'};
	return peer.verified ? {kind: 'ok', icon: 'shield', who: `Only ${peer.name}`, more: ['encrypted', {pill: 'verified'}, path], to: peer.name, act: ['Details', 'openAside']}
		: {kind: 'warn', icon: 'lock', who: `Only the holder of key ${brief(peer.fingerprint)}`, more: ['encrypted', {pill: 'not verified'}, path], to: peer.name, act: ['Compare words', 'words', peer.name]};
}

export const brief = print => print.replace(/^SHA256:/, '').replace(/^(.{4}).*(.{3})$/, '$1…$2');

// members are who is in a room, by name.
export function members(model, c) {
	return Object.values(model.people).filter(p => c.kind !== 'room' || p.rooms?.includes(c.id)).sort((a, b) => a.name.localeCompare(b.name));
}
