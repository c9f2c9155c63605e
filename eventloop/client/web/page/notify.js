// What shows that something was said while the page is not looked at: the title, the
// icon, and notifications, once they were turned on.

import {$} from './dom.js';
import {title} from './model.js';

let shown = '';

// sign sets title and icon.
export function sign(model, here) {
	const n = model.mentions, place = here ? title(here, model) : 'Log in';
	const text = `${n ? `(${n}) ` : ''}${model.loggedIn ? place : 'Not connected'} · parley`;
	const pic = n ? 'icon-mention.svg' : model.unread ? 'icon-unread.svg' : 'icon.svg';
	unnotify(model);
	if (shown === text + pic) return;
	shown = text + pic;
	document.title = text;
	$('#favicon').href = pic;
}

// mayShow reports whether this browser shows notifications of this page.
export const mayShow = () => window.Notification?.permission === 'granted';

// allow asks the browser for the right to notify, when the person has turned it on.
export const allow = async () => await window.Notification?.requestPermission() === 'granted';

const notes = new Map(); // what is shown: one for each conversation

// notify tells of a line on the desktop. What is private does not say its text there.
export function notify(model, entry, go) {
	const {settings: s} = model, meant = entry.mention || /^(direct|private):/.test(entry.in);
	if (!leads || s.notify !== 'yes' || (document.hasFocus() && !document.hidden) || !mayShow()) return;
	if (entry.own || entry.old || entry.kind !== 'message' || (!meant && s.meant !== 'no')) return;
	const c = model.conversation(entry.in);
	const note = new Notification(c.kind === 'lobby' || c.kind === 'room' ? `${entry.sender} in ${title(c, model)}` : entry.sender,
		{body: c.kind === 'private' ? 'A private line' : entry.text.slice(0, 200), tag: entry.in, icon: 'icon.svg'});
	notes.set(entry.in, {note, id: entry.id});
	note.onclick = () => {
		focus();
		go(entry.in);
		note.close();
	};
}

// unnotify takes away what was read, here or elsewhere.
function unnotify(model) {
	for (const [id, n] of notes) {
		if (model.conversation(id).cursor < n.id) continue;
		n.note.close();
		notes.delete(id);
	}
}

// Of several tabs that which had the focus last notifies: if it has it, nothing needs to be told.
let leads = false, waits = false;

export async function lead(now) {
	if (leads || (waits && !now)) return;
	waits ||= !now;
	await navigator.locks.request('notify', {steal: now}, () => {
		leads = true;
		if (!now) waits = false;
		return new Promise(() => {});
	}).catch(() => { leads = false; lead(false) });
}
