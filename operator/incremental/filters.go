package incremental

import (
	"maps"
	"reflect"
	"slices"

	"github.com/ingress2gw/ingress2gw/operator/apply"
	"github.com/ingress2gw/ingress2gw/translate/emit/istio"
	"github.com/ingress2gw/ingress2gw/translate/manifest"
)

// The families that may grow: their patches do not depend on each other.
const (
	routeFilters   = "i2g-routes"    // a patch for the routes of each setting
	serverFilters  = "i2g-sni"       // a patch for each TLS server
	clusterFilters = "i2g-edge"      // a patch for each cluster that is special
	limitFilters   = "i2g-ratelimit" // one patch with all sizes
)

// mostBytes is how much an EnvoyFilter may hold until a translation of everything spreads it over others, as it does when nothing has
// changed for a while. It is more than a part holds then: of the many values that come in a row, few are to wait for that.
const mostBytes = 200 << 10

// filter sees to it that the patches of an EnvoyFilter are in those of its family.
func (g *growth) filter(o *manifest.Object) string {
	name := family(o)
	have := g.e.family(name)
	if have == nil {
		return NotThere
	}
	for _, p := range patchesOf(o) {
		switch {
		case have.has(name, p) || slices.ContainsFunc(g.patches[name], func(q any) bool { return sumOf(q) == sumOf(p) }):
		case name == limitFilters && have.parts == 1:
			if !g.sum(o, p) {
				return NotThere
			}
		case !g.patch(o, name, have, p):
			return NotThere
		}
	}
	return nothingWrong
}

// patch adds a patch of something that no other is one of.
func (g *growth) patch(o *manifest.Object, family string, have *patches, p any) bool {
	if have.about[about(p)] || slices.ContainsFunc(g.patches[family], func(q any) bool { return about(q) == about(p) }) {
		return false
	}
	part, ok := partOf(family, p, have.parts)
	if !ok {
		return false
	}
	ref := apply.RefOf(o)
	ref.Name = istio.PartName(family, part)
	to := g.object(ref)
	if to == nil {
		return false
	}
	return g.write(ref, family, to, append(slices.Clip(patchesOf(to)), p), p)
}

// partOf is the part in which a patch of a family stands; false if it is not known.
func partOf(family string, p any, parts int) (int, bool) {
	switch even := parts&(parts-1) == 0; family { // else a part is empty, and so not there
	case routeFilters:
		route := at(p, "match", "routeConfiguration", "vhost", "route", "name")
		return istio.RoutePart(route, parts), even && route != ""
	case serverFilters:
		sni := at(p, "match", "listener", "filterChain", "sni")
		return istio.ServerPart(sni, parts), even && sni != ""
	case clusterFilters: // several are in order
		return 0, parts == 1
	}
	return 0, false
}

// sum makes the patch that sums up what all need say what another says, too.
func (g *growth) sum(o *manifest.Object, p any) bool {
	ref := apply.RefOf(o)
	to := g.object(ref)
	if to == nil {
		return false
	}
	all := slices.Clone(patchesOf(to))
	i := slices.IndexFunc(all, func(q any) bool { return about(q) == about(p) })
	if i < 0 {
		return false
	}
	a, _ := all[i].(manifest.Map)
	b, _ := p.(manifest.Map)
	both, ok := union(manifest.GoTree(a), manifest.GoTree(b))
	if !ok {
		return false
	}
	all[i] = mapOf(both)
	return g.write(ref, family(o), to, all, all[i])
}

// write gives an EnvoyFilter other patches; new is the one among them.
func (g *growth) write(ref apply.Ref, family string, o *manifest.Object, patches []any, new any) bool {
	spec, _ := o.Spec.(manifest.Map)
	c := *o
	c.Spec = slices.Clone(spec).Set("configPatches", patches)
	if text, err := manifest.JSON(c.Spec); err != nil || len(text) > mostBytes {
		return false
	}
	g.set(ref, &c)
	g.patches[family] = append(g.patches[family], new)
	g.debt = true
	return true
}

// at is a text in a tree; "" for none.
func at(v any, path ...string) string {
	for _, key := range path {
		m, _ := v.(manifest.Map)
		v, _ = m.Get(key)
	}
	text, _ := v.(string)
	return text
}

// union gives a tree that says what two say: lists are joined. false if they contradict each other.
func union(a, b map[string]any) (map[string]any, bool) {
	if len(a) != len(b) {
		return nil, false
	}
	out := make(map[string]any, len(a))
	for k, v := range a {
		w, there := b[k]
		if !there {
			return nil, false
		}
		switch v := v.(type) {
		case map[string]any:
			w, _ := w.(map[string]any)
			both, ok := union(v, w)
			if !ok {
				return nil, false
			}
			out[k] = both
		case []any:
			w, ok := w.([]any)
			if !ok {
				return nil, false
			}
			all := slices.Clone(v)
			for _, x := range w {
				if !slices.ContainsFunc(all, func(y any) bool { return reflect.DeepEqual(x, y) }) {
					all = append(all, x)
				}
			}
			out[k] = all
		default:
			if v != w {
				return nil, false
			}
			out[k] = v
		}
	}
	return out, true
}

// mapOf is a tree with its keys in order.
func mapOf(v any) any {
	switch v := v.(type) {
	case map[string]any:
		m := make(manifest.Map, 0, len(v))
		for _, k := range slices.Sorted(maps.Keys(v)) {
			m = append(m, manifest.Field{Key: k, Value: mapOf(v[k])})
		}
		return m
	case []any:
		out := make([]any, len(v))
		for i := range v {
			out[i] = mapOf(v[i])
		}
		return out
	}
	return v
}
