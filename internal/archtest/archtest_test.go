// Package archtest keeps the layout: who may import whom, and how large files get.
package archtest

import (
	"bufio"
	"bytes"
	"encoding/json"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

const (
	module = "github.com/ingress2gw/ingress2gw/"
	root   = "../.."
)

// rule forbids imports: packages below from may import nothing below forbidden, except what is below allowed.
type rule struct {
	name      string
	from      string
	forbidden []string
	allowed   []string
}

var rules = []rule{
	{"findings are a leaf", "reports/finding", []string{module}, nil},
	{"the model knows findings only", "translate/model", []string{module}, []string{"reports/finding"}},
	{"the snapshot knows findings only", "translate/snapshot", []string{module}, []string{"reports/finding"}},
	{"annotations know no target, no files and no cluster", "annotations",
		[]string{module, "istio.io/", "sigs.k8s.io/gateway-api", "github.com/envoyproxy", "k8s.io/client-go", "os", "net/http", "log", "log/slog"},
		[]string{"annotations", "translate/model", "translate/snapshot", "reports/finding"}},
	{"targets know no source", "translate/emit", []string{module + "annotations", module + "internal", module + "reports/", "k8s.io/api/networking", "k8s.io/client-go", "os", "net/http"},
		[]string{"reports/finding"}},
	{"translating has no side effects", "translate", []string{"os", "net/http", "log", "log/slog", "k8s.io/client-go", module + "internal", module + "operator"},
		nil},
	{"reports know no target", "reports", []string{module + "annotations", module + "translate/emit", module + "internal"}, nil},
	{"only the command line imports the command line", "translate", []string{module + "internal/cli"}, nil},
	{"the operator writes no reports", "operator", []string{module + "reports/html", module + "internal/cli"}, nil},
}

// exempt are packages that a rule does not hold for, with the reason.
var exempt = map[string]string{
	"translate/validate/full":     "carries the API server's validation code",
	"translate/validate/crds/gen": "a generator, not part of the program",
}

type pkg struct {
	ImportPath string
	Imports    []string
}

func packages(t *testing.T) []pkg {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), "go", "list", "-json=ImportPath,Imports", "./...")
	cmd.Dir = root
	out, err := cmd.Output()
	require.NoError(t, err)
	var ps []pkg
	for d := json.NewDecoder(bytes.NewReader(out)); d.More(); {
		var p pkg
		require.NoError(t, d.Decode(&p))
		ps = append(ps, p)
	}
	require.NotEmpty(t, ps)
	return ps
}

func TestImports(t *testing.T) {
	ps := packages(t)
	for _, r := range rules {
		t.Run(r.name, func(t *testing.T) {
			for _, p := range ps {
				short := strings.TrimPrefix(p.ImportPath, module)
				if !below(short, r.from) || exempt[short] != "" {
					continue
				}
				for _, i := range p.Imports {
					if forbidden(i, r) {
						t.Errorf("%s imports %s", short, i)
					}
				}
			}
		})
	}
}

func forbidden(path string, r rule) bool {
	for _, a := range r.allowed {
		if below(strings.TrimPrefix(path, module), a) {
			return false
		}
	}
	for _, f := range r.forbidden {
		if path == strings.TrimSuffix(f, "/") || strings.HasPrefix(path, strings.TrimSuffix(f, "/")+"/") {
			return true
		}
	}
	return false
}

func below(path, parent string) bool { return path == parent || strings.HasPrefix(path, parent+"/") }

func TestFilesStaySmall(t *testing.T) {
	const code, test = 600, 800
	walk(t, func(path string, lines int) {
		most := code
		if strings.HasSuffix(path, "_test.go") {
			most = test
		}
		if lines > most {
			t.Errorf("%s has %d lines, more than %d: look for a seam", path, lines, most)
		}
	})
}

func TestPackagesAreNamedAfterSomething(t *testing.T) {
	walk(t, func(path string, _ int) {
		switch d := filepath.Base(filepath.Dir(path)); d {
		case "util", "utils", "common", "helper", "helpers", "base", "misc", "manager":
			t.Errorf("%s: package %s is named after nothing", path, d)
		}
	})
}

func TestNothingRegistersItself(t *testing.T) {
	walk(t, func(path string, _ int) {
		b, err := os.ReadFile(filepath.Join(root, path))
		require.NoError(t, err)
		if bytes.Contains(b, []byte("\nfunc init()")) {
			t.Errorf("%s has an init function: lists are explicit here", path)
		}
	})
}

// walk visits the project's own Go files.
func walk(t *testing.T, visit func(path string, lines int)) {
	t.Helper()
	err := filepath.WalkDir(root, func(p string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		rel, err := filepath.Rel(root, p)
		if err != nil {
			return err
		}
		if d.IsDir() {
			if n := d.Name(); rel == "build" || rel == "bin" || (strings.HasPrefix(n, ".") && n != "." && n != "..") {
				return filepath.SkipDir
			}
			return nil
		}
		if !strings.HasSuffix(p, ".go") || strings.Contains(d.Name(), "zz_generated") {
			return nil
		}
		f, err := os.Open(p)
		if err != nil {
			return err
		}
		defer f.Close()
		n := 0
		s := bufio.NewScanner(f)
		s.Buffer(nil, 1<<20)
		for s.Scan() {
			n++
		}
		visit(rel, n)
		return s.Err()
	})
	require.NoError(t, err)
}
