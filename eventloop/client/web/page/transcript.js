// A transcript is the lines of one conversation that the page has. Lines have positions
// that stay when older ones come in front of them or go.

export const MOST = 2000; // lines that are kept
const SPARE = 400; // are dropped at once

export class Transcript {
	list = [];
	start = 0; // the position of the first line
	more = false; // there are older ones
	whole = true; // it reaches the newest one
	state = ''; // '', 'asked', 'there': whether the newest were asked for
	#at = new Map();

	get end() { return this.start + this.list.length }
	at(position) { return this.list[position - this.start] }
	position(id) { return this.#at.has(id) ? this.#at.get(id) : -Infinity }
	get last() { return this.list.at(-1) }

	// fill takes the newest lines.
	fill(entries, more) {
		Object.assign(this, {list: [...entries], start: 0, more, whole: true, state: 'there'});
		this.#at = new Map(entries.map((e, i) => [e.id, i]));
	}

	// older takes those before the first line.
	older(entries, more) {
		const fresh = entries.filter(e => !this.#at.has(e.id));
		this.list.unshift(...fresh);
		this.start -= fresh.length;
		fresh.forEach((e, i) => this.#at.set(e.id, this.start + i));
		this.more = more && fresh.length > 0;
	}

	// add takes a new line, if it follows the last one that is there.
	add(entry) {
		if (this.state !== 'there' || !this.whole || this.#at.has(entry.id)) return;
		this.#at.set(entry.id, this.end);
		this.list.push(entry);
	}

	change(entry) {
		const i = this.position(entry.id) - this.start;
		if (i >= 0) this.list[i] = entry;
	}

	// bound drops lines that are too many: the oldest, or, if these are shown (from is the
	// first position that is), the newest, which are asked for again then.
	bound(from) {
		if (this.list.length <= MOST) return;
		const drop = this.list.length - MOST + SPARE;
		const front = from - this.start >= drop;
		for (const e of front ? this.list.splice(0, drop) : this.list.splice(-drop)) this.#at.delete(e.id);
		if (front) {
			this.start += drop;
			this.more = true;
		} else this.whole = false;
	}
}
