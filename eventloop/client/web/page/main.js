// The beginning: makes the app, and brings what the person does to the actions.

import {App} from './app.js';
import {closeDrawer} from './drawer.js';
import {listen} from './keys.js';
import {tell} from './live.js';
import {lead} from './notify.js';
import {$$} from './tree.js';

const app = new App();

function run(name, node, form) {
	const {all} = node.dataset;
	if (node.getAttribute('aria-disabled') === 'true') return all && tell('alert', all);
	const arg = node.dataset.arg || '';
	node.sent = arg;
	if (app.does[name]) app.does[name](arg, node, form);
	else app.does.offer(name, arg, node, form);
}

addEventListener('click', e => {
	const node = e.target.closest('[data-do]');
	if (node && node.nodeName !== 'FORM') run(node.dataset.do, node);
	else if (e.target.closest('#nav a')) closeDrawer();
});
addEventListener('input', e => {
	if (e.target.id !== 'jump') return;
	app.ui.jump = e.target.value;
	app.look();
});
addEventListener('change', e => {
	if (e.target.dataset.change) run(e.target.dataset.change, e.target);
	const card = e.target.closest('.card'), done = card?.querySelector('[data-all]'); // it needs all boxes of its card
	if (done) done.ariaDisabled = $$('input', card).some(box => !box.checked);
});
addEventListener('submit', e => {
	if (!e.target.dataset.do) return;
	e.preventDefault();
	run(e.target.dataset.do, e.target, Object.fromEntries(new FormData(e.target)));
});
addEventListener('popstate', () => {
	const id = decodeURIComponent(location.hash.slice(1));
	if (app.ui.here && /^(\/|lobby$|\w+:)/.test(id)) app.go(id);
});
addEventListener('focus', () => lead(true));
lead(document.hasFocus());
for (const what of ['focus', 'visibilitychange']) addEventListener(what, () => app.draw());

let active = 0;
for (const what of ['keydown', 'pointerdown']) addEventListener(what, () => {
	if (Date.now() - active < 10000) return;
	active = Date.now();
	app.link.ask('active', {});
}, true);

listen(app);
app.link.enter();
