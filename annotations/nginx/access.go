package nginx

import (
	"github.com/ingress2gw/ingress2gw/annotations"
	"github.com/ingress2gw/ingress2gw/reports/finding"
)

// Access allows and refuses by client address. In ingress-nginx deny lines come before allow lines, an annotation replaces
// the list of the ConfigMap, and everything that is answered in the rewrite phase (redirects, preflights) comes earlier.
// The controller does not check the lists of the ConfigMap: one that is broken stops nginx from reloading, so it must never
// be taken for an empty one.
var Access = annotations.Feature{
	Name: "access",
	Keys: []annotations.Key{
		{
			Name: "allowlist-source-range", Syntax: "list of networks and addresses", Setting: "whitelist-source-range", Alias: "whitelist-source-range",
			Scope: "location", Risk: "Medium", Protect: true, Check: someCIDRs, Invalid: annotations.CloseIngress, Class: finding.Exact,
			Doc:  "Only these client addresses pass, others get 403. An empty value closes the Ingress with 503, unless whitelist-source-range has a value.",
			Note: "an address filter on the route, after redirects and preflights as before",
		},
		{
			Name: "whitelist-source-range", Syntax: "list of networks and addresses",
			Scope: "location", Risk: "Medium", Protect: true, Check: cidrs, Invalid: annotations.CloseIngress, Class: finding.Exact,
			Doc:  "Older name of allowlist-source-range, read only while that is absent or empty.",
			Note: "an address filter on the route, after redirects and preflights as before",
		},
		{
			Name: "denylist-source-range", Syntax: "list of networks and addresses", Setting: "denylist-source-range",
			Scope: "location", Risk: "Medium", Protect: true, Check: someCIDRs, Invalid: annotations.CloseIngress, Class: finding.Exact,
			Doc:  "These client addresses get 403, even if an allow list names them too. An empty value closes the Ingress with 503.",
			Note: "an address filter on the route, after redirects and preflights as before",
		},
	},
}

// BlockLists refuse for the whole controller: addresses, user agents and referers of the ConfigMap get 403 before anything
// else, redirects included.
var BlockLists = annotations.Feature{
	Name: "block-lists",
	Settings: []annotations.Setting{
		{Name: "block-cidrs", Syntax: "list of networks and addresses", Class: finding.Approximate,
			Doc:  "Client addresses that get 403 everywhere, except in locations that have an address list of their own.",
			Note: "an always-on filter of the gateway that nobody's routes can remove; it also holds where a route has an address list of its own, which is stricter than before"},
		{Name: "block-user-agents", Syntax: "list of texts, ~pattern or ~*pattern", Class: finding.Exact,
			Doc:  "User agents that get 403 everywhere. Plain text must equal the whole header, ignoring case.",
			Note: "an always-on filter of the gateway that nobody's routes can remove"},
		{Name: "block-referers", Syntax: "list of texts, ~pattern or ~*pattern", Class: finding.Exact,
			Doc:  "Referers that get 403 everywhere. Plain text must equal the whole header, ignoring case.",
			Note: "an always-on filter of the gateway that nobody's routes can remove"},
	},
}
