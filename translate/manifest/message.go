package manifest

import (
	"cmp"
	"encoding/base64"
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"

	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"
)

// MessageOptions say how a message is spelt.
type MessageOptions struct {
	// ProtoNames writes the names of the .proto file (connect_timeout) instead of the JSON names (connectTimeout).
	ProtoNames bool
	// Int64Strings writes 64-bit integers as strings, as protobuf's JSON does. Istio's CRDs call such fields "integer", and an
	// API server refuses a string there.
	Int64Strings bool
}

// OptionsFor are JSON names and plain integers for Istio's own messages, whose spelling the CRDs fix, and proto names and
// integers as strings for all others: Envoy's, which stand inside an EnvoyFilter and end up in a Struct, whose numbers are
// floats.
func OptionsFor(m proto.Message) MessageOptions { return optionsOf(m.ProtoReflect().Descriptor()) }

func optionsOf(d protoreflect.MessageDescriptor) MessageOptions {
	if strings.HasPrefix(string(d.FullName()), "istio.") {
		return MessageOptions{}
	}
	return MessageOptions{ProtoNames: true, Int64Strings: true}
}

// FromMessage gives a message as a tree, by the rules of protobuf's JSON form but in the order of declaration. What is set is
// in the tree, also when it is zero; what is not set is not. A message that is packed in an Any stands there in full; one whose
// type is not linked in is an error, and is given as its bytes.
func FromMessage(m proto.Message, opts MessageOptions) (any, error) {
	w := newWalker(opts)
	t := w.message(m.ProtoReflect())
	return t, w.err
}

// walker turns messages into trees, and keeps the first thing that went wrong.
type walker struct {
	opts  MessageOptions
	err   error
	stack []setField // the set fields of the messages that are being walked
	push  func(protoreflect.FieldDescriptor, protoreflect.Value) bool
}

type setField struct {
	field protoreflect.FieldDescriptor
	value protoreflect.Value
}

func newWalker(opts MessageOptions) *walker {
	w := &walker{opts: opts, stack: make([]setField, 0, 64)}
	w.push = func(f protoreflect.FieldDescriptor, v protoreflect.Value) bool {
		w.stack = append(w.stack, setField{f, v})
		return true
	}
	return w
}

func (w *walker) fail(format string, args ...any) {
	if w.err == nil {
		w.err = fmt.Errorf(format, args...)
	}
}

func (w *walker) message(m protoreflect.Message) any {
	if t, ok := w.wellKnown(m); ok {
		return t
	}
	return w.populated(m, Map{})
}

// populated appends the fields that are set, in the order of declaration.
func (w *walker) populated(m protoreflect.Message, out Map) Map {
	first := w.collect(m)
	last := len(w.stack)
	out = slices.Grow(out, last-first)
	for i := first; i < last; i++ { // the stack grows and may move meanwhile
		f := w.stack[i]
		out = append(out, Field{w.name(f.field), w.field(f.field, f.value)})
	}
	w.stack = w.stack[:first]
	return out
}

// collect puts the fields of a message that are to be written on the stack, in the order of declaration, and gives the place of
// the first.
func (w *walker) collect(m protoreflect.Message) int {
	first := len(w.stack)
	m.Range(w.push)
	if f := alwaysSaid(m.Descriptor()); f != nil && !m.Has(f) {
		w.stack = append(w.stack, setField{f, m.Get(f)})
	}
	w.sort(first)
	return first
}

// alwaysSaid is the field that is written even when it is zero: the mode of TLS settings, whose zero (PASSTHROUGH of a server,
// DISABLE of a client) is a decision that "tls: {}" would hide from who reads it.
func alwaysSaid(d protoreflect.MessageDescriptor) protoreflect.FieldDescriptor {
	switch d.FullName() {
	case "istio.networking.v1alpha3.ServerTLSSettings", "istio.networking.v1alpha3.ClientTLSSettings":
		return d.Fields().ByName("mode")
	}
	return nil
}

func (w *walker) sort(first int) {
	slices.SortFunc(w.stack[first:], func(a, b setField) int { return cmp.Compare(a.field.Index(), b.field.Index()) })
}

func (w *walker) name(f protoreflect.FieldDescriptor) string {
	if w.opts.ProtoNames {
		return string(f.Name())
	}
	return f.JSONName()
}

func (w *walker) field(f protoreflect.FieldDescriptor, v protoreflect.Value) any {
	switch {
	case f.IsMap():
		return w.mapField(f, v.Map())
	case f.IsList():
		list := v.List()
		out := make([]any, list.Len())
		for i := range out {
			out[i] = w.single(f, list.Get(i))
		}
		return out
	}
	return w.single(f, v)
}

func (w *walker) mapField(f protoreflect.FieldDescriptor, m protoreflect.Map) Map {
	type entry struct {
		key   protoreflect.MapKey
		value any
	}
	entries := make([]entry, 0, m.Len())
	m.Range(func(k protoreflect.MapKey, v protoreflect.Value) bool {
		entries = append(entries, entry{k, w.single(f.MapValue(), v)})
		return true
	})
	slices.SortFunc(entries, func(a, b entry) int { return compareKeys(f.MapKey().Kind(), a.key, b.key) })
	out := make(Map, len(entries))
	for i, e := range entries {
		out[i] = Field{e.key.String(), e.value}
	}
	return out
}

func compareKeys(kind protoreflect.Kind, a, b protoreflect.MapKey) int {
	switch kind {
	case protoreflect.StringKind:
		return strings.Compare(a.String(), b.String())
	case protoreflect.Int32Kind, protoreflect.Sint32Kind, protoreflect.Sfixed32Kind, protoreflect.Int64Kind, protoreflect.Sint64Kind, protoreflect.Sfixed64Kind:
		return cmp.Compare(a.Int(), b.Int())
	case protoreflect.BoolKind:
		return strings.Compare(a.String(), b.String()) // "false" before "true"
	}
	return cmp.Compare(a.Uint(), b.Uint())
}

func (w *walker) single(f protoreflect.FieldDescriptor, v protoreflect.Value) any {
	switch f.Kind() {
	case protoreflect.BoolKind:
		return v.Bool()
	case protoreflect.StringKind:
		return v.String()
	case protoreflect.BytesKind:
		return base64.StdEncoding.EncodeToString(v.Bytes())
	case protoreflect.EnumKind:
		return enum(f.Enum(), v.Enum())
	case protoreflect.FloatKind:
		return float(v.Float(), 32)
	case protoreflect.DoubleKind:
		return float(v.Float(), 64)
	case protoreflect.MessageKind, protoreflect.GroupKind:
		return w.message(v.Message())
	case protoreflect.Int64Kind, protoreflect.Sint64Kind, protoreflect.Sfixed64Kind:
		if w.opts.Int64Strings {
			return strconv.FormatInt(v.Int(), 10)
		}
		return v.Int()
	case protoreflect.Uint64Kind, protoreflect.Fixed64Kind:
		if w.opts.Int64Strings {
			return strconv.FormatUint(v.Uint(), 10)
		}
		return v.Uint()
	case protoreflect.Int32Kind, protoreflect.Sint32Kind, protoreflect.Sfixed32Kind:
		return v.Int()
	}
	return v.Uint()
}

// enum is the name, or the number of a value that this program's types do not know.
func enum(d protoreflect.EnumDescriptor, n protoreflect.EnumNumber) any {
	if d.FullName() == "google.protobuf.NullValue" {
		return nil
	}
	if v := d.Values().ByNumber(n); v != nil {
		return string(v.Name())
	}
	return int64(n)
}

// float gives the shortest number that reads back as the same value of that size, and words for what JSON has no numbers for.
func float(f float64, bits int) any {
	switch {
	case math.IsNaN(f):
		return "NaN"
	case math.IsInf(f, 1):
		return "Infinity"
	case math.IsInf(f, -1):
		return "-Infinity"
	case bits == 32:
		if short, err := strconv.ParseFloat(strconv.FormatFloat(f, 'g', -1, 32), 64); err == nil {
			return short
		}
	}
	return f
}
