// Tests of the modules that need no browser.

import assert from 'node:assert/strict';
import {test} from 'node:test';
import {Transcript, MOST} from './transcript.js';
import {around, atEnd, fitted, moved, SHOWN} from './window.js';
import {items} from './items.js';

const entry = (id, more) => ({id, in: 'lobby', kind: 'message', at: 1764188400000 + id * 1000, group: 'bob', text: 'x', ...more});
const filled = n => {
	const t = new Transcript();
	t.fill(Array.from({length: n}, (_, i) => entry(i + 1)), true);
	return t;
};

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
	t.fill([entry(1), entry(2), entry(3, {at: 1764188400000 + 6 * 60000}), entry(4, {group: 'carol', at: 1764188400000 + day}), entry(5, {kind: 'presence', group: '', at: 1764188400000 + day}), entry(6, {kind: 'presence', group: '', at: 1764188400000 + day}), entry(7, {own: true, group: 'you', at: 1764188400000 + day})], false);
	const list = items(t, fitted(null, t), t.position(3), 3);
	assert.deepEqual(list.map(i => i.key.replace(/^day.*/, 'day') + (i.first ? '*' : '')), ['day', 'e1*', 'e2', 'unread', 'e3*', 'day', 'e4*', 'came5', 'e7*']);
	assert.equal(list.find(i => i.came).came.length, 2);
});
