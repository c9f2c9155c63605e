// A talk is the lines of one conversation, and which are shown: a window of the list
// (from up to, without, to). At the end it follows what comes.

export const MOST = 2000; // lines that are kept
export const SHOWN = 200;
const SPARE = 400; // are dropped at once
const STEP = 60;

export class Talk {
	list = [];
	more = false; // there are older ones
	whole = true; // it reaches the newest one
	there = false; // the newest have come
	from = 0;
	to = 0;
	follow = true;

	constructor(id) { this.id = id }

	place(id) { return this.list.findLastIndex(e => e.id === id) }

	// fill takes the newest lines.
	fill(list, more) {
		Object.assign(this, {list, more, whole: true, there: true});
		this.fit();
	}

	// older takes those before the first line.
	older(lines, more) {
		const fresh = lines.filter(e => this.place(e.id) < 0);
		this.list.unshift(...fresh);
		this.from += fresh.length;
		this.to += fresh.length;
		this.more = more && fresh.length > 0;
		this.bound();
	}

	// add takes a new line, if it follows the last one that is there.
	add(e) {
		if (!this.there || !this.whole || this.place(e.id) >= 0) return;
		this.list.push(e);
		this.bound();
	}

	// bound drops lines that are too many: the oldest, or, if these are shown, the newest, which
	// are asked for again.
	bound() {
		const {length} = this.list, n = length > MOST ? length - MOST + SPARE : 0;
		if (this.follow || this.from >= n) {
			this.more ||= n > 0;
			this.list.splice(0, n);
			this.from -= n;
			this.to -= n;
		} else {
			this.whole = false;
			this.list.splice(-n);
		}
	}

	change(e) {
		const i = this.place(e.id);
		if (i >= 0) this.list[i] = e;
	}

	// fit has the window be one of what is there.
	fit() {
		const {length} = this.list;
		if (this.follow || this.from >= length) return this.end();
		this.to = Math.min(Math.max(this.to, this.from + SHOWN), length);
	}

	end() { Object.assign(this, {from: Math.max(0, this.list.length - SHOWN), to: this.list.length, follow: true}) }

	// step goes to older (-1) or newer (1) lines.
	step(d) {
		const from = Math.max(0, Math.min(this.from + d * STEP, this.list.length - SHOWN));
		Object.assign(this, {from, to: Math.min(this.list.length, from + SHOWN), follow: false});
	}

	// around has a line be in the middle.
	around(place) {
		this.from = place - SHOWN / 2;
		this.step(0);
	}
}
