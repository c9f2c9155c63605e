// The field. Who hears what is typed stands above it, always: the process says who, and what
// a command or a name may become.

import {$, icon, make, merge, set} from './tree.js';

export class Compose {
	error = '';

	// app is told of what is typed.
	constructor(app) {
		this.app = app;
		this.field = $('#field');
		this.list = $('#cmds');
		this.field.addEventListener('input', () => this.typed());
	}

	get text() { return this.field.value }
	get before() { return this.text.slice(0, this.field.selectionStart) }
	get options() { return this.list.hidden ? [] : [...this.list.children] }
	get picked() { return this.options.find(o => o.ariaSelected === 'true')?.dataset.arg }

	// put sets the text, with the cursor behind it or at a place.
	put(text, at = text.length) {
		this.field.value = text;
		this.field.setSelectionRange(at, at);
		this.typed();
	}

	fill() {
		this.field.value = this.app.draft();
		this.typed(false);
	}

	// typed has the process keep what stands there, if it is not what that has sent.
	typed(mine = true) {
		this.error = '';
		this.app.ui.mine = mine;
		this.complete(/^\/[^\s/]*$/.test(this.before) ? this.before : '');
		this.render();
	}

	// complete asks what the text before the cursor may become.
	complete(before) {
		this.app.ui.complete = before;
		this.list.hidden ||= !before;
		return this.app.look();
	}

	async tab() {
		await this.complete(this.before);
		if (this.options.length === 1) this.take();
	}

	pick(d) {
		const all = this.options, i = (all.findIndex(o => o.ariaSelected === 'true') + d + all.length) % all.length;
		for (const o of all) o.ariaSelected = o === all[i];
		all[i].scrollIntoView({block: 'nearest'});
		set(this.field, {'aria-activedescendant': all[i].id});
	}

	// chooses reports whether Enter takes a candidate: one of what stands there now, and not that itself.
	chooses() { return this.list.dataset.of === this.before && !/\s/.test(this.text) && this.picked?.trim() !== this.text }

	take(word = this.picked) {
		if (!word || this.list.dataset.of !== this.before) return;
		this.put(word + this.text.slice(this.before.length).trimStart(), word.length);
	}

	render() { merge($('#refused'), this.error ? [make(['p.err', icon('alert'), ['span', this.error]])] : []) }
}
