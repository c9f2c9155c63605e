// What is in a text: links and one's own name. It makes parts, not nodes.

const LINK = /https?:\/\/[^\s<>"'`\u00ab\u00bb]+/gi;
const LONG = 2000; // a link that is longer is text
const MOST = 100; // links of one text that can be clicked

// parts cuts a text into {text}, {text, href, opens} and {text, me: true}.
// opens is where a link leads, if that is not what one reads in it.
export function parts(text, me) {
	const found = [];
	let at = 0;
	for (const match of text.matchAll(LINK)) {
		if (match[0].length > LONG) continue;
		const url = trimmed(match[0]);
		const target = parsed(url);
		if (!target || found.length > 2 * MOST) continue;
		found.push(...named(text.slice(at, match.index), me), {text: url, href: target.href, opens: elsewhere(url, target)});
		at = match.index + url.length;
	}
	return [...found, ...named(text.slice(at), me)];
}

// trimmed is a link without what ends the sentence around it.
function trimmed(url) {
	for (;;) {
		const last = url.at(-1);
		const open = {')': '(', ']': '[', '}': '{'}[last];
		if (open ? url.split(open).length >= url.split(last).length : !/[.,;:!?*_~]/.test(last)) return url;
		url = url.slice(0, -1);
	}
}

function parsed(url) {
	try {
		const target = new URL(url);
		return /^https?:$/.test(target.protocol) ? target : null;
	} catch {
		return null;
	}
}

// elsewhere is the host that a link opens, if it is not the one that one reads: a name
// before an @, or letters of another alphabet.
function elsewhere(url, target) {
	const reads = url.replace(/^https?:\/\//i, '').split(/[/?#]/)[0].toLowerCase();
	return reads === target.host || reads === target.hostname + ':' + (target.port || {'http:': 80, 'https:': 443}[target.protocol]) ? '' : target.host;
}

function named(text, me) {
	if (!text) return [];
	if (!me) return [{text}];
	const own = new RegExp('(?<![\\p{L}\\p{N}_])@?' + me.replace(/[.*+?^${}()|[\]\\/]/g, '\\$&') + '(?![\\p{L}\\p{N}_])', 'giu');
	const found = [];
	let at = 0;
	for (const match of text.matchAll(own)) {
		if (match.index > at) found.push({text: text.slice(at, match.index)});
		found.push({text: match[0], me: true});
		at = match.index + match[0].length;
	}
	if (at < text.length) found.push({text: text.slice(at)});
	return found;
}
