package nginx

import (
	"github.com/ingress2gw/ingress2gw/annotations"
	"github.com/ingress2gw/ingress2gw/reports/finding"
)

// Canary sends part of a Service's traffic to another one. The canary Ingress is no server of its own: it is tied to the main
// Ingress of the same host, path and path type, in whatever namespace, and from there to the Service and port, so that every
// path and host of that Service is split. The checks run in the order header, cookie, weight.
var Canary = annotations.Feature{
	Name: "canary",
	Keys: []annotations.Key{
		{
			Name: "canary", Syntax: "true | false", Default: "false", Scope: "upstream", Risk: "Low", Check: boolean, Class: finding.Exact,
			Doc:  "Makes the Ingress a canary. Of its other annotations only those of balancing and affinity-canary-behavior count.",
			Note: "routes and weights beside those of the main Ingress, on every route of the same Service; if the canary has no endpoints, all goes to the main",
		},
		{
			Name: "canary-by-header", Syntax: "header name", Scope: "upstream", Risk: "Medium", Needs: "canary", Check: basicChars, Invalid: annotations.Ignore, Class: finding.Exact,
			Doc: "The header's value always goes to the canary, never to the main; anything else falls through.", Note: "header matches of the routes",
		},
		{
			Name: "canary-by-header-value", Syntax: "text", Scope: "upstream", Risk: "Medium", Needs: "canary", Check: basicChars, Invalid: annotations.Ignore, Class: finding.Exact,
			Doc:  "Value of canary-by-header that goes to the canary, instead of always; never loses its meaning.",
			Note: "an exact header match of the route",
		},
		{
			Name: "canary-by-header-pattern", Syntax: "regular expression", Scope: "upstream", Risk: "Medium", Needs: "canary",
			Check: chars(regexSet), Invalid: annotations.Ignore, Class: finding.Exact,
			Doc:  "Pattern found anywhere in the value of canary-by-header. canary-by-header-value beats it.",
			Note: "a header match by regular expression",
		},
		{
			Name: "canary-by-cookie", Syntax: "cookie name", Scope: "upstream", Risk: "Medium", Needs: "canary", Check: basicChars, Invalid: annotations.Ignore, Class: finding.Exact,
			Doc: "The cookie's value always goes to the canary, never to the main; anything else falls through.", Note: "cookie matches of the routes",
		},
		{
			Name: "canary-weight", Syntax: "integer", Default: "0", Scope: "upstream", Risk: "Low", Needs: "canary", Check: integer, Class: finding.Exact,
			Doc: "Share of the remaining requests that goes to the canary, drawn for each request.", Note: "weights of the route",
		},
		{
			Name: "canary-weight-total", Syntax: "integer", Default: "100", Scope: "upstream", Risk: "Low", Needs: "canary", Check: integer, Class: finding.Exact,
			Doc: "What canary-weight is a share of; below 100 it means 100.", Note: "sum of the weights of the route",
		},
	},
}
