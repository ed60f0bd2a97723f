package nginx

import (
	"go/ast"
	"go/parser"
	gotoken "go/token"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// Reading a key or setting that is not declared panics at run time, perhaps on an input that no case has. So all names that
// the code of this package reads are looked up here.
func TestOnlyDeclaredNamesAreRead(t *testing.T) {
	keys, settings, flags, defaults := map[string]bool{}, map[string]bool{}, map[string]bool{}, map[string]bool{}
	for _, f := range Features() {
		for _, k := range f.Keys {
			keys[k.Name], defaults[k.Setting] = true, true
		}
		for _, s := range f.Settings {
			if s.Flag {
				flags[s.Name] = true
			} else {
				settings[s.Name] = true
			}
		}
	}
	ofKeys := []string{"Text", "Bool", "Int", "Seconds", "List", "Has", "Written", "Broken", "Stated", "Exact", "Approximate", "Noop", "Manual", "Refused",
		"Overruled", "FailClosed", "FailClosedDead", "Answers503"}
	files, err := filepath.Glob("*.go")
	require.NoError(t, err)
	fs, found := gotoken.NewFileSet(), 0
	for _, file := range files {
		if strings.HasSuffix(file, "_test.go") {
			continue
		}
		tree, err := parser.ParseFile(fs, file, nil, 0)
		require.NoError(t, err)
		ast.Inspect(tree, func(n ast.Node) bool {
			call, ok := n.(*ast.CallExpr)
			if !ok || len(call.Args) == 0 {
				return true
			}
			method, ok := call.Fun.(*ast.SelectorExpr)
			name, isText := call.Args[0].(*ast.BasicLit)
			if !ok || !isText || name.Kind != gotoken.STRING {
				return true
			}
			text, err := strconv.Unquote(name.Value)
			require.NoError(t, err)
			declared := true
			switch {
			case method.Sel.Name == "SettingText":
				declared = settings[text]
			case method.Sel.Name == "Get" && ofSettings(method):
				declared = settings[text] || defaults[text]
			case method.Sel.Name == "Flag":
				declared = flags[text]
			case slices.Contains(ofKeys, method.Sel.Name):
				declared = keys[text]
				found++
			}
			if !declared {
				t.Errorf("%s: %s(%q): no such name is declared", fs.Position(call.Pos()), method.Sel.Name, text)
			}
			return true
		})
	}
	if found == 0 {
		t.Error("no key is read at all")
	}
}

// ofSettings tells whether a method is called on something called Settings.
func ofSettings(method *ast.SelectorExpr) bool {
	on, ok := method.X.(*ast.SelectorExpr)
	return ok && on.Sel.Name == "Settings"
}
