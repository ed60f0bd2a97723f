package validate

import (
	"slices"
	"strconv"
	"strings"

	istionet "istio.io/api/networking/v1alpha3"

	"github.com/ingress2gw/ingress2gw/translate/manifest"
	"github.com/ingress2gw/ingress2gw/translate/snapshot"
)

// set checks what no object shows by itself.
func (c *check) set(views []view, existing []*snapshot.Gateway) {
	c.identities(views)
	c.listeners(views, existing)
	if !broken(views, "Gateway") {
		c.gatewayReferences(views, existing)
	}
	if !broken(views, "DestinationRule") {
		c.subsetReferences(views)
	}
	if !broken(views, "EnvoyFilter") {
		c.perRouteProblems()
	}
	if !broken(views, "VirtualService") {
		c.delegates(views)
		if slices.ContainsFunc(views, func(v view) bool { return v.uses != nil }) {
			c.joinedNames(views)
			c.routeNameProblems(c.routeNames)
		}
	}
}

// broken tells whether an object of a kind is already known to be broken: what refers to it cannot be judged.
func broken(views []view, kind string) bool {
	return slices.ContainsFunc(views, func(v view) bool { return v.broken && v.obj.Kind == kind })
}

// identities: two objects of one name would overwrite each other.
func (c *check) identities(views []view) {
	type identity struct{ group, kind, namespace, name string }
	seen := make(map[identity]bool, len(views))
	for _, v := range views {
		c.obj = v.obj
		// The API server keeps one object for all versions of a group.
		group, _, grouped := strings.Cut(v.obj.APIVersion, "/")
		if !grouped {
			group = ""
		}
		id := identity{group, v.obj.Kind, v.obj.Namespace, v.obj.Name}
		if seen[id] {
			c.bad(nil, "metadata.name", "another object has the same identity")
		}
		seen[id] = true
	}
}

// gatewayReferences: a VirtualService that names no Gateway serves nothing.
func (c *check) gatewayReferences(views []view, existing []*snapshot.Gateway) {
	known := map[string]bool{}
	for _, v := range views {
		if v.servers != nil {
			known[v.obj.Namespace+"/"+v.obj.Name] = true
		}
	}
	if len(known) == 0 {
		return // routes only: the Gateways are somebody else's
	}
	for _, g := range existing {
		known[g.Key.String()] = true
	}
	list := specPlace.field("gateways")
	for _, v := range views {
		if v.uses == nil {
			continue
		}
		for i, g := range v.uses.gateways {
			name := g
			if !strings.Contains(g, "/") {
				name = v.obj.Namespace + "/" + g
			}
			if g != "mesh" && !known[name] {
				c.obj = v.obj
				p := list.item(i)
				c.bad(&p, "", "no Gateway %s", name)
			}
		}
	}
}

// subsetReferences: a route to a subset that no DestinationRule defines is a 503.
func (c *check) subsetReferences(views []view) {
	defined := map[string]bool{}
	for _, v := range views {
		for _, s := range v.defines {
			defined[s] = true
		}
	}
	for _, v := range views {
		if v.uses == nil {
			continue
		}
		c.obj = v.obj
		for _, u := range v.uses.subsets {
			if !defined[u.host+"|"+u.subset] {
				p := at{name: u.at.String(), index: -1}
				c.bad(&p, "subset", "no DestinationRule for %s defines %q", u.host, u.subset)
			}
		}
	}
}

// fullHost makes a name that was written short the way Istio reads it.
func fullHost(host string, o *manifest.Object) string {
	if strings.Contains(host, ".") {
		return host
	}
	return host + "." + o.Namespace + ".svc.cluster.local"
}

// destinationPlace is where a destination stands in a VirtualService.
type destinationPlace struct {
	list  string // http, tls or tcp
	entry int
	field string // of an http entry
	item  int    // of the field; -1 if it is no list
}

// String is the path of the destination; of TLS and TCP routes, that of the entry.
func (p destinationPlace) String() string {
	s := "spec." + p.list + "[" + strconv.Itoa(p.entry) + "]"
	switch {
	case p.field == "":
		return s
	case p.item < 0:
		return s + "." + p.field
	}
	return s + "." + p.field + "[" + strconv.Itoa(p.item) + "].destination"
}

func eachDestination(vs *istionet.VirtualService, f func(destinationPlace, *istionet.Destination)) {
	for i, r := range vs.Http {
		for j, d := range r.Route {
			f(destinationPlace{"http", i, "route", j}, d.Destination)
		}
		if r.Mirror != nil {
			f(destinationPlace{"http", i, "mirror", -1}, r.Mirror)
		}
		for j, m := range r.Mirrors {
			f(destinationPlace{"http", i, "mirrors", j}, m.Destination)
		}
	}
	for i, r := range vs.Tls {
		for _, d := range r.Route {
			f(destinationPlace{"tls", i, "", -1}, d.Destination)
		}
	}
	for i, r := range vs.Tcp {
		for _, d := range r.Route {
			f(destinationPlace{"tcp", i, "", -1}, d.Destination)
		}
	}
}
