package state

import (
	"maps"
	"strings"

	"github.com/ingress2gw/ingress2gw/reports/diff"
)

// predict works out what applying would make of a live object: what is stated replaces what is there, mappings key by key, lists
// as a whole; what the manager managed and does not state any more goes, the rest stays. That is what a server does to kinds
// whose schema says no more about merging, which holds for those of a translation.
func predict(live, stated map[string]any, manager string) map[string]any {
	if live == nil {
		return stated
	}
	owned := diff.OwnedBy(live, manager)
	out, _ := overlay(live, stated, owned).(map[string]any)
	return out
}

func overlay(live, stated any, owned map[string]any) any {
	l, isMap := live.(map[string]any)
	s, both := stated.(map[string]any)
	if !isMap || !both {
		return stated
	}
	out := maps.Clone(l)
	for k := range l {
		sub, mine := owned["f:"+k].(map[string]any)
		if _, there := s[k]; !there && mine {
			if rest := without(l[k], sub); rest != nil {
				out[k] = rest
			} else {
				delete(out, k)
			}
		}
	}
	for k, v := range s {
		if old, there := l[k]; there {
			sub, _ := owned["f:"+k].(map[string]any)
			out[k] = overlay(old, v, sub)
			continue
		}
		out[k] = v
	}
	return out
}

// without is a value without fields that are managed; nil if nothing is left.
func without(v any, fields map[string]any) any {
	m, ok := v.(map[string]any)
	if !ok || len(fields) == 0 {
		return nil
	}
	out := maps.Clone(m)
	for k, sub := range fields {
		field, ok := strings.CutPrefix(k, "f:")
		if !ok {
			continue
		}
		below, _ := sub.(map[string]any)
		if rest := without(m[field], below); rest != nil {
			out[field] = rest
		} else {
			delete(out, field)
		}
	}
	if len(out) == 0 {
		return nil
	}
	return out
}
