package manifest

import (
	"encoding/base64"
	"errors"
	"fmt"
	"reflect"
	"slices"
	"strings"

	"google.golang.org/protobuf/proto"
)

// Get returns the value of a key, and whether the mapping has it.
func (m Map) Get(key string) (any, bool) {
	for i := range m {
		if m[i].Key == key {
			return m[i].Value, true
		}
	}
	return nil, false
}

// Set replaces the value of a key, or appends the key.
func (m Map) Set(key string, value any) Map {
	for i := range m {
		if m[i].Key == key {
			m[i].Value = value
			return m
		}
	}
	return append(m, Field{key, value})
}

// Tree is the object as a tree of Map, []any, string, bool, int64, uint64, float64 and nil. What cannot be resolved (see
// Build) is in the tree as it stands.
func (o *Object) Tree() Map {
	m, _ := o.Build()
	return m
}

// Build is Tree with what is wrong: a message packed in an Any whose type is not linked into this program, or a Go type that
// has no place in a manifest. Both are bugs of ours.
func (o *Object) Build() (Map, error) {
	b := builder{}
	m := b.object(o)
	if len(b.errs) > 0 {
		return m, fmt.Errorf("writing %s: %w", o.ID(), errors.Join(b.errs...))
	}
	return m, nil
}

func (o *Object) metadata() Map {
	m := make(Map, 0, 4)
	m = append(m, Field{"name", o.Name})
	if o.Namespace != "" {
		m = append(m, Field{"namespace", o.Namespace})
	}
	if len(o.Labels) > 0 {
		m = append(m, Field{"labels", sortedMap(o.Labels)})
	}
	if len(o.Annotations) > 0 {
		m = append(m, Field{"annotations", sortedMap(o.Annotations)})
	}
	return m
}

func sortedMap(in map[string]string) Map {
	m := make(Map, 0, len(in))
	for k, v := range in {
		m = append(m, Field{k, v})
	}
	sortByKey(m)
	return m
}

func sortByKey(m Map) {
	slices.SortFunc(m, func(a, b Field) int { return strings.Compare(a.Key, b.Key) })
}

// Plain turns a value that may hold messages, typed slices and Go maps into a tree of Map, []any, string, bool, int64,
// uint64, float64 and nil.
func Plain(v any) (any, error) {
	b := builder{}
	t := b.value(v)
	return t, errors.Join(b.errs...)
}

// builder collects what is wrong instead of stopping at it.
type builder struct {
	errs []error
	lazy bool // messages are left to the writer
}

func (b *builder) object(o *Object) Map {
	m := make(Map, 0, 4+len(o.Fields))
	m = append(m, Field{"apiVersion", o.APIVersion}, Field{"kind", o.Kind}, Field{"metadata", o.metadata()})
	if o.Spec != nil {
		m = append(m, Field{"spec", b.value(o.Spec)})
	}
	for _, f := range o.Fields {
		m = append(m, Field{f.Key, b.value(f.Value)})
	}
	return m
}

func (b *builder) value(v any) any {
	switch v := v.(type) {
	case nil:
		return nil
	case string, bool, int64, uint64, float64:
		return v
	case int:
		return int64(v)
	case int32:
		return int64(v)
	case uint32:
		return uint64(v)
	case Map:
		return b.fields(v)
	case []any:
		out := make([]any, len(v))
		for i := range v {
			out[i] = b.value(v[i])
		}
		return out
	case []string:
		out := make([]any, len(v))
		for i := range v {
			out[i] = v[i]
		}
		return out
	case map[string]string:
		return sortedMap(v)
	case []byte:
		return base64.StdEncoding.EncodeToString(v)
	case Packed:
		if b.lazy && v.of.Descriptor().FullName().Parent() != "google.protobuf" {
			return v
		}
		return b.message(v.Message())
	case proto.Message:
		return b.message(v)
	}
	return b.reflected(reflect.ValueOf(v))
}

func (b *builder) fields(m Map) Map {
	out := make(Map, len(m))
	for i := range m {
		out[i] = Field{m[i].Key, b.value(m[i].Value)}
	}
	return out
}

func (b *builder) message(m proto.Message) any {
	if r := m.ProtoReflect(); !r.IsValid() {
		return nil
	}
	if b.lazy && m.ProtoReflect().Descriptor().FullName().Parent() != "google.protobuf" {
		return unwalked{m}
	}
	t, err := FromMessage(m, OptionsFor(m))
	if err != nil {
		b.errs = append(b.errs, err)
	}
	return t
}

// reflected takes named types of strings and numbers, and slices and maps of anything that has a place in a manifest.
func (b *builder) reflected(v reflect.Value) any {
	switch v.Kind() {
	case reflect.String:
		return v.String()
	case reflect.Bool:
		return v.Bool()
	case reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64:
		return v.Int()
	case reflect.Uint, reflect.Uint8, reflect.Uint16, reflect.Uint32, reflect.Uint64:
		return v.Uint()
	case reflect.Float32, reflect.Float64:
		return v.Float()
	case reflect.Slice, reflect.Array:
		out := make([]any, v.Len())
		for i := range out {
			out[i] = b.value(v.Index(i).Interface())
		}
		return out
	case reflect.Map:
		if v.Type().Key().Kind() != reflect.String {
			break
		}
		out := make(Map, 0, v.Len())
		for it := v.MapRange(); it.Next(); {
			out = append(out, Field{it.Key().String(), b.value(it.Value().Interface())})
		}
		sortByKey(out)
		return out
	}
	b.errs = append(b.errs, fmt.Errorf("a value of Go type %s has no place in a manifest", v.Type()))
	return nil
}
