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
	for _, f := range r.Findings {
		if f.Code == finding.InvalidOutput {
			t.Errorf("%s", f.Message())
		}
	}
	said := classes(r.Findings)
	for _, in := range s.Ingresses {
		if skipped(said[in.Object]) {
			continue
		}
		for k := range in.Annotations {
			if c := said[in.Object][k]; strings.HasPrefix(k, prefix) && len(c) != 1 {
				t.Errorf("%s: annotation %s ends in the classes %v, not in one", in.Object.Ref(), k, c)
			}
		}
		if dropped(r.Findings, in.Object) {
			continue
		}
		for _, part := range parts(in) {
			if c := said[in.Object][part]; len(c) != 1 {
				t.Errorf("%s: %s ends in the classes %v, not in one", in.Object.Ref(), part, c)
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

const prefix = "nginx.ingress.kubernetes.io/"

// fields are the classes that findings give to the fields of an object, none for what is only spoken of.
type fields map[string][]finding.Class

func classes(fs []finding.Finding) map[*finding.Object]fields {
	said := map[*finding.Object]fields{}
	for _, f := range fs {
		if said[f.Origin.Object] == nil {
			said[f.Origin.Object] = fields{}
		}
		of := said[f.Origin.Object]
		part := f.Part()
		cs := of[part]
		if f.Class != "" && !slices.Contains(cs, f.Class) {
			cs = append(cs, f.Class)
		}
		of[part] = cs
	}
	return said
}

// parts are the rules and TLS blocks of an Ingress.
func parts(in *snapshot.Ingress) []string {
	var out []string
	for i := range in.Spec.Rules {
		out = append(out, fmt.Sprintf("spec.rules[%d]", i))
	}
	for i := range in.Spec.TLS {
		out = append(out, fmt.Sprintf("spec.tls[%d]", i))
	}
	if in.Spec.DefaultBackend != nil {
		out = append(out, "spec.defaultBackend")
	}
	return out
}

// dropped tells whether the controller drops an Ingress, of whose parts nothing is said then.
func dropped(fs []finding.Finding, o *finding.Object) bool {
	return slices.ContainsFunc(fs, func(f finding.Finding) bool {
		return f.Origin.Object == o && (f.Code == finding.IngressDropped || f.Code == finding.ValueDropsAll || f.Code == finding.CatchAllDisabled)
	})
}

// skipped tells whether an Ingress belongs to another controller.
func skipped(of fields) bool {
	_, class := of["spec.ingressClassName"]
	_, old := of["kubernetes.io/ingress.class"]
	return class || old
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
