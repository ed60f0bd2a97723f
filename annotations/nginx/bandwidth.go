package nginx

import (
	"github.com/ingress2gw/ingress2gw/annotations"
	"github.com/ingress2gw/ingress2gw/reports/finding"
)

// Bandwidth limits the speed of each response. nginx does so only while proxy-buffering is on.
var Bandwidth = annotations.Feature{
	Name: "bandwidth",
	Keys: []annotations.Key{
		{
			Name: "limit-rate", Syntax: "KiB per second, 0 = off", Default: "0", Setting: "limit-rate", Scope: "location", Risk: "Low", Check: integer, Class: finding.Exact,
			Doc:  "Speed of each response. It acts only while proxy-buffering is on.",
			Note: "the same limit for each response of the route",
		},
		{
			Name: "limit-rate-after", Syntax: "KiB", Default: "0", Setting: "limit-rate-after", Scope: "location", Risk: "Low", Check: integer, Class: finding.Approximate,
			Doc: "Beginning of a response that is sent at full speed.", Note: "not translated; the limit holds from the first byte, which is stricter",
		},
	},
}
