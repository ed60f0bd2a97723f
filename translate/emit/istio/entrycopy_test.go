package istio

import (
	"testing"

	"github.com/google/go-cmp/cmp"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/testing/protocmp"
	networking "istio.io/api/networking/v1alpha3"
)

// fill sets every field of a message, to a depth.
func fill(m protoreflect.Message, depth int) {
	for i := range m.Descriptor().Fields().Len() {
		fd := m.Descriptor().Fields().Get(i)
		switch {
		case fd.Message() != nil && depth == 0:
		case fd.IsMap():
			v := m.Mutable(fd).Map().NewValue()
			if fd.MapValue().Message() == nil {
				v = scalar(fd.MapValue())
			}
			m.Mutable(fd).Map().Set(protoreflect.ValueOfString("k").MapKey(), v)
		case fd.IsList() && fd.Message() != nil:
			fill(m.Mutable(fd).List().AppendMutable().Message(), depth-1)
		case fd.IsList():
			m.Mutable(fd).List().Append(scalar(fd))
		case fd.Message() != nil:
			fill(m.Mutable(fd).Message(), depth-1)
		default:
			m.Set(fd, scalar(fd))
		}
	}
}

func scalar(fd protoreflect.FieldDescriptor) protoreflect.Value {
	switch fd.Kind() {
	case protoreflect.StringKind:
		return protoreflect.ValueOfString("x")
	case protoreflect.BytesKind:
		return protoreflect.ValueOfBytes([]byte("x"))
	case protoreflect.BoolKind:
		return protoreflect.ValueOfBool(true)
	case protoreflect.EnumKind:
		return protoreflect.ValueOfEnum(1)
	case protoreflect.Int32Kind:
		return protoreflect.ValueOfInt32(1)
	case protoreflect.Int64Kind:
		return protoreflect.ValueOfInt64(1)
	case protoreflect.Uint32Kind:
		return protoreflect.ValueOfUint32(1)
	case protoreflect.Uint64Kind:
		return protoreflect.ValueOfUint64(1)
	}
	return protoreflect.ValueOfFloat64(1)
}

func TestACopiedEntryHasEveryField(t *testing.T) {
	h := &networking.HTTPRoute{}
	fill(h.ProtoReflect(), 4)
	c := copyHTTP(h)
	if diff := cmp.Diff(h, c, protocmp.Transform()); diff != "" {
		t.Errorf("(-original +copy):\n%s", diff)
	}
}

func TestACopiedEntryIsChangedAlone(t *testing.T) {
	h := &networking.HTTPRoute{}
	fill(h.ProtoReflect(), 4)
	before := proto.Clone(h)
	c := copyHTTP(h)
	c.Route[0].Destination.Subset = "other"
	c.Route[0].Headers = nil
	e := &emitter{}
	for _, d := range []direction{ofRequest, ofResponse} {
		e.setHeader(&entry{http: c}, d, "k", "other")
		e.addHeader(&entry{http: c}, d, "k", "other")
		e.removeHeader(&entry{http: c}, d, "other")
	}
	c.Mirrors[0].Destination.Subset = "other"
	c.Match[0] = nil
	if diff := cmp.Diff(before, proto.Message(h), protocmp.Transform()); diff != "" {
		t.Errorf("the original changed (-before +after):\n%s", diff)
	}
}

func TestACopiedPatchIsChangedAlone(t *testing.T) {
	x := &entry{http: &networking.HTTPRoute{}}
	x.patch.metadata("a", "1")
	x.patch.plainFilter("f", &networking.Destination{})
	x.patch.label("one")
	before := x.patch.key()
	c := x.clone()
	if c.patch.key() != before {
		t.Error("the copy is another patch")
	}
	c.patch.metadata("a", "2")
	c.patch.plainFilter("f", &networking.Destination{Host: "h"})
	c.patch.label("two")
	x.patch.label("three")
	if x.patch.key() != before || c.patch.key() == before {
		t.Error("the original changed, or the copy did not")
	}
	if diff := cmp.Diff([][]string{{"one", "three"}, {"one", "two"}}, [][]string{x.patch.labels, c.patch.labels}); diff != "" {
		t.Errorf("labels (-want +got):\n%s", diff)
	}
}

func TestASealedPatchIsChangedAlone(t *testing.T) {
	var rs routePatches
	patches := make([]patch, 2)
	for i := range patches {
		patches[i].metadata("a", "1")
		rs.seal(&patches[i])
	}
	if patches[0].route != patches[1].route {
		t.Error("equal patches are held twice")
	}
	before := patches[0].key()
	patches[1].metadata("a", "2")
	if patches[0].key() != before || patches[1].key() == before {
		t.Error("the other changed, or the changed one kept its key")
	}
}
