package web

import "strings"

// favicons are the pictures of a tab by the names of their files: the sign of parley, alone, with a green dot if there is something
// that was not read, or with a red one and a mark if one is meant by that.
var favicons = map[string]string{
	"icon.svg":         favicon(""),
	"icon-unread.svg":  favicon(`<circle cx="25" cy="7" r="6" fill="#fff"/><circle cx="25" cy="7" r="4.5" fill="#1b6540"/>`),
	"icon-mention.svg": favicon(`<circle cx="24" cy="8" r="8" fill="#fff"/><circle cx="24" cy="8" r="6.5" fill="#a81f18"/><path d="M24 4.5v4M24 11v.2" stroke="#fff" stroke-width="2.2" stroke-linecap="round"/>`),
}

func favicon(more string) string {
	return strings.Join([]string{`<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 32 32"><rect width="32" height="32" rx="7" fill="#34509f"/><path d="M8 9h16v11H15l-5 4v-4H8z" fill="#fff"/>`, more, `</svg>`}, "")
}
