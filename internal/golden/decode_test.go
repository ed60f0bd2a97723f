package golden

import (
	"bytes"
	"errors"
	"io"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"
	"k8s.io/apimachinery/pkg/util/yaml"

	"github.com/ingress2gw/ingress2gw/translate/manifest"
	"github.com/ingress2gw/ingress2gw/translate/validate"
)

// TestWhatIsWrittenDecodes reads the expected outputs as an API server and a proxy will, not as they are in memory: every value
// of every EnvoyFilter decodes strictly into the Envoy type that it claims to be, every other object into its own.
func TestWhatIsWrittenDecodes(t *testing.T) {
	patches := 0
	for _, c := range cases(t) {
		var objects []*manifest.Object
		for _, name := range []string{"platform.yaml", "teams.yaml"} {
			objects = append(objects, readObjects(t, filepath.Join(c.Dir, name))...)
		}
		for _, o := range objects {
			if o.Kind == "EnvoyFilter" {
				patches += len(field(o.Spec, "configPatches").([]any))
			}
		}
		for _, p := range validate.Fast(objects) {
			t.Errorf("%s: %s", c.Name, p)
		}
	}
	if patches < 100 {
		t.Errorf("only %d patches were decoded", patches)
	}
}

func TestAMisspelledFieldDoesNotDecode(t *testing.T) {
	for _, text := range []string{
		"typed_per_filter_config: {i2g.length: {'@type': type.googleapis.com/envoy.extensions.filters.http.fault.v3.HTTPFault, abortt: {}}}",
		"typed_per_filter_config: {i2g.length: {'@type': type.googleapis.com/envoy.extensions.filters.http.fault.v3.HTTPFaults}}",
		"routte: {}",
	} {
		path := filepath.Join(t.TempDir(), "x.yaml")
		require.NoError(t, os.WriteFile(path, []byte(`{apiVersion: networking.istio.io/v1alpha3, kind: EnvoyFilter, metadata: {name: x, namespace: istio-system}, spec: {configPatches: [{applyTo: HTTP_ROUTE,
  match: {context: GATEWAY, routeConfiguration: {vhost: {route: {name: a}}}}, patch: {operation: MERGE, value: {`+text+"}}}]}}\n"), 0o600))
		if len(validate.Fast(readObjects(t, path))) == 0 {
			t.Errorf("decodes: %s", text)
		}
	}
}

func readObjects(t *testing.T, path string) []*manifest.Object {
	t.Helper()
	data, err := os.ReadFile(path)
	if os.IsNotExist(err) {
		return nil
	}
	require.NoError(t, err)
	var out []*manifest.Object
	for d := yaml.NewYAMLOrJSONDecoder(bytes.NewReader(data), 1<<16); ; {
		var m map[string]any
		if err := d.Decode(&m); errors.Is(err, io.EOF) {
			return out
		} else if err != nil {
			require.NoError(t, err)
		}
		out = append(out, objectOf(m))
	}
}

func objectOf(m map[string]any) *manifest.Object {
	meta := tree(m["metadata"])
	o := &manifest.Object{APIVersion: text(m["apiVersion"]), Kind: text(m["kind"]), Name: text(field(meta, "name")), Namespace: text(field(meta, "namespace"))}
	for _, k := range slices.Sorted(maps.Keys(m)) {
		switch k {
		case "apiVersion", "kind", "metadata":
		case "spec":
			o.Spec = tree(m[k])
		default:
			o.Fields = append(o.Fields, manifest.Field{Key: k, Value: tree(m[k])})
		}
	}
	return o
}

func text(v any) string {
	s, _ := v.(string)
	return s
}

func field(v any, key string) any {
	m, _ := v.(manifest.Map)
	for _, f := range m {
		if f.Key == key {
			return f.Value
		}
	}
	return nil
}

// tree turns what a YAML reader gives into the form of manifest.
func tree(v any) any {
	switch v := v.(type) {
	case map[string]any:
		m := make(manifest.Map, 0, len(v))
		for _, k := range slices.Sorted(maps.Keys(v)) {
			m = append(m, manifest.Field{Key: k, Value: tree(v[k])})
		}
		return m
	case []any:
		out := make([]any, len(v))
		for i := range v {
			out[i] = tree(v[i])
		}
		return out
	}
	return v
}
