// What a click, a form or a key does. Each node names its action by data-do, or
// data-change for what a box or a list is set to.

import {$} from './dom.js';
import {ask, keys, refused, settings} from './dialogs.js';
import {clock} from './items.js';
import {tell} from './live.js';
import {lower} from './model.js';
import {allow} from './notify.js';
import {menu} from './popup.js';

const FACES = ['👍', '❤', '😄', '🎉', '👀', '🙏'];
const TIMES = ['10m', '1h', '1d', 'for ever'];

// actions returns the functions by their names. Each takes the argument of the node, and the node.
export function actions(app) {
	const {model, link, ui, lines, compose} = app;
	const said = got => {
		if (!got.ok) fail(got.error);
		app.draw();
		return got;
	};
	const fail = why => {
		compose.error = why;
		compose.render();
		tell('alert', why);
	};
	const ran = async text => said(await link.ask('line', {in: ui.here, text}));
	const first = arg => arg.split(' ');
	const order = (title, verb, who, timed) => ask(`${title} ${who}`, `${who} sees who did it and why. The audit keeps it.`, [...timed ? [['time', 'For', TIMES]] : [], ['why', 'Why', '']], title,
		({time, why}) => ran(`/${verb} ${who}${app.here.kind === 'room' ? ' ' + app.here.name : ''}${time && time !== 'for ever' ? ' ' + time : ''}${why ? ' ' + why : ''}`), true);

	const a = {
		// Going about
		go: id => app.go(id), back: () => app.go(ui.here), openNav: () => app.openDrawer('nav'), openAside: () => app.openDrawer('aside'), closeDrawer: () => app.closeDrawer(),
		toNew: () => { lines.toEnd(); app.render(); $('#field').focus() }, keys, settings: () => settings(model), shut: () => $('dialog')?.close(),
		retry: () => { link.again(); link.ask('retry', {}) },
		jump: () => { app.openDrawer('nav'); $('#jump').focus() },

		// Saying
		async send() {
			const text = compose.text.replace(/\s+$/, ''), to = compose.audience(), {edit, reply, here} = ui;
			if (!text.trim()) return;
			if (!to.to) return fail(`Not sent. ${to.who} hears this: ${to.more[0]}.`);
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
			if (!run) { lines.toEnd(); tell('status', edit ? 'Changed' : `Sent. ${to.who}${to.verb ?? ' hears it'}`) }
			app.draw();
		},
		line: text => { $('dialog')?.close(); ui.wrong = ''; ran(text) },
		take: i => { compose.take(+i); $('#field').focus() },
		edit(id) {
			const e = id ? lines.entry(id) : lines.t.list.findLast(e => e.own && e.number && !e.removed && e.in === ui.here);
			if (!e) return;
			if (!ui.edit) app.keep(compose.text);
			ui.edit = {number: e.number, time: clock(e.at)};
			ui.reply = null;
			compose.put(e.text);
			$('#field').focus();
		},
		cancelEdit() { ui.edit = null; compose.put(app.drafts.get(ui.here) ?? ''); $('#field').focus() },
		reply(id) { const e = lines.entry(id); if (e?.number) { ui.reply = e; compose.render(); $('#field').focus() } },
		cancelReply() { ui.reply = null; compose.render(); $('#field').focus() },
		takeBack(id) { compose.put(lines.entry(id).text); $('#field').focus() },

		// Lines
		fold(id) { lines.unfolded[lines.unfolded.has(+id) ? 'delete' : 'add'](+id); app.render() },
		async react(arg) {
			const [id, ...word] = first(arg), e = lines.entry(id), text = word.join(' ');
			if (e) said(await link.ask('react', {number: e.number, text, on: !e.reactions?.find(r => r.word === text)?.mine}));
		},
		reactMenu: (id, by) => menu(by, 'React with', [{cls: 'faces', items: [...FACES.map(f => ({label: f, do: 'react', arg: id + ' ' + f})), {label: 'Other…', do: 'reactOther', arg: id}]}]),
		reactOther: id => ask('React', 'A word or an emoji', [['word', 'Word', '']], 'React', ({word}) => word && a.react(id + ' ' + word)),
		copy: id => navigator.clipboard.writeText(lines.entry(id).text).then(() => tell('status', 'Copied')),
		remove: id => ask('Remove this line', 'Its text is gone for all who see it. That it was there stays.', [['why', 'Why (others read this)', '']], 'Remove', async ({why}) => said(await link.ask('remove', {number: lines.entry(id).number, text: why})), true),
		report: id => ask('Report this line', 'Those who keep order read it, and why.', [['why', 'Why', '']], 'Report', ({why}) => ran(`/report ${lines.entry(id).number} ${why}`)),
		lineMenu(id, by) {
			const e = lines.entry(id), who = e.sender, other = !e.own && who && !model.plain, able = e.number > 0 && !e.removed && !model.plain;
			const item = (label, name, arg = id) => ({label, do: name, arg});
			const order = /owner|moderator|admin/.test(app.here.role) && other;
			menu(by, 'Actions', [{items: [able && item('React…', 'reactMenu'), able && item('Reply', 'reply'), able && e.own && item('Edit', 'edit'), item('Copy text', 'copy'), able && e.own && item('Remove…', 'remove')].filter(Boolean)},
				{items: other ? personItems(who).concat(able ? item('Report this line…', 'report') : []) : []},
				{title: `As ${app.here.role} here`, cls: 'risk', items: order ? [able && item('Remove this line…', 'remove'), item(`Mute ${who}…`, 'mute', who), item(`Kick ${who}…`, 'kick', who), item(`Ban ${who}…`, 'ban', who), item('What was done here', 'line', '/audit')].filter(Boolean) : []}]);
		},

		// People
		person: (who, by) => lower(who) === lower(model.self.name) ? a.selfMenu('', by) : menu(by, who, [{items: personItems(who)}]),
		direct: who => app.go('direct:' + lower(who)),
		block: who => ask(`Block ${who}`, `You hear nothing more of ${who}. /unblock ${who} takes it back.`, [], 'Block', () => ran(`/block ${who}`), true),
		mute: who => order('Mute', 'mute', who, true), kick: who => order('Kick', 'kick', who), ban: who => order('Ban', 'ban', who, true),
		selfMenu: (_, by) => menu(by, 'You', [{items: [model.self.away ? {label: 'I am back', do: 'line', arg: '/back'} : {label: 'Away…', do: 'away'}, {label: 'Where I am logged in', do: 'line', arg: '/sessions'}, {label: 'Whom I have blocked', do: 'line', arg: '/blocked'}, {label: 'Settings', do: 'settings'}]}]),
		away: () => ask('Away', 'Others see that you are away, and why.', [['why', 'Why (may be empty)', '']], 'Go away', ({why}) => ran('/away ' + why)),

		// Rooms and search
		join(arg) {
			const [room, key] = first(arg), join = text => { app.follow(); ran(text) };
			if (key) ask(`Join ${room}`, '', [['key', 'Its key', '']], 'Join', f => join(`/join ${room} ${f.key}`));
			else join(`/join ${room}`);
		},
		newRoom: () => ask('New room', '', [['name', 'Name (letters and digits)', ''], ['how', 'Who may join', ['all', 'private']]], 'Make it', ({name, how}) => { app.follow(); ran(`/create ${name}${how === 'all' ? '' : ' private'}`) }),
		searchFor(text) { compose.put(''); app.keep(''); app.go('/search'); a.search('', null, {words: text}) },
		async search(_, el, form) {
			ui.found = {text: form.words, busy: true};
			app.draw();
			ui.found = {text: form.words, entries: [], ...await link.ask('search', {text: form.words, number: 0})};
			app.draw();
		},
		async searchMore() {
			const got = await link.ask('search', {text: ui.found.text, number: ui.found.next});
			ui.found = {...ui.found, entries: [...got.entries || [], ...ui.found.entries], next: got.next || 0, error: got.error};
			app.draw();
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
		async ask(arg) { const [what, name] = first(arg); ui.words = null; said(await link.ask(what, {name})) },
		async words(name) {
			if (ui.here !== 'private:' + lower(name)) app.go('private:' + lower(name));
			app.closeDrawer();
			const got = said(await link.ask('private.words', {name}));
			if (got.words) ui.words = {list: got.words, ticked: got.words.map(() => false)};
			app.render();
			$('#extra .card')?.scrollIntoView({block: 'nearest'});
			$('#extra input')?.focus();
		},
		tick(i, el) { ui.words.ticked[i] = el.checked; app.render() },
		async verify(name) { if (!ui.words?.ticked.every(Boolean)) return tell('alert', 'Tick all six words first'); ui.words = null; said(await link.ask('private.verify', {name})) },
		closeWords() { ui.words = null; app.render(); $('#field').focus() },
		trust: name => ask(`Take the new key of ${name}?`, 'It starts as not verified. Compare the words when the session is open.', [], 'Take the new key', async () => said(await link.ask('private.trust', {name})), true),

		// Logging in, settings
		enter: (_, el, form) => link.enter(form.password),
		async answer(id, el, form) { Object.assign(ui, {wrong: '', answered: +id}); link.ask('setting', {name: 'met', text: 'yes'}); const got = await link.ask('answer', {number: +id, text: form.answer}); if (!got.ok) { ui.wrong = got.error; app.draw() } },
		cancelQuestion() { ui.wrong = ''; link.ask('cancel', {number: model.question.id}) },
		reveal(_, el) { $('#answer').type = el.checked ? 'text' : 'password' },
		async set(_, el) {
			const on = el.type !== 'checkbox' ? el.value : el.checked ? 'yes' : 'no';
			if (el.name === 'notify' && el.checked && !await allow()) { el.checked = false; return refused(el) }
			said(await link.ask('setting', {name: el.name, text: on}));
		},
	};
	const personItems = who => [{label: `Write to ${who} alone`, do: 'direct', arg: who}, model.server.private && {label: 'Ask for a private session', do: 'startPrivate', arg: who}, {label: `Who is ${who}`, do: 'line', arg: '/whois ' + who}, {label: `Block ${who}…`, do: 'block', arg: who}].filter(Boolean);
	return a;
}
