// Package incremental keeps the translation of many Ingresses up to date by translating only those that changed, with what belongs to
// them. It knows nothing of what a translation does with them. Instead it checks, each time, that the part of the whole that it is
// about to replace is what these Ingresses alone lead to: where it is not, or where anything else is in doubt, the whole is to be
// translated.
package incremental

import (
	"slices"

	"github.com/ingress2gw/ingress2gw/operator/apply"
	"github.com/ingress2gw/ingress2gw/reports/finding"
	"github.com/ingress2gw/ingress2gw/translate/manifest"
	"github.com/ingress2gw/ingress2gw/translate/snapshot"
)

// Source is an Ingress of a translation.
type Source struct {
	Key    snapshot.Key
	Object *finding.Object // that its findings are about
}

// Edge is the translation of all Ingresses of a gateway.
type Edge struct {
	// Debt says that there may be something that nothing uses any more. It goes when the whole is translated.
	Debt bool

	objects  map[apply.Ref]entry
	byOrigin map[snapshot.Key][]apply.Ref
	said     map[snapshot.Key]Sum
	mesh     Sum

	certificates int // Gateways that serve hosts by TLS

	// Made when they are asked for:
	patches map[string]*patches  // of EnvoyFilters of the whole gateway, by family
	secured map[string]apply.Ref // hosts that are served by TLS, with their Gateways
}

// belongs tells whether an object is that of its Ingresses alone.
func belongs(o *manifest.Object) bool { return !o.Shared && len(apply.Origins(o)) > 0 }

type entry struct {
	object *manifest.Object
	sum    Sum
}

// New notes a translation of everything.
func New(all Translation) *Edge {
	p := read(all)
	e := &Edge{
		objects: make(map[apply.Ref]entry, len(p.own)+len(p.shared)), byOrigin: make(map[snapshot.Key][]apply.Ref, len(p.said)),
		said: p.said, mesh: p.mesh,
	}
	for _, some := range [...]map[apply.Ref]entry{p.own, p.shared} {
		for ref, x := range some {
			e.put(ref, x)
		}
	}
	return e
}

// put notes an object.
func (e *Edge) put(ref apply.Ref, x entry) {
	e.objects[ref] = x
	if len(tlsHosts(x.object)) > 0 {
		e.certificates++
	}
	for _, k := range apply.Origins(x.object) {
		e.byOrigin[k] = append(e.byOrigin[k], ref)
	}
}

// drop forgets an object.
func (e *Edge) drop(ref apply.Ref) {
	for _, k := range apply.Origins(e.objects[ref].object) {
		if e.byOrigin[k] = slices.DeleteFunc(e.byOrigin[k], func(r apply.Ref) bool { return r == ref }); len(e.byOrigin[k]) == 0 {
			delete(e.byOrigin, k)
		}
	}
	if len(tlsHosts(e.objects[ref].object)) > 0 {
		e.certificates--
	}
	delete(e.objects, ref)
}

// Of names the objects that come from an Ingress, alone or with others, in order.
func (e *Edge) Of(k snapshot.Key) []apply.Ref {
	some := make([]*manifest.Object, len(e.byOrigin[k]))
	for i, ref := range e.byOrigin[k] {
		some[i] = e.objects[ref].object
	}
	manifest.Sort(some)
	refs := make([]apply.Ref, len(some))
	for i, o := range some {
		refs[i] = apply.RefOf(o)
	}
	return refs
}

// Sum gives what an object sums up to; false if there is none.
func (e *Edge) Sum(ref apply.Ref) (Sum, bool) {
	x, ok := e.objects[ref]
	return x.sum, ok
}

// Certificates is about how many certificates the gateway has.
func (e *Edge) Certificates() int { return e.certificates }

// part is what some Ingresses lead to.
type part struct {
	own     map[apply.Ref]entry // come from Ingresses
	shared  map[apply.Ref]entry // may come from anybody
	said    map[snapshot.Key]Sum
	others  Sum // what blocks and is about none of the Ingresses
	mesh    Sum
	invalid bool
}

func read(t Translation) part {
	p := part{
		own: make(map[apply.Ref]entry, len(t.Objects)), shared: map[apply.Ref]entry{},
		said: make(map[snapshot.Key]Sum, len(t.Sources)), mesh: sumOf(t.MeshConfig),
	}
	for _, o := range t.Objects {
		x := entry{o, Of(o)}
		if belongs(o) {
			p.own[apply.RefOf(o)] = x
		} else {
			p.shared[apply.RefOf(o)] = x
		}
	}
	about := make(said, len(t.Sources))
	for _, s := range t.Sources {
		about[s.Object] = newSummer()
	}
	others := newSummer()
	for i := range t.Findings {
		f := &t.Findings[i]
		p.invalid = p.invalid || f.Code == finding.InvalidOutput
		switch s, ok := about[f.Origin.Object]; {
		case ok:
			s.finding(f)
		case f.Blocking():
			others.text(f.Origin.Object.Ref())
			others.finding(f)
		}
	}
	p.others = others.sum()
	for _, s := range t.Sources {
		p.said[s.Key] = about[s.Object].sum()
	}
	return p
}
