package nginx

import (
	"github.com/ingress2gw/ingress2gw/annotations"
	"github.com/ingress2gw/ingress2gw/reports/finding"
)

// HTTPVersion is the HTTP version towards backends.
var HTTPVersion = annotations.Feature{
	Name: "http-version",
	Keys: []annotations.Key{
		{
			Name: "proxy-http-version", Syntax: "1.0 | 1.1", Default: "1.1", Setting: "proxy-http-version", Scope: "location", Risk: "Low",
			Check: oneOf("1.0", "1.1"), Class: finding.Approximate,
			Doc:  "HTTP version of requests to the backend.",
			Note: "backends always get HTTP/1.1 (or HTTP/2 for gRPC); there is no HTTP/1.0",
		},
	},
	Route: httpVersion,
}

// httpVersion says where nothing differs.
func httpVersion(r *annotations.Route) {
	if r.Stated("proxy-http-version") && r.Text("proxy-http-version") == "1.1" {
		r.Exact("proxy-http-version", "backends get HTTP/1.1")
	}
}
