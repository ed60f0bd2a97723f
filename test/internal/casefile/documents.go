package casefile

import (
	"fmt"
	"regexp"
	"strings"

	"sigs.k8s.io/yaml"
)

// Object is a Kubernetes object as plain data.
type Object map[string]any

// At walks down maps by key; nil when there is nothing.
func (o Object) At(path ...string) any {
	var v any = map[string]any(o)
	for _, p := range path {
		m, ok := v.(map[string]any)
		if !ok {
			return nil
		}
		v = m[p]
	}
	return v
}

// Text is At for a string; "" when there is none.
func (o Object) Text(path ...string) string {
	s, _ := o.At(path...).(string)
	return s
}

// Items is At for a list of maps.
func (o Object) Items(path ...string) []Object {
	l, _ := o.At(path...).([]any)
	var out []Object
	for _, x := range l {
		if m, ok := x.(map[string]any); ok {
			out = append(out, m)
		}
	}
	return out
}

// Kind of the object.
func (o Object) Kind() string { return o.Text("kind") }

// Namespace of the object, "default" when it names none.
func (o Object) Namespace() string {
	if ns := o.Text("metadata", "namespace"); ns != "" {
		return ns
	}
	return "default"
}

// Name of the object.
func (o Object) Name() string { return o.Text("metadata", "name") }

// String is "Kind namespace/name".
func (o Object) String() string { return o.Kind() + " " + o.Namespace() + "/" + o.Name() }

var separator = regexp.MustCompile(`(?m)^---[ \t]*$`)

// Documents splits a stream of YAML documents into objects; empty documents are left out.
func Documents(stream string) ([]Object, error) {
	var out []Object
	for i, text := range separator.Split(stream, -1) {
		var m map[string]any
		if err := yaml.Unmarshal([]byte(text), &m); err != nil {
			return nil, fmt.Errorf("document %d: %w", i+1, err)
		}
		if m["kind"] != nil {
			out = append(out, m)
		}
	}
	return out, nil
}

// Stream writes objects as YAML documents.
func Stream(docs []Object) (string, error) {
	var b strings.Builder
	for _, d := range docs {
		text, err := yaml.Marshal(map[string]any(d))
		if err != nil {
			return "", err
		}
		b.WriteString("---\n")
		b.Write(text)
	}
	return b.String(), nil
}
