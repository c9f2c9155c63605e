// The beginning: makes the app, and brings what the person does to the actions.

import {App, named} from './app.js';
import {listen} from './keys.js';

const app = new App();

function run(name, node, form) {
	const arg = node.dataset.arg || '';
	node.sent = arg;
	if (app.does[name]) app.does[name](arg, node, form);
	else app.does.offer(name, arg, node, form);
}

addEventListener('click', e => {
	const node = e.target.closest('[data-do]');
	if (node && node.nodeName !== 'FORM') run(node.dataset.do, node);
	else if (e.target.closest('#nav a')) app.does.closeDrawer();
});
addEventListener('input', e => {
	if (e.target.id === 'jump') app.look();
});
addEventListener('change', e => {
	if (e.target.dataset.change) run(e.target.dataset.change, e.target);
});
addEventListener('submit', e => {
	if (!e.target.dataset.do) return;
	e.preventDefault();
	run(e.target.dataset.do, e.target, Object.fromEntries(new FormData(e.target)));
});
addEventListener('popstate', () => {
	const id = named();
	if (app.ui.here && /^(\/|lobby$|\w+:)/.test(id)) app.go(id);
});
for (const what of ['focus', 'blur', 'visibilitychange']) addEventListener(what, () => app.draw());

for (const what of ['keydown', 'pointerdown']) addEventListener(what, () => app.link.ask('active'), true);

listen(app);
app.link.enter();
