package nginx

import (
	"github.com/ingress2gw/ingress2gw/annotations"
	"github.com/ingress2gw/ingress2gw/reports/finding"
	"github.com/ingress2gw/ingress2gw/translate/model"
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
	Host: passthrough,
}

// passthrough fills Host.Passthrough.
func passthrough(h *annotations.Host) {
	for _, in := range h.Ingresses {
		if !in.Bool("ssl-passthrough") {
			continue
		}
		switch {
		case !flagBool(h.Edge.Settings, "enable-ssl-passthrough"):
			in.Overruled("ssl-passthrough", "the controller ran without --enable-ssl-passthrough")
		case !h.Model.Exact():
			in.Overruled("ssl-passthrough", "it works for exact hosts only")
		case h.Model.Passthrough == nil:
			h.Model.Passthrough = &model.Passthrough{Backend: rawBackend(h), Origin: in.Origin("ssl-passthrough")}
			if h.Model.Passthrough.Backend == nil {
				in.Manual("ssl-passthrough", "no path / of host "+h.Name+" names a Service, so that nothing answers by TLS, as with the controller")
			}
		}
	}
}

// rawBackend is the Service behind the path /; nil if there is none.
func rawBackend(h *annotations.Host) *model.Backend {
	for _, r := range h.Routes {
		if f, ok := r.Model.Action.(model.Forward); ok && r.Path == "/" && r.Service != "" && f.Backend.Port != 0 && f.Backend.ExternalName == "" {
			return &f.Backend
		}
	}
	return nil
}
