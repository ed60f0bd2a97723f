package mutate

import (
	"slices"
	"strings"

	"github.com/ingress2gw/ingress2gw/test/internal/casefile"
)

// plain is a field name without regard to the spelling of its words: typed_config and typedConfig are the same.
func plain(key string) string { return strings.ToLower(strings.ReplaceAll(key, "_", "")) }

// each calls f for every map below v, outermost first, in a fixed order.
func each(v any, f func(m map[string]any)) {
	switch x := v.(type) {
	case map[string]any:
		f(x)
		keys := make([]string, 0, len(x))
		for k := range x {
			keys = append(keys, k)
		}
		slices.Sort(keys)
		for _, k := range keys {
			each(x[k], f)
		}
	case []any:
		for _, e := range x {
			each(e, f)
		}
	}
}

// everywhere calls f for every map of every object's spec.
func (t *Target) everywhere(f func(m map[string]any)) {
	for _, d := range t.Docs {
		each(d["spec"], f)
	}
}

// drop removes the fields of these names wherever they stand below v.
func drop(v any, names ...string) bool {
	done := false
	each(v, func(m map[string]any) {
		for k := range m {
			if slices.Contains(names, plain(k)) {
				delete(m, k)
				done = true
			}
		}
	})
	return done
}

// replace gives the fields of this name another value where change returns one.
func replace(v any, name string, change func(old any) (any, bool)) bool {
	done := false
	each(v, func(m map[string]any) {
		for k, old := range m {
			if plain(k) != name {
				continue
			}
			if v, ok := change(old); ok {
				m[k] = v
				done = true
			}
		}
	})
	return done
}

// filter removes elements from the lists below v; lists that become empty stay.
func filter(v any, remove func(e any) bool) bool {
	done := false
	each(v, func(m map[string]any) {
		for k, x := range m {
			l, ok := x.([]any)
			if !ok {
				continue
			}
			kept := slices.DeleteFunc(slices.Clone(l), remove)
			if len(kept) < len(l) {
				m[k] = kept
				done = true
			}
		}
	})
	return done
}

// kinds are the objects of one kind.
func (t *Target) kinds(kind string) []casefile.Object {
	var out []casefile.Object
	for _, d := range t.Docs {
		if d.Kind() == kind {
			out = append(out, d)
		}
	}
	return out
}

// dropKind removes all objects of one kind.
func (t *Target) dropKind(kind string) bool {
	before := len(t.Docs)
	t.Docs = slices.DeleteFunc(t.Docs, func(d casefile.Object) bool { return d.Kind() == kind })
	return len(t.Docs) < before
}

// entries are the HTTP entries of all VirtualServices.
func (t *Target) entries() []casefile.Object {
	var out []casefile.Object
	for _, vs := range t.kinds("VirtualService") {
		out = append(out, vs.Items("spec", "http")...)
	}
	return out
}

// keepEntries removes the HTTP entries that keep refuses.
func (t *Target) keepEntries(keep func(e casefile.Object) bool) bool {
	done := false
	for _, vs := range t.kinds("VirtualService") {
		spec, _ := vs.At("spec").(map[string]any)
		l, _ := spec["http"].([]any)
		kept := slices.DeleteFunc(slices.Clone(l), func(e any) bool {
			m, ok := e.(map[string]any)
			return ok && !keep(m)
		})
		if len(kept) < len(l) {
			spec["http"] = kept
			done = true
		}
	}
	t.dropEmpty()
	return done
}

// dropEmpty removes VirtualServices without entries, which nobody accepts.
func (t *Target) dropEmpty() {
	t.Docs = slices.DeleteFunc(t.Docs, func(d casefile.Object) bool {
		return d.Kind() == "VirtualService" && len(d.Items("spec", "http"))+len(d.Items("spec", "tls"))+len(d.Items("spec", "tcp")) == 0
	})
}

// hasType tells whether v is a message of Envoy whose type has one of these names.
func hasType(v any, names ...string) bool {
	m, _ := v.(map[string]any)
	kind, _ := m["@type"].(string)
	return slices.Contains(names, kind[strings.LastIndexByte(kind, '.')+1:])
}

// dropFilters removes what filters of these types are told for single routes, and the filters themselves.
func (t *Target) dropFilters(types ...string) bool {
	done := false
	t.everywhere(func(m map[string]any) {
		for k, v := range m {
			if plain(k) != "typedperfilterconfig" {
				continue
			}
			per, _ := v.(map[string]any)
			for name, config := range per {
				if hasType(config, types...) || hasType(inner(config), types...) {
					delete(per, name)
					done = true
				}
			}
		}
	})
	for _, ef := range t.kinds("EnvoyFilter") {
		if filter(ef["spec"], func(e any) bool { return hasType(filterConfig(e), types...) }) {
			done = true
		}
	}
	return done
}

// inner is what a wrapper that makes a per-route configuration optional or disabled holds.
func inner(config any) any {
	m, _ := config.(map[string]any)
	return m["config"]
}

// filterConfig is the configuration of the filter that a patch inserts; nil for other patches.
func filterConfig(patch any) any {
	o := casefile.Object{"p": patch}
	if o.Text("p", "applyTo") != "HTTP_FILTER" {
		return nil
	}
	if v := o.At("p", "patch", "value", "typed_config"); v != nil {
		return v
	}
	return o.At("p", "patch", "value", "typedConfig")
}
