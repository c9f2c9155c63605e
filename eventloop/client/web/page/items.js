// What stands in a list: lines in groups, days, where new lines begin, and who came and went.

import {clock, day, dayLabel} from './times.js';

const GROUP = 3e5; // between lines of one group

// items are those of the lines of a talk that are shown, each with its tree. mark is the id of the first of
// the lines that were new when the conversation was opened, and count how many there were.
export function items({list: all, from, to}, mark, count) {
	const list = [];
	let before = all[from - 1];
	for (const e of all.slice(from, to)) {
		if (e.kind === 'gap') continue;
		if (!before || day(before.at) !== day(e.at)) list.push({key: 'day' + day(e.at), tree: ['li.sep', ['h2', dayLabel(e.at)]]});
		if (e.id === mark) list.push({key: 'unread', tree: ['li.sep.unread', {tabindex: -1, id: 'unread'}, `${count} new`]});
		const last = list.at(-1);
		if (e.kind !== 'presence') list.push({key: 'e' + e.id, entry: e, tree: e.tree, first: last?.key === 'unread' || starts(e, before)});
		else if (!last?.came) list.push({key: 'came' + e.id, came: [e], tree: e.tree});
		else {
			last.came.push(e);
			last.tree = came(last.came);
		}
		before = e;
	}
	return list;
}

const came = all => ['li.sys', ['details', ['summary', ['span', `${all.length} came or left`]], ['ul', ...all.map(e => ['li', clock(e.at), ' ', ['bdi', e.text]])]]];

// starts reports whether a line begins a group.
const starts = (e, before) => !before || !e.group || e.alone || e.group !== before.group || e.at - before.at > GROUP || day(e.at) !== day(before.at);
