// Dialogs and menus: what stands above the page until it is closed. One of each at most.

import {$, $$, make} from './tree.js';

// dialog opens one. What had the focus gets it back when it is closed.
export function dialog(tree) {
	$('dialog')?.close();
	const box = make(tree);
	box.addEventListener('close', () => box.remove());
	box.addEventListener('cancel', () => $('[data-do=cancelQuestion]', box)?.click());
	document.body.append(box);
	box.showModal();
	($('[autofocus]', box) || $('div', box)).focus();
}

// menu opens one beside a node.
export function menu(by, tree) {
	shutMenu();
	const box = make(tree);
	const back = document.activeElement;
	document.body.append(box);
	box.showPopover();
	const stand = () => place(box, by.getBoundingClientRect());
	stand();
	addEventListener('resize', stand);
	box.addEventListener('keydown', e => moveIn(box, e, back));
	box.addEventListener('toggle', e => { if (e.newState === 'closed') { removeEventListener('resize', stand); box.remove() } });
	box.addEventListener('focusout', e => { if (!box.contains(e.relatedTarget)) box.hidePopover() });
	box.addEventListener('click', () => { box.hidePopover(); if (back?.isConnected && !$('dialog')) back.focus() });
	$('button', box).focus();
}

export const shutMenu = () => $('.menu')?.hidePopover();

function place(box, by) {
	const {width, height} = box.getBoundingClientRect();
	const below = by.bottom + height < innerHeight || by.top < height;
	box.style.left = Math.max(8, Math.min(by.right - width, innerWidth - width - 8)) + 'px';
	box.style.top = Math.max(8, Math.min(below ? by.bottom : by.top - height, innerHeight - height - 8)) + 'px';
}

function moveIn(box, e, back) {
	const all = $$('button', box);
	const i = all.indexOf(document.activeElement);
	const to = {ArrowDown: all[(i + 1) % all.length], ArrowRight: all[(i + 1) % all.length], ArrowUp: all.at(i - 1), ArrowLeft: all.at(i - 1), Home: all[0], End: all.at(-1)}[e.key];
	if (to) to.focus();
	else if (e.key === 'Escape' || e.key === 'Tab') {
		box.hidePopover();
		back?.focus();
	} else return;
	e.preventDefault();
	e.stopPropagation();
}
