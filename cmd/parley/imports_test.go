package main

import (
	"os/exec"
	"slices"
	"strings"
	"testing"
)

// allowed is which of our packages each package may import. A new edge is a
// decision: make it here, with the code that needs it.
var allowed = map[string][]string{
	"parley/protocol":                   nil,
	"parley/protocol/printable":         nil, // beside protocol, since whoever shows what others send needs it
	"parley/users":                      nil,
	"parley/users/rooms":                {"parley/users"},
	"parley/users/passwords":            nil,
	"parley/users/store":                {"parley/users", "parley/users/rooms"},
	"parley/eventloop":                  nil,
	"parley/eventloop/server":           {"parley/eventloop", "parley/users", "parley/users/rooms", "parley/protocol"},
	"parley/p2p":                        {"parley/protocol"},
	"parley/p2p/identity":               {"parley/p2p"},
	"parley/p2p/transport":              {"parley/p2p", "parley/p2p/identity", "parley/protocol"},
	"parley/eventloop/client":           {"parley/eventloop/client/private", "parley/eventloop/client/sending", "parley/eventloop/client/seen", "parley/eventloop/client/names", "parley/eventloop/client/login", "parley/eventloop/client/keepalive", "parley/eventloop/client/command", "parley/eventloop/client/conn", "parley/eventloop/client/timeline", "parley/eventloop/client/view", "parley/p2p", "parley/protocol", "parley/protocol/printable"},
	"parley/eventloop/client/chatlog":   {"parley/eventloop/client/timeline", "parley/protocol", "parley/protocol/printable"}, // a subscriber of the timeline
	"parley/eventloop/client/command":   {"parley/protocol", "parley/protocol/printable"},                                     // the verbs have the help and the arguments of what they do
	"parley/eventloop/client/conn":      {"parley/protocol"},                                                                  // for the scanner and the decoder of responses
	"parley/eventloop/client/keepalive": {"parley/protocol"},
	"parley/eventloop/client/login":     {"parley/protocol"},
	"parley/eventloop/client/names":     {"parley/protocol"}, // for what a name may be
	"parley/eventloop/client/private":   {"parley/eventloop/client/command", "parley/eventloop/client/timeline", "parley/eventloop/client/view", "parley/p2p", "parley/protocol", "parley/protocol/printable"},
	"parley/eventloop/client/seen":      {"parley/protocol"},
	"parley/eventloop/client/sending":   {"parley/eventloop/client/names", "parley/eventloop/client/seen", "parley/protocol", "parley/protocol/printable"},
	"parley/eventloop/client/timeline":  nil,
	"parley/eventloop/client/view":      {"parley/eventloop/client/timeline", "parley/protocol", "parley/protocol/printable"},
	"parley/eventloop/client/terminal":  {"parley/eventloop/client"},
	"parley/eventloop/client/notify":    {"parley/eventloop/client/timeline", "parley/protocol/printable"}, // a subscriber of the timeline
	"parley/eventloop/load":             {"parley/protocol", "parley/protocol/printable"},
	"parley/eventloop/sim":              {"parley/eventloop", "parley/eventloop/server", "parley/eventloop/client", "parley/users", "parley/users/rooms", "parley/protocol"},
	"parley/cmd/parley": {"parley/eventloop", "parley/eventloop/server", "parley/eventloop/client", "parley/eventloop/client/command", "parley/eventloop/client/terminal", "parley/eventloop/client/view", "parley/eventloop/load",
		"parley/eventloop/client/chatlog", "parley/eventloop/client/notify",
		"parley/users", "parley/users/rooms", "parley/users/passwords", "parley/users/store", "parley/protocol",
		"parley/p2p", "parley/p2p/identity", "parley/p2p/transport"},
}

// foreign is which modules beside the standard library the pure packages and the
// loops may import.
var foreign = map[string][]string{
	"parley/protocol":                   {"github.com/go-json-experiment/json"},
	"parley/protocol/printable":         nil,
	"parley/p2p":                        nil,
	"parley/p2p/identity":               {"github.com/gofrs/flock"},
	"parley/p2p/transport":              {"golang.org/x/sys"},
	"parley/users":                      nil,
	"parley/users/rooms":                nil,
	"parley/users/passwords":            {"golang.org/x/crypto"},
	"parley/eventloop":                  {"github.com/panjf2000/gnet/v2", "golang.org/x/sys"},
	"parley/eventloop/server":           nil,
	"parley/eventloop/client/chatlog":   nil,
	"parley/eventloop/client/command":   {"github.com/agnivade/levenshtein", "github.com/mattn/go-runewidth"},
	"parley/eventloop/client/conn":      nil,
	"parley/eventloop/client/keepalive": nil,
	"parley/eventloop/client/login":     nil,
	"parley/eventloop/client/names":     nil,
	"parley/eventloop/client/private":   nil,
	"parley/eventloop/client/seen":      nil,
	"parley/eventloop/client/sending":   nil,
	"parley/eventloop/client/timeline":  nil,
	"parley/eventloop/client/view":      {"github.com/mattn/go-runewidth"},
	"parley/eventloop/client/notify":    nil,
	"parley/eventloop/sim":              nil,
}

// TestImportsPointDownwards holds the packages to the map above.
func TestImportsPointDownwards(t *testing.T) {
	out, err := exec.Command("go", "list", "-f", `{{.ImportPath}} {{join .Imports " "}}`, "parley/...").Output()
	if err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(string(out)) {
		fields := strings.Fields(line)
		pkg, imports := fields[0], fields[1:]
		ours, known := allowed[pkg]
		if !known {
			t.Errorf("%s is not in the map of packages", pkg)
		}
		modules, limited := foreign[pkg]
		for _, path := range imports {
			switch {
			case strings.HasPrefix(path, "parley/"):
				if !slices.Contains(ours, path) {
					t.Errorf("%s imports %s", pkg, path)
				}
			case limited && strings.Contains(path, "."):
				if !slices.ContainsFunc(modules, func(m string) bool { return path == m || strings.HasPrefix(path, m+"/") }) {
					t.Errorf("%s imports %s", pkg, path)
				}
			}
		}
	}
}
