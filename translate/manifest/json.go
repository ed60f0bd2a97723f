package manifest

import (
	"bytes"
	"fmt"
	"io"
	"strings"

	"sigs.k8s.io/yaml/kyaml"
)

// WriteJSON writes objects as one List, as kubectl does.
func WriteJSON(w io.Writer, objects ...*Object) error {
	j := jsonWriter{}
	j.buf = append(j.buf, "{\n    \"apiVersion\": \"v1\",\n    \"items\": ["...)
	for i, o := range objects {
		if i > 0 {
			j.buf = append(j.buf, ',')
		}
		tree, err := o.Build()
		if err != nil {
			return err
		}
		j.line(2)
		j.value(tree, 2)
		if j.err != nil {
			return fmt.Errorf("writing %s: %w", o.ID(), j.err)
		}
		if _, err := w.Write(j.buf); err != nil {
			return err
		}
		j.buf = j.buf[:0]
	}
	if len(objects) > 0 {
		j.line(1)
	}
	j.buf = append(j.buf, "],\n    \"kind\": \"List\",\n    \"metadata\": {\n        \"resourceVersion\": \"\"\n    }\n}\n"...)
	_, err := w.Write(j.buf)
	return err
}

// JSON gives any tree as one line of JSON, keys in the tree's order.
func JSON(tree any) ([]byte, error) {
	plain, err := Plain(tree)
	if err != nil {
		return nil, err
	}
	j := jsonWriter{compact: true}
	j.value(plain, 0)
	return j.buf, j.err
}

// WriteKYAML writes objects in the dialect of kubectl's -o kyaml: explicit braces and quotes, still YAML.
func WriteKYAML(w io.Writer, objects ...*Object) error {
	enc := kyaml.Encoder{}
	for _, o := range objects {
		tree, err := o.Build()
		if err != nil {
			return err
		}
		j := jsonWriter{compact: true}
		j.value(tree, 0)
		if j.err != nil {
			return fmt.Errorf("writing %s: %w", o.ID(), j.err)
		}
		if err := enc.FromYAML(bytes.NewReader(j.buf), w); err != nil {
			return fmt.Errorf("writing %s: %w", o.ID(), err)
		}
	}
	return nil
}

// WriteNames writes a line "kind.group/name" for each object, as kubectl's -o name does.
func WriteNames(w io.Writer, objects ...*Object) error {
	for _, o := range objects {
		if _, err := fmt.Fprintln(w, o.ResourceName()); err != nil {
			return err
		}
	}
	return nil
}

// ResourceName is "kind.group/name" in lower case, without a group for core kinds.
func (o *Object) ResourceName() string {
	kind := strings.ToLower(o.Kind)
	if group, _, ok := strings.Cut(o.APIVersion, "/"); ok {
		kind += "." + group
	}
	return kind + "/" + o.Name
}

// jsonWriter appends JSON, indented by four spaces or on one line.
type jsonWriter struct {
	buf     []byte
	compact bool
	err     error
}

func (j *jsonWriter) line(depth int) {
	if j.compact {
		return
	}
	j.buf = append(j.buf, '\n')
	for range depth {
		j.buf = append(j.buf, "    "...)
	}
}

func (j *jsonWriter) value(v any, depth int) {
	switch v := v.(type) {
	case string:
		j.buf = appendQuoted(j.buf, v, true)
	case Map:
		j.buf = append(j.buf, '{')
		for i := range v {
			if i > 0 {
				j.buf = append(j.buf, ',')
			}
			j.line(depth + 1)
			j.buf = append(appendQuoted(j.buf, v[i].Key, true), ':')
			if !j.compact {
				j.buf = append(j.buf, ' ')
			}
			j.value(v[i].Value, depth+1)
		}
		if len(v) > 0 {
			j.line(depth)
		}
		j.buf = append(j.buf, '}')
	case []any:
		j.buf = append(j.buf, '[')
		for i := range v {
			if i > 0 {
				j.buf = append(j.buf, ',')
			}
			j.line(depth + 1)
			j.value(v[i], depth+1)
		}
		if len(v) > 0 {
			j.line(depth)
		}
		j.buf = append(j.buf, ']')
	default:
		j.buf, j.err = appendScalar(j.buf, v, j.err)
	}
}
