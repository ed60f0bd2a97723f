package validate

import (
	"slices"
	"strings"

	istionet "istio.io/api/networking/v1alpha3"
)

// delegates checks roots against what they delegate to. Istio drops, without a word, an entry whose delegate is missing, has
// hosts of its own or is not exported to the root, and each combination of matches that it takes for a conflict.
func (c *check) delegates(views []view) {
	if !slices.ContainsFunc(views, func(v view) bool { return v.routes != nil }) {
		return
	}
	byName := map[string]view{}
	for _, v := range views {
		if v.uses != nil {
			byName[v.obj.Namespace+"/"+v.obj.Name] = v
		}
	}
	admitted := map[*istionet.HTTPRoute]bool{} // entries of delegates that some root lets in
	used := map[string]bool{}
	http := specPlace.field("http")
	for _, v := range views {
		if v.routes == nil {
			continue
		}
		for i, r := range v.routes.Http {
			if r.Delegate == nil {
				continue
			}
			ns := r.Delegate.Namespace
			if ns == "" {
				ns = v.obj.Namespace
			}
			name := ns + "/" + r.Delegate.Name
			p := http.item(i)
			c.obj = v.obj
			d, ok := byName[name]
			if !ok {
				c.bad(&p, "delegate", "no VirtualService %s: the entry vanishes", name)
				continue
			}
			used[name] = true
			c.delegate(&p, v, r, d, admitted)
		}
	}
	for _, v := range views {
		if used[v.obj.Namespace+"/"+v.obj.Name] {
			c.unadmitted(v, admitted)
		}
	}
}

func (c *check) delegate(p *at, root view, r *istionet.HTTPRoute, d view, admitted map[*istionet.HTTPRoute]bool) {
	name := d.obj.Namespace + "/" + d.obj.Name
	spec := d.routes
	if spec == nil || len(spec.Hosts) > 0 {
		c.bad(p, "delegate", "%s has hosts of its own: the entry vanishes", name)
	}
	if spec == nil {
		return
	}
	if !exported(spec.ExportTo, d.obj.Namespace, root.obj.Namespace) {
		c.bad(p, "delegate", "%s is not exported to %s: the entry vanishes", name, root.obj.Namespace)
	}
	left := false
	for _, leaf := range spec.Http {
		if admits(r.Match, leaf.Match) {
			left, admitted[leaf] = true, true
		}
	}
	if !left {
		c.bad(p, "delegate", "%s has no entry that fits the match: the entry vanishes", name)
	}
}

// unadmitted reports entries of a delegate that no root lets in.
func (c *check) unadmitted(v view, admitted map[*istionet.HTTPRoute]bool) {
	vs := v.routes
	if vs == nil || len(vs.Hosts) > 0 {
		return
	}
	http := specPlace.field("http")
	for i, leaf := range vs.Http {
		if !admitted[leaf] {
			c.obj = v.obj
			p := http.item(i)
			c.bad(&p, "match", "conflicts with every root that delegates here")
		}
	}
}

func exported(to []string, from, namespace string) bool {
	return len(to) == 0 || slices.Contains(to, "*") || slices.Contains(to, namespace) || from == namespace && slices.Contains(to, ".")
}

// admits tells whether an entry of a delegate survives under the matches of a root: each of its matches must fit one.
func admits(root, leaf []*istionet.HTTPMatchRequest) bool {
	if len(root) == 0 {
		return true
	}
	for _, l := range leaf {
		if !slices.ContainsFunc(root, func(r *istionet.HTTPMatchRequest) bool { return !conflict(r, l) }) {
			return false
		}
	}
	return true
}

func conflict(root, leaf *istionet.HTTPMatchRequest) bool {
	switch {
	case textConflict(root.Uri, leaf.Uri), textConflict(root.Scheme, leaf.Scheme), textConflict(root.Method, leaf.Method),
		textConflict(root.Authority, leaf.Authority),
		root.IgnoreUriCase != leaf.IgnoreUriCase,
		root.Port > 0 && leaf.Port > 0 && root.Port != leaf.Port,
		root.SourceNamespace != "" && root.SourceNamespace != leaf.SourceNamespace,
		mapConflict(root.Headers, leaf.Headers), mapConflict(root.WithoutHeaders, leaf.WithoutHeaders),
		mapConflict(root.QueryParams, leaf.QueryParams):
		return true
	}
	for k, v := range leaf.SourceLabels {
		if w, ok := root.SourceLabels[k]; ok && v != w {
			return true
		}
	}
	return len(root.Gateways) > 0 && slices.ContainsFunc(leaf.Gateways, func(g string) bool { return !slices.Contains(root.Gateways, g) })
}

func mapConflict(root, leaf map[string]*istionet.StringMatch) bool {
	for k, v := range leaf {
		if textConflict(root[k], v) {
			return true
		}
	}
	return false
}

// textConflict: a delegate may narrow a prefix, repeat an exact text, and say nothing beside a regular expression.
func textConflict(root, leaf *istionet.StringMatch) bool {
	if root == nil || leaf == nil {
		return false
	}
	switch {
	case root.GetRegex() != "" || leaf.GetRegex() != "":
		return true
	case root.GetExact() != "":
		return leaf.GetExact() != root.GetExact()
	case root.GetPrefix() != "":
		return leaf.GetPrefix() == "" && leaf.GetExact() == "" || !strings.HasPrefix(leaf.GetPrefix()+leaf.GetExact(), root.GetPrefix())
	}
	return true
}
