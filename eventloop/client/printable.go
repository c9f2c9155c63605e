package client

import "parley/protocol/printable"

// sanitize makes what others sent safe for a terminal.
func sanitize(s string) string { return printable.Text(s) }

// sanitizeLine is sanitize for what must stay on one line, such as a name.
func sanitizeLine(s string) string { return printable.Line(s) }
