package server

import (
	"go/ast"
	"go/parser"
	"go/token"
	"strconv"
	"strings"
	"testing"

	"parley/protocol"
)

// Every act that the audit log can have has words of its own in the sentence that tells of it.
func TestActsHaveWords(t *testing.T) {
	acts := namedActs(t)
	if len(acts) < 12 {
		t.Fatalf("only %q", acts)
	}
	for _, act := range acts {
		if got := (protocol.Act{Act: act, By: "alice", Name: "bob", Room: "den"}).Sentence("", nil); strings.Contains(got, "has used") {
			t.Errorf("%s: %s", act, got)
		}
	}
}

// namedActs returns the values of the constants Act... of users/state.
func namedActs(t *testing.T) (acts []string) {
	file, err := parser.ParseFile(token.NewFileSet(), "../../users/state/permissions.go", nil, 0)
	if err != nil {
		t.Fatal(err)
	}
	ast.Inspect(file, func(n ast.Node) bool {
		spec, is := n.(*ast.ValueSpec)
		if is && strings.HasPrefix(spec.Names[0].Name, "Act") {
			act, err := strconv.Unquote(spec.Values[0].(*ast.BasicLit).Value)
			if err != nil {
				t.Fatal(err)
			}
			acts = append(acts, act)
		}
		return true
	})
	return acts
}
