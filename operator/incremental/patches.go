package incremental

import (
	"maps"
	"slices"
	"strings"

	"github.com/ingress2gw/ingress2gw/operator/apply"
	"github.com/ingress2gw/ingress2gw/translate/manifest"
)

// patches are what the EnvoyFilters of one family hold together.
type patches struct {
	sums  map[Sum]bool
	about map[Sum]bool // what they are patches of
	all   []any
	parts int // how many EnvoyFilters
}

func (ps *patches) add(p any) {
	ps.sums[sumOf(p)], ps.about[about(p)] = true, true
	ps.all = append(ps.all, p)
}

// about sums up what a patch is one of.
func about(p any) Sum {
	m, _ := p.(manifest.Map)
	kind, _ := m.Get("applyTo")
	match, _ := m.Get("match")
	return sumOf([]any{kind, match})
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

// family gives the patches of a family; nil if there are none.
func (e *Edge) family(name string) *patches {
	if e.patches == nil {
		e.patches = map[string]*patches{}
		for _, ref := range slices.SortedFunc(maps.Keys(e.objects), apply.Compare) {
			o := e.objects[ref].object
			if ref.Kind != "EnvoyFilter" || belongs(o) {
				continue
			}
			f := e.patches[family(o)]
			if f == nil {
				f = &patches{sums: map[Sum]bool{}, about: map[Sum]bool{}}
				e.patches[family(o)] = f
			}
			f.parts++
			for _, p := range patchesOf(o) {
				f.add(p)
			}
		}
	}
	return e.patches[name]
}

// has tells whether a patch is among those of a family. Which of them are has no influence on their order: that of the edge is right
// for all.
func (ps *patches) has(family string, p any) bool {
	return ps.sums[sumOf(p)] || slices.Contains(sumsUp, family) && ps.cover(p)
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
