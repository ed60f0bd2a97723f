package nginx

import (
	"github.com/ingress2gw/ingress2gw/annotations"
	"github.com/ingress2gw/ingress2gw/reports/finding"
)

// Alias gives a host further names. The oldest Ingress of the host with a list wins, and a name that is the host of some
// rule is dropped. Names go into nginx's server_name as they are: *.x matches any depth here, ~ begins a pattern.
var Alias = annotations.Feature{
	Name: "alias",
	Keys: []annotations.Key{
		{
			Name: "server-alias", Syntax: "list of names, wildcards and ~patterns", Scope: "host", Risk: "High",
			Check: serverNames, Invalid: annotations.DropIngress, Class: finding.Exact,
			Doc:  "Further names of the host, with all its paths.",
			Note: "further hosts of Gateway and VirtualService; a pattern becomes a match on the Host of unlisted names and has HTTPS only by the default certificate",
		},
	},
}
