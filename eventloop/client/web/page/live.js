// What a screen reader is told. The lists themselves are not live: a history is never
// read out, and of many lines at once only how many they are.

import {$, make} from './tree.js';

const KEPT = 8; // sentences in a region

// tell puts a sentence into one of the regions: live (what others have said), status
// (sent, kept, lost, loading) or alert (what was not sent, a key that has changed).
export function tell(region, text) {
	const log = $('#' + region);
	log.append(make(['p', text]));
	while (log.childNodes.length > KEPT) log.firstChild.remove();
}

// A Reader gathers the new lines of a second: up to three are told, more are counted.
export class Reader {
	#lines = [];
	#timer = 0;

	constructor(say = text => tell('live', text), wait = f => setTimeout(f, 1000)) {
		this.say = say;
		this.wait = wait;
	}

	add(sentence) {
		this.#lines.push(sentence);
		this.#timer ||= this.wait(() => this.#flush());
	}

	#flush() {
		this.#timer = 0;
		const lines = this.#lines.splice(0);
		if (lines.length > 3) this.say(`${lines.length} new lines`);
		else for (const line of lines) this.say(line);
	}
}
