// The app: what a person does here that the process need not know of, and when it is drawn. Data
// flows one way: the process is told what is looked at, and sends what is shown (see screen.go).

import {actions} from './actions.js';
import {Compose} from './compose.js';
import {Lines} from './lines.js';
import {hear, tell} from './live.js';
import {Link} from './net.js';
import {looks, notify, tidy} from './notify.js';
import {closeDrawer, dialog} from './popup.js';
import {clock} from './times.js';
import {$, icon, idle, make, merge, pictures, show, touch} from './tree.js';

export const named = () => decodeURIComponent(location.hash.slice(1));

export class App {
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

	// reach tells why the process is not there; '': it is, and is told what is looked at.
	reach(why) {
		if (why && why !== this.ui.down) tell('status', why);
		this.ui.down = why;
		this.seen = '';
		if (!why && this.compose) this.ui.mine &&= this.compose.text !== this.draft();
		if (why && this.shown && this.facts.connection.phase !== 'ended') this.put(this.facts.gone);
		if ($('#boot')) $('#boot').textContent = why;
		this.draw();
	}

	// closed asks for the password of the page: that of another machine.
	closed(why) {
		if (!$('#boot')) return location.reload();
		$('#boot').textContent = why;
		this.early(); // it may be of a password
		$('#door').hidden = false;
		$('#door').reset();
		$('#password').focus();
		if (why) tell('alert', why);
	}

	take({type, added, entry, parts = {}, facts = {}, tell: told = {}, go, fill}) {
		const {ui, compose} = this;
		this.facts = {...this.facts, ...facts};
		if (type === 'snapshot') this.fresh();
		if (added) this.added(entry);
		else if (entry) this.lines.change(entry);
		for (const [region, all] of Object.entries(told)) for (const text of all) tell(region, text);
		if (type !== 'show') return this.draw();
		const had = $('#answer'), focused = $('#sheet').contains(document.activeElement), waited = $('#compose').hidden;
		const busy = had?.value && had.form.sent !== had.form.dataset.arg;
		this.shown = true;
		this.put(parts);
		if (fill === ui.here && !ui.edit) compose.fill();
		this.render();
		if (waited && !$('#compose').hidden) this.ready(busy);
		if ($('#answer')) {
			this.early();
			if ((focused || !had) && idle()) $('#answer').focus();
		}
		if (go) this.go(go);
	}

	put(parts) { for (const [id, part] of Object.entries(parts)) show($('#' + id), part) }

	// fresh has all be asked for again, behind a snapshot. In another run it is another chat: nothing is kept of
	// the one before.
	fresh() {
		const {ui, facts, link} = this, wanted = named(), other = this.run !== link.run;
		if (!this.lines) this.begin(facts);
		const {lines} = this;
		Object.assign(this, {run: link.run, seen: ''});
		lines.forget();
		if (!other) return lines.newest();
		lines.talks = {};
		Object.assign(ui, {here: wanted in facts.read ? wanted : facts.to || 'lobby', reply: null});
		lines.open(ui.here);
		this.compose.fill();
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

	// draft is what the process keeps for the conversation.
	draft() { return this.facts.drafts[this.ui.here] || '' }

	// early is what was typed before there was a field for it.
	early() {
		const {value} = $('#early');
		$('#early').value = '';
		return value;
	}

	// go shows a conversation, or a page beside them.
	async go(id, keep) {
		const {ui, link, compose, lines} = this;
		if (named() !== id) history.pushState(null, '', '#' + id);
		ui.page = id[0] === '/' ? id.slice(1) : '';
		compose.refuse();
		closeDrawer();
		$('#nav form')?.reset();
		if (ui.page === 'rooms') await link.ask('rooms');
		if (!ui.page && id !== ui.here) {
			Object.assign(ui, {here: id, reply: null});
			lines.open(id);
			link.ask('open', {in: id});
			compose.fill();
		}
		this.going = !!ui.page;
		await this.look();
		this.going = false;
		this.render();
		const at = ui.page ? $('#sheet input') || $('#sheet button') : $('#extra input') || (touch.matches ? null : compose.field);
		if (!keep) at?.focus();
		if (!ui.page || !at) return;
		const early = this.early();
		at.value += early;
		if (/\n/.test(early)) at.form?.requestSubmit();
	}

	// look tells the process what is looked at and typed, if it has not been told. What is shown then has
	// come when it has answered.
	look() {
		if (!this.ui.here) return;
		const {ui: {here, page, complete, edit, reply, mine}, compose: {text}, lines: {t}} = this;
		const view = {in: here, page, jump: $('#jump')?.value, complete, text: text.slice(0, 5000), mine, edit: edit?.time, reply: reply && {who: reply.who, text: reply.text.slice(0, 80)}, empty: t?.there && !t.list.length, focus: looks()};
		const seen = JSON.stringify(view);
		if (this.seen === seen) return this.looked;
		this.seen = seen;
		return this.looked = this.link.ask('look', {view});
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
			this.read();
		}
		tidy(facts.read);
		this.questions(facts.dialog);
	}

	// ready has one write as soon as one can, and brings what was typed before. Who is still
	// typing an answer, such as a password, does not type the rest of it here.
	ready(busy) {
		const {compose} = this, early = this.early();
		if (early) compose.put(compose.text + early);
		if (idle() && !busy && !$('dialog[open], .side.open') && !touch.matches) compose.field.focus();
	}

	// questions shows what the process asks, if the login does not.
	questions(tree) {
		const open = $('dialog[data-q]');
		if (open?.dataset.q === tree?.[1]['data-q']) return;
		open?.close();
		if (tree) dialog(tree);
	}

	// read says what was seen: the end of what is shown, while somebody looks.
	read() {
		const {lines: {t}, ui: {here}} = this, id = t.follow && looks() && !this.reading && t.list.findLast(e => e.in === here)?.id;
		if (!id || this.said === here + id) return;
		this.said = here + id;
		this.link.ask('read', {in: here, entry: id});
		this.reading = setTimeout(() => { this.reading = 0; this.draw() }, 500);
	}
}
