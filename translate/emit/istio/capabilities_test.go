package istio

import (
	"go/ast"
	"go/parser"
	"go/token"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/ingress2gw/ingress2gw/translate/model"
)

// core are the fields of the model that no feature of the lists expresses, with the file where they are expressed.
var core = map[reflect.Type]map[string]string{
	reflect.TypeFor[model.Rule](): {
		"Match": "rules.go", "Action": "rules.go", "Owner": "host.go", "Origin": "redirect.go", "Ingress": "routepatch.go", "Index": "routepatch.go",
	},
	reflect.TypeFor[model.Host](): {
		"Name": "host.go", "Aliases": "host.go", "Twin": "twin.go", "Rules": "host.go", "Namespaces": "host.go", "Owner": "twin.go", "TLS": "https.go", "Ciphers": "https.go",
		"ClientCerts": "clientcerts.go", "Passthrough": "passthrough.go", "Closed": "host.go", "DNS": "host.go", "Before": "host.go", "Origin": "https.go",
	},
	reflect.TypeFor[model.Global](): {
		"Balance": "balance.go", "ConnectTimeout": "connect.go", "MinTLS": "https.go", "MaxTLS": "https.go", "Ciphers": "https.go", "RejectUnknown": "https.go",
		"DefaultCertificate": "https.go", "Origins": "edgewide.go",
	},
	reflect.TypeFor[model.Edge](): {"Hosts": "istio.go", "Streams": "stream.go", "Global": "edgewide.go"},
}

// sourceOnly are fields that sources keep for themselves.
var sourceOnly = map[string]string{"RegexMode": "the hosts whose paths are patterns; nothing is ever attached by path"}

func TestEveryFieldOfTheModelIsExpressed(t *testing.T) {
	handles := map[reflect.Type]map[string]string{reflect.TypeFor[model.Rule](): {}, reflect.TypeFor[model.Global](): {}}
	for _, f := range ruleFeatures() {
		for _, h := range f.handles {
			handles[reflect.TypeFor[model.Rule]()][h] = ""
		}
	}
	for _, f := range edgeFeatures() {
		for _, h := range f.handles {
			handles[reflect.TypeFor[model.Global]()][h] = ""
		}
	}
	reads := selected(t, ".")
	for typ, fields := range core {
		handled := handles[typ]
		if handled == nil {
			handled = map[string]string{}
		}
		for name, file := range fields {
			if _, twice := handled[name]; twice {
				t.Errorf("%s.%s is expressed by a feature and by the core", typ.Name(), name)
			}
			handled[name] = file
		}
		for f := range typ.Fields() {
			if sourceOnly[f.Name] != "" {
				continue
			}
			file, ok := handled[f.Name]
			switch {
			case !ok:
				t.Errorf("nobody expresses %s.%s: name it in the handles of a feature", typ.Name(), f.Name)
			case file == "" && len(reads[f.Name]) == 0, file != "" && !slices.Contains(reads[f.Name], file):
				t.Errorf("%s.%s is said to be expressed (%s), and nothing reads it", typ.Name(), f.Name, file)
			}
			delete(handled, f.Name)
		}
		for name := range handled {
			t.Errorf("%s has no field %s", typ.Name(), name)
		}
	}
}

func TestEveryFieldOfTheModelIsFilled(t *testing.T) {
	fills := map[string]bool{}
	for _, dir := range []string{"../../../annotations", "../../../annotations/nginx", "../../model"} {
		for _, f := range parsed(t, dir) {
			ast.Inspect(f, func(n ast.Node) bool {
				switch n := n.(type) {
				case *ast.AssignStmt:
					for _, l := range n.Lhs {
						filled(fills, l)
					}
				case *ast.UnaryExpr:
					if n.Op == token.AND {
						filled(fills, n.X)
					}
				case *ast.KeyValueExpr:
					filled(fills, n.Key)
				}
				return true
			})
		}
	}
	for typ := range core {
		for f := range typ.Fields() {
			if !fills[f.Name] {
				t.Errorf("nothing fills %s.%s: remove it", typ.Name(), f.Name)
			}
		}
	}
}

// selected lists the files of a package that select a field of a name.
func selected(t *testing.T, dir string) map[string][]string {
	t.Helper()
	out := map[string][]string{}
	for name, f := range parsed(t, dir) {
		ast.Inspect(f, func(n ast.Node) bool {
			if s, ok := n.(*ast.SelectorExpr); ok {
				out[s.Sel.Name] = append(out[s.Sel.Name], name)
			}
			return true
		})
	}
	return out
}

func parsed(t *testing.T, dir string) map[string]*ast.File {
	t.Helper()
	names, err := filepath.Glob(filepath.Join(dir, "*.go"))
	require.NoError(t, err)
	out := map[string]*ast.File{}
	for _, name := range names {
		if !strings.HasSuffix(name, "_test.go") {
			f, err := parser.ParseFile(token.NewFileSet(), name, nil, parser.SkipObjectResolution)
			require.NoError(t, err)
			out[filepath.Base(name)] = f
		}
	}
	require.NotEmpty(t, out)
	return out
}

// filled notes the fields on the way to what is written.
func filled(fills map[string]bool, x ast.Expr) {
	switch x := x.(type) {
	case *ast.Ident:
		fills[x.Name] = true
	case *ast.SelectorExpr:
		fills[x.Sel.Name] = true
		filled(fills, x.X)
	case *ast.IndexExpr:
		filled(fills, x.X)
	}
}
