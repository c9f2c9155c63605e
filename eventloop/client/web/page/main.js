// The beginning: makes the app, and brings what the person does to the actions.

import {actions} from './actions.js';
import {App} from './app.js';
import {$} from './dom.js';
import {listen} from './keys.js';
import {lead} from './notify.js';

const app = new App(), does = actions(app);

function run(name, node, form) {
	if (node.getAttribute('aria-disabled') === 'true' && name !== 'verify') return;
	const arg = node.dataset.arg || '';
	if (does[name]) does[name](arg, node, form);
	else does.offer(name, arg);
}

addEventListener('click', e => {
	const node = e.target.closest('[data-do]');
	if (node && node.nodeName !== 'FORM') run(node.dataset.do, node);
	else if (e.target.closest('#nav a')) app.closeDrawer();
});
addEventListener('change', e => e.target.dataset.change && run(e.target.dataset.change, e.target));
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

listen(app, does);
app.link.enter();
$('#field').addEventListener('paste', () => setTimeout(() => app.compose.typed()));
