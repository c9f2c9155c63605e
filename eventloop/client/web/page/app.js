// The app: what a person does here that the process need not know of, and when it is drawn. Data
// flows one way: the process is told what is looked at, and sends what is shown (see screen.go
// of package web), beside the lines and the facts that are used here.

import {Compose} from './compose.js';
import {closeDrawer} from './drawer.js';
import {Lines} from './lines.js';
import {Reader, tell} from './live.js';
import {Link} from './net.js';
import {notify, sign} from './notify.js';
import {dialog} from './popup.js';
import {$, $$, icon, idle, make, merge, pictures, seconds, show} from './tree.js';

const touch = matchMedia('(pointer: coarse)'); // to focus the field opens a keyboard
const named = () => decodeURIComponent(location.hash.slice(1));

export class App {
	ahead = ''; // what was typed before there was a field
	facts = {settings: {}, read: {}, drafts: {}};
	ui = {here: '', page: '', edit: null, reply: null, follow: 0, down: ''};
	reader = new Reader();

	constructor() {
		this.link = new Link({frame: f => this.take(f), state: why => this.reach(why), closed: why => this.closed(why)});
		this.lines = new Lines(this);
		this.compose = new Compose(this);
	}

	// draw draws with the next frame, or soon if there is none: a tab in the background has a
	// title, too.
	draw() {
		if (this.frame) return;
		const once = () => {
			cancelAnimationFrame(this.frame);
			clearTimeout(this.slow);
			this.frame = 0;
			this.render();
		};
		this.frame = requestAnimationFrame(once);
		this.slow = setTimeout(once, 500);
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

	take({type, added, entry, parts = {}, facts = {}, tell: told = {}}) {
		const {ui, compose, facts: was} = this;
		this.facts = {...was, ...facts};
		if (type === 'snapshot') this.fresh();
		if (added) this.added(entry);
		else if (entry) this.lines.change(entry);
		if (type !== 'show') return this.draw();
		const had = $('#answer'), focused = $('#sheet').contains(document.activeElement), waited = $('#compose').hidden;
		const busy = had?.value && had.form.sent !== had.form.dataset.arg;
		for (const [id, part] of Object.entries(parts)) show($('#' + id), part);
		for (const [region, all] of Object.entries(told)) for (const text of all) tell(region, text);
		const draft = this.facts.drafts[ui.here] || '';
		if (draft !== (was.drafts[ui.here] || '') && document.activeElement !== compose.field && !ui.edit) compose.put(draft);
		this.render();
		if (waited && !$('#compose').hidden) this.ready(busy);
		if ($('#answer')) {
			this.ahead = '';
			if ((focused || !had) && idle()) $('#answer').focus();
		}
		if (facts.to && Date.now() < ui.follow) {
			ui.follow = 0;
			this.go(facts.to);
		}
	}

	// follow has the page go where a command of this tab leads. What another tab or the terminal
	// does, it does not follow.
	follow() { this.ui.follow = Date.now() + 5000 }

	// fresh has all be asked for again, behind a snapshot. In another run it is another person's chat: of
	// the one before nothing is kept.
	fresh() {
		const {ui, lines, facts, link} = this, wanted = named(), other = this.run !== link.run;
		Object.assign(pictures, facts.pictures);
		Object.assign(this, {run: link.run, seen: ''});
		lines.forget();
		if (!other) return lines.newest();
		clearTimeout(this.saving);
		lines.talks.clear();
		Object.assign(ui, {here: wanted in facts.read ? wanted : facts.to || 'lobby', edit: null, reply: null});
		lines.open(ui.here, facts.read[ui.here]);
		this.compose.put(facts.drafts[ui.here] || '');
	}

	added(e) {
		const {ui, lines} = this;
		lines.add(e);
		notify(e, id => this.go(id));
		if (e.in === ui.here && e.kind === 'message') {
			if (!e.own && !e.old) this.reader.add(lines.sentence(e));
			if (!lines.t.follow) lines.behind++;
		} else if (e.in === 'status' && e.kind !== 'presence') tell('status', e.text.slice(0, 300));
	}

	// go shows a conversation, or a page beside them. What is typed on the way there waits.
	async go(id, keep) {
		const {ui, link, compose, lines, facts} = this;
		if (named() !== id) history.pushState(null, '', '#' + id);
		ui.page = id[0] === '/' ? id.slice(1) : '';
		closeDrawer();
		if (ui.page === 'rooms') await link.ask('rooms', {});
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
		const {ui: {here, page, edit, reply}, compose: {text}, lines: {t}} = this;
		const view = {in: here, page, text: /^\s*\//.test(text) ? text.slice(0, 200) : '', lines: text.split('\n').length, edit: edit?.time || '', reply: reply && {who: reply.who, text: reply.text.slice(0, 80)}, empty: t?.there && !t.list.length};
		const seen = JSON.stringify(view);
		if (!here || this.seen === seen) return this.looked;
		this.seen = seen;
		return this.looked = this.link.ask('look', {view});
	}

	// wrote keeps what is typed, and tells the other one of it.
	wrote(text) {
		const {here, edit} = this.ui;
		if (edit) return;
		clearTimeout(this.saving);
		this.saving = setTimeout(() => this.keep(), 500);
		if (here.startsWith('private:') && text && this.facts.settings.typing !== 'no' && Date.now() > (this.told || 0)) {
			this.told = Date.now() + 3000;
			this.link.ask('typing', {in: here});
		}
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
		const {facts, ui, lines, compose} = this, below = $('#tonew');
		if (!ui.here) return;
		this.look();
		if (!facts.title) return; // the first answer is on its way
		merge($('#down'), ui.down ? [make(['div.banner.warn', icon('alert'), ['span.grow', ui.down]])] : []);
		if (!$('#scroll').hidden) {
			lines.render();
			show(below, [{hidden: lines.t.follow}, icon('down'), lines.behind ? `${lines.behind} new lines` : 'To the newest']);
			compose.render();
			this.read();
		}
		sign(facts);
		this.questions(facts.dialog);
		if (!this.ticking) this.tick();
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
		const {lines: {t}, ui: {here}} = this, [cursor, unread] = this.facts.read[here] || [0, 0];
		if (!t.follow || document.hidden || !document.hasFocus() || this.reading) return;
		const id = t.list.findLast(e => e.in === here)?.id;
		if (!id || (id <= cursor && !unread) || this.said === here + id) return;
		this.said = here + id;
		this.link.ask('read', {in: here, entry: id});
		this.reading = setTimeout(() => { this.reading = 0; this.draw() }, 500);
	}

	// tick counts down, once a second, while there is something to be counted.
	tick() {
		const all = $$('[data-until]');
		for (const el of all) el.textContent = seconds(+el.dataset.until);
		clearTimeout(this.ticking);
		this.ticking = all.length && setTimeout(() => this.tick(), 1000);
	}
}
