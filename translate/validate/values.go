package validate

import (
	"math"
	"strings"
	"unicode/utf8"

	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/types/known/durationpb"
	"google.golang.org/protobuf/types/known/structpb"
)

// values checks what holds for every field of a typed message: text is UTF-8, enumerations are defined, durations are at
// least a millisecond unless the field is one of those that take 0s.
func (c *check) values(p *at, m protoreflect.Message) {
	m.Range(func(fd protoreflect.FieldDescriptor, v protoreflect.Value) bool {
		place := p.field(fd.JSONName())
		switch {
		case fd.IsMap():
			v.Map().Range(func(k protoreflect.MapKey, v protoreflect.Value) bool {
				entry := place.key(k.String())
				if text, ok := k.Interface().(string); ok && !utf8.ValidString(text) {
					c.bad(&place, "", "key %s is not UTF-8", quote(text))
				}
				c.value(&entry, fd.MapValue(), v)
				return true
			})
		case fd.IsList():
			for i := range v.List().Len() {
				item := place.item(i)
				c.value(&item, fd, v.List().Get(i))
			}
		default:
			c.value(&place, fd, v)
		}
		return true
	})
}

func (c *check) value(p *at, fd protoreflect.FieldDescriptor, v protoreflect.Value) {
	switch fd.Kind() {
	case protoreflect.StringKind:
		if text := v.String(); !utf8.ValidString(text) {
			c.bad(p, "", "%s is not UTF-8", quote(text))
		} else if strings.IndexByte(text, 0) >= 0 {
			c.bad(p, "", "%s holds a zero byte", quote(text))
		}
	case protoreflect.EnumKind:
		if fd.Enum().Values().ByNumber(v.Enum()) == nil {
			c.bad(p, "", "%d is none of the values", v.Enum())
		}
	case protoreflect.FloatKind, protoreflect.DoubleKind:
		if f := v.Float(); math.IsNaN(f) || math.IsInf(f, 0) {
			c.bad(p, "", "%v is not a number", f)
		}
	case protoreflect.MessageKind, protoreflect.GroupKind:
		c.nested(p, fd, v.Message())
	}
}

func (c *check) nested(p *at, fd protoreflect.FieldDescriptor, m protoreflect.Message) {
	if !m.IsValid() {
		c.bad(p, "", "is nil")
		return
	}
	switch m := m.Interface().(type) {
	case *durationpb.Duration:
		c.duration(p, fd, m)
	case *structpb.Struct:
		// Patches of EnvoyFilters, which are checked against Envoy's types.
	default:
		c.values(p, m.ProtoReflect())
	}
}

// zeroDurations are the fields in which 0s has a meaning of its own: no limit, or a session cookie.
var zeroDurations = map[protoreflect.FullName]bool{
	"istio.networking.v1alpha3.ConnectionPoolSettings.TCPSettings.idle_timeout":      true,
	"istio.networking.v1alpha3.LoadBalancerSettings.ConsistentHashLB.HTTPCookie.ttl": true,
}

func (c *check) duration(p *at, fd protoreflect.FieldDescriptor, d *durationpb.Duration) {
	if err := d.CheckValid(); err != nil {
		c.bad(p, "", "is not a duration")
		return
	}
	n := d.AsDuration()
	switch {
	case n == 0 && zeroDurations[fd.FullName()]:
	case n < 1e6:
		c.bad(p, "", "%v is less than 1ms", n)
	case n%1e6 != 0:
		c.bad(p, "", "%v is not a whole number of milliseconds", n)
	}
}
