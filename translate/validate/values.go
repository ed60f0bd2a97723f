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

// beyondText is values for a message that was packed, so that its text is UTF-8, and holds no zero byte: only fields are
// looked at that are, or lead to, something else than text.
func (c *check) beyondText(p *at, m protoreflect.Message) {
	for _, fd := range c.fieldsBeyondText(m.Descriptor()) {
		if !m.Has(fd) {
			continue
		}
		place := p.field(fd.JSONName())
		switch v := m.Get(fd); {
		case fd.IsMap():
			v.Map().Range(func(k protoreflect.MapKey, v protoreflect.Value) bool {
				entry := place.key(k.String())
				c.valueBeyondText(&entry, fd.MapValue(), v)
				return true
			})
		case fd.IsList():
			for i := range v.List().Len() {
				item := place.item(i)
				c.valueBeyondText(&item, fd, v.List().Get(i))
			}
		default:
			c.valueBeyondText(&place, fd, v)
		}
	}
}

func (c *check) valueBeyondText(p *at, fd protoreflect.FieldDescriptor, v protoreflect.Value) {
	if d := fd.Message(); d != nil && d.FullName().Parent() != "google.protobuf" {
		c.beyondText(p, v.Message())
		return
	}
	c.value(p, fd, v)
}

// fieldsBeyondText lists the fields of a type that values has something to say about besides text.
func (c *check) fieldsBeyondText(d protoreflect.MessageDescriptor) []protoreflect.FieldDescriptor {
	fields, ok := c.notText[d.FullName()]
	if ok {
		return fields
	}
	c.notText[d.FullName()] = nil // Istio's types do not contain themselves
	for i := range d.Fields().Len() {
		fd := d.Fields().Get(i)
		of := fd
		if fd.IsMap() {
			of = fd.MapValue()
		}
		switch of.Kind() {
		case protoreflect.EnumKind, protoreflect.FloatKind, protoreflect.DoubleKind:
			fields = append(fields, fd)
		case protoreflect.MessageKind, protoreflect.GroupKind:
			if of.Message().FullName().Parent() == "google.protobuf" || len(c.fieldsBeyondText(of.Message())) > 0 {
				fields = append(fields, fd)
			}
		}
	}
	c.notText[d.FullName()] = fields
	return fields
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
