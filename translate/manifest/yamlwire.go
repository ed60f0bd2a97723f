package manifest

import (
	"bytes"
	"cmp"
	"fmt"
	"math"
	"slices"

	"google.golang.org/protobuf/encoding/protowire"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/reflect/protoregistry"
)

// A packed message is written from its wire form, without being unpacked: what is set is what is there. The bytes are those
// of the message itself.

// record is one field of a message in wire form.
type record struct {
	field  protoreflect.FieldDescriptor
	number uint64 // of fields that are numbers
	bytes  []byte // of all others, and of packed lists
}

// records puts the fields of a message on the stack, in the order of declaration, and gives the place of the first.
func (y *yamlWriter) records(d protoreflect.MessageDescriptor, wire []byte) int {
	first := len(y.stack)
	for len(wire) > 0 {
		number, kind, n := protowire.ConsumeTag(wire)
		if n < 0 {
			y.fail(protowire.ParseError(n))
			break
		}
		wire = wire[n:]
		r := record{field: d.Fields().ByNumber(number)}
		switch kind {
		case protowire.VarintType:
			r.number, n = protowire.ConsumeVarint(wire)
		case protowire.Fixed32Type:
			var v uint32
			v, n = protowire.ConsumeFixed32(wire)
			r.number = uint64(v)
		case protowire.Fixed64Type:
			r.number, n = protowire.ConsumeFixed64(wire)
		case protowire.BytesType:
			r.bytes, n = protowire.ConsumeBytes(wire)
		default:
			n = protowire.ConsumeFieldValue(number, kind, wire)
		}
		if n < 0 || r.field == nil {
			y.fail(fmt.Errorf("field %d of %s has no place in a manifest", number, d.FullName()))
			break
		}
		wire = wire[n:]
		y.stack = append(y.stack, r)
	}
	if f := alwaysSaid(d); f != nil && !slices.ContainsFunc(y.stack[first:], func(r record) bool { return r.field == f }) {
		y.stack = append(y.stack, record{field: f})
	}
	slices.SortStableFunc(y.stack[first:], func(a, b record) int { return cmp.Compare(a.field.Index(), b.field.Index()) })
	return first
}

func (y *yamlWriter) fail(err error) {
	if y.err == nil {
		y.err = err
	}
}

// writeRecords writes the fields on the stack from a place on, and takes them off.
func (y *yamlWriter) writeRecords(first, indent int, started bool) {
	last := len(y.stack)
	for i := first; i < last; { // the stack grows and may move meanwhile
		if i > first || !started {
			y.indent(indent)
		}
		field, n := y.stack[i].field, 1
		for i+n < last && y.stack[i+n].field == field {
			n++
		}
		y.key(y.walk.name(field), indent)
		switch {
		case field.IsMap():
			y.recordMap(field, i, n, indent)
		case field.IsList():
			y.buf = append(y.buf, '\n')
			for k := i; k < i+n; k++ {
				y.recordItems(y.stack[k], indent)
			}
		default:
			y.recordValue(y.stack[i], indent)
		}
		i += n
	}
	y.stack = y.stack[:first]
}

// recordValue writes what follows the colon of a key.
func (y *yamlWriter) recordValue(r record, indent int) {
	if r.field.Message() == nil {
		y.buf = append(y.buf, ' ')
		y.single(r.field, r.value(), indent+2)
		y.buf = append(y.buf, '\n')
		return
	}
	if t, ok := y.wellKnownRecord(r); ok {
		y.entryValue(t, indent)
		return
	}
	if y.isEmpty(r) {
		y.buf = append(y.buf, " {}\n"...)
		return
	}
	y.buf = append(y.buf, '\n')
	y.nested(r, indent+2, false)
}

// recordItems writes an element of a list, or all of a list of numbers.
func (y *yamlWriter) recordItems(r record, indent int) {
	if r.field.IsPacked() && r.bytes != nil {
		for rest := r.bytes; len(rest) > 0; {
			var item record
			item, rest = r.packedItem(rest)
			y.recordItems(item, indent)
		}
		return
	}
	y.indent(indent)
	y.buf = append(y.buf, "- "...)
	if r.field.Message() == nil {
		y.single(r.field, r.value(), indent+2)
		y.buf = append(y.buf, '\n')
		return
	}
	if t, ok := y.wellKnownRecord(r); ok {
		y.itemValue(t, indent)
		return
	}
	if y.isEmpty(r) {
		y.buf = append(y.buf, "{}\n"...)
		return
	}
	y.nested(r, indent+2, true)
}

// packedItem takes the first number off a packed list.
func (r record) packedItem(list []byte) (record, []byte) {
	item, n := record{field: r.field}, 0
	switch r.field.Kind() {
	case protoreflect.FloatKind, protoreflect.Fixed32Kind, protoreflect.Sfixed32Kind:
		var v uint32
		v, n = protowire.ConsumeFixed32(list)
		item.number = uint64(v)
	case protoreflect.DoubleKind, protoreflect.Fixed64Kind, protoreflect.Sfixed64Kind:
		item.number, n = protowire.ConsumeFixed64(list)
	default:
		item.number, n = protowire.ConsumeVarint(list)
	}
	if n < 0 {
		n = len(list)
	}
	return item, list[n:]
}

// recordMap writes a mapping, by key. Keys are texts in all types that are written.
func (y *yamlWriter) recordMap(field protoreflect.FieldDescriptor, at, n, indent int) {
	type entry struct{ key, value record }
	entries := make([]entry, n)
	for k := range entries {
		e := &entries[k]
		e.key.field, e.value.field = field.MapKey(), field.MapValue()
		first := y.records(field.Message(), y.stack[at+k].bytes)
		for _, r := range y.stack[first:] {
			if r.field.Number() == 1 {
				e.key = r
			} else {
				e.value = r
			}
		}
		y.stack = y.stack[:first]
	}
	slices.SortFunc(entries, func(a, b entry) int {
		return cmp.Or(bytes.Compare(a.key.bytes, b.key.bytes), cmp.Compare(a.key.number, b.key.number))
	})
	y.buf = append(y.buf, '\n')
	for _, e := range entries {
		y.indent(indent + 2)
		y.key(e.key.value().String(), indent+2)
		y.recordValue(e.value, indent+2)
	}
}

// wellKnownRecord handles the messages that have a form of their own; all but durations are rare and unpacked.
func (y *yamlWriter) wellKnownRecord(r record) (any, bool) {
	d := r.field.Message()
	if d.FullName().Parent() != "google.protobuf" {
		return nil, false
	}
	if d.Name() == "Duration" {
		var seconds, nanos int64
		first := y.records(d, r.bytes)
		for _, p := range y.stack[first:] {
			if p.field.Number() == 1 {
				seconds = int64(p.number)
			} else {
				nanos = int64(int32(p.number))
			}
		}
		y.stack = y.stack[:first]
		return duration(seconds, nanos), true
	}
	t, err := protoregistry.GlobalTypes.FindMessageByName(d.FullName())
	if err != nil {
		y.fail(err)
		return nil, true
	}
	m := t.New()
	if err := proto.Unmarshal(r.bytes, m.Interface()); err != nil {
		y.fail(err)
	}
	return y.walk.wellKnown(m)
}

// value is the value of a field that is no message.
func (r record) value() protoreflect.Value {
	switch n := r.number; r.field.Kind() {
	case protoreflect.StringKind:
		return protoreflect.ValueOfString(string(r.bytes))
	case protoreflect.BytesKind:
		return protoreflect.ValueOfBytes(r.bytes)
	case protoreflect.BoolKind:
		return protoreflect.ValueOfBool(n != 0)
	case protoreflect.EnumKind:
		return protoreflect.ValueOfEnum(protoreflect.EnumNumber(n))
	case protoreflect.Int32Kind, protoreflect.Sfixed32Kind:
		return protoreflect.ValueOfInt32(int32(n))
	case protoreflect.Sint32Kind:
		return protoreflect.ValueOfInt32(int32(protowire.DecodeZigZag(n)))
	case protoreflect.Int64Kind, protoreflect.Sfixed64Kind:
		return protoreflect.ValueOfInt64(int64(n))
	case protoreflect.Sint64Kind:
		return protoreflect.ValueOfInt64(protowire.DecodeZigZag(n))
	case protoreflect.Uint32Kind, protoreflect.Fixed32Kind:
		return protoreflect.ValueOfUint32(uint32(n))
	case protoreflect.FloatKind:
		return protoreflect.ValueOfFloat32(math.Float32frombits(uint32(n)))
	case protoreflect.DoubleKind:
		return protoreflect.ValueOfFloat64(math.Float64frombits(n))
	}
	return protoreflect.ValueOfUint64(r.number)
}
