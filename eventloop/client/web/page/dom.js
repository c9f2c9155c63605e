// Nodes. Text is only ever set as text: nothing here, or anywhere in the page, parses
// markup. What a node does when it is used is named by data-do (see actions.js), so a
// tree can be made anew at each change and be merged into the one that is shown.

// h makes an element: h('button.b.go', {'data-do': 'send'}, 'Send'). A kid may be a
// string, a node, a list of these, or nothing (null, false, '').
export function h(spec, ...rest) {
	const [tag, ...classes] = spec.split('.');
	const el = document.createElement(tag || 'div');
	if (classes.length) el.className = classes.filter(Boolean).join(' ');
	if (tag === 'button') el.type = 'button';
	if (rest[0] && Object.getPrototypeOf(rest[0]) === Object.prototype) set(el, rest.shift());
	el.append(...rest.flat(9).filter(shown));
	return el;
}

const shown = kid => kid != null && kid !== false && kid !== '';

// set sets attributes. null takes one away, and so does false, but of aria-, where it is a value.
export function set(el, attributes) {
	for (const [name, value] of Object.entries(attributes)) {
		const aria = name.startsWith('aria-');
		if (aria ? value == null : !value && value !== 0) el.removeAttribute(name);
		else el.setAttribute(name, value === true && !aria ? '' : value);
	}
}

const SVG = 'http://www.w3.org/2000/svg';

// icon draws one of the pictures of index.html. Without a label it is an ornament.
export function icon(id, label) {
	const svg = document.createElementNS(SVG, 'svg');
	const use = document.createElementNS(SVG, 'use');
	set(use, {href: '#i-' + id});
	set(svg, {class: 'i', viewBox: '0 0 24 24', role: label && 'img', 'aria-label': label, 'aria-hidden': label ? null : true});
	svg.append(use);
	return svg;
}

// act is the attributes of what does something: the name of an action and its argument.
export const act = (name, arg) => ({'data-do': name, 'data-arg': arg});
export const button = (label, does, cls = '', pic) => h('button.b' + cls, does, pic && icon(pic), label);
export const iconButton = (pic, label, does, cls = '') => h('button.ib' + cls, {...does, 'aria-label': label, title: label}, icon(pic));
export const link = (label, does) => h('button.lk', does, label);
export const hidden = text => h('span.vh', text);
export const name = text => h('bdi', text);
export const pill = (kind, pic, label) => h('span.pill.' + kind, icon(pic), label);
export const wrong = (why, id) => why && h('p.err', {id}, icon('alert'), h('span', why));
export const row = (...kids) => h('.row', kids);
export const $ = (selector, root = document) => root.querySelector(selector);
export const $$ = (selector, root = document) => [...root.querySelectorAll(selector)];

// idle reports whether nothing that one could use has the focus. What was just hidden keeps
// it for a moment.
export const idle = (at = document.activeElement) => !at || at.matches('body, #main') || !at.checkVisibility();

const keyOf = node => node.nodeType === 1 ? node.getAttribute('data-key') || node.id : '';
const OURS = new Set(['open']); // set by the person

// merge makes the children of a node like those of a list, and keeps the nodes that are
// there: so focus, what is typed and what is unfolded stay.
export function merge(parent, list) {
	const kids = list.flat(9).filter(shown).map(kid => kid.nodeType ? kid : new Text(kid));
	const keys = kids.map(keyOf), wanted = new Set(keys), keyed = new Map();
	for (const node of [...parent.childNodes]) {
		const key = keyOf(node);
		if (!key) continue;
		if (wanted.has(key)) keyed.set(key, node);
		else node.remove();
	}
	let at = parent.firstChild;
	for (const [i, kid] of kids.entries()) {
		if (kid === at) {
			at = at.nextSibling;
			continue;
		}
		const key = keys[i];
		const old = key ? keyed.get(key) : at && !keyOf(at) ? at : null;
		if (!old || old.nodeName !== kid.nodeName) {
			parent.insertBefore(kid, at);
			continue;
		}
		if (old === at) at = at.nextSibling;
		else parent.insertBefore(old, at);
		if (old !== kid) become(old, kid);
	}
	while (at) {
		const next = at.nextSibling;
		at.remove();
		at = next;
	}
}

function become(old, like) {
	if (old.nodeType !== 1) {
		if (old.data !== like.data) old.data = like.data;
		return;
	}
	for (const {name} of [...old.attributes]) if (!like.hasAttribute(name) && !OURS.has(name)) old.removeAttribute(name);
	for (const {name, value} of like.attributes) if (!(OURS.has(name) && old.hasAttribute(name)) && old.getAttribute(name) !== value) old.setAttribute(name, value);
	if (old.nodeName !== 'TEXTAREA') merge(old, [...like.childNodes]);
}
