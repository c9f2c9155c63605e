// The way to the process: one WebSocket. When it was lost another one goes on behind
// the last event that came.

const GONE = 'parley does not answer on this machine.';

export class Link {
	#asks = new Map();
	#id = 0;
	#tries = 0;

	// app has take(frame), reach(words): '' when it is there, else why it is not, closed(words): a password is needed.
	constructor(app) {
		Object.assign(this, {app, run: '', n: 0});
		document.addEventListener('visibilitychange', () => !document.hidden && this.again());
	}

	// enter exchanges the token of the address for a cookie, and takes it out of the address.
	async enter(password) {
		const token = /^#token=(.+)$/.exec(location.hash)?.[1], secret = password ? {password} : token && {token};
		if (token) history.replaceState(null, '', location.pathname);
		const got = await fetch('session', secret && {method: 'POST', headers: {'Content-Type': 'application/json'}, body: JSON.stringify(secret)}).catch(() => null);
		if (!got) this.retry();
		else if (got.ok) this.open();
		else if (password || got.headers.get('WWW-Authenticate')) this.app.closed(password ? await got.text() : '');
		else this.app.reach('Open the address that parley web prints: it lets this browser in.');
	}

	open() {
		const {run, n} = this;
		const socket = this.socket = new WebSocket(`${location.origin.replace('http', 'ws')}/events?run=${run}&after=${n}`);
		socket.onopen = () => this.app.reach('');
		socket.onmessage = e => {
			this.#tries = 0;
			const frame = JSON.parse(e.data);
			if (frame.type === 'answer') return this.#answered(frame);
			if (frame.n) this.n = frame.n;
			if (frame.run) this.run = frame.run;
			this.app.take(frame);
		};
		socket.onclose = e => {
			this.socket = null;
			for (const id of this.#asks.keys()) this.#answered({id, answer: {error: 'The process did not answer, so it may not have been done.'}});
			if (e.code === 4001) this.app.reach('The chat has ended. Start parley web again to go on.');
			else this.retry();
		};
	}

	retry() {
		const wait = Math.min(250 * 2 ** this.#tries++, 10000);
		this.app.reach(GONE + ' Trying again.');
		clearTimeout(this.timer);
		this.timer = setTimeout(() => this.again(), wait);
	}

	again() {
		if (this.socket || !this.#tries) return;
		clearTimeout(this.timer);
		this.enter();
	}

	// ask asks something of the process. It never fails: a refusal is {error}.
	ask(ask, fields) {
		if (this.socket?.readyState !== 1) return Promise.resolve({error: this.app.ui.down || GONE});
		const id = ++this.#id;
		this.socket.send(JSON.stringify({id, ask, run: this.run, ...fields})); // another chat refuses it
		return new Promise(done => this.#asks.set(id, done));
	}

	#answered({id, answer}) {
		this.#asks.get(id)?.(answer);
		this.#asks.delete(id);
	}
}
