// Tests of the modules that need no browser.

import assert from 'node:assert/strict';
import {test} from 'node:test';
import {Talk, MOST, SHOWN} from './talk.js';
import {items} from './items.js';

const entry = (id, more) => ({id, in: 'lobby', kind: 'message', at: 1764188400000 + id * 1000, group: 'bob', text: 'x', ...more});
const filled = n => {
	const t = new Talk('lobby');
	t.fill(Array.from({length: n}, (_, i) => entry(i + 1)), true);
	return t;
};
const shown = ({list, from, to}) => list.slice(from, to).map(e => e.id);

test('what is shown stays when older lines come and go', () => {
	const t = filled(300);
	t.around(150);
	const was = shown(t);
	t.older([entry(-2), entry(-1), entry(1)], true);
	assert.deepEqual(shown(t), was);
	assert.deepEqual(t.list.slice(0, 3).map(e => e.id), [-2, -1, 1]);
	t.end();
	for (let i = 301; i <= 2500; i++) t.add(entry(i));
	t.fit();
	assert.ok(t.list.length <= MOST && t.more && t.whole);
	assert.equal(t.place(10), -1);
	assert.equal(t.list[t.place(1500)].id, 1500);
	assert.deepEqual(shown(t), Array.from({length: SHOWN}, (_, i) => 2301 + i));
});

test('who reads what is old loses what is new, and not what is read', () => {
	const t = filled(300);
	t.around(0);
	const was = shown(t);
	for (let i = 301; t.whole; i++) t.add(entry(i));
	assert.equal(t.list[0].id, 1);
	assert.deepEqual(shown(t), was);
	const n = t.list.length;
	t.add(entry(9999));
	assert.equal(t.list.length, n);
	for (let i = 0; i < 30; i++) t.older(Array.from({length: 100}, (_, j) => entry(-100 * (i + 1) + j - 1)), true);
	assert.ok(t.list.length <= MOST);
});

test('a window follows the end, and stays where one reads', () => {
	const t = filled(500), at = () => [t.from, t.to, t.follow];
	assert.deepEqual(at(), [300, 500, true]);
	t.add(entry(501));
	t.fit();
	assert.equal(t.to, 501);
	t.step(-1);
	assert.ok(t.from < 300 && t.to - t.from === SHOWN && !t.follow);
	const was = at();
	t.add(entry(502));
	t.fit();
	assert.deepEqual(at(), was);
	for (let i = 0; i < 20; i++) t.step(-1);
	assert.equal(t.from, 0);
	for (let i = 0; i < 20; i++) t.step(1);
	assert.equal(t.to, t.list.length);
	t.around(250);
	assert.ok(t.from < 250 && t.to > 250);
	t.around(2);
	assert.equal(t.from, 0);
	const few = filled(3);
	few.step(-1);
	assert.deepEqual([few.from, few.to], [0, 3]);
});

test('lines stand in groups, with days and a mark', () => {
	const t = new Talk('lobby'), day = 86400000;
	t.fill([entry(1), entry(2), entry(3, {at: 1764188400000 + 6 * 60000}), entry(4, {group: 'carol', at: 1764188400000 + day}), entry(5, {kind: 'presence', group: '', at: 1764188400000 + day}), entry(6, {kind: 'presence', group: '', at: 1764188400000 + day}), entry(7, {own: true, group: 'you', at: 1764188400000 + day})], false);
	const list = items(t, 3, 3);
	assert.deepEqual(list.map(i => i.key.replace(/^day.*/, 'day') + (i.first ? '*' : '')), ['day', 'e1*', 'e2', 'unread', 'e3*', 'day', 'e4*', 'came5', 'e7*']);
	assert.equal(list.find(i => i.came).came.length, 2);
});
