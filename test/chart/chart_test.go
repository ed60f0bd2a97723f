package chart

import (
	"flag"
	"maps"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"sigs.k8s.io/kustomize/api/krusty"
	"sigs.k8s.io/kustomize/kyaml/filesys"
	"sigs.k8s.io/yaml"
)

var update = flag.Bool("update", false, "rewrite what comes out of the chart")

// Each folder of testdata/chart has values, and the objects that come out.
const variants = root + "/testdata/chart"

func TestVariants(t *testing.T) {
	folders, err := filepath.Glob(variants + "/*/values.yaml")
	if err != nil || len(folders) == 0 {
		t.Fatal("no variants", err)
	}
	for _, f := range folders {
		t.Run(filepath.Base(filepath.Dir(f)), func(t *testing.T) {
			values, err := readValues(f)
			if err != nil {
				t.Fatal(err)
			}
			got, notes, err := Render(values)
			if err != nil {
				t.Fatal(err)
			}
			if !strings.Contains(notes, "kubectl get ingresstranslations") {
				t.Errorf("the notes are %q", notes)
			}
			for d := range strings.SplitSeq(got, "---\n") {
				var o struct {
					APIVersion, Kind string
					Metadata         struct{ Name string }
				}
				if err := yaml.Unmarshal([]byte(d), &o); err != nil || o.APIVersion == "" || o.Kind == "" || o.Metadata.Name == "" {
					t.Errorf("no object (%v):\n%s", err, d)
				}
			}
			compare(t, filepath.Join(filepath.Dir(f), "rendered.yaml"), got)
		})
	}
}

// The objects of deploy/kustomize are those of the chart.
func TestKustomizations(t *testing.T) {
	const generated = "# Written by `make golden` from the Helm chart. Changes are lost.\n"
	for name, k := range map[string]struct {
		values map[string]any
		onto   map[string]any // nil for none
	}{
		"base":    {values: map[string]any{"watchSecrets": false}},
		"preview": {values: map[string]any{}, onto: map[string]any{"watchSecrets": false}},
		"default": {values: map[string]any{"mode": "apply"}, onto: map[string]any{"watchSecrets": false}},
		"guarded": {values: map[string]any{"mode": "apply", "guard": map[string]any{"enabled": true}}, onto: map[string]any{"mode": "apply"}},
	} {
		t.Run(name, func(t *testing.T) {
			got, _, err := Render(k.values)
			if err != nil {
				t.Fatal(err)
			}
			got = forKustomize(got)
			files := map[string]string{"objects.yaml": got, "patches.yaml": ""}
			if k.onto != nil {
				base, _, err := Render(k.onto)
				if err != nil {
					t.Fatal(err)
				}
				if files["objects.yaml"], files["patches.yaml"], err = overlay(forKustomize(base), got); err != nil {
					t.Fatal(err)
				}
			}
			for file, want := range files {
				if want != "" {
					compare(t, filepath.Join(root, "deploy/kustomize", name, file), generated+want)
				}
			}
			if diff := cmp.Diff(trees(t, got), built(t, name)); diff != "" {
				t.Errorf("what kustomize builds (-chart +kustomization):\n%s", diff)
			}
		})
	}
}

// built are the objects that kustomize makes of a folder, without those that the chart does not have or has elsewhere.
func built(t *testing.T, name string) map[string]any {
	t.Helper()
	all, err := krusty.MakeKustomizer(krusty.MakeDefaultOptions()).Run(filesys.MakeFsOnDisk(), filepath.Join(root, "deploy/kustomize", name))
	if err != nil {
		t.Fatal(err)
	}
	out := map[string]any{}
	for _, r := range all.Resources() {
		if r.GetKind() == "Namespace" || r.GetKind() == "CustomResourceDefinition" {
			continue
		}
		text, err := r.AsYAML()
		if err != nil {
			t.Fatal(err)
		}
		maps.Copy(out, trees(t, string(text)))
	}
	return out
}

func trees(t *testing.T, objects string) map[string]any {
	t.Helper()
	out := map[string]any{}
	for _, d := range documents(objects) {
		id, err := identity(d)
		if err != nil {
			t.Fatal(err)
		}
		var tree any
		if err := yaml.Unmarshal([]byte(d), &tree); err != nil {
			t.Fatal(err)
		}
		out[id] = tree
	}
	return out
}

func compare(t *testing.T, path, got string) {
	t.Helper()
	if *update {
		if err := os.WriteFile(path, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), got); diff != "" {
		t.Errorf("%s differs, run make golden and read the difference (-want +got):\n%s", path, diff)
	}
}

func TestTheSchemaRefuses(t *testing.T) {
	for name, v := range map[string]struct{ values, want string }{
		"a misspelt value": {"{mod: apply}", "mod"},
		"an unknown mode":  {"{mode: sync}", "mode"},
		"two replicas that do not know of each other": {"{leaderElection: false}", "replicas"},
		"copies of Secrets that are not watched":      {"{watchSecrets: false, certificates: {copy: true}}", "watchSecrets"},
		"a group that all teams share":                {"{guard: {teamGroup: developers}}", "teamGroup"},
		"a wildcard that is not written with _":       {"{guard: {hosts: {'*.a.test': shop}}}", "propertyName"},
		"a digest that is none":                       {"{image: {digest: latest}}", "digest"},
		"no image":                                    {"{image: {repository: ''}}", "repository"},
		"an issuer without a name":                    {"{metrics: {certManager: {enabled: true}}}", "issuerRef"},
		"a namespace that is none":                    {"{gateway: {namespace: Istio}}", "namespace"},
		"an argument that is no flag":                 {"{extraArgs: [mode=apply]}", "extraArgs"},
		"a Migration whose gateway has no rights":     {"{mode: apply, migration: {create: true, spec: {gateway: {namespace: edge}}}}", "gateway.otherNamespaces"},
		"a Migration whose shadow has no rights":      {"{mode: apply, migration: {create: true, spec: {shadow: {namespace: shade}}}}", "namespace shade"},
		"a port that is none":                         {"{metrics: {port: 0}}", "port"},
	} {
		t.Run(name, func(t *testing.T) {
			var values map[string]any
			if err := yaml.Unmarshal([]byte(v.values), &values); err != nil {
				t.Fatal(err)
			}
			if _, _, err := Render(values); err == nil || !strings.Contains(err.Error(), v.want) {
				t.Errorf("%v, want something about %s", err, v.want)
			}
		})
	}
}

func TestEveryValueStandsInTheSchema(t *testing.T) {
	values, err := readValues(folder + "/values.yaml")
	if err != nil {
		t.Fatal(err)
	}
	text, err := os.ReadFile(folder + "/values.schema.json")
	if err != nil {
		t.Fatal(err)
	}
	var schema map[string]any
	if err := yaml.Unmarshal(text, &schema); err != nil {
		t.Fatal(err)
	}
	both(t, "", values, schema)
}

// both holds keys of values against properties of a schema, in both directions.
func both(t *testing.T, path string, values, schema map[string]any) {
	properties, ok := schema["properties"].(map[string]any)
	if !ok {
		return // free form
	}
	for k, v := range values {
		s, ok := properties[k].(map[string]any)
		if !ok {
			t.Errorf("%s%s is not in the schema", path, k)
			continue
		}
		if m, ok := v.(map[string]any); ok {
			both(t, path+k+".", m, s)
		}
	}
	for k := range properties {
		if _, ok := values[k]; !ok && k != "global" && path != "metrics.certManager.issuerRef." {
			t.Errorf("%s%s is not in values.yaml", path, k)
		}
	}
}
