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
import {$, $$, icon, idle, make, merge, seconds, show} from './tree.js';

const touch = matchMedia('(pointer: coarse)'); // to focus the field opens a keyboard

export class App {
	ahead = ''; // what was typed before there was a field
	facts = {settings: {}, connection: {}, question: {}, read: {}, drafts: {}, changed: []};
	ui = {here: '', page: '', edit: null, reply: null, words: '', follow: 0, wrong: '', down: ''};
	drafts = new Map();
	reader = new Reader();

	constructor() {
		this.link = new Link({frame: f => this.take(f), state: why => this.reach(why), closed: why => this.closed(why)});
		this.lines = new Lines({needOlder: t => this.older(t), needNewest: t => this.newest(t), changed: () => this.draw()});
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

	take({type, added, entry, parts = {}, facts = {}}) {
		const was = this.facts, {ui} = this;
		this.facts = {...was, ...facts};
		if (type === 'snapshot') this.fresh();
		if (added) this.added(entry);
		else if (entry) this.lines.change(entry);
		if (type !== 'show') return this.draw();
		const had = $('#answer');
		this.busy = had?.value && ui.answered !== was.question.id;
		const focused = $('#sheet').contains(document.activeElement);
		for (const [id, part] of Object.entries(parts)) show($('#' + id), part);
		this.learned(was, this.facts, facts);
		this.render();
		if ($('#answer') && (focused || !had) && idle()) $('#answer').focus();
		if (facts.to && Date.now() < ui.follow) {
			ui.follow = 0;
			this.go(facts.to);
		}
	}

	// learned tells what is not to be missed.
	learned(was, {connection: {phase}, changed}, fresh) {
		for (const who of changed) if (!was.changed.includes(who)) tell('alert', `The key of ${who} has changed. No session is opened.`);
		if (phase !== was.connection.phase) {
			if (was.connection.phase === 'logged_in') tell('status', 'Connection lost. Your lines are kept.');
			else if (phase === 'logged_in') tell('status', 'Connected.');
		}
		const draft = fresh.drafts?.[this.ui.here] || '';
		if (fresh.drafts && draft !== (was.drafts[this.ui.here] || '') && document.activeElement !== $('#field') && !this.ui.edit && draft !== this.compose.text) this.compose.put(draft);
	}

	// follow has the page go where a command of this tab leads. What another tab or the terminal
	// does, it does not follow.
	follow() { this.ui.follow = Date.now() + 5000 }

	// fresh has all be asked for again, behind a snapshot. In another run it is another person's chat: of
	// the one before nothing is kept.
	fresh() {
		const {ui, lines, facts, link} = this, wanted = decodeURIComponent(location.hash.slice(1)), other = this.run !== link.run;
		Object.assign(this, {run: link.run, seen: ''});
		lines.forget();
		if (!other) return this.newest(lines.t);
		clearTimeout(this.saving);
		this.drafts.clear();
		lines.transcripts.clear();
		Object.assign(ui, {here: wanted in facts.read ? wanted : facts.to || 'lobby', edit: null, reply: null, words: ''});
		lines.open(ui.here, facts.read[ui.here]);
		this.compose.put(facts.drafts[ui.here] || '');
	}

	added(e) {
		const {ui, lines} = this;
		lines.add(e);
		if (/error|failure/.test(e.kind)) ui.wrong = e.text;
		notify(e, id => this.go(id));
		if (e.in === ui.here && e.kind === 'message') {
			if (!e.own && !e.old) this.reader.add(lines.sentence(e));
			if (!lines.w?.follow) lines.behind++;
		} else if (e.in === 'status' && e.kind !== 'presence') tell('status', e.text.slice(0, 300));
	}

	async newest(t) {
		t.state = 'asked';
		const id = this.idOf(t), got = await this.link.ask('page', {in: id, entry: 0, count: 200});
		t.state = got.ok ? 'there' : '';
		if (got.ok) {
			t.fill(got.lines || [], got.more);
			if (t === this.lines.t) this.lines.mark = NaN;
		}
		this.draw();
	}

	async older(t) {
		if (t.asking) return;
		t.asking = true;
		tell('status', 'Loading older lines');
		const first = t.list.find(e => !/status|again/.test(e.in)) || t.list[0], got = await this.link.ask('page', {in: this.idOf(t), entry: first?.id || 0, count: 100});
		t.asking = false;
		if (got.ok) t.older(got.lines || [], got.more);
		else t.more = false;
		tell('status', got.ok ? `${got.lines?.length || 'No'} older lines` : got.error);
		this.draw();
	}

	idOf(t) { for (const [id, has] of this.lines.transcripts) if (has === t) return id }

	// go shows a conversation, or a page beside them. What is typed on the way there waits.
	async go(id, keep) {
		const {ui, link, compose, lines, facts} = this;
		if (location.hash !== '#' + id) history.pushState(null, '', '#' + id);
		ui.page = id[0] === '/' ? id.slice(1) : '';
		closeDrawer();
		if (ui.page === 'rooms') await link.ask('rooms', {});
		if (!ui.page && (id !== ui.here || !lines.w)) {
			if (!ui.edit) this.keep(compose.text);
			Object.assign(ui, {here: id, edit: null, reply: null, words: ''});
			lines.open(id, facts.read[id]);
			link.ask('open', {in: id});
			compose.put(this.drafts.get(id) ?? facts.drafts[id] ?? '');
		}
		this.going = !!ui.page;
		await this.look();
		this.going = false;
		this.render();
		const at = ui.page ? $('#sheet input') || $('#sheet button') : touch.matches ? null : $('#field');
		if (!keep) at?.focus();
		if (this.ahead && ui.page) at.value += this.ahead;
		this.ahead = '';
	}

	// look tells the process what is looked at, if it has not been told. What is shown then has come
	// when it has answered.
	look() {
		const {ui, compose: {text}, lines} = this;
		const view = {in: ui.here, page: ui.page, text: text[0] === '/' ? text.slice(0, 200) : '', lines: text.split('\n').length, edit: ui.edit?.time || '', words: ui.words, wrong: ui.wrong, empty: lines.t?.state === 'there' && !lines.t.list.length};
		const seen = JSON.stringify(view);
		if (!ui.here || this.seen === seen) return this.looked;
		this.seen = seen;
		return this.looked = this.link.ask('look', {view});
	}

	// wrote keeps what is typed, and tells the other one of it.
	wrote(text) {
		const {here, edit} = this.ui;
		if (edit) return;
		this.drafts.set(here, text);
		clearTimeout(this.saving);
		this.saving = setTimeout(() => this.keep(text), 500);
		if (here.startsWith('private:') && text && this.facts.settings.typing !== 'no' && Date.now() > (this.told || 0)) {
			this.told = Date.now() + 3000;
			this.link.ask('typing', {in: here});
		}
	}

	keep(text) {
		const {here} = this.ui;
		clearTimeout(this.saving);
		this.drafts.set(here, text);
		if (text !== (this.facts.drafts[here] || '')) this.link.ask('draft', {in: here, text});
	}

	// render draws all that has changed here.
	render() {
		const {facts, ui, lines, compose} = this;
		if (!ui.here) return;
		this.look();
		if (!facts.title) return; // the first answer is on its way
		const sheet = !!$('#sheet').firstChild, asks = !!$('#answer'), {theme, density, letters, fold} = facts.settings;
		document.documentElement.dataset.theme = theme || '';
		Object.assign(document.body.dataset, {density: density || '', letters: letters || '', fold: fold || ''});
		$('#app').classList.toggle('solo', asks);
		const first = !sheet && $('#compose').hidden;
		for (const id of ['head', 'scroll', 'compose', 'skip']) $('#' + id).hidden = sheet;
		$('#sheet').hidden = !sheet;
		merge($('#down'), ui.down ? [make(['div.banner.warn', icon('alert'), ['span.grow', ui.down]])] : []);
		if (!sheet) {
			lines.render();
			const below = $('#tonew');
			below.hidden = !!lines.w.follow;
			if (!below.hidden) show(below, [{}, icon('down'), lines.behind ? `${lines.behind} new lines` : 'To the newest']);
			compose.render();
			this.read();
		}
		sign(facts);
		this.questions(facts.dialog);
		if (asks) this.ahead = '';
		if (first) this.ready();
		if (!this.ticking) this.tick();
	}

	// ready has one write as soon as one can, and brings what was typed before. Who is still
	// typing an answer, such as a password, does not type the rest of it here.
	ready() {
		const {ahead, busy, compose} = this;
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
		const {lines, ui: {here}} = this, [cursor, unread] = this.facts.read[here] || [0, 0];
		if (!lines.t.last || !lines.w.follow || document.hidden || !document.hasFocus() || this.reading) return;
		const id = lines.t.list.findLast(e => e.in === here)?.id;
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
