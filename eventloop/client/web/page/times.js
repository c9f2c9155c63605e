// Times as a person says them, in the zone of this machine.

const clocks = new Intl.DateTimeFormat([], {timeStyle: 'short', hourCycle: 'h23'});
export const clock = at => clocks.format(at);

// day names the day of a time.
export const day = at => new Date(at).toDateString();

// dayLabel says a day as a person does.
export function dayLabel(at, now = Date.now()) {
	const long = new Intl.DateTimeFormat([], {weekday: 'long', day: 'numeric', month: 'long', year: day(at).slice(-4) === day(now).slice(-4) ? undefined : 'numeric'}).format(at);
	return ({[day(now - 864e5)]: 'Yesterday, ', [day(now)]: 'Today, '}[day(at)] || '') + long;
}
