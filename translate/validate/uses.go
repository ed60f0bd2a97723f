package validate

import (
	"slices"

	istionet "istio.io/api/networking/v1alpha3"

	"github.com/ingress2gw/ingress2gw/translate/manifest"
)

// uses are what a VirtualService names: all that the checks of the set want to know of one that has nothing to do with
// delegates.
type uses struct {
	gateways []string
	subsets  []subsetUse
}

// subsetUse is a destination with a subset. Where it stands is spelled out only if something is wrong with it.
type subsetUse struct {
	at           destinationPlace
	host, subset string
}

// usesOf gathers what a VirtualService names, and the names of its routes.
func (c *check) usesOf(vs *istionet.VirtualService, o *manifest.Object) *uses {
	u := &uses{}
	for _, g := range vs.Gateways {
		u.gateways = append(u.gateways, c.intern(g))
	}
	eachDestination(vs, func(at destinationPlace, d *istionet.Destination) {
		if d.GetSubset() == "" {
			return
		}
		use := subsetUse{at, fullHost(d.Host, o), d.Subset}
		if !slices.ContainsFunc(u.subsets, func(known subsetUse) bool { return known.host == use.host && known.subset == use.subset }) {
			u.subsets = append(u.subsets, use)
		}
	})
	if len(vs.Hosts) == 0 {
		return u
	}
	for _, r := range vs.Http {
		if r.Delegate == nil {
			addNames(c.routeNames, r.Name, matchNames(r.Match))
		}
	}
	return u
}

// intern gives equal texts one memory.
func (c *check) intern(s string) string {
	if known, ok := c.texts[s]; ok {
		return known
	}
	c.texts[s] = s
	return s
}

// delegating tells whether a VirtualService is a delegate or has one.
func delegating(vs *istionet.VirtualService) bool {
	if len(vs.Hosts) == 0 {
		return true
	}
	for _, r := range vs.Http {
		if r.Delegate != nil {
			return true
		}
	}
	return false
}

// subsetsOf lists the subsets that a DestinationRule defines.
func subsetsOf(d *istionet.DestinationRule, o *manifest.Object) []string {
	var out []string
	for _, s := range d.Subsets {
		out = append(out, fullHost(d.Host, o)+"|"+s.Name)
	}
	return out
}
