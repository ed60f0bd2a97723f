package incremental

import (
	"maps"
	"slices"

	"github.com/ingress2gw/ingress2gw/operator/apply"
	"github.com/ingress2gw/ingress2gw/translate/manifest"
)

// growth is what an edge has to have besides, for some Ingresses, of that in which all have a part: Gateways, filters, lists. Until it is
// taken over, the edge stays as it is.
type growth struct {
	e        *Edge
	old, now map[apply.Ref]entry            // what these Ingresses led to and lead to
	objects  map[apply.Ref]*manifest.Object // nil for those that go
	patches  map[string][]any               // new ones, by family
	debt     bool                           // something may not be needed any more
}

// harmless are the kinds of which one more than is needed changes no answer.
var harmless = []string{"Certificate", "ConfigMap", "DestinationRule", "EnvoyFilter", "ReferenceGrant", "Secret", "ServiceEntry"}

// cover sees to what all have a part in. What some Ingresses need of it is there, or becomes so.
func (e *Edge) cover(old, now *part) (*growth, string) {
	g := &growth{e: e, old: old.shared, now: now.shared, objects: map[apply.Ref]*manifest.Object{}, patches: map[string][]any{}}
	for _, ref := range slices.SortedFunc(maps.Keys(now.shared), apply.Compare) {
		x := now.shared[ref]
		before, known := old.shared[ref]
		if known && before.sum == x.sum {
			continue
		}
		if have, there := e.objects[ref]; there && have.sum == x.sum && g.object(ref) == have.object {
			g.debt = g.debt || known
			continue
		}
		if why := g.need(ref, x.object, before.object); why != nothingWrong {
			return nil, why
		}
	}
	for _, ref := range slices.SortedFunc(maps.Keys(old.shared), apply.Compare) {
		_, still := now.shared[ref]
		switch {
		case ref.Kind == "Gateway":
			if why := g.leave(ref); why != nothingWrong {
				return nil, why
			}
			g.debt = g.debt || !still
		case !still && slices.Contains(harmless, ref.Kind):
			g.debt = true
		case !still:
			return nil, EdgeWide
		}
	}
	return g, nothingWrong
}

// need sees to it that the edge has what an object says. before is what it said until now; nil if there was none.
func (g *growth) need(ref apply.Ref, o, before *manifest.Object) string {
	known := before != nil
	switch have := g.object(ref); o.Kind {
	case "EnvoyFilter":
		g.debt = g.debt || known
		return g.filter(o)
	case "Gateway":
		g.debt = g.debt || known && !hostsWithin(before, o)
		return g.gateway(ref, o)
	case "ConfigMap":
		if have == nil {
			return NotThere
		}
		more, ok := withLines(have, o)
		if !ok {
			return NotThere
		}
		if more != nil {
			g.set(ref, more)
		}
		g.debt = g.debt || known && !linesWithin(before, o)
	case "Certificate", "DestinationRule", "ReferenceGrant", "Secret", "ServiceEntry":
		if have != nil {
			return NotThere
		}
		g.set(ref, o)
	default:
		return NotThere
	}
	return nothingWrong
}

// object is an object as it is to be; nil for none.
func (g *growth) object(ref apply.Ref) *manifest.Object {
	if o, ok := g.objects[ref]; ok {
		return o
	}
	return g.e.objects[ref].object
}

func (g *growth) set(ref apply.Ref, o *manifest.Object) { g.objects[ref] = o }

func (g *growth) remove(ref apply.Ref) { g.objects[ref] = nil }

// take over what has grown.
func (g *growth) into(c *Change) {
	e := g.e
	e.Debt = e.Debt || g.debt
	refs := slices.SortedFunc(maps.Keys(g.objects), apply.Compare)
	for _, ref := range refs {
		if e.secured != nil && ref.Kind == "Gateway" {
			e.unsecure(ref, e.objects[ref].object)
		}
		if _, ok := e.objects[ref]; ok {
			e.drop(ref)
		}
	}
	for _, ref := range refs {
		o := g.objects[ref]
		if o == nil {
			c.Gone = append(c.Gone, ref)
			continue
		}
		if e.put(ref, entry{o, Of(o)}); e.secured != nil && ref.Kind == "Gateway" {
			e.secure(ref, o)
		}
		c.Set = append(c.Set, o)
	}
	for f, ps := range g.patches {
		for _, p := range ps {
			e.patches[f].add(p)
		}
	}
}
