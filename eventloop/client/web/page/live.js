// What a screen reader is told. The lists themselves are not live: a history is never
// read out, and of many lines at once only how many they are.

import {$, make} from './tree.js';

const KEPT = 8; // sentences in a region
const heard = [];

// tell puts a sentence into one of the regions: live (what others have said), status
// (sent, kept, lost, loading) or alert (what was not sent, a key that has changed).
export function tell(region, text) {
	const log = $('#' + region);
	log.append(make(['p', text]));
	while (log.childNodes.length > KEPT) log.firstChild.remove();
}

// hear gathers the new lines of a second: up to three are told, more are counted.
export function hear(sentence) {
	if (heard.push(sentence) > 1) return;
	setTimeout(() => {
		const all = heard.splice(0);
		for (const text of all.length > 3 ? [`${all.length} new lines`] : all) tell('live', text);
	}, 1000);
}
