// What a click, a form or a key does. Each node names its action by data-do, or
// data-change for what a box or a list is set to.

import {closeDrawer, openDrawer} from './drawer.js';
import {tell} from './live.js';
import {allow, mayShow, refused} from './notify.js';
import {dialog, menu} from './popup.js';
import {clock} from './times.js';
import {$} from './tree.js';

// lower is letter case as names are compared: that of ASCII only.
const lower = name => name.replace(/[A-Z]/g, c => c.toLowerCase());

// actions returns the functions by their names. Each takes the argument of the node, and the node.
export function actions(app) {
	const {link, ui, lines, compose} = app;
	const said = got => {
		if (!got.ok) fail(got.error);
		app.draw();
		return got;
	};
	const write = () => compose.field.focus();
	const fail = why => {
		compose.error = why;
		compose.render();
		tell('alert', why);
	};
	const ran = async text => {
		app.follow();
		said(await link.ask('line', {in: ui.here, text}));
	};

	// of is what something is done with: a line, such as "#13", or a person.
	const of = arg => {
		const {who, id, number, own, able} = arg[0] === '#' ? lines.entry(arg) : {who: arg};
		return {who, id, number, own, able};
	};
	const ask = async (what, fields) => said(await link.ask(what, {in: ui.here, ...fields}));
	const opens = async (name, arg, by) => menu(by, (await ask('menu', {name, of: of(arg)})).tree);

	const a = {
		// Going about
		go: id => app.go(id), back: () => app.go(ui.here), openDrawer, closeDrawer,
		toNew: () => { lines.toEnd(); app.render(); write() }, keys: () => a.offer('keys', ''), shut: () => $('dialog')?.close(),
		retry: () => { link.again(); link.ask('retry', {}) },
		jump: () => { openDrawer('nav'); $('#jump').focus() },

		// Saying
		async send() {
			const sent = compose.text;
			await app.look(); // it is known then who hears it
			const more = compose.text.startsWith(sent) ? compose.text.slice(sent.length) : '';
			const text = sent.replace(/\s+$/, ''), {edit, reply, here} = ui, {why, said} = $('#send').dataset;
			if (!text.trim()) return;
			if (why) return fail('Not sent. ' + why);
			if (/^\/search\s/.test(text)) return a.searchFor(text.slice(8));
			const run = text.startsWith('/') && !text.startsWith('//');
			if (run) app.follow();
			Object.assign(ui, {edit: null, reply: null});
			compose.put(more);
			app.keep(more);
			const words = text.replace(/^\/\//, '/');
			const got = await (edit ? link.ask('edit', {number: edit.number, text}) : run ? link.ask('line', {in: here, text}) : link.ask('say', {in: here, text: words, number: reply?.number || 0}));
			if (!got.ok) {
				Object.assign(ui, {edit, reply});
				if (ui.here === here) compose.put(text + (compose.text && '\n' + compose.text));
				else app.drafts.set(here, text);
				return fail('Not sent. ' + got.error);
			}
			if (!run) { lines.toEnd(); tell('status', said) }
			app.draw();
		},

		// offer does what the process offers (see offers.go), or asks something before. arg is a line or a person.
		async offer(name, arg) {
			const about = {name, of: of(arg)};
			a.shut();
			Object.assign(ui, {wrong: '', words: ''});
			app.follow();
			const {tree} = await ask('offer', about);
			if (!tree) return;
			ui.follow = 0;
			a.put = (_, node, put) => { a.shut(); app.follow(); ask('offer', {...about, put}) };
			dialog(tree);
			const box = $('dialog [name=notify]');
			if (box) box.checked &&= mayShow();
		},

		take: i => { compose.take(+i); write() },
		edit(id) {
			const e = id ? lines.entry(id) : lines.t.list.findLast(e => e.own && e.able && e.in === ui.here);
			if (!e) return;
			if (!ui.edit) app.keep(compose.text);
			ui.edit = {number: e.number, time: clock(e.at)};
			ui.reply = null;
			compose.put(e.text);
			write();
		},
		cancelEdit() { ui.edit = null; compose.put(app.drafts.get(ui.here) ?? ''); write() },
		reply(id) { const e = lines.entry(id); if (e?.number) { ui.reply = e; compose.render(); write() } },
		cancelReply() { ui.reply = null; compose.render(); write() },
		takeBack(id) { compose.put(lines.entry(id).text); write() },

		// Lines
		fold(id) { lines.unfolded[lines.unfolded.has(+id) ? 'delete' : 'add'](+id); app.render() },
		async react(arg) { // such as "12 +👍"
			const [, number, sign, text] = /^(\d+) ([+-])(.*)$/s.exec(arg);
			said(await link.ask('react', {number: +number, text, on: sign === '+'}));
		},
		reactMenu: (id, by) => opens('react', '#' + id, by),
		copy: id => navigator.clipboard.writeText(lines.entry(id).text).then(() => tell('status', 'Copied')),
		lineMenu: (id, by) => opens('line', '#' + id, by),

		// People
		person: (who, by) => who === app.facts.self.name ? a.selfMenu('', by) : opens('person', who, by),
		direct: who => app.go('direct:' + lower(who)),
		selfMenu: (_, by) => opens('self', '', by),

		// Rooms and search
		searchFor(text) { compose.put(''); app.keep(''); app.go('/search'); a.search('', null, {words: text}) },
		search: (_, el, form) => link.ask('search', {text: form.words, number: 0}),
		searchMore(arg) { // such as "1204 lunch"
			const [, number, text] = /^(\d+) (.*)$/s.exec(arg);
			link.ask('search', {text, number: +number});
		},
		async showThere(arg) {
			const [id, number] = arg.split(' ');
			app.go(id, true);
			for (let i = 0; i < 20; i++) {
				if (lines.t.state !== 'there') await new Promise(f => setTimeout(f, 50));
				const e = lines.t.list.find(e => e.number === +number);
				if (e) return lines.show(e.id);
				if (lines.t.state === 'there') {
					if (!lines.t.more) break;
					await app.older(lines.t);
				}
			}
			ran(`/around ${number}`);
		},

		// Private sessions
		async startPrivate(who) { app.go('private:' + lower(who)); said(await link.ask('private.start', {name: who})) },
		async words(name) {
			await app.go('private:' + lower(name), true);
			if (!said(await link.ask('private.words', {name})).ok) return;
			ui.words = name;
			await app.look();
			$('#extra .card')?.scrollIntoView({block: 'nearest'});
			$('#extra input')?.focus();
		},
		async verify(name) { ui.words = ''; said(await link.ask('private.verify', {name})) },
		closeWords() { ui.words = ''; app.render(); write() },

		// Logging in, settings
		enter: (_, el, form) => link.enter(form.password),
		async answer(id, el, form) { Object.assign(ui, {wrong: '', answered: +id}); link.ask('setting', {name: 'met', text: 'yes'}); const got = await link.ask('answer', {number: +id, text: form.answer ?? 'y'}); if (!got.ok) { ui.wrong = got.error; app.draw() } },
		cancelQuestion() { ui.wrong = ''; link.ask('cancel', {number: app.facts.question.id}) },
		reveal(_, el) { $('#answer').type = el.checked ? 'text' : 'password' },
		async set(_, el) {
			const on = el.type !== 'checkbox' ? el.value : el.checked ? 'yes' : 'no';
			if (el.name === 'notify' && el.checked && !await allow()) { el.checked = false; return refused(el) }
			said(await link.ask('setting', {name: el.name, text: on}));
		},
	};
	return a;
}
