package golden

import (
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"sigs.k8s.io/yaml"

	"github.com/ingress2gw/ingress2gw/annotations/nginx"
	"github.com/ingress2gw/ingress2gw/reports/finding"
)

const conformance = "../../test/conformance"

// uncovered are keys that are translated and that no case of the conformance suite can tell apart, with the reason.
var uncovered = map[string]string{}

// covered are the annotations that cases of the conformance suite are about.
func covered(t *testing.T) map[string]bool {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(conformance, "cases", "*.yaml"))
	require.NoError(t, err)
	require.NotEmpty(t, files)
	out := map[string]bool{}
	for _, f := range files {
		b, err := os.ReadFile(f)
		require.NoError(t, err)
		var c struct{ Covers []string }
		require.NoError(t, yaml.Unmarshal(b, &c), f)
		for _, name := range c.Covers {
			if key, ok := strings.CutPrefix(name, nginx.DefaultPrefix); ok {
				out[key] = true
			}
		}
	}
	return out
}

func TestTranslatedKeysHaveAConformanceCase(t *testing.T) {
	have := covered(t)
	for _, f := range nginx.Features() {
		for _, k := range f.Keys {
			translated := k.Since == "" && (k.Class == finding.Exact || k.Class == finding.Approximate)
			switch reason := uncovered[k.Name]; {
			case reason != "" && (have[k.Name] || !translated):
				t.Errorf("%s is listed without a need", k.Name)
			case translated && !have[k.Name] && reason == "":
				t.Errorf("%s (%s) is translated, and no case in %s is about it", k.Name, k.Class, conformance)
			}
		}
	}
	declared := map[string]bool{}
	for _, f := range nginx.Features() {
		for _, k := range f.Keys {
			declared[k.Name] = true
		}
	}
	for _, name := range slices.Sorted(maps.Keys(uncovered)) {
		if !declared[name] {
			t.Errorf("%s is listed and is no annotation", name)
		}
	}
}

func TestEveryKeyStandsInAGoldenCase(t *testing.T) {
	seen := map[string]bool{}
	name := regexp.MustCompile(regexp.QuoteMeta(nginx.DefaultPrefix) + `([a-zA-Z0-9-]+)["']?:`)
	for _, c := range cases(t) {
		b, err := os.ReadFile(filepath.Join(c.Dir, "in.yaml"))
		require.NoError(t, err)
		for _, m := range name.FindAllStringSubmatch(string(b), -1) {
			seen[m[1]] = true
		}
	}
	for _, f := range nginx.Features() {
		for _, k := range f.Keys {
			if !seen[k.Name] {
				t.Errorf("%s of feature %s stands in no in.yaml", k.Name, f.Name)
			}
		}
	}
}
