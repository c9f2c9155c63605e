package load

import (
	"go/ast"
	"go/parser"
	"go/token"
	"strconv"
	"testing"
)

// Every code that a server may give can be allowed.
func TestEveryCodeIsAKind(t *testing.T) {
	file, err := parser.ParseFile(token.NewFileSet(), "../../protocol/errors.go", nil, parser.SkipObjectResolution)
	if err != nil {
		t.Fatal(err)
	}
	codes := 0
	ast.Inspect(file, func(n ast.Node) bool {
		spec, ok := n.(*ast.ValueSpec)
		if !ok || len(spec.Values) != 1 {
			return true
		}
		if kind, ok := spec.Type.(*ast.Ident); !ok || kind.Name != "Code" {
			return true
		}
		code, err := strconv.Unquote(spec.Values[0].(*ast.BasicLit).Value)
		if codes++; err != nil || !IsErrorKind(code) {
			t.Errorf("%s cannot be allowed (%v)", code, err)
		}
		return true
	})
	if codes < 20 {
		t.Errorf("there are %d codes", codes)
	}
}
