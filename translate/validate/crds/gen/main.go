// Command gen writes the embedded schemas from the modules that publish them.
package main

import (
	"bytes"
	"compress/gzip"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"

	apiextensionsv1 "k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/v1"
	"sigs.k8s.io/yaml"

	"github.com/ingress2gw/ingress2gw/translate/validate/crds"
)

// source is a module and where in it the definitions stand.
type source struct{ module, version, files, out string }

// The versions are those that the emitted objects are written for; istio.io/api is pinned by go.mod.
var sources = []source{
	{"istio.io/api", "v1.31.1", "kubernetes/customresourcedefinitions.gen.yaml", "istio.json.gz"},
	{"sigs.k8s.io/gateway-api", "v1.6.3", "config/crd/standard/*.yaml", "gatewayapi.json.gz"},
}

func main() {
	for _, s := range sources {
		if err := generate(s); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
	}
}

func generate(s source) error {
	dir, err := download(s.module + "@" + s.version)
	if err != nil {
		return err
	}
	paths, err := filepath.Glob(filepath.Join(dir, s.files))
	if err != nil || len(paths) == 0 {
		return fmt.Errorf("no definitions in %s: %w", dir, err)
	}
	slices.Sort(paths)
	file := crds.File{Source: s.module + " " + s.version}
	for _, p := range paths {
		text, err := os.ReadFile(p)
		if err != nil {
			return err
		}
		kinds, err := read(text)
		if err != nil {
			return fmt.Errorf("%s: %w", p, err)
		}
		file.Kinds = append(file.Kinds, kinds...)
	}
	return write(s.out, file)
}

// download gives the folder of a module without making it a dependency.
func download(module string) (string, error) {
	out, err := exec.Command("go", "mod", "download", "-json", module).Output()
	if err != nil {
		return "", fmt.Errorf("downloading %s: %w", module, err)
	}
	var info struct{ Dir string }
	err = json.Unmarshal(out, &info)
	return info.Dir, err
}

func read(text []byte) ([]crds.Kind, error) {
	var kinds []crds.Kind
	for doc := range strings.SplitSeq(string(text), "\n---") {
		var d apiextensionsv1.CustomResourceDefinition
		if err := yaml.Unmarshal([]byte(doc), &d); err != nil {
			return nil, err
		}
		if d.Kind != "CustomResourceDefinition" {
			continue
		}
		k := crds.Kind{Group: d.Spec.Group, Kind: d.Spec.Names.Kind, Namespaced: d.Spec.Scope == apiextensionsv1.NamespaceScoped}
		for _, v := range d.Spec.Versions {
			if !v.Served {
				continue
			}
			schema, err := plain(v.Schema.OpenAPIV3Schema)
			if err != nil {
				return nil, err
			}
			k.Versions = append(k.Versions, crds.Version{Name: v.Name, Schema: schema})
		}
		kinds = append(kinds, k)
	}
	return kinds, nil
}

// plain is a schema as JSON, without descriptions.
func plain(schema *apiextensionsv1.JSONSchemaProps) ([]byte, error) {
	text, err := json.Marshal(schema)
	if err != nil {
		return nil, err
	}
	var tree any
	if err := json.Unmarshal(text, &tree); err != nil {
		return nil, err
	}
	strip(tree)
	return json.Marshal(tree)
}

func strip(v any) {
	switch v := v.(type) {
	case map[string]any:
		// A property may itself be called description; then the value is a schema.
		if _, text := v["description"].(string); text {
			delete(v, "description")
		}
		for _, x := range v {
			strip(x)
		}
	case []any:
		for _, x := range v {
			strip(x)
		}
	}
}

func write(path string, file crds.File) error {
	var b bytes.Buffer
	z, err := gzip.NewWriterLevel(&b, gzip.BestCompression)
	if err != nil {
		return err
	}
	if err := json.NewEncoder(z).Encode(file); err != nil {
		return err
	}
	if err := z.Close(); err != nil {
		return err
	}
	return os.WriteFile(path, b.Bytes(), 0o644)
}
