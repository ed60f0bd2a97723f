package manifest

import (
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"
)

// A message is written field by field as it is walked, without a tree of it: most of what is printed are large messages, and
// their trees would cost more than all the rest. The bytes are those of FromMessage's tree.

// unwalked stands in a tree for a message that the YAML writer is to walk itself.
type unwalked struct{ proto.Message }

func (y *yamlWriter) walker(m proto.Message) {
	y.walkerOf(m.ProtoReflect().Descriptor())
}

// unpack puts the fields of a packed message on the stack.
func (y *yamlWriter) unpack(p Packed) int {
	y.walkerOf(p.of.Descriptor())
	var wire []byte
	wire, y.plain = p.plain(y.plain) // what was in it is written
	return y.records(p.of.Descriptor(), wire)
}

func (y *yamlWriter) walkerOf(d protoreflect.MessageDescriptor) {
	opts := optionsOf(d)
	if y.walk == nil {
		y.walk = newWalker(opts)
	}
	y.walk.opts = opts
}

// fieldValue writes what follows the colon of a field, line break included.
func (y *yamlWriter) fieldValue(s setField, indent int) {
	switch {
	case s.field.IsMap():
		y.entryValue(y.walk.mapField(s.field, s.value.Map()), indent)
		return
	case s.field.IsList():
		list := s.value.List()
		y.buf = append(y.buf, '\n')
		for i := range list.Len() {
			y.indent(indent)
			y.buf = append(y.buf, "- "...)
			y.item(s.field, list.Get(i), indent)
		}
		return
	case s.field.Message() != nil:
		m := s.value.Message()
		if t, ok := y.walk.wellKnown(m); ok {
			y.entryValue(t, indent)
			return
		}
		first := y.push(m)
		if first == len(y.walk.stack) {
			y.buf = append(y.buf, " {}\n"...)
			return
		}
		y.buf = append(y.buf, '\n')
		y.pop(first, indent+2, false)
		return
	}
	y.buf = append(y.buf, ' ')
	y.single(s.field, s.value, indent+2)
	y.buf = append(y.buf, '\n')
}

// item writes an element of a list behind its dash.
func (y *yamlWriter) item(f protoreflect.FieldDescriptor, v protoreflect.Value, indent int) {
	if f.Message() == nil {
		y.single(f, v, indent+2)
		y.buf = append(y.buf, '\n')
		return
	}
	t, ok := y.walk.wellKnown(v.Message())
	if ok {
		y.itemValue(t, indent)
		return
	}
	first := y.push(v.Message())
	if first == len(y.walk.stack) {
		y.buf = append(y.buf, "{}\n"...)
		return
	}
	y.pop(first, indent+2, true)
}

func (y *yamlWriter) single(f protoreflect.FieldDescriptor, v protoreflect.Value, indent int) {
	if f.Kind() == protoreflect.StringKind {
		y.text(v.String(), indent)
		return
	}
	y.scalar(y.walk.single(f, v), indent)
}

// push puts the set fields of a message on the walker's stack and gives the place of the first.
func (y *yamlWriter) push(m protoreflect.Message) int {
	return y.walk.collect(m)
}

// pop writes the fields on the stack from a place on, and takes them off.
func (y *yamlWriter) pop(first, indent int, started bool) {
	w := y.walk
	last := len(w.stack)
	for i := first; i < last; i++ { // the stack grows and may move meanwhile
		if i > first || !started {
			y.indent(indent)
		}
		y.key(w.name(w.stack[i].field), indent)
		y.fieldValue(w.stack[i], indent)
	}
	w.stack = w.stack[:first]
}
