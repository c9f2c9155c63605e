// The app: what a person sees beside the model (where they are, what they edit), and when
// it is drawn. Data flows one way: frames and actions change the model and ui, and each
// change draws once, with the next frame of the screen.

import {$, act, button, h, icon, idle, merge} from './dom.js';
import {cardOf, countdown, seconds} from './cards.js';
import {bar, conversations, side} from './columns.js';
import {Compose} from './compose.js';
import {question} from './dialogs.js';
import {Lines} from './lines.js';
import {Reader, tell} from './live.js';
import {Model, title} from './model.js';
import {Link} from './net.js';
import {notify, sign} from './notify.js';
import {empty, login, rooms, search} from './sheets.js';

const touch = matchMedia('(pointer: coarse)'); // to focus the field opens a keyboard

export class App {
	ahead = ''; // what was typed before there was a field

	constructor() {
		this.model = new Model();
		this.ui = {here: '', page: '', edit: null, reply: null, words: null, follow: 0, wrong: '', down: '', found: {text: ''}, listed: {}};
		this.drafts = new Map();
		this.reader = new Reader();
		this.memo = {};
		this.link = new Link(this.model, {frame: f => this.take(f), state: why => this.reach(why), closed: why => this.closed(why)});
		this.lines = new Lines(this.model, {needOlder: t => this.older(t), needNewest: t => this.newest(t), changed: () => this.draw()});
		this.compose = new Compose(this);
	}

	get here() { return this.model.conversation(this.ui.here || 'lobby') }

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

	// reach tells whether the process is there.
	reach(why) {
		if (why && why !== this.ui.down) tell('status', why);
		this.ui.down = why;
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

	take(frame) {
		const {model, ui} = this, phase = model.connection.phase, peers = model.peers;
		const before = Object.fromEntries(Object.entries(peers).map(([k, p]) => [k, p.changed]));
		if (model.take(frame)) this.fresh();
		if (frame.added) this.added(frame.entry);
		if (frame.state && model.to !== ui.was && Date.now() < ui.follow && model.to in model.conversations) {
			ui.follow = 0;
			this.go(model.to);
		}
		for (const [k, p] of Object.entries(frame.state?.peers || {})) if (p?.changed && !before[k]) tell('alert', `The key of ${p.name} has changed. No session is opened.`);
		if (phase !== model.connection.phase && frame.type === 'state') {
			if (phase === 'logged_in') tell('status', 'Connection lost. Your lines are kept.');
			else if (model.loggedIn) tell('status', 'Connected.');
		}
		const draft = frame.state?.conversations?.[ui.here]?.draft;
		if (draft !== undefined && document.activeElement !== $('#field') && !ui.edit && draft !== this.compose.text) this.compose.put(draft);
		this.draw();
	}

	// follow has the page go where a command of this tab leads. What another tab or the terminal
	// does, it does not follow.
	follow() { Object.assign(this.ui, {follow: Date.now() + 5000, was: this.model.to}) }

	// fresh has all be asked for again, behind a snapshot.
	fresh() {
		const {model, ui} = this, wanted = decodeURIComponent(location.hash.slice(1));
		if (ui.here) return this.newest(this.lines.t);
		ui.here = wanted in model.conversations ? wanted : model.to in model.conversations ? model.to : 'lobby';
		this.lines.open(ui.here);
		this.compose.put(this.here.draft);
	}

	added(e) {
		const {model, ui, lines} = this;
		model.add(e, ui.here);
		if (/error|failure/.test(e.kind)) ui.wrong = e.text;
		notify(model, e, id => this.go(id));
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
			t.fill(got.entries || [], got.more);
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
		if (got.ok) t.older(got.entries || [], got.more);
		else t.more = false;
		tell('status', got.ok ? `${got.entries?.length || 'No'} older lines` : got.error);
		this.draw();
	}

	idOf(t) { for (const [id, has] of this.model.transcripts) if (has === t) return id }

	// go shows a conversation, or a page beside them.
	go(id, keep) {
		this.next = 0;
		const {ui, link, compose, lines} = this;
		if (location.hash !== '#' + id) history.pushState(null, '', '#' + id);
		ui.page = id[0] === '/' ? id.slice(1) : '';
		this.closeDrawer();
		if (ui.page) {
			this.enterPage();
		} else if (id !== ui.here || !lines.w) {
			if (!ui.edit) this.keep(compose.text);
			Object.assign(ui, {here: id, edit: null, reply: null, words: null});
			lines.open(id);
			link.ask('open', {in: id});
			compose.put(this.drafts.get(id) ?? this.here.draft);
		}
		this.render();
		if (!keep) (ui.page ? $('#sheet input') || $('#sheet button') : touch.matches ? null : $('#field'))?.focus();
	}

	async enterPage() {
		if (this.ui.page === 'rooms') this.ui.listed = await this.link.ask('rooms', {});
		this.draw();
	}

	// wrote keeps what is typed, and tells the other one of it.
	wrote(text) {
		if (this.ui.edit) return;
		this.drafts.set(this.ui.here, text);
		clearTimeout(this.saving);
		this.saving = setTimeout(() => this.keep(text), 500);
		if (this.here.kind === 'private' && text && this.model.settings.typing !== 'no' && Date.now() > (this.told || 0)) {
			this.told = Date.now() + 3000;
			this.link.ask('typing', {in: this.ui.here});
		}
	}

	keep(text) {
		clearTimeout(this.saving);
		this.drafts.set(this.ui.here, text);
		if (text !== this.here.draft) this.link.ask('draft', {in: this.ui.here, text});
	}

	// render draws all that has changed.
	render() {
		const {model, ui, lines, here} = this;
		if (!ui.here) return;
		const q = model.question, asks = q.id > 0 && !model.loggedIn && /name|password/.test(q.kind);
		const sheet = asks ? login(model, ui.wrong) : ui.page === 'search' ? search(model, ui.found) : ui.page === 'rooms' ? rooms(model, ui.listed) : null;
		const {theme, density, letters} = model.settings;
		document.documentElement.dataset.theme = theme || '';
		Object.assign(document.body.dataset, {density: density || '', letters: letters || ''});
		$('#app').classList.toggle('solo', asks);
		const first = !sheet && $('#compose').hidden, busy = $('#answer')?.value && ui.answered !== +$('#sheet form').dataset.arg;
		for (const id of ['head', 'scroll', 'compose', 'skip']) $('#' + id).hidden = !!sheet;
		$('#sheet').hidden = !sheet;
		this.main(sheet);
		merge($('#banner'), asks ? [] : this.banner());
		if (!sheet) {
			merge($('#extra'), [cardOf(model, here.kind === 'private' && model.peer(here.name), ui.words) || (!lines.t.list.length && lines.t.state === 'there' && empty(here, title(here, model)))]);
			lines.render();
			const below = $('#tonew');
			below.hidden = !!lines.w.follow;
			if (!below.hidden) merge(below, [icon('down'), lines.behind ? `${lines.behind} new lines` : 'To the newest']);
			this.read();
		}
		this.columns(sheet);
		sign(model, asks ? null : here);
		this.questions(q, asks);
		if (asks) this.ahead = '';
		if (first) this.ready(busy);
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

	// columns draws what stands around the lines: at most ten times a second.
	columns(sheet) {
		const {model, ui, here} = this, now = performance.now();
		if (now < this.next) {
			this.later ||= setTimeout(() => this.draw(), 100);
			return;
		}
		clearTimeout(this.later);
		Object.assign(this, {later: 0, next: now + 100});
		this.part('#nav', () => conversations(model, ui.page ? '' : here.id), model.conversations, model.peers, model.people, model.self, model.server, model.connection);
		this.part('#aside', () => side(model, here), model.people, model.peers, here, model.self, model.server);
		$('#aside').ariaLabel = /direct|private/.test(here.kind) ? 'About ' + here.name : 'People';
		if (!sheet) {
			this.part('#head', () => bar(model, here), here, model.peers, model.people, model.mentions, model.server);
			this.compose.render();
		}
	}

	main(sheet) {
		const p = this.here.kind === 'private' && this.model.peer(this.here.name), main = $('#main');
		if (p && !sheet) main.dataset.lane = p.state !== 'open' ? 'none' : p.verified ? 'ok' : 'warn';
		else delete main.dataset.lane;
		const had = $('#answer'), focused = $('#sheet').contains(document.activeElement);
		merge($('#sheet'), [sheet]);
		if ($('#answer') && (focused || !had) && idle()) $('#answer').focus();
	}

	// part merges what a function makes, if what it is made of has changed.
	part(selector, make, ...of) {
		const sum = JSON.stringify(of, (k, v) => /^(last|spoke|cursor|draft)$/.test(k) ? undefined : v);
		if (this.memo[selector] === sum + this.ui.here + this.ui.page) return;
		this.memo[selector] = sum + this.ui.here + this.ui.page;
		merge($(selector), make());
	}

	banner() {
		const {model: {connection: c, server, plain, loggedIn}, ui} = this, bad = (...kids) => h('.banner.warn', {'data-key': 'banner'}, icon('alert'), kids);
		if (ui.down) return [bad(h('span.grow', ui.down))];
		if (!loggedIn) return [bad(h('span.grow', h('b', c.phase === 'ended' ? 'The chat has ended. ' : `Not connected to ${server.label}. `), c.why, c.retry > 0 && [' Trying again in ', countdown(c.retry), '.'], c.kept > 0 && ` ${c.kept} of your lines are kept.`), c.phase !== 'ended' && button('Try now', act('retry')))];
		return plain ? [h('.banner', {'data-key': 'banner'}, icon('info'), h('span.grow', 'A plain server: one room, and no direct messages, private sessions, edits or search.'))] : [];
	}

	// questions shows what the process asks, if the login does not.
	questions(q, asks) {
		const open = $('dialog[data-q]');
		if (open && open.dataset.q !== String(q.id)) open.close();
		if (q.id > 0 && !asks && !q.busy && !$(`dialog[data-q="${q.id}"]`)) question(this.model, this.ui.wrong);
	}

	// read says what was seen: the end of what is shown, while somebody looks.
	read() {
		const {here, lines} = this, last = lines.t.last;
		if (!last || !lines.w.follow || document.hidden || !document.hasFocus() || this.reading) return;
		const id = lines.t.list.findLast(e => e.in === here.id)?.id;
		if (!id || (id <= here.cursor && !here.unread) || this.said === here.id + id) return;
		this.said = here.id + id;
		this.link.ask('read', {in: here.id, entry: id});
		this.reading = setTimeout(() => { this.reading = 0; this.draw() }, 500);
	}

	// tick counts down, once a second, while there is something to be counted.
	tick() {
		const all = document.querySelectorAll('[data-until]');
		for (const el of all) el.textContent = seconds(+el.dataset.until);
		clearTimeout(this.ticking);
		this.ticking = all.length && setTimeout(() => this.tick(), 1000);
	}

	openDrawer(side) {
		const el = $('#' + side);
		if (getComputedStyle(el).visibility !== 'hidden') return $('button, input', el)?.focus();
		this.back = document.activeElement;
		el.classList.add('open');
		$('#scrim').hidden = false;
		$('#main').inert = true;
		$('.narrow', el)?.focus();
	}

	closeDrawer() {
		const open = $('.side.open');
		if (!open) return;
		open.classList.remove('open');
		$('#scrim').hidden = true;
		$('#main').inert = false;
		this.back?.focus();
	}
}
