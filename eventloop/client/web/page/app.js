// The app: what a person does here that the process need not know of, and when it is drawn. Data
// flows one way: the process is told what is looked at, and sends what is shown (see screen.go
// of package web).

import {actions} from './actions.js';
import {Compose} from './compose.js';
import {closeDrawer} from './drawer.js';
import {Lines} from './lines.js';
import {hear, tell} from './live.js';
import {Link} from './net.js';
import {looks, notify, tidy} from './notify.js';
import {dialog} from './popup.js';
import {clock} from './times.js';
import {$, icon, idle, make, merge, pictures, show, touch} from './tree.js';

export const named = () => decodeURIComponent(location.hash.slice(1));

export class App {
	ahead = ''; // what was typed before there was a field
	facts = {settings: {}, read: {}, drafts: {}};
	ui = {here: '', page: ''};

	constructor() {
		this.link = new Link(this);
		this.does = {enter: (_, el, form) => this.link.enter(form.password)};
	}

	// begin makes what the process draws in: it lets this browser in.
	begin({pictures: drawn, shell}) {
		Object.assign(pictures, drawn);
		show($('#app'), shell);
		this.lines = new Lines(this);
		this.compose = new Compose(this);
		this.does = actions(this);
	}

	// draw draws with the next frame, or soon if there is none, as in the background.
	draw() {
		this.drawing ||= Promise.race([new Promise(requestAnimationFrame), new Promise(f => setTimeout(f, 500))]).then(() => {
			this.drawing = null;
			this.render();
		});
	}

	// reach tells whether the process is there. One that is there again is told what is looked at.
	reach(why) {
		if (why && why !== this.ui.down) tell('status', why);
		this.ui.down = why;
		this.seen = '';
		if ($('#boot')) $('#boot').textContent = why;
		this.draw();
	}

	// closed asks for the password of the page: that of another machine.
	closed(why) {
		if (!$('#boot')) return location.reload();
		$('#boot').textContent = why;
		this.ahead = ''; // it may be of a password
		$('#door').hidden = false;
		$('#password').value = '';
		$('#password').focus();
		if (why) tell('alert', why);
	}

	take({type, added, entry, parts = {}, facts = {}, tell: told = {}, go}) {
		const {ui, facts: was} = this;
		this.facts = {...was, ...facts};
		if (type === 'snapshot') this.fresh();
		if (added) this.added(entry);
		else if (entry) this.lines.change(entry);
		for (const [region, all] of Object.entries(told)) for (const text of all) tell(region, text);
		if (type !== 'show') return this.draw();
		const had = $('#answer'), focused = $('#sheet').contains(document.activeElement), waited = $('#compose').hidden;
		const busy = had?.value && had.form.sent !== had.form.dataset.arg;
		this.shown = true;
		for (const [id, part] of Object.entries(parts)) show($('#' + id), part);
		const {compose} = this, draft = this.facts.drafts[ui.here] || '';
		if (draft !== (was.drafts[ui.here] || '') && document.activeElement !== compose.field && !ui.edit) compose.put(draft);
		this.render();
		if (waited && !$('#compose').hidden) this.ready(busy);
		if ($('#answer')) {
			this.ahead = '';
			if ((focused || !had) && idle()) $('#answer').focus();
		}
		if (go) this.go(go);
	}

	// fresh has all be asked for again, behind a snapshot. In another run it is another person's chat: of
	// the one before nothing is kept.
	fresh() {
		const {ui, facts, link} = this, wanted = named(), other = this.run !== link.run;
		if (!this.lines) this.begin(facts);
		const {lines} = this;
		Object.assign(this, {run: link.run, seen: ''});
		lines.forget();
		if (!other) return lines.newest();
		clearTimeout(this.saving);
		lines.talks = {};
		Object.assign(ui, {here: wanted in facts.read ? wanted : facts.to || 'lobby', edit: null, reply: null});
		lines.open(ui.here, facts.read[ui.here]);
		this.compose.put(facts.drafts[ui.here] || '');
	}

	added(e) {
		const {ui, lines} = this;
		lines.add(e);
		if (this.facts.leads) notify(e, id => this.go(id));
		if (e.in === ui.here && e.kind === 'message') {
			if (!e.own && !e.old) hear(`${e.who}, ${clock(e.at)}: ${e.text.slice(0, 300) || 'removed'}`);
			if (!lines.t.follow) lines.behind++;
		}
	}

	// go shows a conversation, or a page beside them. What is typed on the way there waits.
	async go(id, keep) {
		const {ui, link, compose, lines, facts} = this;
		if (named() !== id) history.pushState(null, '', '#' + id);
		ui.page = id[0] === '/' ? id.slice(1) : '';
		closeDrawer();
		$('#nav form')?.reset();
		if (ui.page === 'rooms') await link.ask('rooms');
		if (!ui.page && id !== ui.here) {
			if (!ui.edit) this.keep();
			Object.assign(ui, {here: id, edit: null, reply: null});
			lines.open(id, facts.read[id]);
			link.ask('open', {in: id});
			compose.put(facts.drafts[id] || '');
		}
		this.going = !!ui.page;
		await this.look();
		this.going = false;
		this.render();
		const at = ui.page ? $('#sheet input') || $('#sheet button') : $('#extra input') || (touch.matches ? null : compose.field);
		if (!keep) at?.focus();
		if (this.ahead && ui.page) at.value += this.ahead;
		this.ahead = '';
	}

	// look tells the process what is looked at, if it has not been told. What is shown then has come
	// when it has answered.
	look() {
		if (!this.ui.here) return;
		const {ui: {here, page, complete, edit, reply}, compose: {text}, lines: {t}} = this;
		const view = {in: here, page, jump: $('#jump')?.value, complete, text: /^\s*\//.test(text) ? text.slice(0, 200) : '', lines: text.split('\n').length, edit: edit?.time || '', reply: reply && {who: reply.who, text: reply.text.slice(0, 80)}, empty: t?.there && !t.list.length, focus: looks()};
		const seen = JSON.stringify(view);
		if (this.seen === seen) return this.looked;
		this.seen = seen;
		return this.looked = this.link.ask('look', {view});
	}

	// wrote keeps what is typed, and tells the other one of it.
	wrote() {
		const {ui: {here, edit}, compose: {text}} = this;
		if (edit) return;
		clearTimeout(this.saving);
		this.saving = setTimeout(() => this.keep(), 500);
		if (here.startsWith('private:') && text) this.link.ask('typing', {in: here});
	}

	keep() {
		const {facts: {drafts}, ui: {here}, compose: {text}} = this;
		clearTimeout(this.saving);
		if (text === (drafts[here] || '')) return;
		drafts[here] = text;
		this.link.ask('draft', {in: here, text});
	}

	// render draws all that has changed here.
	render() {
		const {facts, ui, lines, compose} = this;
		if (!ui.here) return;
		this.look();
		if (!this.shown) return; // the first answer is on its way
		merge($('#down'), ui.down ? [make(['div.banner.warn', icon('alert'), ['span.grow', ui.down]])] : []);
		if (!$('#scroll').hidden) {
			lines.render();
			show($('#tonew'), [{hidden: lines.t.follow}, icon('down'), lines.behind ? `${lines.behind} new lines` : 'To the newest']);
			compose.render();
			this.read();
		}
		tidy(facts.read);
		this.questions(facts.dialog);
	}

	// ready has one write as soon as one can, and brings what was typed before. Who is still
	// typing an answer, such as a password, does not type the rest of it here.
	ready(busy) {
		const {ahead, compose} = this;
		this.ahead = '';
		if (ahead) {
			compose.put(compose.text + ahead);
			compose.typed();
		}
		if (idle() && !busy && !$('dialog[open], .side.open') && !touch.matches) compose.field.focus();
	}

	// questions shows what the process asks, if the login does not.
	questions(tree) {
		const open = $('dialog[data-q]');
		if (open?.dataset.q === String(tree?.[1]['data-q'])) return;
		open?.close();
		if (tree) dialog(tree);
	}

	// read says what was seen: the end of what is shown, while somebody looks.
	read() {
		const {lines: {t}, ui: {here}} = this;
		if (!t.follow || !looks() || this.reading) return;
		const id = t.list.findLast(e => e.in === here)?.id;
		if (!id || this.said === here + id) return;
		this.said = here + id;
		this.link.ask('read', {in: here, entry: id});
		this.reading = setTimeout(() => { this.reading = 0; this.draw() }, 500);
	}
}
