package nginx

import (
	"github.com/ingress2gw/ingress2gw/annotations"
	"github.com/ingress2gw/ingress2gw/reports/finding"
)

// ConnectionLimit limits concurrent requests per client address; all locations of an Ingress share one count.
var ConnectionLimit = annotations.Feature{
	Name: "connection-limit",
	Keys: []annotations.Key{
		{
			Name: "limit-connections", Syntax: "integer, 0 = off", Default: "0", Scope: "ingress", Risk: "Low", Check: integer, Invalid: annotations.DropIngress, Class: finding.Manual,
			Doc:  "Concurrent requests per client; more are answered with 503, or limit-conn-status-code.",
			Note: "Envoy does not count concurrent requests per client; limit them at the load balancer, or size a limit shared by all clients by hand (connectionPool.http.http2MaxRequests)",
		},
	},
	Settings: []annotations.Setting{
		{Name: "limit-conn-status-code", Syntax: "status from 400 to 599", Default: "503", Check: between(400, 599), Class: finding.Manual,
			Doc: "Status of requests above limit-connections.", Note: "limit-connections itself has no counterpart"},
	},
	Route: connectionLimit,
	Edge:  connectionStatus,
}

// connectionLimit says where there is no limit to carry over.
func connectionLimit(r *annotations.Route) {
	if r.Has("limit-connections") && r.Int("limit-connections") <= 0 {
		r.Noop("limit-connections", "there is no limit below 1")
	}
}

// connectionStatus says that the status of limited connections is not needed.
func connectionStatus(e *annotations.Edge) {
	if !e.HasSetting("limit-conn-status-code") {
		return
	}
	for _, in := range e.Ingresses {
		if in.Has("limit-connections") && in.Int("limit-connections") > 0 {
			return
		}
	}
	e.Setting(finding.Noop, "limit-conn-status-code", "no Ingress has limit-connections")
}
