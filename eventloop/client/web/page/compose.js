// The field. Who hears what is typed stands above it, always: the process says who.

import {$, act, icon, make, merge, set, show} from './tree.js';

export class Compose {
	#asked = '';
	#made = ''; // what the candidates were made of

	// app has link and ui, and is told of what is sent.
	constructor(app) {
		Object.assign(this, {app, candidates: [], picked: -1, length: 0, error: ''});
		this.field = $('#field');
		this.field.addEventListener('input', () => this.typed());
	}

	get text() { return this.field.value }

	// put sets the text, with the cursor behind it.
	put(text) {
		this.field.value = text;
		this.field.setSelectionRange(text.length, text.length);
		this.shut();
		this.typed(true);
	}

	typed(quiet) {
		this.error = '';
		if (!quiet) this.app.wrote(this.text);
		this.app.look();
		this.complete();
		this.render();
	}

	// complete asks the process what a command or a name may become.
	async complete(tab) {
		const before = this.text.slice(0, this.field.selectionStart);
		if (!tab && !/^\/[^\s/]*$/.test(before)) return this.shut();
		this.#asked = before;
		const got = await this.app.link.ask('complete', {in: this.app.ui.here, text: before});
		if (this.#asked !== before || before !== this.text.slice(0, this.field.selectionStart)) return;
		this.#made = before;
		this.length = got.length || 0;
		this.candidates = got.candidates || [];
		this.picked = this.candidates.length ? 0 : -1;
		if (tab && this.candidates.length === 1) this.take();
		this.render();
	}

	shut() {
		this.candidates = [];
		this.picked = -1;
		this.#asked = '';
		this.render();
	}

	pick(d) {
		this.picked = (this.picked + d + this.candidates.length) % this.candidates.length;
		this.render();
		$('#cmds [aria-selected=true]')?.scrollIntoView({block: 'nearest'});
	}

	// chooses reports whether Enter takes a candidate: one of what stands there now, and not that itself.
	chooses() { return this.#fits() && !/\s/.test(this.text) && this.candidates[this.picked]?.trim() !== this.text }
	#fits() { return this.open && this.#made === this.text.slice(0, this.field.selectionStart) }

	take(i = this.picked) {
		if (!this.#fits()) return;
		const at = this.field.selectionStart, from = [...this.text.slice(0, at)].slice(0, -this.length || undefined).join('');
		const word = this.candidates[i] + (/\s$/.test(this.candidates[i]) ? '' : ' ');
		this.field.value = from + word + this.text.slice(at).trimStart();
		this.field.setSelectionRange((from + word).length, (from + word).length);
		this.shut();
		this.typed();
	}

	get open() { return this.candidates.length > 0 }

	render() {
		merge($('#refused'), this.error ? [make(['p.err', icon('alert'), ['span', this.error]])] : []);
		show($('#cmds'), [{hidden: !this.open}, ...this.candidates.map((c, i) => ['div.opt', {id: 'o' + i, role: 'option', 'aria-selected': i === this.picked, ...act('take', i)}, ['code', c]])]);
		set(this.field, {'aria-expanded': this.open, 'aria-activedescendant': this.open ? 'o' + this.picked : null});
	}
}
