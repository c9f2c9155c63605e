// The field. Who hears what is typed stands above it, always: the process says who, and what
// a command or a name may become.

import {$, icon, set, show} from './tree.js';

export class Compose {
	// app is told of what is typed.
	constructor(app) {
		this.app = app;
		this.field = $('#field');
		this.list = $('#cmds');
		this.refused = $('#refused');
		this.field.addEventListener('input', () => this.typed());
	}

	get text() { return this.field.value }
	get before() { return this.text.slice(0, this.field.selectionStart) }
	get options() { return this.list.hidden ? [] : [...this.list.children] }
	get picked() { return this.options.find(o => o.ariaSelected === 'true') }

	// put sets the text, with the cursor behind it or at a place.
	put(text, at = text.length) {
		this.field.value = text;
		this.field.setSelectionRange(at, at);
		this.typed();
	}

	// fill has the draft stand there, and no line that is being changed.
	fill() {
		this.app.ui.edit = null;
		this.field.value = this.app.draft();
		this.typed(false);
	}

	// typed has the process keep what stands there, if it is not what that has sent.
	typed(mine = true) {
		this.refuse();
		this.app.ui.mine = mine;
		this.complete(/^\/[^\s/]*$/.test(this.before) ? this.before : '');
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
		const all = this.options, i = (all.indexOf(this.picked) + d + all.length) % all.length;
		for (const o of all) o.ariaSelected = o === all[i];
		all[i].scrollIntoView({block: 'nearest'});
		set(this.field, {'aria-activedescendant': all[i].id});
	}

	// chooses reports whether Enter takes a candidate: one of what stands there now, and not that itself.
	chooses() { return this.list.dataset.of === this.before && !/\s/.test(this.text) && this.picked?.dataset.arg.trim() !== this.text }

	take(word = this.picked?.dataset.arg) {
		if (!word || this.list.dataset.of !== this.before) return;
		this.put(word + this.text.slice(this.before.length).trimStart(), word.length);
	}

	refuse(why) { show(this.refused, [{hidden: !why}, icon('alert'), ['span', why]]) }
}
