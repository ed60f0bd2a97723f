package istio

import (
	"slices"

	networking "istio.io/api/networking/v1alpha3"
)

// copyHTTP copies what features change in place: destinations, headers and rewrites. What they only replace as a whole is
// shared: most entries are copies, and there may be a hundred thousand.
func copyHTTP(h *networking.HTTPRoute) *networking.HTTPRoute {
	c := &networking.HTTPRoute{
		Name: h.Name, Match: slices.Clone(h.Match), Redirect: h.Redirect, DirectResponse: h.DirectResponse, Delegate: h.Delegate,
		Timeout: h.Timeout, Retries: h.Retries, Fault: h.Fault, Mirror: h.Mirror, MirrorPercent: h.MirrorPercent, //nolint:staticcheck // copied if set
		MirrorPercentage: h.MirrorPercentage, CorsPolicy: h.CorsPolicy,
	}
	for _, d := range h.Route {
		r := &networking.HTTPRouteDestination{Destination: copyDestination(d.Destination), Weight: d.Weight}
		if d.Headers != nil {
			r.Headers = d.Headers.DeepCopy()
		}
		c.Route = append(c.Route, r)
	}
	for _, m := range h.Mirrors {
		c.Mirrors = append(c.Mirrors, m.DeepCopy())
	}
	if h.Rewrite != nil {
		c.Rewrite = h.Rewrite.DeepCopy()
	}
	if h.Headers != nil {
		c.Headers = h.Headers.DeepCopy()
	}
	return c
}

func copyDestination(d *networking.Destination) *networking.Destination {
	if d == nil {
		return nil
	}
	return &networking.Destination{Host: d.Host, Subset: d.Subset, Port: d.Port}
}
