package nginx

import (
	"strings"

	"github.com/ingress2gw/ingress2gw/annotations"
	"github.com/ingress2gw/ingress2gw/reports/finding"
	"github.com/ingress2gw/ingress2gw/translate/model"
)

// ConnectionHeader fixes the Connection header that backends see.
var ConnectionHeader = annotations.Feature{
	Name: "connection-header",
	Keys: []annotations.Key{
		{
			Name: "connection-proxy-header", Syntax: "close | keep-alive", Scope: "location", Risk: "Low",
			Check: unspaced(oneOf("close", "keep-alive")), Invalid: annotations.DropIngress, Class: finding.Exact,
			Doc:  "Connection header to the backend. It breaks WebSockets of the location.",
			Note: "sent as written; it breaks WebSockets as before",
		},
	},
	Route: connectionHeader,
}

// connectionHeader sets the header as it is written. HTTP/2, and so gRPC, has no such header.
func connectionHeader(r *annotations.Route) {
	v := strings.ReplaceAll(r.Text("connection-proxy-header"), " ", "")
	if r.SlashRedirect || v == "" {
		return
	}
	if f, ok := r.Model.Action.(model.Forward); ok && (f.Backend.Protocol == model.GRPC || f.Backend.Protocol == model.GRPCS) {
		r.Overruled("connection-proxy-header", "gRPC backends speak HTTP/2, which has no such header")
		return
	}
	r.Model.RequestHeaders = append(r.Model.RequestHeaders, model.HeaderOp{Name: "connection", Value: model.Text(v), Origin: r.Origin("connection-proxy-header")})
}
