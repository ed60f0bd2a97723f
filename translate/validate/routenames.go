package validate

import (
	istionet "istio.io/api/networking/v1alpha3"
)

// routeNames gives the names that routes have at a gateway, and whether there are VirtualServices at all. A named match
// makes NAME.MATCH, and then there is no NAME; the names of a root and of its delegate are joined.
func routeNames(views []view) (map[string]bool, bool) {
	delegates := map[string]*istionet.VirtualService{}
	var roots []view
	for _, v := range views {
		vs, ok := v.spec.(*istionet.VirtualService)
		switch {
		case !ok:
		case len(vs.Hosts) == 0:
			delegates[v.obj.Namespace+"/"+v.obj.Name] = vs
		default:
			roots = append(roots, v)
		}
	}
	names := map[string]bool{}
	for _, v := range roots {
		for _, r := range v.spec.(*istionet.VirtualService).Http {
			if r.Delegate == nil {
				addNames(names, r.Name, matchNames(r.Match))
				continue
			}
			ns := r.Delegate.Namespace
			if ns == "" {
				ns = v.obj.Namespace
			}
			d, ok := delegates[ns+"/"+r.Delegate.Name]
			if !ok {
				// Somebody else's delegate, taken to have no names of its own.
				addNames(names, r.Name, matchNames(r.Match))
				continue
			}
			for _, leaf := range d.Http {
				addNames(names, joined(r.Name, leaf.Name), joinedMatches(r.Match, leaf.Match))
			}
		}
	}
	return names, len(roots)+len(delegates) > 0
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
