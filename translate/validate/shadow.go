package validate

import (
	istionet "istio.io/api/networking/v1alpha3"
)

// shadowed finds entries behind one that catches everything: Istio does not even send them. A catch-all that delegates
// hides nothing for certain, since its entry vanishes when the delegate does; a guard may stand behind it.
func (c *check) shadowed(routes []*istionet.HTTPRoute) {
	http := specPlace.field("http")
	var all int                // index + 1 of the entry that catches every port
	byPort := map[uint32]int{} // the same for entries that catch one port
	for i, r := range routes {
		if len(r.Match) == 0 {
			if all > 0 {
				p := http.item(i)
				c.bad(&p, "", "is never reached: http[%d] catches everything", all-1)
			}
			if all == 0 && r.Delegate == nil {
				all = i + 1
			}
			continue
		}
		matches := http.item(i)
		list := matches.field("match")
		for j, m := range r.Match {
			by := all
			if by == 0 && m.Port != 0 {
				by = byPort[m.Port]
			}
			if by > 0 {
				p := list.item(j)
				c.bad(&p, "", "is never reached: http[%d] catches everything", by-1)
				continue
			}
			switch {
			case !catchesAll(m) || r.Delegate != nil:
			case m.Port == 0:
				all = i + 1
			default:
				byPort[m.Port] = i + 1
			}
		}
	}
}

// catchesAll tells whether Istio takes a match for one that catches everything (on its port).
func catchesAll(m *istionet.HTTPMatchRequest) bool {
	if m.Uri != nil && m.Uri.GetPrefix() != "/" && m.Uri.GetRegex() != ".*" {
		return false
	}
	return m.Scheme == nil && m.Method == nil && m.Authority == nil && len(m.Headers) == 0 && len(m.WithoutHeaders) == 0 &&
		len(m.QueryParams) == 0 && len(m.Gateways) == 0 && len(m.SourceLabels) == 0 && m.SourceNamespace == ""
}
