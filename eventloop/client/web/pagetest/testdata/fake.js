// A process for a page to talk to, in the page: it takes the place of the WebSocket. What it
// is asked stands in fake.asks; what it answers is fake.answers, by the name of the ask. What the page
// is shown of that is made by package web itself, which is asked at /fake (see fake_test.go).
{
	const T0 = Date.now() - 3600e3;
	const line = (id, sender, text, more) => ({id, in: 'lobby', kind: 'message', at: T0 + id * 60e3, sender, text, left: 0, number: id, own: sender === 'alice', ...more});
	const conversation = (id, more) => ({id, kind: id.split(':')[0], name: id.split(':')[1] || '', topic: '', role: '', unread: 0, mentions: 0, cursor: 0, last: 0, spoke: 0, closed: '', draft: '', ...more});
	const person = (name, more) => ({name, away: false, why: '', rooms: [], ...more});
	const log = Array.from({length: 28}, (_, i) => `09:11:${i + 10} encoder 2: buffer ${40 - i} ms, resync no, studio-a`).join('\n');
	class Fake {
		asks = [];
		id = Math.random();
		n = 1;
		waits = 0; // asks that have no answer yet
		state = {
			self: {name: 'alice', account: true, away: false, why: ''},
			server: {label: 'chat.example', tls: true, dialect: 'extended', private: true},
			connection: {phase: 'logged_in', retry: 0, why: '', kept: 0},
			question: {id: 0, kind: 'none', prompt: '', busy: false}, to: 'lobby', writing: '', wrong: '', answers: 0,
			conversations: {lobby: conversation('lobby', {topic: 'On air, schedule, repairs', unread: 3, mentions: 1, cursor: 7, role: 'moderator'}),
				'room:build': conversation('room:build', {unread: 3, topic: 'Masts, cables, measurements'}), 'room:night': conversation('room:night'),
				'direct:bob': conversation('direct:bob'), 'private:bob': conversation('private:bob', {name: 'bob'}), 'private:erik': conversation('private:erik')},
			people: Object.fromEntries(['carol', 'dora', 'alice', 'mia', 'tomas'].map(n => [n, person(n, {rooms: ['room:build']})]).concat([['bob', person('bob', {away: true, why: 'on the train'})]])),
			peers: {}, settings: {met: 'yes'},
		};
		entries = {
			lobby: [line(1, 'carol', 'Transmitter two is back after the storm. The signal at the harbour is 4 dB better.', {at: T0 - 864e5}),
				line(2, 'carol', 'Readings are in the room build.', {at: T0 - 864e5, reactions: [{word: '👍', names: ['bob', 'dora', 'alice'], more: 0, mine: true}, {word: 'nice', names: ['mia'], more: 1, mine: false}]}),
				line(3, 'alice', 'Thank you! Was it the new cable?', {at: T0 - 864e5}), line(4, 'erik', '', {removed: {by: 'carol', why: 'an advertisement'}}),
				line(5, 'bob', 'Morning. The schedule of the week is at https://radio.example/week/48 and open until noon.'),
				line(6, 'dora', 'I swapped Thursday with erik, the rest is as it was.', {re: {number: 5, sender: 'bob', text: 'Morning. The schedule of the'}, edited: true}), line(7, 'alice', 'I keep Sunday morning, too.'),
				line(8, 'mia', 'Encoder two has hiccups again, this is the last minute of it:'), line(9, 'mia', log), line(10, 'bob', '@alice can you read the news on Friday? Your notes are with carol.', {mention: true, reactions: [{word: '👀', names: ['mia'], more: 0, mine: false}]}),
				{...line(11, '', 'noor is here.'), kind: 'presence', own: false}, {...line(12, '', 'noor has left.'), kind: 'presence', own: false}, line(13, 'tomas', 'I can look at the encoder after lunch.')],
			'private:bob': [{...line(20, 'alice', 'Can anybody else read this?'), in: 'private:bob', number: 0, path: 'direct [fd00::2]:48676'}, {...line(21, 'bob', 'That depends on whether we have compared the words.'), in: 'private:bob', number: 0, path: 'direct [fd00::2]:48676'}],
		};
		answers = {
			page: a => {
				const all = this.entries[a.in] || [], end = a.entry ? all.findIndex(e => e.id === a.entry) : all.length, from = Math.max(0, end - a.count);
				return {ok: true, entries: all.slice(from, end), more: from > 0, said: `${end - from} older lines`};
			},
			say: a => {
				const e = line(this.last() + 1, this.state.self.name, a.text, {in: a.in, own: true, at: Date.now()});
				this.entry(e);
				return {ok: true, entry: e.id};
			},
			complete: a => ({ok: true, candidates: ['/join', '/dm', '/edit', '/search'].filter(c => c.startsWith(a.text)), length: [...a.text].length}),
			search: () => ({ok: true, entries: [line(5, 'carol', 'I will lower the mast at ten, then.')].map(e => ({...e, in: 'again', where: 'lobby', form: 'said'})), next: 0}),
			rooms: () => ({ok: true, rooms: [{name: 'lobby', topic: 'On air', members: 14, joined: true}, {name: 'build', topic: 'Masts, cables', members: 6, joined: true}, {name: 'jazz', topic: '', members: 9, key: true}, {name: 'board', topic: '', members: 5, private: true, invited: true}]}),
			'private.words': () => ({ok: true, words: ['lobster', 'survey', 'pulp', 'survey', 'excess', 'flame']}),
		};
		last() { return Math.max(...Object.values(this.entries).flat().map(e => e.id)) }
		frame(f) { this.socket?.onmessage({data: JSON.stringify(f)}) }
		made(of) {
			const r = new XMLHttpRequest();
			r.open('POST', '/fake', false);
			r.send(JSON.stringify({tab: this.id, state: this.state, ...of}));
			return JSON.parse(r.responseText);
		}
		lines(entries) { return this.made({entries}).lines || [] }
		show(of) {
			const {show} = this.made(of);
			if (show) this.frame(show);
		}
		// lead says whether this tab is the one that notifies.
		lead(leads) { this.show({leads}) }
		// asked is an ask as the chat gets it: what is offered becomes another one, or asks something before.
		asked(ask) {
			if (ask.ask !== 'offer') return ask;
			const {becomes, with: and} = this.made({offers: ask});
			return {...becomes, and};
		}
		answer({id, and, ...ask}) {
			const {entries, rooms, words, ...answer} = this.answers[ask.ask]?.(ask) || {ok: true};
			const {candidates, length} = (ask.view?.complete && this.answers.complete({text: ask.view.complete})) || {};
			this.waits--;
			this.show({answers: ask, entries, rooms, words, candidates, length, error: answer.error});
			this.frame({type: 'answer', id, answer: {...answer, ...(answer.ok && and), lines: entries && ask.ask === 'page' ? this.lines(entries) : undefined}});
		}
		// say tells a state, entry a new entry, and peer a private session.
		say(state) {
			for (const [k, v] of Object.entries(state)) this.state[k] = /conversations|people|peers/.test(k) ? {...this.state[k], ...v} : v;
			this.show();
		}
		entry(e, added = true) {
			const list = this.entries[e.in] ||= [], i = list.findIndex(x => x.id === e.id);
			if (/error|failure/.test(e.kind)) this.state.wrong = e.text;
			if (i < 0) list.push(e);
			else list[i] = e;
			for (const line of this.lines([e])) this.frame({type: 'entry', n: ++this.n, added, entry: line});
		}
		peer(name, more) {
			this.say({peers: {[name]: {name, state: 'open', until: 0, since: Date.now(), path: 'direct [fd00::2]:48676', relay: false, fingerprint: 'SHA256:LXSc1frAuWwfQbfc/K8j56S+f/DTzBegg5LFyU5GjZI', verified: false, known: null, changed: false, round_trip: 1.1, waiting: 0, ...more}}});
		}
		conversation(id, more) { this.say({conversations: {[id]: {...(this.state.conversations[id] || conversation(id)), ...more}}}) }
		// elsewhere has another tab type in the lobby.
		elsewhere(text) {
			this.made({elsewhere: 'lobby'});
			this.conversation('lobby', {draft: text});
		}
		line = line;
		person = person;
	}
	const fake = window.fake = new Fake();
	window.WebSocket = class {
		readyState = 0;
		constructor(url) {
			fake.url = url;
			fake.socket = this;
			setTimeout(() => {
				this.readyState = 1;
				this.onopen?.();
				fake.frame({type: 'snapshot', n: fake.n, run: 'fake', facts: fake.made({begins: true}).facts});
			});
		}
		send(text) {
			const ask = fake.asked(JSON.parse(text));
			fake.asks.push(ask);
			if (/^(answer|cancel)$/.test(ask.ask)) fake.state.wrong = '';
			if (ask.ask === 'answer') fake.state.answers++;
			const typed = ask.ask === 'draft' ? ask : ask.view?.mine && !ask.view.edit && ask.view, talk = fake.state.conversations[typed?.in];
			if (talk) talk.draft = typed.text;
			if (fake.silent && ask.view?.complete) return;
			fake.made({ask});
			fake.waits++;
			setTimeout(() => fake.answer(ask));
		}
		close(code = 1006) { this.readyState = 3; fake.socket = null; this.onclose?.({code}) }
	};
}
