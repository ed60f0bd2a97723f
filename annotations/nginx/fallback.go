package nginx

import (
	"github.com/ingress2gw/ingress2gw/annotations"
	"github.com/ingress2gw/ingress2gw/reports/finding"
	"github.com/ingress2gw/ingress2gw/translate/model"
)

// Fallback is a second Service for when the first has no endpoints.
var Fallback = annotations.Feature{
	Name: "fallback",
	Keys: []annotations.Key{
		{
			Name: "default-backend", Syntax: "Service of the same namespace", Scope: "location", Risk: "Low", Check: serviceName, Invalid: annotations.DropIngress, Class: finding.Exact,
			Doc:  "Answers when the path's own Service has no ready endpoints, and is the error service of custom-http-errors. Its first port is used.",
			Note: "the second Service takes over when the first has no endpoints",
		},
	},
	Settings: []annotations.Setting{
		{Name: "default-backend-service", Flag: true, Syntax: "namespace/name", Class: finding.Exact,
			Doc: "Answers requests for unknown hosts and paths; without it nginx answers 404.", Note: "last route of every host, and of unknown hosts"},
		{Name: "default-server-port", Flag: true, Syntax: "port", Default: "8181", Check: integer, Class: finding.Noop,
			Doc: "Port on which the controller itself answers for unknown hosts.", Note: "the gateway answers 404 itself"},
	},
	Route: fallback,
}

// fallback fills Rule.Fallback.
func fallback(r *annotations.Route) {
	name := r.Text("default-backend")
	main, ok := r.Model.Action.(model.Forward)
	if name == "" || !ok || r.SlashRedirect || r.Service == "" {
		return
	}
	port, found := r.Edge.Lookup.FirstPort(r.Namespace, name)
	switch {
	case !found:
		r.Edge.Findings.Report(finding.ServiceMissing, r.Origin("default-backend"), r.Namespace+"/"+name)
		port = "80"
	case port == "":
		r.Overruled("default-backend", "Service "+r.Namespace+"/"+name+" has no ports")
		return
	}
	be, res := r.Edge.Lookup.Backend(r.Namespace, name, port)
	if res == annotations.RefusedService {
		r.Overruled("default-backend", "the controller does not serve Service "+r.Namespace+"/"+name)
		return
	}
	if be.Service == main.Backend.Service && be.Namespace == main.Backend.Namespace && be.Port == main.Backend.Port {
		return // its own stand-in
	}
	r.Corner("default-backend", "in place of a Service without endpoints it gets no X-Code and no other X- headers")
	r.Model.Fallback = &model.Fallback{Backend: be, Origin: r.Origin("default-backend")}
}
