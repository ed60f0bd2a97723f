package nginx

import (
	"github.com/ingress2gw/ingress2gw/annotations"
	"github.com/ingress2gw/ingress2gw/reports/finding"
	"github.com/ingress2gw/ingress2gw/translate/model"
)

// UpstreamVhost replaces the Host that backends see.
var UpstreamVhost = annotations.Feature{
	Name: "upstream-vhost",
	Keys: []annotations.Key{
		{
			Name: "upstream-vhost", Syntax: "host, with variables", Scope: "location", Risk: "Low", Check: serverName, Invalid: annotations.DropIngress, Class: finding.Exact,
			Doc:  "Host header for the backend instead of the client's. X-Forwarded-Host keeps the client's.",
			Note: "the backend sees this Host, and the client's in X-Forwarded-Host",
		},
	},
	Route: upstreamVhost,
}

// upstreamVhost fills Rule.UpstreamHost.
func upstreamVhost(r *annotations.Route) {
	text := r.Text("upstream-vhost")
	if text == "" || unserved(r) {
		return // nobody sees the Host
	}
	v, err := parseValue(text, ofLocation(r))
	host, literal := v.Literal()
	switch {
	case err != nil:
		r.Say(finding.VariableManual, "upstream-vhost", "upstream-vhost "+annotations.Quote(text), err.Error())
	case len(v) == 1 && (v[0].Var == model.VarHost || v[0].Var == model.VarAuthority):
		r.Exact("upstream-vhost", "the client's Host is sent anyway")
	case !literal:
		r.Manual("upstream-vhost", "it uses a variable of the request; the client's Host is sent")
	default:
		r.Model.UpstreamHost = &model.UpstreamHost{Host: host, Origin: r.Origin("upstream-vhost")}
	}
}
