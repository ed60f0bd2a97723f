package diff

import (
	"math"
	"slices"
)

// lastApplied is where kubectl keeps what it applied: a copy of the object, of a Secret with all it holds.
const lastApplied = "kubectl.kubernetes.io/last-applied-configuration"

// ofTheServer are the fields of metadata that a server sets.
func ofTheServer() []string {
	return []string{"managedFields", "resourceVersion", "uid", "generation", "creationTimestamp", "deletionTimestamp", "deletionGracePeriodSeconds", "selfLink"}
}

// tidy copies an object without what nobody wrote: what the server sets, status, kubectl's memory of what it applied, and
// fields that are null or have nothing in them at all. nil stays nil.
func tidy(tree map[string]any) map[string]any {
	if tree == nil {
		return nil
	}
	out := make(map[string]any, len(tree))
	for k, v := range tree {
		switch k {
		case "status":
		case "metadata":
			out[k] = tidyMetadata(v)
		default:
			if v = plain(v); v != nil {
				out[k] = v
			}
		}
	}
	return out
}

func tidyMetadata(v any) any {
	md, ok := v.(map[string]any)
	if !ok {
		return plain(v)
	}
	out := make(map[string]any, len(md))
	for k, v := range md {
		if slices.Contains(ofTheServer(), k) {
			continue
		}
		v = plain(v)
		if m, ok := v.(map[string]any); ok {
			if k == "annotations" {
				delete(m, lastApplied)
			}
			if len(m) == 0 {
				continue
			}
		}
		if v != nil {
			out[k] = v
		}
	}
	return out
}

// plain copies a value, with whole numbers as int64 whoever read them, and without entries that are null.
func plain(v any) any {
	switch v := v.(type) {
	case map[string]any:
		out := make(map[string]any, len(v))
		for k, x := range v {
			if x = plain(x); x != nil {
				out[k] = x
			}
		}
		return out
	case []any:
		out := make([]any, len(v))
		for i := range v {
			out[i] = plain(v[i])
		}
		return out
	case int:
		return int64(v)
	case float64:
		if v == math.Trunc(v) && math.Abs(v) < 1<<53 {
			return int64(v)
		}
	}
	return v
}
