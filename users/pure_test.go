package users_test

import (
	"go/ast"
	"go/build"
	"go/importer"
	"go/parser"
	"go/token"
	"go/types"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// pure are the packages whose outcome must be the same on every machine, now and when
// it is read again. Of a file that is excepted it is said why.
var pure = []struct {
	dir, path string
	except    map[string]string
}{
	{".", "parley/users", map[string]string{
		"relays.go":   "relays are no part of the state: each server passes on what its own sessions send",
		"activity.go": "nor is it who has been inactive",
	}},
	{"command", "parley/users/command", nil},
	{"state", "parley/users/state", nil},
}

// forbidden are imports, and what reads the clock or waits.
var (
	forbidden = []string{"math", "math/rand", "math/rand/v2", "crypto/rand", "os", "net", "runtime", "sync", "unsafe", "reflect"}
	clocks    = []string{"Now", "Since", "Until", "After", "AfterFunc", "Tick", "NewTimer", "NewTicker", "Sleep"}
)

// walks are the functions that walk over a map, and why the order does not show.
var walks = map[string]string{
	"blocks.go Arrive":                    "each is put into an order",
	"blocks.go Leave":                     "each is taken out of an order",
	"blocks.go sortedBlocks":              "what it finds is sorted",
	"accounts.go Names":                   "likewise",
	"accounts.go WithRoles":               "likewise",
	"accounts.go Owners":                  "they are counted",
	"accounts.go KnownBefore":             "what it finds is sorted",
	"lockouts.go Unblock":                 "likewise",
	"lockouts.go Export":                  "likewise",
	"lockouts_memory.go sweep":            "likewise",
	"lockouts_memory.go refit":            "likewise",
	"lockouts_memory.go pairHarm":         "a set is made of it",
	"lockouts_memory.go leastHarmful":     "one is least, and none is as harmful as another",
	"reserved.go Lookalikes":              "each is put into an order",
	"reserved.go NewReserved":             "a map is made of it",
	"dump.go Dump":                        "what it finds is sorted",
	"digest.go dump":                      "likewise",
	"digest.go dumpPruned":                "likewise",
	"table_retention.go erase":            "each is taken out where it is",
	"export.go Export":                    "they are sorted",
	"export.go Page":                      "its numbers are sorted",
	"export.go Own":                       "its requests are sorted",
	"table_changes.go Find":               "a number is in one of them",
	"table_reads.go Recent":               "its messages are sorted",
	"table.go Kept":                       "likewise",
	"table.go guests":                     "likewise",
	"table.go values":                     "likewise",
	"sanctions.go sorted":                 "likewise",
	"sanctions.go findSoonest":            "one is soonest, and none matters that ends then",
	"directs.go forget":                   "each is taken out of an order of its own",
	"directs.go rename":                   "each is changed where it is",
	"saved.go Save":                       "it is sorted before it is written",
	"snapshot_people.go save":             "likewise",
	"snapshot_people.go savePruned":       "likewise",
	"snapshot_rooms.go save":              "likewise",
	"snapshot_rooms.go checkSavedRooms":   "they are counted",
	"snapshot_rooms.go checkSavedReading": "likewise",
	"snapshot_order.go save":              "what it finds is sorted",
	"digest.go dumpOrders":                "likewise",
	"digest.go dumpOrder":                 "likewise",
	"requests.go forget":                  "each is taken out of an order",
	"requests.go rename":                  "each is changed where it is in an order",
}

// TestNothingDependsOnClockOrChance: nothing reads a clock, waits, draws a number, has a
// goroutine or a float, or walks over a map where that may show.
func TestNothingDependsOnClockOrChance(t *testing.T) {
	files := token.NewFileSet()
	imports := importer.ForCompiler(files, "source", nil)
	for _, p := range pure {
		list, err := build.ImportDir(p.dir, 0)
		if err != nil {
			t.Fatal(err)
		}
		var parsed []*ast.File
		for _, name := range list.GoFiles {
			f, err := parser.ParseFile(files, filepath.Join(p.dir, name), nil, 0)
			if err != nil {
				t.Fatal(err)
			}
			parsed = append(parsed, f)
		}
		info := &types.Info{Types: make(map[ast.Expr]types.TypeAndValue), Uses: make(map[*ast.Ident]types.Object)}
		if _, err := (&types.Config{Importer: imports}).Check(p.path, files, parsed, info); err != nil {
			t.Fatal(err)
		}
		for i, f := range parsed {
			if p.except[list.GoFiles[i]] == "" {
				for _, d := range f.Decls {
					(&purity{t, files, info, d}).check()
				}
			}
		}
	}
}

// A purity checks one declaration.
type purity struct {
	t     *testing.T
	files *token.FileSet
	info  *types.Info
	decl  ast.Decl
}

func (p *purity) check() { ast.Inspect(p.decl, func(n ast.Node) bool { p.node(n); return true }) }

func (p *purity) node(n ast.Node) {
	switch n := n.(type) {
	case *ast.ImportSpec:
		if path := strings.Trim(n.Path.Value, `"`); slices.Contains(forbidden, path) {
			p.t.Errorf("%v: imports %s", p.files.Position(n.Pos()), path)
		}
	case *ast.GoStmt, *ast.SelectStmt, *ast.SendStmt:
		p.t.Errorf("%v: has a goroutine or a channel", p.files.Position(n.Pos()))
	case *ast.Ident:
		o, ok := p.info.Uses[n].(*types.Func)
		if !ok || o.Pkg() == nil || o.Signature().Recv() != nil {
			return
		}
		switch path := o.Pkg().Path(); {
		case path == "time" && slices.Contains(clocks, o.Name()):
			p.t.Errorf("%v: calls time.%s", p.files.Position(n.Pos()), o.Name())
		case path == "maps" && slices.Contains([]string{"All", "Keys", "Values"}, o.Name()):
			p.walk(n)
		}
	case *ast.RangeStmt:
		if _, ok := p.info.TypeOf(n.X).Underlying().(*types.Map); ok {
			p.walk(n)
		}
	}
	if e, ok := n.(ast.Expr); ok && isFloat(p.info.TypeOf(e)) {
		p.t.Errorf("%v: has a float", p.files.Position(n.Pos()))
	}
}

// walk says that there is one over a map.
func (p *purity) walk(n ast.Node) {
	at := p.files.Position(n.Pos())
	where := filepath.Base(at.Filename)
	if f, ok := p.decl.(*ast.FuncDecl); ok {
		where += " " + f.Name.Name
	}
	if walks[where] == "" {
		p.t.Errorf("%v: walks over a map in %q: does the order show?", at, where)
	}
}

func isFloat(of types.Type) bool {
	if of == nil {
		return false
	}
	b, ok := of.Underlying().(*types.Basic)
	return ok && b.Info()&(types.IsFloat|types.IsComplex) != 0
}
