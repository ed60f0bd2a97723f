// Package corpus converts a folder of other people's Ingresses (CORPUS=folder; testdata of this project without it): each file
// alone, and all together.
package corpus

import (
	"bytes"
	"cmp"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/ingress2gw/ingress2gw/internal/load"
	"github.com/ingress2gw/ingress2gw/reports/finding"
	"github.com/ingress2gw/ingress2gw/translate"
	"github.com/ingress2gw/ingress2gw/translate/manifest"
	"github.com/ingress2gw/ingress2gw/translate/snapshot"
	"github.com/ingress2gw/ingress2gw/translate/validate/full"
)

func folder() string { return cmp.Or(os.Getenv("CORPUS"), "../../testdata") }

func files(t *testing.T) []string {
	t.Helper()
	var out []string
	err := filepath.WalkDir(folder(), func(p string, d fs.DirEntry, err error) error {
		if err == nil && !d.IsDir() && slices.Contains([]string{".yaml", ".yml", ".json"}, filepath.Ext(p)) {
			out = append(out, p)
		}
		return err
	})
	require.NoError(t, err)
	require.NotEmpty(t, out)
	return out
}

// run translates files as every Ingress's own controller would be asked to: those without a class too.
func run(t *testing.T, paths ...string) (*snapshot.Snapshot, *translate.Result) {
	t.Helper()
	s := snapshot.New()
	for _, p := range paths {
		b, err := os.ReadFile(p)
		require.NoError(t, err)
		load.Bytes(p, b, s)
	}
	return s, translate.Translate(s, translate.Options{Source: translate.SourceOptions{WatchIngressWithoutClass: true}})
}

func check(t *testing.T, oracle *full.Validator, s *snapshot.Snapshot, r *translate.Result) {
	t.Helper()
	if c := r.Counts; c.In != c.Converted+c.Skipped+c.Failed {
		t.Errorf("counts do not add up: %+v", c)
	}
	said := map[*finding.Object]map[string]bool{}
	for _, f := range r.Findings {
		if f.Code == finding.InvalidOutput {
			t.Errorf("%s", f.Message())
		}
		if said[f.Origin.Object] == nil {
			said[f.Origin.Object] = map[string]bool{}
		}
		said[f.Origin.Object][f.Origin.Field] = true
	}
	for _, in := range s.Ingresses {
		if skipped(said[in.Object]) {
			continue
		}
		for k := range in.Annotations {
			if strings.HasPrefix(k, "nginx.ingress.kubernetes.io/") && !said[in.Object][k] {
				t.Errorf("%s: nothing is said of annotation %s", in.Object.Ref(), k)
			}
		}
	}
	problems, err := oracle.Check(r.Objects)
	require.NoError(t, err)
	for _, p := range problems {
		t.Errorf("an API server would refuse %s", p)
	}
	var b bytes.Buffer
	require.NoError(t, manifest.WriteYAML(&b, r.Objects...))
}

// skipped tells whether an Ingress belongs to another controller.
func skipped(fields map[string]bool) bool {
	return fields["spec.ingressClassName"] || fields["kubernetes.io/ingress.class"]
}

func TestEachFileAlone(t *testing.T) {
	oracle, err := full.New()
	require.NoError(t, err)
	converted := 0
	for _, p := range files(t) {
		t.Run(filepath.Base(p), func(t *testing.T) {
			s, r := run(t, p)
			check(t, oracle, s, r)
			converted += r.Counts.Converted
		})
	}
	fmt.Printf("%d Ingresses converted, each file alone\n", converted)
}

func TestAllFilesTogether(t *testing.T) {
	oracle, err := full.New()
	require.NoError(t, err)
	s, r := run(t, files(t)...)
	check(t, oracle, s, r)
	classes := map[finding.Class]int{}
	for _, f := range r.Findings {
		classes[f.Class]++
	}
	fmt.Printf("%+v, findings by class %v\n", r.Counts, classes)
}
