// The field: who hears what is typed stands above it, always.

import {$, act, h, hidden, icon, link, merge, name, pill, set, wrong} from './dom.js';
import {audience} from './audience.js';

const PILLS = {verified: ['ok', 'shield'], 'not verified': ['warn', 'alert'], direct: ['', 'direct'], relay: ['', 'relay']};

export class Compose {
	#asked = '';
	#made = ''; // what the candidates were made of

	// app has model, link and ui, and is told of what is sent.
	constructor(app) {
		Object.assign(this, {app, candidates: [], picked: -1, length: 0, error: ''});
		this.field = $('#field');
		this.field.addEventListener('input', () => this.typed());
	}

	get text() { return this.field.value }
	audience() { return audience(this.app.model, this.app.here, this.text, this.app.ui.edit) }

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
		this.complete();
		this.render();
	}

	// complete asks the process what a command or a name may become.
	async complete(tab) {
		const before = this.text.slice(0, this.field.selectionStart);
		if (!tab && !/^\/[^\s/]*$/.test(before)) return this.shut();
		this.#asked = before;
		const got = await this.app.link.ask('complete', {in: this.app.here.id, text: before});
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
		const {ui, model, here} = this.app, a = this.audience(), lines = this.text.split('\n').length;
		const fact = m => m.pill ? pill(...PILLS[m.pill], m.pill) : h('span', name(m));
		this.field.closest('.box').dataset.aud = a.kind;
		merge($('#aud'), [icon(a.icon), h('span', h('b', name(a.who)), a.verb ?? ' hears this'), ...a.more.map(fact), lines > 2 && h('span', `one message of ${lines} lines`), a.act && link(a.act[0], act(a.act[1], a.act[2]))].filter(Boolean));
		merge($('#reply'), ui.reply ? [icon('reply'), hidden('You answer '), h('span.grow', name(ui.reply.sender), ': ', name(ui.reply.text.slice(0, 80))), link('Cancel', act('cancelReply'))] : []);
		$('#reply').hidden = !ui.reply;
		merge($('#refused'), [wrong(this.error)]);
		const send = $('#send'), verb = {info: 'Run ', edit: 'Change in '}[a.icon] || 'Send to ';
		set(send, {class: 'b ' + (/ok|warn/.test(a.kind) ? a.kind : 'go'), 'aria-disabled': !a.to, 'aria-label': a.to ? verb + a.to : 'Cannot send'});
		merge(send, [icon(a.to ? 'send' : 'none'), h('span', a.to ? [h('span.wide', verb), name(a.to)] : 'Cannot send')]);
		merge($('#typing'), [model.writing && here.kind === 'private' && model.writing.toLowerCase() === here.name.toLowerCase() ? `${model.writing} is writing…` : '']);
		const list = $('#cmds');
		list.hidden = !this.open;
		merge(list, this.candidates.map((c, i) => h('.opt', {id: 'o' + i, role: 'option', 'aria-selected': i === this.picked, ...act('take', i)}, h('code', c))));
		set(this.field, {'aria-expanded': this.open, 'aria-activedescendant': this.open ? 'o' + this.picked : null});
	}
}
