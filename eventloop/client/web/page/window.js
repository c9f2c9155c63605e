// Which lines are shown: a window of positions of a transcript (from up to, without, to).
// At the end it follows what comes.

export const SHOWN = 200;
const STEP = 60;

export const atEnd = t => ({from: Math.max(t.start, t.end - SHOWN), to: t.end, follow: true});

// fitted is the window after the transcript has changed.
export function fitted(w, t) {
	if (!w || w.follow || w.from >= t.end) return atEnd(t);
	const from = Math.max(w.from, t.start);
	return {from, to: Math.min(Math.max(w.to, Math.min(t.end, from + SHOWN)), t.end), follow: false};
}

// moved is the window after a step to older (-1) or newer (1) lines.
export function moved(w, t, step) {
	if (step < 0) {
		const from = Math.max(t.start, w.from - STEP);
		return {from, to: Math.min(w.to, from + SHOWN), follow: false};
	}
	const to = Math.min(t.end, w.to + STEP);
	return {from: Math.max(w.from, to - SHOWN), to, follow: false};
}

// around is the window with a position in its middle.
export function around(position, t) {
	const from = Math.max(t.start, Math.min(position - SHOWN / 2, t.end - SHOWN));
	return {from, to: Math.min(t.end, from + SHOWN), follow: false};
}
