package incremental

import (
	"slices"
	"strings"

	"github.com/ingress2gw/ingress2gw/translate/manifest"
)

// patches are what the EnvoyFilters of one family hold together.
type patches struct {
	sums map[Sum]bool
	all  []any
}

// sumsUp are the families with values that hold what everybody needs: limits of all sizes, the names of all filters.
var sumsUp = []string{"i2g-ratelimit", "i2g-access"}

// family is what the EnvoyFilters are called over which patches are spread.
func family(o *manifest.Object) string {
	name := strings.TrimRight(o.Name, "0123456789")
	if name == o.Name {
		return name
	}
	return strings.TrimSuffix(name, "-")
}

// hasPatches tells whether all patches of an EnvoyFilter are among those of its family. Which of them are has no influence on their
// order: that of the edge is right for all.
func (e *Edge) hasPatches(o *manifest.Object) bool {
	if e.patches == nil {
		e.patches = map[string]*patches{}
		for _, x := range e.objects {
			if x.object.Kind != "EnvoyFilter" || belongs(x.object) {
				continue
			}
			f := e.patches[family(x.object)]
			if f == nil {
				f = &patches{sums: map[Sum]bool{}}
				e.patches[family(x.object)] = f
			}
			for _, p := range patchesOf(x.object) {
				f.sums[sumOf(p)] = true
				f.all = append(f.all, p)
			}
		}
	}
	have := e.patches[family(o)]
	if have == nil {
		return false
	}
	return !slices.ContainsFunc(patchesOf(o), func(p any) bool {
		return !have.sums[sumOf(p)] && (!slices.Contains(sumsUp, family(o)) || !have.cover(p))
	})
}

func patchesOf(o *manifest.Object) []any {
	spec, _ := o.Spec.(manifest.Map)
	list, _ := spec.Get("configPatches")
	patches, _ := list.([]any)
	return patches
}

// cover tells whether one patch says all that another says.
func (ps *patches) cover(p any) bool {
	m, _ := p.(manifest.Map)
	tree := manifest.GoTree(m)
	return slices.ContainsFunc(ps.all, func(q any) bool {
		m, _ := q.(manifest.Map)
		return within(tree, manifest.GoTree(m))
	})
}

// within tells whether b says all that a says: lists may be longer.
func within(a, b any) bool {
	switch a := a.(type) {
	case map[string]any:
		b, ok := b.(map[string]any)
		if !ok || len(a) != len(b) {
			return false
		}
		for k, v := range a {
			w, ok := b[k]
			if !ok || !within(v, w) {
				return false
			}
		}
		return true
	case []any:
		b, ok := b.([]any)
		return ok && !slices.ContainsFunc(a, func(x any) bool {
			return !slices.ContainsFunc(b, func(y any) bool { return within(x, y) })
		})
	case string:
		b, ok := b.(string)
		return ok && (a == b || strings.HasSuffix(a, ",") && wordsWithin(strings.Split(a, ","), strings.Split(b, ",")))
	}
	return a == b
}

// wordsWithin tells whether some words stand in a list, in this order.
func wordsWithin(some, all []string) bool {
	for _, w := range some {
		i := slices.Index(all, w)
		if i < 0 {
			return false
		}
		all = all[i+1:]
	}
	return true
}
