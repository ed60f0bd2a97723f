package nginx

import (
	"slices"

	"github.com/ingress2gw/ingress2gw/annotations"
	"github.com/ingress2gw/ingress2gw/reports/finding"
	"github.com/ingress2gw/ingress2gw/translate/model"
)

// ConnectionLimit limits concurrent requests per client address; all locations of an Ingress share one count.
var ConnectionLimit = annotations.Feature{
	Name: "connection-limit",
	Keys: []annotations.Key{
		{
			Name: "limit-connections", Syntax: "integer, 0 = off", Default: "0", Scope: "ingress", Risk: "Low", Check: integer, Invalid: annotations.DropIngress, Class: finding.Manual,
			Doc:  "Concurrent requests per client; more are answered with 503, or limit-conn-status-code.",
			Note: "Envoy does not count concurrent requests per client; limit them at the load balancer, or let all clients share the limit (--limit-connections shared), sized for all of them",
		},
	},
	Settings: []annotations.Setting{
		{Name: "limit-conn-status-code", Syntax: "status from 400 to 599", Default: "503", Check: between(400, 599), Class: finding.Manual,
			Doc: "Status of requests above limit-connections.", Note: "limit-connections itself has no counterpart"},
	},
	Route: connectionLimit,
	Edge:  connectionStatus,
}

// connectionLimit says where there is no limit to carry over, and makes it one of all clients where the user asks for that:
// otherwise one client could lock out the others.
func connectionLimit(r *annotations.Route) {
	if !r.Has("limit-connections") {
		return
	}
	n := r.Int("limit-connections")
	switch {
	case n <= 0:
		r.Noop("limit-connections", "there is no limit below 1")
	case r.Edge.Options.SharedConnections && !r.SlashRedirect:
		r.Model.ConnectionLimit = &model.ConnectionLimit{Zone: r.Ref(), Max: n, Origin: r.Origin("limit-connections")}
		r.Approximate("limit-connections", "at most "+itoa(n)+" concurrent requests of all clients together, for each Service and gateway pod; size it for all of them")
	}
}

// connectionStatus says what becomes of the status of limited connections.
func connectionStatus(e *annotations.Edge) {
	const key = "limit-conn-status-code"
	limited := slices.ContainsFunc(e.Ingresses, func(in *annotations.Ingress) bool {
		return in.Has("limit-connections") && in.Int("limit-connections") > 0
	})
	switch {
	case !e.HasSetting(key):
	case !limited:
		e.Setting(finding.Noop, key, "no Ingress has limit-connections")
	case e.Options.SharedConnections && e.SettingText(key) == "503":
		e.Setting(finding.Exact, key, "requests above the limit get 503")
	case e.Options.SharedConnections:
		e.Setting(finding.Approximate, key, "requests above the limit get 503")
	}
}
