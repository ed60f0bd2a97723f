package validate

import (
	"strings"

	istionet "istio.io/api/networking/v1alpha3"
)

func (c *check) destinations(p *at, routes []*istionet.HTTPRouteDestination) {
	list := p.field("route")
	sum := int64(0)
	for i, r := range routes {
		place := list.item(i)
		c.weighted(&place, r.Destination, r.Weight)
		c.headers(&place, r.Headers)
		sum += int64(r.Weight)
	}
	if len(routes) > 1 && sum == 0 {
		c.bad(&list, "", "the weights add up to 0")
	}
}

func (c *check) weighted(p *at, d *istionet.Destination, weight int32) {
	place := p.field("destination")
	if d == nil {
		c.bad(&place, "", "is required")
	} else {
		c.destination(&place, d)
	}
	if weight < 0 {
		c.bad(p, "weight", "%d is negative", weight)
	}
}

// destination wants a full name: a short one would mean another Service when the object moves to another namespace.
func (c *check) destination(p *at, d *istionet.Destination) {
	switch problem := fqdnProblem(d.Host); {
	case problem != "":
		c.bad(p, "host", "%s: %s", quote(d.Host), problem)
	case !strings.Contains(d.Host, "."):
		c.bad(p, "host", "%s is a short name", quote(d.Host))
	}
	if d.Subset != "" && !isLabel(d.Subset) {
		c.bad(p, "subset", "%s is not a DNS label", quote(d.Subset))
	}
	if d.Port != nil {
		c.port(p, "port.number", d.Port.Number)
	}
}

func (c *check) mirrors(p *at, r *istionet.HTTPRoute) {
	if r.Mirror != nil && len(r.Mirrors) > 0 {
		c.bad(p, "mirrors", "mirror and mirrors exclude each other")
	}
	if r.Mirror != nil {
		place := p.field("mirror")
		c.destination(&place, r.Mirror)
	}
	if r.GetMirrorPercent().GetValue() > 100 { //nolint:staticcheck // still accepted by Istio
		c.bad(p, "mirrorPercent", "is above 100")
	}
	c.mirrorShare(p, "mirrorPercentage", r.MirrorPercentage)
	list := p.field("mirrors")
	for i, m := range r.Mirrors {
		place := list.item(i)
		c.mirrorShare(&place, "percentage", m.Percentage)
		if m.Destination == nil {
			c.bad(&place, "destination", "is required")
			continue
		}
		d := place.field("destination")
		c.destination(&d, m.Destination)
	}
}

func (c *check) mirrorShare(p *at, sub string, v *istionet.Percent) {
	if n := v.GetValue(); n < 0 || n > 100 {
		c.bad(p, sub, "%v is not from 0 to 100", n)
	}
}
