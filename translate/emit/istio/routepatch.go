package istio

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	routev3 "github.com/envoyproxy/go-control-plane/envoy/config/route/v3"
	"google.golang.org/protobuf/proto"

	"github.com/ingress2gw/ingress2gw/translate/manifest"
	"github.com/ingress2gw/ingress2gw/translate/model"
)

// routePatches collects what has to be merged into the proxy's routes, by route name. A name stands for a set of settings:
// patches do not grow with the number of Ingresses, because istiod compares every patch with every route at every push.
type routePatches struct {
	byName map[string]*namedPatch
	owned  map[string]string // Ingress and content → name
	sealed map[string]*patch // by content
}

// seal completes a patch. Of equal ones, which nearly all are, one stays in memory.
func (rs *routePatches) seal(p *patch) {
	if p.empty() {
		return
	}
	s := p.state
	if s == nil {
		rs.sealAlone(p)
		return
	}
	if s.patch.sealed == "" {
		rs.sealAlone(&s.patch)
	}
	mark := p.mark
	*p = s.patch
	p.mark = mark
}

func (rs *routePatches) sealAlone(p *patch) {
	p.sealed = p.key()
	p.shared = true
	if rs.sealed == nil {
		rs.sealed = map[string]*patch{}
	}
	same := rs.sealed[p.sealed]
	if same == nil {
		c := p.clone()
		rs.sealed[p.sealed] = &c
		return
	}
	p.route, p.plain, p.upgrade, p.sealed = same.route, same.plain, same.upgrade, same.sealed
	if slices.Equal(p.labels, same.labels) {
		p.labels = same.labels
	}
}

type namedPatch struct {
	name    string
	key     string
	patch   patch
	ingress string // "namespace/name" for settings of one Ingress; "" for shared ones
	rule    *model.Rule
}

// name gives the route name of an entry and remembers its patch.
func (rs *routePatches) name(x *entry, h *model.Host) string {
	mark := x.patch.mark
	if x.name != "" {
		if !x.patch.empty() {
			rs.put(x.name+mark, x.patch.key(), x, "")
		}
		return x.name + mark
	}
	s := x.patch.state
	if s != nil && s.name != "" && mark == "" {
		return s.name
	}
	key := x.patch.key()
	if !x.patch.own || x.rule == nil {
		n := x.patch.sharedName() + mark
		if p := rs.byName[n]; p != nil && p.key != key {
			n += fmt.Sprintf("-%x", key[:4])
		}
		if s != nil && mark == "" {
			s.name = n
		}
		rs.put(n, key, x, "")
		return n
	}
	id := x.rule.Ingress + "\x00" + key + mark
	if n, ok := rs.owned[id]; ok {
		return n
	}
	// The name of a route that comes to be another must not be that of one that was there: while filters and routes are
	// exchanged, one of them is ahead.
	base := fmt.Sprintf("%s/%s/%d-%s", x.rule.Ingress, h.Name, x.rule.Index, x.patch.meaning())
	n := base + mark
	for i := 2; rs.byName[n] != nil; i++ {
		n = fmt.Sprintf("%s-%d%s", base, i, mark)
	}
	if rs.owned == nil {
		rs.owned = map[string]string{}
	}
	rs.owned[id] = n
	rs.put(n, key, x, x.rule.Ingress)
	return n
}

func (rs *routePatches) put(name, key string, x *entry, ingress string) {
	if rs.byName == nil {
		rs.byName = map[string]*namedPatch{}
	}
	if rs.byName[name] != nil {
		return
	}
	p := &namedPatch{name: name, key: key, patch: x.patch, ingress: ingress, rule: x.rule}
	rs.byName[name] = p
}

// sorted lists the patches: shared ones first, then by Ingress and name.
func (rs *routePatches) sorted() []*namedPatch {
	var out []*namedPatch
	for _, p := range rs.byName {
		if !p.patch.empty() {
			out = append(out, p)
		}
	}
	slices.SortFunc(out, func(a, b *namedPatch) int {
		return cmp.Or(cmp.Compare(a.ingress, b.ingress), cmp.Compare(a.name, b.name))
	})
	return out
}

// routeNames are the names that the proxy's routes of a patched name have.
func (p *namedPatch) routeNames() []string {
	if p.patch.splitsUpgrades() {
		return []string{p.name + "." + matchPlain, p.name + "." + matchUpgrade}
	}
	return []string{p.name}
}

// emitRoutePatches writes one EnvoyFilter for all shared names, or several where they are many, and one for each Ingress
// with settings of its own.
func (e *emitter) emitRoutePatches() {
	all := e.routes.sorted()
	for len(all) > 0 {
		first := all[0]
		var patches []*envoyPatch
		var names []string // of each
		for len(all) > 0 && all[0].ingress == first.ingress {
			for _, p := range all[0].patches() {
				patches, names = append(patches, p), append(names, all[0].name)
			}
			all = all[1:]
		}
		if first.ingress != "" {
			ns, ingress := splitRef(first.ingress)
			e.emitRouteFilter(e.names.claim("EnvoyFilter", e.gatewayNamespace(), "i2g-route."+ns+"."+ingress, first.ingress, maxName), patches, first.rule)
			continue
		}
		for i, part := range spread(patches, names) {
			e.emitRouteFilter(PartName("i2g-routes", i), part, nil)
		}
	}
}

// emitRouteFilter writes an EnvoyFilter for routes; of a rule, if they are its Ingress's own.
func (e *emitter) emitRouteFilter(name string, patches []*envoyPatch, of *model.Rule) {
	if len(patches) == 0 {
		return
	}
	o := e.envoyFilter(name, 0, patches)
	o.Stage = 1
	if of != nil && of.Origin.Object != nil {
		o.Origins = []model.Origin{{Object: of.Origin.Object}}
		o.Annotations = originAnnotation(o.Origins)
	}
	for i, p := range patches {
		e.tracer.patch(o, i, p.routes)
	}
	e.add(o)
}

// patches are what is merged into the routes of a name.
func (p *namedPatch) patches() []*envoyPatch {
	var out []*envoyPatch
	for _, n := range p.routeNames() {
		r := p.patch.route
		more := p.patch.plain
		if strings.HasSuffix(n, "."+matchUpgrade) {
			more = p.patch.upgrade
		}
		if p.patch.splitsUpgrades() && more != nil {
			if r = cloneRoute(r); r == nil {
				r = &routev3.Route{}
			}
			proto.Merge(r, more)
		}
		if r != nil {
			q := routePatch(n, r)
			q.routes = p.name
			out = append(out, q)
		}
	}
	return out
}

// routePatch merges settings into the routes of one name, on every port.
func routePatch(name string, r *routev3.Route) *envoyPatch {
	return &envoyPatch{
		applyTo: "HTTP_ROUTE",
		match: manifest.Map{
			{Key: "context", Value: "GATEWAY"},
			{Key: "routeConfiguration", Value: manifest.Map{{Key: "vhost", Value: manifest.Map{{Key: "route", Value: manifest.Map{{Key: "name", Value: name}}}}}}},
		},
		operation: "MERGE",
		value:     r,
	}
}
