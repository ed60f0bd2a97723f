package istio

import (
	"slices"

	networking "istio.io/api/networking/v1alpha3"
)

// copyHTTP copies what features change in place, which are destinations. What they only replace as a whole is shared: most
// entries are copies, and there may be a hundred thousand.
func copyHTTP(h *networking.HTTPRoute) *networking.HTTPRoute {
	c := &networking.HTTPRoute{
		Name: h.Name, Match: slices.Clone(h.Match), Redirect: h.Redirect, DirectResponse: h.DirectResponse, Delegate: h.Delegate,
		Timeout: h.Timeout, Retries: h.Retries, Fault: h.Fault, Mirror: h.Mirror, MirrorPercent: h.MirrorPercent, //nolint:staticcheck // copied if set
		MirrorPercentage: h.MirrorPercentage, CorsPolicy: h.CorsPolicy, Rewrite: h.Rewrite, Headers: h.Headers,
	}
	for _, d := range h.Route {
		c.Route = append(c.Route, &networking.HTTPRouteDestination{Destination: copyDestination(d.Destination), Weight: d.Weight, Headers: d.Headers})
	}
	for _, m := range h.Mirrors {
		c.Mirrors = append(c.Mirrors, m.DeepCopy())
	}
	return c
}

func copyDestination(d *networking.Destination) *networking.Destination {
	if d == nil {
		return nil
	}
	return &networking.Destination{Host: d.Host, Subset: d.Subset, Port: d.Port}
}
