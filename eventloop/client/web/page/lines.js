// The list of lines: which are in the document, and what stays in place while they change.

import {items} from './items.js';
import {tell} from './live.js';
import {Talk} from './talk.js';
import {$, $$, make, merge} from './tree.js';

const NEAR = 500; // pixels to the end of what is there, at which more is taken

export class Lines {
	talks = {}; // by the ids of their conversations
	made = new Map(); // of the nodes: key to what they show

	// app has link, and is told when something is to be drawn.
	constructor(app) {
		this.app = app;
		this.scroll = $('#scroll');
		this.list = $('#lines');
		this.scroll.addEventListener('scroll', () => this.scrolled());
		new ResizeObserver(() => this.t?.follow && this.stick()).observe(this.scroll);
		this.list.addEventListener('focusin', e => this.point(e.target.closest('li'), true));
		this.list.addEventListener('pointerover', e => this.point(e.target.closest('li')));
	}

	// open shows another conversation, at its end: it was read up to a line, behind which some are new.
	open(id) {
		const [read, unread] = this.app.facts.read[id] || [];
		Object.assign(this, {t: this.talk(id), hot: '', current: '', read: unread ? read : Infinity, count: unread, behind: 0});
		this.made.clear();
		this.list.replaceChildren();
		this.t.end();
		if (!this.t.there) this.newest();
		this.noteFresh();
	}

	// noteFresh notes the first line that is new.
	noteFresh() { this.fresh = this.t.list.find(e => e.id > this.read && !e.own && e.in !== 'status') }

	newest(t = this.t) {
		t.there = false;
		t.coming = this.page(t, 0, 200).then(({ok, lines = [], more}) => {
			if (ok) t.fill(lines, more);
			this.noteFresh();
		});
	}

	// older takes older lines, once the newest ones are there. It reports whether there were some.
	older(t = this.t) {
		return t.asks ||= (async () => {
			await t.coming;
			tell('status', 'Loading older lines');
			const {said, error, lines = [], more} = await this.page(t, (t.list.find(e => !/status|again/.test(e.in)) || t.list[0])?.id, 100);
			t.asks = null;
			t.older(lines, more);
			tell('status', said || error);
			return lines.length > 0;
		})();
	}

	async page(t, entry, count) {
		const got = await this.app.link.ask('page', {in: t.id, entry, count});
		this.app.draw();
		return got;
	}

	render() {
		const {t} = this, stay = !t.follow && this.anchor();
		t.fit();
		const list = items(t, this.fresh?.id, this.count);
		if (!list.some(i => i.key === this.current)) this.current = list.findLast(i => i.entry)?.key;
		const made = new Map(), nodes = list.map(item => this.node(item, made));
		if (!t.from && t.more) nodes.unshift(make(['li.load', {'data-key': 'load'}, 'Loading older lines…']));
		merge(this.list, nodes);
		this.made = made;
		if (t.follow) this.stick();
		else if (stay?.node.isConnected) this.scroll.scrollTop += stay.node.getBoundingClientRect().top - stay.top;
		if (t.more && !t.from && this.scroll.scrollHeight < this.scroll.clientHeight + NEAR) this.older(); // too few to scroll
	}

	// node is the one that is shown, if it shows the same.
	node({key, tree, entry, came, first}, made) {
		const is = {first, current: key === this.current, hot: key === this.hot, text: entry?.text};
		const shows = [entry ? tree : came?.length, ...Object.values(is)];
		const old = this.made.get(key), there = old?.node.isConnected;
		const same = there && old.shows.every((x, i) => x === shows[i]);
		const fresh = same ? old.node : make(tree, is);
		if (!same) {
			fresh.dataset.key = key;
			if (entry?.kind === 'message') {
				fresh.classList.toggle('first', first);
				for (const el of [fresh, ...$$('a, .rx button, .more input', fresh)]) el.tabIndex = is.current ? 0 : -1;
			}
		}
		made.set(key, {shows, node: there ? old.node : fresh});
		return fresh;
	}

	stick() {
		this.scroll.scrollTop = this.scroll.scrollHeight;
		this.top = this.scroll.scrollTop;
	}

	// anchor is the first line in sight, and where it stands.
	anchor() {
		const {top} = this.scroll.getBoundingClientRect();
		for (const node of this.list.children) {
			const box = node.getBoundingClientRect();
			if (box.bottom > top && node.dataset.key !== 'load') return {node, top: box.top};
		}
	}

	scrolled() {
		const {scrollTop, scrollHeight, clientHeight} = this.scroll, {t} = this;
		const below = scrollHeight - scrollTop - clientHeight;
		if (!t || (t.follow && scrollTop >= this.top)) return; // it was not the person: the page has changed its size
		const follow = below < 40 && t.to === t.list.length && t.whole;
		if (follow !== t.follow) {
			t.follow = follow;
			this.behind = 0;
			this.app.draw();
		}
		const step = scrollTop < NEAR ? -1 : below < NEAR ? 1 : 0;
		if (follow || !step) return;
		if (step < 0 ? t.from : t.to < t.list.length) {
			t.step(step);
			this.app.draw();
		} else if (step < 0 && t.more) this.older();
	}

	toEnd() {
		if (!this.t.whole) this.newest();
		this.t.end();
		this.behind = 0;
		this.app.draw();
	}

	// show puts a line into sight and gives it the focus.
	show(e) {
		const key = 'e' + e.id;
		this.t.around(this.t.place(e.id));
		this.current = key;
		this.render();
		const li = this.made.get(key)?.node;
		li?.scrollIntoView({block: 'center'});
		li?.focus({preventScroll: true});
	}

	// point says which line has the pointer or the focus: it has the toolbar.
	point(li, focus) {
		const key = li?.dataset.key || '';
		if (key[0] !== 'e' || (this.hot === key && (!focus || this.current === key))) return;
		this.hot = key;
		if (focus) this.current = key;
		this.render();
	}

	// step moves the focus to another line.
	step = key => {
		const all = $$('.msg', this.list), i = all.findIndex(li => li.contains(document.activeElement));
		const to = {ArrowUp: all[i - 1], k: all[i - 1], ArrowDown: all[i + 1], j: all[i + 1], Home: all[0], End: all.at(-1)}[key];
		to?.focus();
		if (to === all[0]) this.scrolled();
	};

	talk(id) { return this.talks[id] ??= new Talk(id) }

	// add puts a new line where it is shown.
	add(e) {
		const here = this.t?.id, place = {status: e.kind === 'presence' ? 'lobby' : here, again: here}[e.in] || e.in;
		this.talk(place).add(e);
	}

	change(e) { for (const t of Object.values(this.talks)) t.change(e) }

	// forget has all lines be asked for again. What is there is shown meanwhile.
	forget() { for (const t of Object.values(this.talks)) t.there = false }

	// entry is the one of an id, such as 13 or #13.
	entry(id) { return this.t.list.find(e => e.id === +id.replace('#', '')) }
}
