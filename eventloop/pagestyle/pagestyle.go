// Package pagestyle is what the pages of reports have in common: one style, for the
// screen in light and dark, and for paper.
package pagestyle

import (
	_ "embed"
	"html/template"
)

//go:embed page.css
var sheet string

// Sheet returns the style sheet of all pages. Its classes: verdict (with fails) for what
// came out, good, bad and dim for words, scroll for what holds a table, words for a
// table of texts.
func Sheet() template.CSS { return template.CSS(sheet) }
