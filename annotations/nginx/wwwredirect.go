package nginx

import (
	"github.com/ingress2gw/ingress2gw/annotations"
	"github.com/ingress2gw/ingress2gw/reports/finding"
)

// WWWRedirect redirects the www name of a host to the bare one, or the other way round, unless that name has rules of its
// own.
var WWWRedirect = annotations.Feature{
	Name: "www-redirect",
	Keys: []annotations.Key{
		{
			Name: "from-to-www-redirect", Syntax: "true | false", Default: "false", Scope: "host", Risk: "Low", Check: boolean, Invalid: annotations.DropIngress, Class: finding.Exact,
			Doc:  "Redirects the other name to this host with http-redirect-code, port written out, one final slash cut.",
			Note: "a redirect for the other name, with the port in Location as before; HTTPS needs a certificate that covers both names",
		},
	},
}
