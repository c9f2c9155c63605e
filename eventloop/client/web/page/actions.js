// What a click, a form or a key does. Each node names its action by data-do, or
// data-change for what a box or a list is set to.

import {form, keys, refused, settings} from './dialogs.js';
import {closeDrawer, openDrawer} from './drawer.js';
import {tell} from './live.js';
import {allow} from './notify.js';
import {menu} from './popup.js';
import {clock} from './times.js';
import {$, act} from './tree.js';

// lower is letter case as names are compared: that of ASCII only.
const lower = name => name.replace(/[A-Z]/g, c => c.toLowerCase());

const FACES = ['👍', '❤', '😄', '🎉', '👀', '🙏'];

// fill puts values into a text: {x} is one, { x} has its blank only if there is something behind it.
const fill = (text, values) => text.replace(/\{( ?)(\w+)\}/g, (_, blank, key) => values[key] ? blank + values[key] : '');

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
	const first = arg => arg.split(' ');

	// offered is the groups of a menu, of what can be done with a line or a person now.
	const offered = (which, who, e) => {
		const {offers, role} = app.facts, is = {...app.facts.is, own: e?.own, other: e && !e.own && who !== 'nobody', able: e?.able};
		const fits = ({needs = []}) => needs.every(n => n[0] === '!' ? !is[n.slice(1)] : is[n]);
		return offers.menus[which].filter(fits).map(({title = '', offers: names}) => ({title: fill(title, {role}), cls: title && 'risk', items: names.filter(n => fits(offers.all[n]))
			.map(n => ({label: fill(offers.all[n].label, {who}), do: n, arg: offers.all[n].of ? e.id : who}))}));
	};

	const a = {
		// Going about
		go: id => app.go(id), back: () => app.go(ui.here), openDrawer, closeDrawer, run: ran,
		toNew: () => { lines.toEnd(); app.render(); write() }, keys: () => keys(app.facts.offers), settings: () => settings(app.facts, offered('settings')[0].items), shut: () => $('dialog')?.close(),
		retry: () => { link.again(); link.ask('retry', {}) },
		jump: () => { openDrawer('nav'); $('#jump').focus() },

		// Saying
		async send() {
			const sent = compose.text;
			await app.look();
			if (compose.text !== sent) return;
			const text = sent.replace(/\s+$/, ''), {edit, reply, here} = ui, {why, said} = $('#send').dataset;
			if (!text.trim()) return;
			if (why) return fail('Not sent. ' + why);
			if (/^\/search\s/.test(text)) return a.searchFor(text.slice(8));
			const run = text.startsWith('/') && !text.startsWith('//');
			if (run) app.follow();
			Object.assign(ui, {edit: null, reply: null});
			compose.put('');
			app.keep('');
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

		// offer does what the process offers: see offers.go. arg is the id of a line, or a name.
		offer(name, arg) {
			const offer = app.facts.offers.all[name], e = offer.of && lines.entry(arg);
			const about = {who: e ? e.who : arg, number: e?.number || 0, room: /^room:(.*)/.exec(ui.here)?.[1]};
			const run = async put => {
				ui.wrong = '';
				ui.words = '';
				if (offer.line) return ran(fill(offer.line, {...about, ...put}));
				said(await link.ask(offer.ask, {in: ui.here, name: about.who, number: about.number, on: true, ...put}));
			};
			a.shut();
			if (!offer.form) return run();
			a.asked = (_, node, put) => { a.shut(); run(put) };
			form(offer.form, text => fill(text, about), act('asked'));
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
		reactMenu: (id, by) => menu(by, 'React with', [{cls: 'faces', items: [...FACES.map(f => ({label: f, do: 'react', arg: `${lines.entry(id).number} +${f}`})), {label: 'Other…', do: 'reactOther', arg: id}]}]),
		copy: id => navigator.clipboard.writeText(lines.entry(id).text).then(() => tell('status', 'Copied')),
		lineMenu(id, by) { const e = lines.entry(id); menu(by, 'Actions', offered('line', e.who, e)) },

		// People
		person: (who, by) => who === app.facts.self.name ? a.selfMenu('', by) : menu(by, who, offered('person', who)),
		direct: who => app.go('direct:' + lower(who)),
		selfMenu: (_, by) => menu(by, 'You', offered('self')),

		// Rooms and search
		searchFor(text) { compose.put(''); app.keep(''); app.go('/search'); a.search('', null, {words: text}) },
		search: (_, el, form) => link.ask('search', {text: form.words, number: 0}),
		searchMore(arg) { // such as "1204 lunch"
			const [, number, text] = /^(\d+) (.*)$/s.exec(arg);
			link.ask('search', {text, number: +number});
		},
		async showThere(arg) {
			const [id, number] = first(arg);
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
