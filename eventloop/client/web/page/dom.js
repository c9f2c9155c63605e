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
	if (rest[0] && Object.getPrototypeOf(rest[0]) === Object.prototype) {
		for (const [name, value] of Object.entries(rest.shift())) {
			const keep = name.startsWith('aria-') ? value != null : value || value === 0;
			if (keep) el.setAttribute(name, value === true && !name.startsWith('aria-') ? '' : value);
		}
	}
	el.append(...rest.flat(9).filter(shown));
	return el;
}

const shown = kid => kid != null && kid !== false && kid !== '';

const SVG = 'http://www.w3.org/2000/svg';

// icon draws one of the pictures of index.html. Without a label it is an ornament.
export function icon(id, label) {
	const svg = document.createElementNS(SVG, 'svg');
	const use = document.createElementNS(SVG, 'use');
	svg.setAttribute('class', 'i');
	svg.setAttribute('viewBox', '0 0 24 24');
	use.setAttribute('href', '#i-' + id);
	svg.append(use);
	if (label) {
		svg.setAttribute('role', 'img');
		svg.setAttribute('aria-label', label);
	} else svg.setAttribute('aria-hidden', 'true');
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
