package golden

import (
	"bytes"
	"flag"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/stretchr/testify/require"

	"github.com/ingress2gw/ingress2gw/annotations/nginx"
	"github.com/ingress2gw/ingress2gw/translate"
	"github.com/ingress2gw/ingress2gw/translate/manifest"
	"github.com/ingress2gw/ingress2gw/translate/validate/full"
)

const root = "../../testdata"

var update = flag.Bool("update", false, "rewrite the expected outputs")

var files = []string{"platform.yaml", "teams.yaml", "meshconfig.yaml", "findings.yaml"}

func cases(t *testing.T) []Case {
	t.Helper()
	cs, err := Find(root)
	require.NoError(t, err)
	require.NotEmpty(t, cs)
	return cs
}

func TestCases(t *testing.T) {
	oracle, err := full.New()
	require.NoError(t, err)
	for _, c := range cases(t) {
		t.Run(c.Name, func(t *testing.T) {
			r, err := c.Run(0)
			require.NoError(t, err)
			got, err := Files(r)
			require.NoError(t, err)
			for _, name := range files {
				compare(t, filepath.Join(c.Dir, name), got[name])
			}
			if n := r.Counts; n.In != n.Converted+n.Skipped+n.Failed {
				t.Errorf("counts do not add up: %+v", n)
			}
			problems, err := oracle.Check(r.Objects)
			require.NoError(t, err)
			for _, p := range problems {
				t.Errorf("an API server would refuse %s", p)
			}
			sameWhateverTheOrder(t, c, r)
		})
	}
}

// compare holds a file against what came out, or rewrites it.
func compare(t *testing.T, path, got string) {
	t.Helper()
	if *update {
		if got == "" {
			require.NoError(t, os.RemoveAll(path))
			return
		}
		require.NoError(t, os.WriteFile(path, []byte(got), 0o644))
		return
	}
	want, err := os.ReadFile(path)
	if err != nil && !os.IsNotExist(err) {
		t.Fatal(err)
	}
	if d := cmp.Diff(string(want), got); d != "" {
		t.Errorf("%s differs (-want +got), run make golden and read the difference:\n%s", path, d)
	}
}

// sameWhateverTheOrder reads the documents in ten other orders.
func sameWhateverTheOrder(t *testing.T, c Case, first *translate.Result) {
	t.Helper()
	want := yamlOf(t, first)
	for seed := range uint64(10) {
		r, err := c.Run(seed + 1)
		require.NoError(t, err)
		if d := cmp.Diff(want, yamlOf(t, r)); d != "" {
			t.Fatalf("another order of the input gives another output:\n%s", d)
		}
	}
}

func yamlOf(t *testing.T, r *translate.Result) string {
	t.Helper()
	var b bytes.Buffer
	require.NoError(t, manifest.WriteYAML(&b, r.Objects...))
	return b.String()
}

func TestEveryFeatureHasACase(t *testing.T) {
	have := map[string]bool{}
	for _, c := range cases(t) {
		have[filepath.Dir(c.Name)] = true
	}
	var missing []string
	for _, f := range nginx.Features() {
		if len(f.Keys) > 0 && f.Name != "historical" && !have["nginx/"+f.Name] {
			missing = append(missing, f.Name)
		}
	}
	slices.Sort(missing)
	if len(missing) > 0 {
		t.Errorf("features without a golden case: %v", missing)
	}
}

func TestNoFileIsStale(t *testing.T) {
	for _, c := range cases(t) {
		es, err := os.ReadDir(c.Dir)
		require.NoError(t, err)
		for _, e := range es {
			if n := e.Name(); n != "in.yaml" && n != "options.yaml" && !slices.Contains(files, n) {
				t.Errorf("%s/%s belongs to no case", c.Dir, n)
			}
		}
	}
}
