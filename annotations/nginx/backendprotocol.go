package nginx

import (
	"github.com/ingress2gw/ingress2gw/annotations"
	"github.com/ingress2gw/ingress2gw/reports/finding"
	"github.com/ingress2gw/ingress2gw/translate/model"
	"strings"
)

// BackendProtocol says what backends speak. ingress-nginx never verifies a TLS backend unless proxy-ssl-* says so, and sends
// it no SNI.
var BackendProtocol = annotations.Feature{
	Name: "backend-protocol",
	Keys: []annotations.Key{
		{
			Name: "backend-protocol", Syntax: "HTTP | HTTPS | AUTO_HTTP | GRPC | GRPCS | FCGI", Default: "HTTP", Scope: "location", Risk: "Low",
			Check: oneOfAnyCase("AUTO_HTTP", "HTTP", "HTTPS", "GRPC", "GRPCS", "FCGI"), Class: finding.Exact,
			Doc:  "Protocol of the backend; AUTO_HTTP means the client's own. Default backends always speak HTTP.",
			Note: "connection settings of the route, by TLS without SNI as before; FCGI cannot be translated",
		},
	},
	Route: backendProtocol,
}

// backendProtocol says how the backend is spoken to.
func backendProtocol(r *annotations.Route) {
	f, ok := r.Model.Action.(model.Forward)
	if !ok || r.Service == "" {
		return
	}
	switch strings.ToUpper(r.Text("backend-protocol")) {
	case "HTTPS":
		f.Backend.Protocol = model.HTTPS
	case "GRPC":
		f.Backend.Protocol = model.GRPC
	case "GRPCS":
		f.Backend.Protocol = model.GRPCS
	case "AUTO_HTTP":
		f.Backend.Protocol = model.SameAsClient
	case "FCGI":
		r.Manual("backend-protocol", "the gateway cannot speak FastCGI; the route answers 503. Put an HTTP server in front of the FastCGI process")
		r.Model.Close(503, r.Origin("backend-protocol"))
		return
	default:
		r.Exact("backend-protocol", "plain HTTP is the default")
		return
	}
	if f.Backend.Protocol == model.GRPC || f.Backend.Protocol == model.GRPCS {
		r.Corner("backend-protocol", "what the gateway itself answers to a gRPC request (an unknown path, no endpoints, a refusal) has status 200 and the grpc-status that clients make of the controller's HTTP status")
	}
	if f.Backend.Protocol != model.GRPC {
		f.Backend.TLS = &model.BackendTLS{Origin: r.Origin("backend-protocol")}
	} else {
		r.Exact("backend-protocol", "the route speaks HTTP/2 to the backend")
	}
	r.Model.Action = f
}
