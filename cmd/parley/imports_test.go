package main

import (
	"os/exec"
	"slices"
	"strings"
	"testing"
)

// allowed is which of our packages each package may import, all without the name of
// the module. A new edge is a decision: make it here, with the code that needs it.
var allowed = map[string]string{
	"protocol":           "protocol/printable",
	"protocol/printable": "", // whoever shows what others send needs it, and whoever looks for words in it

	"users":           "",
	"users/passwords": "",
	"users/command":   "users",
	"users/state":     "users users/command",
	"users/log":       "users users/command users/state",
	"users/tail":      "users users/command users/state",
	"users/search":    "users users/state users/tail",
	"users/store":     "users users/command users/search users/state users/tail",

	"p2p":           "protocol",
	"p2p/identity":  "p2p p2p/ownfile",
	"p2p/ownfile":   "", // whoever remembers keys needs it
	"p2p/transport": "p2p p2p/identity protocol",

	"eventloop":               "eventloop/proxyheader",
	"eventloop/proxyheader":   "",
	"eventloop/server":        "eventloop users users/command users/state users/log users/search users/tail protocol",
	"eventloop/admin":         "eventloop users users/command users/state users/passwords",
	"eventloop/cert":          "p2p/ownfile", // as its key is kept
	"eventloop/load":          "eventloop/pagestyle protocol protocol/printable",
	"eventloop/pagestyle":     "", // the style of reports
	"eventloop/cluster":       "eventloop/cluster/snapshots users/log users/state",
	"eventloop/doctor":        "eventloop/pagestyle", // not protocol: it looks at the wire with eyes of its own
	"eventloop/doctor/server": "eventloop/doctor",
	"eventloop/monitor":       "eventloop eventloop/endpoint eventloop/server users/log protocol",
	"eventloop/sim":           "eventloop eventloop/cluster/snapshots eventloop/server users users/command users/log users/search users/state users/tail protocol",
	"eventloop/sim/chats":     "", // has tests only
	"eventloop/sim/night":     "", // runs the tests of others
	"eventloop/cert/acmetest": "", // an authority for tests

	"eventloop/tlstest":           "",                      // a client for tests
	"eventloop/cluster/natstest":  "",                      // servers of NATS for tests
	"eventloop/cluster/snapshots": "users/log users/state", // what decides, for the simulator too

	"eventloop/endpoint": "eventloop",
	"eventloop/hooks":    "eventloop eventloop/endpoint users/command users/log users/state protocol",

	"eventloop/hooks/outgoing": "users users/command users/state users/store", // what is new, as it is kept

	// What is known and shown: the model, and who reads it.
	"eventloop/client/timeline": "",
	"eventloop/client/view":     "eventloop/client/timeline protocol protocol/printable",
	"eventloop/client/chatlog":  "eventloop/client/timeline protocol protocol/printable",
	"eventloop/client/notify":   "eventloop/client/timeline protocol protocol/printable",

	// Parts of the client that decide, and move nothing.
	"eventloop/client/command":   "protocol protocol/printable",                          // the verbs have the help and the arguments of what they do
	"eventloop/client/forms":     "eventloop/client/command protocol protocol/printable", // the words of commands
	"eventloop/client/keepalive": "protocol",
	"eventloop/client/login":     "protocol",
	"eventloop/client/names":     "protocol", // for what a name may be
	"eventloop/client/rooms":     "protocol",
	"eventloop/client/roster":    "protocol",
	"eventloop/client/seen":      "protocol",
	"eventloop/client/sending":   "eventloop/client/names eventloop/client/seen protocol protocol/printable",
	"eventloop/client/private": "eventloop/client/command eventloop/client/timeline eventloop/client/view " +
		"p2p protocol protocol/printable",

	"eventloop/client/known": "p2p/identity p2p/ownfile",                                          // for the spelling of addresses, and the file
	"eventloop/client/conn":  "eventloop/cert eventloop/client/known protocol protocol/printable", // whose keys are right; the scanner and the decoder of responses; what a server says without TLS
	"eventloop/client": "eventloop/client/command eventloop/client/conn eventloop/client/forms eventloop/client/keepalive eventloop/client/login " +
		"eventloop/client/names eventloop/client/private eventloop/client/rooms eventloop/client/roster eventloop/client/seen eventloop/client/sending " +
		"eventloop/client/timeline eventloop/client/view p2p protocol protocol/printable",
	"eventloop/client/terminal": "eventloop/client",
	"eventloop/client/bot": "eventloop/client eventloop/client/conn eventloop/client/keepalive eventloop/client/known eventloop/client/names eventloop/client/rooms " + // the parts of a chat, without a person
		"eventloop/client/seen eventloop/client/sending protocol",
	"eventloop/client/export": "eventloop/client",
	"eventloop/client/web": "eventloop/client eventloop/client/sending eventloop/client/timeline eventloop/client/view p2p " + // what it shows, and the View of a chat without a terminal
		"p2p/ownfile protocol protocol/printable",
	"eventloop/client/web/pagetest": "", // has tests only

	// Servers with habits, and clients that are driven at them.
	"eventloop/doctor/dialect": "eventloop/doctor",
	"eventloop/doctor/client":  "eventloop/doctor eventloop/doctor/dialect",

	"cmd/parley": "eventloop eventloop/admin eventloop/cert eventloop/cluster eventloop/cluster/snapshots eventloop/endpoint eventloop/hooks eventloop/hooks/outgoing eventloop/monitor eventloop/server eventloop/doctor eventloop/doctor/client eventloop/doctor/dialect eventloop/doctor/server " +
		"eventloop/load eventloop/client eventloop/client/chatlog eventloop/client/command " +
		"eventloop/client/conn eventloop/client/export eventloop/client/known eventloop/client/notify eventloop/client/terminal eventloop/client/view eventloop/client/web users users/command users/log users/state users/passwords users/store " +
		"protocol p2p p2p/identity p2p/ownfile p2p/transport",
}

// foreign is which modules beside the standard library the pure packages and the
// loops may import.
var foreign = map[string]string{
	"protocol":              "github.com/go-json-experiment/json",
	"protocol/printable":    "",
	"p2p":                   "",
	"p2p/identity":          "",
	"p2p/ownfile":           "github.com/gofrs/flock",
	"p2p/transport":         "golang.org/x/sys",
	"users":                 "",
	"users/command":         "github.com/fxamacker/cbor/v2",
	"users/state":           "github.com/fxamacker/cbor/v2",
	"users/log":             "github.com/fxamacker/cbor/v2",
	"users/tail":            "",
	"users/passwords":       "golang.org/x/crypto",
	"eventloop":             "github.com/panjf2000/gnet/v2 golang.org/x/sys",
	"eventloop/proxyheader": "github.com/pires/go-proxyproto",
	"eventloop/server":      "github.com/fxamacker/cbor/v2", // frames between nodes, as turns are encoded
	"eventloop/sim":         "",

	"eventloop/cluster/snapshots": "",

	"eventloop/client":           "",
	"eventloop/client/bot":       "github.com/adrg/xdg",
	"eventloop/client/chatlog":   "",
	"eventloop/client/command":   "github.com/agnivade/levenshtein github.com/mattn/go-runewidth",
	"eventloop/client/conn":      "",
	"eventloop/client/export":    "",
	"eventloop/client/forms":     "",
	"eventloop/client/keepalive": "",
	"eventloop/client/known":     "",
	"eventloop/client/login":     "",
	"eventloop/client/names":     "",
	"eventloop/client/notify":    "",
	"eventloop/client/private":   "",
	"eventloop/client/rooms":     "",
	"eventloop/client/roster":    "",
	"eventloop/client/seen":      "",
	"eventloop/client/sending":   "",
	"eventloop/client/timeline":  "",
	"eventloop/client/web":       "github.com/coder/websocket github.com/gofrs/flock golang.org/x/time",
	"eventloop/client/view":      "github.com/go-json-experiment/json github.com/mattn/go-runewidth",
}

// TestImportsPointDownwards holds the packages to the map above.
func TestImportsPointDownwards(t *testing.T) {
	out, err := exec.Command("go", "list", "-f", `{{.ImportPath}} {{join .Imports " "}}`, "parley/...").Output()
	if err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(string(out)) {
		fields := strings.Fields(line)
		pkg, imports := strings.TrimPrefix(fields[0], "parley/"), fields[1:]
		ours, known := allowed[pkg]
		if !known {
			t.Errorf("%s is not in the map of packages", pkg)
		}
		modules, limited := foreign[pkg]
		for _, path := range imports {
			own, isOwn := strings.CutPrefix(path, "parley/")
			switch {
			case isOwn && !slices.Contains(strings.Fields(ours), own):
				t.Errorf("%s imports %s", pkg, own)
			case !isOwn && limited && strings.Contains(path, ".") && !isIn(strings.Fields(modules), path):
				t.Errorf("%s imports %s", pkg, path)
			}
		}
	}
}

// isIn reports whether a package is in one of the modules.
func isIn(modules []string, path string) bool {
	return slices.ContainsFunc(modules, func(m string) bool { return path == m || strings.HasPrefix(path, m+"/") })
}
