// Trees become nodes. The process sends what is shown as trees (see node.go):
// [tag and classes, attributes if any, ...texts and trees]. Text is only ever set as
// text, and of tags and attributes only those that are named here: nothing parses markup.

import {clock, dayLabel} from './times.js';

const TAGS = /^(a|article|aside|b|bdi|button|code|d[dlt]|details|dialog|div|fieldset|form|h[12]|header|input|kbd|label|legend|li|ma(in|rk)|nav|ol|option|p|section|select|small|span|summary|t(able|body|d|extarea|h|head|ime|r)|ul)$/;
const ATTRIBUTES = /^(aria-[a-z]+|data-[a-z]+|auto(capitalize|complete|focus)|checked|class|hidden|href|id|name|placeholder|popover|required|role|rows|scope|spellcheck|tabindex|title|type|value)$/;
const SVG = 'http://www.w3.org/2000/svg';

export const pictures = {}; // paths by their names, from the process

export const $ = (selector, root = document) => root.querySelector(selector);
export const $$ = (selector, root = document) => [...root.querySelectorAll(selector)];
export const icon = id => ['icon', {id}];

// set sets attributes. null and false take one away.
export function set(el, attributes) {
	for (const [name, value] of Object.entries(attributes)) {
		if (!ATTRIBUTES.test(name)) continue;
		if (value == null || value === false) el.removeAttribute(name);
		else el.setAttribute(name, value);
	}
}

// make makes the node of a tree. is has what holds of it: what has another "when" is left out, and "text" is its text.
export function make(tree, is = {}) {
	if (!Array.isArray(tree)) return new Text(tree);
	const [tag, ...classes] = tree[0].split('.'), bare = tree[1]?.constructor !== Object;
	const {at, long, text, when, ...attributes} = bare ? {} : tree[1], kids = tree.slice(bare ? 1 : 2);
	if (tag === 'icon') return picture(attributes);
	if (!TAGS.test(tag)) throw new Error(`A page has no ${tag}.`);
	const el = document.createElement(tag);
	if (tag === 'button') el.type = 'button';
	if (text) el.append(is.text);
	if (classes.length) el.className = classes.join(' ');
	set(el, attributes);
	for (const kid of kids) if (kid && holds(kid[1]?.when, is)) el.append(make(kid, is));
	if (at) el.textContent = long ? `${dayLabel(at)}, ${clock(at)}` : clock(at);
	if (at && tag === 'time') el.dateTime = new Date(at).toISOString();
	return tag === 'a' && attributes.href[0] !== '#' ? outside(el, attributes.href) : el;
}

const holds = (when, is) => !when || (when[0] === '!' ? !is[when.slice(1)] : is[when]);

// picture draws one of the pictures. Without a label it is an ornament.
function picture({id, 'aria-label': label}) {
	const [svg, path] = ['svg', 'path'].map(tag => document.createElementNS(SVG, tag));
	path.setAttribute('d', pictures[id]);
	svg.setAttribute('viewBox', '0 0 24 24');
	set(svg, {class: 'i', role: label && 'img', 'aria-label': label, 'aria-hidden': !label});
	svg.append(path);
	return svg;
}

// outside is a link of the web. It says which host it opens, if that is not the one that one reads: there may
// be a name before an @, or letters of another alphabet.
function outside(a, href) {
	const to = URL.parse(href); // null: it is text
	if (!/^https?:$/.test(to?.protocol)) return new Text(a.textContent);
	Object.assign(a, {href: to.href, rel: 'noreferrer noopener', target: '_blank'});
	const reads = href.replace(/^https?:\/\//i, '').split(/[/?#]/)[0].toLowerCase().replace(/:(80|443)$/, '');
	if (reads === to.host) return a;
	const both = new DocumentFragment();
	both.append(a, ` (opens ${to.host})`);
	return both;
}

// touch matches where to focus the field opens a keyboard.
export const touch = matchMedia('(pointer: coarse)');

// idle reports whether nothing that one could use has the focus. What was just hidden keeps it for a moment.
export const idle = (at = document.activeElement) => !at || at.matches('body, #main, #early') || !at.checkVisibility();

const keyOf = node => node.nodeType === 1 ? node.getAttribute('data-key') || node.id : '';

// show makes an element what a part says: attributes, and what is in it, if it is a list.
export function show(el, part) {
	const [attributes, ...kids] = [].concat(part);
	set(el, attributes);
	if (Array.isArray(part)) merge(el, kids.map(kid => make(kid)));
}

// merge makes the children of a node like those of a list, and keeps the nodes that are
// there: so focus, what is typed and what is unfolded stay.
export function merge(parent, kids) {
	const keys = kids.map(keyOf), wanted = new Set(keys), keyed = new Map();
	for (const node of [...parent.childNodes]) {
		const key = keyOf(node);
		if (!key) continue;
		if (wanted.has(key)) keyed.set(key, node);
		else node.remove();
	}
	let at = parent.firstChild;
	for (const [i, kid] of kids.entries()) {
		const key = keys[i], old = key ? keyed.get(key) : at && !keyOf(at) && at, same = old && old.nodeName === kid.nodeName ? old : kid;
		if (same === at) at = at.nextSibling;
		else parent.insertBefore(same, at);
		if (same !== kid) become(same, kid);
	}
	while (at?.nextSibling) at.nextSibling.remove();
	at?.remove();
}

// become makes one node like another. What a person has opened stays so.
function become(old, like) {
	if (old.nodeType !== 1) {
		if (old.data !== like.data) old.data = like.data;
		return;
	}
	for (const {name} of [...old.attributes]) if (!like.hasAttribute(name) && name !== 'open') old.removeAttribute(name);
	for (const {name, value} of like.attributes) if (old.getAttribute(name) !== value) old.setAttribute(name, value);
	merge(old, [...like.childNodes]);
}
