// What stands in a list: lines in groups, days, where new lines begin, and who came and went.

const GROUP = 5 * 60e3; // between lines of one group

// items are those of the lines of a window. mark is the position of the first line that was
// new when the conversation was opened, NaN if nothing was.
export function items(t, w, mark, count) {
	const list = [];
	let before = t.at(w.from - 1);
	let marked = !(mark >= w.from);
	for (let p = w.from; p < w.to; p++) {
		const e = t.at(p);
		if (e.kind === 'gap') continue;
		if (!before || day(before.at) !== day(e.at)) list.push({key: 'day' + day(e.at), day: e.at});
		if (!marked && p >= mark && !e.own && e.in !== 'status') {
			marked = true;
			list.push({key: 'unread', unread: count});
		}
		const last = list.at(-1);
		if (e.kind === 'presence') {
			if (last?.came) last.came.push(e);
			else list.push({key: 'came' + e.id, came: [e]});
		} else list.push({key: 'e' + e.id, entry: e, first: last?.key === 'unread' || starts(e, before)});
		before = e;
	}
	return list;
}

// day names the day of a time, in the zone of this machine.
export const day = at => new Date(at).toDateString();

// starts reports whether a line begins a group.
function starts(e, before) {
	return !before || before.kind !== 'message' || e.kind !== 'message' || before.sender !== e.sender || before.own !== e.own || before.in !== e.in || !!e.re ||
		e.verified !== before.verified || e.path !== before.path || e.at - before.at > GROUP || day(e.at) !== day(before.at);
}

// dayLabel says a day as a person does.
export function dayLabel(at, now = Date.now()) {
	const long = new Intl.DateTimeFormat([], {weekday: 'long', day: 'numeric', month: 'long', year: day(at).slice(-4) === day(now).slice(-4) ? undefined : 'numeric'}).format(at);
	return ({[day(now - 864e5)]: 'Yesterday, ', [day(now)]: 'Today, '}[day(at)] || '') + long;
}

const clocks = new Intl.DateTimeFormat([], {hour: '2-digit', minute: '2-digit', hourCycle: 'h23'});
export const clock = at => clocks.format(at);
