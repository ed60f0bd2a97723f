package translate

import (
	networking "istio.io/api/networking/v1alpha3"

	"github.com/ingress2gw/ingress2gw/translate/manifest"
)

// patchedRoutes lists the routes of the proxy that an EnvoyFilter patches; false if it patches more than routes with a name.
func patchedRoutes(o *manifest.Object) (names []string, only bool) {
	spec, _ := o.Spec.(manifest.Map)
	list, _ := spec.Get("configPatches")
	patches, _ := list.([]any)
	for _, p := range patches {
		name, ok := at(p, "match", "routeConfiguration", "vhost", "route", "name").(string)
		if !ok || at(p, "applyTo") != "HTTP_ROUTE" {
			return nil, false
		}
		names = append(names, name)
	}
	return names, len(names) > 0
}

// at is the value at the end of a path of keys; nil if there is none.
func at(tree any, path ...string) any {
	for _, key := range path {
		m, _ := tree.(manifest.Map)
		tree, _ = m.Get(key)
	}
	return tree
}

// routeNames lists the routes of the proxy that a VirtualService makes.
func routeNames(o *manifest.Object) []string {
	spec := o.Spec
	if p, ok := spec.(manifest.Packed); ok {
		spec = p.Message()
	}
	vs, ok := spec.(*networking.VirtualService)
	if !ok {
		return nil
	}
	var names []string
	for _, r := range vs.Http {
		if len(r.Match) == 0 {
			names = append(names, r.Name)
		}
		for _, m := range r.Match {
			if m.Name == "" {
				names = append(names, r.Name)
			} else {
				names = append(names, r.Name+"."+m.Name)
			}
		}
	}
	return names
}
