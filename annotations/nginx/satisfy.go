package nginx

import (
	"github.com/ingress2gw/ingress2gw/annotations"
	"github.com/ingress2gw/ingress2gw/reports/finding"
	"github.com/ingress2gw/ingress2gw/translate/model"
)

// Satisfy says whether a request must pass all of address list, password and external authentication, or any one of them.
var Satisfy = annotations.Feature{
	Name: "satisfy",
	Keys: []annotations.Key{
		{
			Name: "satisfy", Syntax: "any | all", Default: "all", Scope: "location", Risk: "Low", Check: oneOf("any", "all"), Class: finding.Exact,
			Doc:  "any lets a request pass that satisfies one of the protections.",
			Note: "all: every protection of the route; any: authentication only for addresses outside the list. Password and external authentication together with any cannot be translated and close the route",
		},
	},
	Route: satisfy,
}

// satisfy fills Rule.SatisfyAny. Without a choice to make it changes nothing.
func satisfy(r *annotations.Route) {
	m := r.Model
	if r.SlashRedirect || r.Text("satisfy") != "any" {
		return
	}
	if m.BasicAuth != nil && m.ExternalAuth != nil {
		r.FailClosed("satisfy", "password and external authentication cannot be alternatives of each other")
		return
	}
	if m.Access != nil && (m.BasicAuth != nil || m.ExternalAuth != nil) {
		m.SatisfyAny = &model.SatisfyAny{Origin: r.Origin("satisfy")}
	}
}
