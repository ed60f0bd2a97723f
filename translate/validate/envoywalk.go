package validate

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	routev3 "github.com/envoyproxy/go-control-plane/envoy/config/route/v3"

	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/types/known/anypb"
)

// walk visits a decoded value of Envoy and everything that is packed into it.
type walk struct {
	check *check
	patch *patch
	types resolver
}

func (w *walk) bad(field, format string, args ...any) {
	w.patch.problems = append(w.patch.problems, valueProblem{field, fmt.Sprintf(format, args...)})
}

// message checks a message. A partial one is merged into another: what it leaves out is supplied there, and so for the
// single messages inside it; lists and mappings are appended whole.
func (w *walk) message(path string, m protoreflect.Message, partial bool) {
	w.constraints(path, m, partial)
	w.inside(path, m, partial)
}

// inside checks a message whose own constraints were checked with those of the message around it.
func (w *walk) inside(path string, m protoreflect.Message, partial bool) {
	w.envoyRules(path, m.Interface(), partial)
	for _, fd := range setFields(m) {
		if fd.Message() == nil || fd.IsMap() && fd.MapValue().Message() == nil {
			continue
		}
		place, v := path+"."+string(fd.Name()), m.Get(fd)
		switch {
		case fd.IsMap():
			w.entries(place, fd, v.Map(), partial)
		case fd.IsList():
			for i := range v.List().Len() {
				w.nested(place+"["+strconv.Itoa(i)+"]", v.List().Get(i).Message(), false, partial)
			}
		default:
			w.nested(place, v.Message(), partial, partial)
		}
	}
}

// nested checks a message inside another. Whole messages had their constraints checked together with the outer one,
// unless that one was partial.
func (w *walk) nested(path string, m protoreflect.Message, partial, outerPartial bool) {
	if packed, ok := m.Interface().(*anypb.Any); ok {
		w.packed(path, packed, partial)
		return
	}
	if outerPartial {
		w.message(path, m, partial)
		return
	}
	w.inside(path, m, false)
}

func (w *walk) entries(path string, fd protoreflect.FieldDescriptor, m protoreflect.Map, outerPartial bool) {
	values := map[string]protoreflect.Message{}
	m.Range(func(k protoreflect.MapKey, v protoreflect.Value) bool {
		values[k.String()] = v.Message()
		return true
	})
	for _, k := range sortedKeys(values) {
		place := path + "[" + k + "]"
		if fd.Name() == "typed_per_filter_config" {
			w.perRoute(place, k, values[k].Interface())
		}
		w.nested(place, values[k], false, outerPartial)
	}
}

// packed checks what an Any holds.
func (w *walk) packed(path string, a *anypb.Any, partial bool) {
	if a.GetTypeUrl() == "" {
		w.bad(path, "has no @type: Istio drops the whole object")
		return
	}
	content := packedKey{a.GetTypeUrl(), string(a.GetValue()), partial}
	if w.check.flawless[content] {
		return
	}
	m, err := anypb.UnmarshalNew(a, proto.UnmarshalOptions{Resolver: w.types})
	if err != nil {
		w.bad(path, "%s", plainError(err))
		return
	}
	before, notes := len(w.patch.problems), len(w.patch.perRoute)
	w.message(path, m.ProtoReflect(), partial)
	if len(w.patch.problems) == before && len(w.patch.perRoute) == notes {
		w.check.flawless[content] = true
	}
}

// packedKey is the content of an Any that nothing is wrong with, and how it was looked at.
type packedKey struct {
	url, value string
	partial    bool
}

// perRoute notes what a route configures of a filter.
func (w *walk) perRoute(path, name string, value proto.Message) {
	a, ok := value.(*anypb.Any)
	if !ok {
		return
	}
	url := a.GetTypeUrl()
	var f routev3.FilterConfig
	if a.MessageIs(&f) && a.UnmarshalTo(&f) == nil {
		url = f.GetConfig().GetTypeUrl() // may be "" when it only switches the filter on or off
	}
	if seen, ok := w.patch.perRoute[name]; ok && seen.typeURL != url {
		w.bad(path, "is configured as %s and as %s", seen.typeURL, url)
	}
	w.patch.perRoute[name] = filterRef{name, url}
}

// constraint is the error of a generated check.
type constraint interface {
	Field() string
	Reason() string
	Cause() error
}

// constraints runs the checks that are generated from Envoy's own annotations.
func (w *walk) constraints(path string, m protoreflect.Message, partial bool) {
	checked, ok := m.Interface().(interface{ ValidateAll() error })
	if !ok {
		return
	}
	for _, err := range flatten(checked.ValidateAll()) {
		if partial && (err.Cause() != nil || !isSet(m, err.Field())) {
			continue
		}
		w.constraint(path, err)
	}
}

func (w *walk) constraint(path string, err constraint) {
	place := path + "." + snake(err.Field())
	causes := flatten(err.Cause())
	if len(causes) == 0 {
		reason := err.Reason()
		if err.Cause() != nil {
			reason += ": " + err.Cause().Error()
		}
		w.bad(place, "%s", reason)
		return
	}
	for _, cause := range causes {
		w.constraint(place, cause)
	}
}

func flatten(err error) []constraint {
	switch err := err.(type) { //nolint:errorlint // generated checks return their errors bare
	case nil:
		return nil
	case interface{ AllErrors() []error }:
		var all []constraint
		for _, e := range err.AllErrors() {
			all = append(all, flatten(e)...)
		}
		return all
	case constraint:
		return []constraint{err}
	}
	return nil
}

// isSet tells whether the field that a generated check complains about is set. Names of oneofs are no fields: a check
// complains about those only when nothing is set.
func isSet(m protoreflect.Message, goName string) bool {
	name, _, _ := strings.Cut(goName, "[")
	for _, fd := range setFields(m) {
		if camel(string(fd.Name())) == name {
			return true
		}
	}
	return false
}

func setFields(m protoreflect.Message) []protoreflect.FieldDescriptor {
	var set []protoreflect.FieldDescriptor
	m.Range(func(fd protoreflect.FieldDescriptor, _ protoreflect.Value) bool {
		set = append(set, fd)
		return true
	})
	slices.SortFunc(set, func(a, b protoreflect.FieldDescriptor) int { return int(a.Number()) - int(b.Number()) })
	return set
}

// camel is the name that the Go generator gives to a field.
func camel(name string) string {
	b := make([]byte, 0, len(name))
	up := true
	for i := range len(name) {
		switch x := name[i]; {
		case x == '_' && i+1 < len(name) && lower(name[i+1]):
			up = true
		case up && lower(x):
			b, up = append(b, x-'a'+'A'), false
		default:
			b, up = append(b, x), false
		}
	}
	return string(b)
}

// snake is the name of a field again, as far as it can be told.
func snake(name string) string {
	b := make([]byte, 0, len(name)+4)
	for i := range len(name) {
		if x := name[i]; upper(x) {
			if i > 0 && name[i-1] != '_' && name[i-1] != '[' {
				b = append(b, '_')
			}
			b = append(b, x-'A'+'a')
			continue
		}
		b = append(b, name[i])
	}
	return string(b)
}
