package nginx

import (
	"github.com/ingress2gw/ingress2gw/annotations"
	"github.com/ingress2gw/ingress2gw/reports/finding"
)

// Fallback is a second Service for when the first has no endpoints.
var Fallback = annotations.Feature{
	Name: "fallback",
	Keys: []annotations.Key{
		{
			Name: "default-backend", Syntax: "Service of the same namespace", Scope: "location", Risk: "Low", Check: serviceName, Invalid: annotations.DropIngress, Class: finding.Approximate,
			Doc:  "Answers when the path's own Service has no ready endpoints, and is the error service of custom-http-errors. Its first port is used.",
			Note: "the second Service takes over when the first has no endpoints; the X-Code and other X- headers are not sent to it then",
		},
	},
	Settings: []annotations.Setting{
		{Name: "default-backend-service", Flag: true, Syntax: "namespace/name", Class: finding.Exact,
			Doc: "Answers requests for unknown hosts and paths; without it nginx answers 404.", Note: "last route of every host, and of unknown hosts"},
		{Name: "default-server-port", Flag: true, Syntax: "port", Default: "8181", Check: integer, Class: finding.Noop,
			Doc: "Port on which the controller itself answers for unknown hosts.", Note: "the gateway answers 404 itself"},
	},
}
