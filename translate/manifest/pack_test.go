package manifest

import (
	"bytes"
	"errors"
	"fmt"
	"strings"
	"testing"

	routev3 "github.com/envoyproxy/go-control-plane/envoy/config/route/v3"
	"github.com/google/go-cmp/cmp"
	"github.com/stretchr/testify/require"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/testing/protocmp"
	"google.golang.org/protobuf/types/known/anypb"
	"google.golang.org/protobuf/types/known/emptypb"
	istionet "istio.io/api/networking/v1alpha3"
	istiosec "istio.io/api/security/v1beta1"
)

// full sets every field of a message to a depth; of a oneof, the given one.
func full(m protoreflect.Message, depth, oneof int) {
	if a, ok := m.Interface().(*anypb.Any); ok {
		_ = a.MarshalFrom(&emptypb.Empty{})
		return
	}
	for i := range m.Descriptor().Fields().Len() {
		fd := m.Descriptor().Fields().Get(i)
		if one := fd.ContainingOneof(); one != nil && one.Fields().Get(oneof%one.Fields().Len()) != fd {
			continue
		}
		switch {
		case fd.Message() != nil && depth == 0:
		case fd.IsMap():
			for _, k := range []string{"b", "a", "true"} {
				v := m.Mutable(fd).Map().NewValue()
				if fd.MapValue().Message() != nil {
					full(v.Message(), depth-1, oneof)
				} else {
					v = sample(fd.MapValue(), oneof)
				}
				if fd.MapKey().Kind() == protoreflect.StringKind {
					m.Mutable(fd).Map().Set(protoreflect.ValueOfString(k).MapKey(), v)
				}
			}
		case fd.IsList():
			for n := range 2 {
				if fd.Message() != nil {
					full(m.Mutable(fd).List().AppendMutable().Message(), depth-1, oneof+n)
				} else {
					m.Mutable(fd).List().Append(sample(fd, oneof+n))
				}
			}
		case fd.Message() != nil:
			full(m.Mutable(fd).Message(), depth-1, oneof)
		default:
			m.Set(fd, sample(fd, oneof))
		}
	}
}

// sample is a value of a field that is no message; n tells samples apart, and every third is the zero value.
func sample(fd protoreflect.FieldDescriptor, n int) protoreflect.Value {
	n %= 3
	switch fd.Kind() {
	case protoreflect.StringKind:
		return protoreflect.ValueOfString(strings.Repeat("x: y\n", n))
	case protoreflect.BytesKind:
		return protoreflect.ValueOfBytes(bytes.Repeat([]byte{1}, n))
	case protoreflect.BoolKind:
		return protoreflect.ValueOfBool(n > 0)
	case protoreflect.EnumKind:
		return protoreflect.ValueOfEnum(protoreflect.EnumNumber(n))
	case protoreflect.Int32Kind, protoreflect.Sint32Kind, protoreflect.Sfixed32Kind:
		return protoreflect.ValueOfInt32(int32(-n))
	case protoreflect.Int64Kind, protoreflect.Sint64Kind, protoreflect.Sfixed64Kind:
		return protoreflect.ValueOfInt64(int64(-n) << 40)
	case protoreflect.Uint32Kind, protoreflect.Fixed32Kind:
		return protoreflect.ValueOfUint32(uint32(n))
	case protoreflect.Uint64Kind, protoreflect.Fixed64Kind:
		return protoreflect.ValueOfUint64(uint64(n) << 40)
	case protoreflect.FloatKind:
		return protoreflect.ValueOfFloat32(float32(n) / 3)
	}
	return protoreflect.ValueOfFloat64(float64(n) / 3)
}

func TestPackedMessagesAreWrittenAsMessages(t *testing.T) {
	messages := []proto.Message{
		&istionet.VirtualService{}, &istionet.DestinationRule{}, &istionet.Gateway{}, &istionet.ServiceEntry{}, &istionet.EnvoyFilter{},
		&istiosec.AuthorizationPolicy{}, &routev3.Route{}, virtualService(), envoyRoute(t), fourKilobytes(1).Spec.(proto.Message),
	}
	for _, kind := range messages[:7] {
		for oneof := range 12 {
			m := proto.Clone(kind)
			full(m.ProtoReflect(), 6, oneof)
			messages = append(messages, m)
		}
	}
	for _, m := range messages {
		packed, ok := Pack(m).(Packed)
		require.True(t, ok)
		if diff := cmp.Diff(m, packed.Message(), protocmp.Transform()); diff != "" {
			t.Fatalf("unpacked (-want +got):\n%s", diff)
		}
		for _, tree := range []any{m, Map{{"spec", m}}, []any{m, Map{{"a", []any{m}}}}} {
			want, err := YAML(tree)
			require.NoError(t, err)
			got, err := YAML(swap(tree, m, packed))
			require.NoError(t, err)
			if diff := cmp.Diff(string(want), string(got)); diff != "" {
				t.Fatalf("%s (-message +packed):\n%s", m.ProtoReflect().Descriptor().FullName(), diff)
			}
			wantJSON, err := JSON(tree)
			require.NoError(t, err)
			gotJSON, err := JSON(swap(tree, m, packed))
			require.NoError(t, err)
			if diff := cmp.Diff(string(wantJSON), string(gotJSON)); diff != "" {
				t.Fatalf("JSON (-message +packed):\n%s", diff)
			}
		}
	}
}

// swap puts a packed message where the message stands.
func swap(tree any, m proto.Message, packed Packed) any {
	switch v := tree.(type) {
	case proto.Message:
		return packed
	case Map:
		out := make(Map, len(v))
		for i, f := range v {
			out[i] = Field{f.Key, swap(f.Value, m, packed)}
		}
		return out
	case []any:
		out := make([]any, len(v))
		for i, x := range v {
			out[i] = swap(x, m, packed)
		}
		return out
	}
	return tree
}

func TestWhatHasNoWireFormStaysAsItIs(t *testing.T) {
	var none *istionet.VirtualService
	broken := &istionet.VirtualService{Hosts: []string{"\xff"}}
	for _, v := range []any{none, broken, "text", Map{}, nil} {
		if _, ok := Pack(v).(Packed); ok {
			t.Errorf("%v was packed", v)
		}
	}
}

func TestALongStreamKeepsItsOrder(t *testing.T) {
	var objects []*Object
	var want bytes.Buffer
	for i := range 1000 {
		o := &Object{APIVersion: "v1", Kind: "ConfigMap", Name: fmt.Sprint("c", i)}
		objects = append(objects, o)
		if i > 0 {
			want.WriteString("---\n")
		}
		require.NoError(t, WriteYAML(&want, o))
	}
	var got bytes.Buffer
	require.NoError(t, WriteYAML(&got, objects...))
	if diff := cmp.Diff(want.String(), got.String()); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

type full4096 struct{ written int }

func (f *full4096) Write(p []byte) (int, error) {
	if f.written += len(p); f.written > 4096 {
		return 0, errors.New("no space left")
	}
	return len(p), nil
}

func TestAStreamEndsAtTheFirstError(t *testing.T) {
	var objects []*Object
	for i := range 1000 {
		objects = append(objects, &Object{APIVersion: "v1", Kind: "ConfigMap", Name: fmt.Sprint("c", i)})
	}
	require.ErrorContains(t, WriteYAML(&full4096{}, objects...), "no space left")

	objects[200].Spec = make(chan int)
	var got bytes.Buffer
	require.ErrorContains(t, WriteYAML(&got, objects...), "ConfigMap c200")
	if n := strings.Count(got.String(), "kind: ConfigMap"); n != 200 {
		t.Errorf("%d objects were written before the one that cannot be", n)
	}
}
