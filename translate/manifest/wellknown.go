package manifest

import (
	"encoding/base64"
	"fmt"
	"strings"
	"time"

	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/reflect/protoregistry"
)

// wellKnown handles the messages of google.protobuf, which have a JSON form of their own. Fields are read by number: the
// message may be of a generated or of a dynamic type.
func (w *walker) wellKnown(m protoreflect.Message) (any, bool) {
	d := m.Descriptor()
	if d.FullName().Parent() != "google.protobuf" {
		return nil, false
	}
	get := func(n protoreflect.FieldNumber) protoreflect.Value { return m.Get(d.Fields().ByNumber(n)) }
	switch d.Name() {
	case "Duration":
		return duration(get(1).Int(), get(2).Int()), true
	case "Timestamp":
		t := time.Unix(get(1).Int(), 0).UTC().Format("2006-01-02T15:04:05")
		return t + fraction(get(2).Int()) + "Z", true
	case "BoolValue", "StringValue", "BytesValue", "FloatValue", "DoubleValue", "Int32Value", "UInt32Value", "Int64Value", "UInt64Value":
		return w.single(d.Fields().ByNumber(1), get(1)), true
	case "Struct":
		return w.mapField(d.Fields().ByNumber(1), get(1).Map()), true
	case "ListValue":
		return w.field(d.Fields().ByNumber(1), get(1)), true
	case "Value":
		f := m.WhichOneof(d.Oneofs().ByName("kind"))
		if f == nil {
			return nil, true
		}
		return w.single(f, m.Get(f)), true
	case "Any":
		return w.any(get(1).String(), get(2).Bytes()), true
	case "FieldMask":
		list := get(1).List()
		paths := make([]string, list.Len())
		for i := range paths {
			paths[i] = lowerCamel(list.Get(i).String())
		}
		return strings.Join(paths, ","), true
	}
	return nil, false // Empty and the descriptor messages are written field by field
}

// any unpacks a message. One that cannot be unpacked is written as type and bytes, and is an error.
func (w *walker) any(url string, packed []byte) any {
	if url == "" && len(packed) == 0 {
		return Map{}
	}
	out := Map{{"@type", url}}
	t, err := protoregistry.GlobalTypes.FindMessageByURL(url)
	if err != nil {
		w.fail("the message type %q is not linked in: %w", url, err)
		return append(out, Field{"value", base64.StdEncoding.EncodeToString(packed)})
	}
	m := t.New()
	if err := proto.Unmarshal(packed, m.Interface()); err != nil {
		w.fail("unpacking a message of type %q: %w", url, err)
		return append(out, Field{"value", base64.StdEncoding.EncodeToString(packed)})
	}
	if v, ok := w.wellKnown(m); ok {
		return append(out, Field{"value", v})
	}
	return w.populated(m, out)
}

func duration(seconds, nanos int64) string {
	sign := ""
	if seconds < 0 || nanos < 0 {
		sign, seconds, nanos = "-", -seconds, -nanos
	}
	return fmt.Sprintf("%s%d%ss", sign, seconds, fraction(nanos))
}

// fraction is nothing, or a point and three, six or nine digits.
func fraction(nanos int64) string {
	if nanos == 0 {
		return ""
	}
	s := fmt.Sprintf(".%09d", nanos)
	s = strings.TrimSuffix(s, "000")
	return strings.TrimSuffix(s, "000")
}

func lowerCamel(path string) string {
	var b strings.Builder
	up := false
	for _, r := range path {
		switch {
		case r == '_':
			up = true
		case up && r >= 'a' && r <= 'z':
			b.WriteRune(r - 'a' + 'A')
			up = false
		default:
			b.WriteRune(r)
			up = false
		}
	}
	return b.String()
}
