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
		why := nothingWrong
		switch have := g.object(ref); x.object.Kind {
		case "EnvoyFilter":
			g.debt = g.debt || known
			why = g.filter(x.object)
		case "Gateway":
			g.debt = g.debt || known && !hostsWithin(before.object, x.object)
			why = g.gateway(ref, x.object)
		case "ConfigMap":
			if have == nil {
				return nil, NotThere
			}
			o, ok := withLines(have, x.object)
			if !ok {
				return nil, NotThere
			}
			if o != nil {
				g.set(ref, o)
			}
			g.debt = g.debt || known && !linesWithin(before.object, x.object)
		case "Certificate", "DestinationRule", "ReferenceGrant", "Secret", "ServiceEntry":
			if have != nil {
				return nil, NotThere
			}
			g.set(ref, x.object)
		default:
			return nil, NotThere
		}
		if why != nothingWrong {
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
