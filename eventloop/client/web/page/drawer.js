// The columns of a narrow screen: drawers, of which one is open at most.

import {$} from './tree.js';

let back = null; // had the focus before

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
