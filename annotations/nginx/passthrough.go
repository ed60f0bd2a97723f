package nginx

import (
	"github.com/ingress2gw/ingress2gw/annotations"
	"github.com/ingress2gw/ingress2gw/reports/finding"
)

// Passthrough hands the raw TLS stream of a host to the Service behind its path /. The controller must run with
// --enable-ssl-passthrough, else the annotation does nothing; wildcard hosts never match. Port 80 is served as before.
var Passthrough = annotations.Feature{
	Name: "passthrough",
	Keys: []annotations.Key{
		{
			Name: "ssl-passthrough", Syntax: "true | false", Default: "false", Scope: "host", Risk: "Low", Check: boolean, Invalid: annotations.DropIngress, Class: finding.Exact,
			Doc:  "Leaves TLS of the host to the backend; everything else about the host is void on port 443.",
			Note: "a passthrough server of a Gateway and a route by SNI",
		},
	},
	Settings: []annotations.Setting{
		{Name: "enable-ssl-passthrough", Flag: true, Syntax: "switch", Default: "false", Check: boolean, Class: finding.Exact,
			Doc: "Lets ssl-passthrough act.", Note: "decides whether ssl-passthrough counts"},
		{Name: "ssl-passthrough-proxy-port", Flag: true, Syntax: "port", Default: "442", Check: integer, Class: finding.Noop,
			Doc: "Internal port of TLS passthrough.", Note: processOwn},
	},
}
