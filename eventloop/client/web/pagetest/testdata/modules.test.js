// Tests of the modules that need no browser.

import assert from 'node:assert/strict';
import {test} from 'node:test';
import {Model} from './model.js';
import {Transcript, MOST} from './transcript.js';
import {around, atEnd, fitted, moved, SHOWN} from './window.js';
import {items} from './items.js';
import {parts} from './text.js';

const entry = (id, more) => ({id, in: 'lobby', kind: 'message', at: 1764188400000 + id * 1000, sender: 'bob', text: 'x', ...more});
const filled = n => {
	const t = new Transcript();
	t.fill(Array.from({length: n}, (_, i) => entry(i + 1)), true);
	return t;
};

test('a model takes what has changed, and nothing else', () => {
	const m = new Model();
	m.take({type: 'snapshot', n: 41, run: 'r', state: {self: {name: 'alice'}, to: 'lobby', conversations: {lobby: {id: 'lobby', unread: 2}, 'room:dev': {id: 'room:dev', unread: 0}}, people: {bob: {name: 'bob'}}, settings: {a: '1'}}});
	m.take({type: 'state', n: 42, state: {conversations: {lobby: {id: 'lobby', unread: 3}, 'room:dev': null}, people: {bob: null, carol: {name: 'carol'}}, to: ''}});
	assert.deepEqual([m.run, m.n, m.to, m.self.name, m.conversations.lobby.unread], ['r', 42, '', 'alice', 3]);
	assert.deepEqual([Object.keys(m.conversations), Object.keys(m.people), m.settings], [['lobby'], ['carol'], {a: '1'}]);
	m.take({type: 'answer', id: 1, answer: {}});
	assert.equal(m.n, 42);
	m.take({type: 'snapshot', n: 1, run: 's', state: {}});
	assert.deepEqual([m.run, m.n, Object.keys(m.conversations), m.self.name], ['s', 1, [], '']);
});

test('names that mean something to JavaScript are names', () => {
	const m = new Model();
	m.take({type: 'snapshot', n: 1, run: 'r', state: {people: JSON.parse('{"__proto__": {"name": "__proto__", "away": true}, "constructor": {"name": "constructor"}}')}});
	assert.equal({}.away, undefined);
	assert.equal(m.peer('constructor'), undefined);
	assert.equal(Object.keys(m.people).length, 2);
});

test('a line stands where it belongs', () => {
	const m = new Model(), t = m.transcript('lobby');
	m.add(entry(1), 'lobby');
	assert.equal(t.list.length, 0, 'before the newest were asked for');
	t.fill([entry(1)], false);
	m.add(entry(1), 'lobby');
	m.add(entry(2, {in: 'status', kind: 'notice'}), 'lobby');
	m.add(entry(3, {in: 'room:dev'}), 'lobby');
	m.add(entry(4, {in: 'again', form: 'edited'}), 'lobby');
	assert.deepEqual(t.list.map(e => e.id), [1, 2]);
	m.take({type: 'entry', n: 5, entry: entry(1, {text: 'y'})});
	assert.equal(t.list[0].text, 'y');
});

test('positions stay when older lines come and go', () => {
	const t = filled(300), ten = t.position(10);
	t.older([entry(-2), entry(-1)], true);
	assert.equal(t.position(10), ten);
	assert.equal(t.at(ten).id, 10);
	for (let i = 301; t.list.length <= MOST; i++) t.add(entry(i));
	t.bound(t.end - SHOWN);
	assert.ok(t.list.length < MOST && t.more && t.whole);
	assert.equal(t.position(10), -Infinity);
	assert.equal(t.at(t.position(1500)).id, 1500);
});

test('who reads what is old loses what is new, and not what is read', () => {
	const t = filled(300);
	for (let i = 301; t.list.length <= MOST; i++) t.add(entry(i));
	t.bound(t.start);
	assert.equal(t.list[0].id, 1);
	assert.equal(t.whole, false);
	const n = t.list.length;
	t.add(entry(9999));
	assert.equal(t.list.length, n);
});

test('a window follows the end, and stays where one reads', () => {
	const t = filled(500);
	let w = fitted(null, t);
	assert.deepEqual(w, {from: 300, to: 500, follow: true});
	t.add(entry(501));
	w = fitted(w, t);
	assert.equal(w.to, 501);
	w = moved(w, t, -1);
	assert.ok(w.from < 300 && w.to - w.from === SHOWN && !w.follow);
	t.add(entry(502));
	assert.deepEqual(fitted(w, t), w);
	for (let i = 0; i < 20; i++) w = moved(w, t, -1);
	assert.equal(w.from, 0);
	for (let i = 0; i < 20; i++) w = moved(w, t, 1);
	assert.equal(w.to, t.end);
	assert.ok(around(250, t).from < 250 && around(250, t).to > 250);
	assert.equal(around(2, t).from, 0);
	assert.equal(atEnd(filled(3)).from, 0);
});

test('lines stand in groups, with days and a mark', () => {
	const t = new Transcript(), day = 86400000;
	t.fill([entry(1), entry(2), entry(3, {at: 1764188400000 + 6 * 60000}), entry(4, {sender: 'carol', at: 1764188400000 + day}), entry(5, {kind: 'presence', at: 1764188400000 + day}), entry(6, {kind: 'presence', at: 1764188400000 + day}), entry(7, {own: true, at: 1764188400000 + day})], false);
	const list = items(t, fitted(null, t), t.position(3), 3);
	assert.deepEqual(list.map(i => i.key.replace(/^day.*/, 'day') + (i.first ? '*' : '')), ['day', 'e1*', 'e2', 'unread', 'e3*', 'day', 'e4*', 'came5', 'e7*']);
	assert.equal(list.find(i => i.came).came.length, 2);
});

test('links and names are found in a text', () => {
	for (const [text, want] of [
		['see https://a.example/x.', ['see ', '<https://a.example/x>', '.']],
		['(https://a.example/a_(b))', ['(', '<https://a.example/a_(b)>', ')']],
		['javascript:alert(1) data:x ftp://y', ['javascript:alert(1) data:x ftp://y']],
		['https://', ['https://']],
		['@alice and Alice, not malice or alice2', ['@alice!', ' and ', 'Alice!', ', not malice or alice2']],
		['https://a.example/alice', ['<https://a.example/alice>']],
	]) assert.deepEqual(parts(text, 'alice').map(p => p.href ? `<${p.text}>` : p.text + (p.me ? '!' : '')), want, text);
	assert.equal(parts('https://bank.example@evil.example/')[0].opens, 'evil.example');
	assert.equal(parts('https://b\u00fccher.example/')[0].opens, 'xn--bcher-kva.example');
	assert.equal(parts('https://A.example:443/')[0].opens, '');
	const begin = performance.now();
	parts('https://' + '.'.repeat(60000), 'a');
	parts('('.repeat(30000) + 'https://x' + ')'.repeat(30000), 'a');
	assert.ok(performance.now() - begin < 5000);
});
