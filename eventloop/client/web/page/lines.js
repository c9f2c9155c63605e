// The list of lines: which ones are in the document, and what stays in its place while
// they change.

import {items} from './items.js';
import {clock} from './times.js';
import {Transcript} from './transcript.js';
import {$, $$, make, merge} from './tree.js';
import {around, atEnd, fitted, moved} from './window.js';

const NEAR = 500; // pixels to the end of what is there, at which more is taken

export class Lines {
	// needOlder and needNewest are called with the transcript when it has to be asked for.
	constructor({needOlder, needNewest, changed}) {
		Object.assign(this, {needOlder, needNewest, changed});
		this.transcripts = new Map(); // by the ids of their conversations
		this.scroll = $('#scroll');
		this.list = $('#lines');
		this.made = new Map(); // of the nodes: key to what they show
		this.unfolded = new Set();
		this.scroll.addEventListener('scroll', () => this.scrolled());
		new ResizeObserver(() => this.w?.follow && this.stick()).observe(this.scroll);
		this.list.addEventListener('focusin', e => this.point(e.target.closest('li'), true));
		this.list.addEventListener('pointerover', e => this.point(e.target.closest('li')));
	}

	// open shows another conversation, at its end: it was read up to a line, behind which some are new.
	open(id, [read, unread] = [0, 0]) {
		Object.assign(this, {id, t: this.transcript(id), w: null, hot: '', current: '', read: unread ? read : Infinity, mark: NaN, count: unread, behind: 0});
		this.made.clear();
		this.list.replaceChildren();
		if (this.t.state !== 'there') this.needNewest(this.t);
	}

	render() {
		const {t} = this;
		if (isNaN(this.mark) && t.state === 'there') this.mark = t.position(t.list.find(e => e.id > this.read && !e.own && e.in !== 'status')?.id);
		const stay = this.w && !this.w.follow && this.anchor();
		this.w = fitted(this.w, t);
		t.bound(this.w.from);
		this.w = fitted(this.w, t);
		const list = items(t, this.w, this.mark, this.count);
		const keys = new Set(list.map(i => i.key));
		if (!keys.has(this.current)) this.current = list.findLast(i => i.key[0] === 'e')?.key || '';
		const made = new Map();
		const nodes = list.map(item => this.node(item, made));
		if (this.w.from === t.start && t.more) nodes.unshift(make(['li.load', {'data-key': 'load'}, 'Loading older lines…']));
		merge(this.list, nodes);
		this.made = made;
		if (this.w.follow) this.stick();
		else if (stay?.node.isConnected) this.scroll.scrollTop += stay.node.getBoundingClientRect().top - stay.top;
		if (t.more && this.w.from === t.start && this.scroll.scrollHeight < this.scroll.clientHeight + NEAR) this.needOlder(t); // too few to scroll
	}

	// node is the one that is shown, if it shows the same.
	node({key, tree, entry, came, first}, made) {
		const is = {first, current: key === this.current, hot: key === this.hot, open: this.unfolded.has(entry?.id)};
		const shows = entry ? [tree, ...Object.values(is)] : [came?.length];
		const old = this.made.get(key), there = old?.node.isConnected;
		const same = there && old.shows.every((x, i) => x === shows[i]);
		const fresh = same ? old.node : make(tree, is);
		if (!same) {
			fresh.dataset.key = key;
			if (entry?.kind === 'message') {
				for (const name of ['first', 'open']) fresh.classList.toggle(name, !!is[name]);
				for (const el of [fresh, ...$$('a, .rx button, .more', fresh)]) el.tabIndex = is.current ? 0 : -1;
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
		const {scrollTop, scrollHeight, clientHeight} = this.scroll;
		const {t, w} = this;
		if (!w) return;
		const below = scrollHeight - scrollTop - clientHeight;
		if (w.follow && scrollTop >= this.top) return; // it was not the person: the page has changed its size
		const follow = below < 40 && w.to === t.end && t.whole;
		if (follow !== w.follow) {
			this.w = {...w, follow};
			this.behind = 0;
			this.changed();
		}
		if (follow) return;
		if (scrollTop < NEAR && w.from > t.start) this.move(-1);
		else if (scrollTop < NEAR && t.more) this.needOlder(t);
		else if (below < NEAR && w.to < t.end) this.move(1);
	}

	move(step) {
		this.w = moved(this.w, this.t, step);
		this.changed();
	}

	toEnd() {
		if (!this.t.whole) this.needNewest(this.t);
		this.w = atEnd(this.t);
		this.behind = 0;
		this.changed();
	}

	// show puts a line into sight and gives it the focus, if it is there.
	show(id, focus = true) {
		const p = this.t.position(id);
		if (p < this.t.start) return false;
		this.w = around(p, this.t);
		this.current = 'e' + id;
		this.render();
		const li = this.at('e' + id);
		li?.scrollIntoView({block: 'center'});
		if (focus) li?.focus({preventScroll: true});
		return !!li;
	}

	// fresh is the first line that was new when the conversation was opened.
	get fresh() { return this.t?.at(this.mark) }

	showUnread() {
		const first = this.fresh;
		if (first) this.show(first.id);
		this.scrolled();
	}

	at(key) { return this.made.get(key)?.node }

	// point says which line has the pointer or the focus: it has the toolbar.
	point(li, focus) {
		const key = li?.dataset.key || '';
		if (key[0] !== 'e' || (this.hot === key && (!focus || this.current === key))) return;
		this.hot = key;
		if (focus) this.current = key;
		this.render();
	}

	// step moves the focus to another line. It reports whether there is one.
	step(key) {
		const all = [...this.list.children].filter(li => li.matches('.msg'));
		const i = all.findIndex(li => li.contains(document.activeElement));
		const to = {ArrowUp: all[i - 1], k: all[i - 1], ArrowDown: all[i + 1], j: all[i + 1], Home: all[0], End: all.at(-1)}[key];
		to?.focus();
		if (to === all[0]) this.scrolled();
		return !!to;
	}

	transcript(id) {
		if (!this.transcripts.has(id)) this.transcripts.set(id, new Transcript());
		return this.transcripts.get(id);
	}

	// add puts a new line where it is shown.
	add(e) {
		const place = {status: e.kind === 'presence' ? 'lobby' : this.id, again: this.id}[e.in] || e.in;
		this.transcript(place).add(e);
	}

	change(e) { for (const t of this.transcripts.values()) t.change(e) }

	// forget has all lines be asked for again. What is there is shown meanwhile.
	forget() { for (const t of this.transcripts.values()) t.state = '' }

	// entry is the one of an id, such as 13 or #13.
	entry(id) { return this.t.at(this.t.position(+String(id).replace('#', ''))) }
	sentence(e) { return `${e.who}, ${clock(e.at)}: ${e.text.slice(0, 300) || 'removed'}` }
}
