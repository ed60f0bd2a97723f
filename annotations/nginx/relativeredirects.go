package nginx

import (
	"github.com/ingress2gw/ingress2gw/annotations"
	"github.com/ingress2gw/ingress2gw/reports/finding"
	"github.com/ingress2gw/ingress2gw/translate/model"
	"strconv"
)

// RelativeRedirects leaves scheme and host out of the redirects that nginx makes itself: those to a path with its final
// slash, and permanent-redirect to a path.
var RelativeRedirects = annotations.Feature{
	Name: "relative-redirects",
	Keys: []annotations.Key{
		{
			Name: "relative-redirects", Syntax: "true | false", Default: "false", Setting: "relative-redirects", Scope: "location", Risk: "Low",
			Check: boolean, Invalid: annotations.DropIngress, Class: finding.Exact,
			Doc:  "Makes Location relative. false does not take back what the ConfigMap says.",
			Note: "Location is relative, with the query",
		},
	},
	Route: relativeRedirects,
}

// relativeRedirects makes the Location of slash redirects relative; fixed redirects see to it themselves.
func relativeRedirects(r *annotations.Route) {
	a, ok := r.Model.Action.(model.Redirect)
	if !ok || !r.SlashRedirect || !relative(r.Ingress) {
		return
	}
	r.Model.Action = model.Redirect{Code: a.Code, Location: model.Value{{Text: a.Path}, {Var: model.VarOptionalQuery}}}
}

// relative tells whether the redirects that nginx makes itself are relative.
func relative(in *annotations.Ingress) bool {
	if in.Bool("relative-redirects") && redirectsSkipped(in) == "" {
		return true
	}
	v, ok := in.Edge.Settings.Get("relative-redirects")
	b, err := strconv.ParseBool(v)
	return ok && err == nil && b
}
