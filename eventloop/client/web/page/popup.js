// Dialogs, menus, and the columns of a narrow screen as drawers: what stands above the page. One of each at most. What had the focus gets it back.

import {$, $$, make} from './tree.js';

// dialog opens one.
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
export function menu(tree, by) {
	$('.menu')?.hidePopover();
	const box = make(tree), stand = () => place(box, by.getBoundingClientRect());
	document.body.append(box);
	box.showPopover();
	stand();
	addEventListener('resize', stand);
	box.addEventListener('keydown', e => moveIn(box, e));
	box.addEventListener('toggle', e => { if (e.newState === 'closed') { removeEventListener('resize', stand); box.remove() } });
	box.addEventListener('focusout', e => { if (!box.contains(e.relatedTarget)) box.hidePopover() });
	box.addEventListener('click', () => box.hidePopover());
	$('button', box).focus();
}

function place(box, by) {
	const {width, height} = box.getBoundingClientRect(), within = (at, size, all) => Math.max(8, Math.min(at, all - size - 8)) + 'px';
	box.style.left = within(by.right - width, width, innerWidth);
	box.style.top = within(by.bottom + height < innerHeight || by.top < height ? by.bottom : by.top - height, height, innerHeight);
}

function moveIn(box, e) {
	const all = $$('button', box), i = all.indexOf(document.activeElement), next = all[(i + 1) % all.length], before = all.at(i - 1);
	const to = {ArrowDown: next, ArrowRight: next, ArrowUp: before, ArrowLeft: before, Home: all[0], End: all.at(-1)}[e.key];
	if (to) to.focus();
	else if (e.key === 'Escape' || e.key === 'Tab') box.hidePopover();
	else return;
	e.preventDefault();
	e.stopPropagation();
}

let back; // had the focus before

export function openDrawer(side) {
	const el = $('#' + side);
	if (getComputedStyle(el).visibility !== 'hidden') return $('button, input', el)?.focus();
	back = document.activeElement;
	el.classList.add('open');
	$('#scrim').hidden = false;
	$('#main').inert = true;
	$('.narrow', el)?.focus();
}

export function closeDrawer() {
	const open = $('.side.open');
	if (!open) return;
	open.classList.remove('open');
	$('#scrim').hidden = true;
	$('#main').inert = false;
	back?.focus();
}
