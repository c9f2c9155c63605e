// Notifications of what is said while the page is not looked at, once they were turned on.

import {$} from './tree.js';

// looks reports whether a person looks at the page.
export const looks = () => document.hasFocus() && !document.hidden;

// tidy takes away the notifications of what was read, here or elsewhere.
export function tidy(read) {
	for (const [id, n] of notes) {
		if (read[id]?.[0] < n.id) continue;
		n.note.close();
		notes.delete(id);
	}
}

// mayShow reports whether this browser shows notifications of this page.
export const mayShow = () => window.Notification?.permission === 'granted';

// allow asks the browser for the right to notify, and says beside the box why there is none.
export async function allow() {
	await window.Notification?.requestPermission();
	if (mayShow()) return true;
	$('#' + (window.Notification?.permission || 'denied')).hidden = false;
}

const notes = new Map(); // what is shown: one for each conversation

// notify tells of a line on the desktop, as the process says.
export function notify({id, in: where, note: says}, go) {
	if (!says || looks() || !mayShow()) return;
	const note = new Notification(says.title, {body: says.body, tag: where, icon: 'icon.svg'});
	notes.set(where, {note, id});
	note.onclick = () => { focus(); go(where); note.close() };
}
