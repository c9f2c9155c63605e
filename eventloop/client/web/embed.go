package web

import (
	"embed"
	"io/fs"
)

//go:embed page
var embedded embed.FS

// Page is the page that belongs to this version of the program.
func Page() fs.FS {
	page, err := fs.Sub(embedded, "page")
	if err != nil { // the name is valid
		panic(err)
	}
	return page
}
