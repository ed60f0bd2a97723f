package mutate

import (
	"slices"
	"strings"
)

// dropHeaders removes every operation on the headers that match, in either way to write one: a VirtualService's headers,
// and lists of Envoy's mutations.
func (t *Target) dropHeaders(match func(name string) bool) bool {
	done := false
	named := func(v any) bool {
		s, ok := v.(string)
		return ok && match(strings.ToLower(s))
	}
	t.everywhere(func(m map[string]any) {
		for k, v := range m {
			switch k {
			case "set", "add":
				ops, _ := v.(map[string]any)
				for name := range ops {
					if named(name) {
						delete(ops, name)
						done = true
					}
				}
			case "remove":
				names, _ := v.([]any)
				if kept := slices.DeleteFunc(slices.Clone(names), named); len(kept) < len(names) {
					m[k] = kept
					done = true
				}
			}
		}
	})
	for _, d := range t.Docs {
		isMutation := func(e any) bool { return slices.ContainsFunc(mutatedHeaders(e), named) }
		if filter(d["spec"], isMutation) {
			done = true
		}
	}
	return done
}

// mutatedHeaders are the names that an element of a list of mutations is about: {append: {header: {key}}}, {header:
// {key}} and {remove: name}.
func mutatedHeaders(e any) []any {
	m, _ := e.(map[string]any)
	var out []any
	for _, holder := range []any{m, m["append"]} {
		h, _ := holder.(map[string]any)
		header, _ := h["header"].(map[string]any)
		if key, ok := header["key"]; ok {
			out = append(out, key)
		}
	}
	if name, ok := m["remove"].(string); ok {
		out = append(out, name)
	}
	return out
}

// prefixed matches header names by their beginning.
func prefixed(prefixes ...string) func(string) bool {
	return func(name string) bool {
		return slices.ContainsFunc(prefixes, func(p string) bool { return strings.HasPrefix(name, p) })
	}
}
