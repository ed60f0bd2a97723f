package manifest

import (
	"math"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
)

// Unstructured gives an object in the form that Kubernetes clients take. Numbers are int64 or float64, as if read from JSON.
// What Build calls an error is in it as it stands.
func Unstructured(o *Object) *unstructured.Unstructured {
	return &unstructured.Unstructured{Object: goMap(o.Tree())}
}

// GoTree gives a tree as Go maps and slices, numbers as in Unstructured.
func GoTree(m Map) map[string]any {
	plain, _ := Plain(m) // what has no place in a manifest is left out; Build reports it
	t, _ := plain.(Map)
	return goMap(t)
}

func goMap(m Map) map[string]any {
	out := make(map[string]any, len(m))
	for _, f := range m {
		out[f.Key] = goValue(f.Value)
	}
	return out
}

func goValue(v any) any {
	switch v := v.(type) {
	case Map:
		return goMap(v)
	case []any:
		out := make([]any, len(v))
		for i := range v {
			out[i] = goValue(v[i])
		}
		return out
	case uint64:
		if v <= math.MaxInt64 {
			return int64(v)
		}
		return float64(v)
	case float64:
		if v == math.Trunc(v) && math.Abs(v) < 1<<53 {
			return int64(v)
		}
	}
	return v
}
