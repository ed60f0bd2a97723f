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
	last   patch             // that was sealed
}

// seal completes a patch. Of equal ones, which nearly all are, one stays in memory.
func (rs *routePatches) seal(p *patch) {
	if p.empty() {
		return
	}
	if l := &rs.last; l.route == p.route && l.plain == p.plain && l.upgrade == p.upgrade {
		p.sealed = l.sealed // of an entry that was split
	} else {
		rs.last = *p
		p.sealed = p.key()
		rs.last.sealed = p.sealed
	}
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
	key := x.patch.key()
	if !x.patch.own || x.rule == nil {
		n := x.patch.sharedName() + mark
		if p := rs.byName[n]; p != nil && p.key != key {
			n += fmt.Sprintf("-%x", key[:4])
		}
		rs.put(n, key, x, "")
		return n
	}
	id := x.rule.Ingress + "\x00" + key + mark
	if n, ok := rs.owned[id]; ok {
		return n
	}
	base := fmt.Sprintf("%s/%s/%d", x.rule.Ingress, h.Name, x.rule.Index)
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
	byOwner := map[string][]*envoyPatch{}
	origins := map[string][]model.Origin{}
	rules := map[string][]*model.Rule{}
	var order, shared []string // shared: the name of each shared patch
	for _, p := range e.routes.sorted() {
		if _, ok := byOwner[p.ingress]; !ok {
			order = append(order, p.ingress)
		}
		if p.ingress != "" && p.rule != nil && p.rule.Origin.Object != nil {
			origins[p.ingress] = []model.Origin{{Object: p.rule.Origin.Object}}
		}
		for _, n := range p.routeNames() {
			r := cloneRoute(p.patch.route)
			more := p.patch.plain
			if strings.HasSuffix(n, "."+matchUpgrade) {
				more = p.patch.upgrade
			}
			if p.patch.splitsUpgrades() && more != nil {
				if r == nil {
					r = &routev3.Route{}
				}
				proto.Merge(r, more)
			}
			if r != nil {
				byOwner[p.ingress] = append(byOwner[p.ingress], routePatch(n, r))
				rules[p.ingress] = append(rules[p.ingress], p.rule)
				if p.ingress == "" {
					shared = append(shared, p.name)
				}
			}
		}
	}
	for _, ingress := range order {
		if len(byOwner[ingress]) == 0 {
			continue
		}
		if ingress == "" { // what many share comes from no one
			for i, part := range spread(byOwner[ingress], shared) {
				if o := e.envoyFilter(partName("i2g-routes", i), 0, part); len(part) > 0 {
					o.Stage = 1
					e.add(o)
				}
			}
			continue
		}
		ns, n := splitRef(ingress)
		name := e.names.claim("EnvoyFilter", e.gatewayNamespace(), "i2g-route."+ns+"."+n, ingress, maxName)
		o := e.envoyFilter(name, 0, byOwner[ingress])
		o.Stage = 1
		o.Origins, o.Annotations = origins[ingress], originAnnotation(origins[ingress])
		for i, r := range rules[ingress] {
			e.tracer.patch(o, i, r)
		}
		e.add(o)
	}
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
