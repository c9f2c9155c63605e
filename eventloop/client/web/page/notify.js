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
	if (shown === text + pic) return;
	shown = text + pic;
	document.title = text;
	$('#favicon').href = pic;
}

// allow asks the browser for the right to notify, when the person has turned it on.
export const allow = async () => 'Notification' in window && await Notification.requestPermission() === 'granted';

// notify tells of a line on the desktop. What is private does not say its text there.
export function notify(model, entry, go) {
	const {settings: s} = model, meant = entry.mention || /^(direct|private):/.test(entry.in);
	if (s.notify !== 'yes' || (document.hasFocus() && !document.hidden) || !('Notification' in window) || Notification.permission !== 'granted') return;
	if (entry.own || entry.old || entry.kind !== 'message' || (!meant && s.meant !== 'no')) return;
	const c = model.conversation(entry.in);
	const note = new Notification(c.kind === 'lobby' || c.kind === 'room' ? `${entry.sender} in ${title(c, model)}` : entry.sender,
		{body: c.kind === 'private' ? 'A private line' : entry.text.slice(0, 200), tag: entry.in, icon: 'icon.svg'});
	note.onclick = () => {
		focus();
		go(entry.in);
		note.close();
	};
}
