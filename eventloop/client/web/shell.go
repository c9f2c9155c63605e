package web

// shell is what the parts of a page stand in, by their ids: a page makes it when it knows that the process lets it in. Until
// then it has the node with the id sheet alone.
var shell = of(at{},
	el("nav.side", at{"id": "nav", "aria-label": "Conversations"}),
	el("main", at{"id": "main", "tabindex": -1, "aria-labelledby": "title"},
		el("header.bar", at{"id": "head", "hidden": true}),
		el("div", at{"id": "banner"}, el("div", at{"id": "down"}), el("div", at{"id": "net"})),
		el("div.scroll", at{"id": "sheet"}),
		el("div.scroll", at{"id": "scroll", "hidden": true}, el("div.end", el("ol", at{"id": "lines", "aria-label": "Lines"}), el("div", at{"id": "extra"}))),
		el("form.compose", at{"id": "compose", "aria-label": "Write", "data-do": "send", "hidden": true},
			el("button.b.tonew", at{"id": "tonew", "data-do": "toNew", "hidden": true}),
			el("p.typing", at{"id": "typing"}),
			el("p.typing.hint", "On this line: ", el("kbd", "Enter"), " all actions, ", el("kbd", "r"), " reply, ", el("kbd", "+"), " react, ", el("kbd", "e"), " edit. Any other letter goes into the field."),
			el("div.list", at{"id": "cmds", "role": "listbox", "aria-label": "Commands and names", "hidden": true}),
			el("div.box", at{"id": "box"},
				el("div.aud", at{"id": "aud"}),
				el("div.aud", at{"id": "reply", "hidden": true}),
				el("div.field",
					el("textarea", at{"id": "field", "rows": 1, "role": "combobox", "aria-label": "Text", "aria-autocomplete": "list", "aria-controls": "cmds",
						"aria-expanded": false, "aria-describedby": "aud", "placeholder": "Write a line", "autocomplete": "off"}),
					el("button.b", at{"id": "send", "type": "submit"})))),
		el("p.err", at{"id": "refused", "hidden": true})),
	el("aside.side", at{"id": "aside"}),
	el("button.scrim", at{"id": "scrim", "aria-label": "Close the panel", "data-do": "closeDrawer", "hidden": true}))
