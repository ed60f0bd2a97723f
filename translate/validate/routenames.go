package validate

import (
	istionet "istio.io/api/networking/v1alpha3"
)

// joinedNames adds the names that routes have which are made of a root and a delegate, to those of all other routes. A named
// match makes NAME.MATCH, and then there is no NAME; the names of a root and of its delegate are joined.
func (c *check) joinedNames(views []view) {
	delegates := map[string]*istionet.VirtualService{}
	for _, v := range views {
		if vs := v.routes; vs != nil && len(vs.Hosts) == 0 {
			delegates[v.obj.Namespace+"/"+v.obj.Name] = vs
		}
	}
	for _, v := range views {
		vs := v.routes
		if vs == nil || len(vs.Hosts) == 0 {
			continue
		}
		for _, r := range vs.Http {
			if r.Delegate == nil {
				continue // has names by itself
			}
			ns := r.Delegate.Namespace
			if ns == "" {
				ns = v.obj.Namespace
			}
			d, ok := delegates[ns+"/"+r.Delegate.Name]
			if !ok {
				// Somebody else's delegate, taken to have no names of its own.
				addNames(c.routeNames, r.Name, matchNames(r.Match))
				continue
			}
			for _, leaf := range d.Http {
				addNames(c.routeNames, joined(r.Name, leaf.Name), joinedMatches(r.Match, leaf.Match))
			}
		}
	}
}

func addNames(names map[string]bool, name string, matches []string) {
	for _, m := range matches {
		if m == "" {
			names[name] = true
			continue
		}
		names[name+"."+m] = true
	}
}

func matchNames(matches []*istionet.HTTPMatchRequest) []string {
	if len(matches) == 0 {
		return []string{""}
	}
	names := make([]string, len(matches))
	for i, m := range matches {
		names[i] = m.Name
	}
	return names
}

func joinedMatches(root, leaf []*istionet.HTTPMatchRequest) []string {
	var names []string
	for _, r := range matchNames(root) {
		for _, l := range matchNames(leaf) {
			names = append(names, joined(r, l))
		}
	}
	return names
}

func joined(root, leaf string) string {
	if root == "" || leaf == "" {
		return root + leaf
	}
	return root + "-" + leaf
}
