package state

import (
	"testing"
	"testing/fstest"

	"github.com/google/go-cmp/cmp"
	"github.com/stretchr/testify/require"
	sigsyaml "sigs.k8s.io/yaml"
)

func read(t *testing.T, text string) map[string]any {
	t.Helper()
	var m map[string]any
	require.NoError(t, sigsyaml.Unmarshal([]byte(text), &m))
	return m
}

// What a real API server does in the same cases is in the tests with the build tag envtest.
func TestPredict(t *testing.T) {
	const (
		mine   = "{manager: ingress2gw, fieldsV1: {'f:spec': {'f:a': {}, 'f:m': {'f:x': {}}, 'f:l': {}}}}"
		theirs = "{manager: other, fieldsV1: {'f:spec': {'f:a': {}, 'f:m': {'f:y': {}}}}}"
	)
	for name, c := range map[string]struct{ managed, live, stated, want string }{
		"what is stated replaces what is there":       {mine, "{a: 1, l: [1]}", "{a: 2, l: [2, 3]}", "{a: 2, l: [2, 3]}"},
		"what nobody states stays":                    {mine, "{a: 1, other: 1}", "{a: 1}", "{a: 1, other: 1}"},
		"what we managed and do not state goes":       {mine, "{a: 1, l: [1], m: {x: 1}}", "{l: [1]}", "{l: [1]}"},
		"what others manage, too, stays":              {mine + ", " + theirs, "{a: 1, l: [1]}", "{}", "{a: 1}"},
		"of a mapping only our part goes":             {mine + ", " + theirs, "{m: {x: 1, y: 2}}", "{}", "{m: {y: 2}}"},
		"a mapping is merged":                         {mine + ", " + theirs, "{m: {x: 1, y: 2}}", "{m: {z: 3}}", "{m: {y: 2, z: 3}}"},
		"a mapping in the place of a value is stated": {mine, "{a: 1}", "{a: {b: 1}}", "{a: {b: 1}}"},
	} {
		t.Run(name, func(t *testing.T) {
			live := read(t, "{metadata: {managedFields: ["+c.managed+"]}, spec: "+c.live+"}")
			got := predict(live, read(t, "spec: "+c.stated), "ingress2gw")
			want := read(t, "spec: "+c.want)["spec"]
			if s, _ := got["spec"].(map[string]any); len(s) == 0 && len(want.(map[string]any)) == 0 {
				return
			}
			if d := cmp.Diff(want, got["spec"]); d != "" {
				t.Error(d)
			}
		})
	}
}

func TestReadFolder(t *testing.T) {
	object := func(name string) string { return "apiVersion: v1\nkind: Service\nmetadata: {name: " + name + "}\n" }
	f, err := ReadFolder(fstest.MapFS{
		"b/c.yml":                  {Data: []byte(object("second") + "---\n" + object("third"))},
		"a.yaml":                   {Data: []byte(object("first") + "---\n# nothing\n---\nkind: Values\n")},
		"b/list.json":              {Data: []byte(`{"kind": "ServiceList", "items": [{"apiVersion": "v1", "kind": "Service", "metadata": {"name": "fourth"}}, 7]}`)},
		"notes.txt":                {Data: []byte("{")},
		".hidden/a.yaml":           {Data: []byte("{")},
		"bad.yaml":                 {Data: []byte("a: [")},
		"template.yaml":            {Data: []byte("{{ if .Values.x }}\n")},
		"platform/meshconfig.yaml": {Data: []byte("pathNormalization: {normalization: NONE}\n")},
	}, "platform/meshconfig.yaml")
	require.NoError(t, err)
	var names []any
	for _, o := range f.Objects {
		names = append(names, o["metadata"].(map[string]any)["name"])
	}
	if d := cmp.Diff([]any{"first", "second", "third", "fourth"}, names); d != "" {
		t.Error(d)
	}
	if f.Unreadable != 2 || len(f.Notices) != 2 || f.Mesh["pathNormalization"] == nil {
		t.Errorf("%d unreadable, notices %q, mesh %v", f.Unreadable, f.Notices, f.Mesh)
	}
}
