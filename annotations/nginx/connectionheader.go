package nginx

import (
	"github.com/ingress2gw/ingress2gw/annotations"
	"github.com/ingress2gw/ingress2gw/reports/finding"
)

// ConnectionHeader fixes the Connection header that backends see.
var ConnectionHeader = annotations.Feature{
	Name: "connection-header",
	Keys: []annotations.Key{
		{
			Name: "connection-proxy-header", Syntax: "close | keep-alive", Scope: "location", Risk: "Low",
			Check: unspaced(oneOf("close", "keep-alive")), Invalid: annotations.DropIngress, Class: finding.Exact,
			Doc:  "Connection header to the backend. It breaks WebSockets of the location.",
			Note: "close is sent as written and breaks WebSockets as before; keep-alive is what the gateway does anyway",
		},
	},
}
