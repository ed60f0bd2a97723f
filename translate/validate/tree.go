package validate

import (
	"encoding/base64"
	"fmt"
	"math"
	"strings"

	"google.golang.org/protobuf/encoding/protojson"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/types/known/durationpb"
	"google.golang.org/protobuf/types/known/structpb"

	"github.com/ingress2gw/ingress2gw/translate/manifest"
)

// decode fills a message from a tree (of what manifest.Plain gives). What the decoder of Istio would let pass but the published schema does not (numbers
// as text, other spellings of a name, null) is refused first.
func (c *check) decode(p *at, tree manifest.Map, into proto.Message) bool {
	before := len(c.problems)
	c.shape(p, tree, into.ProtoReflect().Descriptor())
	if len(c.problems) > before {
		return false
	}
	text, err := compact(tree)
	if err == nil {
		err = protojson.Unmarshal(text, into)
	}
	if err != nil {
		c.bad(p, "", "%s", plainError(err))
		return false
	}
	return true
}

// shape compares a tree with the type it stands for.
func (c *check) shape(p *at, tree manifest.Map, d protoreflect.MessageDescriptor) {
	seen := make(map[string]bool, len(tree))
	for _, f := range tree {
		place := p.field(f.Key)
		if f.Key == "" {
			c.bad(p, "", "field without a name")
			continue
		}
		fd := d.Fields().ByJSONName(f.Key)
		switch {
		case fd == nil:
			c.bad(&place, "", "unknown field")
			continue
		case seen[f.Key]:
			c.bad(&place, "", "given twice")
			continue
		}
		seen[f.Key] = true
		switch {
		case fd.IsMap():
			c.shapeMap(&place, f.Value, fd.MapValue())
		case fd.IsList():
			c.shapeList(&place, f.Value, fd)
		default:
			c.shapeValue(&place, f.Value, fd)
		}
	}
}

func (c *check) shapeMap(p *at, v any, value protoreflect.FieldDescriptor) {
	m, ok := v.(manifest.Map)
	if !ok {
		c.bad(p, "", "is %s, not a mapping", form(v))
		return
	}
	if len(m) == 0 && value.Kind() == protoreflect.Uint32Kind {
		c.bad(p, "", "is empty; rules of the schema take it for given") // ports of an endpoint, as below
	}
	seen := make(map[string]bool, len(m))
	for _, f := range m {
		place := p.key(f.Key)
		if seen[f.Key] {
			c.bad(&place, "", "given twice")
		}
		seen[f.Key] = true
		c.shapeValue(&place, f.Value, value)
	}
}

func (c *check) shapeList(p *at, v any, fd protoreflect.FieldDescriptor) {
	list, ok := v.([]any)
	if !ok {
		c.bad(p, "", "is %s, not a list", form(v))
		return
	}
	if len(list) == 0 {
		c.bad(p, "", "is empty; rules of the schema take it for given") // a message could not tell it from one that is not
	}
	for i, x := range list {
		place := p.item(i)
		c.shapeValue(&place, x, fd)
	}
}

func (c *check) shapeValue(p *at, v any, fd protoreflect.FieldDescriptor) {
	if fd.Message() != nil {
		c.shapeMessage(p, v, fd.Message())
		return
	}
	reason := scalarProblem(v, fd)
	if n, ok := number(v); ok && n == 0 && strings.Contains(strings.ToLower(string(fd.Name())), "port") {
		reason = "0 is not a port" // a message could not tell it from a port that is not given
	}
	if reason != "" {
		c.bad(p, "", "%s", reason)
	}
}

func (c *check) shapeMessage(p *at, v any, d protoreflect.MessageDescriptor) {
	switch d.FullName() {
	case "google.protobuf.Duration":
		if text, ok := v.(string); !ok || protojson.Unmarshal([]byte(`"`+text+`"`), &durationpb.Duration{}) != nil {
			c.bad(p, "", "%v is not a number of seconds such as \"60s\"", v)
		}
		return
	case "google.protobuf.BoolValue", "google.protobuf.StringValue", "google.protobuf.DoubleValue", "google.protobuf.Int32Value",
		"google.protobuf.Int64Value", "google.protobuf.UInt32Value", "google.protobuf.UInt64Value":
		if reason := scalarProblem(v, d.Fields().ByName("value")); reason != "" {
			c.bad(p, "", "%s", reason)
		}
		return
	}
	m, ok := v.(manifest.Map)
	if !ok {
		c.bad(p, "", "is %s, not a mapping", form(v))
		return
	}
	if d.FullName() != (&structpb.Struct{}).ProtoReflect().Descriptor().FullName() {
		c.shape(p, m, d)
	}
}

// scalarProblem says what is wrong with a single value for a field, or "".
func scalarProblem(v any, fd protoreflect.FieldDescriptor) string {
	switch fd.Kind() {
	case protoreflect.BoolKind:
		if _, ok := v.(bool); !ok {
			return "is " + form(v) + ", not true or false"
		}
	case protoreflect.StringKind:
		if _, ok := v.(string); !ok {
			return "is " + form(v) + ", not text"
		}
	case protoreflect.BytesKind:
		text, ok := v.(string)
		if _, err := base64.StdEncoding.DecodeString(text); !ok || err != nil {
			return "is not base64"
		}
	case protoreflect.EnumKind:
		name, ok := v.(string)
		if !ok || fd.Enum().Values().ByName(protoreflect.Name(name)) == nil {
			return fmt.Sprintf("%v is none of the values", v)
		}
	case protoreflect.FloatKind, protoreflect.DoubleKind:
		if _, ok := number(v); !ok {
			return "is " + form(v) + ", not a number"
		}
	default:
		return integerProblem(v, fd.Kind())
	}
	return ""
}

func integerProblem(v any, kind protoreflect.Kind) string {
	n, ok := number(v)
	if !ok || n != math.Trunc(n) {
		return fmt.Sprintf("%v (%s) is not a whole number", v, form(v))
	}
	low, high := float64(math.MinInt32), float64(math.MaxInt32)
	switch kind {
	case protoreflect.Uint32Kind, protoreflect.Fixed32Kind:
		low, high = 0, math.MaxUint32
	case protoreflect.Uint64Kind, protoreflect.Fixed64Kind:
		low, high = 0, 1<<53
	case protoreflect.Int64Kind, protoreflect.Sint64Kind, protoreflect.Sfixed64Kind:
		low, high = -1<<53, 1<<53
	}
	if n < low || n > high {
		return fmt.Sprintf("%v is out of range", v)
	}
	return ""
}

func number(v any) (float64, bool) {
	switch v := v.(type) {
	case int64:
		return float64(v), true
	case uint64:
		return float64(v), true
	case float64:
		return v, !math.IsNaN(v) && !math.IsInf(v, 0)
	}
	return 0, false
}

// form is a word for what a value is.
func form(v any) string {
	switch v.(type) {
	case nil:
		return "nothing"
	case string:
		return "text"
	case bool:
		return "true or false"
	case manifest.Map:
		return "a mapping"
	case []any:
		return "a list"
	}
	return "a number"
}
