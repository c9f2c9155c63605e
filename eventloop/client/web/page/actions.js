// What a click, a form or a key does. Each node names its action by data-do, or
// data-change for what a box or a list is set to. What is not here, the process does.

import {tell} from './live.js';
import {allow, mayShow} from './notify.js';
import {closeDrawer, dialog, menu, openDrawer} from './popup.js';
import {clock} from './times.js';
import {$} from './tree.js';

// actions returns the functions by their names. Each takes the argument of the node, and the node.
export function actions(app) {
	const {link, ui, lines, compose} = app;
	const write = () => compose.field.focus();
	// fail tells where one is why something was not done; without why it was.
	const fail = why => {
		compose.refuse(why);
		if (!why) return;
		closeDrawer();
		($('dialog[open]') || $(ui.page ? '#banner' : '#main')).append(compose.refused);
		tell('alert', why);
	};
	const redo = text => { compose.put(text); write() };

	// does has the process do what it offers (see doing.go), with a line, such as #13, or a person. A dialog
	// or a menu that comes of it is shown. It returns why it was not done.
	async function does(name, arg, by, put) {
		const {who, id, number, own, able} = arg.id ? arg : arg[0] === '#' ? lines.entry(arg) || {} : {who: arg};
		const {tree, said, go, error} = await link.ask('offer', {name, in: ui.here, of: {who, id, number, own, able}, put});
		if (said) tell('status', said);
		if (go) await app.go(go);
		if (tree) {
			(tree[0] === 'dialog' ? dialog : menu)(tree, by);
			const box = $('dialog [name=notify]');
			if (box) box.checked &&= mayShow();
		}
		app.draw();
		return error;
	}

	const a = {
		// Going about
		go: id => app.go(id), back: () => app.go(ui.here), openDrawer, closeDrawer,
		toNew: () => { lines.toEnd(); app.render(); write() }, shut: () => $('dialog:not([data-q])')?.close(),
		jump: () => { openDrawer('nav'); $('#jump').focus() },

		async offer(name, arg = '', by, put) {
			a.shut();
			fail(await does(name, arg, by, put));
		},

		// Saying
		async send() {
			const {text} = compose, {edit, reply, here} = ui;
			if (!text.trim()) return;
			ui.reply = null;
			edit ? compose.fill() : compose.put('');
			const error = await does('send', edit || reply || '', null, {text, edit: edit?.time});
			if (!error) return lines.toEnd();
			if (ui.here === here) {
				Object.assign(ui, {edit, reply});
				compose.put(text + (compose.text && '\n' + compose.text));
			} else link.ask('draft', {in: here, text});
			fail(error);
		},
		take: word => { compose.take(word); write() },
		edit(id) {
			const e = id ? lines.entry(id) : lines.t.list.findLast(e => e.own && e.able && e.in === ui.here);
			if (!e) return;
			Object.assign(ui, {edit: {...e, time: clock(e.at)}, reply: null});
			redo(e.text);
		},
		cancelEdit() { compose.fill(); write() },
		reply(id) { // '': to none
			const e = lines.entry(id);
			if (e && !e.number) return;
			ui.reply = e;
			app.look();
			write();
		},
		takeBack: id => redo(lines.entry(id).text),

		// Lines
		copy: id => navigator.clipboard.writeText(lines.entry(id).text).then(() => tell('status', 'Copied')),
		async showThere(arg) { // such as "room:dev 1204"
			const [id, number] = arg.split(' '), said = () => lines.t.list.find(e => e.number === +number);
			await app.go(id, true);
			for (let i = 0; i < 20 && !said() && await lines.older(); i++);
			if (said()) lines.show(said());
			else a.offer('around', number);
		},

		// Logging in, settings
		reveal(_, el) { $('#answer').type = el.checked ? 'text' : 'password' },
		async set(_, el) {
			const text = el.type !== 'checkbox' ? el.value : el.checked ? 'yes' : 'no';
			if (el.name === 'notify' && el.checked && !await allow()) return el.checked = false;
			fail((await link.ask('setting', {name: el.name, text})).error);
		},
	};
	return a;
}
