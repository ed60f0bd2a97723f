package validate

import (
	"strings"

	istiotype "istio.io/api/type/v1beta1"
)

// maxSelector and maxTargets are limits of the published schemas.
const (
	maxSelector  = 4096
	maxFilterSel = 256
	maxTargets   = 16
)

// selector checks the labels by which a policy selects workloads.
func (c *check) selector(p *at, sub string, labels map[string]string) {
	limit := maxSelector
	if sub == "labels" {
		limit = maxFilterSel
	}
	if n := len(labels); n > limit {
		c.bad(p, sub, "%d entries, at most %d", n, limit)
	}
	for _, k := range sortedKeys(labels) {
		v := labels[k]
		if k == "" || strings.Contains(k+v, "*") || len(v) > 63 {
			c.bad(p, sub, "%s=%s selects nothing", quote(k), quote(v))
		}
	}
}

// attachment checks how a policy is attached: by labels or by references, not both.
func (c *check) attachment(s *istiotype.WorkloadSelector, one *istiotype.PolicyTargetReference, many []*istiotype.PolicyTargetReference) {
	n := 0
	if s != nil {
		place := specPlace.field("selector")
		c.selector(&place, "matchLabels", s.MatchLabels)
		n++
	}
	if one != nil {
		place := specPlace.field("targetRef")
		c.target(&place, one)
		n++
	}
	if len(many) > 0 {
		c.targets(many)
		n++
	}
	if n > 1 {
		c.bad(&specPlace, "", "only one of selector, targetRef and targetRefs")
	}
}

func (c *check) targets(refs []*istiotype.PolicyTargetReference) {
	list := specPlace.field("targetRefs")
	if n := len(refs); n > maxTargets {
		c.bad(&list, "", "%d entries, at most %d", n, maxTargets)
	}
	for i, r := range refs {
		place := list.item(i)
		c.target(&place, r)
	}
}

func (c *check) target(p *at, r *istiotype.PolicyTargetReference) {
	switch r.Group + "/" + r.Kind {
	case "/Service", "core/Service", "networking.istio.io/ServiceEntry", "gateway.networking.k8s.io/Gateway",
		"gateway.networking.k8s.io/GatewayClass":
	default:
		c.bad(p, "kind", "%q of group %q cannot be a target", r.Kind, r.Group)
	}
	if r.Name == "" || len(r.Name) > 253 {
		c.bad(p, "name", "%s is not a name", quote(r.Name))
	}
	if r.Namespace != "" {
		c.bad(p, "namespace", "targets of other namespaces are not supported")
	}
}
