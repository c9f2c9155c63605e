// The model: what the process has told of the chat. It is fed by frames (see doc.go of
// package web), and by nothing else; the views only read it.

import {Transcript} from './transcript.js';

const MAPS = ['conversations', 'people', 'peers'];
const WHOLE = ['self', 'server', 'connection', 'question', 'to', 'writing', 'settings', 'offers'];

export class Model {
	constructor() {
		this.run = '';
		this.n = 0;
		this.clear();
		this.transcripts = new Map();
	}

	clear() {
		Object.assign(this, {self: {name: ''}, server: {}, connection: {phase: 'connecting'}, question: {id: 0}, to: 'lobby', writing: '', settings: {}});
		for (const map of MAPS) this[map] = Object.create(null);
	}

	// take takes a frame. It reports whether entries of before are void.
	take(frame) {
		const fresh = frame.type === 'snapshot';
		if (fresh) {
			this.run = frame.run;
			this.clear();
			for (const transcript of this.transcripts.values()) transcript.forget();
		}
		if (frame.n) this.n = frame.n;
		for (const field of WHOLE) if (frame.state?.[field] !== undefined) this[field] = frame.state[field];
		for (const map of MAPS) {
			for (const [key, value] of Object.entries(frame.state?.[map] || {})) {
				if (value) this[map][key] = value;
				else delete this[map][key];
			}
		}
		if (frame.type === 'entry' && !frame.added) for (const t of this.transcripts.values()) t.change(frame.entry);
		return fresh;
	}

	// add puts a new entry where it is shown: here is the conversation that is open.
	add(entry, here) {
		const place = {status: entry.kind === 'presence' ? 'lobby' : here, again: here}[entry.in] || entry.in;
		if (entry.in === 'again' && entry.form === 'edited') return; // its line has changed
		this.transcript(place).add(entry);
	}

	transcript(id) {
		if (!this.transcripts.has(id)) this.transcripts.set(id, new Transcript());
		return this.transcripts.get(id);
	}

	conversation(id) {
		return this.conversations[id] || {id, kind: id.split(':')[0], name: id.split(':')[1] || '', topic: '', role: '', unread: 0, mentions: 0, cursor: 0, last: 0, spoke: 0, draft: '',
			closed: id.startsWith('room:') ? `You are not in ${id.slice(5)}.` : ''};
	}

	// listed is the conversations of a kind, as they are listed: by name.
	listed(kind) {
		return Object.values(this.conversations).filter(c => c.kind === kind).sort((a, b) => a.name.localeCompare(b.name));
	}

	peer(name) { return this.peers[lower(name)] }
	get plain() { return this.server.dialect === 'plain' }
	get loggedIn() { return this.connection.phase === 'logged_in' }

	// The counts of the title: mentions, and whether there is anything unread.
	get mentions() { return Object.values(this.conversations).reduce((sum, c) => sum + c.mentions, 0) }
	get unread() { return Object.values(this.conversations).some(c => c.unread) }
}

// lower is letter case as names are compared: that of ASCII only.
export const lower = name => name.replace(/[A-Z]/g, c => c.toLowerCase());

// title is what a conversation is called.
export function title(c, model) {
	if (c.kind === 'lobby') return model.plain ? 'everyone' : 'lobby';
	return c.kind === 'private' ? c.name + ', private' : c.name;
}
